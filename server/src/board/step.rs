//! Where a replica and a stream stand, and what moves the stream on.

use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Cursor, ResetReason};

/// The newest numbers that a replica has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The engine's term that the numbers belong to.
    pub epoch: Epoch,
    /// The newest event's number.
    pub seq: u64,
    /// The newest notification's number.
    pub n: i64,
    /// The number of the newest event that told an alert's state, or that something was read.
    pub alerts: u64,
}

/// The position of a stream: its cursor, and how much of a step is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPosition {
    /// The cursor of the stream: everything newer has still to be written.
    pub cursor: Cursor,
    /// Set between the parts of a step: the board's `seq` when the first part was made. All that was owed then is written before
    /// the step is over, and what changed since need not be, so that a slow stream of many changes gets to the end of one. For
    /// example: a step of 200 prices began at `seq` 200; when its last part is written the board is at 260, and the 60 newer
    /// changes are left to the next step.
    pub goal: Option<u64>,
}

/// What moves a stream from its cursor towards the board's head. The board writes it as text (`T` is a `String`); a group of
/// streams makes the text ready to be sent, once, and shares that.
#[derive(Clone, Debug)]
pub enum Step<T> {
    /// Nothing that concerns the filter happened; the cursor moves silently.
    Quiet(Cursor),
    /// Events, and where the stream stands after them.
    Written(T, StreamPosition),
    /// Notifications are missing that only the store still has.
    CatchUp,
    /// Continuity was lost: the stream starts over with a `reset`.
    Lost(ResetReason),
}

impl StreamPosition {
    /// Returns the standing of a stream that is between two steps.
    pub fn at(cursor: Cursor) -> Self {
        Self { cursor, goal: None }
    }

    /// Returns whether the step is over.
    pub fn is_between_steps(&self) -> bool {
        self.goal.is_none()
    }
}

impl<T> Step<T> {
    /// Makes something else of the events that were written, if any were.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Quiet(to) => Step::Quiet(to),
            Self::Written(events, to) => Step::Written(make(events), to),
            Self::CatchUp => Step::CatchUp,
            Self::Lost(reason) => Step::Lost(reason),
        }
    }
}
