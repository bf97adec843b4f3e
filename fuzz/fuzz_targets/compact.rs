//! Any frames of the compact form.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/properties/compact.rs"]
mod property;

fuzz_target!(|texts: Vec<String>| property::any_frames(&texts));
