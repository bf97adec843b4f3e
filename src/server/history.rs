//! Bars for charts: from the simulated market where it knows the instrument, otherwise from what was observed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::domain::bar::{Bar, INTRADAY_STEP, RecentBars};
use crate::domain::instrument::Ticker;
use crate::domain::moment::Moment;
use crate::domain::money::Currency;
use crate::domain::quote::Tick;
use crate::domain::rates::{RateObservation, Rates};

use super::feed::simulated::SimulatedMarket;
use super::store::{Store, StoreError};

/// Instruments whose intraday bars are kept: about 30 MB at the most.
const KEPT_INSTRUMENTS: usize = 2_000;

/// Daily bars of one answer at most: 13 years of a market that never closes, some 700 KB.
const MOST_DAYS: usize = 5_000;

/// Where bars come from.
#[derive(Debug)]
pub struct History {
    model: Option<Arc<SimulatedMarket>>,
    store: Store,
    observed: Mutex<HashMap<Ticker, RecentBars>>,
}

impl History {
    /// Makes a history.
    pub fn new(model: Option<Arc<SimulatedMarket>>, store: Store) -> Self {
        Self { model, store, observed: Mutex::default() }
    }

    /// Tells whether the model knows an instrument.
    pub fn models(&self, ticker: &Ticker) -> bool {
        self.model.as_ref().is_some_and(|model| model.instrument(ticker).is_some())
    }

    /// Notes a tick that the engine takes. An instrument of the model is followed from the first question for it, which asks the model for what
    /// came before.
    pub fn note(&self, tick: &Tick, now: Moment) {
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        if !observed.contains_key(&tick.ticker) && (self.models(&tick.ticker) || observed.len() >= KEPT_INSTRUMENTS) {
            return;
        }
        observed.entry(tick.ticker.clone()).or_default().note(tick, now);
    }

    /// Returns daily bars from one date to another, both included; of very many the newest.
    pub async fn daily(&self, ticker: &Ticker, from: Date, to: Date, now: Timestamp) -> Result<Vec<Bar>, StoreError> {
        let mut bars = match &self.model {
            Some(model) if model.instrument(ticker).is_some() => model.daily_bars(ticker, from, to, now),
            _ => self.store.bars(ticker, from, to).await?,
        };
        bars.drain(..bars.len().saturating_sub(MOST_DAYS));
        Ok(bars)
    }

    /// Returns five-minute bars of the last `span` before `until` (market time), oldest first.
    pub fn intraday(&self, ticker: &Ticker, span: SignedDuration, until: Timestamp) -> Vec<Bar> {
        let from = until.checked_sub(span).unwrap_or(Timestamp::MIN);
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) =
            self.model.as_ref().filter(|model| !observed.contains_key(ticker) && model.instrument(ticker).is_some())
        {
            // The bar that is still growing begins with the next tick.
            let before = model.intraday_bars(ticker, from, until, INTRADAY_STEP);
            observed.insert(ticker.clone(), RecentBars::new(before));
        }
        observed.get(ticker).map(|bars| bars.between(from, until)).unwrap_or_default()
    }

    /// Returns the model's hourly bars of the last `span`, oldest first; none where there is no model.
    pub fn hourly(&self, ticker: &Ticker, span: SignedDuration, until: Timestamp) -> Vec<Bar> {
        let from = until.checked_sub(span).unwrap_or(Timestamp::MIN);
        self.model
            .as_ref()
            .map(|model| model.intraday_bars(ticker, from, until, SignedDuration::from_hours(1)))
            .unwrap_or_default()
    }

    /// Returns the rate between two major currencies on a day, by the model's or the recorded closes of that day or up to a week
    /// before: direct, inverse, or through the dollar or the euro, by whichever way is nearest to the day.
    pub async fn rate(&self, from: Currency, to: Currency, date: Date, now: Timestamp) -> Result<Option<Decimal>, StoreError> {
        let mut rates = Rates::default();
        let hubs = [Currency::USD, Currency::EUR];
        let legs = hubs.into_iter().flat_map(|hub| [(from, hub), (hub, to)]);
        for (base, quoted) in [(from, to)].into_iter().chain(legs) {
            for (base, quoted) in [(base, quoted), (quoted, base)] {
                if let Some(bar) = self.last_close(base, quoted, date, now).await? {
                    rates.insert(base, quoted, RateObservation { rate: bar.close, previous: None, at: bar.time });
                }
            }
        }
        Ok(rates.rate(from, to))
    }

    /// Returns the last bar of a pair on or up to a week before a date.
    async fn last_close(&self, base: Currency, quoted: Currency, date: Date, now: Timestamp) -> Result<Option<Bar>, StoreError> {
        if base == quoted {
            return Ok(None);
        }
        let Ok(ticker) = format!("{base}{quoted}=X").parse::<Ticker>() else { return Ok(None) };
        let week_before = date.checked_sub(jiff::Span::new().days(7)).unwrap_or(Date::MIN);
        Ok(self.daily(&ticker, week_before, date, now).await?.pop())
    }
}

/// Returns a time's date in UTC, by which days are cut.
pub fn utc_date(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}
