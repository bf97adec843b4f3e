//! Readers that stop, and their neighbours: PROTOCOL §1, Conflation. One scene is played; several checks look at it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::check::{Check, Need, Outcome, ensure, same};
use crate::http::Request;
use crate::stream::{Cursor, EventStream, Received};
use crate::target::Target;

/// The tickers that change together: some 45 KB a frame.
const TICKERS: usize = 200;

/// What a reader takes in while its neighbour has stopped: far more than sockets and proxies hold.
const TAKEN_BYTES: usize = 2_000_000;

/// The longest the scene may take.
const LONGEST: Duration = Duration::from_secs(25);

/// The receive window of the reader that stops.
const WINDOW_BYTES: usize = 16_384;

/// How long a price may take to somebody who reads, beside somebody who does not.
const LATENESS: Duration = Duration::from_secs(2);

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "newest-after-a-stop",
        expectation: "a reader that stopped and reads again gets the newest value of everything",
        reason: "a laptop that wakes up must not show what was true when it fell asleep",
        needs: &[Need::Token],
        streams: 3,
        run: newest_after_a_stop,
        ..Check::USUAL
    },
    Check {
        name: "bounded-after-a-stop",
        expectation: "it gets less than half of what a reader got meanwhile",
        reason: "what is kept for a reader that stopped is bounded, or one phone in a tunnel takes the server's memory",
        needs: &[Need::Token],
        streams: 3,
        run: bounded_after_a_stop,
        ..Check::USUAL
    },
    Check {
        name: "whole-after-a-stop",
        expectation: "what it gets is whole: no torn event, ids that ascend, no reset",
        reason: "frames that are dropped to catch up must be dropped at their borders",
        needs: &[Need::Token],
        streams: 3,
        run: whole_after_a_stop,
        ..Check::USUAL
    },
    Check {
        name: "neighbours-unaffected",
        expectation: "meanwhile every price reaches its neighbours within two seconds, also one with a single ticker",
        reason: "one slow client must not be felt by another (head-of-line blocking)",
        needs: &[Need::Token],
        streams: 3,
        run: neighbours_unaffected,
        ..Check::USUAL
    },
];

/// How the scene went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pressure {
    /// The last price of all tickers.
    last: String,
    /// How many tickers the reader that stopped has at the last price.
    newest: usize,
    /// Bytes a reader got while the other had stopped.
    reader_bytes: usize,
    /// Bytes the other got afterwards, up to the newest values.
    stopped_bytes: usize,
    /// What was not whole.
    faults: Vec<String>,
    /// The longest a price took to those who read.
    slowest: Duration,
}

fn scene(target: &Target) -> Outcome<&Pressure> {
    target.pressure.get_or_init(|| play(target)).as_ref().map_err(Clone::clone)
}

fn push_all(target: &Target, tickers: &[String]) -> Outcome<String> {
    let price = target.next_price();
    target.push(&tickers.iter().map(|ticker| (ticker.as_str(), price.as_str())).collect::<Vec<_>>())?;
    Ok(price)
}

fn play(target: &Target) -> Outcome<Pressure> {
    let tickers: Vec<String> = (0..TICKERS).map(|number| format!("CONFORM-P{number}")).collect();
    push_all(target, &tickers)?;
    let path = format!("prices?tickers={}", tickers.join(","));
    let request = Request::stream(&path).bytes(&target.address);
    let mut stopped = target.patiently(|| {
        let mut wire = target.address.connect_with_window(WINDOW_BYTES)?;
        wire.write(&request)?;
        EventStream::begin(wire, Vec::new())
    })?;
    stopped.opening()?;
    let mut reader = target.opened(&path)?.0;
    let mut single = target.opened(&format!("prices?tickers={}", tickers[0]))?.0;

    let (begun, before, mut slowest, mut last) = (Instant::now(), reader.bytes, Duration::ZERO, String::new());
    while reader.bytes - before < TAKEN_BYTES && begun.elapsed() < LONGEST {
        let pushed = Instant::now();
        last = push_all(target, &tickers)?;
        let alone = single.until_price(&tickers[0], &last)?;
        slowest = slowest.max(alone.at - pushed).max(all_at(&mut reader, &last)? - pushed);
    }
    let reader_bytes = reader.bytes - before;
    let before = stopped.bytes;
    let (newest, faults) = catch_up(&mut stopped, &last)?;
    Ok(Pressure { last, newest, reader_bytes, stopped_bytes: stopped.bytes - before, faults, slowest })
}

/// Reads until every ticker is at a price, and returns when that was.
fn all_at(reader: &mut EventStream, price: &str) -> Outcome<Instant> {
    let mut there = BTreeSet::new();
    loop {
        let update = reader.until_named("price_update")?;
        if update.text("price") == price {
            there.insert(update.text("ticker"));
        }
        if there.len() == TICKERS {
            return Ok(update.at);
        }
    }
}

/// Reads until every ticker is at the last price; returns how many are, and what was not whole on the way.
fn catch_up(stopped: &mut EventStream, last: &str) -> Outcome<(usize, Vec<String>)> {
    let (mut prices, mut faults) = (BTreeMap::new(), Vec::new());
    let mut cursor: Option<Cursor> = None;
    let until = Instant::now() + LONGEST;
    let newest = |prices: &BTreeMap<String, String>| prices.values().filter(|price| *price == last).count();
    while newest(&prices) < TICKERS {
        let Some(received) = stopped.poll(until)? else { break };
        let at = received.cursor()?;
        if cursor.is_some_and(|before| before.seq > at.seq) || !is_whole(&received) {
            faults.push(format!("{} {} {:?}", received.name(), at, received.event.data));
        }
        cursor = Some(at);
        if received.name() == "price_update" {
            prices.insert(received.text("ticker"), received.text("price"));
        }
    }
    Ok((newest(&prices), faults))
}

fn is_whole(received: &Received) -> bool {
    ["price_update", "heartbeat", "status"].contains(&received.name()) && received.json().is_object() && received.event.wrote_id
}

fn newest_after_a_stop(target: &Target) -> Outcome {
    let scene = scene(target)?;
    same(&format!("the number of tickers at {}", scene.last), &scene.newest, &TICKERS)
}

fn bounded_after_a_stop(target: &Target) -> Outcome {
    let scene = scene(target)?;
    let (reader, stopped) = (scene.reader_bytes, scene.stopped_bytes);
    ensure(stopped < reader / 2, || format!("it got {stopped} bytes where the reader got {reader}"))
}

fn whole_after_a_stop(target: &Target) -> Outcome {
    let faults = &scene(target)?.faults;
    ensure(faults.is_empty(), || format!("{} faults, the first: {:.200}", faults.len(), faults[0]))
}

fn neighbours_unaffected(target: &Target) -> Outcome {
    let slowest = scene(target)?.slowest;
    ensure(slowest < LATENESS, || format!("the slowest price took {slowest:?}"))
}
