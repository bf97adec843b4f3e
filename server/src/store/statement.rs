//! One statement for two databases: written once, with `$1` for its first value, and run on whichever is open.
//!
//! Both understand `$1`, `ON CONFLICT … DO UPDATE`, `RETURNING`, `TRUE` and `FALSE`, row values, `UPDATE … FROM`, and call the
//! columns of `VALUES` column1, column2, … That is all the statements here ask for.

use std::borrow::Cow;

use rusqlite::types::{self, FromSql};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row as _, Transaction, Type};
use tokio::sync::OwnedMutexGuard;

use super::Result;
use super::postgres::{Session, in_time};
use super::sqlite::{DirectRow, Held};
#[cfg(test)]
use super::still;
use super::value::Value;

/// Rows that one statement writes at most: few enough for either database's limit of values in a statement.
pub(crate) const ROWS_AT_ONCE: usize = 100;

/// A statement and its values.
#[derive(Debug)]
pub(crate) struct Statement {
    text: Text,
    values: Vec<Value>,
}

#[derive(Debug)]
enum Text {
    Written(&'static str),
    /// Made for a number of rows; one that is made for a single row comes again and again.
    Made {
        text: String,
        is_usual: bool,
    },
}

/// Statements that write, one after the other. SQLite runs them in one go: each run of its own wakes the thread of its connection and
/// waits for it, which takes longer than what it writes.
#[derive(Debug, Default)]
pub(crate) struct Writes(Vec<Statement>);

impl Writes {
    /// Adds a statement at the end.
    pub(crate) fn push(&mut self, statement: Statement) {
        self.0.push(statement);
    }

    /// Runs all of them.
    pub(crate) async fn run(self, on: &mut Change) -> Result<()> {
        match on {
            Change::Sqlite(..) if self.0.len() > 1 => self.joined().run(on).await.map(drop),
            #[cfg(test)]
            Change::Still(_) if self.0.len() > 1 => self.joined().run(on).await.map(drop),
            _ => {
                for statement in self.0 {
                    statement.run(&mut *on).await?;
                }
                Ok(())
            }
        }
    }

    /// Makes one text of all statements, with their values numbered through.
    fn joined(self) -> Statement {
        let (mut joined, mut values, mut is_usual) = (String::new(), Vec::new(), true);
        for statement in self.0 {
            let text = match &statement.text {
                Text::Written(text) => text,
                Text::Made { text, is_usual: usual } => {
                    is_usual &= usual;
                    text.as_str()
                }
            };
            joined += &shifted(text, values.len());
            joined += "; ";
            values.extend(statement.values);
        }
        Statement { text: Text::Made { text: joined, is_usual }, values }
    }
}

/// Adds to the number of every value of a statement: `$1` becomes `$4` where three values come before.
fn shifted(text: &str, by: usize) -> String {
    let mut parts = text.split('$');
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part[..digits].parse::<usize>() {
            Ok(number) => shifted += &format!("${}{}", number + by, &part[digits..]),
            Err(_) => shifted += &format!("${part}"),
        }
    }
    shifted
}

/// Makes a statement without values.
pub(crate) fn statement(text: &'static str) -> Statement {
    Statement { text: Text::Written(text), values: Vec::new() }
}

impl Statement {
    /// Begins a statement about several rows at once: `before (…), (…) after`, with `width` values a row.
    pub(crate) fn of_rows(before: &str, width: usize, rows: impl IntoIterator<Item = Vec<Value>>, after: &str) -> Self {
        let values: Vec<Value> = rows.into_iter().flatten().collect();
        let row = |first: usize| {
            let places: Vec<String> = (first..first + width).map(|place| format!("${place}")).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (1..=values.len()).step_by(width.max(1)).map(row).collect();
        Self { text: Text::Made { text: format!("{before} {} {after}", rows.join(", ")), is_usual: rows.len() == 1 }, values }
    }

    /// Gives the next value.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it, and returns every row.
    pub(crate) async fn all<'a>(self, on: impl Into<Connection<'a>>) -> Result<Vec<Row>> {
        match on.into() {
            Connection::Sqlite(connection) => {
                let rows = self.for_sqlite().fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Connection::Direct(held) => {
                let (text, values) = self.for_direct();
                Ok(held.all(&text, &values)?.into_iter().map(Row::Direct).collect())
            }
            #[cfg(test)]
            Connection::Still(connection) => {
                let rows = still::at_once(self.for_sqlite().fetch_all(connection))?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Connection::Postgres(session) => {
                let rows = in_time(self.for_postgres().fetch_all(session.working()?)).await;
                Ok(session.rested(rows)?.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs it, and returns how many rows it changed.
    pub(crate) async fn run<'a>(self, on: impl Into<Connection<'a>>) -> Result<u64> {
        match on.into() {
            Connection::Sqlite(connection) => Ok(self.for_sqlite().execute(connection).await?.rows_affected()),
            Connection::Direct(held) => {
                let (text, values) = self.for_direct();
                Ok(held.run(&text, &values)?)
            }
            #[cfg(test)]
            Connection::Still(connection) => Ok(still::at_once(self.for_sqlite().execute(connection))?.rows_affected()),
            Connection::Postgres(session) => {
                let done = in_time(self.for_postgres().execute(session.working()?)).await;
                Ok(session.rested(done)?.rows_affected())
            }
        }
    }

    /// Runs it, and returns its first row, if it has one.
    pub(crate) async fn optional<'a>(self, on: impl Into<Connection<'a>>) -> Result<Option<Row>> {
        Ok(self.all(on).await?.into_iter().next())
    }

    /// Runs it, and returns its first row, which must be there.
    pub(crate) async fn one<'a>(self, on: impl Into<Connection<'a>>) -> Result<Row> {
        Ok(self.optional(on).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Runs it, and returns the number it asks for as `number`.
    pub(crate) async fn number<'a>(self, on: impl Into<Connection<'a>>) -> Result<i64> {
        Ok(self.one(on).await?.get("number")?)
    }

    fn for_sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        let query = match self.text {
            Text::Written(text) => sqlx::query(text),
            Text::Made { text, is_usual } => sqlx::query(AssertSqlSafe(text)).persistent(is_usual),
        };
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Integer(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Flag(flag) => query.bind(flag),
        })
    }

    fn for_direct(self) -> (Cow<'static, str>, Vec<types::Value>) {
        let text = match self.text {
            Text::Written(text) => text.into(),
            Text::Made { text, .. } => text.into(),
        };
        (text, self.values.into_iter().map(types::Value::from).collect())
    }

    fn for_postgres(self) -> Query<'static, Postgres, PgArguments> {
        let query = match self.text {
            Text::Written(text) => sqlx::query(text),
            Text::Made { text, .. } => sqlx::query(AssertSqlSafe(text)).persistent(false),
        };
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Integer(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Flag(flag) => query.bind(flag),
        })
    }
}

/// A connection that only reads; each statement sees what was committed before it.
#[derive(Debug)]
pub(crate) enum Reading {
    /// A connection to the SQLite file.
    Sqlite(PoolConnection<Sqlite>),
    /// A session of the PostgreSQL server.
    Postgres(Session),
    /// The one connection of a simulation.
    #[cfg(test)]
    Still(still::Held),
}

impl Reading {
    /// Lets every later statement see the database as it is now, until [`let_go`](Self::let_go), and wait between them.
    pub(crate) async fn hold(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => statement("BEGIN").run(self).await.map(drop),
            #[cfg(test)]
            Self::Still(_) => Ok(()),
            Self::Postgres(session) => session.hold().await,
        }
    }

    /// Ends what [`hold`](Self::hold) began.
    pub(crate) async fn let_go(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(_) => statement("ROLLBACK").run(self).await.map(drop),
            #[cfg(test)]
            Self::Still(_) => Ok(()),
            Self::Postgres(session) => session.let_go().await,
        }
    }
}

/// A change that has begun; dropped before its commit, it leaves nothing.
#[derive(Debug)]
pub(crate) enum Change {
    /// A transaction on the SQLite file.
    Sqlite(Transaction<'static, Sqlite>, OwnedMutexGuard<()>),
    /// A transaction on the SQLite file, on the thread of its user.
    Direct(Held, OwnedMutexGuard<()>),
    /// A session of the PostgreSQL server within a transaction.
    Postgres(Session),
    /// The one connection of a simulation within a transaction.
    #[cfg(test)]
    Still(still::Held),
}

impl Change {
    /// Lets the change wait for something else between its statements.
    pub(crate) async fn wait_for_others(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(..) | Self::Direct(..) => Ok(()),
            #[cfg(test)]
            Self::Still(_) => Ok(()),
            Self::Postgres(session) => session.say("SET LOCAL idle_in_transaction_session_timeout = 0").await,
        }
    }

    /// Makes it durable. Where this fails, it may be durable all the same.
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction, _writing) => Ok(transaction.commit().await?),
            Self::Direct(held, _writing) => Ok(held.commit()?),
            Self::Postgres(session) => session.commit().await,
            #[cfg(test)]
            Self::Still(held) => held.commit(),
        }
    }
}

/// A connection that a statement runs on, of either database.
#[derive(Debug)]
pub(crate) enum Connection<'a> {
    /// A connection to the SQLite file.
    Sqlite(&'a mut SqliteConnection),
    /// A connection to the SQLite file that works on the thread of its user.
    Direct(&'a mut Held),
    /// A session of the PostgreSQL server.
    Postgres(&'a mut Session),
    /// The one connection of a simulation.
    #[cfg(test)]
    Still(&'a mut SqliteConnection),
}

impl Connection<'_> {
    /// Lends it for one statement.
    pub(crate) fn again(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Direct(held) => Connection::Direct(held),
            Self::Postgres(session) => Connection::Postgres(session),
            #[cfg(test)]
            Self::Still(connection) => Connection::Still(connection),
        }
    }
}

impl<'a> From<&'a mut Reading> for Connection<'a> {
    fn from(reading: &'a mut Reading) -> Self {
        match reading {
            Reading::Sqlite(connection) => Self::Sqlite(connection),
            Reading::Postgres(session) => Self::Postgres(session),
            #[cfg(test)]
            Reading::Still(held) => Self::Still(held),
        }
    }
}

impl<'a> From<&'a mut Change> for Connection<'a> {
    fn from(change: &'a mut Change) -> Self {
        match change {
            Change::Sqlite(transaction, _) => Self::Sqlite(transaction),
            Change::Direct(held, _) => Self::Direct(held),
            Change::Postgres(session) => Self::Postgres(session),
            #[cfg(test)]
            Change::Still(held) => Self::Still(held),
        }
    }
}

/// A row of either database.
#[derive(Debug)]
pub(crate) enum Row {
    /// A row of the SQLite file.
    Sqlite(SqliteRow),
    /// A row of the SQLite file, read on the thread of its user.
    Direct(DirectRow),
    /// A row of the PostgreSQL server.
    Postgres(PgRow),
}

/// What both databases can read from a column.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + FromSql
{
}

impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + FromSql {}

impl Row {
    /// Reads the column of that name.
    pub(crate) fn get<T: Column>(&self, column: &str) -> std::result::Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Direct(row) => row.get(column).map_err(|error| sqlx::Error::AnyDriverError(Box::new(error))),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_several_statements_are_numbered_through() {
        let mut writes = Writes::default();
        writes.push(statement("UPDATE a SET b = $1 WHERE c = $2").bind(1_i64).bind("two"));
        writes.push(Statement::of_rows("INSERT INTO d VALUES", 2, [vec![3_i64.into(), "four".into()]], "ON CONFLICT DO NOTHING"));
        let joined = writes.joined();
        let Text::Made { text, is_usual: true } = joined.text else { panic!("{:?}", joined.text) };
        assert_eq!(text, "UPDATE a SET b = $1 WHERE c = $2; INSERT INTO d VALUES ($3, $4) ON CONFLICT DO NOTHING; ");
        assert_eq!(joined.values, [1_i64.into(), "two".into(), 3_i64.into(), Value::from("four")]);
    }
}
