//! Prices that people enter: those of days, typed in or pasted, and else what an instrument was last traded at. Both reach the engine
//! as ticks of their own names, so that everything that reads a quote reads them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Money;
use foliostream::domain::position::Ratio;
use foliostream::domain::quote::{Quote, Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::wire::commands::{DatedPriceDraft, parse_decimal};
use foliostream::wire::error::ApiError;
use foliostream::wire::times::{parse_day, utc_day};
use foliostream::words::Refusals;

use super::{Acting, at};

/// The most prices of one sending: forty years of days.
pub(crate) const MOST_PRICES: usize = 15_000;

/// The first year that a price may be of.
const FIRST_YEAR: i16 = 1900;

/// When in its day (UTC) a price is that has no time: at noon it is of the same day from New York to Tokyo.
const NOON: SignedDuration = SignedDuration::from_hours(12);

/// What a person entered last about an instrument's price.
struct Entered {
    price: Decimal,
    /// The price before, where that is known: what today's change is measured from.
    before: Option<Decimal>,
    time: Timestamp,
    source: SourceName,
}

impl Acting {
    /// Enters prices for days, all or none, and shows the newest to everybody; returns how many. 404 for an unknown ticker, 409 where a
    /// source describes it, 422 for a day or a price that is none.
    pub async fn enter_prices(&self, ticker: &Ticker, drafts: &[DatedPriceDraft]) -> Result<usize, ApiError> {
        let instrument = self.own_instrument(ticker).await?;
        let prices = self.read_prices(drafts)?;
        let count = prices.len();
        let enter = async move |hub: Self| {
            hub.parts.ground.store.set_dated_prices(&instrument.ticker, &prices).await?;
            hub.show_entered(&instrument.ticker).await
        };
        self.to_its_end(enter).await?;
        Ok(count)
    }

    fn read_prices(&self, drafts: &[DatedPriceDraft]) -> Result<Vec<(Date, Option<Decimal>)>, ApiError> {
        if drafts.len() > MOST_PRICES {
            let message = Refusals::at_most_prices(MOST_PRICES.to_string().as_str());
            return Err(ApiError::new(foliostream::wire::error::ErrorCode::TooLarge, message));
        }
        let placed = |(index, draft): (usize, &DatedPriceDraft)| {
            self.read_price_of_day(draft)
                .map_err(|refusal| ApiError { field: refusal.field.map(|field| format!("[{index}].{field}")), ..refusal })
        };
        drafts.iter().enumerate().map(placed).collect()
    }

    fn read_price_of_day(&self, draft: &DatedPriceDraft) -> Result<(Date, Option<Decimal>), ApiError> {
        let date = parse_day(draft.date.trim()).map_err(at("date"))?;
        if date.year() < FIRST_YEAR {
            return Err(ApiError::field("date", Refusals::day_before_1900()));
        }
        // It may be tomorrow already where its writer lives.
        if date > utc_day(self.now()).tomorrow().unwrap_or(Date::MAX) {
            return Err(ApiError::field("date", Refusals::day_in_the_future()));
        }
        let price = draft.price.as_deref().map(parse_decimal).transpose().map_err(at("price"))?;
        match price {
            Some(price) if price <= Decimal::ZERO => Err(ApiError::field("price", Refusals::price_above_zero())),
            price => Ok((date, price)),
        }
    }

    /// Shows everybody what was entered last about the prices of instruments, after their ledgers changed. What cannot be shown now is
    /// shown with the next change: the change itself is stored.
    pub(super) async fn show_entered_of<'a>(&self, tickers: impl IntoIterator<Item = &'a Ticker>) {
        for ticker in tickers {
            if let Err(error) = self.show_entered(ticker).await {
                tracing::warn!("the price of {ticker} that was entered last is not shown yet: {}", error.message);
            }
        }
    }

    /// Shows everybody what was entered last of each instrument that was traded and has no price yet: of what was entered before an engine
    /// began that knows of it.
    pub(crate) async fn show_all_entered(&self) -> Result<(), ApiError> {
        let traded = self.parts.ground.store.traded_tickers().await?;
        let unpriced: Vec<Ticker> = traded.into_iter().filter(|ticker| self.parts.ground.board.quote(ticker).is_none()).collect();
        self.show_entered_of(&unpriced).await;
        Ok(())
    }

    /// Gives the engine what was entered last about an instrument's price, unless a source or a program prices it.
    pub(super) async fn show_entered(&self, ticker: &Ticker) -> Result<(), ApiError> {
        if self.parts.ground.history.is_described(ticker) {
            return Ok(());
        }
        let known = self.parts.ground.board.quote(ticker);
        let Some(instrument) = self.instrument(ticker).await? else { return Ok(()) };
        let is_priced = known.as_ref().is_some_and(|quote| !quote.source.is_entered());
        let entered = match self.entered_by_hand(&instrument).await? {
            Some(entered) => Some(entered),
            None if is_priced => None,
            None => self.last_traded(&instrument).await?,
        };
        let Some(entered) = entered.filter(|entered| known.as_ref().is_none_or(|known| is_news(known, entered))) else {
            return Ok(());
        };
        self.parts.engine.observe(vec![tick(&instrument, &entered)]).await?;
        self.parts.engine.flush().await?;
        Ok(())
    }

    /// Returns the newest price that was entered for a day.
    async fn entered_by_hand(&self, instrument: &Instrument) -> Result<Option<Entered>, ApiError> {
        let newest = self.parts.ground.store.newest_dated_prices(&instrument.ticker, 2).await?;
        let Some((date, price)) = newest.first().copied() else { return Ok(None) };
        let mut prices = Vec::with_capacity(newest.len());
        for (date, price) in newest {
            prices.push(self.in_units_of_now(&instrument.ticker, noon(date), price).await?);
        }
        let price = prices.first().copied().unwrap_or(price);
        let time = noon(date).min(self.now());
        Ok(Some(Entered { price, before: prices.get(1).copied(), time, source: SourceName::BY_HAND }))
    }

    /// Returns what an instrument was last traded at, in the unit that it is quoted in; nothing where that takes a rate that is not known.
    async fn last_traded(&self, instrument: &Instrument) -> Result<Option<Entered>, ApiError> {
        let Some(trade) = self.parts.ground.store.last_trade(&instrument.ticker, self.now()).await? else { return Ok(None) };
        let time = if trade.date_only { noon(utc_day(trade.time)).min(self.now()) } else { trade.time };
        let (from, to) = (trade.currency.major(), instrument.currency.major());
        let paid = Money::new(trade.price, trade.currency);
        let paid = if from == to {
            Some(paid)
        } else {
            let rate = self.parts.ground.history.rate(from, to, utc_day(trade.time), self.now()).await?;
            let major = paid.in_major().ok();
            major
                .zip(rate)
                .and_then(|(major, rate)| Some(Money::new(major.amount.checked_mul(rate)?.round_dp(10).normalize(), to)))
        };
        let Some(quoted) = paid.and_then(|paid| paid.in_unit(instrument.currency)) else { return Ok(None) };
        let price = self.in_units_of_now(&instrument.ticker, trade.time, quoted.amount).await?;
        Ok(Some(Entered { price, before: None, time, source: SourceName::LAST_TRADE }))
    }

    /// Returns a price of a moment in units of now: after a split 2:1 a unit is worth half of it.
    async fn in_units_of_now(&self, ticker: &Ticker, time: Timestamp, price: Decimal) -> Result<Decimal, ApiError> {
        let splits = self.parts.ground.store.splits_between(ticker, time, self.now()).await?;
        let split = |price: Decimal, (_, written): (Timestamp, Decimal)| {
            let ratio = Ratio::of(written);
            price.checked_mul(ratio.before)?.checked_div(ratio.after)
        };
        let price = splits.into_iter().try_fold(price, split);
        Ok(price.filter(|price| *price > Decimal::ZERO).unwrap_or(price_of_nothing()))
    }
}

/// The price of what cannot be reckoned in units of now: the engine refuses it.
fn price_of_nothing() -> Decimal {
    Decimal::ZERO
}

/// Returns whether what was entered is another price than the one that is known.
fn is_news(known: &Quote, entered: &Entered) -> bool {
    let Quote { price, source, time, .. } = known;
    (*price, *source) != (entered.price, entered.source) || utc_day(*time) != utc_day(entered.time)
}

fn tick(instrument: &Instrument, entered: &Entered) -> Tick {
    Tick {
        ticker: instrument.ticker.clone(),
        price: entered.price,
        bid: None,
        ask: None,
        volume: None,
        currency: Some(instrument.currency),
        previous_close: entered.before,
        time: entered.time,
        session: Session::Open,
        recorded: false,
        source: entered.source,
        delay_s: 0,
    }
}

fn noon(date: Date) -> Timestamp {
    let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or_default();
    midnight.checked_add(NOON).unwrap_or(midnight)
}
