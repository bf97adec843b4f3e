#![recursion_limit = "512"]
//! Foliostream: a self-hosted portfolio tracker whose numbers move.
//!
//! The rooms, in reading order. Who may import whom: `domain ← wire ← live ← app → api`, and `domain ← wire ← server`;
//! only `server::router` sees `app`, and only the bodies of `api` functions see `server::hub`. `tests/architecture`
//! reads every import and fails on anything else, on a circle between two files too. docs/GLOSSARY.md says what words mean.

/// What is true: money, positions, valuation, alerts, the engine's step. Pure.
pub mod domain;

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

/// What runs: the ring of adapters around the engine.
#[cfg(feature = "ssr")]
pub mod server;

/// Brings the server-rendered page to life. The crate in `browser/` gives it to the page.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(app::App);
}
