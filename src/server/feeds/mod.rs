//! Which feed a process has: checked at the start, driven by whoever is the engine, with the demo portfolio that its prices make.

mod demo;
mod drive;

use std::collections::HashSet;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::alert::Alert;
use crate::domain::instrument::Ticker;
use crate::domain::user::Actor;

use self::demo::demo_activities;
use super::clock::Clock;
use super::config::{Config, Feed};
use super::engine_task::{EngineQueue, Restored};
use super::feed::replay::{self, Replay, ReplayError};
use super::feed::simulated::SimulatedMarket;
use super::hub::Hub;
use super::store::{Store, StoreError};

/// The setting that says the demo portfolio was made once; deleting it is for good.
const DEMO_SEEDED: &str = "demo_seeded";

/// The feed that was asked for.
#[derive(Debug)]
pub struct Feeds {
    feed: Feed,
    model: Option<Arc<SimulatedMarket>>,
    replay_loop: bool,
    replay_speed: f64,
    no_demo: bool,
    clock: Clock,
}

impl Feeds {
    /// Opens the feed before anything else is touched: a replay without a good row is refused.
    pub fn open(config: &Config, clock: &Clock) -> Result<Self, ReplayError> {
        if let Feed::Replay(files) = &config.feed {
            replay::open(files)?;
        }
        let model = || Arc::new(SimulatedMarket::new(config.seed, config.always_open, clock.now()));
        Ok(Self {
            feed: config.feed.clone(),
            model: (config.feed == Feed::Simulated).then(model),
            replay_loop: config.replay_loop,
            replay_speed: config.replay_speed,
            no_demo: config.no_demo,
            clock: clock.clone(),
        })
    }

    /// Returns the seeded model, where prices are simulated.
    pub fn model(&self) -> Option<&Arc<SimulatedMarket>> {
        self.model.as_ref()
    }

    /// Gathers what the engine starts from: what was pushed before, and what the model says now. A replay begins anew, so that what
    /// alerts observed of it before says nothing.
    pub async fn restore(&self, store: &Store) -> Result<Restored, StoreError> {
        let mut alerts = store.all_alerts().await?;
        let mut quotes = store.quotes().await?;
        if let Some(model) = &self.model {
            quotes.retain(|quote| model.instrument(&quote.ticker).is_none());
        }
        if matches!(self.feed, Feed::Replay(_)) {
            let kept: HashSet<&Ticker> = quotes.iter().map(|quote| &quote.ticker).collect();
            let is_of_replay = |alert: &&mut Alert| alert.rule.tickers().any(|ticker| !kept.contains(ticker));
            alerts.iter_mut().filter(is_of_replay).for_each(|alert| alert.memory.forget_prices());
        }
        let ticks = self.model.as_ref().map(|model| model.ticks_at(self.clock.now())).unwrap_or_default();
        Ok(Restored { quotes, alerts, ticks, applied: store.applied_orders().await? })
    }

    /// Hands the feed's ticks to the engine as they fall due, until `stop`.
    pub fn start(&self, engine: EngineQueue, stop: CancellationToken) {
        match &self.feed {
            Feed::Simulated => {
                if let Some(model) = &self.model {
                    tokio::spawn(drive::simulated(Arc::clone(model), engine, self.clock.clone(), stop));
                }
            }
            Feed::Replay(files) => match replay::open(files) {
                Ok(replay) => {
                    let replay = self.repeated(replay);
                    tokio::spawn(drive::replay(replay, self.replay_speed, engine, self.clock.clone(), stop));
                }
                Err(error) => tracing::error!("the replay cannot begin again: {error}"),
            },
            Feed::None => {}
        }
    }

    fn repeated(&self, replay: Replay) -> Replay {
        if self.replay_loop { replay.repeating() } else { replay }
    }

    /// Makes the demo portfolio at the very first start.
    pub async fn seed_demo(&self, store: &Store, hub: &Hub) -> Result<(), StoreError> {
        let Some(model) = &self.model else { return Ok(()) };
        if self.no_demo || store.get_setting(DEMO_SEEDED).await?.is_some() || !store.all_portfolios().await?.is_empty() {
            return Ok(());
        }
        let (draft, activities) = demo_activities(model, self.clock.now());
        if let Err(refusal) = hub.acting(Actor::local()).import(draft, activities).await {
            tracing::error!("the demo portfolio could not be made: {refusal}");
            return Ok(());
        }
        store.set_setting(DEMO_SEEDED, "true").await
    }
}
