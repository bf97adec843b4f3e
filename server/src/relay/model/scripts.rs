//! The product's scripts once more, in Rust: what each does is said where it stands in Lua, in [`crate::relay::scripts`].

use std::collections::HashMap;
use std::sync::LazyLock;

use redis::{Script, Value};
use tokio::time::Instant;

use super::data::{Accepted, Answer, Data, write_id};
use super::millis;
use super::resp::text;
use crate::relay::scripts;

type Body = fn(&mut Data, &[&str], &[&str]) -> Answer;

/// The scripts by their hashes, which change with every character of their Lua.
static KNOWN: LazyLock<HashMap<String, Body>> = LazyLock::new(|| {
    let known: [(&str, Body); 7] = [
        (scripts::PUBLISH, publish),
        (scripts::TAKE, take),
        (scripts::KEEP, keep),
        (scripts::GIVE_BACK, give_back),
        (scripts::SNAPSHOT, snapshot),
        (scripts::TAKE_PLACE, take_place),
        (scripts::RENEW_PLACES, renew_places),
    ];
    known.into_iter().map(|(text, body)| (Script::new(text).get_hash().to_owned(), body)).collect()
});

/// Returns the script with that hash.
pub(super) fn of(hash: &str) -> Option<Body> {
    KNOWN.get(hash).copied()
}

fn publish(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let ([lease, head, log, quotes, status], [holder, term, first, length, named, envelopes @ ..]) = (keys, arguments) else {
        return Err("ERR wrong number of arguments".to_owned());
    };
    if data.get(lease)?.as_deref() != Some(holder) {
        data.fenced += 1;
        return Ok(Value::Int(-1));
    }
    let (number, first): (u64, u64) = (term.parse().unwrap(), first.parse().unwrap());
    let known = data.hash(head)?;
    let of = |field: &str| known.get(field).map_or(0, |text| text.parse().unwrap());
    let (epoch, mut seq): (u64, u64) = (of("epoch"), of("seq"));
    if epoch > number {
        return Ok(Value::Int(-1));
    }
    if epoch == number && known.get("term").map(String::as_str) != Some(named) {
        return Ok(Value::Int(-3));
    }
    if epoch < number {
        for key in [log, quotes, status] {
            data.delete(key);
        }
        seq = 0;
    }
    if first > seq + 1 {
        return Ok(Value::Int(-2));
    }
    for (next, envelope) in (first..).zip(envelopes.chunks(3)) {
        let [channel, said, place] = envelope else { return Err("ERR an envelope is not whole".to_owned()) };
        if next > seq {
            data.add(log, length, &format!("{term}-{next}"), &["envelope".to_owned(), (*said).to_owned()])?;
            match *place {
                "status" => data.set(status, said),
                "" => {}
                ticker => _ = data.set_field(quotes, ticker, said)?,
            }
            data.publish(channel, said);
            seq = next;
            let (holder, named, text) = ((*holder).to_owned(), (*named).to_owned(), (*said).to_owned());
            data.accepted.push(Accepted { at: Instant::now(), holder, term: number, named, seq, text });
        }
    }
    for (field, value) in [("epoch", (*term).to_owned()), ("seq", seq.to_string()), ("term", (*named).to_owned())] {
        data.set_field(head, field, &value)?;
    }
    Ok(Value::Int(i64::try_from(seq).unwrap()))
}

fn take(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let ([lease], [holder, length]) = (keys, arguments) else { return Err("ERR wrong number of arguments".to_owned()) };
    match data.get(lease) {
        Ok(Some(other)) if other != *holder => return Ok(Value::Int(0)),
        Ok(Some(_)) => {}
        Ok(None) => data.set(lease, holder),
        Err(error) => return Err(error),
    }
    Ok(Value::Int(data.expire(lease, millis(length)).into()))
}

fn keep(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let ([lease], [holder, length, channel, beat]) = (keys, arguments) else {
        return Err("ERR wrong number of arguments".to_owned());
    };
    if data.get(lease)?.as_deref() != Some(holder) {
        return Ok(Value::Int(0));
    }
    data.expire(lease, millis(length));
    data.publish(channel, beat);
    Ok(Value::Int(1))
}

fn give_back(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let is_its_own = data.get(keys[0])?.as_deref() == Some(arguments[0]);
    Ok(Value::Int((is_its_own && data.delete(keys[0])).into()))
}

fn snapshot(data: &mut Data, keys: &[&str], _: &[&str]) -> Answer {
    let [head, log, quotes, status] = keys else { return Err("ERR wrong number of keys".to_owned()) };
    let known = data.hash(head)?;
    let of = |field: &str, missing: &str| text(known.get(field).map_or(missing, String::as_str));
    let oldest = data.stream(log)?.and_then(|stream| stream.entries.first().map(|(id, _)| write_id(*id)));
    let status = data.get(status)?.unwrap_or_default();
    let quotes = data.hash(quotes)?.into_values().map(text).collect();
    let oldest = text(oldest.unwrap_or_default());
    Ok(Value::Array(vec![of("epoch", "0"), of("seq", "0"), of("term", ""), oldest, text(status), Value::Array(quotes)]))
}

/// Returns an entry's expiry and tab, where it has both and a blank behind.
fn read_place(entry: &str) -> Option<(u64, &str)> {
    let mut words = entry.splitn(3, ' ');
    let (expiry, tab, _) = (words.next()?, words.next()?, words.next()?);
    Some((expiry.parse().ok()?, tab))
}

fn take_place(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let ([key], [length, limit, stream, tab, entry]) = (keys, arguments) else {
        return Err("ERR wrong number of arguments".to_owned());
    };
    let now = data.wall();
    let (mut held, mut replaced) = (0, Vec::new());
    for (other, place) in data.hash(key)? {
        match read_place(&place) {
            Some((expiry, _)) if expiry < now => _ = data.delete_field(key, &other)?,
            None => _ = data.delete_field(key, &other)?,
            Some((_, its)) if !tab.is_empty() && its == *tab => replaced.push(other),
            Some(_) => held += 1,
        }
    }
    let limit: u64 = limit.parse().unwrap();
    if limit > 0 && held >= limit {
        return Ok(Value::Int(-1));
    }
    for other in &replaced {
        data.delete_field(key, other)?;
    }
    let expiry = now + length.parse::<u64>().unwrap();
    data.set_field(key, stream, &format!("{expiry} {tab} {entry}"))?;
    data.expire(key, millis(length));
    Ok(Value::Array(replaced.into_iter().map(text).collect()))
}

fn renew_places(data: &mut Data, keys: &[&str], arguments: &[&str]) -> Answer {
    let ([key], [length, places @ ..]) = (keys, arguments) else { return Err("ERR wrong number of arguments".to_owned()) };
    let now = data.wall();
    let until = now + length.parse::<u64>().unwrap();
    for place in places.chunks(3) {
        let [stream, tab, entry] = place else { return Err("ERR a place is not whole".to_owned()) };
        data.set_field(key, stream, &format!("{until} {tab} {entry}"))?;
    }
    if !places.is_empty() {
        data.expire(key, millis(length));
    }
    let mut living = Vec::new();
    for (stream, place) in data.hash(key)? {
        match place.split_once(' ').and_then(|(expiry, _)| expiry.parse::<u64>().ok()) {
            Some(expiry) if expiry >= now => living.push(text(place)),
            _ => _ = data.delete_field(key, &stream)?,
        }
    }
    Ok(Value::Array(living))
}
