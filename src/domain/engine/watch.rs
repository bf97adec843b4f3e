//! An alert under the engine's eyes: what it observed, and how a change or a refusal goes on from there.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::super::alert::{Alert, AlertId, AlertState, Firing, Look, Observation, Outcome};
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
    /// Whether its last price was observed by an engine before this one.
    pub is_loaded: bool,
    /// The last price before the last firing: where to begin again should the store refuse it.
    pub before_firing: Option<Decimal>,
    /// When it fired last, by the clock that only goes forward.
    pub fired: Option<SignedDuration>,
}

impl Watch {
    /// Takes an alert from the store, as the engine before left it.
    pub fn loaded(alert: Alert, now: Moment) -> Self {
        let (is_loaded, fired) = (alert.last_price.is_some(), fired(&alert, None, now));
        Self { alert, is_loaded, before_firing: None, fired }
    }

    /// Takes an alert that a person made or changed.
    ///
    /// While it goes on watching the same instrument, what this engine observed is newer than what is stored. Otherwise it
    /// begins at the current price: what happened while it did not watch does not count.
    ///
    /// A level needs no price before: one that already holds fires at the first observation, which has none before it.
    pub fn changed(mut alert: Alert, known: Option<&Self>, quote: Option<&Quote>, now: Moment) -> Self {
        let fired = fired(&alert, known, now);
        let quote = if alert.condition.is_edge() { quote } else { None };
        let current = quote.map(|quote| quote.price);
        let Some(known) = known else {
            // A price that came after the alert was made may be the crossing it waits for.
            let is_later = quote.is_some_and(|quote| quote.received_at > alert.created_at && !now.is_behind(quote.received_at));
            alert.last_price = if is_later { alert.last_price.or(current) } else { current.or(alert.last_price) };
            return Self { alert, is_loaded: false, before_firing: None, fired };
        };
        let before = &known.alert;
        if !(before.is_watching() && alert.is_watching() && before.ticker == alert.ticker) {
            alert.last_price = current;
            return Self { alert, is_loaded: false, before_firing: None, fired };
        }
        alert.last_price = before.last_price.or(alert.last_price).or(current);
        let is_same_rule = (before.condition, before.threshold) == (alert.condition, alert.threshold);
        let had_left = before.left_level || before.state == AlertState::Armed;
        alert.left_level |= alert.state == AlertState::Cooling && is_same_rule && had_left;
        Self { alert, is_loaded: known.is_loaded, before_firing: known.before_firing, fired }
    }

    /// Takes what the store holds after it refused a change.
    ///
    /// Had the engine fired on its own copy, the crossing must not be lost with the refusal: the alert goes back to the
    /// price before it and compares that with the current one.
    pub fn replaced(alert: Alert, known: Option<&Self>, quote: Option<&Quote>, now: Moment) -> Self {
        let refused = known.filter(|known| {
            let before = &known.alert;
            alert.is_watching() && before.ticker == alert.ticker && before.triggered_at != alert.triggered_at
        });
        let Some(known) = refused else { return Self::changed(alert, known, quote, now) };
        let fired = fired(&alert, None, now);
        let left_level = alert.left_level || alert.state == AlertState::Cooling;
        let last_price = known.before_firing.or(alert.last_price);
        let alert = Alert { last_price, left_level, ..alert };
        Self { alert, is_loaded: known.is_loaded, before_firing: None, fired }
    }

    /// Shows an observation to the alert, if it watches, and appends what follows.
    pub fn show(&mut self, seen: &Observation<'_>, now: Moment, observed: &mut BTreeSet<AlertId>, events: &mut Vec<Event>) {
        if !self.alert.is_watching() {
            return;
        }
        let before = (self.alert.last_price, self.alert.left_level);
        let outcome = self.alert.observe(seen, self.look(now));
        if before != (self.alert.last_price, self.alert.left_level) {
            observed.insert(self.alert.id);
        }
        if outcome.firing.is_some() {
            self.before_firing = before.0;
            self.fired = Some(now.elapsed);
        }
        let gap = std::mem::take(&mut self.is_loaded);
        self.report(outcome, gap, events);
    }

    /// Lets time pass without a tick.
    pub fn elapse(&mut self, now: Moment, events: &mut Vec<Event>) {
        let outcome = self.alert.elapse(self.look(now));
        self.report(outcome, false, events);
    }

    fn look(&self, now: Moment) -> Look {
        Look { now: now.wall, since_firing: self.fired.map(|fired| now.elapsed.saturating_sub(fired)) }
    }

    /// Appends what an observation or time did; a firing with `gap` was passed before this engine ran.
    fn report(&self, outcome: Outcome, gap: bool, events: &mut Vec<Event>) {
        let alert_id = self.alert.id;
        events.extend(outcome.expired.map(|revision| Event::Expired { alert_id, revision }));
        events.extend(outcome.rearmed.map(|rearming| Event::Rearmed { alert_id, rearming }));
        events.extend(outcome.firing.map(|firing| Event::Fired(Firing { gap, ..firing })));
    }
}

/// Returns when an alert fired last, by the clock that only goes forward. Of a firing that another engine decided only the
/// stamp is known; one from the future counts as now.
fn fired(alert: &Alert, known: Option<&Watch>, now: Moment) -> Option<SignedDuration> {
    let fired_at = alert.triggered_at?;
    if let Some(known) = known.filter(|known| known.alert.triggered_at == Some(fired_at)) {
        return known.fired;
    }
    let passed = now.wall.duration_since(fired_at).max(SignedDuration::ZERO);
    Some(now.elapsed.saturating_sub(passed))
}
