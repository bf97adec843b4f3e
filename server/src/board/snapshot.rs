//! How a replica starts from a whole state: at the start of a term, or where the events that it missed are no longer kept.

use jiff::Timestamp;

use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Envelope, Owned, QuoteEvent};
use foliostream::wire::numbers::Numbers;
use foliostream::wire::views::{AlertView, JobView, StatusView};

use super::jobs::Jobs;
use super::log::{Logs, Notifications, Shelf};
use super::touched::{Touched, quote_of};
use super::{Board, Ordering, State, text};

/// A whole state at one number, from which a replica follows.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The engine's term that the state belongs to.
    pub epoch: Epoch,
    /// Where the state stands: the numbers after it are still to come.
    pub seq: u64,
    /// The newest quotes, each with the number of its last change.
    pub quotes: Vec<(u64, QuoteEvent)>,
    /// The alerts of all users.
    pub alerts: Vec<Owned<AlertView>>,
    /// Every portfolio's id and revision.
    pub portfolios: Vec<(String, i64)>,
    /// The state of market data.
    pub status: StatusView,
    /// The number of the newest stored notification.
    pub last_n: i64,
    /// The jobs of all users, as they are stored.
    pub jobs: Vec<Owned<JobView>>,
}

impl Board {
    /// Replaces the state by a snapshot and applies the events that came after it. Streams with an older cursor get a `reset`
    /// event and the full state.
    pub fn begin(&self, snapshot: Snapshot, newer: &[Envelope]) {
        self.put_together_without(newer);
        let mut state = self.lock();
        let Snapshot { epoch, seq, quotes, alerts, portfolios, status, last_n, jobs } = snapshot;
        let is_new_term = epoch != state.numbers.epoch();
        (state.numbers, state.announced) = (Numbers::new(epoch, seq), portfolios.into_iter().collect());
        (state.status, state.beginning) = (status, seq);
        state.prices.clear();
        state.quotes.clear();
        state.compact.begin(is_new_term);
        for (at, event) in &quotes {
            let ticker = event.view.ticker.clone();
            state.prices.insert(ticker.clone(), (*at, text::head("price_update", &event.view)));
            state.compact.take_quote(*at, &event.view);
            state.quotes.insert(ticker, quote_of(event));
        }
        let State { portfolios, quotes, .. } = &mut *state;
        portfolios.begin_quotes(quotes);
        state.logs = Logs::default();
        for Owned { owner, view } in &alerts {
            state.logs.of_mut(owner, seq).put(seq, Shelf::Alert(view.id.clone()), text::head("alert_changed", view));
        }
        state.alerts = alerts.into_iter().map(|alert| (alert.view.id.clone(), alert)).collect();
        state.notifications = Notifications::new(last_n);
        state.jobs = Jobs::of(seq, &jobs);
        if is_new_term {
            state.portfolios.begin_term();
        }
        let mut touched = Touched::default();
        for envelope in newer {
            state.apply(envelope, &mut touched);
        }
        self.show(&state);
        drop(state);
        self.status_version.fetch_add(1, Ordering::AcqRel);
        self.wake_all();
    }

    /// Shows jobs that are stored, before anything happens.
    pub fn show_jobs(&self, jobs: &[Owned<JobView>]) {
        let mut state = self.lock();
        state.jobs = Jobs::of(state.numbers.seq(), jobs);
    }

    /// Says that the engine has not been heard since a time, or that it is heard again.
    pub fn set_away(&self, since: Option<Timestamp>) {
        let mut state = self.lock();
        if state.away_since.is_some() == since.is_some() {
            return;
        }
        state.away_since = since;
        drop(state);
        self.status_version.fetch_add(1, Ordering::AcqRel);
        self.wake_all();
    }

    /// Returns since when the engine has not been heard.
    pub fn away_since(&self) -> Option<Timestamp> {
        self.lock().away_since
    }
}
