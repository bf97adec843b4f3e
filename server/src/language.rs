//! Reading the language of a request's reader: the one she has chosen, or the one her browser asks for.

use axum::http::{HeaderMap, header};

use foliostream::words::formats::{FORMATS_COOKIE, Formats};
use foliostream::words::language::LANGUAGE_COOKIE;
use foliostream::words::{Language, Words};

/// The longest `Accept-Language` that is read, in bytes: browsers send less than a hundred.
const LONGEST: usize = 1_024;

/// Returns the texts in the language that a request's cookie names; without one, in the language it accepts most gladly; English
/// otherwise.
pub(crate) fn reader_words(headers: &HeaderMap) -> Words {
    let words = Words::of(chosen(headers).or_else(|| accepted(headers)).unwrap_or_default());
    words.with_formats(cookie(headers, FORMATS_COOKIE).map(Formats::read).unwrap_or_default())
}

/// Returns the language that a request accepts most gladly, where it says so and there is such a one.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let told: Vec<&str> = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok()).collect();
    Some(told.join(",")).filter(|told| told.len() <= LONGEST).and_then(|told| Language::accepted(&told))
}

fn chosen(headers: &HeaderMap) -> Option<Language> {
    cookie(headers, LANGUAGE_COOKIE).and_then(Language::of_code)
}

/// Returns the value of a request's cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn language(pairs: &[(header::HeaderName, &str)]) -> Language {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        reader_words(&headers.collect()).language()
    }

    #[test]
    fn the_cookie_comes_before_the_header_and_what_is_no_language_is_left_out() {
        let (cookie, accept) = (header::COOKIE, header::ACCEPT_LANGUAGE);
        for (pairs, expected) in [
            (vec![], Language::English),
            (vec![(accept.clone(), "de-AT,de;q=0.9,en;q=0.5")], Language::German),
            (vec![(accept.clone(), "fr")], Language::English),
            (vec![(cookie.clone(), "a=b; foliostream_language=de"), (accept.clone(), "en")], Language::German),
            (vec![(cookie.clone(), "foliostream_language=en"), (accept.clone(), "de")], Language::English),
            (vec![(cookie.clone(), "foliostream_language=xx"), (accept.clone(), "de")], Language::German),
            (vec![(cookie, "foliostream_languages=de")], Language::English),
        ] {
            assert_eq!(language(&pairs), expected, "{pairs:?}");
        }
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("foliostream_formats=point.iso"))]);
        assert_eq!(reader_words(&headers).formats().written(), "point.iso");
        let long = format!("de,{}", " ".repeat(LONGEST));
        assert_eq!(language(&[(accept, &long)]), Language::English);
    }
}
