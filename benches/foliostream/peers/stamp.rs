//! The moment a message was sent, carried as its price: microseconds since the clients' origin.

use std::time::Instant;

/// The first stamp: ten digits from here on for as long as anything is measured, so that all frames are equally long.
pub(crate) const FIRST: u32 = 1_000_000_000;

/// Digits of a stamp.
const DIGITS: usize = 10;

/// Stands before it.
const BEFORE: &[u8] = b"\"price\":\"";

/// The longest beginning of a stamp that is not yet whole.
pub(crate) const LONGEST_PART: usize = BEFORE.len() + DIGITS - 1;

/// Returns the stamp of this moment.
pub(crate) fn now(origin: Instant) -> u32 {
    FIRST.saturating_add(u32::try_from(origin.elapsed().as_micros()).unwrap_or(u32::MAX))
}

/// Calls `each` with every whole stamp in some bytes of a stream, and returns where the rest begins.
pub(crate) fn for_each(bytes: &[u8], mut each: impl FnMut(u32)) -> usize {
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(BEFORE.len()).position(begins) {
        let digits = at + found + BEFORE.len();
        let Some(written) = bytes.get(digits..digits + DIGITS) else { break };
        if let Some(stamp) = parse(written) {
            each(stamp);
        }
        at = digits;
    }
    at.max(bytes.len().saturating_sub(LONGEST_PART))
}

/// Returns whether a window is what stands before a stamp; its first byte sorts out nearly all.
fn begins(window: &[u8]) -> bool {
    window[0] == BEFORE[0] && window == BEFORE
}

fn parse(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|stamp| *stamp >= FIRST)
}
