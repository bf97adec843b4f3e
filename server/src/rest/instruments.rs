//! `/instruments`: search, and history as bars.

use jiff::civil::Date;
use serde::Deserialize;

use foliostream::domain::instrument::Ticker;
use foliostream::wire::commands::{DatedPriceDraft, InstrumentDraft, InstrumentPatch};
use foliostream::wire::error::{ApiError, ErrorCode, Message};
use foliostream::wire::times::parse_day;
use foliostream::wire::views::{AcceptedView, BarView, DescribedInstrumentView, InstrumentView};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::extract::{Json, Object, Path, Query};
use crate::hub::Acting;
use foliostream::words::Refusals;

/// The text to search for, as it was written.
#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    query: String,
}

/// The dates and the interval of the bars that are asked for, as they were written.
#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    from: Option<String>,
    to: Option<String>,
    interval: Option<String>,
}

/// Searches instruments by ticker and name; at most 20, best first.
#[utoipa::path(get, path = "/api/v1/instruments", tag = "instruments", params(("query" = Option<String>, Query)),
    responses((status = 200, body = [InstrumentView])))]
pub(crate) async fn search(acting: Acting, Query(search): Query<Search>) -> Result<axum::Json<Vec<InstrumentView>>, ApiError> {
    Ok(axum::Json(acting.search(&search.query).await?))
}

/// Returns all that is known of an instrument; an ISIN finds it as well.
#[utoipa::path(get, path = "/api/v1/instruments/{ticker}", tag = "instruments", operation_id = "show_instrument", params(("ticker" = String, Path)),
    responses((status = 200, body = DescribedInstrumentView), (status = 404, description = "unknown ticker")))]
pub(crate) async fn show(acting: Acting, Path(ticker): Path<String>) -> Result<axum::Json<DescribedInstrumentView>, ApiError> {
    Ok(axum::Json(acting.described(&ticker).await?))
}

/// Makes an instrument that no source describes.
#[utoipa::path(post, path = "/api/v1/instruments", tag = "instruments", operation_id = "make_instrument", request_body = InstrumentDraft,
    responses((status = 201, body = DescribedInstrumentView), (status = 409, description = "its ticker or its ISIN is taken"),
        (status = 422, description = "refused")))]
pub(crate) async fn make(acting: Acting, Json(Object(draft)): Json<Object<InstrumentDraft>>) -> Result<Response, ApiError> {
    let made = acting.make_instrument(draft).await?;
    let location = format!("/api/v1/instruments/{}", made.instrument.ticker.as_str().replace('^', "%5E"));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(made)).into_response())
}

/// Changes what is known of an instrument: absent fields stay.
#[utoipa::path(patch, path = "/api/v1/instruments/{ticker}", tag = "instruments", operation_id = "change_instrument",
    params(("ticker" = String, Path)), request_body = InstrumentPatch,
    responses((status = 200, body = DescribedInstrumentView), (status = 404, description = "unknown ticker"),
        (status = 409, description = "a source describes it, or its ISIN is taken"), (status = 422, description = "refused")))]
pub(crate) async fn change(
    acting: Acting,
    Path(ticker): Path<String>,
    Json(Object(patch)): Json<Object<InstrumentPatch>>,
) -> Result<axum::Json<DescribedInstrumentView>, ApiError> {
    Ok(axum::Json(acting.change_instrument(&ticker, patch).await?))
}

/// Enters prices for days, all or none.
#[utoipa::path(post, path = "/api/v1/instruments/{ticker}/prices", tag = "instruments", operation_id = "enter_prices",
    params(("ticker" = String, Path)), request_body = [DatedPriceDraft],
    responses((status = 200, body = AcceptedView), (status = 404, description = "unknown ticker"),
        (status = 409, description = "a source has its prices"), (status = 413, description = "more than 15,000 prices"),
        (status = 422, description = "refused")))]
pub(crate) async fn enter_prices(
    acting: Acting,
    Path(ticker): Path<String>,
    Json(drafts): Json<Vec<DatedPriceDraft>>,
) -> Result<axum::Json<AcceptedView>, ApiError> {
    let ticker: Ticker = ticker.parse().map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
    Ok(axum::Json(AcceptedView { accepted: acting.enter_prices(&ticker, &drafts).await? }))
}

/// Returns bars, oldest first: daily between two dates (a year back unless told), or five-minute ones of the last day.
#[utoipa::path(get, path = "/api/v1/instruments/{ticker}/history", tag = "instruments",
    params(("ticker" = String, Path), ("from" = Option<String>, Query, description = "a date"), ("to" = Option<String>, Query, description = "a date"),
        ("interval" = Option<String>, Query, description = "1d (default) or 5m")),
    responses((status = 200, body = [BarView]), (status = 400, description = "malformed"), (status = 404, description = "unknown ticker")))]
pub(crate) async fn history(
    acting: Acting,
    Path(ticker): Path<String>,
    Query(span): Query<Span>,
) -> Result<axum::Json<Vec<BarView>>, ApiError> {
    let ticker: Ticker = ticker.parse().map_err(|_| bad("ticker", Refusals::not_a_ticker()))?;
    match span.interval.as_deref().unwrap_or("1d") {
        "5m" => Ok(axum::Json(acting.intraday_bars(&ticker).await?)),
        "1d" => {
            let to = read_date("to", span.to.as_deref())?.unwrap_or_else(|| acting.today());
            let year_before = to.checked_sub(jiff::Span::new().years(1)).unwrap_or(Date::MIN);
            let from = read_date("from", span.from.as_deref())?.unwrap_or(year_before);
            if from > to {
                return Err(bad("from", "from lies after to"));
            }
            Ok(axum::Json(acting.daily_bars(&ticker, from, to).await?))
        }
        _ => Err(bad("interval", "choose 1d or 5m")),
    }
}

/// Reads a date; a time counts as its day in UTC, by which bars are cut.
fn read_date(field: &str, text: Option<&str>) -> Result<Option<Date>, ApiError> {
    let text = text.filter(|text| !text.is_empty());
    text.map(parse_day).transpose().map_err(|refusal| bad(field, refusal.0))
}

fn bad(field: &str, message: impl Into<Message>) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) }
}
