//! Times in the reader's own zone once the page is alive, in UTC before.

use jiff::Timestamp;
use jiff::civil::DateTime;
use leptos::prelude::*;

use crate::app::components::calendar::civil_utc;
use crate::live::source::local_time;

/// Returns whether times may be written in the reader's zone: only after hydration, or the two halves would differ.
pub fn is_local() -> Signal<bool> {
    let is_local = RwSignal::new(false);
    Effect::new(move |_| is_local.set(true));
    is_local.into()
}

/// Takes a time apart, in the reader's zone where that is allowed and known.
pub fn moment(time: Timestamp, is_local: bool) -> DateTime {
    let local = is_local.then(|| local_time(time.as_millisecond())).flatten();
    let civil = local.and_then(|local| {
        let (month, day) = (i8::try_from(local.month).ok()?, i8::try_from(local.day).ok()?);
        let (hour, minute) = (i8::try_from(local.hour).ok()?, i8::try_from(local.minute).ok()?);
        DateTime::new(local.year, month, day, hour, minute, i8::try_from(local.second).ok()?, 0).ok()
    });
    civil.unwrap_or_else(|| civil_utc(time))
}
