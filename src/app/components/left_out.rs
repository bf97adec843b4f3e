//! What a total leaves out, in words.

use crate::app::prelude::words;
use crate::domain::instrument::Ticker;
use crate::domain::rates::currency_pair;
use crate::wire::views::PortfolioView;

/// As many are named; the others are counted.
const NAMED: usize = 3;

/// Returns what the total is without, such as `without IWDA.AS, which has no price`; nothing where nothing is left out.
pub(crate) fn without(totals: &PortfolioView) -> Option<String> {
    let (names, lack) = left_out(&totals.incomplete)?;
    Some(words().left_out(&names, lack))
}

/// Returns what a page says below the total: what it is without, or why there is none.
pub(crate) fn left_out_sentence(totals: &PortfolioView) -> Option<String> {
    let (names, lack) = left_out(&totals.incomplete)?;
    let is_known = totals.total_value.is_some();
    Some(if is_known { words().left_out_sentence(&names, lack) } else { words().no_total(&names, lack) })
}

/// Returns what a page of performance says below a return: what counts as it was last traded, and which cash it is without.
pub(crate) fn as_traded_sentence(totals: &PortfolioView) -> Option<String> {
    let (pairs, holdings): (Vec<_>, Vec<_>) =
        totals.incomplete.iter().cloned().partition(|ticker| currency_pair(ticker).is_some());
    let counted = left_out(&holdings).map(|(names, lack)| words().counted_as_traded(&names, lack));
    let without = left_out(&pairs).map(|(names, lack)| words().left_out_sentence(&names, lack));
    let sentences: Vec<String> = counted.into_iter().chain(without).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Returns the names, and what they do not have: a price, or for cash a rate.
fn left_out(incomplete: &[Ticker]) -> Option<(String, &'static str)> {
    if incomplete.is_empty() {
        return None;
    }
    let pairs = incomplete.iter().filter(|ticker| currency_pair(ticker).is_some()).count();
    let is_one = incomplete.len() == 1;
    let lack = match (pairs, is_one) {
        (0, true) => words().lacks_price(),
        (0, false) => words().lack_prices(),
        (_, true) => words().lacks_rate(),
        (_, false) => words().lack_either(),
    };
    Some((names(incomplete), lack))
}

/// Lists the names: `A`, `A and B`, `A, B and C`, `A, B, C and 2 others`.
fn names(incomplete: &[Ticker]) -> String {
    let mut names: Vec<String> = incomplete.iter().take(NAMED).map(name).collect();
    match incomplete.len().saturating_sub(NAMED) {
        0 => {}
        others => names.push(words().others(u64::try_from(others).unwrap_or_default())),
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { words().listed(&names.join(", "), &last) }
}

/// Returns what a person calls it: cash of a currency, where it is a pair whose rate is missing.
fn name(ticker: &Ticker) -> String {
    match currency_pair(ticker) {
        Some((currency, _)) => words().cash_in(currency.as_str()),
        None => ticker.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::domain::position::fold;
    use crate::domain::rates::Rates;
    use crate::domain::valuation::value;

    fn said(incomplete: &[&str], total: Option<i64>) -> [Option<String>; 2] {
        let ledger = fold(Currency::EUR, &[]).unwrap();
        let valuation = value(&ledger, |_| None, &Rates::default()).unwrap();
        let mut totals = PortfolioView::new("p", &valuation, jiff::Timestamp::UNIX_EPOCH);
        totals.incomplete = incomplete.iter().map(|text| text.parse().unwrap()).collect();
        totals.total_value = total.map(Into::into);
        [without(&totals), left_out_sentence(&totals)]
    }

    #[test]
    fn what_is_left_out_is_named_and_many_are_counted() {
        assert_eq!(said(&[], Some(1)), [None, None]);
        let one = said(&["IWDA.AS"], Some(1));
        assert_eq!(one[0].as_deref(), Some("without IWDA.AS, which has no price"));
        assert_eq!(one[1].as_deref(), Some("Without IWDA.AS, which has no price."));
        assert_eq!(said(&["A", "B"], Some(1))[1].as_deref(), Some("Without A and B, which have no price."));
        let many = said(&["A", "B", "C", "D", "E"], Some(1));
        assert_eq!(many[1].as_deref(), Some("Without A, B, C and 2 others, which have no price."));
        assert_eq!(said(&["JPYEUR=X"], Some(1))[1].as_deref(), Some("Without cash in JPY, which has no exchange rate."));
    }

    #[test]
    fn where_there_is_no_total_the_reason_stands_in_its_place() {
        assert_eq!(said(&["A"], None)[1].as_deref(), Some("Total unavailable: A has no price."));
        assert_eq!(
            said(&["A", "JPYEUR=X"], None)[1].as_deref(),
            Some("Total unavailable: A and cash in JPY have no price or exchange rate.")
        );
        assert_eq!(said(&[], None)[1], None);
    }
}
