//! Who is connected: in one process, and on two workers that share a Redis.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{EventStream, Redis, Server, Worker};

const FIRST: &str = "00000000-0000-4000-8000-000000000001";
const SECOND: &str = "00000000-0000-4000-8000-000000000002";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

async fn tab(server: &Server, client: &str) -> EventStream {
    let path = format!("/api/v1/sse/notifications?client={client}");
    let mut stream = server.request("GET", &path).header("user-agent", LINUX).stream().await;
    stream.opening().await;
    stream
}

async fn presence(server: &Server) -> Vec<Value> {
    server.get("/api/v1/presence").await.expect(200).as_array().unwrap().clone()
}

/// Waits until so many tabs are connected.
async fn until_connected(server: &Server, count: usize) {
    while presence(server).await.len() != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn connected_tabs_are_listed_by_age_with_their_device_and_the_one_that_asks() {
    let server = Server::start().await;
    assert_eq!(server.get("/api/v1/presence").await.expect(200), json!([]));
    let mut first = tab(&server, SECOND).await;
    server.advance(2_000);
    let _second = tab(&server, FIRST).await;
    let _program = server.stream("notifications").await;
    let asked = server.get(&format!("/api/v1/presence?client={FIRST}")).await.expect(200);
    let worker = asked[0]["worker"].as_str().unwrap();
    assert_eq!(
        asked,
        json!([
            {"client": SECOND, "device": "Chrome on Linux", "worker": worker, "connected_at": "2026-11-02T10:00:01.000Z"},
            {"client": FIRST, "device": "Chrome on Linux", "worker": worker, "connected_at": "2026-11-02T10:00:03.000Z", "this": true},
        ])
    );
    assert!(!server.get("/api/v1/presence").await.text().contains("Mozilla"), "the header is not kept");
    drop(first.next_while(|| server.advance(500)).await);
    drop(first);
    until_connected(&server, 1).await;
    assert_eq!(server.get("/api/v1/presence?client=me").await.problem(400).as_deref(), Some("client"));
}

#[tokio::test]
async fn a_tab_that_comes_back_is_listed_once() {
    let server = Server::start().await;
    let mut first = tab(&server, FIRST).await;
    let _second = tab(&server, FIRST).await;
    assert_eq!(first.end().await.data, json!({"reason": "replaced"}));
    assert_eq!(presence(&server).await.len(), 1);
}

#[tokio::test]
async fn streams_with_notifications_hear_of_comers_and_goers_once_a_second_at_most() {
    let server = Server::start().await;
    server.push(&[("AAPL", "150")]).await;
    let mut watcher = tab(&server, FIRST).await;
    let told = watcher.next_while(|| server.advance(250)).await.unwrap();
    assert_eq!((told.event.as_str(), &told.data), ("presence_changed", &json!({"connected": 1})));
    let cursor = told.id;
    let mut prices = server.stream("prices?tickers=AAPL").await;
    prices.opening().await;
    let (second, third) = (tab(&server, SECOND).await, tab(&server, "00000000-0000-4000-8000-000000000003").await);
    let told = watcher.next_while(|| server.advance(250)).await.unwrap();
    assert_eq!((told.event.as_str(), &told.data), ("presence_changed", &json!({"connected": 3})));
    assert_eq!(told.id, cursor, "a control event repeats the cursor");
    drop((second, third));
    until_connected(&server, 1).await;
    let told = watcher.next_while(|| server.advance(250)).await.unwrap();
    assert_eq!((told.event.as_str(), &told.data), ("presence_changed", &json!({"connected": 1})));
    assert_eq!(prices.until_quiet(&server).await, None, "prices carry nothing else");
}

#[tokio::test]
async fn a_tab_that_came_and_went_between_two_looks_is_told_to_whoever_may_have_seen_it() {
    let server = Server::start().await;
    let mut watcher = tab(&server, FIRST).await;
    let told = watcher.next_while(|| server.advance(250)).await.unwrap();
    assert_eq!((told.event.as_str(), &told.data), ("presence_changed", &json!({"connected": 1})));
    let passing = tab(&server, SECOND).await;
    assert_eq!(presence(&server).await.len(), 2, "a page that asks now shows both");
    drop(passing);
    until_connected(&server, 1).await;
    let told = watcher.next_while(|| server.advance(250)).await.unwrap();
    assert_eq!((told.event.as_str(), &told.data), ("presence_changed", &json!({"connected": 1})));
}

#[tokio::test]
async fn the_settings_page_lists_who_is_connected_without_scripts() {
    let server = Server::start().await;
    assert!(server.get("/settings").await.text().contains("No open tabs"));
    let _tab = tab(&server, FIRST).await;
    assert!(server.get("/settings").await.text().contains("Chrome on Linux"));
}

async fn open(worker: &Worker, query: &str) -> EventStream {
    worker.request("GET", &format!("/api/v1/sse/notifications{query}")).header("user-agent", LINUX).open().await
}

async fn tabs(worker: &Worker) -> Vec<Value> {
    worker.request("GET", "/api/v1/presence").send().await.expect(200).as_array().unwrap().clone()
}

async fn until_tabs(worker: &Worker, count: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while tabs(worker).await.len() != count {
        assert!(tokio::time::Instant::now() < deadline, "{count} tabs never were: {:?}", tabs(worker).await);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_know_each_others_tabs_and_a_tab_that_changes_sides_is_replaced() {
    let redis = Redis::start();
    let engine = Worker::start(&redis, "all", &[]).await;
    let other = Worker::start(&redis, "web", &[]).await;
    let mut first = open(&engine, &format!("?client={FIRST}")).await;
    first.opening().await;
    let mut second = open(&other, &format!("?client={SECOND}")).await;
    second.opening().await;
    until_tabs(&engine, 2).await;
    until_tabs(&other, 2).await;
    let listed = tabs(&engine).await;
    assert_ne!(listed[0]["worker"], listed[1]["worker"]);
    let told = second.until("presence_changed").await;
    assert_eq!(told.data, json!({"connected": 2}));
    // The first tab comes back through the other worker.
    let mut moved = open(&other, &format!("?client={FIRST}")).await;
    moved.opening().await;
    assert_eq!(first.end().await.data, json!({"reason": "replaced"}));
    until_tabs(&engine, 2).await;
    let listed = tabs(&engine).await;
    assert_eq!(listed[0]["worker"], listed[1]["worker"], "both are with the other worker now");
    drop(second);
    until_tabs(&engine, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_limit_holds_across_workers_and_a_killed_workers_places_come_back() {
    let redis = Redis::start();
    let limit = ["--max-streams-per-user", "2"];
    let engine = Worker::start(&redis, "all", &limit).await;
    let other = Worker::start(&redis, "web", &limit).await;
    let program = open(&engine, "").await;
    let tab = open(&other, &format!("?client={FIRST}")).await;
    assert_eq!((program.head.status, tab.head.status), (200, 200));
    assert_eq!(open(&other, &format!("?client={SECOND}")).await.head.status, 429);
    assert_eq!(open(&engine, "").await.head.status, 429);
    other.kill();
    drop(tab);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(40);
    while open(&engine, "").await.head.status != 200 {
        assert!(tokio::time::Instant::now() < deadline, "the place never came back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(tabs(&engine).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_opens_at_once_while_redis_is_away() {
    let redis = Redis::start();
    let engine = Worker::start(&redis, "all", &[]).await;
    redis.kill();
    let started = tokio::time::Instant::now();
    let mut stream = open(&engine, &format!("?client={FIRST}")).await;
    stream.expect("hello").await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(tabs(&engine).await.len(), 1, "its own are known all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_opens_within_a_second_while_redis_hangs_and_is_entered_when_it_goes_on() {
    let redis = Redis::start();
    let engine = Worker::start(&redis, "all", &[]).await;
    let _first = open(&engine, &format!("?client={FIRST}")).await;
    let entered = || redis.run(&["HLEN", "{foliostream}:presence:local"]);
    until(|| entered() == "1").await;
    redis.signal("STOP");
    let started = tokio::time::Instant::now();
    let mut second = open(&engine, &format!("?client={SECOND}")).await;
    second.expect("hello").await;
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    assert_eq!(engine.metric("foliostream_presence_unanswered_total").await, Some(1.0));
    let started = tokio::time::Instant::now();
    assert_eq!(tabs(&engine).await.len(), 2, "its own are known all the same");
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    redis.signal("CONT");
    until(|| entered() == "2").await;
}

async fn until(mut holds: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "it never was");
        tokio::task::yield_now().await;
    }
}
