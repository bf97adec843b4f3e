//! Alerts over the wire: conditions, repetition, expiry, commands, and refusals (PROTOCOL §2).

use serde_json::{Value, json};

use crate::support::{EventStream, Server};

fn draft(condition: &str, threshold: &str) -> Value {
    json!({"ticker": "A", "condition": condition, "threshold": threshold})
}

fn with(mut draft: Value, further: Value) -> Value {
    draft.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    draft
}

/// Starts a server at a price, with a stream of notifications that is synced.
async fn at(price: &str) -> (Server, EventStream) {
    let server = Server::start().await;
    server.price("A", price).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    (server, stream)
}

/// Pushes prices in one go and returns what they fired, as `price after previous`.
async fn fired(server: &Server, stream: &mut EventStream, prices: &[&str]) -> Vec<String> {
    let quotes: Vec<(&str, &str)> = prices.iter().map(|price| ("A", *price)).collect();
    server.push(&quotes).await;
    server.advance(250);
    // A mark that comes after everything the push set off.
    let mark = server.alert(&json!({"ticker": "A", "condition": "price_above", "threshold": "0.0001", "note": "mark"})).await;
    let mut fired = Vec::new();
    loop {
        let message = stream.next().await;
        if message.event != "alert_triggered" {
            continue;
        }
        if message.data["alert_id"] == mark["id"] {
            return fired;
        }
        fired.push(format!("{} after {}", message.text("price"), message.text("previous_price")));
    }
}

#[tokio::test]
async fn a_level_that_already_holds_fires_at_once() {
    for (condition, threshold, fires) in [
        ("price_above", "149.99", true),
        ("price_above", "150", false),
        ("price_above", "151", false),
        ("price_below", "150.01", true),
        ("price_below", "150", false),
        ("crosses_above", "149", false),
        ("crosses_below", "151", false),
    ] {
        let (server, mut stream) = at("150").await;
        let alert = server.alert(&draft(condition, threshold)).await;
        assert_eq!(alert["state"], "armed");
        assert_eq!(stream.expect("alert_changed").await.text("state"), "armed");
        if fires {
            let changed = stream.expect("alert_changed").await;
            assert_eq!((changed.text("state"), changed.data["revision"].as_i64()), ("triggered".to_owned(), Some(2)));
            let triggered = stream.expect("alert_triggered").await;
            assert_eq!(triggered.data["alert_id"], alert["id"]);
        } else {
            server.alert(&with(draft("price_above", "1"), json!({"note": "mark"}))).await;
            assert!(stream.until("alert_triggered").await.text("message").contains("mark"), "{condition} {threshold}");
        }
    }
}

#[tokio::test]
async fn an_edge_waits_until_the_price_crosses_it() {
    let (server, mut stream) = at("150").await;
    server.alert(&draft("crosses_above", "151")).await;
    server.alert(&draft("crosses_below", "149")).await;
    assert_eq!(fired(&server, &mut stream, &["151", "149"]).await, Vec::<String>::new(), "at the level is not past it");
    assert_eq!(fired(&server, &mut stream, &["151.01"]).await, ["151.01 after 149"]);
    assert_eq!(fired(&server, &mut stream, &["148.99", "152", "148"]).await, ["148.99 after 151.01"]);
}

#[tokio::test]
async fn a_push_of_three_prices_fires_each_crossing_once() {
    let (server, mut stream) = at("149").await;
    server.alert(&draft("crosses_above", "150")).await;
    server.alert(&draft("crosses_below", "150")).await;
    assert_eq!(fired(&server, &mut stream, &["149", "151", "149"]).await, ["151 after 149", "149 after 151"]);
    assert_eq!(fired(&server, &mut stream, &["149", "151", "149"]).await, Vec::<String>::new(), "once is once");
}

#[tokio::test]
async fn a_crossing_between_two_published_prices_is_not_lost() {
    let (server, mut stream) = at("149").await;
    let mut prices = server.stream("prices?tickers=A").await;
    prices.opening().await;
    server.alert(&draft("price_above", "150")).await;
    assert_eq!(fired(&server, &mut stream, &["151", "149"]).await, ["151 after 149"]);
    assert_eq!(prices.expect("price_update").await.text("price"), "149", "publishing conflates, the engine does not");
}

#[tokio::test]
async fn a_notification_says_why() {
    let (server, mut stream) = at("149.8").await;
    let alert = server.alert(&with(draft("crosses_above", "150.00"), json!({"note": "sell half"}))).await;
    let quote = json!([{"ticker": "A", "price": "151.2", "time": "2026-11-02T10:00:01.500Z"}]);
    server.push_raw(&quote).await.expect(202);
    let triggered = stream.until("alert_triggered").await;
    let wanted = json!({"notification_id": "1", "n": 1, "alert_id": alert["id"], "ticker": "A", "condition": "crosses_above",
        "threshold": "150.00", "price": "151.2", "previous_price": "149.8", "message": triggered.data["message"], "note": "sell half", "currency": "USD",
        "time": "2026-11-02T10:00:01.500Z", "gap": false, "replayed": false, "read": false});
    assert_eq!(triggered.data, wanted);
    let message = triggered.text("message");
    for part in ["A rose above 150.00 USD", "151.20", "149.80", "sell half"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(triggered.cursor().2, 1, "the id carries n");
    assert_eq!(server.notifications().await, [wanted]);
}

#[tokio::test]
async fn day_changes_are_measured_from_the_previous_close() {
    let server = Server::start().await;
    let quote = |price: &str| json!([{"ticker": "A", "price": price, "previous_close": "100"}]);
    server.push_raw(&quote("100")).await.expect(202);
    server.advance(250);
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.alert(&draft("day_change_above_percent", "2.5")).await;
    server.alert(&draft("day_change_below_percent", "-1")).await;
    for price in ["102.5", "102.51", "99", "98.99"] {
        server.push_raw(&quote(price)).await.expect(202);
    }
    assert_eq!(stream.until("alert_triggered").await.text("price"), "102.51");
    assert_eq!(stream.until("alert_triggered").await.text("price"), "98.99");
    assert_eq!(server.notifications().await.len(), 2);
}

#[tokio::test]
async fn a_day_change_that_is_not_known_fires_nothing() {
    let (server, mut stream) = at("100").await;
    let alert = server.alert(&draft("day_change_above_percent", "-50")).await;
    assert_eq!(alert["distance_percent"], Value::Null);
    assert_eq!(fired(&server, &mut stream, &["200", "50"]).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_time_needs_the_price_to_leave_the_level() {
    let (server, mut stream) = at("149").await;
    server.alert(&with(draft("price_above", "150"), json!({"repeat": "every"}))).await;
    let prices = ["151", "152", "150", "153", "149", "149.5", "150.5"];
    assert_eq!(fired(&server, &mut stream, &prices).await, ["151 after 149", "153 after 150", "150.5 after 149.5"]);
}

#[tokio::test]
async fn a_cooldown_passes_before_it_arms_again() {
    let (server, mut stream) = at("149").await;
    let alert = server.alert(&with(draft("crosses_above", "150"), json!({"repeat": "every", "cooldown_s": 60}))).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(fired(&server, &mut stream, &["151", "149", "152", "149"]).await, ["151 after 149"]);
    assert_eq!(server.get(&path).await.expect(200)["state"], "cooling");
    for _ in 0..31 {
        server.advance(2_000);
        server.price("B", "1").await;
    }
    let armed = stream.until("alert_changed").await;
    assert_eq!((armed.data["id"].clone(), armed.text("state")), (alert["id"].clone(), "armed".to_owned()));
    assert_eq!(fired(&server, &mut stream, &["153"]).await, ["153 after 149"]);
}

#[tokio::test]
async fn an_expired_alert_watches_no_more() {
    let (server, mut stream) = at("149").await;
    let alert = with(draft("price_above", "150"), json!({"expires_at": "2026-11-02T10:01:00Z"}));
    let alert = server.alert(&alert).await;
    assert_eq!(alert["expires_at"], "2026-11-02T10:01:00.000Z");
    stream.expect("alert_changed").await;
    server.advance(61_000);
    assert_eq!(stream.until("alert_changed").await.text("state"), "expired");
    assert_eq!(fired(&server, &mut stream, &["151"]).await, Vec::<String>::new());
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(server.patch(&path, &json!({"paused": false})).await.problem(422).as_deref(), Some("expires_at"));
    let again = server.patch(&path, &json!({"expires_at": null, "paused": false})).await.expect(200);
    assert_eq!((again["state"].as_str(), again["expires_at"].is_null()), (Some("armed"), true));
}

#[tokio::test]
async fn a_paused_alert_waits_and_what_happened_meanwhile_does_not_count() {
    let (server, mut stream) = at("149").await;
    let alert = server.alert(&draft("crosses_above", "150")).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let paused = server.patch(&path, &json!({"paused": true})).await.expect(200);
    assert_eq!((paused["state"].as_str(), paused["paused"].as_bool()), (Some("paused"), Some(true)));
    assert_eq!(fired(&server, &mut stream, &["151"]).await, Vec::<String>::new());
    let armed = server.patch(&path, &json!({"paused": false})).await.expect(200);
    assert_eq!(armed["state"], "armed");
    assert_eq!(fired(&server, &mut stream, &["152"]).await, Vec::<String>::new());
    assert_eq!(fired(&server, &mut stream, &["149", "151"]).await, ["151 after 149"]);
}

#[tokio::test]
async fn an_alert_may_start_paused_and_a_triggered_one_may_be_armed_again() {
    let (server, mut stream) = at("151").await;
    let alert = server.alert(&with(draft("price_above", "150"), json!({"paused": true}))).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    assert_eq!(alert["state"], "paused");
    server.patch(&path, &json!({"paused": false})).await.expect(200);
    stream.until("alert_triggered").await;
    assert_eq!(server.get(&path).await.expect(200)["state"], "triggered");
    server.patch(&path, &json!({"paused": false})).await.expect(200);
    assert_eq!(stream.until("alert_triggered").await.data["n"], 2);
}

#[tokio::test]
async fn a_firing_is_acknowledged() {
    let (server, mut stream) = at("151").await;
    let alert = server.alert(&draft("price_above", "150")).await;
    stream.until("alert_triggered").await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let fired = server.get(&path).await.expect(200);
    assert_eq!((fired["acknowledged"].as_bool(), fired["state"].as_str()), (Some(false), Some("triggered")));
    assert!(fired["triggered_at"].as_str().is_some());
    let seen = server.patch(&path, &json!({"acknowledged": true})).await.expect(200);
    assert_eq!((seen["acknowledged"].as_bool(), seen["state"].as_str()), (Some(true), Some("triggered")));
    assert_eq!(stream.until("alert_changed").await.data["acknowledged"], true);
}

#[tokio::test]
async fn an_alert_is_made_shown_changed_and_deleted() {
    let (server, mut stream) = at("150").await;
    let made = server.post("/api/v1/alerts", &draft("crosses_above", "155.500")).await;
    let alert = made.expect(201);
    let id = alert["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/alerts/{id}");
    assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
    let wanted = json!({"id": id, "revision": 1, "ticker": "A", "condition": "crosses_above", "threshold": "155.500",
        "rule": {"kind": "crosses_above", "ticker": "A", "level": "155.500"}, "note": null, "repeat": "once", "cooldown_s": 0, "expires_at": null, "paused": false, "acknowledged": alert["acknowledged"],
        "state": "armed", "distance_percent": "3.666667", "created_at": "2026-11-02T10:00:01.250Z", "triggered_at": null});
    assert_eq!(alert, wanted);
    assert_eq!(server.get("/api/v1/alerts").await.expect(200), json!([wanted]));
    let shown = server.get(&path).await;
    assert_eq!((shown.expect(200), shown.header("etag")), (wanted.clone(), "\"1\""));
    assert_eq!(stream.expect("alert_changed").await.data, wanted);

    let changed = server.patch(&path, &json!({"threshold": "160", "note": "later", "repeat": "every", "cooldown_s": 5})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let view = changed.expect(200);
    assert_eq!(
        (view["threshold"].as_str(), view["note"].as_str(), view["revision"].as_i64()),
        (Some("160"), Some("later"), Some(2))
    );
    assert_eq!(stream.expect("alert_changed").await.data, view);
    for nothing in [json!({}), json!({"threshold": "160", "paused": false})] {
        assert_eq!(server.patch(&path, &nothing).await.expect(200), view, "{nothing} changes nothing");
    }
    assert_eq!(server.patch(&path, &json!({"note": null})).await.expect(200)["note"], Value::Null);
    stream.expect("alert_changed").await;

    let deleted = server.delete(&path).await;
    assert_eq!((deleted.status(), deleted.text().as_str()), (204, ""));
    assert_eq!(stream.expect("alert_changed").await.data, json!({"id": id, "deleted": true}));
    for answer in [server.get(&path).await, server.patch(&path, &json!({})).await, server.delete(&path).await] {
        answer.problem(404);
    }
    server.get("/api/v1/alerts/none").await.problem(404);
    assert_eq!(server.get("/api/v1/alerts").await.expect(200), json!([]));
}

#[tokio::test]
async fn a_stale_if_match_is_refused_and_changes_nothing() {
    let (server, _stream) = at("150").await;
    let alert = server.alert(&draft("crosses_above", "155")).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let patch = |revision: &str, note: &str| {
        server.request("PATCH", &path).header("if-match", revision).json(&json!({"note": note})).send()
    };
    patch("\"1\"", "first").await.expect(200);
    patch("\"1\"", "second").await.problem(412);
    patch("nonsense", "third").await.problem(400);
    for never in ["W/\"2\"", "\"abc\""] {
        patch(never, "third").await.problem(412);
    }
    assert_eq!(server.get(&path).await.expect(200)["note"], "first");
    server.request("DELETE", &path).header("if-match", "\"1\"").send().await.problem(412);
    patch("*", "fourth").await.expect(200);
    assert_eq!(server.request("DELETE", &path).header("if-match", "\"3\"").send().await.status(), 204);
}

#[tokio::test]
async fn bad_alerts_are_refused_with_the_field_at_fault() {
    let (server, _stream) = at("150").await;
    let long = "x".repeat(1_001);
    let forty = "1".repeat(40);
    for (further, field) in [
        (json!({"pause": true}), "pause"),
        (json!({"ticker": 5}), "ticker"),
        (json!({"ticker": "NOBODY"}), "ticker"),
        (json!({"ticker": "A\u{0}B"}), "ticker"),
        (json!({"ticker": ""}), "ticker"),
        (json!({"condition": "price_around"}), "condition"),
        (json!({"condition": 7}), "condition"),
        (json!({"threshold": 150}), "threshold"),
        (json!({"threshold": null}), "threshold"),
        (json!({"threshold": "NaN"}), "threshold"),
        (json!({"threshold": "inf"}), "threshold"),
        (json!({"threshold": "1e400"}), "threshold"),
        (json!({"threshold": "1e2"}), "threshold"),
        (json!({"threshold": "12,5"}), "threshold"),
        (json!({"threshold": ""}), "threshold"),
        (json!({"threshold": forty}), "threshold"),
        (json!({"threshold": "0"}), "threshold"),
        (json!({"threshold": "-5"}), "threshold"),
        (json!({"condition": "day_change_below_percent", "threshold": "-100"}), "threshold"),
        (json!({"note": long}), "note"),
        (json!({"note": 5}), "note"),
        (json!({"repeat": "sometimes"}), "repeat"),
        (json!({"cooldown_s": -1}), "cooldown_s"),
        (json!({"cooldown_s": 1.5}), "cooldown_s"),
        (json!({"cooldown_s": 31_536_001}), "cooldown_s"),
        (json!({"expires_at": "2026-11-02T10:00:00Z"}), "expires_at"),
        (json!({"expires_at": "tomorrow"}), "expires_at"),
        (json!({"paused": "yes"}), "paused"),
    ] {
        let refusal = server.post("/api/v1/alerts", &with(draft("price_above", "155"), further.clone())).await;
        assert!([400, 422].contains(&refusal.status()), "{further} gave {}", refusal.status());
        assert_eq!(refusal.problem(refusal.status()).as_deref(), Some(field), "{further} {}", refusal.text());
    }
    for (missing, field) in [
        (json!({"condition": "price_above", "threshold": "1"}), "ticker"),
        (json!({"ticker": "A", "threshold": "1"}), "condition"),
    ] {
        assert_eq!(server.post("/api/v1/alerts", &missing).await.problem(422).as_deref(), Some(field));
    }
    assert_eq!(server.get("/api/v1/alerts").await.expect(200), json!([]), "nothing of it was kept");
}

#[tokio::test]
async fn numbers_that_are_no_json_are_refused_too() {
    let (server, _stream) = at("150").await;
    for number in ["1e400", "NaN", "-Infinity", "01"] {
        let body = format!(r#"{{"ticker":"A","condition":"price_above","threshold":{number}}}"#);
        let refusal = server.request("POST", "/api/v1/alerts").text("application/json", &body).send().await;
        assert!([400, 422].contains(&refusal.status()), "{number} gave {}", refusal.status());
        assert_eq!(refusal.problem(refusal.status()).as_deref(), Some("threshold"), "{number} {}", refusal.text());
    }
}

#[tokio::test]
async fn a_threshold_that_could_not_be_told_as_it_was_written_is_refused() {
    let (server, _stream) = at("150").await;
    for written in ["+200", "0200.10", "00.5", "-0"] {
        let refusal = server.post("/api/v1/alerts", &draft("price_above", written)).await;
        assert_eq!(refusal.problem(422).as_deref(), Some("threshold"), "{written}");
    }
    for written in ["200.10", "0.50", "200"] {
        assert_eq!(server.alert(&draft("price_above", written)).await["threshold"], written);
    }
}

#[tokio::test]
async fn a_threshold_may_be_written_anew_though_it_is_the_same_number() {
    let (server, _stream) = at("150").await;
    let alert = server.alert(&draft("price_above", "999.5")).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let changed = server.patch(&path, &json!({"threshold": "999.50"})).await.expect(200);
    assert_eq!((&changed["threshold"], &changed["revision"]), (&json!("999.50"), &json!(2)));
    assert_eq!(server.patch(&path, &json!({"threshold": "999.50"})).await.expect(200)["revision"], 2);
}

#[tokio::test]
async fn every_state_of_an_alert_is_told_however_quickly_it_passes() {
    let (server, mut stream) = at("149").await;
    let every = server.alert(&with(draft("crosses_above", "150"), json!({"repeat": "every"}))).await;
    server.push(&[("A", "151"), ("A", "149"), ("A", "152"), ("A", "149")]).await;
    let mut told = Vec::new();
    while told.len() < 5 {
        let message = stream.until("alert_changed").await;
        assert_eq!(message.data["id"], every["id"]);
        told.push(format!("{} {}", message.data["revision"], message.text("state")));
    }
    assert_eq!(told, ["1 armed", "2 cooling", "3 armed", "4 cooling", "5 armed"]);
}

#[tokio::test]
async fn bad_patches_are_refused_and_change_nothing() {
    let (server, _stream) = at("150").await;
    let alert = server.alert(&draft("price_above", "155")).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    for (patch, field) in [
        (json!({"pause": true}), "pause"),
        (json!({"threshold": "0"}), "threshold"),
        (json!({"condition": "nonsense"}), "condition"),
        (json!({"ticker": "NOBODY"}), "ticker"),
        (json!({"expires_at": "2020-01-01"}), "expires_at"),
        (json!({"cooldown_s": "5"}), "cooldown_s"),
        (json!({"threshold": null}), "threshold"),
        (json!({"paused": null}), "paused"),
    ] {
        assert_eq!(server.patch(&path, &patch).await.problem(422).as_deref(), Some(field), "{patch}");
    }
    assert_eq!(server.get(&path).await.expect(200), alert);
}

#[tokio::test]
async fn what_is_not_json_or_too_long_is_refused() {
    let (server, _stream) = at("150").await;
    let post = |kind: &str, body: &str| server.request("POST", "/api/v1/alerts").text(kind, body).send();
    post("application/json", "{").await.problem(400);
    post("application/json", "").await.problem(400);
    post("application/json", "[]").await.problem(422);
    post("text/plain", "{}").await.problem(415);
    post("application/x-www-form-urlencoded", "ticker=A").await.problem(415);
    let huge = format!(r#"{{"note":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    post("application/json", &huge).await.problem(413);
    server.request("PUT", "/api/v1/alerts").json(&json!({})).send().await.problem(405);
}

#[tokio::test]
async fn hostile_notes_survive_unchanged() {
    let (server, mut stream) = at("151").await;
    let nul = server.post("/api/v1/alerts", &with(draft("price_above", "150"), json!({"note": "a\0b"}))).await;
    assert_eq!(nul.problem(422).as_deref(), Some("note"));
    for note in [
        "<script>alert(1)</script>",
        "\u{202e}desrever\u{202c} שלום",
        "a\nb\r\n\r\nevent: bye\ndata: x\n\n",
        "🎉\u{1}\u{7f}",
        "'; DROP TABLE alerts; --",
    ] {
        let alert = server.alert(&with(draft("price_above", "150"), json!({"note": note}))).await;
        assert_eq!(alert["note"], note.trim());
        let triggered = stream.until("alert_triggered").await;
        assert!(triggered.text("message").contains(note.trim()), "{triggered:?}");
    }
}

#[tokio::test]
async fn what_is_written_blank_is_none() {
    let (server, _stream) = at("150").await;
    assert_eq!(server.alert(&with(draft("price_above", "155"), json!({"note": "  "}))).await["note"], Value::Null);
}

#[tokio::test]
async fn an_alert_whose_maker_hung_up_watches_all_the_same() {
    use tokio::io::AsyncWriteExt;
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    let body = json!({"ticker": "AAPL", "condition": "price_above", "threshold": "100"}).to_string();
    let head = format!("POST /api/v1/alerts HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json", server.address);
    for _ in 0..60 {
        let mut hasty = tokio::net::TcpStream::connect(server.address).await.unwrap();
        hasty.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    }
    let last = server.alert(&json!({"ticker": "AAPL", "condition": "price_above", "threshold": "101"})).await;
    // The level holds already: whatever is stored and watched goes off at once, and nothing else may be stored.
    let mut fired = std::collections::HashSet::new();
    while !fired.contains(last["id"].as_str().unwrap()) || fired.len() < stored(&server).await {
        fired.insert(stream.until("alert_triggered").await.text("alert_id"));
    }
}

async fn stored(server: &Server) -> usize {
    server.get("/api/v1/alerts").await.expect(200).as_array().unwrap().len()
}

#[tokio::test]
async fn a_split_that_only_a_ledger_tells_of_is_no_fall() {
    let (server, mut stream) = at("100").await;
    let id = server.portfolio("USD").await;
    let bought = json!({"kind": "buy", "time": "2026-01-05", "ticker": "A", "quantity": "10", "price": "90"});
    server.activity(&id, &bought).await;
    server.alert(&draft("crosses_below", "50")).await;
    server.alert(&draft("day_change_below_percent", "-20")).await;
    server.activity(&id, &json!({"kind": "split", "time": "2026-11-02", "ticker": "A", "quantity": "10"})).await;
    let quote = |price: &str| json!([{"ticker": "A", "price": price, "previous_close": "99"}]);
    server.push_raw(&quote("10.1")).await.expect(202);
    assert_eq!(fired(&server, &mut stream, &["9.9"]).await, [""; 0]);
    server.push_raw(&quote("9.9")).await.expect(202);
    let view = &server.get("/api/v1/quotes?tickers=A").await.expect(200)[0];
    assert_eq!((&view["previous_close"], &view["change_percent"]), (&json!("9.9"), &json!("0")));
    let server = server.restart(&[]).await;
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&view["day_change"], &view["market_value"]), (&json!("0"), &json!("990")));
}
