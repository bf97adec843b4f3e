//! What the past says about alerts: how far a price usually moves in a day, and when an alert would have fired.

use futures::{StreamExt, stream};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::history::utc_date;
use foliostream::domain::alert::past_firings;
use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::statistics::typical_day_percent;
use foliostream::wire::commands::AlertDraft;
use foliostream::wire::error::ApiError;
use foliostream::wire::views::{AlertPastView, PointView};
use foliostream::words::Refusals;

use super::alerts::read_cooldown;
use super::{Acting, read_ticker};

/// How many instruments' bars are read at once.
const AT_ONCE: usize = 8;

/// Days that hold 60 sessions of a market with the longest holidays.
const TYPICAL_SPAN_DAYS: i64 = 110;

impl Acting {
    /// Returns how far each price usually moves in a day, in percent, where that is known.
    pub(super) async fn typical_days(&self, tickers: Vec<Ticker>) -> Vec<(Ticker, Decimal)> {
        let typical = |ticker: Ticker| async move {
            // A page is shown without it where it cannot be worked out.
            let percent = self.typical_day(&ticker).await.ok().flatten()?;
            Some((ticker, percent))
        };
        let all: Vec<_> = stream::iter(tickers).map(typical).buffered(AT_ONCE).collect().await;
        all.into_iter().flatten().collect()
    }

    async fn typical_day(&self, ticker: &Ticker) -> Result<Option<Decimal>, ApiError> {
        let today = utc_date(self.market_time(ticker));
        if let Some(known) = self.parts.typical_days.get(ticker, today) {
            return Ok(known);
        }
        let percent = typical_day_percent(&self.daily_back(ticker, TYPICAL_SPAN_DAYS).await?);
        self.parts.typical_days.keep(ticker, today, percent);
        Ok(percent)
    }

    /// Returns the daily bars of that many days up to today.
    async fn daily_back(&self, ticker: &Ticker, days: i64) -> Result<Vec<Bar>, ApiError> {
        let until = self.market_time(ticker);
        let to = utc_date(until);
        let from = to.checked_sub(days.days()).unwrap_or(Date::MIN);
        Ok(self.parts.ground.history.daily(ticker, from, to, until).await?)
    }

    /// Returns a year of an instrument's closes with its typical day, for the form of an alert; 404 for an unknown ticker.
    pub async fn alert_past(&self, ticker: &str) -> Result<AlertPastView, ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
        let instrument = self.instrument(&ticker).await?.ok_or_else(|| ApiError::not_found(Refusals::no_such_ticker()))?;
        let bars = self.daily_back(&ticker, 365).await?;
        Ok(AlertPastView {
            currency: instrument.currency,
            price_decimals: instrument.price_decimals,
            typical_day_percent: self.typical_day(&ticker).await?,
            high: bars.iter().map(|bar| bar.high).max(),
            low: bars.iter().map(|bar| bar.low).min(),
            closes: bars.iter().map(|bar| PointView { time: bar.time, value: bar.close }).collect(),
        })
    }

    /// Returns when an alert would have fired in the last year of daily bars, oldest first; nothing is made. The draft is refused like
    /// one that is to be made.
    pub async fn past_firings(&self, draft: &AlertDraft) -> Result<Vec<PointView>, ApiError> {
        let rule = self.drafted_rule(draft)?;
        let cooldown_s = read_cooldown(draft.cooldown_s)?;
        let bars = self.daily_back(rule.ticker(), 365).await?;
        let firings = past_firings(&rule, cooldown_s, &bars);
        Ok(firings.into_iter().map(|firing| PointView { time: firing.time, value: firing.price }).collect())
    }
}
