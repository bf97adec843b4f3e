//! Money in one currency, at its moving average cost.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, minus, plus, share, times};
use super::amount::Amount;

/// Money held in one currency.
///
/// Its base cost is a moving average, so that money in, money out and gains close to the last digit. A negative amount
/// is a debt, and its cost is negative likewise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashAccount {
    /// The account's currency, a major one.
    pub currency: Currency,
    /// The balance; negative where it is owed.
    pub amount: Decimal,
    /// The cost of it in the base currency.
    pub cost_base: Decimal,
    /// Currency gain of what was spent, in the base currency.
    pub realized_base: Decimal,
    /// Everything that came in or went out, in the order it was folded.
    pub moves: Vec<CashMove>,
}

/// Money that came into an account or left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashMove {
    /// The time of the activity; of a date alone its midnight UTC.
    pub time: Timestamp,
    /// The instrument that was traded for it.
    pub traded: Option<Ticker>,
    /// Whether it is a deposit.
    pub is_deposit: bool,
    /// How much, in the account's currency; negative where it left.
    pub amount: Decimal,
    /// The same in the base currency at the activity's own rate.
    pub base: Decimal,
}

impl CashAccount {
    pub(super) fn new(currency: Currency) -> Self {
        let zero = Decimal::ZERO;
        Self { currency, amount: zero, cost_base: zero, realized_base: zero, moves: Vec::new() }
    }

    /// Adds to the balance, or takes from it at its average cost. What passes zero starts a new balance on the other side: 100
    /// less 150 closes the 100 at its cost and owes 50 at today's rate.
    pub(super) fn change(&mut self, moved: Amount, rate: Decimal) -> Result<(), ArithmeticError> {
        let opposite = !self.amount.is_zero() && self.amount.is_sign_negative() != moved.local.is_sign_negative();
        let mut rest = moved;
        if opposite {
            let closed = moved.local.abs().min(self.amount.abs());
            let removed = share(self.cost_base, closed, self.amount.abs())?;
            let part = if closed == moved.local.abs() {
                moved
            } else {
                Amount { local: -self.amount, base: times(-self.amount, rate)? }
            };
            self.realized_base = minus(minus(self.realized_base, part.base)?, removed)?;
            self.cost_base = minus(self.cost_base, removed)?;
            self.amount = plus(self.amount, part.local)?;
            rest = moved.minus(part)?;
        }
        self.amount = plus(self.amount, rest.local)?;
        self.cost_base = plus(self.cost_base, rest.base)?;
        Ok(())
    }
}
