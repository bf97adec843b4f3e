//! Reads `text/event-stream` as a browser does (WHATWG HTML, 9.2.6), and tells what a browser would not: comments and `retry`.

use serde_json::Value;

/// One dispatched event.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its name; `message` where none was written.
    pub event: String,
    /// Its data, read as JSON.
    pub data: Value,
    /// The last event id after it.
    pub id: String,
    /// Comments since the event before.
    pub comments: Vec<String>,
}

impl Message {
    /// Returns a text field of the data, or what stands there instead.
    pub fn text(&self, field: &str) -> String {
        match &self.data[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Returns the parts of the id: epoch, filter, n, seq.
    pub fn cursor(&self) -> (u64, String, i64, u64) {
        let parts: Vec<&str> = self.id.split('-').collect();
        assert_eq!(parts.len(), 4, "{:?} is no cursor", self.id);
        (parts[0].parse().unwrap(), parts[1].to_owned(), parts[2].parse().unwrap(), parts[3].parse().unwrap())
    }
}

/// The parser: bytes in, as they come; events out.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    after_return: bool,
    begun: bool,
    event: String,
    data: String,
    has_data: bool,
    last_id: String,
    comments: Vec<String>,
    /// The last `retry`, in milliseconds.
    pub retry_ms: Option<u64>,
}

impl Parser {
    /// Takes bytes and returns the events they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        for &byte in bytes {
            let ends_pair = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if ends_pair => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    messages.extend(self.take_line(&String::from_utf8(line).expect("the stream is UTF-8")));
                }
                _ => self.line.push(byte),
            }
        }
        messages
    }

    fn take_line(&mut self, line: &str) -> Option<Message> {
        let line = if self.begun { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => self.comments.push(value.to_owned()),
            "event" => self.event = value.to_owned(),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.last_id = value.to_owned(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => self.retry_ms = value.parse().ok(),
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Message> {
        let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        Some(Message {
            event: if event.is_empty() { "message".to_owned() } else { event },
            data: serde_json::from_str(&data).expect("data is JSON"),
            id: self.last_id.clone(),
            comments: std::mem::take(&mut self.comments),
        })
    }
}

#[test]
fn the_parser_reads_as_the_standard_says() {
    let mut parser = Parser::default();
    let text =
        "\u{feff}retry: 10\n\n: hi\r\nevent: a\rdata: {\ndata:}\nid: 1\n\ndata: 2\n\nid: 9\nevent: lost\n\ndata:3\n\ndata: 4";
    let mut messages = Vec::new();
    for byte in text.as_bytes() {
        messages.extend(parser.push(&[*byte]));
    }
    assert_eq!(parser.retry_ms, Some(10));
    assert_eq!(messages.len(), 3);
    assert_eq!((messages[0].event.as_str(), &messages[0].data, messages[0].id.as_str()), ("a", &serde_json::json!({}), "1"));
    assert_eq!(messages[0].comments, ["hi"]);
    assert_eq!((messages[1].event.as_str(), messages[1].id.as_str()), ("message", "1"));
    assert_eq!(messages[2].id, "9");
}
