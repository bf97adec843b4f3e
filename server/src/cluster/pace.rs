//! How often a replica that is behind reads the log, and what makes it read.

use std::time::Duration;

use tokio::time::Instant;

use crate::relay::jittered;
use foliostream::wire::epoch::Epoch;

/// The shortest and the longest pause between two readings of the log: a hole costs a reading, and holes that come again and
/// again cost 20 a second at first and one in two seconds in the end.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// How soon the log in Redis may be read again.
#[derive(Debug)]
pub(crate) struct Pace {
    due: Instant,
    pause: Duration,
    owes: bool,
}

impl Pace {
    /// Begins without a pause: the first reading may be made at once.
    pub(crate) fn new(now: Instant) -> Self {
        Self { due: now, pause: PAUSES.0, owes: false }
    }

    /// Notes that a reading has to wait for its time.
    pub(crate) fn postpone(&mut self) {
        self.owes = true;
    }

    /// Returns whether a reading had to wait for its time.
    pub(crate) fn owes(&self) -> bool {
        self.owes
    }

    /// Returns whether the log may be read now.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        now >= self.due
    }

    /// Notes a reading, and whether it brought the replica further: then the next may come soon, otherwise later and later.
    pub(crate) fn note(&mut self, now: Instant, moved: bool) {
        self.owes = false;
        self.pause = if moved { PAUSES.0 } else { (self.pause * 2).min(PAUSES.1) };
        self.due = now + jittered(self.pause);
    }
}

/// What made a replica look whether it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    /// It has only just connected, or could not look when it should have.
    Start,
    /// This number of its own term came, and some before it did not: 7 came after 4.
    Gap(u64),
    /// The engine of this term was heard, which has published more, or which the database says is the one to follow.
    Beat(Epoch),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_that_bring_nothing_come_later_and_later_and_one_that_does_soon() {
        let started = Instant::now();
        let mut pace = Pace::new(started);
        let mut readings = 0;
        for millisecond in 0..60_000 {
            let now = started + Duration::from_millis(millisecond);
            if pace.is_due(now) {
                readings += 1;
                pace.note(now, false);
            }
        }
        assert!((30..=70).contains(&readings), "{readings} readings in a minute");
        pace.note(started, true);
        assert!(pace.is_due(started + PAUSES.0));
    }
}
