//! The chart's points: the server's bars, and the live price at their end.

use jiff::Timestamp;
use leptos::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::geometry::Sample;
use crate::app::prelude::words;
use crate::app::reactive::{effect, memo};
use crate::domain::alert::AlertState;
use crate::domain::instrument::Ticker;
use crate::wire::range::Range;
use crate::wire::views::{AlertView, BarView, QuoteView};

/// The most points a page that stays open adds to its day: a day of one a minute.
const MOST_ADDED: usize = 1_440;

/// The points the line goes through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Prices with their times, oldest first; the last one is the live price where there is one.
    pub samples: Vec<Sample>,
}

impl Series {
    /// Takes the bars' closes, and the live price as the last point where it is newer.
    pub fn new(bars: &[BarView], added: &[Sample], live: Option<Sample>) -> Self {
        let mut samples: Vec<Sample> =
            bars.iter().map(|bar| Sample { time_ms: bar.time.as_millisecond(), value: bar.close }).collect();
        let end = samples.last().map_or(i64::MIN, |sample| sample.time_ms);
        samples.extend(added.iter().filter(|sample| sample.time_ms > end));
        match (samples.last_mut(), live) {
            (Some(last), Some(live)) if live.time_ms > last.time_ms => samples.push(live),
            (Some(last), Some(live)) if live.time_ms == last.time_ms => *last = live,
            _ => {}
        }
        Self { samples }
    }

    /// Returns whether the last price is below what the line is measured from.
    pub fn is_falling(&self, previous: Option<Decimal>) -> bool {
        let first = previous.or_else(|| self.samples.first().map(|sample| sample.value));
        self.samples.last().map(|sample| sample.value) < first
    }

    /// Returns the time and price of the sample with an index; nothing behind the last.
    pub fn at(&self, index: usize) -> Option<(Timestamp, Decimal)> {
        let sample = self.samples.get(index)?;
        Some((Timestamp::from_millisecond(sample.time_ms).ok()?, sample.value))
    }

    /// Returns what a screen reader says of the picture.
    pub fn spoken(&self, range: Range, decimals: u32) -> String {
        let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) else { return String::new() };
        let (from, to) = (words().quoted(first.value, decimals), words().quoted(last.value, decimals));
        words().price_from_to(range.spoken(), &from, &to)
    }
}

/// Follows the live price: the last point moves with it, and a day that stays open grows by its own grain.
pub(crate) fn live_series(bars: &[BarView], range: Range, quote: Signal<Option<QuoteView>>) -> Memo<Series> {
    let grain_ms = match bars {
        [.., before, last] => last.time.as_millisecond() - before.time.as_millisecond(),
        _ => 60_000,
    };
    let bars = StoredValue::new(bars.to_vec());
    let added = RwSignal::new(Vec::<Sample>::new());
    let point = memo(move || {
        quote.with(|quote| quote.as_ref().map(|quote| Sample { time_ms: quote.time.as_millisecond(), value: quote.price }))
    });
    effect(move || {
        let Some(point) = point.get().filter(|_| range == Range::Day) else { return };
        let end = added.with_untracked(|added| added.last().map(|sample| sample.time_ms));
        let end = end.or_else(|| bars.with_value(|bars| bars.last().map(|bar| bar.time.as_millisecond())));
        let is_due = end.is_some_and(|end| point.time_ms - end >= grain_ms.max(1_000));
        if is_due && added.with_untracked(Vec::len) < MOST_ADDED {
            added.update(|added| added.push(point));
        }
    });
    memo(move || bars.with_value(|bars| added.with(|added| Series::new(bars, added, point.get()))))
}

/// An alert's level as the chart draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    /// The price it waits for.
    pub price: Decimal,
    /// The condition in the reader's language, such as `crosses above`.
    pub phrase: &'static str,
    /// Whether a person paused it.
    pub is_paused: bool,
}

/// Follows the alerts of an instrument that wait for a price, paused ones too.
pub(crate) fn drawn_levels(alerts: Signal<Vec<AlertView>>, ticker: Ticker) -> Memo<Vec<Level>> {
    let is_drawn = move |alert: &&AlertView| {
        alert.ticker == ticker
            && !alert.condition.is_day_change()
            && matches!(alert.state, AlertState::Armed | AlertState::Cooling | AlertState::Paused)
    };
    memo(move || alerts.with(|alerts| alerts.iter().filter(&is_drawn).map(level).collect()))
}

fn level(alert: &AlertView) -> Level {
    let is_paused = alert.state == AlertState::Paused;
    Level { price: alert.threshold, phrase: words().condition_phrase(alert.condition), is_paused }
}
