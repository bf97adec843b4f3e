//! What comes while a stream is open: PROTOCOL §1, Event data and Conflation.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::check::{Check, Need, Outcome, ensure, failed, same};
use crate::http::Request;
use crate::stream::EventStream;
use crate::target::Target;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "push-arrives",
        expectation: "a pushed price arrives within two seconds, written as it was pushed",
        reason: "what the product is for",
        needs: &[Need::Token],
        run: push_arrives,
        ..Check::USUAL
    },
    Check {
        name: "same-bytes",
        expectation: "streams of the same selection and cursor get the same bytes; streams of other kinds the same data",
        reason: "frames are made once and shared; one that is made differently shows another truth to somebody",
        needs: &[Need::Token],
        streams: 4,
        run: same_bytes,
        ..Check::USUAL
    },
    Check {
        name: "only-what-was-asked",
        expectation: "a stream says nothing about tickers it was not asked for",
        reason: "it would cost every client everybody's traffic, and show what others watch",
        needs: &[Need::Token],
        run: only_what_was_asked,
        ..Check::USUAL
    },
    Check {
        name: "conflation",
        expectation: "of fifty prices pushed at once a few updates come, the newest last",
        reason: "a frame carries each key once: a burst must neither flood a client nor end on an old price",
        needs: &[Need::Token],
        run: conflation,
        ..Check::USUAL
    },
    Check {
        name: "max-hz",
        expectation: "max_hz=1 lets through one update a second, and the value at rest is exact",
        reason: "phones on a bad line ask for less, and still must end on the right number",
        needs: &[Need::Token],
        streams: 2,
        run: max_hz,
        ..Check::USUAL
    },
    Check {
        name: "portfolio",
        expectation: "a portfolio's stream values it anew with a price, and says when its ledger changed",
        reason: "totals that do not move with the prices beside them are wrong totals",
        needs: &[Need::Token],
        run: portfolio,
        ..Check::USUAL
    },
    Check {
        name: "metrics",
        expectation: "the stream of metrics tells server_metrics at once and every second",
        reason: "the operations page stands on it",
        run: metrics,
        ..Check::USUAL
    },
];

/// How many prices may come before streams of one selection stand at one cursor. Nearly always the first brings them together.
const MOST_ALONE: usize = 20;

fn stream_of(target: &Target, ticker: &str) -> Outcome<EventStream> {
    Ok(target.opened(&format!("prices?tickers={ticker}"))?.0)
}

fn push_arrives(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("ARRIVES")?;
    let mut stream = stream_of(target, &ticker)?;
    for price in [target.next_price(), "0.000001".to_owned(), "1234567890123456.78901".to_owned(), "149.990".to_owned()] {
        let pushed = Instant::now();
        target.push(&[(&ticker, &price)])?;
        let took = stream.until_price(&ticker, &price)?.at - pushed;
        ensure(took < Duration::from_secs(2), || format!("{price} took {took:?}"))?;
    }
    Ok(())
}

fn same_bytes(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("BYTES")?;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(stream_of(target, &ticker)?);
    }
    let mut other = target.opened(&format!("stream?tickers={ticker}&notifications=true"))?.0;
    // Streams that were opened one after the other stand at cursors of their own, also for some prices more where others come between.
    let mut stand_together = false;
    for _ in 0..MOST_ALONE {
        let price = target.push_next(&ticker)?;
        let mut ids = Vec::new();
        for stream in &mut streams {
            ids.push(stream.until_price(&ticker, &price)?.event.id);
        }
        stand_together = ids.iter().all(|id| *id == ids[0]);
        if stand_together {
            break;
        }
    }
    ensure(stand_together, || format!("after {MOST_ALONE} prices the streams still stand at cursors of their own"))?;
    for _ in 0..3 {
        let price = target.push_next(&ticker)?;
        let first = streams[0].until_price(&ticker, &price)?;
        for stream in &mut streams[1..] {
            let next = stream.until_price(&ticker, &price)?;
            same("the frame", &String::from_utf8_lossy(&next.frame), &String::from_utf8_lossy(&first.frame))?;
        }
        same("the data on another stream", &other.until_price(&ticker, &price)?.event.data, &first.event.data)?;
    }
    Ok(())
}

fn only_what_was_asked(target: &Target) -> Outcome {
    let (asked, other) = (target.listed("ASKED")?.0, target.listed("NOT-ASKED")?.0);
    let mut stream = stream_of(target, &asked)?;
    for _ in 0..3 {
        target.push_next(&other)?;
        let price = target.push_next(&asked)?;
        let received = stream.news()?;
        ensure(received.is_price(&asked, &price), || format!("{} came: {}", received.name(), received.event.data))?;
    }
    Ok(())
}

fn conflation(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("BURST")?;
    let mut stream = stream_of(target, &ticker)?;
    let prices: Vec<String> = (0..50).map(|_| target.next_price()).collect();
    target.push(&prices.iter().map(|price| (ticker.as_str(), price.as_str())).collect::<Vec<_>>())?;
    let mut updates = 0;
    while !stream.until_named("price_update")?.is_price(&ticker, &prices[49]) {
        updates += 1;
    }
    ensure(updates <= 5, || format!("{updates} updates came before the newest"))?;
    let rest = target.opened(&format!("prices?tickers={ticker}"))?.1;
    ensure(rest[1].is_price(&ticker, &prices[49]), || format!("at rest it is {}", rest[1].event.data))
}

fn max_hz(target: &Target) -> Outcome {
    let (ticker, mut price) = target.listed("SLOWED")?;
    let mut full = stream_of(target, &ticker)?;
    let mut slow = target.opened(&format!("prices?tickers={ticker}&max_hz=1"))?.0;
    let begun = Instant::now();
    let mut pushed = 0;
    while begun.elapsed() < Duration::from_millis(2_500) {
        price = target.push_next(&ticker)?;
        full.until_price(&ticker, &price)?;
        pushed += 1;
    }
    let mut updates = 1;
    while !slow.until_named("price_update")?.is_price(&ticker, &price) {
        updates += 1;
    }
    let most = begun.elapsed().as_secs() + 2;
    ensure(updates <= most, || format!("of {pushed} updates {updates} came in {:?}", begun.elapsed()))
}

fn portfolio(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("HELD")?;
    let portfolio = target.make("/api/v1/portfolios", "portfolio_id", &json!({"name": "Conform", "currency": "USD"}))?;
    let mut stream = target.opened(&format!("portfolio/{}", portfolio.id))?.0;
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": ticker, "quantity": "10", "price": "1"});
    let ledger = format!("/api/v1/portfolios/{}/activities", portfolio.id);
    target.send(&Request::new("POST", &ledger).json(&buy))?.expect(201)?;
    stream.until("portfolio_changed", |received| {
        received.name() == "portfolio_changed" && received.text("portfolio_id") == portfolio.id
    })?;
    target.push(&[(&ticker, "150.25")])?;
    let valued = stream.until("a portfolio_update at the new price", |received| {
        received.name() == "portfolio_update" && received.json()["holdings"][0]["price"] == "150.25"
    })?;
    let held = &valued.json()["holdings"][0]["market_value"];
    let value = held.as_str().and_then(|value| value.parse::<f64>().ok());
    same("ten at 150.25", &value, &Some(1_502.5))
}

fn metrics(target: &Target) -> Outcome {
    let mut stream = target.stream("metrics")?;
    stream.until_named("synced")?;
    let first = stream.until_named("server_metrics")?;
    for member in ["time", "worker", "feed"] {
        ensure(first.json()[member].is_string(), || format!("{member} in {}", first.event.data))?;
    }
    let worker = first.text("worker");
    let second = stream.until("the next server_metrics of the worker", |received| {
        received.name() == "server_metrics" && received.text("worker") == worker
    })?;
    let took = second.at - first.at;
    if took > Duration::from_secs(5) { failed(format!("the next came after {took:?}")) } else { Ok(()) }
}
