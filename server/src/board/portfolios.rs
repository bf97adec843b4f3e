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
use foliostream::wire::views::{HoldingView, PortfolioView};

use super::text::{self, Text};
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

/// A valuation, and when each part of its view last changed.
#[derive(Debug)]
struct Valued {
    at: u64,
    valuation: Arc<Valuation>,
    totals: (u64, PortfolioView),
    holdings: HashMap<Ticker, (u64, HoldingView)>,
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
            valued.totals.0 = seq;
            for (ticker, entry) in &mut valued.holdings {
                if !entry.1.quantity.is_zero() || closing.contains(ticker) {
                    entry.0 = seq;
                }
            }
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
        let portfolio = self.0.get_mut(portfolio_id)?;
        portfolio.value_at(portfolio_id, seq, quotes)?;
        portfolio.valued.as_ref().map(|valued| (Arc::clone(&valued.valuation), valued.totals.1.time))
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
        let Some(portfolio) = self.0.get_mut(portfolio_id) else { return Vec::new() };
        let is_valued = portfolio.value_at(portfolio_id, seq, quotes).is_some();
        let mut heads = Vec::new();
        if let Some((_, head)) = portfolio.changed.as_ref().filter(|(changed, _)| !full && *changed > since) {
            heads.push(Arc::clone(head));
        }
        let Some(valued) = portfolio.valued.as_ref().filter(|_| is_valued) else { return heads };
        let holdings: Vec<HoldingView> = valued.holdings_since(since, full);
        if full || valued.totals.0 > since || !holdings.is_empty() {
            heads.push(text::head("portfolio_update", &PortfolioView { holdings, ..valued.totals.1.clone() }));
        }
        heads
    }
}

impl Portfolio {
    /// Values the portfolio with the quotes of `seq`, unless that was done. Returns nothing where an amount does not fit into a
    /// decimal.
    fn value_at(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> Option<()> {
        if self.valued.as_ref().is_some_and(|valued| valued.at == seq && seq > 0) {
            return Some(());
        }
        let ledger = Arc::clone(self.ledger.as_ref().ok()?);
        let rates = Rates::from_quotes(quotes.values());
        let valuation = match value(&ledger, |ticker| quotes.get(ticker), &rates) {
            Ok(valuation) => Arc::new(valuation),
            Err(error) => {
                tracing::debug!(portfolio_id, "cannot be valued: {error}");
                return None;
            }
        };
        let view = PortfolioView::new(portfolio_id, &valuation, self.priced_at(&ledger, quotes));
        self.valued = Some(match self.valued.take() {
            Some(before) => before.followed_by(seq, valuation, view),
            None => Valued::first(seq, valuation, view),
        });
        Some(())
    }

    /// Returns the time of the newest price that values it; without any, that of the last activity, or of the portfolio itself.
    fn priced_at(&self, ledger: &Ledger, quotes: &HashMap<Ticker, Quote>) -> Timestamp {
        let times = ledger.positions.keys().filter_map(|ticker| quotes.get(ticker)).map(|quote| quote.time);
        times.max().or(ledger.last_activity).unwrap_or(self.made_at)
    }
}

impl Valued {
    fn first(at: u64, valuation: Arc<Valuation>, mut view: PortfolioView) -> Self {
        let holdings = std::mem::take(&mut view.holdings);
        let holdings = holdings.into_iter().map(|holding| (holding.ticker.clone(), (at, holding))).collect();
        Self { at, valuation, totals: (at, view), holdings }
    }

    /// Returns the holdings that are open here and no longer in a ledger.
    fn closed_by(&self, ledger: &Ledger) -> Vec<Ticker> {
        let is_held = |ticker: &Ticker| ledger.positions.get(ticker).is_some_and(|position| !position.quantity.is_zero());
        let open = self.holdings.iter().filter(|(_, (_, holding))| !holding.quantity.is_zero());
        open.map(|(ticker, _)| ticker).filter(|ticker| !is_held(ticker)).cloned().collect()
    }

    /// Compares with the valuation before: what differs changed at `at`.
    fn followed_by(mut self, at: u64, valuation: Arc<Valuation>, mut view: PortfolioView) -> Self {
        let holdings = std::mem::take(&mut view.holdings);
        let open: HashSet<Ticker> = holdings.iter().map(|holding| holding.ticker.clone()).collect();
        for holding in holdings {
            match self.holdings.get_mut(&holding.ticker) {
                Some((_, before)) if *before == holding => {}
                Some(entry) => *entry = (at, holding),
                None => {
                    self.holdings.insert(holding.ticker.clone(), (at, holding));
                }
            }
        }
        for (ticker, entry) in &mut self.holdings {
            if !open.contains(ticker) && !entry.1.quantity.is_zero() {
                *entry = (at, HoldingView::closed(ticker.clone()));
            }
        }
        let totals = if self.totals.1 == view { self.totals } else { (at, view) };
        Self { at, valuation, totals, holdings: self.holdings }
    }

    /// Returns holdings that changed after `since`, largest first; all open ones if `full`.
    fn holdings_since(&self, since: u64, full: bool) -> Vec<HoldingView> {
        let wanted = |(seq, holding): &&(u64, HoldingView)| if full { !holding.quantity.is_zero() } else { *seq > since };
        let mut holdings: Vec<HoldingView> = self.holdings.values().filter(wanted).map(|(_, holding)| holding.clone()).collect();
        holdings.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
        holdings
    }
}
