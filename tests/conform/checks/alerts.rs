//! What alerts say on a stream: PROTOCOL §1, Event data and Cursors.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::check::{Check, Need, Outcome, ensure, same};
use crate::http::Request;
use crate::stream::{Cursor, Received};
use crate::target::Target;

/// A text with everything that framing or decoding could break.
const HARD_TEXT: &str = "Größe 東京 🎉👩‍👩‍👧 \u{2028}\u{2029} a\nb\r\nc\rd \u{feff} data: x id: 1 \"\\ </script>";

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "alerts-do-not-wait",
        expectation: "an alert flushes what max_hz holds back and comes at once",
        reason: "an alert is never late, and the price that caused it must be on the screen beside it",
        needs: &[Need::Token],
        run: alerts_do_not_wait,
        ..Check::USUAL
    },
    Check {
        name: "hard-text",
        expectation: "a note with line breaks, U+2028, a byte order mark, emoji and event-stream syntax arrives unchanged",
        reason: "HTML 9.2.6: a raw line break in data would begin a line of the stream, and anybody could write events",
        needs: &[Need::Token],
        run: hard_text,
        ..Check::USUAL
    },
    Check {
        name: "notification-once",
        expectation: "a notification comes once on each stream that carries them, not replayed, with its number in the id",
        reason: "doubled, it is annoying; lost, it is expensive",
        needs: &[Need::Token],
        streams: 3,
        run: notification_once,
        ..Check::USUAL
    },
    Check {
        name: "notification-replayed",
        expectation: "missed, it comes once after reconnecting, with replayed true; after its own cursor not again",
        reason: "a page that was asleep tells it in the inbox, without a toast for what is long past",
        needs: &[Need::Token],
        streams: 2,
        run: notification_replayed,
        ..Check::USUAL
    },
    Check {
        name: "notification-after-reset",
        expectation: "with a cursor of another epoch or filter, notifications after its n still come, each once",
        reason: "a restart of the server must lose none, however long the client was away",
        needs: &[Need::Token],
        streams: 2,
        run: notification_after_reset,
        ..Check::USUAL
    },
    Check {
        name: "alert-life",
        expectation: "making, changing and deleting an alert each come as alert_changed, deletion with deleted true",
        reason: "a second tab must not show what is gone",
        needs: &[Need::Token],
        run: alert_life,
        ..Check::USUAL
    },
    Check {
        name: "one-connection",
        expectation: "one stream carries prices and notifications together",
        reason: "HTTP/1.1 browsers have six connections to a server, for all tabs",
        needs: &[Need::Token],
        run: one_connection,
        ..Check::USUAL
    },
];

/// Makes an alert that goes off above the ticker's price, and returns the price that does it.
fn level_above(price: &str) -> (String, String) {
    let whole: u64 = price.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(1);
    ((whole * 2).to_string(), (whole * 2 + 1).to_string())
}

fn draft(ticker: &str, level: &str) -> serde_json::Value {
    json!({"ticker": ticker, "condition": "crosses_above", "threshold": level})
}

fn is_firing(received: &Received, alert: &str) -> bool {
    received.name() == "alert_triggered" && received.text("alert_id") == alert
}

fn alerts_do_not_wait(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("FLUSH")?;
    let (level, above) = level_above(&price);
    let alert = target.alert(&draft(&ticker, &level))?;
    let path = format!("stream?tickers={ticker}&notifications=true&max_hz=0.05");
    let mut stream = target.opened(&path)?.0;
    let first = target.push_next(&ticker)?;
    stream.until_price(&ticker, &first)?;
    // The next update is due in twenty seconds.
    let pushed = Instant::now();
    target.push(&[(&ticker, &above)])?;
    let update = stream.until_price(&ticker, &above)?;
    let firing = stream.until("the firing", |received| is_firing(received, &alert.id))?;
    let took = firing.at.max(update.at) - pushed;
    ensure(took < Duration::from_secs(5), || format!("it took {took:?}"))
}

fn hard_text(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("TEXT")?;
    let (level, above) = level_above(&price);
    let mut stream = target.opened("notifications")?.0;
    let mut asked = draft(&ticker, &level);
    asked["note"] = HARD_TEXT.into();
    let alert = target.alert(&asked)?;
    let stored = target.get(&format!("/api/v1/alerts/{}", alert.id))?.expect(200)?;
    let changed = stream.until("the new alert", |received| received.text("id") == alert.id)?;
    same("the note", &changed.json()["note"], &stored["note"])?;
    let kept = changed.text("note");
    for part in ["東京 🎉👩‍👩‍👧", "a\nb", "data: x id: 1", "\"\\ </script>"] {
        ensure(kept.contains(part), || format!("{part:?} is not in {kept:?}"))?;
    }
    target.push(&[(&ticker, &above)])?;
    let firing = stream.until("the firing", |received| is_firing(received, &alert.id))?;
    ensure(firing.text("message").contains('東'), || format!("the message is {:?}", firing.text("message")))?;
    same("data lines", &(changed.event.data_lines, firing.event.data_lines), &(1, 1))
}

fn notification_once(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("ONCE")?;
    let (level, above) = level_above(&price);
    let alert = target.alert(&draft(&ticker, &level))?;
    let mut streams = Vec::new();
    for path in ["notifications".to_owned(), "notifications".to_owned(), format!("stream?tickers={ticker}&notifications=true")] {
        streams.push(target.opened(&path)?.0);
    }
    target.push(&[(&ticker, &above)])?;
    for stream in &mut streams {
        let firing = stream.until("the firing", |received| is_firing(received, &alert.id))?;
        let view = firing.json();
        same("replayed", &view["replayed"], &false.into())?;
        same("n and the n of the id", &view["n"], &firing.cursor()?.n.into())?;
    }
    // What is told later shows that nothing else is on the way.
    let last = target.alert(&draft(&ticker, &level))?;
    for stream in &mut streams {
        let mut again = false;
        while !again {
            let received = stream.news()?;
            ensure(!is_firing(&received, &alert.id), || format!("it came again: {}", received.event.data))?;
            again = received.text("id") == last.id;
        }
    }
    Ok(())
}

/// Lets an alert go off after a cursor of the notifications was taken; returns the cursor, and the firing as it came.
fn missed(target: &Target, label: &str) -> Outcome<(String, Received)> {
    let (ticker, price) = target.listed(label)?;
    let (level, above) = level_above(&price);
    let alert = target.alert(&draft(&ticker, &level))?;
    let (mut stream, opening) = target.opened("notifications")?;
    let cursor = opening[opening.len() - 1].event.id.clone();
    target.push(&[(&ticker, &above)])?;
    let firing = stream.until("the firing", |received| is_firing(received, &alert.id))?;
    Ok((cursor, firing))
}

/// Returns how often a firing is in an opening; each time it must be marked as replayed.
fn replays(opening: &[Received], firing: &Received) -> Outcome<usize> {
    let number = firing.text("notification_id");
    let found = opening.iter().filter(|received| received.text("notification_id") == number);
    let found: Vec<_> = found.filter(|received| received.name() == "alert_triggered").collect();
    for received in &found {
        same("replayed", &received.json()["replayed"], &true.into())?;
    }
    Ok(found.len())
}

fn notification_replayed(target: &Target) -> Outcome {
    let (before, firing) = missed(target, "REPLAYED")?;
    let replayed = target.resumed("notifications", &before)?;
    same("how often it is replayed", &replays(&replayed, &firing)?, &1)?;
    let after = target.resumed("notifications", &firing.event.id)?;
    same("how often it is replayed after its own cursor", &replays(&after, &firing)?, &0)
}

fn notification_after_reset(target: &Target) -> Outcome {
    let (before, firing) = missed(target, "RESET")?;
    let cursor = Cursor::read(&before)?;
    let other_epoch = Cursor { epoch: cursor.epoch + 1, ..cursor.clone() };
    let other_filter = Cursor { filter: "00000000".to_owned(), ..cursor };
    for id in [other_epoch, other_filter] {
        let opening = target.resumed("notifications", &id.to_string())?;
        same("what follows hello", &opening[1].name(), &"reset")?;
        same("how often it is replayed", &replays(&opening, &firing)?, &1)?;
        let numbers = opening.iter().filter(|received| received.name() == "alert_triggered");
        let numbers: Vec<_> = numbers.map(|received| received.json()["n"].as_i64()).collect();
        ensure(numbers.windows(2).all(|pair| pair[0] < pair[1]), || format!("the numbers are {numbers:?}"))?;
    }
    Ok(())
}

fn alert_life(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("LIFE")?;
    let mut stream = target.opened("notifications")?.0;
    let alert = target.alert(&draft(&ticker, &level_above(&price).0))?;
    let id = alert.id.clone();
    let of_it = |received: &Received| received.name() == "alert_changed" && received.text("id") == id;
    same("its state", &stream.until("alert_changed", of_it)?.text("state").as_str(), &"armed")?;
    let path = format!("/api/v1/alerts/{id}");
    target.send(&Request::new("PATCH", &path).json(&json!({"paused": true})))?.expect(200)?;
    same("its state", &stream.until("alert_changed", of_it)?.text("state").as_str(), &"paused")?;
    drop(alert);
    same("deleted", &stream.until("alert_changed", of_it)?.json()["deleted"], &true.into())
}

fn one_connection(target: &Target) -> Outcome {
    let (ticker, price) = target.listed("BOTH")?;
    let (level, above) = level_above(&price);
    let mut stream = target.opened(&format!("stream?tickers={ticker}&notifications=true"))?.0;
    let alert = target.alert(&draft(&ticker, &level))?;
    target.push(&[(&ticker, &above)])?;
    let mut missing = vec!["alert_changed", "price_update", "alert_triggered"];
    while !missing.is_empty() {
        let received = stream.news()?;
        let is_ours = [received.text("id"), received.text("alert_id")].contains(&alert.id) || received.is_price(&ticker, &above);
        missing.retain(|name| !is_ours || *name != received.name());
    }
    Ok(())
}
