//! All streams of one filter. A step is made once for all of them that stand at the same cursor, which is nearly always all.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Bytes;

use crate::wire::live::{Cursor, ResetReason};

use super::super::board::{Board, Head};
use super::filter::Filter;
use super::place::Place;

/// Steps kept per group: streams of a healthy group stand at one or two cursors; a slower one pays for its own.
const KEPT_STEPS: usize = 4;

/// The streams of one filter.
#[derive(Debug)]
pub struct Group {
    filter: Filter,
    hash: u32,
    places: Mutex<Vec<Weak<Place>>>,
    steps: Mutex<Vec<(Cursor, Step)>>,
}

/// What moves a stream from its cursor to the board's head.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing that concerns the filter happened; the cursor moves silently.
    Quiet(Cursor),
    /// These bytes, after which the stream stands at the cursor.
    Frame(Bytes, Cursor),
    /// Notifications are missing that only the store still has.
    CatchUp,
    /// Continuity was lost: start over with a reset.
    Lost(ResetReason),
}

impl Group {
    /// Makes a group without streams.
    pub fn new(filter: Filter) -> Self {
        let hash = filter.hash();
        Self { filter, hash, places: Mutex::default(), steps: Mutex::default() }
    }

    /// Returns what its streams carry.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns the filter's hash.
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// Lets a stream be woken with the group.
    pub fn join(&self, place: &Arc<Place>) {
        lock(&self.places).push(Arc::downgrade(place));
    }

    /// Returns the places of its streams.
    pub fn places(&self) -> Vec<Arc<Place>> {
        lock(&self.places).iter().filter_map(Weak::upgrade).filter(|place| !place.is_gone()).collect()
    }

    /// Wakes every stream, and forgets those that are gone.
    pub fn wake(&self) {
        lock(&self.places).retain(|place| match place.upgrade() {
            Some(place) if !place.is_gone() => {
                place.wake();
                true
            }
            _ => false,
        });
    }

    /// Returns what a stream at `from` must write to stand at the board's head.
    pub fn step(&self, board: &Board, from: Cursor) -> Step {
        let head = board.head();
        let mut steps = lock(&self.steps);
        steps.retain(|(_, step)| step.reaches(head));
        if let Some((_, step)) = steps.iter().find(|(at, _)| *at == from) {
            return step.clone();
        }
        let step = board.step(&self.filter, from);
        if step.reaches(head) && steps.len() < KEPT_STEPS {
            steps.push((from, step.clone()));
        }
        step
    }
}

impl Step {
    /// Tells whether the step leads to the head.
    fn reaches(&self, head: Head) -> bool {
        match self {
            Self::Quiet(to) | Self::Frame(_, to) => to.epoch == head.epoch && to.seq == head.seq && (to.n == head.n || to.n == 0),
            Self::CatchUp | Self::Lost(_) => false,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Both lists stay whole at every step: a panic elsewhere cannot have left them half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
