//! The levels of armed alerts on one instrument, sorted, so that a tick finds those that it passes and looks at no other.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Included, Unbounded};

use rust_decimal::Decimal;

use super::super::alert::{Measure, Trip};

/// What a tick showed: its price, and its change since the previous close where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) price: Decimal,
    pub(super) change_percent: Option<Decimal>,
}

/// The place of a watch in the list of all of them.
pub(super) type Slot = u32;

/// Levels of one direction, each with where the watch of the alert is whose level it is.
type Sorted = BTreeSet<(Decimal, Slot)>;

/// Sorted levels: those that a rise passes, and those that a fall passes, of prices and of day changes.
#[derive(Debug, Default)]
pub(super) struct Levels {
    price: Both,
    day_change: Both,
}

#[derive(Debug, Default)]
struct Both {
    rising: Sorted,
    falling: Sorted,
}

impl Levels {
    /// Returns whether there is no level.
    pub(super) fn is_empty(&self) -> bool {
        self.all().all(BTreeSet::is_empty)
    }

    /// Adds the level of the watch in a slot.
    pub(super) fn insert(&mut self, trip: Trip, slot: Slot) {
        self.of(trip).insert((trip.level, slot));
    }

    /// Takes the level of the watch in a slot out.
    pub(super) fn remove(&mut self, trip: Trip, slot: Slot) {
        self.of(trip).remove(&(trip.level, slot));
    }

    /// Returns the slot of every watch that has a level here.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.all().flatten().map(|(_, slot)| *slot)
    }

    /// Appends the watches whose level lies between two ticks, so that the second may set them off.
    ///
    /// A rise from 149 to 151 passes levels from 149 (which did not hold at 149) to just below 151. A day change that was unknown
    /// before passes every level that holds at the new one.
    pub(super) fn passed(&self, before: Shown, now: Shown, into: &mut Vec<Slot>) {
        self.price.passed(Some(before.price), now.price, into);
        if let Some(change) = now.change_percent {
            self.day_change.passed(before.change_percent, change, into);
        }
    }

    fn of(&mut self, trip: Trip) -> &mut Sorted {
        let both = match trip.measure {
            Measure::Price => &mut self.price,
            Measure::DayChange => &mut self.day_change,
        };
        if trip.is_upward { &mut both.rising } else { &mut both.falling }
    }

    fn all(&self) -> impl Iterator<Item = &Sorted> {
        [&self.price.rising, &self.price.falling, &self.day_change.rising, &self.day_change.falling].into_iter()
    }
}

impl Both {
    fn passed(&self, before: Option<Decimal>, now: Decimal, into: &mut Vec<Slot>) {
        const FIRST: Slot = Slot::MIN;
        const LAST: Slot = Slot::MAX;
        if before.is_none_or(|before| before < now) {
            let from = before.map_or(Unbounded, |before| Included((before, FIRST)));
            into.extend(self.rising.range((from, Excluded((now, FIRST)))).map(|(_, slot)| *slot));
        }
        if before.is_none_or(|before| before > now) {
            let until = before.map_or(Unbounded, |before| Included((before, LAST)));
            into.extend(self.falling.range((Excluded((now, LAST)), until)).map(|(_, slot)| *slot));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(price: i64, change: Option<i64>) -> Shown {
        Shown { price: price.into(), change_percent: change.map(Decimal::from) }
    }

    #[test]
    fn a_move_finds_the_levels_that_it_passes_and_no_others() {
        let mut levels = Levels::default();
        for (number, measure, is_upward, level) in [
            (1, Measure::Price, true, 150),
            (2, Measure::Price, false, 150),
            (3, Measure::Price, true, 151),
            (4, Measure::DayChange, true, 5),
            (5, Measure::DayChange, false, -5),
        ] {
            levels.insert(Trip { measure, is_upward, level: level.into() }, number);
        }
        let passed = |before, now| {
            let mut found = Vec::new();
            levels.passed(before, now, &mut found);
            found
        };
        assert_eq!(passed(shown(149, None), shown(151, None)), [1], "a level that is reached is not passed");
        assert_eq!(passed(shown(150, None), shown(152, None)), [1, 3]);
        assert!(passed(shown(150, None), shown(150, None)).is_empty());
        assert_eq!(passed(shown(150, None), shown(149, None)), [2], "a level that was reached is left");
        assert!(passed(shown(149, None), shown(140, None)).is_empty());
        assert_eq!(passed(shown(140, None), shown(140, Some(6))), [4], "a change that was unknown passes all that hold");
        assert_eq!(passed(shown(140, Some(6)), shown(140, Some(-6))), [5]);
        assert!(passed(shown(140, Some(6)), shown(140, None)).is_empty());
    }
}
