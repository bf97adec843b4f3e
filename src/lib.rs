//! Foliostream: a self-hosted portfolio tracker whose numbers move.
//!
//! The rooms, in reading order. Who may import whom: `domain ← wire ← live ← app → api`, and `domain ← wire ← server`.

/// What is true: money, positions, valuation, alerts, the engine's step. Pure.
pub mod domain;
/// What is said: every type that crosses a boundary, and the reducer that follows it.
pub mod wire;
