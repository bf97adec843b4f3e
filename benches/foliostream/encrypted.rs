//! Streams within the server's own TLS: what an idle one takes of the server's memory, and what a frame to it costs, over HTTP/1.1
//! and over HTTP/2. The server is a process of its own; the clients are one thread of this one and share the cores.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificates::Authority;
use super::process::{Server, push_request};
use super::report::{Report, Target};
use super::{Failure, machine};

const TOKEN: &str = "bench";

/// To be reached over HTTP/1.1: kilobytes of 1,024 bytes of the server's memory for one idle stream, its TLS session among them.
const MEMORY_KB: Target = Target(4.0);

/// Connections opened at a time: each shakes hands, and the clients do their half on one thread.
const OPENING_AT_ONCE: usize = 32;

/// Connections opened and closed before measuring begins, so that pools and tables are there.
const WARM_UP: usize = 20;

/// Between two pushes: longer than a frame, so that each is published at once.
const BETWEEN_PUSHES: Duration = Duration::from_millis(500);

/// How long the last frames may take to be read everywhere.
const ARRIVAL: Duration = Duration::from_secs(20);

const TARGET_PATH: &str = "/api/v1/sse/prices?tickers=AAPL";

/// What is spoken within TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoken {
    /// HTTP/1.1, where a stream has a connection of its own.
    Http1,
    /// HTTP/2, with so many streams on each connection.
    Http2 { streams: usize },
}

impl Spoken {
    fn streams(self) -> usize {
        match self {
            Self::Http1 => 1,
            Self::Http2 { streams } => streams,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Http1 => "HTTP/1.1".to_owned(),
            Self::Http2 { streams: 1 } => "HTTP/2, one on a connection".to_owned(),
            Self::Http2 { streams } => format!("HTTP/2, {streams} on a connection"),
        }
    }
}

/// What all clients of one round have read.
#[derive(Default)]
struct Read {
    frames: Cell<usize>,
    lost: Cell<usize>,
}

/// Measures each way in turn, on a server that was started for it.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<(), Failure> {
    let connections = if quick { 500 } else { 2_000 };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (spoken, connections) in [
        (Spoken::Http1, connections),
        (Spoken::Http2 { streams: 1 }, connections),
        (Spoken::Http2 { streams: 8 }, connections / 2),
    ] {
        LocalSet::new().block_on(&runtime, measure_one(spoken, connections, report))?;
    }
    Ok(())
}

async fn measure_one(spoken: Spoken, connections: usize, report: &mut Report) -> Result<(), Failure> {
    let authority = Authority::new();
    let server = start(&authority)?;
    let connector = connector(&authority, spoken)?;
    let mut pusher = connect(&self::connector(&authority, Spoken::Http1)?, &server).await?;
    push(&mut pusher, 1).await?;
    drop(open_many(&connector, &server, spoken, WARM_UP).await?);
    tokio::time::sleep(Duration::from_secs(2)).await;

    let before = machine::resident_bytes(server.id())?;
    let (streams, read) = (connections * spoken.streams(), Rc::new(Read::default()));
    for connection in open_many(&connector, &server, spoken, connections).await? {
        tokio::task::spawn_local(follow(connection, Rc::clone(&read)));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let grown = machine::resident_bytes(server.id())?.saturating_sub(before);
    let name = spoken.name();
    let target = (spoken == Spoken::Http1).then_some(MEMORY_KB);
    report.once(format!("tls: memory per idle stream, {name}"), "KB", grown as f64 / 1_024.0 / streams as f64, target);

    let pushes = 10;
    let (spent, wanted) = (machine::processor_seconds(server.id())?, read.frames.get() + pushes * streams);
    for price in 2..2 + u32::try_from(pushes)? {
        push(&mut pusher, price).await?;
        tokio::time::sleep(BETWEEN_PUSHES).await;
    }
    let until = Instant::now() + ARRIVAL;
    while read.frames.get() < wanted && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let spent = machine::processor_seconds(server.id())? - spent;
    if read.lost.get() > 0 || read.frames.get() < wanted {
        let missing = wanted.saturating_sub(read.frames.get());
        return Err(format!("{name}: {} connections ended and {missing} frames are missing", read.lost.get()).into());
    }
    let each = spent * 1e6 / (pushes * streams) as f64;
    report.once(format!("tls: processor time per delivered frame, {name}"), "µs", each, None);
    Ok(())
}

fn start(authority: &Authority) -> Result<Server, Failure> {
    let [certificate, key] = authority.server().map(|path| path.to_string_lossy().into_owned());
    let options = ["--feed", "none", "--no-demo", "--ingest-token", TOKEN, "--max-streams-per-user", "0"];
    // No price turns stale, and no stream old, while it is measured.
    let ages = ["--stale-after-s", "86400", "--max-age-s", "86400"];
    Server::start_encrypted(&[&options[..], &ages, &["--tls-cert", &certificate, "--tls-key", &key]].concat())
}

fn connector(authority: &Authority, spoken: Spoken) -> Result<TlsConnector, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.certificate())?)?;
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    // Every connection is that of somebody else.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![if spoken == Spoken::Http1 { b"http/1.1".to_vec() } else { b"h2".to_vec() }];
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn connect(connector: &TlsConnector, server: &Server) -> Result<TlsStream<TcpStream>, Failure> {
    let socket = TcpStream::connect(server.address).await?;
    socket.set_nodelay(true)?;
    Ok(connector.connect(ServerName::try_from("localhost")?, socket).await?)
}

/// Pushes one quote and reads the answer.
async fn push(pusher: &mut TlsStream<TcpStream>, price: u32) -> Result<(), Failure> {
    pusher.write_all(push_request(price, TOKEN).as_bytes()).await?;
    let mut answer = [0; 1_024];
    let count = pusher.read(&mut answer).await?;
    let answer = String::from_utf8_lossy(answer.get(..count).unwrap_or_default());
    if answer.starts_with("HTTP/1.1 202") { Ok(()) } else { Err(format!("a push was answered by {answer:?}").into()) }
}

/// Opens connections with their streams, a bounded number at a time.
async fn open_many(connector: &TlsConnector, server: &Server, spoken: Spoken, count: usize) -> Result<Vec<Connection>, Failure> {
    let (mut opening, mut opened) = (JoinSet::new(), Vec::with_capacity(count));
    for _ in 0..count {
        if opening.len() >= OPENING_AT_ONCE
            && let Some(connection) = opening.join_next().await
        {
            opened.push(connection??);
        }
        let (connector, address) = (connector.clone(), server.address);
        opening.spawn_local(async move {
            let opened = async {
                let socket = TcpStream::connect(address).await?;
                let socket = connector.connect(ServerName::try_from("localhost")?, socket).await?;
                Connection::open(socket, spoken).await
            };
            opened.await.map_err(|failure: Failure| failure.to_string())
        });
    }
    while let Some(connection) = opening.join_next().await {
        opened.push(connection??);
    }
    Ok(opened)
}

/// A connection with its streams.
struct Connection {
    socket: TlsStream<TcpStream>,
    spoken: Spoken,
    read: VecDeque<u8>,
}

/// Bytes before a frame's content (RFC 9113, 4.1).
const FRAME_HEAD: usize = 9;
const DATA: u8 = 0;
const SETTINGS: u8 = 4;
const PING: u8 = 6;

impl Connection {
    /// Asks for the streams and reads until all are open.
    async fn open(socket: TlsStream<TcpStream>, spoken: Spoken) -> Result<Self, Failure> {
        let mut connection = Self { socket, spoken, read: VecDeque::new() };
        connection.socket.write_all(&request(spoken)?).await?;
        let mut synced = 0;
        while synced < spoken.streams() {
            synced += occurrences(&connection.next().await?, b"event: synced");
        }
        Ok(connection)
    }

    /// Returns the bytes of streams that come next.
    async fn next(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; 16_384];
        loop {
            if self.spoken != Spoken::Http1
                && let Some(content) = self.take_frame().await?
            {
                return Ok(content);
            }
            let count = self.socket.read(&mut bytes).await?;
            if count == 0 {
                return Err("a connection ended".into());
            }
            if self.spoken == Spoken::Http1 {
                bytes.truncate(count);
                return Ok(bytes);
            }
            self.read.extend(bytes.get(..count).unwrap_or_default());
        }
    }

    /// Takes the next whole frame of data; settings and pings before it are answered.
    async fn take_frame(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        while self.read.len() >= FRAME_HEAD {
            let at = |index: usize| self.read.get(index).copied().unwrap_or_default();
            let length = u32::from_be_bytes([0, at(0), at(1), at(2)]) as usize;
            let (kind, flags) = (at(3), at(4));
            if self.read.len() < FRAME_HEAD + length {
                return Ok(None);
            }
            let frame: Vec<u8> = self.read.drain(..FRAME_HEAD + length).collect();
            let content = frame.get(FRAME_HEAD..).unwrap_or_default();
            match kind {
                DATA => return Ok(Some(content.to_vec())),
                SETTINGS if flags == 0 => self.socket.write_all(&frame_of(SETTINGS, 1, 0, &[])).await?,
                PING if flags == 0 => self.socket.write_all(&frame_of(PING, 1, 0, content)).await?,
                _ => {}
            }
        }
        Ok(None)
    }
}

/// Reads a connection for as long as it lasts.
async fn follow(mut connection: Connection, read: Rc<Read>) {
    while let Ok(bytes) = connection.next().await {
        read.frames.set(read.frames.get() + occurrences(&bytes, b"event: price_update"));
    }
    read.lost.set(read.lost.get() + 1);
}

/// Writes what a connection asks for.
fn request(spoken: Spoken) -> Result<Vec<u8>, Failure> {
    let Spoken::Http2 { streams } = spoken else {
        let head = format!("GET {TARGET_PATH} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
        return Ok(head.into_bytes());
    };
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113, 6.5.2), and as much for the connection: more than is ever sent.
    bytes.extend(frame_of(SETTINGS, 0, 0, &[0, 4, 0x3f, 0xff, 0xff, 0xff]));
    bytes.extend(frame_of(8, 0, 0, &[0x3f, 0xff, 0, 0]));
    // Of HPACK's static table (RFC 7541, appendix A): `:method GET`, `:scheme https`, and the names of two fields.
    let mut head = vec![0x82, 0x87];
    for (name, value) in [(0x04, TARGET_PATH), (0x01, "localhost")] {
        head.extend([name, u8::try_from(value.len())?]);
        head.extend(value.as_bytes());
    }
    for number in 0..streams {
        // Ends the stream and its head.
        bytes.extend(frame_of(1, 0x5, u32::try_from(number * 2 + 1)?, &head));
    }
    Ok(bytes)
}

fn frame_of(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (content.len() as u32).to_be_bytes();
    let mut frame = length.to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(content);
    frame
}

fn occurrences(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).filter(|window| *window == wanted).count()
}
