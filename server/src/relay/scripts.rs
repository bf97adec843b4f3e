//! What must happen in Redis at once or not at all.

/// Publishes envelopes of one term, in order: each goes into the log, to its channel, and into the newest state.
///
/// Keys: lease, head, log, quotes, status. Arguments: the holder, the term's number, the first number, the log's length, the term
/// with its mark, then for each envelope its channel, its text, and where the newest state keeps it (a ticker, `status`, or
/// nothing). Answers the newest number; -1 where the lease is another's or the term is over, -2 where numbers before the first
/// are missing, -3 where another term of the same number was published here.
pub(crate) const PUBLISH: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local term, first = tonumber(ARGV[2]), tonumber(ARGV[3])
local head = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'term')
local epoch, seq = tonumber(head[1] or '0'), tonumber(head[2] or '0')
if epoch > term then return -1 end
if epoch == term and head[3] ~= ARGV[5] then return -3 end
if epoch < term then
  redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
  seq = 0
end
if first > seq + 1 then return -2 end
local number = first
for index = 6, #ARGV, 3 do
  if number > seq then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], ARGV[2] .. '-' .. string.format('%d', number), 'envelope', ARGV[index + 1])
    local place = ARGV[index + 2]
    if place == 'status' then redis.call('SET', KEYS[5], ARGV[index + 1])
    elseif place ~= '' then redis.call('HSET', KEYS[4], place, ARGV[index + 1]) end
    redis.call('PUBLISH', ARGV[index], ARGV[index + 1])
  end
  number = number + 1
end
if number - 1 > seq then seq = number - 1 end
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'seq', string.format('%d', seq), 'term', ARGV[5])
return seq
";

/// Takes the lease if it is free, or if this holder has it already, from a try whose answer was lost. Keys: lease. Arguments: the
/// holder, its milliseconds.
pub(crate) const TAKE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
";

/// Keeps the lease and lets the engine's heart beat. Keys: lease. Arguments: the holder, its milliseconds, the channel, the beat.
pub(crate) const KEEP: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
";

/// Gives the lease back, unless it is another's by now. Keys: lease. Arguments: the holder.
pub(crate) const GIVE_BACK: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
";

/// Reads the newest state at one number. Keys: head, log, quotes, status. Answers the term's number, the newest number, the term
/// with its mark, the id of the oldest envelope in the log, the status, and every ticker's newest envelope.
pub(crate) const SNAPSHOT: &str = r"
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'term')
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
return { head[1] or '0', head[2] or '0', head[3] or '', oldest[1] and oldest[1][1] or '', redis.call('GET', KEYS[4]) or '', redis.call('HVALS', KEYS[3]) }
";

/// Enters a stream within the user's limit, and answers which older streams of the same tab it replaces.
///
/// Keys: presence. Arguments: how long the entry lives in milliseconds, the limit (0 is none), the stream, its tab (or nothing),
/// its entry. Answers -1 where the limit is reached, else the streams of the same tab that have to go. Time is that of Redis.
pub(crate) const TAKE_PLACE: &str = r"
local time = redis.call('TIME')
local now, held, replaced = time[1] * 1000 + math.floor(time[2] / 1000), 0, {}
local places = redis.call('HGETALL', KEYS[1])
for index = 1, #places, 2 do
  local expiry, tab = string.match(places[index + 1], '^(%d+) (%S*) ')
  if not expiry or tonumber(expiry) < now then redis.call('HDEL', KEYS[1], places[index])
  elseif ARGV[4] ~= '' and tab == ARGV[4] then table.insert(replaced, places[index])
  else held = held + 1 end
end
if tonumber(ARGV[2]) > 0 and held >= tonumber(ARGV[2]) then return -1 end
for _, stream in ipairs(replaced) do redis.call('HDEL', KEYS[1], stream) end
local expiry = string.format('%.0f', now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], ARGV[3], expiry .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return replaced
";

/// Keeps entries alive, and lists all that are.
///
/// Keys: presence. Arguments: how long an entry lives in milliseconds, then for each its stream, tab and entry. Answers every
/// living entry as it is kept.
pub(crate) const RENEW_PLACES: &str = r"
local time = redis.call('TIME')
local now, living = time[1] * 1000 + math.floor(time[2] / 1000), {}
local expiry = string.format('%.0f', now + tonumber(ARGV[1]))
for index = 2, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[index], expiry .. ' ' .. ARGV[index + 1] .. ' ' .. ARGV[index + 2])
end
if #ARGV > 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local places = redis.call('HGETALL', KEYS[1])
for index = 1, #places, 2 do
  local expiry = string.match(places[index + 1], '^(%d+) ')
  if not expiry or tonumber(expiry) < now then redis.call('HDEL', KEYS[1], places[index])
  else table.insert(living, places[index + 1]) end
end
return living
";
