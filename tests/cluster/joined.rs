//! What joined workers do for each other while nothing is killed, and how they refuse what cannot be joined.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::client::call;
use super::fleet::Fleet;
use super::servers::{Redis, free_port};
use super::sse::Message;
use super::stream::Stream;
use foliostream::wire::compact::Reader;

async fn two_workers() -> (Redis, Fleet) {
    let redis = Redis::start(free_port());
    let fleet = Fleet::start(2, 0, redis.port, &[]).await;
    (redis, fleet)
}

#[tokio::test]
async fn a_stream_resumes_exactly_on_another_worker() {
    let (_redis, fleet) = two_workers().await;
    let path = "/api/v1/sse/stream?tickers=T0,T1&notifications=true";
    let mut first = Stream::open(fleet.workers[0].address, path, None).await;
    let synced = first.until("synced").await;
    fleet.push_round(5).await;
    // A push is answered when it is stored; streams see its prices with the next frame, those of each worker for themselves.
    Stream::open(fleet.workers[1].address, path, None).await.until_price("T1", "105").await;
    let mut second = Stream::open(fleet.workers[1].address, path, Some(&synced.id)).await;
    let hello = second.next().await;
    assert_eq!((hello.event.as_str(), hello.text("resume").as_str()), ("hello", "replay"));
    let update = second.next().await;
    assert_eq!((update.event.as_str(), update.text("price").as_str()), ("price_update", "105"));
    let last = second.until("synced").await;
    fleet.push_round(6).await;
    let seen = first.until_price("T1", "106").await;
    // What the first worker's stream has seen by now, the second may only be about to see: it waits instead of starting over.
    let mut third = Stream::open(fleet.workers[1].address, path, Some(&seen.id)).await;
    assert_eq!(third.next().await.text("resume"), "replay");
    let after = third.until("synced").await;
    assert!(after.id >= last.id, "{} before {}", after.id, last.id);
}

#[tokio::test]
async fn a_compact_stream_of_a_portfolio_goes_on_at_another_worker_that_gives_other_indices() {
    let (_redis, fleet) = two_workers().await;
    let [here, there] = [fleet.workers[0].address, fleet.workers[1].address];
    let make = json!({"name": "Mine", "currency": "USD"});
    let (_, portfolio) = call(here, "POST", "/api/v1/portfolios", Some(&make)).await.unwrap();
    let id = portfolio["portfolio_id"].as_str().unwrap();
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": "T1", "quantity": "3", "price": "100"});
    assert_eq!(call(here, "POST", &format!("/api/v1/portfolios/{id}/activities"), Some(&buy)).await.unwrap().0, 201);
    // The other worker names another instrument first.
    Stream::open(there, "/api/v1/sse/stream?format=compact&tickers=T0", None).await.until("frame").await;
    let path = format!("/api/v1/sse/stream?format=compact&portfolio={id}&tickers=T1");
    let (mut reader, mut market_value) = (Reader::default(), None);
    let mut hear = |message: &Message| {
        let frame = message.data.as_str().unwrap();
        let changes = reader.read(frame).unwrap_or_else(|_| panic!("not readable: {frame}"));
        market_value = changes.portfolio.map_or(market_value, |portfolio| portfolio.market_value);
        market_value.map(|value| value.to_string())
    };
    let mut stream = Stream::open(here, &path, None).await;
    hear(&stream.until("frame").await);
    let synced = stream.until("synced").await;
    drop(stream);
    fleet.push_round(7).await;
    let mut stream = Stream::open(there, &path, Some(&synced.id)).await;
    assert_eq!(stream.next().await.text("resume"), "replay");
    let mut value = None;
    while value.as_deref() != Some("321") {
        value = hear(&stream.until("frame").await);
    }
}

#[tokio::test]
async fn a_place_that_lingers_on_one_worker_is_given_up_for_whoever_asks_another() {
    let redis = Redis::start(free_port());
    let options = ["--max-streams-per-user", "1", "--heartbeat-s", "60"].map(str::to_owned);
    let fleet = Fleet::start(2, 0, redis.port, &options).await;
    let [here, there] = [fleet.workers[0].address, fleet.workers[1].address];
    let path = "/api/v1/sse/notifications";
    for (held_by, asked) in [(here, there), (there, here)] {
        // As behind a proxy whose client has left, which notices with its second write.
        let mut lingering = Stream::open(held_by, path, None).await;
        lingering.until("synced").await;
        let began = tokio::time::Instant::now();
        let asking = tokio::spawn(async move { Stream::open(asked, path, None).await });
        lingering.until("heartbeat").await;
        lingering.until("heartbeat").await;
        drop(lingering);
        let mut served = asking.await.unwrap();
        served.until("synced").await;
        println!("served by the other worker after {:.2} s", began.elapsed().as_secs_f64());
        let refusal = tokio::time::Instant::now();
        assert_eq!(call(held_by, "GET", path, None).await.unwrap().0, 429, "the limit holds where everybody is there");
        let waited = refusal.elapsed();
        assert!(waited < Duration::from_secs(3), "{waited:?}");
        println!("refused after {:.2} s", waited.as_secs_f64());
        drop(served);
        until_no_place_is_held(&redis).await;
    }
}

/// Waits until the places of streams that ended are given back.
async fn until_no_place_is_held(redis: &Redis) {
    while redis.run(&["HLEN", "{foliostream}:presence:local"]) != "0" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_command_on_one_worker_shows_on_the_other() {
    let (_redis, fleet) = two_workers().await;
    let [here, there] = [fleet.workers[0].address, fleet.workers[1].address];
    let mut stream = Stream::open(there, "/api/v1/sse/notifications", None).await;
    stream.until("synced").await;
    let alert = json!({"ticker": "T1", "condition": "price_above", "threshold": "1"});
    let (status, made) = call(here, "POST", "/api/v1/alerts", Some(&alert)).await.unwrap();
    assert_eq!(status, 201, "{made}");
    assert_eq!(stream.until("alert_changed").await.data["id"], made["id"]);
    let fired = stream.until("alert_triggered").await;
    assert_eq!(fired.text("ticker"), "T1");

    let (_, portfolio) =
        call(here, "POST", "/api/v1/portfolios", Some(&json!({"name": "Mine", "currency": "USD"}))).await.unwrap();
    let path = format!("/api/v1/portfolios/{}", portfolio["portfolio_id"].as_str().unwrap());
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": "T1", "quantity": "3", "price": "100"});
    assert_eq!(call(here, "POST", &format!("{path}/activities"), Some(&buy)).await.unwrap().0, 201);
    // The other worker may be a moment behind the answer, but knows from the store that there is such a portfolio.
    let mut follows = Stream::open(there, &path.replace("portfolios", "sse/portfolio"), None).await;
    while follows.until("portfolio_update").await.data["holdings"][0]["quantity"] != "3" {}
    assert_eq!(call(there, "DELETE", &path, None).await.unwrap().0, 204);
    assert_eq!(follows.until("bye").await.text("reason"), "done");
    assert_eq!(call(here, "GET", &path, None).await.unwrap().0, 404);
}

#[tokio::test]
async fn a_split_that_is_entered_on_one_worker_is_known_to_the_engine_of_another() {
    let (_redis, fleet) = two_workers().await;
    let there = fleet.workers[1 - fleet.engine().await].address;
    let path = "/api/v1/sse/stream?tickers=T1";
    let mut stream = Stream::open(there, path, None).await;
    stream.until("synced").await;
    let make = json!({"name": "Mine", "currency": "USD"});
    let (_, portfolio) = call(there, "POST", "/api/v1/portfolios", Some(&make)).await.unwrap();
    let activities = format!("/api/v1/portfolios/{}/activities", portfolio["portfolio_id"].as_str().unwrap());
    fleet.push_surely(&json!([{"ticker": "T1", "price": "10.2", "previous_close": "100"}])).await;
    let view = stream.until_price("T1", "10.2").await;
    assert_eq!(view.text("change_percent"), "-89.8");
    let today = view.text("time")[..10].to_owned();
    for activity in [
        json!({"kind": "buy", "time": "2026-01-02", "ticker": "T1", "quantity": "3", "price": "100"}),
        json!({"kind": "split", "time": today, "ticker": "T1", "quantity": "10"}),
    ] {
        assert_eq!(call(there, "POST", &activities, Some(&activity)).await.unwrap().0, 201);
    }
    while stream.until("price_update").await.text("change_percent") != "2" {}
    // Of the same worker: another may be about to hear of it.
    let (_, quotes) = call(there, "GET", "/api/v1/quotes?tickers=T1", None).await.unwrap();
    assert_eq!(quotes[0]["previous_close"], "10");
}

#[tokio::test]
async fn quotes_of_other_programs_arrive_and_bad_ones_are_skipped() {
    let (redis, fleet) = two_workers().await;
    let mut stream = Stream::open(fleet.workers[1].address, "/api/v1/sse/prices?tickers=T0", None).await;
    stream.until("synced").await;
    let add = |fields: &[&str]| redis.run(&[&["XADD", "{foliostream}:feed:quotes", "*"], fields].concat());
    for bad in [
        &["ticker", "T0"][..],
        &["ticker", "T0", "price", "NaN"],
        &["ticker", "T0", "price", "-1"],
        &["ticker", "T 0", "price", "1"],
        &["nonsense", "\u{1}"],
        &["ticker", "T0", "price", "1", "colour", "red"],
    ] {
        add(bad);
    }
    add(&["ticker", "T0", "price", "189.84", "bid", "189.80", "ask", "189.88"]);
    let update = stream.until_price("T0", "189.84").await;
    assert_eq!(update.text("bid"), "189.80");
    let engine = fleet.engine().await;
    assert!(fleet.metric(engine, "foliostream_bus_malformed_total").await >= 6.0);
}

#[tokio::test]
async fn malformed_messages_on_channels_hurt_nobody() {
    let (redis, fleet) = two_workers().await;
    let mut stream = Stream::open(fleet.workers[1].address, "/api/v1/sse/prices?tickers=T0", None).await;
    stream.until("synced").await;
    for channel in ["sse:prices", "sse:user:local", "sse:portfolio:x", "beat"] {
        for text in ["", "{", "null", "{\"epoch\":1}", "[[[[", "\u{1}"] {
            redis.run(&["PUBLISH", &format!("{{foliostream}}:{channel}"), text]);
        }
    }
    redis.run(&["XADD", "{foliostream}:orders", "*", "order", "{\"kind\":\"dance\"}"]);
    fleet.push_round(9).await;
    stream.until_price("T0", "109").await;
    assert!(fleet.metric(1, "foliostream_bus_malformed_total").await >= 24.0);
}

#[tokio::test]
async fn while_redis_is_away_streams_stay_and_say_so() {
    let (mut redis, fleet) = two_workers().await;
    let mut stream = Stream::open(fleet.workers[0].address, "/api/v1/sse/prices?tickers=T0", None).await;
    stream.until("synced").await;
    redis.kill();
    let status = stream.until("status").await;
    assert_eq!(status.text("feed"), "stale");
    let quotes = call(fleet.workers[0].address, "GET", "/api/v1/quotes?tickers=T0", None).await.unwrap();
    assert_eq!(quotes.1[0]["freshness"], "stale", "{}", quotes.1);
    let readiness = call(fleet.workers[0].address, "GET", "/readyz", None).await.unwrap();
    assert_eq!(readiness.0, 503, "{}", readiness.1);
    redis.restart_empty();
    let restarted = tokio::time::Instant::now();
    fleet.push_round(3).await;
    stream.until("reset").await;
    // The engine of before may have taken that round as its last; prices that an engine finds in the store are stale.
    fleet.push_round(4).await;
    let (mut is_live, mut is_told, mut has_price) = (false, false, false);
    while !(is_live && has_price) {
        let message = stream.until_that(|_| true).await;
        match message.event.as_str() {
            "price_update" => has_price = message.text("price") == "104",
            "status" => (is_live, is_told) = (message.text("feed") == "live", true),
            // A state that ends without a status is that of a live feed.
            "synced" => is_live |= !is_told,
            _ => {}
        }
    }
    for worker in 0..2 {
        fleet.wait_ready(worker).await;
    }
    // What the engine of before could not read in Redis is no trouble of its worker any more, and is not said until it is forgotten.
    assert!(restarted.elapsed() < Duration::from_secs(25), "ready after {:?}", restarted.elapsed());
}

#[tokio::test]
async fn what_was_stored_but_never_announced_is_found() {
    let (_redis, fleet) = two_workers().await;
    let mut stream = Stream::open(fleet.workers[1].address, "/api/v1/sse/notifications", None).await;
    stream.until("synced").await;
    let alert = json!({"ticker": "T1", "condition": "price_above", "threshold": "1000"});
    call(fleet.workers[0].address, "POST", "/api/v1/alerts", Some(&alert)).await.unwrap();
    stream.until("alert_changed").await;
    // As a worker leaves it that dies between storing and announcing.
    let database = fleet.sqlite().await;
    let copy = r#"INSERT INTO alerts (rule, repeat, cooldown_s, state, created_at_us)
         SELECT replace(rule, '"1000"', '"1"'), repeat, cooldown_s, state, created_at_us FROM alerts"#;
    sqlx::query(copy).execute(&database).await.unwrap();
    let fired = stream.until("alert_triggered").await;
    assert_eq!(fired.text("threshold"), "1");
}

#[tokio::test]
async fn two_installations_share_a_redis_without_meeting() {
    let redis = Redis::start(free_port());
    let ours = Fleet::start(1, 0, redis.port, &[]).await;
    let theirs = Fleet::start(1, 0, redis.port, &["--redis-prefix".to_owned(), "{other*}".to_owned()]).await;
    ours.push_round(1).await;
    theirs.push_round(2).await;
    for (fleet, price) in [(&ours, "101"), (&theirs, "102")] {
        let mut stream = Stream::open(fleet.workers[0].address, "/api/v1/sse/prices?tickers=T0", None).await;
        stream.until_price("T0", price).await;
    }
    let keys = redis.run(&["KEYS", "*"]);
    assert!(keys.lines().all(|key| key.starts_with("{foliostream}:") || key.starts_with("{other*}:")), "{keys}");
}

#[tokio::test]
async fn a_database_that_forgot_epochs_goes_on_above_those_that_redis_remembers() {
    let redis = Redis::start(free_port());
    drop(Fleet::start(1, 0, redis.port, &[]).await);
    // Another folder: a database as new as one that was restored from an old backup.
    let fleet = Fleet::start(1, 0, redis.port, &[]).await;
    fleet.push_round(7).await;
    let mut stream = Stream::open(fleet.workers[0].address, "/api/v1/sse/prices?tickers=T0", None).await;
    assert!(stream.next().await.text("epoch").starts_with('2'));
    stream.until_price("T0", "107").await;
}

#[tokio::test]
async fn a_cluster_and_whoever_sentinels_name_are_joined_too() {
    let (cluster, _) = Redis::start_node();
    cluster.run(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    cluster.until(&["CLUSTER", "INFO"], "cluster_state:ok");
    let master = Redis::start(free_port());
    let sentinel = Redis::start_sentinel(free_port(), &master);
    for url in
        [format!("redis+cluster://127.0.0.1:{}", cluster.port), format!("redis+sentinel://127.0.0.1:{}/mymaster", sentinel.port)]
    {
        let fleet = Fleet::start(2, 0, 0, &["--redis-url".to_owned(), url.clone()]).await;
        fleet.push_round(4).await;
        for worker in &fleet.workers {
            let mut stream = Stream::open(worker.address, "/api/v1/sse/prices?tickers=T0", None).await;
            stream.until_price("T0", "104").await;
        }
        fleet.push_round(5).await;
        let mut stream = Stream::open(fleet.workers[1].address, "/api/v1/sse/prices?tickers=T0", None).await;
        stream.until_price("T0", "105").await;
    }
}

#[tokio::test]
async fn the_examples_push() {
    let (redis, fleet) = two_workers().await;
    let address = fleet.workers[1].address;
    let mut stream = Stream::open(address, "/api/v1/sse/prices?tickers=T0,T1,T2", None).await;
    stream.until("synced").await;
    let example = |name: &str| format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let http = [("FOLIOSTREAM", format!("http://{address}")), ("FOLIOSTREAM_INGEST_TOKEN", "t0ken".to_owned())];
    let through_redis = [("REDIS", format!("redis://127.0.0.1:{}", redis.port))];
    assert!(Command::new(example("push_quotes.sh")).args(["T0", "1.25"]).envs(http.clone()).status().unwrap().success());
    stream.until_price("T0", "1.25").await;
    assert!(Command::new(example("push_quotes.sh")).args(["T1", "2.25"]).envs(through_redis).status().unwrap().success());
    stream.until_price("T1", "2.25").await;
    let mut walk = Command::new("python3").arg(example("push_quotes.py")).args(["T2", "50.00"]).envs(http).spawn().unwrap();
    let moves = |message: &crate::sse::Message| message.event == "price_update" && message.text("ticker") == "T2";
    stream.until_that(moves).await;
    walk.kill().unwrap();
    walk.wait().unwrap();
}

#[test]
fn a_redis_that_cannot_be_used_is_one_line_and_exit_64() {
    let mut redis = Redis::start(free_port());
    redis.run(&["CONFIG", "SET", "requirepass", "s3cret"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("pkg")).unwrap();
    let closed = format!("redis://127.0.0.1:{}", free_port());
    let locked = format!("redis://127.0.0.1:{}", redis.port);
    let wrong = format!("redis://:wr0ng@127.0.0.1:{}", redis.port);
    for url in [closed.as_str(), &locked, &wrong, "http://s3cret@127.0.0.1", "redis://127.0.0.1:port"] {
        let output = Command::new(env!("CARGO_BIN_EXE_foliostream"))
            .args(["--listen", "127.0.0.1:0", "--redis-url", url, "--log", "error", "--site-dir"])
            .arg(folder.path())
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{url}: {said}");
        assert_eq!(said.lines().count(), 1, "{url}: {said}");
        assert!(said.contains("--redis-url"), "{url}: {said}");
        assert!(!said.contains("s3cret") && !said.contains("wr0ng"), "{url}: {said}");
    }
    redis.kill();
}
