//! What is true. Pure: no I/O, no async, no clock, no randomness, no panics; it fails only by a typed refusal.
#![warn(missing_docs)]

pub mod account;
pub mod activity;
pub mod alert;
pub mod bar;
pub mod engine;
pub mod flow;
pub mod instrument;
pub mod isin;
pub mod moment;
pub mod money;
pub mod notification;
pub mod performance;
pub mod position;
pub mod quote;
pub mod rates;
pub mod session;
pub mod source;
pub mod statistics;
pub mod user;
pub mod valuation;
