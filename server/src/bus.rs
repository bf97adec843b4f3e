//! The way from the engine to every replica. Within one process it is a call; between processes, see
//! [`cluster`](super::cluster).

use std::fmt;
use std::sync::Arc;

use foliostream::wire::live::Envelope;

use super::board::Board;

/// Carries what the engine says to every replica: in order, each envelope once, and nothing of a term that is over.
pub(crate) trait Bus: fmt::Debug + Send + Sync {
    /// Takes the next envelopes of a term and never waits. What cannot be carried ends the term, and the next one publishes the
    /// whole state.
    fn publish(&self, envelopes: Vec<Envelope>);

    /// Returns whether a frame of prices may be published now; while not, prices conflate.
    fn is_ready(&self) -> bool;
}

/// The bus of a single process: the board takes what is published before `publish` returns.
#[derive(Debug)]
pub(crate) struct EmbeddedBus {
    board: Arc<Board>,
}

impl EmbeddedBus {
    /// Makes the bus of a board.
    pub(crate) fn new(board: Arc<Board>) -> Self {
        Self { board }
    }
}

impl Bus for EmbeddedBus {
    fn publish(&self, envelopes: Vec<Envelope>) {
        self.board.apply(&envelopes);
    }

    fn is_ready(&self) -> bool {
        true
    }
}
