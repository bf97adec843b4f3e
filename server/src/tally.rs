//! Counts that this process's own figures need back, beside the registry, which only renders them.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was counted since the process started.
#[derive(Debug, Default)]
pub struct Tally {
    conflated: AtomicU64,
    slow_closed: AtomicU64,
}

impl Tally {
    /// Counts ticks that a newer one replaced before they were published.
    pub fn conflated(&self, ticks: u64) {
        self.conflated.fetch_add(ticks, Ordering::Relaxed);
        metrics::counter!("foliostream_ticks_conflated_total").increment(ticks);
    }

    /// Counts a connection that was cut because the peer took no bytes.
    pub fn slow_closed(&self) {
        self.slow_closed.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("foliostream_slow_closed_total").increment(1);
    }

    /// Returns the ticks conflated so far.
    pub fn all_conflated(&self) -> u64 {
        self.conflated.load(Ordering::Relaxed)
    }

    /// Returns the connections cut so far.
    pub fn all_slow_closed(&self) -> u64 {
        self.slow_closed.load(Ordering::Relaxed)
    }
}
