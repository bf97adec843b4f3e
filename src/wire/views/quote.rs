//! Prices: quotes, instruments, bars.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::bar::Bar;
use crate::domain::instrument::{AssetClass, Ticker};
use crate::domain::isin::Isin;
use crate::domain::money::Currency;
use crate::domain::quote::{Freshness, Quote};
use crate::domain::source::SourceName;

use super::millis;

/// `price_update`: the latest quote of one ticker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuoteView {
    /// The instrument that is quoted.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// The newest price in `currency`, as quoted.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub price: Decimal,
    /// The best bid, where the feed has one.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub bid: Option<Decimal>,
    /// The best ask, where the feed has one.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ask: Option<Decimal>,
    /// The last close before this session.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub previous_close: Option<Decimal>,
    /// The change since the previous close: `price − previous_close`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change: Option<Decimal>,
    /// The change in percent of the previous close.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change_percent: Option<Decimal>,
    /// The currency of the price; pence stay `GBp`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// The tick's own time.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// `live`, `delayed`, `stale` or `closed`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub freshness: Freshness,
}

impl From<&Quote> for QuoteView {
    fn from(quote: &Quote) -> Self {
        Self {
            ticker: quote.ticker.clone(),
            price: quote.price,
            bid: quote.bid,
            ask: quote.ask,
            previous_close: quote.previous_close,
            change: quote.change(),
            change_percent: quote.change_percent(),
            currency: quote.currency,
            time: quote.time,
            freshness: quote.freshness,
        }
    }
}

/// A quote with where it comes from, as `GET /quotes` answers it: the events of streams leave that out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SourcedQuoteView {
    /// The quote as events carry it.
    #[serde(flatten)]
    pub quote: QuoteView,
    /// `simulated`, `replay` or `pushed`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub source: SourceName,
    /// How many seconds its source is behind the market, where that is known beforehand.
    pub delay_s: u32,
}

impl From<&Quote> for SourcedQuoteView {
    fn from(quote: &Quote) -> Self {
        Self { quote: QuoteView::from(quote), source: quote.source, delay_s: quote.delay_s }
    }
}

/// An instrument in search results and lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct InstrumentView {
    /// The ticker that the instrument is quoted under.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// The name of the instrument, such as `Apple`.
    pub name: String,
    /// The currency that the instrument is quoted in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// The class of the instrument, by which the overview groups.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub class: AssetClass,
    /// The number of decimals that its price is shown with.
    pub price_decimals: u32,
    /// What its price comes from: `simulated`, `replay`, `pushed`, `by_hand` or `last_trade`; `null` while it has none and no source
    /// describes it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub source: Option<SourceName>,
}

/// An instrument with all that is known of it, as `GET /instruments/{ticker}` answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DescribedInstrumentView {
    /// The instrument as lists have it.
    #[serde(flatten)]
    pub instrument: InstrumentView,
    /// The day (UTC) of its newest price; `null` while it has none.
    pub priced_on: Option<String>,
    /// The number that brokers name it by.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub isin: Option<Isin>,
    /// What its issuer does.
    pub sector: Option<String>,
    /// The country it stands for.
    pub country: Option<String>,
}

/// What a person may enter of an instrument that no source describes, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnteredView {
    /// The number that brokers name it by.
    pub isin: Option<Isin>,
    /// What its issuer does.
    pub sector: Option<String>,
    /// The country it stands for.
    pub country: Option<String>,
    /// The newest prices that were entered, the newest first, at most [`EnteredView::PRICES`].
    pub prices: Vec<DatedPriceView>,
}

impl EnteredView {
    /// Prices that a page lists at most.
    pub const PRICES: i64 = 12;
}

/// A price that was entered for a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedPriceView {
    /// The day, such as `2026-11-12`.
    pub date: String,
    /// The price in the instrument's currency.
    pub price: Decimal,
}

/// How many prices were entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AcceptedView {
    /// The prices that were sent.
    pub accepted: usize,
}

/// One bar of an instrument's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BarView {
    /// The time at which the bar began.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// The first price of the bar.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub open: Decimal,
    /// The highest price of the bar.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub high: Decimal,
    /// The lowest price of the bar.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub low: Decimal,
    /// The last price of the bar.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub close: Decimal,
    /// The units that were traded; `null` where that is not known.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub volume: Option<Decimal>,
}

impl From<Bar> for BarView {
    fn from(Bar { time, open, high, low, close, volume }: Bar) -> Self {
        Self { time, open, high, low, close, volume }
    }
}

/// A point of a line: a time and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// The time of the value.
    #[serde(with = "millis")]
    pub time: Timestamp,
    /// The value at that time.
    pub value: Decimal,
}

/// `status`: how market data is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// `live`, `delayed`, `stale` or `closed`.
    pub feed: Freshness,
    /// When market data entered this state.
    #[serde(with = "millis")]
    pub since: Timestamp,
}
