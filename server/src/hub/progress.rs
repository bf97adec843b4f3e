//! The jobs of this process, and how far each came.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use serde_json::Value;

use foliostream::wire::views::{JobState, JobView};

/// The jobs that this process does.
#[derive(Debug)]
pub struct Jobs {
    /// Whether no other process does any: then nothing of it stands in the store while it is done, which one who writes would wait for.
    pub(super) is_alone: bool,
    under_way: Mutex<HashMap<String, Arc<Progress>>>,
    pub(super) one_at_a_time: tokio::sync::Mutex<()>,
}

impl Jobs {
    /// Begins without any.
    pub fn new(is_alone: bool) -> Self {
        Self { is_alone, under_way: Mutex::default(), one_at_a_time: tokio::sync::Mutex::default() }
    }

    /// Returns those that are under way, by their ids.
    pub(super) fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Progress>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a job came, as the one who does it says, and whether it is to end.
#[derive(Debug)]
pub(crate) struct Progress {
    job: JobView,
    is_running: AtomicBool,
    done: AtomicU64,
    /// 0 as long as it is not known.
    total: AtomicU64,
    is_to_end: AtomicBool,
    /// By the clock of what elapses.
    began: Mutex<Option<SignedDuration>>,
}

impl Progress {
    /// Begins with a job that waits.
    pub(super) fn of(job: JobView) -> Self {
        let total = job.total.unwrap_or_default();
        Self {
            job,
            is_running: AtomicBool::new(false),
            done: AtomicU64::new(0),
            total: AtomicU64::new(total),
            is_to_end: AtomicBool::new(false),
            began: Mutex::new(None),
        }
    }

    /// Says how much there is to do.
    pub(crate) fn takes(&self, total: usize) {
        self.total.store(total as u64, Ordering::Relaxed);
    }

    /// Says how much is done, and returns whether to go on.
    pub(crate) fn reach(&self, done: usize) -> bool {
        self.done.store(done as u64, Ordering::Relaxed);
        !self.is_to_end.load(Ordering::Relaxed)
    }

    /// Has it end before it is done.
    pub(super) fn end(&self) {
        self.is_to_end.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end before it is done.
    pub(super) fn is_to_end(&self) -> bool {
        self.is_to_end.load(Ordering::Relaxed)
    }

    /// Returns the job as it will be once it is done, which is stored together with what it changes.
    pub(crate) fn done(&self, result: Value, now: jiff::Timestamp) -> JobView {
        let total = self.total.load(Ordering::Relaxed);
        let ended = JobView { state: JobState::Done, result: Some(result), finished_at: Some(now), ..self.job.clone() };
        JobView { done: total, total: Some(total), ..ended }
    }

    /// Says that it is being done now.
    pub(super) fn begin(&self, elapsed: SignedDuration) {
        self.is_running.store(true, Ordering::Relaxed);
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Some(elapsed);
    }

    /// Returns the job as it stands.
    pub(super) fn view(&self, elapsed: SignedDuration) -> JobView {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = began.and_then(|began| u64::try_from(elapsed.saturating_sub(began).as_millis()).ok());
        let rate = taken.and_then(|taken| done.saturating_mul(1_000).checked_div(taken));
        let rate = rate.filter(|rate| *rate > 0);
        JobView {
            state: if self.is_running.load(Ordering::Relaxed) { JobState::Running } else { JobState::Queued },
            done,
            total: (total > 0).then_some(total),
            rate_per_s: rate,
            eta_s: rate.filter(|_| total > 0).and_then(|rate| total.saturating_sub(done).checked_div(rate)),
            ..self.job.clone()
        }
    }
}
