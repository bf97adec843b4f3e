//! The rule of numbers: by it a replica follows the engine without ever guessing.

use super::epoch::Epoch;
use super::live::Envelope;

/// Where a replica stands: the engine's term, and the number of the last envelope that it took.
///
/// ```
/// use foliostream::wire::numbers::{Numbers, Taken};
/// # use foliostream::wire::live::{Envelope, LiveEvent};
/// # let envelope = |seq| Envelope { epoch: 2.into(), seq, at: jiff::Timestamp::UNIX_EPOCH, event: LiveEvent::Unknown };
/// let mut numbers = Numbers::new(2.into(), 10);
/// assert_eq!(numbers.take(&envelope(11)), Taken::Next);
/// assert_eq!(numbers.take(&envelope(11)), Taken::Again);
/// assert_eq!(numbers.take(&envelope(13)), Taken::Gap);
/// assert_eq!(numbers.seq(), 11);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    epoch: Epoch,
    seq: u64,
}

/// What an envelope is to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The next one: it is to be applied.
    Next,
    /// One that was taken before: it changes nothing.
    Again,
    /// One before it is missing, or it is of another term: it changes nothing, and a snapshot is needed.
    Gap,
}

impl Numbers {
    /// Begins behind a number of a term.
    pub fn new(epoch: Epoch, seq: u64) -> Self {
        Self { epoch, seq }
    }

    /// Takes an envelope where it is the next one.
    pub fn take(&mut self, envelope: &Envelope) -> Taken {
        if envelope.epoch != self.epoch {
            return Taken::Gap;
        }
        match envelope.seq.checked_sub(self.seq) {
            None | Some(0) => Taken::Again,
            Some(1) => {
                self.seq = envelope.seq;
                Taken::Next
            }
            Some(_) => Taken::Gap,
        }
    }

    /// Returns the engine's term.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns the number of the last envelope taken.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}
