//! Tables in Markdown that can also be read as they are.

use std::fmt;

use crate::report::{Figure, digits};

/// A heading and rows.
pub(crate) struct Table {
    heading: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Begins a table.
    pub(crate) fn new(heading: impl Into<String>, head: &[&str]) -> Self {
        Self { heading: heading.into(), rows: vec![head.iter().map(|&name| name.to_owned()).collect()] }
    }

    /// Adds a row with one cell for each name of the head.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// Writes the median, and the rounds' lowest and highest where they differ.
pub(crate) fn cell(figure: &Figure) -> String {
    if figure.median.is_nan() {
        return "–".to_owned();
    }
    let (median, low, high) = (digits(figure.median), digits(figure.spread.0), digits(figure.spread.1));
    if low == high { median } else { format!("{median} ({low} to {high})") }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "## {}\n", self.heading)?;
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
        for (index, row) in self.rows.iter().enumerate() {
            for (number, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Names to the left, figures to the right.
                if number == 0 { write!(formatter, "| {cell:width$} |")? } else { write!(formatter, " {cell:>width$} |")? }
            }
            writeln!(formatter)?;
            if index == 0 {
                let line = |(number, width): (usize, &usize)| {
                    if number == 0 { format!("|-{}-|", "-".repeat(*width)) } else { format!("-{}:|", "-".repeat(*width)) }
                };
                writeln!(formatter, "{}", widths.iter().enumerate().map(line).collect::<String>())?;
            }
        }
        Ok(())
    }
}
