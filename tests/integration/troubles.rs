//! What Redis refuses: said by `/readyz` and by one line of the log within ten seconds, and over without a restart.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::support::{Folders, Redis, Worker};

/// Longest from a fault to its being named.
const NAMED_WITHIN: Duration = Duration::from_secs(10);

const OPTIONS: [&str; 2] = ["--ingest-token", "t0ken"];

/// A worker that is the engine, and has published a price.
async fn worker(redis: &Redis) -> Worker {
    let worker = Worker::launch(&Arc::new(Folders::new()), &redis.url(), "all", &OPTIONS);
    worker.until_ready().await;
    worker.push("A", "100").await.expect(202);
    worker
}

/// Waits until `/readyz` refuses in these words, and pushes meanwhile, as somebody always does; returns the refusal.
async fn refused(worker: &Worker, words: &str) -> String {
    let deadline = Instant::now() + NAMED_WITHIN;
    loop {
        let answer = worker.get("/readyz").await;
        let text = if answer.status() == 503 { answer.text() } else { String::new() };
        if text.contains(words) {
            return text;
        }
        assert!(Instant::now() < deadline, "{words:?} is not named but {text:?}: {}", worker.log());
        // It may wait for an engine for as long as it likes.
        let _ = tokio::time::timeout(Duration::from_millis(50), worker.push("A", "100")).await;
    }
}

/// Checks that a cause stands in the log, once.
fn is_said_once(worker: &Worker, words: &str) {
    let lines = || worker.log().lines().filter(|line| line.contains("ERROR") && line.contains(words)).count();
    let deadline = Instant::now() + NAMED_WITHIN;
    while lines() == 0 {
        assert!(Instant::now() < deadline, "{words:?} is not in {}", worker.log());
        std::thread::yield_now();
    }
    assert_eq!(lines(), 1, "{words:?} in {}", worker.log());
}

/// Waits until the worker is ready and takes pushes again.
async fn goes_on(worker: &Worker, price: &str) {
    worker.until_ready().await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while worker.push("A", price).await.status() != 202 {
        assert!(Instant::now() < deadline, "it takes nothing: {}", worker.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_somebody_put_ahead_of_the_log_ends_the_term_and_the_next_one_goes_on() {
    let redis = Redis::start();
    let worker = worker(&redis).await;
    let epoch = redis.run(&["HGET", "{foliostream}:head", "epoch"]);
    redis.run(&["XADD", "{foliostream}:log", &format!("{epoch}-999999"), "envelope", "x"]);
    goes_on(&worker, "101").await;
    is_said_once(&worker, "a number that is to come yet");
    assert_ne!(redis.run(&["HGET", "{foliostream}:head", "epoch"]), epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_kind_is_named_and_made_anew_once_it_is_deleted() {
    let redis = Redis::start();
    let worker = worker(&redis).await;
    for (name, kind) in [("head", "hash"), ("feed:quotes", "stream"), ("orders", "stream"), ("lease:engine", "string")] {
        let key = format!("{{foliostream}}:{name}");
        redis.run(&["DEL", &key]);
        if kind == "string" {
            redis.run(&["RPUSH", &key, "x"])
        } else {
            redis.run(&["SET", &key, "x"])
        };
        let words = format!("{key} is a {}", if kind == "string" { "list" } else { "string" });
        refused(&worker, &words).await;
        is_said_once(&worker, &words);
        redis.run(&["DEL", &key]);
        goes_on(&worker, "102").await;
    }
    redis.run(&["XADD", "{foliostream}:feed:quotes", "*", "ticker", "FED", "price", "7"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while worker.get("/api/v1/quotes?tickers=FED").await.status() != 200 {
        assert!(Instant::now() < deadline, "feed:quotes is not followed: {}", worker.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_to_which_nothing_can_be_added_is_named_until_it_is_deleted() {
    let redis = Redis::start();
    let worker = worker(&redis).await;
    let (feed, greatest) = ("{foliostream}:feed:quotes", "18446744073709551615-18446744073709551615");
    redis.run(&["XADD", feed, greatest, "ticker", "FED", "price", "7"]);
    refused(&worker, "greatest possible id").await;
    is_said_once(&worker, "greatest possible id");
    redis.run(&["DEL", feed]);
    goes_on(&worker, "104").await;
}
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_named_until_it_does() {
    let (redis, other) = (Redis::start(), Redis::start());
    let worker = worker(&redis).await;
    let other = other.port().to_string();
    for (words, fault, end) in [
        ("memory is full", &["CONFIG", "SET", "maxmemory", "1"][..], &["CONFIG", "SET", "maxmemory", "0"][..]),
        ("may not do what is needed", &["ACL", "SETUSER", "default", "-xadd"], &["ACL", "SETUSER", "default", "+xadd"]),
        ("a replica that only reads", &["REPLICAOF", "127.0.0.1", &other], &["REPLICAOF", "NO", "ONE"]),
    ] {
        redis.run(fault);
        refused(&worker, words).await;
        is_said_once(&worker, words);
        redis.run(end);
        goes_on(&worker, "103").await;
    }
}
