//! Today's prices of everything a ledger's value depends on: the overview's line and its sparklines.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::domain::position::Ledger;
use crate::domain::quote::Quote;
use crate::domain::rates::{RateObservation, Rates, currency_pair};
use crate::domain::valuation::rounded;
use crate::server::history::INTRADAY_STEP;
use crate::wire::views::{BarView, PointView};

use super::Acting;

/// The span a line over today covers.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Points of a sparkline.
const SPARKLINE_POINTS: usize = 40;

/// Prices that are looked up for one line at most: 288 points of 347 holdings, some 50 ms. With more holdings the line has fewer
/// points, with a thousand still a hundred.
const MOST_LOOKED_UP: usize = 100_000;

/// Today's prices.
pub struct Today {
    /// What is held and has moved.
    moving: Vec<Moving>,
    /// What all else that is held comes to, by currency; nothing where a price is unknown.
    still: Option<BTreeMap<Currency, Decimal>>,
    currencies: Vec<(Quote, Vec<BarView>)>,
    /// When the newest session of what is held began.
    session: Option<Timestamp>,
}

/// A holding with prices of today.
struct Moving {
    quantity: Decimal,
    quote: Option<Quote>,
    ticker: Ticker,
    bars: Vec<BarView>,
}

impl Today {
    /// Reads the day's prices of what a ledger holds, and of all currency pairs.
    pub fn of(hub: &Acting, ledger: &Ledger) -> Self {
        let bars = |ticker: &Ticker| hub.parts.ground.history.intraday(ticker, DAY, hub.market_time(ticker));
        let (mut moving, mut still, mut session) = (Vec::new(), Some(BTreeMap::new()), None);
        for position in ledger.positions.values().filter(|position| !position.quantity.is_zero()) {
            let (quote, bars) = (hub.parts.ground.board.quote(&position.ticker), bars(&position.ticker));
            session = session.max(quote.as_ref().map(|quote| quote.session_start));
            let held = Moving { quantity: position.quantity, quote, ticker: position.ticker.clone(), bars };
            if held.bars.is_empty() {
                still = still.and_then(|sums| added(sums, &held));
            } else {
                moving.push(held);
            }
        }
        let pairs = hub.parts.ground.board.quotes_where(|ticker| currency_pair(ticker).is_some());
        let currencies = pairs.into_iter().map(|quote| {
            let bars = bars(&quote.ticker);
            (quote, bars)
        });
        Self { moving, still, currencies: currencies.collect(), session }
    }

    /// Returns the day's prices of each of these tickers.
    pub fn sparklines(&self, shown: &[Ticker]) -> Vec<(Ticker, Vec<Decimal>)> {
        let by_ticker: BTreeMap<&Ticker, &Moving> = self.moving.iter().map(|held| (&held.ticker, held)).collect();
        let line = |ticker: &Ticker| by_ticker.get(ticker).map(|held| thinned(&held.bars, SPARKLINE_POINTS)).unwrap_or_default();
        shown.iter().map(|ticker| (ticker.clone(), line(ticker))).collect()
    }

    /// Values what is held now at each of the day's moments. Trades of today count as if they had been made before it, so
    /// that the line shows what the market did and ends at the value of now.
    pub fn line(&self, ledger: &Ledger) -> Vec<PointView> {
        let bars = self.moving.iter().flat_map(|held| &held.bars);
        let times: BTreeSet<Timestamp> =
            bars.map(|bar| bar.time).filter(|time| self.session.is_none_or(|session| *time >= session)).collect();
        let most = (MOST_LOOKED_UP / self.moving.len().max(1)).max(2);
        every(times.into_iter().collect(), most)
            .into_iter()
            .filter_map(|time| Some(PointView { time: end_of(time), value: rounded(self.value_at(ledger, time)?) }))
            .collect()
    }

    fn value_at(&self, ledger: &Ledger, time: Timestamp) -> Option<Decimal> {
        let rates = self.rates_at(time)?;
        let mut value = Decimal::ZERO;
        for held in &self.moving {
            // What has no price or rate is left out here as it is in the total.
            let Some(quote) = &held.quote else { continue };
            let Some(rate) = rates.rate(quote.currency.major(), ledger.base) else { continue };
            let price = price_at(&held.bars, time).or(quote.previous_close).unwrap_or(quote.price);
            value = value.checked_add(worth(held.quantity, price, quote.currency)?.checked_mul(rate)?)?;
        }
        let cash = ledger.cash.values().filter(|_| ledger.cash_tracked()).map(|account| (account.currency, account.amount));
        let still = self.still.as_ref()?.iter().map(|(currency, amount)| (*currency, *amount));
        still
            .chain(cash)
            .filter_map(|(currency, amount)| Some((amount, rates.rate(currency, ledger.base)?)))
            .try_fold(value, |sum, (amount, rate)| sum.checked_add(amount.checked_mul(rate)?))
    }

    fn rates_at(&self, time: Timestamp) -> Option<Rates> {
        let mut rates = Rates::default();
        for (quote, bars) in &self.currencies {
            let (base, quoted) = currency_pair(&quote.ticker)?;
            let rate = price_at(bars, time).or(quote.previous_close).unwrap_or(quote.price);
            // By the way of today's value, whatever the time: the line must not jump where another pair is fresher.
            let at = quote.time.min(quote.received_at);
            rates.insert(base, quoted, RateObservation { rate, previous: None, at });
        }
        Some(rates)
    }
}

/// Adds a holding that did not move to the sum of its currency, unless it has no price; nothing where the sum does not fit.
fn added(mut sums: BTreeMap<Currency, Decimal>, held: &Moving) -> Option<BTreeMap<Currency, Decimal>> {
    let Some(quote) = &held.quote else { return Some(sums) };
    let value = worth(held.quantity, quote.previous_close.unwrap_or(quote.price), quote.currency)?;
    let sum = sums.entry(quote.currency.major()).or_default();
    *sum = sum.checked_add(value)?;
    Some(sums)
}

/// Returns what units at a price come to, in the currency's major unit.
fn worth(quantity: Decimal, price: Decimal, currency: Currency) -> Option<Decimal> {
    quantity.checked_mul(price.checked_div(currency.units_per_major())?)
}

/// Returns the close of the bar at or before a time.
fn price_at(bars: &[BarView], time: Timestamp) -> Option<Decimal> {
    let index = bars.partition_point(|bar| bar.time <= time);
    bars[..index].last().map(|bar| bar.close)
}

/// Returns the moment a bar's close stands for.
fn end_of(start: Timestamp) -> Timestamp {
    start.checked_add(INTRADAY_STEP).unwrap_or(start)
}

/// Returns at most `most` closes at even steps, the last one always among them.
fn thinned(bars: &[BarView], most: usize) -> Vec<Decimal> {
    every(bars.iter().map(|bar| bar.close).collect(), most)
}

/// Returns at most `most` items at even steps, the last one always among them.
fn every<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let step = items.len().div_ceil(most).max(1);
    let mut kept: Vec<T> = items.into_iter().rev().step_by(step).collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_points_the_last_and_no_more_than_asked_for_are_kept() {
        assert_eq!(every((1..=10).collect(), 4), [1, 4, 7, 10]);
        assert_eq!(every((1..=3).collect(), 4), [1, 2, 3]);
        assert!(every(Vec::<u8>::new(), 4).is_empty());
    }
}
