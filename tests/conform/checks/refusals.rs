//! What is refused before a stream starts, and how that is told (RFC 9457).

use serde_json::json;

use crate::check::{Check, Outcome, ensure, same};
use crate::http::Request;
use crate::target::Target;

/// The most tickers one stream may follow.
const MOST_TICKERS: usize = 200;

/// A secret that must not come back.
const SECRET: &str = "s3cret-of-conform";

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "methods",
        expectation: "POST, PUT, PATCH and DELETE are 405 with an Allow that names GET",
        reason: "RFC 9110, 15.5.6",
        run: methods,
        ..Check::USUAL
    },
    Check {
        name: "accept",
        expectation: "an Accept that excludes event streams is 406; one that includes them, or none, is served",
        reason: "RFC 9110, 12.5.1: the most specific range decides, and q=0 excludes",
        run: accept,
        ..Check::USUAL
    },
    Check {
        name: "no-tickers",
        expectation: "a price stream without tickers is 400 and names the field tickers; so is a stream of nothing",
        reason: "a stream that can never say anything is a mistake that should show at once",
        run: no_tickers,
        ..Check::USUAL
    },
    Check {
        name: "malformed-tickers",
        expectation: "tickers with line breaks, NUL, other letters or over 32 characters are 400 and name the field",
        reason: "what is echoed into a line protocol must not hold line breaks; lengths are bounded",
        run: malformed_tickers,
        ..Check::USUAL
    },
    Check {
        name: "too-many-tickers",
        expectation: "200 tickers are served, 201 are 400 and name the field",
        reason: "a stream's cost must be bounded, and the bound must be where it is said to be",
        run: too_many_tickers,
        ..Check::USUAL
    },
    Check {
        name: "malformed-parameters",
        expectation: "max_hz, client, notifications and metrics with senseless values are 400 and name their field",
        reason: "a typing error must not quietly become another stream than the one that was meant",
        run: malformed_parameters,
        ..Check::USUAL
    },
    Check {
        name: "unknown-things",
        expectation: "only unknown tickers, or an unknown portfolio, are 404 and name the field; unknown paths are 404",
        reason: "a client without a cursor made a mistake; one with a cursor is served (see resume)",
        run: unknown_things,
        ..Check::USUAL
    },
    Check {
        name: "foreign-host",
        expectation: "a Host that is not this server's is 421, on every route",
        reason: "DNS rebinding: a page of another site makes its own name point here and reads with the person's browser",
        run: foreign_host,
        ..Check::USUAL
    },
    Check {
        name: "cross-site",
        expectation: "Sec-Fetch-Site: cross-site is 403",
        reason: "an EventSource of another site carries the person's network position and sign-in",
        run: cross_site,
        ..Check::USUAL
    },
    Check {
        name: "foreign-origin",
        expectation: "an Origin that is not this Host, null included, is 403 without CORS headers; the own Origin is served",
        reason: "as above, for browsers and sandboxes that send no Sec-Fetch-Site",
        run: foreign_origin,
        ..Check::USUAL
    },
    Check {
        name: "secrets-in-urls",
        expectation: "a token, access_token, api_key or password in the query is 400, and is not echoed",
        reason: "URLs stand in logs, histories and Referer headers (RFC 9110, 17.9)",
        run: secrets_in_urls,
        ..Check::USUAL
    },
    Check {
        name: "problem-documents",
        expectation: "refusals are application/problem+json with type, title, status and detail, of a known length",
        reason: "RFC 9457: programs can tell what is wrong; with a length the connection can be used again",
        run: problem_documents,
        ..Check::USUAL
    },
];

fn refused(target: &Target, path: &str, status: u16, field: Option<&str>) -> Outcome {
    let answer = target.send(&Request::stream(path))?;
    let named = answer.problem(status)?;
    same(&format!("the field at fault of {path:.80}"), &named.as_deref(), &field)
}

fn methods(target: &Target) -> Outcome {
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in ["prices?tickers=A", "notifications", "stream?tickers=A", "portfolio/x", "metrics"] {
            let answer = target.send(&Request::new(method, &format!("/api/v1/sse/{path}")).json(&json!({})))?;
            answer.problem(405)?;
            let allow = answer.head.get("allow").unwrap_or_default();
            ensure(allow.split(", ").flat_map(|part| part.split(',')).any(|allowed| allowed == "GET"), || {
                format!("{method} {path} is told Allow: {allow}")
            })?;
        }
    }
    Ok(())
}

fn accept(target: &Target) -> Outcome {
    let path = target.prices()?;
    for excluding in
        ["application/json", "text/html, application/xhtml+xml", "text/event-stream;q=0", "*/*, text/event-stream;q=0.0"]
    {
        target.send(&Request::stream(&path).header("Accept", excluding))?.problem(406)?;
    }
    for including in
        ["text/event-stream", "*/*", "text/*;q=0.5", "application/json, TEXT/Event-Stream", "text/*;q=0, text/event-stream"]
    {
        let stream = target.open_patiently(&Request::stream(&path).header("Accept", including));
        stream?.opening()?;
    }
    target.open_patiently(&Request::stream(&path))?.opening().map(drop)
}

fn no_tickers(target: &Target) -> Outcome {
    for path in ["prices", "prices?tickers=", "prices?tickers=,%20,", "stream", "stream?notifications=false"] {
        refused(target, path, 400, Some("tickers"))?;
    }
    Ok(())
}

fn malformed_tickers(target: &Target) -> Outcome {
    let long = "A".repeat(33);
    for ticker in ["A%0AB", "A%0D%0Adata:x", "%00", "A%20B", "%C3%84", "A/B", "%3Cscript%3E", "'", &long] {
        refused(target, &format!("prices?tickers={ticker}"), 400, Some("tickers"))?;
        refused(target, &format!("stream?notifications=true&tickers={ticker}"), 400, Some("tickers"))?;
    }
    Ok(())
}

fn too_many_tickers(target: &Target) -> Outcome {
    let others = |count: usize| (1..count).map(|number| format!(",N{number}")).collect::<String>();
    let most = format!("{}{}", target.prices()?, others(MOST_TICKERS));
    let hello = target.stream(&most)?.next()?;
    let unknown = hello.json()["unknown_tickers"].as_array().map_or(0, Vec::len);
    ensure(unknown < MOST_TICKERS, || format!("of {MOST_TICKERS} tickers with a known one, {unknown} are unknown"))?;
    refused(target, &format!("{}{}", target.prices()?, others(MOST_TICKERS + 1)), 400, Some("tickers"))
}

fn malformed_parameters(target: &Target) -> Outcome {
    let path = target.prices()?;
    for (query, field) in [
        ("max_hz=0", "max_hz"),
        ("max_hz=-1", "max_hz"),
        ("max_hz=NaN", "max_hz"),
        ("max_hz=inf", "max_hz"),
        ("max_hz=1e9", "max_hz"),
        ("max_hz=", "max_hz"),
        ("client=me", "client"),
        ("client=0193a5b0-0000-7000-8000-00000000000", "client"),
        ("notifications=perhaps", "notifications"),
        ("metrics=2", "metrics"),
    ] {
        refused(target, &format!("{path}&{query}"), 400, Some(field))?;
    }
    Ok(())
}

fn unknown_things(target: &Target) -> Outcome {
    refused(target, "prices?tickers=CONFORM-NOBODY", 404, Some("tickers"))?;
    refused(target, "stream?tickers=CONFORM-NOBODY", 404, Some("tickers"))?;
    refused(target, "portfolio/conform-nothing", 404, Some("portfolio"))?;
    refused(target, "stream?portfolio=conform-nothing&notifications=true", 404, Some("portfolio"))?;
    refused(target, "nothing", 404, None)
}

fn foreign_host(target: &Target) -> Outcome {
    let stream = format!("/api/v1/sse/{}", target.prices()?);
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3000"] {
        for path in [&stream, "/healthz", "/api/v1/quotes", "/"] {
            target.send(&Request::new("GET", path).header("Host", host))?.problem(421)?;
        }
    }
    Ok(())
}

fn cross_site(target: &Target) -> Outcome {
    let request = Request::stream(&target.prices()?);
    target.send(&request.clone().header("Sec-Fetch-Site", "cross-site"))?.problem(403)?;
    for own in ["same-origin", "none"] {
        target.open_patiently(&request.clone().header("Sec-Fetch-Site", own))?.next()?;
    }
    Ok(())
}

fn foreign_origin(target: &Target) -> Outcome {
    let (path, host) = (target.prices()?, &target.address.host);
    let suffixed = format!("http://{host}.evil.example");
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", &suffixed] {
        let answer = target.send(&Request::stream(&path).header("Origin", origin))?;
        answer.problem(403)?;
        same("access-control-allow-origin", &answer.head.get("access-control-allow-origin"), &None)?;
    }
    let own = format!("{}://{host}", target.address.scheme);
    target.open_patiently(&Request::stream(&path).header("Origin", &own))?.next().map(drop)
}

fn secrets_in_urls(target: &Target) -> Outcome {
    for name in ["token", "TOKEN", "access_token", "api_key", "authorization", "password", "ingest_token"] {
        let answer = target.send(&Request::stream(&format!("{}&{name}={SECRET}", target.prices()?)))?;
        let field = answer.problem(400)?.unwrap_or_default();
        ensure(field.eq_ignore_ascii_case(name), || format!("the field at fault of {name} is {field:?}"))?;
        ensure(!answer.text().contains(SECRET), || format!("the secret came back: {}", answer.text()))?;
    }
    Ok(())
}

fn problem_documents(target: &Target) -> Outcome {
    for path in ["prices", "prices?tickers=CONFORM-NOBODY", "portfolio/conform-nothing", "nothing"] {
        let answer = target.send(&Request::stream(path))?;
        answer.problem(answer.head.status)?;
        let length = answer.head.get("content-length").map(str::to_owned);
        same(&format!("content-length of the refusal of {path}"), &length, &Some(answer.body.len().to_string()))?;
    }
    Ok(())
}
