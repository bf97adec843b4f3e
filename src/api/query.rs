//! What pages ask for and get: one question and one answer for all of them, so that fetching, waiting and handing over are built
//! once.

use serde::{Deserialize, Serialize};

use super::{instrument, ledger, notifications, operations, overview, presence, said, search, transaction};
use crate::wire::error::ApiError;
use crate::wire::ledger::LedgerAddress;
use crate::wire::views::{
    ActivityView, InstrumentPageView, InstrumentView, LedgerPageView, NotificationView, OperationsView, OverviewView,
    PresenceView,
};

/// What a page asks the server for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A portfolio's overview; nothing where there is no portfolio.
    Overview(Option<String>),
    /// An instrument, its range's word, and whose lots and trades.
    Instrument(String, &'static str, Option<String>),
    /// A page of a portfolio's transactions; nothing where there is no portfolio.
    Ledger(Option<String>, LedgerAddress),
    /// A transaction of a portfolio by its number.
    Transaction(Option<String>, String),
    /// The notifications before a number, or the newest.
    Inbox(Option<i64>),
    /// Instruments by ticker or name.
    Search(String),
    /// The tabs that are connected.
    Presence,
    /// The last minute of every worker.
    Operations,
}

/// The answer to a [`Query`], which the page is drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fetched {
    /// There is nothing to ask about.
    Nothing,
    /// The figures of a portfolio's overview.
    Overview(OverviewView),
    /// The page of an instrument: its bars, trades and lots.
    Instrument(Box<InstrumentPageView>),
    /// A page of a ledger.
    Ledger(Box<LedgerPageView>),
    /// A transaction; `None` where the portfolio has none of that number.
    Transaction(Option<Box<ActivityView>>),
    /// Notifications, the newest first.
    Inbox(Vec<NotificationView>),
    /// The instruments that a search found.
    Search(Vec<InstrumentView>),
    /// The connected tabs, the longest connected first.
    Presence(Vec<PresenceView>),
    /// The last minute of every worker.
    Operations(OperationsView),
}

/// Answers a page's question: by the hub on the server, through it from a browser.
pub async fn fetch(query: Query) -> Result<Fetched, ApiError> {
    answer(query).await.map_err(said)
}

async fn answer(query: Query) -> Result<Fetched, ApiError> {
    match query {
        Query::Overview(None) | Query::Ledger(None, _) | Query::Transaction(None, _) => Ok(Fetched::Nothing),
        Query::Overview(Some(portfolio)) => overview(portfolio).await.map(Fetched::Overview),
        Query::Instrument(ticker, range, portfolio) => {
            instrument(ticker, range.to_owned(), portfolio).await.map(|page| Fetched::Instrument(Box::new(page)))
        }
        Query::Ledger(Some(portfolio), LedgerAddress { page, text, kind, ticker, period, incomplete }) => {
            let page = ledger(portfolio, page, text, kind, ticker, period, incomplete).await;
            page.map(|page| Fetched::Ledger(Box::new(page)))
        }
        Query::Transaction(Some(portfolio), id) => {
            transaction(portfolio, id).await.map(|found| Fetched::Transaction(found.map(Box::new)))
        }
        Query::Inbox(before) => notifications(before).await.map(Fetched::Inbox),
        Query::Search(text) => search(text).await.map(Fetched::Search),
        Query::Presence => presence().await.map(Fetched::Presence),
        Query::Operations => operations().await.map(Fetched::Operations),
    }
}
