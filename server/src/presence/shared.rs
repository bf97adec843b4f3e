//! Presence in Redis: one hash of a user's streams on all workers. An entry lives 15 seconds after it was last renewed, by the
//! clock of Redis, so that the streams of a worker that was killed stop counting.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::{Script, Value};

use crate::relay::{Address, Inbox, Keys, Link, PresenceChanged, Reconnecting, RollCall, WorkerMessage, scripts};
use foliostream::domain::user::UserId;
use foliostream::wire::spoken::{self, Unheard};

use super::entry::{Entry, worker_of};

/// How long an entry lives after it was last renewed.
const LIFE: Duration = Duration::from_secs(15);

/// How long a stream that opens waits for Redis, and a page for its list.
const PATIENCE: Duration = Duration::from_millis(500);

/// The answer to a stream that asks for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The user's limit is reached.
    Refused,
    /// The stream is entered, or Redis did not answer. The streams named here are of this process and have a newer one of the
    /// same tab.
    Replaced(Vec<String>),
}

/// A worker's view of the streams of all workers.
#[derive(Clone)]
pub struct SharedPresence {
    redis: Arc<Reconnecting>,
    keys: Keys,
    worker: Arc<str>,
    inbox: Arc<Inbox>,
}

impl fmt::Debug for SharedPresence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedPresence").field("redis", &self.redis).field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl SharedPresence {
    /// Makes a worker's view; it connects when it is first told to.
    pub fn new(address: Address, keys: Keys, worker: Arc<str>, inbox: Arc<Inbox>) -> Self {
        Self { redis: Arc::new(Reconnecting::new(address)), keys, worker, inbox }
    }

    /// Enters a stream within the user's limit, and sends other workers a letter for each of their streams that it replaces.
    pub async fn take(&self, entry: &Entry, limit: u32) -> Taken {
        let Some(mut link) = self.redis.at_hand() else { return Taken::Replaced(Vec::new()) };
        let asking = async {
            let script = Script::new(scripts::TAKE_PLACE);
            let mut call = script.key(self.keys.presence(&entry.user));
            call.arg(milliseconds(LIFE)).arg(limit).arg(&entry.stream).arg(tab(entry)).arg(text(entry));
            call.invoke_async::<Value>(&mut link).await
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(answer) => match self.redis.heard(answer, "a place could not be asked for") {
                Some(Value::Int(_)) => Taken::Refused,
                Some(replaced) => Taken::Replaced(self.tell_replaced(replaced)),
                None => Taken::Replaced(Vec::new()),
            },
            Err(_) => {
                metrics::counter!("foliostream_presence_unanswered_total").increment(1);
                Taken::Replaced(Vec::new())
            }
        }
    }

    /// Writes to the workers of replaced streams; returns those of this one.
    fn tell_replaced(&self, replaced: Value) -> Vec<String> {
        let streams: Vec<String> = redis::from_redis_value(replaced).unwrap_or_default();
        let (own, elsewhere): (Vec<_>, Vec<_>) = streams.into_iter().partition(|stream| worker_of(stream) == &*self.worker);
        for stream in elsewhere {
            let channel = self.keys.worker(worker_of(&stream));
            let letter = serde_json::to_string(&WorkerMessage::Replaced { stream }).expect("a letter has text keys only");
            self.spawn(async move |mut link| redis::cmd("PUBLISH").arg(channel).arg(letter).query_async::<i64>(&mut link).await);
        }
        own
    }

    /// Removes a stream's entry, without waiting. Where that fails the entry ends by itself.
    pub fn leave(&self, user: &UserId, stream: &str) {
        let (key, stream) = (self.keys.presence(user), stream.to_owned());
        self.spawn(async move |mut link| redis::cmd("HDEL").arg(key).arg(stream).query_async::<i64>(&mut link).await);
    }

    /// Publishes to every worker that this one's streams of a user changed, without waiting.
    pub fn say_changed(&self, user: &UserId) {
        let channel = self.keys.presence_changed();
        let changed = spoken::write(&PresenceChanged { user: user.clone() });
        self.spawn(async move |mut link| redis::cmd("PUBLISH").arg(channel).arg(changed).query_async::<i64>(&mut link).await);
    }

    /// Publishes, without waiting, that a client asks this worker for a stream at the user's limit.
    pub fn call_others(&self, user: &UserId) {
        let channel = self.keys.presence_called();
        let call = spoken::write(&RollCall { worker: self.worker.to_string(), user: user.clone() });
        self.spawn(async move |mut link| redis::cmd("PUBLISH").arg(channel).arg(call).query_async::<i64>(&mut link).await);
    }

    /// Waits until another worker calls this one's streams, which is said on the channel `presence:called`; returns whose.
    pub async fn called(&self) -> BTreeSet<UserId> {
        self.inbox.called().await
    }

    /// Sends a command in a task of its own, so that the caller does not wait. Does nothing where the process ends and has no
    /// runtime any more.
    fn spawn<F>(&self, task: impl FnOnce(Link) -> F + Send + 'static)
    where
        F: Future<Output = redis::RedisResult<i64>> + Send + 'static,
    {
        let (Some(link), Ok(runtime)) = (self.redis.at_hand(), tokio::runtime::Handle::try_current()) else { return };
        let redis = Arc::clone(&self.redis);
        runtime.spawn(async move {
            redis.heard(task(link).await, "presence could not be told");
        });
    }

    /// Connects where there is no connection, so that a stream that opens need not wait for one.
    pub async fn connect(&self) {
        let connected = self.redis.connected().await;
        self.redis.heard(connected, "presence cannot be shared");
    }

    /// Renews this worker's entries of a user, connecting where that is needed.
    pub async fn renew(&self, user: &UserId, own: &[Entry]) {
        let renewing = async {
            let mut link = self.redis.connected().await?;
            self.call(user, own, &mut link).await
        };
        let renewed = renewing.await;
        self.redis.heard(renewed, "presence could not be renewed");
    }

    /// Returns a user's entries of all workers; nothing while Redis does not answer.
    pub async fn list(&self, user: &UserId) -> Option<Vec<Entry>> {
        let mut link = self.redis.at_hand()?;
        let listed = tokio::time::timeout(PATIENCE, self.call(user, &[], &mut link)).await.ok()?;
        let texts = self.redis.heard(listed, "presence could not be read")?;
        let read = |text: &String| match read(text) {
            Some(Ok(entry)) => Some(entry),
            // An entry of another version counts towards the limit, but cannot be shown.
            Some(Err(Unheard::Version(_))) => {
                self.inbox.unknown("presence entry");
                None
            }
            _ => {
                self.inbox.malformed("presence entry", &"it is not of the shape");
                None
            }
        };
        Some(texts.iter().filter_map(read).collect())
    }

    async fn call(&self, user: &UserId, own: &[Entry], link: &mut Link) -> redis::RedisResult<Vec<String>> {
        let script = Script::new(scripts::RENEW_PLACES);
        let mut call = script.key(self.keys.presence(user));
        call.arg(milliseconds(LIFE));
        for entry in own {
            call.arg(&entry.stream).arg(tab(entry)).arg(text(entry));
        }
        call.invoke_async(link).await
    }

    /// Returns streams of this worker that have a newer one of their tab elsewhere.
    pub fn replaced(&self) -> Vec<String> {
        self.inbox.take_replaced()
    }

    /// Returns the users whose streams changed on another worker since this was last asked.
    pub fn take_changes(&self) -> BTreeSet<UserId> {
        self.inbox.take_presence_changes()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn tab(entry: &Entry) -> &str {
    entry.client.as_deref().unwrap_or_default()
}

fn text(entry: &Entry) -> String {
    spoken::write(entry)
}

/// Reads what the scripts wrote: `<expiry> <tab> <entry>`.
fn read(text: &str) -> Option<Result<Entry, Unheard>> {
    Some(spoken::read(text.splitn(3, ' ').nth(2)?.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_survives_its_text_with_and_without_a_tab() {
        for client in [None, Some(uuid::Uuid::from_u128(7).to_string())] {
            let entry = Entry {
                user: UserId::local(),
                stream: "host-1/0a".to_owned(),
                client,
                device: "Chrome on Linux".to_owned(),
                connected_at: jiff::Timestamp::UNIX_EPOCH,
            };
            let written = format!("1764000000000 {} {}", tab(&entry), text(&entry));
            assert_eq!(read(&written).unwrap().unwrap(), entry);
        }
    }

    #[test]
    fn another_text_is_no_entry() {
        for text in ["", "1", "1 2", "1  {}", "1 2 [", "{\"stream\":\"x\"}"] {
            assert!(!matches!(read(text), Some(Ok(_))), "{text}");
        }
    }
}
