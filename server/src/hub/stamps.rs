//! Times for quotes that were pushed without one. They are given once, where the push is received, so that a push that is taken a
//! second time has the same times.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use foliostream::domain::instrument::Ticker;

/// The least time by which two stored times differ.
const STEP: SignedDuration = SignedDuration::from_micros(1);

/// How far given times may run ahead of the clock: a push of ten thousand prices of one ticker takes 10 ms of them. Where they
/// are further ahead the clock was set back, and they begin again with it.
const FURTHEST: SignedDuration = SignedDuration::from_secs(1);

/// The latest time given in this process.
#[derive(Debug, Default)]
pub struct Stamps(Mutex<Option<Timestamp>>);

/// Times for the quotes of one push.
#[derive(Debug)]
pub struct Batch<'a> {
    latest: &'a Stamps,
    first: Timestamp,
    given: HashMap<Ticker, Timestamp>,
}

impl Stamps {
    /// Begins a push that was received now: its times are later than those of every push before it.
    pub fn begin(&self, now: Timestamp) -> Batch<'_> {
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let after = latest.map(next).filter(|after| after.duration_since(now) <= FURTHEST);
        let first = after.map_or(now, |after| after.max(now));
        *latest = Some(first);
        Batch { latest: self, first, given: HashMap::new() }
    }
}

impl Batch<'_> {
    /// Gives a quote of a ticker its time: a microsecond after the ticker's last one in this push.
    ///
    /// Two prices of one ticker are told apart by it when they are taken again: the first is older than the second.
    pub fn next(&mut self, ticker: &Ticker) -> Timestamp {
        let time = self.given.get(ticker).map_or(self.first, |last| next(*last));
        self.given.insert(ticker.clone(), time);
        let mut latest = self.latest.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = (*latest).max(Some(time));
        time
    }
}

fn next(time: Timestamp) -> Timestamp {
    time.checked_add(STEP).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticker(text: &str) -> Ticker {
        text.parse().unwrap()
    }

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(1_790_000_000_000_000 + micros).unwrap()
    }

    #[test]
    fn prices_of_one_ticker_in_one_push_have_increasing_times_and_those_of_others_the_first() {
        let stamps = Stamps::default();
        let mut push = stamps.begin(at(0));
        assert_eq!([push.next(&ticker("A")), push.next(&ticker("B")), push.next(&ticker("A"))], [at(0), at(0), at(1)]);
    }

    #[test]
    fn a_push_at_the_same_moment_comes_after_the_whole_of_the_one_before() {
        let stamps = Stamps::default();
        let mut first = stamps.begin(at(0));
        for _ in 0..300 {
            first.next(&ticker("A"));
        }
        assert_eq!(stamps.begin(at(100)).next(&ticker("A")), at(300));
        assert_eq!(stamps.begin(at(1_000)).next(&ticker("A")), at(1_000));
    }

    #[test]
    fn times_begin_again_with_a_clock_that_was_set_back() {
        let stamps = Stamps::default();
        stamps.begin(at(3_600_000_000)).next(&ticker("A"));
        assert_eq!(stamps.begin(at(0)).next(&ticker("A")), at(0));
    }
}
