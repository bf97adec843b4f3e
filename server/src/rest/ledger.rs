//! `GET /portfolios/{portfolio_id}/activities`: the ledger, whole or in pages. Whole, it is written as it is read, so that a
//! ledger of 100,000 entries takes no more memory than a part of it.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::{Deserialize, Serialize};

use crate::extract::{Path, Query};
use crate::hub::{LedgerQuery, LedgerReading};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::ActivityView;

use super::pages;
use super::pages::{Asked, Page};
use crate::hub::Acting;

/// Entries that are read at once: some 150 KB of text.
pub(super) const PART: i64 = 500;

/// The part of a ledger that is asked for; with neither field, all of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Entries {
    limit: Option<i64>,
    cursor: Option<String>,
    q: Option<String>,
    kind: Option<String>,
    account: Option<String>,
    ticker: Option<String>,
    tag: Option<String>,
    from: Option<String>,
    to: Option<String>,
    problem: Option<String>,
    sort: Option<String>,
}

/// A ledger, or a page of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "what the OpenAPI document says; the whole ledger is written in parts")]
pub(crate) enum Activities {
    /// All of it, where neither `limit` nor `cursor` was given.
    All(Vec<ActivityView>),
    /// One page of it, with the cursor of the next.
    Page(Page<ActivityView>),
}

/// Lists a ledger, newest first: the whole of it, or a page where `limit`, `cursor` or anything else is given.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/activities", tag = "portfolios", operation_id = "list_activities",
    params(("portfolio_id" = String, Path), ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Entries of a page, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "Where a page goes on: `next` of the page before"),
        ("q" = Option<String>, Query, description = "What stands in the ticker, the instrument's name, the note or a tag"),
        ("kind" = Option<String>, Query, description = "The kind, such as `buy`"), ("account" = Option<String>, Query, description = "The `account_id` of an account"),
        ("ticker" = Option<String>, Query), ("tag" = Option<String>, Query), ("from" = Option<String>, Query, description = "The first day, such as `2026-11-02`"),
        ("to" = Option<String>, Query, description = "The last day"), ("problem" = Option<String>, Query, description = "`true` for sales of what was not held alone"),
        ("sort" = Option<String>, Query, description = "`-time` (unless told), `time`, `-amount`, `amount` (what the cash moved by), `ticker` or `-ticker`")),
    responses((status = 200, description = "The whole ledger, or a page where anything is asked for", body = Activities),
        (status = 409, description = "the ledger changed while it was read; read it again"),
        (status = 422, description = "the ledger cannot be reckoned at the rates that have become known")))]
pub(crate) async fn activities(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Query(entries): Query<Entries>,
) -> Result<Response, ApiError> {
    let Entries { limit, cursor, q, kind, account, ticker, tag, from, to, problem, sort } = entries;
    let query = LedgerQuery { q, kind, account, ticker, tag, from, to, problem, sort };
    if !query.is_empty() {
        let asked = pages::asked(Some(limit.unwrap_or(pages::USUAL)), cursor)?;
        let (limit, cursor) = asked.map_or((pages::USUAL, None), |asked| (asked.limit, asked.cursor));
        let (items, next) = acting.search_activities(&portfolio_id, &query, cursor.as_deref(), limit).await?;
        return Ok(axum::Json(Page { items, next }).into_response());
    }
    if let Some(Asked { limit, cursor }) = pages::asked(limit, cursor)? {
        let (items, next) = acting.activities_after(&portfolio_id, cursor.as_deref(), limit).await?;
        return Ok(axum::Json(Page { items, next }).into_response());
    }
    let mut reading = acting.read_ledger(&portfolio_id).await?;
    let first = reading.next(PART).await?;
    if is_last(&first) {
        return Ok(axum::Json(first).into_response());
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], whole(first, reading)).into_response())
}

fn is_last(part: &[ActivityView]) -> bool {
    i64::try_from(part.len()).unwrap_or(i64::MAX) < PART
}

/// Writes a ledger as one array, part by part. One that changes meanwhile ends torn: an array that does not close says that it
/// is not whole.
fn whole(first: Vec<ActivityView>, reading: LedgerReading) -> Body {
    let begun = written(&first, "[");
    let rest = stream::try_unfold(Some(reading), async |reading| {
        let Some(mut reading) = reading else { return Ok(None) };
        let part = reading.next(PART).await.map_err(io::Error::other)?;
        if part.is_empty() {
            return Ok(Some((Bytes::from_static(b"]"), None)));
        }
        Ok(Some((written(&part, ",")?, Some(reading))))
    });
    Body::from_stream(futures::StreamExt::chain(stream::once(std::future::ready(begun)), rest))
}

/// Writes entries with commas between them, after `before`.
pub(super) fn written(part: &[ActivityView], before: &str) -> io::Result<Bytes> {
    let mut text = before.as_bytes().to_vec();
    for (index, entry) in part.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, entry)?;
    }
    Ok(text.into())
}
