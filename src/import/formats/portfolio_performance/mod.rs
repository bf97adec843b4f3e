//! Portfolio Performance: its file, which is XML, and the tables that it exports, in German, English or French.

use crate::import::format::{Format, Reader};

pub mod booking;
pub mod table;
pub mod xml;

/// The program's own file, without a password and not compressed.
pub const FORMAT: Format =
    Format { name: "portfolio_performance", reader: Reader::Text { recognise: xml::recognise, read: xml::read } };

/// A table of the bookings of an account or of a securities account.
pub const TABLE: Format = Format { name: "portfolio_performance_csv", reader: Reader::Table(table::TABLE) };
