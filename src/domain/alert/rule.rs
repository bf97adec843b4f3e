//! What an alert waits for: rules as data. Each kind has its own parameters, says which instruments it watches, and reads what is
//! shown to it; what it keeps between two ticks is its [`Memory`]. The engine and the store know no kind.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::super::instrument::Ticker;
use super::super::money::percent;

/// The kinds of rules, by their names in the API, in forms and in the store.
///
/// Level conditions hold or do not; one that already holds fires at the first tick. Edge conditions (`Crosses…`) compare
/// with the previous price: a crossing is Pine Script's `crossover`/`crossunder`, previous ≤ level < price and
/// previous ≥ level > price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Level: the price is greater than the threshold: 150.01 with 150.00, and not 150.00.
    PriceAbove,
    /// Level: the price is less than the threshold: 149.99 with 150.00, and not 150.00.
    PriceBelow,
    /// Edge: the price went from at or below the threshold to above it: from 150.00 to 150.01 with 150.00.
    CrossesAbove,
    /// Edge: the price went from at or above the threshold to below it: from 150.00 to 149.99 with 150.00.
    CrossesBelow,
    /// Level: the change since the previous close, in percent, is greater than the threshold: 5.1 with 5.
    DayChangeAbovePercent,
    /// Level: the change since the previous close, in percent, is less than the threshold: −5.1 with −5.
    DayChangeBelowPercent,
}

impl Condition {
    /// Returns whether the condition waits for a rise: the level is held by what is greater than it.
    pub fn is_upward(self) -> bool {
        matches!(self, Self::PriceAbove | Self::CrossesAbove | Self::DayChangeAbovePercent)
    }

    /// Returns whether the threshold is a percentage of day change; otherwise it is a price.
    pub fn is_day_change(self) -> bool {
        matches!(self, Self::DayChangeAbovePercent | Self::DayChangeBelowPercent)
    }

    /// Returns whether the condition needs a previous price.
    pub fn is_edge(self) -> bool {
        matches!(self, Self::CrossesAbove | Self::CrossesBelow)
    }
}

/// A rule with its parameters, each number with the digits it was written with.
///
/// ```
/// use foliostream::domain::alert::Rule;
/// let text = r#"{"kind":"crosses_above","ticker":"AAPL","level":"150.00"}"#;
/// let rule: Rule = serde_json::from_str(text).expect("a rule");
/// assert_eq!(rule.tickers().map(|ticker| ticker.as_str()).collect::<Vec<_>>(), ["AAPL"]);
/// assert_eq!(serde_json::to_string(&rule).expect("text"), text);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Rule {
    /// The price is greater than the level.
    PriceAbove {
        /// The instrument that is watched.
        ticker: Ticker,
        /// A price in the instrument's currency.
        level: Decimal,
    },
    /// The price is less than the level.
    PriceBelow {
        /// The instrument that is watched.
        ticker: Ticker,
        /// A price in the instrument's currency.
        level: Decimal,
    },
    /// The price went from at or below the level to above it.
    CrossesAbove {
        /// The instrument that is watched.
        ticker: Ticker,
        /// A price in the instrument's currency.
        level: Decimal,
    },
    /// The price went from at or above the level to below it.
    CrossesBelow {
        /// The instrument that is watched.
        ticker: Ticker,
        /// A price in the instrument's currency.
        level: Decimal,
    },
    /// The change since the previous close is greater.
    DayChangeAbove {
        /// The instrument that is watched.
        ticker: Ticker,
        /// Percent of the previous close; a fall is negative.
        percent: Decimal,
    },
    /// The change since the previous close is less.
    DayChangeBelow {
        /// The instrument that is watched.
        ticker: Ticker,
        /// Percent of the previous close; a fall is negative.
        percent: Decimal,
    },
}

/// What a level is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The price of a tick.
    Price,
    /// The change since the previous close, in percent.
    DayChange,
}

/// The one level of a rule whose alert, once it is armed and was not set off by the last tick, is set off by no tick but one that
/// passes this level: from at or below it to above it, or the other way round. A rule without such a level is shown every tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// What the level is compared with.
    pub measure: Measure,
    /// Whether a rise sets it off; otherwise a fall.
    pub is_upward: bool,
    /// A price in the instrument's currency, or percent of the previous close.
    pub level: Decimal,
}

/// What a rule is shown: one tick, and what is known of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation<'a> {
    /// The instrument of the tick.
    pub ticker: &'a Ticker,
    /// The price of the tick, in the instrument's currency.
    pub price: Decimal,
    /// The change since the previous close in percent, where it is known.
    pub change_percent: Option<Decimal>,
    /// The tick's own time.
    pub time: Timestamp,
}

/// What a rule keeps between two ticks.
///
/// ```
/// use foliostream::domain::alert::Memory;
/// let memory: Memory = serde_json::from_str(r#"{"last_price":"149.80"}"#).expect("a memory");
/// assert_eq!((memory.last_price.map(|price| price.to_string()), memory.left_level), (Some("149.80".into()), false));
/// assert_eq!(serde_json::to_string(&Memory::default()).expect("text"), "{}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The last price it was shown, while its alert is armed or cooling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_price: Option<Decimal>,
    /// While its alert is cooling: whether the level has been left since the firing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_level: bool,
}

impl Memory {
    /// Returns whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether a price is remembered, with which the next is compared.
    pub fn has_prices(&self) -> bool {
        self.last_price.is_some()
    }

    /// Returns what is remembered here, and what only the other remembers of prices.
    pub fn or(&self, other: &Self) -> Self {
        Self { last_price: self.last_price.or(other.last_price), left_level: self.left_level }
    }

    /// Returns the prices that the other remembers, and where it knows none those that are remembered here.
    pub fn with_prices_of(&self, other: &Self) -> Self {
        Self { last_price: other.last_price.or(self.last_price), left_level: self.left_level }
    }

    /// Forgets prices that say nothing any more: those of a feed that began again from its beginning, or in units of before a
    /// split.
    pub fn forget_prices(&mut self) {
        self.last_price = None;
    }
}

/// Why a rule was refused, in words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A price level of zero or less.
    #[error("a price level must be greater than zero")]
    PriceNotPositive,
    /// A percentage that no one can mean.
    #[error("a percentage must lie between -1000 and 1000")]
    PercentOutOfRange,
    /// A fall that cannot happen.
    #[error("a price cannot fall by more than 100 %: write a percentage above -100")]
    FallTooDeep,
}

impl Rule {
    /// Makes a rule of one of the kinds that watch one instrument and compare with one threshold.
    pub fn of(kind: Condition, ticker: Ticker, threshold: Decimal) -> Self {
        match kind {
            Condition::PriceAbove => Self::PriceAbove { ticker, level: threshold },
            Condition::PriceBelow => Self::PriceBelow { ticker, level: threshold },
            Condition::CrossesAbove => Self::CrossesAbove { ticker, level: threshold },
            Condition::CrossesBelow => Self::CrossesBelow { ticker, level: threshold },
            Condition::DayChangeAbovePercent => Self::DayChangeAbove { ticker, percent: threshold },
            Condition::DayChangeBelowPercent => Self::DayChangeBelow { ticker, percent: threshold },
        }
    }

    /// Returns the kind of the rule, without its parameters.
    pub fn kind(&self) -> Condition {
        match self {
            Self::PriceAbove { .. } => Condition::PriceAbove,
            Self::PriceBelow { .. } => Condition::PriceBelow,
            Self::CrossesAbove { .. } => Condition::CrossesAbove,
            Self::CrossesBelow { .. } => Condition::CrossesBelow,
            Self::DayChangeAbove { .. } => Condition::DayChangeAbovePercent,
            Self::DayChangeBelow { .. } => Condition::DayChangeBelowPercent,
        }
    }

    /// Returns the instrument that it is about.
    pub fn ticker(&self) -> &Ticker {
        let (Self::PriceAbove { ticker, .. }
        | Self::PriceBelow { ticker, .. }
        | Self::CrossesAbove { ticker, .. }
        | Self::CrossesBelow { ticker, .. }
        | Self::DayChangeAbove { ticker, .. }
        | Self::DayChangeBelow { ticker, .. }) = self;
        ticker
    }

    /// Returns what it compares with: a price, or a percentage of day change.
    pub fn threshold(&self) -> Decimal {
        let (Self::PriceAbove { level: threshold, .. }
        | Self::PriceBelow { level: threshold, .. }
        | Self::CrossesAbove { level: threshold, .. }
        | Self::CrossesBelow { level: threshold, .. }
        | Self::DayChangeAbove { percent: threshold, .. }
        | Self::DayChangeBelow { percent: threshold, .. }) = self;
        *threshold
    }

    /// Returns the instruments whose ticks it must be shown, each once.
    pub fn tickers(&self) -> impl Iterator<Item = &Ticker> {
        std::iter::once(self.ticker())
    }

    /// Lets the rule hold other copies of its instruments' tickers. A thousand rules about one instrument can share one text.
    pub(in crate::domain) fn share_tickers(&mut self, mut shared: impl FnMut(&Ticker) -> Ticker) {
        let (Self::PriceAbove { ticker, .. }
        | Self::PriceBelow { ticker, .. }
        | Self::CrossesAbove { ticker, .. }
        | Self::CrossesBelow { ticker, .. }
        | Self::DayChangeAbove { ticker, .. }
        | Self::DayChangeBelow { ticker, .. }) = self;
        *ticker = shared(ticker);
    }

    /// Returns the level that a tick must pass to set it off, where it has one level on one instrument.
    pub fn trip(&self) -> Option<Trip> {
        let (kind, level) = (self.kind(), self.threshold());
        let measure = if kind.is_day_change() { Measure::DayChange } else { Measure::Price };
        Some(Trip { measure, is_upward: kind.is_upward(), level })
    }

    /// Refuses levels that no one can mean: prices of zero or less, percentages beyond ±1000, falls that cannot happen.
    ///
    /// ```
    /// use foliostream::domain::alert::{Condition, Rule, RuleError};
    /// use rust_decimal::Decimal;
    /// let rule = |kind, threshold: i64| Rule::of(kind, "A".parse().expect("a ticker"), threshold.into());
    /// assert_eq!(rule(Condition::PriceAbove, 0).check(), Err(RuleError::PriceNotPositive));
    /// assert_eq!(rule(Condition::DayChangeBelowPercent, -5).check(), Ok(()));
    /// ```
    pub fn check(&self) -> Result<(), RuleError> {
        let threshold = self.threshold();
        match self {
            Self::DayChangeAbove { .. } | Self::DayChangeBelow { .. } if threshold.abs() > Decimal::ONE_THOUSAND => {
                Err(RuleError::PercentOutOfRange)
            }
            Self::DayChangeBelow { .. } if threshold <= -Decimal::ONE_HUNDRED => Err(RuleError::FallTooDeep),
            Self::DayChangeAbove { .. } | Self::DayChangeBelow { .. } => Ok(()),
            _ if threshold > Decimal::ZERO => Ok(()),
            _ => Err(RuleError::PriceNotPositive),
        }
    }

    /// Returns whether both are the same and written with the same digits: 150.00 is told as 150.00, and not as 150.
    pub fn is_written_as(&self, other: &Self) -> bool {
        self == other && self.threshold().scale() == other.threshold().scale()
    }

    /// Returns whether what the other rule remembers is good for this one as well: then an edit loses no crossing.
    pub fn goes_on_from(&self, other: &Self) -> bool {
        self.ticker() == other.ticker()
    }

    /// Returns the memory with which it begins to watch, given the newest price of each instrument. A crossing is counted from
    /// the price of now; a level needs no price before.
    pub fn begin(&self, price_of: impl Fn(&Ticker) -> Option<Decimal>) -> Memory {
        let last_price = if self.kind().is_edge() { price_of(self.ticker()) } else { None };
        Memory { last_price, ..Memory::default() }
    }

    /// Returns whether an observation sets it off.
    pub fn is_met_by(&self, seen: &Observation<'_>, memory: &Memory) -> bool {
        let Some(measure) = self.measure(seen) else { return false };
        let (kind, threshold) = (self.kind(), self.threshold());
        let holds = if kind.is_upward() { measure > threshold } else { measure < threshold };
        holds && (!kind.is_edge() || memory.last_price.is_some_and(|last| self.is_other_side(last)))
    }

    /// Returns whether an observation has left what set it off, so that it may be set off again.
    pub fn is_left_by(&self, seen: &Observation<'_>) -> bool {
        self.measure(seen).is_some_and(|measure| self.is_other_side(measure))
    }

    /// Keeps what the next observation is compared with.
    pub fn remember(&self, seen: &Observation<'_>, memory: &mut Memory) {
        memory.last_price = Some(seen.price);
    }

    /// Returns how far it still has to go; see [`distance_percent`].
    pub fn distance_percent(&self, price: Decimal, change_percent: Option<Decimal>) -> Option<Decimal> {
        distance_percent(self.kind(), self.threshold(), price, change_percent)
    }

    /// Returns what the threshold is compared with: the price or the day change, which may be unknown.
    fn measure(&self, seen: &Observation<'_>) -> Option<Decimal> {
        match self {
            Self::DayChangeAbove { .. } | Self::DayChangeBelow { .. } => seen.change_percent,
            _ => Some(seen.price),
        }
    }

    /// Returns whether the level does not hold at `measure`; a price exactly at the level is on the other side.
    fn is_other_side(&self, measure: Decimal) -> bool {
        if self.kind().is_upward() { measure <= self.threshold() } else { measure >= self.threshold() }
    }
}

/// Returns how far it still has to go to the level: in percent of the price, or for day changes in percentage points.
///
/// Positive is still to go, zero is exactly at the level (which does not hold yet), negative is past it. Edge conditions
/// count likewise: a negative distance means that the price must first come back. Unknown without a day change where one
/// is needed.
pub fn distance_percent(
    condition: Condition,
    threshold: Decimal,
    price: Decimal,
    change_percent: Option<Decimal>,
) -> Option<Decimal> {
    let measure = if condition.is_day_change() { change_percent? } else { price };
    let rise = threshold.checked_sub(measure)?;
    let distance = if condition.is_upward() { rise } else { -rise };
    if condition.is_day_change() { Some(distance.normalize()) } else { percent(distance, price) }
}

/// A rule as it is written: its kind, and the parameters of all kinds, of which each kind has its own.
#[derive(Serialize, Deserialize)]
struct Written {
    kind: Condition,
    ticker: Ticker,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<Decimal>,
}

/// A rule lacks a parameter of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rule lacks its {0}")]
struct Lacking(&'static str);

impl TryFrom<Written> for Rule {
    type Error = Lacking;

    fn try_from(Written { kind, ticker, level, percent }: Written) -> Result<Self, Lacking> {
        let threshold = if kind.is_day_change() { percent.ok_or(Lacking("percent")) } else { level.ok_or(Lacking("level")) };
        Ok(Self::of(kind, ticker, threshold?))
    }
}

impl From<Rule> for Written {
    fn from(rule: Rule) -> Self {
        let (kind, threshold) = (rule.kind(), Some(rule.threshold()));
        let (level, percent) = if kind.is_day_change() { (None, threshold) } else { (threshold, None) };
        Self { kind, ticker: rule.ticker().clone(), level, percent }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{rule, seen};
    use super::Condition::*;
    use super::*;

    const ALL: [Condition; 6] =
        [PriceAbove, PriceBelow, CrossesAbove, CrossesBelow, DayChangeAbovePercent, DayChangeBelowPercent];

    #[test]
    fn every_kind_is_written_with_its_own_parameters_and_read_as_it_was() {
        for (kind, text) in ALL.into_iter().zip([
            r#"{"kind":"price_above","ticker":"A","level":"150.00"}"#,
            r#"{"kind":"price_below","ticker":"A","level":"150.00"}"#,
            r#"{"kind":"crosses_above","ticker":"A","level":"150.00"}"#,
            r#"{"kind":"crosses_below","ticker":"A","level":"150.00"}"#,
            r#"{"kind":"day_change_above_percent","ticker":"A","percent":"150.00"}"#,
            r#"{"kind":"day_change_below_percent","ticker":"A","percent":"150.00"}"#,
        ]) {
            let read: Rule = serde_json::from_str(text).unwrap();
            assert!(read.is_written_as(&rule(kind, "150.00")), "{read:?}");
            assert_eq!((read.kind(), read.threshold()), (kind, "150".parse().unwrap()));
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn a_rule_of_another_kind_or_without_its_parameter_is_not_read() {
        for (text, why) in [
            (r#"{"kind":"eclipse","ticker":"A","level":"1"}"#, "unknown variant `eclipse`"),
            (r#"{"kind":"price_above","ticker":"A","percent":"1"}"#, "the rule lacks its level"),
            (r#"{"kind":"day_change_above_percent","ticker":"A","level":"1"}"#, "the rule lacks its percent"),
            (r#"{"kind":"price_above","level":"1"}"#, "missing field `ticker`"),
            (r#"{"kind":"price_above","ticker":"A","level":1}"#, "invalid type"),
        ] {
            let refusal = serde_json::from_str::<Rule>(text).unwrap_err().to_string();
            assert!(refusal.contains(why), "{refusal}");
        }
    }

    #[test]
    fn digits_and_kind_make_a_rule_another_and_only_its_instrument_another_memory() {
        let first = rule(CrossesAbove, "150.00");
        assert!(first == rule(CrossesAbove, "150") && !first.is_written_as(&rule(CrossesAbove, "150")));
        assert!(first != rule(PriceAbove, "150.00") && first.goes_on_from(&rule(PriceAbove, "1")));
        assert!(!Rule::of(CrossesAbove, "B".parse().unwrap(), 150.into()).goes_on_from(&first));
    }

    #[test]
    fn a_crossing_begins_at_the_price_of_now_and_a_level_at_nothing() {
        for kind in ALL {
            let memory = rule(kind, "150").begin(|ticker| (ticker.as_str() == "A").then_some(149.into()));
            assert_eq!(memory, if kind.is_edge() { seen(149) } else { Memory::default() }, "{kind:?}");
            assert!(rule(kind, "150").begin(|_| None).is_empty());
        }
    }

    #[test]
    fn a_memory_is_filled_up_from_another_and_forgets_prices_alone() {
        let (first, second) = (Memory { left_level: true, ..Memory::default() }, seen(149));
        assert_eq!(first.or(&second), Memory { left_level: true, ..seen(149) });
        assert_eq!(second.or(&seen(151)), second);
        let mut memory = Memory { left_level: true, ..seen(149) };
        memory.forget_prices();
        assert_eq!(memory, first);
    }

    #[test]
    fn what_was_observed_last_is_what_the_next_observation_is_compared_with() {
        let (rule, ticker) = (rule(CrossesAbove, "150"), "A".parse().unwrap());
        let tick =
            |price: i64| Observation { ticker: &ticker, price: price.into(), change_percent: None, time: Timestamp::UNIX_EPOCH };
        let mut memory = Memory::default();
        let mut met = Vec::new();
        for price in [151, 150, 151, 152] {
            met.push(rule.is_met_by(&tick(price), &memory));
            rule.remember(&tick(price), &mut memory);
        }
        assert_eq!((met, memory), (vec![false, false, true, false], seen(152)));
        assert!(rule.is_left_by(&tick(150)) && !rule.is_left_by(&tick(151)));
    }

    #[test]
    fn senseless_levels_are_refused() {
        for condition in [PriceAbove, PriceBelow, CrossesAbove, CrossesBelow] {
            assert_eq!(rule(condition, "0").check(), Err(RuleError::PriceNotPositive));
            assert_eq!(rule(condition, "-1").check(), Err(RuleError::PriceNotPositive));
            assert_eq!(rule(condition, "0.0001").check(), Ok(()));
        }
        assert_eq!(rule(DayChangeAbovePercent, "1000.1").check(), Err(RuleError::PercentOutOfRange));
        assert_eq!(rule(DayChangeBelowPercent, "-1001").check(), Err(RuleError::PercentOutOfRange));
        assert_eq!(rule(DayChangeBelowPercent, "-100").check(), Err(RuleError::FallTooDeep));
        for percentage in ["-99.9", "0", "1000"] {
            assert_eq!(rule(DayChangeBelowPercent, percentage).check(), Ok(()));
        }
    }

    #[test]
    fn the_distance_is_what_is_still_to_go() {
        let distance = |condition, threshold: &str, change: Option<i64>| {
            let distance = rule(condition, threshold).distance_percent(Decimal::from(200), change.map(Decimal::from));
            distance.map(|distance| distance.to_string())
        };
        assert_eq!(distance(PriceAbove, "210", None).as_deref(), Some("5"));
        assert_eq!(distance(CrossesAbove, "190", None).as_deref(), Some("-5"));
        assert_eq!(distance(PriceBelow, "190", None).as_deref(), Some("5"));
        assert_eq!(distance(CrossesBelow, "200", None).as_deref(), Some("0"));
        assert_eq!(distance(DayChangeAbovePercent, "5", Some(2)).as_deref(), Some("3"));
        assert_eq!(distance(DayChangeBelowPercent, "-5", Some(-7)).as_deref(), Some("-2"));
        assert_eq!(distance(DayChangeBelowPercent, "-5", None), None);
    }
}
