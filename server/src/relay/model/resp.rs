//! The protocol RESP3, as far as commands and their answers need it.

use redis::{PushKind, Value};

/// Takes a command off the front of what was read, where it has come whole: an array of texts.
pub(super) fn take(unread: &mut Vec<u8>) -> Option<Vec<String>> {
    let mut at = 0;
    let count = number(unread, &mut at, b'*')?;
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let length = number(unread, &mut at, b'$')?;
        let word = unread.get(at..at + length)?;
        words.push(String::from_utf8(word.to_vec()).expect("the product writes text alone"));
        at += length + 2;
    }
    if at > unread.len() {
        return None;
    }
    unread.drain(..at);
    Some(words)
}

fn number(unread: &[u8], at: &mut usize, kind: u8) -> Option<usize> {
    let line = unread.get(*at..)?;
    let end = line.iter().position(|byte| *byte == b'\n')?;
    assert_eq!(line[0], kind, "{:?}", String::from_utf8_lossy(line));
    *at += end + 1;
    Some(std::str::from_utf8(&line[1..end - 1]).unwrap().parse().unwrap())
}

/// Makes an error of its text, as a server answers it.
pub(super) fn error(text: &str) -> Value {
    redis::parse_redis_value(format!("-{text}\r\n").as_bytes()).unwrap()
}

/// Writes an answer or a message.
pub(super) fn write(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(value, &mut bytes);
    bytes
}

fn put(value: &Value, bytes: &mut Vec<u8>) {
    let mut line = |text: String| bytes.extend_from_slice((text + "\r\n").as_bytes());
    match value {
        Value::Nil => line("_".to_owned()),
        Value::Okay => line("+OK".to_owned()),
        Value::Int(number) => line(format!(":{number}")),
        Value::SimpleString(text) => line(format!("+{text}")),
        Value::ServerError(error) => {
            let (code, detail) = (error.code(), error.details().unwrap_or_default());
            line(format!("-{code} {detail}"));
        }
        Value::BulkString(text) => {
            line(format!("${}", text.len()));
            bytes.extend_from_slice(text);
            bytes.extend_from_slice(b"\r\n");
        }
        Value::Array(values) => {
            line(format!("*{}", values.len()));
            values.iter().for_each(|value| put(value, bytes));
        }
        Value::Map(pairs) => {
            line(format!("%{}", pairs.len()));
            pairs.iter().for_each(|(key, value)| {
                put(key, bytes);
                put(value, bytes);
            });
        }
        Value::Push { kind, data } => {
            line(format!(">{}", data.len() + 1));
            let kind = match kind {
                PushKind::Message => "message",
                PushKind::PMessage => "pmessage",
                PushKind::Subscribe => "subscribe",
                PushKind::PSubscribe => "psubscribe",
                other => panic!("the model says no {other}"),
            };
            put(&text(kind), bytes);
            data.iter().for_each(|value| put(value, bytes));
        }
        other => panic!("the model answers no {other:?}"),
    }
}

/// Makes the answer that is a text.
pub(super) fn text(text: impl AsRef<str>) -> Value {
    Value::BulkString(text.as_ref().as_bytes().to_vec())
}
