//! Who is told what happens on the board. The board knows them by this trait alone: they stand above it.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::touched::Touched;

/// Somebody who is told what a batch of events concerned. The groups of streams are one; the outbox of deliveries, which sends
/// firings on to other programs, will be the second. Both calls come from whoever changes the board, usually the engine's task, which
/// must not wait: whatever takes long is only noted in them.
pub trait Watcher: fmt::Debug + Send + Sync {
    /// Takes what a batch of events concerned. The board can be read by then, and shows the batch.
    fn touched(&self, touched: &Touched);

    /// Takes that a portfolio is gone, which is no longer on the board by then.
    fn portfolio_deleted(&self, portfolio_id: &str);
}

/// Everybody who is told. They come when the process starts, and stay.
#[derive(Debug, Default)]
pub struct Watchers(RwLock<Vec<Arc<dyn Watcher>>>);

impl Watchers {
    /// Adds somebody.
    pub fn add(&self, watcher: Arc<dyn Watcher>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }

    /// Tells each what a batch of events concerned.
    pub fn touched(&self, touched: &Touched) {
        self.each(|watcher| watcher.touched(touched));
    }

    /// Tells each that a portfolio is gone.
    pub fn portfolio_deleted(&self, portfolio_id: &str) {
        self.each(|watcher| watcher.portfolio_deleted(portfolio_id));
    }

    fn each(&self, tell: impl FnMut(&Arc<dyn Watcher>)) {
        // The list only grows, by one push at a time: a panic elsewhere cannot have left half of one.
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(tell);
    }
}
