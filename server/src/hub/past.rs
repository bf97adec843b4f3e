//! What a portfolio was worth on earlier days, for its chart.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Acting;
use crate::history::utc_date;
use crate::store::PortfolioRow;
use crate::together;
use foliostream::domain::activity::Activity;
use foliostream::domain::bar::every;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::performance::{Measure, Past, PastPoint, Prices};
use foliostream::domain::position::{FoldError, Folding, Reporting};
use foliostream::domain::rates::{RateObservation, Rates, currency_pair};
use foliostream::wire::error::ApiError;
use foliostream::wire::range::Range;
use foliostream::wire::views::{PastPointView, PastView};

/// How long before the first moment prices are read at first: over a weekend and holidays the last close stands.
const BEFORE: SignedDuration = SignedDuration::from_hours(10 * 24);

/// How far back the last close is looked for where that finds none: of something whose price is seen now and then, or no more.
const LONG_BEFORE: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// The most instruments whose past is worked out unasked: the closes of each are read, some 0.3 ms where they are stored.
const MOST_UNASKED: usize = 300;

/// The step of a week's chart.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

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

    /// Reads the activities of portfolios, each with what its currency was worth in `base`; one for which no rate is known is left out.
    async fn books(&self, rows: &[PortfolioRow], base: Currency) -> Result<Vec<Book>, ApiError> {
        let mut books = Vec::with_capacity(rows.len());
        for row in rows {
            let activities = self.store().activities(&row.portfolio_id).await?;
            let Some(first) = activities.iter().map(|activity| activity.time).min() else { continue };
            let reporting = if row.currency == base { None } else { self.reporting(row.currency, base, first).await? };
            if row.currency == base || reporting.is_some() {
                books.push(Book { currency: row.currency, track_cash: row.track_cash, activities, reporting });
            }
        }
        Ok(books)
    }

    /// Returns what a currency was worth in another one from a moment on.
    pub(super) async fn reporting(&self, own: Currency, base: Currency, since: Timestamp) -> Result<Option<Reporting>, ApiError> {
        Ok(together::reporting(&self.parts.ground, own, base, since).await?)
    }

    /// Reads the closes of an instrument since some time before a moment.
    async fn closes(
        &self,
        ticker: &Ticker,
        range: Range,
        begin: Timestamp,
        until: Timestamp,
        written_in: Currency,
    ) -> Result<Prices, ApiError> {
        let history = &self.parts.ground.history;
        let known = self.parts.ground.board.instrument(ticker);
        let currency = known.map_or(written_in, |instrument| instrument.currency);
        let are_adjusted = history.is_described(ticker);
        let from = begin.checked_sub(BEFORE).unwrap_or(begin);
        if range == Range::Week
            && let Some(bars) = history.hourly(ticker, until.duration_since(from), until).await
        {
            let closes = bars.into_iter().map(|bar| (after(bar.time, HOUR), bar.close)).collect();
            return Ok(Prices { currency, closes, are_adjusted });
        }
        let mut bars = history.daily(ticker, utc_date(from), utc_date(until), until).await?;
        if bars.first().is_none_or(|bar| after(bar.time, super::DAY) > begin) {
            let long_ago = begin.checked_sub(LONG_BEFORE).unwrap_or(begin);
            bars = history.daily(ticker, utc_date(long_ago), utc_date(until), until).await?;
        }
        let closes = bars.into_iter().map(|bar| (after(bar.time, super::DAY), bar.close)).collect();
        Ok(Prices { currency, closes, are_adjusted })
    }

    /// Returns the rates of each moment, from the closes of the currency pairs; before a pair's first close its newest rate counts.
    async fn rates_at(
        &self,
        moments: &[Timestamp],
        range: Range,
        begin: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Rates>, ApiError> {
        let mut rates = vec![Rates::default(); moments.len()];
        for quote in self.parts.ground.board.quotes_where(|ticker| currency_pair(ticker).is_some()) {
            let Some((from, to)) = currency_pair(&quote.ticker) else { continue };
            let prices = self.closes(&quote.ticker, range, begin, until, quote.currency).await?;
            // As old as today's, whatever the moment: a value must not jump where another pair is fresher.
            let at = quote.time.min(quote.received_at);
            for (moment, rates) in moments.iter().zip(&mut rates) {
                let rate = prices.at(*moment).unwrap_or(quote.price);
                rates.insert(from, to, RateObservation { rate, previous: None, at });
            }
        }
        Ok(rates)
    }
}

/// The activities of one portfolio.
struct Book {
    currency: Currency,
    track_cash: Option<bool>,
    activities: Vec<Activity>,
    reporting: Option<Reporting>,
}

impl Book {
    fn past(&self, moments: Vec<Timestamp>) -> Result<Past, FoldError> {
        let folding = Folding::new(self.currency, &self.activities).with_cash(self.track_cash);
        match &self.reporting {
            Some(reporting) => Past::of(folding.reported_in(reporting.clone()), moments),
            None => Past::of(folding, moments),
        }
    }
}

fn view(point: &PastPoint) -> PastPointView {
    PastPointView { time: point.time, value: point.value, net_contributions: point.net_contributions }
}

fn after(time: Timestamp, step: SignedDuration) -> Timestamp {
    time.checked_add(step).unwrap_or(time)
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
