//! What is refused before a stream starts, and who may hold how many (PROTOCOL §1, Refusals).

use serde_json::json;

use crate::support::Server;

async fn quoted() -> Server {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    server
}

#[tokio::test]
async fn streams_that_cannot_be_are_refused_with_the_field_at_fault() {
    let server = quoted().await;
    let many = (0..201).map(|number| format!("T{number}")).collect::<Vec<_>>().join(",");
    let long = "A".repeat(33);
    for (path, status, field) in [
        ("prices", 400, Some("tickers")),
        ("prices?tickers=", 400, Some("tickers")),
        ("prices?tickers=,,", 400, Some("tickers")),
        ("prices?tickers=A%0AB", 400, Some("tickers")),
        ("prices?tickers=%00", 400, Some("tickers")),
        ("prices?tickers=A%20B", 400, Some("tickers")),
        ("prices?tickers=%3Cscript%3E", 400, Some("tickers")),
        (&format!("prices?tickers={long}"), 400, Some("tickers")),
        (&format!("prices?tickers={many}"), 400, Some("tickers")),
        ("prices?tickers=AAPL&max_hz=0", 400, Some("max_hz")),
        ("prices?tickers=AAPL&max_hz=NaN", 400, Some("max_hz")),
        ("stream?tickers=AAPL&format=json", 400, Some("format")),
        ("stream?tickers=AAPL&format=", 400, Some("format")),
        ("prices?tickers=AAPL&format=compact", 400, Some("format")),
        ("notifications?format=compact", 400, Some("format")),
        ("prices?tickers=AAPL&client=me", 400, Some("client")),
        ("stream", 400, Some("tickers")),
        ("stream?notifications=perhaps", 400, Some("notifications")),
        ("prices?tickers=NOBODY,KNOWS", 404, Some("tickers")),
        ("portfolio/none", 404, Some("portfolio")),
        ("stream?portfolio=none", 404, Some("portfolio")),
        ("stream?tickers=NOBODY", 404, Some("tickers")),
    ] {
        let refusal = server.get(&format!("/api/v1/sse/{path}")).await;
        assert_eq!(refusal.problem(status).as_deref(), field, "{path}");
    }
    server.get("/api/v1/sse/nothing").await.problem(404);
}

#[tokio::test]
async fn secrets_in_a_url_are_refused() {
    let server = quoted().await;
    for name in ["token", "access_token", "ingest-token", "api_key", "apikey", "TOKEN", "jwt"] {
        let refusal = server.get(&format!("/api/v1/sse/prices?tickers=AAPL&{name}=s3cret")).await;
        assert_eq!(refusal.problem(400).unwrap().to_lowercase(), name.to_lowercase());
        assert!(!refusal.text().contains("s3cret"));
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_what_is_allowed() {
    let server = quoted().await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in ["prices?tickers=AAPL", "notifications", "stream?tickers=AAPL", "portfolio/x"] {
            let refusal = server.request(method, &format!("/api/v1/sse/{path}")).send().await;
            refusal.problem(405);
            assert!(refusal.header("allow").contains("GET"), "{method} {path}: {:?}", refusal.header("allow"));
        }
    }
}

#[tokio::test]
async fn a_client_that_takes_no_event_stream_is_told_so() {
    let server = quoted().await;
    for accept in ["application/json", "text/html", "text/event-stream;q=0", "*/*, text/event-stream;q=0.0"] {
        let request = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").header("accept", accept);
        request.send().await.problem(406);
    }
    for accept in ["text/event-stream", "*/*", "text/*;q=0.5", "application/json, TEXT/EVENT-STREAM"] {
        let request = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").header("accept", accept);
        request.stream().await.expect("hello").await;
    }
}

#[tokio::test]
async fn readers_from_other_sites_are_refused() {
    let server = quoted().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:1"),
    ] {
        let request = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").header(name, value);
        let refusal = request.send().await;
        refusal.problem(403);
        assert_eq!(refusal.header("access-control-allow-origin"), "");
    }
    let own = format!("http://{}", server.address);
    let request = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").header("origin", &own);
    request.header("sec-fetch-site", "same-origin").stream().await.expect("hello").await;
}

#[tokio::test]
async fn head_answers_the_headers_and_takes_no_place() {
    let server = Server::with(&["--max-streams-per-user", "1"]).await;
    server.price("AAPL", "150").await;
    for _ in 0..3 {
        let answer = server.request("HEAD", "/api/v1/sse/prices?tickers=AAPL").send().await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("content-type"), "text/event-stream");
        assert_eq!(answer.header("cache-control"), "no-store, no-transform");
        assert_eq!(answer.header("x-accel-buffering"), "no");
        assert_eq!(answer.header("content-length"), "");
    }
    server.stream("prices?tickers=AAPL").await.expect("hello").await;
    assert_eq!(server.request("HEAD", "/api/v1/sse/prices?tickers=NONE").send().await.status(), 404);
}

#[tokio::test]
async fn a_user_holds_so_many_streams_and_a_place_comes_back_after_hanging_up() {
    let server = Server::with(&["--max-streams-per-user", "2"]).await;
    server.price("AAPL", "150").await;
    let mut first = server.stream("prices?tickers=AAPL").await;
    let mut second = server.stream("notifications").await;
    first.opening().await;
    second.opening().await;
    let refusal = server.refused("prices?tickers=AAPL").await;
    assert!(refusal.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    drop(first);
    eventually_open(&server).await;
}

#[tokio::test]
async fn an_address_holds_so_many_streams() {
    let server = Server::with(&["--max-streams-per-user", "0", "--max-streams-per-address", "1"]).await;
    server.price("AAPL", "150").await;
    let stream = server.stream("prices?tickers=AAPL").await;
    server.refused("prices?tickers=AAPL").await;
    drop(stream);
    eventually_open(&server).await;
}

#[tokio::test]
async fn a_trusted_proxy_gives_clients_their_own_addresses_back() {
    let options = ["--max-streams-per-user", "0", "--max-streams-per-address", "1", "--trusted-proxies", "127.0.0.0/8"];
    let server = Server::with(&options).await;
    server.price("AAPL", "150").await;
    let from = |client: &str| server.request("GET", "/api/v1/sse/prices?tickers=AAPL").header("x-forwarded-for", client).open();
    let _first = from("203.0.113.9").await;
    assert_eq!(server.patiently(from("1.1.1.1, 203.0.113.9")).await.head.status, 429);
    assert_eq!(from("203.0.113.10").await.head.status, 200);
}

/// Asks until the server has noticed that somebody hung up; the harness's deadline bounds it.
async fn eventually_open(server: &Server) {
    for _ in 0..2_000 {
        if server.request("HEAD", "/healthz").send().await.status() == 200
            && server.get_head("/api/v1/sse/prices?tickers=AAPL").await == 200
        {
            return;
        }
    }
    panic!("no place came back");
}

#[tokio::test]
async fn a_newer_stream_of_the_same_tab_replaces_the_older() {
    let server = Server::with(&["--max-streams-per-user", "1"]).await;
    server.price("AAPL", "150").await;
    let path = "prices?tickers=AAPL&client=0193a5b0-0000-7000-8000-000000000001";
    let mut older = server.stream(path).await;
    let synced = older.opening().await.pop().unwrap();
    let mut newer = server.stream(path).await;
    newer.opening().await;
    let bye = older.end().await;
    assert_eq!((bye.event.as_str(), bye.text("reason").as_str()), ("bye", "replaced"));
    assert_eq!(bye.id, synced.id);
    server.price("AAPL", "151").await;
    newer.expect("price_update").await;
    server.refused("prices?tickers=AAPL&client=0193a5b0-0000-7000-8000-000000000002").await;
}

#[tokio::test]
async fn an_old_stream_is_asked_to_come_back() {
    let server = Server::with(&["--max-age-s", "600"]).await;
    server.price("AAPL", "150").await;
    let mut stream = server.stream("prices?tickers=AAPL").await;
    let synced = stream.opening().await.pop().unwrap();
    for _ in 0..47 {
        server.advance(10_000);
        assert_ne!(stream.until_quiet(&server).await.as_deref(), Some("bye"), "not before four fifths of its age");
    }
    let bye = loop {
        let Some(message) = stream.next_while(|| server.advance(1_000)).await else { panic!("it ended without bye") };
        if message.event == "bye" {
            break message;
        }
    };
    assert_eq!(bye.text("reason"), "max_age");
    assert_eq!(stream.next_or_end().await, None);
    assert!(server.clock.now() <= "2026-11-02T10:10:05Z".parse().unwrap(), "{}", server.clock.now());
    let opening = server.resume("prices?tickers=AAPL", &bye.id).await.opening().await;
    assert_eq!(opening[0].text("resume"), "replay");
    assert_eq!(synced.cursor().0, bye.cursor().0);
}

#[tokio::test]
async fn a_stop_says_bye_to_every_stream_and_ends_it_cleanly() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut streams = Vec::new();
    for path in ["prices?tickers=AAPL", "notifications", "stream?tickers=AAPL&notifications=true"] {
        let mut stream = server.stream(path).await;
        stream.opening().await;
        streams.push(stream);
    }
    let readers = streams.into_iter().map(|mut stream| tokio::spawn(async move { stream.end().await })).collect::<Vec<_>>();
    server.stop().await;
    for reader in readers {
        let bye = reader.await.unwrap();
        assert_eq!((bye.event.as_str(), bye.data), ("bye", json!({"reason": "drain"})));
    }
}

#[tokio::test]
async fn a_stopping_server_is_not_ready_while_it_still_answers() {
    let server = Server::with(&["--drain-notice-s", "5"]).await;
    assert_eq!(server.get("/readyz").await.status(), 200);
    server.ask_to_stop();
    // The clock stands still, so the notice lasts until it has been seen.
    while server.get("/readyz").await.status() == 200 {}
    server.get("/readyz").await.problem(503);
    assert_eq!(server.get("/healthz").await.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn a_query_of_sixty_four_kilobytes_is_refused_and_harms_nobody() {
    let server = quoted().await;
    let refusal = server.get(&format!("/api/v1/sse/prices?tickers=AAPL&x={}", "y".repeat(64 * 1024))).await;
    assert!([400, 414, 431].contains(&refusal.status()), "{}", refusal.status());
    assert_eq!(server.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_list_is_refused_where_names_are_expected() {
    let server = quoted().await;
    let portfolio = server.portfolio("USD").await;
    let alert = server.alert(&json!({"ticker": "AAPL", "condition": "price_above", "threshold": "200"})).await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    let ledger = format!("/api/v1/portfolios/{portfolio}/activities");
    server.post("/api/v1/alerts", &json!(["AAPL", "price_above", "200"])).await.problem(422);
    server.post("/api/v1/portfolios", &json!(["Mine", "USD"])).await.problem(422);
    server.post(&ledger, &json!(["deposit", "2026-01-02"])).await.problem(422);
    server.patch(&path, &json!([])).await.problem(422);
    server.patch(&format!("/api/v1/portfolios/{portfolio}"), &json!(["Other"])).await.problem(422);
    assert_eq!(server.push_raw(&json!([["AAPL", "1"]])).await.problem(422).as_deref(), Some("[0]"));
    assert_eq!(server.get(&path).await.expect(200), alert);
    assert_eq!(server.get(&ledger).await.expect(200), json!([]));
}
