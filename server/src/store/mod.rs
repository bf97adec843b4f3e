//! The store: what must survive, in one SQLite file or in one PostgreSQL database.
//!
//! What it guarantees, whichever it is:
//! - **What was answered is durable.** Every change is one transaction, synced to disk before the method returns (SQLite:
//!   write-ahead log, `synchronous=FULL`; PostgreSQL: `synchronous_commit=on`); a process killed at any moment keeps all that
//!   was answered and nothing of what was not.
//! - **One writer.** Changes follow each other: SQLite by `BEGIN IMMEDIATE`, PostgreSQL by an advisory lock taken before the
//!   transaction looks at anything. So numbers (`n` of notifications, ids) grow in commit order and are never given twice,
//!   limits hold, and readers see every change already answered.
//! - **One engine.** What only the engine writes carries its epoch, and is refused in the same transaction once another
//!   epoch has begun. It writes what it decided together with how far it has come ([`Decided`]), so that what is stored is
//!   always all that followed from what is marked as applied, and nothing else.
//! - **A change of an alert compares its revision first**, so a firing and an edit never overwrite each other, and a
//!   crossing reported twice is stored once.
//! - **What was written comes back**: decimals with their scale, text with every character but NUL, times cut to the
//!   microsecond.
//! - **A database that is damaged, newer or not ours is refused and left as it is.** A data directory is held by one process,
//!   or by several that all agreed to share it.
//!
//! Every statement is written once ([`statement`]), and one contract suite runs on both databases. What differs (opening,
//! locking, beginning a change) is in [`sqlite`] and [`postgres`].
//!
//! It does not judge: lengths, signs and senses of what it keeps are the caller's to check. Only how much it keeps is bounded.

#[macro_use]
mod owners;

mod accounts;
mod activities;
mod activity_pages;
mod address;
mod alerts;
mod backup;
mod bars;
mod check;
mod columns;
mod copy;
mod dated_prices;
mod decided;
mod entry_columns;
mod entry_history;
mod entry_records;
mod error;
mod imports;
mod instruments;
mod jobs;
mod journal;
mod migrations;
mod notes;
mod notifications;
mod once;
mod portfolios;
mod postgres;
mod progress;
mod quotes;
mod records;
mod rules;
mod settings;
mod sqlite;
mod statement;
#[cfg(test)]
mod still;
mod sums;
mod tables;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod value;

use std::path::Path;
use std::sync::Arc;

pub(crate) use activity_pages::LedgerOffset;
pub(crate) use address::Address;
pub(crate) use backup::{back_up, restore};
pub(crate) use check::check;
pub(crate) use copy::copy;
pub(crate) use dated_prices::{EnteredPrices, LastTrade};
pub(crate) use entry_records::{ChangedEntry, EntryChange, EntryHistory, LearnedRate, NewAccount, NewActivity};
pub(super) use error::Result;
pub(crate) use error::{Bounded, StoreError};
pub(crate) use imports::{ImportRow, ImportState, Importing, Origin};
pub(crate) use instruments::Written;
pub(crate) use journal::{Journal, Pushed};
pub(crate) use once::{Answering, Once};
pub use records::PortfolioRow;
pub(crate) use records::{AppliedCall, Decided, Earlier, NewAlert, NewPortfolio, Observation, Record, Recorded, Told};
pub(crate) use sqlite::{DATABASE_NAME, Sharing};
pub(crate) use sums::TableSum;

use statement::{Change, Reading};

use foliostream::domain::user::UserId;

/// The open store; clones share it, and the last one to go releases the data directory.
#[derive(Clone, Debug)]
pub struct Store(Arc<Connections>);

#[derive(Debug)]
enum Connections {
    Sqlite(sqlite::Connections),
    Postgres(postgres::Connections),
    #[cfg(test)]
    Still(still::Connections),
}

/// The store as one user sees it: what is somebody else's is not there. Commands and queries reach users' things only this way.
#[derive(Clone, Copy, Debug)]
pub struct Personal<'a> {
    store: &'a Store,
    owner: &'a UserId,
}

impl Personal<'_> {
    /// Returns the user whose rows these methods read and write.
    pub fn owner(&self) -> &UserId {
        self.owner
    }
}

impl Store {
    /// Returns the store as a user sees it.
    pub fn of<'a>(&'a self, owner: &'a UserId) -> Personal<'a> {
        Personal { store: self, owner }
    }

    /// Opens the store at an address, creating its schema or bringing it up to date; a PostgreSQL is always shared.
    ///
    /// Fails as [`open`](Self::open) does, and with `Refused` where the PostgreSQL server cannot be used.
    pub async fn at(address: &Address, sharing: Sharing) -> Result<Self> {
        match address {
            Address::Folder(folder) => Self::open(folder, sharing).await,
            Address::Postgres(options) => {
                Ok(Self(Arc::new(Connections::Postgres(postgres::Connections::open(options.as_ref()).await?))))
            }
        }
    }

    /// Opens the store of a data directory, creating both where they are missing.
    ///
    /// Fails with `Locked` where another has it, `Unusable` where directory or file cannot be used, `Corrupt` where the
    /// database is damaged and `Newer` where a newer program wrote it; the database is then as it was.
    pub async fn open(data_dir: &Path, sharing: Sharing) -> Result<Self> {
        let store = Self(Arc::new(Connections::Sqlite(sqlite::Connections::open(data_dir, sharing).await?)));
        store.bring_in_journal().await?;
        Ok(store)
    }

    /// Closes every connection, folds SQLite's log into the database and releases the data directory; later calls fail.
    ///
    /// Not needed for durability: what was answered survives without it.
    pub async fn close(&self) {
        match self.0.as_ref() {
            Connections::Sqlite(connections) => connections.close().await,
            Connections::Postgres(connections) => connections.close().await,
            #[cfg(test)]
            Connections::Still(_) => {}
        }
    }

    /// Takes a connection that only reads.
    async fn read(&self) -> Result<Reading> {
        Ok(match self.0.as_ref() {
            Connections::Sqlite(connections) => Reading::Sqlite(connections.readers.acquire().await?),
            Connections::Postgres(connections) => Reading::Postgres(connections.read().await?),
            #[cfg(test)]
            Connections::Still(connections) => Reading::Still(connections.take().await),
        })
    }

    /// Returns whether a change can be made on the thread of its user: on a SQLite file.
    pub(super) fn has_direct_changes(&self) -> bool {
        matches!(self.0.as_ref(), Connections::Sqlite(_))
    }

    /// Begins a change as [`begin`](Self::begin) does, which on a SQLite file keeps the calling thread busy until it is over: for a
    /// thread that does nothing else.
    async fn begin_direct(&self) -> Result<Change> {
        match self.0.as_ref() {
            Connections::Sqlite(connections) => {
                let writing = Arc::clone(&connections.writing).lock_owned().await;
                Ok(Change::Direct(connections.direct.begin().await?, writing))
            }
            _ => self.begin().await,
        }
    }

    /// Begins a change, after every other that has begun; dropped before its commit, it leaves nothing.
    async fn begin(&self) -> Result<Change> {
        Ok(match self.0.as_ref() {
            Connections::Sqlite(connections) => {
                let writing = Arc::clone(&connections.writing).lock_owned().await;
                Change::Sqlite(connections.writer.begin_with("BEGIN IMMEDIATE").await?, writing)
            }
            Connections::Postgres(connections) => Change::Postgres(connections.begin().await?),
            #[cfg(test)]
            Connections::Still(connections) => Change::Still(connections.begin().await?),
        })
    }
}
