//! Short ways to write activities down, for the tests of this room.

use super::super::account::AccountId;
use super::super::activity::{Activity, ActivityId, ActivityKind};
use proptest::prelude::*;

use super::*;
use ActivityKind::{Deposit, Dividend, Fee, Interest, Split, Tax, Withdrawal};

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

pub(crate) fn currency(text: &str) -> Currency {
    text.parse().unwrap()
}

/// An activity on a day, in EUR; `quantity` and `price` are the amount (and zero) of what is not a trade.
pub(crate) fn activity(kind: ActivityKind, day: &str, name: &str, quantity: &str, price: &str) -> Activity {
    let is_trade = kind.figures_with(!name.is_empty()).quantity;
    let figure = decimal(quantity);
    Activity {
        id: ActivityId(0),
        kind,
        time: format!("{day}T00:00:00Z").parse().unwrap(),
        date_only: true,
        ticker: (!name.is_empty()).then(|| ticker(name)),
        quantity: if is_trade { figure } else { Decimal::ZERO },
        price: decimal(price),
        amount: if is_trade { Decimal::ZERO } else { figure },
        fee: Decimal::ZERO,
        tax: Decimal::ZERO,
        currency: Currency::EUR,
        exchange_rate: Decimal::ONE,
        exchange_rate_estimated: false,
        converted: false,
        opens_short: false,
        account: None,
        tags: Vec::new(),
        note: None,
        revision: 1,
    }
}

pub(crate) fn buy(day: &str, name: &str, quantity: &str, price: &str) -> Activity {
    activity(ActivityKind::Buy, day, name, quantity, price)
}

pub(crate) fn sell(day: &str, name: &str, quantity: &str, price: &str) -> Activity {
    activity(ActivityKind::Sell, day, name, quantity, price)
}

impl Activity {
    /// Gives the activity a fee.
    pub fn with_fee(self, fee: &str) -> Self {
        Self { fee: decimal(fee), ..self }
    }

    /// Gives the activity a tax.
    pub fn with_tax(self, tax: &str) -> Self {
        Self { tax: decimal(tax), ..self }
    }

    /// Puts the figures into another currency, at a rate.
    pub fn at_rate(self, code: &str, rate: &str) -> Self {
        Self { currency: currency(code), exchange_rate: decimal(rate), ..self }
    }

    /// Lets a sale open a short position.
    pub fn short(self) -> Self {
        Self { opens_short: true, ..self }
    }

    /// Lets the broker convert.
    pub fn converted(self) -> Self {
        Self { converted: true, ..self }
    }
}

/// Folds activities, numbered in the order they are written in; cash counts where any was paid in or out.
pub(crate) fn ledger_of(base: &str, activities: Vec<Activity>) -> Result<Ledger, FoldError> {
    let numbered = (1..).map(ActivityId).zip(activities).map(|(id, activity)| Activity { id, ..activity });
    let ledger = fold(currency(base), &numbered.collect::<Vec<_>>())?;
    let track_cash = ledger.has_deposits.then_some(true);
    Ok(ledger.with_cash(track_cash))
}

pub(crate) fn ledger(base: &str, activities: Vec<Activity>) -> Ledger {
    ledger_of(base, activities).unwrap()
}

/// What was realised on cash and positions, and what is left of both, at cost: money in − out plus gains.
pub(crate) fn identity(ledger: &Ledger) -> (Decimal, Decimal) {
    let positions = || ledger.positions.values();
    let costs: Decimal = positions().map(|position| position.fifo.cost_base).sum();
    let realized: Decimal = positions().map(|position| position.fifo.realized_base).sum();
    let cash: Decimal = ledger.cash.values().map(|account| account.cost_base).sum();
    let cash_gain: Decimal = ledger.cash.values().map(|account| account.realized_base).sum();
    let gain = realized + ledger.income_base - ledger.fees_base - ledger.taxes_base + cash_gain;
    (ledger.money_in_base - ledger.money_out_base + gain, costs + cash)
}

fn any_activity() -> impl Strategy<Value = Activity> {
    let kind = prop::sample::select(vec![
        ActivityKind::Buy,
        ActivityKind::Buy,
        ActivityKind::Sell,
        ActivityKind::Sell,
        Dividend,
        Interest,
        Fee,
        Tax,
        Deposit,
        Withdrawal,
        Split,
        ActivityKind::OpeningBalance,
        ActivityKind::TransferIn,
        ActivityKind::TransferOut,
        ActivityKind::ReinvestedDividend,
        ActivityKind::SpinOff,
    ]);
    let code = prop::sample::select(vec!["EUR", "USD", "GBp"]);
    let figures = (1i64..10_000, 1i64..1_000_000, 0i64..5_000, 0i64..5_000, 5_000i64..20_000);
    (kind, 0i64..500, prop::sample::select(vec!["A", "B"]), code, figures, any::<[bool; 4]>()).prop_map(
        |(kind, day, name, code, (quantity, price, fee, tax, rate), [converted, date_only, opens_short, of_money])| {
            let name = if of_money && kind.figures().money_instead { "" } else { name };
            let mut entry = activity(kind, "2024-01-01", name, "1", "0").at_rate(code, "1");
            entry.time += jiff::SignedDuration::from_hours(24 * day);
            let is_trade = entry.figures().price;
            entry.quantity = if is_trade { Decimal::new(quantity, 2) } else { Decimal::new(quantity % 3 + 1, 0) };
            entry.price = Decimal::new(price, 2);
            entry.amount = if is_trade || kind == Split { Decimal::ZERO } else { Decimal::new(price, 2) };
            (entry.fee, entry.tax) = (Decimal::new(fee, 2), Decimal::new(tax, 2));
            entry.exchange_rate = Decimal::new(rate, 4);
            entry.account = Some(AccountId(day % 3)).filter(|account| account.0 > 0);
            entry.opens_short = opens_short && kind == ActivityKind::Sell;
            Activity { converted, date_only, ..entry }
        },
    )
}

/// Any ledger: every kind, three currencies, two instruments, sales of more than held.
pub(crate) fn any_activities() -> impl Strategy<Value = Vec<Activity>> {
    prop::collection::vec(any_activity(), 1..40)
}
