//! Whether traffic may come to this process.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::board::Board;
use super::cluster::Inbox;
use crate::wire::epoch::Epoch;

/// What `/readyz` answers.
#[derive(Debug)]
pub struct Readiness {
    stopping: AtomicBool,
    worker: Arc<str>,
    cluster: Option<(Arc<Inbox>, Arc<Board>)>,
}

impl Readiness {
    /// Of a process that is alone.
    pub fn of_one() -> Self {
        Self { stopping: AtomicBool::new(false), worker: std::process::id().to_string().into(), cluster: None }
    }

    /// Of one of many: it must follow the engine's term.
    pub fn of_many(worker: String, inbox: Arc<Inbox>, board: Arc<Board>) -> Self {
        Self { stopping: AtomicBool::new(false), worker: worker.into(), cluster: Some((inbox, board)) }
    }

    /// Returns this process's name.
    pub fn worker(&self) -> Arc<str> {
        Arc::clone(&self.worker)
    }

    /// Says that the process is about to go.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Returns why no traffic may come; nothing where it may.
    pub fn refusal(&self) -> Option<Cow<'static, str>> {
        if self.stopping.load(Ordering::Acquire) {
            return Some("this worker is stopping".into());
        }
        let (inbox, board) = self.cluster.as_ref()?;
        if let Some(refusal) = inbox.refusal_of_version() {
            return Some(refusal.into());
        }
        if !inbox.is_connected() {
            return Some("this worker has lost Redis and is trying again; its streams stay open".into());
        }
        if board.epoch() == Epoch::default() {
            return Some("no engine has been heard yet".into());
        }
        None
    }
}
