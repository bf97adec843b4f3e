//! A sum in two currencies at once.

use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, minus, plus, share};

/// One sum in the activity's major currency and in the base currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    /// The amount in the activity's major currency.
    pub local: Decimal,
    /// The amount in the portfolio's currency.
    pub base: Decimal,
}

impl Amount {
    /// The sum of nothing: zero in both currencies.
    pub(crate) const ZERO: Self = Self { local: Decimal::ZERO, base: Decimal::ZERO };

    /// Adds in both currencies.
    pub(crate) fn plus(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { local: plus(self.local, other.local)?, base: plus(self.base, other.base)? })
    }

    /// Subtracts in both currencies.
    pub(crate) fn minus(self, other: Self) -> Result<Self, ArithmeticError> {
        Ok(Self { local: minus(self.local, other.local)?, base: minus(self.base, other.base)? })
    }

    /// Returns the same on the other side: what was paid for what came in. Nothing stays nothing: a negated zero would be written
    /// with a sign.
    pub(crate) fn negated(self) -> Self {
        let negated = |amount: Decimal| if amount.is_zero() { amount } else { -amount };
        Self { local: negated(self.local), base: negated(self.base) }
    }

    /// Returns `part / whole` of both, and all of it without a division where the two are equal.
    pub(crate) fn share(self, part: Decimal, whole: Decimal) -> Result<Self, ArithmeticError> {
        Ok(Self { local: share(self.local, part, whole)?, base: share(self.base, part, whole)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_sign_on_the_other_side_either() {
        let amount = Amount { local: Decimal::ZERO, base: Decimal::TWO }.negated();
        assert_eq!((amount.local.to_string(), amount.base.to_string()), ("0".to_owned(), "-2".to_owned()));
    }
}
