//! Instruments that a person makes and describes: what no source knows of.

use std::slice;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use foliostream::domain::instrument::{Details, Instrument, Ticker};
use foliostream::domain::isin::Isin;
use foliostream::domain::money::Currency;
use foliostream::wire::commands::{InstrumentDraft, InstrumentPatch};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::text::refuse_unreadable_name;
use foliostream::wire::times::utc_day;
use foliostream::wire::views::{DatedPriceView, DescribedInstrumentView, EnteredView};
use foliostream::words::Refusals;

use super::entries::USUAL_DECIMALS;
use super::{Acting, LONGEST_NAME, read_name, read_ticker};
use crate::engine_task::News;
use crate::store::Written;

/// The most decimals that a price is shown with.
const MOST_DECIMALS: u32 = 10;

/// An instrument that no source describes, with all that was entered about it.
#[derive(Debug, Serialize)]
pub(crate) struct OwnInstrument {
    /// The instrument as the API answers it.
    #[serde(flatten)]
    pub described: DescribedInstrumentView,
    /// The prices that were entered for days, the newest first.
    pub prices: Vec<DatedPriceView>,
}

impl Acting {
    /// Returns all that is known of an instrument, found by its ticker or its ISIN; 404 for an unknown one.
    pub async fn described(&self, name: &str) -> Result<DescribedInstrumentView, ApiError> {
        let unknown = || ApiError::not_found(Refusals::no_such_ticker());
        let ticker = read_ticker(name).map_err(|_| unknown())?;
        let instrument = self.instrument_named(&ticker).await?.ok_or_else(unknown)?;
        Ok(self.described_view(&instrument))
    }

    /// Makes an instrument; 409 where its ticker or its ISIN is taken, 422 for a field that cannot be read.
    pub async fn make_instrument(&self, draft: InstrumentDraft) -> Result<DescribedInstrumentView, ApiError> {
        let instrument = Instrument {
            ticker: read_ticker(&draft.ticker)?,
            name: read_name(&draft.name)?,
            currency: draft.currency.trim().parse().map_err(|_| ApiError::field("currency", Refusals::not_a_currency()))?,
            class: draft.class,
            price_decimals: read_decimals(draft.price_decimals)?.unwrap_or(USUAL_DECIMALS),
            details: Details {
                isin: read_isin(draft.isin.as_deref())?,
                sector: read_text("sector", draft.sector.as_deref())?,
                country: read_text("country", draft.country.as_deref())?,
            },
        };
        let ticker = &instrument.ticker;
        if self.instrument(ticker).await?.is_some() || self.parts.sources.describing(ticker).is_some() {
            return Err(taken(ticker));
        }
        let make = async move |hub: Self| {
            let written = hub.parts.ground.store.make_instrument(&instrument).await?;
            refuse(written, || taken(&instrument.ticker))?;
            hub.announce_instrument(&instrument).await?;
            hub.show_entered(slice::from_ref(&instrument.ticker)).await?;
            Ok(hub.described_view(&instrument))
        };
        self.to_its_end(make).await
    }

    /// Changes what is known of an instrument; 404 for an unknown ticker, 409 where a source describes it or its ISIN is taken, 422 for a
    /// field that cannot be read.
    pub async fn change_instrument(&self, ticker: &str, patch: InstrumentPatch) -> Result<DescribedInstrumentView, ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
        let known = self.own_instrument(&ticker).await?;
        let currency = patch.currency.as_deref().map(|text| text.trim().parse::<Currency>()).transpose();
        let currency = currency.map_err(|_| ApiError::field("currency", Refusals::not_a_currency()))?;
        if currency.is_some_and(|currency| currency != known.currency) {
            let refusal = Refusals::currency_stays(known.ticker.as_str(), known.currency.as_str());
            return Err(ApiError::field("currency", refusal));
        }
        let mut changed = (*known).clone();
        if let Some(name) = &patch.name {
            changed.name = read_name(name)?;
        }
        changed.class = patch.class.unwrap_or(changed.class);
        changed.price_decimals = read_decimals(patch.price_decimals)?.unwrap_or(changed.price_decimals);
        if let Some(isin) = &patch.isin {
            changed.details.isin = read_isin(Some(isin))?;
        }
        if let Some(sector) = &patch.sector {
            changed.details.sector = read_text("sector", Some(sector))?;
        }
        if let Some(country) = &patch.country {
            changed.details.country = read_text("country", Some(country))?;
        }
        if changed == *known {
            return Ok(self.described_view(&changed));
        }
        let change = async move |hub: Self| {
            let written = hub.parts.ground.store.change_instrument(&changed).await?;
            refuse(written, || ApiError::not_found(Refusals::no_such_ticker()))?;
            hub.announce_instrument(&changed).await?;
            Ok(hub.described_view(&changed))
        };
        self.to_its_end(change).await
    }

    /// Returns an instrument that a person may describe and price; 404 for an unknown one, 409 for one that a source describes.
    pub(super) async fn own_instrument(&self, ticker: &Ticker) -> Result<Arc<Instrument>, ApiError> {
        if let Some(source) = self.parts.sources.describing(ticker) {
            let message = Refusals::described_by_source(ticker.as_str(), source.name().as_str());
            return Err(ApiError { field: Some("ticker".to_owned()), ..ApiError::new(ErrorCode::Conflict, message) });
        }
        self.instrument_named(ticker).await?.ok_or_else(|| ApiError::not_found(Refusals::no_such_ticker()))
    }

    /// Returns the instrument of a ticker, else the one whose ISIN it is.
    pub(super) async fn instrument_named(&self, name: &Ticker) -> Result<Option<Arc<Instrument>>, ApiError> {
        if let Some(known) = self.instrument(name).await? {
            return Ok(Some(known));
        }
        let Ok(isin) = name.as_str().parse::<Isin>() else { return Ok(None) };
        match self.parts.ground.store.instrument_of_isin(&isin).await? {
            Some(found) => self.instrument(&found.ticker).await,
            None => Ok(None),
        }
    }

    /// Returns what a person has entered about an instrument; nothing where a source describes it.
    pub(super) async fn entered(&self, instrument: &Instrument) -> Result<Option<EnteredView>, ApiError> {
        if self.parts.sources.describing(&instrument.ticker).is_some() {
            return Ok(None);
        }
        let prices = self.parts.ground.store.newest_dated_prices(&instrument.ticker, EnteredView::PRICES).await?;
        let Details { isin, sector, country } = instrument.details.clone();
        Ok(Some(EnteredView { isin, sector, country, prices: dated(prices) }))
    }

    /// Returns every instrument that no source describes, each with all prices that were entered for it, the newest first.
    pub(crate) async fn own_instruments(&self) -> Result<Vec<OwnInstrument>, ApiError> {
        let mut own = Vec::new();
        for instrument in self.parts.ground.store.instruments().await? {
            if self.parts.sources.describing(&instrument.ticker).is_none() {
                let prices = self.parts.ground.store.newest_dated_prices(&instrument.ticker, i64::MAX).await?;
                own.push(OwnInstrument { described: self.described_view(&instrument), prices: dated(prices) });
            }
        }
        Ok(own)
    }

    pub(super) async fn announce_instrument(&self, instrument: &Instrument) -> Result<(), ApiError> {
        self.parts.ground.board.add_instruments([instrument.clone()]);
        Ok(self.parts.engine.send(News::InstrumentChanged(instrument.clone())).await?)
    }

    fn described_view(&self, instrument: &Instrument) -> DescribedInstrumentView {
        let priced_on = self.parts.ground.board.quote(&instrument.ticker).map(|quote| utc_day(quote.time).to_string());
        let Details { isin, sector, country } = instrument.details.clone();
        DescribedInstrumentView { instrument: self.instrument_view(instrument), priced_on, isin, sector, country }
    }
}

fn dated(prices: Vec<(Date, Decimal)>) -> Vec<DatedPriceView> {
    prices.into_iter().map(|(date, price)| DatedPriceView { date: date.to_string(), price }).collect()
}

fn taken(ticker: &Ticker) -> ApiError {
    let message = Refusals::ticker_is_taken(ticker.as_str());
    ApiError { field: Some("ticker".to_owned()), ..ApiError::new(ErrorCode::Conflict, message) }
}

fn refuse(written: Written, of_ticker: impl FnOnce() -> ApiError) -> Result<(), ApiError> {
    match written {
        Written::Stored => Ok(()),
        Written::Ticker => Err(of_ticker()),
        Written::Isin(other) => {
            let message = Refusals::isin_is_taken(other.as_str());
            Err(ApiError { field: Some("isin".to_owned()), ..ApiError::new(ErrorCode::Conflict, message) })
        }
    }
}

fn read_text(field: &str, text: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    refuse_unreadable_name(text).map_err(|refusal| ApiError::field(field, refusal.0))?;
    if text.chars().count() > LONGEST_NAME {
        return Err(ApiError::field(field, Refusals::at_most_100_characters()));
    }
    Ok(Some(text.to_owned()))
}

fn read_isin(text: Option<&str>) -> Result<Option<Isin>, ApiError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|_| ApiError::field("isin", Refusals::not_an_isin()))
}

fn read_decimals(decimals: Option<u32>) -> Result<Option<u32>, ApiError> {
    match decimals {
        Some(decimals) if decimals > MOST_DECIMALS => Err(ApiError::field("price_decimals", Refusals::decimals_0_to_10())),
        decimals => Ok(decimals),
    }
}
