//! The store: what must survive, in one SQLite file.
//!
//! What it guarantees:
//! - **What was answered is durable.** Every change is one transaction, synced to disk (write-ahead log, `synchronous=FULL`)
//!   before the method returns; a process killed at any moment keeps all that was answered and nothing of what was not.
//! - **One writer.** One connection writes, each time under `BEGIN IMMEDIATE`; at most four others only read, and see every
//!   change already answered. So numbers (`n` of notifications, ids) grow in commit order and are never given twice.
//! - **One process.** An operating-system lock on `foliostream.lock` keeps everybody else out while the store is open.
//! - **A change of an alert compares its revision first**, so a firing and an edit never overwrite each other, and a
//!   crossing reported twice is stored once.
//! - **What was written comes back**: decimals with their scale, text with every character, times cut to the microsecond.
//! - **A database that is damaged, newer or not ours is refused and left as it is.**
//!
//! It does not judge: lengths, signs and senses of what it keeps are the caller's to check. Only how much it keeps is bounded.

mod activities;
mod alerts;
mod bars;
mod columns;
mod error;
mod firings;
mod lock;
mod notifications;
mod open;
mod portfolios;
mod quotes;
mod records;
mod settings;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};

pub use activities::MAX_ACTIVITIES;
pub use alerts::MAX_ALERTS;
pub use error::StoreError;
pub use portfolios::MAX_PORTFOLIOS;
pub use records::{
    AllNotificationsRead, FiringOutcome, NewActivity, NewAlert, NotificationRead, Observation, PortfolioRow, StoredFiring,
};

/// What every method answers.
type Result<T> = std::result::Result<T, StoreError>;

/// The open store; clones share it, and the last one to go releases the data directory.
#[derive(Clone, Debug)]
pub struct Store(Arc<Connections>);

/// Both pools, and the lock that must outlive them: fields are dropped in this order.
#[derive(Debug)]
struct Connections {
    readers: SqlitePool,
    writer: SqlitePool,
    lock: lock::DirectoryLock,
}

impl Store {
    /// Closes every connection, folds the log into the database and releases the data directory; later calls fail.
    ///
    /// Not needed for durability: what was answered survives without it.
    pub async fn close(&self) {
        self.0.readers.close().await;
        self.0.writer.close().await;
        self.0.lock.release();
    }

    fn readers(&self) -> &SqlitePool {
        &self.0.readers
    }

    /// Begins a change; dropped before its commit, it leaves nothing.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.0.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}
