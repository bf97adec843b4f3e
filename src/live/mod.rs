//! What moves: the browser's replica, as signals. One per page; the server seeds one per rendering and never moves it.

pub mod event;
pub mod pace;
pub mod source;
pub mod status;

mod apply;
mod followed;
#[cfg(test)]
mod properties;
mod refresh;
mod seed;
mod toast;
mod toasts;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use leptos::prelude::*;
use rust_decimal::Decimal;

use crate::domain::instrument::Ticker;
use crate::domain::quote::Freshness;
use crate::domain::source::Nature;
use crate::wire::views::{
    AlertView, HoldingView, InstrumentView, NotificationView, OperationsView, PortfolioChangedView, PortfolioSummary,
    PortfolioView, QuoteView, StatusView,
};

pub use followed::{Figures, Followed};
pub use status::Connection;
pub use toast::Toast;

/// One signal per ticker, so that a tick touches one row.
#[derive(Default)]
struct Rows {
    quotes: BTreeMap<Ticker, ArcRwSignal<Option<QuoteView>>>,
    holdings: BTreeMap<Ticker, ArcRwSignal<Option<HoldingView>>>,
    instruments: BTreeMap<Ticker, InstrumentView>,
}

/// The rows behind a lock of their own: on the server several threads may render parts of one page, and a signal that is
/// busy there is not waited for.
type SharedRows = Arc<Mutex<Rows>>;

/// How many alerts are kept after they were dropped.
const KEPT_DROPPED: usize = 8;

/// How market data is doing where nothing else is said: since when is of no interest then.
const LIVE: StatusView = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };

/// The page's replica. Copies share their signals.
#[derive(Clone, Copy)]
pub struct Live {
    rows: StoredValue<SharedRows>,
    held: RwSignal<Vec<Ticker>>,
    /// How many more are held than a page shows: the smallest of them.
    unshown: RwSignal<usize>,
    totals: RwSignal<Option<PortfolioView>>,
    /// When a price of the stream last moved, in milliseconds since the page began.
    moved_at_ms: RwSignal<i64>,
    /// Which portfolio the page is about, also where it has no totals.
    chosen: RwSignal<Option<String>>,
    portfolios: RwSignal<Vec<PortfolioSummary>>,
    portfolio_values: RwSignal<Vec<(String, Decimal)>>,
    portfolio_changes: RwSignal<i64>,
    /// How often the reader has asked for another connection.
    asked_again: RwSignal<i64>,
    /// The last change of a portfolio that the stream brought: a full state brings it again.
    last_change: StoredValue<Option<PortfolioChangedView>>,
    alerts: RwSignal<Vec<AlertView>>,
    notifications: RwSignal<Vec<NotificationView>>,
    unread: RwSignal<i64>,
    inbox_changes: RwSignal<i64>,
    status: RwSignal<StatusView>,
    /// Whether the stream at hand has said so itself.
    is_status_told: StoredValue<bool>,
    natures: RwSignal<Vec<Nature>>,
    demo: RwSignal<Option<String>>,
    default_portfolio: RwSignal<Option<String>>,
    /// How far the prices that alerts watch usually move in a day, in percent.
    typical_days: RwSignal<BTreeMap<Ticker, Decimal>>,
    /// The last alerts that were dropped, the newest first.
    dropped_alerts: StoredValue<Vec<AlertView>>,
    connection: RwSignal<Connection>,
    is_following: RwSignal<bool>,
    followed: RwSignal<Option<Followed>>,
    /// The figures that stand at the cursor of what is followed: a stream in the compact form builds upon them.
    figures: StoredValue<Figures>,
    toasts: RwSignal<Vec<Toast>>,
    presence: RwSignal<i64>,
    operations: RwSignal<OperationsView>,
    /// While a full state arrives: what of it has come so far.
    refresh: StoredValue<Option<refresh::Refresh>>,
    /// The engine's term that the figures are of, as the stream or a page says it.
    term: StoredValue<String>,
    /// When a page's figures were taken over, in milliseconds since the page began, until a stream begins.
    seeded_at: StoredValue<Option<i64>>,
}

/// Returns the page's replica, which the application provides.
pub fn expect_live() -> Live {
    expect_context::<Live>()
}

impl Live {
    /// Makes an empty replica and puts it into the context.
    pub fn provide() -> Self {
        let live = Self {
            rows: StoredValue::new(SharedRows::default()),
            held: RwSignal::new(Vec::new()),
            unshown: RwSignal::new(0),
            totals: RwSignal::new(None),
            moved_at_ms: RwSignal::new(0),
            chosen: RwSignal::new(None),
            portfolios: RwSignal::new(Vec::new()),
            portfolio_values: RwSignal::new(Vec::new()),
            portfolio_changes: RwSignal::new(0),
            asked_again: RwSignal::new(0),
            last_change: StoredValue::new(None),
            alerts: RwSignal::new(Vec::new()),
            notifications: RwSignal::new(Vec::new()),
            unread: RwSignal::new(0),
            inbox_changes: RwSignal::new(0),
            status: RwSignal::new(LIVE),
            is_status_told: StoredValue::new(false),
            natures: RwSignal::new(Vec::new()),
            demo: RwSignal::new(None),
            default_portfolio: RwSignal::new(None),
            typical_days: RwSignal::new(BTreeMap::new()),
            dropped_alerts: StoredValue::default(),
            connection: RwSignal::new(Connection::Connecting),
            is_following: RwSignal::new(true),
            followed: RwSignal::new(None),
            figures: StoredValue::new(Figures::default()),
            toasts: RwSignal::new(Vec::new()),
            presence: RwSignal::new(0),
            operations: RwSignal::new(OperationsView { is_alone: true, worker: String::new(), workers: Vec::new() }),
            refresh: StoredValue::new(None),
            term: StoredValue::new(String::new()),
            seeded_at: StoredValue::new(None),
        };
        provide_context(live);
        live
    }

    /// Returns the latest quote of a ticker: nothing until one is known.
    pub fn quote(&self, ticker: &Ticker) -> Signal<Option<QuoteView>> {
        self.quote_row(ticker).into()
    }

    /// Returns a ticker's holding: nothing where it is not held.
    pub fn holding(&self, ticker: &Ticker) -> Signal<Option<HoldingView>> {
        self.holding_row(ticker).into()
    }

    /// Returns which tickers are held, of very many the largest; it changes when something is bought for the first time or sold
    /// off.
    pub fn holdings(&self) -> Signal<Vec<Ticker>> {
        self.held.into()
    }

    /// Returns how many tickers are held beside those of [`holdings`](Self::holdings).
    pub fn unshown(&self) -> Signal<usize> {
        self.unshown.into()
    }

    /// Returns the portfolio's totals; their `holdings` stay empty.
    pub fn totals(&self) -> Signal<Option<PortfolioView>> {
        self.totals.into()
    }

    /// Returns when a price of the stream last moved, in milliseconds since the page began: what fades takes its steps then, so that
    /// a screen is drawn once for both.
    pub fn moved_at_ms(&self) -> Signal<i64> {
        self.moved_at_ms.into()
    }

    /// Returns every alert, in the order they were made.
    pub fn alerts(&self) -> Signal<Vec<AlertView>> {
        self.alerts.into()
    }

    /// Returns one alert: nothing once it is deleted.
    pub fn alert(&self, id: &str) -> Signal<Option<AlertView>> {
        let (alerts, id) = (self.alerts, id.to_owned());
        Memo::new(move |_| alerts.with(|alerts| alerts.iter().find(|alert| alert.id == id).cloned())).into()
    }

    /// Returns the newest notifications, newest first.
    pub fn notifications(&self) -> Signal<Vec<NotificationView>> {
        self.notifications.into()
    }

    /// Returns how many notifications are unread.
    pub fn unread(&self) -> Signal<i64> {
        self.unread.into()
    }

    /// Returns a number that grows when notifications are deleted or brought back: the inbox asks for its page again.
    pub fn inbox_changes(&self) -> Signal<i64> {
        self.inbox_changes.into()
    }

    /// Returns what the catalogue says of a ticker the page follows: name, class, decimals.
    pub fn instrument(&self, ticker: &Ticker) -> Option<InstrumentView> {
        self.rows.with_value(|rows| locked(rows).instruments.get(ticker).cloned())
    }

    /// Returns how far a price usually moves in a day, in percent, where that is known.
    pub fn typical_day(&self, ticker: &Ticker) -> Option<Decimal> {
        self.typical_days.with(|days| days.get(ticker).copied())
    }

    /// Keeps how far a price usually moves in a day, in percent.
    pub fn learn_typical_day(&self, ticker: &Ticker, percent: Decimal) {
        if self.typical_days.with_untracked(|days| days.get(ticker) != Some(&percent)) {
            self.typical_days.update(|days| {
                days.insert(ticker.clone(), percent);
            });
        }
    }

    /// Returns every portfolio of the user, as the list changes.
    pub fn portfolios(&self) -> Signal<Vec<PortfolioSummary>> {
        self.portfolios.into()
    }

    /// Returns what each portfolio was worth when the page was fetched last, where there are several.
    pub fn portfolio_values(&self) -> Signal<Vec<(String, Decimal)>> {
        self.portfolio_values.into()
    }

    /// Returns which portfolio the page is about, if there is one, also where it has no totals; `all` where it is about all together.
    pub fn portfolio_id(&self) -> Signal<Option<String>> {
        self.chosen.into()
    }

    /// Returns whether the page is about all portfolios together.
    pub fn is_together(&self) -> bool {
        self.chosen.with(|chosen| chosen.as_deref() == Some(PortfolioView::ALL))
    }

    /// Returns the portfolio that a new transaction goes to unless another is chosen: the one that the page is about; where that is
    /// all together, the one that is shown first.
    pub fn entry_portfolio(&self) -> Option<String> {
        let chosen = self.chosen.get_untracked();
        if !untrack(|| self.is_together()) {
            return chosen;
        }
        let first = || self.portfolios.with_untracked(|known| known.first().map(|first| first.portfolio_id.clone()));
        self.default_portfolio.get_untracked().or_else(first)
    }

    /// Returns the portfolio that the page is about where its activities cannot be added up; of all together the first such.
    pub fn unreadable(&self) -> Signal<Option<PortfolioSummary>> {
        let (live, portfolios, chosen) = (*self, self.portfolios, self.chosen);
        let is_it = move |portfolio: &&PortfolioSummary| {
            portfolio.unreadable.is_some()
                && (live.is_together() || chosen.with(|chosen| chosen.as_ref() == Some(&portfolio.portfolio_id)))
        };
        Memo::new(move |_| portfolios.with(|portfolios| portfolios.iter().find(is_it).cloned())).into()
    }

    /// Returns a number that grows when the shown portfolio's activities change: pages fetch again what they drew from them.
    pub fn portfolio_changes(&self) -> Signal<i64> {
        self.portfolio_changes.into()
    }

    /// Has pages fetch again what they drew from the shown portfolio's activities.
    pub fn outdate_portfolio(&self) {
        self.portfolio_changes.update(|changes| *changes += 1);
    }

    /// Has the stream connect again, at once.
    pub fn connect_again(&self) {
        self.asked_again.update(|times| *times += 1);
    }

    /// Returns how often the reader has asked for another connection.
    pub fn asked_again(&self) -> Signal<i64> {
        self.asked_again.into()
    }

    /// Returns how the stream is doing.
    pub fn connection(&self) -> Signal<Connection> {
        self.connection.into()
    }

    /// Returns whether the figures on the screen follow the market: not while the stream is cut or market data is old.
    pub fn is_following(&self) -> Signal<bool> {
        self.is_following.into()
    }

    /// Returns how market data is doing.
    pub fn status(&self) -> Signal<StatusView> {
        self.status.into()
    }

    /// Returns what the prices of the sources in use are: nothing where prices are only pushed.
    pub fn natures(&self) -> Signal<Vec<Nature>> {
        self.natures.into()
    }

    /// Follows which portfolio is the demo, while it is there.
    pub fn demo(&self) -> Signal<Option<String>> {
        self.demo.into()
    }

    /// Follows which portfolio the user wants to see first, where she has said so.
    pub fn default_portfolio(&self) -> Signal<Option<String>> {
        self.default_portfolio.into()
    }

    /// Takes over which portfolio the user wants to see first.
    pub fn set_default_portfolio(&self, portfolio: &str) {
        self.default_portfolio.set(Some(portfolio.to_owned()));
    }

    /// Returns what the page's stream follows, and the server's clock when the page was made.
    pub fn followed(&self) -> Signal<Option<Followed>> {
        self.followed.into()
    }

    /// Returns the alerts that went off while the page was open and are still on the screen.
    pub fn toasts(&self) -> Signal<Vec<Toast>> {
        self.toasts.into()
    }

    /// Returns a number that grows when tabs come or go: a list of them asks the server again.
    pub fn presence(&self) -> Signal<i64> {
        self.presence.into()
    }

    /// Returns how the workers are doing, as the stream last said.
    pub fn operations(&self) -> Signal<OperationsView> {
        self.operations.into()
    }

    /// Begins with the minute a page came with, unless the stream has told something newer.
    pub fn begin_operations(&self, page: &OperationsView) {
        if self.operations.with_untracked(|known| known.worker.is_empty() || known.heard_at() < page.heard_at()) {
            self.operations.set(page.clone());
        }
    }

    /// Says how the stream is doing.
    pub fn observe(&self, connection: Connection) {
        if self.connection.get_untracked() != connection {
            self.connection.set(connection);
        }
        if self.is_following.get_untracked() != connection.is_following() {
            self.is_following.set(connection.is_following());
        }
    }

    /// Returns a ticker's quote signal, making it where it is new.
    fn quote_row(&self, ticker: &Ticker) -> ArcRwSignal<Option<QuoteView>> {
        row(self.rows, ticker, |rows| &mut rows.quotes)
    }

    /// Returns a ticker's holding signal, making it where it is new.
    fn holding_row(&self, ticker: &Ticker) -> ArcRwSignal<Option<HoldingView>> {
        row(self.rows, ticker, |rows| &mut rows.holdings)
    }
}

/// Returns the signal under a key, made empty where it is missing.
fn row<T: Send + Sync + 'static>(
    rows: StoredValue<SharedRows>,
    ticker: &Ticker,
    of: impl Fn(&mut Rows) -> &mut BTreeMap<Ticker, ArcRwSignal<Option<T>>>,
) -> ArcRwSignal<Option<T>> {
    rows.with_value(|rows| {
        let mut rows = locked(rows);
        let row = of(&mut rows).entry(ticker.clone()).or_insert_with(|| ArcRwSignal::new(None));
        row.clone()
    })
}

/// Locks the rows; nothing that holds the lock leaves them half done.
fn locked(rows: &SharedRows) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}
