//! What a past is worked out from: the activities of portfolios, the closes of instruments, the rates of each moment.

use jiff::{SignedDuration, Timestamp};

use foliostream::domain::activity::Activity;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::performance::{Past, Prices};
use foliostream::domain::position::{FoldError, Folding, Reporting};
use foliostream::domain::rates::{RateObservation, Rates, currency_pair};
use foliostream::wire::error::ApiError;
use foliostream::wire::range::Range;

use super::Acting;
use crate::history::utc_date;
use crate::store::PortfolioRow;
use crate::together;

/// How long before the first moment prices are read at first: over a weekend and holidays the last close stands.
const BEFORE: SignedDuration = SignedDuration::from_hours(10 * 24);

/// How far back the last close is looked for where that finds none: of something whose price is seen now and then, or no more.
const LONG_BEFORE: SignedDuration = SignedDuration::from_hours(5 * 365 * 24);

/// The step of a week's chart.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Acting {
    /// Reads the activities of portfolios, each with what its currency was worth in `base`; one for which no rate is known is left out.
    pub(super) async fn books(&self, rows: &[PortfolioRow], base: Currency) -> Result<Vec<Book>, ApiError> {
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
    pub(super) async fn closes(
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
    pub(super) async fn rates_at(
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
pub(super) struct Book {
    pub currency: Currency,
    pub track_cash: Option<bool>,
    pub activities: Vec<Activity>,
    pub reporting: Option<Reporting>,
}

impl Book {
    /// Folds it through moments that ascend.
    pub(super) fn past(&self, moments: Vec<Timestamp>) -> Result<Past, FoldError> {
        Past::of(self.folding(), moments)
    }

    /// Begins to fold it, in the currency that it is told in.
    pub(super) fn folding(&self) -> Folding<'_> {
        let folding = Folding::new(self.currency, &self.activities).with_cash(self.track_cash);
        match &self.reporting {
            Some(reporting) => folding.reported_in(reporting.clone()),
            None => folding,
        }
    }
}

pub(super) fn after(time: Timestamp, step: SignedDuration) -> Timestamp {
    time.checked_add(step).unwrap_or(time)
}
