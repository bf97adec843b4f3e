//! A day's change: the trades of its session, and the previous close that it is measured from.

use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, percent, plus};
use super::super::position::{Position, Trade};
use super::super::quote::Quote;
use super::cash::{Cash, CashValuation};

/// A day of one position or of several: all in the base currency.
#[derive(Clone, Copy, Default)]
pub(super) struct Day {
    pub change: Decimal,
    /// The size of the value at the previous close, and what was opened since: purchases, and short sales.
    pub measured_from: Decimal,
}

impl Day {
    pub fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { change: plus(self.change, other.change)?, measured_from: plus(self.measured_from, other.measured_from)? })
    }

    /// Adds what exchange rates made of foreign cash.
    pub fn with_cash(self, cash: &Cash) -> Option<Self> {
        let moved = |account: &CashValuation| {
            let change = account.day_change.filter(|change| !change.is_zero())?;
            Some(Self { change, measured_from: account.value?.checked_sub(change)?.abs() })
        };
        cash.accounts.iter().filter_map(moved).try_fold(self, |sum, moved| sum.plus(moved).ok())
    }

    pub fn percent(self) -> Option<Decimal> {
        percent(self.change, self.measured_from)
    }
}

/// Returns the previous close per unit of now. Where the instrument was split in the session, a feed may have adjusted it already
/// and one that only goes on from its last price has not: of both readings the one nearer to the price counts. Where a split is so
/// small that a day's move is as large, it is unknown.
pub(super) fn close_in_units_of_now(position: &Position, quote: &Quote) -> Option<Decimal> {
    let close = quote.previous_close?;
    let mut splits = position.splits.iter().rev().take_while(|split| split.time >= quote.session_start).peekable();
    if splits.peek().is_none() {
        return Some(close);
    }
    let units =
        splits.try_fold(Decimal::ONE, |units, split| units.checked_mul(split.ratio.after)?.checked_div(split.ratio.before))?;
    let adjusted = close.checked_div(units)?;
    let apart = |close: Decimal| quote.price.max(close).checked_div(quote.price.min(close));
    let (is_small, nearer) = (SMALL_SPLIT.0 < units && units < SMALL_SPLIT.1, apart(adjusted)? < apart(close)?);
    let reading = if nearer { adjusted } else { close };
    Some(reading).filter(|_| !is_small)
}

/// Splits between 4:5 and 5:4 change a price no more than a day may.
const SMALL_SPLIT: (Decimal, Decimal) = (Decimal::from_parts(8, 0, 0, false, 1), Decimal::from_parts(125, 0, 0, false, 2));

/// Returns the trades of a quote's session, newest first.
///
/// A date alone stands at its midnight UTC, which lies within the session of its exchange's day, but among the trades of that day it
/// may stand after one with a time; so the search goes on for a day.
pub(super) fn session_trades<'a>(position: &'a Position, quote: &'a Quote) -> impl Iterator<Item = &'a Trade> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let start = quote.session_start;
    let near = move |trade: &&Trade| start.duration_since(trade.time) <= DAY;
    position.trades.iter().rev().take_while(near).filter(move |trade| trade.time >= start)
}
