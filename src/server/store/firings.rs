//! Firings: the alert's change and its notification, in one transaction.

use crate::domain::alert::Firing;

use super::alerts::{alert_row, current};
use super::columns::{digits, micros, name};
use super::notifications::notification_row;
use super::records::{FiringOutcome, StoredFiring};
use super::{Result, Store};

const FIRE: &str = "UPDATE alerts SET revision = revision + 1, state = ?3, triggered_at_us = ?4, last_price = ?5, \
     left_level = 0, acknowledged = 0 WHERE alert_id = ?1 AND revision = ?2 RETURNING *";

const NOTIFY: &str = "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, previous_price, message, \
     time_us, fired_at_us, gap) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING *";

impl Store {
    /// Stores a firing, unless its alert has changed since: the alert at its next revision, and one notification.
    ///
    /// Of several firings of one revision exactly one is stored.
    pub async fn record_firing(&self, firing: &Firing, message: &str) -> Result<FiringOutcome> {
        let mut change = self.begin().await?;
        let fired = sqlx::query(FIRE)
            .bind(firing.alert_id.0)
            .bind(firing.revision)
            .bind(name(firing.state_after))
            .bind(micros(firing.fired_at))
            .bind(firing.price.to_string())
            .fetch_optional(&mut *change)
            .await?;
        let Some(fired) = fired else {
            let current = current(&mut change, firing.alert_id).await?.map(Box::new);
            return Ok(FiringOutcome::Refused { current });
        };
        let notified = sqlx::query(NOTIFY)
            .bind(firing.alert_id.0)
            .bind(firing.ticker.as_str())
            .bind(name(firing.condition))
            .bind(firing.threshold.to_string())
            .bind(firing.price.to_string())
            .bind(digits(firing.previous_price))
            .bind(message)
            .bind(micros(firing.time))
            .bind(micros(firing.fired_at))
            .bind(firing.gap)
            .fetch_one(&mut *change)
            .await?;
        let stored = StoredFiring { alert: alert_row(&fired)?, notification: notification_row(&notified)? };
        change.commit().await?;
        Ok(FiringOutcome::Stored(Box::new(stored)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, firing, new_alert, open, store};
    use super::*;
    use crate::domain::alert::{Alert, AlertState};

    async fn stored(store: &Store, firing: &Firing) -> Box<StoredFiring> {
        match store.record_firing(firing, "because").await.unwrap() {
            FiringOutcome::Stored(stored) => stored,
            FiringOutcome::Refused { current } => panic!("refused: {current:?}"),
        }
    }

    #[tokio::test]
    async fn a_firing_changes_its_alert_and_leaves_a_notification() {
        let (_folder, store) = store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let alert = store.update_alert(&Alert { acknowledged: true, ..alert }).await.unwrap();
        let after = stored(&store, &firing(&alert, "150.10")).await;
        let expected = Alert {
            revision: 3,
            state: AlertState::Triggered,
            acknowledged: false,
            last_price: Some("150.10".parse().unwrap()),
            triggered_at: Some(at(6)),
            ..alert
        };
        assert_eq!(after.alert, expected);
        let notification = &after.notification;
        assert_eq!((notification.n, notification.notification_id.as_str()), (1, "1"));
        assert_eq!(notification.alert_id, expected.id.0.to_string());
        assert_eq!((notification.time, notification.gap), (at(5), false));
        assert_eq!((notification.read, notification.replayed), (false, false));
        assert_eq!((notification.price.to_string(), notification.threshold.to_string()), ("150.10".into(), "150.00".into()));
        assert_eq!(notification.previous_price.unwrap().to_string(), "149.0");
        assert_eq!(notification.message, "because");
        assert_eq!(store.alert(expected.id).await.unwrap(), Some(expected));
        assert_eq!(store.notifications_after(0, 10).await.unwrap(), [after.notification]);
    }

    #[tokio::test]
    async fn a_firing_of_an_alert_that_has_changed_writes_nothing() {
        let (_folder, store) = store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let edited = store.update_alert(&alert).await.unwrap();
        let outcome = store.record_firing(&firing(&alert, "151"), "late").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: Some(Box::new(edited)) });
        store.delete_alert(alert.id, None).await.unwrap();
        let outcome = store.record_firing(&firing(&alert, "151"), "later").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: None });
        assert_eq!(store.last_n().await.unwrap(), 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_concurrent_firings_of_one_alert_exactly_one_is_stored() {
        let (_folder, store) = store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (store, firing) = (store.clone(), firing(&alert, "150.5"));
                tokio::spawn(async move { store.record_firing(&firing, "once").await.unwrap() })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += usize::from(matches!(task.await.unwrap(), FiringOutcome::Stored(_)));
        }
        assert_eq!((kept, store.last_n().await.unwrap()), (1, 1));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_firing_and_an_edit_at_once_never_overwrite_each_other() {
        let (_folder, store) = store().await;
        for _ in 0..20 {
            let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
            let edit = Alert { note: Some("edited".to_owned()), ..alert.clone() };
            let firing = firing(&alert, "150.5");
            let (fired, edited) = tokio::join!(store.record_firing(&firing, "m"), store.update_alert(&edit));
            let fired = matches!(fired.unwrap(), FiringOutcome::Stored(_));
            assert_ne!(fired, edited.is_ok());
            let now = store.alert(alert.id).await.unwrap().unwrap();
            assert_eq!((now.revision, now.state == AlertState::Triggered, now.note.is_none()), (2, fired, fired));
        }
    }

    #[tokio::test]
    async fn numbers_grow_across_restarts_and_deletions() {
        let (folder, store) = store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let first = stored(&store, &firing(&alert, "151")).await;
        store.delete_alert(alert.id, None).await.unwrap();
        store.close().await;
        let store = open(&folder).await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let second = stored(&store, &firing(&alert, "152")).await;
        assert_eq!((first.notification.n, second.notification.n), (1, 2));
    }
}
