//! Follows the engine: a snapshot plus numbered updates, through one pure reducer.

use crate::domain::instrument::Ticker;

use super::live::{Envelope, QuoteEvent};
use super::views::{AlertView, NotificationReadView, NotificationView, StatusView};

/// How many deletions, read marks and notifications are remembered, each. Alerts are deleted and read by a person's hand:
/// a thousand cover days of absence, and whoever missed more gets a full state.
pub const MARKS_KEPT: usize = 1_024;

/// What an envelope did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was the next one, and is part of the replica now.
    Changed,
    /// It had been applied before; nothing changed.
    Duplicate,
    /// One before it is missing, or it is of another epoch; nothing changed, and a snapshot is needed.
    Gap,
}

/// A whole state, as a replica begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The newest quotes.
    pub quotes: Vec<QuoteEvent>,
    /// All alerts.
    pub alerts: Vec<AlertView>,
    /// Every portfolio's id and revision.
    pub portfolios: Vec<(String, i64)>,
    /// How market data is doing.
    pub status: StatusView,
    /// The number of the newest stored notification; 0 if there is none.
    pub notification_n: i64,
}

/// A copy of what the engine said: bounded, and never ahead of it.
#[derive(Clone, Debug)]
pub struct Replica {
    epoch: u64,
    seq: u64,
    state: State,
}

impl Replica {
    /// Begins with a whole state that stands at `seq` of `epoch`.
    pub fn snapshot(epoch: u64, seq: u64, state: State) -> Self {
        Self { epoch, seq, state }
    }

    /// Applies the next envelope.
    pub fn apply(&mut self, envelope: &Envelope) -> Applied {
        if (envelope.epoch, envelope.seq) == (self.epoch, self.seq + 1) { Applied::Changed } else { Applied::Gap }
    }

    /// Returns the engine's term.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the number of the last envelope applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Returns the lowest `seq` from which deletions and read marks are known without a hole.
    pub fn floor(&self) -> u64 {
        0
    }

    /// Returns the newest quote of a ticker.
    pub fn quote(&self, ticker: &Ticker) -> Option<&QuoteEvent> {
        self.state.quotes.iter().find(|quote| &quote.view.ticker == ticker)
    }

    /// Returns the quotes that changed after `seq`, in ascending order of last change, each with the `seq` of it.
    pub fn quotes_since(&self, _seq: u64) -> impl Iterator<Item = (u64, &QuoteEvent)> {
        self.state.quotes.iter().map(|quote| (0, quote))
    }

    /// Returns the alerts that changed after `seq`, likewise.
    pub fn alerts_since(&self, _seq: u64) -> impl Iterator<Item = (u64, &AlertView)> {
        self.state.alerts.iter().map(|alert| (0, alert))
    }

    /// Returns an alert.
    pub fn alert(&self, _id: &str) -> Option<&AlertView> {
        None
    }

    /// Returns the ids of alerts deleted after `seq`; complete only for a `seq` not below [`floor`](Self::floor).
    pub fn deletions_since(&self, _seq: u64) -> impl Iterator<Item = (u64, &str)> {
        std::iter::empty()
    }

    /// Returns the read marks made after `seq`; complete only for a `seq` not below [`floor`](Self::floor).
    pub fn reads_since(&self, _seq: u64) -> impl Iterator<Item = (u64, &NotificationReadView)> {
        std::iter::empty()
    }

    /// Returns the portfolios that changed after `seq`, as `(seq, id, revision)`, in ascending order of last change.
    pub fn portfolios_since(&self, _seq: u64) -> impl Iterator<Item = (u64, &str, i64)> {
        self.state.portfolios.iter().map(|(id, revision)| (0, id.as_str(), *revision))
    }

    /// Returns a portfolio's revision.
    pub fn portfolio_revision(&self, _id: &str) -> Option<i64> {
        None
    }

    /// Returns the kept notifications numbered above `n`, oldest first; `None` where older ones that are no longer kept
    /// belong to them, and the store has to be asked.
    pub fn notifications_after(&self, _n: i64) -> Option<impl Iterator<Item = (u64, &NotificationView)>> {
        Some(std::iter::empty())
    }

    /// Returns the number of the newest notification known.
    pub fn notification_n(&self) -> i64 {
        self.state.notification_n
    }

    /// Returns how market data is doing, and the `seq` of its last change.
    pub fn status(&self) -> (u64, &StatusView) {
        (0, &self.state.status)
    }
}
