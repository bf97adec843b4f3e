//! A term: everything that runs while this process is the engine, assembled here for a process that is alone and for one of many.
//!
//! A term begins with the engine, restored from the store and the feed ([`Terms::begin`]), and then takes prices
//! ([`Term::take_prices`]). A process that is alone has one term, from its start to its end. Of many processes the one that holds
//! the lease has a term, and adds what reads calls and pushes from Redis; see `cluster/leadership.rs`.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use foliostream::domain::user::Actor;
use foliostream::wire::epoch::Epoch;

use super::backups::Backups;
use super::bus::Bus;
use super::config::EngineSettings;
use super::engine_task::{self, EngineParts, EngineQueue};
use super::feeds::Feeds;
use super::ground::Ground;
use super::hub::Hub;
use super::store::StoreError;

/// What terms of this process are made from.
#[derive(Debug)]
pub(crate) struct Terms {
    /// What the parts of the process share.
    pub ground: Ground,
    /// How the engine is to work.
    pub settings: EngineSettings,
    /// The sources of prices, opened.
    pub feeds: Feeds,
    /// Where backups go, where any are made.
    pub backups: Option<Backups>,
}

/// The term that runs.
#[derive(Debug)]
pub(crate) struct Term {
    /// The way to its engine.
    pub engine: EngineQueue,
    task: JoinHandle<()>,
    is_over: bool,
    stop: CancellationToken,
}

impl Terms {
    /// Starts an engine that says what it does on `bus`. It and the feeds run until `stop`.
    pub(crate) async fn begin(&self, bus: Arc<dyn Bus>, epoch: Epoch, stop: CancellationToken) -> Result<Term, StoreError> {
        let restored = self.feeds.restore(&self.ground.store).await?;
        let parts = EngineParts { bus, epoch, ground: self.ground.clone(), settings: self.settings };
        let (engine, task) = engine_task::start(parts, restored, stop.clone()).await;
        Ok(Term { engine, task, is_over: false, stop })
    }
}

impl Term {
    /// Hands the feeds' prices to the engine from now on, and returns what makes the demo portfolio at the very first start,
    /// begins to show what people entered as prices, looks after jobs whose process is gone, and makes backups.
    ///
    /// The demo is imported through the hub like any other portfolio, so the hub must already reach this engine.
    pub(crate) fn take_prices(&self, terms: Arc<Terms>, hub: Hub) -> impl Future<Output = Result<(), StoreError>> + use<> {
        terms.feeds.start(self.engine.clone(), self.stop.clone());
        let stop = self.stop.clone();
        async move {
            terms.feeds.seed_demo(&terms.ground.store, &hub).await?;
            // A ledger may have 50,000 instruments: pages are answered meanwhile.
            let (acting, shown) = (hub.acting(Actor::local()), hub.acting(Actor::local()));
            let show = async move { shown.show_all_entered().await };
            let look = async move { acting.fail_abandoned_jobs().await };
            let stopped = stop.clone();
            tokio::spawn(async move { stopped.run_until_cancelled(show).await });
            if let Some(backups) = terms.backups.clone() {
                let (saving, stopped) = (hub.acting(Actor::local()), stop.clone());
                let save = async move { saving.back_up_when_due(backups).await };
                tokio::spawn(async move { stopped.run_until_cancelled(save).await });
            }
            tokio::spawn(async move { stop.run_until_cancelled(look).await });
            Ok(())
        }
    }

    /// Waits until the engine has ended, which it does by itself where another engine has taken over the database.
    pub(crate) async fn is_over(&mut self) {
        if let Err(error) = (&mut self.task).await {
            tracing::error!("the engine did not end in order: {error}");
        }
        self.is_over = true;
    }

    /// Stops the feeds and the engine, and waits until everything that was decided is stored.
    pub(crate) async fn end(mut self) {
        self.stop.cancel();
        if !self.is_over {
            self.is_over().await;
        }
    }
}
