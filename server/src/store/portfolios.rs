//! Portfolios, without their activities.

use foliostream::domain::user::UserId;
use foliostream::wire::live::Owned;

use super::columns::{micros, owned_revision, parsed, read_all, time};
use super::error::{Bounded, StoreError};
use super::once::{Answering, keep, refuse_repeated};
use super::records::{NewPortfolio, PortfolioRow};
use super::statement::{Change, Row, statement};
use super::{Personal, Result, Store};

/// The most portfolios that are kept.
pub(crate) const MAX_PORTFOLIOS: i64 = 100;

const CREATE: &str = "INSERT INTO portfolios (portfolio_id, owner, name, currency, created_at_us, track_cash) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING *";

const CHANGE: &str = "UPDATE portfolios SET name = coalesce($2, name), track_cash = coalesce($3, track_cash), \
     revision = revision + 1 WHERE portfolio_id = $1 AND owner = $4 RETURNING *";

impl Store {
    /// Returns the portfolios of all users, the oldest first.
    pub async fn all_portfolios(&self) -> Result<Vec<PortfolioRow>> {
        let query = statement("SELECT * FROM portfolios ORDER BY created_at_us, portfolio_id");
        read_all(&query.all(&mut self.read().await?).await?, portfolio_row)
    }

    /// Returns one portfolio of any owner, if it is there.
    pub async fn portfolio(&self, portfolio_id: &str) -> Result<Option<PortfolioRow>> {
        let query = statement("SELECT * FROM portfolios WHERE portfolio_id = $1").bind(portfolio_id);
        Ok(query.optional(&mut self.read().await?).await?.as_ref().map(portfolio_row).transpose()?)
    }

    /// Returns the id, owner and revision of every user's portfolios: what a replica compares with what it knows.
    pub async fn portfolio_revisions(&self) -> Result<Vec<(String, Owned<i64>)>> {
        let query = statement("SELECT portfolio_id, owner, revision FROM portfolios ORDER BY portfolio_id");
        read_all(&query.all(&mut self.read().await?).await?, |row| Ok((row.get("portfolio_id")?, owned_revision(row)?)))
    }
}

impl Personal<'_> {
    /// Returns the user's portfolios, the oldest first.
    pub async fn portfolios(&self) -> Result<Vec<PortfolioRow>> {
        let query = statement("SELECT * FROM portfolios WHERE owner = $1 ORDER BY created_at_us, portfolio_id");
        read_all(&query.bind(self.owner.as_str()).all(&mut self.store.read().await?).await?, portfolio_row)
    }

    /// Returns one portfolio of the user, if it is there.
    pub async fn portfolio(&self, portfolio_id: &str) -> Result<Option<PortfolioRow>> {
        let query = statement("SELECT * FROM portfolios WHERE portfolio_id = $1 AND owner = $2");
        let query = query.bind(portfolio_id).bind(self.owner.as_str());
        Ok(query.optional(&mut self.store.read().await?).await?.as_ref().map(portfolio_row).transpose()?)
    }

    /// Creates a portfolio at revision 1, at most once for a key where there is one.
    ///
    /// Fails with `Conflict` where the id is taken, with `Limit`, and with `Repeated`.
    pub async fn create_portfolio(
        &self,
        new: &NewPortfolio,
        answering: Option<Answering<'_, PortfolioRow>>,
    ) -> Result<PortfolioRow> {
        let mut change = self.store.begin().await?;
        refuse_repeated(&mut change, self.owner, answering.as_ref()).await?;
        let portfolio = create(&mut change, self.owner, new).await?;
        keep(&mut change, self.owner, answering.as_ref(), &portfolio).await?;
        change.commit().await?;
        Ok(portfolio)
    }

    /// Changes a portfolio's name and whether its cash counts, where they are given, and returns it at its next revision.
    pub async fn change_portfolio(
        &self,
        portfolio_id: &str,
        name: Option<&str>,
        track_cash: Option<bool>,
    ) -> Result<PortfolioRow> {
        let mut change = self.store.begin().await?;
        let update = statement(CHANGE).bind(portfolio_id).bind(name).bind(track_cash).bind(self.owner.as_str());
        let row = update.optional(&mut change).await?.ok_or(StoreError::NotFound)?;
        let portfolio = portfolio_row(&row)?;
        change.commit().await?;
        Ok(portfolio)
    }

    /// Deletes a portfolio and all its activities.
    pub async fn delete_portfolio(&self, portfolio_id: &str) -> Result<()> {
        let mut change = self.store.begin().await?;
        let delete = statement("DELETE FROM portfolios WHERE portfolio_id = $1 AND owner = $2");
        if delete.bind(portfolio_id).bind(self.owner.as_str()).run(&mut change).await? == 0 {
            return Err(StoreError::NotFound);
        }
        change.commit().await
    }
}

/// Creates a portfolio at revision 1 within a change.
///
/// Fails with `Conflict` where the id is taken, and with `Limit`.
pub(super) async fn create(change: &mut Change, owner: &UserId, new: &NewPortfolio) -> Result<PortfolioRow> {
    let taken = statement("SELECT revision FROM portfolios WHERE portfolio_id = $1").bind(new.portfolio_id.as_str());
    if let Some(row) = taken.optional(&mut *change).await? {
        return Err(StoreError::Conflict { current: row.get("revision")? });
    }
    let count = statement("SELECT count(*) AS number FROM portfolios WHERE owner = $1").bind(owner.as_str());
    let count = count.number(&mut *change).await?;
    if count >= MAX_PORTFOLIOS {
        return Err(StoreError::Limit { what: Bounded::Portfolios, most: MAX_PORTFOLIOS });
    }
    let create = statement(CREATE)
        .bind(new.portfolio_id.as_str())
        .bind(owner.as_str())
        .bind(new.name.as_str())
        .bind(new.currency.as_str())
        .bind(micros(new.created_at))
        .bind(new.track_cash);
    Ok(portfolio_row(&create.one(change).await?)?)
}

/// Returns a portfolio as the change sees it.
pub(super) async fn as_changed(change: &mut Change, portfolio_id: &str) -> Result<PortfolioRow> {
    let query = statement("SELECT * FROM portfolios WHERE portfolio_id = $1").bind(portfolio_id);
    Ok(portfolio_row(&query.one(change).await?)?)
}

/// Returns a portfolio's revision as the change sees it.
async fn revision(change: &mut Change, owner: &UserId, portfolio_id: &str) -> Result<Option<i64>> {
    let query = statement("SELECT revision FROM portfolios WHERE portfolio_id = $1 AND owner = $2");
    let query = query.bind(portfolio_id).bind(owner.as_str());
    Ok(query.optional(change).await?.map(|row| row.get("revision")).transpose()?)
}

const BEGIN_CASH: &str = "UPDATE portfolios SET track_cash = $2 WHERE portfolio_id = $1 AND track_cash IS NULL \
     AND NOT EXISTS (SELECT 1 FROM activities WHERE portfolio_id = $1 AND kind IN ('buy', 'sell', 'reinvested_dividend')) \
     AND EXISTS (SELECT 1 FROM activities WHERE portfolio_id = $1 AND kind IN ('deposit', 'withdrawal', 'opening_balance'))";

/// Lets a portfolio's cash count from its first deposit or withdrawal on, where that was never set and no trade is there whose
/// figures would flip.
pub(super) async fn begin_cash(change: &mut Change, portfolio_id: &str) -> Result<()> {
    statement(BEGIN_CASH).bind(portfolio_id).bind(true).run(change).await.map(drop)
}

/// Counts a change of a portfolio's activities, and returns the new revision; refuses one that was meant for another revision.
pub(super) async fn count_change(change: &mut Change, owner: &UserId, portfolio_id: &str, expected: i64) -> Result<i64> {
    match revision(change, owner, portfolio_id).await? {
        Some(current) if current == expected => {}
        Some(current) => return Err(StoreError::Conflict { current }),
        None => return Err(StoreError::NotFound),
    }
    let count = statement("UPDATE portfolios SET revision = revision + 1 WHERE portfolio_id = $1 RETURNING revision");
    Ok(count.bind(portfolio_id).one(change).await?.get("revision")?)
}

fn portfolio_row(row: &Row) -> std::result::Result<PortfolioRow, sqlx::Error> {
    Ok(PortfolioRow {
        portfolio_id: row.get("portfolio_id")?,
        owner: parsed(row, "owner")?,
        name: row.get("name")?,
        currency: parsed(row, "currency")?,
        revision: row.get("revision")?,
        created_at: time(row, "created_at_us")?,
        track_cash: row.get("track_cash")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::entry_records::NewActivity;
    use super::super::testing::{CHANGED, HOSTILE_TEXTS, Kind, at, buy, contract, new_portfolio};
    use super::*;
    use foliostream::domain::activity::ActivityKind;
    use foliostream::domain::money::Currency;

    async fn a_created_portfolio_is_listed_and_found(kind: Kind) {
        let (_place, store) = kind.store().await;
        let second = store.own().create_portfolio(&new_portfolio("second", "B", Currency::GBX, None, at(2)), None).await.unwrap();
        let first = store.own().create_portfolio(&new_portfolio("first", "A", Currency::EUR, None, at(1)), None).await.unwrap();
        assert_eq!((second.revision, second.currency, second.created_at), (1, Currency::GBX, at(2)));
        assert_eq!(store.own().portfolios().await.unwrap(), [first.clone(), second]);
        assert_eq!(store.portfolio("first").await.unwrap(), Some(first));
        assert_eq!(store.portfolio("third").await.unwrap(), None);
    }

    async fn a_taken_id_is_a_conflict(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        store.own().change_portfolio("main", Some("B"), None).await.unwrap();
        let refusal =
            store.own().create_portfolio(&new_portfolio("main", "C", Currency::EUR, None, at(0)), None).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Conflict { current: 2 }), "{refusal}");
    }

    async fn renaming_counts_a_revision_and_needs_a_portfolio(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        let renamed = store.own().change_portfolio("main", Some("B"), None).await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.revision), ("B", 2));
        assert!(matches!(store.own().change_portfolio("other", Some("B"), None).await, Err(StoreError::NotFound)));
    }

    async fn whether_cash_counts_is_set_and_stays_set(kind: Kind) {
        let (_place, store) = kind.store().await;
        let made =
            store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, Some(false), at(0)), None).await.unwrap();
        assert_eq!(made.track_cash, Some(false));
        let changed = store.own().change_portfolio("main", None, Some(true)).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.track_cash, changed.revision), ("A", Some(true), 2));
        assert_eq!(store.own().change_portfolio("main", Some("B"), None).await.unwrap().track_cash, Some(true));
        assert_eq!(store.portfolio("main").await.unwrap().unwrap().track_cash, Some(true));
    }

    async fn cash_counts_from_a_first_deposit_that_no_trade_came_before(kind: Kind) {
        let (_place, store) = kind.store().await;
        let deposit = || NewActivity { kind: ActivityKind::Deposit, ticker: None, ..buy("0", "0", 0) };
        let tracked = async |id: &str| store.portfolio(id).await.unwrap().unwrap().track_cash;
        for (id, set) in [("first", None), ("traded", None), ("set", Some(false))] {
            store.own().create_portfolio(&new_portfolio(id, "A", Currency::EUR, set, at(0)), None).await.unwrap();
        }
        store.own().add_activities("first", 1, &[deposit()]).await.unwrap();
        store.own().add_activities("first", 2, &[buy("1", "2", 0)]).await.unwrap();
        assert_eq!(tracked("first").await, Some(true));
        let (ids, _) = store.own().add_activities("traded", 1, &[buy("1", "2", 0)]).await.unwrap();
        store.own().add_activities("traded", 2, &[deposit()]).await.unwrap();
        assert_eq!(tracked("traded").await, None);
        store.own().replace_activity("traded", 3, ids[0], &deposit(), CHANGED).await.unwrap();
        assert_eq!(tracked("traded").await, Some(true));
        store.own().add_activities("set", 1, &[deposit()]).await.unwrap();
        assert_eq!(tracked("set").await, Some(false));
    }

    async fn deleting_takes_the_activities_along(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        store.own().add_activities("main", 1, &[buy("1", "2", 0)]).await.unwrap();
        store.own().delete_portfolio("main").await.unwrap();
        assert_eq!(store.activities("main").await.unwrap(), []);
        assert_eq!(store.portfolio("main").await.unwrap(), None);
        assert!(matches!(store.own().delete_portfolio("main").await, Err(StoreError::NotFound)));
    }

    async fn the_hundred_and_first_portfolio_is_refused(kind: Kind) {
        let (_place, store) = kind.store().await;
        for number in 0..MAX_PORTFOLIOS {
            store
                .own()
                .create_portfolio(&new_portfolio(&number.to_string(), "A", Currency::EUR, None, at(0)), None)
                .await
                .unwrap();
        }
        let refusal =
            store.own().create_portfolio(&new_portfolio("more", "A", Currency::EUR, None, at(0)), None).await.unwrap_err();
        assert_eq!(refusal.to_string(), "at most 100 portfolios can be stored; delete some first");
    }

    async fn hostile_names_come_back_as_written(kind: Kind) {
        let (_place, store) = kind.store().await;
        for (number, text) in HOSTILE_TEXTS.iter().enumerate() {
            let id = number.to_string();
            store.own().create_portfolio(&new_portfolio(&id, text, Currency::EUR, None, at(0)), None).await.unwrap();
            assert_eq!(store.portfolio(&id).await.unwrap().unwrap().name, *text);
        }
    }

    async fn an_id_that_no_text_can_hold_is_not_there(kind: Kind) {
        let (_place, store) = kind.store().await;
        assert!(matches!(store.portfolio("a\0b").await, Ok(None) | Err(StoreError::NotFound)));
        assert!(matches!(store.own().delete_portfolio("a\0b").await, Err(StoreError::NotFound)));
    }

    async fn revisions_are_listed_by_id(kind: Kind) {
        let (_place, store) = kind.store().await;
        for id in ["b", "a", "B"] {
            store.own().create_portfolio(&new_portfolio(id, "A", Currency::EUR, None, at(0)), None).await.unwrap();
        }
        store.own().change_portfolio("a", Some("B"), None).await.unwrap();
        let expected =
            [("B", 1), ("a", 2), ("b", 1)].map(|(id, revision)| (id.to_owned(), Owned::of(&UserId::local(), revision)));
        assert_eq!(store.portfolio_revisions().await.unwrap(), expected);
    }

    contract! {
        an_id_that_no_text_can_hold_is_not_there,
        revisions_are_listed_by_id,
        a_created_portfolio_is_listed_and_found,
        a_taken_id_is_a_conflict,
        renaming_counts_a_revision_and_needs_a_portfolio,
        deleting_takes_the_activities_along,
        whether_cash_counts_is_set_and_stays_set,
        cash_counts_from_a_first_deposit_that_no_trade_came_before,
        the_hundred_and_first_portfolio_is_refused,
        hostile_names_come_back_as_written,
    }
}
