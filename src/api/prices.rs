//! Prices of days as a person types or pastes them: a line each.

use super::error::number;
use crate::wire::commands::DatedPriceDraft;
use crate::wire::error::ApiError;
use crate::wire::times::parse_day;
use crate::words::Refusals;

/// Reads a day and a price per line, apart by a space, a tab or a semicolon; blank lines count for nothing. The refusal names the line.
///
/// ```text
/// 2026-11-12 45.20
/// 2026-11-13;45,30
/// ```
pub(super) fn of_lines(language: Option<&str>, text: &str) -> Result<Vec<DatedPriceDraft>, ApiError> {
    let read = |line: &str| {
        let refusal = || ApiError::field("lines", Refusals::no_price_in(line));
        let mut parts = line.split([' ', '\t', ';']).filter(|part| !part.is_empty());
        let (Some(date), Some(price), None) = (parts.next(), parts.next(), parts.next()) else { return Err(refusal()) };
        parse_day(date).map_err(|_| refusal())?;
        let price = number(language, "lines", price.to_owned()).map_err(|_| refusal())?;
        Ok(DatedPriceDraft { date: date.to_owned(), price: Some(price) })
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(read).collect()
}

/// Names the form's field of a refusal: the lines share one, and the price of a field of its own, where there is one, comes before them.
pub(super) fn in_the_form(refusal: ApiError, has_own: bool) -> ApiError {
    let own = refusal.field.as_deref().and_then(|field| field.strip_prefix("[0].")).filter(|_| has_own);
    let field = own.unwrap_or("lines").to_owned();
    ApiError { field: refusal.field.as_ref().map(|_| field), ..refusal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_shown_where_its_price_was_typed() {
        let shown =
            |field: &str, has_own| in_the_form(ApiError::field(field, Refusals::price_above_zero()), has_own).field.unwrap();
        assert_eq!([shown("[0].date", true), shown("[1].date", true), shown("[0].date", false)], ["date", "lines", "lines"]);
    }

    #[test]
    fn lines_are_read_in_the_form_of_their_numbers_and_a_wrong_one_is_named() {
        let read = of_lines(Some("de"), "2026-11-12 1.045,20\r\n\n 2026-11-13;45,3\n2026-11-14\t7").unwrap();
        let told: Vec<_> = read.iter().map(|draft| (draft.date.as_str(), draft.price.as_deref().unwrap())).collect();
        assert_eq!(told, [("2026-11-12", "1045.20"), ("2026-11-13", "45.3"), ("2026-11-14", "7")]);
        for line in ["2026-11-12", "45.20 EUR 2026-11-12", "later 51", "2026-11-12 abc"] {
            let refusal = of_lines(Some("en"), &["2026-11-11 1\n", line].concat()).unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some("lines"));
            assert!(refusal.sentence.unwrap().in_english().contains(line), "{line}");
        }
    }
}
