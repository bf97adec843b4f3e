//! What runs: the ring of adapters around the engine.

pub mod accept;
pub mod board;
pub mod bus;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod device;
pub mod engine_task;
pub mod error;
pub mod feed;
pub mod feeds;
pub mod guard;
pub mod history;
pub mod hub;
pub mod operations;
pub mod presence;
pub mod readiness;
pub mod rest;
pub mod router;
pub mod serve;
pub mod site;
pub mod sse;
pub mod store;
pub mod tally;
pub mod telemetry;
