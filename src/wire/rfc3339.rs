//! Reads the two forms of RFC 3339 in which times travel: a date, and a time with its offset.
//!
//! By hand, since the time library's reader takes many more forms, and because a browser would download it with all its reasons. What
//! is read is held to that reader by a property.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// The most digits of a second's fraction: nanoseconds.
const MAX_FRACTION: usize = 9;

/// Reads a date: `2026-11-02`, and no other form.
///
/// ```
/// use foliostream::wire::rfc3339::read_date;
/// assert_eq!(read_date("2026-11-02").expect("a date").to_string(), "2026-11-02");
/// assert_eq!(read_date("2026-02-30"), None);
/// assert_eq!(read_date("20261102"), None);
/// ```
pub fn read_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let (century, year, month, day) = (two(y1, y2)?, two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    Date::new(i16::from(century) * 100 + i16::from(year), month, day).ok()
}

/// Reads a time with its offset: `2026-11-02T15:30:00.5+01:00`, and no other form. `T` and `Z` may be small letters (RFC 3339, 5.6). A
/// 60th second is refused: it could only be taken for another one.
///
/// ```
/// use foliostream::wire::rfc3339::read_time;
/// assert_eq!(read_time("2026-11-02T15:30:00.5+01:00").expect("a time").to_string(), "2026-11-02T14:30:00.5Z");
/// assert_eq!(read_time("2026-11-02T15:30:00"), None, "it says no offset");
/// ```
pub fn read_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked("2026-11-02".len())?;
    let (clock, rest) = rest.as_bytes().split_at_checked("T15:30:00".len())?;
    let [b'T' | b't', h1, h2, b':', m1, m2, b':', s1, s2] = *clock else { return None };
    let (nanosecond, offset) = read_fraction(rest)?;
    let clock = Time::new(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, nanosecond).ok()?;
    read_offset(offset)?.to_timestamp(read_date(date)?.to_datetime(clock)).ok()
}

/// Reads a fraction of a second as nanoseconds, where there is one, and returns what comes after it.
fn read_fraction(rest: &[u8]) -> Option<(i32, &[u8])> {
    let Some(fraction) = rest.strip_prefix(b".") else { return Some((0, rest)) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=MAX_FRACTION).contains(&digits) {
        return None;
    }
    let (digits, rest) = fraction.split_at(digits);
    let filled = digits.iter().chain(std::iter::repeat(&b'0')).take(MAX_FRACTION);
    Some((filled.fold(0, |number, digit| number * 10 + i32::from(digit - b'0')), rest))
}

fn read_offset(text: &[u8]) -> Option<Offset> {
    match *text {
        [b'Z' | b'z'] => Some(Offset::UTC),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
            let is_clock = hours < 24 && minutes < 60;
            Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok().filter(|_| is_clock)
        }
        _ => None,
    }
}

/// Reads a number of two digits.
fn two(tens: u8, ones: u8) -> Option<i8> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| ((tens - b'0') * 10 + (ones - b'0')).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_in_the_strict_form_is_read_as_the_time_library_reads_it(
            (year, month, day) in (0_u16..=9_999, 0_u8..=13, 0_u8..=32),
            (hour, minute, second) in (0_u8..=24, 0_u8..=60, 0_u8..60),
            fraction in "(\\.[0-9]{1,9})?",
            offset in "[Zz]|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
        ) {
            let date = format!("{year:04}-{month:02}-{day:02}");
            prop_assert_eq!(read_date(&date), date.parse().ok());
            let time = format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
            prop_assert_eq!(read_time(&time), time.parse().ok(), "{}", time);
        }

        #[test]
        fn no_text_is_read_as_another_than_what_the_time_library_makes_of_it(text in "[0-9]{2,4}[-0-9:.TtZz+ é]{0,28}") {
            if let Some(read) = read_date(&text) {
                prop_assert_eq!(Some(read), text.parse().ok(), "{}", text);
            }
            if let Some(read) = read_time(&text) {
                prop_assert_eq!(Some(read), text.parse().ok(), "{}", text);
            }
        }
    }

    #[test]
    fn an_offset_is_of_a_clock_and_a_second_is_not_the_sixtieth() {
        assert!(read_time("2026-11-02T15:30:00+23:59").is_some());
        for text in ["2026-11-02T15:30:00+24:00", "2026-11-02T15:30:00+01:60", "2026-11-02T15:30:60Z", "2026-11-02T15:30:00+1:00"]
        {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
