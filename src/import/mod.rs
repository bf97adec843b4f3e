//! Files of other programs, and what they say: from bytes to the entries of a ledger. Pure: which instruments a portfolio knows, what it
//! holds already and what is stored is the server's.
//!
//! A file is read in steps, each of which can be looked at and chosen otherwise ([`Choices`](crate::import::reading::Choices)): its
//! encoding ([`text`](crate::import::text)), its separator and records ([`table`](crate::import::table)), the form of its numbers
//! ([`numbers`](crate::import::numbers)) and dates ([`dates`](crate::import::dates)), and its format
//! ([`formats`](crate::import::formats)), which says what becomes of every row.

pub mod dates;
pub mod entry;
pub mod faults;
pub mod format;
pub mod formats;
pub mod numbers;
pub mod reading;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;

pub use reading::read;
