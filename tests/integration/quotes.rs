//! Pushed quotes, instruments and their history (PROTOCOL §2).

use serde_json::{Value, json};

use crate::support::{Answer, Server, TOKEN};

#[tokio::test]
async fn a_push_needs_the_token() {
    let server = Server::start().await;
    let quotes = json!([{"ticker": "A", "price": "1"}]);
    let push = |authorization: &str| {
        server.request("POST", "/api/v1/quotes").header("authorization", authorization).json(&quotes).send()
    };
    for wrong in ["Bearer wrong", "Bearer", "Bearer ", "Basic t0ken", "t0ken", "Bearer t0ken2", "Bearer t0ke"] {
        let refusal = push(wrong).await;
        refusal.problem(401);
        assert_eq!(refusal.header("www-authenticate"), "Bearer");
    }
    server.post("/api/v1/quotes", &quotes).await.problem(401);
    server.get("/api/v1/quotes?tickers=A").await.problem(404);
    push("Bearer t0ken").await.expect(202);
}

#[tokio::test]
async fn a_token_is_any_text() {
    let folders = std::sync::Arc::new(crate::support::Folders::new());
    let clock = foliostream_server::clock::Clock::manual(crate::support::MORNING.parse().unwrap());
    let server = Server::start_in(folders, clock, &["--feed", "none", "--ingest-token", " tök én "]).await;
    let request = server.request("POST", "/api/v1/quotes").header("authorization", "Bearer tök én");
    request.json(&json!([{"ticker": "A", "price": "1"}])).send().await.expect(202);
}

#[tokio::test]
async fn a_ticker_keeps_the_currency_that_the_first_quote_of_its_first_push_named() {
    let server = Server::start().await;
    let quotes = json!([{"ticker": "NEW", "price": "149", "currency": "EUR"}, {"ticker": "NEW", "price": "151"}]);
    server.push_raw(&quotes).await.expect(202);
    assert_eq!(server.get("/api/v1/quotes?tickers=NEW").await.expect(200)[0]["currency"], "EUR");
    let torn = json!([{"ticker": "TORN", "price": "1", "currency": "EUR"}, {"ticker": "TORN", "price": "1", "currency": "USD"}]);
    assert_eq!(server.push_raw(&torn).await.problem(422).as_deref(), Some("[1].currency"));
    server.get("/api/v1/quotes?tickers=TORN").await.problem(404);
}

#[tokio::test]
async fn without_a_token_nobody_pushes() {
    let folders = std::sync::Arc::new(crate::support::Folders::new());
    let clock = foliostream_server::clock::Clock::manual("2026-11-02T10:00:00Z".parse().unwrap());
    let server = Server::start_in(folders, clock, &["--feed", "none"]).await;
    server.push_raw(&json!([{"ticker": "A", "price": "1"}])).await.problem(403);
}

#[tokio::test]
async fn an_older_quote_is_ignored_and_counted() {
    let server = Server::start().await;
    let at = |time: &str, price: &str| json!({"ticker": "A", "price": price, "time": time});
    let pushed = server
        .push_raw(&json!([at("2026-11-02T09:59:00Z", "1"), at("2026-11-02T09:58:00Z", "2"), at("2026-11-02T09:59:00Z", "3")]))
        .await;
    assert_eq!(pushed.expect(202), json!({"accepted": 2, "ignored": 1}));
    server.advance(250);
    server.get("/api/v1/quotes?tickers=A").await;
    let price = server.stream("prices?tickers=A").await.until("price_update").await;
    assert_eq!((price.text("price"), price.text("time")), ("3".to_owned(), "2026-11-02T09:59:00.000Z".to_owned()));
    assert_eq!(
        server.push_raw(&json!([at("2026-11-02T09:00:00Z", "4")])).await.expect(202),
        json!({"accepted": 0, "ignored": 1})
    );
}

#[tokio::test]
async fn bad_quotes_refuse_the_whole_push() {
    let server = Server::start().await;
    server.price("USDPRICED", "1").await;
    for (quote, field) in [
        (json!({"ticker": "B", "price": "0"}), "[1].price"),
        (json!({"ticker": "B", "price": "-1"}), "[1].price"),
        (json!({"ticker": "B", "price": "NaN"}), "[1].price"),
        (json!({"ticker": "B", "price": "1e400"}), "[1].price"),
        (json!({"ticker": "B", "price": "1".repeat(40)}), "[1].price"),
        (json!({"ticker": "B", "price": 1.5}), "[1].price"),
        (json!({"ticker": "B\n", "price": "1"}), "[1].ticker"),
        (json!({"ticker": "B C", "price": "1"}), "[1].ticker"),
        (json!({"ticker": "B", "price": "1", "time": "2026-11-02T10:00:06.251Z"}), "[1].time"),
        (json!({"ticker": "B", "price": "1", "time": "soon"}), "[1].time"),
        (json!({"ticker": "B", "price": "1", "bid": "2", "ask": "1"}), "[1].bid"),
        (json!({"ticker": "B", "price": "1", "ask": "0"}), "[1].ask"),
        (json!({"ticker": "B", "price": "1", "previous_close": "0"}), "[1].previous_close"),
        (json!({"ticker": "B", "price": "1", "currency": "dollars"}), "[1].currency"),
        (json!({"ticker": "USDPRICED", "price": "1", "currency": "EUR"}), "[1].currency"),
    ] {
        let refusal = server.push_raw(&json!([{"ticker": "FIRST", "price": "1"}, quote])).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{quote} {}", refusal.text());
    }
    for (quotes, field) in
        [(json!([{"ticker": "B", "price": "1", "volume": "5"}]), "[0].volume"), (json!([{"ticker": "B"}]), "[0].price")]
    {
        let refusal = server.push_raw(&quotes).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{}", refusal.text());
    }
    server.push_raw(&json!({"ticker": "B", "price": "1"})).await.problem(422);
    server.get("/api/v1/quotes?tickers=FIRST,B").await.problem(404);
}

#[tokio::test]
async fn a_quote_five_seconds_ahead_is_taken() {
    let server = Server::start().await;
    let quote = json!([{"ticker": "A", "price": "1", "time": "2026-11-02T10:00:06Z"}]);
    server.push_raw(&quote).await.expect(202);
}

#[tokio::test]
async fn an_empty_push_changes_nothing_and_ten_thousand_are_the_most() {
    let server = Server::start().await;
    assert_eq!(server.push_raw(&json!([])).await.expect(202), json!({"accepted": 0, "ignored": 0}));
    let quotes: Vec<Value> = (0..10_001).map(|_| json!({"ticker": "A", "price": "1"})).collect();
    server.push_raw(&Value::from(quotes.clone())).await.problem(413);
    let most = server.push_raw(&Value::from(quotes[..10_000].to_vec())).await.expect(202);
    assert_eq!(most, json!({"accepted": 10_000, "ignored": 0}));
}

#[tokio::test]
async fn instruments_quotes_and_the_days_bar_survive_a_restart() {
    let server = Server::start().await;
    let quotes = json!([{"ticker": "VOD.L", "price": "75.1", "currency": "GBp", "previous_close": "74", "bid": "75", "ask": "75.2"},
        {"ticker": "EURUSD=X", "price": "1.1"}, {"ticker": "EURUSD=X", "price": "1.3"}, {"ticker": "EURUSD=X", "price": "1.2"}]);
    server.push_raw(&quotes).await.expect(202);
    let server = server.restart(&[]).await;
    let quote = server.get("/api/v1/quotes?tickers=VOD.L").await.expect(200)[0].clone();
    for (field, wanted) in
        [("price", "75.1"), ("currency", "GBp"), ("previous_close", "74"), ("bid", "75"), ("freshness", "stale")]
    {
        assert_eq!(quote[field], wanted, "{field}");
    }
    let found = server.get("/api/v1/instruments?query=eur").await.expect(200);
    assert_eq!((&found[0]["ticker"], &found[0]["class"]), (&json!("EURUSD=X"), &json!("currency")));
    let bars = server.get("/api/v1/instruments/EURUSD=X/history?from=2026-11-01&to=2026-11-03").await.expect(200);
    let wanted =
        json!([{"time": "2026-11-02T00:00:00.000Z", "open": "1.1", "high": "1.3", "low": "1.1", "close": "1.2", "volume": null}]);
    assert_eq!(bars, wanted);
    let refusal = server.push_raw(&json!([{"ticker": "VOD.L", "price": "1", "currency": "GBP"}])).await;
    assert_eq!(refusal.problem(422).as_deref(), Some("[0].currency"), "its currency is known still");
}

#[tokio::test]
async fn quotes_are_listed_in_the_order_asked_for() {
    let server = Server::start().await;
    for ticker in ["A", "B", "C"] {
        server.price(ticker, "1").await;
    }
    let list = async |query: &str| {
        let quotes = server.get(&format!("/api/v1/quotes{query}")).await.expect(200);
        quotes.as_array().unwrap().iter().map(|quote| quote["ticker"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    server.stream("prices?tickers=A,B,C").await.opening().await;
    assert_eq!(list("?tickers=C,a,NONE").await, ["C", "A"]);
    assert_eq!(list("").await, ["A", "B", "C"]);
    server.get("/api/v1/quotes?tickers=NONE").await.problem(404);
    for query in ["?tickers=", "?tickers=A%00", "?tickers=A%20B"] {
        assert_eq!(server.get(&format!("/api/v1/quotes{query}")).await.problem(400).as_deref(), Some("tickers"));
    }
}

#[tokio::test]
async fn bad_questions_for_history_are_refused() {
    let server = Server::start().await;
    server.price("A", "1").await;
    for (path, status, field) in [
        ("NONE/history", 404, None),
        ("A%20B/history", 400, Some("ticker")),
        ("A/history?interval=2d", 400, Some("interval")),
        ("A/history?from=yesterday", 400, Some("from")),
        ("A/history?to=2026-13-01", 400, Some("to")),
        ("A/history?from=2026-11-02&to=2026-11-01", 400, Some("from")),
    ] {
        let refusal = server.get(&format!("/api/v1/instruments/{path}")).await;
        assert_eq!(refusal.problem(status).as_deref(), field, "{path}");
    }
    assert_eq!(
        server.get(&format!("/api/v1/instruments?query={}", "x".repeat(101))).await.problem(400).as_deref(),
        Some("query")
    );
}

/// Lets the database take no quotes, or take them again.
async fn refuse_quotes(database: &sqlx::SqlitePool, refuses: bool) {
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON quotes BEGIN SELECT RAISE(ABORT, 'no room'); END";
    sqlx::query(if refuses { refuse } else { "DROP TRIGGER full" }).execute(database).await.unwrap();
}

#[tokio::test]
async fn a_push_the_disk_refuses_is_not_acknowledged_and_is_stored_once_the_disk_takes_it() {
    let server = Server::start().await;
    // Nor does the journal of pushes take it: in the place of its file is something else.
    std::fs::create_dir(server.folders.path("data/foliostream.pushed")).unwrap();
    server.push(&[("A", "1")]).await;
    let database = server.folders.database().await;
    refuse_quotes(&database, true).await;
    server.push_raw(&json!([{"ticker": "A", "price": "2"}])).await.problem(503);
    refuse_quotes(&database, false).await;
    server.push(&[("B", "7")]).await;
    let stored: String = sqlx::query_scalar("SELECT price FROM quotes WHERE ticker = 'A'").fetch_one(&database).await.unwrap();
    assert_eq!(stored, "2");
}

/// Pushes with a key.
async fn push_once(server: &Server, key: &str, quotes: &Value) -> Answer {
    let push = server.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
    push.header("idempotency-key", key).json(quotes).send().await
}

#[tokio::test]
async fn a_push_that_is_sent_again_with_its_key_crosses_nothing_again() {
    let mut server = Server::start().await;
    server.price("A", "149").await;
    server.alert(&json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"})).await;
    let crossing = json!([{"ticker": "A", "price": "151"}, {"ticker": "A", "price": "149"}]);
    for _restart in 0..2 {
        for _ in 0..2 {
            assert_eq!(push_once(&server, "one", &crossing).await.expect(202), json!({"accepted": 2, "ignored": 0}));
        }
        let other = push_once(&server, "one", &json!([{"ticker": "A", "price": "152"}])).await;
        assert_eq!(other.problem(422).as_deref(), Some("Idempotency-Key"));
        assert_eq!(server.notifications().await.len(), 1);
        server = server.restart(&[]).await;
    }
    push_once(&server, "two", &crossing).await.expect(202);
    assert_eq!(server.notifications().await.len(), 2, "another key is another push");
}

#[tokio::test]
async fn a_refused_push_leaves_its_key_unused_and_a_key_is_short_and_visible() {
    let server = Server::start().await;
    let quotes = json!([{"ticker": "A", "price": "1"}]);
    push_once(&server, "one", &json!([{"ticker": "A", "price": "-1"}])).await.problem(422);
    push_once(&server, "one", &quotes).await.expect(202);
    for wrong in ["", "a b", &"x".repeat(65)] {
        assert_eq!(push_once(&server, wrong, &quotes).await.problem(400).as_deref(), Some("Idempotency-Key"), "{wrong:?}");
    }
}
