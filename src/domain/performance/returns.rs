//! Returns that deposits and withdrawals do not move: time-weighted, with volatility and drawdown.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::powers::{ln, power, square_root};

/// A day's end: what all was worth then, and what had been put in and taken out until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayEnd {
    /// The day.
    pub date: Date,
    /// The total value.
    pub value: Decimal,
    /// All that had been put in, whatever was taken out.
    pub money_in: Decimal,
    /// All that had been taken out.
    pub money_out: Decimal,
}

/// What an amount of money became over days, whatever was put in or taken out on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returns {
    /// Each day but the first with its return, as a fraction.
    days: Vec<(Date, Decimal)>,
    /// The first day, from whose end they count.
    begin: Date,
}

/// The deepest fall below a peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawdown {
    /// How deep, as a fraction of the peak.
    pub depth: Decimal,
    /// The day of the peak.
    pub peak: Date,
    /// The day of the deepest value.
    pub trough: Date,
    /// The first day on which the peak was reached again; nothing while it was not.
    pub recovered: Option<Date>,
}

/// Days of a year, from which on a return is annualised.
const YEAR: i64 = 365;

impl Returns {
    /// Chains the days of ends that ascend: the first is the day before. Money counts from the beginning of its day, and what was taken
    /// out until the end of its: `r = (value + out) / (value before + in) − 1`. A day on which nothing was at work has no return.
    ///
    /// Nothing without any day, or where a figure outgrows a decimal.
    pub fn of(ends: &[DayEnd]) -> Option<Self> {
        let begin = ends.first()?.date;
        let day = |pair: &[DayEnd]| {
            let (before, end) = (&pair[0], &pair[1]);
            let at_work = before.value.checked_add(end.money_in.checked_sub(before.money_in)?)?;
            let came_to = end.value.checked_add(end.money_out.checked_sub(before.money_out)?)?;
            let grown = if at_work > Decimal::ZERO { came_to.checked_div(at_work)? } else { Decimal::ONE };
            Some((end.date, grown.checked_sub(Decimal::ONE)?))
        };
        Some(Self { days: ends.windows(2).map(day).collect::<Option<_>>()?, begin })
    }

    /// Makes them of the closes of an instrument, the first that of the day before.
    pub fn of_closes(closes: &[(Date, Decimal)]) -> Option<Self> {
        let nothing = Decimal::ZERO;
        let end = |(date, close): &(Date, Decimal)| DayEnd { date: *date, value: *close, money_in: nothing, money_out: nothing };
        Self::of(&closes.iter().map(end).collect::<Vec<_>>())
    }

    /// Returns each day's return, as a fraction.
    pub fn days(&self) -> &[(Date, Decimal)] {
        &self.days
    }

    /// Returns what became of one by each day, less that one: 0.1 is ten percent more. It begins with zero, on the day before.
    pub fn cumulative(&self) -> Vec<(Date, Decimal)> {
        let mut grown = Decimal::ONE;
        let next = |(date, part): &(Date, Decimal)| {
            // Not beyond what a decimal holds: a return of that size means nothing.
            grown = part.checked_add(Decimal::ONE).and_then(|factor| grown.checked_mul(factor)).unwrap_or(grown);
            (*date, grown - Decimal::ONE)
        };
        std::iter::once((self.begin, Decimal::ZERO)).chain(self.days.iter().map(next)).collect()
    }

    /// Returns the return over all days.
    pub fn total(&self) -> Decimal {
        self.cumulative().last().map_or(Decimal::ZERO, |(_, total)| *total)
    }

    /// Returns the same a year: only of at least 365 days.
    pub fn annualized(&self) -> Option<Decimal> {
        let (last, _) = self.days.last()?;
        let days = last.duration_since(self.begin).as_hours() / 24;
        let grown = self.total().checked_add(Decimal::ONE)?;
        if days < YEAR {
            return None;
        }
        if grown <= Decimal::ZERO {
            return Some(-Decimal::ONE);
        }
        power(grown, Decimal::from(YEAR).checked_div(Decimal::from(days))?)?.checked_sub(Decimal::ONE)
    }

    /// Returns by how much the days' returns vary: `√(Σ(ln(1 + r) − mean)² / (n − 1) × n)`. Nothing of fewer than two days, or where all
    /// was lost on one.
    pub fn volatility(&self) -> Option<Decimal> {
        let logs: Vec<Decimal> = self.days.iter().map(|(_, part)| ln(part.checked_add(Decimal::ONE)?)).collect::<Option<_>>()?;
        if logs.len() < 2 {
            return None;
        }
        let count = Decimal::from(logs.len());
        let mean = logs.iter().try_fold(Decimal::ZERO, |sum, log| sum.checked_add(*log))?.checked_div(count)?;
        let squares = logs.iter().try_fold(Decimal::ZERO, |sum, log| {
            let apart = log.checked_sub(mean)?;
            sum.checked_add(apart.checked_mul(apart)?)
        })?;
        square_root(squares.checked_div(count - Decimal::ONE)?.checked_mul(count)?)
    }

    /// Returns the deepest fall below a peak; nothing where it never fell.
    pub fn drawdown(&self) -> Option<Drawdown> {
        let grown: Vec<_> = self.cumulative().into_iter().map(|(date, part)| (date, part + Decimal::ONE)).collect();
        let (mut peak, mut deepest) = (*grown.first()?, None::<(Drawdown, Decimal)>);
        for (date, value) in &grown {
            if *value >= peak.1 {
                peak = (*date, *value);
            }
            let depth = peak.1.checked_sub(*value)?.checked_div(peak.1).unwrap_or_default();
            if depth > deepest.as_ref().map_or(Decimal::ZERO, |(known, _)| known.depth) {
                deepest = Some((Drawdown { depth, peak: peak.0, trough: *date, recovered: None }, peak.1));
            }
        }
        let (drawdown, level) = deepest?;
        let recovered = grown.iter().find(|(date, value)| *date > drawdown.trough && *value >= level).map(|(date, _)| *date);
        Some(Drawdown { recovered, ..drawdown })
    }

    /// Returns the return of each calendar month, the first and the last as far as they go.
    pub fn months(&self) -> Vec<(Date, Decimal)> {
        let month = |date: &Date| date.first_of_month();
        let chained = |days: &[(Date, Decimal)]| {
            let mut factors = days.iter().map(|(_, part)| part.checked_add(Decimal::ONE));
            let grown = factors.try_fold(Decimal::ONE, |grown, factor| grown.checked_mul(factor?));
            Some((month(&days[0].0), grown? - Decimal::ONE))
        };
        self.days.chunk_by(|(left, _), (right, _)| month(left) == month(right)).filter_map(chained).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::position::fixture::decimal;
    use super::*;

    fn ends(figures: &[(&str, &str, &str, &str)]) -> Vec<DayEnd> {
        let end = |(date, value, money_in, money_out): &(&str, &str, &str, &str)| DayEnd {
            date: date.parse().unwrap(),
            value: decimal(value),
            money_in: decimal(money_in),
            money_out: decimal(money_out),
        };
        figures.iter().map(end).collect()
    }

    fn near(one: Decimal, other: &str, tolerance: &str) -> bool {
        (one - decimal(other)).abs() <= decimal(tolerance)
    }

    /// Days in a row with these returns.
    fn returns(parts: &[&str]) -> Returns {
        let begin: Date = "2026-01-01".parse().unwrap();
        let day = |index: usize| begin.checked_add(jiff::Span::new().days(index as i64)).unwrap();
        Returns { days: parts.iter().enumerate().map(|(index, part)| (day(index + 1), decimal(part))).collect(), begin }
    }

    #[test]
    fn the_golden_cash_account_comes_out_day_by_day() {
        let returns = Returns::of(&ends(&[
            ("2011-12-31", "10000", "10000", "0"),
            ("2012-01-01", "10230", "10000", "0"),
            ("2012-01-02", "10630", "10200", "0"),
            ("2012-01-03", "9995.59", "10200", "400"),
            ("2012-01-04", "10289.58", "10200", "400"),
            ("2012-01-05", "10583.57", "10200", "400"),
            ("2012-01-06", "16179.56", "15600", "400"),
            ("2012-01-07", "11600.00", "15600", "4097.04"),
            ("2012-01-08", "10596.15", "15600", "4097.04"),
        ]))
        .unwrap();
        let expected = [
            "0.023",
            "0.019175455",
            "-0.0220517",
            "0.0294117647",
            "0.0285714286",
            "0.012261967",
            "-0.0545454545",
            "-0.0865384615",
        ];
        for ((date, part), expected) in returns.days().iter().zip(expected) {
            assert!(near(*part, expected, "0.00001"), "{date}: {part}, not {expected}");
        }
        assert!(near(returns.total(), "-0.056182678", "0.00001"), "{}", returns.total());
    }

    #[test]
    fn volatility_and_drawdown_are_those_of_the_golden_cases() {
        let some = returns(&["0.005", "-0.0033333333333333333333", "-0.005", "0.01", "0.01", "-0.005"]);
        assert!(near(some.volatility().unwrap(), "0.017736692475", "0.000000000001"), "{:?}", some.volatility());
        assert_eq!((returns(&["0.1", "0", "0.2"]).drawdown(), returns(&["0.1"]).volatility()), (None, None));
        let fell = returns(&["0.1", "-0.2", "0.05", "-0.5", "2", "0.1"]).drawdown().unwrap();
        // 1.1, then 0.88, 0.924, 0.462: 58 % below, and 1.386 is above again.
        assert_eq!(fell.depth.normalize(), decimal("0.58"));
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!((fell.peak, fell.trough, fell.recovered), (day("2026-01-02"), day("2026-01-05"), Some(day("2026-01-06"))));
        assert_eq!(returns(&["-0.1"]).drawdown().unwrap().recovered, None);
        assert_eq!(returns(&["-1"]).drawdown().unwrap().depth, Decimal::ONE);
    }

    #[test]
    fn a_return_is_annualised_from_365_days_on() {
        let over = |last: &str, value: &str| {
            Returns::of(&ends(&[("2025-01-01", "100", "100", "0"), (last, value, "100", "0")])).unwrap()
        };
        assert_eq!(over("2025-12-31", "110").annualized(), None, "364 days");
        assert!(near(over("2026-01-01", "110").annualized().unwrap(), "0.1", "0.000000000001"));
        assert!(near(over("2027-01-01", "121").annualized().unwrap(), "0.1", "0.000000000001"));
        assert_eq!(over("2027-01-01", "0").annualized(), Some(-Decimal::ONE));
    }

    #[test]
    fn months_chain_their_days() {
        let figures = ends(&[
            ("2026-01-30", "100", "100", "0"),
            ("2026-01-31", "110", "100", "0"),
            ("2026-02-01", "121", "100", "0"),
            ("2026-02-02", "60.5", "100", "0"),
        ]);
        let months = Returns::of(&figures).unwrap().months();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let told: Vec<_> = months.iter().map(|(month, part)| (*month, part.normalize())).collect();
        assert_eq!(told, [(day("2026-01-01"), decimal("0.1")), (day("2026-02-01"), decimal("-0.45"))]);
    }

    #[test]
    fn where_nothing_is_at_work_there_is_no_return() {
        let figures = ends(&[("2026-01-01", "0", "0", "0"), ("2026-01-02", "0", "0", "0"), ("2026-01-03", "110", "100", "0")]);
        let returns = Returns::of(&figures).unwrap();
        assert_eq!((returns.days()[0].1, returns.days()[1].1), (Decimal::ZERO, decimal("0.1")));
        assert_eq!(Returns::of(&[]), None);
    }

    proptest! {
        #[test]
        fn without_flows_the_return_is_the_ratio_of_the_values(values in prop::collection::vec(1i64..1_000_000, 2..60)) {
            let begin: Date = "2026-01-01".parse().unwrap();
            let closes: Vec<_> = values.iter().enumerate().map(|(index, value)| {
                (begin.checked_add(jiff::Span::new().days(index as i64)).unwrap(), Decimal::new(*value, 2))
            }).collect();
            let ratio = closes[closes.len() - 1].1 / closes[0].1 - Decimal::ONE;
            let total = Returns::of_closes(&closes).unwrap().total();
            prop_assert!((total - ratio).abs() <= decimal("0.0000000000000001"), "{total} is not {ratio}");
        }

        #[test]
        fn the_months_chain_to_the_whole(parts in prop::collection::vec(-500i64..900, 1..120)) {
            let texts: Vec<String> = parts.iter().map(|part| Decimal::new(*part, 3).to_string()).collect();
            let all = returns(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let chained = all.months().iter().fold(Decimal::ONE, |grown, (_, part)| grown * (part + Decimal::ONE)) - Decimal::ONE;
            prop_assert!((chained - all.total()).abs() <= (Decimal::ONE + all.total()) * decimal("0.0000000000000001"));
        }
    }
}
