//! The charts' ranges in words, and days in words: from civil parts, no time zone database travels to the browser.
use crate::app::prelude::words;
use crate::wire::range::Range;
use crate::wire::rfc3339::read_date;
use crate::words::dates::{self, Civil, day};

use jiff::civil::Date;

impl Range {
    /// Returns the short label of its link.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Day => words().range_day(),
            Self::Week => words().range_week(),
            Self::Month => words().range_month(),
            Self::Quarter => words().range_quarter(),
            Self::Year => words().range_year(),
            Self::FiveYears => words().range_five_years(),
            Self::All => words().range_all(),
        }
    }

    /// Returns what a screen reader says.
    pub(crate) fn spoken(self) -> &'static str {
        match self {
            Self::Day => words().over_today(),
            Self::Week => words().over_one_week(),
            Self::Month => words().over_one_month(),
            Self::Quarter => words().over_three_months(),
            Self::Year => words().over_one_year(),
            Self::FiveYears => words().over_five_years(),
            Self::All => words().over_all_time(),
        }
    }

    /// Returns a moment as the range's axis writes it.
    pub(crate) fn axis_label(self, moment: Civil) -> String {
        match self {
            Self::Day => dates::clock(moment),
            Self::Week => [words().weekday(moment), " ", &moment.day.to_string()].concat(),
            Self::Month | Self::Quarter => words().short_date(moment),
            Self::Year | Self::FiveYears | Self::All => words().month_and_year(moment),
        }
    }

    /// Returns a moment as the crosshair's chip and the table write it.
    pub(crate) fn full_label(self, moment: Civil) -> String {
        match self {
            Self::Day => dates::clock(moment),
            Self::Week => [words().date(moment), ", ".into(), dates::clock(moment)].concat(),
            Self::Month | Self::Quarter | Self::Year | Self::FiveYears | Self::All => words().date(moment),
        }
    }
}

/// Writes a day as programs write it, such as `2026-11-27`, for a person; what is none stays as it is.
pub fn written_day(day: &str) -> String {
    read_date(day).map_or_else(|| day.to_owned(), |date| words().date(civil_of(date)))
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
        let labels = Range::OF_PRICES.map(|range| range.axis_label(moment));
        assert_eq!(labels, ["09:05", "Mon 2", "2 Nov", "2 Nov", "Nov 2026", "Nov 2026"]);
        assert_eq!(Range::Week.full_label(moment), "2 Nov 2026, 09:05");
    }

    #[test]
    fn a_day_is_written_as_a_date_field_wants_it() {
        assert_eq!(iso_day(at("2026-11-02T10:00:00Z")), "2026-11-02");
    }
}
