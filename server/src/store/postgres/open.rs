//! Opening: look before touching, say in one line what is wrong, bring the schema up to date.

use std::sync::LazyLock;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::session::{ANSWER, Session, in_time};
use crate::store::Result;
use crate::store::error::StoreError;
use crate::store::migrations::{Step, migrator};

/// Every schema version this binary knows.
pub(crate) const STEPS: [Step; 14] = [
    (1, "ground", include_str!("../../../../migrations/postgres/0001_ground.sql")),
    (2, "books", include_str!("../../../../migrations/postgres/0002_books.sql")),
    (3, "activities_of_ticker", include_str!("../../../../migrations/postgres/0003_activities_of_ticker.sql")),
    (4, "terms", include_str!("../../../../migrations/postgres/0004_terms.sql")),
    (5, "applied", include_str!("../../../../migrations/postgres/0005_applied.sql")),
    (6, "owners", include_str!("../../../../migrations/postgres/0006_owners.sql")),
    (7, "rules", include_str!("../../../../migrations/postgres/0007_rules.sql")),
    (8, "sources", include_str!("../../../../migrations/postgres/0008_sources.sql")),
    (9, "notification_parts", include_str!("../../../../migrations/postgres/0009_notification_parts.sql")),
    (10, "inbox_and_notes", include_str!("../../../../migrations/postgres/0010_inbox_and_notes.sql")),
    (11, "made_instruments", include_str!("../../../../migrations/postgres/0011_made_instruments.sql")),
    (12, "imports", include_str!("../../../../migrations/postgres/0012_imports.sql")),
    (13, "accounts_and_history", include_str!("../../../../migrations/postgres/0013_accounts_and_history.sql")),
    (14, "jobs", include_str!("../../../../migrations/postgres/0014_jobs.sql")),
];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| migrator(&STEPS));

/// Changes under way at once: one writes while the others wait for its lock, so that more would only wait elsewhere.
const WRITERS: u32 = 4;

/// Readers at once: enough for every page's queries of one process; further ones wait their turn.
const READERS: u32 = 8;

/// The oldest server that is taken: its `server_version_num`.
const OLDEST: u32 = 130_000;

/// How long an unused connection is trusted without asking whether it is still there.
const TRUSTED: Duration = Duration::from_secs(1);

/// What every session is told. A change that its process does not go on with (it was stopped, or its machine has gone) is ended
/// by the server after two seconds, so that the others need not wait for it.
const ALL: [(&str, &str); 6] = [
    ("synchronous_commit", "on"),
    ("statement_timeout", "5s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "2s"),
    ("timezone", "UTC"),
    QUIET,
];

/// Leaves notices out of the log, such as that a table is there already.
const QUIET: (&str, &str) = ("client_min_messages", "warning");

/// What the sessions that only read are told besides.
const READ_ONLY: [(&str, &str); 1] = [("default_transaction_read_only", "on")];

/// The pools of connections: one that only reads, and one that writes.
#[derive(Debug)]
pub(crate) struct Connections {
    readers: PgPool,
    writers: PgPool,
}

impl Connections {
    /// Opens a database, creating its schema or bringing it up to date.
    ///
    /// Fails with `Refused`, in one line that shows no password.
    pub(crate) async fn open(options: &PgConnectOptions) -> Result<Self> {
        version(options).await?;
        migrate(options).await?;
        let options = session(options);
        Ok(Self { readers: pool(READERS, options.clone().options(READ_ONLY)), writers: pool(WRITERS, options) })
    }

    /// Takes a connection that only reads.
    pub(crate) async fn read(&self) -> Result<Session> {
        Ok(Session::new(self.readers.acquire().await?))
    }

    /// Begins a change, once every other has ended.
    pub(crate) async fn begin(&self) -> Result<Session> {
        Session::new(self.writers.acquire().await?).begin().await
    }

    /// Closes every connection; one that does not answer is left behind.
    pub(crate) async fn close(&self) {
        let both = async { tokio::join!(self.readers.close(), self.writers.close()) };
        if tokio::time::timeout(ANSWER, both).await.is_err() {
            tracing::warn!("left connections to the database that did not close within {ANSWER:?}");
        }
    }
}

/// Opens a database for looking alone, and returns its schema version, 0 where it has none.
///
/// Fails as opening does.
pub(crate) async fn look(options: &PgConnectOptions) -> Result<(Session, i64)> {
    let version = version(options).await?;
    let readers = pool(1, session(options).options(READ_ONLY));
    Ok((Session::new(readers.acquire().await?), version))
}

/// Looks at a database before anything is done to it, and returns its schema version.
async fn version(options: &PgConnectOptions) -> Result<i64> {
    let mut connection = connect(options).await?;
    let version = inspect(&mut connection).await;
    // Nothing was written, so there is nothing a failed close could lose.
    let _ = tokio::time::timeout(ANSWER, connection.close()).await;
    version
}

/// Returns the newest schema version this binary knows.
pub(crate) fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Sets what every session has to know; what the server writes to its log is not repeated here.
fn session(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().application_name("foliostream").options(ALL)
}

/// Sessions that change the schema. That may take longer than the limit of a statement, and only the start waits for it.
fn schema_session(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().application_name("foliostream").options([("synchronous_commit", "on"), QUIET])
}

/// Prepares a pool; its connections are made when they are needed, and again when they have broken.
fn pool(connections: u32, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ANSWER)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Connects once, without a pool: what is wrong is said at once, not after many tries.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let options = schema_session(options);
    let place = format!("{}:{}", options.get_host(), options.get_port());
    match tokio::time::timeout(ANSWER, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(refused(format!("{place}: {}", reason(&error)))),
        Err(_) => Err(refused(format!("{place}: no answer within {} seconds", ANSWER.as_secs()))),
    }
}

/// Brings a schema up to date; of several processes that start at once, one does.
async fn migrate(options: &PgConnectOptions) -> Result<()> {
    let migrator = pool(1, schema_session(options));
    let outcome = MIGRATIONS.run(&migrator).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            refused(format!("its schema cannot be brought up to date: {}", reason(&error)))
        }
        other => refused(format!("its schema is not this program's: {other}")),
    });
    migrator.close().await;
    outcome
}

/// Returns the schema version of a database, 0 where it has none; refuses a server that is too old, a database that cannot
/// hold every text, and a schema that is newer than this binary.
async fn inspect(connection: &mut PgConnection) -> Result<i64> {
    refuse_old(connection.server_version_num().unwrap_or(0))?;
    let encoding: String = in_words(sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut *connection)).await?;
    if encoding != "UTF8" {
        return Err(refused(format!("the database is encoded in {encoding}; make one with ENCODING 'UTF8'")));
    }
    let has_schema = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut *connection);
    if !in_words::<bool>(has_schema).await? {
        return Ok(0);
    }
    let newest = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_one(connection);
    let found: i64 = in_words(newest).await?;
    let known = known_version();
    if found > known {
        let newer = format!("the database has schema {found}, newer than this program's {known}; run the newer program");
        return Err(refused(newer));
    }
    Ok(found)
}

/// Waits for an answer, and says what went wrong in words for the person who started the program.
async fn in_words<T>(answer: impl Future<Output = std::result::Result<T, sqlx::Error>>) -> Result<T> {
    in_time(answer).await.map_err(|error| match error {
        StoreError::Internal(error) => refused(reason(&error)),
        other => refused(other.to_string()),
    })
}

/// Refuses a server by its `server_version_num`.
fn refuse_old(version: u32) -> Result<()> {
    if version < OLDEST {
        return Err(refused(format!("the server is PostgreSQL {}, and 13 is the oldest that will do", version / 10_000)));
    }
    Ok(())
}

fn refused(reason: String) -> StoreError {
    let one_line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    StoreError::Refused { option: "--database-url", reason: one_line }
}

/// Says what went wrong in the server's own words, which never hold a password.
fn reason(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_named_with_its_version() {
        for version in [130_000, 150_018, 180_001] {
            refuse_old(version).unwrap();
        }
        let line = refuse_old(120_022).unwrap_err().to_string();
        assert_eq!(line, "--database-url: the server is PostgreSQL 12, and 13 is the oldest that will do");
    }
}
