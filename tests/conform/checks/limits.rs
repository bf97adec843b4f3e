//! How many streams a user may hold, and how places come back: PROTOCOL §1, Refusals.

use std::time::Instant;

use crate::check::{Check, Outcome, Turn, ensure, same};
use crate::http::{Head, Request};
use crate::stream::{End, EventStream};
use crate::target::{COME_BACK, Target};
use crate::wire::{PATIENCE, Wire};

/// Streams that these checks may hold: all there are.
const ALL: usize = usize::MAX;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "one-too-many",
        expectation: "a stream above the limit is 429 with Retry-After and a problem document",
        reason: "RFC 6585, 4: a client must know that waiting helps, and for how long",
        run: one_too_many,
        ..ALONE
    },
    Check {
        name: "hang-up",
        expectation: "places of streams that were closed come back within a second",
        reason: "a page that is reloaded a few times must not lock its person out",
        run: |target| come_back(target, EventStream::close),
        ..ALONE
    },
    Check {
        name: "torn",
        expectation: "places of streams whose connection was reset come back within a second",
        reason: "a browser that is killed does not say goodbye",
        run: |target| come_back(target, EventStream::reset),
        ..ALONE
    },
    Check {
        name: "head-takes-no-place",
        expectation: "HEAD takes no place, also while its connection stays open",
        reason: "probes ask so, every few seconds and for ever",
        run: |target| takes_no_place(target, |path| (Request::new("HEAD", &format!("/api/v1/sse/{path}")), 200)),
        ..ALONE
    },
    Check {
        name: "refusals-take-no-place",
        expectation: "refused requests take no place, also while their connections stay open",
        reason: "a mistake that is repeated must not shut out those that make none",
        run: |target| takes_no_place(target, |path| (Request::stream(path).header("Accept", "text/html"), 406)),
        ..ALONE
    },
    Check {
        name: "tab-replaced",
        expectation: "a newer stream of the same client ends the older with bye replaced, its cursor and the zero chunk",
        reason: "a tab that reconnects over another network still has its dead stream standing",
        run: tab_replaced,
        ..ALONE
    },
    Check {
        name: "tab-at-the-limit",
        expectation: "also at the limit; another client is refused",
        reason: "otherwise the tab with the dead stream is the one that is locked out",
        run: tab_at_the_limit,
        ..ALONE
    },
    Check {
        name: "hang-up-with-bytes-behind",
        expectation: "places of streams behind whose request the client had sent more come back within a second, too",
        reason: "a server that does not read on does not see the end either: one pipelined request would hold a place for long",
        run: bytes_behind_come_back,
        ..ALONE
    },
];

const ALONE: Check = Check { streams: ALL, turn: Turn::Alone, ..Check::USUAL };

/// Takes all places but some.
fn fill(target: &Target, but: usize) -> Outcome<Vec<EventStream>> {
    (but..target.limit()?).map(|_| Ok(target.opened("notifications")?.0)).collect()
}

fn client(number: u32) -> String {
    format!("notifications?client=c0f0124a-0000-4000-8000-{number:012x}")
}

fn one_too_many(target: &Target) -> Outcome {
    let _streams = fill(target, 0)?;
    let refusal = target.open(&Request::stream("notifications"))?.into_answer();
    refusal.problem(429)?;
    let after = refusal.head.get("retry-after").unwrap_or_default();
    ensure(after.parse::<u32>().is_ok_and(|seconds| seconds > 0), || format!("Retry-After is {after:?}"))
}

/// Opens a stream, which must be let in within the time that a closed stream may count.
fn get_place(target: &Target, within: Instant) -> Outcome<EventStream> {
    loop {
        let stream = target.open(&Request::stream("notifications"))?;
        if stream.head.status == 200 || Instant::now() > within {
            return stream.expect();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn come_back(target: &Target, hang_up: fn(EventStream) -> Outcome) -> Outcome {
    let streams = fill(target, 0)?;
    let limit = streams.len();
    streams.into_iter().try_for_each(hang_up)?;
    let within = Instant::now() + COME_BACK;
    let streams = (0..limit).map(|_| get_place(target, within)).collect::<Outcome<Vec<_>>>()?;
    same("streams that are open again", &streams.len(), &limit)
}

fn bytes_behind_come_back(target: &Target) -> Outcome {
    let others = fill(target, 1)?;
    let mut stream = target.open_with_bytes_behind("notifications")?;
    stream.opening()?;
    stream.close()?;
    get_place(target, Instant::now() + COME_BACK)?;
    drop(others);
    Ok(())
}

/// Checks that requests of a kind, on connections that stay open, leave room for one more stream.
fn takes_no_place(target: &Target, request: fn(&str) -> (Request, u16)) -> Outcome {
    let _streams = fill(target, 1)?;
    let mut connections: Vec<(Wire, Vec<u8>)> = Vec::new();
    let (request, status) = request("notifications");
    for _ in 0..5 {
        let (mut wire, mut bytes) = (target.address.connect()?, Vec::new());
        wire.write(&request.bytes(&target.address))?;
        same("the status", &Head::read(&mut wire, &mut bytes, Instant::now() + PATIENCE)?.status, &status)?;
        connections.push((wire, bytes));
    }
    get_place(target, Instant::now() + COME_BACK).map(drop)
}

fn tab_replaced(target: &Target) -> Outcome {
    let path = client(1);
    let (mut older, opening) = target.opened(&path)?;
    let mut last = opening[opening.len() - 1].event.id.clone();
    let mut newer = target.opened(&path)?.0;
    let (events, end) = older.end()?;
    let Some((bye, before)) = events.split_last() else { return crate::check::failed(format!("it ended silently: {end:?}")) };
    if let Some(before) = before.last() {
        last.clone_from(&before.event.id);
    }
    same("its last event", &bye.name(), &"bye")?;
    same("the reason", &bye.text("reason").as_str(), &"replaced")?;
    same("the id of bye", &bye.event.id, &last)?;
    same("its end", &end, &End::ZeroChunk)?;
    let after = newer.during(std::time::Duration::from_millis(100))?;
    ensure(after.iter().all(|event| event.name() != "bye"), || "the newer stream ended too".to_owned())
}

fn tab_at_the_limit(target: &Target) -> Outcome {
    let (older, _) = target.opened(&client(2))?;
    let _others = fill(target, 1)?;
    let newer = target.open(&Request::stream(&client(2)))?;
    same("the status of the same client's next stream", &newer.head.status, &200)?;
    drop(older);
    let other = target.open(&Request::stream(&client(3)))?;
    same("the status of another client's", &other.head.status, &429)
}
