//! The way to the engine: what it can be asked, and its answers.

use tokio::sync::{mpsc, oneshot};

use super::keeper::NotKept;
use crate::domain::alert::{Alert, AlertId};
use crate::domain::quote::Tick;
use crate::wire::views::{NotificationReadView, PortfolioChangedView};

/// What the engine is asked to do.
#[derive(Debug)]
pub enum Work {
    /// Observe these ticks, in order.
    Ticks(Vec<Tick>, Option<oneshot::Sender<Result<Observed, NotKept>>>),
    /// Watch this alert as it now is.
    AlertChanged(Alert),
    /// Stop watching.
    AlertDeleted(AlertId),
    /// Announce.
    PortfolioChanged(PortfolioChangedView),
    /// Announce.
    NotificationRead(NotificationReadView),
    /// Answer when everything before has been announced.
    Flush(oneshot::Sender<()>),
}

/// What became of ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Observed.
    pub accepted: usize,
    /// Older than the current quote, or impossible.
    pub ignored: usize,
}

/// The way to the engine.
#[derive(Clone, Debug)]
pub struct EngineHandle {
    work: mpsc::Sender<Work>,
}

/// The engine has stopped: the server is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub struct EngineStopped;

/// Why ticks cannot be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// Nobody saw them.
    #[error(transparent)]
    Stopped(#[from] EngineStopped),
    /// They count, but a power cut now would lose them.
    #[error(transparent)]
    NotKept(#[from] NotKept),
}

impl EngineHandle {
    pub(super) fn new(work: mpsc::Sender<Work>) -> Self {
        Self { work }
    }

    /// Hands work to the engine, waiting while it is behind.
    pub async fn send(&self, work: Work) -> Result<(), EngineStopped> {
        self.work.send(work).await.map_err(|_| EngineStopped)
    }

    /// Hands ticks to the engine and returns what became of them, once that is on disk.
    pub async fn observe(&self, ticks: Vec<Tick>) -> Result<Observed, ObserveError> {
        let (answer, observed) = oneshot::channel();
        self.send(Work::Ticks(ticks, Some(answer))).await?;
        Ok(observed.await.map_err(|_| EngineStopped)??)
    }

    /// Waits until everything handed over before has been announced.
    pub async fn flush(&self) -> Result<(), EngineStopped> {
        let (answer, flushed) = oneshot::channel();
        self.send(Work::Flush(answer)).await?;
        flushed.await.map_err(|_| EngineStopped)
    }
}
