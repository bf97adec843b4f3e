//! `GET /portfolios/{portfolio_id}/export` and `GET /export`: everything as a file, written as it is read.

use std::collections::BTreeMap;
use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::extract::{Path, Query};
use crate::hub::{Acting, LedgerReading, OwnAccount, OwnInstrument};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{ActivityView, AlertView, PortfolioSummary};
use foliostream::words::Refusals;

use super::ledger::{PART, written};

/// The columns of a table of transactions.
const COLUMNS: &str = "kind,time,ticker,quantity,price,amount,fee,tax,currency,exchange_rate,converted,opens_short,note,exchange_rate_estimated,account,tags\r\n";

/// How a portfolio is written.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    format: Option<String>,
}

/// Writes a portfolio with its transactions, newest first: `format=json` (unless told) or `csv`.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/export", tag = "portfolios", operation_id = "export_portfolio",
    params(("portfolio_id" = String, Path), ("format" = Option<String>, Query, description = "`json` unless told, or `csv`")),
    responses((status = 200, description = "The file", content((serde_json::Value = "application/json"), (String = "text/csv"))),
        (status = 404, description = "no such portfolio"), (status = 409, description = "the ledger changed while it was read; read it again"),
        (status = 422, description = "the ledger cannot be reckoned at the rates that have become known")))]
pub(crate) async fn portfolio(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let summary = acting.portfolio_summary(&portfolio_id).await?;
    let accounts = acting.own_accounts(&portfolio_id).await?;
    let reading = acting.read_ledger(&portfolio_id).await?;
    let name = file_name(&summary.name);
    match asked.format.as_deref() {
        None | Some("json") => {
            let (head, tail) = (begin(acting.now(), "portfolio", &summary, &accounts), Bytes::from_static(b"]}}"));
            let body = once(head).chain(transactions(reading, json_part)).chain(once(Ok(tail)));
            Ok(file(&name, "json", "application/json", Body::from_stream(body)))
        }
        Some("csv") => {
            let names = accounts.into_iter().map(|account| (account.account_id, account.name)).collect();
            let rows = transactions(reading, move |part, _| csv_part(part, &names));
            let body = once(Ok(Bytes::from_static(COLUMNS.as_bytes()))).chain(rows);
            Ok(file(&name, "csv", "text/csv; charset=utf-8", Body::from_stream(body)))
        }
        Some(_) => Err(ApiError {
            field: Some("format".to_owned()),
            ..ApiError::new(ErrorCode::BadRequest, Refusals::choose_json_or_csv())
        }),
    }
}

/// Writes all portfolios with their transactions, all alerts, all notes, and all instruments that no source describes with the
/// prices that were entered for them, as one JSON document.
#[utoipa::path(get, path = "/api/v1/export", tag = "portfolios", operation_id = "export_everything",
    responses((status = 200, description = "The file", body = serde_json::Value),
        (status = 404, description = "a portfolio was deleted meanwhile"), (status = 409, description = "a ledger changed while it was read; read it again"),
        (status = 422, description = "a ledger cannot be reckoned at the rates that have become known")))]
pub(crate) async fn everything(acting: Acting) -> Result<Response, ApiError> {
    let summaries = acting.portfolios().await?;
    let notes = acting.instrument_notes().await?;
    let others = Others {
        alerts: acting.alerts().await?,
        notes: notes.into_iter().map(|(ticker, note)| Note { ticker, note }).collect(),
        instruments: acting.own_instruments().await?,
    };
    let head = format!("{{\"foliostream\":1,\"exported_at\":{:?},\"portfolios\":[", acting.now().to_string());
    let mut readings = Vec::with_capacity(summaries.len());
    for summary in summaries {
        let accounts = acting.own_accounts(&summary.portfolio_id).await?;
        let reading = acting.read_ledger(&summary.portfolio_id).await?;
        readings.push((summary, accounts, reading));
    }
    let portfolios = stream::iter(readings.into_iter().enumerate()).flat_map(|(index, (summary, accounts, reading))| {
        let comma = if index > 0 { "," } else { "" };
        let head = opened(comma, &summary, &accounts);
        once(head).chain(transactions(reading, json_part)).chain(once(Ok(Bytes::from_static(b"]}"))))
    });
    let rest = serde_json::to_string(&others).map_err(io::Error::from).map(|text| {
        // The fields of the last part stand in the document itself.
        Bytes::from(["],", text.strip_prefix('{').unwrap_or(&text)].concat())
    });
    let body = once(Ok(Bytes::from(head))).chain(portfolios).chain(once(rest));
    Ok(file("foliostream", "json", "application/json", Body::from_stream(body)))
}

/// What a document of everything has beside the portfolios.
#[derive(Serialize)]
struct Others {
    alerts: Vec<AlertView>,
    notes: Vec<Note>,
    /// Those that no source describes.
    instruments: Vec<OwnInstrument>,
}

/// What is noted about an instrument.
#[derive(Debug, Serialize)]
pub(crate) struct Note {
    /// The instrument.
    pub ticker: String,
    /// The text.
    pub note: String,
}

fn once(part: io::Result<Bytes>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::once(std::future::ready(part))
}

/// Begins the document of one portfolio: the version of the form, the time, and the portfolio up to its transactions.
fn begin(time: Timestamp, name: &str, summary: &PortfolioSummary, accounts: &[OwnAccount]) -> io::Result<Bytes> {
    let head = format!("{{\"foliostream\":1,\"exported_at\":{:?},{name:?}:", time.to_string());
    opened(&head, summary, accounts)
}

/// Writes a portfolio as an object that is open behind the bracket of its transactions.
fn opened(before: &str, summary: &PortfolioSummary, accounts: &[OwnAccount]) -> io::Result<Bytes> {
    let (text, accounts) = (serde_json::to_string(summary)?, serde_json::to_string(accounts)?);
    let open = text.strip_suffix('}').unwrap_or(&text);
    Ok(Bytes::from([before, open, ",\"accounts\":", &accounts, ",\"activities\":["].concat()))
}

/// Writes transactions part by part. A ledger that changes meanwhile ends the answer torn, so that no half of it is taken for the whole.
fn transactions(
    reading: LedgerReading,
    write: impl Fn(&[ActivityView], bool) -> io::Result<Bytes>,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((Some(reading), true, write), async |(reading, is_first, write)| {
        let Some(mut reading) = reading else { return Ok(None) };
        let part = reading.next(PART).await.map_err(io::Error::other)?;
        let text = write(&part, is_first)?;
        let is_last = part.is_empty();
        Ok(Some((text, (Some(reading).filter(|_| !is_last), false, write))))
    })
}

fn json_part(part: &[ActivityView], is_first: bool) -> io::Result<Bytes> {
    written(part, if is_first || part.is_empty() { "" } else { "," })
}

fn csv_part(part: &[ActivityView], accounts: &BTreeMap<String, String>) -> io::Result<Bytes> {
    let mut text = String::new();
    for entry in part {
        let number = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
        let time = entry.date.map_or_else(|| entry.time.to_string(), |date| date.to_string());
        let cells = [
            entry.kind.word().to_owned(),
            time,
            cell(entry.ticker.as_ref().map_or("", |ticker| ticker.as_str())),
            number(entry.quantity),
            number(entry.price),
            number(entry.amount),
            entry.fee.to_string(),
            entry.tax.to_string(),
            entry.currency.to_string(),
            entry.exchange_rate.to_string(),
            entry.converted.to_string(),
            entry.opens_short.to_string(),
            cell(entry.note.as_deref().unwrap_or_default()),
            entry.exchange_rate_estimated.to_string(),
            cell(entry.account.as_ref().and_then(|id| accounts.get(id)).map_or("", String::as_str)),
            cell(&entry.tags.join(", ")),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Ok(text.into())
}

/// Writes a text as a cell (RFC 4180). One that a spreadsheet would work out as a formula begins with an apostrophe (OWASP, *CSV
/// Injection*).
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
    let text = if is_formula { ["'", text].concat() } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        ["\"", &text.replace('"', "\"\""), "\""].concat()
    } else {
        text
    }
}

/// Returns a name of a file that every system takes: letters and digits of a portfolio's name, `portfolio` where it has none.
fn file_name(name: &str) -> String {
    let kept: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let kept = kept.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if kept.is_empty() { "portfolio".to_owned() } else { kept.to_lowercase() }
}

fn file(name: &str, ending: &str, kind: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        assert_eq!(
            ["AAPL", "a,b", "say \"hi\"", "two\nlines"].map(cell),
            ["AAPL", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"two\nlines\""]
        );
        assert_eq!(["=cmd|' /C calc'!A0", "+1", "-1", "@x", "'x"].map(cell), ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@x", "''x"]);
    }

    #[test]
    fn a_file_has_a_name_that_every_system_takes() {
        assert_eq!(
            ["Long-term", "Für später / 2026", "…", ""].map(file_name),
            ["long-term", "f-r-sp-ter-2026", "portfolio", "portfolio"]
        );
    }
}
