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

/// Writes a text as a value of a query: letters, digits and `-_.` as they are, every other byte as `%20`.
pub fn query_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push('%');
            value.push(hex_digit(byte >> 4));
            value.push(hex_digit(byte & 15));
        }
    }
    value
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase()
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
    fn a_text_in_a_query_ends_neither_it_nor_the_value() {
        assert_eq!(query_value("a&b=ü #1-2_3.4"), "a%26b%3D%C3%BC%20%231-2_3.4");
    }

    #[test]
    fn the_query_grows_before_the_fragment() {
        assert_eq!(with_query("/activity?edit=5#entry", "portfolio", "2"), "/activity?edit=5&portfolio=2#entry");
        assert_eq!(with_query("/activity", "portfolio", "2"), "/activity?portfolio=2");
    }
}
