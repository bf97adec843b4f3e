//! Values cash: each account is a holding of its currency, whose price is the exchange rate.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, minus, plus, times};
use super::super::position::{CashAccount, Ledger};
use super::day::{CashDay, Sessions};
use super::market::Market;

/// What one cash account is worth, in the portfolio's currency but for `amount`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashValuation {
    /// The account's currency, a major one.
    pub currency: Currency,
    /// How much of it; negative where it is owed.
    pub amount: Decimal,
    /// The value of the account at today's rate; `None` where no rate is known.
    pub value: Option<Decimal>,
    /// What it cost, at the rates it came in at.
    pub cost_basis: Decimal,
    /// Value − cost basis: what the exchange rate made of it.
    pub currency_gain: Option<Decimal>,
    /// What the exchange rate made of it since the previous close; of what came in or went out since then, from or to the
    /// rate of that.
    pub day_change: Option<Decimal>,
}

/// All cash of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Cash {
    /// Every account that holds or owes something.
    pub accounts: Vec<CashValuation>,
    /// What those with a known rate are worth; nothing where no account's rate is known and there is one.
    pub value: Option<Decimal>,
    /// What exchange rates made of cash so far, accounts without a rate left out.
    pub gain: Decimal,
    /// The pairs whose rates are missing, such as `JPYEUR=X`.
    pub missing: Vec<Ticker>,
    /// Its day; nothing where a figure outgrows a decimal.
    pub day: Option<CashDay>,
}

impl Market {
    /// Values every account. One without a rate is left out of the sums and named.
    pub(super) fn cash(
        &self,
        ledger: &Ledger,
        sessions: &Sessions<impl Fn(&Ticker) -> Option<Timestamp>>,
    ) -> Result<Cash, ArithmeticError> {
        let (accounts, missing, day) = (Vec::new(), Vec::new(), Some(CashDay::default()));
        let mut cash = Cash { accounts, value: Some(Decimal::ZERO), gain: Decimal::ZERO, missing, day };
        for account in ledger.cash.values() {
            cash.gain = plus(cash.gain, account.realized_base)?;
            let is_rated = self.rate(account.currency).is_some();
            let day = self.cash_day(account, sessions);
            if is_rated {
                cash.day = cash.day.zip(day).and_then(|(sum, day)| sum.plus(day));
            }
            if !account.amount.is_zero() {
                cash.accounts.push(self.account(account, day));
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
    fn account(&self, account: &CashAccount, day: Option<CashDay>) -> CashValuation {
        let rate = self.rate(account.currency);
        let value = rate.and_then(|rate| times(account.amount, rate.now).ok());
        CashValuation {
            currency: account.currency,
            amount: account.amount,
            value,
            cost_basis: account.cost_base,
            currency_gain: value.and_then(|value| minus(value, account.cost_base).ok()),
            day_change: day.map(|day| day.change),
        }
    }

    /// Returns an account's day; unknown without a rate. 100 dollars that came in today at 0.95 gain 5 at a rate of 1, whatever
    /// the rate was at the previous close.
    fn cash_day(&self, account: &CashAccount, sessions: &Sessions<impl Fn(&Ticker) -> Option<Timestamp>>) -> Option<CashDay> {
        let rate = self.rate(account.currency)?;
        let (mut amount_before, mut moved_base, mut deposited) = (account.amount, Decimal::ZERO, Decimal::ZERO);
        for moved in sessions.moves(account, self.day_of_rates) {
            amount_before = amount_before.checked_sub(moved.amount)?;
            moved_base = moved_base.checked_add(moved.base)?;
            if moved.is_deposit {
                deposited = deposited.checked_add(moved.base)?;
            }
        }
        let (now, before) = (account.amount.checked_mul(rate.now)?, amount_before.checked_mul(rate.before)?);
        let change = now.checked_sub(before.checked_add(moved_base)?)?;
        Some(CashDay { now, before, change, deposited })
    }
}
