//! The accounts of a portfolio: made, changed and deleted, and what is in each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::store::{Answering, NewAccount};
use foliostream::domain::account::{Account, AccountId, AccountKind};
use foliostream::domain::activity::{Activity, ActivityKind};
use foliostream::domain::money::{Currency, CurrencyError};
use foliostream::domain::position::Folding;
use foliostream::wire::commands::{AccountDraft, AccountPatch};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::{AccountCash, AccountHolding, AccountView};
use foliostream::words::Refusals;

use super::once::{or_earlier, written};
use super::{Acting, read_name};

/// An account as an export has it.
#[derive(Debug, Serialize)]
pub(crate) struct OwnAccount {
    /// Its id, by which transactions name it.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// What its entries are in unless told.
    pub currency: Option<Currency>,
    /// Where it is kept.
    pub kind: AccountKind,
}

impl Acting {
    /// Returns the accounts of a portfolio without what is in them.
    pub(crate) async fn own_accounts(&self, portfolio_id: &str) -> Result<Vec<OwnAccount>, ApiError> {
        let accounts = self.store().accounts(portfolio_id).await?.into_iter();
        let own = |Account { id, name, currency, kind }| OwnAccount { account_id: id.0.to_string(), name, currency, kind };
        Ok(accounts.map(own).collect())
    }

    /// Returns the accounts of a portfolio in the order they were made, each with what is in it.
    pub async fn accounts(&self, portfolio_id: &str) -> Result<Vec<AccountView>, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let accounts = self.store().accounts(portfolio_id).await?;
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let activities = self.store().activities(portfolio_id).await?;
        self.aside(move |_| with_contents(accounts, row.currency, &activities)).await
    }

    /// Makes an account of a portfolio, at most once for a key.
    pub async fn create_account(
        &self,
        portfolio_id: &str,
        draft: AccountDraft,
        key: Option<&str>,
    ) -> Result<AccountView, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        let once = self.once(key, &format!("accounts of {portfolio_id}"), &draft)?;
        if let Some(earlier) = self.earlier(once.as_ref()).await? {
            return Ok(earlier);
        }
        let new = NewAccount {
            name: read_name(&draft.name)?,
            currency: draft.currency.as_deref().map(read_currency).transpose()?,
            kind: draft.kind.unwrap_or_default(),
        };
        let answer = |account: &Account| written(&empty(account.clone()));
        let answering = once.as_ref().map(|once| Answering { once, answer: &answer });
        match self.store().create_account(portfolio_id, &new, answering).await {
            Ok(account) => Ok(empty(account)),
            Err(error) => or_earlier(error, once.as_ref()),
        }
    }

    /// Changes an account: what the patch leaves out stays.
    pub async fn change_account(&self, portfolio_id: &str, id: &str, patch: AccountPatch) -> Result<AccountView, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        let id = read_account_id(id)?;
        let accounts = self.store().accounts(portfolio_id).await?;
        let before = accounts.into_iter().find(|account| account.id == id).ok_or_else(no_such_account)?;
        let new = NewAccount {
            name: patch.name.as_deref().map(read_name).transpose()?.unwrap_or(before.name),
            currency: match patch.currency {
                Some(currency) => currency.as_deref().map(read_currency).transpose()?,
                None => before.currency,
            },
            kind: patch.kind.unwrap_or(before.kind),
        };
        self.store().change_account(portfolio_id, id, &new).await?;
        let accounts = self.accounts(portfolio_id).await?;
        accounts.into_iter().find(|account| account.account_id == id.0.to_string()).ok_or_else(no_such_account)
    }

    /// Deletes an account that has no transactions.
    pub async fn delete_account(&self, portfolio_id: &str, id: &str) -> Result<(), ApiError> {
        self.portfolio_row(portfolio_id).await?;
        Ok(self.store().delete_account(portfolio_id, read_account_id(id)?).await?)
    }

    /// Returns what accounts of a portfolio are called.
    pub(super) async fn account_names(&self, portfolio_id: &str) -> Result<BTreeMap<AccountId, String>, ApiError> {
        let accounts = self.store().accounts(portfolio_id).await?;
        Ok(accounts.into_iter().map(|account| (account.id, account.name)).collect())
    }
}

fn empty(Account { id, name, currency, kind }: Account) -> AccountView {
    AccountView { account_id: id.0.to_string(), name, currency, kind, cash: Vec::new(), holdings: Vec::new() }
}

/// Folds the entries of each account by themselves. Where they cannot be, nothing is told of what is in it.
fn with_contents(accounts: Vec<Account>, home: Currency, activities: &[Activity]) -> Vec<AccountView> {
    let mut of_account: BTreeMap<AccountId, Vec<&Activity>> = BTreeMap::new();
    let elsewhere: Vec<&Activity> = activities.iter().filter(|activity| activity.kind == ActivityKind::Split).collect();
    for activity in activities {
        if let Some(account) = activity.account {
            of_account.entry(account).or_default().push(activity);
        }
    }
    for (account, own) in &mut of_account {
        own.extend(elsewhere.iter().filter(|split| split.account != Some(*account) && split.counts_in(*account)));
    }
    let filled = accounts.into_iter().map(|account| {
        let mut folding = Folding::among(home, of_account.remove(&account.id).unwrap_or_default());
        let view = empty(account);
        let Ok(ledger) = folding.until(Timestamp::MAX) else { return view };
        let cash = ledger.cash.iter().filter(|(_, cash)| !cash.amount.is_zero());
        let held = ledger.positions.values().filter(|position| !position.quantity.is_zero());
        AccountView {
            cash: cash.map(|(currency, cash)| AccountCash { currency: *currency, amount: cash.amount.normalize() }).collect(),
            holdings: held
                .map(|position| AccountHolding { ticker: position.ticker.clone(), quantity: position.quantity.normalize() })
                .collect(),
            ..view
        }
    });
    filled.collect()
}

fn read_currency(text: &str) -> Result<Currency, ApiError> {
    let refusal = |_: CurrencyError| ApiError::field("currency", Refusals::not_a_currency());
    text.trim().parse().map_err(refusal)
}

fn read_account_id(id: &str) -> Result<AccountId, ApiError> {
    id.parse().map(AccountId).map_err(|_| no_such_account())
}

fn no_such_account() -> ApiError {
    ApiError::not_found(Refusals::no_such_account())
}
