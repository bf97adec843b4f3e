//! Cursors: whatever a client sends is read, or refused, in bounded work.

use foliostream::wire::live::{Cursor, ResetReason};
use foliostream_server::board::Head;
use foliostream_server::sse::initial_sync::{Seen, Start};

/// The longest id that browsers send without asking for permission first would be twice as long.
const LONGEST: usize = 64;

/// Checks what any text does as a `Last-Event-ID`, at a server that stands at `head` and remembers from `floor` on.
pub(crate) fn any_text(text: &str, filter: u32, head: Head, floor: u64) {
    let read = text.parse::<Cursor>().ok();
    if let Some(cursor) = read {
        any_cursor(cursor);
        assert!(text.len() <= LONGEST && cursor.n >= 0, "{text:?} was read as {cursor:?}");
    }
    match Start::decide(Some(text), filter, head, floor) {
        Start::Replay(cursor) => {
            assert_eq!(Some(cursor), read);
            assert_eq!((cursor.epoch, cursor.filter), (head.epoch, filter));
            assert!(cursor.seq > 0 && cursor.seq >= floor && cursor.seq <= head.seq && cursor.n <= head.n, "{cursor:?}");
        }
        Start::Fresh { seen, reset } => {
            // How much of what was seen in another term is this history's, only the store can say.
            let is_of = |seen: Seen, cursor: Cursor| (seen.term, seen.n) == (cursor.epoch, cursor.n);
            let is_known = |seen: Seen| seen.term != head.epoch || (0..=head.n).contains(&seen.n);
            let n = seen.map(|seen| seen.n);
            assert!(
                seen.is_none_or(|seen| is_known(seen) && read.is_some_and(|cursor| is_of(seen, cursor))),
                "{text:?}: {seen:?}"
            );
            // Only a stream that was cut before it was synced starts over without a word.
            let is_silent = reset.is_none();
            assert_eq!(is_silent, n.is_some() && read.is_some_and(|cursor| is_at_start(cursor, filter, head)), "{text:?}");
            assert!(read.is_some() || reset == Some(ResetReason::Invalid), "{text:?}: {reset:?}");
        }
        Start::Elsewhere(cursor) => panic!("{cursor:?}: only the store can say that a term is newer"),
    }
}

fn is_at_start(cursor: Cursor, filter: u32, head: Head) -> bool {
    (cursor.epoch, cursor.filter, cursor.seq) == (head.epoch, filter, 0)
}

/// Checks that a cursor survives its text, and that browsers send it as it is.
pub(crate) fn any_cursor(cursor: Cursor) {
    let text = cursor.to_string();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    assert!(text.len() <= LONGEST && text.bytes().all(is_allowed), "{text:?}");
    assert_eq!(text.parse(), Ok(cursor));
}
