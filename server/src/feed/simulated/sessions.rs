//! When a market trades: sessions by exchange in its own time zone, weekends off, no holidays.

use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The exchange that an instrument trades at, which decides its hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Exchange {
    /// New York, 09:30 to 16:00.
    UnitedStates,
    /// Xetra and Euronext, 09:00 to 17:30 in Berlin.
    Continental,
    /// SIX Swiss Exchange, 09:00 to 17:30.
    Zurich,
    /// London Stock Exchange, 08:00 to 16:30.
    London,
    /// Currencies, around the clock on weekdays, UTC.
    Interbank,
    /// Crypto pairs, which trade at all times.
    AroundTheClock,
}

const SECONDS_PER_DAY: i64 = 86_400;
const UNIX_EPOCH: Date = date(1970, 1, 1);

/// Sessions are known between these; an instant outside counts as the nearer end, so that no date overflows.
const FIRST_UNIX_DAY: i64 = 0;
const LAST_UNIX_DAY: i64 = 84_000;

/// Returns the days from 1970-01-01 to `date`.
pub(crate) fn unix_day(date: Date) -> i64 {
    date.duration_since(UNIX_EPOCH).as_secs().div_euclid(SECONDS_PER_DAY)
}

/// Returns the date so many days after 1970-01-01.
pub(crate) fn date_of(unix_day: i64) -> Date {
    UNIX_EPOCH.saturating_add(SignedDuration::from_secs(unix_day.saturating_mul(SECONDS_PER_DAY)))
}

/// Returns whether a day since 1970-01-01 (a Thursday) is Monday to Friday.
pub(crate) fn is_weekday(unix_day: i64) -> bool {
    (unix_day + 3).rem_euclid(7) < 5
}

/// One session: trading from `open` up to but not including `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Its date at the exchange, in days since 1970-01-01.
    pub unix_day: i64,
    /// The first instant of trading.
    pub open: Timestamp,
    /// The first instant after it.
    pub close: Timestamp,
}

impl Session {
    /// Returns whether the instant is within trading.
    pub(crate) fn contains(&self, instant: Timestamp) -> bool {
        self.open <= instant && instant < self.close
    }

    /// Returns how much of the session has passed, from 0 to 1.
    pub(crate) fn fraction(&self, instant: Timestamp) -> f64 {
        let length = self.close.as_microsecond() - self.open.as_microsecond();
        let passed = instant.as_microsecond() - self.open.as_microsecond();
        (passed as f64 / length as f64).clamp(0.0, 1.0)
    }
}

/// The sessions of one exchange.
#[derive(Clone, Debug)]
pub(crate) enum Calendar {
    /// Every UTC day is a session of 24 hours, or every weekday.
    Utc {
        /// Whether Saturday and Sunday are left out.
        weekdays_only: bool,
    },
    /// Weekdays between two times of day in a time zone.
    Local {
        /// The time zone of the exchange.
        zone: TimeZone,
        /// When trading begins, in the exchange's zone.
        open: Time,
        /// When trading ends, in the exchange's zone.
        close: Time,
    },
}

impl Calendar {
    /// Returns an exchange's sessions; `always_open` makes every UTC day one, wherever it is.
    pub(crate) fn new(exchange: Exchange, always_open: bool) -> Self {
        if always_open {
            return Self::Utc { weekdays_only: false };
        }
        match exchange {
            Exchange::UnitedStates => Self::local("America/New_York", time(9, 30, 0, 0), time(16, 0, 0, 0)),
            Exchange::Continental => Self::local("Europe/Berlin", time(9, 0, 0, 0), time(17, 30, 0, 0)),
            Exchange::Zurich => Self::local("Europe/Zurich", time(9, 0, 0, 0), time(17, 30, 0, 0)),
            Exchange::London => Self::local("Europe/London", time(8, 0, 0, 0), time(16, 30, 0, 0)),
            Exchange::Interbank => Self::Utc { weekdays_only: true },
            Exchange::AroundTheClock => Self::Utc { weekdays_only: false },
        }
    }

    fn local(zone: &str, open: Time, close: Time) -> Self {
        let zone = TimeZone::get(zone).expect("the bundled time zone database has every exchange's zone");
        Self::Local { zone, open, close }
    }

    /// Returns whether the exchange trades on that day.
    pub(crate) fn trades_on(&self, unix_day: i64) -> bool {
        matches!(self, Self::Utc { weekdays_only: false }) || is_weekday(unix_day)
    }

    /// Returns how many days a year it trades: what turns a year's volatility into a day's.
    pub(crate) fn days_per_year(&self) -> f64 {
        if matches!(self, Self::Utc { weekdays_only: false }) { 365.25 } else { 260.9 }
    }

    /// Returns the session of that day, if there is one.
    pub(crate) fn session_on(&self, unix_day: i64) -> Option<Session> {
        let unix_day = unix_day.clamp(FIRST_UNIX_DAY, LAST_UNIX_DAY);
        self.trades_on(unix_day).then(|| self.span_of(unix_day))
    }

    /// Returns the last session that began at or before the instant: the current one, or the one before.
    pub(crate) fn last_started(&self, instant: Timestamp) -> Session {
        let mut unix_day = self.local_day(instant).clamp(FIRST_UNIX_DAY + 7, LAST_UNIX_DAY);
        if self.trades_on(unix_day) {
            let session = self.span_of(unix_day);
            if session.open <= instant {
                return session;
            }
        }
        unix_day -= 1;
        while !self.trades_on(unix_day) {
            unix_day -= 1;
        }
        self.span_of(unix_day)
    }

    fn local_day(&self, instant: Timestamp) -> i64 {
        let offset = match self {
            Self::Utc { .. } => 0,
            Self::Local { zone, .. } => i64::from(zone.to_offset(instant).seconds()),
        };
        (instant.as_second() + offset).div_euclid(SECONDS_PER_DAY)
    }

    fn span_of(&self, unix_day: i64) -> Session {
        let (open, close) = match self {
            Self::Utc { .. } => (instant_of(unix_day, 0), instant_of(unix_day + 1, 0)),
            Self::Local { zone, open, close } => (at_time(zone, unix_day, *open), at_time(zone, unix_day, *close)),
        };
        Session { unix_day, open, close }
    }
}

fn at_time(zone: &TimeZone, unix_day: i64, time: Time) -> Timestamp {
    let moment = date_of(unix_day).to_datetime(time);
    zone.to_timestamp(moment).expect("the day is between 1970 and 2200, and no zone skips trading hours")
}

/// Returns the instant so many seconds into a day, UTC.
fn instant_of(unix_day: i64, second: i64) -> Timestamp {
    Timestamp::from_second(unix_day * SECONDS_PER_DAY + second).expect("the day is between 1970 and 2200")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn new_york_opens_at_half_past_nine_in_winter_and_summer() {
        let calendar = Calendar::new(Exchange::UnitedStates, false);
        let winter = calendar.last_started(at("2026-01-14T18:00:00Z"));
        let summer = calendar.last_started(at("2026-07-15T18:00:00Z"));
        assert_eq!((winter.open, winter.close), (at("2026-01-14T14:30:00Z"), at("2026-01-14T21:00:00Z")));
        assert_eq!((summer.open, summer.close), (at("2026-07-15T13:30:00Z"), at("2026-07-15T20:00:00Z")));
    }

    #[test]
    fn before_the_opening_the_last_session_is_the_day_before() {
        let calendar = Calendar::new(Exchange::London, false);
        let monday_morning = calendar.last_started(at("2026-11-16T07:59:59Z"));
        assert_eq!(monday_morning.close, at("2026-11-13T16:30:00Z"));
        assert!(calendar.last_started(at("2026-11-16T08:00:00Z")).contains(at("2026-11-16T08:00:00Z")));
    }

    #[test]
    fn currencies_rest_at_the_weekend_and_crypto_never() {
        let sunday = at("2026-11-15T12:00:00Z");
        assert!(!Calendar::new(Exchange::Interbank, false).last_started(sunday).contains(sunday));
        assert!(Calendar::new(Exchange::AroundTheClock, false).last_started(sunday).contains(sunday));
    }

    #[test]
    fn always_open_makes_every_utc_day_a_session() {
        let sunday = at("2026-11-15T23:59:59Z");
        let session = Calendar::new(Exchange::Zurich, true).last_started(sunday);
        assert_eq!((session.open, session.close), (at("2026-11-15T00:00:00Z"), at("2026-11-16T00:00:00Z")));
    }

    #[test]
    fn the_ends_of_time_have_a_session_too() {
        for instant in [Timestamp::MIN, Timestamp::MAX] {
            for exchange in [Exchange::UnitedStates, Exchange::Interbank, Exchange::AroundTheClock] {
                let session = Calendar::new(exchange, false).last_started(instant);
                assert!(session.open < session.close);
            }
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for day in [0, 1, 17_532, 20_778, 84_000] {
            assert_eq!(unix_day(date_of(day)), day);
        }
        assert!(is_weekday(unix_day(date(2026, 11, 20))) && !is_weekday(unix_day(date(2026, 11, 21))));
    }
}
