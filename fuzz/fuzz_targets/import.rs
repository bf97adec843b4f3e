//! Any bytes as a file, and any cells under the header of each format.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/properties/import.rs"]
mod property;

fuzz_target!(|input: (usize, Vec<Vec<String>>, Vec<u8>)| {
    let (format, cells, bytes) = input;
    property::any_file(&bytes);
    property::any_table(format, &cells);
});
