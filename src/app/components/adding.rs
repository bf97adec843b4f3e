//! The address that opens the sheet of a new transaction: over the page one is on once it lives, and over the list of transactions
//! before that and without scripts.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;

use super::links::query_value;
use crate::app::alive::lives;
use crate::app::reactive::memo;
use crate::live::expect_live;

/// What the sheet's address has beside that of its page.
const OWN: [&str; 3] = ["add", "on", "saved"];

/// Returns the address that opens the sheet.
pub fn adding() -> Signal<String> {
    let (lives, path, query) = (lives(), use_location().pathname, use_query_map());
    let chosen = expect_live().portfolio_id();
    Signal::derive(move || {
        let path = path.get();
        let about = path.strip_prefix("/i/").map(|ticker| ("ticker", ticker.trim_end_matches('/').to_owned()));
        let sheet = [("add", "buy".to_owned())].into_iter().chain(about);
        // Without a portfolio that page says what to do first.
        if !lives.get() || is_list(&path) || chosen.with(Option::is_none) {
            let portfolio = query.with(|query| query.get("portfolio")).map(|id| ("portfolio", id));
            return address("/activity", &ParamsMap::new(), portfolio.into_iter().chain(sheet));
        }
        query.with(|query| address(&path, query, sheet))
    })
}

/// Returns whether an address has the sheet open over a page that is not the list of transactions.
pub fn is_over() -> Memo<bool> {
    let (lives, path, query) = (lives(), use_location().pathname, use_query_map());
    let chosen = expect_live().portfolio_id();
    memo(move || {
        lives.get()
            && chosen.with(Option::is_some)
            && !path.with(|path| is_list(path))
            && query.with(|query| query.get_str("add").is_some())
    })
}

/// Follows the address of the page, with the sheet closed.
pub fn without_sheet() -> Memo<String> {
    let (path, query) = (use_location().pathname, use_query_map());
    memo(move || path.with(|path| query.with(|query| address(path, query, [].into_iter()))))
}

/// The list of transactions has its sheet itself.
fn is_list(path: &str) -> bool {
    path.trim_end_matches('/') == "/activity"
}

/// Writes a page's address without what belongs to the sheet, and more behind it.
fn address(path: &str, query: &ParamsMap, more: impl Iterator<Item = (&'static str, String)>) -> String {
    // On an instrument's page the ticker is the sheet's.
    let is_own = |name: &str| OWN.contains(&name) || (name == "ticker" && path.starts_with("/i/"));
    let kept = query.clone().into_iter().filter(|(name, _)| !is_own(name)).map(|(name, value)| (name.into_owned(), value));
    let mut written = path.to_owned();
    for (name, value) in kept.chain(more.map(|(name, value)| (name.to_owned(), value))) {
        written.push(if written.contains('?') { '&' } else { '?' });
        written.extend([&name, "=", &query_value(&value)]);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&'static str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn the_sheet_opens_over_a_page_and_closes_to_it_as_it_was() {
        let add = [("add", "buy".to_owned()), ("ticker", "AAPL".to_owned())];
        assert_eq!(address("/i/AAPL", &query(&[("range", "1y")]), add.into_iter()), "/i/AAPL?range=1y&add=buy&ticker=AAPL");
        let opened = query(&[("range", "1y"), ("add", "buy"), ("ticker", "AAPL"), ("on", "2026-11-27")]);
        assert_eq!(address("/i/AAPL", &opened, [].into_iter()), "/i/AAPL?range=1y");
    }

    #[test]
    fn the_ticker_of_a_new_alert_is_not_the_sheets() {
        assert_eq!(address("/alerts", &query(&[("ticker", "AAPL")]), [].into_iter()), "/alerts?ticker=AAPL");
    }
}
