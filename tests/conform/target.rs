//! The server that is looked at, and what checks ask of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::check::{Need, Outcome, Trouble, ensure, failed};
use super::checks::drain::Stop;
use super::checks::pressure::Pressure;
use super::http::{Answer, Head, Request};
use super::process::Process;
use super::stream::{EventStream, Received};
use super::wire::{Address, PATIENCE};

/// Heartbeats that are rarer are not waited for.
const LONGEST_HEARTBEAT_S: u64 = 20;

/// Streams that live longer are not waited for.
const LONGEST_LIFE_S: u64 = 60;

/// How long a stream may count towards a limit after it was hung up: a second, and one for a busy machine.
pub(crate) const COME_BACK: Duration = Duration::from_secs(2);

/// The most streams that are opened to find the limit.
const MOST_STREAMS: usize = 64;

/// What is known of a server beforehand.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The token that pushes must carry.
    pub token: Option<String>,
    /// The process, where it may be stopped.
    pub process: Option<Process>,
    /// The oldest a stream gets.
    pub max_age_s: Option<u64>,
    /// How many streams checks may hold together.
    pub places: usize,
}

/// A server.
pub(crate) struct Target {
    /// Where it is.
    pub address: Address,
    /// What is known of it.
    pub facts: Facts,
    /// The silence after which it beats.
    pub heartbeat_s: u64,
    /// A ticker that has a price.
    ticker: Option<String>,
    prices: AtomicU64,
    limit: OnceLock<Option<usize>>,
    /// What became of it when it was stopped.
    pub stop: OnceLock<Outcome<Stop>>,
    /// What became of a reader that stopped.
    pub pressure: OnceLock<Outcome<Pressure>>,
}

impl Target {
    /// Meets a server: it must be ready.
    pub(crate) fn meet(address: Address, facts: Facts) -> Outcome<Self> {
        let mut target = Self {
            address,
            facts,
            heartbeat_s: u64::MAX,
            ticker: None,
            // Another run pushed other prices, most likely: an update is known by its price.
            prices: AtomicU64::new(rand::random_range(10_000..1_000_000) * 1_000),
            limit: OnceLock::new(),
            stop: OnceLock::new(),
            pressure: OnceLock::new(),
        };
        target.wait_until_ready()?;
        target.heartbeat_s = target.stream("notifications")?.next()?.json()["heartbeat_s"].as_u64().unwrap_or(u64::MAX);
        target.ticker = if target.facts.token.is_some() {
            Some(target.listed("KNOWN")?.0)
        } else {
            let quotes = target.get("/api/v1/quotes")?.json();
            quotes[0]["ticker"].as_str().map(str::to_owned)
        };
        Ok(target)
    }

    fn wait_until_ready(&self) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.get("/readyz") {
                Ok(answer) if answer.head.status == 200 => return Ok(()),
                other if Instant::now() > deadline => return failed(format!("the server is not ready: {other:?}")),
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Returns what a check cannot do without and this server lacks, in words.
    pub(crate) fn lacks(&self, need: Need) -> Option<String> {
        let lacking = match need {
            Need::Token => self.facts.token.is_none().then_some("TOKEN=…, the ingest token of an installation for tests"),
            Need::Process => self.facts.process.is_none().then_some("PID=…, a process that may be stopped"),
            Need::ShortHeartbeat => {
                let is_long = self.heartbeat_s > LONGEST_HEARTBEAT_S;
                return is_long.then(|| format!("a heartbeat of at most {LONGEST_HEARTBEAT_S} s; it is {} s", self.heartbeat_s));
            }
            Need::ShortLife => {
                let is_short = self.facts.max_age_s.is_some_and(|seconds| seconds <= LONGEST_LIFE_S);
                (!is_short).then_some("MAX_AGE_S=…, the --max-age-s of the server, of at most 60")
            }
        };
        lacking.map(str::to_owned)
    }

    /// Returns a ticker that has a price.
    pub(crate) fn ticker(&self) -> Outcome<&str> {
        self.ticker.as_deref().ok_or_else(|| Trouble::Skipped("needs a quote, or TOKEN=… to push one".to_owned()))
    }

    /// Returns the path of a stream that any server has.
    pub(crate) fn prices(&self) -> Outcome<String> {
        Ok(format!("prices?tickers={}", self.ticker()?))
    }

    /// Returns a stream that is silent: only the check that names it pushes its ticker; without a token the notifications.
    pub(crate) fn silent(&self, label: &str) -> Outcome<String> {
        if self.facts.token.is_none() {
            return Ok("notifications".to_owned());
        }
        Ok(format!("prices?tickers={}", self.listed(label)?.0))
    }

    /// Sends a request on a connection of its own and returns the whole answer.
    pub(crate) fn send(&self, request: &Request) -> Outcome<Answer> {
        let mut wire = self.address.connect()?;
        wire.write(&request.clone().header("connection", "close").bytes(&self.address))?;
        let (mut bytes, until) = (Vec::new(), Instant::now() + PATIENCE);
        let head = Head::read(&mut wire, &mut bytes, until)?;
        let is_stream = head.get("content-type") == Some("text/event-stream");
        let body = if request.is_head() || is_stream { Vec::new() } else { head.read_body(&mut wire, &mut bytes, until)? };
        Ok(Answer { head, body })
    }

    /// Gets something.
    pub(crate) fn get(&self, path: &str) -> Outcome<Answer> {
        self.send(&Request::new("GET", path))
    }

    /// Asks for a stream once and returns the answer, also a refusal.
    pub(crate) fn open(&self, request: &Request) -> Outcome<EventStream> {
        let mut wire = self.address.connect()?;
        wire.write(&request.bytes(&self.address))?;
        EventStream::begin(wire, Vec::new())
    }

    /// Opens a stream in any way; where all places are taken it waits for those of streams that were just hung up.
    pub(crate) fn patiently(&self, open: impl Fn() -> Outcome<EventStream>) -> Outcome<EventStream> {
        let deadline = Instant::now() + COME_BACK;
        loop {
            let stream = open()?;
            if stream.head.status != 429 || Instant::now() > deadline {
                return stream.expect();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a stream that is asked for as told.
    pub(crate) fn open_patiently(&self, request: &Request) -> Outcome<EventStream> {
        self.patiently(|| self.open(request))
    }

    /// Opens a stream with a request behind its own, which is not to be answered before the stream ends.
    pub(crate) fn open_with_bytes_behind(&self, path: &str) -> Outcome<EventStream> {
        let mut bytes = Request::stream(path).bytes(&self.address);
        bytes.extend(Request::new("GET", "/healthz").bytes(&self.address));
        self.patiently(|| {
            let mut wire = self.address.connect()?;
            wire.write(&bytes)?;
            EventStream::begin(wire, Vec::new())
        })
    }

    /// Opens a stream below `/api/v1/sse/`.
    pub(crate) fn stream(&self, path: &str) -> Outcome<EventStream> {
        self.open_patiently(&Request::stream(path))
    }

    /// Opens a stream where another ended.
    pub(crate) fn resume(&self, path: &str, id: &str) -> Outcome<EventStream> {
        self.open_patiently(&Request::stream(path).header("Last-Event-ID", id))
    }

    /// Opens a stream and returns its opening, with the stream.
    pub(crate) fn opened(&self, path: &str) -> Outcome<(EventStream, Vec<Received>)> {
        let mut stream = self.stream(path)?;
        let opening = stream.opening()?;
        Ok((stream, opening))
    }

    /// Returns the opening of a stream that goes on where another ended.
    pub(crate) fn resumed(&self, path: &str, id: &str) -> Outcome<Vec<Received>> {
        self.resume(path, id)?.opening()
    }

    /// Returns a price that was not pushed before.
    pub(crate) fn next_price(&self) -> String {
        let number = self.prices.fetch_add(1, Ordering::Relaxed);
        // Never ends in a zero, so that it is the same text with every way of writing it.
        format!("{}.{:03}1", number / 1_000, number % 1_000)
    }

    /// Pushes quotes in order.
    pub(crate) fn push(&self, quotes: &[(&str, &str)]) -> Outcome {
        let token = self.facts.token.as_deref().unwrap_or_default();
        let body: Vec<Value> = quotes.iter().map(|(ticker, price)| json!({"ticker": ticker, "price": price})).collect();
        let request = Request::new("POST", "/api/v1/quotes").header("Authorization", &format!("Bearer {token}"));
        let answer = self.send(&request.json(&body.into()))?.expect(202)?;
        ensure(answer["ignored"] == 0, || format!("of a push, some were ignored: {answer}"))
    }

    /// Pushes a new price of a ticker and returns it.
    pub(crate) fn push_next(&self, ticker: &str) -> Outcome<String> {
        let price = self.next_price();
        self.push(&[(ticker, &price)])?;
        Ok(price)
    }

    /// Makes a ticker for one check known; returns it and its price, which streams that are opened now begin with.
    pub(crate) fn listed(&self, label: &str) -> Outcome<(String, String)> {
        let ticker = format!("CONFORM-{label}");
        let price = self.push_next(&ticker)?;
        let (path, deadline) = (format!("/api/v1/quotes?tickers={ticker}"), Instant::now() + PATIENCE);
        // One that was known before, from another run, is seen with the next frame.
        while self.get(&path)?.json()[0]["price"] != price {
            ensure(Instant::now() < deadline, || format!("{ticker} did not come to {price}"))?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok((ticker, price))
    }

    /// Posts JSON and returns what was made, which goes when it is let go.
    pub(crate) fn make(&self, path: &str, key: &str, draft: &Value) -> Outcome<Made<'_>> {
        let view = self.send(&Request::new("POST", path).json(draft))?.expect(201)?;
        let Some(id) = view[key].as_str().map(str::to_owned) else { return failed(format!("no {key} in {view}")) };
        Ok(Made { path: format!("{path}/{id}"), id, target: self })
    }

    /// Makes an alert.
    pub(crate) fn alert(&self, draft: &Value) -> Outcome<Made<'_>> {
        self.make("/api/v1/alerts", "id", draft)
    }

    /// Returns how many streams the server lets one user hold; found by opening them.
    pub(crate) fn limit(&self) -> Outcome<usize> {
        let found = self.limit.get_or_init(|| self.find_limit().ok());
        found.ok_or_else(|| Trouble::Skipped(format!("needs a limit of streams of at most {MOST_STREAMS}")))
    }

    fn find_limit(&self) -> Outcome<usize> {
        let mut streams = Vec::new();
        while streams.len() < MOST_STREAMS {
            // One that is refused for as long as places take to come back is one too many.
            match self.stream("notifications") {
                Ok(stream) => streams.push(stream),
                Err(_) if streams.is_empty() => break,
                Err(_) => return Ok(streams.len()),
            }
        }
        failed("no limit was found")
    }
}

/// Something that a check made and no other check needs.
pub(crate) struct Made<'a> {
    /// Its id.
    pub id: String,
    path: String,
    target: &'a Target,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // What cannot be removed is left; the check has said what it had to say.
        let _ = self.target.send(&Request::new("DELETE", &self.path));
    }
}
