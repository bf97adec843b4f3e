//! What TLS has and a bare socket has not, on a stream that a reactor writes: keys that change, alerts, records in pieces, and sessions
//! that are taken up again.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{HandshakeKind, SupportedProtocolVersion};

use crate::support::{Authority, Server, TOKEN};

const DEADLINE: Duration = Duration::from_secs(20);

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

const REQUEST: &[u8] = b"GET /api/v1/sse/prices?tickers=AAPL HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The first bytes of a record of data, as long as 64 bytes are.
const HALF_A_RECORD: &[u8] = b"\x17\x03\x03\x00\x40half of what was said";

async fn start(version: &'static SupportedProtocolVersion) -> Server {
    let server = Server::within_tls(&Authority::new(), version, &["--max-streams-per-user", "0"]).await;
    server.price("AAPL", "150").await;
    server
}

/// A stream whose socket and session a test can reach.
struct Wire {
    socket: TlsStream<TcpStream>,
    bytes: Vec<u8>,
}

impl Wire {
    async fn open(server: &Server) -> Self {
        let socket = server.line.shake_hands(server.address).await;
        let mut wire = Self { socket, bytes: Vec::new() };
        wire.socket.write_all(REQUEST).await.unwrap();
        wire.until("event: synced").await;
        wire
    }

    /// Reads until a text has come, and forgets what came so far.
    async fn until(&mut self, wanted: &str) {
        loop {
            let text = String::from_utf8_lossy(&self.bytes).into_owned();
            if text.contains(wanted) {
                return self.bytes.clear();
            }
            let read = timeout(DEADLINE, self.socket.read_buf(&mut self.bytes)).await;
            let count = read.unwrap_or_else(|_| panic!("no {wanted:?} in {text:?}")).unwrap();
            assert_ne!(count, 0, "no {wanted:?} before the end: {text:?}");
        }
    }

    /// Sends bytes as they are, beside the session.
    async fn send_raw(&mut self, bytes: &[u8]) {
        self.socket.get_mut().0.write_all(bytes).await.unwrap();
    }

    /// Returns the records that the session has to send.
    fn records(&mut self) -> Vec<u8> {
        let mut records = Vec::new();
        while self.socket.get_mut().1.write_tls(&mut records).unwrap() > 0 {}
        records
    }

    /// Reads to the end, and returns what was wrong with it.
    async fn end(mut self) -> std::io::Result<usize> {
        timeout(DEADLINE, self.socket.read_to_end(&mut self.bytes)).await.expect("the connection ends")
    }
}

async fn until_no_stream(server: &Server) {
    let freed = timeout(DEADLINE, async { while !server.get("/metrics").await.text().contains("foliostream_streams 0\n") {} });
    freed.await.expect("the place is given back");
}

#[tokio::test]
async fn keys_that_a_client_changes_change_for_both_and_the_stream_goes_on() {
    let server = start(&TLS13).await;
    let mut wire = Wire::open(&server).await;
    for price in 151..161 {
        wire.socket.get_mut().1.refresh_traffic_keys().unwrap();
        let records = wire.records();
        wire.send_raw(&records).await;
        // The server answers with new keys of its own before it writes more.
        server.price("AAPL", &price.to_string()).await;
        wire.until(&format!(r#""price":"{price}""#)).await;
    }
}

#[tokio::test]
async fn a_record_that_comes_in_pieces_disturbs_nothing() {
    for version in VERSIONS {
        let server = start(version).await;
        let mut wire = Wire::open(&server).await;
        std::io::Write::write_all(&mut wire.socket.get_mut().1.writer(), b"something").unwrap();
        let record = wire.records();
        let (first, second) = record.split_at(record.len() / 2);
        wire.send_raw(first).await;
        server.price("AAPL", "151").await;
        wire.until(r#""price":"151""#).await;
        wire.send_raw(second).await;
        server.price("AAPL", "152").await;
        wire.until(r#""price":"152""#).await;
    }
}

#[tokio::test]
async fn a_client_that_goes_within_a_record_gives_its_place_back() {
    for version in VERSIONS {
        let server = start(version).await;
        let mut wire = Wire::open(&server).await;
        wire.send_raw(HALF_A_RECORD).await;
        server.price("AAPL", "151").await;
        wire.until(r#""price":"151""#).await;
        drop(wire);
        until_no_stream(&server).await;
    }
}

#[tokio::test]
async fn a_client_that_sends_no_tls_is_told_and_cut() {
    for version in VERSIONS {
        let server = start(version).await;
        for garbage in [&b"GET /healthz HTTP/1.1\r\n\r\n"[..], &[0; 64], &[HALF_A_RECORD, &[b'x'; 64]].concat()] {
            let mut wire = Wire::open(&server).await;
            wire.send_raw(garbage).await;
            let error = wire.end().await.unwrap_err();
            assert!(error.to_string().contains("alert"), "{version:?}: {error}");
            until_no_stream(&server).await;
        }
    }
}

#[tokio::test]
async fn a_client_that_says_it_sends_no_more_is_taken_for_gone() {
    for version in VERSIONS {
        let server = start(version).await;
        for ends_its_half in [false, true] {
            let mut wire = Wire::open(&server).await;
            wire.socket.get_mut().1.send_close_notify();
            let records = wire.records();
            wire.send_raw(&records).await;
            if ends_its_half {
                wire.socket.get_mut().0.shutdown().await.unwrap();
            }
            until_no_stream(&server).await;
        }
        let mut wire = Wire::open(&server).await;
        wire.socket.get_mut().0.shutdown().await.unwrap();
        until_no_stream(&server).await;
        // Together with its request, so that it is known before a reactor has the connection.
        let mut wire = Wire { socket: server.line.shake_hands(server.address).await, bytes: Vec::new() };
        std::io::Write::write_all(&mut wire.socket.get_mut().1.writer(), REQUEST).unwrap();
        wire.socket.get_mut().1.send_close_notify();
        let records = wire.records();
        wire.send_raw(&records).await;
        // In whatever way it ends.
        let _ = wire.end().await;
        until_no_stream(&server).await;
    }
}

#[tokio::test]
async fn a_session_is_taken_up_again_and_carries_a_stream() {
    for version in VERSIONS {
        let server = start(version).await;
        // The ticket comes behind the handshake, and was read with the stream.
        let kinds = [Wire::open(&server).await, Wire::open(&server).await].map(|wire| wire.socket.get_ref().1.handshake_kind());
        assert_eq!(kinds[1], Some(HandshakeKind::Resumed), "{version:?}");
    }
}

#[tokio::test]
async fn bodies_of_many_records_come_and_go_whole() {
    for version in VERSIONS {
        let server = start(version).await;
        let quotes = format!(r#"[{{"ticker":"AAPL","price":"151"}}{}]"#, " ".repeat(300_000));
        let push = server.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}"));
        assert_eq!(push.text("application/json", &quotes).send().await.expect(202)["accepted"], 1, "{version:?}");
        let document = server.get("/api/openapi.json").await;
        assert!(document.text().len() > 50_000 && document.json()["openapi"].is_string(), "{version:?}");
    }
}
