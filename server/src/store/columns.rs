//! How domain values stand in columns: decimals and names as text, times as microseconds since 1970, UTC.

use std::error::Error;
use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::statement::Row;
use foliostream::domain::instrument::Ticker;
use foliostream::wire::live::Owned;

type Read<T> = Result<T, sqlx::Error>;

/// Reads text that parses: a decimal with its scale, a currency, a day.
pub(crate) fn parsed<T>(row: &Row, column: &'static str) -> Read<T>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| undecodable(column, error))
}

/// Reads text that parses, or nothing.
pub(crate) fn parsed_option<T>(row: &Row, column: &'static str) -> Read<Option<T>>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    let text: Option<String> = row.get(column)?;
    text.as_deref().map(str::parse).transpose().map_err(|error| undecodable(column, error))
}

/// Reads a ticker, also one that only earlier versions took.
pub(crate) fn ticker(row: &Row, column: &'static str) -> Read<Ticker> {
    let text: String = row.get(column)?;
    Ticker::kept(&text).map_err(|error| undecodable(column, error))
}

/// Reads a ticker, or nothing.
pub(crate) fn ticker_option(row: &Row, column: &'static str) -> Read<Option<Ticker>> {
    let text: Option<String> = row.get(column)?;
    text.as_deref().map(Ticker::kept).transpose().map_err(|error| undecodable(column, error))
}

/// Reads a closed enum by the name it has on the wire.
pub(crate) fn named<T: DeserializeOwned>(row: &Row, column: &'static str) -> Read<T> {
    let name: String = row.get(column)?;
    serde_json::from_value(Value::String(name)).map_err(|error| undecodable(column, error))
}

/// Reads a time, which is stored in microseconds since 1970.
pub(crate) fn time(row: &Row, column: &'static str) -> Read<Timestamp> {
    let micros: i64 = row.get(column)?;
    Timestamp::from_microsecond(micros).map_err(|error| undecodable(column, error))
}

/// Reads a time, or nothing.
pub(crate) fn time_option(row: &Row, column: &'static str) -> Read<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    micros.map(Timestamp::from_microsecond).transpose().map_err(|error| undecodable(column, error))
}

/// Reads a number that is never negative and never large.
pub(crate) fn small(row: &Row, column: &'static str) -> Read<u32> {
    let number: i64 = row.get(column)?;
    u32::try_from(number).map_err(|error| undecodable(column, error))
}

/// Reads whose a row is, and its revision.
pub(crate) fn owned_revision(row: &Row) -> Read<Owned<i64>> {
    Ok(Owned { owner: parsed(row, "owner")?, view: row.get("revision")? })
}

/// Reads every row with `read`; the first that cannot be read fails.
pub(crate) fn read_all<T>(rows: &[Row], read: impl Fn(&Row) -> Read<T>) -> super::Result<Vec<T>> {
    Ok(rows.iter().map(read).collect::<Read<_>>()?)
}

/// Writes a closed enum by the name it has on the wire.
pub(crate) fn name(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("an enum without fields serialises");
    value.as_str().expect("an enum without fields serialises as its name").to_owned()
}

/// Writes a time; what is below a microsecond is cut.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// Writes a decimal with its scale.
pub(crate) fn digits(decimal: Option<Decimal>) -> Option<String> {
    decimal.map(|decimal| decimal.to_string())
}

/// Names the column whose content nothing in the domain can be.
pub(crate) fn undecodable(column: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}
