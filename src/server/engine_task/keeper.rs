//! Keeps what may be a second old after a crash: last quotes, recorded bars, and what each alert last observed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tokio::task::JoinHandle;

use crate::domain::engine::Engine;
use crate::domain::instrument::{AssetClass, Instrument, Ticker};
use crate::domain::money::Currency;
use crate::domain::quote::{Quote, Tick};
use crate::domain::valuation::currency_pair;
use crate::server::board::Board;
use crate::server::history::History;
use crate::server::store::{Observation, Store, StoreError};

/// What waits to be stored.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    history: Arc<History>,
    keep_quotes: bool,
    waiting: Batch,
    writing: Option<JoinHandle<()>>,
}

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
    /// Keeps nothing yet.
    pub fn new(store: Store, history: Arc<History>, keep_quotes: bool) -> Self {
        Self { store, history, keep_quotes, waiting: Batch::default(), writing: None }
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
        if self.keep_quotes && self.waiting.bars.len() < WAITING_BARS {
            let date = tick.time.to_zoned(TimeZone::UTC).date();
            self.waiting.bars.push((tick.ticker.clone(), date, tick.price));
        }
    }

    /// Notes quotes that were published.
    pub fn changed(&mut self, quotes: &[Quote]) {
        if self.keep_quotes {
            self.waiting.quotes.extend(quotes.iter().map(|quote| (quote.ticker.clone(), quote.clone())));
        }
    }

    /// Writes what waits, unless the last writing still goes on; then it goes with the next.
    pub fn keep(&mut self, engine: &mut Engine) {
        if self.writing.as_ref().is_some_and(|writing| !writing.is_finished()) {
            return;
        }
        self.collect(engine);
        let (store, batch) = (self.store.clone(), std::mem::take(&mut self.waiting));
        self.writing = Some(tokio::spawn(async move {
            if let Err(error) = batch.write(&store).await {
                tracing::error!("last prices were not stored: {error}");
            }
        }));
    }

    /// Writes what waits now, after the writing that goes on; what comes back ends when it is on disk, or when the disk
    /// refused it, which is logged and not tried again.
    pub fn keep_surely(&mut self, engine: &mut Engine) -> impl Future<Output = ()> + Send + use<> {
        self.collect(engine);
        let (store, batch, before) = (self.store.clone(), std::mem::take(&mut self.waiting), self.writing.take());
        let (written, ended) = tokio::sync::oneshot::channel();
        self.writing = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // A writing that panicked has lost its batch, which this one supersedes.
                let _ = before.await;
            }
            if let Err(error) = batch.write(&store).await {
                tracing::error!("pushed prices were not stored: {error}");
            }
            // Whoever asked may be gone.
            let _ = written.send(());
        }));
        async move {
            let _ = ended.await;
        }
    }

    /// Writes everything, at the end.
    pub async fn keep_last(&mut self, engine: &mut Engine) {
        if let Some(writing) = self.writing.take() {
            // A writing that panicked has lost its batch, which the next one supersedes.
            let _ = writing.await;
        }
        self.collect(engine);
        if let Err(error) = std::mem::take(&mut self.waiting).write(&self.store).await {
            tracing::error!("last prices were not stored: {error}");
        }
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
    async fn write(self, store: &Store) -> Result<(), StoreError> {
        if !self.instruments.is_empty() {
            store.upsert_instruments(&self.instruments).await?;
        }
        if !self.quotes.is_empty() {
            store.save_quotes(&self.quotes.into_values().collect::<Vec<_>>()).await?;
        }
        if !self.bars.is_empty() {
            store.record_bars(&self.bars).await?;
        }
        if !self.observations.is_empty() {
            store.observe_prices(&self.observations).await?;
        }
        Ok(())
    }
}

/// Makes a catalogue entry of the little a tick tells.
pub fn instrument_of(tick: &Tick) -> Instrument {
    let pair = currency_pair(&tick.ticker);
    let class = if pair.is_some() { AssetClass::Currency } else { AssetClass::Other };
    let currency = tick.currency.or(pair.map(|(_, quoted)| quoted)).unwrap_or(Currency::USD);
    let price_decimals = tick.price.normalize().scale().clamp(2, 8);
    let name = pair.map_or_else(|| tick.ticker.to_string(), |(base, quoted)| format!("{base} in {quoted}"));
    Instrument { ticker: tick.ticker.clone(), name, currency, class, price_decimals }
}
