//! What streams are told beside the engine's events: how the workers are doing, and who is connected. It has no number and no
//! log; only the newest of each is told, in the same text to every stream.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::text::Text;

/// The newest of each kind.
#[derive(Debug, Default)]
pub struct Notices {
    /// How the workers are doing: one event for each.
    pub metrics: Notice,
    /// Who is connected.
    pub presence: Notice,
}

/// The newest texts of one kind, and a number that changes with them.
#[derive(Debug, Default)]
pub struct Notice {
    version: AtomicU32,
    texts: Mutex<Arc<[Text]>>,
}

impl Notice {
    /// Returns a number that changes with the texts; 0 as long as there are none.
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// Returns the events' texts.
    pub fn texts(&self) -> Arc<[Text]> {
        Arc::clone(&self.texts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the texts; the board tells of it.
    pub(super) fn post(&self, texts: Arc<[Text]>) {
        *self.texts.lock().unwrap_or_else(PoisonError::into_inner) = texts;
        self.version.fetch_add(1, Ordering::AcqRel);
    }
}
