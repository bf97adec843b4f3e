//! Price alerts: a rule is shown every tick of its instruments and fires at most once per crossing.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::instrument::Ticker;
use super::user::UserId;

mod past;
mod rule;

pub use past::{PastFiring, past_firings};
pub use rule::{Condition, Measure, Memory, Observation, Rule, RuleError, Trip, distance_percent};

/// The store's number of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

/// Whether an alert fires once or again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once; then it is `triggered` until somebody re-arms it.
    #[default]
    Once,
    /// At every crossing: it re-arms after the price has left the level and the cooldown has passed.
    Every,
}

/// The state of an alert, which decides what a tick does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It watches: the next tick that meets the rule fires it.
    Armed,
    /// It has fired, and was to fire once.
    Triggered,
    /// Fired, and waiting to re-arm.
    Cooling,
    /// A person paused it; ticks do not reach it.
    Paused,
    /// Its expiry has passed, and it watches no more.
    Expired,
}

impl AlertState {
    /// Returns whether ticks matter to an alert in this state.
    pub(in crate::domain) fn is_watching(self) -> bool {
        matches!(self, Self::Armed | Self::Cooling)
    }
}

/// An alert with everything the engine needs to watch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The number that the store gave it.
    pub id: AlertId,
    /// The user who made it, and whom it notifies.
    pub owner: UserId,
    /// Counts every change; a firing and an edit compare it before they write.
    pub revision: i64,
    /// The rule whose ticks set it off.
    pub rule: Rule,
    /// Whether it fires once, or again after its cooldown.
    pub repeat: Repeat,
    /// Seconds after a firing before it may re-arm.
    pub cooldown_s: u32,
    /// When it stops watching; `None` if never.
    pub expires_at: Option<Timestamp>,
    /// The person's own note, which the notification repeats.
    pub note: Option<String>,
    /// The state it is in now.
    pub state: AlertState,
    /// Whether a person has seen the last firing.
    pub acknowledged: bool,
    /// What its rule keeps between two ticks, while armed or cooling; stored at most a second late.
    pub memory: Memory,
    /// When the alert was made.
    pub created_at: Timestamp,
    /// When it fired last; `None` before the first time.
    pub triggered_at: Option<Timestamp>,
}

/// An alert went off: what is stored, then announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// The number of the alert that fired.
    pub alert_id: AlertId,
    /// The user who made the alert.
    pub owner: UserId,
    /// The revision it had when it fired: the store refuses the firing if the alert has changed since.
    pub revision: i64,
    /// The instrument whose tick set it off.
    pub ticker: Ticker,
    /// The condition of the rule when it fired.
    pub condition: Condition,
    /// The level of the rule when it fired: a price, or percent of day change.
    pub threshold: Decimal,
    /// The price of the tick that set it off.
    pub price: Decimal,
    /// The price observed before it, where there was one.
    pub previous_price: Option<Decimal>,
    /// The change since the previous close in percent at the tick, where it is known.
    pub change_percent: Option<Decimal>,
    /// The tick's own time.
    pub time: Timestamp,
    /// The engine's clock at the firing: cooldown counts from this.
    pub fired_at: Timestamp,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// The state after the firing: `Triggered`, or `Cooling` for one that repeats.
    pub state_after: AlertState,
    /// The memory of the rule after the tick.
    pub memory_after: Memory,
    /// The note of the alert when it fired.
    pub note: Option<String>,
}

/// The moment at which an alert is looked at, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// By the wall clock, which an expiry names and a firing is stamped with.
    pub now: Timestamp,
    /// What has passed since the alert fired last, by the clock that only goes forward; nothing where it has not fired.
    pub since_firing: Option<SignedDuration>,
}

/// What one observation did to an alert, in this order; each step counts the alert's revision up by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The alert expired at this tick; the revision it had before.
    pub expired: Option<i64>,
    /// The alert is armed again, as the cooldown is over and the level was left.
    pub rearmed: Option<Rearming>,
    /// The alert has fired at this tick.
    pub firing: Option<Firing>,
}

/// An alert watches again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rearming {
    /// The revision it had before.
    pub revision: i64,
    /// What was remembered before the tick that re-armed it: what begins again from here must see that tick as new.
    pub memory: Memory,
}

impl Alert {
    /// Shows the alert one tick; its state, memory and revision follow at once.
    ///
    /// A cooling alert re-arms at the tick that finds both that the price has left the level and that the cooldown has
    /// passed, and the same tick may fire it again: re-arming never eats a crossing. `gap` in a firing is left false, for
    /// an alert cannot know who observed its last price.
    pub fn observe(&mut self, observation: &Observation<'_>, look: Look) -> Outcome {
        if self.state == AlertState::Cooling {
            self.memory.left_level |= self.rule.is_left_by(observation);
        }
        let mut outcome = self.elapse(look);
        if !self.is_watching() {
            return outcome;
        }
        if self.state == AlertState::Armed && self.rule.is_met_by(observation, &self.memory) {
            outcome.firing = Some(self.fire(observation, look.now));
        } else {
            self.rule.remember(observation, &mut self.memory);
        }
        outcome
    }

    /// Lets time pass without a tick: the alert may expire or re-arm, never fire.
    pub fn elapse(&mut self, look: Look) -> Outcome {
        let mut outcome = Outcome::default();
        let is_past = self.expires_at.is_some_and(|end| end <= look.now);
        if is_past && !matches!(self.state, AlertState::Triggered | AlertState::Expired) {
            outcome.expired = Some(self.enter(AlertState::Expired));
        } else if self.state == AlertState::Cooling && self.memory.left_level && self.has_cooled(look) {
            outcome.rearmed = Some(Rearming { revision: self.enter(AlertState::Armed), memory: self.memory.clone() });
        }
        outcome
    }

    /// Returns whether ticks matter to it: armed or cooling.
    pub fn is_watching(&self) -> bool {
        self.state.is_watching()
    }

    /// Changes the state and returns the revision before, to which the store's refusal compares.
    fn enter(&mut self, state: AlertState) -> i64 {
        let before = self.revision;
        (self.state, self.memory.left_level, self.revision) = (state, false, before + 1);
        before
    }

    fn fire(&mut self, observation: &Observation<'_>, now: Timestamp) -> Firing {
        let state_after = match self.repeat {
            Repeat::Once => AlertState::Triggered,
            Repeat::Every => AlertState::Cooling,
        };
        let revision = self.enter(state_after);
        (self.triggered_at, self.acknowledged) = (Some(now), false);
        let previous_price = self.memory.last_price;
        self.rule.remember(observation, &mut self.memory);
        Firing {
            alert_id: self.id,
            owner: self.owner.clone(),
            revision,
            ticker: self.rule.ticker().clone(),
            condition: self.rule.kind(),
            threshold: self.rule.threshold(),
            price: observation.price,
            previous_price,
            change_percent: observation.change_percent,
            time: observation.time,
            fired_at: now,
            gap: false,
            state_after,
            memory_after: self.memory.clone(),
            note: self.note.clone(),
        }
    }

    fn has_cooled(&self, look: Look) -> bool {
        let cooldown = SignedDuration::from_secs(i64::from(self.cooldown_s));
        self.cooldown_s == 0 || look.since_firing.is_none_or(|passed| passed >= cooldown)
    }
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;

    /// An armed alert on A at 150, once, without a previous price.
    pub(crate) fn alert(condition: Condition, repeat: Repeat) -> Alert {
        Alert {
            id: AlertId(1),
            owner: UserId::local(),
            revision: 1,
            rule: rule(condition, "150"),
            repeat,
            cooldown_s: 0,
            expires_at: None,
            note: None,
            state: AlertState::Armed,
            acknowledged: true,
            memory: Memory::default(),
            created_at: Timestamp::UNIX_EPOCH,
            triggered_at: None,
        }
    }

    /// A rule about A.
    pub(crate) fn rule(condition: Condition, threshold: &str) -> Rule {
        Rule::of(condition, "A".parse().unwrap(), threshold.parse().unwrap())
    }

    /// What a rule remembers that was shown this price last.
    pub(crate) fn seen(last_price: impl Into<Decimal>) -> Memory {
        Memory { last_price: Some(last_price.into()), left_level: false }
    }

    pub(crate) fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::Condition::*;
    use super::fixture::*;
    use super::*;
    use proptest::prelude::*;

    /// Shows one price a second (for day changes also as the change) and returns the seconds at which it fired.
    fn fired(alert: &mut Alert, prices: &[i64]) -> Vec<i64> {
        let mut seconds = Vec::new();
        for (at, price) in (0..).zip(prices) {
            if see(alert, Decimal::from(*price), Some(Decimal::from(*price)), at).firing.is_some() {
                seconds.push(at);
            }
        }
        seconds
    }

    fn see(alert: &mut Alert, price: Decimal, change_percent: Option<Decimal>, at: i64) -> Outcome {
        let ticker = alert.rule.ticker().clone();
        let look = look(alert, at);
        alert.observe(&Observation { ticker: &ticker, price, change_percent, time: second(at) }, look)
    }

    /// Looks where both clocks agree.
    fn look(alert: &Alert, at: i64) -> Look {
        let since_firing = alert.triggered_at.map(|fired_at| second(at).duration_since(fired_at));
        Look { now: second(at), since_firing }
    }

    fn elapse(alert: &mut Alert, at: i64) -> Outcome {
        let look = look(alert, at);
        alert.elapse(look)
    }

    #[test]
    fn every_condition_fires_when_it_should_and_only_then() {
        let cases: [(Condition, Repeat, &[i64], &[i64]); 18] = [
            (PriceAbove, Repeat::Once, &[151, 152], &[0]),
            (PriceAbove, Repeat::Once, &[150, 149, 151], &[2]),
            (PriceAbove, Repeat::Every, &[149, 151, 149, 151], &[1, 3]),
            (PriceAbove, Repeat::Every, &[151, 152, 150, 151], &[0, 3]),
            (PriceBelow, Repeat::Once, &[149, 148], &[0]),
            (PriceBelow, Repeat::Every, &[150, 149, 148, 150, 149], &[1, 4]),
            (CrossesAbove, Repeat::Once, &[151, 152], &[]),
            (CrossesAbove, Repeat::Once, &[149, 151, 149, 151], &[1]),
            (CrossesAbove, Repeat::Every, &[149, 151, 149, 151], &[1, 3]),
            (CrossesAbove, Repeat::Every, &[149, 150, 151], &[2]),
            (CrossesAbove, Repeat::Every, &[150, 150, 149, 150], &[]),
            (CrossesAbove, Repeat::Every, &[149, 151, 150, 151], &[1, 3]),
            (CrossesBelow, Repeat::Once, &[149, 148], &[]),
            (CrossesBelow, Repeat::Every, &[151, 149, 150, 149], &[1, 3]),
            (CrossesBelow, Repeat::Every, &[150, 149, 148, 152, 150], &[1]),
            (DayChangeAbovePercent, Repeat::Every, &[150, 151, 152, 150, 151], &[1, 4]),
            (DayChangeBelowPercent, Repeat::Once, &[150, 149, 151, 149], &[1]),
            (DayChangeBelowPercent, Repeat::Every, &[149, 151, 149], &[0, 2]),
        ];
        for (condition, repeat, prices, expected) in cases {
            assert_eq!(fired(&mut alert(condition, repeat), prices), expected, "{condition:?} {repeat:?} {prices:?}");
        }
    }

    #[test]
    fn a_firing_says_what_happened_and_counts_the_revision() {
        let mut alert = Alert { note: Some("sell".into()), ..alert(CrossesAbove, Repeat::Once) };
        see(&mut alert, Decimal::from(149), None, 1);
        let firing = see(&mut alert, Decimal::from(151), None, 2).firing.unwrap();
        assert_eq!((firing.revision, alert.revision, firing.state_after), (1, 2, AlertState::Triggered));
        assert_eq!((firing.previous_price, firing.price), (Some(Decimal::from(149)), Decimal::from(151)));
        assert_eq!((firing.fired_at, firing.note.as_deref(), firing.gap), (second(2), Some("sell"), false));
        assert_eq!((alert.state, alert.triggered_at, alert.acknowledged), (AlertState::Triggered, Some(second(2)), false));
    }

    #[test]
    fn an_unknown_day_change_neither_fires_nor_leaves_the_level() {
        let mut alert = Alert { rule: rule(DayChangeAbovePercent, "5"), ..alert(DayChangeAbovePercent, Repeat::Every) };
        assert_eq!(see(&mut alert, Decimal::from(9), None, 0), Outcome::default());
        assert!(see(&mut alert, Decimal::from(9), Some(Decimal::from(6)), 1).firing.is_some());
        see(&mut alert, Decimal::from(9), None, 2);
        assert!(!alert.memory.left_level && alert.state == AlertState::Cooling);
    }

    fn rearmed_after(revision: i64, last_price: i64) -> Option<Rearming> {
        Some(Rearming { revision, memory: seen(last_price) })
    }

    #[test]
    fn the_cooldown_holds_back_and_then_lets_the_same_tick_fire() {
        let mut level = Alert { cooldown_s: 10, ..alert(PriceAbove, Repeat::Every) };
        assert!(see(&mut level, Decimal::from(151), None, 0).firing.is_some());
        assert_eq!(see(&mut level, Decimal::from(149), None, 3), Outcome::default());
        assert_eq!(see(&mut level, Decimal::from(151), None, 9), Outcome::default());
        let outcome = see(&mut level, Decimal::from(152), None, 10);
        assert_eq!((outcome.rearmed, outcome.firing.map(|firing| firing.revision)), (rearmed_after(2, 151), Some(3)));
        assert_eq!(level.revision, 4);
    }

    #[test]
    fn an_edge_during_the_cooldown_is_not_made_up_later() {
        let mut edge = Alert { cooldown_s: 10, memory: seen(149), ..alert(CrossesAbove, Repeat::Every) };
        assert!(see(&mut edge, Decimal::from(151), None, 0).firing.is_some());
        for (price, at) in [(149, 3), (151, 5)] {
            assert_eq!(see(&mut edge, Decimal::from(price), None, at), Outcome::default());
        }
        let outcome = see(&mut edge, Decimal::from(152), None, 10);
        assert_eq!((outcome.rearmed, outcome.firing), (rearmed_after(2, 151), None));
        see(&mut edge, Decimal::from(149), None, 11);
        assert!(see(&mut edge, Decimal::from(151), None, 12).firing.is_some());
    }

    #[test]
    fn time_alone_rearms_what_has_left_its_level() {
        let mut alert = Alert { cooldown_s: 10, ..alert(PriceAbove, Repeat::Every) };
        see(&mut alert, Decimal::from(151), None, 0);
        assert_eq!(elapse(&mut alert, 60), Outcome::default());
        see(&mut alert, Decimal::from(149), None, 3);
        assert_eq!(elapse(&mut alert, 9), Outcome::default());
        assert_eq!(elapse(&mut alert, 10).rearmed, rearmed_after(2, 149));
        assert_eq!((alert.state, alert.memory.left_level), (AlertState::Armed, false));
    }

    #[test]
    fn an_expired_alert_does_not_fire() {
        for state in [AlertState::Armed, AlertState::Cooling, AlertState::Paused] {
            let mut alert = Alert { expires_at: Some(second(5)), state, ..alert(PriceAbove, Repeat::Once) };
            let outcome = see(&mut alert, Decimal::from(151), None, 5);
            assert_eq!((outcome.expired, outcome.firing, alert.state), (Some(1), None, AlertState::Expired));
            assert_eq!(see(&mut alert, Decimal::from(151), None, 6), Outcome::default());
        }
    }

    #[test]
    fn what_does_not_watch_observes_nothing() {
        for state in [AlertState::Triggered, AlertState::Paused, AlertState::Expired] {
            let mut alert = Alert { state, ..alert(PriceAbove, Repeat::Once) };
            let before = alert.clone();
            assert_eq!(see(&mut alert, Decimal::from(151), None, 0), Outcome::default());
            assert_eq!(alert, before);
        }
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        prop::sample::select(vec![
            PriceAbove,
            PriceBelow,
            CrossesAbove,
            CrossesBelow,
            DayChangeAbovePercent,
            DayChangeBelowPercent,
        ])
    }

    proptest! {
        #[test]
        fn a_repeating_edge_fires_once_for_each_crossing(prices in prop::collection::vec(147i64..154, 0..60)) {
            let count = |crosses: fn(i64, i64) -> bool| prices.windows(2).filter(|two| crosses(two[0], two[1])).count();
            let above = fired(&mut alert(CrossesAbove, Repeat::Every), &prices);
            prop_assert_eq!(above.len(), count(|before, after| before <= 150 && after > 150));
            let below = fired(&mut alert(CrossesBelow, Repeat::Every), &prices);
            prop_assert_eq!(below.len(), count(|before, after| before >= 150 && after < 150));
        }

        #[test]
        fn no_alert_fires_twice_without_rearming(
            condition in any_condition(),
            cooldown_s in 0u32..5,
            prices in prop::collection::vec(147i64..154, 0..60),
        ) {
            let mut alert = Alert { cooldown_s, ..alert(condition, Repeat::Every) };
            let mut is_armed = true;
            for (at, price) in (0..).zip(prices) {
                let revision = alert.revision;
                let outcome = see(&mut alert, price.into(), Some(price.into()), at);
                is_armed |= outcome.rearmed.is_some();
                let steps = i64::from(outcome.rearmed.is_some()) + i64::from(outcome.firing.is_some());
                prop_assert_eq!(alert.revision, revision + steps);
                if outcome.firing.is_some() {
                    prop_assert!(is_armed);
                    is_armed = false;
                }
            }
        }
    }
}
