//! Ends that the server makes: PROTOCOL §1, Every stream, 7. The server is stopped once; several checks look at it.

use std::time::{Duration, Instant};

use crate::check::{Check, Need, Outcome, Turn, ensure, failed, same};
use crate::stream::{End, EventStream, Received};
use crate::target::Target;
use crate::wire::PATIENCE;

const LAST: Check = Check { needs: &[Need::Process], streams: 3, turn: Turn::Last, ..Check::USUAL };

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "max-age",
        expectation: "a stream of max_age × 0.8 to 1.0 is told bye max_age, ends, and is resumed without reset",
        reason: "connections that never end pile up on one server of many; each moves on at its own time",
        needs: &[Need::ShortLife],
        streams: 1,
        run: max_age,
        ..LAST
    },
    Check {
        name: "bye-drain",
        expectation: "when the server is asked to stop, bye drain is the last event of every stream",
        reason: "the client comes back at once, elsewhere, and shows nothing; without it every stop looks like an accident",
        run: bye_drain,
        ..LAST
    },
    Check {
        name: "bye-cursor",
        expectation: "bye repeats the cursor of the event before",
        reason: "the other server goes on from there",
        run: bye_cursor,
        ..LAST
    },
    Check {
        name: "clean-end",
        expectation: "the zero chunk follows, and then the connection is closed",
        reason: "RFC 9112, 8: without it the answer is incomplete, and proxies and browsers report an error",
        run: clean_end,
        ..LAST
    },
    Check {
        name: "process-ends",
        expectation: "the process then ends by itself, with 0 where its exit can be seen",
        reason: "supervisors kill what does not end, and restart what does not end well",
        run: process_ends,
        ..LAST
    },
];

/// How the server stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    streams: Vec<Ended>,
    exit: Result<Option<i32>, String>,
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended {
    path: String,
    /// The last event's type and reason.
    last: Option<(String, String)>,
    /// Its id, and that of the event before.
    ids: (String, String),
    end: End,
    closed: Outcome,
}

fn stop(target: &Target) -> Outcome<&Stop> {
    target.stop.get_or_init(|| end_server(target)).as_ref().map_err(Clone::clone)
}

fn end_server(target: &Target) -> Outcome<Stop> {
    let mut streams = Vec::new();
    for path in [
        target.prices()?,
        "notifications".to_owned(),
        format!("stream?notifications=true&{}", target.prices()?.replace("prices?", "")),
    ] {
        let (stream, mut opening) = target.opened(&path)?;
        streams.push((path, stream, opening.pop()));
    }
    let Some(process) = &target.facts.process else { return failed("there is no process to stop") };
    process.terminate().or_else(failed)?;
    let ends = streams.into_iter().map(|(path, stream, before)| ended(path, stream, before));
    Ok(Stop { streams: ends.collect::<Outcome<Vec<_>>>()?, exit: process.ended() })
}

fn ended(path: String, mut stream: EventStream, before: Option<Received>) -> Outcome<Ended> {
    let (mut events, end) = stream.end()?;
    let last = events.pop();
    let id = |received: Option<&Received>| received.map(|received| received.event.id.clone()).unwrap_or_default();
    let ids = (id(last.as_ref()), id(events.last().or(before.as_ref())));
    let last = last.map(|last| (last.name().to_owned(), last.text("reason")));
    Ok(Ended { path, last, ids, end, closed: stream.closed() })
}

fn bye_drain(target: &Target) -> Outcome {
    let expected = Some(("bye".to_owned(), "drain".to_owned()));
    stop(target)?
        .streams
        .iter()
        .try_for_each(|stream| same(&format!("the last event of {}", stream.path), &stream.last, &expected))
}

fn bye_cursor(target: &Target) -> Outcome {
    stop(target)?.streams.iter().try_for_each(|stream| same("the id of bye", &stream.ids.0, &stream.ids.1))
}

fn clean_end(target: &Target) -> Outcome {
    stop(target)?.streams.iter().try_for_each(|stream| {
        same(&format!("the end of {}", stream.path), &stream.end, &End::ZeroChunk)?;
        stream.closed.clone()
    })
}

fn process_ends(target: &Target) -> Outcome {
    match &stop(target)?.exit {
        Ok(None | Some(0)) => Ok(()),
        Ok(Some(code)) => failed(format!("it ended with {code}")),
        Err(why) => failed(why),
    }
}

fn max_age(target: &Target) -> Outcome {
    let age = Duration::from_secs(target.facts.max_age_s.unwrap_or_default());
    let begun = Instant::now();
    let path = target.prices()?;
    let mut stream = target.stream(&path)?;
    let until = begun + age + PATIENCE;
    let bye = loop {
        let received = stream.next_before(until)?;
        if received.name() == "bye" {
            break received;
        }
    };
    same("the reason", &bye.text("reason").as_str(), &"max_age")?;
    let lived = bye.at - begun;
    let is_due = lived >= age.mul_f64(0.79) && lived <= age + Duration::from_secs(2);
    ensure(is_due, || format!("it came after {lived:?} of {age:?}"))?;
    same("its end", &stream.end()?.1, &End::ZeroChunk)?;
    let resumed = target.resumed(&path, &bye.event.id)?;
    same("resume", &resumed[0].text("resume").as_str(), &"replay")
}
