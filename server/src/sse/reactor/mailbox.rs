//! How streams come to a reactor's thread: they wait here until its bell has it look.

use std::sync::{Arc, Mutex, PoisonError};

use crate::sse::bell::{Bell, News};

use super::entry::Arrival;

/// The mailbox of one reactor.
#[derive(Debug)]
pub(crate) struct Mailbox {
    /// Bounded by what there is: each stream arrives once.
    arrivals: Mutex<Vec<Arrival>>,
    bell: Arc<Bell>,
}

impl Mailbox {
    /// Makes a mailbox; each stream that is handed over rings `bell`.
    pub(crate) fn new(bell: Arc<Bell>) -> Self {
        Self { arrivals: Mutex::default(), bell }
    }

    /// Returns the bell, which groups and streams ring without knowing who waits for it.
    pub(crate) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Hands a stream over.
    pub(crate) fn hand_over(&self, arrival: Arrival) {
        // Each handing over is one step: a panic elsewhere cannot have left half of one.
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
        self.bell.ring();
    }

    /// Takes everything out: streams to write from now on, and the news of those that are here.
    pub(crate) fn take(&self) -> (Vec<Arrival>, News) {
        // The bell first: what arrives after that rings again.
        let news = self.bell.take();
        (std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)), news)
    }
}
