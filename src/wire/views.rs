//! What a screen or an outside client gets. Nouns; money, prices, quantities and rates are strings with exact decimals,
//! percents are percent (`"1.24"` is 1.24 %), unknown is `null`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::activity::{Activity, ActivityKind};
use crate::domain::alert::{Alert, AlertState, Condition, Repeat, distance_percent};
use crate::domain::instrument::{AssetClass, Ticker};
use crate::domain::money::Currency;
use crate::domain::quote::{Freshness, Quote};
use crate::domain::valuation::{HoldingValuation, Valuation, rounded};

use super::live::Cursor;

/// Writes a time as RFC 3339 UTC with milliseconds.
///
/// ```
/// use foliostream::wire::views::millis;
/// let time = "2026-11-02T09:30:00Z".parse().expect("a time");
/// assert_eq!(millis::to_text(&time), "2026-11-02T09:30:00.000Z");
/// ```
pub mod millis {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Returns the text.
    pub fn to_text(time: &Timestamp) -> String {
        format!("{time:.3}")
    }

    /// Serializes with exactly three decimals.
    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_text(time))
    }

    /// Deserializes any RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::deserialize(deserializer)
    }

    /// The same for a time that may be unknown.
    pub mod option {
        use super::{Deserialize, Deserializer, Serializer, Timestamp};

        /// Serializes `null` or the text.
        pub fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Deserializes `null` or any RFC 3339 time.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            Option::deserialize(deserializer)
        }
    }
}

/// `price_update`: the latest quote of one ticker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuoteView {
    /// Of what.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// In `currency`, as quoted.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub price: Decimal,
    /// The best bid.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub bid: Option<Decimal>,
    /// The best ask.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ask: Option<Decimal>,
    /// The last close before this session.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub previous_close: Option<Decimal>,
    /// `price − previous_close`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change: Option<Decimal>,
    /// The change in percent of the previous close.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change_percent: Option<Decimal>,
    /// What the price is in; pence stay `GBp`.
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

/// One holding within a `portfolio_update`; money is in the portfolio's currency, `price` as quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct HoldingView {
    /// Of what.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// Units held; `"0"` once, when it was closed.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
    /// The latest price, as quoted.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub price: Option<Decimal>,
    /// Quantity × price, converted.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO), charges included.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl: Option<Decimal>,
    /// In percent of the cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl_percent: Option<Decimal>,
    /// Since the previous close, today's own trades measured from their prices.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change: Option<Decimal>,
    /// In percent of yesterday's value and today's purchases.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change_percent: Option<Decimal>,
    /// In percent of the portfolio's market value.
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

/// `portfolio_update`: a portfolio's totals and its holdings (all of them, or only those that changed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PortfolioView {
    /// Which.
    pub portfolio_id: String,
    /// What the money is in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// All holdings at their latest prices; unknown while one price or rate is.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub market_value: Option<Decimal>,
    /// What the open lots cost (FIFO).
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub cost_basis: Decimal,
    /// Market value − cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl: Option<Decimal>,
    /// In percent of the cost basis.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub unrealized_pnl_percent: Option<Decimal>,
    /// Gains of what was sold (FIFO).
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub realized_pnl: Decimal,
    /// Since the previous closes.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change: Option<Decimal>,
    /// In percent of yesterday's value and today's purchases.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub day_change_percent: Option<Decimal>,
    /// All cash accounts at today's rates.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub cash: Option<Decimal>,
    /// Market value and cash together, or the market value alone where no deposit or withdrawal was ever entered.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_value: Option<Decimal>,
    /// Dividends and interest so far, before separate fees and taxes.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub income: Decimal,
    /// Realised + unrealised + income − separate fees − separate taxes + gains of foreign cash.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_gain: Option<Decimal>,
    /// In percent of the money put in.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub total_gain_percent: Option<Decimal>,
    /// The newest quote's own time, or the activities' where there is none.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// All holdings first, then only changed ones.
    pub holdings: Vec<HoldingView>,
}

impl PortfolioView {
    /// Converts a valuation, money rounded half-even to eight decimals; `time` is the newest quote's or activity's.
    pub fn new(portfolio_id: &str, valuation: &Valuation, time: Timestamp) -> Self {
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
            cash: valuation.cash.map(rounded),
            total_value: valuation.total_value.map(rounded),
            income: rounded(valuation.income),
            total_gain: valuation.total_gain.map(rounded),
            total_gain_percent: valuation.total_gain_percent,
            time,
            holdings: valuation.holdings.iter().map(HoldingView::from).collect(),
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
    /// Which.
    pub portfolio_id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it is valued in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// Counts every change of its activities and name.
    pub revision: i64,
}

/// `portfolio_changed`: the activities of a portfolio changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioChangedView {
    /// Which.
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
    /// What happened.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub kind: ActivityKind,
    /// When.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Of what.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ticker: Option<Ticker>,
    /// Units of a trade; units after per unit before of a split.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub quantity: Option<Decimal>,
    /// Per unit of a trade.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub price: Option<Decimal>,
    /// The money of anything else.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub amount: Option<Decimal>,
    /// Fees that came with it.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub fee: Decimal,
    /// Taxes that came with it.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub tax: Decimal,
    /// What the figures are in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// Units of the portfolio's currency per major unit of `currency`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub exchange_rate: Decimal,
    /// Whether the broker converted at that rate.
    pub converted: bool,
    /// What the person wrote.
    pub note: Option<String>,
    /// Units that were sold without being held; shown as `incomplete: 1 missing`, never guessed.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub missing: Option<Decimal>,
}

impl ActivityView {
    /// Converts a ledger entry; `missing` comes from the position's fold.
    pub fn new(activity: &Activity, missing: Option<Decimal>) -> Self {
        use ActivityKind::{Buy, Sell, Split};
        let is_trade = matches!(activity.kind, Buy | Sell);
        Self {
            activity_id: activity.id.0.to_string(),
            kind: activity.kind,
            time: activity.time,
            ticker: activity.ticker.clone(),
            quantity: (is_trade || activity.kind == Split).then_some(activity.quantity),
            price: is_trade.then_some(activity.price),
            amount: (!is_trade && activity.kind != Split).then_some(activity.amount),
            fee: activity.fee,
            tax: activity.tax,
            currency: activity.currency,
            exchange_rate: activity.exchange_rate,
            converted: activity.converted,
            note: activity.note.clone(),
            missing,
        }
    }
}

/// An alert, and `alert_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AlertView {
    /// The store's number, as text.
    pub id: String,
    /// Counts every change; the ETag.
    pub revision: i64,
    /// What it watches.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// What it waits for.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub condition: Condition,
    /// As it was written.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub threshold: Decimal,
    /// What the person wrote.
    pub note: Option<String>,
    /// `once` or `every`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub repeat: Repeat,
    /// Seconds before it may re-arm.
    pub cooldown_s: u32,
    /// When it stops watching.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Whether it was told to wait.
    pub paused: bool,
    /// Whether a person has seen the last firing.
    pub acknowledged: bool,
    /// What it is doing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub state: AlertState,
    /// How far the price (or the day change, in points) is from the threshold, in percent of the price; unknown without a quote.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub distance_percent: Option<Decimal>,
    /// When it was made.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last fired.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub triggered_at: Option<Timestamp>,
}

impl AlertView {
    /// Converts an alert; the distance is from its instrument's newest quote.
    pub fn new(alert: &Alert, quote: Option<&Quote>) -> Self {
        let distance = |quote: &Quote| distance_percent(alert.condition, alert.threshold, quote.price, quote.change_percent());
        Self {
            id: alert.id.0.to_string(),
            revision: alert.revision,
            ticker: alert.ticker.clone(),
            condition: alert.condition,
            threshold: alert.threshold,
            note: alert.note.clone(),
            repeat: alert.repeat,
            cooldown_s: alert.cooldown_s,
            expires_at: alert.expires_at,
            paused: alert.state == AlertState::Paused,
            acknowledged: alert.acknowledged,
            state: alert.state,
            distance_percent: quote.and_then(distance),
            created_at: alert.created_at,
            triggered_at: alert.triggered_at,
        }
    }
}

/// `alert_changed` of an alert that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDeletedView {
    /// Which.
    pub id: String,
    /// Always true.
    pub deleted: bool,
}

/// `alert_triggered`, and an entry of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NotificationView {
    /// The store's number, as text.
    pub notification_id: String,
    /// The number in commit order, never reset.
    pub n: i64,
    /// The alert that fired.
    pub alert_id: String,
    /// What fired.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// The alert's condition at the firing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub condition: Condition,
    /// The alert's level at the firing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub threshold: Decimal,
    /// The tick's price.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub price: Decimal,
    /// The price observed before it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub previous_price: Option<Decimal>,
    /// One sentence that says why: the tick, the previous price, the level, the note.
    pub message: String,
    /// The tick's own time.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// Whether it was delivered late, after a cut: it raises no toast.
    pub replayed: bool,
    /// Whether a person has read it.
    pub read: bool,
}

/// `notification_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NotificationReadView {
    /// Which.
    pub notification_id: String,
    /// How many are unread after it.
    pub unread_count: i64,
}

/// An instrument in search results and lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct InstrumentView {
    /// What it is quoted under.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// What people call it.
    pub name: String,
    /// What it is quoted in.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// What kind of thing it is.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub class: AssetClass,
    /// How many decimals its price is shown with.
    pub price_decimals: u32,
}

/// One bar of an instrument's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BarView {
    /// When it began.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// The first price.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub open: Decimal,
    /// The highest.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub high: Decimal,
    /// The lowest.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub low: Decimal,
    /// The last.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub close: Decimal,
    /// How much was traded; unknown is `null`.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub volume: Option<Decimal>,
}

/// An open lot on the instrument page, in the portfolio's currency but for `price`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    /// When it was bought.
    #[serde(with = "millis")]
    pub time: Timestamp,
    /// Units still open.
    pub quantity: Decimal,
    /// Per unit, in the instrument's currency, charges included.
    pub unit_cost: Decimal,
    /// What the open units cost, converted on the day.
    pub cost_basis: Decimal,
}

/// A point of a line: a time and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// When.
    #[serde(with = "millis")]
    pub time: Timestamp,
    /// How much.
    pub value: Decimal,
}

/// `status`: how market data is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// `live`, `delayed`, `stale` or `closed`.
    pub feed: Freshness,
    /// Since when.
    #[serde(with = "millis")]
    pub since: Timestamp,
}

/// What every page needs to be right at first paint and to follow from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// The cursor the page's figures stand at; its EventSource resumes from it.
    pub cursor: Cursor,
    /// The path and query of the page's one EventSource, without `last_event_id` and `client`.
    pub stream: String,
    /// The server's clock at rendering.
    #[serde(with = "millis")]
    pub server_time: Timestamp,
    /// How market data is doing.
    pub status: StatusView,
    /// The feed's label for people: `simulated`, `replay`, `pushed`.
    pub feed: FeedKind,
    /// All portfolios.
    pub portfolios: Vec<PortfolioSummary>,
    /// The one the page shows, if there is one, all holdings.
    pub portfolio: Option<PortfolioView>,
    /// Quotes of every ticker the page's stream follows.
    pub quotes: Vec<QuoteView>,
    /// The catalogue's entries of those tickers.
    pub instruments: Vec<InstrumentView>,
    /// All alerts.
    pub alerts: Vec<AlertView>,
    /// The newest notifications, newest first, at most 20.
    pub notifications: Vec<NotificationView>,
    /// How many notifications are unread.
    pub unread_count: i64,
}

/// Where prices come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// The seeded model.
    Simulated,
    /// A file of ticks.
    Replay,
    /// Pushed quotes only.
    Pushed,
}

/// What the overview shows beside the page's live figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewView {
    /// The total value over the current session, oldest first, in the portfolio's currency.
    pub line: Vec<PointView>,
    /// The total value at the previous closes, where known: the chart's dotted reference.
    pub previous_value: Option<Decimal>,
    /// One sparkline per holding: today's prices, oldest first.
    pub sparklines: Vec<(Ticker, Vec<Decimal>)>,
    /// Dividends and interest since the year began.
    pub income_this_year: Decimal,
}

/// What the instrument page shows beside the page's live figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentPageView {
    /// The catalogue's entry.
    pub instrument: InstrumentView,
    /// The chart's bars for the asked range, oldest first.
    pub bars: Vec<BarView>,
    /// Open lots, oldest first.
    pub lots: Vec<LotView>,
    /// The trades in it, newest first.
    pub activities: Vec<ActivityView>,
    /// Cost with the moving average, in the portfolio's currency, beside FIFO.
    pub average_cost_basis: Option<Decimal>,
    /// Realised gain of this instrument (FIFO).
    pub realized_pnl: Decimal,
    /// Dividends so far.
    pub income: Decimal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::position::fold;
    use crate::domain::valuation::{Rates, value};

    #[test]
    fn a_portfolio_shows_money_with_at_most_eight_decimals_and_unknown_as_null() {
        let ledger = fold(Currency::EUR, &[]).unwrap();
        let mut valuation = value(&ledger, |_| None, &Rates::default(), &Rates::default()).unwrap();
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
