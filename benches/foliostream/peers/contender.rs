//! Who is measured: how each is started, asked for a stream, and given a message.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::child::Running;
use super::{bare, nchan, stamp, starlette};
use crate::Failure;
use crate::process::{Server, push_request};

const TOKEN: &str = "bench";

/// Tickers of a bulk message to our server, beside the one that is timed: what one stream may name.
const BULK_TICKERS: usize = 199;

/// Bytes of a bulk message to the others: about what our server writes for its bulk tickers.
const BULK_BYTES: usize = 40_000;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing more comes for a frame once this much silence has passed.
const SILENCE: Duration = Duration::from_millis(150);

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Our server, streams written by the reactor.
    Reactor,
    /// Our server, streams written as the body of a response.
    Portable,
    /// One write per subscriber.
    Floor,
    /// nginx with nchan.
    Nchan,
    /// sse-starlette on uvicorn.
    Starlette,
}

impl Kind {
    /// All, in the order in which they take turns.
    pub(crate) const ALL: [Self; 5] = [Self::Reactor, Self::Portable, Self::Floor, Self::Nchan, Self::Starlette];

    /// Returns whether it is our server.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Reactor | Self::Portable)
    }

    /// Says why it cannot be measured here.
    pub(crate) fn absent(self) -> Option<String> {
        match self {
            Self::Reactor if !knows_stream_path() => Some("the server has no --stream-path".to_owned()),
            Self::Reactor | Self::Portable | Self::Floor => None,
            Self::Nchan => nchan::absent(),
            Self::Starlette => starlette::absent(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Reactor => "Foliostream, reactor",
            Self::Portable => "Foliostream, portable",
            Self::Floor => "the floor",
            Self::Nchan => "nginx + nchan",
            Self::Starlette => "sse-starlette",
        })
    }
}

/// Returns whether the server has an option for how it writes streams; one that cannot has the portable path alone.
fn knows_stream_path() -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_foliostream")).arg("--help").env_clear().output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--stream-path"))
}

/// What differs between measurements.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    /// Seconds of silence after which a stream gets a heartbeat.
    pub heartbeat_s: u64,
    /// Milliseconds that our server leaves between two prices of one ticker.
    pub frame_interval_ms: u64,
}

/// What a stream is asked to carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The messages that are timed.
    Quotes,
    /// Those, and the large ones that fill a stalled client's buffers.
    QuotesAndBulk,
}

/// Kept for its end.
enum Process {
    Ours { _server: Server },
    Peer { _running: Running },
}

/// A server that runs until it is dropped.
pub(crate) struct Contender {
    /// Who it is.
    pub kind: Kind,
    /// Where it listens.
    pub address: SocketAddr,
    /// The process whose memory and processor time count.
    pub id: u32,
    /// Characters that bring a message to the size of our server's frames.
    padding: usize,
    _process: Process,
}

impl Contender {
    /// Starts one whose frames are as long as `frame_bytes`; our server's are as long as they are.
    pub(crate) fn start(kind: Kind, setting: Setting, frame_bytes: Option<usize>) -> Result<Self, Failure> {
        let mut contender = Self::start_unfitted(kind, setting)?;
        let Some(wanted) = frame_bytes.filter(|_| !kind.is_ours()) else { return Ok(contender) };
        // Twice, for the number of digits of a chunk's length may change with the first padding.
        for _ in 0..2 {
            contender.padding = (contender.padding + wanted).saturating_sub(contender.frame_bytes()?);
        }
        Ok(contender)
    }

    fn start_unfitted(kind: Kind, setting: Setting) -> Result<Self, Failure> {
        let peer = |(running, address): (Running, SocketAddr)| (running.id(), address, Process::Peer { _running: running });
        let (id, address, process) = match kind {
            Kind::Reactor | Kind::Portable => {
                let server = start_ours(kind, setting)?;
                (server.id(), server.address, Process::Ours { _server: server })
            }
            Kind::Floor => peer(bare::start()?),
            Kind::Nchan => {
                let (running, address, worker) = nchan::start(setting.heartbeat_s)?;
                (worker, address, Process::Peer { _running: running })
            }
            Kind::Starlette => peer(starlette::start(setting.heartbeat_s)?),
        };
        Ok(Self { kind, address, id, padding: 0, _process: process })
    }

    /// Returns the request for a stream.
    pub(crate) fn stream_request(&self, channel: Channel) -> String {
        let path = match (self.kind.is_ours(), channel) {
            (true, Channel::Quotes) => "/api/v1/sse/prices?tickers=AAPL".to_owned(),
            (true, Channel::QuotesAndBulk) => format!("/api/v1/sse/prices?tickers=AAPL,{}", bulk_tickers().join(",")),
            (false, Channel::Quotes) => "/stream".to_owned(),
            (false, Channel::QuotesAndBulk) => "/stream/bulk".to_owned(),
        };
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    }

    /// Returns what the answer to it holds once the stream is open.
    pub(crate) fn ready(&self) -> &'static [u8] {
        if self.kind.is_ours() { b"event: synced" } else { b"\r\n\r\n" }
    }

    /// Returns the request that publishes a message with this stamp as its price.
    pub(crate) fn message(&self, stamp: u32) -> String {
        if self.kind.is_ours() {
            return push_request(stamp, TOKEN);
        }
        let padding = "-".repeat(self.padding);
        post("/publish", "", &format!(r#"{{"ticker":"AAPL","price":"{stamp}","padding":"{padding}"}}"#))
    }

    /// Returns the request that publishes a large message, different with every `number`.
    pub(crate) fn bulk_message(&self, number: usize) -> String {
        if !self.kind.is_ours() {
            return post("/publish/bulk", "", &"-".repeat(BULK_BYTES));
        }
        let quote = |ticker| format!(r#"{{"ticker":"{ticker}","price":"{}","currency":"USD"}}"#, number + 1);
        let quotes: Vec<String> = bulk_tickers().iter().map(quote).collect();
        let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
        post("/api/v1/quotes", &headers, &format!("[{}]", quotes.join(",")))
    }

    /// Publishes on a connection and waits for the acceptance.
    pub(crate) fn publish(&self, connection: &mut TcpStream, request: &str) -> Result<(), Failure> {
        connection.write_all(request.as_bytes())?;
        let mut answer = [0; 1_024];
        let count = connection.read(&mut answer)?;
        if answer.starts_with(b"HTTP/1.1 2") {
            return Ok(());
        }
        Err(format!("a message was answered by {:?}", String::from_utf8_lossy(&answer[..count])).into())
    }

    /// Opens a connection for publishing.
    pub(crate) fn connect(&self) -> Result<TcpStream, Failure> {
        let connection = TcpStream::connect(self.address)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        Ok(connection)
    }

    /// Returns how many bytes one stream is sent for one message.
    pub(crate) fn frame_bytes(&self) -> Result<usize, Failure> {
        let (mut stream, mut publisher) = (self.connect()?, self.connect()?);
        stream.write_all(self.stream_request(Channel::Quotes).as_bytes())?;
        let mut answer = Vec::new();
        while !answer.windows(self.ready().len()).any(|window| window == self.ready()) {
            let mut part = [0; 4_096];
            match stream.read(&mut part)? {
                0 => return Err(format!("a stream was answered by {:?}", String::from_utf8_lossy(&answer)).into()),
                count => answer.extend_from_slice(&part[..count]),
            }
        }
        stream.set_read_timeout(Some(SILENCE))?;
        read_until_silence(&mut stream)?;
        self.publish(&mut publisher, &self.message(stamp::FIRST))?;
        read_until_silence(&mut stream)
    }
}

fn start_ours(kind: Kind, setting: Setting) -> Result<Server, Failure> {
    let (heartbeat, interval) = (setting.heartbeat_s.to_string(), setting.frame_interval_ms.to_string());
    let mut options = vec!["--feed", "none", "--no-demo", "--ingest-token", TOKEN, "--max-streams-per-user", "0"];
    // No price turns stale, and no stream old, while it is measured.
    options.extend(["--stale-after-s", "86400", "--max-age-s", "86400"]);
    options.extend(["--heartbeat-s", &heartbeat, "--frame-interval-ms", &interval]);
    if knows_stream_path() {
        options.extend(["--stream-path", if kind == Kind::Reactor { "reactor" } else { "portable" }]);
    }
    let server = Server::start(None, &options)?;
    // A ticker is known from its first price on.
    server.push(1, TOKEN)?;
    Ok(server)
}

fn bulk_tickers() -> Vec<String> {
    (0..BULK_TICKERS).map(|number| format!("BULK{number:03}")).collect()
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn read_until_silence(stream: &mut TcpStream) -> Result<usize, Failure> {
    let (mut sum, mut part) = (0, [0; 4_096]);
    loop {
        match stream.read(&mut part) {
            Ok(0) => return Err("a stream ended at once".into()),
            Ok(count) => sum += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(sum),
            Err(error) => return Err(error.into()),
        }
    }
}
