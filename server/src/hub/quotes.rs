//! Pushed quotes: they are read, stamped with a time where they have none, and handed to the engine.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::engine_task::{Observed, PushKey, instrument_of};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::moment::AHEAD;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::{Session, Tick};
use foliostream::domain::rates::presumed_currency;
use foliostream::domain::source::SourceName;
use foliostream::wire::commands::{QuoteDraft, parse_decimal};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::parse_time;
use foliostream::words::Refusals;

use super::{Acting, at, read_ticker};

/// The most quotes of one push.
pub(crate) const MOST_QUOTES: usize = 10_000;

/// The currency of a ticker that a push brought before.
#[derive(Clone, Copy)]
struct Named {
    currency: Currency,
    is_presumed: bool,
}

impl Named {
    /// Returns what is told of it: nothing where it is presumed.
    fn told(self) -> Option<Currency> {
        (!self.is_presumed).then_some(self.currency)
    }
}

impl Acting {
    /// Applies quotes in order, all or none: one that cannot be read refuses the push before any is applied. Quotes older
    /// than the current one are ignored and counted. New tickers are stored before the answer. A push whose key came before is
    /// applied no second time, and has the answer that it had.
    pub async fn push_quotes(&self, drafts: Vec<QuoteDraft>, key: Option<&str>) -> Result<Observed, ApiError> {
        let once = self.once(key, "quotes", &drafts)?.map(|once| PushKey { key: once.key, asked: once.asked });
        if drafts.len() > MOST_QUOTES {
            return Err(ApiError::new(ErrorCode::TooLarge, Refusals::at_most_10000_quotes()));
        }
        let (mut stamps, mut named) = (self.parts.stamps.begin(self.now()), HashMap::new());
        let read = |(index, draft): (usize, &QuoteDraft)| {
            self.read_quote(draft, |ticker| stamps.next(ticker), &mut named).map_err(|refusal: ApiError| placed(refusal, index))
        };
        let ticks = drafts.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        let push = |hub: Self| async move {
            hub.keep_new_instruments(&ticks).await?;
            let appears = ticks.iter().any(|tick| hub.parts.ground.board.quote(&tick.ticker).is_none());
            let observed = hub.parts.engine.observe_once(ticks, once).await?;
            if appears {
                // A new ticker exists once it was pushed, not a frame later.
                hub.parts.engine.flush().await?;
            }
            Ok(observed)
        };
        self.to_its_end(push).await
    }

    /// Reads a quote of another program as a pushed one is read, and learns of its instrument. Where it has no time of its own,
    /// it is of the time when it came.
    pub async fn read_pushed(&self, draft: &QuoteDraft, came: Timestamp) -> Result<Tick, ApiError> {
        let tick = self.read_quote(draft, |_| came, &mut HashMap::new())?;
        if let Err(error) = self.keep_new_instruments(std::slice::from_ref(&tick)).await {
            tracing::debug!("an instrument is not stored yet, the engine tries again with its quote: {}", error.message);
        }
        Ok(tick)
    }

    /// Reads a quote; `stamp` gives a time to one that has none, and `named` holds the currencies of tickers that the same push
    /// brought before.
    fn read_quote(
        &self,
        draft: &QuoteDraft,
        mut stamp: impl FnMut(&Ticker) -> Timestamp,
        named: &mut HashMap<Ticker, Named>,
    ) -> Result<Tick, ApiError> {
        let ticker = read_ticker(&draft.ticker)?;
        let written = draft.time.as_deref().map(parse_time).transpose().map_err(at("time"))?;
        let time = written.unwrap_or_else(|| stamp(&ticker));
        if time.duration_since(self.now()) > AHEAD {
            return Err(ApiError::field("time", Refusals::quote_from_the_future()));
        }
        let bid = read_optional("bid", draft.bid.as_deref())?;
        let ask = read_optional("ask", draft.ask.as_deref())?;
        if let (Some(bid), Some(ask)) = (bid, ask)
            && bid > ask
        {
            return Err(ApiError::field("bid", Refusals::bid_above_ask()));
        }
        Ok(Tick {
            price: read_price("price", &draft.price)?,
            bid,
            ask,
            volume: None,
            currency: self.read_quote_currency(&ticker, draft.currency.as_deref(), named)?,
            previous_close: read_optional("previous_close", draft.previous_close.as_deref())?,
            time,
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
            ticker,
        })
    }

    /// An instrument keeps its currency: a position's cost would mean something else in another. Where nothing is known of it the
    /// currency is left empty: another worker may know it.
    fn read_quote_currency(
        &self,
        ticker: &Ticker,
        text: Option<&str>,
        named: &mut HashMap<Ticker, Named>,
    ) -> Result<Option<Currency>, ApiError> {
        let in_catalogue = self
            .parts
            .ground
            .board
            .instrument(ticker)
            .map(|instrument| Named { currency: instrument.currency, is_presumed: false });
        let known = in_catalogue.or(named.get(ticker).copied());
        let written: Option<Currency> =
            text.map(str::parse).transpose().map_err(|_| ApiError::field("currency", Refusals::not_a_currency()))?;
        let new = match (known, written, self.parts.ground.board.currency_of(ticker)) {
            (Some(known), Some(written), _) if known.currency != written => {
                return Err(ApiError::field("currency", Refusals::quoted_in(ticker.as_str(), known.currency.as_str())));
            }
            (Some(known), ..) => return Ok(known.told()),
            (None, Some(currency), _) | (None, None, Some(currency)) => Named { currency, is_presumed: false },
            (None, None, None) => Named { currency: presumed_currency(ticker), is_presumed: true },
        };
        named.insert(ticker.clone(), new);
        Ok(new.told())
    }

    async fn keep_new_instruments(&self, ticks: &[Tick]) -> Result<(), ApiError> {
        let new = ticks.iter().filter(|tick| self.parts.ground.board.instrument(&tick.ticker).is_none());
        let new: BTreeMap<&Ticker, &Tick> = new.map(|tick| (&tick.ticker, tick)).collect();
        let (known, presumed): (Vec<&Tick>, Vec<&Tick>) = new.into_values().partition(|tick| tick.currency.is_some());
        let [known, mut presumed] = [known, presumed].map(|ticks| ticks.into_iter().map(instrument_of).collect::<Vec<_>>());
        self.parts.ground.store.upsert_instruments(&known).await?;
        self.parts.ground.board.add_instruments(known);
        if !presumed.is_empty() {
            self.parts.ground.store.presume_instruments(&presumed).await?;
            // Another worker may have known more.
            let stored: HashMap<_, _> =
                self.parts.ground.store.instruments().await?.into_iter().map(|stored| (stored.ticker.clone(), stored)).collect();
            for instrument in &mut presumed {
                if let Some(stored) = stored.get(&instrument.ticker) {
                    *instrument = stored.clone();
                }
            }
            self.parts.ground.board.add_instruments(presumed);
        }
        Ok(())
    }
}

fn read_price(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let price = parse_decimal(text).map_err(at(field))?;
    if price > Decimal::ZERO { Ok(price) } else { Err(ApiError::field(field, Refusals::price_above_zero())) }
}

fn read_optional(field: &str, text: Option<&str>) -> Result<Option<Decimal>, ApiError> {
    text.map(|text| read_price(field, text)).transpose()
}

/// Says which quote of a push is at fault.
fn placed(refusal: ApiError, index: usize) -> ApiError {
    ApiError { field: refusal.field.map(|field| format!("[{index}].{field}")), ..refusal }
}
