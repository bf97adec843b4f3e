//! HTTP/1.1 as it is written: requests that may be anything, answers that hide nothing.

use std::io;
use std::time::Instant;

use serde_json::Value;

use super::check::{Outcome, ensure, failed, same};
use super::wire::{Address, Wire};

/// The longest head that is read.
const LONGEST_HEAD: usize = 65_536;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    path: String,
    version: &'static str,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// Begins a request; the Host is that of the server unless another is set.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), version: "1.1", headers: Vec::new(), body: String::new() }
    }

    /// Begins to ask for a stream, below `/api/v1/sse/`.
    pub(crate) fn stream(path: &str) -> Self {
        Self::new("GET", &format!("/api/v1/sse/{path}"))
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Speaks HTTP/1.0.
    pub(crate) fn old(mut self) -> Self {
        self.version = "1.0";
        self
    }

    /// Gives it a JSON body.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.header("content-type", "application/json")
    }

    /// Returns its bytes for a server.
    pub(crate) fn bytes(&self, address: &Address) -> Vec<u8> {
        let prefix = if self.path.starts_with('/') { address.prefix.as_str() } else { "" };
        let mut text = format!("{} {prefix}{} HTTP/{}\r\n", self.method, self.path, self.version);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str(&format!("Host: {}\r\n", address.host));
        }
        if !self.body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        text.into_bytes()
    }

    /// Returns whether its answer has no body, whatever its headers say.
    pub(crate) fn is_head(&self) -> bool {
        self.method == "HEAD"
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
    /// Reads a head; what came behind it stays in `bytes`.
    pub(crate) fn read(wire: &mut Wire, bytes: &mut Vec<u8>, until: Instant) -> Outcome<Self> {
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
                bytes.drain(..end + 4);
                return Self::parse(&text);
            }
            ensure(bytes.len() < LONGEST_HEAD, || "the head of the answer does not end".to_owned())?;
            match wire.read(bytes, until) {
                Ok(0) => return failed(format!("the connection ended within the head: {:?}", String::from_utf8_lossy(bytes))),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return failed("no answer came"),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn parse(text: &str) -> Outcome<Self> {
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let Some(status) = status else { return failed(format!("no status in {text:?}")) };
        let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Ok(Self { status, headers: lines.filter_map(header).collect() })
    }

    /// Returns a header's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns every header but those that differ by moment or by whether a body follows, in alphabetical order.
    pub(crate) fn lasting(&self) -> Vec<(String, String)> {
        let passing = ["date", "transfer-encoding", "connection"];
        let mut headers: Vec<_> = self.headers.iter().filter(|(name, _)| !passing.contains(&name.as_str())).cloned().collect();
        headers.sort();
        headers
    }

    /// Returns a body that this head announces with a length or in chunks.
    pub(crate) fn read_body(&self, wire: &mut Wire, bytes: &mut Vec<u8>, until: Instant) -> Outcome<Vec<u8>> {
        if self.get("transfer-encoding") == Some("chunked") {
            let mut chunks = Chunks::default();
            let mut body = chunks.push(bytes).or_else(failed)?.concat();
            bytes.clear();
            while !chunks.ended {
                more(wire, bytes, until)?;
                body.extend(chunks.push(bytes).or_else(failed)?.concat());
                bytes.clear();
            }
            return Ok(body);
        }
        let length = self.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while bytes.len() < length {
            more(wire, bytes, until)?;
        }
        Ok(bytes.drain(..length).collect())
    }
}

fn more(wire: &mut Wire, bytes: &mut Vec<u8>, until: Instant) -> Outcome {
    match wire.read(bytes, until) {
        Ok(0) => failed("the answer was torn"),
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Status and headers.
    pub head: Head,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Returns the body of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Outcome<Value> {
        let text = || format!("the status is {} instead of {status}: {}", self.head.status, self.text());
        ensure(self.head.status == status, text)?;
        Ok(self.json())
    }

    /// Checks that it is a problem document of this status, and returns the field it names.
    pub(crate) fn problem(&self, status: u16) -> Outcome<Option<String>> {
        let problem = self.expect(status)?;
        same("content-type", &self.head.get("content-type"), &Some("application/problem+json"))?;
        same("status of the problem document", &problem["status"], &Value::from(status))?;
        for member in ["type", "title", "detail"] {
            let is_told = problem[member].as_str().is_some_and(|text| !text.is_empty());
            ensure(is_told, || format!("the problem document has no {member}: {problem}"))?;
        }
        Ok(problem["field"].as_str().map(str::to_owned))
    }

    /// Returns the beginning of the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }
}

/// Takes the chunks of HTTP/1.1 apart as they come (RFC 9112, 7.1).
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    waiting: Vec<u8>,
    /// Whether the zero chunk has come.
    pub ended: bool,
}

impl Chunks {
    /// Takes bytes and returns the chunks they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        self.waiting.extend_from_slice(bytes);
        let (mut chunks, mut at) = (Vec::new(), 0);
        while let Some(line) = self.waiting[at..].windows(2).position(|window| window == b"\r\n") {
            if self.ended {
                return Err(format!("{} bytes follow the zero chunk", self.waiting.len() - at));
            }
            let size = &self.waiting[at..at + line];
            let size = std::str::from_utf8(size).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
            let Some(size) = size else { return Err("a chunk does not begin with its size".to_owned()) };
            let (start, end) = (at + line + 2, at + line + 2 + size);
            let Some(closing) = self.waiting.get(end..end + 2) else { break };
            if closing != b"\r\n" {
                return Err("a chunk does not end where its size says".to_owned());
            }
            self.ended = size == 0;
            if size > 0 {
                chunks.push(self.waiting[start..end].to_vec());
            }
            at = end + 2;
        }
        self.waiting.drain(..at);
        Ok(chunks)
    }
}
