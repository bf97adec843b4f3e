//! Several portfolios looked at as one: their positions, their cash and their sums, added up.
//!
//! Lots stay apart. A sale closed lots of its own portfolio when it was folded, and adding the ledgers up afterwards keeps that: 10
//! bought at 100 in one portfolio and 10 bought at 150 and sold in another leave the 10 that cost 1,000.

use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, Currency, plus};
use super::{CashAccount, CashMove, CostBook, Invested, Ledger, Position};

impl Ledger {
    /// Adds ledgers up that are all in the currency `base`; fails where a sum outgrows an exact decimal.
    ///
    /// Cash counts where it counts in one of them, and then the cash of those where it does is all there is of it; the money of the
    /// others' purchases comes from outside, as it does in their own portfolios.
    ///
    /// ```
    /// use foliostream::domain::money::Currency;
    /// use foliostream::domain::position::Ledger;
    /// let together = Ledger::together(Currency::EUR, &[]).expect("nothing to outgrow");
    /// assert!(together.positions.is_empty() && together.net_contributions().expect("nothing").is_zero());
    /// ```
    pub fn together(base: Currency, ledgers: &[&Self]) -> Result<Self, ArithmeticError> {
        let mut whole = Self::empty(base);
        let is_any_tracked = ledgers.iter().any(|ledger| ledger.cash_tracked());
        whole.track_cash = ledgers.iter().filter_map(|ledger| ledger.track_cash).max();
        for ledger in ledgers {
            whole.join(ledger, is_any_tracked)?;
        }
        whole.cash.values_mut().for_each(|account| account.moves.sort_by_key(|moved| moved.time));
        whole.invested_in_holdings = Invested::together(ledgers.iter().map(|ledger| &ledger.invested_in_holdings));
        whole.invested_with_cash = Invested::together(ledgers.iter().map(|ledger| ledger.invested()));
        Ok(whole)
    }

    fn join(&mut self, other: &Self, is_any_tracked: bool) -> Result<(), ArithmeticError> {
        for (ticker, position) in &other.positions {
            match self.positions.get_mut(ticker) {
                Some(known) => known.join(position)?,
                None => {
                    self.positions.insert(ticker.clone(), position.clone());
                }
            }
        }
        for (sum, part) in [
            (&mut self.income_base, other.income_base),
            (&mut self.fees_base, other.fees_base),
            (&mut self.taxes_base, other.taxes_base),
            (&mut self.paid_in_base, other.paid_in_base),
            (&mut self.paid_out_base, other.paid_out_base),
        ] {
            *sum = plus(*sum, part)?;
        }
        let (money_in, money_out) =
            if is_any_tracked { other.money_moved() } else { (other.money_in_base, other.money_out_base) };
        self.money_in_base = plus(self.money_in_base, money_in)?;
        self.money_out_base = plus(self.money_out_base, money_out)?;
        if other.cash_tracked() || !is_any_tracked {
            other.cash.values().try_for_each(|account| self.join_cash(account))?;
        } else {
            self.pay_from_outside(other);
        }
        self.missing.extend(&other.missing);
        self.last_activity = self.last_activity.max(other.last_activity);
        self.left_out.extend(&other.left_out);
        Ok(())
    }

    fn join_cash(&mut self, other: &CashAccount) -> Result<(), ArithmeticError> {
        let account = self.cash.entry(other.currency).or_insert_with(|| CashAccount::new(other.currency));
        account.amount = plus(account.amount, other.amount)?;
        account.cost_base = plus(account.cost_base, other.cost_base)?;
        account.realized_base = plus(account.realized_base, other.realized_base)?;
        account.moves.extend(other.moves.iter().cloned());
        Ok(())
    }

    /// Writes down that what was bought where cash does not count was paid from outside: a deposit and its spending. They leave no
    /// balance, and the day of all together counts the money as put in.
    fn pay_from_outside(&mut self, other: &Self) {
        let base = self.base;
        let account = self.cash.entry(base).or_insert_with(|| CashAccount::new(base));
        for position in other.positions.values() {
            for trade in position.trades.iter().filter(|trade| trade.quantity > Decimal::ZERO) {
                let moved = |amount: Decimal, is_deposit: bool| CashMove {
                    time: trade.time,
                    traded: Some(position.ticker.clone()),
                    is_deposit,
                    amount,
                    base: amount,
                };
                account.moves.extend([moved(trade.value_base, true), moved(-trade.value_base, false)]);
            }
        }
    }
}

impl Position {
    /// Adds another portfolio's position of the same instrument.
    fn join(&mut self, other: &Self) -> Result<(), ArithmeticError> {
        let is_other_newer = other.last_activity > self.last_activity;
        let (newer, older) =
            if is_other_newer { (other.written_in, self.written_in) } else { (self.written_in, other.written_in) };
        self.written_in = newer.or(older);
        let are_both_traded = !self.trades.is_empty() && !other.trades.is_empty();
        let joined_currency = if self.trades.is_empty() { other.currency } else { self.currency };
        let is_mixed = are_both_traded && self.currency != other.currency;
        self.currency = joined_currency.filter(|_| !is_mixed);
        self.fifo.join(&other.fifo)?;
        self.average.join(&other.average)?;
        if is_mixed {
            self.fifo.forget_local();
            self.average.forget_local();
        }
        self.lots.extend(other.lots.iter().cloned());
        self.lots.sort_by_key(|lot| lot.time);
        self.quantity = self.units_in_lots()?;
        self.income_base = plus(self.income_base, other.income_base)?;
        self.trades.extend(other.trades.iter().cloned());
        self.trades.sort_by_key(|trade| trade.time);
        self.splits.extend(&other.splits);
        self.splits.sort_unstable();
        self.splits.dedup();
        self.last_activity = self.last_activity.max(other.last_activity);
        Ok(())
    }
}

impl CostBook {
    fn join(&mut self, other: &Self) -> Result<(), ArithmeticError> {
        let both =
            |left: Option<Decimal>, right: Option<Decimal>| left.zip(right).map(|(left, right)| plus(left, right)).transpose();
        self.cost_base = plus(self.cost_base, other.cost_base)?;
        self.realized_base = plus(self.realized_base, other.realized_base)?;
        self.cost = both(self.cost, other.cost)?;
        self.realized = both(self.realized, other.realized)?;
        self.realized_currency_base = both(self.realized_currency_base, other.realized_currency_base)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::super::activity::Activity;
    use super::super::super::activity::ActivityKind::{Deposit, Dividend, Fee, Split, Withdrawal};
    use super::super::super::instrument::Ticker;
    use super::super::super::quote::{Freshness, Quote, Session};
    use super::super::super::rates::Rates;
    use super::super::super::valuation::{Valuation, value};
    use super::super::fixture::*;
    use super::super::{Reporting, fold_in};
    use super::*;

    const TODAY: &str = "2026-08-02T00:00:00Z";

    fn quote(name: &str, code: &str, price: &str, previous_close: &str) -> Quote {
        let closed = Quote::of_close(ticker(name), decimal(price), currency(code), TODAY.parse().unwrap());
        Quote { previous_close: Some(decimal(previous_close)), session: Session::Open, freshness: Freshness::Live, ..closed }
    }

    fn quotes() -> [Quote; 4] {
        [
            quote("A", "USD", "121", "110"),
            quote("B", "GBp", "5100", "5000"),
            quote("USDEUR=X", "EUR", "0.9", "0.8"),
            quote("GBPEUR=X", "EUR", "1.2", "1.1"),
        ]
    }

    fn valued(ledger: &Ledger) -> Valuation {
        let quotes = quotes();
        let of = |ticker: &Ticker| quotes.iter().find(|quote| &quote.ticker == ticker);
        value(ledger, of, &Rates::from_quotes(quotes.iter())).unwrap()
    }

    fn together(ledgers: &[&Ledger]) -> Ledger {
        Ledger::together(Currency::EUR, ledgers).unwrap()
    }

    fn day(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn a_sale_closes_lots_of_its_own_portfolio_alone() {
        let kept = ledger("EUR", vec![buy("2026-01-01", "A", "10", "100")]);
        let traded = ledger("EUR", vec![buy("2026-02-01", "A", "10", "150"), sell("2026-03-01", "A", "10", "170")]);
        let whole = together(&[&kept, &traded]);
        let position = &whole.positions[&ticker("A")];
        assert_eq!(
            (position.quantity, position.fifo.cost_base, position.fifo.realized_base),
            (decimal("10"), decimal("1000"), decimal("200"))
        );
        assert_eq!((position.lots.len(), position.trades.len()), (1, 3));
    }

    #[test]
    fn long_in_one_portfolio_and_short_in_another_is_what_is_left() {
        let long = ledger("EUR", vec![buy("2026-01-01", "A", "10", "100")]);
        let short = ledger("EUR", vec![sell("2026-02-01", "A", "4", "150").short()]);
        let whole = together(&[&long, &short]);
        let position = &whole.positions[&ticker("A")];
        assert_eq!((position.quantity, position.fifo.cost_base), (decimal("6"), decimal("400")));
    }

    #[test]
    fn the_cash_of_those_where_it_counts_is_all_there_is() {
        let tracked = ledger("EUR", vec![activity(Deposit, "2026-01-01", "", "500", "0")]).with_cash(Some(true));
        let untracked = ledger("EUR", vec![buy("2026-08-02", "A", "1", "90")]).with_cash(None);
        let whole = together(&[&tracked, &untracked]);
        let valuation = valued(&whole);
        assert_eq!((valuation.cash, valuation.total_value), (Some(decimal("500")), Some(decimal("608.9"))));
        assert_eq!(whole.net_contributions(), Ok(decimal("590")));
        assert_eq!(valuation.total_gain, Some(decimal("18.9")));
        // 108.90 are held that cost 90 today, beside 500 in cash since yesterday.
        assert_eq!((valuation.previous_value, valuation.day_change), (Some(decimal("500")), Some(decimal("18.9"))));
        assert_eq!(valuation.day_change_percent, super::super::super::money::percent(decimal("18.9"), decimal("590")));
        let neither = together(&[&untracked, &untracked]);
        assert_eq!((neither.track_cash, valued(&neither).total_value), (None, Some(decimal("217.8"))));
    }

    #[test]
    fn money_is_at_work_from_when_the_first_has_it_until_none_has() {
        let one = ledger("EUR", vec![buy("2026-01-01", "A", "10", "100"), sell("2026-01-11", "A", "10", "100")]);
        let other = ledger("EUR", vec![buy("2026-01-21", "A", "20", "100")]);
        let whole = together(&[&one, &other]);
        // 1,000 for ten days, nothing for ten days, 2,000 for ten days.
        assert_eq!(whole.invested().average(day("2026-01-31")), Some(decimal("1500")));
    }

    #[test]
    fn money_that_goes_from_one_portfolio_to_the_other_stays_at_work() {
        let out = vec![activity(Deposit, "2026-01-01", "", "1000", "0"), activity(Withdrawal, "2026-01-11", "", "1000", "0")];
        let [from, to] = [out, vec![activity(Deposit, "2026-01-11", "", "1000", "0")]]
            .map(|activities| ledger("EUR", activities).with_cash(Some(true)));
        let whole = together(&[&from, &to]);
        assert_eq!(whole.invested().average(day("2026-01-31")), Some(decimal("1000")));
        assert_eq!(whole.net_contributions(), Ok(decimal("1000")));
    }

    #[test]
    fn a_portfolio_in_another_currency_costs_what_it_cost_at_the_rate_of_the_day() {
        let activities = [
            activity(Deposit, "2026-01-01", "", "1000", "0").at_rate("USD", "1"),
            buy("2026-01-01", "A", "5", "100").at_rate("USD", "1"),
            buy("2026-02-01", "B", "10", "1000").at_rate("GBp", "1.3"),
            buy("2026-02-01", "C", "1", "50").at_rate("EUR", "1.1").converted(),
        ];
        let rates = vec![(day("2026-01-01"), decimal("0.8")), (day("2026-02-01"), decimal("0.9"))];
        let told = fold_in(Reporting::new(Currency::EUR, rates).unwrap(), Currency::USD, &activities).unwrap();
        let cost = |name: &str| told.positions[&ticker(name)].fifo.cost_base;
        // 500 dollars at 0.8; 100 pounds at 1.3 dollars at 0.9; 50 euro are 50 euro.
        assert_eq!((cost("A"), cost("B"), cost("C")), (decimal("400"), decimal("117"), decimal("50")));
        assert_eq!(told.money_in_base, decimal("800"));
        // The 55 dollars of the conversion left the dollars, and were worth 50 euro.
        assert_eq!(told.cash[&Currency::USD].amount, decimal("445"));
        assert_eq!(told.base, Currency::EUR);
    }

    #[test]
    fn what_could_not_be_told_in_the_currency_is_named_and_in_no_sum() {
        let held = ledger("EUR", vec![buy("2026-01-01", "A", "1", "50")]);
        let whole = Ledger { left_out: [currency("JPY")].into(), ..together(&[&held]) };
        let valuation = valued(&whole);
        assert_eq!((valuation.incomplete, valuation.total_value), (vec![ticker("JPYEUR=X")], Some(decimal("108.9"))));
    }

    #[test]
    fn a_sum_that_outgrows_a_decimal_is_refused() {
        let much = || ledger("EUR", vec![activity(Fee, "2026-01-01", "", "60000000000000000000000000000", "0")]);
        assert!(Ledger::together(Currency::EUR, &[&much(), &much()]).is_err());
    }

    proptest! {
        #[test]
        fn several_portfolios_are_worth_together_what_they_are_worth_one_by_one(
            parts in prop::collection::vec((any_activities(), any::<bool>()), 1..4),
        ) {
            let today = |mut entries: Vec<Activity>| {
                entries.push(activity(Dividend, "2026-01-01", "A", "7", "0"));
                entries.retain(|entry| entry.kind != Split);
                entries
            };
            let ledgers: Vec<Ledger> =
                parts.into_iter().map(|(entries, tracks)| ledger("EUR", today(entries)).with_cash(Some(tracks))).collect();
            let whole = together(&ledgers.iter().collect::<Vec<_>>());
            let one_by_one: Vec<Valuation> = ledgers.iter().map(valued).collect();
            let valuation = valued(&whole);
            let sum = |figure: fn(&Valuation) -> Option<Decimal>| one_by_one.iter().filter_map(figure).sum::<Decimal>();
            let near = |one: Option<Decimal>, other: Decimal| (one.unwrap_or_default() - other).abs() <= decimal("0.000000000000001");
            let figures: [fn(&Valuation) -> Option<Decimal>; 8] = [
                |valuation| valuation.market_value,
                |valuation| Some(valuation.cost_basis),
                |valuation| Some(valuation.realized),
                |valuation| Some(valuation.income),
                |valuation| valuation.total_value,
                |valuation| valuation.total_gain,
                |valuation| valuation.day_change,
                |valuation| valuation.previous_value,
            ];
            for (place, figure) in figures.into_iter().enumerate() {
                prop_assert!(near(figure(&valuation), sum(figure)), "{place}: {:?} is not {}", figure(&valuation), sum(figure));
            }
            let put_in = ledgers.iter().map(|ledger| ledger.net_contributions().unwrap()).sum::<Decimal>();
            prop_assert!(near(whole.net_contributions().ok(), put_in));
        }
    }
}
