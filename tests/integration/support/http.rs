//! A small HTTP/1.1 client over sockets, within TLS where a server speaks it: it sends exactly what a test says, and hides nothing of the answer.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::documented;
use super::line::{Connection, Line};
use super::sse::{Message, Parser};

/// How long a test waits for what must come. Generous, for a busy machine; nothing waits this long when all is well.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A request that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    address: SocketAddr,
    line: Line,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    keep_alive: bool,
}

impl Request {
    /// Begins a request with the Host of its address.
    pub(crate) fn new(address: SocketAddr, method: &str, path: &str) -> Self {
        let headers = vec![("host".to_owned(), address.to_string())];
        let (line, method, path) = (Line::default(), method.to_owned(), path.to_owned());
        Self { address, line, method, path, headers, body: Vec::new(), keep_alive: false }
    }

    /// Sends it over another line than a bare socket.
    pub(crate) fn over(self, line: &Line) -> Self {
        Self { line: line.clone(), ..self }
    }

    /// Sets a header, and replaces one of the same name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives it a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    /// Gives it a body of any type.
    pub(crate) fn text(self, kind: &str, body: &str) -> Self {
        self.bytes_of(kind, body.as_bytes())
    }

    /// Gives it a body of any bytes.
    pub(crate) fn bytes_of(mut self, kind: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("content-type", kind)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.keep_alive {
            head.push_str("connection: close\r\n");
        }
        if !self.body.is_empty() || self.method != "GET" {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it on a connection of its own and reads the whole answer.
    pub(crate) async fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path.chars().take(100).collect::<String>());
        let (method, path) = (self.method.clone(), self.path.clone());
        let answer = timeout(DEADLINE, self.exchange()).await.unwrap_or_else(|_| panic!("{what} was not answered"));
        documented::check(&method, &path, &answer).await;
        answer
    }

    async fn exchange(self) -> Answer {
        let (mut reader, mut writer) = tokio::io::split(self.line.connect(self.address).await);
        let request = self.bytes();
        // The answer may come, and the connection be closed, before a body that is refused has been taken.
        let writing = tokio::spawn(async move { writer.write_all(&request).await.map(|()| writer) });
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes).await;
        writing.abort();
        let (head, rest) = Head::split(&bytes).unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&bytes)));
        let mut body = Unchunker::new(&head);
        let body = if self.method == "HEAD" { rest.to_vec() } else { body.push(rest) };
        Answer { head, body }
    }

    /// Sends it and returns the stream that answers; panics where it is refused.
    pub(crate) async fn stream(self) -> EventStream {
        let stream = self.open().await;
        assert_eq!(stream.head.status, 200, "{} was refused: {}", stream.path, stream.rest_as_text());
        stream
    }

    /// Sends it and returns the stream that answers, or its refusal.
    pub(crate) async fn open(mut self) -> EventStream {
        self.keep_alive = true;
        let mut socket = self.line.connect(self.address).await;
        socket.write_all(&self.bytes()).await.expect("a request can be sent");
        EventStream::begin(socket, &self.path).await
    }
}

/// An answer's status and headers.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let text = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = text.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Some((Self { status, headers: lines.filter_map(header).collect() }, &bytes[end + 4..]))
    }

    /// Returns a header's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Status and headers.
    pub head: Head,
    body: Vec<u8>,
}

impl Answer {
    /// Returns the status.
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns a header's value, or nothing as an empty text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.get(name).unwrap_or_default()
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {} {:?}", self.status(), self.text()))
    }

    /// Returns the JSON body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks that it is a problem document of this status, and returns the field it names.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Option<String> {
        assert_eq!(self.status(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        problem["field"].as_str().map(str::to_owned)
    }
}

/// Takes the chunks of HTTP/1.1 apart, as they come.
#[derive(Debug)]
struct Unchunker {
    chunked: bool,
    waiting: Vec<u8>,
    ended: bool,
}

impl Unchunker {
    fn new(head: &Head) -> Self {
        Self { chunked: head.get("transfer-encoding") == Some("chunked"), waiting: Vec::new(), ended: false }
    }

    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if !self.chunked {
            return bytes.to_vec();
        }
        self.waiting.extend_from_slice(bytes);
        let mut body = Vec::new();
        while let Some(end) = self.waiting.windows(2).position(|window| window == b"\r\n") {
            let size = std::str::from_utf8(&self.waiting[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
            let size = size.expect("a chunk begins with its size");
            if self.waiting.len() < end + 2 + size + 2 {
                break;
            }
            body.extend_from_slice(&self.waiting[end + 2..end + 2 + size]);
            self.waiting.drain(..end + 2 + size + 2);
            self.ended |= size == 0;
        }
        body
    }
}

/// An event stream that is being read.
#[derive(Debug)]
pub(crate) struct EventStream {
    /// Status and headers.
    pub head: Head,
    path: String,
    socket: Box<dyn Connection>,
    chunks: Unchunker,
    parser: Parser,
    ready: std::collections::VecDeque<Message>,
    closed: bool,
}

impl EventStream {
    async fn begin(mut socket: Box<dyn Connection>, path: &str) -> Self {
        let mut bytes = Vec::new();
        let head = loop {
            let count = timeout(DEADLINE, socket.read_buf(&mut bytes)).await.expect("a head comes").expect("a head can be read");
            if let Some((head, rest)) = Head::split(&bytes) {
                let rest = rest.to_vec();
                break (head, rest);
            }
            assert_ne!(count, 0, "the connection ended within the head: {:?}", String::from_utf8_lossy(&bytes));
        };
        let (head, rest) = head;
        let chunks = Unchunker::new(&head);
        let mut stream = Self {
            head,
            path: path.to_owned(),
            socket,
            chunks,
            parser: Parser::default(),
            ready: std::collections::VecDeque::new(),
            closed: false,
        };
        if stream.head.status == 200 {
            stream.take(&rest);
        } else {
            stream.chunks.waiting = rest;
        }
        stream
    }

    fn rest_as_text(&self) -> String {
        String::from_utf8_lossy(&self.chunks.waiting).into_owned()
    }

    fn take(&mut self, bytes: &[u8]) {
        let body = self.chunks.push(bytes);
        self.ready.extend(self.parser.push(&body));
    }

    /// Returns the `retry` that was said, in milliseconds.
    pub(crate) fn retry_ms(&self) -> Option<u64> {
        self.parser.retry_ms()
    }

    /// Returns the next event; `None` when the stream has ended with its zero chunk. Panics where none comes.
    pub(crate) async fn next_or_end(&mut self) -> Option<Message> {
        let waited = timeout(DEADLINE, self.read()).await;
        waited.unwrap_or_else(|_| panic!("nothing came on {}", self.path))
    }

    async fn read(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            if self.closed || self.chunks.ended {
                return None;
            }
            let mut buffer = Vec::with_capacity(16_384);
            match self.socket.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => self.closed = true,
                Ok(_) => self.take(&buffer),
            }
        }
    }

    /// Returns the next event.
    pub(crate) async fn next(&mut self) -> Message {
        self.next_or_end().await.unwrap_or_else(|| panic!("{} ended", self.path))
    }

    /// Returns the next event, which must have this name.
    #[track_caller]
    pub(crate) fn expect(&mut self, name: &str) -> impl Future<Output = Message> {
        let caller = std::panic::Location::caller();
        async move {
            let message = self.next().await;
            assert_eq!(message.event, name, "at {caller}: {message:?}");
            message
        }
    }

    /// Returns the next event of this name, and forgets those before it.
    pub(crate) async fn until(&mut self, name: &str) -> Message {
        loop {
            let message = self.next().await;
            if message.event == name {
                return message;
            }
        }
    }

    /// Returns everything up to `synced`.
    pub(crate) async fn opening(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            messages.push(self.next().await);
            if messages.last().is_some_and(|message| message.event == "synced") {
                return messages;
            }
        }
    }

    /// Returns an event that is there within a moment; for telling that nothing came, after an event that must have come later.
    pub(crate) fn at_hand(&mut self) -> Option<Message> {
        self.ready.pop_front()
    }

    /// Reads to the end, which must be the zero chunk and not a torn connection; returns the last event.
    pub(crate) async fn end(&mut self) -> Message {
        let mut last = None;
        while let Some(message) = self.next_or_end().await {
            last = Some(message);
        }
        assert!(self.chunks.ended, "{} was torn", self.path);
        last.expect("a stream says something before it ends")
    }

    /// Takes what has come so far, without waiting long, and returns the last event's name.
    pub(crate) async fn until_quiet(&mut self, server: &super::Server) -> Option<String> {
        // An answer on another connection shows that the server had its turn.
        server.get("/healthz").await;
        let mut last = None;
        while let Ok(Some(message)) = timeout(Duration::from_millis(1), self.read()).await {
            last = Some(message.event);
        }
        last
    }

    /// Waits for an event while the server's clock moves on in small steps.
    pub(crate) async fn next_while(&mut self, mut tick: impl FnMut()) -> Option<Message> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            if let Ok(message) = timeout(Duration::from_millis(5), self.read()).await {
                return message;
            }
            assert!(tokio::time::Instant::now() < deadline, "nothing came on {}", self.path);
            tick();
        }
    }

    /// Waits for an event of this name while the server's clock moves on, and forgets those before it.
    pub(crate) async fn until_while(&mut self, name: &str, mut tick: impl FnMut()) -> Message {
        loop {
            let message = self.next_while(&mut tick).await.unwrap_or_else(|| panic!("{} ended", self.path));
            if message.event == name {
                return message;
            }
        }
    }
}
