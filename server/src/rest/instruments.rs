//! `/instruments`: search, and history as bars.

use jiff::civil::Date;
use serde::Deserialize;

use foliostream::domain::instrument::Ticker;
use foliostream::wire::error::{ApiError, ErrorCode, Message};
use foliostream::wire::times::parse_day;
use foliostream::wire::views::{BarView, InstrumentView};

use crate::extract::{Path, Query};
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
