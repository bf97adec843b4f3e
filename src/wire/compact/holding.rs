//! Holdings: `+index,quantity,cost basis,` and the fields that follow from others.

use rust_decimal::Decimal;

use super::derived::{Derived, Quoted, to_tell};
use super::field::{Amount, Fields, Record, Unreadable};
use super::tracked::Tracked;
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

/// Reads a record over what is known of the holding, of which nothing is where it `is_new`: then it must be told. Returns whether
/// anything changed.
pub(crate) fn read(
    holding: &mut HoldingView,
    is_new: bool,
    quoted: Option<Quoted>,
    record: &mut Record<'_>,
) -> Result<bool, Unreadable> {
    let (quantity, cost_basis) = (holding.quantity, holding.cost_basis);
    let is_told = record.number(&mut holding.quantity)?;
    if holding.quantity.is_zero() && is_told {
        *holding = HoldingView::closed(holding.ticker.clone());
        return Ok(true);
    }
    if !(record.number(&mut holding.cost_basis)? && is_told) && is_new {
        return Err(Unreadable);
    }
    let mut is_changed = is_new || holding.quantity != quantity || holding.cost_basis != cost_basis;
    for field in Derived::ALL {
        let mut value = None;
        if !record.amount(&mut value)? {
            value = field.of(holding, quoted);
        }
        let place = field.place(holding);
        is_changed |= *place != value;
        *place = value;
    }
    Ok(is_changed)
}
