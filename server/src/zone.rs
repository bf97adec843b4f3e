//! Reading the zone that a browser's cookie names.

use axum::http::{HeaderMap, header};
use jiff::tz::TimeZone;

use foliostream::wire::zone::{ReaderZone, ZONE_CHOICE_COOKIE, ZONE_COOKIE};

/// The longest name of a zone, in bytes; the longest there is has 32.
const LONGEST_NAME: usize = 64;

/// Returns the zone that the reader has chosen, or that her browser is in, where a request's cookies name one.
pub(crate) fn reader_zone(headers: &HeaderMap) -> Option<ReaderZone> {
    named(headers, ZONE_CHOICE_COOKIE).or_else(|| named(headers, ZONE_COOKIE))
}

/// Returns the zone that a cookie names.
fn named(headers: &HeaderMap, cookie: &str) -> Option<ReaderZone> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let name = cookies.flat_map(|text| text.split(';')).find_map(|pair| pair.trim().strip_prefix(cookie)?.strip_prefix('='))?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    if name.len() > LONGEST_NAME || !name.bytes().all(is_part) {
        return None;
    }
    Some(ReaderZone { name: name.to_owned(), rules: TimeZone::get(name).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone_of(cookie: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
        reader_zone(&headers).map(|zone| zone.name)
    }

    #[test]
    fn a_zone_is_found_among_other_cookies_and_what_is_none_is_no_zone() {
        assert_eq!(zone_of("a=b; foliostream_zone=America/New_York; c=d").as_deref(), Some("America/New_York"));
        assert_eq!(zone_of("foliostream_zone=Etc/GMT+12").as_deref(), Some("Etc/GMT+12"));
        for other in
            ["foliostream_zone=Nowhere/Land", "foliostream_zone=", "foliostream_zone=../../etc/passwd", "foliostream_zones=UTC"]
        {
            assert_eq!(zone_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_chosen_zone_comes_before_the_browsers() {
        let both = "foliostream_zone=Europe/Berlin; foliostream_zone_choice=Asia/Tokyo";
        assert_eq!(zone_of(both).as_deref(), Some("Asia/Tokyo"));
        assert_eq!(zone_of("foliostream_zone=Europe/Berlin; foliostream_zone_choice=").as_deref(), Some("Europe/Berlin"));
    }

    #[test]
    fn a_time_is_taken_apart_in_the_zone() {
        let headers = HeaderMap::from_iter([(header::COOKIE, "foliostream_zone=America/New_York".parse().unwrap())]);
        let zone = reader_zone(&headers).unwrap();
        assert_eq!(zone.civil("2026-01-01T02:30:00Z".parse().unwrap()).to_string(), "2025-12-31T21:30:00");
    }
}
