//! The engine is killed again and again while prices cross levels on both ways in: pushes, and `feed:quotes`. Every crossing has
//! a price of its own, so that each notification says which crossing it is of, and none is told twice or not at all.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::client::call;
use super::fleet::Fleet;
use super::postgres;
use super::servers::{Redis, free_port};

/// Alerts that each crossing fires.
const ALERTS: usize = 3;

/// Tickers on each way in, each with a program of its own that brings its prices.
const PROGRAMS: usize = 2;

/// Kills of an ordinary run; `KILLS=200` asks for more.
const KILLS: usize = 8;

/// Between two crossings that a program brings.
const PAUSE: Duration = Duration::from_millis(15);

/// How long the last crossing may take to be told.
const DEADLINE: Duration = Duration::from_secs(60);

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Pushes,
    FeedQuotes,
}

/// Crossings that a program brought.
#[derive(Debug, Default)]
struct Brought {
    /// Those that were acknowledged, by their price.
    acknowledged: Vec<String>,
    /// Those of which the program was told nothing: each may have happened or not.
    unknown: Vec<String>,
}

/// What became of the crossings of one way in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    acknowledged: usize,
    unknown: usize,
    doubled: usize,
    lost: usize,
}

impl Way {
    fn ticker(self, program: usize) -> String {
        match self {
            Self::Pushes => format!("PUSHED{program}"),
            Self::FeedQuotes => format!("FED{program}"),
        }
    }
}

/// Two prices: one below the level, and one above it that no other crossing has.
fn crossing(number: u32) -> [String; 2] {
    ["100".to_owned(), format!("151.{number:07}")]
}

async fn push(door: SocketAddr, ticker: &str, prices: &[String]) -> bool {
    let quotes: Vec<Value> = prices.iter().map(|price| json!({"ticker": ticker, "price": price})).collect();
    call(door, "POST", "/api/v1/quotes", Some(&Value::Array(quotes))).await.is_ok_and(|(status, _)| status == 202)
}

async fn add(link: &mut MultiplexedConnection, ticker: &str, prices: &[String]) -> bool {
    let mut pipeline = redis::pipe();
    for price in prices {
        pipeline.cmd("XADD").arg("{foliostream}:feed:quotes").arg("*").arg("ticker").arg(ticker).arg("price").arg(price).ignore();
    }
    pipeline.query_async::<()>(link).await.is_ok()
}

/// Starts a program that brings crossings until it is told to stop.
fn bring(way: Way, program: usize, door: SocketAddr, link: MultiplexedConnection, stop: Arc<AtomicBool>) -> JoinHandle<Brought> {
    tokio::spawn(async move {
        let (ticker, mut link, mut brought) = (way.ticker(program), link, Brought::default());
        for number in 1.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let prices = crossing(number);
            let taken = match way {
                Way::Pushes => push(door, &ticker, &prices).await,
                Way::FeedQuotes => add(&mut link, &ticker, &prices).await,
            };
            let [_, price] = prices;
            if taken {
                brought.acknowledged.push(price)
            } else {
                brought.unknown.push(price)
            }
            tokio::time::sleep(PAUSE).await;
        }
        brought
    })
}

/// Makes the alerts of a ticker; returns their numbers.
async fn watch(door: SocketAddr, ticker: &str) -> Vec<String> {
    assert!(push(door, ticker, &["100".to_owned()]).await);
    let mut ids = Vec::new();
    for _ in 0..ALERTS {
        let alert = json!({"ticker": ticker, "condition": "crosses_above", "threshold": "150", "repeat": "every"});
        let (status, made) = call(door, "POST", "/api/v1/alerts", Some(&alert)).await.unwrap();
        assert_eq!(status, 201, "{made}");
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// What was told so far: how often each alert told each price.
#[derive(Debug)]
struct Told {
    door: SocketAddr,
    after: i64,
    times: HashMap<(String, String), usize>,
}

impl Told {
    fn nothing(door: SocketAddr) -> Self {
        Self { door, after: 0, times: HashMap::new() }
    }

    /// Reads on to the end.
    async fn read_on(&mut self) {
        loop {
            let path = format!("/api/v1/notifications?after={}&limit=500", self.after);
            let (status, page) = call(self.door, "GET", &path, None).await.unwrap();
            assert_eq!(status, 200, "{page}");
            let page = page.as_array().unwrap();
            let Some(last) = page.last() else { return };
            self.after = last["n"].as_i64().unwrap();
            for notification in page {
                let text = |field: &str| notification[field].as_str().unwrap().to_owned();
                *self.times.entry((text("alert_id"), text("price"))).or_default() += 1;
            }
        }
    }

    fn times(&self, alert: &str, price: &str) -> usize {
        self.times.get(&(alert.to_owned(), price.to_owned())).copied().unwrap_or(0)
    }

    /// Reads on until the last crossing of a ticker was told, before which all others of its way in were decided.
    async fn until_last(&mut self, alert: &str, price: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.read_on().await;
            if self.times(alert, price) > 0 {
                return;
            }
            assert!(Instant::now() < deadline, "the crossing at {price} is not told");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn count(brought: &Brought, alerts: &[String], told: &Told) -> Count {
    let of = |price: &String| alerts.iter().map(|alert| told.times(alert, price)).collect::<Vec<usize>>();
    let doubled = |times: &usize| times.saturating_sub(1);
    let all = brought.acknowledged.iter().chain(&brought.unknown).flat_map(of).collect::<Vec<_>>();
    Count {
        acknowledged: brought.acknowledged.len(),
        unknown: brought.unknown.len(),
        doubled: all.iter().map(doubled).sum(),
        lost: brought.acknowledged.iter().flat_map(of).filter(|times| *times == 0).count(),
    }
}

/// Kills the engine, or asks it to stop, and starts it again once it has ended; returns when there is another.
async fn take_down(fleet: &mut Fleet, signal: &str) {
    let engine = fleet.engine().await;
    // At any moment of its work.
    tokio::time::sleep(Duration::from_millis(u64::from(rand::random::<u16>() % 1_200))).await;
    fleet.workers[engine].signal(signal);
    fleet.workers[engine].ended().await;
    fleet.restart(engine).await;
}

#[expect(clippy::disallowed_methods, reason = "how long a test runs is asked of whoever starts it")]
fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_the_engine_dies_each_crossing_is_told_once_on_both_ways_in() {
    let redis = Redis::start(free_port());
    let database = postgres::Database::new(None).await;
    let options = ["--database-url".to_owned(), database.url(), "--keep-notifications".to_owned(), "1000000".to_owned()];
    // Pushes go in at one that is never the engine, so that it lives to say what became of them.
    let mut fleet = Fleet::start_as(&["web", "all", "all"], 0, redis.port, &options).await;
    let door = fleet.workers[0].address;
    let link = redis::Client::open(format!("redis://127.0.0.1:{}", redis.port)).unwrap();
    let link = link.get_multiplexed_async_connection().await.unwrap();
    let (stop, began) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let mut programs = Vec::new();
    for way in [Way::Pushes, Way::FeedQuotes] {
        for program in 0..PROGRAMS {
            let alerts = watch(door, &way.ticker(program)).await;
            programs.push((way, alerts, bring(way, program, door, link.clone(), Arc::clone(&stop))));
        }
    }
    let (kills, restarts) = (kills(), kills().div_ceil(8));
    for _ in 0..kills {
        take_down(&mut fleet, "KILL").await;
    }
    for _ in 0..restarts {
        take_down(&mut fleet, "TERM").await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut counts = HashMap::from([("pushes", Count::default()), ("feed:quotes", Count::default())]);
    let (mut told, mut brought) = (Told::nothing(door), Vec::new());
    for (way, alerts, task) in programs {
        let all = task.await.unwrap();
        told.until_last(&alerts[ALERTS - 1], all.acknowledged.last().unwrap()).await;
        brought.push((way, alerts, all));
    }
    for (way, alerts, all) in &brought {
        let count = count(all, alerts, &told);
        let sum = counts.get_mut(if *way == Way::Pushes { "pushes" } else { "feed:quotes" }).unwrap();
        sum.acknowledged += count.acknowledged;
        sum.unknown += count.unknown;
        sum.doubled += count.doubled;
        sum.lost += count.lost;
    }
    println!(
        "\n{kills} kills and {restarts} restarts of the engine in {:.0} s, {ALERTS} alerts a crossing",
        began.elapsed().as_secs_f64()
    );
    println!("| way in | crossings acknowledged | not answered | doubled | lost |\n|---|---:|---:|---:|---:|");
    for (way, Count { acknowledged, unknown, doubled, lost }) in &counts {
        println!("| {way} | {acknowledged} | {unknown} | {doubled} | {lost} |");
    }
    assert!(counts.values().all(|count| (count.doubled, count.lost) == (0, 0)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_in_feed_quotes_when_the_engine_is_told_to_stop_is_told_once() {
    let redis = Redis::start(free_port());
    let mut fleet = Fleet::start(1, 0, redis.port, &[]).await;
    let door = fleet.workers[0].address;
    let mut link = redis::Client::open(format!("redis://127.0.0.1:{}", redis.port))
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let mut alerts = Vec::new();
    for number in 0..250 {
        alerts.push(watch(door, &format!("W{number}")).await);
    }
    // 750 alerts, each of which one of 250 crossings fires.
    for number in 0..250 {
        assert!(add(&mut link, &format!("W{number}"), &crossing(number)).await);
    }
    tokio::time::sleep(Duration::from_millis(30)).await;
    let stopped = Instant::now();
    fleet.workers[0].signal("TERM");
    assert!(fleet.workers[0].ended().await, "it ends well:\n{}", fleet.log(0));
    // The notice, the streams' drain with its grace, and the engine's own.
    assert!(stopped.elapsed() < Duration::from_secs(12), "it ends in time");
    fleet.restart(0).await;
    let mut told = Told::nothing(door);
    told.until_last(&alerts[249][ALERTS - 1], &crossing(249)[1]).await;
    for (number, ids) in (0..).zip(&alerts) {
        for id in ids {
            assert_eq!(told.times(id, &crossing(number)[1]), 1, "alert {id} of W{number}");
        }
    }
    assert_eq!(told.times.len(), 750);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_engine_says_at_its_end_is_in_redis_before_its_lease_is_given_back() {
    let redis = Redis::start(free_port());
    let mut fleet = Fleet::start(1, 0, redis.port, &[]).await;
    let door = fleet.workers[0].address;
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", redis.port)).unwrap();
    let mut link = client.get_multiplexed_async_connection().await.unwrap();
    for number in 0..50 {
        watch(door, &format!("W{number}")).await;
    }
    let sqlite = fleet.sqlite().await;
    let stored = async || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notifications").fetch_one(&sqlite).await.unwrap();
    let before = stored().await;
    for number in 0..50 {
        assert!(add(&mut link, &format!("W{number}"), &crossing(number)).await);
    }
    // Redis writes nothing until the engine has ended, which is a second after it is told; its lease lasts for three.
    redis.run(&["CLIENT", "PAUSE", "1800", "WRITE"]);
    fleet.workers[0].signal("TERM");
    assert!(fleet.workers[0].ended().await, "it ends well:\n{}", fleet.log(0));
    let log = fleet.log(0);
    assert!(!log.contains("this term ends") && !log.contains("begin anew"), "{log}");
    assert_eq!(stored().await - before, 150, "it was told to stop when all had fired:\n{log}");
    let said = redis.run(&["XRANGE", "{foliostream}:log", "-", "+"]);
    let told = said.lines().filter(|line| line.contains("alert_triggered")).count();
    assert_eq!(i64::try_from(told), Ok(stored().await), "as many were said as were stored:\n{log}");
    assert_eq!(redis.run(&["EXISTS", "{foliostream}:lease:engine"]), "0", "and the lease is free at once");
}
