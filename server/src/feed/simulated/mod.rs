//! The simulated market as a source: prices of a seeded model, made up as time passes.

mod bars;
mod catalogue;
mod demo;
mod market;
mod noise;
mod sessions;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use self::demo::demo_activities;
use self::market::{NAME, SimulatedMarket};
use super::source::{Asked, Kind, Opened, Source, SourceError, SourceOptions, TickSink};
use crate::clock::{Clock, after};
use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::quote::Tick;
use foliostream::domain::source::{Nature, SourceName};
use foliostream::wire::commands::{ActivityDraft, PortfolioDraft};

/// How often the model is asked: a tick waits this long at most.
const LOOK: Duration = Duration::from_millis(50);

/// The source of `--feed simulated`, which needs no files and no network.
pub(crate) const KIND: Kind = Kind { name: NAME, usage: "simulated", takes: |argument| argument.is_none(), open };

/// The seeded model, and the clock that says which of its prices stands.
#[derive(Debug)]
struct Simulated {
    market: Arc<SimulatedMarket>,
    clock: Clock,
}

fn open(_argument: Option<&str>, options: &SourceOptions) -> Opened {
    let market = Arc::new(SimulatedMarket::new(options.seed, options.always_open, options.clock.now()));
    Ok(Arc::new(Simulated { market, clock: options.clock.clone() }))
}

impl Simulated {
    /// Computes bars apart from the threads that answer everybody: those of years take some milliseconds.
    fn bars_of(
        &self,
        ticker: &Ticker,
        compute: impl FnOnce(&SimulatedMarket, &Ticker) -> Vec<Bar> + Send + 'static,
    ) -> Asked<'_, Option<Vec<Bar>>> {
        let (market, ticker) = (Arc::clone(&self.market), ticker.clone());
        Box::pin(async move {
            if market.instrument(&ticker).is_none() {
                return Ok(None);
            }
            let bars = tokio::task::spawn_blocking(move || compute(&market, &ticker)).await;
            bars.map(Some).map_err(SourceError::of)
        })
    }
}

impl Source for Simulated {
    fn name(&self) -> SourceName {
        NAME
    }

    fn nature(&self) -> Nature {
        Nature::MadeUp
    }

    fn instruments(&self) -> Vec<Instrument> {
        self.market.instruments().to_vec()
    }

    fn tickers(&self) -> Asked<'_, HashSet<Ticker>> {
        let tickers = self.market.instruments().iter().map(|instrument| instrument.ticker.clone());
        Box::pin(std::future::ready(Ok(tickers.collect())))
    }

    fn ticks_now(&self) -> Vec<Tick> {
        self.market.ticks_at(self.clock.now())
    }

    /// The path is a function of seed and time: it goes on where it would have been.
    fn starts_over(&self) -> bool {
        false
    }

    fn run(self: Arc<Self>, sink: TickSink, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut handed_over = self.clock.moment();
            loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = self.clock.sleep_until(after(handed_over.elapsed, LOOK)) => {}
                }
                let now = self.clock.moment();
                // The model's times are the wall clock's. Where that was set back, the market stands as it stood then, and goes
                // on.
                let is_set_back = now.wall < handed_over.wall;
                let ticks = if is_set_back {
                    self.market.ticks_at(now.wall)
                } else {
                    self.market.ticks_between(handed_over.wall, now.wall)
                };
                handed_over = now;
                if !ticks.is_empty() && sink.hand_over(ticks).await.is_err() {
                    return;
                }
            }
        })
    }

    fn daily_bars(&self, ticker: &Ticker, from: Date, to: Date, now: Timestamp) -> Asked<'_, Option<Vec<Bar>>> {
        self.bars_of(ticker, move |market, ticker| market.daily_bars(ticker, from, to, now))
    }

    fn intraday_bars(
        &self,
        ticker: &Ticker,
        from: Timestamp,
        to: Timestamp,
        step: SignedDuration,
    ) -> Asked<'_, Option<Vec<Bar>>> {
        self.bars_of(ticker, move |market, ticker| market.intraday_bars(ticker, from, to, step))
    }

    fn search(&self, needle: &str, most: usize) -> Asked<'_, Vec<Instrument>> {
        let ranked = |instrument: &Instrument| Some((instrument.rank(needle)?, instrument.clone()));
        let mut found: Vec<(u8, Instrument)> = self.market.instruments().iter().filter_map(ranked).collect();
        found.sort_by_key(|(rank, _)| *rank);
        let found = found.into_iter().take(most).map(|(_, instrument)| instrument);
        Box::pin(std::future::ready(Ok(found.collect())))
    }

    fn demo(&self) -> Option<(PortfolioDraft, Vec<ActivityDraft>)> {
        Some(demo_activities(&self.market, self.clock.now()))
    }
}
