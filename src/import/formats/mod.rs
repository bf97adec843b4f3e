//! The formats: one file for each program, and a list of all.
//!
//! A format is recognised by its header, if it is a table, or else by how its text begins. Its reader says what becomes of every row. How
//! a new one is added stands in docs/IMPORT.md.

use super::format::Format;

pub mod carried;
pub mod columns;
pub mod etrade;
pub mod fidelity;
pub mod ibkr;
pub mod ibkr_activity;
pub mod ibkr_flex;
pub mod ibkr_flex_csv;
pub mod ibkr_history;
pub mod kinds;
pub mod morgan_stanley;
pub mod ofx;
pub mod ofx_records;
pub mod own;
pub mod parts;
pub mod qif;
pub mod robinhood;
pub mod schwab;
pub mod schwab_awards;
pub mod settled;
pub mod tdameritrade;
#[cfg(test)]
mod tests;
pub mod thinkorswim;
pub mod vanguard_uk;
pub mod vanguard_us;

/// Every format. A text is of the first that recognises it, a table of the one whose header has the most columns.
pub const ALL: &[Format] = &[
    own::FORMAT,
    ibkr_flex::FORMAT,
    ofx::FORMAT,
    qif::FORMAT,
    ibkr_flex_csv::FORMAT_TRADES,
    ibkr_flex_csv::FORMAT_CASH,
    ibkr_history::FORMAT,
    ibkr_activity::FORMAT,
    schwab::FORMAT,
    fidelity::FORMAT,
    vanguard_us::FORMAT,
    vanguard_uk::FORMAT,
    schwab_awards::FORMAT,
    etrade::FORMAT,
    robinhood::FORMAT,
    tdameritrade::FORMAT,
    thinkorswim::FORMAT,
    morgan_stanley::FORMAT,
];
