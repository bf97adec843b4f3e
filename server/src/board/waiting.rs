//! Waiting for what is on its way to this replica: other workers know it already.

use std::time::Duration;

use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::Cursor;

use super::Board;
use crate::store::Personal;

/// How far ahead of this replica a cursor of another worker may be: some seconds of a busy market.
const NEAR: u64 = 10_000;

/// How long a stream waits for what its client has seen elsewhere.
const PATIENCE: Duration = Duration::from_secs(1);

impl Board {
    /// Waits until this replica stands at a number of a term, or beyond.
    pub async fn reach(&self, epoch: Epoch, seq: u64) {
        let has_come = |(at, to): &(Epoch, u64)| if *at == epoch { *to >= seq } else { at.number() > epoch.number() };
        // The sender lives as long as the wait borrows it.
        let _ = self.reached.subscribe().wait_for(has_come).await;
    }

    /// Waits a moment for what a client has seen elsewhere and this replica has not: it is on its way. A cursor that is far
    /// ahead was never given out.
    pub async fn catch_up_with(&self, cursor: Cursor) {
        let head = self.head();
        let is_near = cursor.epoch == head.epoch && (1..=NEAR).contains(&cursor.seq.saturating_sub(head.seq));
        if is_near || Some(cursor.epoch.number()) == head.epoch.number().checked_add(1) {
            // If that takes longer than `PATIENCE`, the stream starts with the full state, which is right, too.
            let _ = tokio::time::timeout(PATIENCE, self.reach(cursor.epoch, cursor.seq)).await;
        }
    }

    /// Waits a moment for a cursor's term, which there is, whatever number it has.
    pub async fn come_to(&self, cursor: Cursor) {
        // Whether it came in time or not: the caller compares the cursor with the board afterwards.
        let _ = tokio::time::timeout(PATIENCE, self.reach(cursor.epoch, cursor.seq)).await;
    }

    /// Returns whether a user has a portfolio. One that another worker has just made is announced a moment after it is stored:
    /// then this waits for it.
    pub async fn comes_to_know(&self, portfolio_id: &str, store: Personal<'_>) -> bool {
        if self.owner_of(portfolio_id).as_ref() == Some(store.owner()) {
            return true;
        }
        matches!(store.portfolio(portfolio_id).await, Ok(Some(_))) && self.announces(portfolio_id).await
    }

    /// Waits for a portfolio whose announcement is on its way, for `PATIENCE` at most, and returns whether it came.
    async fn announces(&self, portfolio_id: &str) -> bool {
        let mut reached = self.reached.subscribe();
        let coming = async {
            while !self.has_portfolio(portfolio_id) {
                // The sender lives as long as the wait borrows it.
                let _ = reached.changed().await;
            }
        };
        tokio::time::timeout(PATIENCE, coming).await.is_ok()
    }
}
