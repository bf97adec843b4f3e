//! What a peer may hold of a server by sending half of something, or by not taking what it asked for (PROTOCOL §2).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::support::http_2::{DATA, HEADERS, Http2};
use crate::support::{Authority, Folders, Process, Server, TOKEN};

const DEADLINE: Duration = Duration::from_secs(20);

/// A connection of which everything is read as text, to its end.
struct Peer {
    socket: TcpStream,
    heard: Vec<u8>,
}

impl Peer {
    async fn connect(address: std::net::SocketAddr) -> Self {
        Self { socket: TcpStream::connect(address).await.unwrap(), heard: Vec::new() }
    }

    /// Connects and sends what is to be a part of a request.
    async fn sending(address: std::net::SocketAddr, text: &str) -> Self {
        let mut peer = Self::connect(address).await;
        peer.socket.write_all(text.as_bytes()).await.unwrap();
        peer
    }

    /// Reads to the end, while time passes; returns what was said and after how many steps.
    async fn until_end(&mut self, mut tick: impl FnMut()) -> (String, u32) {
        let (deadline, mut steps) = (Instant::now() + DEADLINE, 0);
        loop {
            match timeout(Duration::from_millis(5), self.socket.read_buf(&mut self.heard)).await {
                Ok(Ok(0) | Err(_)) => return (String::from_utf8_lossy(&self.heard).into_owned(), steps),
                Ok(Ok(_)) => {}
                Err(_) => {
                    assert!(Instant::now() < deadline, "not ended: {:?}", String::from_utf8_lossy(&self.heard));
                    tick();
                    steps += 1;
                }
            }
        }
    }
}

fn half_a_post(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{{\"a")
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408_and_its_connection_ends() {
    let server = Server::start().await;
    for path in ["/api/v1/alerts", "/api/v1/portfolios", "/api/ui/create_alert"] {
        let mut peer = Peer::sending(server.address, &half_a_post(path, 1_000)).await;
        let (heard, seconds) = peer.until_end(|| server.advance(1_000)).await;
        assert!(heard.starts_with("HTTP/1.1 408 ") && heard.contains("application/problem+json"), "{path}: {heard}");
        assert!(heard.to_ascii_lowercase().contains("connection: close"), "{path}: {heard}");
        assert!((10..=14).contains(&seconds), "{path}: {seconds} s");
    }
    let figures = server.get("/metrics").await.text();
    assert!(figures.contains("foliostream_requests_cut_total{reason=\"slow\"} "), "{figures}");
}

#[tokio::test]
async fn a_body_in_chunks_that_trickles_is_cut_too() {
    let server = Server::start().await;
    let head =
        "POST /api/v1/alerts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let peer = Peer::sending(server.address, head).await;
    let (mut reader, mut writer) = peer.socket.into_split();
    let clock = server.clock.clone();
    // A byte a second, for as long as it is taken.
    let trickling = tokio::spawn(async move {
        let mut seconds = 0;
        while writer.write_all(b"1\r\n{\r\n").await.is_ok() {
            clock.advance(Duration::from_secs(1));
            seconds += 1;
            tokio::task::yield_now().await;
        }
        seconds
    });
    let mut heard = Vec::new();
    let _ = timeout(DEADLINE, reader.read_to_end(&mut heard)).await.expect("the connection ends");
    assert!(String::from_utf8_lossy(&heard).starts_with("HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&heard));
    assert!(timeout(DEADLINE, trickling).await.unwrap().unwrap() >= 10);
}

#[tokio::test]
async fn a_body_that_comes_whole_within_its_time_is_served() {
    let server = Server::start().await;
    server.price("A", "1").await;
    let body = r#"{"ticker":"A","condition":"price_above","threshold":"2"}"#;
    let (head, rest) = body.split_at(20);
    let request = format!(
        "POST /api/v1/alerts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{head}",
        body.len()
    );
    let mut peer = Peer::sending(server.address, &request).await;
    server.get("/healthz").await;
    server.advance(9_000);
    server.get("/healthz").await;
    peer.socket.write_all(rest.as_bytes()).await.unwrap();
    let (heard, _) = peer.until_end(|| {}).await;
    assert!(heard.starts_with("HTTP/1.1 201 "), "{heard}");
}

#[tokio::test]
async fn twenty_unfinished_requests_do_not_keep_a_server_of_twenty_connections() {
    let server = Server::with(&["--max-connections", "20"]).await;
    let mut peers = Vec::new();
    for _ in 0..20 {
        peers.push(Peer::sending(server.address, &half_a_post("/api/v1/alerts", 1_000)).await);
    }
    let asking = server.request("GET", "/healthz");
    let mut answer = tokio::spawn(asking.send());
    let mut seconds = 0;
    let answer = loop {
        match timeout(Duration::from_millis(5), &mut answer).await {
            Ok(answer) => break answer.unwrap(),
            Err(_) => {
                server.advance(1_000);
                seconds += 1;
            }
        }
    };
    assert_eq!(answer.status(), 200);
    assert!(seconds <= 15, "{seconds} s");
}

/// Returns the memory that a process holds for itself, in KiB: the pages of its program, which grow with each feature, are not among it.
fn held_kib(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.number())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Returns how many requests were not waited for, for want of room.
async fn refused_for_room(process: &Process) -> u64 {
    let figures = process.request("GET", "/metrics").send().await.text();
    let count = figures.lines().find_map(|line| line.strip_prefix("foliostream_requests_cut_total{reason=\"memory\"} "));
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_half_sent_bodies_hold_a_bounded_memory_and_small_requests_are_still_served() {
    let folders = Folders::new();
    let server = Process::start(&folders, &["--feed", "none", "--no-demo", "--ingest-token", TOKEN]);
    let length = 2 * 1024 * 1024;
    let head = format!(
        "POST /api/v1/quotes HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let half = [head.as_bytes(), &vec![b' '; length - 1]].concat();
    let half: &'static [u8] = half.leak();
    let mut sending = Vec::new();
    for _ in 0..200 {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        // Who is refused cannot send on; the others wait with all but the last byte sent.
        sending.push(tokio::spawn(async move {
            let _ = socket.write_all(half).await;
            socket
        }));
    }
    let mut held = Vec::new();
    for task in sending {
        held.push(timeout(DEADLINE, task).await.expect("taken or refused").unwrap());
    }
    let deadline = Instant::now() + DEADLINE;
    while refused_for_room(&server).await < 150 {
        assert!(Instant::now() < deadline, "most of them find no room");
    }
    // Made whole by many small requests, each of which finds its room.
    for _ in 0..20 {
        let draft = serde_json::json!({"name": "Mine", "currency": "EUR"});
        assert_eq!(server.request("POST", "/api/v1/portfolios").json(&draft).send().await.status(), 201);
    }
    let kib = held_kib(&server);
    assert!(kib < 60_000, "{kib} KiB");
    drop(held);
    let status = async || {
        let push = server.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
        push.text("application/json", &format!("[{}]", " ".repeat(1_000_000))).send().await.status()
    };
    let deadline = Instant::now() + DEADLINE;
    while status().await != 202 {
        assert!(Instant::now() < deadline, "the room comes back when they are gone");
    }
}

#[tokio::test]
async fn heads_that_are_half_sent_end_with_their_deadline_and_so_do_connections_without_a_request() {
    let server = Server::with(&["--request-timeout-s", "1"]).await;
    for part in [
        "",
        "GET /healthz HT",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ] {
        let mut peer = Peer::sending(server.address, part).await;
        let (heard, _) = peer.until_end(|| {}).await;
        assert_eq!(heard.contains("alive"), part.ends_with("\r\n\r\n"), "{part:?}: {heard}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_come_ends_with_its_deadline() {
    let authority = Authority::new();
    let server = Server::encrypted_with(&authority, &["--request-timeout-s", "1"]).await;
    for part in ["", "\u{16}\u{3}\u{1}"] {
        let mut peer = Peer::sending(server.address, part).await;
        peer.until_end(|| {}).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn an_address_holds_so_many_connections_and_gets_a_place_back() {
    let server = Server::with(&["--max-connections-per-address", "3"]).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(Peer::sending(server.address, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n").await);
    }
    let mut turned_away = Peer::connect(server.address).await;
    assert_eq!(turned_away.until_end(|| {}).await.0, "");
    held.pop();
    let deadline = Instant::now() + DEADLINE;
    loop {
        let mut peer = Peer::connect(server.address).await;
        // One that is turned away may be gone before it has said anything.
        let _ = peer.socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        let (heard, _) = peer.until_end(|| {}).await;
        if heard.starts_with("HTTP/1.1 200 ") {
            assert!(!heard.contains("foliostream_connections_refused_total 0\n"), "{heard}");
            break;
        }
        assert!(Instant::now() < deadline, "no place came back");
    }
}

#[tokio::test]
async fn a_trusted_proxy_and_an_unlimited_server_take_any_number_from_one_address() {
    for options in [["--max-connections-per-address", "0"], ["--trusted-proxies", "127.0.0.0/8"]] {
        let limited = ["--max-connections-per-address", "1"];
        let options = if options[0] == limited[0] { options.to_vec() } else { [limited, options].concat() };
        let server = Server::with(&options).await;
        let _held = Peer::sending(server.address, "GET /healthz HTTP/1.1\r\n").await;
        for _ in 0..3 {
            assert_eq!(server.get("/healthz").await.status(), 200, "{options:?}");
        }
    }
}

#[tokio::test]
async fn over_http_2_a_client_that_says_nothing_is_cut() {
    let authority = Authority::new();
    let server = Server::encrypted(&authority).await;
    let mut client = Http2::connect_without_a_word(server.address.port(), &authority.certificate()).await;
    let mut seconds = 0;
    client.end_while(|| (seconds, _) = (seconds + 1, server.advance(1_000))).await;
    assert!((10..=25).contains(&seconds), "{seconds} s");
    server.stop().await;
}

#[tokio::test]
async fn over_http_2_a_connection_without_requests_is_asked_to_go_after_a_minute() {
    let authority = Authority::new();
    let server = Server::encrypted(&authority).await;
    let mut client = Http2::connect(server.address.port(), &authority.certificate()).await;
    client.get(1, "/healthz").await;
    client.allow(1, 100_000).await;
    let (mut seconds, mut text) = (0, String::new());
    while let Some(frame) = client.next_while(|| (seconds, _) = (seconds + 1, server.advance(1_000))).await {
        if frame.kind == DATA {
            text.push_str(&String::from_utf8(frame.content).unwrap());
        }
    }
    assert_eq!(text, "alive\n");
    assert!(client.is_going_away, "a client that is told sends its next request elsewhere");
    assert!((60..=80).contains(&seconds), "{seconds} s");
    assert!(client.is_told(3, 32), "so many requests at a time: {:?}", client.settings);
    assert!(client.is_told(6, 16_384), "so large a head: {:?}", client.settings);
    server.stop().await;
}

#[tokio::test]
async fn over_http_2_an_answer_that_nobody_takes_ends_with_its_connection() {
    let authority = Authority::new();
    let server = Server::encrypted(&authority).await;
    let mut client = Http2::connect(server.address.port(), &authority.certificate()).await;
    for stream in [1, 3, 5] {
        client.get(stream, "/api/openapi.json").await;
    }
    let mut seconds = 0;
    while let Some(frame) = client.next_while(|| (seconds, _) = (seconds + 1, server.advance(1_000))).await {
        assert_eq!(frame.kind, HEADERS, "nothing of a body fits a window of 0");
    }
    assert!((30..=50).contains(&seconds), "{seconds} s");
    server.stop().await;
}

#[tokio::test]
async fn over_http_2_a_body_that_does_not_come_is_answered_all_the_same() {
    let authority = Authority::new();
    let server = Server::encrypted(&authority).await;
    let mut client = Http2::connect(server.address.port(), &authority.certificate()).await;
    client.post(1, "/api/ui/create_alert").await;
    client.allow(1, 100_000).await;
    let (mut seconds, mut text) = (0, String::new());
    while !text.contains("too slowly") {
        let frame = client.next_while(|| (seconds, _) = (seconds + 1, server.advance(1_000))).await.expect("it is answered");
        text.push_str(&String::from_utf8_lossy(&frame.content));
    }
    assert!((10..=14).contains(&seconds), "{seconds} s");
    server.stop().await;
}
