//! Files with several tables, one below the other.

use jiff::tz::TimeZone;

use crate::import::dates::{DateForm, Shown, shown_form};
use crate::import::entry::{Fate, Row};
use crate::import::faults::Skip;
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Record, Sheet, column_name};

/// One table of several.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it is called.
    pub title: String,
    /// The names of its columns, in lower case.
    pub columns: Vec<String>,
    /// The records below its header.
    pub records: Vec<Record>,
    /// The line of its header, where it has one.
    pub line: Option<usize>,
}

impl Part {
    /// Returns a table under a header.
    pub fn under(title: &str, header: &Record) -> Self {
        let columns = header.cells.iter().map(|cell| column_name(cell)).collect();
        Self { title: title.to_owned(), columns, records: Vec::new(), line: Some(header.line) }
    }

    /// Returns its records as cells of columns, with numbers of a decimal point.
    pub fn sheet(&self, date: Option<DateForm>, zone: TimeZone) -> Sheet<'_> {
        Sheet { columns: &self.columns, records: &self.records, decimal: DecimalMark::Point, date, zone }
    }

    /// Returns the form that the dates of a column show.
    pub fn shown(&self, column: Column) -> Option<DateForm> {
        let place = column.iter().find_map(|name| self.columns.iter().position(|known| known == name));
        let cells = self.records.iter().filter_map(|record| record.cells.get(place?)).map(String::as_str);
        match shown_form(cells) {
            Some(Shown::Form(form)) => Some(form),
            Some(Shown::Ambiguous) => None,
            None => Some(DateForm::YearFirst),
        }
    }

    /// Leaves out all of its records for one reason.
    pub fn skipped(&self, skip: &Skip) -> Vec<Row> {
        self.records.iter().map(|record| Row { line: record.line, fate: Fate::Skipped(skip.clone()) }).collect()
    }
}

/// Parts records whose first cell names their table and whose second says what they are, such as `Header` and `Data`.
pub fn named_in_first_cell(records: Vec<Record>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for record in records {
        let title = record.cells.first().cloned().unwrap_or_default();
        let is_header = record.cells.get(1).is_some_and(|kind| kind == "Header");
        match parts.iter_mut().rev().find(|part| part.title == title) {
            Some(part) if !is_header => part.records.push(record),
            _ if is_header => parts.push(Part::under(&title, &record)),
            _ => parts.push(Part { title, columns: Vec::new(), line: None, records: vec![record] }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::table;

    #[test]
    fn tables_are_told_apart_by_their_first_cell() {
        let text = "A,Header,Date,X\nA,Data,2024-01-02,1\nB,Data,3\nA,Header,Date,Y\nA,Data,03/14/2024,2\nA,Total,,4\n";
        let parts = named_in_first_cell(table::records(text, None).0);
        let told: Vec<_> = parts.iter().map(|part| (part.title.as_str(), part.line, part.records.len())).collect();
        assert_eq!(told, [("A", Some(1), 1), ("B", None, 1), ("A", Some(4), 2)]);
        assert_eq!(parts[2].shown(&["date"]), Some(DateForm::MonthFirst));
        assert_eq!(parts[1].skipped(&Skip::Detail), [Row { line: 3, fate: Fate::Skipped(Skip::Detail) }]);
    }
}
