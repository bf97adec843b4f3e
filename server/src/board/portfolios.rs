//! Portfolios as this worker values them: a pure function of ledger and quotes, made when somebody asks and shared by all.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use foliostream::domain::engine::LedgerSplits;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger};
use foliostream::domain::quote::Quote;
use foliostream::domain::user::UserId;
use foliostream::domain::valuation::{RunningValuation, Valuation};
use foliostream::wire::views::{PortfolioChangedView, PortfolioView};

use super::changes::Changes;
use super::portfolio::{Portfolio, TURN};
use super::text::{self, Text};
use super::together::{self, Together};
use super::valued::Valued;
use crate::store::PortfolioRow;

/// Every portfolio's ledger and last valuation.
#[derive(Debug, Default)]
pub(crate) struct Portfolios {
    all: HashMap<String, Portfolio>,
    /// All portfolios of a user as one, by [`Together::key`]: of those who have asked for it.
    together: HashMap<String, Whole>,
    changes: Changes,
}

/// All portfolios of a user as one.
#[derive(Debug)]
struct Whole {
    together: Together,
    portfolio: Portfolio,
    /// Counts the changes of its parts' ledgers.
    part_changes: u64,
}

/// What a whole is added up from: its currency, the ledger of each part in that or the currency of one that has none, and the count of
/// the parts' changes by then.
pub(crate) type Parts = (Currency, Vec<Result<Arc<Ledger>, Currency>>, u64);

impl Portfolios {
    /// Sets a portfolio's ledger, or the reason why there is none, unless it already has one of a later revision; `told_in` are the
    /// same in other currencies. The portfolio is valued again when it is next asked for.
    pub(crate) fn set_ledger(
        &mut self,
        row: &PortfolioRow,
        revision: i64,
        folded: Result<Ledger, FoldError>,
        told_in: Vec<Ledger>,
    ) {
        let ledger = folded.map(Arc::new);
        let portfolio = match self.all.get_mut(&row.portfolio_id) {
            Some(portfolio) if portfolio.revision > revision => return,
            Some(portfolio) => {
                portfolio.replace(revision, ledger);
                portfolio
            }
            None => self.all.entry(row.portfolio_id.clone()).or_insert(Portfolio::new(
                row.owner.clone(),
                row.created_at,
                revision,
                ledger,
            )),
        };
        portfolio.told_in.extend(told_in.into_iter().map(|ledger| (ledger.base, (revision, Arc::new(ledger)))));
        self.note_part(&row.owner);
    }

    /// Looks at all portfolios of a user as one from now on, and returns which of them have no ledger of their newest revision in
    /// that currency yet: they are told with [`tell_in`](Self::tell_in).
    pub(crate) fn look_together(&mut self, together: &Together) -> Vec<(String, i64)> {
        if !self.together.contains_key(&together.key()) {
            let made = self.parts(&together.owner).map(|(_, portfolio)| portfolio.made_at).min();
            let made = made.unwrap_or(Timestamp::UNIX_EPOCH);
            let portfolio = Portfolio::new(together.owner.clone(), made, 0, Err(together::TOO_LARGE));
            self.together.insert(together.key(), Whole { together: together.clone(), portfolio, part_changes: 0 });
        }
        let is_due = |portfolio: &Portfolio| {
            let own = portfolio.ledger.as_ref().ok().map(|ledger| ledger.base);
            let told = portfolio.told_in.get(&together.currency).map(|(revision, _)| *revision);
            own.is_some_and(|own| own != together.currency) && told != Some(portfolio.revision)
        };
        let due = self.parts(&together.owner).filter(|(_, portfolio)| is_due(portfolio));
        due.map(|(id, portfolio)| (id.clone(), portfolio.revision)).collect()
    }

    /// Takes a portfolio's ledger of a revision in another currency than its own, unless it has one of a later revision.
    pub(crate) fn tell_in(&mut self, portfolio_id: &str, revision: i64, ledger: Ledger) {
        let Some(portfolio) = self.all.get_mut(portfolio_id) else { return };
        if portfolio.told_in.get(&ledger.base).is_some_and(|(known, _)| *known > revision) {
            return;
        }
        portfolio.told_in.insert(ledger.base, (revision, Arc::new(ledger)));
        let owner = portfolio.owner.clone();
        self.note_part(&owner);
    }

    /// Returns the currencies in which a user's portfolios are looked at together.
    pub(crate) fn currencies_together(&self, owner: &UserId) -> Vec<Currency> {
        self.wholes(owner).map(|whole| whole.together.currency).collect()
    }

    /// Returns the keys of what a user's portfolios are looked at together as.
    pub(crate) fn keys_together(&self, owner: &UserId) -> Vec<String> {
        self.wholes(owner).map(|whole| whole.together.key()).collect()
    }

    fn wholes(&self, owner: &UserId) -> impl Iterator<Item = &Whole> {
        self.together.values().filter(move |whole| whole.together.owner == *owner)
    }

    /// Returns a user's portfolios, oldest first.
    fn parts(&self, owner: &UserId) -> impl Iterator<Item = (&String, &Portfolio)> {
        let mut parts: Vec<_> = self.all.iter().filter(|(_, portfolio)| portfolio.owner == *owner).collect();
        parts.sort_unstable_by_key(|(id, portfolio)| (portfolio.made_at, *id));
        parts.into_iter()
    }

    /// Notes that a ledger of a user's changed: what was being added up of it is old.
    fn note_part(&mut self, owner: &UserId) {
        let wholes = self.together.values_mut().filter(|whole| whole.together.owner == *owner);
        wholes.for_each(|whole| whole.part_changes += 1);
    }

    /// Returns what a whole is added up from.
    pub(crate) fn parts_of(&self, key: &str) -> Option<Parts> {
        let Whole { together, part_changes, .. } = self.together.get(key)?;
        let parts = self.parts(&together.owner).map(|(_, portfolio)| portfolio.told_in(together.currency));
        Some((together.currency, parts.collect(), *part_changes))
    }

    /// Sets what a whole comes to, unless its parts changed since they were read; returns whether it was set.
    pub(crate) fn set_together(&mut self, key: &str, part_changes: u64, ledger: Result<Ledger, FoldError>) -> bool {
        let Some(whole) = self.together.get_mut(key).filter(|whole| whole.part_changes == part_changes) else { return false };
        let next = whole.portfolio.revision + 1;
        whole.portfolio.replace(next, ledger.map(Arc::new));
        true
    }

    /// Notes that a portfolio changed: everything of it counts as new, whatever was valued between ledger and announcement;
    /// but for holdings that were closed before, which were told then.
    pub(crate) fn changed(&mut self, portfolio_id: &str, seq: u64, head: Text) {
        let Some(portfolio) = self.all.get_mut(portfolio_id) else { return };
        portfolio.change(seq, Some(head));
        let owner = portfolio.owner.clone();
        self.change_together(&owner, seq);
    }

    /// Counts everything of a user's portfolios together as new.
    fn change_together(&mut self, owner: &UserId, seq: u64) {
        let wholes = self.together.values_mut().filter(|whole| whole.together.owner == *owner);
        wholes.for_each(|whole| whole.portfolio.change(seq, None));
    }

    /// Removes a portfolio and its valuation; where that was announced, under a number and to its owner.
    pub(crate) fn forget(&mut self, portfolio_id: &str, announced: Option<(u64, &UserId)>) {
        if let Some(portfolio) = self.all.remove(portfolio_id) {
            self.note_part(&portfolio.owner);
        }
        // The command may have removed it before.
        let Some((seq, owner)) = announced else { return };
        for Whole { portfolio, .. } in self.together.values_mut().filter(|whole| whole.together.owner == *owner) {
            let changed = PortfolioChangedView { portfolio_id: PortfolioView::ALL.to_owned(), revision: portfolio.revision };
            portfolio.change(seq, Some(text::head("portfolio_changed", &changed)));
        }
    }

    fn find(&self, portfolio_id: &str) -> Option<&Portfolio> {
        self.all.get(portfolio_id).or_else(|| self.together.get(portfolio_id).map(|whole| &whole.portfolio))
    }

    /// Returns whether the portfolio is here.
    pub(crate) fn has(&self, portfolio_id: &str) -> bool {
        self.find(portfolio_id).is_some()
    }

    /// Returns whose it is.
    pub(crate) fn owner(&self, portfolio_id: &str) -> Option<&UserId> {
        self.find(portfolio_id).map(|portfolio| &portfolio.owner)
    }

    /// Returns the revision of its ledger.
    pub(crate) fn revision(&self, portfolio_id: &str) -> Option<i64> {
        self.find(portfolio_id).map(|portfolio| portfolio.revision)
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
        self.every_one().for_each(Portfolio::begin_term);
    }

    /// Notes that an instrument's quote came under a number.
    pub(crate) fn note_quote(&mut self, seq: u64, ticker: &Ticker) {
        self.changes.note(seq, ticker);
    }

    /// Notes that all quotes were replaced: each portfolio is valued in full when it is next asked for.
    pub(crate) fn begin_quotes(&mut self, quotes: &HashMap<Ticker, Quote>) {
        self.changes = Changes::begin(quotes.keys());
        self.every_one().for_each(|portfolio| portfolio.running = None);
    }

    fn every_one(&mut self) -> impl Iterator<Item = &mut Portfolio> {
        self.all.values_mut().chain(self.together.values_mut().map(|whole| &mut whole.portfolio))
    }

    /// Returns a portfolio's ledger, unless it cannot be folded.
    pub(crate) fn ledger(&self, portfolio_id: &str) -> Option<Arc<Ledger>> {
        self.find(portfolio_id)?.ledger.as_ref().ok().cloned()
    }

    /// Returns which of its activities stands in the way of its ledger, if one does.
    pub(crate) fn unreadable(&self, portfolio_id: &str) -> Option<FoldError> {
        self.find(portfolio_id)?.ledger.as_ref().err().copied()
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
        let Self { all, together, changes } = self;
        let portfolio = found(all, together, portfolio_id)?;
        portfolio.value_at(portfolio_id, seq, quotes, changes)?;
        portfolio.valued.as_mut().zip(portfolio.running.as_ref().map(|running| &running.valuation))
    }

    /// Values a part of what changed of a large portfolio up to `seq`, and returns whether there is more.
    pub(crate) fn approach(&mut self, portfolio_id: &str, seq: u64, quotes: &HashMap<Ticker, Quote>) -> bool {
        let Self { all, together, changes } = self;
        let portfolio = found(all, together, portfolio_id).filter(|portfolio| portfolio.is_large());
        portfolio.is_some_and(|portfolio| portfolio.approach(seq, quotes, changes, TURN).is_some_and(|due| due > 0))
    }

    /// Returns `portfolio_changed`, where the portfolio's last one came after `since`; of several together that of each.
    pub(crate) fn changed_since(&self, portfolio_id: &str, since: u64) -> Vec<Text> {
        let mut changed: Vec<&(u64, Text)> = match self.together.get(portfolio_id) {
            Some(Whole { together, portfolio, .. }) => {
                let parts = self.parts(&together.owner).map(|(_, part)| part);
                parts.chain([portfolio]).filter_map(|part| part.changed.as_ref()).collect()
            }
            None => self.all.get(portfolio_id).and_then(|portfolio| portfolio.changed.as_ref()).into_iter().collect(),
        };
        changed.retain(|(seq, _)| *seq > since);
        changed.sort_unstable_by_key(|(seq, _)| *seq);
        changed.into_iter().map(|(_, head)| Arc::clone(head)).collect()
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
        let mut heads = if full { Vec::new() } else { self.changed_since(portfolio_id, since) };
        let Some((valued, running)) = self.at(portfolio_id, seq, quotes) else { return heads };
        valued.weigh(seq, running);
        let holdings = valued.holdings_since(since, full);
        if full || valued.totals_changed_at() > since || !holdings.is_empty() {
            heads.push(text::head("portfolio_update", &PortfolioView { holdings, ..valued.totals().clone() }));
        }
        heads
    }
}

fn found<'a>(
    all: &'a mut HashMap<String, Portfolio>,
    together: &'a mut HashMap<String, Whole>,
    portfolio_id: &str,
) -> Option<&'a mut Portfolio> {
    all.get_mut(portfolio_id).or_else(|| together.get_mut(portfolio_id).map(|whole| &mut whole.portfolio))
}

#[cfg(test)]
mod properties;
