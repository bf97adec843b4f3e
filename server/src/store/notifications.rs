//! Notifications: an inbox in commit order that nothing but a person's reading changes.

use foliostream::domain::alert::AlertId;
use foliostream::domain::notification::Notification;
use foliostream::domain::user::UserId;

use super::columns::{self, named, parsed, parsed_option, read_all, time};
use super::records::{AllNotificationsRead, NotificationRead};
use super::statement::{Change, Row, statement};
use super::{Personal, Result, Store};

const UNREAD_COUNT: &str = "SELECT count(*) AS number FROM notifications WHERE owner = $1 AND NOT read";

impl Store {
    /// Returns the number of the last notification of all users, 0 before the first.
    pub async fn last_n(&self) -> Result<i64> {
        statement("SELECT coalesce(max(n), 0) AS number FROM notifications").number(&mut self.read().await?).await
    }
}

impl Personal<'_> {
    /// Returns at most `limit` notifications after a number, ascending. A reader that follows asks with the last number it has.
    pub async fn notifications_after(&self, n: i64, limit: u32) -> Result<Vec<Notification>> {
        let page = statement("SELECT * FROM notifications WHERE n > $1 AND owner = $3 AND NOT deleted ORDER BY n LIMIT $2");
        let page = page.bind(n).bind(limit).bind(self.owner.as_str());
        read_all(&page.all(&mut self.store.read().await?).await?, notification_row)
    }

    /// Returns at most `limit` notifications before a number, the newest first; numbers may have holes.
    pub async fn notifications_before(&self, n: i64, limit: u32) -> Result<Vec<Notification>> {
        let page = statement("SELECT * FROM notifications WHERE n < $1 AND owner = $3 AND NOT deleted ORDER BY n DESC LIMIT $2");
        let page = page.bind(n).bind(limit).bind(self.owner.as_str());
        read_all(&page.all(&mut self.store.read().await?).await?, notification_row)
    }

    /// Returns at most `limit` unread notifications before a number, the newest first.
    pub async fn unread_before(&self, n: i64, limit: u32) -> Result<Vec<Notification>> {
        let page = statement("SELECT * FROM notifications WHERE n < $1 AND owner = $3 AND NOT read ORDER BY n DESC LIMIT $2");
        let page = page.bind(n).bind(limit).bind(self.owner.as_str());
        read_all(&page.all(&mut self.store.read().await?).await?, notification_row)
    }

    /// Returns the newest notifications, the newest first.
    pub async fn newest_notifications(&self, limit: u32) -> Result<Vec<Notification>> {
        self.notifications_before(i64::MAX, limit).await
    }

    /// Returns the newest unread notifications, ascending.
    pub async fn unread_newest(&self, limit: u32) -> Result<Vec<Notification>> {
        let query = statement("SELECT * FROM notifications WHERE owner = $2 AND NOT read ORDER BY n DESC LIMIT $1");
        let query = query.bind(limit).bind(self.owner.as_str());
        let mut rows = query.all(&mut self.store.read().await?).await?;
        rows.reverse();
        read_all(&rows, notification_row)
    }

    /// Returns how many notifications are unread.
    pub async fn unread_count(&self) -> Result<i64> {
        statement(UNREAD_COUNT).bind(self.owner.as_str()).number(&mut self.store.read().await?).await
    }

    /// Marks a notification as read; nothing where there is no such number.
    pub async fn read_notification(&self, n: i64) -> Result<Option<NotificationRead>> {
        let mut change = self.store.begin().await?;
        let found = statement("SELECT read FROM notifications WHERE n = $1 AND owner = $2");
        let found = found.bind(n).bind(self.owner.as_str()).optional(&mut change).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let was_read: bool = found.get("read")?;
        statement("UPDATE notifications SET read = TRUE WHERE n = $1").bind(n).run(&mut change).await?;
        let unread_count = unread(&mut change, self.owner).await?;
        change.commit().await?;
        Ok(Some(NotificationRead { changed: !was_read, unread_count }))
    }

    /// Deletes a notification, which is read from then on, or brings it back; nothing where there is no such number.
    pub async fn delete_notification(&self, n: i64, is_deleted: bool) -> Result<Option<NotificationRead>> {
        let mut change = self.store.begin().await?;
        let found = statement("SELECT deleted FROM notifications WHERE n = $1 AND owner = $2 AND message <> ''");
        let found = found.bind(n).bind(self.owner.as_str()).optional(&mut change).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let was_deleted: bool = found.get("deleted")?;
        if was_deleted != is_deleted {
            let set = statement("UPDATE notifications SET read = TRUE, deleted = $2 WHERE n = $1");
            set.bind(n).bind(is_deleted).run(&mut change).await?;
        }
        let unread_count = unread(&mut change, self.owner).await?;
        change.commit().await?;
        Ok(Some(NotificationRead { changed: was_deleted != is_deleted, unread_count }))
    }

    /// Marks every notification as read, and says which were not.
    pub async fn read_all(&self) -> Result<AllNotificationsRead> {
        let mut change = self.store.begin().await?;
        let unread_rows = statement("SELECT n FROM notifications WHERE owner = $1 AND NOT read ORDER BY n");
        let unread_rows = unread_rows.bind(self.owner.as_str()).all(&mut change).await?;
        let changed = read_all(&unread_rows, |row| row.get("n"))?;
        let read_them = statement("UPDATE notifications SET read = TRUE WHERE owner = $1 AND NOT read");
        read_them.bind(self.owner.as_str()).run(&mut change).await?;
        let unread_count = unread(&mut change, self.owner).await?;
        change.commit().await?;
        Ok(AllNotificationsRead { changed, unread_count })
    }
}

async fn unread(change: &mut Change, owner: &UserId) -> Result<i64> {
    statement(UNREAD_COUNT).bind(owner.as_str()).number(change).await
}

pub(super) fn notification_row(row: &Row) -> std::result::Result<Notification, sqlx::Error> {
    Ok(Notification {
        n: row.get("n")?,
        alert_id: AlertId(row.get("alert_id")?),
        ticker: columns::ticker(row, "ticker")?,
        condition: named(row, "condition")?,
        threshold: parsed(row, "threshold")?,
        price: parsed(row, "price")?,
        previous_price: parsed_option(row, "previous_price")?,
        message: row.get("message")?,
        change_percent: parsed_option(row, "change_percent")?,
        note: row.get("note")?,
        currency: parsed_option(row, "currency")?,
        time: time(row, "time_us")?,
        gap: row.get("gap")?,
        read: row.get("read")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, HOSTILE_TEXTS, Kind, Place, at, change, contract, firing, new_alert};
    use super::*;

    async fn with_notifications(kind: Kind, messages: &[&str]) -> (Place, Store) {
        let (place, store) = kind.store().await;
        for message in messages {
            let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
            store.record_firing(EPOCH, &firing(&alert, "151"), message).await.unwrap();
        }
        (place, store)
    }

    fn numbers(notifications: &[Notification]) -> Vec<i64> {
        notifications.iter().map(|notification| notification.n).collect()
    }

    async fn an_empty_inbox_is_empty(kind: Kind) {
        let (_place, store) = kind.store().await;
        assert_eq!((store.last_n().await.unwrap(), store.own().unread_count().await.unwrap()), (0, 0));
        assert_eq!(store.own().newest_notifications(20).await.unwrap(), []);
        assert_eq!(store.own().read_notification(1).await.unwrap(), None);
        assert_eq!(store.own().read_all().await.unwrap(), AllNotificationsRead { changed: vec![], unread_count: 0 });
    }

    async fn pages_ascend_after_a_number_and_the_newest_descend(kind: Kind) {
        let (_place, store) = with_notifications(kind, &["m"; 5]).await;
        assert_eq!(store.last_n().await.unwrap(), 5);
        assert_eq!(numbers(&store.own().notifications_after(0, 2).await.unwrap()), [1, 2]);
        assert_eq!(numbers(&store.own().notifications_after(3, 200).await.unwrap()), [4, 5]);
        assert_eq!(numbers(&store.own().notifications_after(i64::MAX, 200).await.unwrap()), [0; 0]);
        assert_eq!(numbers(&store.own().notifications_after(i64::MIN, 1).await.unwrap()), [1]);
        assert_eq!(numbers(&store.own().newest_notifications(2).await.unwrap()), [5, 4]);
    }

    async fn reading_counts_down_once(kind: Kind) {
        let (_place, store) = with_notifications(kind, &["m"; 4]).await;
        let first = store.own().read_notification(3).await.unwrap();
        assert_eq!(first, Some(NotificationRead { changed: true, unread_count: 3 }));
        let again = store.own().read_notification(3).await.unwrap();
        assert_eq!(again, Some(NotificationRead { changed: false, unread_count: 3 }));
        assert_eq!(numbers(&store.own().unread_newest(2).await.unwrap()), [2, 4]);
        assert!(store.own().notifications_after(2, 1).await.unwrap()[0].read);
        let all = store.own().read_all().await.unwrap();
        assert_eq!(all, AllNotificationsRead { changed: vec![1, 2, 4], unread_count: 0 });
        assert_eq!(store.own().unread_count().await.unwrap(), 0);
        assert_eq!(store.own().unread_newest(200).await.unwrap(), []);
    }

    async fn what_is_deleted_is_read_and_gone_until_it_is_brought_back(kind: Kind) {
        let (_place, store) = with_notifications(kind, &["m"; 3]).await;
        let deleted = store.own().delete_notification(2, true).await.unwrap();
        assert_eq!(deleted, Some(NotificationRead { changed: true, unread_count: 2 }));
        let again = store.own().delete_notification(2, true).await.unwrap();
        assert_eq!(again, Some(NotificationRead { changed: false, unread_count: 2 }));
        assert_eq!(numbers(&store.own().notifications_after(0, 9).await.unwrap()), [1, 3]);
        assert_eq!(numbers(&store.own().newest_notifications(9).await.unwrap()), [3, 1]);
        assert_eq!(numbers(&store.own().unread_newest(9).await.unwrap()), [1, 3]);
        assert_eq!(store.last_n().await.unwrap(), 3);
        let back = store.own().delete_notification(2, false).await.unwrap();
        assert_eq!(back, Some(NotificationRead { changed: true, unread_count: 2 }));
        let all = store.own().notifications_after(0, 9).await.unwrap();
        assert_eq!((numbers(&all), all[1].read), (vec![1, 2, 3], true));
        assert_eq!(store.own().delete_notification(9, true).await.unwrap(), None);
        let unread = store.own().delete_notification(3, false).await.unwrap();
        assert_eq!(unread, Some(NotificationRead { changed: false, unread_count: 2 }), "what was not deleted stays unread");
        store.own().delete_what_was_told().await.unwrap();
        assert_eq!(store.own().delete_notification(2, false).await.unwrap(), None, "what it told is gone");
        assert_eq!((store.own().notifications_after(0, 9).await.unwrap(), store.last_n().await.unwrap()), (vec![], 3));
    }

    async fn hostile_messages_come_back_as_written(kind: Kind) {
        let (_place, store) = with_notifications(kind, &HOSTILE_TEXTS).await;
        let found = store.own().notifications_after(0, 100).await.unwrap();
        let messages: Vec<_> = found.iter().map(|notification| notification.message.as_str()).collect();
        assert_eq!(messages, HOSTILE_TEXTS);
    }

    async fn pages_descend_before_a_number_over_holes(kind: Kind) {
        let (_place, store) = with_notifications(kind, &["m"; 6]).await;
        change(&store, statement("DELETE FROM notifications WHERE n IN (3, 4)")).await;
        assert_eq!(numbers(&store.own().notifications_before(6, 2).await.unwrap()), [5, 2]);
        assert_eq!(numbers(&store.own().notifications_before(2, 2).await.unwrap()), [1]);
        assert_eq!(numbers(&store.own().notifications_before(1, 2).await.unwrap()), [0; 0]);
        store.own().read_notification(5).await.unwrap();
        assert_eq!(numbers(&store.own().unread_before(i64::MAX, 2).await.unwrap()), [6, 2]);
        assert_eq!(numbers(&store.own().unread_before(2, 2).await.unwrap()), [1]);
    }

    async fn who_follows_while_two_processes_write_misses_none(kind: Kind) {
        let place = kind.place().await;
        let stores = [place.share().await, place.share().await];
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let store = stores[writer % 2].clone();
                tokio::spawn(async move {
                    for _ in 0..15 {
                        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
                        store.record_firing(EPOCH, &firing(&alert, "151"), "m").await.unwrap();
                    }
                })
            })
            .collect();
        let mut followed = Vec::new();
        loop {
            let all_written = writers.iter().all(tokio::task::JoinHandle::is_finished);
            let page = stores[0].own().notifications_after(followed.last().copied().unwrap_or(0), 200).await.unwrap();
            followed.extend(numbers(&page));
            if all_written && page.is_empty() {
                break;
            }
        }
        assert_eq!(followed, numbers(&stores[1].own().notifications_after(0, 200).await.unwrap()));
        assert_eq!(followed.len(), 60);
    }

    contract! {
        pages_descend_before_a_number_over_holes,
        who_follows_while_two_processes_write_misses_none,
        an_empty_inbox_is_empty,
        pages_ascend_after_a_number_and_the_newest_descend,
        reading_counts_down_once,
        what_is_deleted_is_read_and_gone_until_it_is_brought_back,
        hostile_messages_come_back_as_written,
    }
}
