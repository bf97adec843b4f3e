//! The formats: one file for each program, and a list of all.
//!
//! A format is recognised by its header, if it is a table, or else by how its text begins. Its reader says what becomes of every row. How
//! a new one is added stands in docs/IMPORT.md.

use super::format::Format;

pub mod columns;
pub mod comdirect;
pub mod delta;
pub mod figures;
pub mod ghostfolio;
pub mod google_finance;
pub mod json;
pub mod kinds;
pub mod own;
pub mod parqet;
pub mod portfolio_performance;
pub mod pytr;
pub mod scalable;
pub mod settlements;
pub mod sharesight;
pub mod trade_republic;
pub mod wealthfolio;
pub mod yahoo;

#[cfg(test)]
mod tests;

/// Every format. A text is of the first that recognises it, a table of the one whose header has the most columns.
pub const ALL: &[Format] = &[
    own::FORMAT,
    comdirect::FORMAT,
    delta::FORMAT,
    ghostfolio::FORMAT,
    ghostfolio::TABLE,
    google_finance::FORMAT,
    parqet::FORMAT,
    portfolio_performance::FORMAT,
    portfolio_performance::TABLE,
    pytr::FORMAT,
    scalable::FORMAT,
    settlements::FORMAT,
    sharesight::FORMAT,
    trade_republic::FORMAT,
    wealthfolio::FORMAT,
    yahoo::FORMAT,
];

/// The programs, by how the names of their formats begin.
pub const PROGRAMS: &[(&str, &str)] = &[
    ("foliostream", "Foliostream"),
    ("comdirect", "comdirect"),
    ("delta", "Delta"),
    ("ghostfolio", "Ghostfolio"),
    ("google_finance", "Google Finance"),
    ("parqet", "Parqet"),
    ("portfolio_performance", "Portfolio Performance"),
    ("pytr", "pytr"),
    ("scalable", "Scalable Capital"),
    ("settlements", "Wealthfolio"),
    ("sharesight", "Sharesight"),
    ("trade_republic", "Trade Republic"),
    ("wealthfolio", "Wealthfolio"),
    ("yahoo", "Yahoo Finance"),
];

/// Returns the program that a format is of; nothing for any table.
///
/// ```
/// use foliostream::import::formats::program_of;
/// assert_eq!(program_of("foliostream"), "Foliostream");
/// assert_eq!(program_of("columns"), "");
/// ```
pub fn program_of(format: &str) -> &'static str {
    PROGRAMS.iter().find(|(begin, _)| format.starts_with(begin)).map_or("", |(_, program)| program)
}
