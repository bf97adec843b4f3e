//! What pages and queries read of the replica.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use foliostream::domain::engine::LedgerSplits;
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger};
use foliostream::domain::quote::{Freshness, Quote};
use foliostream::domain::user::UserId;
use foliostream::domain::valuation::Valuation;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Cursor, Owned};
use foliostream::wire::views::{AlertView, StatusView};

use super::compact::Look;
use super::filter::{Filter, Form};
use super::{Board, State};

/// The state that a page is rendered from.
#[derive(Debug)]
pub struct PageState {
    /// The cursor from which the page's stream goes on.
    pub cursor: Cursor,
    /// The portfolio's with its time, if the filter has one that can be valued.
    pub valuation: Option<(Arc<Valuation>, Timestamp)>,
    /// The quotes of the filter's tickers.
    pub quotes: Vec<Quote>,
    /// All alerts, newest first.
    pub alerts: Vec<AlertView>,
    /// The state of market data.
    pub status: StatusView,
}

impl State {
    /// Returns how market data is doing: stale while nothing is heard of it.
    pub(super) fn status(&self) -> StatusView {
        self.away_since.map_or(self.status, |since| StatusView { feed: Freshness::Stale, since })
    }

    fn alerts_of(&self, owner: &UserId) -> Vec<AlertView> {
        let own = self.alerts.values().filter(|alert| alert.owner == *owner);
        let mut alerts: Vec<_> = own.map(|alert| alert.view.clone()).collect();
        alerts.sort_by(|left, right| right.created_at.cmp(&left.created_at).then_with(|| right.id.cmp(&left.id)));
        alerts
    }

    fn quote(&self, ticker: &Ticker) -> Option<Quote> {
        self.quotes.get(ticker).map(|quote| self.as_seen(quote))
    }

    /// Returns a quote as it may be shown: while nothing is heard of the market, none is fresh.
    fn as_seen(&self, quote: &Quote) -> Quote {
        let freshness = match quote.freshness {
            Freshness::Live | Freshness::Delayed if self.away_since.is_some() => Freshness::Stale,
            freshness => freshness,
        };
        Quote { freshness, ..quote.clone() }
    }
}

impl Board {
    /// Returns everything a page of `filter` is rendered from, at one cursor.
    pub fn page(&self, filter: &Filter) -> PageState {
        self.value_in_turns(filter.portfolio.as_deref());
        let mut state = self.lock();
        let seq = state.numbers.seq();
        let State { portfolios, quotes, compact, ledger_changes, .. } = &mut *state;
        let valuation = filter.portfolio.as_deref().and_then(|id| portfolios.valuation(id, seq, quotes));
        if filter.form == Form::Compact
            && let Some(id) = filter.portfolio.as_deref()
            && let Some(valued) = portfolios.valued(id, seq, quotes)
        {
            // The page's stream goes on from these figures.
            compact.look(id, valued, Look { seq, ledger_changes: *ledger_changes });
        }
        let alerts = filter.notifications.as_ref().map(|owner| state.alerts_of(owner)).unwrap_or_default();
        PageState {
            cursor: Cursor { epoch: state.numbers.epoch(), filter: filter.hash(), n: state.notifications.last_n(), seq },
            valuation,
            quotes: filter.tickers.iter().filter_map(|ticker| state.quote(ticker)).collect(),
            alerts,
            status: state.status(),
        }
    }

    /// Returns the newest notification that was announced in a term; nothing where this replica is in another.
    pub fn last_n_in(&self, epoch: Epoch) -> Option<i64> {
        let state = self.lock();
        (state.numbers.epoch() == epoch).then(|| state.notifications.last_n())
    }

    /// Returns the catalogue's entry.
    pub fn instrument(&self, ticker: &Ticker) -> Option<Arc<Instrument>> {
        self.lock().instruments.get(ticker).cloned()
    }

    /// Returns what is known of the currency that an instrument is quoted in: the catalogue's word, or that of its trades.
    pub fn currency_of(&self, ticker: &Ticker) -> Option<Currency> {
        let state = self.lock();
        let instrument = state.instruments.get(ticker).map(|instrument| instrument.currency);
        instrument.or_else(|| state.portfolios.currency_of(ticker))
    }

    /// Returns the splits of all ledgers and the number of the ledgers' last change, or nothing where `change` is that number
    /// already.
    pub fn splits_since(&self, change: u64) -> Option<(u64, LedgerSplits)> {
        let state = self.lock();
        (state.ledger_changes != change).then(|| (state.ledger_changes, state.portfolios.splits()))
    }

    /// Returns the whole catalogue, by ticker.
    pub fn instruments(&self) -> Vec<Arc<Instrument>> {
        let mut instruments: Vec<_> = self.lock().instruments.values().cloned().collect();
        instruments.sort_unstable_by(|left, right| left.ticker.cmp(&right.ticker));
        instruments
    }

    /// Returns whether a ticker is in the catalogue or quoted.
    pub fn knows(&self, ticker: &Ticker) -> bool {
        let state = self.lock();
        state.instruments.contains_key(ticker) || state.quotes.contains_key(ticker)
    }

    /// Returns a ticker's newest quote.
    pub fn quote(&self, ticker: &Ticker) -> Option<Quote> {
        self.lock().quote(ticker)
    }

    /// Returns every newest quote.
    pub fn quotes(&self) -> Vec<Quote> {
        let state = self.lock();
        state.quotes.values().map(|quote| state.as_seen(quote)).collect()
    }

    /// Returns the newest quotes of tickers that pass.
    pub fn quotes_where(&self, passes: impl Fn(&Ticker) -> bool) -> Vec<Quote> {
        let state = self.lock();
        let passing = state.quotes.iter().filter(|(ticker, _)| passes(ticker));
        passing.map(|(_, quote)| state.as_seen(quote)).collect()
    }

    /// Returns at most `limit` newest quotes by ticker, of those after a ticker where one is given.
    pub fn quotes_after(&self, after: Option<&Ticker>, limit: usize) -> Vec<Quote> {
        let state = self.lock();
        let mut following: Vec<&Quote> =
            state.quotes.values().filter(|quote| after.is_none_or(|after| quote.ticker > *after)).collect();
        if following.len() > limit && limit > 0 {
            following.select_nth_unstable_by(limit - 1, |left, right| left.ticker.cmp(&right.ticker));
            following.truncate(limit);
        }
        following.sort_unstable_by(|left, right| left.ticker.cmp(&right.ticker));
        following.into_iter().map(|quote| state.as_seen(quote)).collect()
    }

    /// Returns a user's alerts, newest first.
    pub fn alerts(&self, owner: &UserId) -> Vec<AlertView> {
        self.lock().alerts_of(owner)
    }

    /// Returns the alerts of all users, each with its owner.
    pub fn all_alerts(&self) -> Vec<Owned<AlertView>> {
        self.lock().alerts.values().cloned().collect()
    }

    /// Returns the revision of a portfolio's ledger.
    pub fn ledger_revision(&self, portfolio_id: &str) -> Option<i64> {
        self.lock().portfolios.revision(portfolio_id)
    }

    /// Returns the id of every user's portfolios, with the owner and the revision as it was last announced.
    pub fn portfolio_revisions(&self) -> HashMap<String, Owned<i64>> {
        let state = self.lock();
        let announced = |id: &String| state.announced.get(id).copied().unwrap_or_default();
        state.portfolios.owners().map(|(id, owner)| (id.clone(), Owned::of(owner, announced(id)))).collect()
    }

    /// Returns whose a portfolio is, if it is there.
    pub fn owner_of(&self, portfolio_id: &str) -> Option<UserId> {
        self.lock().portfolios.owner(portfolio_id).cloned()
    }

    /// Returns whether a portfolio exists.
    pub fn has_portfolio(&self, portfolio_id: &str) -> bool {
        self.lock().portfolios.has(portfolio_id)
    }

    /// Returns a portfolio's ledger.
    pub fn ledger(&self, portfolio_id: &str) -> Option<Arc<Ledger>> {
        self.lock().portfolios.ledger(portfolio_id)
    }

    /// Returns which of a portfolio's activities stands in the way of its ledger, if one does.
    pub fn unreadable(&self, portfolio_id: &str) -> Option<FoldError> {
        self.lock().portfolios.unreadable(portfolio_id)
    }

    /// Returns what a portfolio is worth at the head, where it has a value.
    pub fn total_value(&self, portfolio_id: &str) -> Option<Decimal> {
        self.value_in_turns(Some(portfolio_id));
        let mut state = self.lock();
        let seq = state.numbers.seq();
        let State { portfolios, quotes, .. } = &mut *state;
        portfolios.valued(portfolio_id, seq, quotes)?.totals().total_value
    }

    /// Returns a portfolio's valuation at the head, and the time of that.
    pub fn valuation(&self, portfolio_id: &str) -> Option<(Arc<Valuation>, Timestamp)> {
        self.value_in_turns(Some(portfolio_id));
        let mut state = self.lock();
        let seq = state.numbers.seq();
        let State { portfolios, quotes, .. } = &mut *state;
        portfolios.valuation(portfolio_id, seq, quotes)
    }
}
