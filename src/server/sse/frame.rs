//! Writes events as `text/event-stream` (WHATWG HTML, 9.2). An event's head, its name and data, is made once and shared; the
//! `id` line differs by connection and is added last.

use std::fmt::Write;
use std::sync::Arc;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_name_its_data_its_cursor_and_a_blank_line() {
        let mut frame = String::new();
        append(&mut frame, &head("price_update", &"x"), Cursor { epoch: 1, filter: 10, n: 0, seq: 7 });
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
