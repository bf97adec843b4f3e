//! The money-weighted return of dated flows: the yearly rate at which all of them together are worth nothing.
//!
//! `Σ flow / (1 + x)^(days / 365) = 0`. It is searched as the factor of a day, `v = (1 + x)^(−1/365)`, of which whole powers alone are
//! needed; the search brackets, so it never runs away.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::powers::whole_power;

/// Why there is no money-weighted return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRate {
    /// Money only came in, or only went out, or there was none.
    OneSided,
    /// Everything happened on one day.
    OneDay,
    /// No rate makes the flows worth nothing, none between −99.9999 % and 1,000,000 % a year.
    NotFound,
    /// Several rates do.
    NotUnique,
    /// A figure outgrew an exact decimal.
    TooLarge,
}

/// Steps in which rates are looked through for more than one, as the factor of a day; the ends are those of [`NoRate::NotFound`].
const STEPS: u32 = 160;
const LEAST_FACTOR: Decimal = Decimal::from_parts(9_750_817, 0, 0, false, 7);
const GREATEST_FACTOR: Decimal = Decimal::from_parts(10_385_762, 0, 0, false, 7);

/// Halvings of a bracket: a step of 0.0004 comes to 10⁻²⁴.
const HALVINGS: u32 = 70;

/// A year, in days, whatever year it is.
const YEAR: u32 = 365;

/// Flows of money by day from the first: paid in are negative, taken out positive.
struct Flows {
    /// Days since the first, ascending, with what moved on each.
    by_day: Vec<(u32, Decimal)>,
}

/// Returns the yearly rate at which flows are worth nothing, as a fraction: 0.1 is ten percent. What was paid in is negative. Days are
/// counted exactly, a year has 365.
///
/// ```
/// use foliostream::domain::performance::xirr;
/// use rust_decimal::Decimal;
/// let day = |text: &str| text.parse().expect("a day");
/// let flows = [(day("2020-01-01"), Decimal::from(-1_000)), (day("2020-12-31"), Decimal::from(1_100))];
/// assert_eq!(xirr(&flows).map(|rate| rate.round_dp(10)), Ok(Decimal::new(1, 1)));
/// ```
pub fn xirr(flows: &[(Date, Decimal)]) -> Result<Decimal, NoRate> {
    let flows = Flows::of(flows)?;
    let mut found = None;
    let step = (GREATEST_FACTOR - LEAST_FACTOR) / Decimal::from(STEPS);
    let mut before: Option<(Decimal, Decimal)> = None;
    for place in 0..=STEPS {
        let factor = LEAST_FACTOR + step * Decimal::from(place);
        let worth = flows.worth(factor).ok_or(NoRate::TooLarge)?;
        if let Some((last, last_worth)) = before
            && (worth.is_zero() || (!last_worth.is_zero() && worth.is_sign_negative() != last_worth.is_sign_negative()))
        {
            if found.is_some() {
                return Err(NoRate::NotUnique);
            }
            found = Some(flows.root(last, factor, last_worth).ok_or(NoRate::TooLarge)?);
        }
        before = Some((factor, worth));
    }
    let factor = found.ok_or(NoRate::NotFound)?;
    let year = Decimal::ONE.checked_div(factor).and_then(|growth| whole_power(growth, YEAR)).ok_or(NoRate::TooLarge)?;
    Ok(year - Decimal::ONE)
}

impl Flows {
    fn of(flows: &[(Date, Decimal)]) -> Result<Self, NoRate> {
        let mut dated: Vec<(Date, Decimal)> = flows.iter().copied().filter(|(_, amount)| !amount.is_zero()).collect();
        dated.sort_by_key(|(date, _)| *date);
        let (Some((first, _)), Some((last, _))) = (dated.first().copied(), dated.last().copied()) else {
            return Err(NoRate::OneSided);
        };
        let mut by_day: Vec<(u32, Decimal)> = Vec::with_capacity(dated.len());
        for (date, amount) in dated {
            let day = u32::try_from(date.duration_since(first).as_hours() / 24).map_err(|_| NoRate::TooLarge)?;
            match by_day.last_mut() {
                Some((known, sum)) if *known == day => *sum = sum.checked_add(amount).ok_or(NoRate::TooLarge)?,
                _ => by_day.push((day, amount)),
            }
        }
        let is_two_sided = |sign: bool| by_day.iter().any(|(_, amount)| !amount.is_zero() && amount.is_sign_negative() == sign);
        if first == last {
            return Err(NoRate::OneDay);
        }
        if !is_two_sided(true) || !is_two_sided(false) {
            return Err(NoRate::OneSided);
        }
        Ok(Self { by_day })
    }

    /// Returns what the flows are worth at a day's factor: on the first day, or on the last one where that keeps every power below one.
    /// The sign is the same.
    fn worth(&self, factor: Decimal) -> Option<Decimal> {
        let (mut sum, mut weight, mut at) = (Decimal::ZERO, Decimal::ONE, None);
        let mut add = |day: u32, amount: Decimal, factor: Decimal| {
            let passed = at.map_or(0, |at: u32| at.abs_diff(day));
            at = Some(day);
            weight = weight.checked_mul(whole_power(factor, passed)?)?;
            sum = sum.checked_add(amount.checked_mul(weight)?)?;
            Some(())
        };
        if factor <= Decimal::ONE {
            self.by_day.iter().try_for_each(|(day, amount)| add(*day, *amount, factor))?;
        } else {
            let back = Decimal::ONE.checked_div(factor)?;
            self.by_day.iter().rev().try_for_each(|(day, amount)| add(*day, *amount, back))?;
        }
        Some(sum)
    }

    /// Returns the factor between two at which the worth changes its sign.
    fn root(&self, mut low: Decimal, mut high: Decimal, worth_at_low: Decimal) -> Option<Decimal> {
        for _ in 0..HALVINGS {
            let middle = low.checked_add(high)?.checked_div(Decimal::TWO)?;
            let worth = self.worth(middle)?;
            if worth.is_zero() {
                return Some(middle);
            }
            if worth.is_sign_negative() == worth_at_low.is_sign_negative() {
                low = middle;
            } else {
                high = middle;
            }
        }
        low.checked_add(high)?.checked_div(Decimal::TWO)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::position::fixture::decimal;
    use super::*;

    fn rate(flows: &[(&str, &str)]) -> Result<Decimal, NoRate> {
        let flows: Vec<_> = flows.iter().map(|(day, amount)| (day.parse().unwrap(), decimal(amount))).collect();
        xirr(&flows).map(|rate| rate.round_dp(10))
    }

    #[test]
    fn golden_cases_come_out_to_eight_digits() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("2020-01-01", "-1000"), ("2020-12-31", "1100")], "0.1"),
            (
                &[
                    ("2008-01-01", "-10000"),
                    ("2008-03-01", "2750"),
                    ("2008-10-30", "4250"),
                    ("2009-02-15", "3250"),
                    ("2009-04-01", "2750"),
                ],
                "0.3733625335",
            ),
            (&[("2010-01-01", "-200"), ("2010-12-31", "210")], "0.0501407475"),
            (&[("2015-12-31", "-1000"), ("2016-06-01", "150"), ("2016-12-31", "1230")], "0.4121287843"),
            (&[("2019-05-24", "-1560.94"), ("2020-01-13", "-1160"), ("2020-06-29", "42.80")], "-0.9992516434"),
            (&[("2020-01-01", "-1000"), ("2020-07-01", "30"), ("2021-01-01", "1080")], "0.1113180365"),
        ];
        for (flows, expected) in cases {
            let apart = rate(flows).map(|rate| (rate - decimal(expected)).abs());
            // One of the published figures is of a search that stopped at its ninth digit.
            assert!(apart.is_ok_and(|apart| apart <= decimal("0.000000003")), "{flows:?}: {:?}", rate(flows));
        }
    }

    #[test]
    fn published_flows_with_one_rate_come_out_as_published() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/cases/returns.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("{path} is not here: published flows were not compared");
            return;
        };
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut compared = 0;
        // A figure is read as it is written.
        let figure = |value: &serde_json::Value| -> Option<Decimal> {
            let text = value.is_number().then(|| value.to_string())?;
            Decimal::from_scientific(&text).ok().or_else(|| text.parse().ok())
        };
        for case in cases.iter().filter(|case| case["kind"] == "xirr" && case["day_count"] == "actual/365") {
            let flow = |flow: &serde_json::Value| (flow[0].as_str().unwrap().parse().unwrap(), figure(&flow[1]).unwrap());
            let flows: Vec<(Date, Decimal)> = case["flows"].as_array().unwrap().iter().map(flow).collect();
            let listed = case["roots_found_here"].as_array().map(|all| all.iter().filter_map(figure).collect());
            let roots: Vec<Decimal> = listed.unwrap_or_else(|| figure(&case["expected"]).into_iter().collect());
            match (xirr(&flows), roots.as_slice()) {
                (Ok(rate), [only]) => {
                    assert!((rate - only).abs() < decimal("0.0000001"), "{}: {rate} is not {only}", case["id"]);
                    compared += 1;
                }
                (Err(NoRate::NotFound | NoRate::OneSided), []) | (Err(NoRate::NotUnique), [_, _, ..]) => {}
                // The search ends at −99.9999 %: one of several rates may lie beyond.
                (Ok(rate), several) => assert!(several.len() > 1, "{}: {rate}, where there is none", case["id"]),
                (Err(reason), _) => assert_eq!(figure(&case["expected"]), Some(Decimal::ZERO), "{}: {reason:?}", case["id"]),
            }
        }
        assert!(compared > 10, "{compared} were compared");
    }

    #[test]
    fn where_there_is_no_rate_it_is_said_why() {
        assert_eq!(rate(&[]), Err(NoRate::OneSided));
        assert_eq!(rate(&[("2020-01-01", "-5"), ("2021-01-01", "-5")]), Err(NoRate::OneSided));
        assert_eq!(rate(&[("2020-01-01", "-5"), ("2020-01-01", "6")]), Err(NoRate::OneDay));
        // Borrowed, lent and borrowed again: ten and twenty percent both do.
        let twice = [("2020-01-01", "-1000"), ("2020-12-31", "2300"), ("2021-12-31", "-1320")];
        assert_eq!(rate(&twice), Err(NoRate::NotUnique));
        assert_eq!(rate(&[("2020-01-01", "-1"), ("2020-01-02", "1000")]), Err(NoRate::NotFound));
        let large = "70000000000000000000000000000";
        assert_eq!(rate(&[("2020-01-01", large), ("2020-01-02", large), ("2021-01-01", "-1")]), Err(NoRate::TooLarge));
    }

    #[test]
    fn flows_over_decades_neither_overflow_nor_take_an_order() {
        let flows = [("1970-01-01", "-1"), ("2025-01-01", "1000"), ("2000-01-01", "-10")];
        let mut turned = flows;
        turned.reverse();
        assert!(rate(&flows).is_ok_and(|rate| rate > decimal("0.1") && Ok(rate) == super::tests::rate(&turned)));
    }

    proptest! {
        #[test]
        fn at_the_rate_the_flows_are_worth_nothing(
            paid in prop::collection::vec((0i64..6_000, 1i64..100_000), 1..30), back in 1i64..2_000_000,
        ) {
            let start: Date = "2005-01-01".parse().unwrap();
            let day = |days: i64| start.checked_add(jiff::Span::new().days(days)).unwrap();
            let mut flows: Vec<_> = paid.iter().map(|(days, amount)| (day(*days), -Decimal::from(*amount))).collect();
            flows.push((day(7_000), Decimal::from(back)));
            if let Ok(rate) = xirr(&flows) {
                let growth = super::super::powers::power(rate + Decimal::ONE, Decimal::ONE / Decimal::from(YEAR)).unwrap();
                let grown = |date: Date| {
                    let days = u32::try_from(day(7_000).duration_since(date).as_hours() / 24).unwrap();
                    whole_power(growth, days)
                };
                let left = flows.iter().map(|(date, amount)| grown(*date).map_or(Decimal::ZERO, |grown| grown * amount)).sum::<Decimal>();
                prop_assert!(left.abs() <= decimal("0.0001"), "{left} is left at {rate}");
            }
        }
    }
}
