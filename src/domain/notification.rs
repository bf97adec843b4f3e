//! What a firing told its person: an entry of the inbox, which nothing but her reading changes.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::alert::{AlertId, Condition};
use super::instrument::Ticker;
use super::money::Currency;

/// A notification, with the parts of which its sentence is made in the language of whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its number in commit order, which is never given twice; numbers may have holes.
    pub n: i64,
    /// The alert that fired. It may be gone by now.
    pub alert_id: AlertId,
    /// The instrument whose tick set it off.
    pub ticker: Ticker,
    /// The condition of the alert's rule when it fired.
    pub condition: Condition,
    /// The level of the rule when it fired: a price, or percent of day change.
    pub threshold: Decimal,
    /// The price of the tick that set it off.
    pub price: Decimal,
    /// The price observed before it, where there was one.
    pub previous_price: Option<Decimal>,
    /// The change since the previous close in percent at the tick, where it was known.
    pub change_percent: Option<Decimal>,
    /// What the instrument was quoted in; nothing of notifications from before it was kept.
    pub currency: Option<Currency>,
    /// The note of the alert when it fired.
    pub note: Option<String>,
    /// The sentence in English, as it was told when the alert fired.
    pub message: String,
    /// The tick's own time.
    pub time: Timestamp,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// Whether a person has read it.
    pub read: bool,
}
