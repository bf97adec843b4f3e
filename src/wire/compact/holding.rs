//! Holdings: `+index,quantity,cost basis,` and the fields that follow from others.

use rust_decimal::Decimal;

use super::derived::{Derived, Quoted, blank, complete, to_tell};
use super::field::{Amount, Fields, Unreadable, amount, number, told_or};
use super::tracked::Tracked;
use crate::domain::instrument::Ticker;
use crate::wire::views::HoldingView;

/// When the parts of a holding last changed that no reader can work out.
#[derive(Clone, Debug)]
pub struct HoldingTrack {
    begun: u64,
    quantity: Tracked<Decimal>,
    cost_basis: Tracked<Decimal>,
}

impl HoldingTrack {
    /// Begins with a holding that came at a number.
    pub fn new(holding: &HoldingView, at: u64) -> Self {
        Self { begun: at, quantity: Tracked::new(holding.quantity, at), cost_basis: Tracked::new(holding.cost_basis, at) }
    }

    /// Takes over the next state of the holding. A reader has dropped one that was closed: where it is opened again, all of it
    /// is new.
    pub fn follow(&mut self, holding: &HoldingView, at: u64) {
        if self.quantity.get().is_zero() {
            *self = Self::new(holding, at);
        }
        self.quantity.follow(holding.quantity, at);
        self.cost_basis.follow(holding.cost_basis, at);
    }

    /// Returns the number at which the holding was opened, as far as is known.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Returns what a record must tell of the holding, if it must tell anything.
    pub(crate) fn told(&self, holding: &HoldingView, quoted: Option<Quoted>, decimals: u32, since: Option<u64>) -> Option<Told> {
        let is_closed = holding.quantity.is_zero();
        let told = Told {
            quantity: self.quantity.since(since).copied(),
            cost_basis: self.cost_basis.since(since).copied().filter(|_| !is_closed),
            derived: if is_closed { [None; 6] } else { to_tell(holding, quoted, decimals) },
        };
        let is_empty = told.quantity.is_none() && told.cost_basis.is_none() && told.derived.iter().all(Option::is_none);
        (!is_empty).then_some(told)
    }
}

/// What a record tells of a holding.
pub(crate) struct Told {
    quantity: Option<Decimal>,
    cost_basis: Option<Decimal>,
    derived: [Option<Amount>; 6],
}

impl Told {
    /// Writes the fields behind the index.
    pub(crate) fn write(&self, fields: &mut Fields<'_>) {
        fields.put_told(self.quantity.map(|quantity| quantity.normalize()));
        fields.put_told(self.cost_basis.map(|cost| cost.normalize()));
        self.derived.iter().for_each(|told| fields.put_told(*told));
    }
}

/// Reads a record over what is known of the holding. What is not known must be told.
pub(crate) fn read<'a>(
    ticker: &Ticker,
    known: Option<&HoldingView>,
    quoted: Option<Quoted>,
    mut fields: impl Iterator<Item = &'a str>,
) -> Result<HoldingView, Unreadable> {
    let mut next = || fields.next().unwrap_or_default();
    let quantity = told_or(known.map(|known| known.quantity), next(), number)?;
    if quantity.is_zero() {
        return Ok(HoldingView::closed(ticker.clone()));
    }
    let cost_basis = told_or(known.map(|known| known.cost_basis), next(), number)?;
    let mut told = [None; 6];
    for told in &mut told {
        *told = Some(next()).filter(|field| !field.is_empty()).map(amount).transpose()?;
    }
    let weight = known.and_then(|known| known.weight);
    let mut holding = HoldingView { quantity, cost_basis, weight, ..blank(ticker.clone()) };
    complete(&mut holding, quoted, |field: Derived, _| told[field as usize]);
    Ok(holding)
}
