//! Keeps what may be a second old after a crash: last quotes, recorded bars, and what each alert last observed.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::engine::Engine;
use crate::domain::instrument::{AssetClass, Instrument, Ticker};
use crate::domain::quote::{Quote, Tick};
use crate::domain::rates::{currency_pair, presumed_currency};
use crate::server::board::Board;
use crate::server::history::History;
use crate::server::store::{Observation, Store, StoreError};

/// What waits to be stored.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    epoch: u64,
    history: Arc<History>,
    /// What the feed itself brings, which begins anew after a restart.
    fed: HashSet<Ticker>,
    waiting: Batch,
    writing: Option<JoinHandle<()>>,
    /// What the disk refused: it goes with the next writing.
    refused: Arc<Mutex<Batch>>,
    fenced: Arc<AtomicBool>,
}

/// The disk refused to keep what was pushed. It is tried again every second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the prices were seen but could not be stored; they are tried again, and the operator finds why in the log")]
pub struct NotKept;

#[derive(Clone, Debug, Default)]
struct Batch {
    quotes: HashMap<Ticker, Quote>,
    bars: Vec<(Ticker, Date, Decimal)>,
    instruments: Vec<Instrument>,
    observations: Vec<Observation>,
}

/// Prices of bars that wait at most: about four seconds of a very busy feed. Later ones go with the next batch's close.
const WAITING_BARS: usize = 20_000;

impl Keeper {
    /// Keeps nothing yet, for the engine of an epoch.
    pub fn new(store: Store, epoch: u64, history: Arc<History>) -> Self {
        Self {
            store,
            epoch,
            history,
            fed: HashSet::new(),
            waiting: Batch::default(),
            writing: None,
            refused: Arc::default(),
            fenced: Arc::default(),
        }
    }

    /// Notes that the feed itself brings an instrument; tells whether that is news. What the model knows has always been the
    /// feed's.
    pub fn is_first_of_feed(&mut self, ticker: &Ticker) -> bool {
        !self.history.models(ticker) && !self.fed.contains(ticker) && self.fed.insert(ticker.clone())
    }

    /// Tells whether an instrument's quotes must survive a restart: those that were pushed must, those that the model or the
    /// replay will bring again need not.
    fn keeps(&self, ticker: &Ticker) -> bool {
        !self.fed.contains(ticker) && !self.history.models(ticker)
    }

    /// Notes a tick: its instrument where it is new, and its price for the day's bar where no model knows it.
    pub fn note(&mut self, tick: &Tick, board: &Board) {
        if self.history.models(&tick.ticker) {
            return;
        }
        if board.instrument(&tick.ticker).is_none() {
            let instrument = instrument_of(tick);
            board.add_instruments([instrument.clone()]);
            self.waiting.instruments.push(instrument);
        }
        if self.keeps(&tick.ticker) && self.waiting.bars.len() < WAITING_BARS {
            let date = tick.time.to_zoned(TimeZone::UTC).date();
            self.waiting.bars.push((tick.ticker.clone(), date, tick.price));
        }
    }

    /// Notes quotes that were published.
    pub fn changed(&mut self, quotes: &[Quote]) {
        let kept = quotes.iter().filter(|quote| self.keeps(&quote.ticker));
        let kept: Vec<_> = kept.map(|quote| (quote.ticker.clone(), quote.clone())).collect();
        self.waiting.quotes.extend(kept);
    }

    /// Tells whether the store has refused this engine, because another epoch has begun.
    pub fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::Acquire)
    }

    /// Writes what waits, unless the last writing still goes on; then it goes with the next. What alerts observed is written
    /// once the records decided before are stored, for only then is an alert at the revision that observed.
    pub fn keep(&mut self, engine: &mut Engine, records_stored: oneshot::Receiver<()>) {
        if self.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            return;
        }
        // What becomes of it is in the log; nobody waits to hear it.
        drop(self.write(engine, records_stored));
    }

    /// Writes what waits now, after the writing that goes on; what comes back ends when it is on disk, or when the disk
    /// refused it. What was refused is written again with whatever comes next.
    pub fn keep_surely(
        &mut self,
        engine: &mut Engine,
        records_stored: oneshot::Receiver<()>,
    ) -> impl Future<Output = Result<(), NotKept>> + Send + use<> {
        let ended = self.write(engine, records_stored);
        async move { ended.await.unwrap_or(Err(NotKept)) }
    }

    fn write(&mut self, engine: &mut Engine, records_stored: oneshot::Receiver<()>) -> oneshot::Receiver<Result<(), NotKept>> {
        self.collect(engine);
        let (store, waiting, before) = (self.store.clone(), std::mem::take(&mut self.waiting), self.writing.take());
        let (refused, fenced, epoch) = (Arc::clone(&self.refused), Arc::clone(&self.fenced), self.epoch);
        let (written, ended) = oneshot::channel();
        self.writing = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // A writing that panicked has lost its batch, which this one supersedes.
                let _ = before.await;
            }
            let batch = take(&refused).followed_by(waiting);
            let outcome = batch.write(&store, epoch, records_stored).await.map_err(|error| {
                if matches!(error, StoreError::Fenced { .. }) {
                    fenced.store(true, Ordering::Release);
                } else {
                    tracing::error!("prices are not stored yet: {error}");
                    *refused.lock().unwrap_or_else(PoisonError::into_inner) = batch;
                }
                NotKept
            });
            // Whoever asked may be gone.
            let _ = written.send(outcome);
        }));
        ended
    }

    fn collect(&mut self, engine: &mut Engine) {
        let observed = engine.observed();
        let observations = observed.into_iter().filter_map(|(alert_id, price, left_level)| {
            let revision = engine.alert(alert_id)?.revision;
            Some(Observation { alert_id, revision, price, left_level })
        });
        self.waiting.observations.extend(observations);
    }
}

impl Batch {
    async fn write(&self, store: &Store, epoch: u64, records_stored: oneshot::Receiver<()>) -> Result<(), StoreError> {
        if !self.instruments.is_empty() {
            store.upsert_instruments(&self.instruments).await?;
        }
        if !self.quotes.is_empty() {
            store.save_quotes(epoch, &self.quotes.values().cloned().collect::<Vec<_>>()).await?;
        }
        if !self.bars.is_empty() {
            store.record_bars(epoch, &self.bars).await?;
        }
        // Where the engine is over before, its observations are too.
        if !self.observations.is_empty() && records_stored.await.is_ok() {
            store.observe_prices(epoch, &self.observations).await?;
        }
        Ok(())
    }

    /// Returns both as one; of what may have only one value, the later one stays.
    fn followed_by(mut self, later: Self) -> Self {
        self.quotes.extend(later.quotes);
        let room = WAITING_BARS.saturating_sub(self.bars.len());
        self.bars.extend(later.bars.into_iter().take(room));
        self.instruments.extend(later.instruments);
        let newest: HashMap<_, _> =
            self.observations.into_iter().chain(later.observations).map(|seen| (seen.alert_id, seen)).collect();
        self.observations = newest.into_values().collect();
        self
    }
}

fn take(batch: &Mutex<Batch>) -> Batch {
    std::mem::take(&mut *batch.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Makes a catalogue entry of the little a tick tells.
pub fn instrument_of(tick: &Tick) -> Instrument {
    let pair = currency_pair(&tick.ticker);
    let class = if pair.is_some() { AssetClass::Currency } else { AssetClass::Other };
    let currency = tick.currency.unwrap_or_else(|| presumed_currency(&tick.ticker));
    let price_decimals = tick.price.normalize().scale().clamp(2, 8);
    let name = pair.map_or_else(|| tick.ticker.to_string(), |(base, quoted)| format!("{base} in {quoted}"));
    Instrument { ticker: tick.ticker.clone(), name, currency, class, price_decimals }
}
