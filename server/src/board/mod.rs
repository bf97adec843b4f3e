//! This worker's replica: the newest of everything, ready to be written. Prices conflate here: a ticker has one newest event.
//!
//! [`Board::step`] is the only way anything is ever sent: snapshot, replay, conflation and catch-up are one code path, told
//! apart by how old the cursor is.

mod changes;
mod compact;
mod filter;
mod jobs;
mod ledgers;
mod log;
mod notices;
mod numbered;
mod portfolio;
mod portfolios;
mod reading;
mod snapshot;
mod step;
mod term;
pub mod text;
mod together;
mod touched;
mod turns;
mod valued;
mod waiting;
mod watchers;
mod writing;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::quote::{Freshness, Quote};
use foliostream::domain::user::UserId;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{AlertDeleted, Envelope, LiveEvent, Owned, QuoteEvent};
use foliostream::wire::numbers::{Numbers, Taken};
use foliostream::wire::views::{AlertView, NotificationView, PresenceChangedView, ServerMetricsView, StatusView};

use self::compact::Compact;
pub use self::filter::{Endpoint, Filter, Form, JobsOf, MAX_TICKERS};
use self::jobs::Jobs;
use self::log::{Logs, Notifications, Shelf};
pub use self::notices::{Notice, Notices};
use self::portfolios::Portfolios;
pub use self::reading::PageState;
pub use self::snapshot::Snapshot;
pub use self::step::{Head, Step, StreamPosition};
use self::term::SharedTerm;
use self::text::Text;
pub use self::together::{Together, told_id};
pub use self::touched::Touched;
use self::touched::{instrument_of, quote_of};
pub use self::watchers::Watcher;
use self::watchers::Watchers;
pub use self::writing::PART_BYTES;
pub use super::store::PortfolioRow;

/// The replica, and who is told what happens to it.
#[derive(Debug)]
pub struct Board {
    state: Mutex<State>,
    /// How many threads wait for the state.
    waiting: AtomicUsize,
    /// Called after every change of the board.
    watchers: Watchers,
    /// The engine's term, the newest event's number, the newest notification's and that of the newest event of alerts, readable
    /// without the lock.
    epoch: SharedTerm,
    seq: AtomicU64,
    n: AtomicI64,
    alerts: AtomicU64,
    status_version: AtomicU64,
    notices: Arc<Notices>,
    /// When the engine of this process last looked at its clock, in milliseconds that elapsed.
    engine_looked_at: AtomicI64,
    /// The term and `seq` again, for tasks that wait until the board has come to a number.
    reached: watch::Sender<(Epoch, u64)>,
}

#[derive(Debug)]
struct State {
    numbers: Numbers,
    /// Every portfolio's revision as it was last announced.
    announced: HashMap<String, i64>,
    status: StatusView,
    /// Since when the engine is not heard: what is known grows old.
    away_since: Option<Timestamp>,
    /// Below this number a cursor's continuity is not known here: this replica began with a snapshot.
    beginning: u64,
    quotes: HashMap<Ticker, Quote>,
    instruments: HashMap<Ticker, Arc<Instrument>>,
    prices: HashMap<Ticker, (u64, Text)>,
    alerts: HashMap<String, Owned<AlertView>>,
    logs: Logs,
    notifications: Notifications,
    jobs: Jobs,
    portfolios: Portfolios,
    compact: Compact,
    /// Counts the changes of ledgers.
    ledger_changes: u64,
}

impl Board {
    /// Makes an empty board of an engine's term; `last_n` is the newest notification the store has.
    pub fn new(epoch: Epoch, last_n: i64, now: Timestamp) -> Self {
        let status = StatusView { feed: Freshness::Stale, since: now };
        let state = State {
            numbers: Numbers::new(epoch, 0),
            announced: HashMap::new(),
            status,
            away_since: None,
            beginning: 0,
            quotes: HashMap::new(),
            instruments: HashMap::new(),
            prices: HashMap::new(),
            alerts: HashMap::new(),
            logs: Logs::default(),
            notifications: Notifications::new(last_n),
            jobs: Jobs::default(),
            portfolios: Portfolios::default(),
            compact: Compact::default(),
            ledger_changes: 1,
        };
        Self {
            state: Mutex::new(state),
            waiting: AtomicUsize::new(0),
            watchers: Watchers::default(),
            epoch: SharedTerm::new(epoch),
            seq: AtomicU64::new(0),
            n: AtomicI64::new(last_n),
            alerts: AtomicU64::new(0),
            status_version: AtomicU64::new(0),
            notices: Arc::default(),
            engine_looked_at: AtomicI64::new(0),
            reached: watch::Sender::new((epoch, 0)),
        }
    }

    /// Returns the engine's term.
    pub fn epoch(&self) -> Epoch {
        self.epoch.get()
    }

    /// Returns the term, the newest event's number and the newest notification's.
    pub fn head(&self) -> Head {
        let epoch = self.epoch();
        let seq = self.seq.load(Ordering::Acquire);
        Head { epoch, seq, n: self.n.load(Ordering::Acquire), alerts: self.alerts.load(Ordering::Acquire) }
    }

    /// Returns the number below which a cursor's missing events are no longer all kept.
    pub fn floor(&self, filter: &Filter) -> u64 {
        self.lock().floor(filter)
    }

    /// Notes that the engine of this process looked at its clock, as it does every second.
    pub fn note_engine(&self, elapsed_ms: i64) {
        self.engine_looked_at.store(elapsed_ms, Ordering::Relaxed);
    }

    /// Returns when the engine of this process last looked at its clock, in milliseconds that elapsed.
    pub fn engine_looked_at(&self) -> i64 {
        self.engine_looked_at.load(Ordering::Relaxed)
    }

    /// Returns how market data is doing.
    pub fn status(&self) -> StatusView {
        self.lock().status()
    }

    /// Returns a number that changes with the status.
    pub fn status_version(&self) -> u64 {
        self.status_version.load(Ordering::Acquire)
    }

    /// Adds a watcher, which is called after every change from now on.
    pub fn watch(&self, watcher: Arc<dyn Watcher>) {
        self.watchers.add(watcher);
    }

    /// Applies the engine's events in order, then calls the watchers once with what they touched. The state is whole by then and
    /// its newest numbers can be read without the lock, so that a stream that is woken finds what it was woken for.
    pub fn apply(&self, envelopes: &[Envelope]) {
        self.put_together_without(envelopes);
        let mut touched = Touched::default();
        {
            let mut state = self.lock();
            for envelope in envelopes {
                state.apply(envelope, &mut touched);
            }
            self.show(&state);
            if touched.status {
                self.status_version.fetch_add(1, Ordering::AcqRel);
            }
        }
        self.watchers.touched(&touched);
        touched.deleted.iter().for_each(|portfolio_id| self.forget_portfolio(portfolio_id));
    }

    /// Lets the newest numbers be read without the lock.
    fn show(&self, state: &State) {
        let (epoch, seq) = (state.numbers.epoch(), state.numbers.seq());
        self.epoch.set(epoch);
        self.n.store(state.notifications.last_n(), Ordering::Release);
        self.alerts.store(state.logs.last(), Ordering::Release);
        self.seq.store(seq, Ordering::Release);
        self.reached.send_replace((epoch, seq));
    }

    /// Wakes every stream, whatever it follows: a status concerns them all.
    fn wake_all(&self) {
        self.watchers.touched(&Touched { status: true, ..Touched::default() });
    }

    /// Returns what streams carry beside the engine's events.
    pub fn notices(&self) -> &Arc<Notices> {
        &self.notices
    }

    /// Posts how each worker is doing, for the streams that carry metrics.
    pub fn post_metrics(&self, workers: &[ServerMetricsView]) {
        self.notices.metrics.post(workers.iter().map(|worker| text::head("server_metrics", worker)).collect());
        self.watchers.touched(&Touched { metrics: true, ..Touched::default() });
    }

    /// Posts that a user's tab came or went, for the streams that carry the user's notifications.
    pub fn post_presence(&self, user: &UserId, changed: PresenceChangedView) {
        self.notices.presence_of(user).post([text::head("presence_changed", &changed)].into());
        self.watchers.touched(&Touched { presence: Some(user.clone()), ..Touched::default() });
    }

    /// Adds to the catalogue.
    pub fn add_instruments(&self, instruments: impl IntoIterator<Item = Instrument>) {
        let mut state = self.lock();
        for instrument in instruments {
            state.instruments.insert(instrument.ticker.clone(), Arc::new(instrument));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // An event is applied whole or, on a gap, not at all: a panic elsewhere cannot have left half of one.
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        state
    }
}

impl State {
    /// Returns the number below which a cursor of `filter` misses what is no longer known here.
    fn floor(&self, filter: &Filter) -> u64 {
        // Only streams of notifications read the log, whose floor this is; prices and portfolios are never evicted.
        let log = filter.notifications.as_ref().and_then(|owner| self.logs.of(owner));
        log.map_or(self.beginning, |log| self.beginning.max(log.floor()))
    }

    fn apply(&mut self, envelope: &Envelope, touched: &mut Touched) {
        if self.numbers.take(envelope) != Taken::Next {
            tracing::error!(seq = envelope.seq, "the board lost continuity with the engine");
            return;
        }
        let seq = envelope.seq;
        match &envelope.event {
            LiveEvent::PriceUpdate(event) => self.apply_quote(seq, event, touched),
            LiveEvent::PortfolioChanged(changed) => {
                let changed = &changed.view;
                self.portfolios.changed(&changed.portfolio_id, seq, text::head("portfolio_changed", changed));
                self.compact.forget_portfolio(&changed.portfolio_id);
                self.announced.insert(changed.portfolio_id.clone(), changed.revision);
                touched.portfolios.insert(changed.portfolio_id.clone());
                if let Some(owner) = self.portfolios.owner(&changed.portfolio_id).cloned() {
                    self.touch_together(&owner, touched);
                }
            }
            LiveEvent::PortfolioDeleted(deleted) => {
                let portfolio_id = &deleted.view.portfolio_id;
                self.portfolios.forget(portfolio_id, Some((seq, &deleted.owner)));
                self.compact.forget_portfolio(portfolio_id);
                self.announced.remove(portfolio_id);
                touched.deleted.insert(portfolio_id.clone());
                self.touch_together(&deleted.owner, touched);
            }
            LiveEvent::AlertTriggered(notification) => {
                let Owned { owner, view } = notification;
                let read = NotificationView { read: true, ..view.clone() };
                let [head, as_read] = [view, &read].map(|view| text::head("alert_triggered", view));
                self.notifications.push(view.n, owner.clone(), head, as_read);
                touched.notifications.insert(owner.clone());
            }
            LiveEvent::AlertChanged(alert) => {
                let Owned { owner, view } = alert;
                self.alerts.insert(view.id.clone(), alert.clone());
                self.logs.of_mut(owner, seq).put(seq, Shelf::Alert(view.id.clone()), text::head("alert_changed", view));
                touched.notifications.insert(owner.clone());
            }
            LiveEvent::AlertDeleted(Owned { owner, view: AlertDeleted { id } }) => {
                self.alerts.remove(id);
                let deleted = foliostream::wire::views::AlertDeletedView { id: id.clone(), deleted: true };
                let log = self.logs.of_mut(owner, seq);
                log.put_passing(seq, Shelf::Alert(id.clone()), text::head("alert_changed", &deleted));
                touched.notifications.insert(owner.clone());
            }
            LiveEvent::NotificationRead(Owned { owner, view }) => {
                if let Ok(n) = view.notification_id.parse() {
                    self.notifications.mark_read(n);
                }
                let shelf = Shelf::Read(view.notification_id.clone());
                self.logs.of_mut(owner, seq).put_passing(seq, shelf, text::head("notification_read", view));
                touched.notifications.insert(owner.clone());
            }
            LiveEvent::JobProgress(job) => {
                self.jobs.put(seq, job);
                touched.jobs.insert((job.owner.clone(), job.view.job_id.clone()));
            }
            LiveEvent::InstrumentChanged(instrument) => {
                self.instruments.insert(instrument.ticker.clone(), Arc::new(instrument.clone()));
            }
            LiveEvent::Status(status) => {
                self.status = *status;
                touched.status = true;
            }
            LiveEvent::Unknown => {}
        }
    }

    /// Has the streams of a user's portfolios together tell all of it once more.
    fn touch_together(&mut self, owner: &UserId, touched: &mut Touched) {
        for key in self.portfolios.keys_together(owner) {
            self.compact.forget_portfolio(&key);
            touched.portfolios.insert(key);
        }
    }

    fn apply_quote(&mut self, seq: u64, event: &QuoteEvent, touched: &mut Touched) {
        let ticker = event.view.ticker.clone();
        self.prices.insert(ticker.clone(), (seq, text::head("price_update", &event.view)));
        if !self.instruments.contains_key(&ticker) {
            self.instruments.insert(ticker.clone(), Arc::new(instrument_of(&event.view)));
        }
        self.compact.take_quote(seq, &event.view);
        self.quotes.insert(ticker.clone(), quote_of(event));
        self.portfolios.note_quote(seq, &ticker);
        touched.tickers.insert(ticker);
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
