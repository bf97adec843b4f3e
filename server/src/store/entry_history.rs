//! What became of entries of the ledger: every change with who made it, when, and the entry as it was before.

use jiff::Timestamp;

use foliostream::domain::activity::ActivityId;
use foliostream::domain::user::UserId;

use super::columns::{micros, name, named, parsed_option, read_all, time, time_option, undecodable};
use super::entry_columns::activity_row;
use super::entry_records::{ChangedEntry, EntryChange, EntryHistory, NewActivity};
use super::error::StoreError;
use super::statement::{Change, Row, statement};
use super::{Personal, Result};

const ONE: &str = "SELECT * FROM activities WHERE portfolio_id = $1 AND activity_id = $2";

const REMEMBER: &str = "INSERT INTO activity_changes (activity_id, revision, portfolio_id, changed_at_us, changed_by, change, entry) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";

const CHANGES: &str =
    concat!("SELECT * FROM activity_changes WHERE ", of_owner!("$3"), " AND activity_id = $2 ORDER BY revision DESC LIMIT 1000");

const CURRENT: &str = concat!("SELECT * FROM activities WHERE ", of_owner!("$3"), " AND activity_id = $2");

const LAST: &str =
    "SELECT revision FROM activity_changes WHERE portfolio_id = $1 AND activity_id = $2 ORDER BY revision DESC LIMIT 1";

/// Who enters or changes something, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entered<'a> {
    /// The person.
    pub by: &'a UserId,
    /// The moment.
    pub at: Timestamp,
}

impl Personal<'_> {
    /// Returns the history of an entry that a portfolio has or had, with its newest 1,000 changes; nothing where it never had it.
    pub async fn entry_history(&self, portfolio_id: &str, id: ActivityId) -> Result<Option<EntryHistory>> {
        let mut reading = self.store.read().await?;
        let ask = |text| statement(text).bind(portfolio_id).bind(id.0).bind(self.owner.as_str());
        let row = ask(CURRENT).optional(&mut reading).await?;
        let changes = read_all(&ask(CHANGES).all(&mut reading).await?, change_row)?;
        if row.is_none() && changes.is_empty() {
            return Ok(None);
        }
        let current = row.as_ref().map(activity_row).transpose()?;
        let entered = match &row {
            Some(row) => (time_option(row, "entered_at_us")?, parsed_option(row, "entered_by")?),
            None => (None, None),
        };
        Ok(Some(EntryHistory { current, entered, changes }))
    }
}

/// Keeps an entry as it is, before a person changes it; fails with `NotFound` where the portfolio has no such entry.
pub(super) async fn remember(
    change: &mut Change,
    portfolio_id: &str,
    id: ActivityId,
    how: EntryChange,
    Entered { by, at }: Entered<'_>,
) -> Result<()> {
    let before = current(change, portfolio_id, id).await?;
    let revision = before.revision + 1;
    write(change, portfolio_id, id, revision, &before.entry, (how, Some(by), at)).await
}

/// Keeps an entry as it is, before the program changes it by itself.
pub(super) async fn remember_unasked(
    change: &mut Change,
    portfolio_id: &str,
    id: ActivityId,
    how: EntryChange,
    at: Timestamp,
) -> Result<()> {
    let before = current(change, portfolio_id, id).await?;
    let revision = before.revision + 1;
    write(change, portfolio_id, id, revision, &before.entry, (how, None, at)).await
}

/// Notes that an entry comes back as it is given, and returns the revision that it then has; fails with `NotFound` where none was deleted.
pub(super) async fn remember_restored(
    change: &mut Change,
    portfolio_id: &str,
    id: ActivityId,
    restored: &NewActivity,
    Entered { by, at }: Entered<'_>,
) -> Result<i64> {
    let is_there = statement(ONE).bind(portfolio_id).bind(id.0).optional(&mut *change).await?.is_some();
    let last = statement(LAST).bind(portfolio_id).bind(id.0).optional(&mut *change).await?;
    let last: i64 = last.filter(|_| !is_there).ok_or(StoreError::NotFound)?.get("revision")?;
    write(change, portfolio_id, id, last + 1, restored, (EntryChange::Restored, Some(by), at)).await?;
    Ok(last + 1)
}

/// An entry before it is changed.
struct Before {
    revision: i64,
    entry: NewActivity,
}

/// Returns an entry as it is; before its first change, when it was entered is kept as well.
async fn current(change: &mut Change, portfolio_id: &str, id: ActivityId) -> Result<Before> {
    let row = statement(ONE).bind(portfolio_id).bind(id.0).optional(&mut *change).await?.ok_or(StoreError::NotFound)?;
    let activity = activity_row(&row)?;
    let before = Before { revision: activity.revision, entry: activity.into() };
    let entered = (time_option(&row, "entered_at_us")?, parsed_option::<UserId>(&row, "entered_by")?);
    if let (1, (Some(at), by)) = (before.revision, entered) {
        write(change, portfolio_id, id, 1, &before.entry, (EntryChange::Created, by.as_ref(), at)).await?;
    }
    Ok(before)
}

async fn write(
    change: &mut Change,
    portfolio_id: &str,
    id: ActivityId,
    revision: i64,
    entry: &NewActivity,
    (how, by, at): (EntryChange, Option<&UserId>, Timestamp),
) -> Result<()> {
    let entry = serde_json::to_string(entry).map_err(|error| undecodable("entry", error))?;
    statement(REMEMBER)
        .bind(id.0)
        .bind(revision)
        .bind(portfolio_id)
        .bind(micros(at))
        .bind(by.map(UserId::as_str))
        .bind(name(how))
        .bind(entry)
        .run(change)
        .await
        .map(drop)
}

fn change_row(row: &Row) -> std::result::Result<ChangedEntry, sqlx::Error> {
    let entry: String = row.get("entry")?;
    Ok(ChangedEntry {
        revision: row.get("revision")?,
        at: time(row, "changed_at_us")?,
        by: parsed_option(row, "changed_by")?,
        change: named(row, "change")?,
        before: serde_json::from_str(&entry).map_err(|error| undecodable("entry", error))?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::entry_records::LearnedRate;
    use super::super::testing::{HOSTILE_TEXTS, Kind, Place, at, buy, contract, new_portfolio};
    use super::*;
    use crate::store::Store;
    use foliostream::domain::money::Currency;
    use rust_decimal::Decimal;

    async fn with_entry(kind: Kind) -> (Place, Store, ActivityId) {
        let (place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        let entry = NewActivity { note: Some(HOSTILE_TEXTS[0].to_owned()), exchange_rate_estimated: true, ..buy("1.50", "2", 3) };
        let (ids, _) = store.own().add_activities_once("main", 1, &[entry], at(7), None).await.unwrap();
        (place, store, ids[0])
    }

    async fn every_change_is_kept_with_the_entry_as_it_was(kind: Kind) {
        let (_place, store, id) = with_entry(kind).await;
        let own = store.own();
        let entered = own.entry_history("main", id).await.unwrap().unwrap();
        assert_eq!((entered.entered.0, entered.entered.1.as_ref(), entered.changes.len()), (Some(at(7)), Some(own.owner()), 0));
        let first = entered.current.unwrap();
        own.replace_activity("main", 2, id, &buy("9", "8", 7), (EntryChange::Changed, at(8))).await.unwrap();
        let history = own.entry_history("main", id).await.unwrap().unwrap();
        let told = &history.changes[0];
        assert_eq!((told.revision, told.at, told.by.as_ref(), told.change), (2, at(8), Some(own.owner()), EntryChange::Changed));
        assert_eq!((&told.before, told.before.quantity.to_string()), (&NewActivity::from(first), "1.50".to_owned()));
        assert_eq!(history.current.unwrap().revision, 2);
        let entered = &history.changes[1];
        assert_eq!((entered.revision, entered.at, entered.change), (1, at(7), EntryChange::Created));
    }

    async fn an_entry_that_was_deleted_has_its_history_and_comes_back_under_its_number(kind: Kind) {
        let (_place, store, id) = with_entry(kind).await;
        let own = store.own();
        own.delete_activities("main", 2, &[id], at(8)).await.unwrap();
        let history = own.entry_history("main", id).await.unwrap().unwrap();
        assert_eq!((history.current, history.changes[0].change, history.changes[0].revision), (None, EntryChange::Deleted, 2));
        let before = history.changes[0].before.clone();
        assert_eq!(own.restore_activity("main", 3, id, &before, at(9)).await.unwrap(), 4);
        let restored = own.activity("main", id).await.unwrap().unwrap();
        assert_eq!((restored.revision, NewActivity::from(restored)), (3, before.clone()));
        let changes = own.entry_history("main", id).await.unwrap().unwrap().changes;
        assert_eq!(
            changes.iter().map(|told| told.change).collect::<Vec<_>>(),
            [EntryChange::Restored, EntryChange::Deleted, EntryChange::Created]
        );
        assert!(matches!(own.restore_activity("main", 4, id, &before, at(9)).await, Err(StoreError::NotFound)));
        let (ids, _) = own.add_activities("main", 4, &[buy("1", "1", 1)]).await.unwrap();
        assert!(ids[0].0 > id.0);
    }

    async fn a_rate_that_was_learned_is_nobodys_change(kind: Kind) {
        let (_place, store, id) = with_entry(kind).await;
        let rates = [LearnedRate { id, revision: 1, rate: Decimal::TEN }];
        store.own().rate_activities("main", 2, &rates, at(8)).await.unwrap();
        let history = store.own().entry_history("main", id).await.unwrap().unwrap();
        assert_eq!((history.changes[0].change, &history.changes[0].by), (EntryChange::Rated, &None));
    }

    async fn histories_of_others_are_not_there(kind: Kind) {
        let (_place, store, id) = with_entry(kind).await;
        store.own().delete_activities("main", 2, &[id], at(8)).await.unwrap();
        let other = "other".parse().unwrap();
        assert_eq!(store.of(&other).entry_history("main", id).await.unwrap(), None);
        assert_eq!(store.own().entry_history("main", ActivityId(id.0 + 1)).await.unwrap(), None);
        store.own().delete_portfolio("main").await.unwrap();
        assert_eq!(store.own().entry_history("main", id).await.unwrap(), None);
    }

    contract! {
        every_change_is_kept_with_the_entry_as_it_was,
        an_entry_that_was_deleted_has_its_history_and_comes_back_under_its_number,
        a_rate_that_was_learned_is_nobodys_change,
        histories_of_others_are_not_there,
    }
}
