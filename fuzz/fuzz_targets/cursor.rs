//! Any text as a `Last-Event-ID`, and any cursor as text.

#![no_main]

use foliostream_server::board::Head;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::Cursor;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/properties/cursor.rs"]
mod property;

/// How far the server has come: small numbers, so that texts find both sides of each.
const HEAD: Head = Head { epoch: Epoch::new(4, 7), seq: 100, n: 7, alerts: 0 };
const FILTER: u32 = 0xabcd_ef01;
const FLOOR: u64 = 50;

fuzz_target!(|input: (u32, u32, u32, u64, u64, String)| {
    let (number, mark, filter, n, seq, text) = input;
    // Notifications are counted from 1 by the store.
    let n = (n >> 1).cast_signed();
    // Numbers of envelopes are exact in Redis' scripts up to 2^53.
    let epoch = Epoch::new((number % 100_000_000).into(), 1 + mark % 999_999_999);
    property::any_cursor(Cursor { epoch, filter, n, seq: seq >> 11 });
    property::any_text(&text, FILTER, HEAD, FLOOR);
    // Behind a good beginning, where most texts would not come by themselves.
    property::any_text(&format!("4000000007-abcdef01-{text}"), FILTER, HEAD, FLOOR);
});
