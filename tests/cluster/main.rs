//! Many workers on a real Redis and a real PostgreSQL, and what becomes of them when things are killed.
//!
//! Three workers, streams that fold what they are told as a browser does, and somebody who pushes prices and counts
//! crossings. Each fault prints how long it took until every stream held the source's state again, and what was lost or
//! doubled on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
#[path = "../support/event_stream.rs"]
#[expect(dead_code, reason = "a stream that folds needs less of an event than a test of the framing")]
mod event_stream;
mod failovers;
mod faults;
mod fleet;
mod joined;
mod kills;
mod nginx;
#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "a store's own tests ask for more")]
mod postgres;
mod servers;
#[path = "../integration/support/sse.rs"]
#[expect(dead_code, reason = "a stream that folds needs less of an event than a test that looks at it")]
mod sse;
mod stream;
mod watcher;
