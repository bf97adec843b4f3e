//! Watchers of the board. The board knows them by this trait alone: they stand above it.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::touched::Touched;

/// A watcher is called after each change of the board. The groups of streams are one; the outbox of deliveries, which sends
/// firings on to other programs, will be the second. Both methods run in the task that changes the board, usually the engine's,
/// which must not wait: an implementation notes what takes long and does it elsewhere.
pub trait Watcher: fmt::Debug + Send + Sync {
    /// Called with what a batch of events touched. The board can be read, and shows the batch.
    fn touched(&self, touched: &Touched);

    /// Called after a portfolio was removed from the board.
    fn portfolio_deleted(&self, portfolio_id: &str);
}

/// All watchers of a board. They are added when the process starts, and stay.
#[derive(Debug, Default)]
pub(crate) struct Watchers(RwLock<Vec<Arc<dyn Watcher>>>);

impl Watchers {
    /// Adds a watcher, which is called from now on.
    pub(crate) fn add(&self, watcher: Arc<dyn Watcher>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }

    /// Calls each watcher with what a batch of events touched.
    pub(crate) fn touched(&self, touched: &Touched) {
        self.each(|watcher| watcher.touched(touched));
    }

    /// Calls each watcher with the id of a portfolio that was removed.
    pub(crate) fn portfolio_deleted(&self, portfolio_id: &str) {
        self.each(|watcher| watcher.portfolio_deleted(portfolio_id));
    }

    fn each(&self, tell: impl FnMut(&Arc<dyn Watcher>)) {
        // The list only grows, by one push at a time: a panic elsewhere cannot have left half of one.
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(tell);
    }
}
