//! What a stream was asked for: any query is read or refused, and the hash knows a selection in any spelling.

use axum::http::Uri;
use foliostream::domain::instrument::Ticker;
use foliostream_server::board::{Endpoint, Filter, MAX_TICKERS};
use foliostream_server::rest::streams::request::StreamQuery;

/// Names of parameters that mean something, and two that do not.
const NAMES: [&str; 9] = ["tickers", "portfolio", "notifications", "metrics", "max_hz", "client", "last_event_id", "token", "x"];

/// Checks a query of parameters, each a name out of those that mean something and any text behind it.
pub(crate) fn any_parameters(parameters: &[(u8, String)]) {
    let written = parameters.iter().map(|(name, value)| format!("{}={value}", NAMES[usize::from(*name) % NAMES.len()]));
    any_query(&written.collect::<Vec<_>>().join("&"));
}

/// Checks any text as the query of a stream.
pub(crate) fn any_query(query: &str) {
    let Ok(uri) = format!("/x?{query}").parse::<Uri>() else { return };
    match StreamQuery::read(&uri) {
        Err(refusal) => assert_eq!(refusal.code.status(), 400, "{query:?}: {refusal}"),
        Ok(read) => {
            assert!(read.tickers.len() <= MAX_TICKERS, "{query:?}: {} tickers", read.tickers.len());
            assert!(read.min_interval_ms <= 100_000, "{query:?}: {} ms", read.min_interval_ms);
            any_selection(&read.tickers, query.len());
        }
    }
}

/// Checks that order, case and doubles of tickers make no other filter, and that one ticker less does.
pub(crate) fn any_selection(tickers: &[Ticker], turn: usize) {
    let filter = |tickers: Vec<Ticker>| Filter::new(Endpoint::Prices, None, tickers, None);
    let (known, mut other) = (filter(tickers.to_vec()), tickers.to_vec());
    if let Some(middle) = turn.checked_rem(tickers.len()) {
        other.rotate_left(middle);
        other.reverse();
        other.push(tickers[middle].clone());
    }
    let lower = other.iter().map(|ticker| ticker.as_str().to_lowercase().parse());
    let other = filter(lower.collect::<Result<_, _>>().expect("a ticker is one in lower case, too"));
    assert_eq!((known.hash(), &known), (other.hash(), &other));
    for ticker in tickers {
        assert!(known.follows(ticker), "{ticker}");
    }
}
