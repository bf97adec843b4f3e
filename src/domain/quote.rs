//! Ticks, the latest known quote, and how fresh it is.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::instrument::Ticker;
use super::money::{Currency, percent};
use super::source::SourceName;

/// One observation of a price, from whatever feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The instrument that was observed.
    pub ticker: Ticker,
    /// The price; the mid where the feed gives bid and ask only.
    pub price: Decimal,
    /// The best bid, where known.
    pub bid: Option<Decimal>,
    /// The best ask, where known.
    pub ask: Option<Decimal>,
    /// The session's volume so far, where known.
    pub volume: Option<Decimal>,
    /// The instrument's currency, where the feed says it.
    pub currency: Option<Currency>,
    /// The last close before this tick's session, where the feed says it.
    pub previous_close: Option<Decimal>,
    /// The tick's own time: the market's, which in a replay is long past.
    pub time: Timestamp,
    /// Whether the market is in session at this tick.
    pub session: Session,
    /// Whether it was recorded before and is played again, so that its own time says nothing about how old it is.
    pub recorded: bool,
    /// The source that brought the tick.
    pub source: SourceName,
    /// How many seconds its source is behind the market, where that is known beforehand: 900 for free prices that come a quarter
    /// of an hour late, 0 for a source without a delay.
    pub delay_s: u32,
}

/// Whether an instrument's market is in session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// The exchange trades now.
    Open,
    /// Not trading; the price is the last one of the session before.
    Closed,
}

/// How far a quote may be trusted to be the market's price now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Received within the stale limit.
    Live,
    /// Live, but the provider delays it: it was up to 30 minutes old when it came.
    Delayed,
    /// Nothing received for longer than the stale limit, or what was received was older than a delay.
    Stale,
    /// The market is not in session.
    Closed,
}

/// The latest known price of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The instrument that is quoted.
    pub ticker: Ticker,
    /// The price; the mid of a bid and ask feed.
    pub price: Decimal,
    /// The best bid, where known.
    pub bid: Option<Decimal>,
    /// The best ask, where known.
    pub ask: Option<Decimal>,
    /// The session's volume so far, where known.
    pub volume: Option<Decimal>,
    /// What the price is in, as quoted (pence stay pence).
    pub currency: Currency,
    /// The last close before the current session; unknown is `None`, never zero.
    pub previous_close: Option<Decimal>,
    /// The tick's own time.
    pub time: Timestamp,
    /// The time at which it arrived here; freshness counts from this.
    pub received_at: Timestamp,
    /// When the session that `price − previous_close` measures began (market time); later than `time` where nothing has come
    /// since it began.
    pub session_start: Timestamp,
    /// Whether its market is in session.
    pub session: Session,
    /// The freshness when it was last published.
    pub freshness: Freshness,
    /// The source of the newest tick.
    pub source: SourceName,
    /// How many seconds its source is behind the market, where that is known beforehand.
    pub delay_s: u32,
}

impl Quote {
    /// Makes the quote of a close, which values what was held at `time`. It has no previous close, and so no day.
    pub fn of_close(ticker: Ticker, price: Decimal, currency: Currency, time: Timestamp) -> Self {
        Self {
            ticker,
            price,
            bid: None,
            ask: None,
            volume: None,
            currency,
            previous_close: None,
            time,
            received_at: time,
            session_start: time,
            session: Session::Closed,
            freshness: Freshness::Closed,
            source: SourceName::PUSHED,
            delay_s: 0,
        }
    }

    /// Returns whether the price is from before the session that is today's: what it changed belongs to its own day.
    pub fn is_of_earlier_day(&self) -> bool {
        self.time < self.session_start
    }

    /// Returns `price − previous_close`, unknown while the previous close is.
    pub fn change(&self) -> Option<Decimal> {
        self.price.checked_sub(self.previous_close?)
    }

    /// Returns the change in percent of the previous close, at most six decimals.
    pub fn change_percent(&self) -> Option<Decimal> {
        percent(self.change()?, self.previous_close?)
    }
}
