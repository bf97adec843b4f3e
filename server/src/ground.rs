//! The ground: the five things that nearly every part of a process needs. They are made once, at the start, and handed on
//! together.

use std::sync::Arc;

use super::board::Board;
use super::clock::Clock;
use super::history::History;
use super::store::Store;
use super::tally::Tally;

/// What the parts of one process share. Cloning it copies five handles, not what they stand for.
#[derive(Clone, Debug)]
pub struct Ground {
    /// This process's replica of what the engine says.
    pub board: Arc<Board>,
    /// The database, SQLite or PostgreSQL.
    pub store: Store,
    /// The date for stamps, and elapsed time for everything that is waited for.
    pub clock: Clock,
    /// Bars for charts, and the prices of the last day.
    pub history: Arc<History>,
    /// Counts of what this process does, for metrics.
    pub tally: Arc<Tally>,
}

/// Makes the ground of a test from what the test looks at.
#[cfg(test)]
pub(crate) fn ground(board: &Arc<Board>, store: &Store, clock: &Clock) -> Ground {
    let history = Arc::new(History::new(Arc::default(), store.clone()));
    Ground { board: Arc::clone(board), store: store.clone(), clock: clock.clone(), history, tally: Arc::default() }
}
