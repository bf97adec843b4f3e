//! What the parts of the chart share.

use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::geometry::{Sample, Scale};
use crate::app::components::moment::moment;
use crate::domain::money::Currency;
use crate::wire::range::Range;

/// The signals that the chart's parts read.
#[derive(Clone, Copy)]
pub(super) struct Drawing {
    pub samples: Memo<Vec<Sample>>,
    /// What had been put in by each sample; the last counts for all that come later. Empty where the line is compared with yesterday.
    pub put_in: StoredValue<Vec<Decimal>>,
    pub scale: Memo<Scale>,
    pub currency: Signal<Currency>,
    pub range: Range,
    pub is_local: Signal<bool>,
}

impl Drawing {
    /// Returns what had been put in by a sample.
    pub(super) fn put_in(self, index: usize) -> Option<Decimal> {
        self.put_in.with_value(|put_in| put_in.get(index).or(put_in.last()).copied())
    }

    /// Writes a sample's time. The end of a day, which is the next one's midnight in UTC, is that day.
    pub(super) fn label(self, time_ms: i64, is_axis: bool) -> Option<String> {
        let time = Timestamp::from_millisecond(time_ms).ok()?;
        let moment = match self.range {
            Range::Day | Range::Week => moment(time, self.is_local.get()),
            _ => moment(time.checked_sub(SignedDuration::from_secs(1)).ok()?, false),
        };
        Some(if is_axis { self.range.axis_label(moment) } else { self.range.full_label(moment) })
    }
}
