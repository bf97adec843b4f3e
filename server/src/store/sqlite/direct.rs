//! A connection that works on the thread of the task that uses it.
//!
//! The pools' connections each have a thread of their own, which every run of a statement wakes and waits for. A push's transaction
//! has five, so ten switches of threads, which took longer than all that SQLite does. The recorder has a thread of its own: it uses
//! this one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, OpenFlags, Rows, Statement};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Prepared statements that are kept: those of the recorder are some twenty.
const KEPT_STATEMENTS: usize = 64;

/// The connection, once it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    path: PathBuf,
    busy_timeout: Duration,
    connection: Arc<Mutex<Option<Connection>>>,
}

/// The connection within a transaction, which is rolled back where it is dropped before its commit.
#[derive(Debug)]
pub(crate) struct Held {
    connection: OwnedMutexGuard<Option<Connection>>,
    is_changing: bool,
}

/// A row, with the names of its columns.
#[derive(Debug)]
pub(crate) struct DirectRow {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Direct {
    /// Makes one that opens the database at a path when it is first used; a lock that others hold is waited for.
    pub(crate) fn at(path: PathBuf, busy_timeout: Duration) -> Self {
        Self { path, busy_timeout, connection: Arc::default() }
    }

    /// Begins a transaction, which is rolled back where it is dropped.
    pub(crate) async fn begin(&self) -> rusqlite::Result<Held> {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        if connection.is_none() {
            *connection = Some(self.open()?);
        }
        let mut held = Held { connection, is_changing: false };
        held.say("BEGIN IMMEDIATE")?;
        held.is_changing = true;
        Ok(held)
    }

    /// Opens the file as the pool's writer does.
    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        Ok(connection)
    }

    /// Closes the connection, after what is under way.
    pub(crate) async fn close(&self) {
        drop(self.connection.lock().await.take());
    }
}

impl Held {
    /// Runs a statement and returns its rows; `values[0]` stands for `$1`.
    pub(crate) fn all(&mut self, text: &str, values: &[Value]) -> rusqlite::Result<Vec<DirectRow>> {
        let mut statement = self.open_connection()?.prepare_cached(text)?;
        let columns: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
        let width = columns.len();
        bind(&mut statement, values)?;
        let (mut found, mut rows): (Vec<DirectRow>, Rows<'_>) = (Vec::new(), statement.raw_query());
        while let Some(row) = rows.next()? {
            let values = (0..width).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?;
            found.push(DirectRow { columns: Arc::clone(&columns), values });
        }
        Ok(found)
    }

    /// Runs a statement that returns no rows, and returns how many it changed.
    pub(crate) fn run(&mut self, text: &str, values: &[Value]) -> rusqlite::Result<u64> {
        let mut statement = self.open_connection()?.prepare_cached(text)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    /// Makes the change durable, with a sync of the disk.
    pub(crate) fn commit(mut self) -> rusqlite::Result<()> {
        self.say("COMMIT")?;
        self.is_changing = false;
        Ok(())
    }

    fn say(&mut self, text: &str) -> rusqlite::Result<()> {
        self.open_connection()?.prepare_cached(text)?.raw_execute().map(drop)
    }

    fn open_connection(&mut self) -> rusqlite::Result<&mut Connection> {
        // It is open from the beginning of the transaction to its end.
        self.connection.as_mut().ok_or(rusqlite::Error::InvalidQuery)
    }
}

/// Gives a statement its values. SQLite takes `$2` for a name and numbers names as they come.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = values.get(number.unwrap_or(index).wrapping_sub(1));
        statement.raw_bind_parameter(index, value.ok_or(rusqlite::Error::InvalidParameterCount(index, values.len()))?)?;
    }
    Ok(())
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_changing && self.say("ROLLBACK").is_err() {
            // A connection in an unknown state is closed, which rolls back; the next change opens another.
            *self.connection = None;
        }
    }
}

impl DirectRow {
    /// Reads the column of that name.
    pub(crate) fn get<T: FromSql>(&self, column: &str) -> rusqlite::Result<T> {
        let at = self.columns.iter().position(|name| name == column);
        let value = at.and_then(|at| self.values.get(at)).ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        let unreadable =
            |error| rusqlite::Error::FromSqlConversionFailure(at.unwrap_or_default(), value.data_type(), Box::new(error));
        T::column_result(value.into()).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn direct() -> (tempfile::TempDir, Direct) {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.db");
        Connection::open(&path).unwrap().execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE kept (name TEXT);").unwrap();
        (place, Direct::at(path, Duration::from_millis(20)))
    }

    fn kept(held: &mut Held) -> i64 {
        held.all("SELECT count(*) AS number FROM kept", &[]).unwrap()[0].get("number").unwrap()
    }

    #[tokio::test]
    async fn values_go_by_the_numbers_of_a_statement_whatever_their_order() {
        let (_place, direct) = direct().await;
        let mut held = direct.begin().await.unwrap();
        let row = &held.all("SELECT $2 AS b, $1 AS a, $2 AS c", &[1.into(), "two".to_owned().into()]).unwrap()[0];
        let read = (row.get::<i64>("a").unwrap(), row.get::<String>("b").unwrap(), row.get::<Option<String>>("c").unwrap());
        assert_eq!(read, (1, "two".to_owned(), Some("two".to_owned())));
        assert!(row.get::<i64>("d").is_err() && row.get::<i64>("b").is_err());
        assert!(held.all("SELECT $3 AS a", &[1.into()]).is_err(), "a value is missing");
    }

    #[tokio::test]
    async fn a_change_that_is_dropped_leaves_nothing_and_one_that_is_committed_stays() {
        let (_place, direct) = direct().await;
        let insert = |held: &mut Held| held.run("INSERT INTO kept (name) VALUES ($1)", &["a".to_owned().into()]).unwrap();
        let mut dropped = direct.begin().await.unwrap();
        assert_eq!((insert(&mut dropped), kept(&mut dropped)), (1, 1));
        drop(dropped);
        let mut committed = direct.begin().await.unwrap();
        assert_eq!(kept(&mut committed), 0);
        insert(&mut committed);
        committed.commit().unwrap();
        direct.close().await;
        assert_eq!(kept(&mut direct.begin().await.unwrap()), 1, "it is opened again");
    }

    #[tokio::test]
    async fn a_lock_that_another_program_holds_is_an_error_that_passes() {
        let (place, direct) = direct().await;
        let other = Connection::open(place.path().join("a.db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let refused = crate::store::StoreError::from(direct.begin().await.unwrap_err());
        assert!(matches!(refused, crate::store::StoreError::Unavailable(_)), "{refused}");
        other.execute_batch("ROLLBACK").unwrap();
        assert!(direct.begin().await.is_ok());
    }
}
