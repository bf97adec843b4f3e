//! Any query of a stream, and any selection of tickers.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/properties/filter.rs"]
mod property;

fuzz_target!(|input: (Vec<(u8, String)>, String)| {
    let (parameters, query) = input;
    property::any_parameters(&parameters);
    property::any_query(&query);
    property::any_query(&format!("tickers={query}"));
});
