//! Wall clocks that are set back or ahead: what elapses goes on, and a stamp of a wrong clock holds nothing up.

use std::sync::Arc;
use std::time::Duration;

use foliostream_server::clock::Clock;
use jiff::Timestamp;
use serde_json::json;

use crate::support::{Folders, MORNING, Message, Server};

/// A time on the morning on which these servers run.
fn at(time: &str) -> Timestamp {
    format!("2026-11-02T{time}Z").parse().unwrap()
}

/// Lets time pass until a message is what is waited for.
async fn until(server: &Server, stream: &mut crate::support::EventStream, is_it: impl Fn(&Message) -> bool) -> Message {
    loop {
        let message = stream.next_while(|| server.advance(50)).await.unwrap();
        if is_it(&message) {
            return message;
        }
    }
}

fn time(message: &Message) -> Timestamp {
    message.text("time").parse().unwrap()
}

#[tokio::test]
async fn the_simulated_market_goes_on_at_its_pace_when_the_wall_clock_is_set() {
    for (set, from) in [("10:00:05", "09:00:05"), ("10:00:05", "11:00:05")] {
        let options = ["--no-demo", "--always-open", "true", "--frame-interval-ms", "50"];
        let server = Server::start_in(Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()), &options).await;
        let mut stream = server.stream("prices?tickers=AAPL").await;
        until(&server, &mut stream, |message| message.event == "price_update" && time(message) >= at("10:00:02")).await;
        server.clock.set_wall(at(from));
        let limit = server.clock.elapsed() + jiff::SignedDuration::from_secs(120);
        for _ in 0..5 {
            let price = until(&server, &mut stream, |message| message.event == "price_update").await;
            let is_told = |time: Timestamp| time.duration_since(at(from)).abs().as_secs() < 120;
            assert!(is_told(time(&price)), "set from {set} to {from}: {price:?}");
            assert_eq!(price.text("freshness"), "live");
        }
        assert!(server.clock.elapsed() < limit, "five prices in far less than an hour");
    }
}

#[tokio::test]
async fn a_replay_goes_on_at_its_pace_when_the_wall_clock_is_set() {
    for set in ["09:00:00", "11:00:00"] {
        let folders = Arc::new(Folders::new());
        let rows: String = (0..60).map(|second| format!("2026-01-02T10:00:{second:02}Z,A,{}\n", second + 1)).collect();
        let file = folders.path("ticks.csv");
        std::fs::write(&file, format!("time,ticker,price\n{rows}")).unwrap();
        let feed = format!("replay:{}", file.display());
        let server = Server::start_in(folders, Clock::manual(MORNING.parse().unwrap()), &["--feed", &feed]).await;
        // With notifications it opens also before the first row has made the ticker known.
        let mut stream = server.stream("stream?tickers=A&notifications=true").await;
        let fifth = until(&server, &mut stream, |message| message.event == "price_update" && message.text("price") == "5").await;
        assert_eq!(fifth.text("freshness"), "live");
        let before = server.clock.elapsed();
        server.clock.set_wall(at(set));
        until(&server, &mut stream, |message| message.event == "price_update" && message.text("price") == "15").await;
        let passed = (server.clock.elapsed() - before).as_secs();
        assert!(passed < 120, "ten rows of a second each took {passed} s");
    }
}

#[tokio::test]
async fn a_price_grows_stale_and_heartbeats_come_when_the_wall_clock_is_set_back() {
    let server = Server::with(&["--stale-after-s", "30", "--heartbeat-s", "5"]).await;
    server.price("A", "1").await;
    let mut stream = server.stream("prices?tickers=A").await;
    stream.opening().await;
    server.clock.set_wall(at("09:00:00"));
    let before = server.clock.elapsed();
    until(&server, &mut stream, |message| message.event == "heartbeat").await;
    assert!((server.clock.elapsed() - before).as_secs() < 120);
    let stale = until(&server, &mut stream, |message| message.event == "status").await;
    assert_eq!(stale.text("feed"), "stale");
    assert!((28..120).contains(&(server.clock.elapsed() - before).as_secs()));
    assert_eq!(server.get("/api/v1/quotes?tickers=A").await.expect(200)[0]["freshness"], "stale");
}

#[tokio::test]
async fn a_price_stays_live_when_the_wall_clock_is_set_ahead() {
    let server = Server::with(&["--stale-after-s", "30", "--heartbeat-s", "5"]).await;
    server.price("A", "1").await;
    let mut stream = server.stream("prices?tickers=A").await;
    stream.opening().await;
    server.clock.set_wall(at("12:00:00"));
    until(&server, &mut stream, |message| message.event == "heartbeat").await;
    assert_eq!(server.get("/api/v1/quotes?tickers=A").await.expect(200)[0]["freshness"], "live");
}

#[tokio::test]
async fn a_stop_drains_within_its_time_when_the_wall_clock_is_set_back() {
    let server = Server::with(&["--drain-s", "5"]).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.ask_to_stop();
    server.clock.set_wall(at("09:00:00"));
    let before = server.clock.elapsed();
    let mut last = None;
    while let Some(message) = stream.next_while(|| server.clock.elapse(Duration::from_millis(50))).await {
        last = Some(message);
    }
    assert_eq!(last.unwrap().event, "bye");
    assert!((server.clock.elapsed() - before).as_secs() < 120);
    server.stop().await;
}

#[tokio::test]
async fn a_stored_price_from_a_clock_that_ran_ahead_gives_way_to_the_present() {
    let (folders, ahead) = (Arc::new(Folders::new()), Clock::manual("2026-12-02T10:00:00Z".parse().unwrap()));
    let options = ["--feed", "none", "--ingest-token", crate::support::TOKEN];
    let server = Server::start_in(Arc::clone(&folders), ahead, &options).await;
    let draft = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    server.price("A", "140").await;
    server.alert(&draft).await;
    server.stop().await;
    let server = Server::start_in(folders, Clock::manual(MORNING.parse().unwrap()), &options).await;
    for (price, accepted) in [("149", 1), ("151", 1)] {
        let pushed = server.push_raw(&json!([{"ticker": "A", "price": price}])).await.expect(202);
        assert_eq!(pushed["accepted"], accepted, "{pushed}");
        server.advance(1_000);
    }
    let quote = server.get("/api/v1/quotes?tickers=A").await.expect(200)[0].clone();
    assert!(quote["time"].as_str().unwrap().starts_with("2026-11-02T10:00:0"), "{quote}");
    assert_eq!((&quote["price"], &quote["freshness"]), (&json!("151"), &json!("live")));
    assert_eq!(server.notifications().await.len(), 1);
    let old = json!([{"ticker": "A", "price": "1", "time": "2026-11-02T09:00:00Z"}]);
    assert_eq!(server.push_raw(&old).await.expect(202), json!({"accepted": 0, "ignored": 1}));
}
