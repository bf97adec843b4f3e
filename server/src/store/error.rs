//! Why the store refused.

use std::path::PathBuf;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use super::records::Earlier;

/// What every method of the store answers.
pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// Why the store refused, or failed; each reads as one line that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or this one, has the data directory open.
    #[error("the data directory {} is in use by {holder}; stop that first or choose another --data-dir", path.display())]
    Locked {
        /// The data directory that is in use.
        path: PathBuf,
        /// The process that has it: its number and since when.
        holder: String,
    },
    /// The data directory or the database cannot be read or written.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// The directory or file at fault.
        path: PathBuf,
        /// Why it cannot be used, such as `there is no database`.
        reason: String,
    },
    /// The database is damaged. Nothing was changed.
    #[error("the database {} is damaged ({reason}) and was left as it is; restore a backup or move it away", path.display())]
    Corrupt {
        /// The database file that is damaged.
        path: PathBuf,
        /// What the check of the database found.
        reason: String,
    },
    /// The database was written by a newer version of this program. Nothing was changed.
    #[error("the database {} has schema {found}, newer than this program's {known}; run the newer program", path.display())]
    Newer {
        /// The database file that is newer.
        path: PathBuf,
        /// The newest schema version applied to it.
        found: i64,
        /// The newest schema version this binary knows.
        known: i64,
    },
    /// The PostgreSQL server or its database cannot be used. Nothing was changed.
    #[error("{option}: {reason}")]
    Refused {
        /// The option that names it.
        option: &'static str,
        /// The error of the database, without a password.
        reason: String,
    },
    /// A copy would mix with what is there. Nothing was changed.
    #[error("the target is not empty: there are rows in {table}; name a new database, or one that only has its schema")]
    NotEmpty {
        /// The first table with rows.
        table: &'static str,
    },
    /// A copy reads otherwise than what it was copied from. Nothing was kept.
    #[error("the copy of {table} differs from its source; nothing was kept")]
    Differs {
        /// The first table that differs.
        table: &'static str,
    },
    /// Another epoch has begun: this engine is not the engine any more. Nothing was changed.
    #[error("epoch {epoch} is over: the engine of epoch {current} writes now")]
    Fenced {
        /// The epoch of who wanted to write.
        epoch: u64,
        /// The epoch that has begun.
        current: u64,
    },
    /// The database does not answer just now. What was asked may have been done all the same.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// What was asked for is not there, or no longer.
    #[error("there is no such record")]
    NotFound,
    /// The record exists, at another revision than the caller expected.
    #[error("the record has changed: it is at revision {current} now")]
    Conflict {
        /// The revision that is stored.
        current: i64,
    },
    /// A request with the same key has created something already. Nothing was changed.
    #[error("a request with this key was answered already")]
    Repeated(Box<Earlier>),
    /// A bound on how much may be stored is reached.
    #[error("at most {most} {what} can be stored; delete some first")]
    Limit {
        /// The things of which there are too many.
        what: Bounded,
        /// The most of them that may be stored.
        most: i64,
    },
    /// Something else has what must be one thing's alone. Nothing was changed.
    #[error("another one has this {field}")]
    Taken {
        /// The field.
        field: &'static str,
    },
    /// Entries of the ledger are in it, so that it stays.
    #[error("{entries} entries are in it")]
    InUse {
        /// How many.
        entries: i64,
    },
    /// It was asked to end before it was done. Nothing was changed.
    #[error("it was ended before it was done")]
    Ended,
    /// The disk is full. Nothing of the refused change was kept.
    #[error("the disk that holds the database is full; free some space")]
    Full,
    /// The database failed in a way no caller can mend.
    #[error("the database failed: {0}")]
    Internal(sqlx::Error),
}

impl StoreError {
    /// Names the option that a refused server stands behind.
    pub fn at(self, option: &'static str) -> Self {
        match self {
            Self::Refused { reason, .. } => Self::Refused { option, reason },
            other => other,
        }
    }
}

/// The things whose number is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounded {
    /// Alerts of one user.
    Alerts,
    /// Portfolios of one user.
    Portfolios,
    /// Activities of one portfolio.
    Activities,
    /// Accounts of one portfolio.
    Accounts,
    /// Jobs of one user that are not over.
    Jobs,
}

impl std::fmt::Display for Bounded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Alerts => "alerts",
            Self::Portfolios => "portfolios",
            Self::Activities => "activities of a portfolio",
            Self::Accounts => "accounts of a portfolio",
            Self::Jobs => "jobs that wait",
        })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Protocol, Tls, WorkerCrashed};
        match &error {
            Database(refusal) => match refusal.try_downcast_ref::<PgDatabaseError>() {
                Some(refusal) => of_server(refusal.code(), refusal.message()).unwrap_or(Self::Internal(error)),
                None => match primary_code(&error) {
                    Some(SQLITE_FULL) => Self::Full,
                    Some(SQLITE_BUSY) => Self::Unavailable("another program holds its lock".to_owned()),
                    _ => Self::Internal(error),
                },
            },
            PoolTimedOut => Self::Unavailable("no connection within 5 seconds".to_owned()),
            Io(_) | Tls(_) | Protocol(_) | PoolClosed | WorkerCrashed => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::Full,
            Some(DatabaseBusy | DatabaseLocked) => Self::Unavailable("another program holds its lock".to_owned()),
            _ => Self::Internal(sqlx::Error::AnyDriverError(Box::new(error))),
        }
    }
}

/// Says what a PostgreSQL code means where it is not a fault of ours: connections (08), resources (53), operators (57), locks
/// that others hold (55P03) and the end of a change that waited too long (25P03).
fn of_server(code: &str, message: &str) -> Option<StoreError> {
    match code {
        "53100" => Some(StoreError::Full),
        // A text with a NUL character, which no column can hold: what it names is not there.
        "22021" => Some(StoreError::NotFound),
        "55P03" | "25P03" => Some(StoreError::Unavailable(message.to_owned())),
        _ if ["08", "53", "57"].contains(&code.get(..2).unwrap_or_default()) => Some(StoreError::Unavailable(message.to_owned())),
        _ => None,
    }
}

/// SQLite's code for a lock that did not come free in time.
const SQLITE_BUSY: i64 = 5;
/// SQLite's code for a malformed database.
pub(super) const SQLITE_CORRUPT: i64 = 11;
/// SQLite's code for a full disk.
pub(super) const SQLITE_FULL: i64 = 13;
/// SQLite's code for a file that is no database.
pub(super) const SQLITE_NOT_A_DATABASE: i64 = 26;

/// Returns SQLite's primary result code, the low byte of the extended one.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.try_downcast_ref::<SqliteError>()?.code()?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Kind, sqlite};
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_said_and_keeps_what_was_there() {
        let (_place, store) = Kind::Sqlite.store().await;
        store.set_setting("key", "kept").await.unwrap();
        sqlx::query("PRAGMA max_page_count = 1").execute(&sqlite(&store).writer).await.unwrap();
        let refusal = store.set_setting("key", &"long".repeat(100_000)).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Full), "{refusal}");
        assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("kept"));
    }

    #[test]
    fn a_server_that_stops_or_is_full_is_told_from_a_statement_that_is_wrong() {
        for code in ["57P01", "53300", "08006", "55P03", "25P03"] {
            assert!(matches!(of_server(code, "m"), Some(StoreError::Unavailable(_))), "{code}");
        }
        assert!(matches!(of_server("53100", "m"), Some(StoreError::Full)));
        assert!(of_server("42601", "m").is_none());
    }
}
