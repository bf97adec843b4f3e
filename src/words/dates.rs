//! How times and dates are written.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::formats::DateForm;
use super::{Language, Words};

/// A time taken apart, in some zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year in full, such as 2026.
    pub year: i16,
    /// The month of the year, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour of the day, 0 to 23.
    pub hour: u8,
    /// The minute of the hour, 0 to 59.
    pub minute: u8,
    /// The second of the minute, 0 to 59.
    pub second: u8,
}

/// Takes a time apart in UTC.
pub fn civil_utc(time: Timestamp) -> Civil {
    let civil = Offset::UTC.to_datetime(time);
    let part = |value: i8| value.unsigned_abs();
    Civil {
        year: civil.year(),
        month: part(civil.month()),
        day: part(civil.day()),
        hour: part(civil.hour()),
        minute: part(civil.minute()),
        second: part(civil.second()),
    }
}

/// Returns the day of a moment; the first day of all where the parts are none.
pub fn day(moment: Civil) -> Date {
    let part = |value: u8| i8::try_from(value).unwrap_or(1);
    Date::new(moment.year, part(moment.month), part(moment.day)).unwrap_or(Date::MIN)
}

/// Writes a time of day: `14:02`.
pub fn clock(civil: Civil) -> String {
    [two(civil.hour), ":".to_owned(), two(civil.minute)].concat()
}

/// Writes a number below 100 with two digits: `07`.
fn two(value: u8) -> String {
    let mut text = String::with_capacity(2);
    if value < 10 {
        text.push('0');
    }
    text + &value.to_string()
}

/// Returns one of several names in one text, from 0.
fn named(names: &'static str, index: u8) -> &'static str {
    names.split(' ').nth(index.into()).unwrap_or("?")
}

impl Words {
    /// Writes `21 Nov 2026`, or as the reader has chosen.
    pub fn date(self, civil: Civil) -> String {
        let year = civil.year.to_string();
        let short = self.short_date(civil);
        match self.dates() {
            None => [&short, " ", &year].concat(),
            Some(DateForm::MonthFirst) => [&short, ", ", &year].concat(),
            Some(DateForm::Points) => [&short, year.as_str()].concat(),
            Some(DateForm::Slashes) => [&short, "/", &year].concat(),
            Some(DateForm::Iso) => [&year, "-", &short].concat(),
        }
    }

    /// Writes a date without its year: `21 Nov`, in German `21. Nov.`, or as the reader has chosen.
    pub fn short_date(self, civil: Civil) -> String {
        let (day, month) = (two(civil.day), two(civil.month));
        match self.dates() {
            None => {}
            Some(DateForm::MonthFirst) => return [self.month(civil), " ", &civil.day.to_string()].concat(),
            Some(DateForm::Points) => return [&day, ".", &month, "."].concat(),
            Some(DateForm::Slashes) => return [&day, "/", &month].concat(),
            Some(DateForm::Iso) => return [&month, "-", &day].concat(),
        }
        let after_day = match self.language() {
            Language::English => " ",
            Language::German => ". ",
        };
        [&civil.day.to_string(), after_day, self.month(civil)].concat()
    }

    /// Writes a month with its year: `Nov 2026`.
    pub fn month_and_year(self, civil: Civil) -> String {
        [self.month(civil), " ", &civil.year.to_string()].concat()
    }

    /// Returns the month's short name.
    fn month(self, civil: Civil) -> &'static str {
        named(self.months(), civil.month.wrapping_sub(1))
    }

    /// Returns the weekday's short name.
    pub fn weekday(self, civil: Civil) -> &'static str {
        named(self.weekdays(), day(civil).weekday().to_monday_zero_offset().unsigned_abs())
    }

    /// Writes a day within its month: `Tue 24`, in German `Di 24.`.
    pub fn day_in_month(self, civil: Civil) -> String {
        let after_day = match self.language() {
            Language::English => "",
            Language::German => ".",
        };
        [self.weekday(civil), " ", &civil.day.to_string(), after_day].concat()
    }

    /// Writes the heading of a day: today and yesterday by name, others as `Fri, 30 Oct 2026`.
    pub fn day_heading(self, moment: Civil, today: Civil) -> String {
        let (date, today) = (day(moment), day(today));
        match today.yesterday() {
            _ if date == today => self.today_heading().into(),
            Ok(yesterday) if date == yesterday => self.yesterday_heading().into(),
            _ => [self.weekday(moment), ", ", &self.date(moment)].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Civil {
        civil_utc(text.parse().unwrap())
    }

    #[test]
    fn times_are_written_by_hand_in_each_language() {
        let civil = at("2026-11-02T09:05:59.999Z");
        let [english, german] = Language::ALL.map(Words::of);
        assert_eq!([clock(civil), english.date(civil), english.short_date(civil)], ["09:05", "2 Nov 2026", "2 Nov"]);
        assert_eq!([german.date(civil), german.short_date(civil)], ["2. Nov. 2026", "2. Nov."]);
        assert_eq!([english.month_and_year(civil), german.month_and_year(civil)], ["Nov 2026", "Nov. 2026"]);
        assert_eq!([english.weekday(civil), german.weekday(civil)], ["Mon", "Mo"]);
        assert_eq!([english.day_in_month(civil), german.day_in_month(civil)], ["Mon 2", "Mo 2."]);
    }

    #[test]
    fn every_month_and_weekday_has_a_name() {
        for words in Language::ALL.map(Words::of) {
            assert_eq!([words.months().split(' ').count(), words.weekdays().split(' ').count()], [12, 7]);
        }
    }

    #[test]
    fn today_and_yesterday_have_names() {
        let today = at("2026-11-02T10:00:00Z");
        let [english, german] = Language::ALL.map(Words::of);
        assert_eq!([english.day_heading(today, today), german.day_heading(today, today)], ["Today", "Heute"]);
        let yesterday = at("2026-11-01T23:00:00Z");
        assert_eq!([english.day_heading(yesterday, today), german.day_heading(yesterday, today)], ["Yesterday", "Gestern"]);
        let before = at("2026-10-30T00:00:00Z");
        assert_eq!(english.day_heading(before, today), "Fri, 30 Oct 2026");
        assert_eq!(german.day_heading(before, today), "Fr, 30. Okt. 2026");
    }

    #[test]
    fn a_chosen_form_of_dates_holds_in_every_language() {
        use crate::words::formats::Formats;
        for language in Language::ALL {
            let written = |dates| {
                let words = Words::of(language).with_formats(Formats { dates, numbers: None });
                (words.date(at("2026-03-07T10:00:00Z")), words.short_date(at("2026-03-07T10:00:00Z")))
            };
            let text = |date: &str, short: &str| (date.to_owned(), short.to_owned());
            assert_eq!(written(Some(DateForm::Iso)), text("2026-03-07", "03-07"));
            assert_eq!(written(Some(DateForm::Points)), text("07.03.2026", "07.03."));
            assert_eq!(written(Some(DateForm::Slashes)), text("07/03/2026", "07/03"));
        }
        let words = Words::of(Language::English).with_formats(Formats { dates: Some(DateForm::MonthFirst), numbers: None });
        assert_eq!(words.date(at("2026-03-07T10:00:00Z")), "Mar 7, 2026");
    }
}
