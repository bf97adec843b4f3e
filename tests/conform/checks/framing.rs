//! How events are written: PROTOCOL §1, Every stream and Cursors.

use std::collections::BTreeSet;

use crate::check::{Check, Need, Outcome, ensure, failed, same};
use crate::stream::{Cursor, Received};
use crate::target::Target;

/// Events that repeat the cursor, since nothing is owed with them.
const CONTROL: [&str; 4] = ["hello", "heartbeat", "status", "bye"];

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "lines",
        expectation: "every line is a comment or one of event, data, id and retry; there is no NUL and no mark at the start",
        reason: "HTML 9.2.6: anything else is ignored by browsers and breaks the many simpler parsers",
        run: lines,
        ..Check::USUAL
    },
    Check {
        name: "retry",
        expectation: "retry of 2400 to 3600 ms comes before the first event, and differs between connections",
        reason: "one and the same wait brings all clients of a restarted server back in the same moment",
        run: retry,
        ..Check::USUAL
    },
    Check {
        name: "retry-in-hello",
        expectation: "retry stands in the block of hello, not in a block of its own",
        reason: "common clients take a block without data for an empty event, and crash on it or connect again and again",
        run: retry_in_hello,
        ..Check::USUAL
    },
    Check {
        name: "hello",
        expectation: "the first event is hello, with every member of the contract in its type",
        reason: "a client decides by it whether to keep what it shows, and how long silence may last",
        run: hello,
        ..Check::USUAL
    },
    Check {
        name: "hello-seq-0",
        expectation: "without a cursor hello is a snapshot and carries seq 0",
        reason: "a client that is cut before synced must not come back with a cursor that hides the state it never got",
        run: hello_seq_0,
        ..Check::USUAL
    },
    Check {
        name: "synced",
        expectation: "synced follows the state once; its cursor is its own id, and nothing of the state comes after it",
        reason: "until then a page must not draw: it would show half a portfolio as a whole one",
        run: synced,
        ..Check::USUAL
    },
    Check {
        name: "unread-count",
        expectation: "synced tells unread_count where the stream carries notifications, and only there",
        reason: "a badge must neither be guessed nor be set to nothing by a stream that does not know",
        streams: 2,
        run: unread_count,
        ..Check::USUAL
    },
    Check {
        name: "ids-everywhere",
        expectation: "every event writes an id of its own",
        reason: "an event without one cannot be resumed after: the cut would repeat or lose it",
        run: |target| each_event(target, |event| ensure(event.event.wrote_id, || format!("{} has no id", event.name()))),
        ..Check::USUAL
    },
    Check {
        name: "id-alphabet",
        expectation: "ids are at most 64 of A-Z a-z 0-9 . _ -",
        reason: "Fetch: a longer or stranger Last-Event-ID makes browsers ask for permission first, which nothing grants",
        run: |target| each_event(target, alphabet),
        ..Check::USUAL
    },
    Check {
        name: "id-form",
        expectation: "ids are <epoch>-<8 hex digits>-<n>-<seq>; epoch is that of hello, the filter is the same in all",
        reason: "workers read each other's cursors: one that another writes differently costs a full state",
        run: id_form,
        ..Check::USUAL
    },
    Check {
        name: "one-line-of-data",
        expectation: "data is one line of JSON",
        reason: "line breaks within would be written as further data lines, which line-based tools tear apart",
        run: |target| each_event(target, one_line),
        ..Check::USUAL
    },
    Check {
        name: "control-events",
        expectation: "hello, heartbeat, status and bye repeat the cursor of the event before",
        reason: "an id ahead of what was written would lose the events in between at the next cut",
        run: control_events,
        ..Check::USUAL
    },
    Check {
        name: "ascending",
        expectation: "neither n nor seq ever goes back within a stream",
        reason: "a client that keeps the last id it saw would otherwise ask for the past again",
        run: ascending,
        ..Check::USUAL
    },
    Check {
        name: "order-of-change",
        expectation: "the state comes in ascending order of last change",
        reason: "a cut within the state can then be resumed after any event of it",
        needs: &[Need::Token],
        run: order_of_change,
        ..Check::USUAL
    },
    Check {
        name: "unknown-tickers",
        expectation: "hello names the tickers that are not known, once each and in capitals; once known they start to flow",
        reason: "a list of favourites must not fail, nor need a reconnect, because of one that is not quoted yet",
        needs: &[Need::Token],
        run: unknown_tickers,
        ..Check::USUAL
    },
    Check {
        name: "price-update",
        expectation: "price_update has every member of the contract; figures are texts of exact decimals, unknown is null",
        reason: "a float loses cents, and a 0 that means unknown is drawn as a crash",
        run: price_update,
        ..Check::USUAL
    },
];

/// Opens streams of several kinds and looks at every event of their openings.
fn each_event(target: &Target, look: impl Fn(&Received) -> Outcome) -> Outcome {
    for path in [target.prices()?, "notifications".to_owned(), format!("stream?{}&notifications=true", query(target)?)] {
        target.opened(&path)?.1.iter().try_for_each(&look)?;
    }
    Ok(())
}

fn query(target: &Target) -> Outcome<String> {
    Ok(format!("tickers={}", target.ticker()?))
}

fn lines(target: &Target) -> Outcome {
    for path in [target.prices()?, "notifications".to_owned()] {
        let (stream, opening) = target.opened(&path)?;
        same("lines of other fields", &stream.parser.unknown_lines(), &[].as_slice())?;
        let begins_with_mark = opening[0].frame.starts_with(b"\xef\xbb\xbf");
        ensure(!begins_with_mark, || "the stream begins with a byte order mark".to_owned())?;
        let has_nul = opening.iter().find(|received| received.frame.contains(&0));
        ensure(has_nul.is_none(), || format!("NUL in {has_nul:?}"))?;
    }
    Ok(())
}

fn retry(target: &Target) -> Outcome {
    let mut waits = BTreeSet::new();
    for _ in 0..5 {
        let mut stream = target.stream(&target.prices()?)?;
        stream.next()?;
        let Some(wait) = stream.parser.retry_ms() else { return failed("no retry came before the first event") };
        ensure((2_400..=3_600).contains(&wait), || format!("retry is {wait} ms"))?;
        waits.insert(wait);
    }
    ensure(waits.len() > 1, || format!("five connections were told the same: {waits:?}"))
}

fn retry_in_hello(target: &Target) -> Outcome {
    let hello = target.stream(&target.prices()?)?.next()?;
    let frame = String::from_utf8_lossy(&hello.frame);
    let block = frame.split("\n\n").next().unwrap_or_default();
    ensure(block.starts_with("retry: ") && block.contains("\nevent: hello\n"), || format!("the first block is {block:?}"))
}

fn hello(target: &Target) -> Outcome {
    let hello = target.stream(&target.prices()?)?.next()?;
    same("the first event", &hello.name(), &"hello")?;
    let view = hello.json();
    same("protocol", &view["protocol"], &1.into())?;
    for member in ["epoch", "worker"] {
        ensure(view[member].as_str().is_some_and(|text| !text.is_empty()), || format!("{member} in {view}"))?;
    }
    ensure(is_time(view["server_time"].as_str()), || format!("server_time in {view}"))?;
    ensure(view["heartbeat_s"].as_u64().is_some_and(|seconds| seconds > 0), || format!("heartbeat_s in {view}"))?;
    ensure(view["unknown_tickers"].is_array(), || format!("unknown_tickers in {view}"))
}

/// Returns whether a text is RFC 3339 in UTC with milliseconds.
pub(crate) fn is_time(text: Option<&str>) -> bool {
    let pattern = "0000-00-00T00:00:00.000Z";
    text.is_some_and(|text| {
        let fits = |(is, like): (char, char)| if like == '0' { is.is_ascii_digit() } else { is == like };
        text.len() == pattern.len() && text.chars().zip(pattern.chars()).all(fits)
    })
}

fn hello_seq_0(target: &Target) -> Outcome {
    for path in [target.prices()?, "notifications".to_owned()] {
        let hello = target.stream(&path)?.next()?;
        same("resume", &hello.text("resume").as_str(), &"snapshot")?;
        same("seq of hello's id", &hello.cursor()?.seq, &0)?;
    }
    Ok(())
}

fn synced(target: &Target) -> Outcome {
    let (mut stream, mut opening) = target.opened(&target.silent("SILENT-SYNCED")?)?;
    let Some(synced) = opening.pop() else { return failed("nothing came") };
    same("cursor of synced", &synced.text("cursor"), &synced.event.id)?;
    let is_state = |name: &str| ["synced", "hello", "reset"].contains(&name);
    let after = stream.during(std::time::Duration::from_millis(200))?;
    same("events of an opening after synced", &after.iter().filter(|event| is_state(event.name())).count(), &0)
}

fn unread_count(target: &Target) -> Outcome {
    let synced = |path: &str| target.stream(path)?.until_named("synced");
    let told = synced("notifications")?.json();
    ensure(told["unread_count"].is_u64(), || format!("unread_count in {told}"))?;
    let silent = synced(&target.prices()?)?.json();
    ensure(silent.get("unread_count").is_none(), || format!("unread_count in {silent}"))
}

fn alphabet(received: &Received) -> Outcome {
    let id = &received.event.id;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    ensure(!id.is_empty() && id.len() <= 64 && id.bytes().all(is_allowed), || format!("the id of {} is {id:?}", received.name()))
}

fn one_line(received: &Received) -> Outcome {
    same(&format!("data lines of {}", received.name()), &received.event.data_lines, &1)?;
    ensure(!received.json().is_null(), || format!("data of {} is {:?}", received.name(), received.event.data))
}

fn id_form(target: &Target) -> Outcome {
    let mut filters = Vec::new();
    for path in [target.prices()?, "notifications".to_owned()] {
        let (_stream, opening) = target.opened(&path)?;
        let epoch = opening[0].text("epoch");
        let cursors = opening.iter().map(Received::cursor).collect::<Outcome<Vec<Cursor>>>()?;
        for cursor in &cursors {
            same("epoch", &cursor.term(), &epoch)?;
            same("filter", &cursor.filter, &cursors[0].filter)?;
        }
        filters.push(cursors[0].filter.clone());
    }
    ensure(filters[0] != filters[1], || format!("two streams of other things have the filter {}", filters[0]))
}

/// Returns the opening of a stream and some of what follows. No other check pushes its ticker: no price of ours is conflated
/// away.
fn some_of(target: &Target, label: &str, rest: &str) -> Outcome<(String, Vec<Received>)> {
    let has_token = target.facts.token.is_some();
    let ticker = if has_token { target.listed(label)?.0 } else { target.ticker()?.to_owned() };
    let path = format!("stream?tickers={ticker}{rest}");
    let mut stream = target.stream(&path)?;
    let mut events = Vec::new();
    while events.last().is_none_or(|last: &Received| last.name() != "synced") {
        events.push(stream.next()?);
    }
    let pushes = if has_token { 3 } else { 0 };
    for _ in 0..pushes {
        let price = target.push_next(&ticker)?;
        events.push(stream.until_price(&ticker, &price)?);
    }
    Ok((path, events))
}

fn control_events(target: &Target) -> Outcome {
    let (path, events) = some_of(target, "CONTROL", "")?;
    let Some(last) = events.last() else { return failed("nothing came") };
    for pair in events.windows(2).filter(|pair| CONTROL.contains(&pair[1].name())) {
        same(&format!("the id of {}", pair[1].name()), &pair[1].event.id, &pair[0].event.id)?;
    }
    let hello = target.resume(&path, &last.event.id)?.next()?;
    same("the id of hello after a cursor", &hello.event.id, &last.event.id)
}

fn ascending(target: &Target) -> Outcome {
    for (label, rest) in [("ASCENDING-A", ""), ("ASCENDING-B", "&notifications=true")] {
        let (_, events) = some_of(target, label, rest)?;
        let cursors = events.iter().map(Received::cursor).collect::<Outcome<Vec<Cursor>>>()?;
        for (pair, events) in cursors.windows(2).zip(events.windows(2)) {
            let goes_on = pair[0].n <= pair[1].n && pair[0].seq <= pair[1].seq;
            ensure(goes_on, || format!("{} {} is followed by {} {}", events[0].name(), pair[0], events[1].name(), pair[1]))?;
        }
    }
    Ok(())
}

fn order_of_change(target: &Target) -> Outcome {
    let tickers = ["ORDER-A", "ORDER-B", "ORDER-C"].map(|label| target.listed(label).map(|(ticker, _)| ticker));
    let [first, second, third] = tickers;
    let (first, second, third) = (first?, second?, third?);
    let path = format!("prices?tickers={first},{second},{third}");
    let mut stream = target.stream(&path)?;
    stream.opening()?;
    let price = target.push_next(&first)?;
    stream.until_price(&first, &price)?;
    let (_stream, opening) = target.opened(&path)?;
    let prices = opening.iter().filter(|event| event.name() == "price_update").collect::<Vec<_>>();
    let order = prices.iter().map(|event| event.text("ticker")).collect::<Vec<_>>();
    same("the order of the state", &order, &vec![second, third, first])
}

fn unknown_tickers(target: &Target) -> Outcome {
    // A name that was never pushed, also not by an earlier run.
    let late = format!("LATE-{}", target.next_price());
    let path = format!("{},{},{late}", target.prices()?, late.to_lowercase());
    let mut stream = target.stream(&path)?;
    let opening = stream.opening()?;
    same("unknown_tickers", &opening[0].json()["unknown_tickers"], &serde_json::json!([late]))?;
    let price = target.push_next(&late)?;
    stream.until_price(&late, &price).map(drop)
}

fn price_update(target: &Target) -> Outcome {
    let view = target.stream(&target.prices()?)?.until_named("price_update")?.json();
    let is_decimal = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    for figure in ["price", "bid", "ask", "previous_close", "change", "change_percent"] {
        let value = &view[figure];
        let may_be_unknown = figure != "price" && value.is_null() && view.get(figure).is_some();
        ensure(may_be_unknown || value.as_str().is_some_and(is_decimal), || format!("{figure} in {view}"))?;
    }
    same("ticker", &view["ticker"], &target.ticker()?.into())?;
    ensure(view["currency"].as_str().is_some_and(|currency| currency.len() == 3), || format!("currency in {view}"))?;
    ensure(is_time(view["time"].as_str()), || format!("time in {view}"))?;
    let freshness = view["freshness"].as_str().unwrap_or_default();
    ensure(["live", "delayed", "stale", "closed"].contains(&freshness), || format!("freshness in {view}"))
}
