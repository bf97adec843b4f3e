//! What a portfolio earned: dividends and interest.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::super::activity::{Activity, ActivityKind};
use super::super::money::Currency;
use super::super::position::Reporting;
use super::super::valuation::rounded;

/// Sums dividends and interest from a day on in the portfolio's currency, or in that of `reporting` where there is one: each at its
/// own rate and before its fee and tax; a time falls on its day in `zone`. What does not fit into a number makes the sum zero.
pub fn income_since(
    activities: &[Activity],
    home: Currency,
    reporting: Option<&Reporting>,
    from: Date,
    zone: &TimeZone,
) -> Decimal {
    let counts = |activity: &&Activity| {
        let day = activity.date().unwrap_or_else(|| activity.time.to_zoned(zone.clone()).date());
        (activity.kind == ActivityKind::Interest || is_dividend(activity)) && day >= from
    };
    let converted = |activity: &Activity| {
        let major = activity.gross().ok()?.checked_div(activity.currency.units_per_major())?;
        let rate = if activity.currency.major() == home { Decimal::ONE } else { activity.exchange_rate };
        let told = reporting.map_or(Decimal::ONE, |reporting| reporting.at(activity.time));
        major.checked_mul(rate)?.checked_mul(told)
    };
    let sum = activities.iter().filter(counts).filter_map(converted).try_fold(Decimal::ZERO, Decimal::checked_add);
    rounded(sum.unwrap_or_default())
}

/// Whether an instrument paid something out: in money, or in units that have a price.
fn is_dividend(activity: &Activity) -> bool {
    matches!(activity.kind, ActivityKind::Dividend | ActivityKind::ReinvestedDividend | ActivityKind::SpinOff)
}

/// What one instrument paid in one year, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DividendYear {
    /// The year of the payments.
    pub year: i16,
    /// What was paid, before fees and taxes.
    pub gross: Decimal,
    /// What of it arrived.
    pub net: Decimal,
}

/// Sums dividends by year, the newest first, in the major currency that all of them are in; a time falls on its day in `zone`. Nothing
/// where there are none, where they are in several currencies, or where a sum does not fit into a number.
///
/// ```text
/// 20 May 2026: 8.34 USD with 1.25 of tax; 19 August 2026: 6.35 USD with 0.95 → 2026: 14.69, of which 12.49 arrived
/// ```
pub fn dividends_by_year(activities: &[Activity], zone: &TimeZone) -> Option<(Currency, Vec<DividendYear>)> {
    let dividends =
        || activities.iter().filter(|activity| is_dividend(activity) && !activity.gross().is_ok_and(|gross| gross.is_zero()));
    let currency = dividends().next()?.currency.major();
    let mut years: BTreeMap<i16, DividendYear> = BTreeMap::new();
    for dividend in dividends() {
        let units = dividend.currency.units_per_major();
        let charges = dividend.fee.checked_add(dividend.tax)?;
        let (gross, charges) = (dividend.gross().ok()?.checked_div(units)?, charges.checked_div(units)?);
        let day = dividend.date().unwrap_or_else(|| dividend.time.to_zoned(zone.clone()).date());
        let nothing = DividendYear { year: day.year(), gross: Decimal::ZERO, net: Decimal::ZERO };
        let year = years.entry(day.year()).or_insert(nothing);
        year.gross = year.gross.checked_add(gross)?;
        year.net = year.net.checked_add(gross.checked_sub(charges)?)?;
    }
    let is_of_one = dividends().all(|dividend| dividend.currency.major() == currency);
    is_of_one.then(|| (currency, years.into_values().rev().collect()))
}

#[cfg(test)]
mod tests {
    use super::super::super::activity::ActivityKind::{Dividend, Fee, Interest};
    use super::super::super::position::fixture::{activity, currency, decimal};
    use super::*;
    use jiff::civil::date;

    fn income(activities: &[Activity], zone: &TimeZone) -> Decimal {
        income_since(activities, currency("EUR"), None, date(2026, 1, 1), zone)
    }

    #[test]
    fn income_is_told_in_another_currency_at_the_rate_of_its_day() {
        let paid = [
            activity(Dividend, "2026-01-02", "A", "10", "0"),
            activity(Dividend, "2026-02-01", "A", "100", "0").at_rate("USD", "0.9"),
        ];
        let rates = [("2026-01-01", "1.1"), ("2026-02-01", "1.2")];
        let rates = rates.map(|(day, rate)| (format!("{day}T00:00:00Z").parse().unwrap(), decimal(rate)));
        let reporting = Reporting::new(currency("CHF"), rates.to_vec()).unwrap();
        // 10 × 1.1 + 100 × 0.9 × 1.2
        let told = income_since(&paid, currency("EUR"), Some(&reporting), date(2026, 1, 1), &TimeZone::UTC);
        assert_eq!(told, decimal("119"));
    }

    #[test]
    fn dividends_and_interest_of_the_days_since_add_up_at_their_own_rates() {
        let activities = [
            activity(Dividend, "2025-12-31", "A", "1000", "0"),
            activity(Dividend, "2026-01-01", "A", "10", "0").with_tax("2"),
            activity(Dividend, "2026-02-01", "A", "100", "0").at_rate("USD", "0.9"),
            activity(Dividend, "2026-02-01", "B", "500", "0").at_rate("GBp", "1.2"),
            activity(Interest, "2026-03-01", "", "0.5", "0"),
            activity(Fee, "2026-03-01", "", "7", "0"),
        ];
        // 10 + 100 × 0.9 + 5.00 × 1.2 + 0.5
        assert_eq!(income(&activities, &TimeZone::UTC), decimal("106.5"));
    }

    #[test]
    fn dividends_add_up_by_year_in_the_one_currency_they_are_in() {
        let paid = [
            activity(Dividend, "2025-12-31", "A", "500", "0").at_rate("GBp", "1.2"),
            activity(Dividend, "2026-01-01", "A", "10", "0").at_rate("GBP", "1.2").with_tax("1.5").with_fee("0.5"),
            activity(Dividend, "2026-02-01", "A", "200", "0").at_rate("GBp", "1.2"),
            activity(Interest, "2026-03-01", "", "0.5", "0"),
        ];
        let (told, years) = dividends_by_year(&paid, &TimeZone::UTC).unwrap();
        assert_eq!((told, years.len()), (currency("GBP"), 2));
        assert_eq!((years[0].year, years[0].gross, years[0].net), (2026, decimal("12"), decimal("10")));
        assert_eq!((years[1].year, years[1].gross), (2025, decimal("5")));
        let mixed = [paid[0].clone(), activity(Dividend, "2026-01-01", "A", "10", "0")];
        assert_eq!((dividends_by_year(&mixed, &TimeZone::UTC), dividends_by_year(&[], &TimeZone::UTC)), (None, None));
    }

    #[test]
    fn a_time_falls_on_its_day_where_the_reader_is_and_a_date_is_that_day_everywhere() {
        let at = |activity: Activity, time: &str| Activity { time: time.parse().unwrap(), date_only: false, ..activity };
        let late = at(activity(Interest, "2026-01-01", "", "3", "0"), "2025-12-31T23:30:00Z");
        let dated = activity(Interest, "2026-01-01", "", "4", "0");
        let east = TimeZone::fixed(jiff::tz::offset(1));
        let west = TimeZone::fixed(jiff::tz::offset(-5));
        assert_eq!(income(&[late.clone(), dated.clone()], &TimeZone::UTC), decimal("4"));
        assert_eq!(income(&[late.clone(), dated.clone()], &east), decimal("7"));
        assert_eq!(income(&[late, dated], &west), decimal("4"));
    }

    #[test]
    fn a_rate_of_the_portfolio_s_own_currency_counts_as_one() {
        let entry = Activity { exchange_rate: decimal("5"), ..activity(Interest, "2026-03-01", "", "2", "0") };
        assert_eq!(income(&[entry], &TimeZone::UTC), decimal("2"));
    }
}
