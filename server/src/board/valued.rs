//! A portfolio as it was valued last, and when each part of it last changed.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::position::Ledger;
use foliostream::domain::valuation::{RunningValuation, Valuation};
use foliostream::wire::views::{HoldingView, PortfolioView};

/// How many entries of `touched` may be out of date beside one for each holding, before they are taken out.
const SPARE: usize = 64;

/// A portfolio's view, and the numbers at which the parts of it last changed.
#[derive(Debug)]
pub(crate) struct Valued {
    totals: PortfolioView,
    totals_changed_at: u64,
    gross: Decimal,
    holdings: HashMap<Ticker, ValuedHolding>,
    /// Which holding was touched at which number, in ascending order. Only the newest entry of each counts.
    touched: Vec<(u64, Ticker)>,
    /// The number at which the holdings were last weighed.
    weighed_at: Option<u64>,
    /// The whole valuation, where somebody asked for it since a price changed.
    whole: Option<Arc<Valuation>>,
}

/// A holding's view, and when it last changed. A price of 10 holdings touches these 10, and changes the weight of all.
#[derive(Debug)]
pub(crate) struct ValuedHolding {
    /// The holding as it was valued last; of quantity zero where it is closed. Its weight is that of the last weighing.
    pub view: HoldingView,
    /// The number at which anything of it but its weight last changed.
    pub touched_at: u64,
    /// The number at which anything of it last changed, as far as weights were computed.
    changed_at: u64,
}

impl Valued {
    /// Begins with totals and without holdings.
    pub(crate) fn first(at: u64, totals: PortfolioView) -> Self {
        let (holdings, touched, gross) = (HashMap::new(), Vec::new(), Decimal::ZERO);
        Self { totals, totals_changed_at: at, gross, holdings, touched, weighed_at: None, whole: None }
    }

    /// Takes over what was valued again, and what was closed. What differs from the valuation before changed at `at`.
    pub(crate) fn follow(&mut self, at: u64, totals: PortfolioView, gross: Decimal, holdings: impl Iterator<Item = HoldingView>) {
        holdings.for_each(|holding| self.take(at, holding));
        if self.totals != totals {
            (self.totals, self.totals_changed_at) = (totals, at);
        }
        (self.gross, self.weighed_at, self.whole) = (gross, None, None);
    }

    /// Takes over a holding's view, and notes whether it changed.
    fn take(&mut self, at: u64, view: HoldingView) {
        let Some(known) = self.holdings.get_mut(&view.ticker) else {
            let ticker = view.ticker.clone();
            self.holdings.insert(ticker.clone(), ValuedHolding { view, touched_at: at, changed_at: at });
            return self.note(at, ticker);
        };
        let view = HoldingView { weight: known.view.weight, ..view };
        if known.view != view {
            (known.view, known.changed_at) = (view, at);
            let before = std::mem::replace(&mut known.touched_at, at);
            let ticker = known.view.ticker.clone();
            if before != at {
                self.note(at, ticker);
            }
        }
    }

    /// Weighs the holdings at `at`, unless that was done, for a reader of weights. It looks at all of them.
    pub(crate) fn weigh(&mut self, at: u64, running: &RunningValuation<Arc<Ledger>>) {
        if self.weighed_at == Some(at) {
            return;
        }
        self.weighed_at = Some(at);
        // Their sum fits, or there would be no totals.
        for (ticker, weight) in running.weights().into_iter().flatten() {
            if let Some(holding) = self.holdings.get_mut(ticker).filter(|holding| holding.view.weight != weight) {
                (holding.view.weight, holding.changed_at) = (weight, at);
            }
        }
    }

    /// Returns the whole valuation, which is made once for all who ask before the next price.
    pub(crate) fn whole(&mut self, running: &RunningValuation<Arc<Ledger>>) -> Option<Arc<Valuation>> {
        if self.whole.is_none() {
            self.whole = Some(Arc::new(running.valuation().ok()?));
        }
        self.whole.clone()
    }

    /// Notes that a holding was touched. The list stays as short as two entries for each holding.
    fn note(&mut self, at: u64, ticker: Ticker) {
        self.touched.push((at, ticker));
        if self.touched.len() > 2 * self.holdings.len() + SPARE {
            let Self { touched, holdings, .. } = self;
            touched.retain(|(at, ticker)| holdings.get(ticker).is_some_and(|holding| holding.touched_at == *at));
        }
    }

    /// Counts the totals and some of the holdings as changed at `seq`, whether they differ or not.
    pub(crate) fn touch(&mut self, seq: u64, is_told: impl Fn(&HoldingView) -> bool) {
        self.totals_changed_at = seq;
        let told = self.holdings.values_mut().filter(|holding| is_told(&holding.view));
        let touched = told.filter_map(|holding| {
            holding.changed_at = seq;
            let before = std::mem::replace(&mut holding.touched_at, seq);
            (before != seq).then(|| holding.view.ticker.clone())
        });
        for ticker in touched.collect::<Vec<_>>() {
            self.note(seq, ticker);
        }
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
        self.gross
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

    /// Returns the views that changed after `since`, weights too as they were last weighed, largest first; all open ones if `full`.
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
