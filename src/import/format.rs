//! What a format is: how it is recognised and read.

use jiff::tz::TimeZone;

use super::dates::DateForm;
use super::entry::Row;
use super::faults::Refusal;
use super::numbers::DecimalMark;
use super::table::{Column, Sheet};

/// A format of files.
#[derive(Debug)]
pub struct Format {
    /// The name by which it is chosen and told, such as `portfolio_performance`.
    pub name: &'static str,
    /// How it is recognised and read.
    pub reader: Reader,
}

/// How a format is recognised and read.
#[derive(Debug)]
pub enum Reader {
    /// A table.
    Table(TableFormat),
    /// Any other text, such as JSON or XML.
    Text {
        /// Whether a text is of this format.
        recognise: fn(&str) -> bool,
        /// Reads the rows.
        read: fn(&str) -> Result<Vec<Row>, Refusal>,
    },
}

/// A table with a header.
#[derive(Debug)]
pub struct TableFormat {
    /// Columns that its header has, all of them; no other format has all of them, or that one asks for more.
    pub header: &'static [Column],
    /// The columns of numbers: what stands there shows how they are written.
    pub numbers: &'static [Column],
    /// The columns of dates.
    pub dates: &'static [Column],
    /// How its numbers are always written, where the program has one form alone.
    pub decimal: Option<DecimalMark>,
    /// How its dates are always written, where the program has one form alone.
    pub date: Option<DateForm>,
    /// The zone of its times, such as `America/New_York`; UTC where none is told.
    pub zone: Option<&'static str>,
    /// Reads the rows.
    pub read: fn(&Sheet<'_>) -> Vec<Row>,
}

impl TableFormat {
    /// Returns the zone of its times.
    pub fn zone(&self) -> TimeZone {
        self.zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
    }
}
