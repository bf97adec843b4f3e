//! Options that name a database, and what can be asked of one.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::secret::Secret;
use crate::store::Address;

/// What can be done about a database.
#[derive(Clone, Debug, Subcommand)]
pub enum DatabaseCommand {
    /// Creates the schema, or brings it up to date; changes nothing where it is
    Migrate(DatabaseOptions),
    /// Looks the database over without changing it: schema, integrity, rows and a checksum per table; exit 1 if anything is wrong
    Check(DatabaseOptions),
    /// Copies everything from one database into another, empty one, and compares; stop the servers of both first
    Copy {
        /// What to copy: sqlite:FOLDER or postgres://USER:PASSWORD@HOST:PORT/DATABASE
        #[arg(long, env = "FOLIOSTREAM_COPY_FROM", value_name = "URL", hide_env_values = true)]
        from: Secret,
        /// Where to: an empty database, with or without its schema
        #[arg(long, env = "FOLIOSTREAM_COPY_TO", value_name = "URL", hide_env_values = true)]
        to: Secret,
    },
}

/// Which file is meant, and which database.
#[derive(Clone, Debug, Args)]
pub struct BackupOptions {
    /// The file of the backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
}

/// Options that say which database is meant: a folder with a SQLite file, or the URL of a PostgreSQL database.
#[derive(Clone, Debug, Args)]
pub struct DatabaseOptions {
    /// Folder of the database foliostream.db; made if missing; one process at a time
    #[arg(long, env = "FOLIOSTREAM_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// Database instead of the one in the data folder: postgres://USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:FOLDER
    #[arg(long, env = "FOLIOSTREAM_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<Secret>,
}

impl DatabaseOptions {
    /// Returns where the database is; a URL that cannot be read is refused in one line that does not repeat it.
    pub fn address(&self) -> Result<Address, String> {
        match &self.database_url {
            Some(url) => read_address("--database-url", url),
            None => Ok(Address::Folder(self.data_dir.clone())),
        }
    }
}

/// Reads an option that names a database.
pub fn read_address(option: &str, url: &Secret) -> Result<Address, String> {
    url.reveal().parse().map_err(|error| format!("{option}: {error}"))
}
