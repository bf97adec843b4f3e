//! Firings: the alert's change and its notification, in one transaction.

use crate::domain::alert::Firing;

use super::alerts::{alert_row, current};
use super::columns::{digits, micros, name};
use super::notifications::notification_row;
use super::records::{FiringOutcome, StoredFiring};
use super::statement::statement;
use super::{Result, Store};

const FIRE: &str = "UPDATE alerts SET revision = revision + 1, state = $3, triggered_at_us = $4, last_price = $5, \
     left_level = FALSE, acknowledged = FALSE WHERE alert_id = $1 AND revision = $2 RETURNING *";

const NOTIFY: &str = "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, previous_price, message, \
     time_us, fired_at_us, gap) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *";

impl Store {
    /// Stores a firing, unless its alert has changed since: the alert at its next revision, and one notification.
    ///
    /// Of several firings of one revision exactly one is stored. Fails with `Fenced` where another epoch has begun.
    pub async fn record_firing(&self, epoch: u64, firing: &Firing, message: &str) -> Result<FiringOutcome> {
        let mut change = self.begin_in(epoch).await?;
        let fired = statement(FIRE)
            .bind(firing.alert_id.0)
            .bind(firing.revision)
            .bind(name(firing.state_after))
            .bind(micros(firing.fired_at))
            .bind(firing.price.to_string())
            .optional(&mut change)
            .await?;
        let Some(fired) = fired else {
            let current = current(&mut change, firing.alert_id).await?.map(Box::new);
            return Ok(FiringOutcome::Refused { current });
        };
        let notified = statement(NOTIFY)
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
            .one(&mut change)
            .await?;
        let stored = StoredFiring { alert: alert_row(&fired)?, notification: notification_row(&notified)? };
        change.commit().await?;
        Ok(FiringOutcome::Stored(Box::new(stored)))
    }

    /// Returns a firing that an earlier try has stored although it was told otherwise, if its alert is still there: a
    /// connection may break after the server has committed and before it could say so.
    pub async fn stored_firing(&self, firing: &Firing) -> Result<Option<StoredFiring>> {
        let notified = statement("SELECT * FROM notifications WHERE alert_id = $1 AND fired_at_us = $2 ORDER BY n DESC LIMIT 1")
            .bind(firing.alert_id.0)
            .bind(micros(firing.fired_at))
            .optional(&mut self.read().await?)
            .await?;
        let (Some(notified), Some(alert)) = (notified, self.alert(firing.alert_id).await?) else {
            return Ok(None);
        };
        Ok(Some(StoredFiring { alert, notification: notification_row(&notified)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, Kind, at, contract, firing, new_alert};
    use super::*;
    use crate::domain::alert::{Alert, AlertState};

    async fn stored(store: &Store, firing: &Firing) -> Box<StoredFiring> {
        match store.record_firing(EPOCH, firing, "because").await.unwrap() {
            FiringOutcome::Stored(stored) => stored,
            FiringOutcome::Refused { current } => panic!("refused: {current:?}"),
        }
    }

    async fn a_firing_changes_its_alert_and_leaves_a_notification(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let alert = store.update_alert(&Alert { acknowledged: true, ..alert }, false).await.unwrap();
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

    async fn a_firing_of_an_alert_that_has_changed_writes_nothing(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let edited = store.update_alert(&alert, false).await.unwrap();
        let outcome = store.record_firing(EPOCH, &firing(&alert, "151"), "late").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: Some(Box::new(edited)) });
        store.delete_alert(alert.id, None).await.unwrap();
        let outcome = store.record_firing(EPOCH, &firing(&alert, "151"), "later").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: None });
        assert_eq!(store.last_n().await.unwrap(), 0);
    }

    async fn of_concurrent_firings_of_one_alert_exactly_one_is_stored(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (store, firing) = (store.clone(), firing(&alert, "150.5"));
                tokio::spawn(async move { store.record_firing(EPOCH, &firing, "once").await.unwrap() })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += usize::from(matches!(task.await.unwrap(), FiringOutcome::Stored(_)));
        }
        assert_eq!((kept, store.last_n().await.unwrap()), (1, 1));
    }

    async fn a_firing_and_an_edit_at_once_never_overwrite_each_other(kind: Kind) {
        let (_place, store) = kind.store().await;
        for _ in 0..20 {
            let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
            let edit = Alert { note: Some("edited".to_owned()), ..alert.clone() };
            let firing = firing(&alert, "150.5");
            let (fired, edited) = tokio::join!(store.record_firing(EPOCH, &firing, "m"), store.update_alert(&edit, false));
            let fired = matches!(fired.unwrap(), FiringOutcome::Stored(_));
            assert_ne!(fired, edited.is_ok());
            let now = store.alert(alert.id).await.unwrap().unwrap();
            assert_eq!((now.revision, now.state == AlertState::Triggered, now.note.is_none()), (2, fired, fired));
        }
    }

    async fn numbers_grow_across_restarts_and_deletions(kind: Kind) {
        let (place, store) = kind.store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let first = stored(&store, &firing(&alert, "151")).await;
        store.delete_alert(alert.id, None).await.unwrap();
        store.close().await;
        let store = place.open().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let second = stored(&store, &firing(&alert, "152")).await;
        assert_eq!((first.notification.n, second.notification.n), (1, 2));
    }

    async fn of_firings_by_two_processes_exactly_one_is_stored(kind: Kind) {
        let place = kind.place().await;
        let stores = [place.share().await, place.share().await];
        let alert = stores[0].create_alert(&new_alert(), at(1)).await.unwrap();
        let tasks: Vec<_> = (0..20)
            .map(|number| {
                let (store, firing) = (stores[number % 2].clone(), firing(&alert, "150.5"));
                tokio::spawn(async move { store.record_firing(EPOCH, &firing, "once").await.unwrap() })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += usize::from(matches!(task.await.unwrap(), FiringOutcome::Stored(_)));
        }
        assert_eq!((kept, stores[1].last_n().await.unwrap()), (1, 1));
    }

    async fn a_firing_that_was_stored_is_found_again(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.create_alert(&new_alert(), at(1)).await.unwrap();
        let firing = firing(&alert, "151");
        assert_eq!(store.stored_firing(&firing).await.unwrap(), None);
        let after = stored(&store, &firing).await;
        assert_eq!(store.stored_firing(&firing).await.unwrap(), Some(*after));
        let later = Firing { fired_at: at(7), ..firing };
        assert_eq!(store.stored_firing(&later).await.unwrap(), None);
    }

    contract! {
        of_firings_by_two_processes_exactly_one_is_stored,
        a_firing_that_was_stored_is_found_again,
        a_firing_changes_its_alert_and_leaves_a_notification,
        a_firing_of_an_alert_that_has_changed_writes_nothing,
        of_concurrent_firings_of_one_alert_exactly_one_is_stored,
        a_firing_and_an_edit_at_once_never_overwrite_each_other,
        numbers_grow_across_restarts_and_deletions,
    }
}
