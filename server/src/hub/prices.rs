//! Prices that people enter: those of days, typed in or pasted, and else what an instrument was last traded at. Both reach the engine
//! as ticks of their own names, so that everything that reads a quote reads them.

use std::collections::HashMap;
use std::slice;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::{Currency, Money};
use foliostream::domain::position::Ratio;
use foliostream::domain::quote::{Quote, Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::wire::commands::{DatedPriceDraft, parse_decimal};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::{parse_day, utc_day};
use foliostream::words::Refusals;

use crate::ground::Ground;
use crate::store::{EnteredPrices, LastTrade};

use super::quotes::MOST_QUOTES;
use super::{Acting, at};

/// The most prices of one sending: forty years of days.
pub(crate) const MOST_PRICES: usize = 15_000;

/// How many instruments that a new engine knows no price of are looked at in one go: a change of a ledger waits for no more.
const SHOWN_AT_ONCE: usize = 1_000;

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

/// Rates between two currencies on days, as far as they were looked up.
type DayRates = HashMap<(Currency, Currency, Date), Option<Decimal>>;

impl Acting {
    /// Enters prices for days, all or none, and shows the newest to everybody; returns how many. 404 for an unknown ticker, 409 where a
    /// source describes it, 422 for a day or a price that is none.
    pub async fn enter_prices(&self, ticker: &Ticker, drafts: &[DatedPriceDraft]) -> Result<usize, ApiError> {
        let instrument = self.own_instrument(ticker).await?;
        let prices = self.read_prices(drafts)?;
        let count = prices.len();
        let enter = async move |hub: Self| {
            hub.parts.ground.store.set_dated_prices(&instrument.ticker, &prices).await?;
            hub.show_entered(slice::from_ref(&instrument.ticker)).await
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
        let tickers: Vec<Ticker> = tickers.into_iter().cloned().collect();
        if let Err(error) = self.show_entered(&tickers).await {
            tracing::warn!("prices that were entered last are not shown yet: {}", error.message);
        }
    }

    /// Shows everybody what was entered last of each instrument that was traded and has no price yet: of what was entered before an engine
    /// began that knows of it.
    pub(crate) async fn show_all_entered(&self) {
        let traded = match self.parts.ground.store.traded_tickers().await {
            Ok(traded) => traded,
            Err(error) => return tracing::warn!("prices that were entered are not shown yet: {error}"),
        };
        for some in traded.chunks(SHOWN_AT_ONCE) {
            // A trade that is entered meanwhile is shown by its own change, and an older one does not come after it.
            let _one_at_a_time = self.parts.ledgers.lock().await;
            self.show_entered_of(some.iter().filter(|ticker| self.parts.ground.board.quote(ticker).is_none())).await;
        }
    }

    /// Shows everybody what was entered last about the prices of instruments.
    pub(super) async fn show_entered(&self, tickers: &[Ticker]) -> Result<(), ApiError> {
        let mut rates = DayRates::default();
        for some in tickers.chunks(MOST_QUOTES) {
            let ticks = self.ticks_of_entered(some, &mut rates).await?;
            if !ticks.is_empty() {
                self.parts.engine.observe(ticks).await?;
                self.parts.engine.flush().await?;
            }
        }
        Ok(())
    }

    /// Returns what was entered last about the prices of instruments, where it is news: nothing where a source has its prices, and no
    /// trade where a program has pushed one.
    async fn ticks_of_entered(&self, tickers: &[Ticker], rates: &mut DayRates) -> Result<Vec<Tick>, ApiError> {
        let Ground { board, store, history, .. } = &self.parts.ground;
        let (now, today) = (self.now(), utc_day(self.now()));
        let own: Vec<Ticker> = tickers.iter().filter(|ticker| !history.is_described(ticker)).cloned().collect();
        let entered = store.entered_prices(&own, now).await?;
        let mut ticks = Vec::new();
        for ticker in own {
            let Some(prices) = entered.get(&ticker) else { continue };
            let Some(instrument) = self.instrument(&ticker).await? else { continue };
            let known = board.quote(&ticker);
            let is_priced = known.as_ref().is_some_and(|quote| !quote.source.is_entered());
            let entered = match (Entered::by_hand(prices, now), &prices.trade) {
                (Some(entered), _) => Some(entered),
                (None, Some(trade)) if !is_priced => self.last_traded(&instrument, trade, &prices.splits, rates).await?,
                (None, _) => None,
            };
            let is_news = |entered: &Entered| known.as_ref().is_none_or(|known| entered.is_other_than(known, today));
            ticks.extend(entered.filter(is_news).map(|entered| tick(&instrument, &entered)));
        }
        Ok(ticks)
    }

    /// Returns what an instrument was last traded at, in the unit that it is quoted in; nothing where that takes a rate that is not known.
    async fn last_traded(
        &self,
        instrument: &Instrument,
        trade: &LastTrade,
        splits: &[(Timestamp, Decimal)],
        rates: &mut DayRates,
    ) -> Result<Option<Entered>, ApiError> {
        let time = if trade.date_only { noon(utc_day(trade.time)).min(self.now()) } else { trade.time };
        let (from, to) = (trade.currency.major(), instrument.currency.major());
        let paid = Money::new(trade.price, trade.currency);
        let paid = if from == to {
            Some(paid)
        } else {
            let rate = self.rate_on(from, to, utc_day(trade.time), rates).await?;
            let major = paid.in_major().ok();
            major
                .zip(rate)
                .and_then(|(major, rate)| Some(Money::new(major.amount.checked_mul(rate)?.round_dp(10).normalize(), to)))
        };
        let Some(quoted) = paid.and_then(|paid| paid.in_unit(instrument.currency)) else { return Ok(None) };
        let price = in_units_of_now(splits, trade.time, quoted.amount);
        Ok(price.map(|price| Entered { price, before: None, time, source: SourceName::LAST_TRADE }))
    }

    /// Returns a rate of a day, which is looked up once for all that was traded on it.
    async fn rate_on(&self, from: Currency, to: Currency, day: Date, rates: &mut DayRates) -> Result<Option<Decimal>, ApiError> {
        if let Some(rate) = rates.get(&(from, to, day)) {
            return Ok(*rate);
        }
        let rate = self.parts.ground.history.rate(from, to, day, self.now()).await?;
        rates.insert((from, to, day), rate);
        Ok(rate)
    }
}

impl Entered {
    /// Returns the newest price that was entered for a day, with the one before.
    fn by_hand(prices: &EnteredPrices, now: Timestamp) -> Option<Self> {
        let price_of = |(date, price): &(Date, Decimal)| in_units_of_now(&prices.splits, noon(*date), *price);
        let (date, _) = prices.dated.first()?;
        let price = prices.dated.first().and_then(price_of)?;
        let before = prices.dated.get(1).and_then(price_of);
        Some(Self { price, before, time: noon(*date).min(now), source: SourceName::BY_HAND })
    }

    /// Returns whether it says something else than the quote that is known. What today's price is measured from is corrected, too; that
    /// of an earlier day has no day change.
    fn is_other_than(&self, known: &Quote, today: Date) -> bool {
        let is_of_today = utc_day(self.time) == today;
        (known.price, known.source) != (self.price, self.source)
            || utc_day(known.time) != utc_day(self.time)
            || (is_of_today && self.before.is_some() && known.previous_close != self.before)
    }
}

/// Returns a price of a moment in units of now: after a split 2:1 a unit is worth half of it. Nothing where that outgrows a decimal.
fn in_units_of_now(splits: &[(Timestamp, Decimal)], time: Timestamp, price: Decimal) -> Option<Decimal> {
    let split = |price: Decimal, (_, written): &(Timestamp, Decimal)| {
        let ratio = Ratio::of(*written);
        price.checked_mul(ratio.before)?.checked_div(ratio.after)
    };
    let price = splits.iter().filter(|(at, _)| *at > time).try_fold(price, split);
    price.filter(|price| *price > Decimal::ZERO)
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
