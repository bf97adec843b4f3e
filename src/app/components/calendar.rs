//! The chart's ranges, and days in words: from civil parts, no time zone database travels to the browser.

use jiff::civil::Date;

use crate::app::format::{self, Civil};

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
    pub fn axis_label(self, moment: Civil) -> String {
        match self {
            Self::Day => format::clock(moment),
            Self::Week => [weekday(moment), " ", &moment.day.to_string()].concat(),
            Self::Month => format::short_date(moment),
            Self::Year | Self::FiveYears => {
                let date = format::date(moment);
                date.split_once(' ').map(|(_, month_and_year)| month_and_year.to_owned()).unwrap_or(date)
            }
        }
    }

    /// Returns a moment as the crosshair's chip and the table write it.
    pub fn full_label(self, moment: Civil) -> String {
        match self {
            Self::Day => format::clock(moment),
            Self::Week => [format::date(moment), ", ".into(), format::clock(moment)].concat(),
            Self::Month | Self::Year | Self::FiveYears => format::date(moment),
        }
    }
}

/// Returns the day of a moment; the first day of all where the parts are none.
pub fn day(moment: Civil) -> Date {
    let part = |value: u8| i8::try_from(value).unwrap_or(1);
    Date::new(moment.year, part(moment.month), part(moment.day)).unwrap_or(Date::MIN)
}

/// Takes a date apart, at its first moment.
pub fn civil_of(date: Date) -> Civil {
    let part = |value: i8| value.unsigned_abs();
    Civil { year: date.year(), month: part(date.month()), day: part(date.day()), hour: 0, minute: 0, second: 0 }
}

/// Returns the weekday's three letters.
fn weekday(moment: Civil) -> &'static str {
    let number = day(moment).weekday().to_monday_zero_offset().unsigned_abs();
    WEEKDAYS[usize::from(number).min(6)]
}

/// Returns `2026-11-20`, as a date field wants it.
pub fn iso_day(moment: Civil) -> String {
    day(moment).to_string()
}

/// Returns the heading of a day of the inbox: today and yesterday by name.
pub fn day_heading(moment: Civil, today: Civil) -> String {
    let (date, today) = (day(moment), day(today));
    match today.yesterday() {
        _ if date == today => "Today".into(),
        Ok(yesterday) if date == yesterday => "Yesterday".into(),
        _ => [weekday(moment), ", ", &format::date(moment)].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Civil {
        format::civil_utc(text.parse().unwrap())
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
        assert_eq!(
            [Range::read(None), Range::read(Some("9x")), Range::read(Some("5Y"))],
            [Range::Day, Range::Day, Range::FiveYears]
        );
    }

    #[test]
    fn today_and_yesterday_have_names() {
        let today = at("2026-11-02T10:00:00Z");
        assert_eq!(day_heading(today, today), "Today");
        assert_eq!(day_heading(at("2026-11-01T23:00:00Z"), today), "Yesterday");
        assert_eq!(day_heading(at("2026-10-30T00:00:00Z"), today), "Fri, 30 Oct 2026");
        assert_eq!(iso_day(today), "2026-11-02");
    }
}
