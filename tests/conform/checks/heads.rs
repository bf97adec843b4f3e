//! What an answer that is a stream says of itself.

use std::time::{Duration, Instant};

use crate::check::{Check, Outcome, ensure, failed, same};
use crate::http::{Head, Request};
use crate::target::Target;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "content-type",
        expectation: "a stream is 200 with content-type text/event-stream",
        reason: "HTML 9.2.3: any other status or type fails an EventSource for good, without a retry",
        run: content_type,
        ..Check::USUAL
    },
    Check {
        name: "cache-control",
        expectation: "cache-control is no-store, no-transform",
        reason: "a cache would keep a stream that never ends; a transforming proxy would hold it back to compress it",
        run: |target| header_is(target, "cache-control", "no-store, no-transform"),
        ..Check::USUAL
    },
    Check {
        name: "x-accel-buffering",
        expectation: "x-accel-buffering is no",
        reason: "nginx collects 4 to 8 KB of an answer before it passes any on, unless told otherwise",
        run: |target| header_is(target, "x-accel-buffering", "no"),
        ..Check::USUAL
    },
    Check {
        name: "no-length",
        expectation: "there is no content-length, but chunked transfer coding, also beside other codings the client takes",
        reason: "RFC 9112, 6.3: with a length a client stops there; without chunks it cannot tell an end from a torn connection",
        run: no_length,
        ..Check::USUAL
    },
    Check {
        name: "no-compression",
        expectation: "a stream is not compressed, though the client would take gzip, br, deflate and zstd",
        reason: "a compressor holds events back until its block is full: the page stands still while everything works",
        run: no_compression,
        ..Check::USUAL
    },
    Check {
        name: "no-cors",
        expectation: "there is no access-control-… header and no cookie",
        reason: "with one, pages of other sites could read a person's portfolio",
        run: no_cors,
        ..Check::USUAL
    },
    Check {
        name: "no-sniff",
        expectation: "x-content-type-options is nosniff",
        reason: "texts of users travel in the stream; nothing may take it for a page",
        run: |target| header_is(target, "x-content-type-options", "nosniff"),
        ..Check::USUAL
    },
    Check {
        name: "at-once",
        expectation: "head and hello come within two seconds, without waiting for news",
        reason: "an EventSource is not open before the head is there; load balancers give an answer up that does not begin",
        run: at_once,
        ..Check::USUAL
    },
    Check {
        name: "head-request",
        expectation: "HEAD answers the headers of GET, and no body",
        reason: "RFC 9110, 9.3.2; probes and link checkers ask so, and the connection must stay usable",
        run: head_request,
        ..Check::USUAL
    },
];

fn head_of(target: &Target) -> Outcome<Head> {
    Ok(target.stream(&target.prices()?)?.head)
}

fn content_type(target: &Target) -> Outcome {
    let head = head_of(target)?;
    same("content-type", &head.get("content-type"), &Some("text/event-stream"))
}

fn header_is(target: &Target, name: &str, expected: &str) -> Outcome {
    same(name, &head_of(target)?.get(name), &Some(expected))
}

fn no_length(target: &Target) -> Outcome {
    let stream = target.open_patiently(&Request::stream(&target.prices()?).header("TE", "trailers, deflate"))?;
    same("content-length", &stream.head.get("content-length"), &None)?;
    same("transfer-encoding", &stream.head.get("transfer-encoding"), &Some("chunked"))
}

fn no_compression(target: &Target) -> Outcome {
    let request = Request::stream(&target.prices()?).header("Accept-Encoding", "gzip, br, deflate, zstd");
    let mut stream = target.open_patiently(&request)?;
    same("content-encoding", &stream.head.get("content-encoding"), &None)?;
    same("the first event", &stream.next()?.name(), &"hello")
}

fn no_cors(target: &Target) -> Outcome {
    let own = format!("{}://{}", target.address.scheme, target.address.host);
    let head = target.open_patiently(&Request::stream(&target.prices()?).header("Origin", &own))?.head;
    for (name, value) in head.lasting() {
        let is_open = name.starts_with("access-control-") || name == "set-cookie";
        ensure(!is_open, || format!("there is {name}: {value}"))?;
    }
    Ok(())
}

fn at_once(target: &Target) -> Outcome {
    let path = target.silent("SILENT-HEAD")?;
    let begun = Instant::now();
    let hello = target.stream(&path)?.next()?;
    let took = hello.at - begun;
    ensure(took < Duration::from_secs(2), || format!("{} came after {took:?}", hello.name()))
}

fn head_request(target: &Target) -> Outcome {
    let path = target.prices()?;
    let get = head_of(target)?;
    let mut wire = target.address.connect()?;
    let mut bytes = Vec::new();
    let until = Instant::now() + crate::wire::PATIENCE;
    let request = Request::new("HEAD", &format!("/api/v1/sse/{path}"));
    wire.write(&request.bytes(&target.address))?;
    let head = Head::read(&mut wire, &mut bytes, until)?;
    same("the status", &head.status, &200)?;
    same("the headers", &head.lasting(), &get.lasting())?;
    // Whatever body there was would stand before the next answer.
    wire.write(&Request::new("GET", "/healthz").bytes(&target.address))?;
    match Head::read(&mut wire, &mut bytes, until) {
        Ok(next) => same("the status of the next answer on the connection", &next.status, &200),
        Err(trouble) => failed(format!("the next request on the connection was not answered: {trouble:?}")),
    }
}
