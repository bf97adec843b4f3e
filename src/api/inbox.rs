//! Notifications: read, deleted and brought back.

use leptos::prelude::*;

use super::codec::Text;
#[cfg(feature = "ssr")]
use super::context::backend;
use crate::wire::error::ApiError;

/// Marks a notification as read.
#[server(endpoint = "ui/read_notification", output = Text)]
pub async fn read_notification(id: String) -> Result<(), ApiError> {
    backend()?.read_notification(&id).await.map(drop)
}

/// Marks every notification as read.
#[server(endpoint = "ui/read_all_notifications", output = Text)]
pub async fn read_all_notifications() -> Result<(), ApiError> {
    backend()?.read_all_notifications().await
}

/// Deletes a notification, which is read from then on.
#[server(endpoint = "ui/delete_notification", output = Text)]
pub async fn delete_notification(id: String) -> Result<(), ApiError> {
    backend()?.delete_notification(&id, true).await
}

/// Brings a deleted notification back.
#[server(endpoint = "ui/restore_notification", output = Text)]
pub async fn restore_notification(id: String) -> Result<(), ApiError> {
    backend()?.delete_notification(&id, false).await
}
