//! The inbox: notifications are listed, marked as read and deleted.

use crate::engine_task::News;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{NotificationReadView, NotificationView};
use foliostream::words::Refusals;

use super::Acting;

/// The most notifications of one answer.
const PAGE: u32 = 500;

impl Acting {
    /// Returns notifications after `n`, ascending; without one the newest, newest first.
    pub async fn notifications(&self, after: Option<i64>, limit: u32) -> Result<Vec<NotificationView>, ApiError> {
        if !(1..=PAGE).contains(&limit) {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::ask_for_notifications());
            return Err(ApiError { field: Some("limit".to_owned()), ..refusal });
        }
        let page = match after {
            Some(n) => self.store().notifications_after(n, limit).await?,
            None => self.store().newest_notifications(limit).await?,
        };
        Ok(page.into_iter().map(NotificationView::from).collect())
    }

    /// Returns notifications before `n`, newest first, all or only those that were not read; without a number the newest.
    pub async fn notifications_before(
        &self,
        before: Option<i64>,
        is_unread_only: bool,
        limit: u32,
    ) -> Result<Vec<NotificationView>, ApiError> {
        let (before, limit) = (before.unwrap_or(i64::MAX), limit.clamp(1, PAGE));
        let page = if is_unread_only {
            self.store().unread_before(before, limit).await?
        } else {
            self.store().notifications_before(before, limit).await?
        };
        Ok(page.into_iter().map(NotificationView::from).collect())
    }

    /// Returns how many notifications are unread.
    pub async fn unread_count(&self) -> Result<i64, ApiError> {
        Ok(self.store().unread_count().await?)
    }

    /// Marks a notification as read; a second time changes nothing.
    pub async fn read_notification(&self, id: &str) -> Result<NotificationReadView, ApiError> {
        let no_such = || ApiError::not_found(Refusals::no_such_notification());
        let n: i64 = id.parse().map_err(|_| no_such())?;
        let read = move |hub: Self| async move {
            let read = hub.store().read_notification(n).await?.ok_or_else(no_such)?;
            let view = NotificationReadView { notification_id: n.to_string(), unread_count: read.unread_count, deleted: None };
            if read.changed {
                hub.parts.engine.send(News::NotificationRead(hub.owned(view.clone()))).await?;
            }
            Ok(view)
        };
        self.to_its_end(read).await
    }

    /// Deletes a notification, or brings it back; a second time changes nothing.
    pub async fn delete_notification(&self, id: &str, is_deleted: bool) -> Result<(), ApiError> {
        let no_such = || ApiError::not_found(Refusals::no_such_notification());
        let n: i64 = id.parse().map_err(|_| no_such())?;
        let delete = move |hub: Self| async move {
            let told = hub.store().delete_notification(n, is_deleted).await?.ok_or_else(no_such)?;
            if told.changed {
                let (notification_id, deleted) = (n.to_string(), Some(is_deleted));
                let view = NotificationReadView { notification_id, unread_count: told.unread_count, deleted };
                hub.parts.engine.send(News::NotificationRead(hub.owned(view))).await?;
            }
            Ok(())
        };
        self.to_its_end(delete).await
    }

    /// Marks every notification as read.
    pub async fn read_all_notifications(&self) -> Result<(), ApiError> {
        let read_all = |hub: Self| async move {
            let read = hub.store().read_all().await?;
            for n in read.changed {
                let view =
                    NotificationReadView { notification_id: n.to_string(), unread_count: read.unread_count, deleted: None };
                hub.parts.engine.send(News::NotificationRead(hub.owned(view))).await?;
            }
            Ok(())
        };
        self.to_its_end(read_all).await
    }
}
