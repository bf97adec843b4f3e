//! The commands that the product sends by themselves; those within its scripts are in [`scripts`](super::scripts).

use std::time::Duration;

use redis::Value;

use super::data::{Answer, Data, Id, read_id, write_id};
use super::{millis, resp, scripts};
use crate::relay::model::resp::text;

/// Returns how long a command waits for what is not there yet.
pub(super) fn block_of(command: &[String]) -> Option<Duration> {
    let at = command.iter().position(|word| word == "BLOCK").filter(|_| command[0] == "XREAD")?;
    Some(millis(&command[at + 1]))
}

impl Data {
    /// Carries out one command.
    pub(super) fn command(&mut self, command: &[String]) -> Answer {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        match words[..] {
            ["HELLO", "3", ..] => Ok(Value::Map(vec![(text("proto"), Value::Int(3))])),
            ["CLIENT", "SETINFO", _, _] => Ok(Value::Okay),
            ["INFO", "server"] => Ok(text("# Server\r\nredis_version:7.4.0\r\n")),
            ["PUBLISH", channel, payload] => Ok(Value::Int(self.publish(channel, payload))),
            ["TYPE", key] => Ok(Value::SimpleString(self.type_of(key).to_owned())),
            ["HGET", key, field] => Ok(self.hash(key)?.get(field).map_or(Value::Nil, text)),
            ["HSET", key, field, value] => Ok(Value::Int(self.set_field(key, field, value)?.into())),
            ["HDEL", key, field] => Ok(Value::Int(self.delete_field(key, field)?.into())),
            ["XADD", key, "MAXLEN", "~", most, id, ref fields @ ..] => {
                let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
                Ok(text(write_id(self.add(key, most, id, &fields)?)))
            }
            ["XTRIM", key, "MAXLEN", "~", most] => {
                let gone = self.stream(key)?.map_or(0, |stream| stream.trim(most.parse().unwrap()));
                Ok(Value::Int(i64::try_from(gone).unwrap()))
            }
            ["XRANGE", key, first, last, "COUNT", count] => {
                Ok(entries(self.range(key, read_id(first, 0), read_id(last, u64::MAX), count)?))
            }
            ["XREVRANGE", key, "+", "-", "COUNT", count] => {
                let most = count.parse().unwrap();
                let stream = self.stream(key)?;
                let newest = stream.map_or(Vec::new(), |stream| stream.entries.iter().rev().take(most).cloned().collect());
                Ok(entries(newest))
            }
            ["XREAD", "COUNT", count, "BLOCK", _, "STREAMS", key, after] => {
                let (time, number) = read_id(after, 0);
                let found = match number.checked_add(1) {
                    Some(number) => self.range(key, (time, number), (u64::MAX, u64::MAX), count)?,
                    None => Vec::new(),
                };
                Ok(if found.is_empty() { Value::Nil } else { Value::Map(vec![(text(key), entries(found))]) })
            }
            ["SCRIPT", "LOAD", script] => {
                let hash = redis::Script::new(script).get_hash().to_owned();
                self.loaded.insert(hash.clone());
                Ok(text(hash))
            }
            ["EVALSHA", hash, count, ref rest @ ..] => {
                if !self.loaded.contains(hash) {
                    return Err("NOSCRIPT No matching script.".to_owned());
                }
                let (keys, arguments) = rest.split_at(count.parse().unwrap());
                match scripts::of(hash) {
                    Some(script) => script(self, keys, arguments),
                    None => self.refuse(&["a script", hash]),
                }
            }
            _ => self.refuse(&words),
        }
    }

    fn refuse(&mut self, words: &[&str]) -> Answer {
        self.refused.push(words.join(" "));
        Err(format!("ERR unknown command {words:?}"))
    }

    /// Returns entries of a Stream between two ids, both included.
    fn range(&mut self, key: &str, first: Id, last: Id, count: &str) -> Answer<Vec<(Id, Vec<String>)>> {
        let most = count.parse().unwrap();
        let Some(stream) = self.stream(key)? else { return Ok(Vec::new()) };
        let begin = stream.entries.partition_point(|(id, _)| *id < first);
        Ok(stream.entries[begin..].iter().take_while(|(id, _)| *id <= last).take(most).cloned().collect())
    }
}

fn entries(entries: Vec<(Id, Vec<String>)>) -> Value {
    let entry = |(id, fields): (Id, Vec<String>)| {
        Value::Array(vec![resp::text(write_id(id)), Value::Array(fields.iter().map(resp::text).collect())])
    };
    Value::Array(entries.into_iter().map(entry).collect())
}
