//! The way to the engine, as every part of a process has it: what the engine can be asked, wherever it runs.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::outcome::{EngineStopped, ObserveError, Observed};
use super::push_key::PushKey;
use foliostream::domain::alert::{Alert, AlertId};
use foliostream::domain::instrument::Instrument;
use foliostream::domain::quote::Tick;
use foliostream::wire::live::{Owned, PortfolioDeleted};
use foliostream::wire::views::{JobView, NotificationReadView, PortfolioChangedView};

/// What somebody has changed in the store and the engine has to know or to announce.
#[derive(Debug)]
pub enum News {
    /// Watch this alert as it now is, and announce it.
    AlertChanged(Alert),
    /// Stop watching this alert, and announce that it is gone.
    AlertDeleted(Owned<AlertId>),
    /// Announce that a portfolio has another revision.
    PortfolioChanged(Owned<PortfolioChangedView>),
    /// Announce that a portfolio is gone; every replica forgets it.
    PortfolioDeleted(Owned<PortfolioDeleted>),
    /// Announce how an instrument is now described; every replica takes it over.
    InstrumentChanged(Instrument),
    /// Announce that notifications were read.
    NotificationRead(Owned<NotificationReadView>),
    /// Announce how far a job came, or how it ended.
    JobProgress(Owned<JobView>),
}

/// The calls of an engine. There are two implementations: [`EngineQueue`](super::EngineQueue) where the engine is in this process, and
/// [`RedisCalls`](crate::cluster::engine_calls::RedisCalls) where any process may be the engine and Redis carries what is asked. What both
/// keep is tested once for both, in `cluster/tests/calls.rs`.
pub trait EngineCalls: fmt::Debug + Send + Sync {
    /// Hands over what the store has already, waiting while the engine is behind.
    fn send(&self, news: News) -> BoxFuture<'_, Result<(), EngineStopped>>;

    /// Hands over ticks and returns what became of them, once that is on disk. Ticks whose key was brought before are observed no
    /// second time, and have the answer that they had.
    fn observe(&self, ticks: Vec<Tick>, push: Option<PushKey>) -> BoxFuture<'_, Result<Observed, ObserveError>>;

    /// Waits until everything handed over before has been announced, and this process's board shows it.
    fn flush(&self) -> BoxFuture<'_, Result<(), EngineStopped>>;
}

/// The way to the engine; clones are the same way.
#[derive(Clone, Debug)]
pub struct EngineHandle(Arc<dyn EngineCalls>);

impl EngineHandle {
    /// Makes a handle of a way to the engine.
    pub fn new(calls: impl EngineCalls + 'static) -> Self {
        Self(Arc::new(calls))
    }

    /// Brings news to the engine; see [`EngineCalls::send`].
    pub async fn send(&self, news: News) -> Result<(), EngineStopped> {
        self.0.send(news).await
    }

    /// Hands over ticks that count each time they are brought; see [`EngineCalls::observe`].
    pub async fn observe(&self, ticks: Vec<Tick>) -> Result<Observed, ObserveError> {
        self.0.observe(ticks, None).await
    }

    /// Hands over ticks that count once for each key; see [`EngineCalls::observe`].
    pub async fn observe_once(&self, ticks: Vec<Tick>, push: Option<PushKey>) -> Result<Observed, ObserveError> {
        self.0.observe(ticks, push).await
    }

    /// Waits until all before is announced; see [`EngineCalls::flush`].
    pub async fn flush(&self) -> Result<(), EngineStopped> {
        self.0.flush().await
    }
}
