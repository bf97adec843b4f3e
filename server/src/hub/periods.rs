//! The days that a performance is about.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::PerformanceQuery;
use foliostream::words::{Answers, Refusals};

/// The most years that a period reaches back: what was entered of earlier days counts as there from its beginning on.
const MOST_YEARS: i64 = 50;

/// The last moment of a day is one nanosecond before the next.
pub(super) const LEAST: SignedDuration = SignedDuration::from_nanos(1);

/// The days of a period: that before the first, the first and the last that count, and whether the last is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub base: Date,
    pub from: Date,
    pub to: Date,
    pub is_to_today: bool,
}

impl Period {
    /// Reads the period that is asked for; it begins with the first transaction at the earliest.
    pub(super) fn read(query: &PerformanceQuery, first: Date, today: Date) -> Result<Self, ApiError> {
        let refused =
            |field: &str, message| ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::Unprocessable, message) };
        let day = |field: &'static str, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(|text| text.parse::<Date>().map_err(|_| refused(field, Answers::not_a_date()))).transpose()
        };
        let (from, to) = (day("from", &query.from)?, day("to", &query.to)?);
        if to.is_some_and(|to| to > today) {
            return Err(refused("to", Refusals::date_in_the_future()));
        }
        let to = to.unwrap_or(today);
        let base = match (from, &query.range) {
            (Some(from), _) => from.yesterday().ok(),
            (None, Some(range)) => begin_of(range, to)?,
            (None, None) => None,
        };
        let first = first.min(to).yesterday().unwrap_or(first);
        let earliest = to.checked_sub(MOST_YEARS.years()).map_or(first, |earliest| earliest.max(first));
        let base = base.map_or(earliest, |base| base.max(earliest));
        let from = base.tomorrow().unwrap_or(base);
        if from > to {
            return Err(refused("from", Refusals::ends_before_it_begins()));
        }
        Ok(Self { base, from, to, is_to_today: to == today })
    }

    /// Returns its days, that before the first included.
    pub(super) fn days(self) -> impl Iterator<Item = Date> {
        std::iter::successors(Some(self.base), |day| day.tomorrow().ok()).take_while(move |day| *day <= self.to)
    }

    /// Returns the last moment of each of its days.
    pub(super) fn ends(self) -> Vec<Timestamp> {
        let end = |day: Date| {
            let next = TimeZone::UTC.to_timestamp(day.tomorrow().unwrap_or(day).at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX);
            next.checked_sub(LEAST).unwrap_or(next)
        };
        self.days().map(end).collect()
    }
}

/// Returns the day before the first of a range; nothing for everything.
fn begin_of(range: &str, to: Date) -> Result<Option<Date>, ApiError> {
    let span = match range.to_ascii_lowercase().as_str() {
        "1d" => 1.day(),
        "1w" => 1.week(),
        "1m" => 1.month(),
        "3m" => 3.months(),
        "ytd" => return Ok(to.first_of_year().yesterday().ok()),
        "1y" => 1.year(),
        "3y" => 3.years(),
        "5y" => 5.years(),
        "all" => return Ok(None),
        _ => {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::choose_a_period());
            return Err(ApiError { field: Some("range".to_owned()), ..refusal });
        }
    };
    Ok(to.checked_sub(span).ok())
}
