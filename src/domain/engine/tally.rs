//! How many quotes are of each freshness, from which the status follows.

use super::super::quote::Freshness;

/// Counts quotes by freshness.
#[derive(Debug, Default)]
pub(super) struct Tally {
    live: usize,
    delayed: usize,
    stale: usize,
    closed: usize,
}

impl Tally {
    /// Returns the count of a freshness.
    pub(crate) fn of(&mut self, freshness: Freshness) -> &mut usize {
        match freshness {
            Freshness::Live => &mut self.live,
            Freshness::Delayed => &mut self.delayed,
            Freshness::Stale => &mut self.stale,
            Freshness::Closed => &mut self.closed,
        }
    }

    /// Returns how market data is doing as a whole.
    pub(crate) fn verdict(&self) -> Freshness {
        match self {
            Self { live: 1.., .. } => Freshness::Live,
            Self { delayed: 1.., .. } => Freshness::Delayed,
            Self { stale: 0, closed: 1.., .. } => Freshness::Closed,
            _ => Freshness::Stale,
        }
    }
}
