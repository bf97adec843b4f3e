//! From a text to a table: records with the lines they stand on, columns by their names, and cells as what they mean.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::dates::{DateForm, When, when_shown};
use super::entry::{Fate, Row, currency};
use super::faults::{Fault, Skip};
use super::numbers::{DecimalMark, number};
use crate::domain::money::Currency;

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
}

impl Separator {
    /// Every separator, in the order of a choice.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// Returns the name by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "tab",
            Self::Pipe => "|",
        }
    }

    /// Returns the separator of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|separator| separator.name() == name)
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

/// One record of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line of the file that it begins on, from 1.
    pub line: usize,
    /// Its cells, without quotes and without blanks around them.
    pub cells: Vec<String>,
}

/// How many records are looked at for the separator.
const LOOKED_AT: usize = 60;

/// Returns the records of a text and what separates their cells: the chosen one, else the one that most records agree upon.
pub fn records(text: &str, chosen: Option<Separator>) -> (Vec<Record>, Separator) {
    let separator = chosen.unwrap_or_else(|| {
        let score = |separator: &Separator| agreement(&read(text, *separator, LOOKED_AT));
        // Commas stand within texts and numbers, too: of equal ones another counts.
        let found = Separator::ALL.into_iter().max_by_key(score).filter(|separator| score(separator) > 0);
        found.unwrap_or(Separator::Comma)
    });
    (read(text, separator, usize::MAX), separator)
}

/// Returns how many cells stand where most records have equally many.
fn agreement(records: &[Record]) -> usize {
    let width = |record: &Record| record.cells.len();
    let alike = |of: &Record| records.iter().filter(|record| width(record) == width(of)).count() * (width(of) - 1);
    records.iter().map(alike).max().unwrap_or(0)
}

fn read(text: &str, separator: Separator, most: usize) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(separator.byte()).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut counted = (0, 1);
    let record = |record: csv::StringRecord| {
        // Blank lines before a record are passed over with it.
        let begin = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let begin = text.get(begin..).map_or(begin, |rest| begin + rest.len() - rest.trim_start_matches('\n').len());
        let lines = text.as_bytes().get(counted.0..begin).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
        counted = (begin, counted.1 + lines);
        Record { line: counted.1, cells: record.iter().map(|cell| cell.trim().to_owned()).collect() }
    };
    reader.into_records().map_while(Result::ok).take(most).map(record).collect()
}

/// The names that a column goes by, in lower case: of the first that is there its cells are read.
pub type Column = &'static [&'static str];

/// Records under a header that a format knows, with the forms that their numbers and dates have.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// The names of the columns, in lower case.
    pub columns: &'a [String],
    /// The records below the header.
    pub records: &'a [Record],
    /// How its numbers are written.
    pub decimal: DecimalMark,
    /// How its dates are written; nothing where that cannot be told.
    pub date: Option<DateForm>,
    /// Where its times are of, that name no zone.
    pub zone: TimeZone,
}

/// One record of a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    sheet: &'a Sheet<'a>,
    record: &'a Record,
}

/// Returns the name of a column as it is compared: in lower case, with single blanks.
pub fn column_name(cell: &str) -> String {
    let words: Vec<&str> = cell.trim_start_matches('\u{feff}').split_whitespace().collect();
    words.join(" ").to_lowercase()
}

impl<'a> Sheet<'a> {
    /// Returns where a column stands.
    pub fn place(&self, column: Column) -> Option<usize> {
        column.iter().find_map(|name| self.columns.iter().position(|known| known == name))
    }

    /// Returns whether it has a column.
    pub fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// Returns its records, one after the other.
    pub fn lines(&'a self) -> impl Iterator<Item = Line<'a>> {
        self.records.iter().map(move |record| Line { sheet: self, record })
    }

    /// Reads every record by itself. What a format's reader need not look at is left out before: blank records, repeated headers, and
    /// records of a single cell, such as what stands below a table.
    pub fn rows(&'a self, read: impl Fn(Line<'a>) -> Result<Fate, Fault>) -> Vec<Row> {
        self.lines().map(|line| line.row(&read)).collect()
    }
}

impl<'a> Line<'a> {
    /// Returns the line of the file that it begins on.
    pub fn number_of_line(self) -> usize {
        self.record.line
    }

    /// Returns every cell.
    pub fn cells(self) -> &'a [String] {
        &self.record.cells
    }

    /// Returns what becomes of it.
    pub fn row(self, read: impl Fn(Self) -> Result<Fate, Fault>) -> Row {
        let fate = match self.passed_over() {
            Some(skip) => Fate::Skipped(skip),
            None => read(self).unwrap_or_else(Fate::Refused),
        };
        Row { line: self.record.line, fate }
    }

    /// Returns why a record is none that a reader looks at.
    pub fn passed_over(self) -> Option<Skip> {
        let written: Vec<&String> = self.record.cells.iter().filter(|cell| !cell.is_empty()).collect();
        let is_header = self.record.cells.len() > 1
            && self.record.cells.iter().zip(self.sheet.columns).all(|(cell, name)| column_name(cell) == *name);
        match written[..] {
            [] => Some(Skip::Blank),
            _ if is_header => Some(Skip::Header),
            [_] if self.sheet.columns.len() > 2 => Some(Skip::Footer),
            [first, ..] if is_total(first) => Some(Skip::Footer),
            _ => None,
        }
    }

    /// Returns the text of a cell, empty where there is none.
    pub fn text(self, column: Column) -> &'a str {
        self.sheet.place(column).map_or("", |place| self.at(place))
    }

    /// Returns the cell that stands so many places after a column: some programs leave the next column without a name.
    pub fn after(self, column: Column, places: usize) -> &'a str {
        self.sheet.place(column).map_or("", |place| self.at(place + places))
    }

    /// Returns the name of the column that stands so many places after a column.
    pub fn column_after(self, column: Column, places: usize) -> &'a str {
        self.sheet.place(column).and_then(|place| self.sheet.columns.get(place + places)).map_or("", String::as_str)
    }

    /// Returns a cell by its place.
    pub fn at(self, place: usize) -> &'a str {
        self.record.cells.get(place).map_or("", String::as_str)
    }

    /// Returns the text of a cell where one is written.
    pub fn optional(self, column: Column) -> Option<&'a str> {
        Some(self.text(column)).filter(|text| !text.is_empty() && *text != "-")
    }

    /// Reads a number where one is written.
    pub fn optional_number(self, column: Column) -> Result<Option<Decimal>, Fault> {
        self.optional(column).map(|text| number(text, self.sheet.decimal)).transpose()
    }

    /// Reads a number that must be there.
    pub fn number(self, column: Column) -> Result<Decimal, Fault> {
        self.optional_number(column)?.ok_or_else(|| Fault::Missing(self.named(column)))
    }

    /// Reads a number that is zero where none is written.
    pub fn number_or_zero(self, column: Column) -> Result<Decimal, Fault> {
        Ok(self.optional_number(column)?.unwrap_or_default())
    }

    /// Reads a number that was found elsewhere in the file, in its form.
    pub fn number_of(self, text: &str) -> Result<Decimal, Fault> {
        number(text, self.sheet.decimal)
    }

    /// Reads when it happened.
    pub fn when(self, column: Column) -> Result<When, Fault> {
        let text = self.optional(column).ok_or_else(|| Fault::Missing(self.named(column)))?;
        self.when_of(text)
    }

    /// Reads a date that was put together from several cells.
    pub fn when_of(self, text: &str) -> Result<When, Fault> {
        when_shown(text, self.sheet.date, &self.sheet.zone)
    }

    /// Reads a currency that must be there.
    pub fn currency(self, column: Column) -> Result<Currency, Fault> {
        self.optional_currency(column)?.ok_or_else(|| Fault::Missing(self.named(column)))
    }

    /// Reads a currency where one is written.
    pub fn optional_currency(self, column: Column) -> Result<Option<Currency>, Fault> {
        self.optional(column).map(currency).transpose()
    }

    /// Returns what a column is called in this file.
    pub fn named(self, column: Column) -> String {
        let known = column.iter().find(|name| self.sheet.columns.iter().any(|known| known == *name));
        known.or(column.first()).map_or_else(String::new, |name| (*name).to_owned())
    }
}

fn is_total(cell: &str) -> bool {
    let cell = cell.trim_end_matches(':').to_lowercase();
    ["total", "totals", "subtotal", "sub total", "grand total", "transactions total", "summe", "gesamt", "totaal", "sum"]
        .contains(&cell.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(record: &Record) -> Vec<&str> {
        record.cells.iter().map(String::as_str).collect()
    }

    #[test]
    fn records_stand_on_the_lines_of_the_file() {
        let (records, separator) = records("a,b\n1,\"x\ny\"\n\n\n2,\"say \"\"hi\"\", z\"\n3", None);
        assert_eq!(separator, Separator::Comma);
        let lines: Vec<usize> = records.iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 2, 6, 7]);
        assert_eq!((cells(&records[1]), cells(&records[2])), (vec!["1", "x\ny"], vec!["2", "say \"hi\", z"]));
    }

    #[test]
    fn the_separator_is_the_one_that_most_records_agree_upon() {
        for (text, separator) in [
            ("Datum;Wert\n2024-01-01;1,50\n2024-01-02;2,50\n", Separator::Semicolon),
            ("a\tb, c\n1\t2, 3\n", Separator::Tab),
            ("a|b|c\n1|2|3\n", Separator::Pipe),
            ("one\ntwo\n", Separator::Comma),
            ("Title, of a report\n\na;b;c\n1;2;3\n4;5;6\n", Separator::Semicolon),
        ] {
            assert_eq!(records(text, None).1, separator, "{text}");
        }
        assert_eq!(records("a,b;c", Some(Separator::Semicolon)).0[0].cells, ["a,b", "c"]);
    }
}
