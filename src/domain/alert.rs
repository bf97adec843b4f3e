//! Price alerts: a rule watches every tick of its instrument and fires at most once per crossing.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::instrument::Ticker;
use super::money::Currency;

/// The store's number of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub i64);

/// What an alert waits for.
///
/// Level conditions hold or do not; one that already holds fires at the first tick. Edge conditions (`Crosses…`) compare
/// with the previous price: a crossing is Pine Script's `crossover`/`crossunder`, previous ≤ level < price and
/// previous ≥ level > price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Level: the price is greater than the threshold.
    PriceAbove,
    /// Level: the price is less than the threshold.
    PriceBelow,
    /// Edge: the price went from at or below the threshold to above it.
    CrossesAbove,
    /// Edge: the price went from at or above the threshold to below it.
    CrossesBelow,
    /// Level: the change since the previous close, in percent, is greater than the threshold.
    DayChangeAbovePercent,
    /// Level: the change since the previous close, in percent, is less than the threshold.
    DayChangeBelowPercent,
}

/// How often an alert fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once; then it is `triggered` until somebody re-arms it.
    #[default]
    Once,
    /// At every crossing: it re-arms after the price has left the level and the cooldown has passed.
    Every,
}

/// What an alert is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Watching.
    Armed,
    /// Fired, and done.
    Triggered,
    /// Fired, and waiting to re-arm.
    Cooling,
    /// Told to wait.
    Paused,
    /// Past its expiry.
    Expired,
}

/// An alert with everything the engine needs to watch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The store's number.
    pub id: AlertId,
    /// Counts every change; a firing and an edit compare it before they write.
    pub revision: i64,
    /// What it watches.
    pub ticker: Ticker,
    /// What it waits for.
    pub condition: Condition,
    /// The level: a price in the instrument's currency, or a percentage.
    pub threshold: Decimal,
    /// How often it fires.
    pub repeat: Repeat,
    /// Seconds after a firing before it may re-arm.
    pub cooldown_s: u32,
    /// When it stops watching.
    pub expires_at: Option<Timestamp>,
    /// What the person wrote.
    pub note: Option<String>,
    /// What it is doing.
    pub state: AlertState,
    /// Whether a person has seen the last firing.
    pub acknowledged: bool,
    /// The last price it observed, while armed or cooling; stored at most a second late.
    pub last_price: Option<Decimal>,
    /// While cooling: whether the price has left the level since the firing.
    pub left_level: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last fired.
    pub triggered_at: Option<Timestamp>,
}

/// An alert went off: what is stored, then announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// The alert.
    pub alert_id: AlertId,
    /// The revision it had when it fired: the store refuses the firing if the alert has changed since.
    pub revision: i64,
    /// What fired.
    pub ticker: Ticker,
    /// The rule's condition.
    pub condition: Condition,
    /// The rule's level.
    pub threshold: Decimal,
    /// The tick's price.
    pub price: Decimal,
    /// The price observed before it, where there was one.
    pub previous_price: Option<Decimal>,
    /// The change since the previous close in percent at the tick, where it is known.
    #[serde(default)]
    pub change_percent: Option<Decimal>,
    /// The tick's own time.
    pub time: Timestamp,
    /// The engine's clock at the firing: cooldown counts from this.
    pub fired_at: Timestamp,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// The state after the firing: `Triggered`, or `Cooling` for one that repeats.
    pub state_after: AlertState,
    /// What the person wrote.
    pub note: Option<String>,
}

/// What an alert is shown: one tick, and what is known of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation<'a> {
    /// Of what.
    pub ticker: &'a Ticker,
    /// The tick's price.
    pub price: Decimal,
    /// The change since the previous close in percent, where it is known.
    pub change_percent: Option<Decimal>,
    /// The tick's own time.
    pub time: Timestamp,
}

/// What one observation did to an alert, in this order; each step counts the alert's revision up by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// It expired; the revision before.
    pub expired: Option<i64>,
    /// It re-armed; the revision before.
    pub rearmed: Option<i64>,
    /// It fired.
    pub firing: Option<Firing>,
}

/// Why a rule was refused, in words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A price level of zero or less.
    #[error("a price level must be greater than zero")]
    PriceNotPositive,
    /// A percentage nobody means.
    #[error("a percentage must lie between -1000 and 1000")]
    PercentOutOfRange,
    /// A fall that cannot happen.
    #[error("a price cannot fall by more than 100 %: write a percentage above -100")]
    FallTooDeep,
}

impl Alert {
    /// Shows the alert one tick; its state, last price and revision follow at once.
    pub fn observe(&mut self, _observation: &Observation<'_>, _now: Timestamp) -> Outcome {
        Outcome::default()
    }

    /// Lets time pass without a tick: the alert may expire or re-arm, never fire.
    pub fn elapse(&mut self, _now: Timestamp) -> Outcome {
        Outcome::default()
    }
}

/// Refuses levels that nobody means.
pub fn check_rule(_condition: Condition, _threshold: Decimal) -> Result<(), RuleError> {
    Ok(())
}

/// Returns how far the price still has to go, in percent of the price (day changes: in points); negative past the level.
pub fn distance_percent(
    _condition: Condition,
    _threshold: Decimal,
    _price: Decimal,
    _change_percent: Option<Decimal>,
) -> Option<Decimal> {
    None
}

/// Returns the one sentence that says why an alert fired; `currency` is what the instrument is quoted in.
pub fn message(firing: &Firing, _currency: Currency) -> String {
    firing.ticker.to_string()
}
