//! The strict reading of times: exactly an RFC 3339 time with its offset, or exactly a date. Every other text is refused, since
//! a lenient reader takes some of them for another moment: `20261102`, `2026-11-02 15:30`, `2026-11-02T15:30:00`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::commands::Refusal;
use super::rfc3339::{read_date, read_time};
use crate::words::Answers;

/// A moment as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant; of a date alone its midnight UTC.
    pub time: Timestamp,
    /// Whether a date alone was written.
    pub date_only: bool,
}

/// Reads an RFC 3339 time with its offset, or a date.
///
/// ```
/// use foliostream::wire::times::parse_moment;
/// assert!(parse_moment("2026-11-02").expect("a date").date_only);
/// assert_eq!(parse_moment("2026-11-02T15:30:00+01:00").expect("a time").time.to_string(), "2026-11-02T14:30:00Z");
/// assert!(parse_moment("2026-11-02T15:30:00").is_err(), "it says no offset");
/// ```
pub fn parse_moment(text: &str) -> Result<Moment, Refusal> {
    let date = read_date(text).and_then(midnight).map(|time| Moment { time, date_only: true });
    let moment = date.or_else(|| read_time(text).filter(is_tellable).map(|time| Moment { time, date_only: false }));
    moment.ok_or_else(|| Refusal(Answers::not_a_time()))
}

/// Reads an RFC 3339 time with its offset, or a date as its midnight UTC.
pub fn parse_time(text: &str) -> Result<Timestamp, Refusal> {
    parse_moment(text).map(|moment| moment.time)
}

/// Reads a date; of a time the day it falls on in UTC, by which days are cut.
pub fn parse_day(text: &str) -> Result<Date, Refusal> {
    let moment = parse_moment(text).map_err(|_| Refusal(Answers::not_a_date()))?;
    Ok(utc_day(moment.time))
}

/// Returns the day a time falls on in UTC.
pub fn utc_day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Returns whether a time has a year of four digits in UTC: RFC 3339 cannot write others.
fn is_tellable(time: &Timestamp) -> bool {
    (0..=9_999).contains(&utc_day(*time).year())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Option<String> {
        parse_moment(text).ok().map(|moment| format!("{} {}", moment.time, moment.date_only))
    }

    #[test]
    fn a_date_alone_is_a_date_and_a_time_is_an_instant() {
        assert_eq!(told("2026-11-02").as_deref(), Some("2026-11-02T00:00:00Z true"));
        assert_eq!(told("2026-11-02T00:00:00Z").as_deref(), Some("2026-11-02T00:00:00Z false"));
        assert_eq!(told("2026-11-02T15:30:00.123456-05:00").as_deref(), Some("2026-11-02T20:30:00.123456Z false"));
        assert_eq!(told("2026-11-02t15:30:00z").as_deref(), Some("2026-11-02T15:30:00Z false"));
        assert_eq!(told("0000-01-01T00:00:00+00:00").as_deref(), Some("0000-01-01T00:00:00Z false"));
    }

    #[test]
    fn a_text_that_is_neither_form_is_refused() {
        let others = [
            "2026-11-02T15:30:00",
            "2026-11-02 15:30",
            "2026-11-02 15:30:00Z",
            "20261102",
            "20261102T153000Z",
            "2026-11-02T15:30Z",
            "2026-11-02T15Z",
            "2026-11-02T15:30:00+01",
            "2026-11-02T15:30:00+0100",
            "2026-11-02T15:30:00+01:00[Europe/Paris]",
            "2026-11-02[UTC]",
            "2026-11-02Z",
            "2026-11-02T",
            "2026-W45-1",
            "2026-306",
            "2026-11",
            "02.11.2026",
            "11/02/2026",
            "+002026-11-02",
            "-000001-11-02",
            "2026-11-02T15:30:00,5Z",
            "2026-11-02T15:30:00.Z",
            "2026-11-02T15:30:00.1234567890Z",
            " 2026-11-02",
            "2026-11-02 ",
            "2026-11-02\n",
            "2026-11-02T15:30:00Z ",
            "",
            "now",
            "0",
            "1767225600",
            "２026-11-02",
            "2026-02-30",
            "2026-13-01",
            "2026-11-00",
            "2026-11-02T24:00:00Z",
            "2026-11-02T15:60:00Z",
            "2016-12-31T23:59:60Z",
            "2026-11-02T15:30:61Z",
            "2026-11-02T15:30:00+99:00",
            "2026-11-02T15:30:00−01:00",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ];
        for text in others {
            assert_eq!(told(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_day_is_that_of_utc() {
        assert_eq!(parse_day("2026-11-02").unwrap().to_string(), "2026-11-02");
        assert_eq!(parse_day("2026-11-02T23:30:00-05:00").unwrap().to_string(), "2026-11-03");
        assert!(parse_day("2026-11-02T23:30").is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(second in -62_167_219_200_i64..253_402_200_000, micros in 0_i64..1_000_000) {
            let time = Timestamp::from_microsecond(second * 1_000_000 + micros).unwrap();
            prop_assert_eq!(parse_moment(&time.to_string()), Ok(Moment { time, date_only: false }));
            let date = utc_day(time);
            prop_assert_eq!(parse_moment(&date.to_string()), Ok(Moment { time: midnight(date).unwrap(), date_only: true }));
        }

        #[test]
        fn of_all_ways_to_write_a_time_only_the_strict_ones_are_read(
            separator in prop::sample::select(vec!["T", "T", " ", "t", "_", ""]),
            second in prop::sample::select(vec![":07", ":07", ":07.5", ":07.123456789", ":07.", ":07,5", ":7", "07", ""]),
            zone in prop::sample::select(vec!["Z", "+01:00", "-00:30", "z", "+0100", "+01", "", "[UTC]", "+01:00[Europe/Paris]", " Z"]),
        ) {
            let is_strict = ["T", "t"].contains(&separator)
                && [":07", ":07.5", ":07.123456789"].contains(&second)
                && ["Z", "z", "+01:00", "-00:30"].contains(&zone);
            let text = format!("2026-11-02{separator}15:30{second}{zone}");
            prop_assert_eq!(parse_moment(&text).is_ok(), is_strict, "{}", text);
        }

        #[test]
        fn a_time_with_one_character_changed_is_refused_or_another_time_that_is_written_so(place in 0_usize..20, other in any::<char>()) {
            let written = "2026-11-02T15:30:00Z";
            let text: String = written.chars().enumerate().map(|(at, was)| if at == place { other } else { was }).collect();
            if let Ok(moment) = parse_moment(&text) {
                prop_assert_eq!(moment.time.to_string(), text.to_ascii_uppercase());
            }
        }
    }
}
