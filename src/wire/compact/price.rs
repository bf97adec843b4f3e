//! Prices: `index,price,age,bid,ask,previous close,freshness,currency`.

use std::fmt::{self, Display};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::derived::{Quoted, difference, sum};
use super::field::{Amount, Fields, Record, Unreadable, number, trust, trusted};
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
    /// What the bid and the ask are from the price: that changes less often than they do.
    bid: Tracked<Distance>,
    ask: Tracked<Distance>,
    previous_close: Tracked<Option<Decimal>>,
    currency: Tracked<Currency>,
}

/// What a bid or an ask is from the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Distance {
    /// There is no bid, or no ask.
    Unknown,
    /// The bid or the ask less the price.
    Away(Decimal),
    /// The bid or the ask itself, where a difference would lose decimals: beside a price of 28 digits.
    At(Decimal),
}

impl PriceTrack {
    /// Begins with a quote that came at a number.
    pub fn new(quote: &QuoteView, at: u64) -> Self {
        let [bid, ask] = around(quote);
        Self {
            begun: at,
            at,
            time: quote.time,
            freshness: quote.freshness,
            price: Tracked::new(quote.price, at),
            bid: Tracked::new(bid, at),
            ask: Tracked::new(ask, at),
            previous_close: Tracked::new(quote.previous_close, at),
            currency: Tracked::new(quote.currency, at),
        }
    }

    /// Takes over the next quote.
    pub fn follow(&mut self, quote: &QuoteView, at: u64) {
        let [bid, ask] = around(quote);
        (self.at, self.time, self.freshness) = (at, quote.time, quote.freshness);
        self.price.follow(quote.price, at);
        self.bid.follow(bid, at);
        self.ask.follow(ask, at);
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
        fields.put_told(self.bid.since(since));
        fields.put_told(self.ask.since(since));
        fields.put_told(self.previous_close.since(since).map(|close| Amount(*close)));
        fields.put_told(trusted(self.freshness));
        fields.put_told(self.currency.since(since));
    }
}

/// Returns the distances of bid and ask.
fn around(quote: &QuoteView) -> [Distance; 2] {
    [quote.bid, quote.ask].map(|side| Distance::of(quote.price, side))
}

impl Distance {
    #[inline(never)]
    fn of(price: Decimal, side: Option<Decimal>) -> Self {
        let Some(side) = side else { return Self::Unknown };
        let away = difference(side, price).filter(|away| sum(price, *away) == Some(side));
        away.map_or(Self::At(side), Self::Away)
    }

    /// Returns the bid or the ask.
    fn from(self, price: Decimal) -> Option<Decimal> {
        match self {
            Self::Unknown => None,
            Self::Away(away) => sum(price, away),
            Self::At(side) => Some(side),
        }
    }

    /// Reads a field over what is known.
    #[inline(never)]
    fn read(self, is_new: bool, record: &mut Record<'_>) -> Result<Self, Unreadable> {
        match record.next() {
            None if is_new => Err(Unreadable),
            None => Ok(self),
            Some("~") => Ok(Self::Unknown),
            Some(field) => match field.strip_prefix('=') {
                Some(at) => number(at).map(Self::At),
                None => number(field).map(Self::Away),
            },
        }
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

/// Reads a record over what is known of the instrument's price, of which nothing is where it `is_new`: then it must be told.
pub(crate) fn read(quote: &mut QuoteView, is_new: bool, time: Timestamp, record: &mut Record<'_>) -> Result<(), Unreadable> {
    let [bid, ask] = around(quote);
    let mut is_told = record.number(&mut quote.price)?;
    quote.time = record.age(time)?;
    quote.bid = bid.read(is_new, record)?.from(quote.price);
    quote.ask = ask.read(is_new, record)?.from(quote.price);
    is_told &= record.amount(&mut quote.previous_close)?;
    quote.freshness = trust(record.next())?;
    is_told &= record.currency(&mut quote.currency)?;
    quote.change = quote.previous_close.and_then(|close| difference(quote.price, close));
    quote.change_percent = quote.change.zip(quote.previous_close).and_then(|(change, close)| percent(change, close));
    if is_new && !is_told { Err(Unreadable) } else { Ok(()) }
}

/// A price of which nothing is known yet but its instrument.
pub(crate) fn blank(ticker: Ticker) -> QuoteView {
    QuoteView {
        ticker,
        price: Decimal::ZERO,
        bid: None,
        ask: None,
        previous_close: None,
        change: None,
        change_percent: None,
        currency: Currency::USD,
        time: Timestamp::UNIX_EPOCH,
        freshness: Freshness::Live,
    }
}
