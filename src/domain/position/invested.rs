//! The money that is at work in a portfolio over time: what a gain since the start is measured by.
//!
//! A gain over what is left today, or over one small deposit, says nothing: 10 paid in beside purchases of 15,000 would
//! turn a gain of 100 into 1,000 %. So it is measured by the time-weighted average of the money that was at work.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, minus, plus, share, times};

/// An average is never less than this part of the most that was at work at once, so that a large sum that worked for an
/// hour is not measured by the small one that worked for a year: one in ten.
const SMALLEST_PART: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// How much money was at work over time.
///
/// ```
/// use foliostream::domain::position::Invested;
/// use rust_decimal::Decimal;
/// let at = |day: i64| jiff::Timestamp::from_second(day * 86_400).expect("a day");
/// let mut invested = Invested::default();
/// invested.becomes(Decimal::from(1_000), at(0));
/// invested.becomes(Decimal::from(2_000), at(10));
/// assert_eq!(invested.average(at(20)), Some(Decimal::from(1_500)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invested {
    at_work: Decimal,
    changed_at: Timestamp,
    /// All that was ever added.
    put_in: Decimal,
    most: Decimal,
    /// Money × seconds so far; nothing once a figure outgrew an exact decimal.
    weighted: Option<Decimal>,
    /// The seconds in which money was at work: a time without any does not dilute the average.
    seconds: Decimal,
    /// From when on how much was at work, wherever that changed: what several portfolios together are worked out from.
    steps: Vec<(Timestamp, Decimal)>,
}

impl Default for Invested {
    fn default() -> Self {
        let zero = Decimal::ZERO;
        let (at_work, put_in, most, seconds) = (zero, zero, zero, zero);
        Self { at_work, changed_at: Timestamp::UNIX_EPOCH, put_in, most, weighted: Some(zero), seconds, steps: Vec::new() }
    }
}

impl Invested {
    /// Takes over that from a time on so much is at work; times before the last one count as that.
    pub fn becomes(&mut self, at_work: Decimal, time: Timestamp) {
        let until = time.max(self.changed_at);
        let time = if self.put_in.is_zero() { time } else { until };
        let changed = self.weigh(time).and_then(|(weighted, seconds)| {
            let added = minus(at_work, self.at_work).ok()?.max(Decimal::ZERO);
            Some((weighted, seconds, plus(self.put_in, added).ok()?))
        });
        match changed {
            Some((weighted, seconds, put_in)) => {
                (self.weighted, self.seconds, self.put_in) = (Some(weighted), seconds, put_in);
            }
            None => self.weighted = None,
        }
        if at_work != self.at_work {
            self.steps.push((time, at_work));
        }
        (self.at_work, self.changed_at, self.most) = (at_work, time, self.most.max(at_work));
    }

    /// Returns the money at work in several portfolios together.
    ///
    /// ```
    /// use foliostream::domain::position::Invested;
    /// use rust_decimal::Decimal;
    /// let at = |day: i64| jiff::Timestamp::from_second(day * 86_400).expect("a day");
    /// let (mut one, mut other) = (Invested::default(), Invested::default());
    /// one.becomes(Decimal::from(1_000), at(0));
    /// other.becomes(Decimal::from(1_000), at(10));
    /// assert_eq!(Invested::together([&one, &other]).average(at(20)), Some(Decimal::from(1_500)));
    /// ```
    pub fn together<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut sum, mut steps, mut current) = (Self::default(), Vec::new(), Vec::new());
        for (place, part) in parts.into_iter().enumerate() {
            if part.weighted.is_none() {
                sum.weighted = None;
            }
            steps.extend(part.steps.iter().map(|(time, at_work)| (*time, place, *at_work)));
            current.push(Decimal::ZERO);
        }
        steps.sort_by_key(|(time, ..)| *time);
        // What happens at one moment is one step: money that goes from one portfolio to another stays at work.
        for moment in steps.chunk_by(|(left, ..), (right, ..)| left == right) {
            moment.iter().for_each(|(_, place, at_work)| current[*place] = *at_work);
            match current.iter().copied().try_fold(Decimal::ZERO, plus) {
                Ok(at_work) => sum.becomes(at_work, moment[0].0),
                Err(_) => sum.weighted = None,
            }
        }
        sum
    }

    /// Returns the average over the time in which money was at work, up to a time; the money put in where none has passed.
    /// Nothing where none ever was, or where a figure outgrew an exact decimal.
    pub fn average(&self, until: Timestamp) -> Option<Decimal> {
        let (weighted, seconds) = self.weigh(until)?;
        if seconds.is_zero() {
            return Some(self.put_in).filter(|money| !money.is_zero());
        }
        let average = weighted.checked_div(seconds)?;
        Some(average.max(self.most.checked_mul(SMALLEST_PART)?)).filter(|money| !money.is_zero())
    }

    /// Returns money × seconds, and the seconds in which any was at work, up to a time.
    fn weigh(&self, until: Timestamp) -> Option<(Decimal, Decimal)> {
        let weighted = self.weighted?;
        let passed = until.as_second().saturating_sub(self.changed_at.as_second()).max(0);
        if self.at_work.is_zero() || passed == 0 {
            return Some((weighted, self.seconds));
        }
        let passed = Decimal::from(passed);
        let more = self.at_work.checked_mul(passed)?;
        Some((weighted.checked_add(more)?, self.seconds.checked_add(passed)?))
    }
}

/// What a ledger's books stand at, at cost and in the base currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Books {
    /// What the open units cost; short positions are negative.
    pub holdings: Decimal,
    /// The same, short positions counted like long ones.
    pub gross: Decimal,
    /// The cost of all cash, in the base currency.
    pub cash: Decimal,
}

/// What an activity moved across the portfolio's border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// It moved nothing: any activity but a deposit or a withdrawal.
    Nothing,
    /// It came in, by this much.
    In(Decimal),
    /// It went out, by this much.
    Out(Decimal),
}

/// The money of deposits that is still in the portfolio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deposited(Decimal);

impl Deposited {
    /// Adds a deposit. A withdrawal takes its share of what the books stood at: half of all takes half of the deposits,
    /// whatever was gained meanwhile, so that everything withdrawn leaves nothing.
    pub(crate) fn follow(&mut self, moved: Outside, before: Books) -> Result<(), ArithmeticError> {
        let whole = plus(before.holdings, before.cash)?;
        match moved {
            Outside::Nothing => {}
            Outside::In(amount) => self.0 = plus(self.0, amount)?,
            Outside::Out(amount) if amount >= whole => self.0 = Decimal::ZERO,
            Outside::Out(amount) => self.0 = minus(self.0, share(self.0, amount, whole)?)?,
        }
        Ok(())
    }

    /// Returns the money at work where cash counts: the deposits, and what was bought beyond all cash.
    pub(crate) fn at_work(&self, after: Books) -> Result<Decimal, ArithmeticError> {
        plus(self.0, times(after.cash.min(Decimal::ZERO), Decimal::NEGATIVE_ONE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::activity::Activity;
    use super::super::super::activity::ActivityKind::{Deposit, Interest, Withdrawal};
    use super::super::Ledger;
    use super::super::fixture::*;
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    fn average(ledger: &Ledger, day: &str) -> Option<Decimal> {
        ledger.invested().average(at(day)).map(|money| money.normalize())
    }

    fn with_cash(activities: Vec<Activity>) -> Ledger {
        ledger("EUR", activities).with_cash(Some(true))
    }

    fn without_cash(activities: Vec<Activity>) -> Ledger {
        ledger("EUR", activities).with_cash(None)
    }

    #[test]
    fn money_that_stays_is_its_own_average() {
        let bought = || buy("2026-01-01", "A", "10", "100");
        assert_eq!(average(&without_cash(vec![bought()]), "2026-03-01"), Some(decimal("1000")));
        let paid_in = activity(Deposit, "2026-01-01", "", "1000", "0");
        assert_eq!(average(&with_cash(vec![paid_in, bought()]), "2026-03-01"), Some(decimal("1000")));
    }

    #[test]
    fn what_was_reinvested_is_no_money_put_in_where_cash_counts() {
        let entries = vec![
            activity(Deposit, "2026-01-01", "", "1000", "0"),
            buy("2026-01-01", "A", "10", "100"),
            sell("2026-02-01", "A", "10", "150"),
            buy("2026-02-01", "B", "10", "150"),
        ];
        assert_eq!(average(&with_cash(entries), "2026-03-01"), Some(decimal("1000")));
    }

    #[test]
    fn money_is_weighed_by_the_time_it_worked() {
        let twice = [activity(Deposit, "2026-01-01", "", "1000", "0"), activity(Deposit, "2026-01-11", "", "1000", "0")];
        assert_eq!(average(&with_cash(twice.to_vec()), "2026-01-21"), Some(decimal("1500")));
        let half = [activity(Deposit, "2026-01-01", "", "1000", "0"), activity(Withdrawal, "2026-01-11", "", "500", "0")];
        assert_eq!(average(&with_cash(half.to_vec()), "2026-01-21"), Some(decimal("750")));
        let sold = vec![buy("2026-01-01", "A", "10", "100"), sell("2026-01-11", "A", "5", "300")];
        assert_eq!(average(&without_cash(sold), "2026-01-21"), Some(decimal("750")));
    }

    #[test]
    fn a_small_deposit_beside_large_purchases_does_not_measure_them() {
        let entries = vec![buy("2026-01-01", "A", "100", "150"), activity(Deposit, "2026-06-01", "", "10", "0")];
        let invested = average(&with_cash(entries), "2026-12-01").unwrap();
        assert_eq!(invested, decimal("15000"));
    }

    #[test]
    fn much_money_that_worked_for_a_moment_is_not_measured_by_little_that_worked_for_long() {
        let entries = vec![activity(Deposit, "2025-01-01", "", "10", "0"), activity(Deposit, "2026-01-01", "", "99990", "0")];
        assert_eq!(average(&with_cash(entries), "2026-01-01"), Some(decimal("10000")));
    }

    #[test]
    fn a_withdrawal_of_everything_ends_the_time_that_counts() {
        let entries = vec![
            activity(Deposit, "2025-01-01", "", "1000", "0"),
            activity(Interest, "2025-02-01", "", "100", "0"),
            activity(Withdrawal, "2025-03-01", "", "1100", "0"),
        ];
        assert_eq!(average(&with_cash(entries), "2035-01-01"), Some(decimal("1000")));
        let sold = vec![buy("2025-01-01", "A", "10", "100"), sell("2025-03-01", "A", "10", "130")];
        assert_eq!(average(&without_cash(sold), "2035-01-01"), Some(decimal("1000")));
    }

    #[test]
    fn where_no_time_has_passed_the_money_put_in_measures() {
        let entries = vec![buy("2026-01-01", "A", "10", "100"), sell("2026-01-01", "A", "10", "110")];
        assert_eq!(average(&without_cash(entries), "2026-01-01"), Some(decimal("1000")));
        assert_eq!(average(&without_cash(vec![]), "2026-01-01"), None);
    }

    #[test]
    fn a_figure_that_outgrows_decimals_leaves_the_average_unknown() {
        let mut invested = Invested::default();
        invested.becomes(Decimal::MAX, at("1990-01-01"));
        assert_eq!(invested.average(at("2026-01-01")), None);
        invested.becomes(Decimal::ONE, at("2026-01-01"));
        assert_eq!(invested.average(at("2026-01-02")), None);
    }
}
