//! Instruments that a person makes and changes.

use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::isin::Isin;

use super::quotes::{instrument_row, write_instruments};
use super::statement::{Change, statement};
use super::{Result, Store};

const UPDATE: &str = "UPDATE instruments SET name = $2, currency = $3, class = $4, price_decimals = $5, isin = $6, sector = $7, country = $8 \
     WHERE ticker = $1";

/// What became of an instrument that was to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is stored.
    Stored,
    /// There is one of this ticker, or none to change.
    Ticker,
    /// Another one has its ISIN: this one.
    Isin(Ticker),
}

impl Store {
    /// Creates an instrument, where its ticker and its ISIN are free.
    pub(crate) async fn make_instrument(&self, instrument: &Instrument) -> Result<Written> {
        let mut change = self.begin().await?;
        if is_there(&mut change, &instrument.ticker).await? {
            return Ok(Written::Ticker);
        }
        if let Some(other) = other_of_isin(&mut change, instrument).await? {
            return Ok(Written::Isin(other));
        }
        write_instruments(&mut change, std::slice::from_ref(instrument)).await?;
        change.commit().await?;
        Ok(Written::Stored)
    }

    /// Replaces all that is known of an instrument, where its ISIN is free.
    pub(crate) async fn change_instrument(&self, instrument: &Instrument) -> Result<Written> {
        let mut change = self.begin().await?;
        if let Some(other) = other_of_isin(&mut change, instrument).await? {
            return Ok(Written::Isin(other));
        }
        let details = &instrument.details;
        let update = statement(UPDATE)
            .bind(instrument.ticker.as_str())
            .bind(instrument.name.as_str())
            .bind(instrument.currency.as_str())
            .bind(super::columns::name(instrument.class))
            .bind(instrument.price_decimals)
            .bind(details.isin.map(|isin| isin.to_string()))
            .bind(details.sector.clone())
            .bind(details.country.clone());
        if update.run(&mut change).await? == 0 {
            return Ok(Written::Ticker);
        }
        change.commit().await?;
        Ok(Written::Stored)
    }

    /// Returns the instrument of an ISIN, if there is one.
    pub(crate) async fn instrument_of_isin(&self, isin: &Isin) -> Result<Option<Instrument>> {
        let query = statement("SELECT * FROM instruments WHERE isin = $1").bind(isin.as_str());
        Ok(query.optional(&mut self.read().await?).await?.as_ref().map(instrument_row).transpose()?)
    }
}

/// Returns whether there is an instrument of a ticker.
pub(super) async fn is_there(change: &mut Change, ticker: &Ticker) -> Result<bool> {
    let query = statement("SELECT ticker FROM instruments WHERE ticker = $1").bind(ticker.as_str());
    Ok(query.optional(change).await?.is_some())
}

/// Returns the other instrument that has the ISIN of one.
pub(super) async fn other_of_isin(change: &mut Change, instrument: &Instrument) -> Result<Option<Ticker>> {
    let Some(isin) = instrument.details.isin else { return Ok(None) };
    let query = statement("SELECT ticker FROM instruments WHERE isin = $1 AND ticker <> $2");
    let found = query.bind(isin.as_str()).bind(instrument.ticker.as_str()).optional(change).await?;
    Ok(found.as_ref().map(|row| super::columns::ticker(row, "ticker")).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HOSTILE_TEXTS, Kind, contract, ticker};
    use super::*;
    use foliostream::domain::instrument::{AssetClass, Details};
    use foliostream::domain::money::Currency;

    fn instrument(name: &str, isin: Option<&str>) -> Instrument {
        Instrument {
            ticker: ticker(name),
            name: name.to_owned(),
            currency: Currency::EUR,
            class: AssetClass::Fund,
            price_decimals: 3,
            details: Details { isin: isin.map(|isin| isin.parse().unwrap()), ..Details::default() },
        }
    }

    async fn a_ticker_and_an_isin_are_given_once(kind: Kind) {
        let (_place, store) = kind.store().await;
        let first = instrument("NEWCO", Some("US0378331005"));
        assert_eq!(store.make_instrument(&first).await.unwrap(), Written::Stored);
        assert_eq!(store.make_instrument(&instrument("NEWCO", None)).await.unwrap(), Written::Ticker);
        let twin = instrument("TWIN", Some("US0378331005"));
        assert_eq!(store.make_instrument(&twin).await.unwrap(), Written::Isin(ticker("NEWCO")));
        assert_eq!(store.make_instrument(&instrument("TWIN", None)).await.unwrap(), Written::Stored);
        assert_eq!(store.change_instrument(&twin).await.unwrap(), Written::Isin(ticker("NEWCO")));
        assert_eq!(store.change_instrument(&instrument("NONE", None)).await.unwrap(), Written::Ticker);
        let isin = first.details.isin.unwrap();
        assert_eq!(store.instrument_of_isin(&isin).await.unwrap(), Some(first));
        assert_eq!(store.instrument_of_isin(&"DE0007164600".parse().unwrap()).await.unwrap(), None);
    }

    async fn what_is_changed_is_all_there_is_and_a_tick_leaves_its_details_alone(kind: Kind) {
        let (_place, store) = kind.store().await;
        store.make_instrument(&instrument("A", None)).await.unwrap();
        for text in HOSTILE_TEXTS {
            let details = Details { sector: Some(text.to_owned()), country: Some(text.to_owned()), ..Details::default() };
            let changed = Instrument { name: text.to_owned(), details, ..instrument("A", None) };
            assert_eq!(store.change_instrument(&changed).await.unwrap(), Written::Stored);
            store.upsert_instruments(&[Instrument { details: Details::default(), ..changed.clone() }]).await.unwrap();
            assert_eq!(store.instrument(&ticker("A")).await.unwrap(), Some(changed));
        }
    }

    contract! {
        a_ticker_and_an_isin_are_given_once,
        what_is_changed_is_all_there_is_and_a_tick_leaves_its_details_alone,
    }
}
