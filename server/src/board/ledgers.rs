//! Ledgers come to the board, and leave it.

use foliostream::domain::activity::Activity;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{FoldError, Ledger, fold};
use foliostream::domain::user::UserId;
use foliostream::wire::live::{Envelope, LiveEvent};

use super::together::{Together, added_up};
use super::{Board, PortfolioRow};

impl Board {
    /// Gives a portfolio its ledger of a revision: at the start, and before `portfolio_changed` is announced.
    pub fn set_ledger(&self, row: &PortfolioRow, ledger: Ledger) {
        self.take_ledger(row, row.revision, Ok(ledger), Vec::new());
    }

    /// Folds a portfolio's activities into its ledger of a revision. Where that fails the portfolio has no value until they are
    /// mended, and nothing else is lost: they are listed, changed and deleted as any.
    ///
    /// `told_in` are the same activities, folded in the currencies in which the owner's portfolios are looked at together.
    pub fn fold_ledger(&self, row: &PortfolioRow, revision: i64, activities: &[Activity], told_in: Vec<Ledger>) {
        let folded = fold(row.currency, activities).map(|ledger| ledger.with_cash(row.track_cash));
        if let Err(error) = &folded {
            let portfolio_id = &row.portfolio_id;
            tracing::error!(portfolio_id, "a portfolio cannot be valued until this activity is changed or deleted: {error}");
        }
        self.take_ledger(row, revision, folded, told_in);
    }

    fn take_ledger(&self, row: &PortfolioRow, revision: i64, folded: Result<Ledger, FoldError>, told_in: Vec<Ledger>) {
        {
            let mut state = self.lock();
            state.portfolios.set_ledger(row, revision, folded, told_in);
            state.ledger_changes += 1;
        }
        self.put_together(&row.owner);
    }

    /// Adds a user's portfolios up again, wherever they are looked at together. It is done without the lock: large ledgers take a while,
    /// for which prices and streams must not wait. Where a part changed meanwhile it begins again.
    pub(super) fn put_together(&self, owner: &UserId) {
        let keys = self.lock().portfolios.keys_together(owner);
        for key in keys {
            loop {
                let parts = self.lock().portfolios.parts_of(&key);
                let Some((currency, parts, part_changes)) = parts else { break };
                let ledger = added_up(currency, &parts);
                let mut state = self.lock();
                if state.portfolios.set_together(&key, part_changes, ledger) {
                    state.ledger_changes += 1;
                    break;
                }
            }
        }
    }

    /// Looks at all portfolios of a user as one from now on, and returns which of them have still to be told in that currency, each
    /// with its revision: see [`tell_in`](Self::tell_in).
    pub fn look_together(&self, together: &Together) -> Vec<(String, i64)> {
        let (is_known, due) = {
            let mut state = self.lock();
            (state.portfolios.has(&together.key()), state.portfolios.look_together(together))
        };
        if !is_known {
            self.put_together(&together.owner);
        }
        due
    }

    /// Takes the ledger that a portfolio has at a revision, folded in another currency than its own.
    pub fn tell_in(&self, portfolio_id: &str, revision: i64, ledger: Ledger) {
        let owner = {
            let mut state = self.lock();
            state.portfolios.tell_in(portfolio_id, revision, ledger);
            state.portfolios.owner(portfolio_id).cloned()
        };
        owner.iter().for_each(|owner| self.put_together(owner));
    }

    /// Returns the currencies in which a user's portfolios are looked at together.
    pub fn currencies_together(&self, owner: &UserId) -> Vec<Currency> {
        self.lock().portfolios.currencies_together(owner)
    }

    /// Treats the next ledger of each portfolio as newer than the one that is here, whatever its revision. For example: the
    /// database was restored from a backup, and a portfolio that was at revision 12 comes again at revision 9.
    pub fn doubt_ledgers(&self) {
        self.lock().portfolios.doubt();
    }

    /// Adds up what deleted portfolios were part of, before their deletion is announced: a stream that is at that number already is told
    /// nothing more of it.
    pub(super) fn put_together_without(&self, envelopes: &[Envelope]) {
        for envelope in envelopes {
            if let LiveEvent::PortfolioDeleted(deleted) = &envelope.event {
                {
                    let mut state = self.lock();
                    state.portfolios.forget(&deleted.view.portfolio_id, None);
                    state.ledger_changes += 1;
                }
                self.put_together(&deleted.owner);
            }
        }
    }

    /// Forgets a portfolio and calls the watchers, which end the streams that followed it. A deletion may come here twice: from
    /// the command that stored it, and from the engine's announcement, for which the command does not wait.
    pub fn forget_portfolio(&self, portfolio_id: &str) {
        let owner = {
            let mut state = self.lock();
            let owner = state.portfolios.owner(portfolio_id).cloned();
            state.portfolios.forget(portfolio_id, None);
            state.compact.forget_portfolio(portfolio_id);
            state.ledger_changes += 1;
            owner
        };
        owner.iter().for_each(|owner| self.put_together(owner));
        self.watchers.portfolio_deleted(portfolio_id);
    }
}
