//! An event stream that is read event by event, with how each came.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::check::{Outcome, ensure, failed};
use super::event_stream::{Event, Parser};
use super::http::{Answer, Chunks, Head};
use super::wire::{PATIENCE, Wire};

/// What comes by itself, whatever a check is looking for.
const ASIDES: [&str; 4] = ["heartbeat", "status", "presence_changed", "server_metrics"];

/// An event and how it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The event.
    pub event: Event,
    /// The chunk that completed it.
    pub frame: Arc<[u8]>,
    /// When.
    pub at: Instant,
}

/// The parts of an id: `<epoch>-<filter>-<n>-<seq>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The engine's term.
    pub epoch: u64,
    /// Eight hex digits over what the stream carries.
    pub filter: String,
    /// The last notification.
    pub n: i64,
    /// The engine's number.
    pub seq: u64,
}

impl Cursor {
    /// Reads an id by the letter of the contract.
    pub(crate) fn read(id: &str) -> Outcome<Self> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if let [epoch, filter, n, seq] = id.split('-').collect::<Vec<_>>()[..]
            && [epoch, n, seq].into_iter().all(digits)
            && filter.len() == 8
            && filter.bytes().all(hex)
            && let (Ok(epoch), Ok(n), Ok(seq)) = (epoch.parse(), n.parse(), seq.parse())
        {
            return Ok(Self { epoch, filter: filter.to_owned(), n, seq });
        }
        failed(format!("the id {id:?} is not <epoch>-<8 hex digits>-<n>-<seq>"))
    }

    /// Returns the term as `hello` says it.
    pub(crate) fn term(&self) -> String {
        self.epoch.to_string()
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}-{}-{}", self.epoch, self.filter, self.n, self.seq)
    }
}

impl Received {
    /// Returns its type.
    pub(crate) fn name(&self) -> &str {
        &self.event.name
    }

    /// Returns the data as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.event.data).unwrap_or(Value::Null)
    }

    /// Returns a text of the data; empty where there is none.
    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_default().to_owned()
    }

    /// Returns its id, read.
    pub(crate) fn cursor(&self) -> Outcome<Cursor> {
        Cursor::read(&self.event.id)
    }

    /// Returns whether it is this price.
    pub(crate) fn is_price(&self, ticker: &str, price: &str) -> bool {
        self.name() == "price_update" && self.text("ticker") == ticker && self.text("price") == price
    }
}

/// Returns the types of events, in order.
pub(crate) fn names(events: &[Received]) -> Vec<&str> {
    events.iter().map(Received::name).collect()
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the zero chunk.
    ZeroChunk,
    /// By the close that ends an answer without chunks.
    Close,
    /// In the middle.
    Torn(String),
}

/// An open stream.
pub(crate) struct EventStream {
    /// Status and headers.
    pub head: Head,
    /// The parser, for what it finds beside events.
    pub parser: Parser,
    /// Bytes of events so far.
    pub bytes: usize,
    wire: Wire,
    chunks: Option<Chunks>,
    ready: VecDeque<Received>,
    end: Option<End>,
    refusal: Vec<u8>,
}

impl EventStream {
    /// Reads the head of an answer that may be a stream; `bytes` are those that came already.
    pub(crate) fn begin(mut wire: Wire, mut bytes: Vec<u8>) -> Outcome<Self> {
        let until = Instant::now() + PATIENCE;
        let head = Head::read(&mut wire, &mut bytes, until)?;
        let is_stream = head.status == 200;
        let refusal = if is_stream { Vec::new() } else { head.read_body(&mut wire, &mut bytes, until)? };
        let chunks = (head.get("transfer-encoding") == Some("chunked")).then(Chunks::default);
        let (parser, ready) = (Parser::default(), VecDeque::new());
        let mut stream = Self { head, parser, bytes: 0, wire, chunks, ready, end: None, refusal };
        if is_stream {
            stream.take(&bytes)?;
        }
        Ok(stream)
    }

    /// Returns the whole answer where it is a refusal.
    pub(crate) fn into_answer(self) -> Answer {
        Answer { head: self.head, body: self.refusal }
    }

    fn take(&mut self, bytes: &[u8]) -> Outcome {
        let frames = match &mut self.chunks {
            None => vec![bytes.to_vec()],
            Some(chunks) => chunks.push(bytes).or_else(failed)?,
        };
        for frame in frames {
            self.bytes += frame.len();
            let (events, frame, at) = (self.parser.push(&frame), Arc::from(frame), Instant::now());
            self.ready.extend(events.into_iter().map(|event| Received { event, frame: Arc::clone(&frame), at }));
        }
        if self.chunks.as_ref().is_some_and(|chunks| chunks.ended) {
            self.end = Some(End::ZeroChunk);
        }
        Ok(())
    }

    /// Reads once; false where nothing came in time.
    fn read(&mut self, until: Instant) -> Outcome<bool> {
        let mut bytes = Vec::new();
        match self.wire.read(&mut bytes, until) {
            Ok(0) if self.chunks.is_none() => self.end = Some(End::Close),
            Ok(0) => self.end = Some(End::Torn("closed without the zero chunk".to_owned())),
            Ok(_) => self.take(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(false),
            Err(error) => self.end = Some(End::Torn(error.to_string())),
        }
        Ok(true)
    }

    /// Returns the next event; nothing where the stream ended or none came in time.
    pub(crate) fn poll(&mut self, until: Instant) -> Outcome<Option<Received>> {
        loop {
            if let Some(received) = self.ready.pop_front() {
                return Ok(Some(received));
            }
            if self.end.is_some() || !self.read(until)? {
                return Ok(None);
            }
        }
    }

    /// Returns the next event.
    pub(crate) fn next(&mut self) -> Outcome<Received> {
        self.next_before(Instant::now() + PATIENCE)
    }

    /// Returns the next event, which must come in time.
    pub(crate) fn next_before(&mut self, until: Instant) -> Outcome<Received> {
        match (self.poll(until)?, &self.end) {
            (Some(received), _) => Ok(received),
            (None, Some(end)) => failed(format!("the stream ended: {end:?}")),
            (None, None) => failed("the event did not come in time"),
        }
    }

    /// Returns the next event that does not come by itself.
    pub(crate) fn news(&mut self) -> Outcome<Received> {
        let until = Instant::now() + PATIENCE;
        loop {
            let received = self.next_before(until)?;
            if !ASIDES.contains(&received.name()) {
                return Ok(received);
            }
        }
    }

    /// Returns the next event that is what is looked for, and forgets those before it.
    pub(crate) fn until(&mut self, what: &str, is_it: impl Fn(&Received) -> bool) -> Outcome<Received> {
        let until = Instant::now() + PATIENCE;
        let mut seen = 0;
        while let Some(received) = self.poll(until)? {
            if is_it(&received) {
                return Ok(received);
            }
            seen += 1;
        }
        failed(format!("{what} did not come, but {seen} other events and the end {:?}", self.end))
    }

    /// Returns the next event of a type.
    pub(crate) fn until_named(&mut self, name: &str) -> Outcome<Received> {
        self.until(name, |received| received.name() == name)
    }

    /// Returns the next update of a ticker to a price.
    pub(crate) fn until_price(&mut self, ticker: &str, price: &str) -> Outcome<Received> {
        self.until(&format!("{ticker} at {price}"), |received| received.is_price(ticker, price))
    }

    /// Returns everything up to `synced`, but for what comes by itself.
    pub(crate) fn opening(&mut self) -> Outcome<Vec<Received>> {
        let mut events = Vec::new();
        loop {
            events.push(self.news()?);
            if events.last().is_some_and(|last| last.name() == "synced") {
                return Ok(events);
            }
        }
    }

    /// Returns what comes within a time.
    pub(crate) fn during(&mut self, time: Duration) -> Outcome<Vec<Received>> {
        let until = Instant::now() + time;
        let mut events = Vec::new();
        while let Some(received) = self.poll(until)? {
            events.push(received);
        }
        Ok(events)
    }

    /// Reads to the end, and returns what came and how it ended.
    pub(crate) fn end(&mut self) -> Outcome<(Vec<Received>, End)> {
        let events = self.during(PATIENCE)?;
        match &self.end {
            Some(end) => Ok((events, end.clone())),
            None => failed("the stream did not end"),
        }
    }

    /// Returns how it ended, if it has.
    pub(crate) fn ended(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Waits until the server closes the connection of a stream that has ended.
    pub(crate) fn closed(&mut self) -> Outcome {
        let mut rest = Vec::new();
        match self.wire.read(&mut rest, Instant::now() + PATIENCE) {
            Ok(0) => Ok(()),
            Ok(_) => failed(format!("{:?} follows the end", String::from_utf8_lossy(&rest))),
            Err(error) => failed(format!("the connection was not closed but {error}")),
        }
    }

    /// Hangs up.
    pub(crate) fn close(self) -> Outcome {
        drop(self);
        Ok(())
    }

    /// Hangs up as a process that died does.
    pub(crate) fn reset(self) -> Outcome {
        Ok(self.wire.reset()?)
    }

    /// Checks that the stream is one.
    pub(crate) fn expect(self) -> Outcome<Self> {
        let text = || format!("the status is {}: {}", self.head.status, String::from_utf8_lossy(&self.refusal));
        ensure(self.head.status == 200, text)?;
        Ok(self)
    }
}
