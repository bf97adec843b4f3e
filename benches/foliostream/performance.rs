//! Performance over ten years: milliseconds for the fold, the value of every day, and the returns of it.

use std::collections::BTreeMap;

use foliostream::domain::activity::Activity;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::performance::{DayEnd, Past, Prices, Returns, xirr};
use foliostream::domain::position::{Folding, fold};
use foliostream::domain::rates::{RateObservation, Rates};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Failure;
use super::report::{Report, Target};
use super::stopwatch::Stopwatch;
use super::valuation::{activities, currency_of, time};

const HOLDINGS: i64 = 200;

/// Ten years, of which the activities fill the first months.
const DAYS: i64 = 3_653;

/// Holdings of the large ledger, each traded four times.
const MANY_HOLDINGS: i64 = 25_000;

/// Measures folding 100,000 activities, and what ten years of 200 holdings in four currencies take from their activities, closes and
/// rates to their returns.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    let many = activities(MANY_HOLDINGS);
    let figure = stopwatch.time(1, || (), |()| fold(Currency::EUR, &many)).per(1e6);
    report.row(
        format!("ledger: folding {} activities of {MANY_HOLDINGS} holdings", many.len()),
        "ms",
        &figure,
        Some(Target(120.0)),
    );
    let book = Book::new();
    let (past, ends) = (book.past()?, book.ends()?);
    let returns = Returns::of(&ends).ok_or("there are no returns")?;
    if past.tickers().len() != HOLDINGS as usize || returns.days().len() < DAYS as usize - 1 {
        return Err("the portfolio is not the one meant to be measured".into());
    }
    let figure = stopwatch.time(1, || (), |()| book.past()).per(1e6);
    report.row(format!("performance: what {HOLDINGS} holdings were on each day of ten years"), "ms", &figure, None);
    let figure = stopwatch.time(1, || (), |()| book.ends()).per(1e6);
    report.row(
        format!("performance: the same with its value on each day, {HOLDINGS} × {DAYS}"),
        "ms",
        &figure,
        Some(Target(300.0)),
    );
    let figures = || {
        let returns = Returns::of(&ends);
        let told =
            returns.as_ref().map(|returns| (returns.annualized(), returns.volatility(), returns.drawdown(), returns.months()));
        (told, xirr(&flows(&ends)))
    };
    report.row(
        format!("performance: returns and the money-weighted rate of {DAYS} days"),
        "ms",
        &stopwatch.time(1, || (), |()| figures()).per(1e6),
        None,
    );
    Ok(())
}

/// Activities with the closes and rates of ten years of days.
struct Book {
    activities: Vec<Activity>,
    moments: Vec<Timestamp>,
    prices: BTreeMap<Ticker, Prices>,
    rates: Vec<Rates>,
}

impl Book {
    fn new() -> Self {
        let moments: Vec<Timestamp> = (0..DAYS).map(|day| time(day) + SignedDuration::from_hours(23)).collect();
        let prices = |holding: i64| {
            // A close on five days of seven.
            let days = (0..DAYS).filter(|day| day % 7 < 5);
            let close = |day: i64| (time(day), Decimal::new(5_000 + holding * 11 + day % 97 + day / 3, 2));
            let prices = Prices { currency: currency_of(holding), closes: days.map(close).collect(), are_adjusted: true };
            (format!("H{holding}").parse().expect("written for this benchmark"), prices)
        };
        let rates = |day: i64| {
            let mut rates = Rates::default();
            for (currency, units) in [("USD", 10_800), ("GBP", 8_400), ("CHF", 9_500)] {
                let rate = Decimal::new(units + day % 89, 4);
                let currency = currency.parse().expect("written for this benchmark");
                rates.insert(Currency::EUR, currency, RateObservation { rate, previous: None, at: time(day) });
            }
            rates
        };
        Self {
            activities: activities(HOLDINGS),
            moments,
            prices: (0..HOLDINGS).map(prices).collect(),
            rates: (0..DAYS).map(rates).collect(),
        }
    }

    fn past(&self) -> Result<Past, Failure> {
        Ok(Past::of(Folding::new(Currency::EUR, &self.activities), self.moments.clone())?)
    }

    fn ends(&self) -> Result<Vec<DayEnd>, Failure> {
        let mut past = self.past()?;
        for (ticker, prices) in &self.prices {
            past.add(ticker, prices, &self.rates);
        }
        let end = |point: &foliostream::domain::performance::PastPoint| DayEnd {
            date: date(point.time),
            value: point.value,
            money_in: point.money_in,
            money_out: point.money_in - point.net_contributions,
        };
        Ok(past.points(&self.rates).iter().map(end).collect())
    }
}

fn date(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Returns what was paid in and taken out on each day, and the value at the end as taken out.
fn flows(ends: &[DayEnd]) -> Vec<(Date, Decimal)> {
    let moved = |pair: &[DayEnd]| (pair[1].date, pair[1].money_out - pair[0].money_out - pair[1].money_in + pair[0].money_in);
    let first = ends.first().map(|end| (end.date, end.money_out - end.money_in));
    let last = ends.last().map(|end| (end.date, end.value));
    first.into_iter().chain(ends.windows(2).map(moved)).chain(last).collect()
}
