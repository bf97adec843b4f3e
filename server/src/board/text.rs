//! Events as text of `text/event-stream` (WHATWG HTML, 9.2). An event's head, its name and data, is made once and shared by all
//! streams; the `id:` line differs between them and is added when a stream is written.

use std::fmt::Write;
use std::sync::Arc;

use serde::Serialize;

use foliostream::wire::live::Cursor;

/// An event's name and data as they are written, without the `id:` line and the blank line that ends the event.
pub type Text = Arc<str>;

/// Writes `event:` and `data:`. JSON has no raw line breaks, so one `data:` line holds it.
pub fn head(name: &str, data: &impl Serialize) -> Text {
    let json = serde_json::to_string(data).expect("views have text keys and finite numbers only");
    format!("event: {name}\ndata: {json}\n").into()
}

/// Writes `event:` and `data:` of a text that is one line.
pub fn plain(name: &str, data: &str) -> Text {
    format!("event: {name}\ndata: {data}\n").into()
}

/// Appends an event that moves the reader to `cursor`.
pub fn append(events: &mut String, head: &str, cursor: Cursor) {
    events.push_str(head);
    // Writing to a String cannot fail.
    let _ = write!(events, "id: {cursor}\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_its_name_its_data_its_cursor_and_a_blank_line() {
        let mut events = String::new();
        append(&mut events, &head("price_update", &"x"), Cursor { epoch: 1.into(), filter: 10, n: 0, seq: 7 });
        assert_eq!(events, "event: price_update\ndata: \"x\"\nid: 1-0000000a-0-7\n\n");
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
