//! A day's change: the trades of its session, and the previous close that it is measured from.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::percent;
use super::super::position::{CashAccount, CashMove, Position, Trade, close_in_units_of, is_surely};
use super::super::quote::Quote;

/// A day of one position or of several: all in the base currency.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Day {
    pub change: Decimal,
    /// What was held at the previous close, at that close and the rate of then; short positions taken off.
    pub before: Decimal,
    /// The same, short positions counted like long ones.
    pub gross_before: Decimal,
    /// What was opened since: purchases, and short sales.
    pub opened: Decimal,
}

impl Day {
    /// Returns the day of holdings and cash together. What was put in is then what was deposited and what was borrowed, not
    /// what was bought: that was paid from cash.
    ///
    /// Of 1,000 held, 9,000 in cash and 500 deposited today a change is measured from 10,500, whatever was bought today.
    pub(crate) fn with_cash(self, cash: &CashDay) -> Option<Self> {
        let debt = |amount: Decimal| (-amount).max(Decimal::ZERO);
        let borrowed = debt(cash.now).checked_sub(debt(cash.before))?;
        Some(Self {
            change: self.change.checked_add(cash.change)?,
            before: self.before.checked_add(cash.before)?,
            gross_before: self.gross_before.checked_add(cash.before.max(Decimal::ZERO))?,
            opened: cash.deposited.checked_add(borrowed)?.max(Decimal::ZERO),
        })
    }

    pub(crate) fn percent(self) -> Option<Decimal> {
        percent(self.change, self.gross_before.checked_add(self.opened)?)
    }
}

/// When the running session of each instrument began, and the day of the portfolio.
pub(super) struct Sessions<S> {
    /// When the session of an instrument began; nothing where it has no quote.
    pub start: S,
    /// When the oldest of them began.
    pub oldest: Option<Timestamp>,
    /// The day of the exchange whose day began last, of all that are in the ledger; of the pairs where nothing is quoted.
    pub day: Option<Timestamp>,
}

impl<S: Fn(&Ticker) -> Option<Timestamp>> Sessions<S> {
    /// Returns what moved an account since the last close, newest first: a trade's money moves in the session of its units,
    /// all other money on the portfolio's day. The search goes on for a day, as that for trades does.
    pub(super) fn moves<'a>(
        &'a self,
        account: &'a CashAccount,
        day_of_rates: Option<Timestamp>,
    ) -> impl Iterator<Item = &'a CashMove> {
        let day = self.day.or(day_of_rates);
        let oldest = self.oldest.into_iter().chain(day).min();
        let near = move |moved: &&CashMove| oldest.is_some_and(|oldest| oldest.duration_since(moved.time) <= DAY);
        let start = move |moved: &CashMove| moved.traded.as_ref().and_then(&self.start).or(day);
        let is_since = move |moved: &&CashMove| start(moved).is_some_and(|start| moved.time >= start);
        account.moves.iter().rev().take_while(near).filter(is_since)
    }
}

/// How long the search for what belongs to a session goes on before its beginning.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Returns the previous close per unit of now; unknown where a split in the session is as small as a day's move.
pub(super) fn close_in_units_of_now(position: &Position, quote: &Quote) -> Option<Decimal> {
    let close = quote.previous_close?;
    let mut splits = position.splits.iter().rev().take_while(|split| split.time >= quote.session_start).peekable();
    if splits.peek().is_none() {
        return Some(close);
    }
    let units =
        splits.try_fold(Decimal::ONE, |units, split| units.checked_mul(split.ratio.after)?.checked_div(split.ratio.before))?;
    // The engine has read it by what all ledgers say; only what it surely had no word of is read again.
    let read = close_in_units_of(quote.price, close, &[units])?;
    Some(if is_surely(read, close, quote.price) { read } else { close })
}

/// Returns the trades of a quote's session, newest first.
///
/// A date alone stands at its midnight UTC, which lies within the session of its exchange's day, but among the trades of that day it
/// may stand after one with a time; so the search goes on for a day.
pub(super) fn session_trades<'a>(position: &'a Position, quote: &'a Quote) -> impl Iterator<Item = &'a Trade> {
    let start = quote.session_start;
    let near = move |trade: &&Trade| start.duration_since(trade.time) <= DAY;
    position.trades.iter().rev().take_while(near).filter(move |trade| trade.time >= start)
}

/// A day of all accounts with a known rate, in the base currency.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CashDay {
    /// The value of the accounts at the rates of now.
    pub now: Decimal,
    /// What was there at the previous close, at the rates of then.
    pub before: Decimal,
    /// What exchange rates made of it.
    pub change: Decimal,
    /// What was deposited since.
    pub deposited: Decimal,
}

impl CashDay {
    /// Adds each figure; nothing where one outgrows a decimal.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            now: self.now.checked_add(other.now)?,
            before: self.before.checked_add(other.before)?,
            change: self.change.checked_add(other.change)?,
            deposited: self.deposited.checked_add(other.deposited)?,
        })
    }
}
