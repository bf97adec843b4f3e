//! Instruments and last quotes: what feeds without a model would otherwise forget.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::instrument::Instrument;
use crate::domain::quote::Quote;

use super::columns::{digits, micros, name, named, parsed, parsed_option, time};
use super::{Result, Store};

const SAVE_INSTRUMENT: &str = "INSERT OR REPLACE INTO instruments (ticker, name, currency, class, price_decimals) \
     VALUES (?1, ?2, ?3, ?4, ?5)";

const SAVE_QUOTE: &str = "INSERT OR REPLACE INTO quotes (ticker, price, bid, ask, volume, currency, previous_close, time_us, \
     received_at_us, session_start_us, session, freshness) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

impl Store {
    /// Returns all instruments by ticker.
    pub async fn instruments(&self) -> Result<Vec<Instrument>> {
        let rows = sqlx::query("SELECT * FROM instruments ORDER BY ticker").fetch_all(self.readers()).await?;
        Ok(rows.iter().map(instrument_row).collect::<std::result::Result<_, _>>()?)
    }

    /// Creates or replaces instruments by their tickers, in one transaction.
    pub async fn upsert_instruments(&self, instruments: &[Instrument]) -> Result<()> {
        if instruments.is_empty() {
            return Ok(());
        }
        let mut change = self.begin().await?;
        for instrument in instruments {
            sqlx::query(SAVE_INSTRUMENT)
                .bind(instrument.ticker.as_str())
                .bind(&instrument.name)
                .bind(instrument.currency.as_str())
                .bind(name(instrument.class))
                .bind(instrument.price_decimals)
                .execute(&mut *change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Returns the last saved quotes by ticker, as fresh as they were then.
    pub async fn quotes(&self) -> Result<Vec<Quote>> {
        let rows = sqlx::query("SELECT * FROM quotes ORDER BY ticker").fetch_all(self.readers()).await?;
        Ok(rows.iter().map(quote_row).collect::<std::result::Result<_, _>>()?)
    }

    /// Replaces quotes by their tickers, in one transaction, whatever their times: the engine knows which is the latest.
    pub async fn save_quotes(&self, quotes: &[Quote]) -> Result<()> {
        if quotes.is_empty() {
            return Ok(());
        }
        let mut change = self.begin().await?;
        for quote in quotes {
            sqlx::query(SAVE_QUOTE)
                .bind(quote.ticker.as_str())
                .bind(quote.price.to_string())
                .bind(digits(quote.bid))
                .bind(digits(quote.ask))
                .bind(digits(quote.volume))
                .bind(quote.currency.as_str())
                .bind(digits(quote.previous_close))
                .bind(micros(quote.time))
                .bind(micros(quote.received_at))
                .bind(micros(quote.session_start))
                .bind(name(quote.session))
                .bind(name(quote.freshness))
                .execute(&mut *change)
                .await?;
        }
        Ok(change.commit().await?)
    }
}

fn instrument_row(row: &SqliteRow) -> std::result::Result<Instrument, sqlx::Error> {
    Ok(Instrument {
        ticker: parsed(row, "ticker")?,
        name: row.try_get("name")?,
        currency: parsed(row, "currency")?,
        class: named(row, "class")?,
        price_decimals: row.try_get("price_decimals")?,
    })
}

fn quote_row(row: &SqliteRow) -> std::result::Result<Quote, sqlx::Error> {
    Ok(Quote {
        ticker: parsed(row, "ticker")?,
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
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE_TEXTS, at, store, ticker};
    use super::*;
    use crate::domain::instrument::AssetClass;
    use crate::domain::money::Currency;
    use crate::domain::quote::{Freshness, Session};

    fn quote(text: &str, price: &str) -> Quote {
        Quote {
            ticker: ticker(text),
            price: price.parse().unwrap(),
            bid: None,
            ask: Some("1.10".parse().unwrap()),
            volume: None,
            currency: Currency::GBX,
            previous_close: None,
            time: "2020-01-01T22:02:37.254123Z".parse().unwrap(),
            received_at: at(1),
            session_start: at(0),
            session: Session::Closed,
            freshness: Freshness::Delayed,
        }
    }

    #[tokio::test]
    async fn a_saved_quote_replaces_the_last_and_keeps_its_scale() {
        let (_folder, store) = store().await;
        store.save_quotes(&[]).await.unwrap();
        store.save_quotes(&[quote("B", "1"), quote("A", "2.50")]).await.unwrap();
        let full = Quote { bid: Some("1.0".parse().unwrap()), volume: Some("7".parse().unwrap()), ..quote("B", "3.000") };
        let full = Quote { previous_close: Some("2.9".parse().unwrap()), ..full };
        store.save_quotes(std::slice::from_ref(&full)).await.unwrap();
        let found = store.quotes().await.unwrap();
        assert_eq!(found, [quote("A", "2.50"), full]);
        assert_eq!(found[1].price.to_string(), "3.000");
    }

    #[tokio::test]
    async fn an_instrument_is_replaced_by_its_ticker() {
        let (_folder, store) = store().await;
        store.upsert_instruments(&[]).await.unwrap();
        let instrument = |name: &str| Instrument {
            ticker: ticker("EURUSD=X"),
            name: name.to_owned(),
            currency: Currency::USD,
            class: AssetClass::Currency,
            price_decimals: 5,
        };
        for text in HOSTILE_TEXTS {
            store.upsert_instruments(&[instrument("before"), instrument(text)]).await.unwrap();
            assert_eq!(store.instruments().await.unwrap(), [instrument(text)]);
        }
    }
}
