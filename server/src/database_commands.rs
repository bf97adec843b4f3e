//! `foliostream db`, `backup` and `restore`: makes, checks, moves or saves a database, and ends.

use super::config::{BackupOptions, DatabaseCommand, EXIT_USAGE, read_address};
use super::store::{self, Address, Sharing, Store, StoreError, TableSum};

/// Why a command about a database did not end well; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// An option cannot be read.
    #[error("{0}")]
    Usage(String),
    /// The database cannot be used, or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The check found something.
    #[error("{address} has problems: {}", problems.join("; "))]
    Problems {
        /// The database that was checked.
        address: String,
        /// What was found, a line each.
        problems: Vec<String>,
    },
}

impl CommandError {
    /// Returns the exit code: 64 for a wrong option or a server that cannot be used, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Store(StoreError::Refused { .. }) => EXIT_USAGE,
            _ => 1,
        }
    }
}

impl DatabaseCommand {
    /// Does it, and returns what to print.
    pub async fn run(self) -> Result<String, CommandError> {
        match self {
            Self::Migrate(options) => migrate(&options.address().map_err(CommandError::Usage)?).await,
            Self::Check(options) => check(&options.address().map_err(CommandError::Usage)?).await,
            Self::Copy { from, to } => {
                let from = read_address("--from", &from).map_err(CommandError::Usage)?;
                let to = read_address("--to", &to).map_err(CommandError::Usage)?;
                copy(&from, &to).await
            }
        }
    }
}

impl BackupOptions {
    /// Writes a backup, and returns what to print.
    pub async fn back_up(self) -> Result<String, CommandError> {
        let address = self.database.address().map_err(CommandError::Usage)?;
        let sums = store::back_up(&address, &self.file).await?;
        Ok(listed(&format!("backed up {address} to {}", self.file.display()), &sums))
    }

    /// Writes a backup into an empty database, and returns what to print.
    pub async fn restore(self) -> Result<String, CommandError> {
        let address = self.database.address().map_err(CommandError::Usage)?;
        let sums = store::restore(&self.file, &address).await?;
        Ok(listed(&format!("restored {} to {address}", self.file.display()), &sums))
    }
}

fn listed(head: &str, sums: &[TableSum]) -> String {
    let mut text = format!("{head}\n{:14} {:>10}  {}\n", "table", "rows", "checksum");
    sums.iter().for_each(|table| text.push_str(&format!("{}\n", line(table))));
    text
}

async fn migrate(address: &Address) -> Result<String, CommandError> {
    Store::at(address, Sharing::Alone).await?.close().await;
    let checked = store::check(address).await?;
    Ok(format!("{address} has schema {}\n", checked.version))
}

async fn check(address: &Address) -> Result<String, CommandError> {
    let checked = store::check(address).await?;
    if !checked.problems.is_empty() {
        return Err(CommandError::Problems { address: address.to_string(), problems: checked.problems });
    }
    Ok(listed(&format!("{address} has schema {} and is whole", checked.version), &checked.tables))
}

async fn copy(from: &Address, to: &Address) -> Result<String, CommandError> {
    let copied = store::copy(from, to).await?;
    let mut text = format!("copied {from} to {to}\n");
    text.push_str(&format!("{:14} {:>10}  {:64}  {}\n", "table", "rows", "checksum of the source", "checksum of the target"));
    copied.iter().for_each(|table| text.push_str(&format!("{}  {}\n", line(&table.source), table.target.sum)));
    Ok(text)
}

fn line(table: &TableSum) -> String {
    format!("{:14} {:>10}  {}", table.table, table.rows, table.sum)
}
