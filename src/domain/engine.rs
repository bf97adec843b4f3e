//! The one writer of live truth, as a pure step.
//!
//! It is fed ticks, alerts and the clock, and answers with events. It never waits for the store: a firing, re-arming or
//! expiry changes its own copy at once and predicts `revision + 1`, which is what the store adds for each accepted change,
//! so that one crossing cannot fire twice. A refusal comes back as [`Input::AlertReplaced`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::SignedDuration;

use super::alert::{Alert, AlertId, Memory};
use super::instrument::Ticker;
use super::moment::Moment;
use super::quote::{Freshness, Quote, Tick};

mod events;
mod kept;
mod ledger_splits;
mod levels;
mod splits;
mod succession;
mod tally;
mod watch;
mod watches;

pub use events::{EngineConfig, Event, FeedStatus, IgnoredReason, Input};
pub use ledger_splits::LedgerSplits;
use succession::{after_its_session, is_corrected, next_quote, refusal, was_split};
use tally::Tally;
use watch::{Watch, observation};
use watches::Watches;

/// How many deleted alerts are remembered, so that a late hint about one does not bring it back. A hint is late by milliseconds,
/// in which a thousand alerts are not deleted.
const DELETIONS_KEPT: usize = 1_024;

/// Quotes and alerts, and what changed since somebody last asked.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    status: FeedStatus,
    quotes: BTreeMap<Ticker, Quote>,
    splits: LedgerSplits,
    /// When each quote's last tick came, by the clock that only goes forward.
    received: BTreeMap<Ticker, SignedDuration>,
    /// How many quotes are of each freshness, so that the status needs no walk.
    tally: Tally,
    /// When each changed quote last changed, by a count of all changes.
    changed: BTreeMap<Ticker, u64>,
    changes: u64,
    watches: Watches,
    observed: BTreeSet<AlertId>,
    deleted: VecDeque<AlertId>,
}

impl Engine {
    /// Makes an engine that knows nothing yet: its status is stale.
    pub fn new(config: EngineConfig, now: Moment) -> Self {
        Self {
            config,
            status: FeedStatus { feed: Freshness::Stale, since: now.wall },
            quotes: BTreeMap::new(),
            splits: LedgerSplits::default(),
            received: BTreeMap::new(),
            tally: Tally::default(),
            changed: BTreeMap::new(),
            changes: 0,
            watches: Watches::default(),
            observed: BTreeSet::new(),
            deleted: VecDeque::new(),
        }
    }

    /// Takes one input and appends what follows from it to `events`: alerts by number, then the status.
    pub fn step(&mut self, input: Input, now: Moment, events: &mut Vec<Event>) {
        match input {
            Input::Tick(tick) => self.tick(tick, now, events),
            Input::FeedBegins(ticker) => self.begin_feed(&ticker),
            Input::Quotes(quotes) => self.restore(quotes),
            Input::Alerts(alerts) => self.load(alerts, now),
            Input::AlertChanged(alert) => self.change(alert, now, events),
            Input::AlertReplaced(alert) => self.replace(alert, now, events),
            Input::AlertDeleted(id) => self.delete(id),
            Input::Splits(splits) => self.learn_splits(splits),
            Input::Clock => self.clock(now, events),
        }
        let feed = self.tally.verdict();
        if feed != self.status.feed {
            self.status = FeedStatus { feed, since: now.wall };
            events.push(Event::StatusChanged(self.status));
        }
    }

    /// Returns the quotes that changed since the last call, each once, in ascending order of their last change.
    pub fn take_changed(&mut self) -> Vec<Quote> {
        let mut changed: Vec<(u64, Ticker)> =
            std::mem::take(&mut self.changed).into_iter().map(|(ticker, change)| (change, ticker)).collect();
        changed.sort_unstable();
        changed.iter().filter_map(|(_, ticker)| self.quotes.get(ticker).cloned()).collect()
    }

    /// Returns whether [`take_changed`](Self::take_changed) would return anything.
    pub fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Returns why a tick would change nothing, if it would not.
    pub fn refusal(&self, tick: &Tick, now: Moment) -> Option<IgnoredReason> {
        refusal(self.quotes.get(&tick.ticker), tick, now)
    }

    /// Returns the newest quote.
    pub fn quote(&self, ticker: &Ticker) -> Option<&Quote> {
        self.quotes.get(ticker)
    }

    /// Returns the newest quotes by ticker.
    pub fn quotes(&self) -> impl Iterator<Item = &Quote> {
        self.quotes.values()
    }

    /// Returns an alert as the engine knows it.
    pub fn alert(&self, id: AlertId) -> Option<Alert> {
        self.watches.alert(id)
    }

    /// Returns about how many alerts look at the next tick of a ticker, if it passes no level: what it costs.
    pub fn watching(&self, ticker: &Ticker) -> usize {
        self.watches.count(ticker)
    }

    /// Returns all alerts as the engine knows them, by number.
    pub fn alerts(&self) -> impl Iterator<Item = Alert> {
        self.watches.alerts()
    }

    /// Returns each watching alert that remembers something else than at the last call, by number; they are stored once a second.
    pub fn observed(&mut self) -> Vec<(AlertId, Memory)> {
        self.watches.observed(std::mem::take(&mut self.observed))
    }

    /// Returns how market data is doing.
    pub fn status(&self) -> FeedStatus {
        self.status
    }

    fn tick(&mut self, tick: Tick, now: Moment, events: &mut Vec<Event>) {
        let known = self.quotes.get(&tick.ticker);
        let is_replaced = known.is_some_and(|known| is_corrected(known, &tick));
        let has_jumped = self.has_jumped(known, &tick);
        let tick = self.in_units_of_now(known, tick, has_jumped);
        let quote = match next_quote(known, &tick, now, self.config) {
            Ok(quote) => self.after_splits(known, quote, has_jumped),
            Err(reason) => return events.push(Event::TickIgnored { ticker: tick.ticker, reason }),
        };
        if has_jumped || is_replaced || known.is_some_and(|known| was_split(known, &quote)) {
            self.forget_prices(&quote.ticker);
        }
        if self.watches.count(&quote.ticker) > 0 {
            self.watches.show(&observation(&quote), now, &mut self.observed, events);
        }
        set(&mut self.received, &quote.ticker, now.elapsed);
        self.put(quote);
    }

    /// Takes the quotes of the engine before. They are published again, and are stale until a tick comes; what a person entered is
    /// what it was.
    fn restore(&mut self, quotes: Vec<Quote>) {
        for quote in quotes {
            if self.quotes.get(&quote.ticker).is_none_or(|known| known.time < quote.time) {
                let freshness = if quote.source.is_entered() { Freshness::Closed } else { Freshness::Stale };
                self.put(Quote { freshness, ..quote });
            }
        }
    }

    fn begin_feed(&mut self, ticker: &Ticker) {
        let Some(before) = self.quotes.remove(ticker) else { return };
        *self.tally.of(before.freshness) -= 1;
        self.changed.remove(ticker);
        self.forget_prices(ticker);
    }

    /// Lets a ticker's alerts begin without a price before: the known one is not to be compared with the next.
    fn forget_prices(&mut self, ticker: &Ticker) {
        self.watches.forget_prices(ticker);
    }

    fn put(&mut self, quote: Quote) {
        self.mark(&quote.ticker);
        *self.tally.of(quote.freshness) += 1;
        let before = match self.quotes.get_mut(&quote.ticker) {
            Some(known) => Some(std::mem::replace(known, quote)),
            None => self.quotes.insert(quote.ticker.clone(), quote),
        };
        if let Some(before) = before {
            *self.tally.of(before.freshness) -= 1;
        }
    }

    fn mark(&mut self, ticker: &Ticker) {
        self.changes += 1;
        set(&mut self.changed, ticker, self.changes);
    }

    fn load(&mut self, alerts: Vec<Alert>, now: Moment) {
        self.watches = Watches::default();
        self.observed.clear();
        for alert in alerts {
            self.watches.keep(Watch::loaded(alert, now));
        }
    }

    fn change(&mut self, alert: Alert, now: Moment, events: &mut Vec<Event>) {
        let is_old = match self.alert(alert.id) {
            Some(known) => known.revision >= alert.revision,
            None => self.deleted.contains(&alert.id),
        };
        if !is_old {
            let known = self.watches.forget(alert.id);
            let watch = Watch::changed(alert, known.as_ref(), &self.quotes, now);
            self.adopt(watch, now, events);
        }
    }

    fn replace(&mut self, alert: Alert, now: Moment, events: &mut Vec<Event>) {
        let known = self.watches.forget(alert.id);
        let watch = Watch::replaced(alert, known.as_ref(), &self.quotes, now);
        self.adopt(watch, now, events);
    }

    /// Begins to watch. What already holds fires at once, but only against a price that is the market's now.
    fn adopt(&mut self, mut watch: Watch, now: Moment, events: &mut Vec<Event>) {
        let quotes: Vec<&Quote> = watch.alert.rule.tickers().filter_map(|ticker| self.quotes.get(ticker)).collect();
        for quote in quotes.into_iter().filter(|quote| matches!(quote.freshness, Freshness::Live | Freshness::Delayed)) {
            watch.show(&observation(quote), now, &mut self.observed, events);
        }
        self.observed.insert(watch.alert.id);
        self.watches.keep(watch);
    }

    fn delete(&mut self, id: AlertId) {
        self.watches.forget(id);
        if self.deleted.len() == DELETIONS_KEPT {
            self.deleted.pop_front();
        }
        self.deleted.push_back(id);
    }

    fn clock(&mut self, now: Moment, events: &mut Vec<Event>) {
        let limit = self.config.stale_after;
        let is_due = |quote: &Quote| {
            let is_old = |received: &SignedDuration| now.elapsed.saturating_sub(*received) > limit;
            matches!(quote.freshness, Freshness::Live | Freshness::Delayed) && self.received.get(&quote.ticker).is_none_or(is_old)
        };
        let due: Vec<Quote> = self.quotes.values().filter(|quote| is_due(quote)).cloned().collect();
        for quote in due {
            self.put(Quote { freshness: Freshness::Stale, ..quote });
        }
        let over: Vec<Quote> = self.quotes.values().filter_map(|quote| after_its_session(quote, now.wall)).collect();
        over.into_iter().for_each(|quote| self.put(quote));
        self.watches.elapse(now, events);
    }
}

/// Sets what a map has for a ticker. The key is copied only where it is new: most ticks are of a ticker that is known.
fn set<V>(map: &mut BTreeMap<Ticker, V>, ticker: &Ticker, value: V) {
    match map.get_mut(ticker) {
        Some(known) => *known = value,
        None => {
            map.insert(ticker.clone(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::alert::fixture::{alert as armed, rule, seen};
    use super::super::alert::{AlertState, Condition, Firing, Rearming, Repeat, Rule};
    use super::super::money::Currency;
    use super::super::quote::Session;
    use super::super::source::SourceName;
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    const MORNING: &str = "2026-11-02T09:00:00Z";

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        time(MORNING) + SignedDuration::from_secs(seconds)
    }

    /// Where both clocks agree.
    fn at(seconds: i64) -> Moment {
        Moment { wall: after(seconds), elapsed: SignedDuration::from_secs(seconds) }
    }

    /// Where the wall clock is `set` seconds off.
    fn off(seconds: i64, set: i64) -> Moment {
        Moment { wall: after(seconds + set), elapsed: SignedDuration::from_secs(seconds) }
    }

    fn engine() -> Engine {
        Engine::new(EngineConfig { stale_after: SignedDuration::from_secs(60) }, at(0))
    }

    fn tick(name: &str, price: i64, at: i64) -> Tick {
        Tick {
            ticker: name.parse().unwrap(),
            price: price.into(),
            bid: None,
            ask: None,
            volume: None,
            currency: None,
            previous_close: None,
            time: after(at),
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
        }
    }

    fn step(engine: &mut Engine, input: Input, seconds: i64) -> Vec<Event> {
        step_at(engine, input, at(seconds))
    }

    fn step_at(engine: &mut Engine, input: Input, now: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        engine.step(input, now, &mut events);
        events
    }

    fn see(engine: &mut Engine, price: i64, at: i64) -> Vec<Event> {
        step(engine, Input::Tick(tick("A", price, at)), at)
    }

    fn firings(events: &[Event]) -> Vec<&Firing> {
        events.iter().filter_map(|event| if let Event::Fired(firing) = event { Some(firing) } else { None }).collect()
    }

    fn alert(condition: Condition, repeat: Repeat) -> Alert {
        Alert { created_at: after(0), ..armed(condition, repeat) }
    }

    fn name(text: &str) -> Ticker {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_tick_makes_a_live_quote() {
        let mut engine = engine();
        let events = see(&mut engine, 150, 1);
        assert_eq!(events, [Event::StatusChanged(FeedStatus { feed: Freshness::Live, since: after(1) })]);
        let quote = engine.quote(&name("A")).unwrap();
        assert_eq!((quote.currency, quote.previous_close, quote.freshness), (Currency::USD, None, Freshness::Live));
        assert_eq!((quote.received_at, quote.session_start), (after(1), time("2026-11-02T00:00:00Z")));
    }

    #[test]
    fn an_older_tick_and_a_senseless_price_are_reported_and_change_nothing() {
        let mut engine = engine();
        see(&mut engine, 150, 10);
        engine.take_changed();
        let ignored = |reason| [Event::TickIgnored { ticker: name("A"), reason }];
        assert_eq!(see(&mut engine, 151, 9), ignored(IgnoredReason::Older));
        assert_eq!(see(&mut engine, 0, 11), ignored(IgnoredReason::Invalid));
        assert!(!engine.has_changed());
        assert_eq!(see(&mut engine, 151, 10), []);
        assert_eq!(engine.quote(&name("A")).unwrap().price, 151.into());
    }

    #[test]
    fn the_first_tick_of_a_later_day_rolls_the_previous_close() {
        let mut engine = engine();
        let day = 86_400;
        see(&mut engine, 150, 0);
        step(&mut engine, Input::Tick(Tick { session: Session::Closed, ..tick("A", 150, day) }), day);
        let closed = engine.quote(&name("A")).unwrap();
        assert_eq!((closed.previous_close, closed.freshness), (None, Freshness::Closed));
        see(&mut engine, 153, day + 60);
        let quote = engine.quote(&name("A")).unwrap();
        assert_eq!((quote.previous_close, quote.session_start), (Some(150.into()), time("2026-11-03T00:00:00Z")));
        see(&mut engine, 154, day + 61);
        assert_eq!(engine.quote(&name("A")).unwrap().previous_close, Some(150.into()));
    }

    #[test]
    fn the_feed_s_own_previous_close_and_currency_win_and_last() {
        let mut engine = engine();
        let told =
            Tick { previous_close: Some(140.into()), currency: Some(Currency::GBX), volume: Some(5.into()), ..tick("A", 150, 0) };
        step(&mut engine, Input::Tick(told), 0);
        see(&mut engine, 151, 1);
        let quote = engine.quote(&name("A")).unwrap();
        assert_eq!((quote.previous_close, quote.currency, quote.volume), (Some(140.into()), Currency::GBX, Some(5.into())));
        step(&mut engine, Input::Tick(Tick { previous_close: Some(0.into()), ..tick("A", 150, 2) }), 2);
        assert_eq!(engine.quote(&name("A")).unwrap().previous_close, Some(140.into()));
    }

    #[test]
    fn changed_quotes_are_taken_once_in_order_of_their_last_change() {
        let mut engine = engine();
        for (ticker, price) in [("A", 1), ("B", 2), ("C", 3), ("A", 4)] {
            step(&mut engine, Input::Tick(tick(ticker, price, 0)), 0);
        }
        let taken: Vec<_> = engine.take_changed().iter().map(|quote| (quote.ticker.to_string(), quote.price)).collect();
        assert_eq!(taken, [("B".into(), 2.into()), ("C".into(), 3.into()), ("A".into(), 4.into())]);
        assert!(!engine.has_changed() && engine.take_changed().is_empty());
    }

    #[test]
    fn silence_makes_a_quote_stale_and_a_tick_makes_it_live_again() {
        let mut engine = engine();
        see(&mut engine, 150, 0);
        engine.take_changed();
        assert_eq!(step(&mut engine, Input::Clock, 60), []);
        let stale = FeedStatus { feed: Freshness::Stale, since: after(61) };
        assert_eq!(step(&mut engine, Input::Clock, 61), [Event::StatusChanged(stale)]);
        assert_eq!(engine.take_changed()[0].freshness, Freshness::Stale);
        assert_eq!(step(&mut engine, Input::Clock, 62), []);
        assert!(!engine.has_changed());
        see(&mut engine, 150, 63);
        assert_eq!(engine.status(), FeedStatus { feed: Freshness::Live, since: after(63) });
    }

    #[test]
    fn a_closed_market_stays_closed_however_long_it_is_silent() {
        let mut engine = engine();
        step(&mut engine, Input::Tick(Tick { session: Session::Closed, ..tick("A", 150, 0) }), 0);
        assert_eq!(engine.status().feed, Freshness::Closed);
        step(&mut engine, Input::Clock, 9_999);
        assert_eq!(engine.status().feed, Freshness::Closed);
        step(&mut engine, Input::Tick(tick("B", 1, 9_999)), 9_999);
        assert_eq!(engine.status().feed, Freshness::Live);
        step(&mut engine, Input::Clock, 99_999);
        assert_eq!(engine.status().feed, Freshness::Stale);
    }

    #[test]
    fn restored_quotes_are_stale_and_published_until_a_tick_comes() {
        let mut before = engine();
        see(&mut before, 150, 0);
        let restored: Vec<Quote> = before.quotes().cloned().collect();
        let mut engine = engine();
        assert_eq!(step(&mut engine, Input::Quotes(restored.clone()), 1), []);
        assert_eq!(engine.take_changed()[0].freshness, Freshness::Stale);
        see(&mut engine, 151, 2);
        step(&mut engine, Input::Quotes(restored), 3);
        assert_eq!(engine.quote(&name("A")).unwrap().price, 151.into());
    }

    #[test]
    fn a_crossing_and_back_in_one_batch_fires_exactly_once() {
        for (condition, repeat) in [(Condition::CrossesAbove, Repeat::Once), (Condition::PriceAbove, Repeat::Every)] {
            let mut engine = engine();
            step(&mut engine, Input::Alerts(vec![alert(condition, repeat)]), 0);
            let events: Vec<Event> = [149, 151, 149].iter().flat_map(|price| see(&mut engine, *price, 1)).collect();
            let fired = firings(&events);
            assert_eq!(fired.len(), 1);
            assert_eq!((fired[0].price, fired[0].previous_price, fired[0].gap), (151.into(), Some(149.into()), false));
        }
    }

    #[test]
    fn alerts_of_one_tick_fire_in_order_of_their_numbers_and_others_see_nothing() {
        let mut engine = engine();
        let numbered = |id| Alert { id: AlertId(id), ..alert(Condition::PriceAbove, Repeat::Once) };
        let other = Alert { rule: Rule::of(Condition::PriceAbove, name("B"), 150.into()), ..numbered(2) };
        step(&mut engine, Input::Alerts(vec![numbered(3), other, numbered(1)]), 0);
        let events = see(&mut engine, 151, 1);
        assert_eq!(firings(&events).iter().map(|firing| firing.alert_id.0).collect::<Vec<_>>(), [1, 3]);
        assert!(matches!(events.last(), Some(Event::StatusChanged(_))));
        assert!(engine.alert(AlertId(2)).unwrap().memory.is_empty());
    }

    #[test]
    fn a_level_passed_while_no_engine_ran_fires_once_and_is_marked() {
        let mut engine = engine();
        let stored = Alert { memory: seen(149), ..alert(Condition::CrossesAbove, Repeat::Every) };
        step(&mut engine, Input::Alerts(vec![stored]), 0);
        let events = see(&mut engine, 152, 1);
        assert!(firings(&events)[0].gap);
        assert!(firings(&see(&mut engine, 153, 2)).is_empty());
        see(&mut engine, 149, 3);
        assert!(!firings(&see(&mut engine, 151, 4))[0].gap);
    }

    #[test]
    fn what_fired_before_the_restart_does_not_fire_again() {
        let mut engine = engine();
        let stored = Alert { state: AlertState::Triggered, memory: seen(149), ..alert(Condition::CrossesAbove, Repeat::Once) };
        step(&mut engine, Input::Alerts(vec![stored]), 0);
        assert!(firings(&see(&mut engine, 152, 1)).is_empty());
    }

    #[test]
    fn a_new_level_alert_that_already_holds_fires_at_once_if_the_quote_is_live() {
        let mut engine = engine();
        see(&mut engine, 151, 0);
        let events = step(&mut engine, Input::AlertChanged(alert(Condition::PriceAbove, Repeat::Once)), 1);
        assert_eq!(firings(&events)[0].previous_price, None);
        step(&mut engine, Input::Clock, 100);
        let second = Alert { id: AlertId(2), ..alert(Condition::PriceAbove, Repeat::Once) };
        assert!(step(&mut engine, Input::AlertChanged(second), 100).is_empty());
        assert_eq!(firings(&see(&mut engine, 151, 101)).len(), 1);
    }

    #[test]
    fn a_new_edge_alert_begins_at_the_current_price() {
        let mut engine = engine();
        see(&mut engine, 149, 0);
        let events = step(&mut engine, Input::AlertChanged(alert(Condition::CrossesAbove, Repeat::Once)), 1);
        assert!(events.is_empty());
        assert_eq!(engine.observed(), [(AlertId(1), seen(149))]);
        assert_eq!(firings(&see(&mut engine, 151, 2)).len(), 1);
    }

    #[test]
    fn an_old_revision_and_a_deleted_alert_are_ignored() {
        let mut engine = engine();
        let first = alert(Condition::PriceAbove, Repeat::Once);
        step(&mut engine, Input::AlertChanged(Alert { revision: 3, ..first.clone() }), 0);
        step(&mut engine, Input::AlertChanged(Alert { revision: 3, rule: rule(Condition::PriceAbove, "1"), ..first.clone() }), 0);
        assert_eq!(engine.alert(AlertId(1)).unwrap().rule.threshold(), 150.into());
        step(&mut engine, Input::AlertDeleted(AlertId(1)), 0);
        step(&mut engine, Input::AlertChanged(Alert { revision: 9, ..first }), 0);
        assert_eq!(engine.alerts().count(), 0);
        assert!(firings(&see(&mut engine, 151, 1)).is_empty());
    }

    #[test]
    fn an_edit_keeps_what_the_engine_observed_and_a_resumption_forgets_it() {
        let mut engine = engine();
        let first = Alert { rule: rule(Condition::CrossesAbove, "200"), ..alert(Condition::CrossesAbove, Repeat::Once) };
        step(&mut engine, Input::AlertChanged(first.clone()), 0);
        see(&mut engine, 149, 1);
        step(&mut engine, Input::AlertChanged(Alert { revision: 2, memory: seen(1), ..first.clone() }), 2);
        assert_eq!(engine.alert(AlertId(1)).unwrap().memory, seen(149));
        step(&mut engine, Input::AlertChanged(Alert { revision: 3, state: AlertState::Paused, ..first.clone() }), 3);
        see(&mut engine, 201, 4);
        let resumed = Alert { revision: 4, memory: seen(149), ..first };
        assert!(firings(&step(&mut engine, Input::AlertChanged(resumed), 5)).is_empty());
        assert!(firings(&see(&mut engine, 202, 6)).is_empty());
    }

    #[test]
    fn a_refused_firing_does_not_lose_the_crossing() {
        let mut engine = engine();
        let first = alert(Condition::CrossesAbove, Repeat::Once);
        step(&mut engine, Input::Alerts(vec![first.clone()]), 0);
        see(&mut engine, 149, 1);
        assert_eq!(firings(&see(&mut engine, 151, 2)).len(), 1);
        let edited = Alert { revision: 2, note: Some("new".into()), memory: seen(151), ..first };
        let events = step(&mut engine, Input::AlertReplaced(edited), 3);
        let fired = firings(&events);
        assert_eq!((fired.len(), fired[0].revision, fired[0].note.as_deref()), (1, 2, Some("new")));
        assert_eq!(engine.alert(AlertId(1)).unwrap().revision, 3);
    }

    fn rearmed_after(revision: i64, last_price: i64) -> Event {
        Event::Rearmed { alert_id: AlertId(1), rearming: Rearming { revision, memory: seen(last_price) } }
    }

    #[test]
    fn a_refused_rearming_is_tried_again() {
        let mut engine = engine();
        step(&mut engine, Input::Alerts(vec![alert(Condition::PriceAbove, Repeat::Every)]), 0);
        see(&mut engine, 151, 1);
        let cooling = engine.alert(AlertId(1)).unwrap().clone();
        assert!(see(&mut engine, 149, 2).contains(&rearmed_after(2, 151)));
        let edited = Alert { revision: 3, note: Some("new".into()), ..cooling };
        let events = step(&mut engine, Input::AlertReplaced(edited), 3);
        assert_eq!(events, [rearmed_after(3, 149)]);
    }

    #[test]
    fn the_clock_expires_and_rearms_without_a_tick() {
        let mut engine = engine();
        let expiring = Alert { id: AlertId(2), expires_at: Some(after(5)), ..alert(Condition::PriceBelow, Repeat::Once) };
        let cooling = Alert { cooldown_s: 10, ..alert(Condition::PriceAbove, Repeat::Every) };
        step(&mut engine, Input::Alerts(vec![expiring, cooling]), 0);
        see(&mut engine, 151, 1);
        see(&mut engine, 150, 2);
        assert_eq!(step(&mut engine, Input::Clock, 5), [Event::Expired { alert_id: AlertId(2), revision: 1 }]);
        assert_eq!(step(&mut engine, Input::Clock, 11), [rearmed_after(2, 150)]);
        assert_eq!(step(&mut engine, Input::Clock, 12), []);
    }

    #[test]
    fn observed_prices_are_told_once_and_only_of_watching_alerts() {
        let mut engine = engine();
        let watching = alert(Condition::CrossesAbove, Repeat::Every);
        let once = Alert { id: AlertId(2), ..alert(Condition::PriceAbove, Repeat::Once) };
        step(&mut engine, Input::Alerts(vec![watching, once]), 0);
        see(&mut engine, 149, 1);
        see(&mut engine, 151, 2);
        assert_eq!(engine.observed(), [(AlertId(1), seen(151))]);
        see(&mut engine, 151, 3);
        assert!(engine.observed().is_empty());
    }

    #[test]
    fn a_wall_clock_that_is_set_keeps_no_price_live_and_makes_none_stale() {
        for set in [-3_600, 3_600] {
            let mut engine = engine();
            see(&mut engine, 150, 0);
            assert_eq!(step_at(&mut engine, Input::Clock, off(60, set)), []);
            let stale = FeedStatus { feed: Freshness::Stale, since: after(61 + set) };
            assert_eq!(step_at(&mut engine, Input::Clock, off(61, set)), [Event::StatusChanged(stale)]);
        }
    }

    #[test]
    fn a_cooldown_counts_what_elapses_and_an_expiry_follows_the_wall_clock() {
        for set in [-3_600, 3_600] {
            let mut engine = engine();
            let cooling = Alert { cooldown_s: 10, ..alert(Condition::PriceAbove, Repeat::Every) };
            let expires_at = Some(after(1_800));
            let expiring = Alert { id: AlertId(2), expires_at, ..alert(Condition::PriceBelow, Repeat::Once) };
            step(&mut engine, Input::Alerts(vec![cooling, expiring]), 0);
            see(&mut engine, 151, 1);
            see(&mut engine, 150, 2);
            let expired = Event::Expired { alert_id: AlertId(2), revision: 1 };
            let first = step_at(&mut engine, Input::Clock, off(10, set));
            assert_eq!(first, if set > 0 { vec![expired] } else { vec![] });
            assert_eq!(step_at(&mut engine, Input::Clock, off(11, set)), [rearmed_after(2, 150)]);
        }
    }

    #[test]
    fn no_alert_compares_across_a_split_that_the_feed_has_read() {
        let mut engine = engine();
        step(&mut engine, Input::Alerts(vec![alert(Condition::CrossesBelow, Repeat::Once)]), 0);
        see(&mut engine, 1_000, 1);
        let split = Tick { previous_close: Some(100.into()), ..tick("A", 101, 86_400) };
        assert!(firings(&step(&mut engine, Input::Tick(split), 86_400)).is_empty());
        assert_eq!(engine.alert(AlertId(1)).unwrap().memory, seen(101));
    }

    #[test]
    fn a_cooldown_goes_on_from_its_stamp_after_a_restart() {
        let fired = Alert {
            state: AlertState::Cooling,
            memory: Memory { left_level: true, ..Memory::default() },
            cooldown_s: 10,
            triggered_at: Some(after(0)),
            ..alert(Condition::PriceAbove, Repeat::Every)
        };
        let restarted = |seconds| Moment { wall: after(seconds), elapsed: SignedDuration::from_secs(seconds - 6) };
        let mut engine = Engine::new(EngineConfig { stale_after: SignedDuration::from_secs(60) }, restarted(6));
        step_at(&mut engine, Input::Alerts(vec![fired.clone()]), restarted(6));
        assert_eq!(step_at(&mut engine, Input::Clock, restarted(9)), []);
        assert!(matches!(step_at(&mut engine, Input::Clock, restarted(10))[..], [Event::Rearmed { .. }]));
        let from_the_future = Alert { triggered_at: Some(after(9_000)), ..fired };
        step_at(&mut engine, Input::Alerts(vec![from_the_future]), restarted(20));
        assert_eq!(step_at(&mut engine, Input::Clock, restarted(29)), []);
        assert!(matches!(step_at(&mut engine, Input::Clock, restarted(30))[..], [Event::Rearmed { .. }]));
    }

    #[test]
    fn a_price_from_a_clock_that_ran_ahead_gives_way_to_the_present() {
        let month = 30 * 86_400;
        let wrong = Tick { volume: Some(7.into()), ..tick("A", 140, month) };
        let mut whole = engine();
        see(&mut whole, 130, 0);
        step_at(&mut whole, Input::Tick(wrong), off(1, month));
        let stored: Vec<Quote> = whole.quotes().cloned().collect();
        let mut restarted = engine();
        step(&mut restarted, Input::Quotes(stored), 2);
        for mut engine in [whole, restarted] {
            assert_eq!(see(&mut engine, 150, 10).iter().filter(|event| matches!(event, Event::TickIgnored { .. })).count(), 0);
            let quote = engine.quote(&name("A")).unwrap();
            assert_eq!((quote.price, quote.time, quote.received_at), (150.into(), after(10), after(10)));
            assert_eq!((quote.session_start, quote.volume), (time("2026-11-02T00:00:00Z"), None));
            assert_eq!(quote.previous_close, None, "what closed before is not known");
            assert_eq!(see(&mut engine, 151, 9), [Event::TickIgnored { ticker: name("A"), reason: IgnoredReason::Older }]);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_within_the_day_keeps_the_day() {
        let mut engine = engine();
        step(&mut engine, Input::Tick(Tick { previous_close: Some(100.into()), ..tick("A", 150, 7_200) }), 7_200);
        let events = step_at(&mut engine, Input::Tick(tick("A", 151, 3_600)), off(7_201, -3_601));
        assert_eq!(events, []);
        let quote = engine.quote(&name("A")).unwrap();
        assert_eq!((quote.price, quote.previous_close), (151.into(), Some(100.into())));
    }

    #[test]
    fn a_replay_of_times_to_come_keeps_their_order() {
        let mut engine = engine();
        let late = |seconds: i64| tick("A", 150, 86_400 + seconds);
        step(&mut engine, Input::Tick(late(10)), 0);
        let ignored = [Event::TickIgnored { ticker: name("A"), reason: IgnoredReason::Older }];
        assert_eq!(step(&mut engine, Input::Tick(late(9)), 1), ignored);
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        prop::sample::select(vec![
            Condition::PriceAbove,
            Condition::PriceBelow,
            Condition::CrossesAbove,
            Condition::CrossesBelow,
            Condition::DayChangeAbovePercent,
            Condition::DayChangeBelowPercent,
        ])
    }

    /// Feeds prices, one a second, and returns the seconds of the firings.
    fn run(engine: &mut Engine, prices: &[(i64, i64)]) -> Vec<i64> {
        let mut seconds = Vec::new();
        for (at, price) in prices {
            let priced = Tick { previous_close: Some(100.into()), ..tick("A", *price, *at) };
            let events = step(engine, Input::Tick(priced), *at);
            seconds.extend(firings(&events).iter().map(|_| *at));
        }
        seconds
    }

    proptest! {
        #[test]
        fn a_restart_in_between_fires_the_same_set(
            condition in any_condition(),
            is_every in any::<bool>(),
            cooldown_s in 0u32..4,
            prices in prop::collection::vec(147i64..154, 1..50),
            cut in 0usize..50,
        ) {
            let repeat = if is_every { Repeat::Every } else { Repeat::Once };
            let threshold = if condition.is_day_change() { "50" } else { "150" };
            let first = Alert { cooldown_s, rule: rule(condition, threshold), ..alert(condition, repeat) };
            let prices: Vec<(i64, i64)> = (0..).zip(prices).collect();
            let (early, late) = prices.split_at(cut.min(prices.len()));

            let mut whole = engine();
            step(&mut whole, Input::Alerts(vec![first.clone()]), 0);
            let expected = run(&mut whole, &prices);

            let mut before = engine();
            step(&mut before, Input::Alerts(vec![first]), 0);
            let mut seconds = run(&mut before, early);
            let mut next = engine();
            let restarted = early.last().map_or(0, |(at, _)| *at);
            step(&mut next, Input::Quotes(before.quotes().cloned().collect()), restarted);
            step(&mut next, Input::Alerts(before.alerts().collect()), restarted);
            seconds.extend(run(&mut next, late));
            prop_assert_eq!(seconds, expected);
        }
    }
}
