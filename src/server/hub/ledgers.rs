//! Changing a ledger: it is folded as it will be before anything is written, and written only where it is still what was folded.

use crate::domain::activity::{Activity, ActivityId};
use crate::domain::position::{FoldError, Ledger, fold};
use crate::server::store::{NewActivity, PortfolioRow, Store, StoreError};
use crate::wire::error::{ApiError, ErrorCode};

use super::Hub;

/// Tries of a change that another worker's came before: each lost one means that another worker's was stored, so that this many
/// in a row take a crowd. Within one worker they follow each other.
const TRIES: usize = 10;

/// A change of one ledger.
#[derive(Clone, Debug)]
pub(super) enum LedgerChange {
    /// Enters these, all or none.
    Add(Vec<NewActivity>),
    /// Puts another one in the place of one.
    Replace(ActivityId, Box<NewActivity>),
    /// Takes one away.
    Delete(ActivityId),
}

impl LedgerChange {
    /// Makes the entries as they will be. New ones come last among those of their instant, as their numbers will say.
    fn apply(&self, activities: &mut Vec<Activity>) {
        match self {
            Self::Add(new) => {
                let numbers = (i64::MAX - i64::try_from(new.len()).unwrap_or(0)..).map(ActivityId);
                activities.extend(new.iter().zip(numbers).map(|(new, id)| new.clone().with_id(id)));
            }
            Self::Replace(id, new) => {
                activities.retain(|activity| activity.id != *id);
                activities.push(new.as_ref().clone().with_id(*id));
            }
            Self::Delete(id) => activities.retain(|activity| activity.id != *id),
        }
    }

    /// Writes it to a portfolio at `revision`; returns the numbers of what it touched and the new revision.
    async fn write(&self, store: &Store, portfolio_id: &str, revision: i64) -> Result<(Vec<ActivityId>, i64), StoreError> {
        match self {
            Self::Add(new) => store.add_activities(portfolio_id, revision, new).await,
            Self::Replace(id, new) => Ok((vec![*id], store.replace_activity(portfolio_id, revision, *id, new).await?)),
            Self::Delete(id) => Ok((vec![*id], store.delete_activity(portfolio_id, revision, *id).await?)),
        }
    }
}

impl Hub {
    /// Changes a ledger, gives the board the new one and announces it; returns the numbers of what was touched.
    pub(super) async fn change_ledger(&self, portfolio_id: &str, change: LedgerChange) -> Result<Vec<ActivityId>, ApiError> {
        let _one_at_a_time = self.0.ledgers.lock().await;
        for _ in 0..TRIES {
            // The revision first: entries that came after it was read are found when it is compared.
            let row = self.portfolio_row(portfolio_id).await?;
            let mut activities = self.0.store.activities(portfolio_id).await?;
            change.apply(&mut activities);
            fold(row.currency, &activities).map_err(refuse)?;
            match change.write(&self.0.store, portfolio_id, row.revision).await {
                Ok((ids, revision)) => {
                    // The change may have begun to count cash.
                    let row = self.portfolio_row(portfolio_id).await?;
                    return self.settle(&row, revision).await.map(|()| ids);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(ErrorCode::Conflict, "others keep changing this ledger; try again in a moment"))
    }

    /// Gives the board the ledger as it now is, and announces it.
    pub(super) async fn settle(&self, row: &PortfolioRow, revision: i64) -> Result<(), ApiError> {
        let ledger = self.load_ledger(row).await?;
        self.0.board.set_ledger(&row.portfolio_id, row.created_at, revision, ledger);
        self.announce_portfolio(&row.portfolio_id, revision).await
    }

    async fn load_ledger(&self, row: &PortfolioRow) -> Result<Ledger, ApiError> {
        let activities = self.0.store.activities(&row.portfolio_id).await?;
        Ok(fold(row.currency, &activities).map_err(refuse)?.with_cash(row.track_cash))
    }
}

fn refuse(error: FoldError) -> ApiError {
    ApiError::new(ErrorCode::Unprocessable, error.reason.to_string())
}
