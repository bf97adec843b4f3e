//! Keeps this worker's ledgers as new as what the engine announces.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::ground::Ground;
use crate::store::{PortfolioRow, StoreError};
use crate::together;
use foliostream::wire::live::{Envelope, LiveEvent};

/// How long prices wait for a ledger before they go on with the old one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads ledgers before their change is announced on a board, and again later where the store did not answer.
#[derive(Debug, Default)]
pub(crate) struct Ledgers {
    owed: Mutex<BTreeSet<String>>,
}

impl Ledgers {
    /// Reads the ledgers that envelopes say have changed, unless the board has them already.
    pub(crate) async fn load(&self, ground: &Ground, envelopes: &[Envelope]) {
        for envelope in envelopes {
            let LiveEvent::PortfolioChanged(changed) = &envelope.event else { continue };
            let changed = &changed.view;
            if ground.board.ledger_revision(&changed.portfolio_id).is_none_or(|revision| revision < changed.revision) {
                self.load_or_owe(ground, &changed.portfolio_id).await;
            }
        }
    }

    /// Reads what the store owed.
    pub(crate) async fn retry(&self, ground: &Ground) {
        let owed = std::mem::take(&mut *self.owed.lock().unwrap_or_else(PoisonError::into_inner));
        for portfolio_id in owed {
            self.load_or_owe(ground, &portfolio_id).await;
        }
    }

    /// Reads every ledger the board does not have at its newest revision, or all where the revisions it has are not of this
    /// history, and forgets those that are gone.
    pub(crate) async fn load_all(&self, ground: &Ground, is_continued: bool) -> Result<(), StoreError> {
        if !is_continued {
            ground.board.doubt_ledgers();
        }
        let rows = ground.store.all_portfolios().await?;
        for portfolio_id in ground.board.portfolio_revisions().keys() {
            if !rows.iter().any(|row| row.portfolio_id == *portfolio_id) {
                ground.board.forget_portfolio(portfolio_id);
            }
        }
        for row in rows {
            if ground.board.ledger_revision(&row.portfolio_id).is_none_or(|revision| revision < row.revision) {
                load(ground, &row).await?;
            }
        }
        Ok(())
    }

    async fn load_or_owe(&self, ground: &Ground, portfolio_id: &str) {
        let loading = async {
            match ground.store.portfolio(portfolio_id).await? {
                Some(row) => load(ground, &row).await,
                None => Ok(()),
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, loading).await;
        if !matches!(outcome, Ok(Ok(()))) {
            tracing::warn!(portfolio_id, "a changed ledger could not be read yet; it is tried again every second");
            self.owed.lock().unwrap_or_else(PoisonError::into_inner).insert(portfolio_id.to_owned());
        }
    }
}

async fn load(ground: &Ground, row: &PortfolioRow) -> Result<(), StoreError> {
    let activities = ground.store.activities(&row.portfolio_id).await?;
    together::fold_ledger(ground, row, row.revision, &activities).await
}
