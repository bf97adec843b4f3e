//! What a page is rendered from.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::instrument::Ticker;

use super::{
    ActivityView, AlertView, BarView, InstrumentView, LotView, NotificationView, PointView, PortfolioSummary, PortfolioView,
    QuoteView, StatusView, millis,
};
use crate::wire::live::Cursor;

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
