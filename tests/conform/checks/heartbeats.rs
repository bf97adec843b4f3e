//! Silence, and what is said into it: PROTOCOL §1, Every stream, 4.

use std::time::{Duration, Instant};

use crate::check::{Check, Need, Outcome, ensure, failed, same};
use crate::stream::{EventStream, Received};
use crate::target::Target;

use super::framing::is_time;

/// Streams whose heartbeats are compared.
const MANY: usize = 12;

/// How much later than due a heartbeat may come on a busy machine.
const LATENESS: Duration = Duration::from_millis(1_500);

/// A day, which heartbeats' times are told within.
const DAY_MS: u64 = 86_400_000;

/// The least distance of heartbeats that do not belong to one moment.
const APART: Duration = Duration::from_millis(25);

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "comment-and-event",
        expectation: "after silence the comment heartbeat and the event heartbeat come in one write, and nothing else in it",
        reason: "the comment keeps proxies from closing; the event is for pages, which do not see comments",
        needs: &[Need::ShortHeartbeat],
        run: comment_and_event,
        ..Check::USUAL
    },
    Check {
        name: "heartbeat-data",
        expectation: "a heartbeat tells the time and repeats the cursor; a stream resumed there misses nothing",
        reason: "a page tells a slow clock from a slow feed by it; an id of its own would hide events",
        needs: &[Need::ShortHeartbeat],
        run: heartbeat_data,
        ..Check::USUAL
    },
    Check {
        name: "heartbeat-timing",
        expectation: "it comes after heartbeat_s of silence and at most a fifteenth later, again and again",
        reason: "proxies close after 60 s or less; pages call a stream dead after two that did not come",
        needs: &[Need::ShortHeartbeat],
        run: heartbeat_timing,
        ..Check::USUAL
    },
    Check {
        name: "no-heartbeat-while-speaking",
        expectation: "a stream that speaks has no heartbeats",
        reason: "each is a packet and a wakened radio for every one of ten thousand clients",
        needs: &[Need::ShortHeartbeat, Need::Token],
        run: no_heartbeat_while_speaking,
        ..Check::USUAL
    },
    Check {
        name: "phases-spread",
        expectation: "streams that fell silent in the same moment do not beat in the same moment",
        reason: "ten thousand heartbeats at once are a load spike every fifteen seconds",
        needs: &[Need::ShortHeartbeat, Need::Token],
        streams: MANY,
        run: phases_spread,
        ..Check::USUAL
    },
];

fn beat(stream: &mut EventStream, target: &Target) -> Outcome<Received> {
    let until = Instant::now() + Duration::from_secs(target.heartbeat_s * 2) + LATENESS;
    loop {
        let received = stream.next_before(until)?;
        if received.name() == "heartbeat" {
            return Ok(received);
        }
    }
}

fn comment_and_event(target: &Target) -> Outcome {
    let mut stream = target.opened(&target.silent("SILENT-A")?)?.0;
    let heartbeat = beat(&mut stream, target)?;
    same("the comments before it", &heartbeat.event.comments, &vec!["heartbeat".to_owned()])?;
    let frame = String::from_utf8_lossy(&heartbeat.frame).into_owned();
    let is_one = frame.starts_with(": heartbeat\n") && frame.ends_with("\n\n") && frame.matches("\n\n").count() == 1;
    ensure(is_one, || format!("the write is {frame:?}"))
}

fn heartbeat_data(target: &Target) -> Outcome {
    let path = target.silent("SILENT-B")?;
    let (mut stream, opening) = target.opened(&path)?;
    let mut last = opening[opening.len() - 1].event.id.clone();
    let until = Instant::now() + Duration::from_secs(target.heartbeat_s * 2) + LATENESS;
    let heartbeat = loop {
        let received = stream.next_before(until)?;
        if received.name() == "heartbeat" {
            break received;
        }
        last = received.event.id;
    };
    same("its id", &heartbeat.event.id, &last)?;
    ensure(is_time(heartbeat.json()["time"].as_str()), || format!("its data is {}", heartbeat.event.data))?;
    let resumed = target.resumed(&path, &heartbeat.event.id)?;
    same("resume after it", &resumed[0].text("resume").as_str(), &"replay")
}

fn heartbeat_timing(target: &Target) -> Outcome {
    let mut stream = target.stream(&target.silent("SILENT-C")?)?;
    let silence = Duration::from_secs(target.heartbeat_s);
    let mut wanted = if target.heartbeat_s > 5 { 1 } else { 2 };
    let until = Instant::now() + silence * 4 + LATENESS;
    // By the server's clock: on a busy machine what was written in time is read at any time.
    let mut last = None;
    while wanted > 0 {
        let received = stream.next_before(until)?;
        let time = match received.name() {
            "hello" => milliseconds(&received.text("server_time")),
            "heartbeat" => milliseconds(&received.text("time")),
            // Part of the same opening, or news, after which the silence begins again at a time that is not told.
            "price_update" | "status" | "synced" => continue,
            _ => None,
        };
        if let (Some(last), Some(time), "heartbeat") = (last, time, received.name()) {
            let waited = Duration::from_millis((time + DAY_MS - last) % DAY_MS);
            let is_early = waited + Duration::from_millis(200) < silence;
            ensure(!is_early && waited < silence + silence / 15 + LATENESS, || format!("it came after {waited:?} of silence"))?;
            wanted -= 1;
        }
        last = time;
    }
    Ok(())
}

fn no_heartbeat_while_speaking(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("SPEAKS")?;
    let mut stream = target.opened(&format!("prices?tickers={ticker}"))?.0;
    let silence = Duration::from_secs(target.heartbeat_s);
    let begun = Instant::now();
    while begun.elapsed() < silence * 3 / 2 {
        let price = target.push_next(&ticker)?;
        let until = Instant::now() + silence / 4;
        let mut arrived = false;
        while let Some(received) = stream.poll(until)? {
            ensure(received.name() != "heartbeat", || "a heartbeat came between prices".to_owned())?;
            arrived |= received.is_price(&ticker, &price);
        }
        ensure(arrived, || format!("{price} did not come within {:?}", silence / 4))?;
    }
    Ok(())
}

fn phases_spread(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("PHASES")?;
    let mut streams = Vec::new();
    for _ in 0..MANY.min(target.facts.places) {
        streams.push(target.opened(&format!("prices?tickers={ticker}"))?.0);
    }
    // All are written to in the same moment, and then no more.
    let price = target.push_next(&ticker)?;
    let mut times = Vec::new();
    for stream in &mut streams {
        stream.until_price(&ticker, &price)?;
    }
    for stream in &mut streams {
        let heartbeat = beat(stream, target)?;
        let Some(time) = milliseconds(&heartbeat.text("time")) else { return failed("a heartbeat without its time") };
        times.push(time);
    }
    times.sort_unstable();
    let spread = times.last().zip(times.first()).map_or(0, |(last, first)| last - first);
    let apart = u128::from(spread) >= APART.as_millis();
    ensure(apart, || format!("{} heartbeats came within {spread} ms: {times:?}", times.len()))
}

/// Returns the millisecond of the day of an RFC 3339 time in UTC.
fn milliseconds(time: &str) -> Option<u64> {
    let number = |from: usize, to: usize| time.get(from..to).and_then(|text| text.parse::<u64>().ok());
    let (hours, minutes, seconds, milliseconds) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds)
}
