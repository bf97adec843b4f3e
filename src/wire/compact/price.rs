//! Prices: `index,price,age,below,above,previous close,freshness,currency`.

use std::fmt::{self, Display};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::derived::Quoted;
use super::field::{Amount, Fields, Unreadable, amount, number, told_or, trust, trusted};
use super::tracked::Tracked;
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, percent};
use crate::domain::quote::Freshness;
use crate::wire::views::QuoteView;

/// The newest quote of an instrument, and when each part of it last changed.
#[derive(Clone, Debug)]
pub struct PriceTrack {
    begun: u64,
    at: u64,
    time: Timestamp,
    freshness: Freshness,
    price: Tracked<Decimal>,
    /// The bid's distance from the price, and the ask's: both change less often than bid and ask.
    below: Tracked<Distance>,
    above: Tracked<Distance>,
    previous_close: Tracked<Option<Decimal>>,
    currency: Tracked<Currency>,
}

/// The distance of a bid or an ask from the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Distance {
    /// There is no bid, or no ask.
    Unknown,
    /// The price less the bid, or the ask less the price.
    Away(Decimal),
    /// The bid or ask itself, where a difference would lose decimals: a price of 28 digits.
    At(Decimal),
}

impl PriceTrack {
    /// Begins with a quote that came at a number.
    pub fn new(quote: &QuoteView, at: u64) -> Self {
        let (below, above) = around(quote);
        Self {
            begun: at,
            at,
            time: quote.time,
            freshness: quote.freshness,
            price: Tracked::new(quote.price, at),
            below: Tracked::new(below, at),
            above: Tracked::new(above, at),
            previous_close: Tracked::new(quote.previous_close, at),
            currency: Tracked::new(quote.currency, at),
        }
    }

    /// Takes over the next quote.
    pub fn follow(&mut self, quote: &QuoteView, at: u64) {
        let (below, above) = around(quote);
        (self.at, self.time, self.freshness) = (at, quote.time, quote.freshness);
        self.price.follow(quote.price, at);
        self.below.follow(below, at);
        self.above.follow(above, at);
        self.previous_close.follow(quote.previous_close, at);
        self.currency.follow(quote.currency, at);
    }

    /// Returns the number of the first quote.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Returns the number of the newest quote.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Returns the time of the newest quote.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns what a holding of the instrument is worked out from.
    pub(crate) fn quoted(&self) -> Quoted {
        Quoted { price: *self.price.get(), previous_close: *self.previous_close.get() }
    }

    /// Writes what changed after a number, or all of it; `age_ms` is how much older than its frame it is.
    pub(crate) fn write(&self, fields: &mut Fields<'_>, age_ms: i64, since: Option<u64>) {
        fields.put_told(self.price.since(since).map(|price| price.normalize()));
        fields.put_told((age_ms != 0).then_some(age_ms));
        fields.put_told(self.below.since(since));
        fields.put_told(self.above.since(since));
        fields.put_told(self.previous_close.since(since).map(|close| Amount(*close)));
        fields.put_told(trusted(self.freshness));
        fields.put_told(self.currency.since(since));
    }
}

/// Returns the distances of bid and ask.
fn around(quote: &QuoteView) -> (Distance, Distance) {
    (Distance::below(quote.price, quote.bid), Distance::above(quote.price, quote.ask))
}

impl Distance {
    fn below(price: Decimal, bid: Option<Decimal>) -> Self {
        let Some(bid) = bid else { return Self::Unknown };
        let away = price.checked_sub(bid).filter(|away| price.checked_sub(*away) == Some(bid));
        away.map_or(Self::At(bid), Self::Away)
    }

    fn above(price: Decimal, ask: Option<Decimal>) -> Self {
        let Some(ask) = ask else { return Self::Unknown };
        let away = ask.checked_sub(price).filter(|away| price.checked_add(*away) == Some(ask));
        away.map_or(Self::At(ask), Self::Away)
    }

    fn bid(self, price: Decimal) -> Result<Option<Decimal>, Unreadable> {
        match self {
            Self::Unknown => Ok(None),
            Self::Away(away) => price.checked_sub(away).map(Some).ok_or(Unreadable),
            Self::At(bid) => Ok(Some(bid)),
        }
    }

    fn ask(self, price: Decimal) -> Result<Option<Decimal>, Unreadable> {
        match self {
            Self::Unknown => Ok(None),
            Self::Away(away) => price.checked_add(away).map(Some).ok_or(Unreadable),
            Self::At(ask) => Ok(Some(ask)),
        }
    }

    fn read(text: &str) -> Result<Self, Unreadable> {
        if let Some(at) = text.strip_prefix('=') {
            return number(at).map(Self::At);
        }
        amount(text).map(|Amount(away)| away.map_or(Self::Unknown, Self::Away))
    }
}

impl Display for Distance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Amount(None).fmt(formatter),
            Self::Away(away) => Amount(Some(*away)).fmt(formatter),
            Self::At(at) => write!(formatter, "={}", at.normalize()),
        }
    }
}

/// Reads a record over what is known of the instrument. What is not known must be told.
pub(crate) fn read<'a>(
    ticker: &Ticker,
    known: Option<&QuoteView>,
    time: Timestamp,
    mut fields: impl Iterator<Item = &'a str>,
) -> Result<QuoteView, Unreadable> {
    let mut next = || fields.next().unwrap_or_default();
    let price = told_or(known.map(|known| known.price), next(), number)?;
    let time = older(time, next())?;
    let (below, above) = known.map(around).unzip();
    let (below, above) = (told_or(below, next(), Distance::read)?, told_or(above, next(), Distance::read)?);
    let Amount(previous_close) = told_or(known.map(|known| Amount(known.previous_close)), next(), amount)?;
    let freshness = trust(next())?;
    let currency = told_or(known.map(|known| known.currency), next(), |text| text.parse().map_err(|_| Unreadable))?;
    let change = previous_close.and_then(|close| price.checked_sub(close));
    Ok(QuoteView {
        ticker: ticker.clone(),
        price,
        bid: below.bid(price)?,
        ask: above.ask(price)?,
        previous_close,
        change,
        change_percent: change.zip(previous_close).and_then(|(change, close)| percent(change, close)),
        currency,
        time,
        freshness,
    })
}

/// Returns the time that is so many milliseconds before a frame's.
pub(crate) fn older(time: Timestamp, age_ms: &str) -> Result<Timestamp, Unreadable> {
    if age_ms.is_empty() {
        return Ok(time);
    }
    let age_ms: i64 = age_ms.parse().map_err(|_| Unreadable)?;
    let then = time.as_millisecond().checked_sub(age_ms).ok_or(Unreadable)?;
    Timestamp::from_millisecond(then).map_err(|_| Unreadable)
}
