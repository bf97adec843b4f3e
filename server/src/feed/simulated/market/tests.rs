use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-18T15:20:30.123Z")
}

fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

fn open_market() -> SimulatedMarket {
    SimulatedMarket::new(42, true, now())
}

fn log_returns(market: &SimulatedMarket, name: &str) -> Vec<f64> {
    let series = market.series_of(&ticker(name)).unwrap();
    let days = unix_day(HISTORY_BEGINS)..unix_day(date(2026, 11, 18));
    days.map(|day| series.log_close(day) - series.log_close(day - 1)).collect()
}

fn moments(left: &[f64], right: &[f64]) -> f64 {
    let count = left.len() as f64;
    let (mean_left, mean_right) = (left.iter().sum::<f64>() / count, right.iter().sum::<f64>() / count);
    left.iter().zip(right).map(|(left, right)| (left - mean_left) * (right - mean_right)).sum::<f64>() / count
}

#[test]
fn the_price_depends_on_seed_and_instant_alone() {
    let early = SimulatedMarket::new(42, true, at("2026-02-01T00:00:00Z"));
    let late = SimulatedMarket::new(42, true, at("2031-02-01T00:00:00Z"));
    let other = SimulatedMarket::new(43, true, now());
    assert_eq!(early.ticks_at(now()), late.ticks_at(now()));
    assert_ne!(early.ticks_at(now()), other.ticks_at(now()));
}

#[test]
fn days_beyond_the_table_continue_the_same_path() {
    let far = at("2031-06-02T12:00:00Z");
    let short = SimulatedMarket::new(42, true, at("2026-01-01T00:00:00Z"));
    let long = SimulatedMarket::new(42, true, far);
    for (one, other) in short.ticks_at(far).iter().zip(long.ticks_at(far)) {
        let step = Decimal::new(1, one.price.scale());
        assert!((one.price - other.price).abs() <= step, "{one:?} {other:?}");
    }
}

#[test]
fn a_restart_continues_the_same_ticks() {
    let until = now() + SignedDuration::from_secs(8);
    let middle = now() + SignedDuration::from_millis(4_321);
    let whole = open_market().ticks_between(now(), until);
    let mut parts = open_market().ticks_between(now(), middle);
    parts.extend(open_market().ticks_between(middle, until));
    assert_eq!(whole, parts);
    assert!(whole.is_sorted_by_key(|tick| tick.time));
}

#[test]
fn nothing_jumps_at_midnight() {
    let market = open_market();
    let midnight = at("2026-11-18T00:00:00Z");
    for series in &market.series {
        let before = series.calendar.last_started(midnight - SignedDuration::from_nanos(1));
        let after = series.calendar.last_started(midnight);
        let last = series.log_price(&before, midnight - SignedDuration::from_micros(1)).exp();
        let first = series.log_price(&after, midnight).exp();
        let step = 10_f64.powi(-series.listing.instrument.price_decimals.cast_signed());
        assert!((last - first).abs() < step, "{}: {last} {first}", series.ticker);
        assert_eq!(series.rounded(series.log_price(&after, midnight)), series.close(before.unix_day));
    }
}

#[test]
fn every_instrument_ticks_at_least_twice_in_any_second() {
    let market = open_market();
    for offset_ms in (0..3_000).step_by(37) {
        let from = now() + SignedDuration::from_millis(offset_ms);
        let ticks = market.ticks_between(from, from + SignedDuration::from_secs(1));
        for instrument in market.instruments() {
            let count = ticks.iter().filter(|tick| tick.ticker == instrument.ticker).count();
            assert!(count >= 2, "{} {count}", instrument.ticker);
        }
    }
}

#[test]
fn a_long_pause_gives_the_last_tick_of_each() {
    let market = open_market();
    let until = now() + SignedDuration::from_hours(3);
    let mut ticks = market.ticks_between(now(), until);
    let mut latest = market.ticks_at(until);
    ticks.sort_by(|left, right| left.ticker.cmp(&right.ticker));
    latest.sort_by(|left, right| left.ticker.cmp(&right.ticker));
    assert_eq!(ticks, latest);
    assert!(market.ticks_between(until, now()).is_empty());
}

#[test]
fn the_last_tick_of_a_span_is_the_tick_at_its_end() {
    for always_open in [true, false] {
        let market = SimulatedMarket::new(42, always_open, now());
        let until = now() + SignedDuration::from_millis(1_777);
        let ticks = market.ticks_between(now(), until);
        let apple = ticks.iter().rfind(|tick| tick.ticker.as_str() == "AAPL").cloned();
        assert_eq!(apple, market.tick_at(&ticker("AAPL"), until));
    }
}

#[test]
fn bid_price_and_ask_are_positive_and_in_order() {
    let market = open_market();
    for day in (0..8 * 365).step_by(61) {
        let instant = at("2018-06-01T11:11:11Z") + SignedDuration::from_hours(24 * day);
        for tick in market.ticks_at(instant) {
            let (bid, ask) = (tick.bid.unwrap(), tick.ask.unwrap());
            assert!(Decimal::ZERO < bid && bid < tick.price && tick.price < ask, "{tick:?}");
            assert!(tick.previous_close.unwrap() > Decimal::ZERO);
        }
    }
}

#[test]
fn volume_never_falls_within_a_session() {
    let market = open_market();
    for name in ["AAPL", "BTC-USD", "SHEL.L"] {
        let volumes: Vec<_> = (0..288)
            .map(|step| at("2026-11-17T00:00:01Z") + SignedDuration::from_mins(5 * step))
            .map(|instant| market.tick_at(&ticker(name), instant).unwrap().volume.unwrap())
            .collect();
        assert!(volumes.is_sorted() && volumes[287] > volumes[0], "{name}");
    }
}

#[test]
fn two_american_shares_move_together() {
    let market = open_market();
    for (one, other) in [("AAPL", "MSFT"), ("JPM", "V"), ("AAPL", "JPM")] {
        let (one, other) = (log_returns(&market, one), log_returns(&market, other));
        let correlation = moments(&one, &other) / (moments(&one, &one) * moments(&other, &other)).sqrt();
        assert!(correlation > 0.3, "{correlation}");
    }
}

#[test]
fn they_move_together_within_a_day_too() {
    let market = open_market();
    let minutes = |name: &str| -> Vec<f64> {
        let series = market.series_of(&ticker(name)).unwrap();
        let session = series.calendar.last_started(now());
        let price = |minute| series.log_price(&session, session.open + SignedDuration::from_mins(minute));
        (0..900).map(|minute| price(minute + 1) - price(minute)).collect()
    };
    let (one, other) = (minutes("AAPL"), minutes("MSFT"));
    assert!(moments(&one, &other) / (moments(&one, &one) * moments(&other, &other)).sqrt() > 0.3);
}

#[test]
fn the_volatility_is_the_configured_one() {
    for always_open in [true, false] {
        let market = SimulatedMarket::new(42, always_open, now());
        for series in &market.series {
            let returns = log_returns(&market, series.ticker.as_str());
            let realised = (moments(&returns, &returns) * 365.25).sqrt();
            let ratio = realised / series.listing.volatility;
            assert!((0.75..1.25).contains(&ratio), "{} {ratio}", series.ticker);
        }
    }
}

#[test]
fn the_reference_day_closes_at_the_catalogue_levels() {
    let market = open_market();
    assert_eq!(market.close_on(&ticker("AAPL"), REFERENCE_DAY).unwrap().to_string(), "268.00");
    assert_eq!(market.close_on(&ticker("USDJPY=X"), REFERENCE_DAY).unwrap().to_string(), "156.700");
}

#[test]
fn a_share_quoted_in_pence_says_so() {
    let tick = open_market().tick_at(&ticker("SHEL.L"), now()).unwrap();
    assert_eq!(tick.currency.unwrap().as_str(), "GBp");
    assert!(tick.price > Decimal::from(500));
}

#[test]
fn an_unknown_ticker_has_no_price() {
    let market = open_market();
    assert_eq!(market.tick_at(&ticker("NOPE"), now()), None);
    assert_eq!((market.instrument(&ticker("NOPE")), market.close_on(&ticker("NOPE"), REFERENCE_DAY)), (None, None));
}

#[test]
fn at_the_weekend_exchanges_are_closed_at_fridays_close() {
    let market = SimulatedMarket::new(42, false, now());
    let saturday = at("2026-11-14T12:00:00Z");
    for tick in market.ticks_at(saturday) {
        let crypto = tick.ticker.as_str().ends_with("-USD");
        assert_eq!(tick.session == quote::Session::Open, crypto, "{tick:?}");
        if !crypto {
            assert_eq!(Some(tick.price), market.close_on(&tick.ticker, date(2026, 11, 13)));
            assert_eq!(tick.previous_close, market.close_on(&tick.ticker, date(2026, 11, 12)));
        }
    }
    let ticks = market.ticks_between(saturday, saturday + SignedDuration::from_secs(5));
    assert!(!ticks.is_empty() && ticks.iter().all(|tick| tick.ticker.as_str().ends_with("-USD")));
}

#[test]
fn a_closing_market_says_so_once_and_opens_where_it_closed() {
    let market = SimulatedMarket::new(42, false, now());
    let close = at("2026-11-18T21:00:00Z");
    let second = SignedDuration::from_secs(1);
    let apple = |after, until| -> Vec<Tick> {
        let ticks = market.ticks_between(after, until);
        ticks.into_iter().filter(|tick| tick.ticker.as_str() == "AAPL").collect()
    };
    let closing = apple(close - second, close + second);
    let closed: Vec<_> = closing.iter().filter(|tick| tick.session == quote::Session::Closed).collect();
    assert_eq!((closed.len(), closed[0].time), (1, close));
    assert!(apple(close + second, close + second * 3).is_empty());
    let opening = apple(at("2026-11-19T14:29:59Z"), at("2026-11-19T14:30:01Z"));
    assert!(opening.iter().all(|tick| tick.session == quote::Session::Open) && !opening.is_empty());
    assert!((opening[0].price - closed[0].price).abs() < Decimal::ONE);
    assert_eq!(opening[0].previous_close, Some(closed[0].price));
}

#[test]
fn currencies_trade_through_a_weekday_midnight_without_a_close() {
    let market = SimulatedMarket::new(42, false, now());
    let midnight = at("2026-11-18T00:00:00Z");
    let second = SignedDuration::from_secs(1);
    let ticks = market.ticks_between(midnight - second, midnight + second);
    let euro: Vec<_> = ticks.iter().filter(|tick| tick.ticker.as_str() == "EURUSD=X").collect();
    assert!(euro.len() >= 4 && euro.iter().all(|tick| tick.session == quote::Session::Open));
}

#[test]
fn a_session_begins_at_its_opening() {
    let market = SimulatedMarket::new(42, false, now());
    assert_eq!(market.session_start(&ticker("AAPL"), now()), Some(at("2026-11-18T14:30:00Z")));
    assert_eq!(open_market().session_start(&ticker("AAPL"), now()), Some(at("2026-11-18T00:00:00Z")));
}

#[test]
fn before_history_the_price_stands_still() {
    let market = open_market();
    let apple = |text| market.tick_at(&ticker("AAPL"), at(text)).unwrap().price;
    assert_eq!(apple("2010-01-01T10:00:00Z"), apple("2017-12-31T10:00:00Z"));
    for instant in [Timestamp::MIN, Timestamp::MAX] {
        assert!(market.tick_at(&ticker("BND"), instant).is_some());
    }
}
