//! What is said: every type that crosses a boundary, and how to follow it.
#![warn(missing_docs)]

pub mod commands;
pub mod epoch;
pub mod error;
pub mod live;
pub mod replica;
pub mod spoken;
pub mod text;
pub mod times;
pub mod views;
pub mod zone;
