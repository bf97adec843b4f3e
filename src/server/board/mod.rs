//! This worker's replica: the newest of everything, ready to be written. Prices conflate here: a ticker has one newest event.
//!
//! [`Board::step`] is the only way anything is ever sent: snapshot, replay, conflation and catch-up are one code path, told
//! apart by how old the cursor is.

mod log;
mod portfolios;
mod touched;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Bytes;
use jiff::Timestamp;

use crate::domain::instrument::{Instrument, Ticker};
use crate::domain::position::Ledger;
use crate::domain::quote::{Freshness, Quote};
use crate::domain::valuation::Valuation;
use crate::wire::live::{Cursor, Envelope, LiveEvent, QuoteEvent, ResetReason};
use crate::wire::replica::{self, Applied, Replica};
use crate::wire::views::{AlertView, StatusView};

use self::log::{Log, Notifications, Shelf};
use self::portfolios::Portfolios;
use self::touched::{Touched, quote_of};
use super::sse::filter::Filter;
use super::sse::frame::{self, Head};
use super::sse::group::{Group, Step};
use super::sse::place::Place;

/// The replica and everybody who follows it.
#[derive(Debug)]
pub struct Board {
    epoch: u64,
    state: Mutex<State>,
    groups: Mutex<HashMap<Filter, Weak<Group>>>,
    /// The newest event's number and the newest notification's, readable without the lock.
    seq: AtomicU64,
    n: AtomicI64,
    status_version: AtomicU64,
}

#[derive(Debug)]
struct State {
    replica: Replica,
    status: StatusView,
    quotes: HashMap<Ticker, Quote>,
    instruments: HashMap<Ticker, Arc<Instrument>>,
    prices: HashMap<Ticker, (u64, Head)>,
    alerts: HashMap<String, AlertView>,
    log: Log,
    notifications: Notifications,
    portfolios: Portfolios,
}

impl Board {
    /// Makes an empty board of an engine's term; `last_n` is the newest notification the store has.
    pub fn new(epoch: u64, last_n: i64, now: Timestamp) -> Self {
        let status = StatusView { feed: Freshness::Stale, since: now };
        let nothing =
            replica::State { quotes: Vec::new(), alerts: Vec::new(), portfolios: Vec::new(), status, notification_n: last_n };
        let state = State {
            replica: Replica::snapshot(epoch, 0, nothing),
            status,
            quotes: HashMap::new(),
            instruments: HashMap::new(),
            prices: HashMap::new(),
            alerts: HashMap::new(),
            log: Log::default(),
            notifications: Notifications::new(last_n),
            portfolios: Portfolios::default(),
        };
        Self {
            epoch,
            state: Mutex::new(state),
            groups: Mutex::default(),
            seq: AtomicU64::new(0),
            n: AtomicI64::new(last_n),
            status_version: AtomicU64::new(0),
        }
    }

    /// Returns the engine's term.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Returns the newest event's number and the newest notification's.
    pub fn head(&self) -> (u64, i64) {
        (self.seq.load(Ordering::Acquire), self.n.load(Ordering::Acquire))
    }

    /// Returns the number below which a cursor's missing events are no longer all kept.
    pub fn floor(&self) -> u64 {
        self.lock().log.floor()
    }

    /// Returns how market data is doing.
    pub fn status(&self) -> StatusView {
        self.lock().status
    }

    /// Returns a number that changes with the status.
    pub fn status_version(&self) -> u64 {
        self.status_version.load(Ordering::Acquire)
    }

    /// Takes what the engine said, in order, and wakes the streams it concerns, once.
    pub fn apply(&self, envelopes: &[Envelope]) {
        let mut touched = Touched::default();
        {
            let mut state = self.lock();
            for envelope in envelopes {
                state.apply(envelope, &mut touched);
            }
            self.n.store(state.notifications.last_n(), Ordering::Release);
            if let Some(last) = envelopes.last() {
                self.seq.store(last.seq, Ordering::Release);
            }
            if touched.status {
                self.status_version.fetch_add(1, Ordering::AcqRel);
            }
        }
        self.wake(&touched);
    }

    fn wake(&self, touched: &Touched) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.retain(|filter, group| {
            let Some(group) = group.upgrade() else { return false };
            if touched.concerns(filter) {
                group.wake();
            }
            true
        });
    }

    /// Returns the group of a filter, making it for its first stream.
    pub fn group(&self, filter: Filter) -> Arc<Group> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&filter).and_then(Weak::upgrade) {
            return group;
        }
        let group = Arc::new(Group::new(filter.clone()));
        groups.insert(filter, Arc::downgrade(&group));
        group
    }

    /// Returns every open stream's place.
    pub fn places(&self) -> Vec<Arc<Place>> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.values().filter_map(Weak::upgrade).flat_map(|group| group.places()).collect()
    }

    /// Returns what a stream of `filter` at `from` must write to stand at the head.
    pub fn step(&self, filter: &Filter, from: Cursor) -> Step {
        let mut state = self.lock();
        if from.epoch != self.epoch {
            return Step::Lost(ResetReason::Epoch);
        }
        if filter.notifications && from.seq < state.log.floor() {
            return Step::Lost(ResetReason::Lagged);
        }
        if filter.notifications && from.n < state.notifications.floor() {
            return Step::CatchUp;
        }
        let mut frame = String::new();
        let to = state.write(&mut frame, filter, from, Extent::Newer);
        if frame.is_empty() { Step::Quiet(to) } else { Step::Frame(Bytes::from(frame), to) }
    }

    /// Writes what a beginning stream needs before its notifications: everything, or what is newer than its cursor.
    pub fn write_state(&self, frame: &mut String, filter: &Filter, from: Cursor, full: bool) -> Cursor {
        let extent = if full { Extent::Everything } else { Extent::NewerState };
        self.lock().write(frame, filter, from, extent)
    }

    /// Returns everything a page of `filter` is rendered from, at one cursor.
    pub fn page(&self, filter: &Filter) -> PageState {
        let mut state = self.lock();
        let seq = state.replica.seq();
        let State { portfolios, quotes, .. } = &mut *state;
        let valuation = filter.portfolio.as_deref().and_then(|id| portfolios.valuation(id, seq, quotes));
        let mut alerts: Vec<_> = state.alerts.values().cloned().collect();
        alerts.sort_by(|left, right| right.created_at.cmp(&left.created_at).then_with(|| right.id.cmp(&left.id)));
        PageState {
            cursor: Cursor { epoch: self.epoch, filter: filter.hash(), n: state.notifications.last_n(), seq },
            valuation,
            quotes: filter.tickers.iter().filter_map(|ticker| state.quotes.get(ticker)).cloned().collect(),
            alerts,
            status: state.status,
        }
    }

    /// Adds to the catalogue.
    pub fn add_instruments(&self, instruments: impl IntoIterator<Item = Instrument>) {
        let mut state = self.lock();
        for instrument in instruments {
            state.instruments.insert(instrument.ticker.clone(), Arc::new(instrument));
        }
    }

    /// Returns the catalogue's entry.
    pub fn instrument(&self, ticker: &Ticker) -> Option<Arc<Instrument>> {
        self.lock().instruments.get(ticker).cloned()
    }

    /// Returns the whole catalogue, by ticker.
    pub fn instruments(&self) -> Vec<Arc<Instrument>> {
        let mut instruments: Vec<_> = self.lock().instruments.values().cloned().collect();
        instruments.sort_unstable_by(|left, right| left.ticker.cmp(&right.ticker));
        instruments
    }

    /// Tells whether a ticker is in the catalogue or quoted.
    pub fn knows(&self, ticker: &Ticker) -> bool {
        let state = self.lock();
        state.instruments.contains_key(ticker) || state.quotes.contains_key(ticker)
    }

    /// Returns a ticker's newest quote.
    pub fn quote(&self, ticker: &Ticker) -> Option<Quote> {
        self.lock().quotes.get(ticker).cloned()
    }

    /// Returns every newest quote.
    pub fn quotes(&self) -> Vec<Quote> {
        self.lock().quotes.values().cloned().collect()
    }

    /// Returns every alert, newest first.
    pub fn alerts(&self) -> Vec<AlertView> {
        let mut alerts: Vec<_> = self.lock().alerts.values().cloned().collect();
        alerts.sort_by(|left, right| right.created_at.cmp(&left.created_at).then_with(|| right.id.cmp(&left.id)));
        alerts
    }

    /// Gives a portfolio its ledger: at the start, and before `portfolio_changed` is announced.
    pub fn set_ledger(&self, portfolio_id: &str, ledger: Ledger) {
        self.lock().portfolios.set_ledger(portfolio_id, ledger);
    }

    /// Forgets a portfolio, and returns the places of the streams that followed it: they have nothing more to say.
    pub fn forget_portfolio(&self, portfolio_id: &str) -> Vec<Arc<Place>> {
        self.lock().portfolios.forget(portfolio_id);
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let follow = groups.iter().filter(|(filter, _)| filter.portfolio.as_deref() == Some(portfolio_id));
        follow.filter_map(|(_, group)| group.upgrade()).flat_map(|group| group.places()).collect()
    }

    /// Tells whether a portfolio exists.
    pub fn has_portfolio(&self, portfolio_id: &str) -> bool {
        self.lock().portfolios.has(portfolio_id)
    }

    /// Returns a portfolio's ledger.
    pub fn ledger(&self, portfolio_id: &str) -> Option<Arc<Ledger>> {
        self.lock().portfolios.ledger(portfolio_id)
    }

    /// Returns a portfolio's valuation at the head, and the cursor's `seq` it stands at.
    pub fn valuation(&self, portfolio_id: &str) -> Option<(Arc<Valuation>, u64)> {
        let mut state = self.lock();
        let seq = state.replica.seq();
        let State { portfolios, quotes, .. } = &mut *state;
        portfolios.valuation(portfolio_id, seq, quotes).map(|valuation| (valuation, seq))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // An event is applied whole or, on a gap, not at all: a panic elsewhere cannot have left half of one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a page is rendered from.
#[derive(Debug)]
pub struct PageState {
    /// Where its stream goes on.
    pub cursor: Cursor,
    /// The portfolio's, if the filter has one that can be valued.
    pub valuation: Option<Arc<Valuation>>,
    /// Of the filter's tickers.
    pub quotes: Vec<Quote>,
    /// All, newest first.
    pub alerts: Vec<AlertView>,
    /// How market data is doing.
    pub status: StatusView,
}

/// How much of the state is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it, without marks of what was deleted or read.
    Everything,
    /// What is newer than the cursor, but notifications, which are read from the store.
    NewerState,
    /// What is newer than the cursor.
    Newer,
}

impl State {
    fn apply(&mut self, envelope: &Envelope, touched: &mut Touched) {
        if self.replica.apply(envelope) != Applied::Changed {
            tracing::error!(seq = envelope.seq, "the board lost continuity with the engine");
            return;
        }
        let seq = envelope.seq;
        match &envelope.event {
            LiveEvent::PriceUpdate(event) => self.apply_quote(seq, event, touched),
            LiveEvent::PortfolioChanged(changed) => {
                self.portfolios.changed(&changed.portfolio_id, seq, frame::head("portfolio_changed", changed));
                touched.portfolios.insert(changed.portfolio_id.clone());
            }
            LiveEvent::AlertTriggered(notification) => {
                self.notifications.push(notification.n, frame::head("alert_triggered", notification));
                touched.notifications = true;
            }
            LiveEvent::AlertChanged(alert) => {
                self.alerts.insert(alert.id.clone(), alert.clone());
                self.log.put(seq, Shelf::Alert(alert.id.clone()), frame::head("alert_changed", alert));
                touched.notifications = true;
            }
            LiveEvent::AlertDeleted { id } => {
                self.alerts.remove(id);
                let deleted = crate::wire::views::AlertDeletedView { id: id.clone(), deleted: true };
                self.log.put_passing(seq, Shelf::Alert(id.clone()), frame::head("alert_changed", &deleted));
                touched.notifications = true;
            }
            LiveEvent::NotificationRead(read) => {
                let shelf = Shelf::Read(read.notification_id.clone());
                self.log.put_passing(seq, shelf, frame::head("notification_read", read));
                touched.notifications = true;
            }
            LiveEvent::Status(status) => {
                self.status = *status;
                touched.status = true;
            }
        }
    }

    fn apply_quote(&mut self, seq: u64, event: &QuoteEvent, touched: &mut Touched) {
        let ticker = event.view.ticker.clone();
        self.prices.insert(ticker.clone(), (seq, frame::head("price_update", &event.view)));
        self.quotes.insert(ticker.clone(), quote_of(event));
        touched.tickers.insert(ticker);
    }

    /// Writes in ascending order of last change and returns the cursor after it. The portfolio comes first and moves the
    /// cursor nowhere, so that a cut behind it costs a repetition and nothing else; the last event moves it to the head.
    fn write(&mut self, frame: &mut String, filter: &Filter, from: Cursor, extent: Extent) -> Cursor {
        let mut to = Cursor { seq: self.replica.seq(), ..from };
        let since = if extent == Extent::Everything { 0 } else { from.seq };
        let mut heads = self.portfolio_heads(filter, since, extent);
        let mut changes = self.changes(filter, since, extent);
        changes.sort_unstable_by_key(|(seq, _)| *seq);
        heads.extend(changes);
        let alerts = if extent == Extent::Newer && filter.notifications { self.notifications.after(from.n) } else { &[] };
        let count = heads.len();
        for (index, (seq, head)) in heads.into_iter().enumerate() {
            // With nothing behind it, the last event is the one after which everything owed has been written.
            let seq = if index + 1 == count { to.seq } else { seq };
            frame::append(frame, &head, Cursor { seq, ..to });
        }
        for (n, head) in alerts {
            to.n = *n;
            frame::append(frame, head, to);
        }
        to
    }

    fn portfolio_heads(&mut self, filter: &Filter, since: u64, extent: Extent) -> Vec<(u64, Head)> {
        let Some(portfolio_id) = filter.portfolio.as_deref() else { return Vec::new() };
        let head = self.replica.seq();
        let full = extent == Extent::Everything;
        let heads = self.portfolios.heads_since(portfolio_id, since, head, full, &self.quotes);
        heads.into_iter().map(|head| (since, head)).collect()
    }

    fn changes(&self, filter: &Filter, since: u64, extent: Extent) -> Vec<(u64, Head)> {
        let prices = filter.tickers.iter().filter_map(|ticker| self.prices.get(ticker)).filter(|(seq, _)| *seq > since);
        let mut changes: Vec<(u64, Head)> = prices.cloned().collect();
        if filter.notifications {
            changes.extend(self.log.since(since, extent == Extent::Everything));
        }
        changes
    }
}

#[cfg(test)]
mod tests;
