//! `/notifications`: the inbox.

use serde::Deserialize;

use crate::wire::error::ApiError;
use crate::wire::views::{NotificationReadView, NotificationView};

use crate::server::extract::{Path, Query};
use crate::server::hub::Acting;

/// Notifications of one answer, unless told.
const USUAL: u32 = 100;

/// Which notifications.
#[derive(Debug, Deserialize)]
pub struct Page {
    after: Option<i64>,
    limit: Option<u32>,
}

/// Lists notifications: newest first, or ascending after `n`.
#[utoipa::path(get, path = "/api/v1/notifications", tag = "notifications",
    params(("after" = Option<i64>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "100 unless told")),
    responses((status = 200, body = [NotificationView])))]
pub async fn list(acting: Acting, Query(page): Query<Page>) -> Result<axum::Json<Vec<NotificationView>>, ApiError> {
    Ok(axum::Json(acting.notifications(page.after, page.limit.unwrap_or(USUAL)).await?))
}

/// Marks a notification as read.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", tag = "notifications", params(("id" = String, Path)),
    responses((status = 200, body = NotificationReadView), (status = 404, description = "no such notification")))]
pub async fn read(acting: Acting, Path(id): Path<String>) -> Result<axum::Json<NotificationReadView>, ApiError> {
    Ok(axum::Json(acting.read_notification(&id).await?))
}
