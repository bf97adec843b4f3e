//! All alerts that the engine watches, found by their number, by every instrument whose ticks their rules must be shown, and by the
//! levels at which a tick may set them off.
//!
//! A watch is *attended* or *quiet*. An attended one is shown every tick of its instruments: one that has not been shown a tick yet,
//! that cools down, or whose rule has no level. A quiet one is armed, was shown the last tick and was not set off by it; it is shown
//! the next tick only if its level lies between the two. With 1,000 quiet alerts on an instrument, a tick that passes none of their
//! levels looks at none of them. What a quiet watch remembers is the price that was shown last, which is kept once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::alert::{Alert, AlertId, AlertState, Memory, Observation};
use super::super::instrument::Ticker;
use super::super::moment::Moment;
use super::events::Event;
use super::levels::{Levels, Shown};
use super::watch::Watch;

/// An index into the list of watches.
type Slot = usize;

/// The watches. Each is in one slot, which numbers, tickers and levels name.
#[derive(Debug, Default)]
pub(super) struct Watches {
    slots: Vec<Option<Watch>>,
    free: Vec<Slot>,
    by_number: BTreeMap<AlertId, Slot>,
    by_ticker: BTreeMap<Ticker, OfTicker>,
}

/// The watches of one instrument.
#[derive(Debug, Default)]
struct OfTicker {
    /// What the last tick showed, since there is a watch.
    shown: Option<Shown>,
    attended: BTreeMap<AlertId, Slot>,
    quiet: Levels,
    /// Those that expire, by when.
    expiring: BTreeMap<(Timestamp, AlertId), Slot>,
    /// Whether the price that quiet watches remember has changed since [`Watches::observed`] was called.
    has_moved: bool,
}

impl OfTicker {
    fn is_empty(&self) -> bool {
        self.attended.is_empty() && self.quiet.is_empty() && self.expiring.is_empty()
    }

    /// Returns those that expire by now.
    fn due(&self, now: Timestamp) -> impl Iterator<Item = (AlertId, Slot)> {
        self.expiring.range(..=(now, AlertId(i64::MAX))).map(|((_, id), slot)| (*id, *slot))
    }

    /// Takes a watch out of every list, with what it remembers.
    fn take_out(&mut self, watch: &mut Watch) {
        let id = watch.alert.id;
        if let Some(trip) = watch.alert.rule.trip().filter(|_| watch.is_quiet) {
            self.quiet.remove(trip, id);
            watch.alert.memory = memory(watch, self.shown);
            watch.is_quiet = false;
        }
        self.attended.remove(&id);
        if let Some(end) = watch.alert.expires_at {
            self.expiring.remove(&(end, id));
        }
    }

    /// Puts a watch into the lists in which it belongs now. `was_shown` says that the last tick was just shown to it.
    fn put_in(&mut self, watch: &mut Watch, slot: Slot, was_shown: bool) {
        let Alert { id, state, expires_at, .. } = watch.alert;
        if let Some(end) = expires_at.filter(|_| !matches!(state, AlertState::Triggered | AlertState::Expired)) {
            self.expiring.insert((end, id), slot);
        }
        match watch.alert.rule.trip().filter(|_| was_shown && state == AlertState::Armed) {
            Some(trip) => {
                watch.is_quiet = true;
                self.quiet.insert(trip, id, slot);
            }
            None if watch.alert.is_watching() => drop(self.attended.insert(id, slot)),
            None => {}
        }
    }
}

impl Watches {
    /// Returns about how many look at the next tick of a ticker: those that are attended, and one more where there are levels.
    pub(crate) fn count(&self, ticker: &Ticker) -> usize {
        self.by_ticker.get(ticker).map_or(0, |of| of.attended.len() + usize::from(!of.quiet.is_empty()))
    }

    /// Returns an alert, with what it remembers.
    pub(crate) fn alert(&self, id: AlertId) -> Option<Alert> {
        self.slots.get(*self.by_number.get(&id)?)?.as_ref().map(|watch| self.with_memory(watch))
    }

    /// Returns all alerts with what they remember, by number.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = Alert> {
        self.by_number.values().filter_map(|slot| Some(self.with_memory(self.slots.get(*slot)?.as_ref()?)))
    }

    fn with_memory(&self, watch: &Watch) -> Alert {
        let shown = self.by_ticker.get(watch.alert.rule.ticker()).and_then(|of| of.shown);
        Alert { memory: memory(watch, shown), ..watch.alert.clone() }
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
        let mut chosen: Vec<(AlertId, Slot)> = of.attended.iter().map(|(id, slot)| (*id, *slot)).collect();
        if let Some(before) = of.shown {
            of.quiet.passed(before, shown, &mut chosen);
            of.has_moved |= before.price != shown.price;
        }
        chosen.extend(of.due(now.wall));
        chosen.sort_unstable();
        chosen.dedup();
        // What they remember is the price before: it is read before the new one replaces it.
        for (id, slot) in &chosen {
            let Some(watch) = self.slots[*slot].as_mut() else { continue };
            if watch.is_quiet && of.has_moved {
                observed.insert(*id);
            }
            of.take_out(watch);
        }
        of.shown = Some(shown);
        for (_, slot) in chosen {
            let Some(watch) = self.slots[slot].as_mut() else { continue };
            let was_watching = watch.alert.is_watching();
            watch.show(seen, now, observed, events);
            of.put_in(watch, slot, was_watching);
        }
        if of.is_empty() {
            self.by_ticker.remove(seen.ticker);
        }
    }

    /// Lets time pass without a tick, for those that expire by now and those that are attended, by number.
    pub(crate) fn elapse(&mut self, now: Moment, events: &mut Vec<Event>) {
        let of_ticker = |of: &OfTicker| {
            let cooling = of.attended.iter().map(|(id, slot)| (*id, *slot));
            cooling.chain(of.due(now.wall)).collect::<Vec<_>>()
        };
        let chosen: BTreeMap<AlertId, Slot> = self.by_ticker.values().flat_map(of_ticker).collect();
        for slot in chosen.into_values() {
            let Some(watch) = self.slots[slot].as_mut() else { continue };
            let Some(of) = self.by_ticker.get_mut(watch.alert.rule.ticker()) else { continue };
            let was_quiet = watch.is_quiet;
            of.take_out(watch);
            watch.elapse(now, events);
            of.put_in(watch, slot, was_quiet);
        }
    }

    /// Returns those of some numbers that are watching and remember something, and every quiet one whose price has changed since the
    /// last call, with what they remember, by number.
    pub(crate) fn observed(&mut self, mut seen: BTreeSet<AlertId>) -> Vec<(AlertId, Memory)> {
        for of in self.by_ticker.values_mut() {
            if std::mem::take(&mut of.has_moved) {
                seen.extend(of.quiet.alerts().map(|(id, _)| id));
            }
        }
        let watch_of = |id: &AlertId| self.slots.get(*self.by_number.get(id)?)?.as_ref();
        let watching = seen.iter().filter_map(watch_of).filter(|watch| watch.alert.is_watching());
        let remembered = watching.map(|watch| {
            let shown = self.by_ticker.get(watch.alert.rule.ticker()).and_then(|of| of.shown);
            (watch.alert.id, memory(watch, shown))
        });
        remembered.filter(|(_, memory)| !memory.is_empty()).collect()
    }

    /// Lets the watches of a ticker begin without a price before.
    pub(crate) fn forget_prices(&mut self, ticker: &Ticker) {
        let Some(of) = self.by_ticker.get_mut(ticker) else { return };
        let all: Vec<(AlertId, Slot)> = of.attended.iter().map(|(id, slot)| (*id, *slot)).chain(of.quiet.alerts()).collect();
        for (_, slot) in all {
            let Some(watch) = self.slots[slot].as_mut() else { continue };
            of.take_out(watch);
            watch.alert.memory.forget_prices();
            watch.is_loaded = false;
            of.put_in(watch, slot, false);
        }
        of.shown = None;
    }

    /// Begins to keep a watch, in the slot of the one that its alert had.
    pub(crate) fn keep(&mut self, mut watch: Watch) {
        let id = watch.alert.id;
        self.forget(id);
        let slot = self.free.pop().unwrap_or(self.slots.len());
        let tickers: Vec<Ticker> = watch.alert.rule.tickers().cloned().collect();
        for ticker in tickers {
            self.by_ticker.entry(ticker).or_default().put_in(&mut watch, slot, false);
        }
        self.by_number.insert(id, slot);
        match self.slots.get_mut(slot) {
            Some(free) => *free = Some(watch),
            None => self.slots.push(Some(watch)),
        }
    }

    /// Gives up an alert's watch and returns it.
    pub(crate) fn forget(&mut self, id: AlertId) -> Option<Watch> {
        let slot = self.by_number.remove(&id)?;
        let mut watch = self.slots.get_mut(slot)?.take()?;
        self.free.push(slot);
        let tickers: Vec<Ticker> = watch.alert.rule.tickers().cloned().collect();
        for ticker in tickers {
            if let Some(of) = self.by_ticker.get_mut(&ticker) {
                of.take_out(&mut watch);
                if of.is_empty() {
                    self.by_ticker.remove(&ticker);
                }
            }
        }
        Some(watch)
    }
}

/// Returns what a watch remembers: of a quiet one, the price that was shown last to all of its instrument.
fn memory(watch: &Watch, shown: Option<Shown>) -> Memory {
    match shown.filter(|_| watch.is_quiet) {
        Some(shown) => watch.alert.memory.with_price(shown.price),
        None => watch.alert.memory.clone(),
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
