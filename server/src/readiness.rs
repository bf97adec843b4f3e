//! Whether traffic may come to this process.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::board::Board;
use super::clock::Clock;
use super::relay::Inbox;
use foliostream::wire::epoch::Epoch;

/// Silence of the engine after which no traffic should come: twice as long as a takeover takes. Until then what is known is told as
/// stale.
const TOO_SILENT: Duration = Duration::from_secs(8);

/// How long the engine of a process that is alone may not have looked at its clock, which it does every second, in milliseconds.
const ENGINE_STANDS_MS: i64 = 10_000;

/// The state from which `/readyz` is answered.
#[derive(Debug)]
pub(crate) struct Readiness {
    stopping: AtomicBool,
    worker: Arc<str>,
    alone: Option<(Arc<Board>, Clock)>,
    cluster: Option<(Arc<Inbox>, Arc<Board>)>,
}

impl Readiness {
    /// Makes the readiness of a process that is alone: its engine must go on.
    pub(crate) fn of_one(board: Arc<Board>, clock: Clock) -> Self {
        let worker = std::process::id().to_string().into();
        board.note_engine(clock.elapsed_ms());
        Self { stopping: AtomicBool::new(false), worker, alone: Some((board, clock)), cluster: None }
    }

    /// Makes the readiness of a worker of many: it must follow the engine's term.
    pub(crate) fn of_many(worker: String, inbox: Arc<Inbox>, board: Arc<Board>) -> Self {
        Self { stopping: AtomicBool::new(false), worker: worker.into(), alone: None, cluster: Some((inbox, board)) }
    }

    /// Returns this process's name.
    pub(crate) fn worker(&self) -> Arc<str> {
        Arc::clone(&self.worker)
    }

    /// Says that the process is about to go.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Returns why no traffic may come; nothing where it may.
    pub(crate) fn refusal(&self) -> Option<Cow<'static, str>> {
        if self.stopping.load(Ordering::Acquire) {
            return Some("this worker is stopping".into());
        }
        if let Some((board, clock)) = &self.alone {
            let stands = clock.elapsed_ms().saturating_sub(board.engine_looked_at()) > ENGINE_STANDS_MS;
            return stands.then(|| "the engine has stood still for more than 10 s: prices and alerts wait".into());
        }
        let (inbox, board) = self.cluster.as_ref()?;
        if let Some(refusal) = inbox.refusal_of_version() {
            return Some(refusal.into());
        }
        let trouble = inbox.troubles.refusal();
        if !inbox.is_connected() {
            let lost = "this worker has lost Redis and is trying again; its streams stay open";
            return Some(trouble.map_or(lost.into(), |trouble| format!("{lost}; {trouble}").into()));
        }
        if let Some(trouble) = trouble {
            return Some(trouble.into());
        }
        if board.epoch() == Epoch::default() {
            return Some("no engine has been heard yet".into());
        }
        let silent = inbox.silent_for();
        (silent >= TOO_SILENT).then(|| format!("no engine has been heard for {} seconds", silent.as_secs()).into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_process_whose_engine_stands_still_is_not_ready_whatever_the_wall_clock_shows() {
        let clock = Clock::manual("2026-11-02T10:00:00Z".parse().unwrap());
        let board = Arc::new(Board::new(Epoch::default(), 0, clock.now()));
        let ready = Readiness::of_one(Arc::clone(&board), clock.clone());
        clock.advance(Duration::from_secs(10));
        clock.set_wall("2026-11-02T11:00:00Z".parse().unwrap());
        assert_eq!(ready.refusal(), None);
        clock.set_wall("2026-11-02T09:00:00Z".parse().unwrap());
        clock.elapse(Duration::from_secs(1));
        assert!(ready.refusal().is_some());
        board.note_engine(clock.elapsed_ms());
        assert_eq!(ready.refusal(), None);
        ready.stop();
        assert!(ready.refusal().is_some());
    }
}
