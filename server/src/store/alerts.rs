//! Alerts. Every change but an observation compares the revision, then counts it up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use foliostream::domain::alert::{Alert, AlertId};
use foliostream::domain::user::UserId;
use foliostream::wire::live::Owned;

use super::columns::{micros, name, named, owned_revision, parsed, read_all, small, time, time_option};
use super::error::{Bounded, StoreError};
use super::once::{Answering, keep, refuse_repeated};
use super::records::{NewAlert, Observation};
use super::rules;
use super::statement::{Change, ROWS_AT_ONCE, Row, Statement, statement};
use super::value::Value;
use super::{Personal, Result, Store};

/// The most alerts that are kept.
pub(crate) const MAX_ALERTS: i64 = 1_000;

const ALERT: &str = "SELECT * FROM alerts WHERE alert_id = $1";

const CREATE: &str = "INSERT INTO alerts (rule, memory, repeat, cooldown_s, expires_at_us, note, state, created_at_us, owner) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *";

/// What was observed stays, unless the alert is to start from the beginning: the caller's copy may be older than the last
/// observation.
const UPDATE: &str = "UPDATE alerts SET revision = revision + 1, rule = $3, repeat = $4, cooldown_s = $5, expires_at_us = $6, \
     note = $7, state = $8, acknowledged = $9, triggered_at_us = $10, memory = CASE WHEN $11 THEN $12 ELSE memory END \
     WHERE alert_id = $1 AND revision = $2 AND owner = $13 RETURNING *";

const BY_NUMBERS: &str = "SELECT * FROM alerts WHERE alert_id IN (VALUES";

const WRITE: &str = "UPDATE alerts SET revision = changed.column2, state = changed.column3, acknowledged = changed.column4, \
     memory = changed.column5, triggered_at_us = changed.column6 FROM (VALUES";

const WRITTEN: &str = ") AS changed WHERE alert_id = changed.column1";

const OBSERVE: &str = "UPDATE alerts SET memory = seen.column3 FROM (VALUES";

const OBSERVED: &str = ") AS seen WHERE alert_id = seen.column1 AND revision = seen.column2";

impl Store {
    /// Returns the alerts of all users by number.
    pub async fn all_alerts(&self) -> Result<Vec<Alert>> {
        let rows = statement("SELECT * FROM alerts ORDER BY alert_id").all(&mut self.read().await?).await?;
        read_all(&rows, alert_row)
    }

    /// Returns one alert of any owner, if it is there.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>> {
        Ok(statement(ALERT).bind(id.0).optional(&mut self.read().await?).await?.as_ref().map(alert_row).transpose()?)
    }

    /// Returns the number, owner and revision of every user's alerts: what a replica compares with what it knows.
    pub async fn alert_revisions(&self) -> Result<Vec<(AlertId, Owned<i64>)>> {
        let rows =
            statement("SELECT alert_id, owner, revision FROM alerts ORDER BY alert_id").all(&mut self.read().await?).await?;
        read_all(&rows, |row| Ok((AlertId(row.get("alert_id")?), owned_revision(row)?)))
    }
}

impl Personal<'_> {
    /// Returns the user's alerts by number.
    pub async fn alerts(&self) -> Result<Vec<Alert>> {
        let query = statement("SELECT * FROM alerts WHERE owner = $1 ORDER BY alert_id").bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, alert_row)
    }

    /// Returns one alert of the user, if it is there.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>> {
        let query = statement("SELECT * FROM alerts WHERE alert_id = $1 AND owner = $2").bind(id.0).bind(self.owner.as_str());
        Ok(query.optional(&mut self.store.read().await?).await?.as_ref().map(alert_row).transpose()?)
    }

    /// Creates an alert at revision 1.
    ///
    /// Fails with `Limit`.
    pub async fn create_alert(&self, alert: &NewAlert, now: Timestamp) -> Result<Alert> {
        self.create_alert_once(alert, now, None).await
    }

    /// Creates an alert as [`create_alert`](Self::create_alert) does, at most once for a key.
    ///
    /// Fails with `Repeated` as well.
    pub async fn create_alert_once(
        &self,
        alert: &NewAlert,
        now: Timestamp,
        answering: Option<Answering<'_, Alert>>,
    ) -> Result<Alert> {
        let mut change = self.store.begin().await?;
        refuse_repeated(&mut change, self.owner, answering.as_ref()).await?;
        let count = statement("SELECT count(*) AS number FROM alerts WHERE owner = $1").bind(self.owner.as_str());
        let count = count.number(&mut change).await?;
        if count >= MAX_ALERTS {
            return Err(StoreError::Limit { what: Bounded::Alerts, most: MAX_ALERTS });
        }
        let row = statement(CREATE)
            .bind(rules::text(&alert.rule))
            .bind(rules::text(&alert.memory))
            .bind(name(alert.repeat))
            .bind(alert.cooldown_s)
            .bind(alert.expires_at.map(micros))
            .bind(alert.note.as_deref())
            .bind(name(alert.state))
            .bind(micros(now))
            .bind(self.owner.as_str())
            .one(&mut change)
            .await?;
        let created = alert_row(&row)?;
        keep(&mut change, self.owner, answering.as_ref(), &created).await?;
        change.commit().await?;
        Ok(created)
    }

    /// Writes an alert's content over the revision it names, and returns it at the next.
    ///
    /// Number and creation stay. What it remembers stays as stored, unless `starts_anew` is set: then its memory is written as
    /// given. Fails with `Conflict` where the alert is at another revision, and with `NotFound`.
    pub async fn update_alert(&self, alert: &Alert, starts_anew: bool) -> Result<Alert> {
        let mut change = self.store.begin().await?;
        let row = statement(UPDATE)
            .bind(alert.id.0)
            .bind(alert.revision)
            .bind(rules::text(&alert.rule))
            .bind(name(alert.repeat))
            .bind(alert.cooldown_s)
            .bind(alert.expires_at.map(micros))
            .bind(alert.note.as_deref())
            .bind(name(alert.state))
            .bind(alert.acknowledged)
            .bind(alert.triggered_at.map(micros))
            .bind(starts_anew)
            .bind(rules::text(&alert.memory))
            .bind(self.owner.as_str())
            .optional(&mut change)
            .await?;
        let Some(row) = row else {
            return Err(mismatch(&mut change, self.owner, alert.id).await?);
        };
        let updated = alert_row(&row)?;
        change.commit().await?;
        Ok(updated)
    }

    /// Deletes an alert, only at the expected revision where one is given; its notifications stay.
    ///
    /// Fails with `Conflict` where the alert is at another revision, and with `NotFound`.
    pub async fn delete_alert(&self, id: AlertId, expected_revision: Option<i64>) -> Result<()> {
        let mut change = self.store.begin().await?;
        let delete = statement("DELETE FROM alerts WHERE alert_id = $1 AND revision = coalesce($2, revision) AND owner = $3");
        if delete.bind(id.0).bind(expected_revision).bind(self.owner.as_str()).run(&mut change).await? == 0 {
            return Err(mismatch(&mut change, self.owner, id).await?);
        }
        change.commit().await
    }
}

/// Stores what alerts saw last; no revision changes, and an alert that has changed since ignores it. The last of one revision
/// counts.
pub(super) async fn write_observations(change: &mut Change, observations: &[&Observation]) -> Result<()> {
    // One statement may not meet the same row twice.
    let last: BTreeMap<_, _> = observations.iter().map(|seen| ((seen.alert_id, seen.revision), *seen)).collect();
    let last: Vec<_> = last.into_values().collect();
    for some in last.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|seen| observation_values(seen));
        Statement::of_rows(OBSERVE, 3, rows, OBSERVED).run(&mut *change).await?;
    }
    Ok(())
}

/// Returns alerts as the change sees them; those that are gone are missing.
pub(super) async fn by_numbers(change: &mut Change, ids: &BTreeSet<AlertId>) -> Result<BTreeMap<AlertId, Alert>> {
    let mut found = BTreeMap::new();
    let ids: Vec<_> = ids.iter().collect();
    for some in ids.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|id| vec![id.0.into()]);
        let rows = Statement::of_rows(BY_NUMBERS, 1, rows, ")").all(&mut *change).await?;
        found.extend(read_all(&rows, alert_row)?.into_iter().map(|alert| (alert.id, alert)));
    }
    Ok(found)
}

/// Writes what the engine changes of alerts: revision, state, and what they saw.
pub(super) async fn write_alerts(change: &mut Change, alerts: &[&Alert]) -> Result<()> {
    for some in alerts.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|alert| changed_values(alert));
        Statement::of_rows(WRITE, 6, rows, WRITTEN).run(&mut *change).await?;
    }
    Ok(())
}

fn changed_values(alert: &Alert) -> Vec<Value> {
    vec![
        alert.id.0.into(),
        alert.revision.into(),
        name(alert.state).into(),
        alert.acknowledged.into(),
        rules::text(&alert.memory).into(),
        alert.triggered_at.map(micros).into(),
    ]
}

/// Returns an alert as the change sees it.
async fn current(change: &mut Change, id: AlertId) -> Result<Option<Alert>> {
    Ok(statement(ALERT).bind(id.0).optional(change).await?.as_ref().map(alert_row).transpose()?)
}

/// Says why nothing matched: the alert is gone, or at another revision.
async fn mismatch(change: &mut Change, owner: &UserId, id: AlertId) -> Result<StoreError> {
    let found = current(change, id).await?.filter(|alert| alert.owner == *owner);
    Ok(found.map_or(StoreError::NotFound, |alert| StoreError::Conflict { current: alert.revision }))
}

fn observation_values(seen: &Observation) -> Vec<Value> {
    vec![seen.alert_id.0.into(), seen.revision.into(), rules::text(&seen.memory).into()]
}

pub(super) fn alert_row(row: &Row) -> std::result::Result<Alert, sqlx::Error> {
    let id = AlertId(row.get("alert_id")?);
    Ok(Alert {
        id,
        owner: parsed(row, "owner")?,
        revision: row.get("revision")?,
        rule: rules::read(row, "rule", id)?,
        repeat: named(row, "repeat")?,
        cooldown_s: small(row, "cooldown_s")?,
        expires_at: time_option(row, "expires_at_us")?,
        note: row.get("note")?,
        state: named(row, "state")?,
        acknowledged: row.get("acknowledged")?,
        memory: rules::read(row, "memory", id)?,
        created_at: time(row, "created_at_us")?,
        triggered_at: time_option(row, "triggered_at_us")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, HOSTILE_TEXTS, Kind, at, change, contract, new_alert, rule, seen, ticker};
    use super::*;
    use foliostream::domain::alert::{AlertState, Condition, Memory, Repeat, Rule};
    use rust_decimal::Decimal;

    fn observation(alert: &Alert, price: &str, left_level: bool) -> Observation {
        Observation { alert_id: alert.id, revision: alert.revision, memory: seen(price, left_level) }
    }

    async fn a_created_alert_is_as_written_and_found(kind: Kind) {
        let (_place, store) = kind.store().await;
        let draft = NewAlert {
            rule: rule(Condition::DayChangeBelowPercent, "-2.50"),
            repeat: Repeat::Every,
            cooldown_s: u32::MAX,
            expires_at: Some(at(99)),
            note: Some("why".to_owned()),
            state: AlertState::Paused,
            memory: seen("149.90", false),
        };
        let alert = store.own().create_alert(&draft, at(1)).await.unwrap();
        assert_eq!((alert.revision, alert.acknowledged), (1, false));
        assert_eq!((alert.created_at, alert.triggered_at, alert.expires_at), (at(1), None, Some(at(99))));
        assert_eq!((&alert.rule, alert.repeat, alert.cooldown_s), (&draft.rule, Repeat::Every, u32::MAX));
        assert_eq!((alert.state, &alert.memory), (AlertState::Paused, &draft.memory));
        assert_eq!(alert.rule.threshold().to_string(), "-2.50");
        assert_eq!(store.alert(alert.id).await.unwrap().as_ref(), Some(&alert));
        assert_eq!(store.own().alerts().await.unwrap(), [alert]);
    }

    async fn an_update_needs_the_revision_it_was_made_from(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let changed = Alert { rule: rule(Condition::CrossesAbove, "151.000"), acknowledged: true, ..alert.clone() };
        let updated = store.own().update_alert(&changed, false).await.unwrap();
        assert_eq!(updated, Alert { revision: 2, ..changed });
        assert_eq!(updated.rule.threshold().to_string(), "151.000");
        let refusal = store.own().update_alert(&alert, false).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Conflict { current: 2 }), "{refusal}");
        assert_eq!(store.alert(alert.id).await.unwrap(), Some(updated));
    }

    async fn an_update_of_what_is_gone_finds_nothing(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.own().delete_alert(alert.id, None).await.unwrap();
        assert!(matches!(store.own().update_alert(&alert, false).await, Err(StoreError::NotFound)));
    }

    async fn an_update_from_an_old_copy_does_not_undo_an_observation(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.observe_prices(EPOCH, &[observation(&alert, "149.10", true)]).await.unwrap();
        let copy = Alert { memory: seen("1", false), note: Some("n".to_owned()), ..alert };
        let updated = store.own().update_alert(&copy, false).await.unwrap();
        assert_eq!(updated.memory, seen("149.10", true));
    }

    async fn an_update_that_starts_anew_begins_at_the_price_it_names(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.observe_prices(EPOCH, &[observation(&alert, "149.10", true)]).await.unwrap();
        let forgotten = store.own().update_alert(&Alert { memory: Memory::default(), ..alert }, true).await.unwrap();
        assert_eq!(forgotten.memory, Memory::default());
        let moved = Alert { rule: of_another_ticker(), memory: seen("10", false), ..forgotten };
        assert_eq!(store.own().update_alert(&moved, true).await.unwrap().memory, seen("10", false));
    }

    async fn deleting_compares_the_revision_where_one_is_given(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let refusal = store.own().delete_alert(alert.id, Some(7)).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Conflict { current: 1 }), "{refusal}");
        store.own().delete_alert(alert.id, Some(1)).await.unwrap();
        assert!(matches!(store.own().delete_alert(alert.id, Some(1)).await, Err(StoreError::NotFound)));
        assert_eq!(store.alert(alert.id).await.unwrap(), None);
    }

    async fn a_number_is_never_given_twice(kind: Kind) {
        let (_place, store) = kind.store().await;
        let first = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.own().delete_alert(first.id, None).await.unwrap();
        let second = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        assert!(second.id > first.id);
    }

    async fn a_state_is_set_at_the_expected_revision_only(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.observe_prices(EPOCH, &[observation(&alert, "149.10", true)]).await.unwrap();
        let expired = store.set_alert_state(EPOCH, alert.id, 1, AlertState::Expired, None).await.unwrap().unwrap();
        assert_eq!((expired.state, expired.revision), (AlertState::Expired, 2));
        assert_eq!(expired.memory, seen("149.10", false));
        assert_eq!(store.set_alert_state(EPOCH, alert.id, 1, AlertState::Armed, None).await.unwrap(), None);
        assert_eq!(store.set_alert_state(EPOCH, AlertId(99), 1, AlertState::Armed, None).await.unwrap(), None);
        assert_eq!(store.alert(alert.id).await.unwrap(), Some(expired));
        let memory = seen("148.20", false);
        let armed = store.set_alert_state(EPOCH, alert.id, 2, AlertState::Armed, Some(memory.clone())).await.unwrap().unwrap();
        assert_eq!((armed.revision, armed.memory), (3, memory));
    }

    async fn an_observation_changes_no_revision_and_an_old_one_is_ignored(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.observe_prices(EPOCH, &[]).await.unwrap();
        store.observe_prices(EPOCH, &[observation(&alert, "149.0", false), observation(&alert, "149.50", true)]).await.unwrap();
        let stored = store.alert(alert.id).await.unwrap().unwrap();
        assert_eq!((stored.revision, stored.memory.left_level), (1, true));
        assert_eq!(stored.memory.last_price.unwrap().to_string(), "149.50");
        let moved = Alert { rule: of_another_ticker(), memory: Memory::default(), ..stored };
        let moved = store.own().update_alert(&moved, true).await.unwrap();
        store.observe_prices(EPOCH, &[observation(&alert, "149.90", true)]).await.unwrap();
        assert_eq!(store.alert(alert.id).await.unwrap(), Some(moved));
    }

    async fn the_thousand_and_first_alert_is_refused(kind: Kind) {
        let (_place, store) = kind.store().await;
        let many = statement(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1) \
             INSERT INTO alerts (rule, repeat, cooldown_s, state, created_at_us) \
             SELECT $2, 'once', 0, 'armed', 0 FROM numbers",
        )
        .bind(MAX_ALERTS)
        .bind(rules::text(&rule(Condition::PriceAbove, "1")));
        change(&store, many).await;
        let refusal = store.own().create_alert(&new_alert(), at(1)).await.unwrap_err();
        assert_eq!(refusal.to_string(), "at most 1000 alerts can be stored; delete some first");
        assert_eq!(store.own().alerts().await.unwrap().len(), 1_000);
    }

    async fn hostile_notes_come_back_as_written(kind: Kind) {
        let (_place, store) = kind.store().await;
        for text in HOSTILE_TEXTS {
            let draft = NewAlert { note: Some(text.to_owned()), ..new_alert() };
            let alert = store.own().create_alert(&draft, at(1)).await.unwrap();
            assert_eq!(store.alert(alert.id).await.unwrap().unwrap().note.as_deref(), Some(text));
        }
    }

    async fn a_row_nothing_can_read_names_its_column(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        change(&store, statement("UPDATE alerts SET state = 'much'")).await;
        let failure = store.alert(alert.id).await.unwrap_err();
        assert!(matches!(failure, StoreError::Internal(_)), "{failure}");
        assert!(failure.to_string().contains("state"), "{failure}");
    }

    async fn a_rule_that_only_a_newer_program_reads_names_its_alert(kind: Kind) {
        let (_place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        for (rule, why) in [
            (r#"{"v":2,"kind":"price_above","ticker":"A","level":"1"}"#, "alert 1 is in version 2"),
            (r#"{"v":1,"kind":"eclipse","ticker":"A","level":"1"}"#, "alert 1 cannot be read (unknown variant `eclipse`"),
        ] {
            change(&store, statement("UPDATE alerts SET rule = $1").bind(rule)).await;
            for failure in [store.alert(alert.id).await.unwrap_err(), store.all_alerts().await.unwrap_err()] {
                assert!(matches!(failure, StoreError::Internal(_)), "{failure}");
                assert!(failure.to_string().contains(why), "{failure}");
            }
        }
    }

    fn of_another_ticker() -> Rule {
        Rule::of(Condition::CrossesAbove, ticker("MSFT"), Decimal::TEN)
    }

    async fn revisions_are_listed_by_number(kind: Kind) {
        let (_place, store) = kind.store().await;
        assert_eq!(store.alert_revisions().await.unwrap(), []);
        let first = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let second = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.own().update_alert(&first, false).await.unwrap();
        assert_eq!(
            store.alert_revisions().await.unwrap(),
            [(first.id, 2), (second.id, 1)].map(|(id, revision)| (id, Owned::of(&UserId::local(), revision)))
        );
    }

    async fn more_observations_than_one_statement_takes_are_all_kept(kind: Kind) {
        let (_place, store) = kind.store().await;
        let mut observations = Vec::new();
        for _ in 0..ROWS_AT_ONCE + 5 {
            let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
            observations.push(observation(&alert, "149.10", true));
        }
        store.observe_prices(EPOCH, &observations).await.unwrap();
        assert!(store.own().alerts().await.unwrap().iter().all(|alert| alert.memory == seen("149.10", true)));
    }

    contract! {
        revisions_are_listed_by_number,
        more_observations_than_one_statement_takes_are_all_kept,
        a_created_alert_is_as_written_and_found,
        an_update_needs_the_revision_it_was_made_from,
        an_update_of_what_is_gone_finds_nothing,
        an_update_from_an_old_copy_does_not_undo_an_observation,
        an_update_that_starts_anew_begins_at_the_price_it_names,
        deleting_compares_the_revision_where_one_is_given,
        a_number_is_never_given_twice,
        a_state_is_set_at_the_expected_revision_only,
        an_observation_changes_no_revision_and_an_old_one_is_ignored,
        the_thousand_and_first_alert_is_refused,
        hostile_notes_come_back_as_written,
        a_row_nothing_can_read_names_its_column,
        a_rule_that_only_a_newer_program_reads_names_its_alert,
    }
}
