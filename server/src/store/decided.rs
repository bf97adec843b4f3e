//! What the engine decided, in one transaction: alerts' changes and notifications, what was observed, and how far it has come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use foliostream::domain::alert::{Alert, AlertId, Firing};
use foliostream::domain::notification::Notification;

use super::alerts::{by_numbers, write_alerts, write_observations};
use super::bars::write_bars;
use super::columns::{digits, micros, name, read_all};
use super::notifications::notification_row;
use super::progress::{Stored, write_orders};
use super::quotes::{write_instruments, write_presumed_instruments, write_quotes};
use super::records::{Decided, Record, Recorded, StoredFiring, Told};
use super::statement::{Change, ROWS_AT_ONCE, Statement, Writes, statement};
use super::value::Value;
use super::{Result, Store, StoreError};

const NOTIFY: &str = "INSERT INTO notifications (alert_id, ticker, condition, threshold, price, previous_price, message, \
     change_percent, note, currency, time_us, fired_at_us, gap, owner) VALUES";

/// What a write begins with: the epoch, what was stored last, and the newest notification.
const BEFORE: &str = "SELECT (SELECT value FROM counters WHERE name = 'epoch') AS epoch, \
     (SELECT value FROM progress WHERE name = 'stored') AS stored, (SELECT coalesce(max(n), 0) FROM notifications) AS last_n";

impl Store {
    /// Stores what the engine decided, unless it was stored before and only the answer was lost; says what became of each record.
    ///
    /// A record is refused where its alert has changed since, and with it all later ones of that alert and what it observed; of
    /// several records of one revision exactly one is stored. Fails with `Fenced` where another epoch has begun.
    pub async fn store_decided(&self, epoch: u64, decided: &Decided) -> Result<Vec<Recorded>> {
        let mut change = self.begin_direct().await?;
        let before = statement(BEFORE).one(&mut change).await?;
        let current = before.get::<i64>("epoch")?.unsigned_abs();
        if current != epoch {
            return Err(StoreError::Fenced { epoch, current });
        }
        let stored: Option<String> = before.get("stored")?;
        if let Some(stored) = stored.and_then(|text| Stored::parse(&text, epoch, decided.number)) {
            return told_again(&mut change, decided, &stored).await;
        }
        let last_n = before.get("last_n")?;
        let mut folding = Folding::of(&mut change, &decided.records).await?;
        let steps: Vec<Step> = decided.records.iter().filter_map(|record| folding.fold(record)).collect();
        let notifications = notify(&mut change, decided, &folding.refused).await?;
        write_alerts(&mut change, &folding.changed()).await?;
        let observations: Vec<_> = decided.observations.iter().filter(|seen| !folding.refused.contains(&seen.alert_id)).collect();
        write_observations(&mut change, &observations).await?;
        write_presumed_instruments(&mut change, &decided.presumed_instruments).await?;
        write_instruments(&mut change, &decided.instruments).await?;
        write_orders(&mut change, &decided.calls).await?;
        let mut writes = Writes::default();
        write_quotes(&mut writes, &decided.quotes);
        write_bars(&mut change, &mut writes, &decided.bars).await?;
        Stored { last_n, refused: folding.refused }.write(&mut writes, epoch, decided);
        writes.run(&mut change).await?;
        change.commit().await?;
        Ok(together(steps, notifications))
    }
}

/// What a record did, before its notification has a number.
enum Step {
    Fired(Box<Alert>),
    Changed(Box<Alert>),
    Refused(AlertId, Option<Box<Alert>>),
}

/// Alerts as the store has them, and what the records make of them.
struct Folding {
    alerts: BTreeMap<AlertId, Alert>,
    touched: BTreeSet<AlertId>,
    refused: BTreeSet<AlertId>,
}

impl Folding {
    async fn of(change: &mut Change, records: &[Record]) -> Result<Self> {
        let ids = records.iter().map(Record::alert_id).collect();
        Ok(Self { alerts: by_numbers(change, &ids).await?, touched: BTreeSet::new(), refused: BTreeSet::new() })
    }

    /// Applies a record to its alert; nothing comes of one whose alert has refused an earlier one.
    fn fold(&mut self, record: &Record) -> Option<Step> {
        let id = record.alert_id();
        if self.refused.contains(&id) {
            return None;
        }
        let Some(alert) = self.alerts.get_mut(&id).filter(|alert| alert.revision == record.revision()) else {
            self.refused.insert(id);
            return Some(Step::Refused(id, self.alerts.get(&id).cloned().map(Box::new)));
        };
        self.touched.insert(id);
        alert.revision += 1;
        Some(match record {
            Record::Firing(firing) => {
                let firing = &firing.0;
                (alert.state, alert.acknowledged) = (firing.state_after, false);
                alert.memory = firing.memory_after.clone();
                alert.triggered_at = Some(to_the_microsecond(firing.fired_at));
                Step::Fired(Box::new(alert.clone()))
            }
            Record::State { state, memory, .. } => {
                alert.state = *state;
                if let Some(memory) = memory {
                    alert.memory = memory.or(&alert.memory);
                }
                alert.memory.left_level = false;
                Step::Changed(Box::new(alert.clone()))
            }
        })
    }

    fn changed(&self) -> Vec<&Alert> {
        self.touched.iter().filter_map(|id| self.alerts.get(id)).collect()
    }
}

/// Cuts a time as a column does.
fn to_the_microsecond(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(micros(time)).unwrap_or(time)
}

/// Writes the notifications of all firings that were not refused, numbered in their order; returns those that are kept.
async fn notify(change: &mut Change, decided: &Decided, refused: &BTreeSet<AlertId>) -> Result<VecDeque<Notification>> {
    let firings: Vec<_> = decided
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Firing(firing) if !refused.contains(&firing.0.alert_id) => Some(firing.as_ref()),
            _ => None,
        })
        .collect();
    let mut notifications = Vec::with_capacity(firings.len());
    for some in firings.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|(firing, told)| notification_values(firing, told));
        let rows = Statement::of_rows(NOTIFY, 14, rows, "RETURNING *").all(&mut *change).await?;
        notifications.extend(read_all(&rows, notification_row)?);
    }
    // Which row is returned first is not promised.
    notifications.sort_unstable_by_key(|notification| notification.n);
    if let (Some(keep), Some(last)) = (decided.keep_notifications, notifications.last()) {
        let forget = statement("DELETE FROM notifications WHERE n <= $1").bind(last.n.saturating_sub(keep.into()));
        forget.run(&mut *change).await?;
    }
    Ok(notifications.into())
}

fn notification_values(firing: &Firing, told: &Told) -> Vec<Value> {
    vec![
        firing.alert_id.0.into(),
        firing.ticker.as_str().into(),
        name(firing.condition).into(),
        firing.threshold.to_string().into(),
        firing.price.to_string().into(),
        digits(firing.previous_price).into(),
        told.message.as_str().into(),
        digits(firing.change_percent).into(),
        firing.note.clone().into(),
        told.currency.as_str().into(),
        micros(firing.time).into(),
        micros(firing.fired_at).into(),
        firing.gap.into(),
        firing.owner.as_str().into(),
    ]
}

/// Gives every firing its notification.
fn together(steps: Vec<Step>, mut notifications: VecDeque<Notification>) -> Vec<Recorded> {
    let recorded = |step| match step {
        Step::Fired(alert) => {
            let notification = notifications.pop_front()?;
            Some(Recorded::Fired(Box::new(StoredFiring { alert: *alert, notification })))
        }
        Step::Changed(alert) => Some(Recorded::Changed(alert)),
        Step::Refused(id, current) => Some(Recorded::Refused { id, current }),
    };
    steps.into_iter().filter_map(recorded).collect()
}

/// Says once more what became of records that are stored: a connection may break after the database has committed and before it
/// could say so. An alert is told as it is now; what is gone by now, or no longer kept, is not told.
async fn told_again(change: &mut Change, decided: &Decided, stored: &Stored) -> Result<Vec<Recorded>> {
    let ids = decided.records.iter().map(Record::alert_id).collect();
    let alerts = by_numbers(change, &ids).await?;
    let rows = statement("SELECT * FROM notifications WHERE n > $1 ORDER BY n").bind(stored.last_n).all(&mut *change).await?;
    let notifications = read_all(&rows, notification_row)?;
    let is_fired = |record: &&Record| matches!(record, Record::Firing(_)) && !stored.refused.contains(&record.alert_id());
    let forgotten = decided.records.iter().filter(is_fired).count().saturating_sub(notifications.len());
    let (mut refused, mut fired) = (BTreeSet::new(), 0);
    let mut steps = Vec::with_capacity(decided.records.len());
    for record in &decided.records {
        let id = record.alert_id();
        let alert = alerts.get(&id).cloned().map(Box::new);
        match (record, alert) {
            (_, alert) if stored.refused.contains(&id) => {
                if refused.insert(id) {
                    steps.push(Step::Refused(id, alert));
                }
            }
            (Record::Firing(_), alert) => {
                fired += 1;
                match alert {
                    Some(alert) if fired > forgotten => steps.push(Step::Fired(alert)),
                    // Its number goes with it.
                    _ => {}
                }
            }
            (Record::State { .. }, Some(alert)) => steps.push(Step::Changed(alert)),
            (Record::State { .. }, None) => {}
        }
    }
    let living = notifications.into_iter().filter(|notification| alerts.contains_key(&notification.alert_id));
    Ok(together(steps, living.collect()))
}

#[cfg(test)]
mod tests {
    use super::super::error::StoreError;
    use super::super::records::{AppliedCall, Observation};
    use super::super::testing::{EPOCH, FiringOutcome, Kind, at, contract, firing, new_alert, quote, seen};
    use super::*;
    use foliostream::domain::alert::{AlertState, Memory, Rearming};
    use foliostream::domain::money::Currency;
    use rust_decimal::Decimal;

    async fn stored(store: &Store, firing: &Firing) -> Box<StoredFiring> {
        match store.record_firing(EPOCH, firing, "because").await.unwrap() {
            FiringOutcome::Stored(stored) => stored,
            FiringOutcome::Refused { current } => panic!("refused: {current:?}"),
        }
    }

    async fn a_firing_changes_its_alert_and_leaves_a_notification(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let alert = store.own().update_alert(&Alert { acknowledged: true, ..alert }, false).await.unwrap();
        let after = stored(&store, &firing(&alert, "150.10")).await;
        let expected = Alert {
            revision: 3,
            state: AlertState::Triggered,
            acknowledged: false,
            memory: seen("150.10", false),
            triggered_at: Some(at(6)),
            ..alert
        };
        assert_eq!(after.alert, expected);
        let notification = &after.notification;
        assert_eq!((notification.n, notification.alert_id), (1, expected.id));
        assert_eq!((notification.time, notification.gap), (at(5), false));
        assert!(!notification.read);
        assert_eq!((notification.price.to_string(), notification.threshold.to_string()), ("150.10".into(), "150.00".into()));
        assert_eq!(notification.previous_price.unwrap().to_string(), "149.0");
        assert_eq!(notification.message, "because");
        assert_eq!(store.alert(expected.id).await.unwrap(), Some(expected));
        assert_eq!(store.own().notifications_after(0, 10).await.unwrap(), [after.notification]);
    }

    async fn a_firing_of_an_alert_that_has_changed_writes_nothing(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let edited = store.own().update_alert(&alert, false).await.unwrap();
        let outcome = store.record_firing(EPOCH, &firing(&alert, "151"), "late").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: Some(Box::new(edited)) });
        store.own().delete_alert(alert.id, None).await.unwrap();
        let outcome = store.record_firing(EPOCH, &firing(&alert, "151"), "later").await.unwrap();
        assert_eq!(outcome, FiringOutcome::Refused { current: None });
        assert_eq!(store.last_n().await.unwrap(), 0);
    }

    async fn of_concurrent_firings_of_one_alert_exactly_one_is_stored(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
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
            let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
            let edit = Alert { note: Some("edited".to_owned()), ..alert.clone() };
            let firing = firing(&alert, "150.5");
            let own = store.own();
            let (fired, edited) = tokio::join!(store.record_firing(EPOCH, &firing, "m"), own.update_alert(&edit, false));
            let fired = matches!(fired.unwrap(), FiringOutcome::Stored(_));
            assert_ne!(fired, edited.is_ok());
            let now = store.alert(alert.id).await.unwrap().unwrap();
            assert_eq!((now.revision, now.state == AlertState::Triggered, now.note.is_none()), (2, fired, fired));
        }
    }

    async fn numbers_grow_across_restarts_and_deletions(kind: Kind) {
        let (place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let first = stored(&store, &firing(&alert, "151")).await;
        store.own().delete_alert(alert.id, None).await.unwrap();
        store.close().await;
        let store = place.open().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let second = stored(&store, &firing(&alert, "152")).await;
        assert_eq!((first.notification.n, second.notification.n), (1, 2));
    }

    async fn of_firings_by_two_processes_exactly_one_is_stored(kind: Kind) {
        let place = kind.place().await;
        let stores = [place.share().await, place.share().await];
        let alert = stores[0].own().create_alert(&new_alert(), at(1)).await.unwrap();
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

    fn record(alert: &Alert, price: &str) -> Record {
        Record::Firing(Box::new((firing(alert, price), Told { message: "because".to_owned(), currency: Currency::USD })))
    }

    /// What an engine decided: the first alert fires, watches again and fires; the second one had been changed.
    async fn decided(store: &Store) -> Decided {
        let [first, second] = [
            store.own().create_alert(&new_alert(), at(1)).await.unwrap(),
            store.own().create_alert(&new_alert(), at(1)).await.unwrap(),
        ];
        store.own().update_alert(&second, false).await.unwrap();
        let later = Alert { revision: 3, ..first.clone() };
        let observed = |alert: &Alert, revision| Observation { alert_id: alert.id, revision, memory: seen("10", true) };
        Decided {
            number: 1,
            records: vec![
                record(&first, "151"),
                record(&second, "151"),
                Record::rearmed(first.id, Rearming { revision: 2, memory: Memory::default() }),
                // Of a revision that the change has reached by chance.
                Record::rearmed(second.id, Rearming { revision: 2, memory: Memory::default() }),
                record(&later, "152"),
            ],
            observations: vec![observed(&first, 4), observed(&second, 2)],
            quotes: vec![quote("AAPL", "152")],
            calls: vec![AppliedCall { call_id: "o".to_owned(), ticks: 3, accepted: 3, ignored: 0, whole: true }],
            last_entry: Some("7-0".to_owned()),
            ..Decided::default()
        }
    }

    async fn what_was_decided_is_stored_together_and_in_order(kind: Kind) {
        let (_place, store) = kind.store().await;
        let decided = decided(&store).await;
        let recorded = store.store_decided(EPOCH, &decided).await.unwrap();
        let [
            Recorded::Fired(one),
            Recorded::Refused { current: Some(edited), .. },
            Recorded::Changed(armed),
            Recorded::Fired(two),
        ] = recorded.as_slice()
        else {
            panic!("{recorded:?}")
        };
        assert_eq!((one.notification.n, two.notification.n), (1, 2));
        assert_eq!((one.alert.revision, armed.revision, two.alert.revision), (2, 3, 4));
        assert_eq!(
            (one.alert.state, armed.state, two.alert.state),
            (AlertState::Triggered, AlertState::Armed, AlertState::Triggered)
        );
        let stored = store.own().alerts().await.unwrap();
        assert_eq!((&armed.memory, &stored[0].memory), (&seen("151", false), &seen("10", true)));
        assert_eq!(stored[1], **edited, "neither a record nor an observation of the old copy was written");
        assert_eq!((store.quotes().await.unwrap().len(), store.last_entry().await.unwrap().as_deref()), (1, Some("7-0")));
        assert_eq!(store.applied_calls().await.unwrap(), decided.calls);
    }

    async fn what_was_stored_although_the_answer_was_lost_is_told_and_not_stored_again(kind: Kind) {
        let (_place, store) = kind.store().await;
        let decided = decided(&store).await;
        let first = store.store_decided(EPOCH, &decided).await.unwrap();
        let again = store.store_decided(EPOCH, &decided).await.unwrap();
        let told = |recorded: &[Recorded]| -> Vec<String> {
            let tell = |outcome: &Recorded| match outcome {
                Recorded::Fired(fired) => format!("{} {}", fired.alert.id.0, fired.notification.n),
                Recorded::Changed(alert) => format!("{} changed", alert.id.0),
                Recorded::Refused { id, current } => format!("{} refused {}", id.0, current.is_some()),
            };
            recorded.iter().map(tell).collect()
        };
        assert_eq!(told(&again), told(&first));
        assert_eq!((store.last_n().await.unwrap(), store.own().alerts().await.unwrap()[0].revision), (2, 4));
        let next = Decided { number: 2, records: vec![], ..decided };
        assert_eq!(store.store_decided(EPOCH, &next).await.unwrap(), []);
    }

    async fn what_another_epoch_decides_late_leaves_nothing(kind: Kind) {
        let (_place, store) = kind.store().await;
        let decided = decided(&store).await;
        store.begin_epoch().await.unwrap();
        assert!(matches!(store.store_decided(EPOCH, &decided).await, Err(StoreError::Fenced { .. })));
        assert_eq!((store.last_n().await.unwrap(), store.applied_calls().await.unwrap()), (0, vec![]));
        assert_eq!((store.last_entry().await.unwrap(), store.quotes().await.unwrap()), (None, vec![]));
    }

    async fn more_firings_than_one_statement_takes_are_numbered_in_their_order(kind: Kind) {
        let (_place, store) = kind.store().await;
        let mut alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let mut records = Vec::new();
        for price in 0..ROWS_AT_ONCE + 30 {
            records.push(record(&alert, &(151 + price).to_string()));
            alert.revision += 1;
        }
        store.store_decided(EPOCH, &Decided { records, ..Decided::default() }).await.unwrap();
        let all = store.own().notifications_after(0, 500).await.unwrap();
        assert!(all.iter().enumerate().all(|(index, told)| told.price == Decimal::from(151 + index)));
        assert_eq!(all.len(), ROWS_AT_ONCE + 30);
    }

    async fn the_newest_notifications_are_kept_and_no_number_is_given_again(kind: Kind) {
        let (_place, store) = kind.store().await;
        for keep in [None, None, Some(3), Some(3), Some(3)] {
            let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
            let decided = Decided { records: vec![record(&alert, "151")], keep_notifications: keep, ..Decided::default() };
            store.store_decided(EPOCH, &decided).await.unwrap();
        }
        let kept: Vec<i64> = store.own().notifications_after(0, 10).await.unwrap().iter().map(|told| told.n).collect();
        assert_eq!((kept, store.own().unread_count().await.unwrap()), (vec![3, 4, 5], 3));
    }

    contract! {
        of_firings_by_two_processes_exactly_one_is_stored,
        what_was_decided_is_stored_together_and_in_order,
        what_was_stored_although_the_answer_was_lost_is_told_and_not_stored_again,
        what_another_epoch_decides_late_leaves_nothing,
        more_firings_than_one_statement_takes_are_numbered_in_their_order,
        the_newest_notifications_are_kept_and_no_number_is_given_again,
        a_firing_changes_its_alert_and_leaves_a_notification,
        a_firing_of_an_alert_that_has_changed_writes_nothing,
        of_concurrent_firings_of_one_alert_exactly_one_is_stored,
        a_firing_and_an_edit_at_once_never_overwrite_each_other,
        numbers_grow_across_restarts_and_deletions,
    }
}
