//! A portfolio as it was valued last, and when each part of it last changed.

use std::sync::Arc;

use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::position::Ledger;
use foliostream::domain::valuation::{RunningValuation, Valuation};
use foliostream::wire::views::{HoldingView, PortfolioView};

use super::numbered::Numbered;

/// A portfolio's view, and the numbers at which the parts of it last changed.
#[derive(Debug)]
pub(crate) struct Valued {
    totals: PortfolioView,
    totals_changed_at: u64,
    gross: Decimal,
    /// Touched where anything of a holding changed but its weight.
    holdings: Numbered<ValuedHolding>,
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
    /// The number at which anything of it last changed, as far as weights were computed.
    changed_at: u64,
}

impl Valued {
    /// Begins with totals and without holdings.
    pub(crate) fn first(at: u64, totals: PortfolioView) -> Self {
        let (holdings, gross) = (Numbered::default(), Decimal::ZERO);
        Self { totals, totals_changed_at: at, gross, holdings, weighed_at: None, whole: None }
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
        let ticker = view.ticker.clone();
        let known = self.holdings.get(&ticker).map(|known| &known.view);
        // The weight is that of the last weighing; what was closed weighs nothing.
        let weight = known.filter(|_| !view.quantity.is_zero()).map_or(view.weight, |known| known.weight);
        let view = HoldingView { weight, ..view };
        if known != Some(&view) {
            self.holdings.put(at, &ticker, ValuedHolding { view, changed_at: at });
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

    /// Counts the totals and some of the holdings as changed at `seq`, whether they differ or not.
    pub(crate) fn touch(&mut self, seq: u64, is_told: impl Fn(&HoldingView) -> bool) {
        self.totals_changed_at = seq;
        let told = self.holdings.all().map(|holding| &holding.view).filter(|view| is_told(view));
        for ticker in told.map(|view| view.ticker.clone()).collect::<Vec<_>>() {
            self.holdings.touch(seq, &ticker);
            self.holdings.get_mut(&ticker).into_iter().for_each(|holding| holding.changed_at = seq);
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
        self.holdings.all().filter(|holding| !holding.view.quantity.is_zero())
    }

    /// Returns the holdings of which anything but the weight changed after `since`, closed ones too, the last first.
    pub(crate) fn touched_since(&self, since: u64) -> impl Iterator<Item = &ValuedHolding> {
        self.holdings.touched_since(since).map(|(_, holding)| holding)
    }

    /// Returns the views that changed after `since`, weights too as they were last weighed, largest first; all open ones if `full`.
    pub(crate) fn holdings_since(&self, since: u64, full: bool) -> Vec<HoldingView> {
        let is_open = |holding: &ValuedHolding| !holding.view.quantity.is_zero();
        let wanted = |holding: &&ValuedHolding| if full { is_open(holding) } else { holding.changed_at > since };
        let mut holdings: Vec<HoldingView> = self.holdings.all().filter(wanted).map(|holding| holding.view.clone()).collect();
        holdings.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
        holdings
    }

    /// Returns the holdings that are open here and no longer in a ledger.
    pub(crate) fn closed_by(&self, ledger: &Ledger) -> Vec<Ticker> {
        let is_held = |ticker: &Ticker| ledger.positions.get(ticker).is_some_and(|position| !position.quantity.is_zero());
        self.open().map(|holding| &holding.view.ticker).filter(|ticker| !is_held(ticker)).cloned().collect()
    }
}
