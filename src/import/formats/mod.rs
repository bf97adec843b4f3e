//! The formats: one file for each program, and a list of all.
//!
//! A format is recognised by its header, if it is a table, or else by how its text begins. Its reader says what becomes of every row. How
//! a new one is added stands in docs/IMPORT.md.

use super::format::Format;

pub mod avanza;
pub mod binance;
pub mod bitvavo;
pub mod carried;
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
pub mod etrade;
pub mod fidelity;
pub mod finpension;
pub mod freetrade;
pub mod ghostfolio;
pub mod google_finance;
pub mod ibkr;
pub mod ibkr_activity;
pub mod ibkr_flex;
pub mod ibkr_flex_csv;
pub mod ibkr_history;
pub mod json;
pub mod kinds;
pub mod kraken;
pub mod morgan_stanley;
pub mod nexo;
pub mod nordnet;
pub mod ofx;
pub mod ofx_records;
pub mod own;
pub mod own_json;
pub mod parqet;
pub mod parts;
pub mod portfolio_performance;
pub mod pytr;
pub mod qif;
pub mod raw;
pub mod reckoning;
pub mod relai;
pub mod revolut;
pub mod robinhood;
pub mod saxo;
pub mod scalable;
pub mod schwab;
pub mod schwab_awards;
pub mod settled;
pub mod settlements;
pub mod sharesight;
pub mod splits;
pub mod swissquote;
pub mod tdameritrade;
#[cfg(test)]
mod tests;
pub mod thinkorswim;
pub mod trade_republic;
pub mod trading212;
pub mod vanguard_uk;
pub mod vanguard_us;
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
    etrade::FORMAT,
    fidelity::FORMAT,
    finpension::FORMAT,
    freetrade::FORMAT,
    ghostfolio::FORMAT,
    ghostfolio::TABLE,
    google_finance::FORMAT,
    // A history is a kind of statement, and looks like one.
    ibkr_history::FORMAT,
    ibkr_activity::FORMAT,
    ibkr_flex::FORMAT,
    ibkr_flex_csv::FORMAT_CASH,
    ibkr_flex_csv::FORMAT_TRADES,
    kraken::FORMAT,
    morgan_stanley::FORMAT,
    nexo::FORMAT,
    nordnet::FORMAT,
    ofx::FORMAT,
    own_json::FORMAT,
    parqet::FORMAT,
    portfolio_performance::FORMAT,
    portfolio_performance::TABLE,
    pytr::FORMAT,
    qif::FORMAT,
    raw::FORMAT,
    relai::FORMAT,
    revolut::CRYPTO,
    revolut::SAVINGS,
    robinhood::FORMAT,
    saxo::FORMAT,
    scalable::FORMAT,
    schwab::FORMAT,
    schwab_awards::FORMAT,
    settlements::FORMAT,
    sharesight::FORMAT,
    splits::FORMAT,
    swissquote::FORMAT,
    tdameritrade::FORMAT,
    thinkorswim::FORMAT,
    trade_republic::FORMAT,
    trading212::FORMAT,
    vanguard_uk::FORMAT,
    vanguard_us::FORMAT,
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
    ("schwab", "Charles Schwab"),
    ("coinbase", "Coinbase"),
    ("comdirect", "comdirect"),
    ("crypto_com", "Crypto.com"),
    ("degiro", "DEGIRO"),
    ("delta", "Delta"),
    ("disnat", "Disnat"),
    ("etrade", "E*TRADE"),
    ("fidelity", "Fidelity"),
    ("finpension", "finpension"),
    ("freetrade", "Freetrade"),
    ("ghostfolio", "Ghostfolio"),
    ("google_finance", "Google Finance"),
    ("ibkr", "Interactive Brokers"),
    ("kraken", "Kraken"),
    ("morgan_stanley", "Morgan Stanley"),
    ("nexo", "Nexo"),
    ("nordnet", "Nordnet"),
    ("ofx", "OFX, QFX"),
    ("parqet", "Parqet"),
    ("portfolio_performance", "Portfolio Performance"),
    ("pytr", "pytr"),
    ("qif", "QIF"),
    ("relai", "Relai"),
    ("revolut", "Revolut"),
    ("robinhood", "Robinhood"),
    ("saxo", "Saxo"),
    ("scalable", "Scalable Capital"),
    ("sharesight", "Sharesight"),
    ("swissquote", "Swissquote"),
    ("tdameritrade", "TD Ameritrade"),
    ("thinkorswim", "Thinkorswim"),
    ("trade_republic", "Trade Republic"),
    ("trading212", "Trading 212"),
    ("vanguard", "Vanguard"),
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
