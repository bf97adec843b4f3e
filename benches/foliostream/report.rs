//! The printed table.

use std::fmt;

/// A median of rounds, and the lowest and highest of them.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// The middle round.
    pub median: f64,
    /// The lowest and the highest round.
    pub spread: (f64, f64),
}

impl Figure {
    /// Takes the rounds' results, at least one.
    pub(crate) fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let (first, last) = (rounds.first().copied().unwrap_or(f64::NAN), rounds.last().copied().unwrap_or(f64::NAN));
        let upper = rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN);
        let lower = rounds.get(rounds.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN);
        Self { median: f64::midpoint(lower, upper), spread: (first, last) }
    }

    /// Divides everything, as from nanoseconds to microseconds.
    #[must_use]
    pub(crate) fn per(self, divisor: f64) -> Self {
        Self { median: self.median / divisor, spread: (self.spread.0 / divisor, self.spread.1 / divisor) }
    }
}

/// What is to be reached: at most this, in the figure's unit.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub f64);

struct Row {
    what: String,
    figure: String,
    spread: String,
    target: String,
}

/// Rows in the order they were measured in, and what is to be said about them.
#[derive(Default)]
pub(crate) struct Report {
    heading: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    /// Says on what and when.
    pub(crate) fn heading(&mut self, heading: String) {
        self.heading = heading;
    }

    /// Adds a figure in `unit`.
    pub(crate) fn row(&mut self, what: impl Into<String>, unit: &str, figure: &Figure, target: Option<Target>) {
        let verdict = |target: Target| {
            let reached = if figure.median <= target.0 { "reached" } else { "MISSED" };
            format!("≤ {} {unit}: {reached}", digits(target.0))
        };
        let (low, high) = figure.spread;
        let spread = if low == high { String::new() } else { format!("{} to {}", digits(low), digits(high)) };
        self.rows.push(Row {
            what: what.into(),
            figure: format!("{} {unit}", digits(figure.median)),
            spread,
            target: target.map(verdict).unwrap_or_default(),
        });
    }

    /// Adds a figure measured once.
    pub(crate) fn once(&mut self, what: impl Into<String>, unit: &str, figure: f64, target: Option<Target>) {
        self.row(what, unit, &Figure::of(vec![figure]), target);
    }

    /// Returns whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.notes.is_empty()
    }

    /// Adds a line below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = Row { what: "what".into(), figure: "median".into(), spread: "rounds".into(), target: "target".into() };
        let rows = || std::iter::once(&head).chain(&self.rows);
        let width = |of: fn(&Row) -> &String| rows().map(|row| of(row).chars().count()).max().unwrap_or_default();
        let widths = [width(|row| &row.what), width(|row| &row.figure), width(|row| &row.spread), width(|row| &row.target)];
        writeln!(formatter, "{}\n", self.heading)?;
        for (index, row) in rows().enumerate() {
            let Row { what, figure, spread, target } = row;
            let [first, second, third, fourth] = widths;
            writeln!(formatter, "| {what:first$} | {figure:>second$} | {spread:>third$} | {target:fourth$} |")?;
            if index == 0 {
                let line = |width: usize| "-".repeat(width);
                writeln!(formatter, "|-{}-|-{}:|-{}:|-{}-|", line(first), line(second), line(third), line(fourth))?;
            }
        }
        for note in &self.notes {
            writeln!(formatter, "\n{note}")?;
        }
        Ok(())
    }
}

/// Writes three significant digits, and whole numbers from a hundred on.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
