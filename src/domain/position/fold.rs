//! The fold itself: one activity after the other changes the ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::activity::{Activity, ActivityKind};
use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, Money, minus, plus, times};
use super::{Amount, CashAccount, FoldError, FoldReason, Ledger, Position, Trade};

/// Folds activities, in order of time and then number, whatever order they come in.
///
/// ```
/// use foliostream::domain::money::Currency;
/// use foliostream::domain::position::fold;
/// let ledger = fold(Currency::EUR, &[]).expect("nothing to refuse");
/// assert!(ledger.positions.is_empty() && !ledger.cash_tracked);
/// ```
pub fn fold(base: Currency, activities: &[Activity]) -> Result<Ledger, FoldError> {
    let mut ordered: Vec<&Activity> = activities.iter().collect();
    ordered.sort_by_key(|activity| (activity.time, activity.id));
    let mut ledger = Ledger::empty(base);
    for activity in ordered {
        ledger.apply(activity).map_err(|reason| FoldError { activity: activity.id, reason })?;
    }
    Ok(ledger)
}

/// How the figures of one activity become sums.
struct Conversion {
    currency: Currency,
    rate: Decimal,
}

impl Conversion {
    fn of(activity: &Activity, base: Currency) -> Self {
        let rate = if activity.currency.major() == base { Decimal::ONE } else { activity.exchange_rate };
        Self { currency: activity.currency, rate }
    }

    fn amount(&self, figure: Decimal) -> Result<Amount, ArithmeticError> {
        let local = Money::new(figure, self.currency).in_major()?.amount;
        Ok(Amount { local, base: times(local, self.rate)? })
    }
}

fn check(activity: &Activity, base: Currency) -> Result<(), FoldReason> {
    use ActivityKind::{Buy, Deposit, Dividend, Sell, Split, Withdrawal};
    let kind = activity.kind;
    if matches!(kind, Buy | Sell | Split | Dividend) && activity.ticker.is_none() {
        return Err(FoldReason::TickerMissing);
    }
    if matches!(kind, Buy | Sell | Split) && activity.quantity <= Decimal::ZERO {
        return Err(FoldReason::QuantityNotPositive);
    }
    if matches!(kind, Buy | Sell) && activity.price < Decimal::ZERO {
        return Err(FoldReason::PriceNegative);
    }
    if matches!(kind, Deposit | Withdrawal | Dividend) && activity.amount < Decimal::ZERO {
        return Err(FoldReason::AmountNegative);
    }
    if activity.currency.major() != base && activity.exchange_rate <= Decimal::ZERO {
        return Err(FoldReason::RateNotPositive);
    }
    Ok(())
}

impl Ledger {
    fn empty(base: Currency) -> Self {
        Self {
            base,
            positions: BTreeMap::new(),
            cash: BTreeMap::new(),
            cash_tracked: false,
            income_base: Decimal::ZERO,
            fees_base: Decimal::ZERO,
            taxes_base: Decimal::ZERO,
            money_in_base: Decimal::ZERO,
            money_out_base: Decimal::ZERO,
            bought_base: Decimal::ZERO,
            missing: BTreeMap::new(),
            last_activity: None,
        }
    }

    fn apply(&mut self, activity: &Activity) -> Result<(), FoldReason> {
        check(activity, self.base)?;
        self.last_activity = Some(activity.time);
        let conversion = Conversion::of(activity, self.base);
        match (activity.kind, &activity.ticker) {
            (ActivityKind::Buy, Some(ticker)) => self.buy(activity, ticker, &conversion)?,
            (ActivityKind::Sell, Some(ticker)) => self.sell(activity, ticker, &conversion)?,
            (ActivityKind::Split, Some(ticker)) => self.split(activity, ticker, &conversion)?,
            _ => self.move_money(activity, &conversion)?,
        }
        Ok(())
    }

    fn buy(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<(), ArithmeticError> {
        let gross = conversion.amount(activity.gross()?)?;
        let cost = gross.plus(conversion.amount(activity.charges()?)?)?;
        self.bought_base = plus(self.bought_base, cost.base)?;
        let trade =
            Trade { time: activity.time, date_only: activity.date_only, quantity: activity.quantity, value_base: gross.base };
        let position = self.position(ticker, activity.time);
        position.written_in = Some(activity.currency);
        position.buy(trade, cost, activity.currency.major())?;
        self.move_cash(activity, conversion, Amount::ZERO.minus(cost)?)
    }

    /// Folds the part of a sale that was held, proceeds and charges in proportion; the rest is flagged, not guessed.
    fn sell(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<(), ArithmeticError> {
        let held = self.positions.get(ticker).map_or(Decimal::ZERO, |position| position.quantity);
        let sold = held.min(activity.quantity);
        if sold < activity.quantity {
            self.missing.insert(activity.id, minus(activity.quantity, sold)?);
        }
        if sold.is_zero() {
            return Ok(());
        }
        let whole_gross = conversion.amount(activity.gross()?)?;
        let whole_net = whole_gross.minus(conversion.amount(activity.charges()?)?)?;
        let gross = whole_gross.share(sold, activity.quantity)?;
        let net = whole_net.share(sold, activity.quantity)?;
        let trade = Trade { time: activity.time, date_only: activity.date_only, quantity: -sold, value_base: gross.base };
        let position = self.position(ticker, activity.time);
        position.written_in = Some(activity.currency);
        position.sell(trade, net, activity.currency.major(), conversion.rate)?;
        self.move_cash(activity, conversion, net)
    }

    fn split(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<(), ArithmeticError> {
        if let Some(position) = self.positions.get_mut(ticker) {
            position.split(activity.quantity)?;
            position.last_activity = activity.time;
        }
        self.take_charges(activity, conversion)
    }

    /// Folds everything that is not a trade: the amount is gross, and its charges count as separate fees and taxes.
    fn move_money(&mut self, activity: &Activity, conversion: &Conversion) -> Result<(), ArithmeticError> {
        let amount = conversion.amount(activity.amount)?;
        match activity.kind {
            ActivityKind::Dividend | ActivityKind::Interest => self.income_base = plus(self.income_base, amount.base)?,
            ActivityKind::Fee => self.fees_base = plus(self.fees_base, amount.base)?,
            ActivityKind::Tax => self.taxes_base = plus(self.taxes_base, amount.base)?,
            ActivityKind::Deposit => self.money_in_base = plus(self.money_in_base, amount.base)?,
            ActivityKind::Withdrawal => self.money_out_base = plus(self.money_out_base, amount.base)?,
            ActivityKind::Buy | ActivityKind::Sell | ActivityKind::Split => {}
        }
        if let (ActivityKind::Dividend, Some(ticker)) = (activity.kind, &activity.ticker) {
            let position = self.position(ticker, activity.time);
            position.income_base = plus(position.income_base, amount.base)?;
        }
        self.cash_tracked |= matches!(activity.kind, ActivityKind::Deposit | ActivityKind::Withdrawal);
        let goes_out = matches!(activity.kind, ActivityKind::Fee | ActivityKind::Tax | ActivityKind::Withdrawal);
        let moved = if goes_out { Amount::ZERO.minus(amount)? } else { amount };
        self.move_cash(activity, conversion, moved)?;
        self.take_charges(activity, conversion)
    }

    /// Pays fee and tax that came with something other than a trade.
    fn take_charges(&mut self, activity: &Activity, conversion: &Conversion) -> Result<(), ArithmeticError> {
        let (fee, tax) = (conversion.amount(activity.fee)?, conversion.amount(activity.tax)?);
        self.fees_base = plus(self.fees_base, fee.base)?;
        self.taxes_base = plus(self.taxes_base, tax.base)?;
        self.move_cash(activity, conversion, Amount::ZERO.minus(fee.plus(tax)?)?)
    }

    /// Moves cash in the base currency where the broker converted, otherwise in the activity's own.
    fn move_cash(&mut self, activity: &Activity, conversion: &Conversion, moved: Amount) -> Result<(), ArithmeticError> {
        if moved == Amount::ZERO {
            return Ok(());
        }
        let currency = if activity.converted { self.base } else { activity.currency.major() };
        let account = self.cash.entry(currency).or_insert(CashAccount {
            currency,
            amount: Decimal::ZERO,
            cost_base: Decimal::ZERO,
            realized_base: Decimal::ZERO,
        });
        if currency == self.base {
            account.amount = plus(account.amount, moved.base)?;
            account.cost_base = account.amount;
            return Ok(());
        }
        account.change(moved, conversion.rate)
    }

    fn position(&mut self, ticker: &Ticker, time: Timestamp) -> &mut Position {
        let position = self.positions.entry(ticker.clone()).or_insert_with(|| Position::new(ticker.clone(), time));
        position.last_activity = time;
        position
    }
}
