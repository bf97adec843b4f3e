//! The one writer of live truth, as a pure step.
//!
//! It is fed ticks, alerts and the clock, and answers with events. It never waits for the store: a firing, re-arming or
//! expiry changes its own copy at once and predicts `revision + 1`, which is what the store adds for each accepted change,
//! so that one crossing cannot fire twice. A refusal comes back as [`Input::AlertReplaced`].

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::alert::{Alert, AlertId, Firing};
use super::instrument::Ticker;
use super::quote::{Freshness, Quote, Tick};

/// What the engine is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// A quote older than this, counted from its receipt, is stale.
    pub stale_after: SignedDuration,
}

/// What the engine is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A price was observed.
    Tick(Tick),
    /// Quotes restored at the start: stale until a tick comes. One that is already known newer stays.
    Quotes(Vec<Quote>),
    /// All alerts, from the store, with the last prices they observed; replaces every alert known.
    Alerts(Vec<Alert>),
    /// An alert was made or changed; ignored unless its revision is higher than the known one.
    AlertChanged(Alert),
    /// What the store holds after it refused a change; taken whatever its revision.
    AlertReplaced(Alert),
    /// An alert was deleted.
    AlertDeleted(AlertId),
    /// A second has passed: freshness, expiry and cooldowns are looked at.
    Clock,
}

/// What the engine says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An alert went off: store it, then announce it.
    Fired(Firing),
    /// A repeating alert watches again.
    Rearmed {
        /// Which.
        alert_id: AlertId,
        /// The revision it had before.
        revision: i64,
    },
    /// An alert stopped watching for good.
    Expired {
        /// Which.
        alert_id: AlertId,
        /// The revision it had before.
        revision: i64,
    },
    /// A tick changed nothing.
    TickIgnored {
        /// Of what.
        ticker: Ticker,
        /// Why.
        reason: IgnoredReason,
    },
    /// Market data's health changed.
    StatusChanged(FeedStatus),
}

/// Why a tick changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IgnoredReason {
    /// Its time is before the current quote's.
    Older,
    /// Its price is zero or less.
    Invalid,
}

/// How market data is doing as a whole.
///
/// Live if any quote is; else delayed if any is; else closed if all are; else stale, also without any quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedStatus {
    /// The verdict.
    pub feed: Freshness,
    /// Since when, by the engine's clock.
    pub since: Timestamp,
}

/// Quotes and alerts, and what changed since somebody last asked.
#[derive(Debug)]
pub struct Engine {
    status: FeedStatus,
    quotes: BTreeMap<Ticker, Quote>,
}

impl Engine {
    /// Makes an engine that knows nothing yet: its status is stale.
    pub fn new(_config: EngineConfig, now: Timestamp) -> Self {
        Self { status: FeedStatus { feed: Freshness::Stale, since: now }, quotes: BTreeMap::new() }
    }

    /// Takes one input and appends what follows from it to `events`.
    pub fn step(&mut self, _input: Input, _now: Timestamp, _events: &mut Vec<Event>) {}

    /// Returns the quotes that changed since the last call, each once, in ascending order of their last change.
    pub fn take_changed(&mut self) -> Vec<Quote> {
        Vec::new()
    }

    /// Returns whether [`take_changed`](Self::take_changed) would return anything.
    pub fn has_changed(&self) -> bool {
        false
    }

    /// Returns the newest quote.
    pub fn quote(&self, ticker: &Ticker) -> Option<&Quote> {
        self.quotes.get(ticker)
    }

    /// Returns the newest quotes by ticker.
    pub fn quotes(&self) -> impl Iterator<Item = &Quote> {
        self.quotes.values()
    }

    /// Returns an alert as the engine knows it.
    pub fn alert(&self, _id: AlertId) -> Option<&Alert> {
        None
    }

    /// Returns all alerts as the engine knows them.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        std::iter::empty()
    }

    /// Returns each alert whose last price or `left_level` changed since the last call, to be stored once a second.
    pub fn observed(&mut self) -> Vec<(AlertId, Decimal, bool)> {
        Vec::new()
    }

    /// Returns how market data is doing.
    pub fn status(&self) -> FeedStatus {
        self.status
    }
}
