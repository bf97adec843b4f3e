//! What streams are told beside the engine's events: how the workers are doing, and who is connected. It has no number and no
//! log; only the newest of each is told, in the same text to every stream.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::views::{PresenceChangedView, ServerMetricsView};

use super::Board;
use super::text::{self, Text};
use super::touched::Touched;

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

    fn post(&self, texts: Arc<[Text]>) {
        *self.texts.lock().unwrap_or_else(PoisonError::into_inner) = texts;
        self.version.fetch_add(1, Ordering::AcqRel);
    }
}

impl Board {
    /// Returns what streams are told beside the engine's events.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Tells streams that carry metrics how each worker is doing.
    pub fn post_metrics(&self, workers: &[ServerMetricsView]) {
        self.notices.metrics.post(workers.iter().map(|worker| text::head("server_metrics", worker)).collect());
        self.watchers.touched(&Touched { metrics: true, ..Touched::default() });
    }

    /// Tells streams that carry notifications that somebody came or went.
    pub fn post_presence(&self, changed: PresenceChangedView) {
        self.notices.presence.post([text::head("presence_changed", &changed)].into());
        self.watchers.touched(&Touched { presence: true, ..Touched::default() });
    }
}
