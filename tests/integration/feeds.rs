//! The simulated market and recorded ticks, as clients see them.

use std::path::PathBuf;
use std::sync::Arc;

use foliostream_server::clock::Clock;
use rust_decimal::Decimal;
use serde_json::json;

use crate::support::{Folders, Process, Server};

const MORNING: &str = "2026-11-02T15:00:00Z";

async fn simulated(folders: &Arc<Folders>, clock: &Clock, options: &[&str]) -> Server {
    Server::start_in(Arc::clone(folders), clock.clone(), options).await
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_first_start_makes_the_demo_and_a_second_does_not() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let server = simulated(&folders, &clock, &[]).await;
    let portfolios = server.get("/api/v1/portfolios").await.expect(200);
    let id = portfolios[0]["portfolio_id"].as_str().unwrap().to_owned();
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    let holdings = view["holdings"].as_array().unwrap();
    assert!((12..=20).contains(&holdings.len()));
    assert!(["AAPL", "MSFT"].iter().all(|ticker| holdings.iter().any(|holding| holding["ticker"] == *ticker)));
    for field in ["market_value", "unrealized_pnl", "day_change", "cash", "total_gain"] {
        assert!(view[field].is_string(), "{field} is known");
    }
    let quotes = server.get("/api/v1/quotes").await.expect(200);
    assert!(quotes.as_array().unwrap().len() >= 40);
    server.delete(&format!("/api/v1/portfolios/{id}")).await;
    server.stop().await;
    let server = simulated(&folders, &clock, &[]).await;
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200), json!([]), "deleting it is for good");
}

#[tokio::test]
async fn no_demo_starts_empty() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let server = simulated(&folders, &clock, &["--no-demo"]).await;
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200), json!([]));
    assert_eq!(server.get("/").await.status(), 200);
}

#[tokio::test]
async fn every_instrument_ticks_at_least_twice_a_second() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let server = simulated(&folders, &clock, &["--no-demo", "--frame-interval-ms", "50"]).await;
    let quotes = server.get("/api/v1/quotes").await.expect(200);
    let tickers: Vec<&str> = quotes.as_array().unwrap().iter().map(|quote| quote["ticker"].as_str().unwrap()).collect();
    let mut stream = server.stream(&format!("prices?tickers={}", tickers.join(","))).await;
    stream.opening().await;
    let mut seen = std::collections::HashMap::<String, u32>::new();
    let end: jiff::Timestamp = "2026-11-02T15:00:04Z".parse().unwrap();
    loop {
        let message = stream.next_while(|| server.advance(50)).await.unwrap();
        if server.clock.now() > end {
            break;
        }
        *seen.entry(message.text("ticker")).or_default() += 1;
        assert_eq!(message.text("freshness"), "live");
        assert!(number(&message.text("bid")) < number(&message.text("ask")), "{message:?}");
    }
    assert_eq!(seen.len(), tickers.len());
    assert!(seen.values().all(|count| *count >= 5), "in three seconds: {seen:?}");
}

/// Returns every ticker with its price and time.
async fn prices(server: &Server) -> Vec<String> {
    let quotes = server.get("/api/v1/quotes").await.expect(200);
    quotes.as_array().unwrap().iter().map(|quote| format!("{} {} {}", quote["ticker"], quote["price"], quote["time"])).collect()
}

/// Waits until two servers whose clocks stand at the same instant are at the same prices.
async fn agree(left: &Server, right: &Server) {
    assert_eq!(left.clock.now(), right.clock.now());
    for _ in 0..1_000 {
        if prices(left).await == prices(right).await {
            return;
        }
    }
    assert_eq!(prices(left).await, prices(right).await);
}

/// Starts a server with a seed, which will stand at `time` when it is up.
async fn seeded(folders: &Arc<Folders>, time: jiff::Timestamp, seed: &str) -> Server {
    // A server is a second old when a test gets it.
    let clock = Clock::manual(time - jiff::SignedDuration::from_secs(1));
    simulated(folders, &clock, &["--no-demo", "--seed", seed, "--frame-interval-ms", "50"]).await
}

#[tokio::test]
async fn the_same_seed_continues_the_same_path_after_a_restart() {
    let folders = Arc::new(Folders::new());
    let server = seeded(&folders, MORNING.parse().unwrap(), "7").await;
    server.alert(&json!({"ticker": "AAPL", "condition": "crosses_above", "threshold": "1"})).await;
    for _ in 0..100 {
        server.advance(100);
        server.get("/healthz").await;
    }
    let now = server.clock.now();
    let elsewhere = seeded(&Arc::new(Folders::new()), now, "7").await;
    agree(&server, &elsewhere).await;
    server.stop().await;
    let again = seeded(&folders, now, "7").await;
    agree(&again, &elsewhere).await;
    assert_eq!(again.notifications().await.len(), 0, "no jump, no false crossing");
    let other = seeded(&Arc::new(Folders::new()), now, "8").await;
    assert_ne!(prices(&other).await, prices(&again).await);
}

#[tokio::test]
async fn exchanges_that_are_closed_say_so() {
    let sunday = Clock::manual("2026-11-01T12:00:00Z".parse().unwrap());
    let server = simulated(&Arc::new(Folders::new()), &sunday, &["--no-demo", "--always-open", "false"]).await;
    let quotes = server.get("/api/v1/quotes?tickers=AAPL,BTC-USD").await.expect(200);
    assert_eq!((&quotes[0]["freshness"], &quotes[1]["freshness"]), (&json!("closed"), &json!("live")), "crypto never closes");
}

#[tokio::test]
async fn pushed_quotes_and_a_model_share_one_door() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let server = simulated(&folders, &clock, &["--no-demo", "--ingest-token", "t0ken"]).await;
    server.price("MINE", "5").await;
    assert_eq!(server.stream("prices?tickers=MINE").await.until("price_update").await.text("price"), "5");
}

/// Writes ticks of two instruments over three minutes, one every ten seconds: one that the simulated market has too, and one of its own.
fn two_instruments(folders: &Folders) -> PathBuf {
    let file = folders.path("two.csv");
    let row = |place: i64, ticker: &str| {
        let time = "2026-01-02T10:00:00Z".parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(10 * place);
        format!("{time},{ticker},{}\n", 140 + place)
    };
    let rows: String = (0..18).map(|place| row(place, "AAPL") + &row(place, "NEW")).collect();
    std::fs::write(&file, format!("time,ticker,price\n{rows}")).unwrap();
    file
}

async fn source_of(server: &Server, ticker: &str) -> (serde_json::Value, serde_json::Value) {
    let quote = server.get(&format!("/api/v1/quotes?tickers={ticker}")).await.expect(200)[0].clone();
    (quote["source"].clone(), quote["delay_s"].clone())
}

/// Lets time go on until each of these tickers has changed its price so many times, and returns their prices.
async fn prices_of(server: &Server, tickers: [&str; 2], times: usize) -> [Vec<Decimal>; 2] {
    let mut stream = server.resume(&format!("prices?tickers={}", tickers.join(",")), "x").await;
    let mut prices = [Vec::new(), Vec::new()];
    while prices.iter().any(|prices| prices.len() < times) {
        let message = stream.next_while(|| server.advance(250)).await.unwrap();
        if message.event == "price_update" {
            let place = tickers.iter().position(|ticker| *ticker == message.text("ticker")).unwrap();
            assert_eq!(message.data.get("source"), None, "events stay as small as they are");
            prices[place].push(number(&message.text("price")));
        }
    }
    prices
}

#[tokio::test]
async fn several_sources_run_at_once_and_the_first_named_has_what_both_have() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let replay = format!("replay:{}", two_instruments(&folders).display());
    let options = ["--feed", "simulated", "--feed", &replay, "--ingest-token", "t0ken"];
    let server = simulated(&folders, &clock, &options).await;
    server.price("MINE", "5").await;
    let [apple, new] = prices_of(&server, ["AAPL", "NEW"], 3).await;
    assert!(apple.iter().all(|price| *price > number("160")), "not those of the file, 140 to 157: {apple:?}");
    assert_eq!(new, [140, 141, 142].map(Decimal::from));
    for (ticker, source) in [("AAPL", "simulated"), ("NEW", "replay"), ("MINE", "pushed")] {
        assert_eq!(source_of(&server, ticker).await, (json!(source), json!(0)), "{ticker}");
        let found = server.get(&format!("/api/v1/instruments?query={ticker}")).await.expect(200);
        assert_eq!((&found[0]["ticker"], &found[0]["source"]), (&json!(ticker), &json!(source)));
    }
    let page = server.get("/").await.text();
    assert!(page.contains("Simulated market:") && page.contains("Replayed market:"), "a page tells of both");
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200).as_array().unwrap().len(), 1, "the demo is the model's");
    let history = "/history?from=2026-10-01&to=2026-11-02";
    let bars = server.get(&format!("/api/v1/instruments/AAPL{history}")).await.expect(200);
    assert_eq!(bars.as_array().unwrap().len(), 33, "its history is the model's");
}

#[tokio::test]
async fn a_replay_that_is_named_first_has_what_the_model_has_too() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let feed = format!("replay:{},simulated", two_instruments(&folders).display());
    let server = simulated(&folders, &clock, &["--feed", &feed]).await;
    let [apple, microsoft] = prices_of(&server, ["AAPL", "MSFT"], 3).await;
    assert_eq!(apple, [140, 141, 142].map(Decimal::from));
    assert!(microsoft.iter().all(|price| *price > number("200")), "{microsoft:?}");
    assert_eq!(source_of(&server, "AAPL").await.0, "replay");
    assert_eq!(source_of(&server, "MSFT").await.0, "simulated");
    let bars = server.get("/api/v1/instruments/AAPL/history").await.expect(200);
    assert_eq!(bars, json!([]), "the model's past is not that of the file");
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200), json!([]), "no demo with prices of another source");
}

#[tokio::test]
async fn after_a_restart_pushed_quotes_are_kept_beside_sources_and_a_replay_begins_anew() {
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let feed = format!("simulated,replay:{}", two_instruments(&folders).display());
    let options = ["--feed", feed.as_str(), "--no-demo", "--ingest-token", "t0ken"];
    let server = simulated(&folders, &clock, &options).await;
    prices_of(&server, ["AAPL", "NEW"], 12).await;
    server.price("MINE", "5").await;
    for (ticker, threshold) in [("NEW", "145"), ("MINE", "6"), ("AAPL", "1")] {
        server.alert(&json!({"ticker": ticker, "condition": "crosses_above", "threshold": threshold})).await;
    }
    prices_of(&server, ["AAPL", "NEW"], 2).await;
    server.stop().await;

    let server = simulated(&folders, &clock, &options).await;
    assert_eq!(source_of(&server, "MINE").await, (json!("pushed"), json!(0)));
    let quote = &server.get("/api/v1/quotes?tickers=MINE,AAPL").await.expect(200);
    assert_eq!((&quote[0]["price"], &quote[0]["freshness"]), (&json!("5"), &json!("stale")));
    assert_eq!((&quote[1]["source"], &quote[1]["freshness"]), (&json!("simulated"), &json!("live")));
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    let triggered = loop {
        let message = stream.next_while(|| server.advance(250)).await.unwrap();
        if message.event == "alert_triggered" {
            break message;
        }
    };
    let told = (triggered.text("ticker"), triggered.text("price"), triggered.data["gap"].clone());
    assert_eq!(told, ("NEW".to_owned(), "146".to_owned(), json!(false)), "the replay begins anew, without a gap");
    server.price("MINE", "7").await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((triggered.text("ticker"), triggered.text("previous_price")), ("MINE".to_owned(), "5".to_owned()));
}

#[tokio::test]
async fn ticks_of_an_instrument_that_another_source_has_are_named_once_in_the_log() {
    let folders = Folders::new();
    let file = two_instruments(&folders);
    let feed = format!("simulated,replay:{}", file.display());
    let process = Process::start(&folders, &["--feed", &feed, "--replay-speed", "1000"]);
    let mut stream = process.request("GET", "/api/v1/sse/prices?tickers=NEW").stream().await;
    while stream.next().await.data["price"] != "157" {}
    let log = process.log();
    let words = "AAPL has its prices from simulated; those of replay are left out, as simulated was named first";
    assert_eq!(log.matches(words).count(), 1, "{log}");
}

fn ticks() -> Option<PathBuf> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ticks/eurusd-2020-01-01.csv");
    if !file.exists() {
        eprintln!("skipped: {} is not here", file.display());
        return None;
    }
    Some(file)
}

/// Returns the time and the mid price of the first row that crosses a level upwards, and the mid price before it.
fn first_crossing(file: &PathBuf, level: Decimal) -> (jiff::Timestamp, Decimal, Decimal) {
    let text = std::fs::read_to_string(file).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let time: jiff::Timestamp = fields[0].parse().unwrap();
        (time, (number(fields[2]) + number(fields[3])) / Decimal::TWO)
    };
    let rows: Vec<_> = text.lines().skip(1).map(row).collect();
    let crossing = rows.windows(2).find(|pair| pair[0].1 <= level && pair[1].1 > level).expect("the file crosses the level");
    (crossing[1].0, crossing[1].1, crossing[0].1)
}

#[tokio::test]
async fn a_replay_fires_a_crossing_at_the_right_row() {
    let Some(file) = ticks() else { return };
    let (time, price, previous) = first_crossing(&file, number("1.1220"));
    let feed = format!("replay:{}", file.display());
    let (folders, clock) = (Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()));
    let server = simulated(&folders, &clock, &["--feed", &feed, "--replay-speed", "600"]).await;
    let mut stream = server.resume("stream?tickers=EURUSD=X&notifications=true", "x").await;
    let first = stream.until("price_update").await;
    assert!(first.text("time").starts_with("2020-01-01T17:0"), "a replay's time is the tick's own: {first:?}");
    assert_eq!(first.text("freshness"), "live", "and its freshness counts from receipt");
    server.alert(&json!({"ticker": "EURUSD=X", "condition": "crosses_above", "threshold": "1.1220"})).await;
    let triggered = loop {
        let message = stream.next_while(|| server.advance(250)).await.unwrap();
        if message.event == "alert_triggered" {
            break message;
        }
    };
    assert_eq!(triggered.text("time").parse::<jiff::Timestamp>().unwrap(), time);
    assert_eq!(number(&triggered.text("price")), price);
    assert_eq!(number(&triggered.text("previous_price")), previous);
    assert_eq!(triggered.data["gap"], false);
}

#[tokio::test]
async fn an_alert_of_an_earlier_run_fires_in_a_new_replay_without_a_gap() {
    let folders = Arc::new(Folders::new());
    let file = folders.path("ticks.csv");
    std::fs::write(
        &file,
        "time,ticker,price\n2026-01-02T10:00:00Z,A,149\nnonsense\n2026-01-02T10:01:00Z,A,151\n2026-01-02T10:02:00Z,A,149\n",
    )
    .unwrap();
    let feed = format!("replay:{}", file.display());
    let clock = Clock::manual(MORNING.parse().unwrap());
    let server = simulated(&folders, &clock, &["--feed", &feed]).await;
    let mut stream = server.resume("stream?tickers=A&notifications=true", "x").await;
    stream.until("price_update").await;
    server.alert(&json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"})).await;
    while stream.next_while(|| server.advance(250)).await.unwrap().event != "alert_triggered" {}
    drop(stream);
    while server.get("/api/v1/quotes?tickers=A").await.expect(200)[0]["price"] != "149" {
        server.advance(250);
    }
    server.stop().await;
    let server = simulated(&folders, &clock, &["--feed", &feed]).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    loop {
        let message = stream.next_while(|| server.advance(250)).await.unwrap();
        if message.event == "alert_triggered" {
            assert_eq!((message.data["gap"].clone(), message.data["n"].clone()), (json!(false), json!(2)));
            break;
        }
    }
}

#[tokio::test]
async fn a_replay_that_has_ended_goes_stale_and_one_that_loops_does_not_end() {
    for (options, ends) in [(&[][..], true), (&["--replay-loop"], false)] {
        let folders = Arc::new(Folders::new());
        let file = folders.path("ticks.csv");
        std::fs::write(&file, "time,ticker,bid,ask\n2026-01-02T10:00:00Z,A,1,3\n2026-01-02T10:00:01Z,A,2,4\n").unwrap();
        let feed = format!("replay:{}", file.display());
        let mut all = vec!["--feed", &feed, "--stale-after-s", "5"];
        all.extend(options);
        let server = simulated(&folders, &Clock::manual(MORNING.parse().unwrap()), &all).await;
        let mut stream = server.resume("prices?tickers=A", "x").await;
        let mut prices = Vec::new();
        let stale = loop {
            let message = stream.next_while(|| server.advance(250)).await.unwrap();
            if message.event == "status" && message.text("feed") == "stale" && !prices.is_empty() {
                break true;
            }
            if message.event == "price_update" {
                prices.push(message.text("price"));
            }
            if prices.len() > 8 {
                break false;
            }
        };
        assert_eq!(stale, ends, "{prices:?}");
        assert!(prices.iter().all(|price| ["2", "3"].contains(&price.as_str())), "the mid: {prices:?}");
    }
}

#[tokio::test]
async fn every_bad_row_of_a_replay_is_named_and_the_good_ones_are_told() {
    let folders = Folders::new();
    let file = folders.path("ticks.csv");
    let rows = "time,ticker,bid,ask\n2026-01-05T10:00:00Z,A,1,2\n2026-01-05T10:00:01Z,A,nonsense,2\n2026-01-05T10:00:02Z,A,3,2\n\
                2026-01-05T10:00:03Z,A,2,3\n";
    std::fs::write(&file, rows).unwrap();
    let process = Process::start(&folders, &["--feed", &format!("replay:{}", file.display())]);
    let mut stream = process.request("GET", "/api/v1/sse/stream?tickers=A&notifications=true").stream().await;
    while stream.next().await.data["bid"] != "2" {}
    for line in [3, 4] {
        assert!(process.log().contains(&format!("{}, line {line}:", file.display())), "{}", process.log());
    }
    let figures = process.request("GET", "/metrics").send().await.text();
    assert!(figures.contains("foliostream_feed_bad_rows_total 2\n"), "{figures}");
}
