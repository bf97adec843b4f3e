//! The same request in the ways that clients, proxies and attackers write it.

use std::time::{Duration, Instant};

use crate::check::{Check, Need, Outcome, ensure, same};
use crate::http::{Head, Request};
use crate::stream::EventStream;
use crate::target::Target;
use crate::wire::PATIENCE;

/// Connections that begin a request and do not go on.
const HALF_SENT: usize = 30;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "byte-by-byte",
        expectation: "a request head that comes one byte at a time opens a stream",
        reason: "TCP keeps no boundaries: whoever takes a connection over in the middle must not have lost a byte of it",
        run: byte_by_byte,
        ..Check::USUAL
    },
    Check {
        name: "kept-alive",
        expectation: "a stream opens on a connection that carried another request before",
        reason: "browsers and proxies reuse connections; the one a stream comes on is rarely new",
        run: kept_alive,
        ..Check::USUAL
    },
    Check {
        name: "pipelined",
        expectation: "a stream's request that is written together with the one before it is answered after it",
        reason: "RFC 9112, 9.3.2: what is read ahead belongs to the next request and must not get lost",
        run: pipelined,
        ..Check::USUAL
    },
    Check {
        name: "bytes-behind",
        expectation: "bytes behind a stream's request neither end the stream nor come into it",
        reason: "a client may pipeline or send what it likes; a stream must survive it without mixing answers",
        run: bytes_behind,
        ..Check::USUAL
    },
    Check {
        name: "bytes-behind-live",
        expectation: "after bytes behind a stream's request live events still come",
        reason: "a server that waits for such bytes to be read, or for silence, would starve the stream",
        needs: &[Need::Token],
        run: bytes_behind_live,
        ..Check::USUAL
    },
    Check {
        name: "request-with-body",
        expectation: "a GET with a body opens a stream all the same, and the body does not come back in it",
        reason: "RFC 9110, 9.3.1: such a body means nothing, but clients send one, and it must be read away",
        run: request_with_body,
        ..Check::USUAL
    },
    Check {
        name: "http-1.0",
        expectation: "a client of HTTP/1.0 gets the events without chunks",
        reason: "RFC 9112, 6.1: no transfer coding unless the request was HTTP/1.1; old proxies still ask so",
        run: http_1_0,
        ..Check::USUAL
    },
    Check {
        name: "absolute-form",
        expectation: "a request whose target is a whole URL opens a stream",
        reason: "RFC 9112, 3.2.2: a server must accept it; forward proxies write it",
        run: absolute_form,
        ..Check::USUAL
    },
    Check {
        name: "header-case",
        expectation: "names of headers may be written in any case, also Last-Event-ID",
        reason: "RFC 9110, 5.1; HTTP/2 proxies write them in lower case",
        run: header_case,
        ..Check::USUAL
    },
    Check {
        name: "unknown-parameters",
        expectation: "parameters the server does not know are left alone",
        reason: "clients of other versions and cache busters add some",
        run: unknown_parameters,
        ..Check::USUAL
    },
    Check {
        name: "half-sent-heads",
        expectation: "thirty connections that begin a request and do not go on hold nobody else up",
        reason: "the cheapest attack there is (slowloris), and what a broken network looks like",
        run: half_sent_heads,
        ..Check::USUAL
    },
    Check {
        name: "long-query",
        expectation: "a query of 64 KB is refused with 4xx, and the server answers on",
        reason: "a request must cost no more than its limit, whoever sends it",
        run: long_query,
        ..Check::USUAL
    },
];

/// Checks that a stream begins and is synced.
fn is_whole(mut stream: EventStream) -> Outcome<EventStream> {
    let opening = stream.opening()?;
    same("the first event", &opening[0].name(), &"hello")?;
    Ok(stream)
}

fn byte_by_byte(target: &Target) -> Outcome {
    let request = Request::stream(&target.prices()?).bytes(&target.address);
    let stream = target.patiently(|| {
        let mut wire = target.address.connect()?;
        request.chunks(1).try_for_each(|byte| wire.write(byte))?;
        EventStream::begin(wire, Vec::new())
    });
    is_whole(stream?).map(drop)
}

fn kept_alive(target: &Target) -> Outcome {
    let request = Request::stream(&target.prices()?).bytes(&target.address);
    let stream = target.patiently(|| {
        let mut wire = target.address.connect()?;
        let (mut bytes, until) = (Vec::new(), Instant::now() + PATIENCE);
        for path in ["/healthz", "/api/v1/sse/nothing", "/healthz"] {
            wire.write(&Request::new("GET", path).bytes(&target.address))?;
            Head::read(&mut wire, &mut bytes, until)?.read_body(&mut wire, &mut bytes, until)?;
        }
        wire.write(&request)?;
        EventStream::begin(wire, bytes)
    });
    is_whole(stream?).map(drop)
}

fn pipelined(target: &Target) -> Outcome {
    let mut both = Request::new("GET", "/healthz").bytes(&target.address);
    both.extend(Request::stream(&target.prices()?).bytes(&target.address));
    let stream = target.patiently(|| {
        let mut wire = target.address.connect()?;
        wire.write(&both)?;
        let (mut bytes, until) = (Vec::new(), Instant::now() + PATIENCE);
        let first = Head::read(&mut wire, &mut bytes, until)?;
        same("the status of the first answer", &first.status, &200)?;
        first.read_body(&mut wire, &mut bytes, until)?;
        EventStream::begin(wire, bytes)
    });
    is_whole(stream?).map(drop)
}

fn bytes_behind(target: &Target) -> Outcome {
    let mut stream = is_whole(target.open_with_bytes_behind(&target.prices()?)?)?;
    stream.during(Duration::from_millis(300))?;
    same("lines of no event stream", &stream.parser.unknown_lines(), &[].as_slice())?;
    same("its end", &stream.ended(), &None)
}

fn bytes_behind_live(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("BEHIND")?;
    let mut stream = is_whole(target.open_with_bytes_behind(&format!("prices?tickers={ticker}"))?)?;
    let price = target.push_next(&ticker)?;
    stream.until_price(&ticker, &price).map(drop)
}

fn request_with_body(target: &Target) -> Outcome {
    let request = Request::stream(&target.prices()?).json(&serde_json::json!({ "data": "x\n\n" }));
    let stream = is_whole(target.open_patiently(&request)?)?;
    same("lines of no event stream", &stream.parser.unknown_lines(), &[].as_slice())
}

fn http_1_0(target: &Target) -> Outcome {
    let mut stream = target.open_patiently(&Request::stream(&target.prices()?).old())?;
    same("transfer-encoding", &stream.head.get("transfer-encoding"), &None)?;
    let opening = stream.opening()?;
    same("the first event", &opening[0].name(), &"hello")?;
    same("lines of no event stream", &stream.parser.unknown_lines(), &[].as_slice())
}

fn absolute_form(target: &Target) -> Outcome {
    let address = &target.address;
    let url = format!("{}://{}{}/api/v1/sse/{}", address.scheme, address.host, address.prefix, target.prices()?);
    is_whole(target.open_patiently(&Request::new("GET", &url))?).map(drop)
}

fn header_case(target: &Target) -> Outcome {
    let path = target.prices()?;
    for name in ["last-event-id", "LAST-EVENT-ID", "Last-Event-Id"] {
        let request = Request::stream(&path).header("hOsT", &target.address.host).header(name, "nonsense");
        let opening = target.open_patiently(&request)?.opening()?;
        same(&format!("what follows hello, with {name},"), &opening[1].name(), &"reset")?;
    }
    Ok(())
}

fn unknown_parameters(target: &Target) -> Outcome {
    let path = format!("{}&_=1700000000&foo&bar=%F0%9F%8E%89&&=", target.prices()?);
    is_whole(target.stream(&path)?).map(drop)
}

fn half_sent_heads(target: &Target) -> Outcome {
    let mut half_sent = Vec::new();
    for _ in 0..HALF_SENT {
        let mut wire = target.address.connect()?;
        wire.write(b"GET /api/v1/sse/prices?tickers=A HTTP/1.1\r\nHost: ")?;
        half_sent.push(wire);
    }
    let begun = Instant::now();
    is_whole(target.stream(&target.prices()?)?)?;
    let took = begun.elapsed();
    ensure(took < Duration::from_secs(2), || format!("a stream took {took:?} beside {} half-sent requests", half_sent.len()))
}

fn long_query(target: &Target) -> Outcome {
    let path = format!("/api/v1/sse/{}&x={}", target.prices()?, "y".repeat(65_536));
    let status = target.get(&path)?.head.status;
    ensure((400..500).contains(&status), || format!("the status is {status}"))?;
    same("the status of /healthz afterwards", &target.get("/healthz")?.head.status, &200)
}
