//! A connection to the server that never waits for ever, and is never used again once it was left in the middle of something.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use sqlx::{Executor, Postgres};

use crate::store::Result;
use crate::store::error::StoreError;

/// How long the server may take for one statement: no statement here takes a tenth of it, so that a longer one means a server
/// that has stopped, or a network that has gone.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// Begins a change: takes the lock first. With READ COMMITTED each later statement reads the database as it is then, so that it
/// sees everything that was committed before the lock was given. A stricter isolation would read once, before it waits for the
/// lock.
///
/// The number only has to be the same in every process; advisory locks of different databases do not meet.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(7306089120463189615)";

/// What lets a reader see one moment for as long as it likes.
const HOLD: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0";

/// A connection of a pool, within a change or not.
#[derive(Debug)]
pub(crate) struct Session {
    /// Taken only by the end.
    connection: Option<PoolConnection<Postgres>>,
    /// Whether a statement was sent and not answered to its end. Such a connection cannot be used again: its next bytes belong to
    /// the old answer.
    is_working: bool,
    is_in_change: bool,
}

/// Waits for the server, but not for ever.
///
/// Fails with `Unavailable` after [`ANSWER`].
pub(crate) async fn in_time<T>(answer: impl Future<Output = std::result::Result<T, sqlx::Error>>) -> Result<T> {
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} seconds", ANSWER.as_secs()))),
    }
}

impl Session {
    /// Wraps a connection that waits for a statement.
    pub(crate) fn new(connection: PoolConnection<Postgres>) -> Self {
        Self { connection: Some(connection), is_working: false, is_in_change: false }
    }

    /// Begins a change, once every other has ended.
    pub(crate) async fn begin(mut self) -> Result<Self> {
        self.is_in_change = true;
        self.say(BEGIN).await?;
        Ok(self)
    }

    /// Lets every later statement see the database as it is now.
    pub(crate) async fn hold(&mut self) -> Result<()> {
        self.is_in_change = true;
        self.say(HOLD).await
    }

    /// Ends what [`hold`](Self::hold) began.
    pub(crate) async fn let_go(&mut self) -> Result<()> {
        self.say("ROLLBACK").await?;
        self.is_in_change = false;
        Ok(())
    }

    /// Ends a change for good.
    pub(crate) async fn commit(mut self) -> Result<()> {
        self.say("COMMIT").await?;
        self.is_in_change = false;
        Ok(())
    }

    /// Says something that is answered by nothing but its end.
    pub(crate) async fn say(&mut self, words: &'static str) -> Result<()> {
        let said = in_time(self.working()?.execute(words)).await;
        self.rested(said).map(drop)
    }

    /// Returns the connection for one statement. The caller passes the outcome to [`rested`](Self::rested).
    pub(crate) fn working(&mut self) -> Result<&mut PgConnection> {
        self.is_working = true;
        self.connection.as_deref_mut().ok_or_else(|| StoreError::Unavailable("the connection is gone".to_owned()))
    }

    /// Notes how a statement ended.
    pub(crate) fn rested<T>(&mut self, ended: Result<T>) -> Result<T> {
        // What the server itself refused was answered in full.
        self.is_working = matches!(ended, Err(StoreError::Unavailable(_)));
        ended
    }
}

impl Drop for Session {
    /// Undoes a change that was not committed; cuts a connection that was left within a statement.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let runtime = tokio::runtime::Handle::try_current();
        match runtime {
            Ok(runtime) if self.is_in_change && !self.is_working => {
                runtime.spawn(async move {
                    let undone = in_time(connection.execute("ROLLBACK")).await;
                    if undone.is_err() {
                        drop(connection.detach());
                    }
                });
            }
            Ok(_) if !self.is_working => drop(connection),
            _ => drop(connection.detach()),
        }
    }
}
