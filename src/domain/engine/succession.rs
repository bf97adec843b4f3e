//! From one quote to the next: what a tick changes, which session it belongs to, and how old it was when it came.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::super::moment::Moment;
use super::super::quote::{Freshness, Quote, Session, Tick};
use super::super::rates::presumed_currency;
use super::super::session::day_begin;
use super::events::{EngineConfig, IgnoredReason};

/// The longest pause within a session. Exchanges that close over noon do so for less, and every night is longer.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(4);

/// The latest end of a session after the beginning of the day it began on: one that begins late in the evening goes on for the
/// morning of the next day.
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(36);

/// How old a price may be on arrival and still be the market's, but delayed: free prices come 15 or 20 minutes late.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(30);

/// After so long, and on another day, a price belongs to a session that is over: no session pauses for so long.
const SESSION_IS_OVER: SignedDuration = SignedDuration::from_hours(12);

/// What a tick takes over from the quote before it.
struct Carried {
    session_start: Timestamp,
    previous_close: Option<Decimal>,
    volume: Option<Decimal>,
}

/// Returns the quote after a tick, or why the tick changes nothing.
///
/// A session begins with the first tick of a later day of its exchange than the quote's session, unless its market is closed: that
/// price still belongs to the session before. Where the feed does not say the previous close, it is then the last price.
/// Of a session that a wrong clock began in the future nothing is taken over: what closed before this one is then unknown.
///
/// A price that is older than the session of now, and is not replayed, begins today's session without being part of it: what it
/// changed belongs to its own day.
pub(super) fn next_quote(known: Option<&Quote>, tick: &Tick, now: Moment, config: EngineConfig) -> Result<Quote, IgnoredReason> {
    if let Some(reason) = refusal(known, tick, now) {
        return Err(reason);
    }
    let known = known.filter(|known| !is_corrected(known, tick));
    let is_past = !tick.recorded && is_over(tick.time, tick, now.wall);
    let carried = if is_past { past(tick, now.wall) } else { carried(known, tick, now) };
    let told = tick.previous_close.filter(|close| *close > Decimal::ZERO && !is_past);
    Ok(Quote {
        ticker: tick.ticker.clone(),
        price: tick.price,
        bid: tick.bid,
        ask: tick.ask,
        volume: tick.volume.or(carried.volume),
        currency: tick.currency.or(known.map(|quote| quote.currency)).unwrap_or_else(|| presumed_currency(&tick.ticker)),
        previous_close: told.or(carried.previous_close),
        time: tick.time,
        received_at: now.wall,
        session_start: carried.session_start,
        session: tick.session,
        freshness: freshness(tick, now, config.stale_after),
        source: tick.source,
        delay_s: tick.delay_s,
    })
}

/// Returns why a tick changes nothing, if it does not.
///
/// A known quote from the future was stamped by a clock that ran ahead: it does not keep out the present.
pub(super) fn refusal(known: Option<&Quote>, tick: &Tick, now: Moment) -> Option<IgnoredReason> {
    if tick.price <= Decimal::ZERO {
        return Some(IgnoredReason::Invalid);
    }
    let known = known.filter(|known| !is_corrected(known, tick));
    let is_older = |quote: &Quote| tick.time < quote.time && (!now.is_behind(quote.time) || now.is_behind(tick.time));
    known.is_some_and(is_older).then_some(IgnoredReason::Older)
}

/// Returns whether a tick takes the place of a newer price: both were entered by a person, who has corrected the newer one or taken it
/// back. Nothing is taken over from it.
pub(super) fn is_corrected(known: &Quote, tick: &Tick) -> bool {
    known.source.is_entered() && tick.source.is_entered() && tick.time < known.time
}

/// Returns whether the feed reads what was known before in units of another size: its previous close is a multiple of the known
/// one (of the last price, where a session has begun), in halves, while the price itself stands near it. Then the instrument was
/// split, and a price from before says nothing about one from after.
pub(super) fn was_split(known: &Quote, next: &Quote) -> bool {
    let before = if known.session_start == next.session_start { known.previous_close } else { Some(known.price) };
    let (Some(before), Some(close)) = (before, next.previous_close) else { return false };
    if before == close {
        return false;
    }
    let (Some(halves), Some(moved)) =
        (apart(before, close).and_then(|ratio| ratio.checked_mul(Decimal::TWO)), apart(next.price, close))
    else {
        return false;
    };
    let whole = halves.round();
    let is_whole = (halves - whole).abs().checked_mul(SPLIT_PLACES).is_some_and(|rest| rest <= whole);
    whole >= Decimal::from(3) && is_whole && moved < LARGEST_MOVE
}

/// How near to a whole number of halves the ratio of two closes must lie to be a split's: to one part in 200.
const SPLIT_PLACES: Decimal = Decimal::from_parts(200, 0, 0, false, 0);

/// How far a price moves in a day at most on which it is compared with a close of a split: to 1.4 times or a 1.4th.
const LARGEST_MOVE: Decimal = Decimal::from_parts(14, 0, 0, false, 1);

/// Returns how many times the smaller of two prices the larger is.
pub(super) fn apart(left: Decimal, right: Decimal) -> Option<Decimal> {
    left.max(right).checked_div(left.min(right))
}

/// Returns the quote as one of an earlier day, where nothing has come since the session it belongs to; nothing where it stays.
///
/// What was long past when it came is a replay's, whose market time goes on without the clock of now.
pub(super) fn after_its_session(quote: &Quote, now: Timestamp) -> Option<Quote> {
    let is_replayed = quote.received_at.duration_since(quote.time) >= SESSION_IS_OVER;
    let is_silent = (quote.freshness == Freshness::Stale || quote.source.is_entered())
        && now.duration_since(quote.received_at) >= SESSION_IS_OVER;
    let begin = day_begin(&quote.ticker, now);
    let is_due = !is_replayed && is_silent && !quote.is_of_earlier_day() && quote.time < begin;
    is_due.then(|| Quote { previous_close: None, session_start: begin, ..quote.clone() })
}

/// Returns whether the session of a time is over now.
fn is_over(time: Timestamp, tick: &Tick, now: Timestamp) -> bool {
    tick.session == Session::Open && now.duration_since(time) >= SESSION_IS_OVER && time < day_begin(&tick.ticker, now)
}

fn past(tick: &Tick, now: Timestamp) -> Carried {
    Carried { session_start: day_begin(&tick.ticker, now), previous_close: None, volume: None }
}

fn carried(known: Option<&Quote>, tick: &Tick, now: Moment) -> Carried {
    let begin = day_begin(&tick.ticker, tick.time);
    let known = known.filter(|quote| !now.is_behind(quote.session_start) || now.is_behind(tick.time));
    let Some(quote) = known else {
        return Carried { session_start: begin, previous_close: None, volume: None };
    };
    if goes_on(quote, tick) {
        let Quote { session_start, previous_close, volume, .. } = *quote;
        return Carried { session_start, previous_close, volume };
    }
    // A second session of one day began after the end of the first, whose last price is the known one.
    let is_second = !quote.is_of_earlier_day() && begin <= day_begin(&tick.ticker, quote.session_start);
    let session_start = if is_second { quote.time } else { begin };
    Carried { session_start, previous_close: Some(quote.price), volume: None }
}

/// Returns whether a tick belongs to the quote's session.
///
/// A feed that goes on saying the same previous close says that no session ended, also across the exchange's midnight. One that
/// says another after a pause says that one did, also within a day.
fn goes_on(quote: &Quote, tick: &Tick) -> bool {
    if quote.is_of_earlier_day() {
        return false;
    }
    if tick.session != Session::Open {
        return true;
    }
    let told = tick.previous_close.filter(|close| *close > Decimal::ZERO);
    let is_paused = tick.time.duration_since(quote.time) >= LONGEST_PAUSE;
    let is_later_day = day_begin(&tick.ticker, tick.time) > day_begin(&tick.ticker, quote.session_start);
    if is_later_day {
        let is_short = tick.time.duration_since(quote.session_start) < LONGEST_SESSION;
        return told.is_some() && told == quote.previous_close && !is_paused && is_short;
    }
    let is_another = told.zip(quote.previous_close).is_some_and(|(told, known)| told != known);
    !(is_another && is_paused)
}

/// Returns how far the tick's price may be trusted to be the market's now: by its own time, but for a replay's, which is long past. What
/// a person entered is none of a market.
fn freshness(tick: &Tick, now: Moment, stale_after: SignedDuration) -> Freshness {
    if tick.session != Session::Open || tick.source.is_entered() {
        return Freshness::Closed;
    }
    let age = if tick.recorded { SignedDuration::ZERO } else { now.wall.duration_since(tick.time) };
    if age <= stale_after {
        Freshness::Live
    } else if age <= LONGEST_DELAY {
        Freshness::Delayed
    } else {
        Freshness::Stale
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::source::SourceName;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now(text: &str) -> Moment {
        Moment { wall: at(text), elapsed: SignedDuration::ZERO }
    }

    fn tick(price: i64, previous_close: Option<i64>, time: &str) -> Tick {
        Tick {
            ticker: "A".parse().unwrap(),
            price: price.into(),
            bid: None,
            ask: None,
            volume: None,
            currency: None,
            previous_close: previous_close.map(Decimal::from),
            time: at(time),
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
        }
    }

    fn by_hand(price: i64, time: &str) -> Tick {
        Tick { source: SourceName::BY_HAND, ..tick(price, None, time) }
    }

    #[test]
    fn what_a_person_entered_is_never_live_and_has_a_day() {
        let today =
            next(None, &Tick { previous_close: Some(90.into()), ..by_hand(99, "2026-11-04T10:00:00Z") }, "2026-11-04T10:00:00Z");
        assert_eq!((today.freshness, today.change()), (Freshness::Closed, Some(9.into())));
        let tomorrow = after_its_session(&today, at("2026-11-05T10:00:00Z")).unwrap();
        assert_eq!((tomorrow.is_of_earlier_day(), tomorrow.change(), tomorrow.freshness), (true, None, Freshness::Closed));
        let earlier = next(None, &by_hand(90, "2026-11-02T12:00:00Z"), "2026-11-04T10:00:00Z");
        assert_eq!((earlier.freshness, earlier.is_of_earlier_day()), (Freshness::Closed, true));
        let next = next(Some(&earlier), &by_hand(99, "2026-11-04T10:00:00Z"), "2026-11-04T10:00:00Z");
        assert_eq!((next.previous_close, next.is_of_earlier_day()), (Some(90.into()), false));
    }

    #[test]
    fn a_price_that_was_entered_gives_way_to_an_older_one_but_a_market_s_does_not() {
        let typed = next(None, &by_hand(99, "2026-11-04T10:00:00Z"), "2026-11-04T10:00:00Z");
        let traded = Tick { source: SourceName::LAST_TRADE, ..by_hand(80, "2026-10-01T12:00:00Z") };
        let corrected = next(Some(&typed), &traded, "2026-11-04T10:00:05Z");
        assert_eq!((corrected.price, corrected.source, corrected.previous_close), (80.into(), SourceName::LAST_TRADE, None));
        let pushed = next(None, &tick(99, None, "2026-11-04T10:00:00Z"), "2026-11-04T10:00:00Z");
        assert_eq!(refusal(Some(&pushed), &traded, now("2026-11-04T10:00:05Z")), Some(IgnoredReason::Older));
        assert_eq!(
            next(Some(&typed), &tick(70, None, "2026-11-04T10:00:09Z"), "2026-11-04T10:00:09Z").freshness,
            Freshness::Live
        );
    }

    fn next(known: Option<&Quote>, tick: &Tick, wall: &str) -> Quote {
        next_quote(known, tick, now(wall), EngineConfig { stale_after: SignedDuration::from_secs(60) }).unwrap()
    }

    /// Shows a tick at its own time.
    fn follow(known: Option<&Quote>, price: i64, previous_close: Option<i64>, time: &str) -> Quote {
        next(known, &tick(price, previous_close, time), time)
    }

    #[test]
    fn a_price_of_an_earlier_day_is_stale_and_its_change_is_not_today_s() {
        let friday = next(None, &tick(110, Some(100), "2026-10-30T16:00:00Z"), "2026-11-04T10:00:00Z");
        assert_eq!((friday.freshness, friday.change_percent(), friday.is_of_earlier_day()), (Freshness::Stale, None, true));
        assert_eq!(friday.price, 110.into());
        let wednesday = follow(Some(&friday), 121, None, "2026-11-04T10:00:01Z");
        assert_eq!((wednesday.freshness, wednesday.previous_close), (Freshness::Live, Some(110.into())));
        assert!(!wednesday.is_of_earlier_day());
    }

    #[test]
    fn a_replayed_price_is_of_its_own_day_however_long_ago_that_was() {
        let recorded = Tick { recorded: true, ..tick(110, Some(100), "2020-03-16T16:00:00Z") };
        let quote = next(None, &recorded, "2026-11-04T10:00:00Z");
        assert_eq!((quote.freshness, quote.change_percent()), (Freshness::Live, Some(Decimal::TEN)));
        let much_later = at("2026-11-09T10:00:00Z");
        assert_eq!(after_its_session(&Quote { freshness: Freshness::Stale, ..quote }, much_later), None);
    }

    #[test]
    fn a_price_s_own_time_says_how_fresh_it_is() {
        let fresh = |time: &str| next(None, &tick(1, None, time), "2026-11-02T15:00:00Z").freshness;
        assert_eq!([fresh("2026-11-02T14:59:00Z"), fresh("2026-11-02T15:00:04Z")], [Freshness::Live; 2]);
        assert_eq!([fresh("2026-11-02T14:58:59Z"), fresh("2026-11-02T14:30:00Z")], [Freshness::Delayed; 2]);
        assert_eq!(fresh("2026-11-02T14:29:59Z"), Freshness::Stale);
    }

    #[test]
    fn a_price_that_nothing_follows_is_not_tomorrow_s() {
        let quote = Quote { freshness: Freshness::Stale, ..follow(None, 110, Some(100), "2026-10-30T16:00:00Z") };
        assert_eq!(after_its_session(&quote, at("2026-10-31T03:00:00Z")), None, "it may be a pause");
        let over = after_its_session(&quote, at("2026-10-31T04:00:00Z")).unwrap();
        assert_eq!((over.is_of_earlier_day(), over.previous_close, over.price), (true, None, 110.into()));
        assert_eq!(after_its_session(&over, at("2026-11-03T04:00:00Z")), None, "once is enough");
        assert_eq!(follow(Some(&over), 120, None, "2026-10-31T04:00:00Z").previous_close, Some(110.into()));
    }

    #[test]
    fn a_session_of_the_east_goes_on_across_the_midnight_of_utc() {
        let evening = Tick { ticker: "BHP.AX".parse().unwrap(), ..tick(110, Some(100), "2026-11-02T23:30:00Z") };
        let quote = next(None, &evening, "2026-11-02T23:30:00Z");
        let later = Tick { time: at("2026-11-03T03:30:00Z"), price: 115.into(), previous_close: None, ..evening };
        let quote = next(Some(&quote), &later, "2026-11-03T03:30:00Z");
        assert_eq!((quote.previous_close, quote.session_start), (Some(100.into()), at("2026-11-02T14:00:00Z")));
    }

    #[test]
    fn a_session_goes_on_while_the_feed_says_the_same_previous_close() {
        let evening = follow(None, 110, Some(100), "2026-11-02T23:30:00Z");
        let night = follow(Some(&evening), 115, Some(100), "2026-11-03T01:00:00Z");
        assert_eq!((night.previous_close, night.session_start), (Some(100.into()), at("2026-11-02T00:00:00Z")));
        let second = follow(Some(&night), 118, Some(115), "2026-11-03T23:00:00Z");
        assert_eq!((second.previous_close, second.session_start), (Some(115.into()), at("2026-11-03T00:00:00Z")));
        let forgotten = follow(Some(&evening), 115, Some(100), "2026-11-03T14:00:00Z");
        assert_eq!(forgotten.session_start, at("2026-11-03T00:00:00Z"), "a night has passed");
    }

    #[test]
    fn a_second_session_of_one_day_begins_after_the_first() {
        let morning = follow(None, 110, Some(100), "2026-11-02T05:00:00Z");
        let evening = follow(Some(&morning), 112, Some(110), "2026-11-02T23:00:00Z");
        assert_eq!((evening.previous_close, evening.session_start), (Some(110.into()), at("2026-11-02T05:00:00Z")));
        let night = follow(Some(&evening), 113, Some(110), "2026-11-03T01:00:00Z");
        assert_eq!(night.session_start, evening.session_start);
    }

    #[test]
    fn a_feed_that_reads_yesterday_in_other_units_tells_of_a_split() {
        let monday = follow(None, 100, Some(98), "2026-11-02T15:00:00Z");
        let tuesday = |price: i64, close: Option<i64>| {
            let next = follow(Some(&monday), price, close, "2026-11-03T15:00:00Z");
            was_split(&monday, &next)
        };
        assert!(tuesday(10, Some(10)) && tuesday(52, Some(50)) && tuesday(700, Some(700)));
        assert!(!tuesday(10, None) && !tuesday(10, Some(100)) && !tuesday(99, Some(98)) && !tuesday(60, Some(60)));
        assert!(was_split(&monday, &follow(Some(&monday), 50, Some(49), "2026-11-02T15:00:01Z")), "within a session");
    }

    #[test]
    fn a_day_around_the_clock_is_one_of_utc() {
        let before = follow(None, 110, Some(100), "2026-11-02T23:59:59Z");
        let after = follow(Some(&before), 111, None, "2026-11-03T00:00:00Z");
        assert_eq!((after.previous_close, after.session_start), (Some(110.into()), at("2026-11-03T00:00:00Z")));
    }
}
