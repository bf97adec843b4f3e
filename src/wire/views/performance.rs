//! How a portfolio did over a period.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;

/// What is asked of a performance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformanceQuery {
    /// How far back: `1d`, `1w`, `1m`, `3m`, `ytd`, `1y`, `3y`, `5y` or `all`, which is meant where nothing is said.
    pub range: Option<String>,
    /// The first day that counts, such as `2026-01-01`; with it or with `to` there is no range.
    pub from: Option<String>,
    /// The last day that counts; today unless told.
    pub to: Option<String>,
    /// Tickers to compare with, separated by commas, at most three.
    pub benchmark: Option<String>,
    /// Which units are sold first: `fifo` unless told, or `average`.
    pub cost: Option<String>,
    /// The `account_id` of the only account that counts.
    pub account: Option<String>,
    /// The only instrument that counts.
    pub ticker: Option<String>,
}

/// Returns, gains and where they came from, of one portfolio or of all together. Days are those of UTC, written `2026-11-27`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PerformanceView {
    /// The first day that counts: the value at its beginning is `start_value`.
    pub from: String,
    /// The last day that counts; today counts as far as it has come.
    pub to: String,
    /// The currency of all money here.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// The total value at the end of the day before the first.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub start_value: Decimal,
    /// The total value at the end of the last day, or now.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub end_value: Decimal,
    /// What was put in during the period, less what was taken out.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub net_contributions: Decimal,
    /// The end value less the start value and the net contributions.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub gain: Decimal,
    /// The time-weighted return in percent, which deposits and withdrawals do not move.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub twr_percent: Decimal,
    /// The same a year; of a shorter period it means nothing.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub twr_annualized_percent: Option<Decimal>,
    /// The money-weighted return a year in percent.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub xirr_percent: Option<Decimal>,
    /// By how much the days' returns vary, over the period, in percent.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub volatility_percent: Option<Decimal>,
    /// The deepest fall of the time-weighted return below a peak, in percent of it; 0 where it never fell.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub max_drawdown_percent: Decimal,
    /// When that was.
    pub max_drawdown: Option<DrawdownView>,
    /// Where the gain came from; the parts add up to it.
    pub breakdown: BreakdownView,
    /// Why a figure is not there, by its name.
    pub not_meaningful: BTreeMap<String, String>,
    /// Each day with its end, the day before the first included.
    pub series: Vec<PerformancePointView>,
    /// What the instruments asked for did meanwhile, by their prices alone.
    pub benchmarks: Vec<BenchmarkView>,
    /// What each instrument gained, the most first; those that were closed before the period are left out.
    pub holdings: Vec<HoldingGainView>,
    /// The time-weighted return of each calendar month, as far as the period has it.
    pub months: Vec<MonthReturnView>,
    /// What has no price or no rate at the end: holdings, which count as they were last traded, and pairs such as `JPYEUR=X`, whose cash
    /// is left out.
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<String>))]
    pub incomplete: Vec<Ticker>,
}

/// The days of the deepest fall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DrawdownView {
    /// The day of the peak.
    pub peak: String,
    /// The day of the deepest value.
    pub trough: String,
    /// The day on which the peak was reached again; `null` while it was not.
    pub recovered: Option<String>,
}

/// The parts of a gain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BreakdownView {
    /// Price gains of what was sold.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub realized: Decimal,
    /// Price gains of what is held.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub unrealized: Decimal,
    /// Dividends before their fees and taxes.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub dividends: Decimal,
    /// Interest before its fees and taxes.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub interest: Decimal,
    /// Fees that are not part of a trade's cost, negative.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub fees: Decimal,
    /// Taxes that are not part of a trade's cost, negative.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub taxes: Decimal,
    /// What exchange rates made of holdings and of cash.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Decimal,
    /// What no other part explains, such as holdings without a value at one end.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub other: Decimal,
}

/// A day's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PerformancePointView {
    /// The day.
    pub date: String,
    /// The total value.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub value: Decimal,
    /// What had been put in until then, since the beginning, less what was taken out.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub net_contributions: Decimal,
    /// The time-weighted return since the beginning of the period, in percent.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub twr_percent: Decimal,
}

/// What an instrument did in the period, by its price alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BenchmarkView {
    /// The instrument.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// Its change since the beginning of the period, day by day, from its first close on.
    pub series: Vec<BenchmarkPointView>,
}

/// A day of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BenchmarkPointView {
    /// The day.
    pub date: String,
    /// The change in percent.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub twr_percent: Decimal,
}

/// What an instrument gained in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct HoldingGainView {
    /// The instrument.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// Price gains, realised or not, and dividends.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub gain: Decimal,
    /// The same in percent of the money that was at work in the whole portfolio, averaged over time.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub contribution_percent: Option<Decimal>,
}

/// The return of a calendar month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct MonthReturnView {
    /// The month, such as `2026-10`.
    pub month: String,
    /// Its time-weighted return in percent.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub return_percent: Decimal,
}
