//! The queue of an engine that runs in this process.

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::batch::{Answer, Batch, Origin};
use super::handle::{EngineCalls, News};
use super::outcome::{EngineStopped, ObserveError, Observed};
use super::push_key::PushKey;
use foliostream::domain::quote::Tick;

/// What the engine is asked to do.
#[derive(Debug)]
pub(crate) enum Work {
    /// Observe these ticks of the feed, which is the only one to bring them, and brings them again after a restart.
    Feed(Vec<Tick>),
    /// Observe these ticks in order, and answer the sender what became of them.
    Batch(Batch),
    /// Learn what was changed in the store, and announce it.
    News(News),
    /// Answer with the newest number when everything before has been announced.
    Flush(oneshot::Sender<u64>),
}

/// The queue of an engine of this process; clones fill the same one.
#[derive(Clone, Debug)]
pub(crate) struct EngineQueue(mpsc::Sender<Work>);

impl EngineQueue {
    pub(super) fn new(work: mpsc::Sender<Work>) -> Self {
        Self(work)
    }

    /// Hands over work, waiting while the engine is behind.
    pub(crate) async fn hand_over(&self, work: Work) -> Result<(), EngineStopped> {
        self.0.send(work).await.map_err(|_| EngineStopped)
    }

    /// Waits until everything handed over before has been given to the bus, and returns the newest number.
    pub(crate) async fn flushed(&self) -> Result<u64, EngineStopped> {
        let (answer, flushed) = oneshot::channel();
        self.hand_over(Work::Flush(answer)).await?;
        flushed.await.map_err(|_| EngineStopped)
    }
}

impl EngineCalls for EngineQueue {
    fn send(&self, news: News) -> BoxFuture<'_, Result<(), EngineStopped>> {
        Box::pin(self.hand_over(Work::News(news)))
    }

    fn observe(&self, ticks: Vec<Tick>, push: Option<PushKey>) -> BoxFuture<'_, Result<Observed, ObserveError>> {
        Box::pin(async move {
            let (outcome, observed) = oneshot::channel();
            let answer = Answer { outcome: Some(outcome), ..Answer::default() };
            let origin = push.map_or(Origin::Here, Origin::Push);
            self.hand_over(Work::Batch(Batch::new(ticks, origin, Some(answer)))).await?;
            observed.await.map_err(|_| EngineStopped)?
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), EngineStopped>> {
        Box::pin(async move { self.flushed().await.map(|_| ()) })
    }
}
