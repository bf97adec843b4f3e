//! One portfolio as this worker values it: its ledger, and what it came to last.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger};
use foliostream::domain::quote::Quote;
use foliostream::domain::user::UserId;
use foliostream::domain::valuation::{RunningValuation, rounded};
use foliostream::wire::views::{HoldingView, PortfolioView};

use super::changes::Changes;
use super::text::Text;
use super::together;
use super::valued::Valued;

/// Positions that are valued in one turn: some 300 µs, for which others wait at most.
pub(crate) const TURN: usize = 256;

/// A ledger, and its last valuation.
#[derive(Debug)]
pub(crate) struct Portfolio {
    /// Whose it is.
    pub owner: UserId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The revision of its ledger.
    pub revision: i64,
    /// Its activities folded, or which of them stands in the way.
    pub ledger: Result<Arc<Ledger>, FoldError>,
    /// The same in other currencies, in which all of its owner's portfolios are looked at together: with the revision of each.
    pub told_in: HashMap<Currency, (i64, Arc<Ledger>)>,
    /// The last `portfolio_changed`, and its number.
    pub changed: Option<(u64, Text)>,
    /// What it came to when it was valued last.
    pub valued: Option<Valued>,
    /// The valuation that follows the quotes; nothing where all has to be valued again, as after a change of the ledger.
    pub running: Option<Running>,
    /// Whether it had no value when it was last asked for, so that a client may have been told nothing of it.
    had_no_value: bool,
    /// Holdings that the ledger closed and that no `portfolio_changed` event has shown yet.
    closing: HashSet<Ticker>,
}

/// A valuation that follows the quotes.
#[derive(Debug)]
pub(crate) struct Running {
    /// The number up to which changes of quotes were noted.
    at: u64,
    /// The valuation.
    pub valuation: RunningValuation<Arc<Ledger>>,
    /// Whether it began after the portfolio was last valued, so that something may have been closed.
    is_new: bool,
    /// Whether the portfolio's view shows what it has come to.
    is_shown: bool,
}

impl Portfolio {
    /// Makes one that was never valued.
    pub(crate) fn new(owner: UserId, made_at: Timestamp, revision: i64, ledger: Result<Arc<Ledger>, FoldError>) -> Self {
        Self {
            owner,
            made_at,
            revision,
            ledger,
            told_in: HashMap::new(),
            changed: None,
            valued: None,
            running: None,
            had_no_value: false,
            closing: HashSet::new(),
        }
    }

    /// Forgets what was valued and announced, but keeps the ledger.
    pub(crate) fn begin_term(&mut self) {
        (self.changed, self.valued, self.running) = (None, None, None);
        self.had_no_value = false;
        self.closing.clear();
    }

    /// Takes another ledger.
    pub(crate) fn replace(&mut self, revision: i64, ledger: Result<Arc<Ledger>, FoldError>) {
        (self.revision, self.ledger) = (revision, ledger);
        self.running = None;
        // The next asking compares with what was, so that closed holdings are told; also after a ledger that has no value.
        if let Some(valued) = &self.valued {
            self.closing.extend(self.ledger.iter().flat_map(|ledger| valued.closed_by(ledger)));
        }
    }

    /// Counts everything of it as new, but for holdings that were closed and told of before.
    pub(crate) fn change(&mut self, seq: u64, head: Option<Text>) {
        if let Some(head) = head {
            self.changed = Some((seq, head));
        }
        let closing = std::mem::take(&mut self.closing);
        if let Some(valued) = &mut self.valued {
            valued.touch(seq, |holding| !holding.quantity.is_zero() || closing.contains(&holding.ticker));
        }
    }

    /// Returns its ledger in a currency: its own, or the newest that was told in that; its currency where there is none.
    pub(crate) fn told_in(&self, currency: Currency) -> Result<Arc<Ledger>, Currency> {
        match &self.ledger {
            Ok(ledger) if ledger.base == currency => Ok(Arc::clone(ledger)),
            Ok(ledger) => self.told_in.get(&currency).map(|(_, told)| Arc::clone(told)).ok_or(ledger.base),
            // What cannot be folded is said by its own notice, and leaves the others as they are.
            Err(_) => Err(currency),
        }
    }

    /// Returns whether it has more positions than are valued in one turn.
    pub(crate) fn is_large(&self) -> bool {
        self.ledger.as_ref().is_ok_and(|ledger| ledger.positions.len() > TURN)
    }

    /// Notes what changed up to `seq`, values at most `most` of the positions that are then due, and returns how many are left.
    pub(crate) fn approach(
        &mut self,
        seq: u64,
        quotes: &HashMap<Ticker, Quote>,
        changes: &mut Changes,
        most: usize,
    ) -> Option<usize> {
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
    pub(crate) fn value_at(
        &mut self,
        portfolio_id: &str,
        seq: u64,
        quotes: &HashMap<Ticker, Quote>,
        changes: &mut Changes,
    ) -> Option<()> {
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
            let view = PortfolioView::new(together::told_id(portfolio_id), &totals, time);
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
