//! Times in the reader's own zone: from the start where the server knows it, otherwise once the page is alive and in UTC before.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::app::reactive::effect;
use crate::live::source::{LocalTime, is_zone_known, local_time};
use crate::words::dates::{Civil, civil_utc};

/// Returns whether times may be written in the reader's zone: where the server did so too, and after hydration, or the two
/// halves would differ.
pub fn is_local() -> Signal<bool> {
    let is_local = RwSignal::new(is_zone_known());
    effect(move || is_local.set(true));
    is_local.into()
}

/// Takes a time apart, in the reader's zone where that is allowed and known.
pub fn moment(time: Timestamp, is_local: bool) -> Civil {
    let local = is_local.then(|| local_time(time.as_millisecond())).flatten();
    match local {
        Some(LocalTime { year, month, day, hour, minute, second }) => Civil { year, month, day, hour, minute, second },
        None => civil_utc(time),
    }
}
