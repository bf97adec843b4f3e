//! An alert under the engine's eyes: what it observed, and how a change or a refusal goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::super::alert::{Alert, AlertId, AlertState, Firing, Look, Memory, Observation, Outcome};
use super::super::instrument::Ticker;
use super::super::moment::Moment;
use super::super::quote::Quote;
use super::events::Event;

/// Returns what every alert of a quote's instrument is shown: made once for all of them, for it takes a division.
pub(super) fn observation(quote: &Quote) -> Observation<'_> {
    Observation { ticker: &quote.ticker, price: quote.price, change_percent: quote.change_percent(), time: quote.time }
}

/// An alert, and what this engine alone knows of it.
#[derive(Debug)]
pub(super) struct Watch {
    pub alert: Alert,
    /// Whether what it remembers was observed by an engine before this one.
    pub is_loaded: bool,
    /// Its last firing, where it has fired.
    pub fired: Option<Box<LastFiring>>,
}

/// What is kept of an alert's last firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LastFiring {
    /// When it was, by the clock that only goes forward.
    pub at: SignedDuration,
    /// What the alert remembered before it: where to begin again should the store refuse it. Of a firing that another engine decided,
    /// nothing.
    pub memory_before: Memory,
}

impl LastFiring {
    fn new(at: SignedDuration, memory_before: Memory) -> Option<Box<Self>> {
        Some(Box::new(Self { at, memory_before }))
    }
}

impl Watch {
    /// Takes an alert from the store, as the engine before left it.
    pub(crate) fn loaded(alert: Alert, now: Moment) -> Self {
        let (is_loaded, fired) = (alert.memory.has_prices(), fired(&alert, None, now));
        Self { alert, is_loaded, fired }
    }

    /// Takes an alert that a person made or changed.
    ///
    /// While it goes on watching the same instrument, what this engine observed is newer than what is stored. Otherwise it
    /// begins at the current price: what happened while it did not watch does not count.
    ///
    /// A level needs no price before: one that already holds fires at the first observation, which has none before it.
    pub(crate) fn changed(mut alert: Alert, known: Option<&Self>, quotes: &BTreeMap<Ticker, Quote>, now: Moment) -> Self {
        let fired = fired(&alert, known, now);
        let current = alert.rule.begin(|ticker| quotes.get(ticker).map(|quote| quote.price));
        let Some(known) = known else {
            // A price that came after the alert was made may be the crossing it waits for.
            let is_later = |quote: &Quote| quote.received_at > alert.created_at && !now.is_behind(quote.received_at);
            let is_later = alert.rule.tickers().filter_map(|ticker| quotes.get(ticker)).any(is_later);
            alert.memory = if is_later { alert.memory.or(&current) } else { alert.memory.with_prices_of(&current) };
            return Self { alert, is_loaded: false, fired };
        };
        let before = &known.alert;
        if !(before.is_watching() && alert.is_watching() && alert.rule.goes_on_from(&before.rule)) {
            alert.memory.forget_prices();
            alert.memory = alert.memory.or(&current);
            return Self { alert, is_loaded: false, fired };
        }
        alert.memory = alert.memory.with_prices_of(&before.memory).or(&current);
        let had_left = before.memory.left_level || before.state == AlertState::Armed;
        alert.memory.left_level |= alert.state == AlertState::Cooling && before.rule == alert.rule && had_left;
        Self { alert, is_loaded: known.is_loaded, fired }
    }

    /// Takes what the store holds after it refused a change.
    ///
    /// Had the engine fired on its own copy, the crossing must not be lost with the refusal: the alert goes back to what it
    /// remembered before it and compares that with the current price.
    pub(crate) fn replaced(mut alert: Alert, known: Option<&Self>, quotes: &BTreeMap<Ticker, Quote>, now: Moment) -> Self {
        let refused = known.filter(|known| {
            let before = &known.alert;
            let has_fired = before.triggered_at != alert.triggered_at;
            alert.is_watching() && alert.rule.goes_on_from(&before.rule) && has_fired
        });
        let Some(known) = refused else { return Self::changed(alert, known, quotes, now) };
        let fired = fired(&alert, None, now);
        if let Some(refused) = &known.fired {
            alert.memory = alert.memory.with_prices_of(&refused.memory_before);
        }
        alert.memory.left_level |= alert.state == AlertState::Cooling;
        Self { alert, is_loaded: known.is_loaded, fired }
    }

    /// Shows an observation to the alert, if it watches, and appends what follows.
    pub(crate) fn show(
        &mut self,
        seen: &Observation<'_>,
        now: Moment,
        observed: &mut BTreeSet<AlertId>,
        events: &mut Vec<Event>,
    ) {
        if !self.alert.is_watching() {
            return;
        }
        let before = self.alert.memory.clone();
        let outcome = self.alert.observe(seen, self.look(now));
        if before != self.alert.memory {
            observed.insert(self.alert.id);
        }
        if outcome.firing.is_some() {
            self.fired = LastFiring::new(now.elapsed, before);
        }
        let gap = std::mem::take(&mut self.is_loaded);
        self.report(outcome, gap, events);
    }

    /// Lets time pass without a tick.
    pub(crate) fn elapse(&mut self, now: Moment, events: &mut Vec<Event>) {
        let outcome = self.alert.elapse(self.look(now));
        self.report(outcome, false, events);
    }

    fn look(&self, now: Moment) -> Look {
        Look { now: now.wall, since_firing: self.fired.as_ref().map(|fired| now.elapsed.saturating_sub(fired.at)) }
    }

    /// Appends what an observation or time did; a firing with `gap` was passed before this engine ran.
    fn report(&self, outcome: Outcome, gap: bool, events: &mut Vec<Event>) {
        let alert_id = self.alert.id;
        events.extend(outcome.expired.map(|revision| Event::Expired { alert_id, revision }));
        events.extend(outcome.rearmed.map(|rearming| Event::Rearmed { alert_id, rearming }));
        events.extend(outcome.firing.map(|firing| Event::Fired(Firing { gap, ..firing })));
    }
}

/// Returns what is known of an alert's last firing. Of one that another engine decided only the stamp is known; one from the future
/// counts as now.
fn fired(alert: &Alert, known: Option<&Watch>, now: Moment) -> Option<Box<LastFiring>> {
    let fired_at = alert.triggered_at?;
    if let Some(known) = known.filter(|known| known.alert.triggered_at == Some(fired_at)) {
        return known.fired.clone();
    }
    let passed = now.wall.duration_since(fired_at).max(SignedDuration::ZERO);
    LastFiring::new(now.elapsed.saturating_sub(passed), Memory::default())
}
