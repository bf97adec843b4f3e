//! Portfolios as this worker values them: a pure function of ledger and quotes, made when somebody asks and shared by all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use foliostream::domain::engine::LedgerSplits;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger};
use foliostream::domain::quote::Quote;
use foliostream::domain::rates::Rates;
use foliostream::domain::user::UserId;
use foliostream::domain::valuation::{Valuation, value};
use foliostream::wire::views::PortfolioView;

use super::text::{self, Text};
use super::valued::Valued;
use crate::store::PortfolioRow;

/// Every portfolio's ledger and last valuation.
#[derive(Debug, Default)]
pub(crate) struct Portfolios(HashMap<String, Portfolio>);

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
    /// Holdings that the ledger closed and that no `portfolio_changed` event has shown yet.
    closing: HashSet<Ticker>,
}

impl Portfolios {
    /// Sets a portfolio's ledger, or the reason why there is none, unless it already has one of a later revision. The portfolio
    /// is valued again when it is next asked for.
    pub(crate) fn set_ledger(&mut self, row: &PortfolioRow, revision: i64, folded: Result<Ledger, FoldError>) {
        let ledger = folded.map(Arc::new);
        match self.0.get_mut(&row.portfolio_id) {
            Some(portfolio) if portfolio.revision > revision => {}
            Some(portfolio) => {
                (portfolio.revision, portfolio.ledger) = (revision, ledger);
                if let Some(valued) = &mut portfolio.valued {
                    // The next asking compares with what was, so that closed holdings are told; also after a ledger that has no
                    // value.
                    valued.at = 0;
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
                    closing: HashSet::new(),
                };
                self.0.insert(row.portfolio_id.clone(), portfolio);
            }
        }
    }

    /// Notes that a portfolio changed: everything of it counts as new, whatever was valued between ledger and announcement;
    /// but for holdings that were closed before, which were told then.
    pub(crate) fn changed(&mut self, portfolio_id: &str, seq: u64, head: Text) {
        let Some(portfolio) = self.0.get_mut(portfolio_id) else { return };
        portfolio.changed = Some((seq, head));
        let closing = std::mem::take(&mut portfolio.closing);
        if let Some(valued) = &mut portfolio.valued {
            valued.announce(seq, &closing);
        }
    }

    /// Removes a portfolio and its valuation.
    pub(crate) fn forget(&mut self, portfolio_id: &str) {
        self.0.remove(portfolio_id);
    }

    /// Returns whether the portfolio is here.
    pub(crate) fn has(&self, portfolio_id: &str) -> bool {
        self.0.contains_key(portfolio_id)
    }

    /// Returns whose it is.
    pub(crate) fn owner(&self, portfolio_id: &str) -> Option<&UserId> {
        self.0.get(portfolio_id).map(|portfolio| &portfolio.owner)
    }

    /// Returns the revision of its ledger.
    pub(crate) fn revision(&self, portfolio_id: &str) -> Option<i64> {
        self.0.get(portfolio_id).map(|portfolio| portfolio.revision)
    }

    /// Returns the id and the owner of each.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (&String, &UserId)> {
        self.0.iter().map(|(id, portfolio)| (id, &portfolio.owner))
    }

    /// Takes every ledger for older than any: the revisions are not of the history that goes on.
    pub(crate) fn doubt(&mut self) {
        self.0.values_mut().for_each(|portfolio| portfolio.revision = 0);
    }

    /// Forgets what was valued and announced, but keeps the ledgers: another term counts `seq` from the beginning.
    pub(crate) fn begin_term(&mut self) {
        for portfolio in self.0.values_mut() {
            (portfolio.changed, portfolio.valued) = (None, None);
            portfolio.closing.clear();
        }
    }

    /// Returns a portfolio's ledger, unless it cannot be folded.
    pub(crate) fn ledger(&self, portfolio_id: &str) -> Option<Arc<Ledger>> {
        self.0.get(portfolio_id)?.ledger.as_ref().ok().cloned()
    }

    /// Returns which of its activities stands in the way of its ledger, if one does.
    pub(crate) fn unreadable(&self, portfolio_id: &str) -> Option<FoldError> {
        self.0.get(portfolio_id)?.ledger.as_ref().err().copied()
    }

    fn ledgers(&self) -> impl Iterator<Item = &Arc<Ledger>> {
        self.0.values().filter_map(|portfolio| portfolio.ledger.as_ref().ok())
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
        let valued = self.valued(portfolio_id, seq, quotes)?;
        Some((valued.valuation(), valued.totals().time))
    }

    /// Returns what a portfolio is worth at `seq`, part by part, each with the number of its last change; nothing where it has no
    /// value.
    pub(crate) fn valued(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> Option<&Valued> {
        self.0.get_mut(portfolio_id)?.value_at(portfolio_id, seq, quotes)
    }

    /// Returns `portfolio_changed`, where the portfolio's last one came after `since`.
    pub(crate) fn changed_since(&self, portfolio_id: &str, since: u64) -> Option<Text> {
        let changed = self.0.get(portfolio_id)?.changed.as_ref();
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
        let Some(valued) = self.valued(portfolio_id, seq, quotes) else { return heads };
        let holdings = valued.holdings_since(since, full);
        if full || valued.totals_changed_at() > since || !holdings.is_empty() {
            heads.push(text::head("portfolio_update", &PortfolioView { holdings, ..valued.totals().clone() }));
        }
        heads
    }
}

impl Portfolio {
    /// Values the portfolio with the quotes of `seq`, unless that was done. Returns nothing where an amount does not fit into a
    /// decimal.
    fn value_at(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> Option<&Valued> {
        if self.valued.as_ref().is_none_or(|valued| valued.at != seq || seq == 0) {
            let ledger = Arc::clone(self.ledger.as_ref().ok()?);
            let rates = Rates::from_quotes(quotes.values());
            let valuation = value(&ledger, |ticker| quotes.get(ticker), &rates);
            let valuation = valuation.inspect_err(|error| tracing::debug!(portfolio_id, "cannot be valued: {error}"));
            let valuation = Arc::new(valuation.ok()?);
            let view = PortfolioView::new(portfolio_id, &valuation, self.priced_at(&ledger, quotes));
            self.valued = Some(match self.valued.take() {
                Some(before) => before.followed_by(seq, valuation, view),
                None => Valued::first(seq, valuation, view),
            });
        }
        self.valued.as_ref()
    }

    /// Returns the time of the newest price that values it; without any, that of the last activity, or of the portfolio itself.
    fn priced_at(&self, ledger: &Ledger, quotes: &HashMap<Ticker, Quote>) -> Timestamp {
        let times = ledger.positions.keys().filter_map(|ticker| quotes.get(ticker)).map(|quote| quote.time);
        times.max().or(ledger.last_activity).unwrap_or(self.made_at)
    }
}
