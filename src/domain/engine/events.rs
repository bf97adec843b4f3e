//! The engine's inputs and its events.

use jiff::{SignedDuration, Timestamp};

use super::super::alert::{Alert, AlertId, Firing, Rearming};
use super::super::instrument::Ticker;
use super::super::quote::{Freshness, Quote, Tick};
use super::ledger_splits::LedgerSplits;

/// Settings that the engine gets once, when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// A quote older than this, counted from its receipt, is stale.
    pub stale_after: SignedDuration,
}

/// One input of a step of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A price was observed.
    Tick(Tick),
    /// A feed started over, such as a replay that is played from its beginning, and has its first price of this instrument. The
    /// quote from before is forgotten, as it may be newer than the ticks to come.
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

/// What a step of the engine led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An alert went off: store it, then announce it.
    Fired(Firing),
    /// A repeating alert watches again.
    Rearmed {
        /// The alert that watches again.
        alert_id: AlertId,
        /// Its revision before, and the price from which it watches.
        rearming: Rearming,
    },
    /// An alert stopped watching for good.
    Expired {
        /// The alert that stopped.
        alert_id: AlertId,
        /// The revision it had before.
        revision: i64,
    },
    /// A tick changed nothing.
    TickIgnored {
        /// The instrument of the tick.
        ticker: Ticker,
        /// Why it changed nothing.
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
    /// The freshness of the market as a whole.
    pub feed: Freshness,
    /// When it became so, by the engine's clock.
    pub since: Timestamp,
}
