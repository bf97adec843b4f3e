//! The engine's step: nanoseconds for one tick, with alerts that watch and never fire.

use foliostream::domain::alert::{Alert, AlertId, AlertState, Condition, Memory, Repeat, Rule};
use foliostream::domain::engine::{Engine, EngineConfig, Input};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::moment::Moment;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::{Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::domain::user::UserId;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Failure;
use super::machine::resident_bytes;
use super::report::{Report, Target};
use super::stopwatch::Stopwatch;

const TICKERS: i64 = 50;

/// Ticks of one repetition.
const TICKS: i64 = 5_000;

/// Measures 0, 100 and 1,000 alerts spread over the tickers, 1,000 on one that gets every tick, and 1,000,000 over a thousand tickers.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    // First of all: an engine of before would leave memory behind that this one could use without being charged for it.
    let before = resident_bytes(std::process::id())?;
    let mut engine = with_alerts(1_000_000, 1_000);
    // What alerts saw is stored once a second, and is not kept then.
    engine.observed();
    let bytes = resident_bytes(std::process::id())?.saturating_sub(before);
    report.once("engine: memory of an alert, of 1000000", "bytes", bytes as f64 / 1e6, Some(Target(200.0)));
    drop(engine);
    for (alerts, tickers) in [(0, TICKERS), (100, TICKERS), (1_000, TICKERS), (1_000, 1), (1_000_000, 1_000)] {
        let figure = stopwatch.time(
            TICKS as usize,
            || (with_alerts(alerts, tickers), ticks(tickers)),
            |(mut engine, ticks)| {
                let mut events = Vec::new();
                for (now, tick) in ticks {
                    engine.step(Input::Tick(tick), moment(now), &mut events);
                    events.clear();
                }
                std::hint::black_box(engine)
            },
        );
        let spread = if tickers == 1 { "all on its ticker".to_owned() } else { format!("over {tickers} tickers") };
        report.row(format!("engine: one tick, {alerts} alerts {spread}"), "ns", &figure, None);
    }
    Ok(())
}

fn ticker(number: i64) -> Ticker {
    format!("T{number}").parse().expect("a letter and digits are a ticker")
}

/// Both clocks at a time.
fn moment(wall: Timestamp) -> Moment {
    Moment { wall, elapsed: wall.duration_since(start()) }
}

fn start() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("within jiff's range")
}

fn with_alerts(count: i64, tickers: i64) -> Engine {
    let mut engine = Engine::new(EngineConfig { stale_after: SignedDuration::from_secs(60) }, moment(start()));
    let alerts = (0..count).map(|number| alert(number, ticker(number % tickers))).collect();
    engine.step(Input::Alerts(alerts), moment(start()), &mut Vec::new());
    // Each alert is shown one tick when an engine starts; what is measured is every tick after it.
    for (_, first) in ticks(tickers).into_iter().take(tickers as usize) {
        engine.step(Input::Tick(first), moment(start()), &mut Vec::new());
    }
    engine
}

/// An alert whose level no tick comes near; the conditions take turns.
fn alert(number: i64, ticker: Ticker) -> Alert {
    let (condition, threshold) = match number % 6 {
        0 => (Condition::PriceAbove, 10_000),
        1 => (Condition::PriceBelow, 1),
        2 => (Condition::CrossesAbove, 10_000),
        3 => (Condition::CrossesBelow, 1),
        4 => (Condition::DayChangeAbovePercent, 90),
        _ => (Condition::DayChangeBelowPercent, -90),
    };
    Alert {
        id: AlertId(number + 1),
        owner: UserId::local(),
        revision: 1,
        rule: Rule::of(condition, ticker, Decimal::from(threshold)),
        repeat: Repeat::Every,
        cooldown_s: 60,
        expires_at: None,
        note: None,
        state: AlertState::Armed,
        acknowledged: false,
        memory: Memory { last_price: Some(Decimal::from(100)), ..Memory::default() },
        created_at: start(),
        triggered_at: None,
    }
}

/// Ticks in turn over the tickers, half a second a turn, prices a few cents around 100.
fn ticks(tickers: i64) -> Vec<(Timestamp, Tick)> {
    let tick = |number: i64| {
        let now = start() + SignedDuration::from_millis(number * 500 / TICKERS);
        let price = Decimal::new(10_000 + number * 7 % 31, 2);
        let tick = Tick {
            ticker: ticker(number % tickers),
            price,
            bid: Some(price - Decimal::new(1, 2)),
            ask: Some(price + Decimal::new(1, 2)),
            volume: Some(Decimal::from(number)),
            currency: Some(Currency::USD),
            previous_close: Some(Decimal::from(99)),
            time: now,
            session: Session::Open,
            recorded: false,
            source: SourceName::PUSHED,
            delay_s: 0,
        };
        (now, tick)
    };
    (0..TICKS).map(tick).collect()
}
