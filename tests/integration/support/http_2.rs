//! A client of HTTP/2 (RFC 9113) that takes as many bytes of each stream as a test allows.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::http::DEADLINE;

/// The frame of a response's bytes.
pub(crate) const DATA: u8 = 0;
/// The frame of a request's or a response's head.
pub(crate) const HEADERS: u8 = 1;
/// The frame of a connection's settings.
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 0x1;
const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;

/// Bytes before a frame's content (RFC 9113, 4.1).
const HEAD_BYTES: usize = 9;

/// A connection.
pub(crate) struct Http2 {
    socket: TlsStream<TcpStream>,
    read: Vec<u8>,
    /// What the server's settings said (RFC 9113, 6.5.1): numbers and values, one after the other.
    pub settings: Vec<u8>,
    /// Whether the server has said that it takes no further requests.
    pub is_going_away: bool,
}

/// What came of a stream.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What it is.
    pub kind: u8,
    /// The stream's number.
    pub stream: u32,
    /// What is in it.
    pub content: Vec<u8>,
    flags: u8,
}

impl Http2 {
    /// Connects; of a stream's bytes none may be sent before they are [allowed](Self::allow).
    pub(crate) async fn connect(port: u16, authority: &Path) -> Self {
        let mut connection = Self::connect_without_a_word(port, authority).await;
        connection.socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        // SETTINGS_INITIAL_WINDOW_SIZE = 0 (RFC 9113, 6.5.2).
        connection.write(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]).await;
        connection
    }

    /// Connects, and says nothing within TLS.
    pub(crate) async fn connect_without_a_word(port: u16, authority: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
        let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let socket = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
        Self { socket, read: Vec::new(), settings: Vec::new(), is_going_away: false }
    }

    /// Asks for a path on a stream, which has an odd number.
    pub(crate) async fn get(&mut self, stream: u32, path: &str) {
        self.ask(stream, 0x82, path, END_STREAM).await;
    }

    /// Begins to post to a path on a stream; a body is to follow.
    pub(crate) async fn post(&mut self, stream: u32, path: &str) {
        self.ask(stream, 0x83, path, 0).await;
    }

    async fn ask(&mut self, stream: u32, method: u8, path: &str, flags: u8) {
        // Of HPACK's static table (RFC 7541, appendix A): the method, `:scheme https`, and the names of two fields.
        let mut head = vec![method, 0x87];
        for (name, value) in [(0x04, path), (0x01, "localhost")] {
            head.extend([name, u8::try_from(value.len()).unwrap()]);
            head.extend(value.as_bytes());
        }
        self.write(HEADERS, flags | END_HEADERS, stream, &head).await;
    }

    /// Allows a stream, and the connection for its sake, so many further bytes.
    pub(crate) async fn allow(&mut self, stream: u32, bytes: u32) {
        for window in [0, stream] {
            self.write(WINDOW_UPDATE, 0, window, &bytes.to_be_bytes()).await;
        }
    }

    /// Waits for the next frame of a stream, while the server's clock moves on in small steps. Nothing when the server hangs up.
    pub(crate) async fn next_while(&mut self, mut tick: impl FnMut()) -> Option<Frame> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            if let Ok(frame) = timeout(Duration::from_millis(5), self.next()).await {
                return frame;
            }
            assert!(tokio::time::Instant::now() < deadline, "nothing came");
            tick();
        }
    }

    /// Answers nothing, and waits until the server hangs up.
    pub(crate) async fn end_while(&mut self, mut tick: impl FnMut()) {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            match timeout(Duration::from_millis(5), self.socket.read_buf(&mut self.read)).await {
                Ok(Ok(0) | Err(_)) => return,
                Ok(Ok(_)) => {}
                Err(_) => tick(),
            }
            assert!(tokio::time::Instant::now() < deadline, "the server holds on");
        }
    }

    /// Waits for the next frame of a stream; a caller that waits no longer loses nothing.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            match self.take() {
                Some(Frame { kind: SETTINGS, flags: 0, content, .. }) => {
                    self.settings = content;
                    self.write(SETTINGS, ACK, 0, &[]).await;
                }
                Some(Frame { kind: GOAWAY, .. }) => self.is_going_away = true,
                Some(Frame { kind: PING, flags: 0, content, .. }) => self.write(PING, ACK, 0, &content).await,
                Some(frame) if frame.stream != 0 => return Some(frame),
                Some(_) => {}
                None => match self.socket.read_buf(&mut self.read).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                },
            }
        }
    }

    /// Takes the next whole frame of what was read.
    fn take(&mut self) -> Option<Frame> {
        let head = self.read.get(..HEAD_BYTES)?;
        let end = HEAD_BYTES + u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (kind, flags, stream) = (head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
        let content = self.read.get(HEAD_BYTES..end)?.to_vec();
        self.read.drain(..end);
        Some(Frame { kind, flags, stream, content })
    }

    /// Returns whether the settings say this value under this number.
    pub(crate) fn is_told(&self, number: u16, value: u32) -> bool {
        let wanted = [&number.to_be_bytes()[..], &value.to_be_bytes()].concat();
        self.settings.chunks(wanted.len()).any(|setting| setting == wanted)
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, content: &[u8]) {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend(stream.to_be_bytes());
        frame.extend(content);
        // A server that has hung up takes no answer; the next reading fails then.
        let _ = self.socket.write_all(&frame).await;
    }
}
