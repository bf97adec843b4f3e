//! What happened in a portfolio: the ledger's entries, from which everything else is folded.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency, plus, times};

/// The store's number of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActivityId(pub i64);

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Instruments came in for money.
    Buy,
    /// Instruments went out for money.
    Sell,
    /// An instrument paid out.
    Dividend,
    /// Cash earned.
    Interest,
    /// A fee of its own, not one of a trade.
    Fee,
    /// A tax of its own, not one of a trade.
    Tax,
    /// Money came in from outside.
    Deposit,
    /// Money went outside.
    Withdrawal,
    /// One unit became `quantity` units.
    Split,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The store's number.
    pub id: ActivityId,
    /// What happened.
    pub kind: ActivityKind,
    /// When; a date alone stands for its midnight UTC.
    pub time: Timestamp,
    /// Whether it is a date alone: then it is that day wherever it is read, and no instant.
    #[serde(default)]
    pub date_only: bool,
    /// Of what: for buy, sell, dividend and split.
    pub ticker: Option<Ticker>,
    /// Units for buy and sell, units after per unit before for a split; otherwise zero.
    pub quantity: Decimal,
    /// Per unit for buy and sell; otherwise zero.
    pub price: Decimal,
    /// The money of dividend, interest, fee, tax, deposit and withdrawal, before `fee` and `tax`; otherwise zero.
    pub amount: Decimal,
    /// Fees that came with it.
    pub fee: Decimal,
    /// Taxes that came with it.
    pub tax: Decimal,
    /// What price, amount, fee and tax are in; a minor unit where the exchange quotes in it.
    pub currency: Currency,
    /// Units of the portfolio's currency for one *major* unit of `currency`, on the day or as the broker converted.
    pub exchange_rate: Decimal,
    /// Whether `exchange_rate` is another day's, because none was known for this one and none was written.
    #[serde(default)]
    pub exchange_rate_estimated: bool,
    /// Whether the broker converted: the money then moved in the portfolio's currency, at `exchange_rate`.
    pub converted: bool,
    /// Whether a sale may sell more than is held, and so open a short position.
    #[serde(default)]
    pub opens_short: bool,
    /// What the person wrote.
    pub note: Option<String>,
    /// Counts its changes, from 1.
    #[serde(default = "first_revision")]
    pub revision: i64,
}

fn first_revision() -> i64 {
    1
}

impl Activity {
    /// Returns the day an activity is written on, where it is a date alone.
    ///
    /// ```
    /// # use foliostream::domain::activity::Activity;
    /// # let json = r#"{"id":1,"kind":"deposit","time":"2026-11-02T00:00:00Z","date_only":true,"ticker":null,"quantity":"0",
    /// #   "price":"0","amount":"5","fee":"0","tax":"0","currency":"EUR","exchange_rate":"1","converted":false,"note":null}"#;
    /// let deposit: Activity = serde_json::from_str(json).expect("an activity");
    /// assert_eq!(deposit.date().expect("a date").to_string(), "2026-11-02");
    /// ```
    pub fn date(&self) -> Option<Date> {
        self.date_only.then(|| self.time.to_zoned(TimeZone::UTC).date())
    }

    /// Returns `quantity × price` for a trade, the amount otherwise: before fees and taxes, in `currency`.
    pub fn gross(&self) -> Result<Decimal, ArithmeticError> {
        match self.kind {
            ActivityKind::Buy | ActivityKind::Sell => times(self.quantity, self.price),
            _ => Ok(self.amount),
        }
    }

    /// Returns fee and tax together, in `currency`.
    pub fn charges(&self) -> Result<Decimal, ArithmeticError> {
        plus(self.fee, self.tax)
    }
}
