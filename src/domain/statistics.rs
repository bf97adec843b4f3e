//! What an instrument did in its session and in the year: the figures beside its chart.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::bar::Bar;
use super::money::percent;

/// Sessions whose volume is averaged at most: three months of them.
const AVERAGED: usize = 63;

/// The session's open, high and low, those of 52 weeks, and the volumes; unknown is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The first price of the session.
    pub open: Option<Decimal>,
    /// Its highest price so far.
    pub high: Option<Decimal>,
    /// Its lowest price so far.
    pub low: Option<Decimal>,
    /// The highest price of the last 52 weeks.
    pub year_high: Option<Decimal>,
    /// The lowest price of the last 52 weeks.
    pub year_low: Option<Decimal>,
    /// The units that a session traded on average, in those of the last three months whose volume is known.
    pub average_volume: Option<Decimal>,
}

impl Statistics {
    /// Reads them from the intraday bars around a session that began at `session`, and from the daily bars of 52 weeks; both stand
    /// oldest first.
    ///
    /// ```
    /// use foliostream::domain::bar::Bar;
    /// use foliostream::domain::statistics::Statistics;
    /// use jiff::Timestamp;
    /// let at = |second| Timestamp::from_second(second).expect("within jiff's range");
    /// let bars = [Bar::of(at(0), 90.into()), Bar::of(at(300), 101.into()), Bar::of(at(600), 99.into())];
    /// let statistics = Statistics::of(&bars, at(300), &[Bar::of(at(0), 80.into())]);
    /// assert_eq!((statistics.open, statistics.low, statistics.year_low), (Some(101.into()), Some(99.into()), Some(80.into())));
    /// ```
    pub fn of(intraday: &[Bar], session: Timestamp, daily: &[Bar]) -> Self {
        let of_session = &intraday[intraday.partition_point(|bar| bar.time < session)..];
        let high = |bars: &[Bar]| bars.iter().map(|bar| bar.high).max();
        let low = |bars: &[Bar]| bars.iter().map(|bar| bar.low).min();
        let (session_high, session_low) = (high(of_session), low(of_session));
        Self {
            open: of_session.first().map(|bar| bar.open),
            high: session_high,
            low: session_low,
            year_high: high(daily).max(session_high),
            year_low: low(daily).into_iter().chain(session_low).min(),
            average_volume: average_volume(daily),
        }
    }
}

/// Sessions of which a typical day is the median.
const TYPICAL: usize = 60;

/// Fewest sessions that say what is typical.
const FEWEST_TYPICAL: usize = 5;

/// Returns how far a price usually moves in a day, in percent: the median true range of the last 60 sessions that are over, each as a
/// share of the close before. Unknown where fewer than five are known.
///
/// The true range is the span that holds the day's prices and the close before (J. Welles Wilder, *New Concepts in Technical Trading
/// Systems*, 1978): a day between 98 and 103 after a close of 100 has 5, one between 104 and 106 has 6.
///
/// ```
/// use foliostream::domain::bar::Bar;
/// use foliostream::domain::statistics::typical_day_percent;
/// use jiff::Timestamp;
/// let day = |day: i64, price: i64| Bar::of(Timestamp::from_second(day * 86_400).expect("within jiff's range"), price.into());
/// let bars: Vec<Bar> = [100, 102, 100, 102, 100, 102, 100].into_iter().zip(0..).map(|(price, at)| day(at, price)).collect();
/// assert_eq!(typical_day_percent(&bars).map(|percent| percent.to_string()).as_deref(), Some("2"));
/// assert_eq!(typical_day_percent(&bars[..5]), None);
/// ```
pub fn typical_day_percent(daily: &[Bar]) -> Option<Decimal> {
    let over = daily.split_last().map(|(_, over)| over).unwrap_or_default();
    let mut ranges: Vec<Decimal> =
        over.windows(2).rev().take(TYPICAL).filter_map(|pair| true_range_percent(pair[0].close, &pair[1])).collect();
    if ranges.len() < FEWEST_TYPICAL {
        return None;
    }
    ranges.sort_unstable();
    Some(ranges[ranges.len() / 2]).filter(|median| !median.is_zero())
}

fn true_range_percent(close_before: Decimal, bar: &Bar) -> Option<Decimal> {
    percent(bar.high.max(close_before).checked_sub(bar.low.min(close_before))?, close_before)
}

/// Returns the average of the newest known volumes of sessions that are over: the last bar may be of one that goes on.
fn average_volume(daily: &[Bar]) -> Option<Decimal> {
    let over = daily.split_last().map(|(_, over)| over).unwrap_or_default();
    let known: Vec<Decimal> = over.iter().rev().filter_map(|bar| bar.volume).take(AVERAGED).collect();
    let sum = known.iter().try_fold(Decimal::ZERO, |sum, volume| sum.checked_add(*volume))?;
    sum.checked_div(Decimal::from(known.len())).map(|average| average.round())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: i64, low: i64, high: i64, volume: Option<i64>) -> Bar {
        let time = Timestamp::from_second(day * 86_400).unwrap();
        let (open, close) = (low.into(), high.into());
        Bar { time, open, high: high.into(), low: low.into(), close, volume: volume.map(Decimal::from) }
    }

    #[test]
    fn a_year_s_range_holds_today_s_prices_too() {
        let statistics =
            Statistics::of(&[bar(9, 7, 31, None)], Timestamp::UNIX_EPOCH, &[bar(1, 10, 20, None), bar(2, 12, 30, None)]);
        assert_eq!((statistics.year_low, statistics.year_high), (Some(7.into()), Some(31.into())));
    }

    #[test]
    fn a_volume_is_averaged_over_the_sessions_that_are_over_and_have_one() {
        let daily = [bar(1, 1, 1, Some(100)), bar(2, 1, 1, None), bar(3, 1, 1, Some(300)), bar(4, 1, 1, Some(9))];
        assert_eq!(Statistics::of(&[], Timestamp::UNIX_EPOCH, &daily).average_volume, Some(200.into()));
        assert_eq!(
            Statistics::of(&[], Timestamp::UNIX_EPOCH, &daily[..1]),
            Statistics { year_low: Some(1.into()), year_high: Some(1.into()), ..Statistics::default() }
        );
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        assert_eq!(Statistics::of(&[], Timestamp::UNIX_EPOCH, &[]), Statistics::default());
    }

    #[test]
    fn a_typical_day_counts_the_gap_to_the_close_before_and_leaves_todays_out() {
        // Ranges of 4, 6 (a gap of 4 above the close), 2, 2, 2 and, unfinished, 50 percent.
        let day = |day, low: i64, high: i64, close: i64| Bar { close: close.into(), ..bar(day, low, high, None) };
        let bars = [
            day(0, 100, 100, 100),
            day(1, 98, 102, 100),
            day(2, 104, 106, 100),
            day(3, 99, 101, 100),
            day(4, 98, 100, 100),
            day(5, 100, 102, 100),
            day(6, 50, 100, 100),
        ];
        assert_eq!(typical_day_percent(&bars), Some(2.into()));
        assert_eq!(typical_day_percent(&[]), None);
    }

    #[test]
    fn a_price_that_never_moves_has_no_typical_day() {
        let bars: Vec<Bar> = (0..20).map(|day| bar(day, 7, 7, None)).collect();
        assert_eq!(typical_day_percent(&bars), None);
    }
}
