//! The reading of a file: every step by what is recognised or chosen.

use std::collections::BTreeMap;

use super::dates::{self, DateForm, Shown};
use super::entry::{Fate, Row};
use super::faults::{Refusal, Skip};
use super::format::{Format, Reader, TableFormat};
use super::formats;
use super::numbers::{self, DecimalMark};
use super::table::{self, Record, Separator, Sheet};
use super::text::{self, Encoding};

/// What was chosen instead of what is recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The format, by its name.
    pub format: Option<String>,
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The separator.
    pub separator: Option<Separator>,
    /// How numbers are written.
    pub decimal: Option<DecimalMark>,
    /// How dates are written.
    pub date: Option<DateForm>,
    /// Which column of the file holds what, by the names of [`formats::columns::FIELDS`]: for a table that no format knows.
    pub columns: BTreeMap<String, String>,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The name of the format.
    pub format: &'static str,
    /// The encoding.
    pub encoding: Encoding,
    /// What separates the cells of a table.
    pub separator: Option<Separator>,
    /// How the numbers of a table are written.
    pub decimal: Option<DecimalMark>,
    /// How the dates of a table are written; nothing where that cannot be told, which makes a fault of every date.
    pub date: Option<DateForm>,
    /// The columns of a table, as the file calls them.
    pub columns: Vec<String>,
    /// What becomes of every row, in the order of the file.
    pub rows: Vec<Row>,
}

/// Reads a file.
pub fn read(bytes: &[u8], choices: &Choices) -> Result<Reading, Refusal> {
    let (text, encoding) = text::decode(bytes, choices.encoding)?;
    let wanted = |format: &&Format| choices.format.as_ref().is_none_or(|name| format.name == name);
    for format in formats::ALL.iter().filter(wanted) {
        if let Reader::Text { recognise, read } = format.reader
            && recognise(&text)
        {
            let rows = read(&text)?;
            return whole(Reading {
                format: format.name,
                encoding,
                separator: None,
                decimal: None,
                date: None,
                columns: Vec::new(),
                rows,
            });
        }
    }
    let (records, separator) = table::records(&text, choices.separator);
    let (name, format, header) = find_table(&records, choices)
        .ok_or_else(|| if records.len() > 1 { Refusal::Unknown(widest(&records)) } else { Refusal::NoRows })?;
    let columns: Vec<String> = records[header].cells.iter().map(|cell| table::column_name(cell)).collect();
    let records_below = &records[header + 1..];
    let chosen;
    let columns_read = if choices.columns.is_empty() || name != formats::columns::NAME {
        &columns
    } else {
        chosen = formats::columns::renamed(&columns, &choices.columns);
        &chosen
    };
    let decimal = choices.decimal.or(format.decimal).or_else(|| shown_decimal(format, columns_read, records_below));
    let shown = shown_date(format, columns_read, records_below);
    let date = choices.date.or(format.date).or(match shown {
        Some(Shown::Form(form)) => Some(form),
        Some(Shown::Ambiguous) => None,
        None => Some(DateForm::YearFirst),
    });
    let sheet = Sheet {
        columns: columns_read,
        records: records_below,
        decimal: decimal.unwrap_or(DecimalMark::Point),
        date,
        zone: format.zone(),
    };
    whole(Reading {
        format: name,
        encoding,
        separator: Some(separator),
        decimal: Some(sheet.decimal),
        date,
        columns: records[header].cells.clone(),
        rows: (format.read)(&sheet),
    })
}

/// Refuses a reading of which no row is left but what is passed over.
fn whole(reading: Reading) -> Result<Reading, Refusal> {
    let is_row = |row: &Row| !matches!(row.fate, Fate::Skipped(Skip::Blank | Skip::Header | Skip::Footer));
    if reading.rows.iter().any(is_row) { Ok(reading) } else { Err(Refusal::NoRows) }
}

/// How many records may stand above a header.
const ABOVE_A_HEADER: usize = 40;

/// Returns the format whose header is found, and where: of several the one with the most columns, and of one table without a known header
/// that of columns that say what they hold.
fn find_table(records: &[Record], choices: &Choices) -> Option<(&'static str, &'static TableFormat, usize)> {
    let wanted = |format: &&Format| choices.format.as_ref().is_none_or(|name| format.name == name);
    let names = |record: &Record| record.cells.iter().map(|cell| table::column_name(cell)).collect::<Vec<_>>();
    let headers: Vec<(usize, Vec<String>)> = records.iter().take(ABOVE_A_HEADER).map(names).enumerate().collect();
    let mut found: Option<(&'static str, &'static TableFormat, usize)> = None;
    for format in formats::ALL.iter().filter(wanted) {
        let Reader::Table(table) = &format.reader else { continue };
        let is_header = |(_, names): &&(usize, Vec<String>)| {
            table.header.iter().all(|column| column.iter().any(|name| names.iter().any(|known| known == name)))
        };
        let Some((at, _)) = headers.iter().find(is_header) else { continue };
        if found.is_none_or(|(_, known, _)| table.header.len() > known.header.len()) {
            found = Some((format.name, table, *at));
        }
    }
    let by_columns = || {
        let at = headers.iter().find(|(_, names)| formats::columns::is_header(names, &choices.columns))?.0;
        Some((formats::columns::NAME, &formats::columns::TABLE, at))
    };
    let may_be_any = choices.format.as_ref().is_none_or(|name| name == formats::columns::NAME);
    found.or_else(|| may_be_any.then(by_columns).flatten())
}

/// Returns the columns that a person can choose from: the first of the widest records.
fn widest(records: &[Record]) -> Vec<String> {
    let width = |record: &&Record| record.cells.iter().filter(|cell| !cell.is_empty()).count();
    let widest = records.iter().take(ABOVE_A_HEADER).rev().max_by_key(width);
    widest.filter(|record| record.cells.len() > 1).map(|record| record.cells.clone()).unwrap_or_default()
}

/// Returns the cells of some columns.
fn cells<'a>(of: &'a [table::Column], columns: &'a [String], records: &'a [Record]) -> impl Iterator<Item = &'a str> {
    let is_of = move |name: &String| of.iter().any(|column| column.contains(&name.as_str()));
    let places: Vec<usize> = columns.iter().enumerate().filter(|(_, name)| is_of(name)).map(|(place, _)| place).collect();
    let cell = |record: &'a Record, place: usize| record.cells.get(place).map(String::as_str);
    records.iter().flat_map(move |record| places.clone().into_iter().filter_map(move |place| cell(record, place)))
}

fn shown_decimal(format: &TableFormat, columns: &[String], records: &[Record]) -> Option<DecimalMark> {
    numbers::decimal_mark(cells(format.numbers, columns, records))
}

fn shown_date(format: &TableFormat, columns: &[String], records: &[Record]) -> Option<Shown> {
    dates::shown_form(cells(format.dates, columns, records))
}
