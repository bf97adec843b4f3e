//! The formats: one file for each program, and a list of all.
//!
//! A format is recognised by its header, if it is a table, or else by how its text begins. Its reader says what becomes of every row. How
//! a new one is added stands in docs/IMPORT.md.

use super::format::Format;

pub mod columns;
pub mod kinds;
pub mod own;
#[cfg(test)]
mod tests;

/// Every format. A text is of the first that recognises it, a table of the one whose header has the most columns.
pub const ALL: &[Format] = &[own::FORMAT];

/// The programs, by how the names of their formats begin.
pub const PROGRAMS: &[(&str, &str)] = &[("foliostream", "Foliostream")];

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
