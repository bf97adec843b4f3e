//! What the engine is told, and what it says.

use jiff::{SignedDuration, Timestamp};

use super::super::alert::{Alert, AlertId, Firing, Rearming};
use super::super::instrument::Ticker;
use super::super::quote::{Freshness, Quote, Tick};
use super::ledger_splits::LedgerSplits;

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
    /// A feed that began anew has its first price of an instrument: what was known of it from before says nothing.
    FeedBegins(Ticker),
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
    /// What all ledgers say of splits; replaces what they said before.
    Splits(LedgerSplits),
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
        /// From what.
        rearming: Rearming,
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
