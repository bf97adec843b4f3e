//! What a portfolio was worth on earlier days, for its chart.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Acting;
use super::books::{HOUR, after};
use crate::history::utc_date;
use crate::store::PortfolioRow;
use foliostream::domain::bar::every;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::performance::{Measure, Past, PastPoint};
use foliostream::wire::error::ApiError;
use foliostream::wire::range::Range;
use foliostream::wire::views::{PastPointView, PastView};

/// The most instruments whose past is worked out unasked: the closes of each are read, some 0.3 ms where they are stored.
const MOST_UNASKED: usize = 300;

impl Acting {
    /// Returns the range that is shown, the one asked for or what suits the age of the portfolios, and their values together before
    /// today, in a currency. From a year on their last year is shown, before that everything, on their first day the day.
    ///
    /// Very many instruments show the day until they are asked for more.
    pub(super) async fn past(
        &self,
        rows: &[PortfolioRow],
        base: Currency,
        asked: Option<Range>,
        instruments: usize,
    ) -> Result<(Range, Option<PastView>), ApiError> {
        if asked == Some(Range::Day) || (asked.is_none() && instruments > MOST_UNASKED) {
            return Ok((Range::Day, None));
        }
        if instruments > PastView::MOST_INSTRUMENTS {
            return Ok((asked.unwrap_or_default(), None));
        }
        let until = self.now();
        let books = self.books(rows, base).await?;
        let activities = books.iter().flat_map(|book| &book.activities);
        let Some(first) = activities.map(|activity| activity.time).min().filter(|first| *first <= until) else {
            return Ok((asked.unwrap_or_default(), None));
        };
        let range = asked.unwrap_or_else(|| suitable(first, until));
        let moments = moments(range, first, until);
        let Some(begin) = moments.first().copied() else { return Ok((range, None)) };
        let begins_empty = begin_of(range, until).is_none_or(|begin| first > begin);
        let rates = self.rates_at(&moments, range, begin, until).await?;
        // What cannot be added up is said by the page in another place.
        let folded = move |_: &Self| books.iter().filter_map(|book| book.past(moments.clone()).ok()).collect::<Vec<Past>>();
        let mut pasts = self.aside(folded).await?;
        let tickers: BTreeSet<Ticker> = pasts.iter().flat_map(Past::tickers).collect();
        for ticker in tickers {
            let written_in = pasts.iter().find_map(|past| past.written_in(&ticker)).unwrap_or(base);
            let prices = self.closes(&ticker, range, begin, until, written_in).await?;
            pasts.iter_mut().for_each(|past| past.add(&ticker, &prices, &rates));
        }
        let points = Past::together(&pasts, &rates);
        let view = Measure::of(&points, begins_empty).map(|measure| PastView {
            points: points.iter().map(view).collect(),
            gain_before: measure.gain_before,
            money_at_work: measure.money_at_work,
        });
        Ok((range, view))
    }
}

fn view(point: &PastPoint) -> PastPointView {
    PastPointView { time: point.time, value: point.value, net_contributions: point.net_contributions }
}

/// Returns the first moment of a date.
fn midnight(date: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

/// Returns the range that suits a portfolio whose first transaction was at `first`.
fn suitable(first: Timestamp, now: Timestamp) -> Range {
    let (first, today) = (utc_date(first), utc_date(now));
    if first >= today {
        Range::Day
    } else if today.checked_sub(1.year()).is_ok_and(|year_ago| first <= year_ago) {
        Range::Year
    } else {
        Range::All
    }
}

/// Returns the moment at which a range begins; nothing for everything.
fn begin_of(range: Range, until: Timestamp) -> Option<Timestamp> {
    let span = range.span()?;
    if range == Range::Week {
        return until.checked_sub(7 * super::DAY).ok();
    }
    utc_date(until).checked_sub(span).ok().map(midnight)
}

/// Returns the moments of a chart, at most [`PastView::POINTS`]: the hours of a week, otherwise the ends of days in UTC, none before
/// the first transaction.
///
/// ```text
/// a month on 26 November: 26 October 00:00, 27 October 00:00, … 26 November 00:00
/// ```
fn moments(range: Range, first: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let step = if range == Range::Week { HOUR } else { super::DAY };
    // The end of the hour or of the day in which something was entered first.
    let first = after(floor(first, step), step);
    let begin = begin_of(range, until).map_or(first, |begin| floor(begin, step).max(first));
    let moments = std::iter::successors(Some(begin), |moment| moment.checked_add(step).ok());
    let mut thinned = every(moments.take_while(|moment| *moment <= until).collect(), PastView::POINTS - 1);
    // The first one stays: the range is measured from it.
    if thinned.first().is_some_and(|first| *first > begin) {
        thinned.insert(0, begin);
    }
    thinned
}

/// Returns the last multiple of a step at or before a time, counted in UTC.
fn floor(time: Timestamp, step: SignedDuration) -> Timestamp {
    let step = step.as_secs();
    Timestamp::from_second(time.as_second().div_euclid(step) * step).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const NOW: &str = "2026-11-26T17:12:00Z";

    #[test]
    fn a_portfolio_shows_the_range_that_suits_its_age() {
        let suits = |first: &str| suitable(at(first), at(NOW));
        assert_eq!(suits("2026-11-26T08:00:00Z"), Range::Day);
        assert_eq!(suits("2026-11-25T23:00:00Z"), Range::All);
        assert_eq!(suits("2025-11-27T00:00:00Z"), Range::All);
        assert_eq!(suits("2025-11-26T00:00:00Z"), Range::Year);
    }

    #[test]
    fn a_month_is_the_ends_of_its_days_and_a_week_its_hours() {
        let month = moments(Range::Month, at("2020-01-01T00:00:00Z"), at(NOW));
        assert_eq!((month.len(), month[0], month[31]), (32, at("2026-10-26T00:00:00Z"), at("2026-11-26T00:00:00Z")));
        let week = moments(Range::Week, at("2020-01-01T00:00:00Z"), at(NOW));
        assert_eq!((week.len(), week[0], week[168]), (169, at("2026-11-19T17:00:00Z"), at("2026-11-26T17:00:00Z")));
    }

    #[test]
    fn nothing_comes_before_the_first_transaction_and_long_ranges_are_thinned() {
        let young = moments(Range::Year, at("2026-11-24T10:00:00Z"), at(NOW));
        assert_eq!(young, [at("2026-11-25T00:00:00Z"), at("2026-11-26T00:00:00Z")]);
        assert!(moments(Range::All, at("2026-11-26T10:00:00Z"), at(NOW)).is_empty(), "no day is over");
        let old = moments(Range::All, at("1999-01-01T00:00:00Z"), at(NOW));
        assert!(old.len() <= PastView::POINTS, "{}", old.len());
        assert_eq!((old[0], old[old.len() - 1]), (at("1999-01-02T00:00:00Z"), at("2026-11-26T00:00:00Z")));
    }
}
