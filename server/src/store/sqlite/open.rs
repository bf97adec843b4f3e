//! Opening: lock the directory, look before touching, create whole or not at all, bring the schema up to date.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};
use tokio::sync::Mutex;

use super::direct::Direct;
use super::lock::{DirectoryLock, OpeningLock, Sharing, keep_private};
use crate::store::error::{Result, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_NOT_A_DATABASE, StoreError, primary_code};
use crate::store::migrations::{Step, migrator};

/// The database's name within the data directory.
pub(crate) const DATABASE_NAME: &str = "foliostream.db";

/// The smallest page of SQLite, in bytes: below it there is no database.
const SMALLEST: u64 = 512;

/// Every schema version this binary knows.
pub(crate) const STEPS: [Step; 15] = [
    (1, "ground", include_str!("../../../../migrations/sqlite/0001_ground.sql")),
    (2, "unread", include_str!("../../../../migrations/sqlite/0002_unread.sql")),
    (3, "books", include_str!("../../../../migrations/sqlite/0003_books.sql")),
    (4, "activities_of_ticker", include_str!("../../../../migrations/sqlite/0004_activities_of_ticker.sql")),
    (5, "terms", include_str!("../../../../migrations/sqlite/0005_terms.sql")),
    (6, "applied", include_str!("../../../../migrations/sqlite/0006_applied.sql")),
    (7, "owners", include_str!("../../../../migrations/sqlite/0007_owners.sql")),
    (8, "rules", include_str!("../../../../migrations/sqlite/0008_rules.sql")),
    (9, "sources", include_str!("../../../../migrations/sqlite/0009_sources.sql")),
    (10, "notification_parts", include_str!("../../../../migrations/sqlite/0010_notification_parts.sql")),
    (11, "inbox_and_notes", include_str!("../../../../migrations/sqlite/0011_inbox_and_notes.sql")),
    (12, "made_instruments", include_str!("../../../../migrations/sqlite/0012_made_instruments.sql")),
    (13, "imports", include_str!("../../../../migrations/sqlite/0013_imports.sql")),
    (14, "accounts_and_history", include_str!("../../../../migrations/sqlite/0014_accounts_and_history.sql")),
    (15, "jobs", include_str!("../../../../migrations/sqlite/0015_jobs.sql")),
];

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| migrator(&STEPS));

/// Readers at once: enough for every page's queries on the machines this runs on; further ones wait their turn.
const READERS: u32 = 4;

/// How long a statement waits for a lock that another program (a backup, a shell) holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The open file.
///
/// Both pools, and the lock that must outlive them: fields are dropped in this order.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Connections that only read.
    pub readers: SqlitePool,
    /// The one that writes.
    pub writer: SqlitePool,
    /// The one that writes on the thread of its user.
    pub direct: Direct,
    /// Held by each change while it is made: changes of both connections follow each other in the order in which they were begun.
    pub writing: Arc<Mutex<()>>,
    directory: PathBuf,
    sharing: Sharing,
    lock: DirectoryLock,
}

impl Connections {
    /// Opens the database of a data directory, creating both where they are missing.
    pub(crate) async fn open(data_dir: &Path, sharing: Sharing) -> Result<Self> {
        let directory = create_directory(data_dir)?;
        let lock = DirectoryLock::take(&directory, sharing)?;
        let path = directory.join(DATABASE_NAME);
        // Held until the schema is there: of several that start at once, one creates.
        let _opening = match sharing {
            Sharing::Alone => None,
            Sharing::Shared => Some(OpeningLock::take(&directory).await?),
        };
        if exists(&path)? {
            inspect(&path).await?;
        } else {
            refuse_orphaned_log(&path)?;
            create(&path).await?;
        }
        let writer = pool(1, writing(&path)).await.map_err(|error| refusal(&path, error))?;
        migrate(&writer, &path).await?;
        let readers = pool(READERS, reading(&path)).await.map_err(|error| refusal(&path, error))?;
        Ok(Self { readers, writer, direct: Direct::at(path, BUSY_TIMEOUT), writing: Arc::default(), directory, sharing, lock })
    }

    /// Returns the folder that the database is in.
    pub(crate) fn folder(&self) -> &Path {
        &self.directory
    }

    /// Returns the folder that the database is in, where no other process uses it.
    pub(crate) fn own_folder(&self) -> Option<&Path> {
        (self.sharing == Sharing::Alone).then_some(self.directory.as_path())
    }

    /// Closes every connection, folds the log into the database where no other process shares it, and releases the lock.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        self.direct.close().await;
        self.lock.release();
    }
}

/// Opens the database of a data directory only to look, beside the process that has it, and returns its schema version.
///
/// Fails as opening does, and where there is no database.
pub(crate) async fn look(data_dir: &Path) -> Result<(PoolConnection<Sqlite>, i64)> {
    let path = std::path::absolute(data_dir).map_err(|error| unusable(data_dir, error))?.join(DATABASE_NAME);
    if !exists(&path)? {
        return Err(StoreError::Unusable { path, reason: "there is no database".to_owned() });
    }
    inspect(&path).await?;
    let refused = |error| refusal(&path, error);
    let mut connection = pool(1, reading(&path)).await.map_err(refused)?.acquire().await.map_err(refused)?;
    let version = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .map_err(refused)?;
    Ok((connection, version))
}

/// Returns the newest schema version this binary knows.
pub(crate) fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Creates the directory, for its owner alone where it is new, and returns its absolute path: one that begins with `file:`
/// would otherwise be read as an address.
fn create_directory(data_dir: &Path) -> Result<PathBuf> {
    let unusable = |error: io::Error| unusable(data_dir, error);
    let directory = std::path::absolute(data_dir).map_err(unusable)?;
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&directory).map_err(unusable)?;
    Ok(directory)
}

/// Returns whether there is a database; anything else of its name is refused. It is only ever opened through SQLite: closing
/// a plain handle would drop the locks that SQLite holds on the same file.
fn exists(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(StoreError::Unusable { path: path.to_owned(), reason: "it is not a file".to_owned() })
        }
        // SQLite would take this for a new database; ours get this name once they are whole.
        Ok(found) if found.len() < SMALLEST => {
            Err(StoreError::Corrupt { path: path.to_owned(), reason: "the file is empty or cut short".to_owned() })
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(path, error)),
    }
}

/// Refuses to create a database beside the log of one that is gone: the log may hold all that is left of it, and SQLite
/// would mix it into the new one.
fn refuse_orphaned_log(path: &Path) -> Result<()> {
    if has_log(path) {
        let reason = "it is missing, but its write-ahead log is here: move both away or bring both back".to_owned();
        return Err(StoreError::Unusable { path: path.to_owned(), reason });
    }
    Ok(())
}

/// Returns whether a write-ahead log with anything in it lies beside a database.
fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|found| found.len() > 0)
}

/// Creates a database under another name, and renames it once it is whole and on the disk.
async fn create(path: &Path) -> Result<()> {
    let draft = beside(path, ".new");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(&draft, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(&draft, error)),
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    keep_private(&mut options);
    options.open(&draft).map_err(|error| unusable(&draft, error))?;
    let writer = pool(1, writing(&draft)).await.map_err(|error| refusal(&draft, error))?;
    let outcome = migrate(&writer, &draft).await;
    writer.close().await;
    outcome?;
    publish(&draft, path).map_err(|error| unusable(path, error))
}

/// Renames a file for good: its content and its name are on the disk when this returns.
fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(draft)?.sync_all()?;
    fs::rename(draft, path)?;
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Looks at a database through a connection that cannot write: is it whole, ours, and not newer than we are?
async fn inspect(path: &Path) -> Result<()> {
    let mut connection = reading(path).connect().await.map_err(|error| refusal(path, error))?;
    let outcome = inspect_through(&mut connection, path).await;
    // Nothing was written, so there is nothing a failed close could lose.
    let _ = connection.close().await;
    outcome
}

async fn inspect_through(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let refused = |error| refusal(path, error);
    let ours: bool = sqlx::query_scalar("SELECT count(*) > 0 FROM sqlite_schema WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut *connection)
        .await
        .map_err(refused)?;
    if !ours {
        let reason = "it is a database of another program".to_owned();
        return Err(StoreError::Unusable { path: path.to_owned(), reason });
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .map_err(refused)?;
    let known = known_version();
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    refuse_torn_page(connection, path).await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await.map_err(refused)?;
    if verdict != "ok" {
        let reason = verdict.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(StoreError::Corrupt { path: path.to_owned(), reason });
    }
    Ok(())
}

/// Refuses a file that ends within a page, whose rest SQLite would read as zeros; unless a log is there to complete it.
async fn refuse_torn_page(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let page_size: i64 =
        sqlx::query_scalar("PRAGMA page_size").fetch_one(connection).await.map_err(|error| refusal(path, error))?;
    let length = fs::metadata(path).map_err(|error| unusable(path, error))?.len();
    let is_torn = length.checked_rem(page_size.unsigned_abs()).is_some_and(|rest| rest > 0);
    if is_torn && !has_log(path) {
        return Err(StoreError::Corrupt { path: path.to_owned(), reason: "the file is cut short".to_owned() });
    }
    Ok(())
}

/// Brings the schema up to date; asks for the write lock first, so that a file that cannot be written is refused here.
async fn migrate(writer: &SqlitePool, path: &Path) -> Result<()> {
    let probe = writer.begin_with("BEGIN IMMEDIATE").await.map_err(|error| refusal(path, error))?;
    probe.rollback().await.map_err(|error| refusal(path, error))?;
    MIGRATIONS.run(writer).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => refusal(path, error),
        other => StoreError::Unusable { path: path.to_owned(), reason: other.to_string() },
    })
}

fn writing(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT)
}

/// Opens connections that stay: a local file's connection neither ages nor needs a test before each use.
async fn pool(connections: u32, options: SqliteConnectOptions) -> std::result::Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options)
        .await
}

/// Says what an error while opening means for the person who started the program.
fn refusal(path: &Path, error: sqlx::Error) -> StoreError {
    let reason = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    match primary_code(&error) {
        Some(SQLITE_CORRUPT | SQLITE_NOT_A_DATABASE) => StoreError::Corrupt { path: path.to_owned(), reason },
        Some(SQLITE_FULL) => StoreError::Full,
        _ => StoreError::Unusable { path: path.to_owned(), reason },
    }
}

fn unusable(path: &Path, error: io::Error) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

/// Returns the path with its name made longer.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::testing::{EPOCH, Kind, Place, at, firing, new_alert, new_portfolio, open_folder as open, sqlite};
    use foliostream::domain::money::Currency;
    use tempfile::TempDir;

    async fn store() -> (TempDir, Store) {
        match Kind::Sqlite.store().await {
            (Place::Folder(folder), store) => (folder, store),
            (place, _) => panic!("{place:?}"),
        }
    }

    async fn open_alone(path: &Path) -> Result<Store> {
        Store::open(path, Sharing::Alone).await
    }

    fn database(folder: &TempDir) -> PathBuf {
        folder.path().join(DATABASE_NAME)
    }

    /// A closed store with enough in it to fill several pages.
    async fn closed_store() -> TempDir {
        let (folder, store) = store().await;
        for number in 0..50 {
            let text = "some text to fill a page ".repeat(20);
            store.set_setting(&format!("{number}"), &text).await.unwrap();
        }
        store.close().await;
        folder
    }

    async fn refused(folder: &TempDir) -> StoreError {
        let before = fs::read(database(folder)).unwrap();
        let refusal = open_alone(folder.path()).await.unwrap_err();
        assert!(fs::read(database(folder)).unwrap() == before, "the database was changed");
        assert!(!refusal.to_string().contains('\n'), "{refusal}");
        assert!(refusal.to_string().contains("foliostream.db"), "{refusal}");
        refusal
    }

    async fn run(folder: &TempDir, statement: &'static str) {
        let mut connection = writing(&database(folder)).connect().await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_missing_directory_is_created_with_its_parents() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("a/b");
        let store = open_alone(&directory).await.unwrap();
        store.close().await;
        let mut names: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["foliostream.db", "foliostream.lock"]);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_what_is_created() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("new");
        let _store = open_alone(&directory).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{path:?}");
        }
    }

    #[tokio::test]
    async fn commits_are_synced_and_foreign_keys_hold() {
        let (_folder, store) = store().await;
        let writer = &sqlite(&store).writer;
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(writer).await.unwrap();
        let full: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(writer).await.unwrap();
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(writer).await.unwrap();
        assert_eq!((mode.as_str(), full, keys), ("wal", 2, 1));
        assert_eq!((writer.options().get_max_connections(), sqlite(&store).readers.options().get_max_connections()), (1, 4));
        let refusal = sqlx::query("DELETE FROM settings").execute(&sqlite(&store).readers).await.unwrap_err();
        assert!(refusal.to_string().contains("readonly"), "{refusal}");
    }

    #[tokio::test]
    async fn a_second_store_of_one_directory_is_refused_and_told_who_has_it() {
        let (folder, store) = store().await;
        let refusal = open_alone(folder.path()).await.unwrap_err();
        let StoreError::Locked { holder, .. } = &refusal else { panic!("{refusal}") };
        assert!(holder.starts_with(&format!("process {}, running since ", std::process::id())), "{holder}");
        let clone = store.clone();
        store.close().await;
        open(&folder).await.close().await;
        assert!(clone.own().unread_count().await.is_err());
    }

    #[tokio::test]
    async fn what_was_answered_survives_without_a_close() {
        let (folder, store) = store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        store.record_firing(EPOCH, &firing(&alert, "151"), "kept").await.unwrap();
        store.own().create_portfolio(&new_portfolio("main", "A", Currency::EUR, None, at(0)), None).await.unwrap();
        drop(store);
        let store = open(&folder).await;
        assert_eq!(store.own().newest_notifications(1).await.unwrap()[0].message, "kept");
        assert_eq!(store.own().portfolios().await.unwrap().len(), 1);
        assert_eq!(store.alert(alert.id).await.unwrap().unwrap().revision, 2);
    }

    /// The files of a running store, copied away, are what a killed process leaves behind.
    #[tokio::test]
    async fn what_was_answered_is_in_the_files_before_the_answer() {
        let (folder, store) = store().await;
        store.set_setting("key", "kept").await.unwrap();
        let left = tempfile::tempdir().unwrap();
        for name in [DATABASE_NAME, "foliostream.db-wal"] {
            fs::copy(folder.path().join(name), left.path().join(name)).unwrap();
        }
        let other = open(&left).await;
        assert_eq!(other.get_setting("key").await.unwrap().as_deref(), Some("kept"));
    }

    #[tokio::test]
    async fn a_change_dropped_before_its_commit_leaves_nothing() {
        let (_folder, store) = store().await;
        let mut change = sqlite(&store).writer.begin().await.unwrap();
        sqlx::query("INSERT INTO settings VALUES ('key', 'lost')").execute(&mut *change).await.unwrap();
        drop(change);
        assert_eq!(store.get_setting("key").await.unwrap(), None);
        store.set_setting("key", "kept").await.unwrap();
        assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("kept"));
    }

    #[tokio::test]
    async fn opening_again_changes_no_schema() {
        let (folder, store) = store().await;
        let schema = async |store: &Store| -> Vec<String> {
            let query = sqlx::query_scalar("SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name");
            query.fetch_all(&sqlite(store).readers).await.unwrap()
        };
        let before = schema(&store).await;
        store.close().await;
        let store = open(&folder).await;
        assert_eq!(schema(&store).await, before);
        migrate(&sqlite(&store).writer, &database(&folder)).await.unwrap();
        let versions: i64 =
            sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(&sqlite(&store).readers).await.unwrap();
        assert_eq!(usize::try_from(versions).unwrap(), MIGRATIONS.iter().count());
    }

    #[tokio::test]
    async fn a_path_under_a_file_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        for path in [file.join("dir"), file.clone()] {
            let refusal = open_alone(&path).await.unwrap_err();
            assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
            assert!(refusal.to_string().starts_with(&path.display().to_string()), "{refusal}");
        }
    }

    /// Root writes where it likes, so there the test has nothing to see and says so.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_directory_that_cannot_be_written_is_unusable() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
        match open_alone(folder.path()).await {
            Ok(_) => eprintln!("skipped: this user writes into directories it may not write"),
            Err(refusal) => assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}"),
        }
    }

    #[tokio::test]
    async fn a_directory_in_the_databases_place_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(database(&folder)).unwrap();
        let refusal = open_alone(folder.path()).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
    }

    #[tokio::test]
    async fn garbage_is_corrupt_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for garbage in [vec![0_u8; 8_192], b"not a database, but text".to_vec(), vec![0xA5; 100_000], Vec::new()] {
            fs::write(database(&folder), garbage).unwrap();
            let refusal = refused(&folder).await;
            assert!(matches!(refusal, StoreError::Corrupt { .. }), "{refusal}");
        }
    }

    #[tokio::test]
    async fn a_cut_database_is_corrupt_and_left_as_it_is() {
        let folder = closed_store().await;
        let whole = fs::read(database(&folder)).unwrap();
        for length in
            [0, 1, 99, 100, 511, 512, 1_000, 4_095, 4_096, 10_000, whole.len() / 2, whole.len() - 4_096, whole.len() - 1]
        {
            fs::write(database(&folder), &whole[..length]).unwrap();
            let refusal = refused(&folder).await;
            assert!(matches!(refusal, StoreError::Corrupt { .. }), "{length}: {refusal}");
        }
        fs::write(database(&folder), &whole).unwrap();
        open(&folder).await;
    }

    #[tokio::test]
    async fn a_page_overwritten_in_the_middle_is_corrupt() {
        let folder = closed_store().await;
        let mut bytes = fs::read(database(&folder)).unwrap();
        let middle = bytes.len() / 8_192 * 4_096;
        bytes[middle..middle + 4_096].fill(0xEE);
        fs::write(database(&folder), bytes).unwrap();
        let refusal = refused(&folder).await;
        assert!(matches!(refusal, StoreError::Corrupt { .. }), "{refusal}");
    }

    #[tokio::test]
    async fn a_newer_schema_is_refused_and_left_as_it_is() {
        let folder = closed_store().await;
        run(&folder, "INSERT INTO _sqlx_migrations VALUES (9001, 'later', '2030-01-01', 1, x'00', 0)").await;
        let refusal = refused(&folder).await;
        assert!(matches!(refusal, StoreError::Newer { found: 9001, known: 1.., .. }), "{refusal}");
    }

    #[tokio::test]
    async fn a_schema_that_was_altered_is_unusable() {
        let folder = closed_store().await;
        run(&folder, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
        let refusal = refused(&folder).await;
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
    }

    #[tokio::test]
    async fn another_programs_database_is_unusable() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = writing(&database(&folder)).create_if_missing(true).connect().await.unwrap();
        sqlx::query("CREATE TABLE other (value)").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let refusal = refused(&folder).await;
        assert!(refusal.to_string().contains("another program"), "{refusal}");
    }

    #[tokio::test]
    async fn a_log_without_its_database_is_not_mixed_into_a_new_one() {
        let (folder, store) = store().await;
        store.set_setting("key", "value").await.unwrap();
        let left = tempfile::tempdir().unwrap();
        fs::copy(folder.path().join("foliostream.db-wal"), left.path().join("foliostream.db-wal")).unwrap();
        let refusal = open_alone(left.path()).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Unusable { .. }), "{refusal}");
        assert!(!database(&left).exists());
    }

    #[tokio::test]
    async fn a_creation_that_was_interrupted_starts_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("foliostream.db.new"), "half").unwrap();
        fs::write(folder.path().join("foliostream.db.new-wal"), "half").unwrap();
        assert_eq!(open(&folder).await.begin_epoch().await.unwrap(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn several_that_start_at_once_share_what_one_of_them_creates() {
        let folder = tempfile::tempdir().unwrap();
        let starting: Vec<_> = (0..6)
            .map(|number: i32| {
                let path = folder.path().to_owned();
                tokio::spawn(async move {
                    let store = Store::open(&path, Sharing::Shared).await.unwrap();
                    store.set_setting(&number.to_string(), "here").await.unwrap();
                    store
                })
            })
            .collect();
        let mut stores = Vec::new();
        for start in starting {
            stores.push(start.await.unwrap());
        }
        for number in 0..6 {
            assert_eq!(stores[0].get_setting(&number.to_string()).await.unwrap().as_deref(), Some("here"));
        }
        let refusal = open_alone(folder.path()).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Locked { .. }), "{refusal}");
        for store in &stores {
            store.close().await;
        }
        let alone = open(&folder).await;
        let refusal = Store::open(folder.path(), Sharing::Shared).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Locked { .. }), "{refusal}");
        alone.close().await;
    }

    #[tokio::test]
    async fn unread_notifications_are_looked_up_in_their_index() {
        let (_folder, store) = store().await;
        let plan = "EXPLAIN QUERY PLAN SELECT * FROM notifications WHERE owner = 'local' AND NOT read ORDER BY n DESC LIMIT 1";
        let rows = sqlx::query(plan).fetch_all(&sqlite(&store).readers).await.unwrap();
        let detail: String = sqlx::Row::get(&rows[0], "detail");
        assert!(detail.contains("notifications_unread"), "{detail}");
    }
}
