//! What a page is rendered from.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::domain::source::Nature;

use super::{
    ActivityView, AlertView, BarView, EnteredView, InstrumentView, LotView, NotificationView, PointView, PortfolioSummary,
    PortfolioView, QuoteView, StatusView, millis,
};
use crate::wire::live::Cursor;
use crate::wire::range::Range;

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
    /// The state of market data, which the pill shows.
    pub status: StatusView,
    /// What the prices of the sources in use are, in the order in which these were named; nothing where prices are only pushed.
    pub natures: Vec<Nature>,
    /// Which of the portfolios is the demo, while it is there.
    pub demo: Option<String>,
    /// The portfolio that the user wants to see first, where she has said so.
    pub default_portfolio: Option<String>,
    /// All portfolios of the user.
    pub portfolios: Vec<PortfolioSummary>,
    /// What each of them is worth in its currency, where there are several and it has a value.
    pub portfolio_values: Vec<(String, Decimal)>,
    /// Which of them the page is about, if there is one, also where it has no value; `all` where it is about all together.
    pub portfolio_id: Option<String>,
    /// That one, if it has a value, with its largest holdings, at most [`PageView::HOLDINGS`].
    pub portfolio: Option<PortfolioView>,
    /// The number of holdings in all, of which a page shows the largest.
    pub holdings_count: usize,
    /// Quotes of every ticker the page's stream follows.
    pub quotes: Vec<QuoteView>,
    /// The catalogue's entries of those tickers.
    pub instruments: Vec<InstrumentView>,
    /// All alerts of the user.
    pub alerts: Vec<AlertView>,
    /// How far the prices that alerts watch usually move in a day, in percent; instruments without enough history are left out.
    pub typical_days: Vec<(Ticker, Decimal)>,
    /// The newest notifications, newest first, at most 20.
    pub notifications: Vec<NotificationView>,
    /// The number of unread notifications of the user.
    pub unread_count: i64,
}

impl PageView {
    /// Holdings that a page shows at most: more rows than anybody reads, in a document of well under a megabyte.
    pub const HOLDINGS: usize = 200;
}

/// What the overview shows beside the page's live figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewView {
    /// How far back the chart looks: what was asked for, or what suits the portfolio's age.
    pub range: Range,
    /// The chart's values before today; nothing where it shows today, or where there is no earlier day.
    pub past: Option<PastView>,
    /// Whether there are too many instruments to work out earlier values.
    pub is_past_too_large: bool,
    /// Deposits less withdrawals; where cash does not count, purchases less sales and income. Nothing where that does not fit.
    pub net_contributions: Option<Decimal>,
    /// The total value over the current session, oldest first, in the portfolio's currency; empty where the chart shows more.
    pub line: Vec<PointView>,
    /// The total value at the previous closes, where known: the chart's dotted reference.
    pub previous_value: Option<Decimal>,
    /// One sparkline per holding that the page shows: today's prices, oldest first.
    pub sparklines: Vec<(Ticker, Vec<Decimal>)>,
    /// Dividends and interest since the year began.
    pub income_this_year: Decimal,
}

/// What the form of an alert draws of an instrument's past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPastView {
    /// The currency of its prices.
    pub currency: Currency,
    /// How many decimals its price is shown with.
    pub price_decimals: u32,
    /// How far its price usually moves in a day, in percent; nothing without enough history.
    pub typical_day_percent: Option<Decimal>,
    /// The highest price of the year.
    pub high: Option<Decimal>,
    /// The lowest price of the year.
    pub low: Option<Decimal>,
    /// The closes of a year, oldest first.
    pub closes: Vec<PointView>,
}

/// A portfolio's value over more than a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastView {
    /// The values of earlier moments, oldest first, at most [`PastView::POINTS`].
    pub points: Vec<PastPointView>,
    /// The gain that there was before the range.
    pub gain_before: Decimal,
    /// What the range's gain is measured by: the time-weighted average of the value at its start and what was put in since.
    pub money_at_work: Option<Decimal>,
}

impl PastView {
    /// The most instruments whose past is worked out: the closes of each have to be read.
    pub const MOST_INSTRUMENTS: usize = 2_000;

    /// The most points of a chart: two pixels and a half each on a wide screen.
    pub const POINTS: usize = 240;
}

/// A portfolio's value at a moment, and what had been put in by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPointView {
    /// The moment.
    #[serde(with = "millis")]
    pub time: Timestamp,
    /// The total value.
    pub value: Decimal,
    /// The net contributions.
    pub net_contributions: Decimal,
}

/// What the instrument page shows beside the page's live figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentPageView {
    /// The catalogue's entry of the instrument.
    pub instrument: InstrumentView,
    /// The chart's bars for the asked range, oldest first.
    pub bars: Vec<BarView>,
    /// Open lots, oldest first, at most [`InstrumentPageView::ENTRIES`].
    pub lots: Vec<LotView>,
    /// The number of open lots in all, of which a page shows the oldest.
    pub lots_count: usize,
    /// The trades in it, newest first, at most [`InstrumentPageView::ENTRIES`].
    pub activities: Vec<ActivityView>,
    /// The number of trades in all, of which a page shows the newest.
    pub activities_count: i64,
    /// Cost with the moving average, in the portfolio's currency, beside FIFO.
    pub average_cost_basis: Option<Decimal>,
    /// Realised gain of this instrument (FIFO).
    pub realized_pnl: Decimal,
    /// The same with the moving average.
    pub average_realized_pnl: Decimal,
    /// The figures of its session and of its year.
    pub statistics: StatisticsView,
    /// Dividends so far, in the portfolio's currency.
    pub income: Decimal,
    /// The same by year, where all are in one currency.
    pub dividends: Option<DividendsView>,
    /// What the reader notes about it.
    pub note: Option<String>,
    /// What a person has entered about it; nothing where a source describes it.
    pub entered: Option<EnteredView>,
}

impl InstrumentPageView {
    /// Trades and lots that an instrument's page shows at most; the ledger's pages hold all trades.
    pub const ENTRIES: usize = 100;
}

/// What an instrument paid, year by year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DividendsView {
    /// The major currency of the figures.
    pub currency: Currency,
    /// The years with a payment, the newest first.
    pub years: Vec<DividendYearView>,
}

/// What an instrument paid in one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DividendYearView {
    /// The year of the payments.
    pub year: i16,
    /// What was paid, before fees and taxes.
    pub gross: Decimal,
    /// What of it arrived.
    pub net: Decimal,
}

/// What an instrument did in its session and in 52 weeks, in the unit it is quoted in; unknown is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatisticsView {
    /// The first price of the session.
    pub open: Option<Decimal>,
    /// Its highest price.
    pub high: Option<Decimal>,
    /// Its lowest price.
    pub low: Option<Decimal>,
    /// The highest price of 52 weeks.
    pub year_high: Option<Decimal>,
    /// The lowest price of 52 weeks.
    pub year_low: Option<Decimal>,
    /// The units that were traded in the session so far.
    pub volume: Option<Decimal>,
    /// The units that a session trades on average.
    pub average_volume: Option<Decimal>,
}

/// A page of a portfolio's transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPageView {
    /// The page's transactions, newest first, at most [`LedgerPageView::ENTRIES`].
    pub entries: Vec<LedgerEntryView>,
    /// The number of transactions on all pages: those that the filters leave.
    pub count: i64,
    /// The number of transactions without any filter.
    pub total: i64,
    /// The number of this page, from 1.
    pub page: i64,
    /// How many of the portfolio's transactions sold what was not held.
    pub incomplete: usize,
    /// The portfolio's currency, in which all sums are.
    pub currency: Currency,
    /// What those on all pages moved; `None` where a portfolio of more than [`LedgerPageView::SUMMED`] is shown whole.
    pub sums: Option<FlowsView>,
    /// The months that begin on this page or go on from the one before, newest first; none where there are no sums.
    pub months: Vec<LedgerMonthView>,
    /// The year of the oldest transaction, where there is one and sums are made.
    pub first_year: Option<i16>,
}

/// A transaction in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntryView {
    /// The transaction, in the currency it was written in.
    pub activity: ActivityView,
    /// The name of its instrument.
    pub name: Option<String>,
    /// The name of its account.
    pub account: Option<String>,
    /// What the cash grew by, in the portfolio's currency; `None` where it cannot be computed.
    pub net: Option<Decimal>,
    /// The same in its own currency, where that is another one; pence count in pounds.
    pub own_net: Option<Decimal>,
    /// Its fee and tax, in the portfolio's currency.
    pub charges: Option<Decimal>,
}

/// What the transactions of a list moved, in the portfolio's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowsView {
    /// Deposits less withdrawals.
    pub deposits: Decimal,
    /// Purchases less sales, before fees and taxes.
    pub bought: Decimal,
    /// Dividends and interest before tax.
    pub income: Decimal,
    /// Fees and taxes.
    pub charges: Decimal,
    /// What the cash grew by: deposits and income less purchases, fees and taxes.
    pub net: Decimal,
}

/// A month of a list of transactions, all of it, also what stands on other pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerMonthView {
    /// The year, such as 2026.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// How many transactions it has in the list.
    pub count: i64,
    /// What the cash grew by, in the portfolio's currency.
    pub net: Decimal,
}

impl LedgerPageView {
    /// Transactions of a page: most days the newest matter.
    pub const ENTRIES: i64 = 100;
    /// A portfolio of more transactions than this is shown without sums until a filter chooses among them: adding all of them up
    /// would cost more than the page.
    pub const SUMMED: i64 = 10_000;

    /// Returns a page of nothing.
    pub fn empty(currency: Currency) -> Self {
        Self {
            entries: Vec::new(),
            count: 0,
            total: 0,
            page: 1,
            incomplete: 0,
            currency,
            sums: None,
            months: Vec::new(),
            first_year: None,
        }
    }

    /// Returns the number of the last page, at least 1.
    pub fn last_page(&self) -> i64 {
        ((self.count - 1).max(0) / Self::ENTRIES) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_of_a_hundred_entries_has_one_page_and_one_more_entry_begins_the_next() {
        let page = |count| LedgerPageView { count, ..LedgerPageView::empty(Currency::EUR) };
        assert_eq!([0, 1, 100, 101, 100_000].map(|count| page(count).last_page()), [1, 1, 1, 2, 1_000]);
    }
}
