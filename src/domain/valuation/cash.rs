//! Values cash: each account is a holding of its currency, whose price is the exchange rate.

use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, minus, plus, times};
use super::super::position::{CashAccount, Ledger};
use super::Market;

/// What one cash account is worth, in the portfolio's currency but for `amount`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashValuation {
    /// A major currency.
    pub currency: Currency,
    /// How much of it; negative where it is owed.
    pub amount: Decimal,
    /// What that is worth at today's rate.
    pub value: Option<Decimal>,
    /// What it cost, at the rates it came in at.
    pub cost_basis: Decimal,
    /// Value − cost basis: what the exchange rate made of it.
    pub currency_gain: Option<Decimal>,
    /// What the exchange rate made of it since the previous close: amount × (today's rate − that of the close).
    pub day_change: Option<Decimal>,
}

/// All cash of a ledger.
pub(super) struct Cash {
    /// Every account that holds or owes something.
    pub accounts: Vec<CashValuation>,
    /// What those with a known rate are worth; nothing where no account's rate is known and there is one.
    pub value: Option<Decimal>,
    /// What exchange rates made of cash so far, accounts without a rate left out.
    pub gain: Decimal,
    /// The pairs whose rates are missing, such as `JPYEUR=X`.
    pub missing: Vec<Ticker>,
}

impl Market<'_> {
    /// Values every account. One without a rate is left out of the sums and named.
    pub(super) fn cash(&self, ledger: &Ledger) -> Result<Cash, ArithmeticError> {
        let mut cash = Cash { accounts: Vec::new(), value: Some(Decimal::ZERO), gain: Decimal::ZERO, missing: Vec::new() };
        for account in ledger.cash.values() {
            cash.gain = plus(cash.gain, account.realized_base)?;
            if !account.amount.is_zero() {
                cash.accounts.push(self.account(account));
            }
        }
        let known = || cash.accounts.iter().filter_map(|account| account.value);
        let is_known = cash.accounts.is_empty() || known().next().is_some();
        cash.value = if is_known { Some(known().try_fold(Decimal::ZERO, plus)?) } else { None };
        let gains = cash.accounts.iter().filter_map(|account| account.currency_gain);
        cash.gain = gains.collect::<Vec<_>>().into_iter().try_fold(cash.gain, plus)?;
        let unknown = cash.accounts.iter().filter(|account| account.value.is_none());
        cash.missing = unknown.filter_map(|account| format!("{}{}=X", account.currency, self.base).parse().ok()).collect();
        Ok(cash)
    }

    /// Values one account; what outgrows a decimal is unknown.
    fn account(&self, account: &CashAccount) -> CashValuation {
        let worth = |rate: Option<Decimal>| times(account.amount, rate?).ok();
        let value = worth(self.rates.rate(account.currency, self.base));
        let value_before = worth(self.rates.rate_before(account.currency, self.base));
        CashValuation {
            currency: account.currency,
            amount: account.amount,
            value,
            cost_basis: account.cost_base,
            currency_gain: value.and_then(|value| minus(value, account.cost_base).ok()),
            day_change: value.zip(value_before).and_then(|(now, before)| minus(now, before).ok()),
        }
    }
}
