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
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::{parse_day, utc_day};
use foliostream::words::Refusals;

use super::quotes::MOST_QUOTES;
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
            return Err(ApiError::new(ErrorCode::TooLarge, message));
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
        let mut ticks = Vec::new();
        for ticker in tickers {
            match self.tick_of_entered(ticker).await {
                Ok(tick) => ticks.extend(tick),
                Err(error) => not_shown(&error),
            }
        }
        if let Err(error) = self.show(ticks).await {
            not_shown(&error);
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

    /// Shows everybody what was entered last about an instrument's price.
    pub(super) async fn show_entered(&self, ticker: &Ticker) -> Result<(), ApiError> {
        let tick = self.tick_of_entered(ticker).await?;
        self.show(tick.into_iter().collect()).await
    }

    /// Gives the engine ticks, and waits until everybody is told of them.
    async fn show(&self, ticks: Vec<Tick>) -> Result<(), ApiError> {
        if ticks.is_empty() {
            return Ok(());
        }
        for some in ticks.chunks(MOST_QUOTES) {
            self.parts.engine.observe(some.to_vec()).await?;
        }
        Ok(self.parts.engine.flush().await?)
    }

    /// Returns what was entered last about an instrument's price, where it is news: nothing where a source has its prices, and no trade
    /// where a program has pushed one.
    async fn tick_of_entered(&self, ticker: &Ticker) -> Result<Option<Tick>, ApiError> {
        if self.parts.ground.history.is_described(ticker) {
            return Ok(None);
        }
        let known = self.parts.ground.board.quote(ticker);
        let Some(instrument) = self.instrument(ticker).await? else { return Ok(None) };
        let is_priced = known.as_ref().is_some_and(|quote| !quote.source.is_entered());
        let entered = match self.entered_by_hand(&instrument).await? {
            Some(entered) => Some(entered),
            None if is_priced => None,
            None => self.last_traded(&instrument).await?,
        };
        let today = utc_day(self.now());
        let is_news = |entered: &Entered| known.as_ref().is_none_or(|known| entered.is_other_than(known, today));
        Ok(entered.filter(is_news).map(|entered| tick(&instrument, &entered)))
    }

    /// Returns the newest price that was entered for a day, with the one before.
    async fn entered_by_hand(&self, instrument: &Instrument) -> Result<Option<Entered>, ApiError> {
        let newest = self.parts.ground.store.newest_dated_prices(&instrument.ticker, 2).await?;
        let mut prices = Vec::with_capacity(newest.len());
        for (date, price) in &newest {
            prices.push(self.in_units_of_now(&instrument.ticker, noon(*date), *price).await?);
        }
        let (Some((date, _)), Some(price)) = (newest.first(), prices.first().copied().flatten()) else { return Ok(None) };
        let before = prices.get(1).copied().flatten();
        Ok(Some(Entered { price, before, time: noon(*date).min(self.now()), source: SourceName::BY_HAND }))
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
        Ok(price.map(|price| Entered { price, before: None, time, source: SourceName::LAST_TRADE }))
    }

    /// Returns a price of a moment in units of now: after a split 2:1 a unit is worth half of it. Nothing where that outgrows a decimal.
    async fn in_units_of_now(&self, ticker: &Ticker, time: Timestamp, price: Decimal) -> Result<Option<Decimal>, ApiError> {
        let splits = self.parts.ground.store.splits_between(ticker, time, self.now()).await?;
        let split = |price: Decimal, (_, written): (Timestamp, Decimal)| {
            let ratio = Ratio::of(written);
            price.checked_mul(ratio.before)?.checked_div(ratio.after)
        };
        let price = splits.into_iter().try_fold(price, split);
        Ok(price.filter(|price| *price > Decimal::ZERO))
    }
}

impl Entered {
    /// Returns whether it says something else than the quote that is known. What today's price is measured from is corrected, too; that
    /// of an earlier day has no day change.
    fn is_other_than(&self, known: &Quote, today: Date) -> bool {
        let is_of_today = utc_day(self.time) == today;
        (known.price, known.source) != (self.price, self.source)
            || utc_day(known.time) != utc_day(self.time)
            || (is_of_today && self.before.is_some() && known.previous_close != self.before)
    }
}

fn not_shown(error: &ApiError) {
    tracing::warn!("prices that were entered last are not shown yet: {}", error.message);
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
