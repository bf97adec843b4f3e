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
pub mod comdirect;
pub mod crypto_com;
pub mod degiro;
pub mod degiro_account;
mod degiro_words;
pub mod delta;
pub mod disnat;
pub mod figures;
pub mod finpension;
pub mod freetrade;
pub mod ghostfolio;
pub mod google_finance;
pub mod json;
pub mod kinds;
pub mod kraken;
pub mod nexo;
pub mod nordnet;
pub mod own;
pub mod parqet;
pub mod portfolio_performance;
pub mod pytr;
pub mod raw;
pub mod reckoning;
pub mod relai;
pub mod revolut;
pub mod saxo;
pub mod scalable;
pub mod settlements;
pub mod sharesight;
pub mod splits;
pub mod swissquote;
#[cfg(test)]
mod tests;
pub mod trade_republic;
pub mod trading212;
pub mod wealthfolio;
pub mod yahoo;

/// Every format. A text is of the first that recognises it, a table of the one whose header has the most columns.
pub const ALL: &[Format] = &[
    own::FORMAT,
    avanza::FORMAT,
    binance::HISTORY,
    binance::TRADES,
    bitvavo::FORMAT,
    centraal_beheer::FORMAT,
    coinbase::FORMAT,
    comdirect::FORMAT,
    crypto_com::FORMAT,
    degiro::FORMAT,
    degiro_account::FORMAT,
    delta::FORMAT,
    disnat::FORMAT,
    finpension::FORMAT,
    freetrade::FORMAT,
    ghostfolio::FORMAT,
    ghostfolio::TABLE,
    google_finance::FORMAT,
    kraken::FORMAT,
    nexo::FORMAT,
    nordnet::FORMAT,
    parqet::FORMAT,
    portfolio_performance::FORMAT,
    portfolio_performance::TABLE,
    pytr::FORMAT,
    raw::FORMAT,
    relai::FORMAT,
    revolut::CRYPTO,
    revolut::SAVINGS,
    saxo::FORMAT,
    scalable::FORMAT,
    settlements::FORMAT,
    sharesight::FORMAT,
    splits::FORMAT,
    swissquote::FORMAT,
    trade_republic::FORMAT,
    trading212::FORMAT,
    wealthfolio::FORMAT,
    yahoo::FORMAT,
];

/// The programs, by how the names of their formats begin.
pub const PROGRAMS: &[(&str, &str)] = &[
    ("foliostream", "Foliostream"),
    ("avanza", "Avanza"),
    ("binance", "Binance"),
    ("bitvavo", "Bitvavo"),
    ("centraal_beheer", "Centraal Beheer"),
    ("coinbase", "Coinbase"),
    ("comdirect", "comdirect"),
    ("crypto_com", "Crypto.com"),
    ("degiro", "DEGIRO"),
    ("delta", "Delta"),
    ("disnat", "Disnat"),
    ("finpension", "finpension"),
    ("freetrade", "Freetrade"),
    ("ghostfolio", "Ghostfolio"),
    ("google_finance", "Google Finance"),
    ("kraken", "Kraken"),
    ("nexo", "Nexo"),
    ("nordnet", "Nordnet"),
    ("parqet", "Parqet"),
    ("portfolio_performance", "Portfolio Performance"),
    ("pytr", "pytr"),
    ("relai", "Relai"),
    ("revolut", "Revolut"),
    ("saxo", "Saxo"),
    ("scalable", "Scalable Capital"),
    ("sharesight", "Sharesight"),
    ("swissquote", "Swissquote"),
    ("trade_republic", "Trade Republic"),
    ("trading212", "Trading 212"),
    ("settlements", "Wealthfolio"),
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
