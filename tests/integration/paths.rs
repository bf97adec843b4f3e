//! Two ways of writing a stream: the reactor's and the HTTP library's, each over a bare socket and within TLS. A client cannot
//! distinguish them, and neither costs others.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::support::{Authority, Basket, Connection, Server};

/// The ways to a client: the path of its stream, and the TLS it is spoken to within.
type Way = (&'static str, Option<&'static SupportedProtocolVersion>);

const REACTOR: [Way; 3] = [("reactor", None), ("reactor", Some(&TLS12)), ("reactor", Some(&TLS13))];
const PORTABLE: [Way; 2] = [("portable", None), ("portable", Some(&TLS13))];

fn ways() -> impl Iterator<Item = Way> {
    REACTOR.into_iter().chain(PORTABLE)
}

const DEADLINE: Duration = Duration::from_secs(20);

async fn start(way: Way, options: &[&str]) -> Server {
    limited(way, &[&["--max-streams-per-user", "0"], options].concat()).await
}

async fn limited((path, version): Way, options: &[&str]) -> Server {
    let all = [&["--stream-path", path], options].concat();
    match version {
        None => Server::with(&all).await,
        Some(version) => Server::within_tls(&Authority::new(), version, &all).await,
    }
}

/// Everything that comes over a connection, as it comes.
struct Wire {
    socket: Box<dyn Connection>,
    bytes: Vec<u8>,
}

impl Wire {
    async fn open(server: &Server, request: &str) -> Self {
        let mut socket = server.connect().await;
        socket.write_all(request.as_bytes()).await.unwrap();
        Self { socket, bytes: Vec::new() }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Reads until a text has come so many times.
    async fn until(&mut self, wanted: &str, times: usize) {
        while self.text().matches(wanted).count() < times {
            let read = timeout(DEADLINE, self.socket.read_buf(&mut self.bytes)).await;
            let count = read.unwrap_or_else(|_| panic!("no {wanted:?} in {:?}", self.text())).unwrap();
            assert_ne!(count, 0, "no {wanted:?} before the end: {:?}", self.text());
        }
    }

    /// Reads to the end of the connection, which within TLS must be said.
    async fn read_to_the_end(&mut self) {
        let rest = timeout(DEADLINE, self.socket.read_to_end(&mut self.bytes)).await;
        rest.expect("the connection ends").unwrap();
    }
}

fn request(path: &str) -> String {
    format!("GET /api/v1/sse/{path} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

/// Blanks what differs from connection to connection, without changing a length.
fn blanked(text: &str) -> String {
    let mut blanked = String::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with("date: ") || line.starts_with("retry: ") {
            blanked.push_str(&line.replace(|character: char| character.is_ascii_alphanumeric(), "x"));
        } else if let Some((before, rest)) = line.split_once("\"worker\":\"") {
            let (worker, after) = rest.split_once('"').unwrap();
            blanked.push_str(&format!("{before}\"worker\":\"{}\"{after}", "x".repeat(worker.len())));
        } else {
            blanked.push_str(line);
        }
    }
    blanked
}

/// A stream with everything that can come over it, from its head to its end, byte by byte.
async fn whole_stream(way: Way) -> String {
    let server = start(way, &["--heartbeat-s", "15", "--stale-after-s", "600"]).await;
    server.price("AAPL", "150").await;
    let mut wire = Wire::open(&server, &request("stream?tickers=AAPL,NEW&notifications=true")).await;
    wire.until("event: synced", 1).await;
    server.price("AAPL", "151").await;
    wire.until("event: price_update", 2).await;
    server.alert(&json!({"ticker": "AAPL", "condition": "price_above", "threshold": "200", "note": "\u{2028}🎉<b>"})).await;
    wire.until("event: alert_changed", 1).await;
    // Silence for longer than a heartbeat's interval with its spread.
    server.advance(17_000);
    wire.until("event: heartbeat", 1).await;
    server.stop().await;
    wire.read_to_the_end().await;
    assert!(wire.text().ends_with("0\r\n\r\n"), "{}", wire.text());
    wire.text()
}

/// Replaces UUIDs by their length.
fn without_identities(text: &str) -> String {
    let is_identity = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    text.split_inclusive('"').map(|part| if is_identity(part.trim_end_matches('"')) { "identity\"" } else { part }).collect()
}

/// Blanks the mark of the first term, as in `1483920174`, which each server draws for itself.
fn without_marks(text: &str) -> String {
    text.split_inclusive(|character: char| !character.is_ascii_digit())
        .map(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 10 && part.starts_with('1') { format!("1mark{}", &part[digits..]) } else { part.to_owned() }
        })
        .collect()
}

#[tokio::test]
async fn every_way_writes_the_same_head_and_the_same_bytes_for_the_same_events() {
    let mut first = None;
    for way in ways() {
        let mut text = without_marks(&without_identities(&blanked(&whole_stream(way).await)));
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        if way.1.is_some() {
            // Only within TLS a browser is told to stay there.
            let before = text.len();
            text = text.replace("strict-transport-security: max-age=31536000\r\n", "");
            assert_ne!(text.len(), before, "{text}");
        }
        let first = first.get_or_insert_with(|| text.clone());
        for (of_first, of_this) in first.lines().zip(text.lines()) {
            assert_eq!(of_first, of_this, "{way:?}");
        }
        assert_eq!(first.len(), text.len(), "{way:?}");
    }
}

#[tokio::test]
async fn a_stream_asked_for_behind_other_requests_on_one_connection_follows_their_answers() {
    for way in ways() {
        let server = start(way, &[]).await;
        server.price("AAPL", "150").await;
        let pipelined = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n{}", request("prices?tickers=AAPL"));
        let mut wire = Wire::open(&server, &pipelined).await;
        wire.until("event: synced", 1).await;
        let text = wire.text();
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{way:?}: {text}");
        assert!(text.find("alive").unwrap() < text.find("event: hello").unwrap(), "{way:?}: {text}");
    }
}

#[tokio::test]
async fn a_large_answer_that_is_not_read_yet_is_not_lost_to_a_stream_behind_it() {
    for way in ways() {
        let server = start(way, &[]).await;
        server.price("AAPL", "150").await;
        // More than all buffers between the two take, so that the server still holds some of it when the stream is asked for.
        let large = "GET /api/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(200);
        let mut socket = server.connect().await;
        socket.write_all(large.as_bytes()).await.unwrap();
        socket.write_all(request("prices?tickers=AAPL").as_bytes()).await.unwrap();
        server.get("/healthz").await;
        let mut wire = Wire { socket, bytes: Vec::new() };
        wire.until("event: synced", 1).await;
        assert_eq!(wire.text().matches("\"openapi\":").count(), 200, "{way:?}");
    }
}

#[tokio::test]
async fn a_request_head_that_comes_byte_by_byte_becomes_a_stream() {
    for way in ways() {
        let server = start(way, &[]).await;
        server.price("AAPL", "150").await;
        let mut wire = Wire::open(&server, "").await;
        for byte in request("prices?tickers=AAPL").bytes() {
            wire.socket.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        wire.until("event: synced", 1).await;
    }
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_a_stream_without_chunks() {
    for way in ways() {
        let server = start(way, &[]).await;
        server.price("AAPL", "150").await;
        let old = request("prices?tickers=AAPL").replace("HTTP/1.1", "HTTP/1.0");
        let mut wire = Wire::open(&server, &old).await;
        wire.until("event: synced", 1).await;
        assert!(!wire.text().contains("transfer-encoding"), "{way:?}: {}", wire.text());
        server.stop().await;
        wire.read_to_the_end().await;
        assert!(wire.text().contains("event: bye"), "{way:?}: {}", wire.text());
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_gives_its_place_back_at_once() {
    for way in ways() {
        let server = limited(way, &["--max-streams-per-user", "1"]).await;
        server.price("AAPL", "150").await;
        for _ in 0..5 {
            let mut stream = server.stream("prices?tickers=AAPL").await;
            stream.opening().await;
            server.refused("prices?tickers=AAPL").await;
            drop(stream);
            let freed = timeout(Duration::from_secs(1), async {
                while !server.get("/metrics").await.text().contains("foliostream_streams 0\n") {}
            });
            freed.await.unwrap_or_else(|_| panic!("{way:?}: the place was not given back within a second"));
        }
    }
}

#[tokio::test]
async fn a_client_that_talks_on_a_stream_is_not_answered_and_at_length_cut() {
    for way in REACTOR {
        let server = start(way, &[]).await;
        server.price("AAPL", "150").await;
        let mut wire = Wire::open(&server, &request("prices?tickers=AAPL")).await;
        wire.until("event: synced", 1).await;
        wire.socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        server.price("AAPL", "151").await;
        wire.until("event: price_update", 2).await;
        assert!(!wire.text().contains("alive"), "{way:?}: {}", wire.text());
        // Either the writing fails or the reading ends: the server has hung up.
        let (mut reader, mut writer) = tokio::io::split(wire.socket);
        let talking = tokio::spawn(async move { while writer.write_all(&[b'x'; 4_096]).await.is_ok() {} });
        let mut rest = Vec::new();
        let _ = timeout(DEADLINE, reader.read_to_end(&mut rest)).await.expect("the server hangs up");
        timeout(DEADLINE, talking).await.expect("nobody takes more").unwrap();
    }
}

#[tokio::test]
async fn a_reader_that_takes_nothing_for_half_a_minute_is_closed_and_counted() {
    for way in REACTOR {
        let server = start(way, &[]).await;
        let basket = Basket::new();
        server.push_raw(&basket.at(1)).await.expect(202);
        server.advance(250);
        let mut stopped = server.stream(&basket.stream()).await;
        let mut neighbour = server.stream("prices?tickers=T0").await;
        neighbour.opening().await;
        for price in 2..=100 {
            server.push_raw(&basket.at(price)).await.expect(202);
            server.advance(250);
            assert_eq!(neighbour.expect("price_update").await.text("price"), price.to_string());
        }
        let mut figures = server.stream("metrics").await;
        let mut told = json!({});
        for _ in 0..200 {
            if told["slow_closed"] == 1 && told["streams"] == 2 {
                break;
            }
            told = figures.next_while(|| server.advance(1_000)).await.expect("figures come once a second").data;
        }
        assert_eq!((&told["slow_closed"], &told["streams"]), (&json!(1), &json!(2)), "{way:?}");
        let mut events = 0;
        while stopped.next_or_end().await.is_some() {
            events += 1;
        }
        assert!(events > 200, "{way:?}: it reads what was under way, and then the end: {events} events");
    }
}

#[tokio::test]
async fn a_reader_that_rests_and_goes_on_gets_whole_frames_and_the_newest_prices() {
    for way in REACTOR {
        let server = start(way, &[]).await;
        let basket = Basket::new();
        server.push_raw(&basket.at(1)).await.expect(202);
        server.advance(250);
        let mut resting = server.stream(&basket.stream()).await;
        let mut neighbour = server.stream("prices?tickers=T0").await;
        neighbour.opening().await;
        // For 15 s, in which far more is due than the sockets take: parts of frames wait in the server.
        let last = 60;
        for price in 2..=last {
            server.push_raw(&basket.at(price)).await.expect(202);
            server.advance(250);
            assert_eq!(neighbour.expect("price_update").await.text("price"), price.to_string());
        }
        let mut newest = std::collections::HashMap::new();
        while newest.len() < Basket::SIZE || newest.values().any(|price| *price != last.to_string()) {
            let message = resting.next().await;
            if message.event == "price_update" {
                newest.insert(message.text("ticker"), message.text("price"));
            }
        }
        server.price("T0", "1000").await;
        assert_eq!(resting.until("price_update").await.text("price"), "1000", "{way:?}");
    }
}

#[tokio::test]
async fn a_stream_says_why_it_ends_and_ends_in_order() {
    for way in ways() {
        let server = start(way, &["--max-age-s", "600"]).await;
        server.price("AAPL", "150").await;
        let path = "prices?tickers=AAPL&client=0193a5b0-0000-7000-8000-000000000001";
        let mut older = server.stream(path).await;
        older.opening().await;
        let mut newer = server.stream(path).await;
        newer.opening().await;
        assert_eq!(older.end().await.text("reason"), "replaced", "{way:?}");
        let mut reason = None;
        while let Some(message) = newer.next_while(|| server.advance(2_000)).await {
            reason = (message.event == "bye").then(|| message.text("reason"));
        }
        assert_eq!(reason.as_deref(), Some("max_age"), "{way:?}");
        let mut draining = server.stream(path).await;
        draining.opening().await;
        let (ended, ()) = tokio::join!(draining.end(), server.stop());
        assert_eq!(ended.text("reason"), "drain", "{way:?}");
    }
}

#[tokio::test]
async fn a_stream_of_two_hundred_tickers_is_synced_and_whole_every_way() {
    for way in ways() {
        let server = start(way, &[]).await;
        let basket = Basket::new();
        server.push_raw(&basket.at(1)).await.expect(202);
        server.advance(250);
        let mut stream = server.stream(&basket.stream()).await;
        let opening = stream.opening().await;
        let mut seen: Vec<_> =
            opening.iter().filter(|message| message.event == "price_update").map(|message| message.text("ticker")).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), Basket::SIZE, "{way:?}");
    }
}
