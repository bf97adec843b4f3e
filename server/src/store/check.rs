//! Checks a database without changing it, also while a server has it open.

use super::statement::{Connection, Reading, statement};
use super::sums::TableSum;
use super::tables::TABLES;
use super::{Address, Result, postgres, sqlite};

/// What a look at a database found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Its schema version, 0 where it has none.
    pub version: i64,
    /// The newest schema version this binary knows.
    pub known: i64,
    /// What is wrong, a line each; nothing where all is well.
    pub problems: Vec<String>,
    /// Every table, where the schema is this binary's.
    pub tables: Vec<TableSum>,
}

/// Looks a database over: its schema, what the database itself says of its integrity, every reference and number, every row.
///
/// Fails as opening does, and where there is no database.
pub(crate) async fn check(address: &Address) -> Result<Checked> {
    let (mut reading, version, known) = look(address).await?;
    let mut checked = Checked { version, known, problems: Vec::new(), tables: Vec::new() };
    if version < known {
        checked.problems.push(format!("the schema is {version}, and this program's {known}: run foliostream db migrate"));
        return Ok(checked);
    }
    reading.hold().await?;
    checked.problems.extend(torn(&mut reading).await?);
    for table in &TABLES {
        checked.tables.push(table.sum(Connection::from(&mut reading)).await?);
        if table.is_numbered {
            let last = table.last_number(Connection::from(&mut reading)).await?;
            let highest = table.highest_number(Connection::from(&mut reading)).await?;
            if highest > last {
                checked.problems.push(format!("{} would give number {last} again, and has {highest}", table.name));
            }
        }
    }
    reading.let_go().await?;
    Ok(checked)
}

/// Opens a database for reading alone, also while a server has it open, and returns its schema version and the newest one this binary
/// knows.
///
/// Fails as opening does, and where there is no database.
pub(super) async fn look(address: &Address) -> Result<(Reading, i64, i64)> {
    Ok(match address {
        Address::Folder(folder) => {
            let (connection, version) = sqlite::look(folder).await?;
            (Reading::Sqlite(connection), version, sqlite::known_version())
        }
        Address::Postgres(options) => {
            let (session, version) = postgres::look(options).await?;
            (Reading::Postgres(session), version, postgres::known_version())
        }
    })
}

/// Returns what is torn: pages and indexes (as far as the database checks them), and rows that refer to nothing.
async fn torn(reading: &mut Reading) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    if matches!(reading, Reading::Sqlite(_)) {
        for row in statement("PRAGMA integrity_check(20)").all(&mut *reading).await? {
            let verdict: String = row.get("integrity_check")?;
            if verdict != "ok" {
                problems.push(verdict.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
    let orphans =
        statement("SELECT count(*) AS number FROM activities WHERE portfolio_id NOT IN (SELECT portfolio_id FROM portfolios)");
    let orphans = orphans.number(&mut *reading).await?;
    if orphans > 0 {
        problems.push(format!("{orphans} activities belong to no portfolio"));
    }
    let counters = statement("SELECT count(*) AS number FROM counters WHERE name = 'epoch'").number(reading).await?;
    if counters != 1 {
        problems.push("the counter of epochs is missing".to_owned());
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::super::testing::postgres_server::Database;
    use super::super::testing::{Kind, Place, at, change, contract, new_alert};
    use super::*;

    async fn problems(place: &Place) -> String {
        check(&place.address()).await.unwrap().problems.join("; ")
    }

    async fn a_store_in_use_is_whole(kind: Kind) {
        let (place, store) = kind.store().await;
        store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let checked = check(&place.address()).await.unwrap();
        assert_eq!((checked.version, checked.problems), (checked.known, vec![]));
        let rows: Vec<_> = checked.tables.iter().map(|table| (table.table, table.rows)).filter(|(_, rows)| *rows > 0).collect();
        assert_eq!(rows, [("counters", 1), ("alerts", 1)]);
        assert_eq!(check(&place.address()).await.unwrap().tables, checked.tables, "the same rows give the same sum");
    }

    async fn a_counter_that_is_gone_is_found(kind: Kind) {
        let (place, store) = kind.store().await;
        change(&store, statement("DELETE FROM counters")).await;
        assert!(problems(&place).await.contains("counter of epochs"));
    }

    async fn a_number_that_would_be_given_again_is_found(kind: Kind) {
        let (place, store) = kind.store().await;
        store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        change(&store, statement("UPDATE alerts SET alert_id = 9")).await;
        assert!(problems(&place).await.contains("alerts would give number"), "{}", problems(&place).await);
    }

    contract! {
        a_store_in_use_is_whole,
        a_counter_that_is_gone_is_found,
        a_number_that_would_be_given_again_is_found,
    }

    #[tokio::test]
    async fn a_database_without_the_schema_is_told_what_to_run() {
        let place = Place::Database(Database::new(None).await);
        assert!(problems(&place).await.contains("foliostream db migrate"));
        let nothing = Kind::Sqlite.place().await;
        assert!(check(&nothing.address()).await.unwrap_err().to_string().contains("there is no database"));
    }
}
