//! Portfolios: totals, holdings, the ledger.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::activity::{Activity, ActivityKind};
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, Money, percent};
use crate::domain::position::Lot;
use crate::domain::valuation::{CashValuation, HoldingValuation, Valuation, rounded};

use super::unreadable::UnreadableView;
use super::{date, millis};

/// One holding within a `portfolio_update`; money is in the portfolio's currency, `price` as quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct HoldingView {
    /// The instrument that is held.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// Units held, negative in a short position; `"0"` once, when it was closed.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
    /// The latest price, as quoted.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub price: Option<Decimal>,
    /// Quantity × price, converted.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub market_value: Option<Decimal>,
    /// The cost of the open lots (FIFO), charges included.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl: Option<Decimal>,
    /// The unrealised gain in percent of the cost basis; `null` where the value is unknown.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl_percent: Option<Decimal>,
    /// Since the previous close, today's own trades measured from their prices.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change: Option<Decimal>,
    /// The day change in percent of yesterday's value and today's purchases.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change_percent: Option<Decimal>,
    /// In percent of all holdings together, short positions counted like long ones; negative for a short position.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub weight: Option<Decimal>,
}

impl HoldingView {
    /// Makes the last view of a holding that was closed.
    pub fn closed(ticker: Ticker) -> Self {
        Self {
            ticker,
            quantity: Decimal::ZERO,
            price: None,
            market_value: Some(Decimal::ZERO),
            cost_basis: Decimal::ZERO,
            unrealized_pnl: Some(Decimal::ZERO),
            unrealized_pnl_percent: None,
            day_change: None,
            day_change_percent: None,
            weight: Some(Decimal::ZERO),
        }
    }
}

/// Money of one currency within a `portfolio_update`; in the portfolio's currency but for `amount`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CashAccountView {
    /// The currency of the account.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// How much of it; negative where it is owed.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
    /// The value of the account at today's rate; `null` where no rate is known.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub value: Option<Decimal>,
    /// What it cost, at the rates it came in at.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub cost_basis: Decimal,
    /// Value − cost basis: what the exchange rate made of it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub currency_gain: Option<Decimal>,
    /// What the exchange rate made of it since the previous close.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change: Option<Decimal>,
}

impl From<&CashValuation> for CashAccountView {
    fn from(account: &CashValuation) -> Self {
        Self {
            currency: account.currency,
            amount: rounded(account.amount),
            value: account.value.map(rounded),
            cost_basis: rounded(account.cost_basis),
            currency_gain: account.currency_gain.map(rounded),
            day_change: account.day_change.map(rounded),
        }
    }
}

/// `portfolio_update`: a portfolio's totals and its holdings (all of them, or only those that changed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PortfolioView {
    /// The id of the portfolio.
    pub portfolio_id: String,
    /// The portfolio's currency, in which all money here is.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// All holdings at their latest prices but those in `incomplete`; unknown where none can be valued.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub market_value: Option<Decimal>,
    /// What the open lots of those holdings cost (FIFO).
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl: Option<Decimal>,
    /// The unrealised gain in percent of the cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl_percent: Option<Decimal>,
    /// Gains of what was sold (FIFO).
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub realized_pnl: Decimal,
    /// Since the previous closes.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change: Option<Decimal>,
    /// In percent of what the total was at those closes, short positions counted like long ones, and of what was put in since:
    /// deposits and what was borrowed where cash counts, otherwise purchases.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change_percent: Option<Decimal>,
    /// Whether cash counts: then it is part of the total. `null` where that was never set, which counts as `false`.
    pub track_cash: Option<bool>,
    /// Whether the owner is to be asked that: a deposit or withdrawal was entered, and it was never set.
    pub asks_about_cash: bool,
    /// All cash accounts at today's rates.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub cash: Option<Decimal>,
    /// Every account that holds or owes something.
    pub cash_accounts: Vec<CashAccountView>,
    /// Market value and cash together, or the market value alone where cash does not count; what is in `incomplete` is
    /// left out.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_value: Option<Decimal>,
    /// Dividends and interest so far, before separate fees and taxes.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub income: Decimal,
    /// Realised + unrealised + income − separate fees − separate taxes + gains of foreign cash.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_gain: Option<Decimal>,
    /// In percent of the time-weighted average of the money that was at work since the start (deposits less withdrawals
    /// where cash counts, else what the open lots cost); not less than a tenth of the most. Unknown while a holding is.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_gain_percent: Option<Decimal>,
    /// The newest quote's own time, or the activities' where there is none.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// What could not be valued and is in no total: tickers of holdings, and pairs such as `JPYEUR=X` of cash.
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<String>))]
    pub incomplete: Vec<Ticker>,
    /// All holdings first, then only changed ones.
    pub holdings: Vec<HoldingView>,
}

impl PortfolioView {
    /// The id of all portfolios of a user together.
    pub const ALL: &str = "all";

    /// Converts a valuation, money rounded half-even to eight decimals; `time` is the newest quote's or activity's.
    pub fn new(portfolio_id: &str, valuation: &Valuation, time: Timestamp) -> Self {
        Self::largest(portfolio_id, valuation, time, usize::MAX)
    }

    /// Converts a valuation as [`new`](Self::new) does, with no more than its `most` largest holdings.
    pub fn largest(portfolio_id: &str, valuation: &Valuation, time: Timestamp, most: usize) -> Self {
        Self {
            portfolio_id: portfolio_id.to_owned(),
            currency: valuation.base,
            market_value: valuation.market_value.map(rounded),
            cost_basis: rounded(valuation.cost_basis),
            unrealized_pnl: valuation.unrealized.map(rounded),
            unrealized_pnl_percent: valuation.unrealized_percent,
            realized_pnl: rounded(valuation.realized),
            day_change: valuation.day_change.map(rounded),
            day_change_percent: valuation.day_change_percent,
            track_cash: valuation.track_cash,
            asks_about_cash: valuation.asks_about_cash,
            cash: valuation.cash.map(rounded),
            cash_accounts: valuation.cash_accounts.iter().map(CashAccountView::from).collect(),
            total_value: valuation.total_value.map(rounded),
            income: rounded(valuation.income),
            total_gain: valuation.total_gain.map(rounded),
            total_gain_percent: valuation.total_gain_percent,
            time,
            incomplete: valuation.incomplete.clone(),
            holdings: valuation.holdings.iter().take(most).map(HoldingView::from).collect(),
        }
    }
}

impl From<&HoldingValuation> for HoldingView {
    fn from(holding: &HoldingValuation) -> Self {
        Self {
            ticker: holding.ticker.clone(),
            quantity: holding.quantity.normalize(),
            price: holding.price,
            market_value: holding.market_value.map(rounded),
            cost_basis: rounded(holding.cost_basis),
            unrealized_pnl: holding.unrealized.map(rounded),
            unrealized_pnl_percent: holding.unrealized_percent,
            day_change: holding.day_change.map(rounded),
            day_change_percent: holding.day_change_percent,
            weight: holding.weight,
        }
    }
}

/// A portfolio in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PortfolioSummary {
    /// The id of the portfolio.
    pub portfolio_id: String,
    /// The name that its owner gave it.
    pub name: String,
    /// The currency that it is valued in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// Counts every change of its activities, name and settings.
    pub revision: i64,
    /// Whether cash counts; `null` where that was never set.
    pub track_cash: Option<bool>,
    /// Why it has no value, where its stored activities cannot be added up.
    #[serde(default)]
    pub unreadable: Option<UnreadableView>,
}

/// `portfolio_changed`: the activities of a portfolio changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioChangedView {
    /// The id of the portfolio.
    pub portfolio_id: String,
    /// The revision after the change.
    pub revision: i64,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ActivityView {
    /// The store's number, as text.
    pub activity_id: String,
    /// The kind of the activity: `buy`, `dividend`, `deposit` and so on.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub kind: ActivityKind,
    /// The time of the activity; of a date alone its midnight UTC.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// The date, where no time of day was written.
    #[serde(default, with = "date")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = Date))]
    pub date: Option<Date>,
    /// The instrument, of kinds that are about one.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ticker: Option<Ticker>,
    /// Units that came or went; units after per unit before of a split.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub quantity: Option<Decimal>,
    /// The price of one of the units, in `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub price: Option<Decimal>,
    /// The amount of what counts no units, in `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub amount: Option<Decimal>,
    /// The fees that came with it, in `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub fee: Decimal,
    /// The taxes that came with it, in `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub tax: Decimal,
    /// The currency of price, amount, fee and tax.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// Units of the portfolio's currency per major unit of `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub exchange_rate: Decimal,
    /// Whether that is another day's rate, because none is known for this one and none was written.
    pub exchange_rate_estimated: bool,
    /// Whether the broker converted at that rate.
    pub converted: bool,
    /// Whether a sale may sell more than is held, and so open a short position.
    pub opens_short: bool,
    /// The `account_id` of the account that it was in; `null` where none is told.
    #[serde(default)]
    pub account: Option<String>,
    /// The person's own words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The person's own note; `null` where there is none.
    pub note: Option<String>,
    /// Units that were sold without being held; shown as `1 missing`, never guessed.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub missing: Option<Decimal>,
    /// Counts its changes, from 1; also the ETag.
    pub revision: i64,
}

impl ActivityView {
    /// Converts a ledger entry; `missing` comes from the position's fold.
    pub fn new(activity: &Activity, missing: Option<Decimal>) -> Self {
        let figures = activity.figures();
        Self {
            activity_id: activity.id.0.to_string(),
            kind: activity.kind,
            time: activity.time,
            date: activity.date(),
            ticker: activity.ticker.clone(),
            quantity: figures.quantity.then_some(activity.quantity),
            price: figures.price.then_some(activity.price),
            amount: figures.amount.map(|_| activity.amount),
            fee: activity.fee,
            tax: activity.tax,
            currency: activity.currency,
            exchange_rate: activity.exchange_rate,
            exchange_rate_estimated: activity.exchange_rate_estimated,
            converted: activity.converted,
            opens_short: activity.opens_short,
            account: activity.account.map(|account| account.0.to_string()),
            tags: activity.tags.clone(),
            note: activity.note.clone(),
            missing,
            revision: activity.revision,
        }
    }
}

/// An open lot on the instrument page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    /// When it was bought; of a date alone its midnight UTC.
    #[serde(with = "millis")]
    pub time: Timestamp,
    /// The date, where no time of day was written.
    #[serde(default, with = "date")]
    pub date: Option<Date>,
    /// Units that are still open.
    pub quantity: Decimal,
    /// The cost of one unit, charges included, in `currency`.
    pub unit_cost: Decimal,
    /// What it was paid in: the instrument's unit (pence where it is quoted in pence), or another currency.
    pub currency: Currency,
    /// The same in the unit the instrument is quoted in, at today's rate: what a price may be compared with. Nothing without a
    /// rate.
    pub quoted_unit_cost: Option<Decimal>,
    /// What the open units cost, in the portfolio's currency, converted on the day.
    pub cost_basis: Decimal,
}

impl LotView {
    /// Converts a lot of an instrument that is quoted in `quoted`; `rate` is what a major unit of the lot's currency is worth
    /// in major units of that today.
    pub fn new(lot: &Lot, quoted: Currency, rate: Option<Decimal>) -> Self {
        let major = Money::new(lot.cost.checked_div(lot.quantity).unwrap_or_default(), lot.currency);
        let paid = major.in_unit(quoted).unwrap_or(major);
        let converted = || Money::new(major.amount.checked_mul(rate?)?, quoted.major()).in_unit(quoted);
        let comparable = if paid.currency == quoted { Some(paid) } else { converted() };
        Self {
            time: lot.time,
            date: lot.date_only.then(|| Offset::UTC.to_datetime(lot.time).date()),
            quantity: lot.quantity,
            unit_cost: rounded(paid.amount),
            currency: paid.currency,
            quoted_unit_cost: comparable.map(|money| rounded(money.amount)),
            cost_basis: rounded(lot.cost_base),
        }
    }

    /// Returns how far a price is above what the units cost, in percent of that; unknown without a common unit.
    ///
    /// Bought at 7,000 GBp and quoted 7,250 GBp that is 3.571429. Bought at 160 EUR and quoted 200 USD it is 0 while a euro is
    /// worth 1.25 dollars.
    pub fn price_since(&self, price: Decimal) -> Option<Decimal> {
        let paid = self.quoted_unit_cost?;
        percent(price.checked_sub(paid)?, paid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::fold;
    use crate::domain::rates::Rates;
    use crate::domain::valuation::value;

    fn lot(currency: &str, cost: &str, quoted: &str, rate: Option<&str>) -> LotView {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let lot = Lot::new(10.into(), decimal(cost), currency.parse().unwrap());
        LotView::new(&lot, quoted.parse().unwrap(), rate.map(decimal))
    }

    #[test]
    fn a_lot_bought_in_pence_is_compared_in_pence() {
        let lot = lot("GBP", "700", "GBp", Some("1"));
        assert_eq!((lot.unit_cost, lot.currency.as_str()), (7_000.into(), "GBp"));
        assert_eq!(lot.price_since(7_250.into()).unwrap().to_string(), "3.571429");
    }

    #[test]
    fn a_lot_bought_in_another_currency_is_compared_at_today_s_rate() {
        let euros = lot("EUR", "1600", "USD", Some("1.25"));
        assert_eq!((euros.unit_cost, euros.currency.as_str()), (160.into(), "EUR"));
        assert_eq!(euros.quoted_unit_cost, Some(200.into()));
        assert_eq!(euros.price_since(200.into()), Some(Decimal::ZERO));
        let to_pence = lot("EUR", "1600", "GBp", Some("0.8"));
        assert_eq!(to_pence.price_since(12_800.into()), Some(Decimal::ZERO));
    }

    #[test]
    fn a_lot_bought_in_another_currency_without_a_rate_is_compared_with_nothing() {
        let euros = lot("EUR", "1600", "USD", None);
        assert_eq!((euros.quoted_unit_cost, euros.price_since(200.into())), (None, None));
        assert_eq!((euros.unit_cost, euros.currency.as_str()), (160.into(), "EUR"));
    }

    #[test]
    fn a_portfolio_shows_money_with_at_most_eight_decimals_and_unknown_as_null() {
        let ledger = fold(Currency::EUR, &[]).unwrap();
        let mut valuation = value(&ledger, |_| None, &Rates::default()).unwrap();
        valuation.realized = "1.123456785".parse().unwrap();
        valuation.cost_basis = "10.50".parse().unwrap();
        valuation.market_value = None;
        let view = PortfolioView::new("p", &valuation, Timestamp::UNIX_EPOCH);
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!((&json["realized_pnl"], &json["cost_basis"]), (&"1.12345678".into(), &"10.5".into()));
        assert!(json["market_value"].is_null());
        assert_eq!(json["time"], "1970-01-01T00:00:00.000Z");
    }
}
