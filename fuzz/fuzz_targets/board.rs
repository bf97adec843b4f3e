//! Any changes, delivered in any order, doubled and with holes.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/properties/board.rs"]
mod property;

/// More changes than marks are kept, so that some are forgotten; beyond that only time is lost.
const MOST: usize = 1_100;

fuzz_target!(|input: (Vec<property::Change>, Vec<(u16, bool)>)| {
    let (changes, deliveries) = input;
    property::any_delivery(&changes[..changes.len().min(MOST)], &deliveries[..deliveries.len().min(MOST)]);
});
