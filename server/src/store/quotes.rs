//! Instruments and last quotes: what feeds without a model would otherwise forget.

use std::collections::BTreeMap;

use foliostream::domain::instrument::{Details, Instrument, Ticker};
use foliostream::domain::quote::Quote;

use super::columns::{self, digits, micros, name, named, parsed, parsed_option, read_all, small, time};
use super::statement::{Change, ROWS_AT_ONCE, Row, Statement, Writes, statement};
use super::value::Value;
use super::{Result, Store};

/// The columns of an instrument.
const INSTRUMENT_COLUMNS: usize = 8;

const INSERT_INSTRUMENTS: &str =
    "INSERT INTO instruments (ticker, name, currency, class, price_decimals, isin, sector, country) VALUES";

/// What a tick shows of an instrument says nothing of its details: they stay.
const OVER_INSTRUMENTS: &str = "ON CONFLICT (ticker) DO UPDATE SET name = excluded.name, currency = excluded.currency, \
     class = excluded.class, price_decimals = excluded.price_decimals";

/// What is only presumed of an instrument never replaces what is stored.
const BESIDE_INSTRUMENTS: &str = "ON CONFLICT (ticker) DO NOTHING";

const INSERT_QUOTES: &str = "INSERT INTO quotes (ticker, price, bid, ask, volume, currency, previous_close, time_us, \
     received_at_us, session_start_us, session, freshness, source, delay_s) VALUES";

const OVER_QUOTES: &str = "ON CONFLICT (ticker) DO UPDATE SET price = excluded.price, bid = excluded.bid, ask = excluded.ask, \
     volume = excluded.volume, currency = excluded.currency, previous_close = excluded.previous_close, \
     time_us = excluded.time_us, received_at_us = excluded.received_at_us, session_start_us = excluded.session_start_us, \
     session = excluded.session, freshness = excluded.freshness, source = excluded.source, delay_s = excluded.delay_s";

impl Store {
    /// Returns all instruments by ticker.
    pub async fn instruments(&self) -> Result<Vec<Instrument>> {
        let rows = statement("SELECT * FROM instruments ORDER BY ticker").all(&mut self.read().await?).await?;
        read_all(&rows, instrument_row)
    }

    /// Returns an instrument, if it is there.
    pub async fn instrument(&self, ticker: &Ticker) -> Result<Option<Instrument>> {
        let query = statement("SELECT * FROM instruments WHERE ticker = $1").bind(ticker.as_str());
        Ok(query.optional(&mut self.read().await?).await?.as_ref().map(instrument_row).transpose()?)
    }

    /// Creates or replaces instruments by their tickers, in one transaction; the last of one ticker stays.
    pub async fn upsert_instruments(&self, instruments: &[Instrument]) -> Result<()> {
        if instruments.is_empty() {
            return Ok(());
        }
        let mut change = self.begin().await?;
        write_instruments(&mut change, instruments).await?;
        change.commit().await
    }

    /// Creates instruments whose currency is presumed, in one transaction; those that are there stay as they are.
    pub async fn presume_instruments(&self, instruments: &[Instrument]) -> Result<()> {
        if instruments.is_empty() {
            return Ok(());
        }
        let mut change = self.begin().await?;
        write_presumed_instruments(&mut change, instruments).await?;
        change.commit().await
    }

    /// Returns the last saved quotes by ticker, as fresh as they were then.
    pub async fn quotes(&self) -> Result<Vec<Quote>> {
        let rows = statement("SELECT * FROM quotes ORDER BY ticker").all(&mut self.read().await?).await?;
        read_all(&rows, quote_row)
    }
}

/// Creates or replaces instruments by their tickers; the last of one ticker stays.
pub(super) async fn write_instruments(change: &mut Change, instruments: &[Instrument]) -> Result<()> {
    insert_instruments(change, instruments, OVER_INSTRUMENTS).await
}

/// Creates instruments whose currency is presumed: two workers may learn of one at once, and only one of them of its currency.
pub(super) async fn write_presumed_instruments(change: &mut Change, instruments: &[Instrument]) -> Result<()> {
    insert_instruments(change, instruments, BESIDE_INSTRUMENTS).await
}

async fn insert_instruments(change: &mut Change, instruments: &[Instrument], on_conflict: &'static str) -> Result<()> {
    // One statement may not meet the same row twice.
    let last: BTreeMap<_, _> = instruments.iter().map(|instrument| (instrument.ticker.as_str(), instrument)).collect();
    let last: Vec<_> = last.into_values().collect();
    for some in last.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|instrument| instrument_values(instrument));
        Statement::of_rows(INSERT_INSTRUMENTS, INSTRUMENT_COLUMNS, rows, on_conflict).run(&mut *change).await?;
    }
    Ok(())
}

/// Replaces quotes by their tickers, whatever their times: the engine knows which is the latest. The last of one ticker stays.
pub(super) fn write_quotes(writes: &mut Writes, quotes: &[Quote]) {
    let last: BTreeMap<_, _> = quotes.iter().map(|quote| (quote.ticker.as_str(), quote)).collect();
    let last: Vec<_> = last.into_values().collect();
    for some in last.chunks(ROWS_AT_ONCE) {
        let rows = some.iter().map(|quote| quote_values(quote));
        writes.push(Statement::of_rows(INSERT_QUOTES, 14, rows, OVER_QUOTES));
    }
}

fn instrument_values(instrument: &Instrument) -> Vec<Value> {
    vec![
        instrument.ticker.as_str().into(),
        instrument.name.as_str().into(),
        instrument.currency.as_str().into(),
        name(instrument.class).into(),
        instrument.price_decimals.into(),
        instrument.details.isin.map(|isin| isin.to_string()).into(),
        instrument.details.sector.clone().into(),
        instrument.details.country.clone().into(),
    ]
}

fn quote_values(quote: &Quote) -> Vec<Value> {
    vec![
        quote.ticker.as_str().into(),
        quote.price.to_string().into(),
        digits(quote.bid).into(),
        digits(quote.ask).into(),
        digits(quote.volume).into(),
        quote.currency.as_str().into(),
        digits(quote.previous_close).into(),
        micros(quote.time).into(),
        micros(quote.received_at).into(),
        micros(quote.session_start).into(),
        name(quote.session).into(),
        name(quote.freshness).into(),
        quote.source.as_str().into(),
        quote.delay_s.into(),
    ]
}

pub(super) fn instrument_row(row: &Row) -> std::result::Result<Instrument, sqlx::Error> {
    Ok(Instrument {
        ticker: columns::ticker(row, "ticker")?,
        name: row.get("name")?,
        currency: parsed(row, "currency")?,
        class: named(row, "class")?,
        price_decimals: small(row, "price_decimals")?,
        details: Details { isin: parsed_option(row, "isin")?, sector: row.get("sector")?, country: row.get("country")? },
    })
}

fn quote_row(row: &Row) -> std::result::Result<Quote, sqlx::Error> {
    Ok(Quote {
        ticker: columns::ticker(row, "ticker")?,
        price: parsed(row, "price")?,
        bid: parsed_option(row, "bid")?,
        ask: parsed_option(row, "ask")?,
        volume: parsed_option(row, "volume")?,
        currency: parsed(row, "currency")?,
        previous_close: parsed_option(row, "previous_close")?,
        time: time(row, "time_us")?,
        received_at: time(row, "received_at_us")?,
        session_start: time(row, "session_start_us")?,
        session: named(row, "session")?,
        freshness: named(row, "freshness")?,
        source: parsed(row, "source")?,
        delay_s: small(row, "delay_s")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::records::Decided;
    use super::super::testing::{EPOCH, HOSTILE_TEXTS, Kind, contract, quote, ticker};
    use super::*;
    use foliostream::domain::instrument::AssetClass;
    use foliostream::domain::money::Currency;

    async fn a_saved_quote_replaces_the_last_and_keeps_its_scale(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.save_quotes(EPOCH, &[]).await.unwrap();
        store.save_quotes(EPOCH, &[quote("B", "1"), quote("A", "2.50")]).await.unwrap();
        let full = Quote { bid: Some("1.0".parse().unwrap()), volume: Some("7".parse().unwrap()), ..quote("B", "3.000") };
        let full = Quote { previous_close: Some("2.9".parse().unwrap()), ..full };
        let full = Quote { source: "twelve_data".parse().unwrap(), delay_s: 900, ..full };
        store.save_quotes(EPOCH, std::slice::from_ref(&full)).await.unwrap();
        let found = store.quotes().await.unwrap();
        assert_eq!(found, [quote("A", "2.50"), full]);
        assert_eq!(found[1].price.to_string(), "3.000");
    }

    async fn an_instrument_is_replaced_by_its_ticker(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.upsert_instruments(&[]).await.unwrap();
        let instrument = |name: &str| Instrument {
            ticker: ticker("EURUSD=X"),
            name: name.to_owned(),
            currency: Currency::USD,
            class: AssetClass::Currency,
            price_decimals: 5,
            details: Details::default(),
        };
        for text in HOSTILE_TEXTS {
            store.upsert_instruments(&[instrument("before"), instrument(text)]).await.unwrap();
            assert_eq!(store.instruments().await.unwrap(), [instrument(text)]);
        }
    }

    async fn a_presumed_currency_takes_the_place_of_nothing_and_a_known_one_of_a_presumed_one(kind: Kind) {
        let (_place, store) = kind.store().await;
        let instrument = |name: &str, currency: Currency| Instrument {
            ticker: ticker(name),
            name: name.to_owned(),
            currency,
            class: AssetClass::Other,
            price_decimals: 2,
            details: Details::default(),
        };
        let decided =
            |presumed: Vec<Instrument>, number| Decided { presumed_instruments: presumed, number, ..Decided::default() };
        store.presume_instruments(&[]).await.unwrap();
        for (name, is_decided) in [("A", false), ("B", true)] {
            let (known, presumed) = (instrument(name, Currency::GBX), instrument(name, Currency::USD));
            let presume = async |number| match is_decided {
                true => {
                    drop(store.store_decided(EPOCH, &decided(vec![presumed.clone(), presumed.clone()], number)).await.unwrap())
                }
                false => store.presume_instruments(&[presumed.clone(), presumed.clone()]).await.unwrap(),
            };
            presume(1).await;
            assert_eq!(store.instrument(&presumed.ticker).await.unwrap(), Some(presumed.clone()));
            store.upsert_instruments(std::slice::from_ref(&known)).await.unwrap();
            presume(2).await;
            assert_eq!(store.instrument(&known.ticker).await.unwrap(), Some(known));
        }
    }

    contract! {
        a_presumed_currency_takes_the_place_of_nothing_and_a_known_one_of_a_presumed_one,
        a_saved_quote_replaces_the_last_and_keeps_its_scale,
        an_instrument_is_replaced_by_its_ticker,
    }
}
