#![recursion_limit = "512"]
//! Foliostream: a self-hosted portfolio tracker whose numbers move.
//!
//! This crate is what both halves share; the crate in `server/` is what runs, and the one in `browser/` what a page loads. The rooms, in
//! reading order. Who may import whom: `domain ← words ← wire ← live ← app → api`, `domain ← import ← server`, and `domain ← words ← wire ← api ← server`; only the
//! server's router sees `app`. `tests/architecture` reads every import and fails on anything else, on a circle between two files too.
//! docs/GLOSSARY.md says what words mean.

/// What is true: money, positions, valuation, alerts, the engine's step. Pure.
pub mod domain;

/// What a person reads: every text, figure and date, in the reader's language. Pure.
pub mod words;

/// What files of other programs say: from their bytes to the entries of a ledger. Pure.
pub mod import;

/// What is said: every type that crosses a boundary, and the rule of numbers by which it is followed.
pub mod wire;

/// What moves: the browser's replica, as signals.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub mod live;

/// What can be asked: the server functions.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub mod api;

/// What is seen: pages and components.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub mod app;

/// Brings the server-rendered page to life, with the texts of its language. The crate in `browser/` gives it to the page. With texts of
/// another version of the program the page stays as the server rendered it.
#[cfg(feature = "hydrate")]
pub fn hydrate(texts: String) {
    console_error_panic_hook::set_once();
    if app::take_texts(texts) {
        leptos::mount::hydrate_lazy(app::App);
    }
}
