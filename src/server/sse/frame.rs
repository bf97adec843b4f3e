//! Writes events as `text/event-stream` (WHATWG HTML, 9.2). An event's head, its name and data, is made once and shared; the
//! `id` line differs by connection and is added last.

use std::fmt::Write;
use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;

use crate::wire::live::Cursor;

/// An event's name and data as they are written, without the `id` line and the closing blank line.
pub type Text = Arc<str>;

/// Writes `event:` and `data:`. JSON has no raw line breaks, so one data line holds it.
pub fn head(name: &str, data: &impl Serialize) -> Text {
    let json = serde_json::to_string(data).expect("views have text keys and finite numbers only");
    format!("event: {name}\ndata: {json}\n").into()
}

/// Appends an event that moves the reader to `cursor`.
pub fn append(frame: &mut String, head: &str, cursor: Cursor) {
    frame.push_str(head);
    // Writing to a String cannot fail.
    let _ = write!(frame, "id: {cursor}\n\n");
}

/// What ends a chunk, in bytes.
const CHUNK_END: usize = "\r\n".len();

/// The chunk that ends a stream over HTTP/1.1 (RFC 9112, 7.1), without trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Events that are written at once, made ready for every way of writing: as they are, or as one chunk of HTTP/1.1.
#[derive(Clone, Debug)]
pub struct Frame {
    chunk: Bytes,
    /// Bytes of the chunk before the events.
    head: usize,
}

impl Frame {
    /// Makes a frame of whole events. An empty one would end the stream, so there must be at least one.
    pub fn new(events: &str) -> Self {
        debug_assert!(!events.is_empty(), "an empty chunk ends a stream");
        let mut chunk = format!("{:X}\r\n", events.len());
        let head = chunk.len();
        chunk.reserve_exact(events.len() + CHUNK_END);
        chunk.push_str(events);
        chunk.push_str("\r\n");
        Self { chunk: chunk.into(), head }
    }

    /// Returns the events alone.
    pub fn events(&self) -> Bytes {
        self.chunk.slice(self.head..self.chunk.len() - CHUNK_END)
    }

    /// Returns the events as one chunk.
    pub fn chunk(self) -> Bytes {
        self.chunk
    }

    /// Returns how many bytes the events have.
    pub fn len(&self) -> usize {
        self.chunk.len() - self.head - CHUNK_END
    }

    /// Tells whether there are no events, which is never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_chunk_of_its_events() {
        let events = "data: seventeen..\n\n";
        let frame = Frame::new(events);
        assert_eq!((frame.events(), frame.len()), (Bytes::from_static(events.as_bytes()), events.len()));
        assert_eq!(frame.chunk(), format!("13\r\n{events}\r\n"));
    }

    #[test]
    fn an_event_is_its_name_its_data_its_cursor_and_a_blank_line() {
        let mut frame = String::new();
        append(&mut frame, &head("price_update", &"x"), Cursor { epoch: 1.into(), filter: 10, n: 0, seq: 7 });
        assert_eq!(frame, "event: price_update\ndata: \"x\"\nid: 1-0000000a-0-7\n\n");
    }

    #[test]
    fn no_text_can_end_an_event_early() {
        let hostile = "a\nb\r\nc\rd\u{0}e\u{2028}f🎉<script>";
        let head = head("alert_triggered", &hostile);
        assert_eq!(head.matches(['\n', '\r', '\0']).count(), 2, "{head:?}");
        let data = head.lines().nth(1).unwrap().strip_prefix("data: ").unwrap();
        assert_eq!(serde_json::from_str::<String>(data).unwrap(), hostile);
    }
}
