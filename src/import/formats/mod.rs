//! The formats: one file for each program, and a list of all.
//!
//! A format is recognised by its header, if it is a table, or else by how its text begins. Its reader says what becomes of every row. How
//! a new one is added stands in docs/IMPORT.md.

use super::format::Format;

pub mod avanza;
pub mod binance;
pub mod bitvavo;
pub mod centraal_beheer;
pub mod coinbase;
pub mod columns;
pub mod crypto_com;
pub mod degiro;
pub mod degiro_account;
mod degiro_words;
pub mod disnat;
pub mod finpension;
pub mod freetrade;
pub mod kinds;
pub mod kraken;
pub mod nexo;
pub mod nordnet;
pub mod own;
pub mod raw;
pub mod reckoning;
pub mod relai;
pub mod revolut;
pub mod saxo;
pub mod splits;
pub mod swissquote;
#[cfg(test)]
mod tests;
pub mod trading212;

/// Every format. A text is of the first that recognises it, a table of the one whose header has the most columns.
pub const ALL: &[Format] = &[
    own::FORMAT,
    trading212::FORMAT,
    degiro::FORMAT,
    degiro_account::FORMAT,
    revolut::CRYPTO,
    revolut::SAVINGS,
    coinbase::FORMAT,
    kraken::FORMAT,
    raw::FORMAT,
    splits::FORMAT,
    freetrade::FORMAT,
    swissquote::FORMAT,
    saxo::FORMAT,
    nordnet::FORMAT,
    avanza::FORMAT,
    binance::TRADES,
    binance::HISTORY,
    bitvavo::FORMAT,
    finpension::FORMAT,
    centraal_beheer::FORMAT,
    disnat::FORMAT,
    nexo::FORMAT,
    crypto_com::FORMAT,
    relai::FORMAT,
];
