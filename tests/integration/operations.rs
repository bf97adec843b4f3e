//! How the workers are doing: the stream of figures, and the page.

use serde_json::json;

use crate::support::{Redis, Server, Worker};

#[tokio::test]
async fn figures_come_once_a_second_on_a_stream_like_any_other() {
    let server = Server::start().await;
    let mut stream = server.stream("metrics").await;
    assert_eq!(stream.head.get("cache-control"), Some("no-store, no-transform"));
    let opening = stream.opening().await;
    let names: Vec<_> = opening.iter().map(|message| message.event.as_str()).filter(|name| *name != "status").collect();
    assert_eq!((names[0], *names.last().unwrap()), ("hello", "synced"));
    let (mut times, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let told = loop {
            let message = stream.next_while(|| server.advance(250)).await.unwrap();
            if message.event == "server_metrics" {
                break message;
            }
        };
        assert_eq!(told.id, opening.last().unwrap().id, "a control event repeats the cursor");
        assert_eq!(told.data["worker"], opening[0].data["worker"]);
        assert_eq!(told.data["engine"], json!({"worker": told.data["worker"], "epoch": 1}));
        assert_eq!((&told.data["bus_connected"], &told.data["bus_lag_ms"]), (&json!(true), &json!(0)));
        for field in ["frames_per_s", "bytes_per_s", "conflated_per_s", "slow_closed"] {
            assert!(told.data[field].is_u64(), "{field}: {}", told.data);
        }
        times.push(told.text("time"));
        streams.push(told.data["streams"].clone());
    }
    assert_eq!(streams[2], 1, "the first may be from before this stream");
    assert!(times.is_sorted() && times[0] != times[2], "{times:?}");
}

#[tokio::test]
async fn a_stream_may_carry_figures_beside_other_things() {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    let mut both = server.stream("stream?tickers=AAPL&metrics=true").await;
    let opening = both.opening().await;
    assert!(opening.iter().any(|message| message.event == "price_update"));
    assert_eq!(both.next_while(|| server.advance(250)).await.unwrap().event, "server_metrics");
    let mut only = server.stream("stream?metrics=true").await;
    only.opening().await;
    let resumed = server.resume("stream?metrics=true", &opening[0].id).await.opening().await;
    assert_eq!((resumed[1].event.as_str(), &resumed[1].data), ("reset", &json!({"reason": "filter"})), "it is another stream");
}

#[tokio::test]
async fn the_figures_are_refused_for_the_same_reasons_as_other_streams() {
    let server = Server::with(&["--max-streams-per-user", "1"]).await;
    assert_eq!(server.get("/api/v1/sse/metrics?client=me").await.problem(400).as_deref(), Some("client"));
    assert_eq!(server.get("/api/v1/sse/stream?metrics=perhaps").await.problem(400).as_deref(), Some("metrics"));
    server.request("GET", "/api/v1/sse/metrics").header("accept", "application/json").send().await.problem(406);
    server.request("GET", "/api/v1/sse/metrics").header("origin", "http://evil.example").send().await.problem(403);
    let refusal = server.request("POST", "/api/v1/sse/metrics").send().await;
    refusal.problem(405);
    assert!(refusal.header("allow").contains("GET"));
    assert_eq!(server.request("HEAD", "/api/v1/sse/metrics").send().await.status(), 200);
    let mut held = server.stream("metrics").await;
    held.expect("hello").await;
    let refusal = server.refused("metrics").await;
    assert!(!refusal.header("retry-after").is_empty());
    server.ask_to_stop();
    while held.next_while(|| server.advance(500)).await.is_some_and(|message| message.event != "bye") {}
}

#[tokio::test]
async fn the_page_holds_its_figures_without_scripts() {
    let server = Server::start().await;
    let mut stream = server.stream("metrics").await;
    while stream.next_while(|| server.advance(500)).await.unwrap().event != "server_metrics" {}
    let page = server.get("/operations").await;
    assert_eq!(page.status(), 200);
    for words in ["Single process", "This process, term 1", "Streams", "metrics=true"] {
        assert!(page.text().contains(words), "{words}");
    }
    assert!(!page.text().contains("<dt>Redis</dt>"), "nothing is said of what is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_worker_tells_of_all_and_a_killed_one_falls_silent() {
    let redis = Redis::start();
    let engine = Worker::start(&redis, "all", &[]).await;
    let other = Worker::start(&redis, "web", &[]).await;
    let mut stream = other.request("GET", "/api/v1/sse/metrics").stream().await;
    let own = stream.expect("hello").await.text("worker");
    let holder = loop {
        let told = stream.until("server_metrics").await;
        // In its first second no worker has heard an engine yet.
        if told.text("worker") != own && !told.data["engine"].is_null() {
            break told;
        }
    };
    assert_eq!(holder.data["engine"]["worker"], holder.data["worker"], "{}", holder.data);
    assert_eq!(holder.data["bus_connected"], true);
    let holder = holder.text("worker");
    let wanted = [own.as_str(), &holder, "Connected on every worker"];
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    // Each worker puts what it heard on the page with its own next figures.
    loop {
        let page = engine.request("GET", "/operations").send().await.text();
        if wanted.iter().all(|words| page.contains(words)) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "the page never told of all of {wanted:?}");
    }
    engine.kill();
    // Its last figures are told for 5 s; then no worker is known to be the engine, and only this worker speaks.
    let mut alone = 0;
    while alone < 3 {
        let told = stream.until("server_metrics").await;
        alone = if told.text("worker") == own && told.data["engine"].is_null() { alone + 1 } else { 0 };
    }
    assert!(other.request("GET", "/operations").send().await.text().contains("No heartbeat for"));
}

#[tokio::test]
async fn the_figures_of_operators_have_their_documented_names() {
    let server = Server::start().await;
    let mut stream = server.stream("metrics").await;
    while stream.next_while(|| server.advance(500)).await.unwrap().event != "server_metrics" {}
    let text = server.get("/metrics").await.text();
    let documented = include_str!("../../docs/OPERATIONS.md");
    for line in text.lines().filter(|line| line.starts_with("# TYPE foliostream_")) {
        let name = line.split(' ').nth(2).unwrap();
        assert!(documented.contains(&format!("`{name}`")), "{name} is not in docs/OPERATIONS.md");
    }
    for name in ["foliostream_workers", "foliostream_bus_connected", "foliostream_presence_entries"] {
        assert!(text.contains(name), "{name}");
    }
}
