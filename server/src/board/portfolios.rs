//! Portfolios as this worker values them: a pure function of ledger and quotes, made when somebody asks and shared by all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use foliostream::domain::engine::LedgerSplits;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger};
use foliostream::domain::quote::Quote;
use foliostream::domain::user::UserId;
use foliostream::domain::valuation::{RunningValuation, Valuation, rounded};
use foliostream::wire::views::{HoldingView, PortfolioView};

use super::changes::Changes;
use super::text::{self, Text};
use super::valued::Valued;
use crate::store::PortfolioRow;

/// Positions that are valued in one turn: some 300 µs, for which others wait at most.
pub(crate) const TURN: usize = 256;

/// Every portfolio's ledger and last valuation.
#[derive(Debug, Default)]
pub(crate) struct Portfolios {
    all: HashMap<String, Portfolio>,
    changes: Changes,
}

#[derive(Debug)]
struct Portfolio {
    owner: UserId,
    made_at: Timestamp,
    revision: i64,
    /// Its activities folded, or which of them stands in the way.
    ledger: Result<Arc<Ledger>, FoldError>,
    /// The last `portfolio_changed`, and its number.
    changed: Option<(u64, Text)>,
    valued: Option<Valued>,
    /// The valuation that follows the quotes; nothing where all has to be valued again, as after a change of the ledger.
    running: Option<Running>,
    /// Whether it had no value when it was last asked for, so that a client may have been told nothing of it.
    had_no_value: bool,
    /// Holdings that the ledger closed and that no `portfolio_changed` event has shown yet.
    closing: HashSet<Ticker>,
}

/// A valuation that follows the quotes.
#[derive(Debug)]
struct Running {
    /// The number up to which changes of quotes were noted.
    at: u64,
    valuation: RunningValuation<Arc<Ledger>>,
    /// Whether it began after the portfolio was last valued, so that something may have been closed.
    is_new: bool,
    /// Whether the portfolio's view shows what it has come to.
    is_shown: bool,
}

impl Portfolios {
    /// Sets a portfolio's ledger, or the reason why there is none, unless it already has one of a later revision. The portfolio
    /// is valued again when it is next asked for.
    pub(crate) fn set_ledger(&mut self, row: &PortfolioRow, revision: i64, folded: Result<Ledger, FoldError>) {
        let ledger = folded.map(Arc::new);
        match self.all.get_mut(&row.portfolio_id) {
            Some(portfolio) if portfolio.revision > revision => {}
            Some(portfolio) => {
                (portfolio.revision, portfolio.ledger) = (revision, ledger);
                portfolio.running = None;
                // The next asking compares with what was, so that closed holdings are told; also after a ledger that has no value.
                if let Some(valued) = &portfolio.valued {
                    portfolio.closing.extend(portfolio.ledger.iter().flat_map(|ledger| valued.closed_by(ledger)));
                }
            }
            None => {
                let portfolio = Portfolio {
                    owner: row.owner.clone(),
                    made_at: row.created_at,
                    revision,
                    ledger,
                    changed: None,
                    valued: None,
                    running: None,
                    had_no_value: false,
                    closing: HashSet::new(),
                };
                self.all.insert(row.portfolio_id.clone(), portfolio);
            }
        }
    }

    /// Notes that a portfolio changed: everything of it counts as new, whatever was valued between ledger and announcement;
    /// but for holdings that were closed before, which were told then.
    pub(crate) fn changed(&mut self, portfolio_id: &str, seq: u64, head: Text) {
        let Some(portfolio) = self.all.get_mut(portfolio_id) else { return };
        portfolio.changed = Some((seq, head));
        let closing = std::mem::take(&mut portfolio.closing);
        if let Some(valued) = &mut portfolio.valued {
            valued.touch(seq, |holding| !holding.quantity.is_zero() || closing.contains(&holding.ticker));
        }
    }

    /// Removes a portfolio and its valuation.
    pub(crate) fn forget(&mut self, portfolio_id: &str) {
        self.all.remove(portfolio_id);
    }

    /// Returns whether the portfolio is here.
    pub(crate) fn has(&self, portfolio_id: &str) -> bool {
        self.all.contains_key(portfolio_id)
    }

    /// Returns whose it is.
    pub(crate) fn owner(&self, portfolio_id: &str) -> Option<&UserId> {
        self.all.get(portfolio_id).map(|portfolio| &portfolio.owner)
    }

    /// Returns the revision of its ledger.
    pub(crate) fn revision(&self, portfolio_id: &str) -> Option<i64> {
        self.all.get(portfolio_id).map(|portfolio| portfolio.revision)
    }

    /// Returns the id and the owner of each.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (&String, &UserId)> {
        self.all.iter().map(|(id, portfolio)| (id, &portfolio.owner))
    }

    /// Takes every ledger for older than any: the revisions are not of the history that goes on.
    pub(crate) fn doubt(&mut self) {
        self.all.values_mut().for_each(|portfolio| portfolio.revision = 0);
    }

    /// Forgets what was valued and announced, but keeps the ledgers: another term counts `seq` from the beginning.
    pub(crate) fn begin_term(&mut self) {
        for portfolio in self.all.values_mut() {
            (portfolio.changed, portfolio.valued, portfolio.running) = (None, None, None);
            portfolio.had_no_value = false;
            portfolio.closing.clear();
        }
    }

    /// Notes that an instrument's quote came under a number.
    pub(crate) fn note_quote(&mut self, seq: u64, ticker: &Ticker) {
        self.changes.note(seq, ticker);
    }

    /// Notes that all quotes were replaced: each portfolio is valued in full when it is next asked for.
    pub(crate) fn begin_quotes(&mut self, quotes: &HashMap<Ticker, Quote>) {
        self.changes = Changes::begin(quotes.keys());
        self.all.values_mut().for_each(|portfolio| portfolio.running = None);
    }

    /// Returns a portfolio's ledger, unless it cannot be folded.
    pub(crate) fn ledger(&self, portfolio_id: &str) -> Option<Arc<Ledger>> {
        self.all.get(portfolio_id)?.ledger.as_ref().ok().cloned()
    }

    /// Returns which of its activities stands in the way of its ledger, if one does.
    pub(crate) fn unreadable(&self, portfolio_id: &str) -> Option<FoldError> {
        self.all.get(portfolio_id)?.ledger.as_ref().err().copied()
    }

    fn ledgers(&self) -> impl Iterator<Item = &Arc<Ledger>> {
        self.all.values().filter_map(|portfolio| portfolio.ledger.as_ref().ok())
    }

    /// Returns the currency that every portfolio's newest trade of an instrument was written in; nothing where they differ.
    pub(crate) fn currency_of(&self, ticker: &Ticker) -> Option<Currency> {
        let positions = self.ledgers().filter_map(|ledger| ledger.positions.get(ticker));
        let mut written = positions.filter_map(|position| position.written_in);
        let first = written.next()?;
        written.all(|other| other == first).then_some(first)
    }

    /// Returns the splits of all ledgers; a split that several ledgers hold is returned once.
    pub(crate) fn splits(&self) -> LedgerSplits {
        let mut splits = LedgerSplits::default();
        let positions = self.ledgers().flat_map(|ledger| ledger.positions.values());
        for position in positions.filter(|position| !position.splits.is_empty()) {
            let told = splits.0.entry(position.ticker.clone()).or_default();
            told.extend(&position.splits);
            told.sort_unstable();
            told.dedup();
        }
        splits
    }

    /// Returns its valuation at `seq`, and the time of that.
    pub(crate) fn valuation(
        &mut self,
        portfolio_id: &str,
        seq: u64,
        quotes: &HashMap<Ticker, Quote>,
    ) -> Option<(Arc<Valuation>, Timestamp)> {
        let (valued, running) = self.at(portfolio_id, seq, quotes)?;
        valued.weigh(seq, running);
        Some((valued.whole(running)?, valued.totals().time))
    }

    /// Returns what a portfolio is worth at `seq`, part by part, each with the number of its last change; nothing where it has no
    /// value. The weights may be older.
    pub(crate) fn valued(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> Option<&Valued> {
        self.at(portfolio_id, seq, quotes).map(|(valued, _)| &*valued)
    }

    fn at(
        &mut self,
        portfolio_id: &str,
        seq: u64,
        quotes: &HashMap<Ticker, Quote>,
    ) -> Option<(&mut Valued, &RunningValuation<Arc<Ledger>>)> {
        let portfolio = self.all.get_mut(portfolio_id)?;
        portfolio.value_at(portfolio_id, seq, quotes, &mut self.changes)?;
        portfolio.valued.as_mut().zip(portfolio.running.as_ref().map(|running| &running.valuation))
    }

    /// Values a part of what changed of a large portfolio up to `seq`, and returns whether there is more.
    pub(crate) fn approach(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> bool {
        let portfolio = self.all.get_mut(portfolio_id).filter(|portfolio| portfolio.is_large());
        portfolio.is_some_and(|portfolio| portfolio.approach(seq, quotes, &mut self.changes, TURN).is_some_and(|due| due > 0))
    }

    /// Returns `portfolio_changed`, where the portfolio's last one came after `since`.
    pub(crate) fn changed_since(&self, portfolio_id: &str, since: u64) -> Option<Text> {
        let changed = self.all.get(portfolio_id)?.changed.as_ref();
        changed.filter(|(seq, _)| *seq > since).map(|(_, head)| Arc::clone(head))
    }

    /// Returns `portfolio_changed` and `portfolio_update`, where anything changed after `since`; all holdings if `full`.
    pub(crate) fn heads_since(
        &mut self,
        portfolio_id: &str,
        since: u64,
        seq: u64,
        full: bool,
        quotes: &HashMap<Ticker, Quote>,
    ) -> Vec<Text> {
        let changed = self.changed_since(portfolio_id, since).filter(|_| !full);
        let mut heads: Vec<Text> = changed.into_iter().collect();
        let Some((valued, running)) = self.at(portfolio_id, seq, quotes) else { return heads };
        valued.weigh(seq, running);
        let holdings = valued.holdings_since(since, full);
        if full || valued.totals_changed_at() > since || !holdings.is_empty() {
            heads.push(text::head("portfolio_update", &PortfolioView { holdings, ..valued.totals().clone() }));
        }
        heads
    }
}

impl Portfolio {
    /// Returns whether it has more positions than are valued in one turn.
    fn is_large(&self) -> bool {
        self.ledger.as_ref().is_ok_and(|ledger| ledger.positions.len() > TURN)
    }

    /// Notes what changed up to `seq`, values at most `most` of the positions that are then due, and returns how many are left.
    fn approach(&mut self, seq: u64, quotes: &HashMap<Ticker, Quote>, changes: &mut Changes, most: usize) -> Option<usize> {
        let ledger = self.ledger.as_ref().ok()?;
        let rates = changes.rates(quotes);
        let running = self.running.get_or_insert_with(|| Running {
            at: seq,
            valuation: RunningValuation::new(Arc::clone(ledger), &rates),
            is_new: true,
            is_shown: false,
        });
        if running.at != seq {
            running.valuation.note(changes.since(running.at, ledger), &rates);
            (running.at, running.is_shown) = (seq, false);
        }
        running.valuation.value_due(|ticker| quotes.get(ticker), &rates, most);
        Some(running.valuation.due())
    }

    /// Brings the portfolio's view to the quotes of `seq`, unless that was done: what changed since it was valued is valued again.
    /// Returns nothing where an amount does not fit into a decimal; then all is valued again at the next asking.
    fn value_at(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>, changes: &mut Changes) -> Option<()> {
        self.approach(seq, quotes, changes, usize::MAX)?;
        let ledger = self.ledger.as_ref().ok()?;
        let mut running = self.running.take()?;
        if !running.is_shown {
            let totals = running.valuation.totals();
            let totals = totals.inspect_err(|error| tracing::debug!(portfolio_id, "cannot be valued: {error}"));
            let had_no_value = std::mem::replace(&mut self.had_no_value, totals.is_err());
            let totals = totals.ok()?;
            // The time of the newest price that values it; without any, that of the last activity, or of the portfolio itself.
            let time = running.valuation.newest_price().or(ledger.last_activity).unwrap_or(self.made_at);
            let view = PortfolioView::new(portfolio_id, &totals, time);
            let known = self.valued.as_ref().filter(|_| running.is_new);
            let closed = known.map(|valued| valued.closed_by(ledger)).unwrap_or_default();
            let holdings = running.valuation.moved().map(HoldingView::from);
            let valued = self.valued.get_or_insert_with(|| Valued::first(seq, view.clone()));
            valued.follow(seq, view, rounded(totals.gross), holdings.chain(closed.into_iter().map(HoldingView::closed)));
            if had_no_value {
                // A client may have been told nothing meanwhile, also of what was closed.
                valued.touch(seq, |_| true);
            }
            running.valuation.forget_moved();
            (running.is_new, running.is_shown) = (false, true);
        }
        self.running = Some(running);
        Some(())
    }
}

#[cfg(test)]
mod properties;
