//! The way to the engine: what it can be asked, and its answers.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::batch::{Answer, Batch, Origin};
use super::outcome::{EngineStopped, ObserveError, Observed};
use super::push_key::PushKey;
use crate::domain::alert::{Alert, AlertId};
use crate::domain::quote::Tick;
use crate::server::cluster::orders::Orders;
use crate::wire::views::{NotificationReadView, PortfolioChangedView};

/// What the engine is asked to do.
#[derive(Debug)]
pub enum Work {
    /// Observe these ticks, in order.
    Ticks(Vec<Tick>, Option<oneshot::Sender<Result<Observed, ObserveError>>>),
    /// Observe these ticks of the feed, which is the only one to bring them, and brings them again after a restart.
    Feed(Vec<Tick>),
    /// Observe these ticks, which may be brought again.
    Batch(Batch),
    /// Watch this alert as it now is.
    AlertChanged(Alert),
    /// Stop watching.
    AlertDeleted(AlertId),
    /// Announce.
    PortfolioChanged(PortfolioChangedView),
    /// Announce, and let every replica forget it.
    PortfolioDeleted(String),
    /// Announce.
    NotificationRead(NotificationReadView),
    /// Answer with the newest number when everything before has been announced.
    Flush(oneshot::Sender<u64>),
}

/// The way to the engine.
#[derive(Clone, Debug)]
pub struct EngineHandle(Way);

#[derive(Clone, Debug)]
enum Way {
    Here(mpsc::Sender<Work>),
    Elsewhere(Arc<Orders>),
}

impl EngineHandle {
    pub(super) fn new(work: mpsc::Sender<Work>) -> Self {
        Self(Way::Here(work))
    }

    /// Makes the way to an engine that may be in another process, and change.
    pub fn elsewhere(orders: Arc<Orders>) -> Self {
        Self(Way::Elsewhere(orders))
    }

    /// Hands work to the engine, waiting while it is behind. Where that is another process, it returns when this process's
    /// replica shows it.
    pub async fn send(&self, work: Work) -> Result<(), EngineStopped> {
        match &self.0 {
            Way::Here(queue) => queue.send(work).await.map_err(|_| EngineStopped),
            Way::Elsewhere(orders) => orders.send(work).await,
        }
    }

    /// Hands ticks to the engine and returns what became of them, once that is on disk.
    pub async fn observe(&self, ticks: Vec<Tick>) -> Result<Observed, ObserveError> {
        self.observe_once(ticks, None).await
    }

    /// Does the same; ticks whose key was brought before are observed no second time, and have the answer that they had.
    pub async fn observe_once(&self, ticks: Vec<Tick>, push: Option<PushKey>) -> Result<Observed, ObserveError> {
        if let Way::Elsewhere(orders) = &self.0 {
            return orders.observe(ticks, push).await;
        }
        let (outcome, observed) = oneshot::channel();
        let work = match push {
            None => Work::Ticks(ticks, Some(outcome)),
            Some(push) => {
                let answer = Answer { outcome: Some(outcome), ..Answer::default() };
                Work::Batch(Batch::new(ticks, Origin::Push(push), Some(answer)))
            }
        };
        self.send(work).await?;
        observed.await.map_err(|_| EngineStopped)?
    }

    /// Waits until everything handed over before has been announced.
    pub async fn flush(&self) -> Result<(), EngineStopped> {
        match &self.0 {
            Way::Here(_) => self.flushed().await.map(|_| ()),
            Way::Elsewhere(orders) => orders.flush().await,
        }
    }

    /// Waits until everything handed over before has been published, and returns the newest number.
    pub async fn flushed(&self) -> Result<u64, EngineStopped> {
        let (answer, flushed) = oneshot::channel();
        self.send(Work::Flush(answer)).await?;
        flushed.await.map_err(|_| EngineStopped)
    }
}
