//! The simulated market's history: daily bars over years, intraday bars that end at the live price.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::Ticker;

use super::market::{HISTORY_BEGINS, Series, SimulatedMarket};
use super::noise::SAMPLES;
use super::sessions::{Session, unix_day};

/// The most intraday bars of one answer; the newest are kept. More would be finer than any screen.
const MAX_BARS: usize = 5_000;

/// How many points between a bar's ends its high and low are looked for at.
const POINTS_PER_BAR: i64 = 4;

impl SimulatedMarket {
    /// Returns one bar per session from `from` to `to`, both included, oldest first; the current session's ends at `now`.
    ///
    /// A bar opens at the close before. High and low are those of 33 points of the path, not of every tick. Nothing lies
    /// before 2018 or after `now`; an unknown ticker has no bars.
    pub(crate) fn daily_bars(&self, ticker: &Ticker, from: Date, to: Date, now: Timestamp) -> Vec<Bar> {
        let Some(series) = self.series_of(ticker) else { return Vec::new() };
        let last = series.last_session_day(now).min(unix_day(to));
        let first = unix_day(from).max(unix_day(HISTORY_BEGINS));
        let sessions = (first..=last).filter_map(|day| series.calendar.session_on(day));
        sessions.map(|session| series.daily_bar(&session, now)).collect()
    }

    /// Returns bars of `step` from `from` to `to`, oldest first: aligned to multiples of `step` since 1970 or to the
    /// opening, closed time left out. The last one closes at the last tick at or before `to`.
    ///
    /// `step` is at least a second; at most the newest 5,000 bars. High and low are those of six points a bar.
    pub(crate) fn intraday_bars(&self, ticker: &Ticker, from: Timestamp, to: Timestamp, step: SignedDuration) -> Vec<Bar> {
        let Some(series) = self.series_of(ticker) else { return Vec::new() };
        let step = step.max(SignedDuration::from_secs(1));
        let longest = step.saturating_mul(i32::try_from(MAX_BARS).unwrap_or(i32::MAX));
        let from = from.max(to.saturating_sub(longest).unwrap_or(to));
        let first = series.last_session_day(from).max(unix_day(HISTORY_BEGINS));
        let days = first..=series.last_session_day(to);
        let mut bars = Vec::new();
        for session in days.filter_map(|day| series.calendar.session_on(day)) {
            series.extend_bars(&session, from, to, step, &mut bars);
        }
        bars.drain(..bars.len().saturating_sub(MAX_BARS));
        if let Some(bar) = bars.last_mut() {
            bar.close = series.latest(to).price;
            bar.high = bar.high.max(bar.close);
            bar.low = bar.low.min(bar.close);
        }
        bars
    }
}

impl Series {
    fn last_session_day(&self, instant: Timestamp) -> i64 {
        self.calendar.last_started(instant).unix_day
    }

    fn daily_bar(&self, session: &Session, now: Timestamp) -> Bar {
        let running = session.contains(now);
        let passed = if running { session.fraction(now) } else { 1.0 };
        let seen = ((passed * SAMPLES as f64) as usize).min(SAMPLES);
        let samples = &self.log_samples(session.unix_day)[..=seen];
        let open = self.close(session.unix_day - 1);
        let close = if running { self.latest(now).price } else { self.close(session.unix_day) };
        let highest = self.rounded(samples.iter().copied().fold(f64::MIN, f64::max));
        let lowest = self.rounded(samples.iter().copied().fold(f64::MAX, f64::min));
        Bar {
            time: session.open,
            open,
            high: highest.max(open).max(close),
            low: lowest.min(open).min(close),
            close,
            volume: Some(self.volume(session, now.min(session.close))),
        }
    }

    /// Adds the bars of one session that begin at or after `from` and before `to`.
    fn extend_bars(&self, session: &Session, from: Timestamp, to: Timestamp, step: SignedDuration, bars: &mut Vec<Bar>) {
        let end = session.close.min(to);
        let mut begin = if from <= session.open { session.open } else { multiple_after(from, step, true) };
        while begin < end {
            let next = multiple_after(begin, step, false);
            bars.push(self.bar(session, begin, next.min(end)));
            begin = next;
        }
    }

    fn bar(&self, session: &Session, begin: Timestamp, end: Timestamp) -> Bar {
        let length_us = end.as_microsecond() - begin.as_microsecond();
        let offset = |point: i64| SignedDuration::from_micros(length_us * point / (POINTS_PER_BAR + 1));
        let points = (1..=POINTS_PER_BAR).filter_map(|point| begin.checked_add(offset(point)).ok());
        let (open, close) = (self.price(session, begin), self.price(session, end));
        let (mut high, mut low): (Decimal, Decimal) = (open.max(close), open.min(close));
        for price in points.map(|instant| self.price(session, instant)) {
            high = high.max(price);
            low = low.min(price);
        }
        let volume = self.volume(session, end) - self.volume(session, begin);
        Bar { time: begin, open, high, low, close, volume: Some(volume) }
    }
}

/// Returns the first multiple of `step` since 1970 after the instant, or at it where `inclusive`.
fn multiple_after(instant: Timestamp, step: SignedDuration, inclusive: bool) -> Timestamp {
    let step_us = i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1);
    let instant_us = instant.as_microsecond();
    let past = instant_us.rem_euclid(step_us);
    if inclusive && past == 0 {
        return instant;
    }
    Timestamp::from_microsecond((instant_us - past).saturating_add(step_us)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-18T15:20:30.123Z".parse().unwrap()
    }

    fn ticker(text: &str) -> Ticker {
        text.parse().unwrap()
    }

    fn assert_sound(bars: &[Bar]) {
        assert!(bars.is_sorted_by(|one, next| one.time < next.time));
        for bar in bars {
            assert!(bar.low > Decimal::ZERO && bar.low <= bar.open.min(bar.close), "{bar:?}");
            assert!(bar.high >= bar.open.max(bar.close), "{bar:?}");
        }
    }

    #[test]
    fn there_are_six_years_of_daily_bars_up_to_the_live_price() {
        let market = SimulatedMarket::new(42, true, now());
        for instrument in market.instruments() {
            let bars = market.daily_bars(&instrument.ticker, date(2020, 11, 18), date(2026, 11, 18), now());
            assert_eq!(bars.len(), 6 * 365 + 2);
            assert_sound(&bars);
            assert!(bars.windows(2).all(|pair| pair[0].close == pair[1].open));
            assert_eq!(bars.last().unwrap().close, market.tick_at(&instrument.ticker, now()).unwrap().price);
        }
    }

    #[test]
    fn intraday_bars_join_each_other_and_the_live_price() {
        let market = SimulatedMarket::new(42, true, now());
        for instrument in market.instruments() {
            let day_before = now() - SignedDuration::from_hours(24);
            let bars = market.intraday_bars(&instrument.ticker, day_before, now(), SignedDuration::from_mins(5));
            assert_eq!(bars.len(), 288);
            assert_sound(&bars);
            assert!(bars.windows(2).all(|pair| pair[0].close == pair[1].open));
            assert!(bars.iter().all(|bar| bar.time >= day_before && bar.time < now()));
            assert_eq!(bars.last().unwrap().close, market.tick_at(&instrument.ticker, now()).unwrap().price);
        }
    }

    #[test]
    fn intraday_bars_reach_five_years_back() {
        let market = SimulatedMarket::new(42, true, now());
        let from: Timestamp = "2021-11-18T00:00:00Z".parse().unwrap();
        let bars =
            market.intraday_bars(&ticker("MSFT"), from, from + SignedDuration::from_hours(24), SignedDuration::from_hours(1));
        assert_eq!(bars.len(), 24);
        let day = market.daily_bars(&ticker("MSFT"), date(2021, 11, 18), date(2021, 11, 18), now());
        assert_eq!((bars[0].open, bars[0].time), (day[0].open, day[0].time));
    }

    #[test]
    fn with_exchange_hours_there_are_bars_of_session_days_only() {
        let market = SimulatedMarket::new(42, false, now());
        let week = market.daily_bars(&ticker("AAPL"), date(2026, 11, 9), date(2026, 11, 15), now());
        let coins = market.daily_bars(&ticker("BTC-USD"), date(2026, 11, 9), date(2026, 11, 15), now());
        assert_eq!((week.len(), coins.len()), (5, 7));
        let from: Timestamp = "2026-11-13T00:00:00Z".parse().unwrap();
        let to: Timestamp = "2026-11-16T23:00:00Z".parse().unwrap();
        let hours = market.intraday_bars(&ticker("AAPL"), from, to, SignedDuration::from_hours(1));
        assert_eq!(hours.len(), 14, "seven an exchange day, the first of half an hour");
        assert_eq!(hours[0].time, "2026-11-13T14:30:00Z".parse().unwrap());
        assert_eq!(hours.last().unwrap().close, market.close_on(&ticker("AAPL"), date(2026, 11, 16)).unwrap());
        assert_sound(&hours);
    }

    #[test]
    fn a_closed_day_ends_at_the_price_that_stands() {
        let market = SimulatedMarket::new(42, false, now());
        let sunday: Timestamp = "2026-11-15T12:00:00Z".parse().unwrap();
        let bars = market.daily_bars(&ticker("SAP.DE"), date(2026, 11, 1), date(2026, 11, 15), sunday);
        assert_eq!(bars.last().unwrap().close, market.tick_at(&ticker("SAP.DE"), sunday).unwrap().price);
    }

    #[test]
    fn an_answer_is_bounded() {
        let market = SimulatedMarket::new(42, true, now());
        let bars = market.intraday_bars(&ticker("AAPL"), Timestamp::MIN, now(), SignedDuration::ZERO);
        assert_eq!(bars.len(), 5_000);
        let bars = market.intraday_bars(&ticker("AAPL"), Timestamp::MIN, now(), SignedDuration::MAX);
        assert!(bars.len() <= 5_000);
        assert!(market.daily_bars(&ticker("AAPL"), Date::MIN, Date::MAX, now()).len() < 4_000);
        assert!(market.daily_bars(&ticker("NOPE"), Date::MIN, Date::MAX, now()).is_empty());
    }
}
