//! Values positions at quotes and rates.
//!
//! Nothing is rounded here but percents; unknown is `None` and spreads to every sum it is part of, never zero.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::instrument::Ticker;
use super::money::{ArithmeticError, Currency};
use super::position::Ledger;
use super::quote::Quote;

/// Exchange rates between major currencies.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::valuation::Rates;
/// use rust_decimal::Decimal;
/// let mut rates = Rates::default();
/// rates.insert(Currency::EUR, Currency::USD, Decimal::new(125, 2));
/// assert_eq!(rates.rate(Currency::USD, Currency::EUR), Some(Decimal::new(8, 1)));
/// assert_eq!(rates.rate(Currency::USD, Currency::CHF), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    rates: BTreeMap<(Currency, Currency), Decimal>,
}

/// What one holding is worth, in the portfolio's currency but for `price`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldingValuation {
    /// Of what.
    pub ticker: Ticker,
    /// Units held.
    pub quantity: Decimal,
    /// The latest price, as quoted (pence stay pence).
    pub price: Option<Decimal>,
    /// Quantity × price at today's rate.
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO), charges in.
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis.
    pub unrealized_percent: Option<Decimal>,
    /// Since the previous close; today's own trades are measured from their prices.
    pub day_change: Option<Decimal>,
    /// In percent of the value at the previous close and today's purchases.
    pub day_change_percent: Option<Decimal>,
    /// In percent of the portfolio's market value.
    pub weight: Option<Decimal>,
    /// Realised gain (FIFO).
    pub realized: Decimal,
    /// Dividends.
    pub income: Decimal,
    /// What the open units cost by the moving average.
    pub average_cost_basis: Decimal,
    /// The part of `unrealized` that the price made: (value − cost in the trades' currency) × today's rate.
    pub capital_gain: Option<Decimal>,
    /// The part of `unrealized` that the exchange rate made: cost × (today's rate − the rate it was bought at).
    pub currency_gain: Option<Decimal>,
}

/// What a portfolio is worth, in its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valuation {
    /// The portfolio's currency.
    pub base: Currency,
    /// All open holdings; unknown while one price or rate is.
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO).
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    pub unrealized: Option<Decimal>,
    /// In percent of the cost basis.
    pub unrealized_percent: Option<Decimal>,
    /// Realised gain of all positions, closed ones too (FIFO).
    pub realized: Decimal,
    /// The holdings' day changes and those of positions closed today.
    pub day_change: Option<Decimal>,
    /// In percent of their value at the previous closes and today's purchases.
    pub day_change_percent: Option<Decimal>,
    /// All cash accounts at today's rates.
    pub cash: Option<Decimal>,
    /// Market value and cash together; the market value alone where cash is not tracked.
    pub total_value: Option<Decimal>,
    /// Dividends and interest before separate fees and taxes.
    pub income: Decimal,
    /// Realised + unrealised + income − separate fees − separate taxes + gains of foreign cash (where cash is tracked).
    pub total_gain: Option<Decimal>,
    /// In percent of the money put in, or of all purchases where cash is not tracked.
    pub total_gain_percent: Option<Decimal>,
    /// The total value that today's change is measured from: total value − day change. Today's deposits are in it, so
    /// that money put in does not look like a gain.
    pub previous_value: Option<Decimal>,
    /// Open holdings, the most valuable first, then by ticker; unknown values last.
    pub holdings: Vec<HoldingValuation>,
    /// Positions that were closed.
    pub closed: Vec<Ticker>,
}

impl Rates {
    /// Takes `1 base = rate quote`; a rate of zero or less is ignored.
    pub fn insert(&mut self, base: Currency, quote: Currency, rate: Decimal) {
        self.rates.insert((base, quote), rate);
    }

    /// Returns how many major units of `to` one major unit of `from` is worth: direct, inverse, or through USD or EUR.
    pub fn rate(&self, from: Currency, to: Currency) -> Option<Decimal> {
        self.rates.get(&(from, to)).copied()
    }

    /// Reads the rates now and at the previous closes from quotes of currency pairs.
    pub fn from_quotes<'a>(_quotes: impl Iterator<Item = &'a Quote>) -> (Self, Self) {
        Default::default()
    }
}

/// Returns the two major currencies of a ticker such as `EURUSD=X`: one of the first costs its price in the second.
pub fn currency_pair(_ticker: &Ticker) -> Option<(Currency, Currency)> {
    None
}

/// Values a ledger at the newest quotes and rates; fails only where a figure outgrows an exact decimal.
pub fn value<'a>(
    ledger: &Ledger,
    _quote: impl Fn(&Ticker) -> Option<&'a Quote>,
    _now: &Rates,
    _previous: &Rates,
) -> Result<Valuation, ArithmeticError> {
    let zero = Decimal::ZERO;
    Ok(Valuation {
        base: ledger.base,
        market_value: None,
        cost_basis: zero,
        unrealized: None,
        unrealized_percent: None,
        realized: zero,
        day_change: None,
        day_change_percent: None,
        cash: None,
        total_value: None,
        income: zero,
        total_gain: None,
        total_gain_percent: None,
        previous_value: None,
        holdings: vec![],
        closed: vec![],
    })
}

/// Rounds half-even to eight decimals, for showing; trailing zeros go.
#[must_use]
pub fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(8, RoundingStrategy::MidpointNearestEven).normalize()
}
