//! Whose day a moment belongs to: that of the exchange an instrument is quoted on.

use jiff::Timestamp;

use super::instrument::Ticker;

/// How many hours before UTC an exchange's day begins, by the ending of its tickers. A session of Sydney runs from 23:00 to 05:00
/// UTC in summer: by days of UTC it would be two. Only exchanges whose sessions lie across or near the UTC midnight need an entry.
const EAST: [(&str, i64); 17] = [
    ("NZ", 12),
    ("AX", 10),
    ("T", 9),
    ("KS", 9),
    ("KQ", 9),
    ("HK", 8),
    ("SS", 8),
    ("SZ", 8),
    ("TW", 8),
    ("TWO", 8),
    ("SI", 8),
    ("KL", 8),
    ("PS", 8),
    ("BK", 7),
    ("JK", 7),
    ("NS", 5),
    ("BO", 5),
];

const DAY_S: i64 = 86_400;

fn offset_s(ticker: &Ticker) -> i64 {
    let Some((_, ending)) = ticker.as_str().rsplit_once('.') else { return 0 };
    EAST.iter().find(|(suffix, _)| *suffix == ending).map_or(0, |(_, hours)| hours * 3_600)
}

/// Returns the beginning of the exchange's day at or before a time: midnight UTC, or earlier where the exchange is far to the
/// east.
///
/// ```
/// use foliostream::domain::session::day_begin;
/// let evening = "2026-11-02T23:30:00Z".parse().expect("a time");
/// let begin = |ticker: &str| day_begin(&ticker.parse().expect("a ticker"), evening).to_string();
/// assert_eq!(begin("AAPL"), "2026-11-02T00:00:00Z");
/// assert_eq!(begin("BHP.AX"), "2026-11-02T14:00:00Z");
/// ```
pub fn day_begin(ticker: &Ticker, time: Timestamp) -> Timestamp {
    let offset = offset_s(ticker);
    Timestamp::from_second(day(time, offset) * DAY_S - offset).unwrap_or(time)
}

/// Returns which day since 1970 a time falls on where the clock is `offset` seconds ahead of UTC.
fn day(time: Timestamp, offset: i64) -> i64 {
    (time.as_second() + offset).div_euclid(DAY_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_of_utc_or_before_it_in_the_east() {
        let begin = |ticker: &str, time: &str| day_begin(&ticker.parse().unwrap(), at(time)).to_string();
        assert_eq!(begin("A", "2026-11-02T23:59:59Z"), "2026-11-02T00:00:00Z");
        assert_eq!(begin("BHP.AX", "2026-11-03T04:00:00Z"), "2026-11-02T14:00:00Z");
        assert_eq!(begin("7203.T", "2026-11-02T14:59:00Z"), "2026-11-01T15:00:00Z");
        assert_eq!(begin("BRK.B", "2026-11-02T14:59:00Z"), "2026-11-02T00:00:00Z");
    }

    #[test]
    fn a_date_alone_lies_in_the_day_of_its_exchange() {
        let begin = day_begin(&"BHP.AX".parse().unwrap(), at("2026-11-02T23:30:00Z"));
        assert!(at("2026-11-03T00:00:00Z") >= begin && at("2026-11-02T00:00:00Z") < begin);
    }
}
