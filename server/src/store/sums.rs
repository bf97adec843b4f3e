//! What the rows of a table come to: the same in both databases.

use sha2::{Digest, Sha256};

use super::value::Value;

/// How many rows a table has, and what they come to: the same rows give the same sum in either database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableSum {
    /// The name of the table.
    pub table: &'static str,
    /// The number of rows of the table.
    pub rows: u64,
    /// SHA-256 over its rows in the order of their keys, in hexadecimal.
    pub sum: String,
}

/// A sum under way.
#[derive(Default)]
pub(crate) struct Adding {
    rows: u64,
    hash: Sha256,
}

impl Adding {
    /// Adds rows, in the order of their keys. Each value says its kind and where it ends, so that no two tables read alike.
    pub(crate) fn add(&mut self, rows: &[Vec<Value>]) {
        for value in rows.iter().flatten() {
            let text = match value {
                Value::Integer(None) | Value::Text(None) | Value::Flag(None) => "-".to_owned(),
                Value::Integer(Some(number)) => format!("i{number};"),
                Value::Text(Some(text)) => format!("t{}:{text}", text.len()),
                Value::Flag(Some(flag)) => format!("f{};", u8::from(*flag)),
            };
            self.hash.update(text);
        }
        self.rows += rows.len() as u64;
    }

    /// Returns the number of rows, and the hash over all of them in hexadecimal.
    pub(crate) fn of(self, table: &'static str) -> TableSum {
        let sum = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        TableSum { table, rows: self.rows, sum }
    }
}
