//! Moving an installation from one database to another, whole or not at all.

use super::error::StoreError;
use super::statement::{Change, Connection, Reading, statement};
use super::tables::{Adding, TABLES, Table, TableSum};
use super::{Address, Result, Sharing, Store, postgres, sqlite};

/// One table as it was read, and as it stands where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Of the source.
    pub source: TableSum,
    /// Of the target.
    pub target: TableSum,
}

/// Copies everything into an empty database: ids, revisions, settings, the epoch, and the numbers already given. The target's
/// schema may exist; it is one transaction there, and one moment of the source.
///
/// Fails as opening does, with `NotEmpty`, and with `Differs` where the target then reads otherwise than the source.
pub async fn copy(from: &Address, to: &Address) -> Result<Vec<Copied>> {
    must_exist(from).await?;
    let source = Store::at(from, Sharing::Alone).await.map_err(|error| error.at("--from"))?;
    let target = Store::at(to, Sharing::Alone).await.map_err(|error| error.at("--to"))?;
    let outcome = copy_all(&source, &target).await;
    source.close().await;
    target.close().await;
    outcome
}

/// Refuses a source that opening would only create.
async fn must_exist(from: &Address) -> Result<()> {
    let version = match from {
        Address::Folder(folder) => sqlite::look(folder).await?.1,
        Address::Postgres(options) => postgres::look(options).await.map_err(|error| error.at("--from"))?.1,
    };
    if version == 0 {
        return Err(StoreError::Refused { option: "--from", reason: "there is nothing to copy".to_owned() });
    }
    Ok(())
}

async fn copy_all(source: &Store, target: &Store) -> Result<Vec<Copied>> {
    let mut reading = source.read().await?;
    reading.hold().await?;
    let mut change = target.begin().await?;
    change.wait_for_others().await?;
    must_be_empty(&mut change).await?;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let read = copy_table(table, &mut reading, &mut change).await?;
        let written = table.sum(Connection::from(&mut change)).await?;
        if read != written {
            return Err(StoreError::Differs { table: table.name });
        }
        copied.push(Copied { source: read, target: written });
    }
    change.commit().await?;
    reading.let_go().await?;
    Ok(copied)
}

/// Refuses a target that has anything but its schema: a server has never run on it.
async fn must_be_empty(change: &mut Change) -> Result<()> {
    for table in &TABLES {
        let used = match table.name {
            "counters" => statement("SELECT count(*) AS number FROM counters WHERE value <> 0").number(&mut *change).await? > 0,
            _ => !table.page(None, &mut *change).await?.is_empty(),
        };
        if used {
            return Err(StoreError::NotEmpty { table: table.name });
        }
    }
    // The schema's own row, which the source's replaces.
    statement("DELETE FROM counters").run(change).await.map(drop)
}

async fn copy_table(table: &Table, reading: &mut Reading, change: &mut Change) -> Result<TableSum> {
    let mut adding = Adding::default();
    let mut page = table.page(None, &mut *reading).await?;
    while let Some(last) = page.last().cloned() {
        adding.add(&page);
        table.insert(page, Connection::from(&mut *change)).await?;
        page = table.page(Some(&last), &mut *reading).await?;
    }
    if table.is_numbered {
        let given = table.last_number(Connection::from(&mut *reading)).await?;
        table.set_last_number(given, Connection::from(change)).await?;
    }
    Ok(adding.of(table))
}
