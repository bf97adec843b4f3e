//! Links that keep the chosen portfolio, where there are several to choose from.

use leptos::prelude::*;

use crate::live::expect_live;

/// Returns an address with the shown portfolio in its query; as it is where there is but one.
pub fn within_portfolio(address: &str) -> String {
    let live = expect_live();
    let has_choice = live.portfolios().with_untracked(|portfolios| portfolios.len() > 1);
    match live.portfolio_id().get_untracked().filter(|_| has_choice) {
        Some(id) => with_query(address, "portfolio", &id),
        None => address.to_owned(),
    }
}

/// Escapes the two characters of a ticker that readers of queries do not agree on.
pub fn escaped(ticker: &str) -> String {
    ticker.replace('^', "%5E").replace('=', "%3D")
}

/// Puts a name and a value into an address's query, before its fragment.
fn with_query(address: &str, name: &str, value: &str) -> String {
    let (path, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    let joint = if path.contains('?') { "&" } else { "?" };
    [path, joint, name, "=", value, fragment].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_grows_before_the_fragment() {
        assert_eq!(with_query("/activity?edit=5#entry", "portfolio", "2"), "/activity?edit=5&portfolio=2#entry");
        assert_eq!(with_query("/activity", "portfolio", "2"), "/activity?portfolio=2");
    }
}
