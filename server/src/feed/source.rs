//! What every source of prices offers, whatever it is: a model, files, or a provider elsewhere.
//!
//! A source waits by the clock that it was opened with, and hands over what it has through a [`TickSink`], which waits where the
//! engine is behind. It knows neither the engine nor the store.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::quote::Tick;
use foliostream::domain::source::{Nature, SourceName};
use foliostream::wire::commands::{ActivityDraft, PortfolioDraft};

/// Batches that may wait between a source and the engine: one, so that a source notices within a batch that the engine is behind.
const WAITING_BATCHES: usize = 1;

/// What a source was asked for, once it has it.
pub(crate) type Asked<'a, T> = BoxFuture<'a, Result<T, SourceError>>;

/// A source that was opened.
pub(crate) type Opened = Result<Arc<dyn Source>, SourceError>;

/// Where prices come from.
///
/// Several run at once. Each instrument has one of them: the first that was named and offers it.
pub trait Source: fmt::Debug + Send + Sync {
    /// Returns its name, which its ticks carry.
    fn name(&self) -> SourceName;

    /// Returns what its prices are.
    fn nature(&self) -> Nature;

    /// Returns the instruments that it describes, in a fixed order. They are in the catalogue from the start, and nothing of them is
    /// stored: the source gives their prices and their history again after a restart. A source that learns what it has only as it
    /// reads describes none; what its ticks say of an instrument is then all that is known.
    fn instruments(&self) -> Vec<Instrument> {
        Vec::new()
    }

    /// Returns the tickers of everything it has prices of. It may have to read all of that, so that it is asked only where another
    /// source was named after it, which must not bring the same ones.
    fn tickers(&self) -> Asked<'_, HashSet<Ticker>>;

    /// Returns the prices that stand right now, for the engine to begin with; none where they only come with time.
    fn ticks_now(&self) -> Vec<Tick> {
        Vec::new()
    }

    /// Returns whether it starts over when the process starts, so that what was observed of it before says nothing about what comes.
    fn starts_over(&self) -> bool;

    /// Hands over ticks as they fall due, those of one instrument in order of time, until its end, until `stop`, or until the sink is
    /// closed.
    fn run(self: Arc<Self>, sink: TickSink, stop: CancellationToken) -> BoxFuture<'static, ()>;

    /// Returns a bar a day from one date to another, both included, oldest first, as the market stood at `now`; nothing where it has
    /// no history of the instrument.
    fn daily_bars(&self, _ticker: &Ticker, _from: Date, _to: Date, _now: Timestamp) -> Asked<'_, Option<Vec<Bar>>> {
        Box::pin(ready(Ok(None)))
    }

    /// Returns bars of `step` from one time to another, oldest first; nothing where it has no history of the instrument.
    fn intraday_bars(
        &self,
        _ticker: &Ticker,
        _from: Timestamp,
        _to: Timestamp,
        _step: SignedDuration,
    ) -> Asked<'_, Option<Vec<Bar>>> {
        Box::pin(ready(Ok(None)))
    }

    /// Returns at most `most` instruments that a search for `needle`, in small letters, finds, the best first.
    fn search(&self, _needle: &str, _most: usize) -> Asked<'_, Vec<Instrument>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    /// Returns the portfolio that shows a first visitor what its prices do, where it has one.
    fn demo(&self) -> Option<(PortfolioDraft, Vec<ActivityDraft>)> {
        None
    }
}

/// Why a source cannot do what it was asked, in the words of the source.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SourceError(Box<dyn Error + Send + Sync>);

impl SourceError {
    /// Makes one of what went wrong.
    pub fn of(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// The options that every source is opened with.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// The simulated market's seed.
    pub seed: u64,
    /// Whether the simulated market never closes.
    pub always_open: bool,
    /// How fast a replay runs: 1 is as it happened.
    pub replay_speed: f64,
    /// Whether a replay begins again at its end.
    pub replay_loop: bool,
    /// The clock by which sources wait.
    pub clock: Clock,
}

/// A kind of source, as `--feed` names it.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The name of its sources.
    pub name: SourceName,
    /// How it is written, for messages.
    pub usage: &'static str,
    /// Returns whether what was written behind its name and a colon, if anything was, is what it needs.
    pub takes: fn(Option<&str>) -> bool,
    /// Opens it with what was written behind its name.
    pub open: fn(Option<&str>, &SourceOptions) -> Opened,
}

/// Where a source's ticks go. It waits where the engine is behind.
#[derive(Debug)]
pub struct TickSink(mpsc::Sender<Vec<Tick>>);

/// The other end of a sink is gone: the engine of this process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more ticks are taken")]
pub struct SinkClosed;

impl TickSink {
    /// Makes a sink, and the end at which its batches come out.
    pub fn new() -> (Self, mpsc::Receiver<Vec<Tick>>) {
        let (sender, ticks) = mpsc::channel(WAITING_BATCHES);
        (Self(sender), ticks)
    }

    /// Hands over ticks that came together, in order.
    pub async fn hand_over(&self, ticks: Vec<Tick>) -> Result<(), SinkClosed> {
        self.0.send(ticks).await.map_err(|_| SinkClosed)
    }
}
