//! Where a stream goes on after a cut: PROTOCOL §1, Cursors.

use std::time::{Duration, Instant};

use crate::check::{Check, Need, Outcome, Trouble, ensure, failed, same};
use crate::http::Request;
use crate::stream::{Cursor, Received, names};
use crate::target::Target;

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "continues",
        expectation: "the cursor of a moment ago is continued: resume is replay, there is no reset, no event is older",
        reason: "every tunnel, lift and restart of a proxy cuts streams: a person should not see it",
        run: continues,
        ..Check::USUAL
    },
    Check {
        name: "only-newer",
        expectation: "of two tickers only the one that changed since is replayed; asked again, nothing is",
        reason: "what a client has is not sent again: a thousand clients come back at once after a restart",
        needs: &[Need::Token],
        run: only_newer,
        ..Check::USUAL
    },
    Check {
        name: "cut-within-state",
        expectation: "a stream cut within its state goes on with the rest of it; cut after hello, with all of it",
        reason: "a cursor must never promise more than was written",
        needs: &[Need::Token],
        run: cut_within_state,
        ..Check::USUAL
    },
    Check {
        name: "many-cuts",
        expectation: "over twenty cuts while prices come, numbers never go back and the last price is exact",
        reason: "a bad network cuts often; each cut is another chance to lose or repeat",
        needs: &[Need::Token],
        run: many_cuts,
        ..Check::USUAL
    },
    Check {
        name: "query-cursor",
        expectation: "last_event_id in the query resumes as the header does",
        reason: "a page that makes a new EventSource cannot set a header",
        run: query_cursor,
        ..Check::USUAL
    },
    Check {
        name: "header-wins",
        expectation: "the header Last-Event-ID wins over the query",
        reason: "when the browser reconnects by itself the URL is still the old one, and its cursor with it",
        run: header_wins,
        ..Check::USUAL
    },
    Check {
        name: "same-selection",
        expectation: "order, case and doubles of tickers do not make another stream: the cursor is continued",
        reason: "clients write lists as they come; a different spelling must not cost a full state",
        needs: &[Need::Token],
        run: same_selection,
        ..Check::USUAL
    },
    Check {
        name: "other-filter",
        expectation: "the cursor of another selection is answered with reset filter and full state",
        reason: "it says nothing about what this stream carries",
        run: other_filter,
        ..Check::USUAL
    },
    Check {
        name: "other-epoch",
        expectation: "a cursor of an older or a newer epoch is answered with reset epoch and full state",
        reason: "numbers of another term of the engine cannot be compared, also where they look newer",
        run: other_epoch,
        ..Check::USUAL
    },
    Check {
        name: "newer-than-the-server",
        expectation: "a seq or n that the server has not reached is answered with reset invalid and full state",
        reason: "a database that was put back from a copy: waiting for the number would be waiting for ever",
        run: newer_than_the_server,
        ..Check::USUAL
    },
    Check {
        name: "malformed",
        expectation: "ids of any other form are answered with 200, reset invalid and full state, and seq 0 in hello",
        reason: "a non-200 ends a browser's EventSource for good: one bad id in its memory would lock a person out",
        run: malformed,
        ..Check::USUAL
    },
    Check {
        name: "hostile",
        expectation: "SQL, paths, markup, emoji, raw bytes, NUL and line breaks as ids are answered as malformed ones",
        reason: "the id is the one text of a stream's request that nobody looks at before the server",
        run: hostile,
        ..Check::USUAL
    },
    Check {
        name: "64-kilobytes",
        expectation: "a Last-Event-ID of 64 KB is answered with 200, reset invalid and full state, within two seconds",
        reason: "as above; and its cost is bounded, however long it is",
        run: long_id,
        ..Check::USUAL
    },
    Check {
        name: "empty",
        expectation: "an empty id is none: full state without reset",
        reason: "browsers forget the id at an empty one, and clients send what they have",
        run: empty,
        ..Check::USUAL
    },
    Check {
        name: "before-synced",
        expectation: "a cursor with seq 0 of this epoch gets the full state without reset",
        reason: "the stream was cut before synced: there is nothing to throw away",
        run: before_synced,
        ..Check::USUAL
    },
    Check {
        name: "unknown-with-cursor",
        expectation: "with a cursor, a stream of unknown tickers alone is 200 and not 404",
        reason: "a reconnect must never turn into an end, whatever happened to the tickers meanwhile",
        run: unknown_with_cursor,
        ..Check::USUAL
    },
];

/// Returns the last cursor of an opening.
fn cursor_of(target: &Target, path: &str) -> Outcome<Cursor> {
    match target.opened(path)?.1.last() {
        Some(synced) => synced.cursor(),
        None => failed("nothing came"),
    }
}

/// Checks that an opening goes on where a cursor was.
fn is_continued(opening: &[Received], from: &Cursor) -> Outcome {
    same("resume", &opening[0].text("resume").as_str(), &"replay")?;
    same("the id of hello", &opening[0].event.id, &from.to_string())?;
    for received in opening {
        let cursor = received.cursor()?;
        let goes_on = cursor.seq >= from.seq && cursor.n >= from.n;
        ensure(received.name() != "reset" && goes_on, || format!("{} {cursor} after {from}", received.name()))?;
    }
    Ok(())
}

/// Checks that an opening starts over for a reason, with the whole state.
fn is_reset(opening: &[Received], reason: &str, what: &str) -> Outcome {
    let trouble = |seen: Trouble| match seen {
        Trouble::Failed(seen) => Trouble::Failed(format!("after {what:.60}: {seen}")),
        skipped => skipped,
    };
    let look = || {
        same("resume", &opening[0].text("resume").as_str(), &"snapshot")?;
        same("what follows hello", &opening[1].name(), &"reset")?;
        same("the reason", &opening[1].text("reason").as_str(), &reason)?;
        same("seq of hello and reset", &(opening[0].cursor()?.seq, opening[1].cursor()?.seq), &(0, 0))?;
        ensure(names(opening).contains(&"price_update"), || format!("no state in {:?}", names(opening)))
    };
    look().map_err(trouble)
}

fn continues(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    is_continued(&target.resumed(&path, &cursor.to_string())?, &cursor)
}

fn two_tickers(target: &Target, labels: [&str; 2]) -> Outcome<(String, String, String)> {
    let (first, second) = (target.listed(labels[0])?.0, target.listed(labels[1])?.0);
    Ok((format!("prices?tickers={first},{second}"), first, second))
}

fn only_newer(target: &Target) -> Outcome {
    let (path, _, second) = two_tickers(target, ["NEWER-A", "NEWER-B"])?;
    let (mut stream, opening) = target.opened(&path)?;
    let cursor = opening[opening.len() - 1].event.id.clone();
    let price = target.push_next(&second)?;
    stream.until_price(&second, &price)?;
    let replayed = target.resumed(&path, &cursor)?;
    same("a replay", &names(&replayed), &vec!["hello", "price_update", "synced"])?;
    ensure(replayed[1].is_price(&second, &price), || format!("replayed was {}", replayed[1].event.data))?;
    let again = target.resumed(&path, &replayed[2].event.id)?;
    same("a replay of nothing", &names(&again), &vec!["hello", "synced"])?;
    is_continued(&again, &replayed[2].cursor()?)
}

fn cut_within_state(target: &Target) -> Outcome {
    let (path, _, second) = two_tickers(target, ["CUT-A", "CUT-B"])?;
    let mut stream = target.stream(&path)?;
    let (hello, first) = (stream.news()?, stream.news()?);
    drop(stream);
    let all = target.resumed(&path, &hello.event.id)?;
    same("the state after hello", &names(&all), &vec!["hello", "price_update", "price_update", "synced"])?;
    let rest = target.resumed(&path, &first.event.id)?;
    same("the state after its first event", &names(&rest), &vec!["hello", "price_update", "synced"])?;
    same("the ticker of the rest", &rest[1].text("ticker"), &second)
}

fn many_cuts(target: &Target) -> Outcome {
    let (ticker, _) = target.listed("CUTS")?;
    let path = format!("prices?tickers={ticker}");
    let mut cursor = cursor_of(target, &path)?;
    let mut last = String::new();
    for _ in 0..20 {
        let price = target.push_next(&ticker)?;
        let mut stream = target.resume(&path, &cursor.to_string())?;
        let hello = stream.next()?;
        same("resume", &hello.text("resume").as_str(), &"replay")?;
        let update = stream.until_price(&ticker, &price)?;
        let after = update.cursor()?;
        ensure(after.seq > cursor.seq, || format!("{after} after {cursor}"))?;
        (cursor, last) = (after, price);
    }
    let quote = target.get(&format!("/api/v1/quotes?tickers={ticker}"))?.expect(200)?;
    same("the last price", &quote[0]["price"], &last.into())
}

fn query_cursor(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    let (_stream, opening) = target.opened(&format!("{path}&last_event_id={cursor}"))?;
    is_continued(&opening, &cursor)
}

fn header_wins(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    let opening = target.resumed(&format!("{path}&last_event_id=nonsense"), &cursor.to_string())?;
    is_continued(&opening, &cursor)?;
    let opening = target.resumed(&format!("{path}&last_event_id={cursor}"), "nonsense")?;
    is_reset(&opening, "invalid", "a header of nonsense beside a good query")
}

fn same_selection(target: &Target) -> Outcome {
    let (path, first, second) = two_tickers(target, ["SAME-A", "SAME-B"])?;
    let cursor = cursor_of(target, &path)?;
    let lower = first.to_lowercase();
    for spelling in [format!("{second},{first}"), format!("{lower},{second}"), format!("{first},{second},,{lower},{second}")] {
        is_continued(&target.resumed(&format!("prices?tickers={spelling}"), &cursor.to_string())?, &cursor)?;
    }
    Ok(())
}

fn other_filter(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?.to_string();
    for other in [format!("{path},CONFORM-OTHER"), format!("stream?tickers={}", target.ticker()?)] {
        is_reset(&target.resumed(&other, &cursor)?, "filter", &other)?;
    }
    Ok(())
}

fn other_epoch(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    for epoch in [0, cursor.epoch.saturating_sub(1), cursor.epoch + 1, cursor.epoch + 1_000_000, u64::MAX] {
        if epoch != cursor.epoch {
            let id = Cursor { epoch, ..cursor.clone() }.to_string();
            is_reset(&target.resumed(&path, &id)?, "epoch", &id)?;
        }
    }
    Ok(())
}

fn newer_than_the_server(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    for newer in [
        // More than a busy market says while this looks.
        Cursor { seq: cursor.seq + 100_000, ..cursor.clone() },
        Cursor { seq: u64::MAX, ..cursor.clone() },
        Cursor { n: cursor.n + 1_000_000_000, ..cursor.clone() },
        Cursor { n: i64::MAX, ..cursor.clone() },
    ] {
        is_reset(&target.resumed(&path, &newer.to_string())?, "invalid", &newer.to_string())?;
    }
    Ok(())
}

fn malformed(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = cursor_of(target, &path)?;
    let (epoch, filter, n, seq) = (cursor.term(), &cursor.filter, cursor.n, cursor.seq);
    for id in [
        "-".to_owned(),
        "0".to_owned(),
        "nonsense".to_owned(),
        "---".to_owned(),
        format!("{epoch}-{filter}-{n}"),
        format!("{epoch}-{filter}-{n}-{seq}-"),
        format!("{epoch}-{filter}-{n}-{seq}-0"),
        format!("+{epoch}-{filter}-{n}-{seq}"),
        format!("-{epoch}-{filter}-{n}-{seq}"),
        format!("{epoch}-{filter}-{n}- {seq}"),
        format!("{epoch}-{filter}-{n}-0x{seq}"),
        format!("{epoch}-{filter}-{n}-{seq}.0"),
        format!("{epoch}-{filter}0-{n}-{seq}"),
        format!("{epoch}-{}-{n}-{seq}", &filter[1..]),
        format!("{epoch}-0000000G-{n}-{seq}"),
        format!("{epoch}-ABCDEF01-{n}-{seq}"),
        format!("{epoch}-{filter}-{n}-18446744073709551616"),
        format!("{epoch}-{filter}-9223372036854775808-{seq}"),
        "9".repeat(65),
    ] {
        is_reset(&target.resumed(&path, &id)?, "invalid", &id)?;
    }
    Ok(())
}

fn hostile(target: &Target) -> Outcome {
    let path = target.prices()?;
    for id in [
        "' OR 1=1; DROP TABLE alerts --",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "%00%0a",
        "🎉",
        "１-00000000-0-1",
        "${jndi:x}",
    ] {
        is_reset(&target.resumed(&path, id)?, "invalid", id)?;
    }
    for id in ["%00", "1%00-00000000-0-1", "%0D%0Aevent:%20x", "%F0%9F%8E%89", "%FF%FE", "%E2%80%A8"] {
        let (_stream, opening) = target.opened(&format!("{path}&last_event_id={id}"))?;
        is_reset(&opening, "invalid", id)?;
    }
    Ok(())
}

fn long_id(target: &Target) -> Outcome {
    let path = target.prices()?;
    for id in ["9".repeat(65_536), "1-".repeat(32_768)] {
        let begun = Instant::now();
        let opening = target.resumed(&path, &id)?;
        is_reset(&opening, "invalid", "64 KB")?;
        let took = begun.elapsed();
        ensure(took < Duration::from_secs(2), || format!("it took {took:?}"))?;
    }
    Ok(())
}

fn empty(target: &Target) -> Outcome {
    let path = target.prices()?;
    let in_header = target.open_patiently(&Request::stream(&path).header("Last-Event-ID", ""))?.opening()?;
    let (_stream, in_query) = target.opened(&format!("{path}&last_event_id="))?;
    for opening in [in_header, in_query] {
        ensure(opening[1].name() != "reset", || "there was a reset".to_owned())?;
        same("resume", &opening[0].text("resume").as_str(), &"snapshot")?;
    }
    Ok(())
}

fn before_synced(target: &Target) -> Outcome {
    let path = target.prices()?;
    let cursor = Cursor { seq: 0, ..cursor_of(target, &path)? };
    let opening = target.resumed(&path, &cursor.to_string())?;
    same("resume", &opening[0].text("resume").as_str(), &"snapshot")?;
    same("what follows hello", &opening[1].name(), &"price_update")
}

fn unknown_with_cursor(target: &Target) -> Outcome {
    let opening = target.resumed("prices?tickers=CONFORM-NOBODY", "1-00000000-0-5")?;
    same("unknown_tickers", &opening[0].json()["unknown_tickers"], &serde_json::json!(["CONFORM-NOBODY"]))?;
    same("the last event", &opening[opening.len() - 1].name(), &"synced")
}
