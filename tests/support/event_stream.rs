//! Reads `text/event-stream` as the standard says (WHATWG HTML, 9.2.6), and returns what a browser keeps to itself: comments,
//! `retry`, and how an event was written.

/// One dispatched event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its type; `message` where none was written.
    pub name: String,
    /// Its data lines, joined by line feeds.
    pub data: String,
    /// The last event id after it, which may be that of an earlier event.
    pub id: String,
    /// Whether it wrote an `id` of its own.
    pub wrote_id: bool,
    /// How many `data` lines it was written in.
    pub data_lines: usize,
    /// Comments since the event before.
    pub comments: Vec<String>,
}

/// The parser: bytes in, as they come; events out. It keeps at most the event that is being read, however long that is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    after_return: bool,
    begun: bool,
    /// The type and data buffers, and what is told beside them.
    next: Event,
    id_buffer: String,
    last_event_id: String,
    retry_ms: Option<u64>,
    unknown_lines: Vec<String>,
}

impl Parser {
    /// Takes bytes, cut anywhere, and returns the events they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let ends_pair = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if ends_pair => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.take_line(&line));
                }
                _ => self.line.push(byte),
            }
        }
        events
    }

    /// Returns what a client would give back as `Last-Event-ID`: that of the last block, dispatched or not.
    pub(crate) fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Returns the last `retry`, in milliseconds.
    pub(crate) fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// Returns lines whose field the standard does not know; clients ignore them.
    pub(crate) fn unknown_lines(&self) -> &[String] {
        &self.unknown_lines
    }

    /// Returns whether an event has begun that no blank line has ended; at the end of a stream clients throw it away.
    pub(crate) fn is_within_event(&self) -> bool {
        !self.line.is_empty() || self.next.wrote_id || self.next.data_lines > 0 || !self.next.name.is_empty()
    }

    fn take_line(&mut self, bytes: &[u8]) -> Option<Event> {
        // A line end is never part of a longer character: decoding line by line decodes the stream.
        let begun = std::mem::replace(&mut self.begun, true);
        let bytes = if begun { bytes } else { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) };
        let line = String::from_utf8_lossy(bytes);
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        self.take_field(field, value.strip_prefix(' ').unwrap_or(value));
        None
    }

    fn take_field(&mut self, field: &str, value: &str) {
        match field {
            "" => self.next.comments.push(value.to_owned()),
            "event" => value.clone_into(&mut self.next.name),
            "data" => {
                if self.next.data_lines > 0 {
                    self.next.data.push('\n');
                }
                self.next.data.push_str(value);
                self.next.data_lines += 1;
            }
            "id" if value.contains('\0') => {}
            "id" => {
                value.clone_into(&mut self.id_buffer);
                self.next.wrote_id = true;
            }
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry_ms = Some(value.parse().unwrap_or(u64::MAX));
            }
            "retry" => {}
            _ => self.unknown_lines.push(field.to_owned()),
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        self.last_event_id.clone_from(&self.id_buffer);
        if self.next.data_lines == 0 {
            // Comments belong to no event yet: they are returned with the next.
            self.next = Event { comments: std::mem::take(&mut self.next.comments), ..Event::default() };
            return None;
        }
        let mut event = std::mem::take(&mut self.next);
        event.id.clone_from(&self.last_event_id);
        if event.name.is_empty() {
            "message".clone_into(&mut event.name);
        }
        Some(event)
    }
}
