//! The events of our streams: their data is JSON and their id is a cursor.

use serde_json::Value;

use crate::event_stream;

/// One dispatched event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// Its name; `message` where none was written.
    pub event: String,
    /// Its data, read as JSON; a frame of the compact form is a text.
    pub data: Value,
    /// The last event id after it.
    pub id: String,
    /// Comments since the event before.
    pub comments: Vec<String>,
}

impl Message {
    /// Returns a text field of the data, or what stands there instead.
    pub(crate) fn text(&self, field: &str) -> String {
        match &self.data[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Returns the parts of the id: epoch, filter, n, seq.
    pub(crate) fn cursor(&self) -> (String, String, i64, u64) {
        let parts: Vec<&str> = self.id.split('-').collect();
        assert_eq!(parts.len(), 4, "{:?} is no cursor", self.id);
        (parts[0].to_owned(), parts[1].to_owned(), parts[2].parse().unwrap(), parts[3].parse().unwrap())
    }
}

/// The parser of the standard, with every event's data read as JSON.
#[derive(Debug, Default)]
pub(crate) struct Parser(event_stream::Parser);

impl Parser {
    /// Takes bytes and returns the events they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Message> {
        self.0.push(bytes).into_iter().map(Message::from).collect()
    }

    /// Returns the last `retry`, in milliseconds.
    pub(crate) fn retry_ms(&self) -> Option<u64> {
        self.0.retry_ms()
    }
}

impl From<event_stream::Event> for Message {
    fn from(event: event_stream::Event) -> Self {
        let data = match event.name.as_str() {
            "frame" => Value::String(event.data),
            _ => serde_json::from_str(&event.data).expect("data is JSON"),
        };
        Self { event: event.name, data, id: event.id, comments: event.comments }
    }
}
