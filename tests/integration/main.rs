//! One binary of integration tests: a real server on a free port, spoken to over sockets, with a clock that tests move.
//!
//! Nothing here sleeps: a test waits for an event, with a generous deadline, or moves the clock. What only a process can
//! show (exit codes, signals, a death without a last word) is asked of the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/event_stream.rs"]
mod event_stream;
mod support;

mod accounts;
mod alerts;
mod books;
mod clocks;
mod compact;
mod contract;
mod databases;
mod doors;
mod encrypted;
mod exits;
mod export;
mod feeds;
mod guard;
mod half_open;
mod headers;
mod https;
mod imports;
mod jobs;
mod known;
mod languages;
mod large;
mod ledger;
mod lingering;
mod made;
mod notifications;
mod operations;
mod pages;
mod parser;
mod paths;
mod performance;
mod permissions;
mod portfolios;
mod presence;
mod properties;
mod proxies;
mod quotes;
mod reachable;
mod refusals;
mod restarts;
mod resume;
mod rules;
mod storms;
mod streams;
mod tls;
mod together;
mod troubles;
mod unreadable;
mod workers;
