//! The compact form: docs/PROTOCOL.md, The compact form.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::{Check, Need, Outcome, Trouble, ensure, failed, same};
use crate::http::Request;
use crate::stream::{EventStream, Received, names};
use crate::target::Target;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "said-in-hello",
        expectation: "hello says format compact where it was asked for, and nothing of a format where it was not",
        reason: "a client must know in which form the figures come before the first of them",
        run: said_in_hello,
        ..Check::USUAL
    },
    Check {
        name: "one-frame",
        expectation: "a price comes as one frame with its index, name and fields; no price_update comes beside it",
        reason: "that is the form: names once, indices afterwards",
        needs: &[Need::Token],
        run: one_frame,
        ..Check::USUAL
    },
    Check {
        name: "only-what-changed",
        expectation: "a later price tells its own field and no name; a price that is pushed again unchanged repeats no field",
        reason: "a field that did not change costs a comma at most",
        needs: &[Need::Token],
        run: only_what_changed,
        ..Check::USUAL
    },
    Check {
        name: "resumes",
        expectation: "after a cut names come first, then what changed since: no price that did not change",
        reason: "another process gives instruments other indices, and a person's line must not pay for a full state",
        needs: &[Need::Token],
        run: resumes,
        ..Check::USUAL
    },
    Check {
        name: "cursor-of-the-other-form",
        expectation: "a cursor of the full form is answered with reset filter and full state, and the other way round",
        reason: "what a client of one form knows is not what the other builds upon",
        run: cursor_of_the_other_form,
        ..Check::USUAL
    },
    Check {
        name: "other-formats",
        expectation: "any other format, an empty one, and format on another path are 400 and name the field",
        reason: "a client that asks for a form must not be given another one without a word",
        run: other_formats,
        ..Check::USUAL
    },
    Check {
        name: "same-figures",
        expectation: "a portfolio that is read in the compact form shows what the full form shows",
        reason: "two forms of one truth",
        needs: &[Need::Token],
        streams: 2,
        run: same_figures,
        ..Check::USUAL
    },
];

fn compact(query: &str) -> String {
    format!("stream?format=compact&{query}")
}

fn said_in_hello(target: &Target) -> Outcome {
    let ticker = target.ticker()?;
    let format = |path: &str| Ok::<_, Trouble>(target.stream(path)?.next()?.json()["format"].clone());
    same("format in hello", &format(&compact(&format!("tickers={ticker}")))?, &json!("compact"))?;
    same("format in hello of the full form", &format(&format!("stream?tickers={ticker}"))?, &json!(null))
}

/// Returns the records of a frame, by their first field.
fn records(frame: &Received) -> BTreeMap<String, Vec<String>> {
    let fields = |record: &str| record.split(',').map(str::to_owned).collect::<Vec<_>>();
    frame.event.data.split('|').map(fields).map(|fields| (fields[0].clone(), fields)).collect()
}

/// Returns the index that a frame gives an instrument.
fn index(frame: &Received, ticker: &str) -> Outcome<String> {
    let named = records(frame)
        .into_values()
        .find(|fields| fields[0].starts_with('=') && fields.get(1).is_some_and(|name| name == ticker));
    named.map_or_else(|| failed(format!("{ticker} is not named in {}", frame.event.data)), |fields| Ok(fields[0][1..].to_owned()))
}

/// Returns the fields of a frame's record.
fn record(frame: &Received, key: &str) -> Outcome<Vec<String>> {
    records(frame).remove(key).map_or_else(|| failed(format!("no record {key} in {}", frame.event.data)), Ok)
}

fn opened(target: &Target, query: &str) -> Outcome<(EventStream, Vec<Received>)> {
    target.opened(&compact(query))
}

fn frames(events: &[Received]) -> Vec<&Received> {
    events.iter().filter(|event| event.name() == "frame").collect()
}

fn one_frame(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("COMPACT-ONE")?;
    let (_, opening) = opened(target, &format!("tickers={ticker}"))?;
    let [frame] = frames(&opening)[..] else { return failed(format!("events: {:?}", names(&opening))) };
    ensure(!names(&opening).contains(&"price_update"), || format!("events: {:?}", names(&opening)))?;
    same("price", &record(frame, &index(frame, &ticker)?)?[1], &price)
}

fn only_what_changed(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("COMPACT-CHANGE")?;
    let (mut stream, opening) = opened(target, &format!("tickers={ticker}"))?;
    let index = index(frames(&opening)[0], &ticker)?;
    // The first frame of a stream may tell names once more.
    target.push_next(&ticker)?;
    stream.until_named("frame")?;
    let price = target.push_next(&ticker)?;
    let frame = stream.until_named("frame")?;
    same("fields of a changed price", &record(&frame, &index)?, &vec![index.clone(), price.clone()])?;
    ensure(!frame.event.data.contains('='), || format!("a name once more: {}", frame.event.data))?;
    target.push(&[(&ticker, &price)])?;
    let frame = stream.until_named("frame")?;
    same("fields of an unchanged price", &record(&frame, &index)?, &vec![index])
}

fn resumes(target: &Target) -> Outcome {
    let ((moves, _), (rests, _)) = (target.listed("COMPACT-MOVES")?, target.listed("COMPACT-RESTS")?);
    let query = format!("tickers={moves},{rests}");
    let (_, opening) = opened(target, &query)?;
    let id = opening.last().map(|event| event.event.id.clone()).unwrap_or_default();
    let (_, price) = target.listed("COMPACT-MOVES")?;
    let resumed = target.resumed(&compact(&query), &id)?;
    ensure(!names(&resumed).contains(&"reset"), || format!("events: {:?}", names(&resumed)))?;
    let [frame] = frames(&resumed)[..] else { return failed(format!("events: {:?}", names(&resumed))) };
    same("price", &record(frame, &index(frame, &moves)?)?[1], &price)?;
    let rests = index(frame, &rests)?;
    ensure(!records(frame).contains_key(&rests), || format!("a price that did not change: {}", frame.event.data))
}

fn cursor_of_the_other_form(target: &Target) -> Outcome {
    let ticker = target.ticker()?;
    let full = format!("stream?tickers={ticker}");
    for (from, to, carries) in [
        (full.clone(), compact(&format!("tickers={ticker}")), "frame"),
        (compact(&format!("tickers={ticker}")), full, "price_update"),
    ] {
        let (_, opening) = target.opened(&from)?;
        let id = opening.last().map(|event| event.event.id.clone()).unwrap_or_default();
        let resumed = target.resumed(&to, &id)?;
        let reset = resumed.iter().find(|event| event.name() == "reset");
        same("reason of the reset", &reset.map(|event| event.text("reason")), &Some("filter".to_owned()))?;
        ensure(names(&resumed).contains(&carries), || format!("events: {:?}", names(&resumed)))?;
    }
    Ok(())
}

fn other_formats(target: &Target) -> Outcome {
    let ticker = target.ticker()?;
    let streams = ["json", "COMPACT", "full", "", "compact%20"].map(|format| format!("stream?tickers={ticker}&format={format}"));
    let others = [format!("prices?tickers={ticker}&format=compact"), "notifications?format=compact".to_owned()];
    for path in streams.iter().chain(&others) {
        let answer = target.send(&Request::stream(path))?;
        same(&format!("the field that {path} names"), &answer.problem(400)?, &Some("format".to_owned()))?;
    }
    Ok(())
}

fn same_figures(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("COMPACT-HELD")?;
    let portfolio =
        target.make("/api/v1/portfolios", "portfolio_id", &json!({ "name": "Conform compact", "currency": "USD" }))?;
    let id = &portfolio.id;
    let bought =
        json!({ "kind": "buy", "ticker": ticker, "quantity": "12", "price": "100", "time": "2026-01-05", "currency": "USD" });
    let request = Request::new("POST", &format!("/api/v1/portfolios/{id}/activities")).json(&bought);
    target.send(&request)?.expect(201)?;
    let query = format!("portfolio={id}&tickers={ticker}");
    let (mut stream, opening) = opened(target, &query)?;
    let frame = frames(&opening)[0];
    let index = index(frame, &ticker)?;
    same("price", &record(frame, &index)?[1], &price)?;
    let holding = record(frame, &format!("+{index}"))?;
    same("quantity and cost basis", &holding.get(1..3).map(<[String]>::to_vec), &Some(vec!["12".to_owned(), "1200".to_owned()]))?;
    let price = target.push_next(&ticker)?;
    let frame = stream.until("the new price", |event| event.name() == "frame" && event.event.data.contains(&price))?;
    let full = target.get(&format!("/api/v1/portfolios/{id}"))?.json();
    let totals = frame.event.data.split('|').find_map(|record| record.strip_prefix('$')).unwrap_or_default();
    let [told, whole] = [totals.split(',').next().unwrap_or_default(), full["market_value"].as_str().unwrap_or_default()]
        .map(|text| text.parse::<f64>().unwrap_or(f64::NAN));
    ensure((told - whole).abs() < 0.006, || format!("market value is {told}, in the full form {whole}"))
}
