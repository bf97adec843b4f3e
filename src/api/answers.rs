//! The answers to what pages ask, where they are rendered.

use serde::Serialize;

use super::query::Query;
use super::told::Told;
use super::{
    accounts, instrument, ledger, notifications, operations, overview, performance, presence, said, search, transaction,
};
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::ledger::LedgerAddress;
use crate::wire::views::PerformanceQuery;

/// Answers a page's question, where the page is rendered.
pub(crate) async fn answer_here(query: Query) -> Option<Told> {
    Some(Told(answered(query).await.map_err(said)))
}

async fn answered(query: Query) -> Result<String, ApiError> {
    match query {
        Query::Overview(None, _)
        | Query::Ledger(None, _)
        | Query::Transaction(None, _)
        | Query::Performance(None, _)
        | Query::Accounts(None) => Ok("null".to_owned()),
        Query::Performance(Some(portfolio), PerformanceQuery { range, from, to, benchmark, account, ticker, .. }) => {
            written(&performance(portfolio, range, from, to, benchmark, account, ticker).await?)
        }
        Query::Overview(Some(portfolio), range) => {
            written(&overview(portfolio, range.map(|range| range.word().to_owned())).await?)
        }
        Query::Instrument(ticker, range, portfolio) => written(&instrument(ticker, range.word().to_owned(), portfolio).await?),
        Query::Ledger(Some(portfolio), address) => {
            let LedgerAddress { page, text, kind, ticker, period, incomplete, account, tag, from, to, sort } = address;
            written(&ledger(portfolio, page, text, kind, ticker, period, incomplete, account, tag, from, to, sort).await?)
        }
        Query::Accounts(Some(portfolio)) => written(&accounts(portfolio).await?),
        Query::Transaction(Some(portfolio), id) => written(&transaction(portfolio, id).await?),
        Query::Inbox(before, is_unread_only) => written(&notifications(before, is_unread_only).await?),
        Query::Search(text) => written(&search(text).await?),
        Query::Presence => written(&presence().await?),
        Query::Operations => written(&operations().await?),
    }
}

fn written<T: Serialize>(answer: &T) -> Result<String, ApiError> {
    serde_json::to_string(answer).map_err(|why| ApiError::new(ErrorCode::Internal, why.to_string()))
}
