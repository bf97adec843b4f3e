//! Every table as rows of plain values, for what must see all of them alike: checking and copying.

use super::Result;
use super::statement::{Connection, ROWS_AT_ONCE, Row, Statement, statement};
use super::sums::{Adding, TableSum};
use super::value::Value;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// The type of a column's values.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Integer,
    Text,
    Flag,
}

use Kind::{Flag, Integer, Text};

/// A table: its key stands first, and orders its rows.
#[derive(Debug)]
pub(crate) struct Table {
    /// The name of the table in both databases.
    pub name: &'static str,
    /// How many columns make its key.
    key: usize,
    columns: &'static [(&'static str, Kind)],
    /// Whether the database gives its keys, each once.
    pub is_numbered: bool,
}

/// Every table; what others refer to comes first.
pub(crate) const TABLES: [Table; 20] = [
    Table { name: "counters", key: 1, is_numbered: false, columns: &[("name", Text), ("value", Integer)] },
    Table { name: "terms", key: 1, is_numbered: false, columns: &[("number", Integer), ("mark", Integer), ("last_n", Integer)] },
    Table { name: "settings", key: 1, is_numbered: false, columns: &[("key", Text), ("value", Text)] },
    Table {
        name: "portfolios",
        key: 1,
        is_numbered: false,
        columns: &[
            ("portfolio_id", Text),
            ("name", Text),
            ("currency", Text),
            ("revision", Integer),
            ("created_at_us", Integer),
            ("track_cash", Flag),
            ("owner", Text),
        ],
    },
    Table {
        name: "accounts",
        key: 1,
        is_numbered: true,
        columns: &[("account_id", Integer), ("portfolio_id", Text), ("name", Text), ("currency", Text), ("kind", Text)],
    },
    Table {
        name: "activities",
        key: 1,
        is_numbered: true,
        columns: &[
            ("activity_id", Integer),
            ("portfolio_id", Text),
            ("kind", Text),
            ("time_us", Integer),
            ("ticker", Text),
            ("quantity", Text),
            ("price", Text),
            ("amount", Text),
            ("fee", Text),
            ("tax", Text),
            ("currency", Text),
            ("exchange_rate", Text),
            ("converted", Flag),
            ("note", Text),
            ("date_only", Flag),
            ("revision", Integer),
            ("exchange_rate_estimated", Flag),
            ("opens_short", Flag),
            ("account_id", Integer),
            ("tags", Text),
            ("entered_at_us", Integer),
            ("entered_by", Text),
        ],
    },
    Table {
        name: "activity_changes",
        key: 2,
        is_numbered: false,
        columns: &[
            ("activity_id", Integer),
            ("revision", Integer),
            ("portfolio_id", Text),
            ("changed_at_us", Integer),
            ("changed_by", Text),
            ("change", Text),
            ("entry", Text),
        ],
    },
    Table {
        name: "alerts",
        key: 1,
        is_numbered: true,
        columns: &[
            ("alert_id", Integer),
            ("revision", Integer),
            ("repeat", Text),
            ("cooldown_s", Integer),
            ("expires_at_us", Integer),
            ("note", Text),
            ("state", Text),
            ("acknowledged", Flag),
            ("created_at_us", Integer),
            ("triggered_at_us", Integer),
            ("owner", Text),
            ("rule", Text),
            ("memory", Text),
        ],
    },
    Table {
        name: "notifications",
        key: 1,
        is_numbered: true,
        columns: &[
            ("n", Integer),
            ("alert_id", Integer),
            ("ticker", Text),
            ("condition", Text),
            ("threshold", Text),
            ("price", Text),
            ("previous_price", Text),
            ("message", Text),
            ("change_percent", Text),
            ("note", Text),
            ("currency", Text),
            ("time_us", Integer),
            ("fired_at_us", Integer),
            ("gap", Flag),
            ("read", Flag),
            ("owner", Text),
            ("deleted", Flag),
        ],
    },
    Table {
        name: "instrument_notes",
        key: 2,
        is_numbered: false,
        columns: &[("owner", Text), ("ticker", Text), ("note", Text), ("changed_at_us", Integer)],
    },
    Table {
        name: "instruments",
        key: 1,
        is_numbered: false,
        columns: &[
            ("ticker", Text),
            ("name", Text),
            ("currency", Text),
            ("class", Text),
            ("price_decimals", Integer),
            ("isin", Text),
            ("sector", Text),
            ("country", Text),
        ],
    },
    Table {
        name: "quotes",
        key: 1,
        is_numbered: false,
        columns: &[
            ("ticker", Text),
            ("price", Text),
            ("bid", Text),
            ("ask", Text),
            ("volume", Text),
            ("currency", Text),
            ("previous_close", Text),
            ("time_us", Integer),
            ("received_at_us", Integer),
            ("session_start_us", Integer),
            ("session", Text),
            ("freshness", Text),
            ("source", Text),
            ("delay_s", Integer),
        ],
    },
    Table {
        name: "bars",
        key: 2,
        is_numbered: false,
        columns: &[
            ("ticker", Text),
            ("day", Text),
            ("open", Text),
            ("high", Text),
            ("low", Text),
            ("close", Text),
            ("volume", Text),
        ],
    },
    Table { name: "dated_prices", key: 2, is_numbered: false, columns: &[("ticker", Text), ("day", Text), ("price", Text)] },
    Table {
        name: "idempotency_keys",
        key: 2,
        is_numbered: false,
        columns: &[("owner", Text), ("key", Text), ("asked", Text), ("answer", Text), ("created_at_us", Integer)],
    },
    Table {
        name: "applied_orders",
        key: 1,
        is_numbered: false,
        columns: &[
            ("place", Integer),
            ("order_id", Text),
            ("ticks", Integer),
            ("accepted", Integer),
            ("ignored", Integer),
            ("whole", Flag),
        ],
    },
    Table {
        name: "imports",
        key: 1,
        is_numbered: false,
        columns: &[
            ("import_id", Text),
            ("owner", Text),
            ("portfolio_id", Text),
            ("created_at_us", Integer),
            ("file_name", Text),
            ("file", Text),
            ("choices", Text),
            ("format", Text),
            ("state", Text),
            ("finished_at_us", Integer),
            ("entries", Integer),
        ],
    },
    Table {
        name: "imported",
        key: 1,
        is_numbered: false,
        columns: &[("activity_id", Integer), ("import_id", Text), ("line", Integer), ("reference", Text)],
    },
    Table {
        name: "jobs",
        key: 1,
        is_numbered: false,
        columns: &[
            ("job_id", Text),
            ("owner", Text),
            ("kind", Text),
            ("about", Text),
            ("state", Text),
            ("done", Integer),
            ("total", Integer),
            ("is_to_end", Flag),
            ("message", Text),
            ("result", Text),
            ("created_at_us", Integer),
            ("heard_at_us", Integer),
            ("finished_at_us", Integer),
        ],
    },
    Table { name: "progress", key: 1, is_numbered: false, columns: &[("name", Text), ("value", Text)] },
];

impl Table {
    /// Returns the first rows behind a row, in the order of their keys; none when there are no more.
    pub(crate) async fn page<'a>(&self, behind: Option<&Vec<Value>>, on: impl Into<Connection<'a>>) -> Result<Vec<Vec<Value>>> {
        let (columns, key) = (names(self.columns), names(&self.columns[..self.key]));
        let read = format!("SELECT {columns} FROM {}", self.name);
        let order = format!("ORDER BY {key} LIMIT {PAGE}");
        let query = match behind {
            Some(row) => {
                let key_values = row[..self.key].to_vec();
                Statement::of_rows(&format!("{read} WHERE ({key}) >"), self.key, [key_values], &order)
            }
            None => Statement::of_rows(&read, 0, [], &order),
        };
        let rows = query.all(on).await?;
        rows.iter().map(|row| Ok(self.columns.iter().map(|column| value(row, *column)).collect::<Read<_>>()?)).collect()
    }

    /// Writes rows that are not there yet.
    pub(crate) async fn insert(&self, rows: Vec<Vec<Value>>, mut on: Connection<'_>) -> Result<()> {
        let before = format!("INSERT INTO {} ({}) VALUES", self.name, names(self.columns));
        for some in rows.chunks(ROWS_AT_ONCE) {
            Statement::of_rows(&before, self.columns.len(), some.to_vec(), "").run(on.again()).await?;
        }
        Ok(())
    }

    /// Adds up every row.
    pub(crate) async fn sum(&self, mut on: Connection<'_>) -> Result<TableSum> {
        let mut adding = Adding::default();
        let mut page = self.page(None, on.again()).await?;
        while !page.is_empty() {
            adding.add(&page);
            page = self.page(page.last(), on.again()).await?;
        }
        Ok(adding.of(self.name))
    }

    /// Returns the highest number that was ever given, 0 before the first; also of a row that is gone.
    pub(crate) async fn last_number(&self, on: Connection<'_>) -> Result<i64> {
        let query = match on {
            #[cfg(test)]
            Connection::Still(_) => unreachable!("tables are not copied in a simulation"),
            Connection::Sqlite(_) | Connection::Direct(_) => {
                statement("SELECT coalesce(max(seq), 0) AS number FROM sqlite_sequence WHERE name = $1").bind(self.name)
            }
            Connection::Postgres(_) => {
                statement("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0) AS number")
                    .bind(self.name)
                    .bind(self.columns[0].0)
            }
        };
        query.number(on).await
    }

    /// Sets the highest number that was ever given, so that none is given twice.
    pub(crate) async fn set_last_number(&self, number: i64, mut on: Connection<'_>) -> Result<()> {
        match &on {
            #[cfg(test)]
            Connection::Still(_) => unreachable!("tables are not copied in a simulation"),
            Connection::Sqlite(_) | Connection::Direct(_) => {
                statement("DELETE FROM sqlite_sequence WHERE name = $1").bind(self.name).run(on.again()).await?;
                let write = statement("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)");
                write.bind(self.name).bind(number).run(on).await?;
            }
            // A sequence has no zero; before its first number it is new already.
            Connection::Postgres(_) if number > 0 => {
                let write = statement("SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3) AS number");
                write.bind(self.name).bind(self.columns[0].0).bind(number).number(on).await?;
            }
            Connection::Postgres(_) => {}
        }
        Ok(())
    }

    /// Returns the highest number a row has, 0 without rows.
    pub(crate) async fn highest_number(&self, on: Connection<'_>) -> Result<i64> {
        let before = format!("SELECT coalesce(max({}), 0) AS number FROM {}", self.columns[0].0, self.name);
        Statement::of_rows(&before, 0, [], "").number(on).await
    }
}

type Read<T> = std::result::Result<T, sqlx::Error>;

fn value(row: &Row, (name, kind): (&'static str, Kind)) -> Read<Value> {
    Ok(match kind {
        Integer => Value::Integer(row.get(name)?),
        Text => Value::Text(row.get(name)?),
        Flag => Value::Flag(row.get(name)?),
    })
}

fn names(columns: &[(&'static str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
