//! Days and hours in words, from civil parts: no time zone database travels to the browser.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How far back the instrument's chart looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// The current session.
    #[default]
    Day,
    /// Seven days.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// Five years.
    FiveYears,
}

impl Range {
    /// Every range, shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Year, Self::FiveYears];

    /// Returns the word used in addresses and by the server.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "1d",
            Self::Week => "1w",
            Self::Month => "1m",
            Self::Year => "1y",
            Self::FiveYears => "5y",
        }
    }

    /// Returns the short label of its link.
    pub fn label(self) -> &'static str {
        match self {
            Self::Day => "1D",
            Self::Week => "1W",
            Self::Month => "1M",
            Self::Year => "1Y",
            Self::FiveYears => "5Y",
        }
    }

    /// Returns what a screen reader says.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Day => "today",
            Self::Week => "over one week",
            Self::Month => "over one month",
            Self::Year => "over one year",
            Self::FiveYears => "over five years",
        }
    }

    /// Reads the word; anything else is the day.
    pub fn read(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|range| word.is_some_and(|word| word.eq_ignore_ascii_case(range.word()))).unwrap_or_default()
    }

    /// Returns a moment as the range's axis writes it.
    pub fn axis_label(self, moment: DateTime) -> String {
        match self {
            Self::Day => clock(moment),
            Self::Week => [weekday(moment.date()), " ", &moment.day().to_string()].concat(),
            Self::Month => [&moment.day().to_string(), " ", month(moment.date())].concat(),
            Self::Year | Self::FiveYears => [month(moment.date()), " ", &moment.year().to_string()].concat(),
        }
    }

    /// Returns a moment as the crosshair's chip and the table write it.
    pub fn full_label(self, moment: DateTime) -> String {
        match self {
            Self::Day => clock(moment),
            Self::Week => [day(moment.date()), ", ".into(), clock(moment)].concat(),
            Self::Month | Self::Year | Self::FiveYears => day(moment.date()),
        }
    }
}

/// Returns the civil moment in UTC.
pub fn civil_utc(time: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(time)
}

/// Returns the month's three letters.
pub fn month(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1).min(11)]
}

/// Returns the weekday's three letters.
pub fn weekday(date: Date) -> &'static str {
    WEEKDAYS[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs()).min(6)]
}

/// Returns `20 Nov 2026`.
pub fn day(date: Date) -> String {
    [&date.day().to_string(), " ", month(date), " ", &date.year().to_string()].concat()
}

/// Returns `14:02`.
pub fn clock(moment: DateTime) -> String {
    [two(moment.hour()), ":".into(), two(moment.minute())].concat()
}

/// Returns `2026-11-20`, as a date field wants it.
pub fn iso_day(date: Date) -> String {
    [date.year().to_string(), "-".into(), two(date.month()), "-".into(), two(date.day())].concat()
}

/// Returns the heading of a day of the inbox: today and yesterday by name.
pub fn day_heading(date: Date, today: Date) -> String {
    match today.yesterday() {
        _ if date == today => "Today".into(),
        Ok(yesterday) if date == yesterday => "Yesterday".into(),
        _ => [weekday(date), ", ", &day(date)].concat(),
    }
}

fn two(number: i8) -> String {
    let text = number.to_string();
    if text.len() < 2 { ["0", &text].concat() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        civil_utc(text.parse().unwrap())
    }

    #[test]
    fn each_range_writes_its_axis_in_its_own_grain() {
        let moment = at("2026-11-02T09:05:00Z");
        let labels = Range::ALL.map(|range| range.axis_label(moment));
        assert_eq!(labels, ["09:05", "Mon 2", "2 Nov", "Nov 2026", "Nov 2026"]);
        assert_eq!(Range::Week.full_label(moment), "2 Nov 2026, 09:05");
    }

    #[test]
    fn an_unknown_range_is_the_day() {
        assert_eq!([Range::read(None), Range::read(Some("9x")), Range::read(Some("5Y"))], [Range::Day, Range::Day, Range::FiveYears]);
    }

    #[test]
    fn today_and_yesterday_have_names() {
        let today = at("2026-11-02T00:00:00Z").date();
        assert_eq!(day_heading(today, today), "Today");
        assert_eq!(day_heading(today.yesterday().unwrap(), today), "Yesterday");
        assert_eq!(day_heading(at("2026-10-30T00:00:00Z").date(), today), "Fri, 30 Oct 2026");
        assert_eq!(iso_day(today), "2026-11-02");
    }
}
