//! The fold itself: one activity after the other changes the ledger.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::activity::{Activity, ActivityKind};
use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, Money, minus, plus, times};
use super::amount::Amount;
use super::invested::{Books, Deposited, Invested, Outside};
use super::simple::{charges_of, simple};
use super::units::{Ratio, Units};
use super::{CashAccount, CashMove, FoldReason, Ledger, Position, Split, Trade};

/// How the figures of one activity become sums.
pub(super) struct Conversion {
    /// What the figures are written in.
    pub currency: Currency,
    /// One major unit of that in the ledger's currency.
    pub rate: Decimal,
    /// The portfolio's own currency.
    pub home: Currency,
    /// One major unit of the figures' currency in the portfolio's own.
    pub home_rate: Decimal,
}

impl Conversion {
    fn amount(&self, figure: Decimal) -> Result<Amount, ArithmeticError> {
        let local = Money::new(figure, self.currency).in_major()?.amount;
        Ok(Amount { local, base: times(local, self.rate)? })
    }
}

/// What the open units of an instrument cost before and after an activity.
#[derive(Clone, Copy, Default)]
struct Cost {
    before: Decimal,
    after: Decimal,
}

/// Units of a trade, positive bought and negative sold, with the money that came in for them: negative where it was paid.
#[derive(Clone, Copy)]
struct Whole {
    quantity: Decimal,
    /// Quantity × price, never negative.
    gross: Amount,
    /// The money that moved, charges included.
    net: Amount,
}

impl Whole {
    /// Returns the part that some of the units make.
    fn part(&self, quantity: Decimal) -> Result<Self, ArithmeticError> {
        let (gross, net) = (self.gross.share(quantity, self.quantity)?, self.net.share(quantity, self.quantity)?);
        Ok(Self { quantity, gross, net })
    }

    /// Returns what is left beside a part, to the last digit.
    fn less(&self, part: &Self) -> Result<Self, ArithmeticError> {
        let quantity = minus(self.quantity, part.quantity)?;
        Ok(Self { quantity, gross: self.gross.minus(part.gross)?, net: self.net.minus(part.net)? })
    }

    fn told(&self, activity: &Activity) -> Trade {
        let Self { quantity, gross, .. } = self;
        let units = Units::whole(*quantity);
        Trade { time: activity.time, date_only: activity.date_only, quantity: *quantity, value_base: gross.base, units }
    }
}

/// Returns which of two numbers of one sign is nearer to zero.
fn smaller(left: Decimal, right: Decimal) -> Decimal {
    if left.abs() < right.abs() { left } else { right }
}

impl Ledger {
    pub(super) fn empty(base: Currency) -> Self {
        Self {
            base,
            positions: BTreeMap::new(),
            cash: BTreeMap::new(),
            track_cash: None,
            has_deposits: false,
            income_base: Decimal::ZERO,
            fees_base: Decimal::ZERO,
            taxes_base: Decimal::ZERO,
            money_in_base: Decimal::ZERO,
            money_out_base: Decimal::ZERO,
            paid_in_base: Decimal::ZERO,
            paid_out_base: Decimal::ZERO,
            invested_in_holdings: Invested::default(),
            invested_with_cash: Invested::default(),
            books: Books::default(),
            deposited: Deposited::default(),
            missing: BTreeMap::new(),
            last_activity: None,
            left_out: BTreeSet::new(),
        }
    }

    /// Folds one entry, or the simple ones it stands for. Of a leg of a transfer between own accounts only charges count.
    pub(super) fn apply(&mut self, activity: &Activity, conversion: &Conversion, is_own: bool) -> Result<(), FoldReason> {
        if is_own {
            self.flag_missing(activity)?;
            return self.apply_simple(&charges_of(activity), conversion);
        }
        if !activity.kind.stands_for_others() {
            return self.apply_simple(activity, conversion);
        }
        let Some(counted) = self.transferred(activity)? else { return Ok(()) };
        for part in simple(&counted)?.iter().flatten() {
            self.apply_simple(part, conversion)?;
        }
        Ok(())
    }

    /// Returns what of an entry counts: of a transfer out what is held, the rest is flagged.
    fn transferred(&mut self, activity: &Activity) -> Result<Option<Activity>, ArithmeticError> {
        let missing = self.flag_missing(activity)?;
        if missing.is_zero() {
            return Ok(Some(activity.clone()));
        }
        let quantity = minus(activity.quantity, missing)?;
        Ok((!quantity.is_zero()).then(|| Activity { quantity, ..activity.clone() }))
    }

    /// Flags the units of a transfer out that are not held, and returns how many those are.
    fn flag_missing(&mut self, activity: &Activity) -> Result<Decimal, ArithmeticError> {
        let Some(ticker) = activity.ticker.as_ref().filter(|_| activity.kind == ActivityKind::TransferOut) else {
            return Ok(Decimal::ZERO);
        };
        let held = self.held(ticker).max(Decimal::ZERO);
        let missing = minus(activity.quantity, held.min(activity.quantity))?;
        if !missing.is_zero() {
            self.missing.insert(activity.id, missing);
        }
        Ok(missing)
    }

    fn apply_simple(&mut self, activity: &Activity, conversion: &Conversion) -> Result<(), FoldReason> {
        self.last_activity = self.last_activity.max(Some(activity.time));
        let cost = match (activity.kind, &activity.ticker) {
            (ActivityKind::Buy, Some(ticker)) => self.buy(activity, ticker, conversion)?,
            (ActivityKind::Sell, Some(ticker)) => self.sell(activity, ticker, conversion)?,
            (ActivityKind::Split, Some(ticker)) => self.split(activity, ticker, conversion).map(|()| Cost::default())?,
            _ => self.move_money(activity, conversion).map(|()| Cost::default())?,
        };
        self.note_invested(activity, conversion, cost)?;
        Ok(())
    }

    /// Follows how much money is at work, after an activity that changed its instrument's cost.
    fn note_invested(&mut self, activity: &Activity, conversion: &Conversion, cost: Cost) -> Result<(), ArithmeticError> {
        let before = self.books;
        self.books = Books {
            holdings: plus(before.holdings, minus(cost.after, cost.before)?)?,
            gross: plus(before.gross, minus(cost.after.abs(), cost.before.abs())?)?,
            cash: self.cash.values().map(|account| account.cost_base).try_fold(Decimal::ZERO, plus)?,
        };
        let moved = match activity.kind {
            ActivityKind::Deposit => Outside::In(conversion.amount(activity.amount)?.base),
            ActivityKind::Withdrawal => Outside::Out(conversion.amount(activity.amount)?.base),
            _ => Outside::Nothing,
        };
        self.deposited.follow(moved, before)?;
        self.invested_in_holdings.becomes(self.books.gross, activity.time);
        self.invested_with_cash.becomes(self.deposited.at_work(self.books)?, activity.time);
        Ok(())
    }

    fn buy(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<Cost, ArithmeticError> {
        let gross = conversion.amount(activity.gross()?)?;
        let cost = gross.plus(conversion.amount(activity.charges()?)?)?;
        self.trade(activity, ticker, conversion, &Whole { quantity: activity.quantity, gross, net: cost.negated() })
    }

    /// Folds the part of a sale that was held, proceeds and charges in proportion; the rest is flagged, not guessed. A sale
    /// that opens a short position is folded whole.
    fn sell(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<Cost, ArithmeticError> {
        let held = self.held(ticker).max(Decimal::ZERO);
        let sold = if activity.opens_short { activity.quantity } else { held.min(activity.quantity) };
        if sold < activity.quantity {
            self.missing.insert(activity.id, minus(activity.quantity, sold)?);
        }
        if sold.is_zero() {
            return Ok(Cost::default());
        }
        let gross = conversion.amount(activity.gross()?)?;
        let net = gross.minus(conversion.amount(activity.charges()?)?)?;
        let whole = Whole { quantity: -activity.quantity, gross, net };
        self.trade(activity, ticker, conversion, &whole.part(-sold)?)
    }

    /// Folds units that came or went: first against what is held or owed on the other side, oldest lots first, and what is
    /// left of them opens a lot. Selling 8 of 5 held closes 5 and opens a short lot of 3.
    fn trade(
        &mut self,
        activity: &Activity,
        ticker: &Ticker,
        conversion: &Conversion,
        whole: &Whole,
    ) -> Result<Cost, ArithmeticError> {
        let currency = activity.currency.major();
        let position = self.position(ticker, activity.time);
        let (held, before) = (position.quantity, position.fifo.cost_base);
        let is_closing = !held.is_zero() && held.is_sign_negative() != whole.quantity.is_sign_negative();
        position.written_in = Some(activity.currency);
        let mut opening = *whole;
        if is_closing {
            let closing = whole.part(smaller(whole.quantity, -held))?;
            position.close(closing.told(activity), closing.net, currency, conversion.rate)?;
            opening = whole.less(&closing)?;
        }
        if !opening.quantity.is_zero() {
            position.open(opening.told(activity), opening.net.negated(), currency)?;
        }
        let after = position.fifo.cost_base;
        self.settle_outside(whole.net)?;
        self.move_cash(activity, conversion, whole.net)?;
        Ok(Cost { before, after })
    }

    fn held(&self, ticker: &Ticker) -> Decimal {
        self.positions.get(ticker).map_or(Decimal::ZERO, |position| position.quantity)
    }

    fn split(&mut self, activity: &Activity, ticker: &Ticker, conversion: &Conversion) -> Result<(), ArithmeticError> {
        if let Some(position) = self.positions.get_mut(ticker) {
            position.split(Split { time: activity.time, ratio: Ratio::of(activity.quantity) })?;
            position.last_activity = position.last_activity.max(activity.time);
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
            _ => {}
        }
        if let (ActivityKind::Dividend, Some(ticker)) = (activity.kind, &activity.ticker) {
            let position = self.position(ticker, activity.time);
            position.income_base = plus(position.income_base, amount.base)?;
        }
        self.has_deposits |= matches!(activity.kind, ActivityKind::Deposit | ActivityKind::Withdrawal);
        let moved = if activity.kind.takes_money() { amount.negated() } else { amount };
        if !matches!(activity.kind, ActivityKind::Deposit | ActivityKind::Withdrawal) {
            self.settle_outside(moved)?;
        }
        self.move_cash(activity, conversion, moved)?;
        self.take_charges(activity, conversion)
    }

    /// Pays fee and tax that came with something other than a trade.
    fn take_charges(&mut self, activity: &Activity, conversion: &Conversion) -> Result<(), ArithmeticError> {
        let (fee, tax) = (conversion.amount(activity.fee)?, conversion.amount(activity.tax)?);
        self.fees_base = plus(self.fees_base, fee.base)?;
        self.taxes_base = plus(self.taxes_base, tax.base)?;
        let charges = fee.plus(tax)?.negated();
        self.settle_outside(charges)?;
        self.move_cash(activity, conversion, charges)
    }

    /// Counts money that an activity moved as paid from outside, or as gone there: so it is where cash does not count.
    fn settle_outside(&mut self, moved: Amount) -> Result<(), ArithmeticError> {
        let sum = if moved.base.is_sign_negative() { &mut self.paid_in_base } else { &mut self.paid_out_base };
        *sum = plus(*sum, moved.base.abs())?;
        Ok(())
    }

    /// Moves cash in the portfolio's own currency where the broker converted, otherwise in the activity's.
    fn move_cash(&mut self, activity: &Activity, conversion: &Conversion, moved: Amount) -> Result<(), ArithmeticError> {
        if moved == Amount::ZERO {
            return Ok(());
        }
        let is_home = activity.converted && conversion.home != activity.currency.major();
        let currency = if is_home { conversion.home } else { activity.currency.major() };
        let account = self.cash.entry(currency).or_insert_with(|| CashAccount::new(currency));
        let is_base = currency == self.base;
        // In the portfolio's own currency a conversion moved what it came to there.
        let local = if is_home { times(moved.local, conversion.home_rate)? } else { moved.local };
        let moved = Amount { local, ..moved };
        let is_trade = activity.kind.figures().price;
        account.moves.push(CashMove {
            time: activity.time,
            traded: activity.ticker.clone().filter(|_| is_trade),
            is_deposit: activity.kind == ActivityKind::Deposit && !moved.base.is_sign_negative(),
            amount: if is_base { moved.base } else { moved.local },
            base: moved.base,
        });
        if is_base {
            account.amount = plus(account.amount, moved.base)?;
            account.cost_base = account.amount;
            return Ok(());
        }
        let rate =
            if is_home { conversion.rate.checked_div(conversion.home_rate).unwrap_or(Decimal::ONE) } else { conversion.rate };
        account.change(moved, rate)
    }

    fn position(&mut self, ticker: &Ticker, time: Timestamp) -> &mut Position {
        let position = self.positions.entry(ticker.clone()).or_insert_with(|| Position::new(ticker.clone(), time));
        position.last_activity = position.last_activity.max(time);
        position
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::*;
    use super::*;

    fn at(activity: Activity, time: &str) -> Activity {
        Activity { time: time.parse().unwrap(), date_only: false, ..activity }
    }

    fn missing(activities: Vec<Activity>) -> usize {
        ledger("EUR", activities).missing.len()
    }

    #[test]
    fn a_purchase_comes_before_a_sale_of_the_same_date() {
        assert_eq!(missing(vec![sell("2026-01-02", "A", "1", "20"), buy("2026-01-02", "A", "1", "10")]), 0);
        assert_eq!(missing(vec![sell("2026-01-01", "A", "1", "20"), buy("2026-01-02", "A", "1", "10")]), 1);
    }

    #[test]
    fn a_sale_without_a_time_comes_after_the_timed_purchases_of_its_day() {
        let bought = at(buy("2026-01-02", "A", "1", "10"), "2026-01-02T15:30:00Z");
        assert_eq!(missing(vec![sell("2026-01-02", "A", "1", "20"), bought]), 0);
        let sold = at(sell("2026-01-02", "A", "1", "10"), "2026-01-02T00:00:00Z");
        assert_eq!(missing(vec![sold, buy("2026-01-02", "A", "1", "20")]), 0);
    }

    #[test]
    fn exact_times_decide_between_what_has_them() {
        let sold = at(sell("2026-01-02", "A", "1", "10"), "2026-01-02T09:00:00Z");
        let bought = at(buy("2026-01-02", "A", "1", "10"), "2026-01-02T09:00:01Z");
        assert_eq!(missing(vec![bought, sold]), 1);
    }

    #[test]
    fn a_split_without_a_time_begins_its_day() {
        let entries = vec![
            buy("2026-01-01", "A", "10", "100"),
            sell("2026-01-02", "A", "20", "50"),
            buy("2026-01-02", "A", "1", "50"),
            activity(ActivityKind::Split, "2026-01-02", "A", "2", "0"),
        ];
        let ledger = ledger("EUR", entries);
        assert_eq!((ledger.missing.len(), ledger.positions[&ticker("A")].quantity), (0, Decimal::ONE));
    }

    #[test]
    fn money_comes_in_before_it_goes_out_on_one_date() {
        let entries = vec![
            activity(ActivityKind::Withdrawal, "2026-01-02", "", "100", "0").at_rate("USD", "0.8"),
            activity(ActivityKind::Deposit, "2026-01-02", "", "100", "0").at_rate("USD", "0.9"),
        ];
        assert_eq!(ledger("EUR", entries).cash[&Currency::USD].realized_base, Decimal::from(-10));
    }

    #[test]
    fn what_was_entered_first_is_sold_first_among_equals() {
        let entries =
            vec![buy("2026-01-02", "A", "1", "10"), buy("2026-01-02", "A", "1", "30"), sell("2026-01-02", "A", "1", "40")];
        assert_eq!(ledger("EUR", entries).positions[&ticker("A")].fifo.realized_base, Decimal::from(30));
    }

    /// A day of every kind of turn; its sales sell exactly what the rules let them find.
    fn a_day() -> Vec<Activity> {
        vec![
            sell("2026-01-02", "A", "6", "9"),
            at(sell("2026-01-02", "A", "3", "9"), "2026-01-02T10:00:00Z"),
            buy("2026-01-02", "A", "1", "8"),
            at(buy("2026-01-02", "A", "2", "7"), "2026-01-02T16:00:00Z"),
            activity(ActivityKind::Split, "2026-01-02", "A", "2", "0"),
            activity(ActivityKind::Deposit, "2026-01-02", "", "50", "0"),
            activity(ActivityKind::Withdrawal, "2026-01-02", "", "50", "0"),
            buy("2026-01-01", "A", "3", "10"),
        ]
    }

    proptest! {
        #[test]
        fn a_day_comes_out_the_same_in_whatever_order_it_is_entered(shuffled in Just(a_day()).prop_shuffle()) {
            let ledger = ledger("EUR", shuffled);
            let position = &ledger.positions[&ticker("A")];
            prop_assert!(ledger.missing.is_empty());
            prop_assert_eq!(position.quantity, Decimal::ZERO);
            // 81 came in; 30 + 8 + 14 were paid.
            prop_assert_eq!(position.fifo.realized_base, Decimal::from(29));
        }
    }
}
