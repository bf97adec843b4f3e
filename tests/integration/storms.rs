//! Clients in great numbers and bad ones: the server is healthy while it lasts or at least afterwards. Asked of the real binary,
//! which has its own files to run out of.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Folders, Process, TOKEN};

const DEADLINE: Duration = Duration::from_secs(60);

const OPTIONS: [&str; 7] = ["--feed", "none", "--ingest-token", TOKEN, "--no-demo", "--max-streams-per-user", "0"];

/// Connects from one of several loopback addresses, so that none of them runs out of ports.
async fn connect(server: &Process, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 1, 1 + (number % 10) as u8], 0).into())?;
    socket.connect(server.address).await
}

async fn push(server: &Process, price: &str) {
    let quotes = serde_json::json!([{"ticker": "AAPL", "price": price}]);
    let request = server.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
    request.json(&quotes).send().await.expect(202);
}

/// Checks that a stream opens, and that a price pushed after it arrives.
async fn expect_healthy(server: &Process, price: &str) {
    let mut stream = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").stream().await;
    stream.opening().await;
    push(server, price).await;
    while stream.until("price_update").await.text("price") != price {}
}

/// How many files a test may open; the rest is the machine's to set.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_ascii_whitespace().next().and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX)
}

#[tokio::test]
async fn ten_thousand_half_sent_heads_are_given_up_after_ten_seconds_and_harm_nobody() {
    let count = 10_000.min(files().saturating_sub(300));
    let folders = Folders::new();
    let server = Process::start(&folders, &OPTIONS);
    push(&server, "1").await;
    let mut half_sent = Vec::with_capacity(count);
    for number in 0..count {
        let mut stream = connect(&server, number).await.unwrap();
        stream.write_all(b"GET /api/v1/sse/prices?tickers=AAPL HTTP/1.1\r\nHost: loc").await.unwrap();
        half_sent.push(stream);
    }
    expect_healthy(&server, "2").await;
    let mut waiting = JoinSet::new();
    for mut stream in half_sent {
        waiting.spawn(async move { timeout(DEADLINE, stream.read_to_end(&mut Vec::new())).await.is_ok() });
    }
    while let Some(was_closed) = waiting.join_next().await {
        assert!(was_closed.unwrap(), "a half-sent head is given up");
    }
    expect_healthy(&server, "3").await;
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_server_that_runs_out_of_files_goes_on_with_those_it_has_and_recovers() {
    let folders = Folders::new();
    let server = Process::start_with_files(&folders, 256, &OPTIONS);
    push(&server, "1").await;
    let mut watcher = server.request("GET", "/api/v1/sse/prices?tickers=AAPL").stream().await;
    watcher.opening().await;
    // More than it can take; the rest wait in the system's queue.
    let mut greedy = Vec::new();
    for number in 0..600 {
        let mut stream = connect(&server, number).await.unwrap();
        stream.write_all(b"GET /api/v1/sse/prices?tickers=AAPL HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        greedy.push(stream);
    }
    let mut first = vec![0; 64];
    timeout(DEADLINE, greedy[0].read_exact(&mut first)).await.unwrap().unwrap();
    greedy.truncate(0);
    expect_healthy(&server, "2").await;
    assert_eq!(watcher.until("price_update").await.text("price"), "2", "the stream that was there before lives");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_storm_of_streams_that_come_and_go_leaves_no_place_taken() {
    let folders = Folders::new();
    let server = Process::start(&folders, &OPTIONS);
    push(&server, "1").await;
    let mut storm = JoinSet::new();
    for number in 0..3_000 {
        if storm.len() >= 200 {
            storm.join_next().await.unwrap().unwrap();
        }
        let connecting = connect(&server, number).await;
        storm.spawn(async move {
            let mut stream = connecting.unwrap();
            let request = b"GET /api/v1/sse/prices?tickers=AAPL HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).await.unwrap();
            // Some hang up before the answer, some within it, some after.
            let mut bytes = vec![0; number % 3 * 150];
            let _ = timeout(DEADLINE, stream.read_exact(&mut bytes)).await.unwrap();
        });
    }
    storm.join_all().await;
    let emptied = timeout(DEADLINE, async {
        loop {
            let figures = server.request("GET", "/metrics").send().await.text();
            // The connection that asks is one of them.
            if figures.contains("foliostream_streams 0\n") && figures.contains("foliostream_connections 1\n") {
                break;
            }
        }
    });
    emptied.await.expect("every place comes back");
    expect_healthy(&server, "2").await;
    assert_eq!(server.terminate(), Some(0));
}
