//! Reads what a stream was asked for, and refuses before it starts.

use axum::http::{HeaderMap, Uri, header};

use crate::board::{Form, MAX_TICKERS};
use crate::extract::query_refused;
use foliostream::domain::instrument::Ticker;
use foliostream::wire::error::{ApiError, ErrorCode, Message};
use foliostream::words::Refusals;

/// What a query name contains, its signs left out, that would carry a secret into logs and histories.
const SECRETS: [&str; 6] = ["token", "secret", "apikey", "password", "authorization", "jwt"];

/// The parameters that a query may name once.
const SINGLE: [&str; 8] = ["portfolio", "notifications", "jobs", "metrics", "max_hz", "format", "client", "last_event_id"];

/// The fastest a stream may ask to be slowed to, in updates a second: a frame is at least 10 ms.
const MAX_HZ: f64 = 100.0;

/// The query of a stream's request, read.
#[derive(Debug, Default, PartialEq)]
pub struct StreamQuery {
    /// `portfolio=`: the id of the portfolio whose holdings and totals the stream carries.
    pub portfolio: Option<String>,
    /// `tickers=`, read; without doubles.
    pub tickers: Vec<Ticker>,
    /// `notifications=true`: the stream carries alerts and notifications.
    pub notifications: bool,
    /// `jobs=true`: the stream carries how far jobs came.
    pub jobs: bool,
    /// `metrics=true`: the stream carries how the workers are doing, once a second.
    pub metrics: bool,
    /// `max_hz=`, as milliseconds between two writes; 0 is unlimited.
    pub min_interval_ms: u32,
    /// `format=compact`: prices and portfolio figures come as frames.
    pub form: Form,
    /// `client=`: the tab that the stream belongs to; a newer stream of the same tab ends it.
    pub client: Option<uuid::Uuid>,
    /// `last_event_id=`; the header wins.
    pub last_event_id: Option<String>,
}

impl StreamQuery {
    /// Reads a query; names it does not know are left alone.
    pub fn read(uri: &Uri) -> Result<Self, ApiError> {
        let pairs =
            axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|rejection| query_refused(&rejection))?.0;
        let mut query = Self { tickers: read_tickers(&listed(&pairs, "tickers"))?, ..Self::default() };
        refuse_repeated(&pairs)?;
        for (name, value) in pairs {
            match name.as_str() {
                "portfolio" => query.portfolio = Some(value),
                "notifications" => query.notifications = read_flag(&name, &value)?,
                "jobs" => query.jobs = read_flag(&name, &value)?,
                "metrics" => query.metrics = read_flag(&name, &value)?,
                "max_hz" => query.min_interval_ms = read_rate(&value)?,
                "format" => query.form = read_form(&value)?,
                "client" => query.client = Some(value.parse().map_err(|_| bad(&name, Refusals::client_is_a_uuid()))?),
                "last_event_id" => query.last_event_id = Some(value),
                secret if is_secret(secret) => {
                    return Err(bad(secret, "secrets do not belong into a URL; use the Authorization header"));
                }
                _ => {}
            }
        }
        Ok(query)
    }
}

/// Returns all values of a parameter that may be repeated, as one list: `?tickers=A&tickers=B` is `?tickers=A,B`.
pub fn listed(pairs: &[(String, String)], wanted: &str) -> String {
    let values: Vec<&str> = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect();
    values.join(",")
}

/// Refuses what is named twice and is no list: one of the two would be dropped without a word.
fn refuse_repeated(pairs: &[(String, String)]) -> Result<(), ApiError> {
    for (index, (name, _)) in pairs.iter().enumerate() {
        if SINGLE.contains(&name.as_str()) && pairs[..index].iter().any(|(before, _)| before == name) {
            return Err(bad(name, Refusals::write_it_once()));
        }
    }
    Ok(())
}

/// Reads comma-separated tickers: at most [`MAX_TICKERS`], doubles folded; names the first that cannot be one.
pub fn read_tickers(text: &str) -> Result<Vec<Ticker>, ApiError> {
    let mut tickers = Vec::new();
    for part in text.split(',').map(|part| part.trim_matches(' ')).filter(|part| !part.is_empty()) {
        let ticker = part.parse::<Ticker>().map_err(|_| bad("tickers", Refusals::not_a_ticker()))?;
        if !tickers.contains(&ticker) {
            if tickers.len() == MAX_TICKERS {
                return Err(bad("tickers", Refusals::at_most_200_tickers()));
            }
            tickers.push(ticker);
        }
    }
    Ok(tickers)
}

fn is_secret(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|secret| letters.contains(secret))
}

fn read_flag(name: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(bad(name, Refusals::true_or_false())),
    }
}

fn read_rate(value: &str) -> Result<u32, ApiError> {
    match value.parse::<f64>() {
        Ok(rate) if rate.is_finite() && (0.01..=MAX_HZ).contains(&rate) => Ok((1_000.0 / rate) as u32),
        _ => Err(bad("max_hz", Refusals::rate_of_stream())),
    }
}

fn read_form(value: &str) -> Result<Form, ApiError> {
    if value == "compact" { Ok(Form::Compact) } else { Err(bad("format", Refusals::format_of_stream())) }
}

fn bad(field: &str, message: impl Into<Message>) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) }
}

/// Returns the cursor's text: the header, or the query of a fresh EventSource.
pub fn last_event_id(headers: &HeaderMap, query: &StreamQuery) -> Option<String> {
    let header = headers.get("last-event-id").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    header.or_else(|| query.last_event_id.clone()).filter(|text| !text.is_empty())
}

/// Returns whether `Accept` lets an event stream through: the most specific range that covers it decides (RFC 9110, 12.5.1).
pub fn accepts_event_stream(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    ranges.filter_map(verdict).max().is_some_and(|(_, accepted)| accepted)
}

/// Returns how specific a range is and whether it accepts, where it covers event streams.
fn verdict(range: &str) -> Option<(usize, bool)> {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let specificity = ["*/*", "text/*", "text/event-stream"].iter().position(|covering| kind.eq_ignore_ascii_case(covering))?;
    let weight = |part: &str| part.strip_prefix(['q', 'Q'])?.strip_prefix('=')?.parse::<f64>().ok();
    let refused = parts.any(|part| weight(part) == Some(0.0));
    Some((specificity, !refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<StreamQuery, ApiError> {
        StreamQuery::read(&format!("/x?{query}").parse().unwrap())
    }

    #[test]
    fn tickers_are_upper_cased_and_folded() {
        let query = read("tickers=aapl,MSFT,,AAPL").unwrap();
        assert_eq!(query.tickers.iter().map(Ticker::as_str).collect::<Vec<_>>(), ["AAPL", "MSFT"]);
    }

    #[test]
    fn a_repeated_list_is_one_list_and_nothing_else_is_named_twice() {
        let query = read("tickers=A,B&max_hz=2&tickers=B&tickers=C").unwrap();
        assert_eq!(query.tickers.iter().map(Ticker::as_str).collect::<Vec<_>>(), ["A", "B", "C"]);
        let list = |from: u32| (from..from + 101).map(|number| format!("T{number}")).collect::<Vec<_>>().join(",");
        assert!(read(&format!("tickers={}&tickers={}", list(0), list(200))).is_err(), "together they are too many");
        for name in SINGLE {
            let refusal = read(&format!("tickers=A&{name}=1&{name}=1")).unwrap_err();
            assert_eq!((refusal.code, refusal.field.as_deref()), (ErrorCode::BadRequest, Some(name)), "{name}");
        }
        assert!(read("tickers=A&other=1&other=2").is_ok(), "names it does not know are left alone");
    }

    #[test]
    fn two_hundred_tickers_are_the_most() {
        let list = |count: u32| (0..count).map(|number| format!("T{number}")).collect::<Vec<_>>().join(",");
        assert_eq!(read(&format!("tickers={}", list(200))).unwrap().tickers.len(), 200);
        assert_eq!(read(&format!("tickers={}", list(201))).unwrap_err().code, ErrorCode::BadRequest);
    }

    #[test]
    fn malformed_queries_name_their_field() {
        for (query, field) in [
            ("tickers=A%0AB", "tickers"),
            ("tickers=%00", "tickers"),
            ("tickers=A&format=full", "format"),
            ("tickers=A&format=", "format"),
            ("max_hz=0", "max_hz"),
            ("max_hz=NaN", "max_hz"),
            ("max_hz=1e9", "max_hz"),
            ("client=me", "client"),
            ("notifications=perhaps", "notifications"),
            ("metrics=perhaps", "metrics"),
            ("tickers=..", "tickers"),
            ("tickers=A&tickers=.", "tickers"),
            ("token=s3cret", "token"),
        ] {
            let refusal = read(query).unwrap_err();
            assert_eq!((refusal.code, refusal.field.as_deref()), (ErrorCode::BadRequest, Some(field)), "{query}");
        }
    }

    #[test]
    fn accept_lets_through_what_it_names() {
        for (accept, through) in [
            ("text/event-stream", true),
            ("*/*", true),
            ("application/json, text/*;q=0.5", true),
            ("application/json", false),
            ("text/event-stream;q=0", false),
            ("text/event-stream; Q=0", false),
            ("*/*, text/event-stream;q=0", false),
            ("text/*;q=0, text/event-stream", true),
            ("text/html", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(accepts_event_stream(&headers), through, "{accept}");
        }
        assert!(accepts_event_stream(&HeaderMap::new()));
    }
}
