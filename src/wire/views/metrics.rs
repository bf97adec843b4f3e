//! How a worker is doing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::quote::Freshness;

use super::millis;

/// `server_metrics`: one worker's figures of the last second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ServerMetricsView {
    /// The worker's clock.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Which worker.
    pub worker: String,
    /// Streams it holds open.
    pub streams: u64,
    /// Writes to streams.
    pub frames_per_s: u64,
    /// Bytes written to streams.
    pub bytes_per_s: u64,
    /// Ticks that were replaced by a newer one before they were published; where the engine is.
    pub conflated_per_s: u64,
    /// Streams closed so far because they took no bytes.
    pub slow_closed: u64,
    /// Milliseconds from the engine to this worker, of the newest event.
    pub bus_lag_ms: u64,
    /// Whether the bus is there: always so in a single process.
    pub bus_connected: bool,
    /// Who is the engine, where that is known.
    pub engine: Option<EngineView>,
    /// How market data is doing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub feed: Freshness,
}

/// Who is the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EngineView {
    /// The process.
    pub worker: String,
    /// Its term.
    pub epoch: u64,
}
