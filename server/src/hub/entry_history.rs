//! How an entry of the ledger came to be as it is, and taking its newest change back.

use crate::store::{ChangedEntry, EntryChange, EntryHistory, NewActivity, StoreError};
use foliostream::domain::account::AccountId;
use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::user::UserId;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{ActivityView, RevisionView};
use foliostream::words::Refusals;

use super::Acting;
use super::activities::read_id;
use super::ledgers::{LedgerChange, no_such_activity};

impl Acting {
    /// Returns the versions of an entry, the newest first; also of one that was deleted.
    pub async fn entry_history(&self, portfolio_id: &str, id: &str) -> Result<Vec<RevisionView>, ApiError> {
        self.portfolio_row(portfolio_id).await?;
        let id = read_id(id)?;
        let history = self.store().entry_history(portfolio_id, id).await?.ok_or_else(no_such_activity)?;
        Ok(versions(id, history))
    }

    /// Takes back the newest change of an entry: what was changed becomes what it was before, and what was deleted comes back. Done twice
    /// it brings the change back. With a revision only where the newest change made that one.
    pub async fn undo_activity(&self, portfolio_id: &str, id: &str, if_match: Option<i64>) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let id = read_id(id)?;
        let history = self.store().entry_history(portfolio_id, id).await?.ok_or_else(no_such_activity)?;
        let nothing = || ApiError::new(ErrorCode::Conflict, Refusals::nothing_to_undo());
        let newest = history.changes.into_iter().next();
        let current = newest.as_ref().map_or(1, |newest| newest.revision);
        if if_match.is_some_and(|revision| revision != current) {
            return Err(StoreError::Conflict { current }.into());
        }
        let ChangedEntry { change, before, .. } = newest.ok_or_else(nothing)?;
        let change = match (&history.current, change) {
            (None, _) => LedgerChange::Restore(id, Box::new(before)),
            // What came back goes again when it is deleted, not by taking back that it came.
            (Some(_), EntryChange::Restored) => return Err(nothing()),
            (Some(stored), _) => {
                let account = self.known_account(portfolio_id, &before).await?;
                let before = NewActivity { account, ..before };
                LedgerChange::Replace(id, stored.revision, Box::new(before), EntryChange::Undone)
            }
        };
        self.to_its_end(async move |hub: Self| {
            hub.change_ledger(&row.portfolio_id, change).await?;
            let undone = hub.stored(&row, id).await?;
            Ok(hub.activity_view(&row.portfolio_id, &undone))
        })
        .await
    }

    /// Returns the account of an earlier version, where it is still there.
    async fn known_account(&self, portfolio_id: &str, before: &NewActivity) -> Result<Option<AccountId>, ApiError> {
        let Some(account) = before.account else { return Ok(None) };
        let names = self.account_names(portfolio_id).await?;
        Ok(Some(account).filter(|account| names.contains_key(account)))
    }
}

/// Tells the versions of an entry: each change keeps the one before it.
fn versions(id: ActivityId, EntryHistory { current, entered, changes }: EntryHistory) -> Vec<RevisionView> {
    let view = |new: NewActivity, revision| ActivityView::new(&Activity { revision, ..new.with_id(id) }, None);
    let mut after = current.map(|current| ActivityView::new(&current, None));
    let mut versions = Vec::with_capacity(changes.len() + 1);
    for ChangedEntry { revision, at, by, change, before } in changes {
        let told = RevisionView {
            revision,
            at: Some(at),
            by: by.as_ref().map(UserId::to_string),
            change: change.word().to_owned(),
            activity: after.take(),
        };
        versions.push(told);
        // Before it came back or was entered there was nothing.
        let has_before = !matches!(change, EntryChange::Restored | EntryChange::Created);
        after = has_before.then(|| view(before, revision - 1));
    }
    if let Some(first) = after.filter(|first| first.revision == 1) {
        let (at, by) = entered;
        let by = by.as_ref().map(UserId::to_string);
        versions.push(RevisionView { revision: 1, at, by, change: "created".to_owned(), activity: Some(first) });
    }
    versions
}
