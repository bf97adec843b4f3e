//! The chart's ranges, and days in words: from civil parts, no time zone database travels to the browser.
use crate::app::prelude::words;
use crate::words::dates::{self, Civil, day};

use jiff::civil::Date;

/// How far back the instrument's chart looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// The current session of the instrument's exchange, or the last one while it is closed.
    #[default]
    Day,
    /// The last seven days.
    Week,
    /// The last month, up to today.
    Month,
    /// The last year, up to today.
    Year,
    /// The last five years, up to today.
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
            Self::Day => words().range_day(),
            Self::Week => words().range_week(),
            Self::Month => words().range_month(),
            Self::Year => words().range_year(),
            Self::FiveYears => words().range_five_years(),
        }
    }

    /// Returns what a screen reader says.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Day => words().over_today(),
            Self::Week => words().over_one_week(),
            Self::Month => words().over_one_month(),
            Self::Year => words().over_one_year(),
            Self::FiveYears => words().over_five_years(),
        }
    }

    /// Reads the word; anything else is the day.
    pub fn read(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|range| word.is_some_and(|word| word.eq_ignore_ascii_case(range.word()))).unwrap_or_default()
    }

    /// Returns a moment as the range's axis writes it.
    pub fn axis_label(self, moment: Civil) -> String {
        match self {
            Self::Day => dates::clock(moment),
            Self::Week => [words().weekday(moment), " ", &moment.day.to_string()].concat(),
            Self::Month => words().short_date(moment),
            Self::Year | Self::FiveYears => words().month_and_year(moment),
        }
    }

    /// Returns a moment as the crosshair's chip and the table write it.
    pub fn full_label(self, moment: Civil) -> String {
        match self {
            Self::Day => dates::clock(moment),
            Self::Week => [words().date(moment), ", ".into(), dates::clock(moment)].concat(),
            Self::Month | Self::Year | Self::FiveYears => words().date(moment),
        }
    }
}

/// Takes a date apart, at its first moment.
pub fn civil_of(date: Date) -> Civil {
    let part = |value: i8| value.unsigned_abs();
    Civil { year: date.year(), month: part(date.month()), day: part(date.day()), hour: 0, minute: 0, second: 0 }
}

/// Returns `2026-11-20`, as a date field wants it.
pub fn iso_day(moment: Civil) -> String {
    day(moment).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Civil {
        dates::civil_utc(text.parse().unwrap())
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
    fn a_day_is_written_as_a_date_field_wants_it() {
        assert_eq!(iso_day(at("2026-11-02T10:00:00Z")), "2026-11-02");
    }
}
