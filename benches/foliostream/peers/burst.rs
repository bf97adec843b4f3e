//! What delivering messages cost and how long it took.

use super::clients::{Clients, Pace};
use super::contender::Contender;
use super::processor::Processor;
use crate::Failure;

/// One series of messages.
#[derive(Clone, Copy)]
pub(crate) struct Burst {
    /// Microseconds of the contender's processor time for one frame.
    pub frame_us: f64,
    /// Milliseconds within which half of the frames arrived.
    pub p50_ms: f64,
    /// Milliseconds within which 99 of a hundred arrived.
    pub p99_ms: f64,
    /// Milliseconds of the slowest.
    pub max_ms: f64,
    /// Frames that did not arrive.
    pub missing: usize,
}

impl Burst {
    /// Measures one series of messages to the first `reading` streams.
    pub(crate) fn measure(contender: &Contender, clients: &mut Clients, reading: usize, pace: Pace) -> Result<Self, Failure> {
        let before = Processor::of(contender.id)?;
        let delivery = clients.deliver(reading, pace)?;
        let spent = Processor::of(contender.id)?.since(&before);
        let mut sorted = delivery.latencies_us;
        if sorted.is_empty() {
            return Err("no frame arrived".into());
        }
        sorted.sort_unstable();
        Ok(Self {
            frame_us: spent * 1e6 / sorted.len() as f64,
            p50_ms: quantile_ms(&sorted, 0.5),
            p99_ms: quantile_ms(&sorted, 0.99),
            max_ms: quantile_ms(&sorted, 1.0),
            missing: delivery.expected.saturating_sub(sorted.len()),
        })
    }
}

/// Returns the value below which `share` of the sorted microseconds lie, in milliseconds.
fn quantile_ms(sorted: &[u32], share: f64) -> f64 {
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    f64::from(sorted[index]) / 1e3
}
