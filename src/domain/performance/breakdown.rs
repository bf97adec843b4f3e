//! Where a gain came from: realised and unrealised price gains, dividends, interest, fees, taxes, currencies. The parts add up to the gain.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, minus, plus};
use super::super::position::{CostBook, Ledger, Position};
use super::super::valuation::Valuation;

/// Which units were sold first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CostMethod {
    /// The oldest.
    #[default]
    Fifo,
    /// A share of all, at their average cost.
    Average,
}

/// The parts of a gain, all in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breakdown {
    /// Price gains of what was sold.
    pub realized: Decimal,
    /// Price gains of what is held.
    pub unrealized: Decimal,
    /// Dividends before their fees and taxes.
    pub dividends: Decimal,
    /// Interest before its fees and taxes.
    pub interest: Decimal,
    /// Fees that are not part of a trade's cost; below zero.
    pub fees: Decimal,
    /// Taxes that are not part of a trade's cost; below zero.
    pub taxes: Decimal,
    /// What exchange rates made of holdings and of cash, as far as it is told apart: not of a position that was traded in two currencies,
    /// and by average cost only of what was sold.
    pub currency: Decimal,
    /// What no other part explains: holdings without a value at one end, and digits beyond those of a decimal.
    pub other: Decimal,
}

/// A portfolio at a moment: its ledger, and what that was worth.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Everything that had happened by then.
    pub ledger: &'a Ledger,
    /// What it was worth then.
    pub valuation: &'a Valuation,
}

impl Standing<'_> {
    /// Returns what was gained by then, since the beginning: the total value less the net contributions.
    pub fn gain(&self) -> Result<Decimal, ArithmeticError> {
        let (money_in, money_out) = self.ledger.money_moved();
        plus(minus(self.value(), money_in)?, money_out)
    }

    /// Returns the total value; nothing known is nothing.
    pub fn value(&self) -> Decimal {
        self.valuation.total_value.unwrap_or_default()
    }

    fn parts(&self, method: CostMethod) -> Result<Breakdown, ArithmeticError> {
        let Self { ledger, valuation } = self;
        let mut parts = Breakdown { fees: -ledger.fees_base, taxes: -ledger.taxes_base, ..Breakdown::default() };
        for position in ledger.positions.values() {
            let book = method.book(position);
            let currency = book.realized_currency_base.unwrap_or_default();
            parts.currency = plus(parts.currency, currency)?;
            parts.realized = plus(parts.realized, minus(book.realized_base, currency)?)?;
            parts.dividends = plus(parts.dividends, position.income_base)?;
        }
        parts.interest = minus(ledger.income_base, parts.dividends)?;
        for holding in &valuation.holdings {
            let Some(value) = holding.market_value else { continue };
            let (cost, currency) = match method {
                CostMethod::Fifo => (holding.cost_basis, holding.currency_gain.unwrap_or_default()),
                CostMethod::Average => (holding.average_cost_basis, Decimal::ZERO),
            };
            parts.currency = plus(parts.currency, currency)?;
            parts.unrealized = plus(parts.unrealized, minus(minus(value, cost)?, currency)?)?;
        }
        if ledger.cash_tracked() {
            for account in ledger.cash.values() {
                parts.currency = plus(parts.currency, account.realized_base)?;
            }
            for account in &valuation.cash_accounts {
                parts.currency = plus(parts.currency, account.currency_gain.unwrap_or_default())?;
            }
        }
        parts.other = minus(self.gain()?, parts.sum()?)?;
        Ok(parts)
    }

    /// Returns what each instrument had gained by then: what it is worth less what it cost, what was realised and paid.
    fn gains(&self) -> Result<BTreeMap<&Ticker, Decimal>, ArithmeticError> {
        let mut gains = BTreeMap::new();
        for (ticker, position) in &self.ledger.positions {
            gains.insert(ticker, plus(position.fifo.realized_base, position.income_base)?);
        }
        for holding in &self.valuation.holdings {
            let known = gains.entry(&holding.ticker).or_default();
            *known = plus(*known, holding.unrealized.unwrap_or_default())?;
        }
        Ok(gains)
    }
}

impl CostMethod {
    fn book(self, position: &Position) -> &CostBook {
        match self {
            Self::Fifo => &position.fifo,
            Self::Average => &position.average,
        }
    }
}

impl Breakdown {
    /// Splits the gain between two moments into its parts; `start` is nothing where everything counts from the beginning.
    pub fn between(start: Option<Standing<'_>>, end: Standing<'_>, method: CostMethod) -> Result<Self, ArithmeticError> {
        let now = end.parts(method)?;
        let before = start.map_or(Ok(Self::default()), |start| start.parts(method))?;
        Ok(Self {
            realized: minus(now.realized, before.realized)?,
            unrealized: minus(now.unrealized, before.unrealized)?,
            dividends: minus(now.dividends, before.dividends)?,
            interest: minus(now.interest, before.interest)?,
            fees: minus(now.fees, before.fees)?,
            taxes: minus(now.taxes, before.taxes)?,
            currency: minus(now.currency, before.currency)?,
            other: minus(now.other, before.other)?,
        })
    }

    /// Returns all parts added up: the gain.
    pub fn sum(&self) -> Result<Decimal, ArithmeticError> {
        let Self { realized, unrealized, dividends, interest, fees, taxes, currency, other } = *self;
        [realized, unrealized, dividends, interest, fees, taxes, currency, other].into_iter().try_fold(Decimal::ZERO, plus)
    }
}

/// Returns what each instrument gained between two moments, the most first, then by ticker; those that gained and lost nothing and were
/// not held are left out.
pub fn gains_between(start: Option<Standing<'_>>, end: Standing<'_>) -> Result<Vec<(Ticker, Decimal)>, ArithmeticError> {
    let before = start.as_ref().map_or(Ok(BTreeMap::new()), Standing::gains)?;
    let mut gains = Vec::new();
    for (ticker, now) in end.gains()? {
        let gain = minus(now, before.get(ticker).copied().unwrap_or_default())?;
        let is_held = end.ledger.positions.get(ticker).is_some_and(|position| !position.quantity.is_zero());
        if is_held || !gain.is_zero() {
            gains.push((ticker.clone(), gain));
        }
    }
    gains.sort_by(|(left, gained), (right, other)| other.cmp(gained).then_with(|| left.cmp(right)));
    Ok(gains)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::activity::Activity;
    use super::super::super::activity::ActivityKind::{Deposit, Dividend, Fee, Interest, Tax};
    use super::super::super::position::fixture::*;
    use super::super::super::quote::Quote;
    use super::super::super::rates::Rates;
    use super::super::super::valuation::value;
    use super::*;

    fn quotes(prices: [&str; 4]) -> Vec<Quote> {
        [("A", "USD"), ("B", "GBp"), ("USDEUR=X", "EUR"), ("GBPEUR=X", "EUR")]
            .into_iter()
            .zip(prices)
            .map(|((name, code), price)| {
                Quote::of_close(ticker(name), decimal(price), currency(code), "2026-08-02T00:00:00Z".parse().unwrap())
            })
            .collect()
    }

    fn valued(ledger: &Ledger, quotes: &[Quote]) -> Valuation {
        let of = |ticker: &Ticker| quotes.iter().find(|quote| &quote.ticker == ticker);
        value(ledger, of, &Rates::from_quotes(quotes.iter())).unwrap()
    }

    #[test]
    fn every_part_is_told_apart_and_all_close_to_the_cent() {
        let entries = vec![
            activity(Deposit, "2026-01-01", "", "2000", "0"),
            buy("2026-01-02", "A", "10", "100").at_rate("USD", "0.9"),
            sell("2026-02-01", "A", "4", "110").at_rate("USD", "0.8"),
            activity(Dividend, "2026-03-01", "A", "20", "0").at_rate("USD", "0.8").with_tax("3"),
            activity(Interest, "2026-03-02", "", "5", "0"),
            activity(Fee, "2026-03-03", "", "2", "0"),
            activity(Tax, "2026-03-04", "", "1", "0"),
        ];
        let ledger = ledger("EUR", entries).with_cash(Some(true));
        let valuation = valued(&ledger, &quotes(["120", "100", "0.85", "1.2"]));
        let end = Standing { ledger: &ledger, valuation: &valuation };
        let parts = Breakdown::between(None, end, CostMethod::Fifo).unwrap();
        assert_eq!(parts.sum(), end.gain());
        assert_eq!((parts.dividends, parts.interest), (decimal("16"), decimal("5")));
        assert_eq!((parts.fees, parts.taxes, parts.other), (decimal("-2"), decimal("-3.4"), Decimal::ZERO));
        // 4 sold 10 dollars above at 0.8; 6 held 20 dollars above at 0.85.
        assert_eq!((parts.realized, parts.unrealized), (decimal("32"), decimal("102")));
        assert_eq!(valuation.total_gain, parts.sum().ok());
        let average = Breakdown::between(None, end, CostMethod::Average).unwrap();
        assert_eq!(average.sum(), end.gain());
    }

    #[test]
    fn a_period_counts_what_happened_in_it() {
        let before = vec![buy("2026-01-02", "A", "10", "100").at_rate("USD", "0.9")];
        let start = ledger("EUR", before.clone());
        let opened = valued(&start, &quotes(["110", "100", "0.9", "1.2"]));
        let mut entries = before;
        entries.push(sell("2026-02-01", "A", "10", "130").at_rate("USD", "0.9"));
        entries.push(buy("2026-02-02", "B", "100", "100").at_rate("GBp", "1.2"));
        let end = ledger("EUR", entries);
        let closed = valued(&end, &quotes(["150", "90", "0.9", "1.2"]));
        let (start, end) = (Standing { ledger: &start, valuation: &opened }, Standing { ledger: &end, valuation: &closed });
        let gains = gains_between(Some(start), end).unwrap();
        // 20 dollars each since the beginning of the period at 0.9; ten pence each at 1.2.
        assert_eq!(gains, [(ticker("A"), decimal("180")), (ticker("B"), decimal("-12"))]);
        let parts = Breakdown::between(Some(start), end, CostMethod::Fifo).unwrap();
        assert_eq!(parts.sum().unwrap(), decimal("168"));
        assert_eq!((parts.realized, parts.unrealized), (decimal("270"), decimal("-102")));
    }

    proptest! {
        #[test]
        fn the_parts_of_any_period_add_up_to_its_gain_and_so_do_the_instruments(
            before in any_activities(), after in any_activities(), tracked in any::<bool>(), average in any::<bool>(),
        ) {
            let all: Vec<Activity> = before.iter().chain(&after).cloned().collect();
            let [start, end] = [before, all].map(|entries| ledger("EUR", entries).with_cash(Some(tracked)));
            let opened = valued(&start, &quotes(["3", "400", "0.8", "1.1"]));
            let closed = valued(&end, &quotes(["4", "300", "0.9", "1.2"]));
            let (start, end) =
                (Standing { ledger: &start, valuation: &opened }, Standing { ledger: &end, valuation: &closed });
            let method = if average { CostMethod::Average } else { CostMethod::Fifo };
            let parts = Breakdown::between(Some(start), end, method).unwrap();
            let gain = end.gain().unwrap() - start.gain().unwrap();
            let tiny = decimal("0.000000000000001");
            prop_assert!((parts.sum().unwrap() - gain).abs() <= tiny);
            prop_assert!(parts.other.abs() <= tiny || average, "{} is left", parts.other);
            let by_instrument = gains_between(Some(start), end).unwrap().iter().map(|(_, gain)| *gain).sum::<Decimal>();
            let cash = |standing: Standing<'_>| {
                let Ledger { fees_base, taxes_base, .. } = standing.ledger;
                let dividends = standing.ledger.positions.values().map(|position| position.income_base).sum::<Decimal>();
                let rates = standing.ledger.cash.values().map(|account| account.realized_base).sum::<Decimal>()
                    + standing.valuation.cash_accounts.iter().filter_map(|account| account.currency_gain).sum::<Decimal>();
                standing.ledger.income_base - dividends - fees_base - taxes_base + if tracked { rates } else { Decimal::ZERO }
            };
            prop_assert!((by_instrument + cash(end) - cash(start) - gain).abs() <= tiny, "{by_instrument} of {gain}");
        }
    }
}
