//! The ledger's entries. Every change compares the revision of their portfolio and counts the next, in the same transaction, so
//! that a ledger that was folded before a change is the one that is changed.

use std::borrow::Borrow;

use jiff::Timestamp;

use foliostream::domain::activity::{Activity, ActivityId};

use super::accounts::{is_account_of, refuse_strange_accounts};
use super::columns::{micros, read_all};
use super::entry_columns::{activity_row, values};
use super::entry_history::{Entered, remember, remember_restored, remember_unasked};
use super::entry_records::{EntryChange, LearnedRate, NewActivity};
use super::error::{Bounded, StoreError};
use super::once::{Answering, keep, refuse_repeated};
use super::portfolios::{self, begin_cash, count_change};
use super::records::{NewPortfolio, PortfolioRow};
use super::statement::{Change, ROWS_AT_ONCE, Statement, statement};
use super::{Personal, Result, Store};

/// The most activities that one portfolio keeps.
pub(crate) const MAX_ACTIVITIES: i64 = 100_000;

const INSERT: &str = "INSERT INTO activities (portfolio_id, kind, time_us, ticker, quantity, price, amount, fee, tax, \
     currency, exchange_rate, converted, note, date_only, exchange_rate_estimated, opens_short, account_id, tags, \
     entered_at_us, entered_by) VALUES";

const RESTORE: &str = "INSERT INTO activities (portfolio_id, kind, time_us, ticker, quantity, price, amount, fee, tax, \
     currency, exchange_rate, converted, note, date_only, exchange_rate_estimated, opens_short, account_id, tags, \
     activity_id, revision) VALUES";

const REPLACE: &str = "UPDATE activities SET kind = $2, time_us = $3, ticker = $4, quantity = $5, price = $6, amount = $7, \
     fee = $8, tax = $9, currency = $10, exchange_rate = $11, converted = $12, note = $13, date_only = $14, \
     exchange_rate_estimated = $15, opens_short = $16, account_id = $17, tags = $18, revision = revision + 1 \
     WHERE portfolio_id = $1 AND activity_id = $19";

const ESTIMATED: &str =
    concat!("SELECT * FROM activities WHERE ", of_owner!("$2"), " AND exchange_rate_estimated ORDER BY activity_id");

const STILL_ESTIMATED: &str = "SELECT activity_id FROM activities \
     WHERE portfolio_id = $1 AND activity_id = $2 AND revision = $3 AND exchange_rate_estimated";

const RATE: &str = "UPDATE activities SET exchange_rate = $3, exchange_rate_estimated = FALSE, revision = revision + 1 \
     WHERE portfolio_id = $1 AND activity_id = $2 AND revision = $4 AND exchange_rate_estimated";

impl Store {
    /// Returns a portfolio's activities by time, then number; none where there is no such portfolio.
    pub async fn activities(&self, portfolio_id: &str) -> Result<Vec<Activity>> {
        let query = statement("SELECT * FROM activities WHERE portfolio_id = $1 ORDER BY time_us, activity_id");
        read_all(&query.bind(portfolio_id).all(&mut self.read().await?).await?, activity_row)
    }
}

impl Personal<'_> {
    /// Returns a portfolio's activities by time, then number; none where the user has no such portfolio.
    pub async fn activities(&self, portfolio_id: &str) -> Result<Vec<Activity>> {
        let query = statement(concat!("SELECT * FROM activities WHERE ", of_owner!("$2"), " ORDER BY time_us, activity_id"));
        let query = query.bind(portfolio_id).bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, activity_row)
    }

    /// Returns a portfolio's activities whose rates are estimated.
    pub async fn estimated_activities(&self, portfolio_id: &str) -> Result<Vec<Activity>> {
        let query = statement(ESTIMATED).bind(portfolio_id).bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, activity_row)
    }

    /// Adds activities to a portfolio at `revision`, all or none; returns their numbers in the order given and its new revision.
    ///
    /// Fails with `NotFound` where there is no such portfolio, with `Conflict` where it is at another revision, and with `Limit`.
    /// No activities are no change.
    #[cfg(test)]
    pub async fn add_activities(
        &self,
        portfolio_id: &str,
        revision: i64,
        activities: &[NewActivity],
    ) -> Result<(Vec<ActivityId>, i64)> {
        self.add_activities_once(portfolio_id, revision, activities, Timestamp::UNIX_EPOCH, None).await
    }

    /// Adds activities to a portfolio at `revision`, all or none and at most once for a key; returns their numbers in the order given and
    /// its new revision.
    ///
    /// Fails with `NotFound` where there is no such portfolio or account, with `Conflict` where it is at another revision, with `Limit`
    /// and with `Repeated`. No activities are no change.
    pub async fn add_activities_once(
        &self,
        portfolio_id: &str,
        revision: i64,
        activities: &[NewActivity],
        now: Timestamp,
        answering: Option<Answering<'_, [ActivityId]>>,
    ) -> Result<(Vec<ActivityId>, i64)> {
        let mut change = self.store.begin().await?;
        refuse_repeated(&mut change, self.owner, answering.as_ref()).await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        if activities.is_empty() {
            // Dropped here, the change leaves nothing.
            return Ok((Vec::new(), revision));
        }
        let ids = insert(&mut change, portfolio_id, activities, Entered { by: self.owner, at: now }).await?;
        keep(&mut change, self.owner, answering.as_ref(), &ids[..]).await?;
        change.commit().await?;
        Ok((ids, next))
    }

    /// Creates a portfolio with a whole ledger, both or neither, and returns it as it then is.
    ///
    /// Fails with `Conflict` where its id is taken, and with `Limit`.
    pub async fn import_portfolio(&self, new: &NewPortfolio, activities: &[NewActivity]) -> Result<PortfolioRow> {
        let portfolio_id = &new.portfolio_id;
        let mut change = self.store.begin().await?;
        portfolios::create(&mut change, self.owner, new).await?;
        insert(&mut change, portfolio_id, activities, Entered { by: self.owner, at: new.created_at }).await?;
        let imported = portfolios::as_changed(&mut change, portfolio_id).await?;
        change.commit().await?;
        Ok(imported)
    }

    /// Replaces an activity of a portfolio at `revision`, and returns its new revision.
    ///
    /// Fails with `NotFound` where there is no such portfolio or activity, and with `Conflict` as adding does.
    pub async fn replace_activity(
        &self,
        portfolio_id: &str,
        revision: i64,
        id: ActivityId,
        activity: &NewActivity,
        (how, now): (EntryChange, Timestamp),
    ) -> Result<i64> {
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        remember(&mut change, portfolio_id, id, how, Entered { by: self.owner, at: now }).await?;
        refuse_strange_accounts(&mut change, portfolio_id, [activity]).await?;
        let values = values(portfolio_id, activity);
        values.into_iter().fold(statement(REPLACE), Statement::bind).bind(id.0).run(&mut change).await?;
        begin_cash(&mut change, portfolio_id).await?;
        change.commit().await?;
        Ok(next)
    }

    /// Replaces the estimated rates of activities of a portfolio at `revision` by the rates of their days, and returns the
    /// portfolio's new revision. An activity that has changed by now keeps its own rate.
    ///
    /// Fails as adding does.
    pub async fn rate_activities(&self, portfolio_id: &str, revision: i64, rates: &[LearnedRate], now: Timestamp) -> Result<i64> {
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        for LearnedRate { id, revision, rate } in rates {
            let estimated = statement(STILL_ESTIMATED).bind(portfolio_id).bind(id.0).bind(*revision);
            if estimated.optional(&mut change).await?.is_none() {
                continue;
            }
            remember_unasked(&mut change, portfolio_id, *id, EntryChange::Rated, now).await?;
            let rate = statement(RATE).bind(portfolio_id).bind(id.0).bind(rate.to_string()).bind(*revision);
            rate.run(&mut change).await?;
        }
        change.commit().await?;
        Ok(next)
    }

    /// Deletes activities of a portfolio at `revision`, all or none, and returns its new revision.
    ///
    /// Fails as replacing does.
    pub async fn delete_activities(&self, portfolio_id: &str, revision: i64, ids: &[ActivityId], now: Timestamp) -> Result<i64> {
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        for id in ids {
            remember(&mut change, portfolio_id, *id, EntryChange::Deleted, Entered { by: self.owner, at: now }).await?;
            let delete = statement("DELETE FROM activities WHERE portfolio_id = $1 AND activity_id = $2");
            delete.bind(portfolio_id).bind(id.0).run(&mut change).await?;
        }
        change.commit().await?;
        Ok(next)
    }

    /// Puts an activity that was deleted back under its number, as it is given, and returns the portfolio's new revision.
    ///
    /// Fails with `NotFound` where there is no such portfolio, or where no such activity was deleted from it, and with `Conflict` and
    /// `Limit` as adding does.
    pub async fn restore_activity(
        &self,
        portfolio_id: &str,
        revision: i64,
        id: ActivityId,
        activity: &NewActivity,
        now: Timestamp,
    ) -> Result<i64> {
        let mut change = self.store.begin().await?;
        let next = count_change(&mut change, self.owner, portfolio_id, revision).await?;
        restore(&mut change, portfolio_id, id, activity, Entered { by: self.owner, at: now }).await?;
        begin_cash(&mut change, portfolio_id).await?;
        change.commit().await?;
        Ok(next)
    }
}

/// Inserts activities of a portfolio within a change, and returns their numbers in the order given.
pub(super) async fn insert(
    change: &mut Change,
    portfolio_id: &str,
    activities: &[impl Borrow<NewActivity>],
    entered: Entered<'_>,
) -> Result<Vec<ActivityId>> {
    insert_watched(change, portfolio_id, activities, entered, &|_| true).await
}

/// Inserts activities as [`insert`] does, and tells how many there are after each statement; where that is answered by false, it ends.
///
/// Fails with `Ended` as well.
pub(super) async fn insert_watched(
    change: &mut Change,
    portfolio_id: &str,
    activities: &[impl Borrow<NewActivity>],
    entered: Entered<'_>,
    reached: &(dyn Fn(usize) -> bool + Send + Sync),
) -> Result<Vec<ActivityId>> {
    refuse_too_many(change, portfolio_id, activities.len()).await?;
    refuse_strange_accounts(change, portfolio_id, activities.iter().map(Borrow::borrow)).await?;
    let mut ids = Vec::with_capacity(activities.len());
    for some in activities.chunks(ROWS_AT_ONCE) {
        let row = |activity: &_| {
            let mut row = values(portfolio_id, Borrow::<NewActivity>::borrow(activity));
            row.extend([micros(entered.at).into(), entered.by.as_str().into()]);
            row
        };
        let inserted = Statement::of_rows(INSERT, 20, some.iter().map(row), "RETURNING activity_id").all(&mut *change).await?;
        let mut given = read_all(&inserted, |row| Ok(ActivityId(row.get("activity_id")?)))?;
        // Numbers are given in the order of the rows, and may be told in another.
        given.sort_unstable();
        ids.extend(given);
        if !reached(ids.len()) {
            return Err(StoreError::Ended);
        }
    }
    begin_cash(change, portfolio_id).await?;
    Ok(ids)
}

async fn refuse_too_many(change: &mut Change, portfolio_id: &str, added: usize) -> Result<()> {
    let query = statement("SELECT count(*) AS number FROM activities WHERE portfolio_id = $1").bind(portfolio_id);
    let count = query.number(change).await?;
    let added = i64::try_from(added).unwrap_or(i64::MAX);
    if count.saturating_add(added) > MAX_ACTIVITIES {
        return Err(StoreError::Limit { what: Bounded::Activities, most: MAX_ACTIVITIES });
    }
    Ok(())
}

/// Puts an entry back under its number, after its history.
async fn restore(
    change: &mut Change,
    portfolio_id: &str,
    id: ActivityId,
    activity: &NewActivity,
    entered: Entered<'_>,
) -> Result<()> {
    let revision = remember_restored(change, portfolio_id, id, activity, entered).await?;
    refuse_too_many(change, portfolio_id, 1).await?;
    let mut activity = activity.clone();
    if let Some(account) = activity.account
        && !is_account_of(change, portfolio_id, account).await?
    {
        activity.account = None;
    }
    let mut row = values(portfolio_id, &activity);
    row.extend([id.0.into(), revision.into()]);
    Statement::of_rows(RESTORE, 20, [row], "").run(change).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::entry_records::NewAccount;
    use super::super::testing::{CHANGED, HOSTILE_TEXTS, Kind, Place, at, buy, change, contract, new_portfolio};
    use super::*;
    use foliostream::domain::account::AccountKind;
    use foliostream::domain::activity::ActivityKind;
    use foliostream::domain::money::Currency;
    use rust_decimal::Decimal;

    async fn with_portfolio(kind: Kind) -> (Place, Store) {
        let (place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        (place, store)
    }

    async fn activities_come_back_by_time_then_number_with_their_scale(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let given = [buy("1.500", "100.10", 5), buy("2", "0.0000000000000000000000000001", 1), buy("3.0", "7", 1)];
        let (ids, revision) = store.own().add_activities("main", 1, &given).await.unwrap();
        assert_eq!(revision, 2);
        let expected = [1, 2, 0].map(|index: usize| given[index].clone().with_id(ids[index]));
        let found = store.activities("main").await.unwrap();
        assert_eq!(found, expected);
        let written: Vec<_> = found.iter().map(|activity| activity.price.to_string()).collect();
        assert_eq!(written, ["0.0000000000000000000000000001", "7", "100.10"]);
        assert_eq!(found[2].quantity.to_string(), "1.500");
    }

    async fn every_kind_and_every_field_comes_back(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let account = NewAccount { name: "Depot".to_owned(), currency: None, kind: AccountKind::Broker };
        let account = store.own().create_account("main", &account, None).await.unwrap().id;
        let given = ActivityKind::ALL.map(|kind| NewActivity {
            account: Some(account),
            tags: HOSTILE_TEXTS.map(str::to_owned).to_vec(),
            kind,
            ticker: None,
            amount: Decimal::MAX,
            fee: "1.10".parse().unwrap(),
            tax: "-2.20".parse().unwrap(),
            currency: "GBp".parse().unwrap(),
            exchange_rate: "1.17".parse().unwrap(),
            exchange_rate_estimated: true,
            converted: true,
            date_only: true,
            opens_short: true,
            note: Some(String::new()),
            ..buy("0", "0", 1)
        });
        let (ids, _) = store.own().add_activities("main", 1, &given).await.unwrap();
        let expected: Vec<_> = given.into_iter().zip(ids).map(|(activity, id)| activity.with_id(id)).collect();
        assert_eq!(store.activities("main").await.unwrap(), expected);
    }

    async fn replacing_and_deleting_count_revisions(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let (ids, _) = store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        assert_eq!(store.own().replace_activity("main", 2, ids[0], &buy("9", "8", 7), CHANGED).await.unwrap(), 3);
        let replaced = Activity { revision: 2, ..buy("9", "8", 7).with_id(ids[0]) };
        assert_eq!(store.activities("main").await.unwrap(), [replaced]);
        assert_eq!(store.own().delete_activities("main", 3, &ids, at(9)).await.unwrap(), 4);
        assert_eq!(store.activities("main").await.unwrap(), []);
        assert_eq!(store.portfolio("main").await.unwrap().unwrap().revision, 4);
    }

    async fn an_estimated_rate_gives_way_to_the_days_and_any_other_stays(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let estimated = NewActivity { exchange_rate_estimated: true, ..buy("1", "2", 0) };
        let (ids, _) = store.own().add_activities("main", 1, &[estimated, buy("1", "2", 1)]).await.unwrap();
        let rates =
            [(0, 1), (1, 1), (0, 7)].map(|(index, revision)| LearnedRate { id: ids[index], revision, rate: Decimal::TEN });
        assert_eq!(store.own().rate_activities("main", 2, &rates, at(9)).await.unwrap(), 3);
        let found = store.activities("main").await.unwrap();
        let told =
            |activity: &Activity| (activity.exchange_rate.to_string(), activity.exchange_rate_estimated, activity.revision);
        assert_eq!(found.iter().map(told).collect::<Vec<_>>(), [("10".into(), false, 2), ("0.92".into(), false, 1)]);
        assert_eq!(store.own().activity("main", ids[0]).await.unwrap().as_ref(), Some(&found[0]));
        assert_eq!(store.own().activity("other", ids[0]).await.unwrap(), None);
    }

    async fn what_is_not_there_is_refused_and_counts_nothing(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        store.own().create_portfolio(&new_portfolio("other", "B", Currency::EUR, None, at(0)), None).await.unwrap();
        let (ids, _) = store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        assert!(matches!(store.own().add_activities("none", 1, &[buy("1", "2", 0)]).await, Err(StoreError::NotFound)));
        assert!(matches!(store.own().add_activities("none", 1, &[]).await, Err(StoreError::NotFound)));
        assert!(matches!(
            store.own().replace_activity("other", 1, ids[0], &buy("1", "2", 0), CHANGED).await,
            Err(StoreError::NotFound)
        ));
        assert!(matches!(store.own().delete_activities("other", 1, &ids, at(9)).await, Err(StoreError::NotFound)));
        assert!(matches!(store.own().delete_activities("none", 1, &ids, at(9)).await, Err(StoreError::NotFound)));
        assert_eq!(store.portfolio("other").await.unwrap().unwrap().revision, 1);
        assert_eq!(store.activities("main").await.unwrap().len(), 1);
    }

    async fn a_ledger_that_changed_since_it_was_folded_is_a_conflict_and_stays(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let other = store.clone();
        let (ids, revision) = store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        let late = [
            other.own().add_activities("main", 1, &[buy("3", "4", 0)]).await.map(drop),
            other.own().add_activities("main", 1, &[]).await.map(drop),
            other.own().replace_activity("main", 1, ids[0], &buy("3", "4", 0), CHANGED).await.map(drop),
            other.own().delete_activities("main", 1, &ids, at(9)).await.map(drop),
        ];
        for late in late {
            assert!(matches!(late, Err(StoreError::Conflict { current: 2 })), "{late:?}");
        }
        assert_eq!(other.activities("main").await.unwrap(), [buy("1", "2", 0).with_id(ids[0])]);
        assert_eq!(other.own().delete_activities("main", revision, &ids, at(9)).await.unwrap(), 3);
    }

    async fn of_many_who_add_to_one_revision_one_does(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let mut adding = Vec::new();
        for _ in 0..4 {
            let store = store.clone();
            adding.push(tokio::spawn(async move { store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.is_ok() }));
        }
        let mut added = 0;
        for adds in adding {
            added += usize::from(adds.await.unwrap());
        }
        assert_eq!((added, store.activities("main").await.unwrap().len()), (1, 1));
    }

    async fn no_activities_are_no_change(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        assert_eq!(store.own().add_activities("main", 1, &[]).await.unwrap(), (Vec::new(), 1));
        assert_eq!(store.portfolio("main").await.unwrap().unwrap().revision, 1);
    }

    async fn more_than_fit_are_refused_all_together(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let many = statement(
            "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1) \
             INSERT INTO activities (portfolio_id, kind, time_us, quantity, price, amount, fee, tax, currency, \
             exchange_rate, converted) \
             SELECT 'main', 'deposit', 0, '0', '0', '1', '0', '0', 'EUR', '1', FALSE FROM numbers",
        )
        .bind(MAX_ACTIVITIES - 1);
        change(&store, many).await;
        let refusal = store.own().add_activities("main", 1, &[buy("1", "2", 0), buy("1", "2", 0)]).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Limit { most: MAX_ACTIVITIES, .. }), "{refusal}");
        store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        assert_eq!(store.portfolio("main").await.unwrap().unwrap().revision, 2);
    }

    async fn hostile_notes_come_back_as_written(kind: Kind) {
        let (_place, store) = with_portfolio(kind).await;
        let given = HOSTILE_TEXTS.map(|text| NewActivity { note: Some(text.to_owned()), ..buy("1", "2", 0) });
        store.own().add_activities("main", 1, &given).await.unwrap();
        let found = store.activities("main").await.unwrap();
        let notes: Vec<_> = found.iter().filter_map(|activity| activity.note.as_deref()).collect();
        assert_eq!(notes, HOSTILE_TEXTS);
    }

    async fn a_portfolio_comes_with_its_whole_ledger_or_not_at_all(kind: Kind) {
        let (_place, store) = kind.store().await;
        let new = |id: &str| new_portfolio(id, "Imported", Currency::EUR, None, at(0));
        let imported = store.own().import_portfolio(&new("one"), &[buy("1", "10", 1), buy("2", "20", 2)]).await.unwrap();
        assert_eq!((imported.revision, store.activities("one").await.unwrap().len()), (1, 2));
        assert_eq!(store.portfolio("one").await.unwrap(), Some(imported));
        let refused = store.own().import_portfolio(&new("one"), &[buy("3", "30", 3)]).await;
        assert!(matches!(refused, Err(StoreError::Conflict { current: 1 })), "{refused:?}");
        let too_many = vec![buy("1", "10", 1); usize::try_from(MAX_ACTIVITIES).unwrap() + 1];
        assert!(matches!(store.own().import_portfolio(&new("two"), &too_many).await, Err(StoreError::Limit { .. })));
        assert_eq!((store.portfolio("two").await.unwrap(), store.own().portfolios().await.unwrap().len()), (None, 1));
    }

    contract! {
        a_portfolio_comes_with_its_whole_ledger_or_not_at_all,
        activities_come_back_by_time_then_number_with_their_scale,
        every_kind_and_every_field_comes_back,
        replacing_and_deleting_count_revisions,
        an_estimated_rate_gives_way_to_the_days_and_any_other_stays,
        what_is_not_there_is_refused_and_counts_nothing,
        a_ledger_that_changed_since_it_was_folded_is_a_conflict_and_stays,
        of_many_who_add_to_one_revision_one_does,
        no_activities_are_no_change,
        more_than_fit_are_refused_all_together,
        hostile_notes_come_back_as_written,
    }
}
