//! All alerts that the engine watches, found by their number, by every instrument whose ticks their rules must be shown, and by the
//! levels at which a tick may set them off.
//!
//! A watch is *attended* or *quiet*. An attended one is shown every tick of its instruments: one that has not been shown a tick yet,
//! that cools down, or whose rule has no level. A quiet one is armed, was shown the last tick and was not set off by it; it is shown
//! the next tick only if its level lies between the two. With 1,000 quiet alerts on an instrument, a tick that passes none of their
//! levels looks at none of them. What a quiet watch remembers is the price that was shown last, which is kept once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::alert::{Alert, AlertId, AlertState, Memory, Observation};
use super::super::instrument::Ticker;
use super::super::moment::Moment;
use super::events::Event;
use super::kept::{Kept, Owners};
use super::levels::{Levels, Shown, Slot};
use super::watch::Watch;

/// The watches. Each is in one slot, which numbers, tickers and levels name.
#[derive(Debug, Default)]
pub(super) struct Watches {
    slots: Vec<Option<Kept>>,
    free: Vec<Slot>,
    by_number: BTreeMap<AlertId, Slot>,
    by_ticker: BTreeMap<Ticker, OfTicker>,
    owners: Owners,
    /// Tickers whose quiet watches remember another price than when [`Watches::observed`] was called last.
    moved: Vec<Ticker>,
}

/// The watches of one instrument.
#[derive(Debug, Default)]
struct OfTicker {
    /// What the last tick showed, since there is a watch.
    shown: Option<Shown>,
    attended: BTreeSet<Slot>,
    quiet: Levels,
    /// Those that expire, by when.
    expiring: BTreeMap<(Timestamp, AlertId), Slot>,
    /// Whether its ticker is among those that have moved.
    has_moved: bool,
}

impl OfTicker {
    fn is_empty(&self) -> bool {
        self.attended.is_empty() && self.quiet.is_empty() && self.expiring.is_empty()
    }

    /// Returns the price that its quiet watches remember.
    fn price(&self) -> Option<Decimal> {
        self.shown.map(|shown| shown.price)
    }

    /// Returns those that expire by now.
    fn due(&self, now: Timestamp) -> impl Iterator<Item = (AlertId, Slot)> {
        self.expiring.range(..=(now, AlertId(i64::MAX))).map(|((_, id), slot)| (*id, *slot))
    }

    /// Takes a watch out of every list.
    fn take_out(&mut self, watch: &Watch, slot: Slot, was_quiet: bool) {
        let Alert { id, expires_at, .. } = watch.alert;
        if let Some(trip) = watch.alert.rule.trip().filter(|_| was_quiet) {
            self.quiet.remove(trip, slot);
        }
        self.attended.remove(&slot);
        if let Some(end) = expires_at {
            self.expiring.remove(&(end, id));
        }
    }

    /// Puts a watch into the lists in which it belongs now, and returns whether it is quiet. `was_shown` says that the last tick was
    /// just shown to it.
    fn put_in(&mut self, watch: &Watch, slot: Slot, was_shown: bool) -> bool {
        let Alert { id, state, expires_at, .. } = watch.alert;
        if let Some(end) = expires_at.filter(|_| !matches!(state, AlertState::Triggered | AlertState::Expired)) {
            self.expiring.insert((end, id), slot);
        }
        match watch.alert.rule.trip().filter(|_| was_shown && state == AlertState::Armed) {
            Some(trip) => {
                self.quiet.insert(trip, slot);
                return true;
            }
            None if watch.alert.is_watching() => drop(self.attended.insert(slot)),
            None => {}
        }
        false
    }
}

impl Watches {
    /// Returns about how many look at the next tick of a ticker: those that are attended, and one more where there are levels.
    pub(crate) fn count(&self, ticker: &Ticker) -> usize {
        self.by_ticker.get(ticker).map_or(0, |of| of.attended.len() + usize::from(!of.quiet.is_empty()))
    }

    /// Returns an alert, with what it remembers.
    pub(crate) fn alert(&self, id: AlertId) -> Option<Alert> {
        let kept = self.kept(*self.by_number.get(&id)?)?;
        Some(kept.alert(self.shown_to(kept), &self.owners))
    }

    /// Returns all alerts with what they remember, by number.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = Alert> {
        self.by_number.keys().filter_map(|id| self.alert(*id))
    }

    /// Shows a tick to the watches that are attended, to those whose level it passes and to those that expire by now, by number.
    pub(crate) fn show(
        &mut self,
        seen: &Observation<'_>,
        now: Moment,
        observed: &mut BTreeSet<AlertId>,
        events: &mut Vec<Event>,
    ) {
        let Some(of) = self.by_ticker.get_mut(seen.ticker) else { return };
        let shown = Shown { price: seen.price, change_percent: seen.change_percent };
        let mut looking: Vec<Slot> = of.attended.iter().copied().collect();
        if let Some(before) = of.shown {
            of.quiet.passed(before, shown, &mut looking);
            if before.price != shown.price && !of.has_moved {
                of.has_moved = true;
                self.moved.push(seen.ticker.clone());
            }
        }
        let numbered = |slot: Slot| Some((self.slots[slot as usize].as_ref()?.id, slot));
        let mut chosen: Vec<(AlertId, Slot)> = looking.into_iter().filter_map(numbered).chain(of.due(now.wall)).collect();
        chosen.sort_unstable();
        chosen.dedup();
        // What they remember is the price before, which the tick replaces.
        let price_before = of.price();
        of.shown = Some(shown);
        for (id, slot) in chosen {
            let Some(kept) = self.slots[slot as usize].take() else { continue };
            let was_quiet = kept.is_quiet;
            if was_quiet && of.has_moved {
                observed.insert(id);
            }
            let mut watch = kept.into_watch(price_before, &self.owners);
            of.take_out(&watch, slot, was_quiet);
            let was_watching = watch.alert.is_watching();
            watch.show(seen, now, observed, events);
            let is_quiet = of.put_in(&watch, slot, was_watching);
            self.slots[slot as usize] = Some(Kept::of(watch, is_quiet, &mut self.owners));
        }
        if of.is_empty() {
            self.by_ticker.remove(seen.ticker);
        }
    }

    /// Lets time pass without a tick, for those that expire by now and those that are attended, by number.
    pub(crate) fn elapse(&mut self, now: Moment, events: &mut Vec<Event>) {
        let numbered = |slot: &Slot| Some((self.kept(*slot)?.id, *slot));
        let of_ticker = |of: &OfTicker| {
            let cooling = of.attended.iter().filter_map(numbered);
            cooling.chain(of.due(now.wall)).collect::<Vec<_>>()
        };
        let chosen: BTreeMap<AlertId, Slot> = self.by_ticker.values().flat_map(of_ticker).collect();
        for slot in chosen.into_values() {
            self.with_lists(slot, |watch, was_quiet| {
                watch.elapse(now, events);
                was_quiet
            });
        }
    }

    /// Returns those of some numbers that are watching and remember something, and every quiet one whose price has changed since the
    /// last call, with what they remember, by number.
    pub(crate) fn observed(&mut self, mut seen: BTreeSet<AlertId>) -> Vec<(AlertId, Memory)> {
        for ticker in std::mem::take(&mut self.moved) {
            if let Some(of) = self.by_ticker.get_mut(&ticker)
                && std::mem::take(&mut of.has_moved)
            {
                seen.extend(of.quiet.slots().filter_map(|slot| Some(self.slots[slot as usize].as_ref()?.id)));
            }
        }
        let kept = seen.iter().filter_map(|id| self.kept(*self.by_number.get(id)?));
        let remembered = kept.filter(|kept| kept.is_watching()).map(|kept| (kept.id, kept.memory(self.shown_to(kept))));
        remembered.filter(|(_, memory)| !memory.is_empty()).collect()
    }

    /// Lets the watches of a ticker begin without a price before.
    pub(crate) fn forget_prices(&mut self, ticker: &Ticker) {
        let Some(of) = self.by_ticker.get(ticker) else { return };
        let all: Vec<Slot> = of.attended.iter().copied().chain(of.quiet.slots()).collect();
        for slot in all {
            self.with_lists(slot, |watch, _| {
                watch.alert.memory.forget_prices();
                watch.is_loaded = false;
                false
            });
        }
        if let Some(of) = self.by_ticker.get_mut(ticker) {
            of.shown = None;
        }
    }

    /// Begins to keep a watch, in place of the one that its alert had.
    pub(crate) fn keep(&mut self, mut watch: Watch) {
        let id = watch.alert.id;
        self.forget(id);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot::try_from(self.slots.len() - 1).expect("memory ends before four thousand million alerts")
        });
        // A thousand alerts on one instrument share the text of its ticker.
        watch.alert.rule.share_tickers(|ticker| self.by_ticker.get_key_value(ticker).map_or(ticker, |(kept, _)| kept).clone());
        let tickers: Vec<Ticker> = watch.alert.rule.tickers().cloned().collect();
        for ticker in tickers {
            // None that begins is quiet: it has not been shown a tick.
            self.by_ticker.entry(ticker).or_default().put_in(&watch, slot, false);
        }
        self.by_number.insert(id, slot);
        self.slots[slot as usize] = Some(Kept::of(watch, false, &mut self.owners));
    }

    /// Gives up an alert's watch and returns it.
    pub(crate) fn forget(&mut self, id: AlertId) -> Option<Watch> {
        let slot = self.by_number.remove(&id)?;
        let kept = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        let was_quiet = kept.is_quiet;
        let shown = self.shown_to(&kept);
        let watch = kept.into_watch(shown, &self.owners);
        for ticker in watch.alert.rule.tickers() {
            if let Some(of) = self.by_ticker.get_mut(ticker) {
                of.take_out(&watch, slot, was_quiet);
                if of.is_empty() {
                    self.by_ticker.remove(ticker);
                }
            }
        }
        Some(watch)
    }

    fn kept(&self, slot: Slot) -> Option<&Kept> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// Returns the price that was shown last to the quiet watches of a watch's instrument.
    fn shown_to(&self, kept: &Kept) -> Option<Decimal> {
        self.by_ticker.get(kept.rule.ticker()).and_then(OfTicker::price)
    }

    /// Changes a watch outside its instrument's lists, and puts it back into those in which it belongs then. The change is told
    /// whether the watch was quiet, and returns whether it has been shown the last tick.
    fn with_lists(&mut self, slot: Slot, change: impl FnOnce(&mut Watch, bool) -> bool) {
        let Some(kept) = self.slots[slot as usize].take() else { return };
        let was_quiet = kept.is_quiet;
        let shown = self.shown_to(&kept);
        let mut watch = kept.into_watch(shown, &self.owners);
        let mut is_quiet = false;
        if let Some(of) = self.by_ticker.get_mut(watch.alert.rule.ticker()) {
            of.take_out(&watch, slot, was_quiet);
            let was_shown = change(&mut watch, was_quiet);
            is_quiet = of.put_in(&watch, slot, was_shown);
        }
        self.slots[slot as usize] = Some(Kept::of(watch, is_quiet, &mut self.owners));
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::super::super::alert::fixture::{alert, rule, second};
    use super::super::super::alert::{Condition, Repeat};
    use super::*;

    /// What happens to watches.
    #[derive(Clone, Debug)]
    enum Step {
        Tick { price: i64, change: Option<i64> },
        Second,
        Keep { id: i64, condition: Condition, level: i64, repeat: Repeat, cooldown_s: u32, expires_in: Option<i64>, paused: bool },
        Forget { id: i64 },
        ForgetPrices,
        Store,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let condition = prop::sample::select(vec![
            Condition::PriceAbove,
            Condition::PriceBelow,
            Condition::CrossesAbove,
            Condition::CrossesBelow,
            Condition::DayChangeAbovePercent,
            Condition::DayChangeBelowPercent,
        ]);
        let repeat = prop::sample::select(vec![Repeat::Once, Repeat::Every]);
        let keep = (1..20i64, condition, 1..9i64, repeat, 0..3u32, prop::option::of(0..20i64), prop::bool::weighted(0.1));
        let keep = keep.prop_map(|(id, condition, level, repeat, cooldown_s, expires_in, paused)| Step::Keep {
            id,
            condition,
            level,
            repeat,
            cooldown_s,
            expires_in,
            paused,
        });
        let step = prop_oneof![
            12 => (1..9i64, prop::option::weighted(0.8, 1..9i64)).prop_map(|(price, change)| Step::Tick { price, change }),
            4 => keep,
            2 => Just(Step::Second),
            1 => (1..20i64).prop_map(|id| Step::Forget { id }),
            1 => Just(Step::ForgetPrices),
            1 => Just(Step::Store),
        ];
        prop::collection::vec(step, 1..80)
    }

    /// Every watch looks at every tick: what the levels must agree with.
    #[derive(Default)]
    struct Oracle {
        watches: BTreeMap<AlertId, Watch>,
        observed: BTreeSet<AlertId>,
    }

    fn new_watch(step: &Step, now: Moment) -> Option<Watch> {
        let Step::Keep { id, condition, level, repeat, cooldown_s, expires_in, paused } = *step else { return None };
        let mut alert = alert(condition, repeat);
        alert.id = AlertId(id);
        alert.rule = rule(condition, &level.to_string());
        alert.cooldown_s = cooldown_s;
        alert.expires_at = expires_in.map(|seconds| now.wall + SignedDuration::from_secs(seconds));
        alert.state = if paused { AlertState::Paused } else { AlertState::Armed };
        alert.memory = Memory { last_price: (id % 3 == 0).then(|| Decimal::from(5)), left_level: false };
        Some(Watch::loaded(alert, now))
    }

    /// Alerts as they would be stored: what one that does not watch remembers counts for nothing.
    fn stored(mut alert: Alert) -> Alert {
        if !alert.is_watching() {
            alert.memory.forget_prices();
        }
        alert
    }

    proptest! {
        #[test]
        fn levels_find_exactly_what_looking_at_every_alert_finds(steps in steps()) {
            let ticker: Ticker = "A".parse().unwrap();
            let (mut watches, mut oracle, mut observed) = (Watches::default(), Oracle::default(), BTreeSet::new());
            for (at, step) in (0..).zip(&steps) {
                let now = Moment { wall: second(at), elapsed: SignedDuration::from_secs(at) };
                let (mut events, mut expected) = (Vec::new(), Vec::new());
                match step {
                    Step::Tick { price, change } => {
                        let change_percent = change.map(Decimal::from);
                        let seen = Observation { ticker: &ticker, price: (*price).into(), change_percent, time: now.wall };
                        watches.show(&seen, now, &mut observed, &mut events);
                        for watch in oracle.watches.values_mut() {
                            watch.show(&seen, now, &mut oracle.observed, &mut expected);
                        }
                    }
                    Step::Second => {
                        watches.elapse(now, &mut events);
                        oracle.watches.values_mut().for_each(|watch| watch.elapse(now, &mut expected));
                    }
                    Step::Keep { id, .. } => {
                        new_watch(step, now).into_iter().for_each(|watch| watches.keep(watch));
                        oracle.watches.extend(new_watch(step, now).map(|watch| (AlertId(*id), watch)));
                        // As the engine does with each alert that it adopts.
                        observed.insert(AlertId(*id));
                        oracle.observed.insert(AlertId(*id));
                    }
                    Step::Forget { id } => {
                        let (forgotten, known) = (watches.forget(AlertId(*id)), oracle.watches.remove(&AlertId(*id)));
                        prop_assert_eq!(forgotten.map(|watch| stored(watch.alert)), known.map(|watch| stored(watch.alert)));
                    }
                    Step::ForgetPrices => {
                        watches.forget_prices(&ticker);
                        for watch in oracle.watches.values_mut() {
                            watch.alert.memory.forget_prices();
                            watch.is_loaded = false;
                        }
                    }
                    Step::Store => {
                        let seen = std::mem::take(&mut oracle.observed).into_iter().filter_map(|id| oracle.watches.get(&id));
                        let seen = seen.filter(|watch| watch.alert.is_watching() && !watch.alert.memory.is_empty());
                        let expected: Vec<_> = seen.map(|watch| (watch.alert.id, watch.alert.memory.clone())).collect();
                        let told = watches.observed(std::mem::take(&mut observed));
                        prop_assert!(expected.iter().all(|known| told.contains(known)), "{:?} without {:?}", told, expected);
                        // A quiet one may be stored once more than is needed, with what it remembers.
                        let is_right = |(id, memory): &(AlertId, Memory)| oracle.watches[id].alert.memory == *memory;
                        prop_assert!(told.iter().all(is_right) && told.is_sorted_by_key(|(id, _)| *id), "{:?}", told);
                    }
                }
                prop_assert_eq!(events, expected, "after {:?} at {}", step, at);
                let alerts: Vec<Alert> = oracle.watches.values().map(|watch| stored(watch.alert.clone())).collect();
                prop_assert_eq!(watches.alerts().map(stored).collect::<Vec<_>>(), alerts, "after {:?} at {}", step, at);
            }
        }
    }

    #[test]
    fn alerts_on_one_instrument_share_its_ticker() {
        let mut watches = Watches::default();
        for id in 1..=2 {
            let mut alert = alert(Condition::CrossesAbove, Repeat::Once);
            alert.id = AlertId(id);
            watches.keep(Watch::loaded(alert, Moment { wall: second(0), elapsed: SignedDuration::ZERO }));
        }
        let kept: Vec<Alert> = watches.alerts().collect();
        let texts: Vec<_> =
            kept.iter().map(|alert| (alert.rule.ticker().as_str().as_ptr(), alert.owner.as_str().as_ptr())).collect();
        assert_eq!(texts[0], texts[1]);
    }

    #[test]
    fn a_tick_that_passes_no_level_looks_at_no_alert() {
        let mut watches = Watches::default();
        let ticker: Ticker = "A".parse().unwrap();
        let now = Moment { wall: second(0), elapsed: SignedDuration::ZERO };
        for id in 1..=1_000 {
            let mut alert = alert(Condition::CrossesAbove, Repeat::Once);
            (alert.id, alert.rule) = (AlertId(id), rule(Condition::CrossesAbove, &(200 + id).to_string()));
            watches.keep(Watch::loaded(alert, now));
        }
        assert_eq!(watches.count(&ticker), 1_000, "each is shown its first tick");
        let (mut observed, mut events) = (BTreeSet::new(), Vec::new());
        let mut see = |watches: &mut Watches, price: i64| {
            let seen = Observation { ticker: &ticker, price: price.into(), change_percent: None, time: second(0) };
            watches.show(&seen, now, &mut observed, &mut events);
            events.len()
        };
        assert_eq!((see(&mut watches, 100), watches.count(&ticker)), (0, 1));
        assert_eq!((see(&mut watches, 204), watches.count(&ticker)), (3, 1));
    }
}
