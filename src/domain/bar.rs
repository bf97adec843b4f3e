//! Bars: what a price did over a stretch of time, for charts and for the value of earlier moments.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::moment::Moment;
use super::quote::Tick;

/// The width of an intraday bar.
pub const INTRADAY_STEP: SignedDuration = SignedDuration::from_mins(5);

/// Intraday bars kept of an instrument: a day of them.
const KEPT: usize = 288;

/// What a price did over a stretch of time.
///
/// ```
/// use foliostream::domain::bar::Bar;
/// use jiff::Timestamp;
/// let mut bar = Bar::of(Timestamp::UNIX_EPOCH, 10.into());
/// [12, 9, 11].into_iter().for_each(|price| bar.add(price.into()));
/// assert_eq!([bar.open, bar.high, bar.low, bar.close], [10, 12, 9, 11].map(Into::into));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The time at which the bar began.
    pub time: Timestamp,
    /// The first price of the bar.
    pub open: Decimal,
    /// The highest price of the bar.
    pub high: Decimal,
    /// The lowest price of the bar.
    pub low: Decimal,
    /// The last price of the bar.
    pub close: Decimal,
    /// The units that were traded; `None` where that is not known.
    pub volume: Option<Decimal>,
}

impl Bar {
    /// Begins a bar with its first price.
    pub fn of(time: Timestamp, price: Decimal) -> Self {
        Self { time, open: price, high: price, low: price, close: price, volume: None }
    }

    /// Adds the next price.
    pub fn add(&mut self, price: Decimal) {
        (self.high, self.low, self.close) = (self.high.max(price), self.low.min(price), price);
    }

    /// Returns the moment that an intraday bar's close stands for: its end.
    pub fn intraday_end(&self) -> Timestamp {
        self.time.checked_add(INTRADAY_STEP).unwrap_or(self.time)
    }
}

/// An instrument's intraday bars of about a day, as its ticks made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentBars(VecDeque<Bar>);

impl RecentBars {
    /// Puts bars that came before in front of what was noted while they were asked for. A bar that both have began before and
    /// went on since: it opened at 2 and had reached 9, then it was noted from 5 to 6, so it is one from 2 to 9 that ends where
    /// the noted one does.
    pub fn begin_with(&mut self, mut before: Vec<Bar>) {
        if let Some(first) = self.0.front_mut() {
            before.retain(|bar| bar.time <= first.time);
            if let Some(same) = before.pop_if(|bar| bar.time == first.time) {
                (first.open, first.high, first.low) = (same.open, same.high.max(first.high), same.low.min(first.low));
                first.volume = same.volume;
            }
        }
        before.into_iter().rev().for_each(|bar| self.0.push_front(bar));
    }

    /// Notes a tick; one that is older than the newest bar is left out, and of too many bars the oldest goes.
    pub fn note(&mut self, tick: &Tick, now: Moment) {
        let time = intraday_start(tick.time);
        // Bars from the future are of a clock that ran ahead, and would keep out the present.
        while !now.is_behind(tick.time) && self.0.back().is_some_and(|bar| now.is_behind(bar.time)) {
            self.0.pop_back();
        }
        match self.0.back_mut() {
            Some(bar) if bar.time == time => bar.add(tick.price),
            Some(bar) if bar.time > time => {}
            _ => self.0.push_back(Bar::of(time, tick.price)),
        }
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// Returns the bars that began between two moments, both included, oldest first.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> Vec<Bar> {
        self.0.iter().filter(|bar| bar.time >= from && bar.time <= until).cloned().collect()
    }
}

/// Returns the start of the intraday bar a time falls into.
fn intraday_start(time: Timestamp) -> Timestamp {
    let step = INTRADAY_STEP.as_secs();
    Timestamp::from_second(time.as_second().div_euclid(step) * step).unwrap_or(time)
}

/// Returns the close of the bar at or before a time, of bars that stand oldest first.
///
/// ```
/// use foliostream::domain::bar::{Bar, close_at};
/// use jiff::Timestamp;
/// let at = |second| Timestamp::from_second(second).expect("within jiff's range");
/// let bars = [Bar::of(at(0), 10.into()), Bar::of(at(300), 11.into())];
/// assert_eq!([-1, 0, 299, 300].map(|second| close_at(&bars, at(second))), [None, Some(10.into()), Some(10.into()),
/// Some(11.into())]);
/// ```
pub fn close_at(bars: &[Bar], time: Timestamp) -> Option<Decimal> {
    let after = bars.partition_point(|bar| bar.time <= time);
    bars.get(after.checked_sub(1)?).map(|bar| bar.close)
}

/// Returns at most `most` items at even steps, the last one always among them.
///
/// ```
/// use foliostream::domain::bar::every;
/// assert_eq!(every((1..=10).collect(), 4), [1, 4, 7, 10]);
/// ```
pub fn every<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let step = items.len().div_ceil(most.max(1)).max(1);
    let mut kept: Vec<T> = items.into_iter().rev().step_by(step).collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::super::quote::Session;
    use super::super::source::SourceName;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_100 + second).unwrap()
    }

    fn tick(second: i64, price: i64) -> Tick {
        Tick {
            ticker: "A".parse().unwrap(),
            price: price.into(),
            bid: None,
            ask: None,
            volume: None,
            currency: None,
            previous_close: None,
            time: at(second),
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
        }
    }

    fn now(second: i64) -> Moment {
        Moment { wall: at(second), elapsed: SignedDuration::from_secs(second) }
    }

    fn noted(ticks: &[(i64, i64)]) -> RecentBars {
        let mut bars = RecentBars::default();
        ticks.iter().for_each(|(second, price)| bars.note(&tick(*second, *price), now(*second)));
        bars
    }

    fn all(bars: &RecentBars) -> Vec<(i64, [i64; 4])> {
        let told = |bar: Bar| {
            let prices = [bar.open, bar.high, bar.low, bar.close].map(|price| price.try_into().unwrap());
            (bar.time.duration_since(at(0)).as_secs(), prices)
        };
        bars.between(Timestamp::MIN, Timestamp::MAX).into_iter().map(told).collect()
    }

    #[test]
    fn ticks_make_bars_of_five_minutes_that_begin_at_multiples_of_it() {
        let bars = noted(&[(10, 100), (20, 105), (299, 99), (300, 101), (900, 7)]);
        assert_eq!(all(&bars), [(0, [100, 105, 99, 99]), (300, [101, 101, 101, 101]), (900, [7, 7, 7, 7])]);
        assert_eq!(bars.between(at(0), at(300)).len(), 2);
        assert_eq!(bars.between(at(1), at(300))[0].intraday_end(), at(600));
    }

    #[test]
    fn a_tick_of_an_earlier_bar_changes_nothing() {
        let mut bars = noted(&[(300, 101)]);
        bars.note(&tick(10, 5), now(301));
        assert_eq!(all(&bars), [(300, [101; 4])]);
    }

    #[test]
    fn bars_of_a_clock_that_ran_ahead_give_way_to_the_present() {
        let mut bars = noted(&[(10, 100), (90_000, 140)]);
        bars.note(&tick(600, 101), now(600));
        assert_eq!(all(&bars), [(0, [100; 4]), (600, [101; 4])]);
    }

    #[test]
    fn what_came_before_is_put_in_front_of_what_was_noted_while_it_was_asked_for() {
        let bar = |second: i64, [open, high, low, close]: [i64; 4]| {
            let [open, high, low, close] = [open, high, low, close].map(Decimal::from);
            Bar { time: at(second), open, high, low, close, volume: None }
        };
        let mut bars = noted(&[(310, 5), (320, 6), (330, 4), (600, 5)]);
        bars.begin_with(vec![bar(0, [1, 2, 1, 2]), bar(300, [2, 9, 2, 3]), bar(600, [3, 3, 3, 3])]);
        assert_eq!(all(&bars), [(0, [1, 2, 1, 2]), (300, [2, 9, 2, 4]), (600, [5; 4])]);
        let mut bars = RecentBars::default();
        bars.begin_with(vec![bar(0, [1; 4])]);
        assert_eq!(all(&bars), [(0, [1; 4])], "nothing was noted meanwhile");
    }

    #[test]
    fn a_day_of_bars_is_kept() {
        let ticks: Vec<(i64, i64)> = (0..300).map(|number| (number * 300, number)).collect();
        let bars = all(&noted(&ticks));
        assert_eq!((bars.len(), bars[0].1[0], bars[287].1[0]), (288, 12, 299));
    }

    #[test]
    fn of_many_points_the_last_and_no_more_than_asked_for_are_kept() {
        assert_eq!(every((1..=3).collect(), 4), [1, 2, 3]);
        assert_eq!(every((1..=3).collect(), 0), [3]);
        assert!(every(Vec::<u8>::new(), 4).is_empty());
    }
}
