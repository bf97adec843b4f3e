//! Why the store refused.

use std::path::PathBuf;

/// Why the store refused, or failed; each reads as one line that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or this one, has the data directory open.
    #[error("the data directory {} is in use by {holder}; stop that first or choose another --data-dir", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// Who has it: process number and since when.
        holder: String,
    },
    /// The data directory or the database cannot be read or written.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// The directory or file at fault.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The database is damaged. Nothing was changed.
    #[error("the database {} is damaged ({reason}) and was left as it is; restore a backup or move it away", path.display())]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database was written by a newer version of this program. Nothing was changed.
    #[error("the database {} has schema {found}, newer than this program's {known}; run the newer program", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The newest schema version applied to it.
        found: i64,
        /// The newest schema version this binary knows.
        known: i64,
    },
    /// What was asked for is not there, or no longer.
    #[error("there is no such record")]
    NotFound,
    /// The record exists, at another revision than the caller expected.
    #[error("the record has changed: it is at revision {current} now")]
    Conflict {
        /// The stored revision.
        current: i64,
    },
    /// A bound on how much may be stored is reached.
    #[error("at most {most} {what} can be stored; delete some first")]
    Limit {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// How many are allowed.
        most: i64,
    },
    /// The disk is full. Nothing of the refused change was kept.
    #[error("the disk that holds the database is full; free some space")]
    Full,
    /// The database failed in a way no caller can mend.
    #[error("the database failed: {0}")]
    Internal(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match primary_code(&error) {
            Some(SQLITE_FULL) => Self::Full,
            _ => Self::Internal(error),
        }
    }
}

/// SQLite's code for a malformed database.
pub(super) const SQLITE_CORRUPT: i64 = 11;
/// SQLite's code for a full disk.
pub(super) const SQLITE_FULL: i64 = 13;
/// SQLite's code for a file that is no database.
pub(super) const SQLITE_NOT_A_DATABASE: i64 = 26;

/// Returns SQLite's primary result code, the low byte of the extended one.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_said_and_keeps_what_was_there() {
        let (_folder, store) = store().await;
        store.set_setting("key", "kept").await.unwrap();
        sqlx::query("PRAGMA max_page_count = 1").execute(&store.0.writer).await.unwrap();
        let refusal = store.set_setting("key", &"long".repeat(100_000)).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Full), "{refusal}");
        assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("kept"));
    }
}
