//! What a portfolio earned: dividends and interest.

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
        matches!(activity.kind, ActivityKind::Dividend | ActivityKind::Interest) && day >= from
    };
    let converted = |activity: &Activity| {
        let major = activity.amount.checked_div(activity.currency.units_per_major())?;
        let rate = if activity.currency.major() == home { Decimal::ONE } else { activity.exchange_rate };
        let told = reporting.map_or(Decimal::ONE, |reporting| reporting.at(activity.time));
        major.checked_mul(rate)?.checked_mul(told)
    };
    let sum = activities.iter().filter(counts).filter_map(converted).try_fold(Decimal::ZERO, Decimal::checked_add);
    rounded(sum.unwrap_or_default())
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
