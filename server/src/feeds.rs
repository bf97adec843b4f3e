//! What comes in by itself: the sources of a process, opened at the start, run while this process is the engine, with the demo
//! portfolio of the source that has one.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use foliostream::domain::alert::Alert;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::quote::Tick;
use foliostream::domain::user::Actor;

use super::clock::Clock;
use super::config::Config;
use super::engine_task::{EngineQueue, Restored, Work};
use super::feed::{SourceError, SourceOptions, Sources, TickSink};
use super::hub::{DEMO_PORTFOLIO, Hub};
use super::store::{Store, StoreError};

/// The setting that says the demo portfolio was made once; deleting it is for good.
const DEMO_SEEDED: &str = "demo_seeded";

/// Tickers that are named in the log because a source has them that was named after another; more say no more.
const NAMED_DOUBLES: usize = 100;

/// The sources that were asked for.
#[derive(Debug)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct Feeds {
    sources: Arc<Sources>,
    no_demo: bool,
}

impl Feeds {
    /// Opens the sources before anything else is touched: a replay without a good row is refused.
    pub(crate) async fn open(config: &Config, clock: &Clock) -> Result<Self, SourceError> {
        let options = SourceOptions {
            seed: config.seed,
            always_open: config.always_open,
            replay_speed: config.replay_speed,
            replay_loop: config.replay_loop,
            clock: clock.clone(),
        };
        let opened = config.sources().iter().map(|named| named.open(&options)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { sources: Arc::new(Sources::open(opened).await?), no_demo: config.no_demo })
    }

    /// Returns the sources that were opened.
    pub(crate) fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Gathers what the engine starts from: what the sources say now, and what else was pushed before. Where a source starts over,
    /// what alerts observed of it before says nothing: all that neither was pushed nor is said now.
    pub(crate) async fn restore(&self, store: &Store) -> Result<Restored, StoreError> {
        let mut alerts = store.all_alerts().await?;
        let mut quotes = store.quotes().await?;
        let ticks = self.sources.ticks_now();
        let mut known: HashSet<&Ticker> = ticks.iter().map(|tick| &tick.ticker).collect();
        quotes.retain(|quote| !known.contains(&quote.ticker));
        if self.sources.all().iter().any(|source| source.starts_over()) {
            known.extend(quotes.iter().map(|quote| &quote.ticker));
            let has_unknown = |alert: &&mut Alert| alert.rule.tickers().any(|ticker| !known.contains(ticker));
            alerts.iter_mut().filter(has_unknown).for_each(|alert| alert.memory.forget_prices());
        }
        Ok(Restored { quotes, alerts, ticks, applied: store.applied_calls().await? })
    }

    /// Hands the ticks of every source to the engine as they fall due, until `stop`.
    pub(crate) fn start(&self, engine: EngineQueue, stop: CancellationToken) {
        for (place, source) in self.sources.all().iter().enumerate() {
            let (sink, ticks) = TickSink::new();
            tokio::spawn(Arc::clone(source).run(sink, stop.clone()));
            tokio::spawn(hand_over(Arc::clone(&self.sources), place, ticks, engine.clone()));
        }
    }

    /// Makes the demo portfolio at the very first start.
    pub(crate) async fn seed_demo(&self, store: &Store, hub: &Hub) -> Result<(), StoreError> {
        if self.no_demo || store.get_setting(DEMO_SEEDED).await?.is_some() || !store.all_portfolios().await?.is_empty() {
            return Ok(());
        }
        let Some((draft, activities)) = self.sources.demo() else { return Ok(()) };
        match hub.acting(Actor::local()).import(draft, activities).await {
            Ok(demo) => {
                store.set_setting(DEMO_PORTFOLIO, &demo.portfolio_id).await?;
                store.set_setting(DEMO_SEEDED, "true").await
            }
            Err(refusal) => {
                tracing::error!("the demo portfolio could not be made: {refusal}");
                Ok(())
            }
        }
    }
}

/// Hands the engine what a source brings, without the instruments that have their prices from another; ends with either.
async fn hand_over(sources: Arc<Sources>, place: usize, mut ticks: mpsc::Receiver<Vec<Tick>>, engine: EngineQueue) {
    let mut left_out = HashSet::new();
    while let Some(mut batch) = ticks.recv().await {
        batch.retain(|tick| {
            let is_owner = sources.is_owner(place, &tick.ticker);
            if !is_owner {
                say_once(&sources, tick, &mut left_out);
            }
            is_owner
        });
        if !batch.is_empty() && engine.hand_over(Work::Feed(batch)).await.is_err() {
            return;
        }
    }
}

/// Says of an instrument, once, that its ticks of this source are left out.
fn say_once(sources: &Sources, tick: &Tick, left_out: &mut HashSet<Ticker>) {
    if left_out.len() < NAMED_DOUBLES
        && left_out.insert(tick.ticker.clone())
        && let Some(owner) = sources.owner(&tick.ticker)
    {
        let (ticker, source, owner) = (&tick.ticker, tick.source, owner.name());
        tracing::warn!("{ticker} has its prices from {owner}; those of {source} are left out, as {owner} was named first");
    }
}
