//! What a page loads: the browser's half of Foliostream, and the one function that its hydration snippet calls.
#![recursion_limit = "512"]

/// Brings the server-rendered page to life, with the texts of its language; the hydration snippet calls it once both are there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(texts: String) {
    foliostream::hydrate(texts);
}
