//! Any texts as events, cut anywhere, against the standard's parser.

#![no_main]

use foliostream::wire::live::Cursor;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/event_stream.rs"]
#[expect(dead_code, reason = "a frame is asked less than a stream")]
mod event_stream;
#[path = "../../tests/support/properties/frame.rs"]
mod property;

fuzz_target!(|input: (u32, u32, u32, Vec<u8>, Vec<String>)| {
    let (filter, n, seq, cuts, texts) = input;
    property::any_texts(&texts, Cursor { epoch: 1.into(), filter, n: n.into(), seq: seq.into() }, &cuts);
});
