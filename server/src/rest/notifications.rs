//! The routes of the inbox, below `/api/v1/notifications`.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use foliostream::wire::error::ApiError;
use foliostream::wire::views::{NotificationReadView, NotificationView};
use foliostream::words::Language;

use crate::extract::{Path, Query};
use crate::hub::Acting;
use crate::language::reader_words;

/// Notifications of one answer, unless told.
const USUAL: u32 = 100;

/// The notifications that are asked for: those after a number `n`, at most `limit`.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    after: Option<i64>,
    limit: Option<u32>,
}

/// Lists notifications: newest first, or ascending after `n`; `message` in the language that is asked for.
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications",
    params(("after" = Option<i64>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "100 unless told")),
    responses((status = 200, body = [NotificationView])))]
pub(crate) async fn list(acting: Acting, Query(page): Query<Page>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let words = reader_words(&headers);
    let mut notifications = acting.notifications(page.after, page.limit.unwrap_or(USUAL)).await?;
    if words.language() != Language::default() {
        for notification in &mut notifications {
            notification.message = notification.sentence(words);
        }
    }
    let language = (header::CONTENT_LANGUAGE, words.language().code());
    Ok(([language, (header::VARY, "accept-language, cookie")], axum::Json(notifications)))
}

/// Marks a notification as read.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", tag = "notifications", params(("id" = String, Path)),
    responses((status = 200, body = NotificationReadView), (status = 404, description = "no such notification")))]
pub(crate) async fn read(acting: Acting, Path(id): Path<String>) -> Result<axum::Json<NotificationReadView>, ApiError> {
    Ok(axum::Json(acting.read_notification(&id).await?))
}

/// Deletes a notification, which is read from then on.
#[utoipa::path(delete, path = "/api/v1/notifications/{id}", tag = "notifications", params(("id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such notification")))]
pub(crate) async fn delete(acting: Acting, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    acting.delete_notification(&id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted notification back.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/restore", tag = "notifications", params(("id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such notification")))]
pub(crate) async fn restore(acting: Acting, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    acting.delete_notification(&id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
