//! Notifications: an inbox in commit order that nothing but a person's reading changes.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::wire::views::NotificationView;

use super::columns::{named, parsed, parsed_option, time};
use super::records::{AllNotificationsRead, NotificationRead};
use super::{Result, Store};

const UNREAD_COUNT: &str = "SELECT count(*) FROM notifications WHERE read = 0";

impl Store {
    /// Returns at most `limit` notifications after a number, ascending: the next page of whoever follows.
    pub async fn notifications_after(&self, n: i64, limit: u32) -> Result<Vec<NotificationView>> {
        let rows = sqlx::query("SELECT * FROM notifications WHERE n > ?1 ORDER BY n LIMIT ?2")
            .bind(n)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        views(&rows)
    }

    /// Returns the newest notifications, the newest first.
    pub async fn newest_notifications(&self, limit: u32) -> Result<Vec<NotificationView>> {
        let query = sqlx::query("SELECT * FROM notifications ORDER BY n DESC LIMIT ?1").bind(limit);
        views(&query.fetch_all(self.readers()).await?)
    }

    /// Returns the newest unread notifications, ascending.
    pub async fn unread_newest(&self, limit: u32) -> Result<Vec<NotificationView>> {
        let query = sqlx::query("SELECT * FROM notifications WHERE read = 0 ORDER BY n DESC LIMIT ?1").bind(limit);
        let mut rows = query.fetch_all(self.readers()).await?;
        rows.reverse();
        views(&rows)
    }

    /// Returns how many notifications are unread.
    pub async fn unread_count(&self) -> Result<i64> {
        Ok(sqlx::query_scalar(UNREAD_COUNT).fetch_one(self.readers()).await?)
    }

    /// Returns the number of the last notification, 0 before the first.
    pub async fn last_n(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT coalesce(max(n), 0) FROM notifications").fetch_one(self.readers()).await?)
    }

    /// Marks a notification as read; nothing where there is no such number.
    pub async fn read_notification(&self, n: i64) -> Result<Option<NotificationRead>> {
        let mut change = self.begin().await?;
        let was_read: Option<bool> =
            sqlx::query_scalar("SELECT read FROM notifications WHERE n = ?1").bind(n).fetch_optional(&mut *change).await?;
        let Some(was_read) = was_read else {
            return Ok(None);
        };
        sqlx::query("UPDATE notifications SET read = 1 WHERE n = ?1").bind(n).execute(&mut *change).await?;
        let unread_count = unread(&mut change).await?;
        change.commit().await?;
        Ok(Some(NotificationRead { changed: !was_read, unread_count }))
    }

    /// Marks every notification as read, and says which were not.
    pub async fn read_all(&self) -> Result<AllNotificationsRead> {
        let mut change = self.begin().await?;
        let changed = sqlx::query_scalar("SELECT n FROM notifications WHERE read = 0 ORDER BY n").fetch_all(&mut *change).await?;
        sqlx::query("UPDATE notifications SET read = 1 WHERE read = 0").execute(&mut *change).await?;
        let unread_count = unread(&mut change).await?;
        change.commit().await?;
        Ok(AllNotificationsRead { changed, unread_count })
    }
}

async fn unread(change: &mut Transaction<'_, Sqlite>) -> Result<i64> {
    Ok(sqlx::query_scalar(UNREAD_COUNT).fetch_one(&mut **change).await?)
}

fn views(rows: &[SqliteRow]) -> Result<Vec<NotificationView>> {
    Ok(rows.iter().map(notification_row).collect::<std::result::Result<_, _>>()?)
}

pub(super) fn notification_row(row: &SqliteRow) -> std::result::Result<NotificationView, sqlx::Error> {
    let n: i64 = row.try_get("n")?;
    let alert_id: i64 = row.try_get("alert_id")?;
    Ok(NotificationView {
        notification_id: n.to_string(),
        n,
        alert_id: alert_id.to_string(),
        ticker: parsed(row, "ticker")?,
        condition: named(row, "condition")?,
        threshold: parsed(row, "threshold")?,
        price: parsed(row, "price")?,
        previous_price: parsed_option(row, "previous_price")?,
        message: row.try_get("message")?,
        time: time(row, "time_us")?,
        gap: row.try_get("gap")?,
        replayed: false,
        read: row.try_get("read")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE_TEXTS, at, firing, new_alert, store};
    use super::*;

    async fn with_notifications(messages: &[&str]) -> (tempfile::TempDir, Store) {
        let (folder, store) = store().await;
        for message in messages {
            let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
            store.record_firing(&firing(&alert, "151"), message).await.unwrap();
        }
        (folder, store)
    }

    fn numbers(notifications: &[NotificationView]) -> Vec<i64> {
        notifications.iter().map(|notification| notification.n).collect()
    }

    #[tokio::test]
    async fn an_empty_inbox_is_empty() {
        let (_folder, store) = store().await;
        assert_eq!((store.last_n().await.unwrap(), store.unread_count().await.unwrap()), (0, 0));
        assert_eq!(store.newest_notifications(20).await.unwrap(), []);
        assert_eq!(store.read_notification(1).await.unwrap(), None);
        assert_eq!(store.read_all().await.unwrap(), AllNotificationsRead { changed: vec![], unread_count: 0 });
    }

    #[tokio::test]
    async fn pages_ascend_after_a_number_and_the_newest_descend() {
        let (_folder, store) = with_notifications(&["m"; 5]).await;
        assert_eq!(store.last_n().await.unwrap(), 5);
        assert_eq!(numbers(&store.notifications_after(0, 2).await.unwrap()), [1, 2]);
        assert_eq!(numbers(&store.notifications_after(3, 200).await.unwrap()), [4, 5]);
        assert_eq!(numbers(&store.notifications_after(i64::MAX, 200).await.unwrap()), [0; 0]);
        assert_eq!(numbers(&store.notifications_after(i64::MIN, 1).await.unwrap()), [1]);
        assert_eq!(numbers(&store.newest_notifications(2).await.unwrap()), [5, 4]);
    }

    #[tokio::test]
    async fn reading_counts_down_once() {
        let (_folder, store) = with_notifications(&["m"; 4]).await;
        let first = store.read_notification(3).await.unwrap();
        assert_eq!(first, Some(NotificationRead { changed: true, unread_count: 3 }));
        let again = store.read_notification(3).await.unwrap();
        assert_eq!(again, Some(NotificationRead { changed: false, unread_count: 3 }));
        assert_eq!(numbers(&store.unread_newest(2).await.unwrap()), [2, 4]);
        assert!(store.notifications_after(2, 1).await.unwrap()[0].read);
        let all = store.read_all().await.unwrap();
        assert_eq!(all, AllNotificationsRead { changed: vec![1, 2, 4], unread_count: 0 });
        assert_eq!(store.unread_count().await.unwrap(), 0);
        assert_eq!(store.unread_newest(200).await.unwrap(), []);
    }

    #[tokio::test]
    async fn hostile_messages_come_back_as_written() {
        let (_folder, store) = with_notifications(&HOSTILE_TEXTS).await;
        let found = store.notifications_after(0, 100).await.unwrap();
        let messages: Vec<_> = found.iter().map(|notification| notification.message.as_str()).collect();
        assert_eq!(messages, HOSTILE_TEXTS);
    }
}
