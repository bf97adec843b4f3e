//! A portfolio as it was valued last, and when each part of it last changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::position::Ledger;
use foliostream::domain::valuation::{Valuation, rounded};
use foliostream::wire::views::{HoldingView, PortfolioView};

/// How many entries of `touched` may be out of date beside one for each holding, before they are taken out.
const SPARE: usize = 64;

/// A valuation, and the numbers at which the parts of its view last changed.
#[derive(Debug)]
pub(crate) struct Valued {
    /// The `seq` of the quotes that it was valued at; 0 where the ledger changed since.
    pub at: u64,
    valuation: Arc<Valuation>,
    totals: PortfolioView,
    totals_changed_at: u64,
    holdings: HashMap<Ticker, ValuedHolding>,
    /// Which holding was touched at which number, in ascending order. Only the newest entry of each counts.
    touched: Vec<(u64, Ticker)>,
}

/// A holding's view, and when it last changed. A price of 10 holdings touches these 10, and changes the weight of all.
#[derive(Debug)]
pub(crate) struct ValuedHolding {
    /// The holding as it was told last; of quantity zero where it is closed.
    pub view: HoldingView,
    /// The number at which anything of it but its weight last changed.
    pub touched_at: u64,
    /// The number at which anything of it last changed.
    pub changed_at: u64,
}

impl Valued {
    /// Begins with a first valuation: everything changed at `at`.
    pub(crate) fn first(at: u64, valuation: Arc<Valuation>, view: PortfolioView) -> Self {
        let totals = PortfolioView { holdings: Vec::new(), ..view.clone() };
        let (holdings, touched) = (HashMap::new(), Vec::new());
        let first = Self { at, valuation: Arc::clone(&valuation), totals, totals_changed_at: at, holdings, touched };
        first.followed_by(at, valuation, view)
    }

    /// Compares with the valuation before: what differs changed at `at`.
    pub(crate) fn followed_by(mut self, at: u64, valuation: Arc<Valuation>, mut view: PortfolioView) -> Self {
        let holdings = std::mem::take(&mut view.holdings);
        let open: HashSet<Ticker> = holdings.iter().map(|holding| holding.ticker.clone()).collect();
        holdings.into_iter().for_each(|holding| self.take(at, holding));
        let closed = self.open().filter(|holding| !open.contains(&holding.view.ticker));
        let closed: Vec<HoldingView> = closed.map(|holding| HoldingView::closed(holding.view.ticker.clone())).collect();
        closed.into_iter().for_each(|holding| self.take(at, holding));
        if self.totals != view {
            (self.totals, self.totals_changed_at) = (view, at);
        }
        Self { at, valuation, ..self }
    }

    /// Takes over a holding's view, and notes what of it changed.
    fn take(&mut self, at: u64, view: HoldingView) {
        let ticker = view.ticker.clone();
        let Some(known) = self.holdings.get_mut(&ticker) else {
            self.holdings.insert(ticker.clone(), ValuedHolding { view, touched_at: at, changed_at: at });
            return self.note(at, ticker);
        };
        let is_weight_new = std::mem::replace(&mut known.view.weight, view.weight) != view.weight;
        let is_touched = known.view != view;
        if is_touched || is_weight_new {
            (known.view, known.changed_at) = (view, at);
        }
        if is_touched && known.touched_at != at {
            known.touched_at = at;
            self.note(at, ticker);
        }
    }

    /// Notes that a holding was touched. The list stays as short as two entries for each holding.
    fn note(&mut self, at: u64, ticker: Ticker) {
        self.touched.push((at, ticker));
        if self.touched.len() > 2 * self.holdings.len() + SPARE {
            let Self { touched, holdings, .. } = self;
            touched.retain(|(at, ticker)| holdings.get(ticker).is_some_and(|holding| holding.touched_at == *at));
        }
    }

    /// Notes that the ledger's change is announced at `seq`: everything counts as new, but for holdings that were closed before,
    /// which were told then.
    pub(crate) fn announce(&mut self, seq: u64, closing: &HashSet<Ticker>) {
        self.totals_changed_at = seq;
        let is_told = |holding: &ValuedHolding| !holding.view.quantity.is_zero() || closing.contains(&holding.view.ticker);
        let told = self.holdings.values_mut().filter(|holding| is_told(holding));
        let touched = told.filter_map(|holding| {
            holding.changed_at = seq;
            let before = std::mem::replace(&mut holding.touched_at, seq);
            (before != seq).then(|| holding.view.ticker.clone())
        });
        for ticker in touched.collect::<Vec<_>>() {
            self.note(seq, ticker);
        }
    }

    /// Returns the valuation itself.
    pub(crate) fn valuation(&self) -> Arc<Valuation> {
        Arc::clone(&self.valuation)
    }

    /// Returns the totals: the view without any holding.
    pub(crate) fn totals(&self) -> &PortfolioView {
        &self.totals
    }

    /// Returns the number at which the totals last changed.
    pub(crate) fn totals_changed_at(&self) -> u64 {
        self.totals_changed_at
    }

    /// Returns the holdings' market values added up, short positions counted like long ones and rounded as all money: what weights
    /// are percent of. 1,000 long and 500 short come to 1,500.
    pub(crate) fn gross(&self) -> Decimal {
        rounded(self.valuation.gross)
    }

    /// Returns a holding, which may be closed.
    pub(crate) fn holding(&self, ticker: &Ticker) -> Option<&HoldingView> {
        self.holdings.get(ticker).map(|holding| &holding.view)
    }

    /// Returns the open holdings, in no order.
    pub(crate) fn open(&self) -> impl Iterator<Item = &ValuedHolding> {
        self.holdings.values().filter(|holding| !holding.view.quantity.is_zero())
    }

    /// Returns the holdings that were touched after `since`, closed ones too, the one that was touched last first. It looks at
    /// these alone: at 10 where 10 of 1,000 have a new price.
    pub(crate) fn touched_since(&self, since: u64) -> impl Iterator<Item = &ValuedHolding> {
        let newest = self.touched.iter().rev().take_while(move |(at, _)| *at > since);
        newest.filter_map(|(at, ticker)| self.holdings.get(ticker).filter(|holding| holding.touched_at == *at))
    }

    /// Returns the views that changed after `since`, weights too, largest first; all open ones if `full`.
    pub(crate) fn holdings_since(&self, since: u64, full: bool) -> Vec<HoldingView> {
        let is_open = |holding: &ValuedHolding| !holding.view.quantity.is_zero();
        let wanted = |holding: &&ValuedHolding| if full { is_open(holding) } else { holding.changed_at > since };
        let mut holdings: Vec<HoldingView> = self.holdings.values().filter(wanted).map(|holding| holding.view.clone()).collect();
        holdings.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
        holdings
    }

    /// Returns the holdings that are open here and no longer in a ledger.
    pub(crate) fn closed_by(&self, ledger: &Ledger) -> Vec<Ticker> {
        let is_held = |ticker: &Ticker| ledger.positions.get(ticker).is_some_and(|position| !position.quantity.is_zero());
        self.open().map(|holding| &holding.view.ticker).filter(|ticker| !is_held(ticker)).cloned().collect()
    }
}
