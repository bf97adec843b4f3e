//! `GET /portfolios/{portfolio_id}/activities`: the ledger, whole or in pages. Whole, it is written as it is read, so that a
//! ledger of 100,000 entries takes no more memory than a part of it.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::{Deserialize, Serialize};

use crate::extract::{Path, Query};
use crate::hub::LedgerReading;
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

/// Lists a ledger, newest first: the whole of it, or a page where `limit` or `cursor` is given.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/activities", tag = "portfolios", operation_id = "list_activities",
    params(("portfolio_id" = String, Path), ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Entries of a page, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "Where a page goes on: `next` of the page before")),
    responses((status = 200, description = "The whole ledger, or a page where `limit` or `cursor` is given", body = Activities),
        (status = 409, description = "the ledger changed while it was read; read it again"),
        (status = 422, description = "the ledger cannot be reckoned at the rates that have become known")))]
pub(crate) async fn activities(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Query(entries): Query<Entries>,
) -> Result<Response, ApiError> {
    if let Some(Asked { limit, cursor }) = pages::asked(entries.limit, entries.cursor)? {
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
