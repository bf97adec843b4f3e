//! A market that is a pure function of (seed, instant): any process, at any time, sees the same prices.
//!
//! A log price is a level plus weighted Brownian factors: the market, a sector, and the instrument's own. Daily closes are
//! prefix sums of daily increments from [`HISTORY_BEGINS`]; within a session each factor follows its own bridge, so that
//! instruments also move together from second to second. There is no state to lose: a restart continues the same path,
//! and a session begins exactly where the one before ended.
//!
//! `f64` lives in the model only; a price leaves it as a `Decimal` rounded to the instrument's decimals.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::quote::{self, Tick};
use foliostream::domain::source::SourceName;

use super::catalogue::{Listing, MARKET_VOLATILITY, drift, listings, spread_basis_points};
use super::noise::{Factor, SAMPLES};
use super::sessions::{Calendar, Session, unix_day};

/// The name of the source in the quotes that it brings.
pub(crate) const NAME: SourceName = SourceName::of("simulated");

/// The first day there are prices of. Fixed, so that the path does not depend on when a process starts.
pub(crate) const HISTORY_BEGINS: Date = date(2018, 1, 1);

/// The day before which the walk runs backwards and after which it runs forwards from the catalogue's levels.
const REFERENCE_DAY: Date = date(2026, 1, 1);

/// How far ahead closes are summed beforehand: three years. Later days are summed when asked for: slower, never wrong.
const DAYS_AHEAD: i64 = 1_096;

/// Every instrument ticks this often, each at its own phase: five ticks in two seconds.
const TICK_INTERVAL_US: i64 = 400_000;

/// After a longer pause than this only the last tick of each instrument is worth telling.
const CATCH_UP_LIMIT: SignedDuration = SignedDuration::from_secs(10);

/// The simulated market; see the module.
#[derive(Debug)]
pub(crate) struct SimulatedMarket {
    series: Vec<Series>,
    places: HashMap<Ticker, usize>,
    instruments: Vec<Instrument>,
}

/// The path of one instrument's price: its parameters, and what is computed from them once.
#[derive(Debug)]
pub(super) struct Series {
    ticker: Ticker,
    listing: Listing,
    pub(super) calendar: Calendar,
    /// The factors and what one of their standard deviations moves the log price by on one day.
    factors: [(Factor, f64); 3],
    drift_per_day: f64,
    /// Log closes: the first is the one before [`HISTORY_BEGINS`], then one a calendar day.
    log_closes: Vec<f64>,
    phase_us: i64,
}

impl SimulatedMarket {
    /// Builds the market of a seed. `now` says only how far the table of closes reaches beforehand, never a price.
    ///
    /// `always_open` makes every UTC day a session of 24 hours for everything; otherwise exchanges keep their hours.
    pub(crate) fn new(seed: u64, always_open: bool, now: Timestamp) -> Self {
        let listings = listings();
        let count = i64::try_from(listings.len()).expect("the catalogue is short");
        let instruments = listings.iter().map(|listing| listing.instrument.clone()).collect();
        let last = now.as_second().div_euclid(86_400).clamp(unix_day(REFERENCE_DAY), 84_000) + DAYS_AHEAD;
        let days = unix_day(HISTORY_BEGINS)..=last;
        let series: Vec<Series> = (0..count)
            .zip(listings)
            .map(|(place, listing)| {
                let phase_us = place * TICK_INTERVAL_US / count;
                Series::new(seed, always_open, listing, phase_us, days.clone())
            })
            .collect();
        let places = series.iter().enumerate().map(|(place, series)| (series.ticker.clone(), place)).collect();
        Self { series, places, instruments }
    }

    /// Returns what is traded, in a fixed order.
    pub(crate) fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Returns the catalogue's entry of a ticker.
    pub(crate) fn instrument(&self, ticker: &Ticker) -> Option<&Instrument> {
        self.instruments.get(*self.places.get(ticker)?)
    }

    pub(super) fn series_of(&self, ticker: &Ticker) -> Option<&Series> {
        self.series.get(*self.places.get(ticker)?)
    }

    /// Returns one instrument's of [`ticks_at`](Self::ticks_at). An unknown ticker has none.
    #[cfg(test)]
    pub(crate) fn tick_at(&self, ticker: &Ticker, instant: Timestamp) -> Option<Tick> {
        Some(self.series_of(ticker)?.latest(instant))
    }

    /// Returns the market as it stands: each instrument's last tick at or before the instant. In a session that is the last point
    /// of its grid, otherwise the close of the last session, marked closed and timed at its end.
    pub(crate) fn ticks_at(&self, instant: Timestamp) -> Vec<Tick> {
        self.series.iter().map(|series| series.latest(instant)).collect()
    }

    /// Returns every tick after `after` up to and including `until`, in time order.
    ///
    /// A closing market gives one last tick, marked closed. At most 26 ticks an instrument: over more than ten seconds
    /// only each instrument's last one.
    pub(crate) fn ticks_between(&self, after: Timestamp, until: Timestamp) -> Vec<Tick> {
        let mut ticks = Vec::new();
        if until <= after {
            return ticks;
        }
        let only_last = until.duration_since(after) > CATCH_UP_LIMIT;
        for series in &self.series {
            if only_last {
                ticks.extend(Some(series.latest(until)).filter(|tick| tick.time > after));
            } else {
                series.extend_between(after, until, &mut ticks);
            }
        }
        ticks.sort_by_key(|tick| tick.time);
        ticks
    }

    /// Returns when the last session that began at or before the instant began.
    #[cfg(test)]
    pub(crate) fn session_start(&self, ticker: &Ticker, instant: Timestamp) -> Option<Timestamp> {
        Some(self.series_of(ticker)?.calendar.last_started(instant).open)
    }

    /// Returns the close of the last session on or before the date, in the instrument's currency.
    pub(crate) fn close_on(&self, ticker: &Ticker, date: Date) -> Option<Decimal> {
        let series = self.series_of(ticker)?;
        Some(series.close(unix_day(date)))
    }
}

impl Series {
    fn new(seed: u64, always_open: bool, listing: Listing, phase_us: i64, days: std::ops::RangeInclusive<i64>) -> Self {
        let ticker = listing.instrument.ticker.clone();
        let calendar = Calendar::new(listing.exchange, always_open);
        let market = listing.beta * MARKET_VOLATILITY;
        let sector = listing.sector.share() * listing.volatility;
        let own = (listing.volatility.powi(2) - market.powi(2) - sector.powi(2)).max(0.0).sqrt();
        let per_day = calendar.days_per_year().sqrt().recip();
        let factors = [
            (Factor::new(seed, "market"), market * per_day),
            (Factor::new(seed, listing.sector.factor()), sector * per_day),
            (Factor::new(seed, ticker.as_str()), own * per_day),
        ];
        let drift_per_day = drift(listing.instrument.class) / calendar.days_per_year();
        let mut series = Self { ticker, listing, calendar, factors, drift_per_day, log_closes: vec![0.0], phase_us };
        series.sum_closes(days);
        series
    }

    /// Fills the table of closes and shifts it so that the reference day closes at the catalogue's level.
    fn sum_closes(&mut self, days: std::ops::RangeInclusive<i64>) {
        let mut sum = 0.0;
        for day in days {
            sum += self.daily_return(day);
            self.log_closes.push(sum);
        }
        let shift = self.listing.level.ln() - self.log_close(unix_day(REFERENCE_DAY));
        self.log_closes.iter_mut().for_each(|close| *close += shift);
    }

    /// Returns the log return of a day; nothing moves on a day without a session.
    fn daily_return(&self, day: i64) -> f64 {
        if !self.calendar.trades_on(day) {
            return 0.0;
        }
        self.drift_per_day + self.factors.iter().map(|(factor, weight)| weight * factor.increment(day)).sum::<f64>()
    }

    /// Returns the log close of a day; before history begins, the level it begins at.
    fn log_close(&self, day: i64) -> f64 {
        let place = usize::try_from(day - unix_day(HISTORY_BEGINS) + 1).unwrap_or(0);
        if let Some(close) = self.log_closes.get(place) {
            return *close;
        }
        let known = self.log_closes.len() - 1;
        let beyond = day - i64::try_from(place - known).unwrap_or(0) + 1;
        self.log_closes[known] + (beyond..=day).map(|day| self.daily_return(day)).sum::<f64>()
    }

    /// Returns the log price at an instant of a session.
    fn log_price(&self, session: &Session, instant: Timestamp) -> f64 {
        let day = session.unix_day;
        if instant >= session.close || day < unix_day(HISTORY_BEGINS) {
            return self.log_close(day);
        }
        let fraction = session.fraction(instant);
        let moved: f64 = self.factors.iter().map(|(factor, weight)| weight * factor.bridge(day, fraction)).sum();
        self.log_close(day - 1) + self.drift_per_day * fraction + moved
    }

    /// Returns the log prices at every 1/[`SAMPLES`] of a session, both ends included.
    pub(super) fn log_samples(&self, day: i64) -> [f64; SAMPLES + 1] {
        let mut points = [0.0; SAMPLES + 1];
        for (factor, weight) in &self.factors {
            for (point, sample) in points.iter_mut().zip(factor.samples(day)) {
                *point += weight * sample;
            }
        }
        let base = self.log_close(day - 1);
        for (place, point) in points.iter_mut().enumerate() {
            *point += base + self.drift_per_day * place as f64 / SAMPLES as f64;
        }
        points
    }

    /// Returns money from the model: rounded to the instrument's decimals, never below ten of its smallest steps.
    pub(super) fn rounded(&self, log_price: f64) -> Decimal {
        let decimals = self.listing.instrument.price_decimals;
        let steps = (log_price.exp() * 10_f64.powi(decimals.cast_signed())).round();
        Decimal::new((steps as i64).max(10), decimals)
    }

    /// Returns the price at an instant of a session.
    pub(super) fn price(&self, session: &Session, instant: Timestamp) -> Decimal {
        self.rounded(self.log_price(session, instant))
    }

    /// Returns the close of the last session on or before a day.
    pub(super) fn close(&self, day: i64) -> Decimal {
        self.rounded(self.log_close(day))
    }

    /// Returns the units traded in a session up to an instant: most at both ends, never falling.
    pub(super) fn volume(&self, session: &Session, instant: Timestamp) -> Decimal {
        let (own, _) = self.factors[2];
        let passed = session.fraction(instant);
        let share = passed * (1.5 - 1.5 * passed + passed * passed);
        let units = self.listing.daily_volume * own.busyness(session.unix_day) * share;
        Decimal::from(units as i64)
    }

    /// Returns the last point of this instrument's grid at or before the instant.
    fn last_grid_point(&self, instant: Timestamp) -> Timestamp {
        let past = (instant.as_microsecond() - self.phase_us).rem_euclid(TICK_INTERVAL_US);
        Timestamp::from_microsecond(instant.as_microsecond() - past).unwrap_or(Timestamp::MIN)
    }

    /// Returns the last tick at or before the instant.
    pub(super) fn latest(&self, instant: Timestamp) -> Tick {
        let point = self.last_grid_point(instant);
        let session = self.calendar.last_started(instant);
        if session.contains(point) && instant < session.close {
            return self.tick(&session, point);
        }
        // Within the first moments of a session, before its first grid point, the session before still speaks.
        let session = if point < session.open { self.calendar.last_started(point) } else { session };
        if session.contains(point) { self.tick(&session, point) } else { self.tick(&session, session.close) }
    }

    fn extend_between(&self, after: Timestamp, until: Timestamp, ticks: &mut Vec<Tick>) {
        let interval = SignedDuration::from_micros(TICK_INTERVAL_US);
        let last = self.calendar.last_started(until);
        let mut session = self.calendar.last_started(after);
        let mut point = self.last_grid_point(after);
        loop {
            point = match point.checked_add(interval) {
                Ok(point) if point <= until => point,
                _ => break,
            };
            if !session.contains(point) {
                session = last;
            }
            if session.contains(point) {
                ticks.push(self.tick(&session, point));
            }
        }
        if after < last.close && last.close <= until {
            ticks.push(self.tick(&last, last.close));
        }
    }

    /// Builds the tick of an instant of a session; at its end the market is closed.
    fn tick(&self, session: &Session, instant: Timestamp) -> Tick {
        let instrument = &self.listing.instrument;
        let price = self.price(session, instant);
        let half_spread = self.half_spread(price);
        let state = if session.contains(instant) { quote::Session::Open } else { quote::Session::Closed };
        Tick {
            ticker: self.ticker.clone(),
            price,
            bid: Some(price - half_spread),
            ask: Some(price + half_spread),
            volume: Some(self.volume(session, instant)),
            currency: Some(instrument.currency),
            previous_close: Some(self.close(session.unix_day - 1)),
            time: instant,
            session: state,
            recorded: false,
            source: NAME,
            delay_s: 0,
        }
    }

    /// Returns half the spread: at least one of the instrument's smallest steps.
    fn half_spread(&self, price: Decimal) -> Decimal {
        let decimals = self.listing.instrument.price_decimals;
        let steps = price.mantissa() as f64 * spread_basis_points(self.listing.instrument.class) / 20_000.0;
        Decimal::new((steps.round() as i64).max(1), decimals)
    }
}

#[cfg(test)]
mod tests;
