//! What is said: every type that crosses a boundary, and the rule of numbers by which it is followed.
#![warn(missing_docs)]

pub mod commands;
pub mod compact;
pub mod epoch;
pub mod error;
pub mod json;
pub mod ledger;
pub mod live;
pub mod numbers;
pub mod range;
pub mod rfc3339;
pub mod spoken;
pub mod text;
pub mod times;
pub mod views;
pub mod zone;
