//! Dates and times as programs of many countries write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::faults::Fault;

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The instant; of a date alone its midnight UTC.
    pub time: Timestamp,
    /// Whether a date alone was written.
    pub date_only: bool,
}

/// Which part of a date comes first, where only figures are written. One that begins with its year is always read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// 2024-03-25
    YearFirst,
    /// 25/03/2024, 25.3.24
    DayFirst,
    /// 03/25/2024
    MonthFirst,
}

impl DateForm {
    /// Every form, in the order of a choice.
    pub const ALL: [Self; 3] = [Self::YearFirst, Self::DayFirst, Self::MonthFirst];

    /// Returns the name by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::YearFirst => "ymd",
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
        }
    }

    /// Returns the form of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name.trim())
    }
}

/// What the dates of a file show about their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A date shows it: 25/03/2024 is no month.
    Form(DateForm),
    /// Day and month cannot be told apart in any of them, such as 03/04/2024.
    Ambiguous,
}

/// Returns what dates show about their form; nothing where none is a date.
///
/// ```
/// use foliostream::import::dates::{shown_form, DateForm, Shown};
/// assert_eq!(shown_form(["03/04/2024", "25/06/2024"].into_iter()), Some(Shown::Form(DateForm::DayFirst)));
/// assert_eq!(shown_form(["03/04/2024"].into_iter()), Some(Shown::Ambiguous));
/// ```
pub fn shown_form<'a>(dates: impl Iterator<Item = &'a str>) -> Option<Shown> {
    let mut shown = None;
    for text in dates {
        let Some((date, _)) = parts(text) else { continue };
        match date {
            Parts::Known(_) => shown = shown.or(Some(Shown::Form(DateForm::YearFirst))),
            Parts::Figures(first, second, _) if first > 12 && second <= 12 => return Some(Shown::Form(DateForm::DayFirst)),
            Parts::Figures(first, second, _) if second > 12 && first <= 12 => return Some(Shown::Form(DateForm::MonthFirst)),
            // Dots stand in dates whose day comes first alone.
            Parts::Figures(..) if date_part(text).contains('.') => return Some(Shown::Form(DateForm::DayFirst)),
            Parts::Figures(first, second, _) if first == second => shown = shown.or(Some(Shown::Form(DateForm::DayFirst))),
            Parts::Figures(..) => shown = Some(Shown::Ambiguous),
        }
    }
    shown
}

/// Reads a date, with its time where there is one. A time without a zone is one of `zone`.
///
/// ```
/// use foliostream::import::dates::{when, DateForm};
/// use jiff::tz::TimeZone;
/// let read = when("25.03.2024 09:30", DateForm::DayFirst, &TimeZone::UTC).expect("a time");
/// assert_eq!((read.time.to_string().as_str(), read.date_only), ("2024-03-25T09:30:00Z", false));
/// assert!(when("31/02/2024", DateForm::DayFirst, &TimeZone::UTC).is_err());
/// ```
pub fn when(text: &str, form: DateForm, zone: &TimeZone) -> Result<When, Fault> {
    let fault = || Fault::NotADate(text.trim().to_owned());
    let (parts, rest) = parts(text).ok_or_else(fault)?;
    let date = match (parts, form) {
        (Parts::Known(date), _) => date,
        (Parts::Figures(first, second, year), DateForm::MonthFirst) => date(year, first, second).ok_or_else(fault)?,
        (Parts::Figures(first, second, year), _) => date(year, second, first).ok_or_else(fault)?,
    };
    match time(rest).ok_or_else(fault)? {
        None => midnight(date).ok_or_else(fault),
        // Programs that keep no time write midnight.
        Some((time, offset)) if time == Time::midnight() && offset.as_ref().is_none_or(|zone| *zone == TimeZone::UTC) => {
            midnight(date).ok_or_else(fault)
        }
        Some((time, offset)) => {
            let zone = offset.unwrap_or_else(|| zone.clone());
            let time = zone.to_timestamp(DateTime::from_parts(date, time)).map_err(|_| fault())?;
            Ok(When { time, date_only: false })
        }
    }
}

/// Reads a date of a file whose dates show their form, or do not: then it must have one of its own, such as 2024-03-05 or 5 March 2024.
pub fn when_shown(text: &str, form: Option<DateForm>, zone: &TimeZone) -> Result<When, Fault> {
    let Some(form) = form else {
        return match when(text, DateForm::YearFirst, zone) {
            Ok(read) if when(text, DateForm::MonthFirst, zone) == Ok(read) => Ok(read),
            Err(fault) if when(text, DateForm::MonthFirst, zone).is_err() => Err(fault),
            _ => Err(Fault::AmbiguousDate(text.to_owned())),
        };
    };
    when(text, form, zone)
}

fn midnight(date: Date) -> Option<When> {
    let time = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(When { time, date_only: true })
}

/// A date as far as it can be read without its form.
#[derive(Clone, Copy)]
enum Parts {
    Known(Date),
    /// Two figures and a year.
    Figures(i8, i8, i16),
}

const MONTHS: [(&str, i8); 25] = [
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("may", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("mär", 3),
    ("mrz", 3),
    ("mai", 5),
    ("okt", 10),
    ("dez", 12),
    ("fév", 2),
    ("avr", 4),
    ("juin", 6),
    ("juil", 7),
    ("aoû", 8),
    ("déc", 12),
    ("mei", 5),
    ("mrt", 3),
];

fn month_named(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let longest_first = MONTHS.iter().rev();
    longest_first
        .clone()
        .find(|(begin, _)| word.starts_with(begin) && word.chars().all(char::is_alphabetic))
        .map(|(_, month)| *month)
}

/// Returns the date that a text begins with, and what follows it.
fn parts(text: &str) -> Option<(Parts, &str)> {
    let text = text.trim();
    let begin = date_part(text);
    let rest = &text[begin.len()..];
    let pieces: Vec<&str> = begin.split(['-', '/', '.']).filter(|piece| !piece.is_empty()).collect();
    let known = |date: Option<Date>| date.map(Parts::Known);
    let parts = match pieces[..] {
        [digits] if digits.len() == 8 && digits.is_ascii() => {
            known(date(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?))
        }
        [first, second, third] if first.len() == 4 => known(date(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?)),
        [first, month, year] if month.starts_with(char::is_alphabetic) => {
            known(date(full_year(year)?, month_named(month)?, first.parse().ok()?))
        }
        [first, second, third] => Some(Parts::Figures(first.parse().ok()?, second.parse().ok()?, full_year(third)?)),
        _ => return words_of_date(text),
    };
    parts.map(|parts| (parts, rest))
}

/// Reads "Mar 25, 2024 10:00" and "25 March 2024".
fn words_of_date(text: &str) -> Option<(Parts, &str)> {
    let mut rest = text;
    let mut pieces = [""; 3];
    for piece in &mut pieces {
        rest = rest.trim_start();
        let end = rest.find([' ', ',']).unwrap_or(rest.len());
        *piece = rest[..end].trim_end_matches('.');
        rest = rest[end..].trim_start_matches(',');
    }
    let [first, second, year] = pieces;
    let (month, day) = match (month_named(first), month_named(second)) {
        (Some(month), None) => (month, second.parse().ok()?),
        (None, Some(month)) => (month, first.parse().ok()?),
        _ => return None,
    };
    date(full_year(year)?, month, day).map(|date| (Parts::Known(date), rest))
}

/// Returns what stands before the time of day.
fn date_part(text: &str) -> &str {
    let text = text.trim();
    let is_date = |character: char| character.is_alphanumeric() || "-/.".contains(character);
    let end = text.find(|character: char| !is_date(character)).unwrap_or(text.len());
    let begin = &text[..end];
    let is_digit = |character: char| character.is_ascii_digit();
    match begin.find('T') {
        Some(at) if at >= 8 && begin[..at].ends_with(is_digit) => &begin[..at],
        _ => begin,
    }
}

fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        // Two figures are a year of this century up to 2069.
        2 => Some(year + if year < 70 { 2000 } else { 1900 }),
        _ => None,
    }
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// Reads what follows a date: nothing, or a time with the offset that may stand behind it.
#[expect(clippy::option_option, reason = "no time is something else than one that cannot be read")]
fn time(text: &str) -> Option<Option<(Time, Option<TimeZone>)>> {
    let text = text.trim_start_matches(['T', ',', ';', ' ']).trim();
    if text.is_empty() {
        return Some(None);
    }
    let end = text.find(|character: char| !character.is_ascii_digit() && !":.".contains(character)).unwrap_or(text.len());
    let (clock, zone) = (&text[..end], text[end..].trim());
    let time = clock_time(clock)?;
    let lower = zone.to_ascii_lowercase();
    let (time, zone) = match (lower.get(..2), time.hour()) {
        (Some("am"), 12) => (time.with().hour(0).build().ok()?, zone[2..].trim()),
        (Some("pm"), hour) if hour < 12 => (time.with().hour(hour + 12).build().ok()?, zone[2..].trim()),
        (Some("am" | "pm"), _) => (time, zone[2..].trim()),
        _ => (time, zone),
    };
    match zone {
        "" => Some(Some((time, None))),
        "Z" | "UTC" | "GMT" | "z" | "(UTC)" => Some(Some((time, Some(TimeZone::UTC)))),
        offset => Some(Some((time, Some(fixed_offset(offset)?)))),
    }
}

/// Reads 09:30, 09:30:15, 09:30:15.123 and 093015.
fn clock_time(text: &str) -> Option<Time> {
    let text = if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}:{}:{}", &text[..2], &text[2..4], &text[4..])
    } else {
        text.to_owned()
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut pieces = whole.split(':').map(str::parse::<i8>);
    let (hour, minute) = (pieces.next()?.ok()?, pieces.next()?.ok()?);
    let second = pieces.next().transpose().ok()?.unwrap_or(0);
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Time::new(hour, minute, second, nanoseconds).ok()
}

/// Reads +02:00, +0200 and +02.
fn fixed_offset(text: &str) -> Option<TimeZone> {
    let (sign, digits) =
        text.strip_prefix('+').map(|digits| (1, digits)).or_else(|| text.strip_prefix('-').map(|digits| (-1, digits)))?;
    let digits: String = digits.chars().filter(|character| *character != ':').collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = if digits.len() > 2 { digits.get(2..4)?.parse().ok()? } else { 0 };
    let seconds = sign * (hours * 3_600 + minutes * 60);
    jiff::tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, form: DateForm) -> Option<String> {
        let when = when(text, form, &TimeZone::UTC).ok()?;
        Some(if when.date_only { when.time.to_string()[..10].to_owned() } else { when.time.to_string() })
    }

    #[test]
    fn dates_of_many_countries_are_read() {
        use DateForm::{DayFirst, MonthFirst, YearFirst};
        for (text, form, expected) in [
            ("2024-03-05", YearFirst, "2024-03-05"),
            ("20240305", YearFirst, "2024-03-05"),
            ("2024/3/5", DayFirst, "2024-03-05"),
            ("5.3.24", DayFirst, "2024-03-05"),
            ("03/05/2024", MonthFirst, "2024-03-05"),
            ("05-03-2024", DayFirst, "2024-03-05"),
            ("5-Mar-2024", DayFirst, "2024-03-05"),
            ("05-mrt-2024", DayFirst, "2024-03-05"),
            ("Mar 5, 2024", MonthFirst, "2024-03-05"),
            ("5 March 2024", DayFirst, "2024-03-05"),
            ("05 mai 2024", DayFirst, "2024-05-05"),
            ("1 juin 2024", DayFirst, "2024-06-01"),
            ("01 Dez. 2024", DayFirst, "2024-12-01"),
            ("2024-03-05T00:00", YearFirst, "2024-03-05"),
            ("2024-03-05T00:00:00.000Z", YearFirst, "2024-03-05"),
            ("2024-03-05T09:30:15.250Z", YearFirst, "2024-03-05T09:30:15.25Z"),
            ("2024-03-05 09:30:15", YearFirst, "2024-03-05T09:30:15Z"),
            ("2024-03-05 09:30:15 UTC", YearFirst, "2024-03-05T09:30:15Z"),
            ("2024-03-05T09:30:15+01:00", YearFirst, "2024-03-05T08:30:15Z"),
            ("20240305;093015", YearFirst, "2024-03-05T09:30:15Z"),
            ("3/5/2024, 2:05:06 PM", MonthFirst, "2024-03-05T14:05:06Z"),
            ("3/5/2024 12:05 AM", MonthFirst, "2024-03-05T00:05:00Z"),
            ("1/2/70", DayFirst, "1970-02-01"),
        ] {
            assert_eq!(read(text, form).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "x", "2024-13-01", "2024-02-30", "31/04/2024", "1/2", "1.2.3.4", "2024-03-05 25:00", "5", "Total", "999999999"]
        {
            assert_eq!(read(text, DayFirst), None, "{text}");
        }
    }

    #[test]
    fn one_date_decides_for_all_and_none_is_guessed() {
        let shown = |dates: &[&str]| shown_form(dates.iter().copied());
        assert_eq!(shown(&["03/04/2024", "06/25/2024"]), Some(Shown::Form(DateForm::MonthFirst)));
        assert_eq!(shown(&["03.04.2024"]), Some(Shown::Form(DateForm::DayFirst)));
        assert_eq!(shown(&["05/05/2024", "03/04/2024"]), Some(Shown::Ambiguous));
        assert_eq!(shown(&["2024-01-02"]), Some(Shown::Form(DateForm::YearFirst)));
        assert_eq!(shown(&["", "Total"]), None);
    }
}
