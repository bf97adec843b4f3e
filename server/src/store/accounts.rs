//! Accounts of portfolios.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use foliostream::domain::account::{Account, AccountId};

use super::columns::{name, named, parsed_option, read_all};
use super::entry_records::{NewAccount, NewActivity};
use super::error::{Bounded, StoreError};
use super::once::{Answering, keep, refuse_repeated};
use super::statement::{Change, Row, Statement, statement};
use super::{Personal, Result};

/// The most accounts that one portfolio has.
pub(crate) const MAX_ACCOUNTS: i64 = 100;

const LIST: &str = concat!("SELECT * FROM accounts WHERE ", of_owner!("$2"), " ORDER BY account_id");

const CREATE: &str = "INSERT INTO accounts (portfolio_id, name, currency, kind) VALUES ($1, $2, $3, $4) RETURNING *";

const CHANGE: &str =
    "UPDATE accounts SET name = $3, currency = $4, kind = $5 WHERE portfolio_id = $1 AND account_id = $2 RETURNING *";

impl Personal<'_> {
    /// Returns a portfolio's accounts in the order they were made; none where the user has no such portfolio.
    pub async fn accounts(&self, portfolio_id: &str) -> Result<Vec<Account>> {
        let query = statement(LIST).bind(portfolio_id).bind(self.owner.as_str());
        read_all(&query.all(&mut self.store.read().await?).await?, account_row)
    }

    /// Makes an account of a portfolio, at most once for a key.
    ///
    /// Fails with `NotFound` where the user has no such portfolio, with `Taken` where another account has the name, with `Limit` and with
    /// `Repeated`.
    pub async fn create_account(
        &self,
        portfolio_id: &str,
        new: &NewAccount,
        answering: Option<Answering<'_, Account>>,
    ) -> Result<Account> {
        let mut change = self.store.begin().await?;
        refuse_repeated(&mut change, self.owner, answering.as_ref()).await?;
        self.must_have(&mut change, portfolio_id).await?;
        let count = statement("SELECT count(*) AS number FROM accounts WHERE portfolio_id = $1").bind(portfolio_id);
        if count.number(&mut change).await? >= MAX_ACCOUNTS {
            return Err(StoreError::Limit { what: Bounded::Accounts, most: MAX_ACCOUNTS });
        }
        refuse_taken_name(&mut change, portfolio_id, &new.name, None).await?;
        let account = account_row(&made(portfolio_id, new).one(&mut change).await?)?;
        keep(&mut change, self.owner, answering.as_ref(), &account).await?;
        change.commit().await?;
        Ok(account)
    }

    /// Writes an account over.
    ///
    /// Fails with `NotFound` where the portfolio has no such account, and with `Taken`.
    pub async fn change_account(&self, portfolio_id: &str, id: AccountId, new: &NewAccount) -> Result<Account> {
        let mut change = self.store.begin().await?;
        self.must_have(&mut change, portfolio_id).await?;
        refuse_taken_name(&mut change, portfolio_id, &new.name, Some(id)).await?;
        let update = statement(CHANGE)
            .bind(portfolio_id)
            .bind(id.0)
            .bind(new.name.as_str())
            .bind(new.currency.map(|currency| currency.as_str().to_owned()))
            .bind(name(new.kind));
        let changed = update.optional(&mut change).await?.ok_or(StoreError::NotFound)?;
        let account = account_row(&changed)?;
        change.commit().await?;
        Ok(account)
    }

    /// Deletes an account that has no entries.
    ///
    /// Fails with `NotFound` where the portfolio has no such account, and with `InUse` where entries are in it.
    pub async fn delete_account(&self, portfolio_id: &str, id: AccountId) -> Result<()> {
        let mut change = self.store.begin().await?;
        self.must_have(&mut change, portfolio_id).await?;
        let used = statement("SELECT count(*) AS number FROM activities WHERE account_id = $1 AND portfolio_id = $2");
        let used = used.bind(id.0).bind(portfolio_id).number(&mut change).await?;
        if used > 0 {
            return Err(StoreError::InUse { entries: used });
        }
        let delete = statement("DELETE FROM accounts WHERE portfolio_id = $1 AND account_id = $2");
        if delete.bind(portfolio_id).bind(id.0).run(&mut change).await? == 0 {
            return Err(StoreError::NotFound);
        }
        change.commit().await
    }

    async fn must_have(&self, change: &mut Change, portfolio_id: &str) -> Result<()> {
        let query = statement("SELECT revision FROM portfolios WHERE portfolio_id = $1 AND owner = $2");
        let found = query.bind(portfolio_id).bind(self.owner.as_str()).optional(change).await?;
        found.map(drop).ok_or(StoreError::NotFound)
    }
}

/// Returns the accounts of a portfolio that have these names, in lower case; those that it does not have yet are made.
///
/// Fails with `Limit`.
pub(super) async fn accounts_named(
    change: &mut Change,
    portfolio_id: &str,
    named: &[&NewAccount],
) -> Result<BTreeMap<String, AccountId>> {
    if named.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = statement("SELECT * FROM accounts WHERE portfolio_id = $1").bind(portfolio_id);
    let accounts = read_all(&query.all(&mut *change).await?, account_row)?;
    let mut known: BTreeMap<String, AccountId> =
        accounts.into_iter().map(|account| (account.name.to_lowercase(), account.id)).collect();
    for new in named {
        let name = new.name.to_lowercase();
        if known.contains_key(&name) {
            continue;
        }
        if i64::try_from(known.len()).unwrap_or(i64::MAX) >= MAX_ACCOUNTS {
            return Err(StoreError::Limit { what: Bounded::Accounts, most: MAX_ACCOUNTS });
        }
        let made = account_row(&made(portfolio_id, new).one(&mut *change).await?)?;
        known.insert(name, made.id);
    }
    Ok(known)
}

fn made(portfolio_id: &str, new: &NewAccount) -> Statement {
    statement(CREATE)
        .bind(portfolio_id)
        .bind(new.name.as_str())
        .bind(new.currency.map(|currency| currency.as_str().to_owned()))
        .bind(name(new.kind))
}

/// Refuses a name that another account of the portfolio has, also in other capitals.
async fn refuse_taken_name(change: &mut Change, portfolio_id: &str, name: &str, but: Option<AccountId>) -> Result<()> {
    let query = statement("SELECT * FROM accounts WHERE portfolio_id = $1").bind(portfolio_id);
    let accounts = read_all(&query.all(change).await?, account_row)?;
    let is_taken = |account: &Account| Some(account.id) != but && account.name.to_lowercase() == name.to_lowercase();
    if accounts.iter().any(is_taken) { Err(StoreError::Taken { field: "name" }) } else { Ok(()) }
}

/// Whether a portfolio has an account.
pub(super) async fn is_account_of(change: &mut Change, portfolio_id: &str, id: AccountId) -> Result<bool> {
    let query = statement("SELECT count(*) AS number FROM accounts WHERE portfolio_id = $1 AND account_id = $2");
    Ok(query.bind(portfolio_id).bind(id.0).number(change).await? > 0)
}

/// Refuses entries of accounts that are not the portfolio's: one may have been deleted since it was read.
pub(super) async fn refuse_strange_accounts(
    change: &mut Change,
    portfolio_id: &str,
    activities: impl IntoIterator<Item = impl Borrow<NewActivity>>,
) -> Result<()> {
    let named: BTreeSet<AccountId> = activities.into_iter().filter_map(|activity| activity.borrow().account).collect();
    for id in named {
        if !is_account_of(change, portfolio_id, id).await? {
            return Err(StoreError::NotFound);
        }
    }
    Ok(())
}

fn account_row(row: &Row) -> std::result::Result<Account, sqlx::Error> {
    Ok(Account {
        id: AccountId(row.get("account_id")?),
        name: row.get("name")?,
        currency: parsed_option(row, "currency")?,
        kind: named(row, "kind")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CHANGED, HOSTILE_TEXTS, Kind, at, buy, contract, new_portfolio};
    use super::*;
    use crate::store::Store;
    use foliostream::domain::account::AccountKind;
    use foliostream::domain::money::Currency;

    fn broker(name: &str) -> NewAccount {
        NewAccount { name: name.to_owned(), currency: Some(Currency::USD), kind: AccountKind::Broker }
    }

    async fn with_portfolios(kind: Kind) -> (super::super::testing::Place, Store) {
        let (place, store) = kind.store().await;
        for id in ["main", "other"] {
            store.own().create_portfolio(&new_portfolio(id, id, Currency::EUR, None, at(0)), None).await.unwrap();
        }
        (place, store)
    }

    async fn accounts_come_back_as_they_were_written_in_the_order_they_were_made(kind: Kind) {
        let (_place, store) = with_portfolios(kind).await;
        let own = store.own();
        let mut made = Vec::new();
        for text in HOSTILE_TEXTS {
            made.push(own.create_account("main", &broker(text), None).await.unwrap());
        }
        assert_eq!(own.accounts("main").await.unwrap(), made);
        assert_eq!(own.accounts("other").await.unwrap(), []);
        let changed = NewAccount { name: "Bank".to_owned(), currency: None, kind: AccountKind::Bank };
        let changed = own.change_account("main", made[0].id, &changed).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.currency, changed.kind), ("Bank", None, AccountKind::Bank));
        assert_eq!(own.accounts("main").await.unwrap()[0], changed);
    }

    async fn two_accounts_of_a_portfolio_have_two_names(kind: Kind) {
        let (_place, store) = with_portfolios(kind).await;
        let own = store.own();
        let depot = own.create_account("main", &broker("Depot"), None).await.unwrap();
        let bank = own.create_account("main", &broker("Bank"), None).await.unwrap();
        own.create_account("other", &broker("Depot"), None).await.unwrap();
        for outcome in [
            own.create_account("main", &broker("dePot"), None).await,
            own.change_account("main", bank.id, &broker("DEPOT")).await,
        ] {
            assert!(matches!(outcome, Err(StoreError::Taken { field: "name" })), "{outcome:?}");
        }
        own.change_account("main", depot.id, &broker("DEPOT")).await.unwrap();
    }

    async fn an_account_with_entries_stays_and_one_without_goes(kind: Kind) {
        let (_place, store) = with_portfolios(kind).await;
        let own = store.own();
        let account = own.create_account("main", &broker("Depot"), None).await.unwrap().id;
        let inside = NewActivity { account: Some(account), ..buy("1", "2", 0) };
        let (ids, _) = own.add_activities("main", 1, std::slice::from_ref(&inside)).await.unwrap();
        assert!(matches!(own.delete_account("main", account).await, Err(StoreError::InUse { entries: 1 })));
        own.replace_activity("main", 2, ids[0], &buy("1", "2", 0), CHANGED).await.unwrap();
        own.delete_account("main", account).await.unwrap();
        assert!(matches!(own.delete_account("main", account).await, Err(StoreError::NotFound)));
        assert!(matches!(own.add_activities("main", 3, &[inside]).await, Err(StoreError::NotFound)));
        assert_eq!(own.accounts("main").await.unwrap(), []);
    }

    async fn accounts_of_another_portfolio_or_person_are_not_there(kind: Kind) {
        let (_place, store) = with_portfolios(kind).await;
        let own = store.own();
        let account = own.create_account("main", &broker("Depot"), None).await.unwrap().id;
        let other = "other".parse().unwrap();
        let others = store.of(&other);
        assert_eq!(others.accounts("main").await.unwrap(), []);
        for outcome in [
            others.create_account("main", &broker("B"), None).await.map(drop),
            others.change_account("main", account, &broker("B")).await.map(drop),
            others.delete_account("main", account).await,
            own.change_account("other", account, &broker("B")).await.map(drop),
            own.delete_account("other", account).await,
            own.add_activities("other", 1, &[NewActivity { account: Some(account), ..buy("1", "2", 0) }]).await.map(drop),
        ] {
            assert!(matches!(outcome, Err(StoreError::NotFound)), "{outcome:?}");
        }
        own.delete_portfolio("main").await.unwrap();
        assert_eq!(own.accounts("main").await.unwrap(), []);
    }

    contract! {
        accounts_come_back_as_they_were_written_in_the_order_they_were_made,
        two_accounts_of_a_portfolio_have_two_names,
        an_account_with_entries_stays_and_one_without_goes,
        accounts_of_another_portfolio_or_person_are_not_there,
    }
}
