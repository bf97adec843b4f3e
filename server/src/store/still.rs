//! The store of a simulation: the product's statements on one SQLite database in memory, during which virtual time stands still.
//!
//! SQLite works on a thread of its own. A runtime whose time is paused takes waiting for that thread for idleness, and moves the clock
//! on. So a statement is waited for without letting go of the runtime's only thread: no virtual time passes, nothing else runs in
//! between, and a seed gives the same order again.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::error::Result;
use super::sqlite::STEPS;
use super::{Connections as Kind, Store};
use crate::store::migrations::migrator;

/// Runs to its end what another thread works on.
pub(super) fn at_once<T>(work: impl Future<Output = T>) -> T {
    futures::executor::block_on(work)
}

/// The one connection, which those who want it get in the order in which they asked.
#[derive(Debug)]
pub(super) struct Connections(Arc<Mutex<SqliteConnection>>);

/// The connection, for one reading or one change.
#[derive(Debug)]
pub(crate) struct Held {
    connection: OwnedMutexGuard<SqliteConnection>,
    is_changing: bool,
}

impl Store {
    /// Opens an empty store in memory, for a runtime of one thread whose time is paused. It is gone with its last clone.
    pub(crate) fn still() -> Self {
        let opening = async {
            let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
            migrator(&STEPS).run(&mut connection).await.unwrap();
            connection
        };
        let connection = Arc::new(Mutex::new(at_once(opening)));
        Self(Arc::new(Kind::Still(Connections(connection))))
    }
}

impl Connections {
    /// Takes the connection.
    pub(super) async fn take(&self) -> Held {
        Held { connection: Arc::clone(&self.0).lock_owned().await, is_changing: false }
    }

    /// Takes the connection and begins a transaction.
    pub(super) async fn begin(&self) -> Result<Held> {
        let mut held = self.take().await;
        held.say("BEGIN IMMEDIATE")?;
        held.is_changing = true;
        Ok(held)
    }
}

impl Held {
    /// Ends the transaction with all that it changed.
    pub(super) fn commit(mut self) -> Result<()> {
        self.say("COMMIT")?;
        self.is_changing = false;
        Ok(())
    }

    fn say(&mut self, text: &'static str) -> Result<()> {
        at_once(sqlx::query(text).execute(&mut *self.connection))?;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_changing {
            self.say("ROLLBACK").unwrap();
        }
    }
}

impl Deref for Held {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::super::statement::statement;
    use super::*;
    use foliostream::wire::epoch::Epoch;

    #[tokio::test(start_paused = true)]
    async fn readings_of_terms_and_notifications_take_one_connection_at_a_time() {
        let store = Store::still();
        let term = store.begin_term().await.unwrap();
        let second = Duration::from_secs(1);
        for term in [Epoch::default(), term] {
            assert_eq!(timeout(second, store.last_n_within(term)).await.expect("it took a second one").unwrap(), 0);
            timeout(second, store.notification_seen(term, 0)).await.expect("it took a second one").unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_time_passes_while_a_statement_runs_and_a_change_that_is_dropped_leaves_nothing() {
        let (store, began) = (Store::still(), tokio::time::Instant::now());
        let mut change = store.begin().await.unwrap();
        statement("UPDATE counters SET value = 9 WHERE name = 'epoch'").run(&mut change).await.unwrap();
        drop(change);
        let term = store.begin_term().await.unwrap();
        assert_eq!((term.number(), store.current_epoch().await.unwrap()), (1, 1));
        assert_eq!(tokio::time::Instant::now(), began);
    }
}
