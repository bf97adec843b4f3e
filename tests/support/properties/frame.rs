//! Frames: whatever is written comes out of the standard's parser as it was, cut anywhere.

use foliostream::wire::live::Cursor;
use foliostream_server::board::text;
use foliostream_server::sse::frame::Frame;
use serde_json::{Value, json};

use crate::event_stream::Parser;

/// Checks that each text is one event, read as it was written, however the bytes are cut: `cuts` are lengths of pieces.
pub(crate) fn any_texts(texts: &[String], cursor: Cursor, cuts: &[u8]) {
    let written: Vec<(Value, Cursor)> =
        texts.iter().zip(cursor.seq..).map(|(text, seq)| (value(text), Cursor { seq, ..cursor })).collect();
    let mut events = String::new();
    for (value, cursor) in &written {
        text::append(&mut events, &text::head("price_update", value), *cursor);
    }
    if events.is_empty() {
        return;
    }
    assert_eq!(Frame::new(&events).events(), events);
    let mut parser = Parser::default();
    let mut read = Vec::new();
    for piece in pieces(events.as_bytes(), cuts) {
        read.extend(parser.push(piece));
    }
    assert!(parser.unknown_lines().is_empty() && !parser.is_within_event(), "{events:?}");
    assert_eq!(read.len(), written.len(), "{events:?}");
    for (event, (value, cursor)) in read.iter().zip(&written) {
        assert_eq!((event.name.as_str(), event.id.as_str(), event.data_lines), ("price_update", cursor.to_string().as_str(), 1));
        assert_eq!(serde_json::from_str::<Value>(&event.data).ok().as_ref(), Some(value), "{events:?}");
    }
}

/// Returns JSON with a text wherever one can stand. As a name none of ours can: `$serde_json::private::RawValue` would be read
/// back as something else, which the fuzzer found.
fn value(text: &str) -> Value {
    json!({ "plain": text, "list": [text, { "within": text }] })
}

fn pieces<'a>(mut bytes: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for cut in cuts {
        let (piece, rest) = bytes.split_at(usize::from(*cut).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}
