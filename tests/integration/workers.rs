//! Several processes that are one installation: what each role does, and what they do for each other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::postgres::{Database, GUARDED, server};
use crate::support::{EventStream, Folders, Redis, TOKEN, Worker};

/// Longer than anything here takes to come back.
const DEADLINE: Duration = Duration::from_secs(40);

const PUSHES: [&str; 2] = ["--ingest-token", TOKEN];

/// Reads on until market data is as told.
async fn until_status(stream: &mut EventStream, feed: &str) {
    while stream.until("status").await.data["feed"] != feed {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_only_the_engine_answers_operators_alone_and_needs_no_site() {
    let redis = Redis::start();
    let engine = Worker::start(&redis, "engine", &["--ingest-token", TOKEN, "--site-dir", "/nonexistent"]).await;
    assert_eq!(engine.get("/healthz").await.text(), "alive\n");
    assert_eq!(engine.get("/readyz").await.text(), "ready\n");
    assert_eq!(engine.metric("foliostream_engine").await, Some(1.0));
    for path in [
        "/",
        "/alerts",
        "/settings",
        "/operations",
        "/pkg/foliostream.js",
        "/favicon.ico",
        "/api/openapi.json",
        "/api/v1/quotes?tickers=A",
        "/api/v1/portfolios",
        "/api/v1/presence",
        "/api/v1/sse/notifications",
        "/api/v1/sse/prices?tickers=A",
        "/api/v1/sse/metrics",
    ] {
        assert_eq!(engine.get(path).await.problem(404), None, "{path}");
    }
    assert_eq!(engine.push("A", "1").await.problem(404), None);
    for path in ["/api/v1/alerts", "/api/v1/portfolios", "/api/ui/presence"] {
        assert_eq!(engine.post(path, &json!({})).await.problem(404), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_only_serve_never_become_the_engine_and_are_live_as_soon_as_one_comes() {
    let (redis, folders) = (Redis::start(), Arc::new(Folders::new()));
    let launch = |role| Worker::launch(&folders, &redis.url(), role, &PUSHES);
    let [here, there] = [launch("web"), launch("web")];
    let (mut first, mut second) = (here.stream("notifications").await, there.stream("notifications").await);
    for stream in [&mut first, &mut second] {
        let opening = stream.opening().await;
        let status = opening.iter().find(|message| message.event == "status");
        assert_eq!(status.map(|status| &status.data["feed"]), Some(&json!("stale")), "{opening:?}");
    }
    assert_eq!(here.get("/readyz").await.problem(503), None);
    // It waits for an engine for longer than a takeover lasts.
    assert_eq!(here.push("A", "100").await.problem(503), None);
    assert_eq!(redis.run(&["EXISTS", "{foliostream}:lease:engine"]), "0");

    let engine = launch("engine");
    here.until_ready().await;
    here.push("A", "101").await.expect(202);
    for stream in [&mut first, &mut second] {
        until_status(stream, "live").await;
    }
    let alert = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150"});
    let alert = here.post("/api/v1/alerts", &alert).await.expect(201);
    assert_eq!(second.until("alert_changed").await.data["id"], alert["id"]);
    there.push("A", "151").await.expect(202);
    assert_eq!(first.until("alert_triggered").await.data["alert_id"], alert["id"]);
    assert_eq!(engine.metric("foliostream_engine").await, Some(1.0));

    engine.kill();
    for stream in [&mut first, &mut second] {
        until_status(stream, "stale").await;
    }
    assert_eq!(there.push("A", "152").await.problem(503), None);
    assert_eq!(redis.run(&["EXISTS", "{foliostream}:lease:engine"]), "0");
    let _next = launch("engine");
    let deadline = Instant::now() + DEADLINE;
    while there.push("A", "153").await.status() != 202 {
        assert!(Instant::now() < deadline, "nobody takes the office");
    }
    for stream in [&mut first, &mut second] {
        until_status(stream, "live").await;
    }
    for worker in [&here, &there] {
        assert_eq!(worker.metric("foliostream_terms_total").await, Some(0.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_that_enter_into_one_ledger_at_once_enter_all_of_it() {
    let (redis, folders, database) = (Redis::start(), Arc::new(Folders::new()), Database::new(None).await);
    for options in [&[][..], &["--database-url", &database.url()]] {
        let prefix = format!("{{{}}}", options.len());
        let options = [&PUSHES, options, &["--redis-prefix", &prefix]].concat();
        let workers = [(), ()].map(|()| Worker::launch(&folders, &redis.url(), "all", &options));
        for worker in &workers {
            worker.until_ready().await;
        }
        let portfolio = json!({"name": "Ours", "currency": "USD"});
        let portfolio = workers[0].post("/api/v1/portfolios", &portfolio).await.expect(201);
        let ledger = format!("/api/v1/portfolios/{}/activities", portfolio["portfolio_id"].as_str().unwrap());
        let enter = async |worker: &Worker| {
            for amount in 1..=10 {
                let deposit = json!({"kind": "deposit", "time": "2026-01-02", "amount": amount.to_string()});
                worker.post(&ledger, &deposit).await.expect(201);
            }
        };
        tokio::join!(enter(&workers[0]), enter(&workers[1]));
        for name in 0..20 {
            let made =
                workers[0].post("/api/v1/portfolios", &json!({"name": name.to_string(), "currency": "USD"})).await.expect(201);
            let path = format!("/api/v1/portfolios/{}", made["portfolio_id"].as_str().unwrap());
            workers[1].get(&path).await.expect(200);
        }
        for worker in &workers {
            assert_eq!(worker.get(&ledger).await.expect(200).as_array().unwrap().len(), 20);
            let path = ledger.trim_end_matches("/activities");
            let deadline = Instant::now() + DEADLINE;
            while worker.get(path).await.expect(200)["cash"] != "110" {
                assert!(Instant::now() < deadline, "{}", worker.get(path).await.text());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_tokens_reach_neither_the_log_nor_metrics_whatever_breaks() {
    let mut redis = Redis::start_with(&["--requirepass", "redis-s3cret"]);
    let database = Database::new(None).await;
    let (user, password) = GUARDED;
    let database_url = server().url_of(&format!("{user}:{password}"), database.name());
    let options = ["--database-url", &database_url, "--ingest-token", "t0ken-s3cret", "--log", "trace,redis=trace"];
    let worker = Worker::launch(&Arc::new(Folders::new()), &redis.url_with("redis-s3cret"), "all", &options);
    let push = |token: &'static str| {
        let push = worker.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {token}"));
        push.json(&json!([{"ticker": "A", "price": "1"}])).send()
    };
    worker.until_ready().await;
    push("t0ken-s3cret").await.expect(202);
    push("wrong-s3cret").await.problem(401);

    // No worker gets in any more: every try to connect again is refused.
    let command = ["-a", "redis-s3cret", "--no-auth-warning"];
    redis.run(&[&command[..], &["CONFIG", "SET", "requirepass", "another"]].concat());
    redis.run(&["-a", "another", "CLIENT", "KILL", "TYPE", "normal"]);
    redis.run(&["-a", "another", "CLIENT", "KILL", "TYPE", "pubsub"]);
    let deadline = Instant::now() + DEADLINE;
    while !worker.log().contains("the password or user was refused") {
        assert!(Instant::now() < deadline, "nobody was refused: {}", worker.log());
        tokio::task::yield_now().await;
    }
    redis.restart();
    let cut =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()";
    sqlx::query(cut).execute(&mut database.connect().await).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    while push("t0ken-s3cret").await.status() != 202 {
        assert!(Instant::now() < deadline, "it did not come back: {}", worker.log());
    }

    let (log, metrics) = (worker.log(), worker.get("/metrics").await.text());
    assert!(log.contains("following Redis was interrupted") && metrics.contains("foliostream_bus_reconnects_total"));
    for secret in ["s3cret", password] {
        let line = log.lines().chain(metrics.lines()).find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_was_not_answered_counts_once_wherever_it_is_sent_again() {
    let (redis, folders) = (Redis::start(), Arc::new(Folders::new()));
    let launch = |role| Worker::launch(&folders, &redis.url(), role, &PUSHES);
    let [here, there] = [launch("web"), launch("web")];
    let engine = launch("engine");
    here.until_ready().await;
    there.until_ready().await;
    here.push("A", "149").await.expect(202);
    let alert = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    here.post("/api/v1/alerts", &alert).await.expect(201);
    let push = async |worker: &Worker, price: &str| {
        let crossing = json!([{"ticker": "A", "price": price}, {"ticker": "A", "price": "149"}]);
        let request = worker.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
        request.header("idempotency-key", "one").json(&crossing).send().await
    };
    engine.kill();
    assert_eq!(push(&here, "151").await.problem(503), None);

    for _takeover in 0..2 {
        let next = launch("engine");
        let deadline = Instant::now() + DEADLINE;
        let answer = loop {
            let answer = push(&there, "151").await;
            if answer.status() != 503 {
                break answer;
            }
            assert!(Instant::now() < deadline, "nobody takes the office");
        };
        assert_eq!(answer.expect(202), json!({"accepted": 2, "ignored": 0}));
        assert_eq!(push(&here, "151").await.expect(202), json!({"accepted": 2, "ignored": 0}));
        assert_eq!(push(&here, "152").await.problem(422).as_deref(), Some("Idempotency-Key"));
        let told = here.get("/api/v1/notifications").await.expect(200);
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        next.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_one_worker_is_told_by_the_other() {
    let (redis, folders) = (Redis::start(), Arc::new(Folders::new()));
    let [here, there] = [(); 2].map(|()| Worker::launch(&folders, &redis.url(), "all", &[]));
    here.until_ready().await;
    there.until_ready().await;
    let made = here.post("/api/v1/portfolios", &json!({"name": "Mine", "currency": "USD"})).await.expect(201);
    let portfolio = made["portfolio_id"].as_str().unwrap();
    let row =
        |number: usize| format!("20{:02}-01-{:02},BUY,T{},1,10,USD,{number}\n", 10 + number % 15, 1 + number % 28, number % 50);
    let rows: String = (0..5_000).map(row).collect();
    let file = ["date,type,symbol,quantity,price,currency,id\n", &rows].concat();
    let path = format!("/api/v1/portfolios/{portfolio}/imports?filename=many.csv");
    let looked_at = here.request("POST", &path).bytes_of("text/csv", file.as_bytes()).send().await.expect(201);
    let commit = format!("/api/v1/imports/{}/commit", looked_at["import_id"].as_str().unwrap());
    let job = here.post(&commit, &json!({})).await.expect(202)["job_id"].as_str().unwrap().to_owned();
    let mut stream = there.stream(&format!("jobs/{job}")).await;
    let ended = loop {
        let told = stream.until("job_progress").await.data;
        if !told["finished_at"].is_null() {
            break told;
        }
    };
    assert_eq!((&ended["state"], &ended["result"]["entries"]), (&json!("done"), &json!(5_000)));
    for worker in [&here, &there] {
        assert_eq!(worker.get(&format!("/api/v1/jobs/{job}")).await.expect(200), ended);
        worker.request("DELETE", &format!("/api/v1/jobs/{job}")).send().await.problem(409);
    }
    let ledger = there.get(&format!("/api/v1/portfolios/{portfolio}/activities")).await.expect(200);
    assert_eq!(ledger.as_array().unwrap().len(), 5_000);
}
