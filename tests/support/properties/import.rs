//! Imports: any file is read or refused, and what is read of it makes sense.

use foliostream::domain::activity::Sign;
use foliostream::import::entry::{Entry, Fate};
use foliostream::import::format::Reader;
use foliostream::import::formats;
use foliostream::import::reading::{Choices, read};
use rust_decimal::Decimal;

/// Checks what any bytes are as a file.
pub(crate) fn any_file(bytes: &[u8]) {
    let Ok(reading) = read(bytes, &Choices::default()) else { return };
    for row in &reading.rows {
        assert!(row.line > 0, "{row:?}");
        if let Fate::Entries(entries) = &row.fate {
            assert!(!entries.is_empty(), "line {} is nothing without a reason", row.line);
            for entry in entries {
                any_entry(entry, reading.format);
            }
        }
    }
}

/// Checks any cells under the header that a format goes by: a text that by itself would be recognised once in a lifetime.
pub(crate) fn any_table(format: usize, cells: &[Vec<String>]) {
    let tables: Vec<_> = formats::ALL
        .iter()
        .filter_map(|format| if let Reader::Table(table) = &format.reader { Some(table) } else { None })
        .collect();
    let table = tables[format % tables.len()];
    let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
    let header: Vec<String> =
        table.header.iter().chain(table.numbers).chain(table.dates).map(|column| quoted(column[0])).collect();
    let lines = cells.iter().map(|cells| cells.iter().take(header.len()).map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
    let text: Vec<String> = [header.join(",")].into_iter().chain(lines).collect();
    any_file(text.join("\n").as_bytes());
}

/// Checks that an entry has the figures of its kind, as far as a file can tell them.
fn any_entry(entry: &Entry, format: &str) {
    let figures = entry.kind.figures();
    assert_eq!(entry.quantity > Decimal::ZERO, figures.quantity, "{format}: {entry:?}");
    assert!(!entry.price.is_sign_negative() || entry.price.is_zero(), "{format}: {entry:?}");
    match figures.amount {
        Some(Sign::Positive) => assert!(entry.amount > Decimal::ZERO, "{format}: {entry:?}"),
        Some(Sign::Either) => assert!(!entry.amount.is_zero(), "{format}: {entry:?}"),
        None => assert!(entry.amount.is_zero(), "{format}: {entry:?}"),
    }
    assert_eq!(entry.instrument.is_some(), figures.ticker, "{format}: {entry:?}");
}
