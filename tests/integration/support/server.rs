//! A real server within the test's process, with a clock that moves when the test says so.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use foliostream_server::clock::Clock;
use foliostream_server::config::Config;
use foliostream_server::serve::{ServeError, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_util::sync::CancellationToken;

use super::certificates::Authority;
use super::http::{Answer, DEADLINE, EventStream, Request};
use super::line::{Connection, Line};
use super::process::Folders;

/// A Monday morning.
pub(crate) const MORNING: &str = "2026-11-02T10:00:00Z";

/// The token that pushes carry.
pub(crate) const TOKEN: &str = "t0ken";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// How it is reached.
    pub line: Line,
    /// Its time.
    pub clock: Clock,
    /// Its data and its site.
    pub folders: Arc<Folders>,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    /// Starts a server of pushed quotes, a second into its life.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a server of pushed quotes with further options.
    pub(crate) async fn with(options: &[&str]) -> Self {
        let mut all = vec!["--feed", "none", "--ingest-token", TOKEN];
        all.extend(options);
        let clock = Clock::manual(MORNING.parse().unwrap());
        Self::start_in(Arc::new(Folders::new()), clock, &all).await
    }

    /// Starts a server in these folders, at this time, with these options.
    pub(crate) async fn start_in(folders: Arc<Folders>, clock: Clock, options: &[&str]) -> Self {
        let server = Self::launch(folders, clock, options).await;
        server.get("/readyz").await.expect_ready();
        server.advance(1_000);
        server
    }

    /// Starts a server of pushed quotes that speaks within TLS alone, with the certificate of `authority`.
    pub(crate) async fn encrypted(authority: &Authority) -> Self {
        Self::encrypted_with(authority, &[]).await
    }

    /// Starts such a server with further options.
    pub(crate) async fn encrypted_with(authority: &Authority, further: &[&str]) -> Self {
        let [certificate, key] = authority.server();
        let paths = [&certificate, &key].map(|path| path.to_str().unwrap());
        let options = ["--feed", "none", "--ingest-token", TOKEN, "--tls-cert", paths[0], "--tls-key", paths[1]];
        let options = [&options[..], further].concat();
        Self::launch(Arc::new(Folders::new()), Clock::manual(MORNING.parse().unwrap()), &options).await
    }

    /// Starts such a server, a second into its life, and speaks this version of TLS to it.
    pub(crate) async fn within_tls(authority: &Authority, version: &'static SupportedProtocolVersion, further: &[&str]) -> Self {
        let line = Line::encrypted(authority, version);
        let server = Self { line, ..Self::encrypted_with(authority, further).await };
        server.get("/readyz").await.expect_ready();
        server.advance(1_000);
        server
    }

    /// Starts a server; a client that connects waits until it answers.
    async fn launch(folders: Arc<Folders>, clock: Clock, options: &[&str]) -> Self {
        let arguments = folders.arguments(options);
        let config = Config::read(arguments).unwrap_or_else(|error| panic!("{error:?}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(serve(config, listener, clock.clone(), shutdown.clone()));
        Self { address, line: Line::Plain, clock, folders, shutdown, task }
    }

    /// Starts it again in its folders, after a clean stop, with the options of [`with`](Self::with).
    pub(crate) async fn restart(self, options: &[&str]) -> Self {
        let mut all = vec!["--feed", "none", "--ingest-token", TOKEN];
        all.extend(options);
        let (folders, clock) = (Arc::clone(&self.folders), self.clock.clone());
        self.stop().await;
        Self::start_in(folders, clock, &all).await
    }

    /// Asks it to stop, without waiting.
    pub(crate) fn ask_to_stop(&self) {
        self.shutdown.cancel();
    }

    /// Stops it cleanly; time passes for what it waits for.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        let mut task = self.task;
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            if let Ok(ended) = tokio::time::timeout(Duration::from_millis(5), &mut task).await {
                return ended.unwrap().unwrap();
            }
            assert!(tokio::time::Instant::now() < deadline, "the server did not stop");
            self.clock.advance(Duration::from_millis(500));
        }
    }

    /// Moves its time.
    pub(crate) fn advance(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
    }

    /// Waits for what needs time to pass, which then does.
    pub(crate) async fn patiently<T>(&self, waiting: impl Future<Output = T>) -> T {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        let mut waiting = std::pin::pin!(waiting);
        loop {
            if let Ok(came) = tokio::time::timeout(Duration::from_millis(5), &mut waiting).await {
                return came;
            }
            assert!(tokio::time::Instant::now() < deadline, "what was waited for did not come");
            self.advance(100);
        }
    }

    /// Asks for a stream that is refused because of a limit, which takes a second; returns the refusal.
    pub(crate) async fn refused(&self, path: &str) -> Answer {
        let refusal = self.patiently(self.get(&format!("/api/v1/sse/{path}"))).await;
        refusal.problem(429);
        refusal
    }

    /// Connects, and says nothing yet.
    pub(crate) async fn connect(&self) -> Box<dyn Connection> {
        self.line.connect(self.address).await
    }

    /// Begins a request.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path).over(&self.line)
    }

    /// Gets something.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// Asks for a stream and hangs up; returns the status.
    pub(crate) async fn get_head(&self, path: &str) -> u16 {
        self.request("GET", path).open().await.head.status
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send().await
    }

    /// Patches with JSON.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path).json(body).send().await
    }

    /// Deletes something.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    /// Opens a stream.
    pub(crate) async fn stream(&self, path: &str) -> EventStream {
        self.request("GET", &format!("/api/v1/sse/{path}")).stream().await
    }

    /// Opens a stream where another ended.
    pub(crate) async fn resume(&self, path: &str, last_event_id: &str) -> EventStream {
        self.request("GET", &format!("/api/v1/sse/{path}")).header("last-event-id", last_event_id).stream().await
    }

    /// Pushes quotes as they are written, and returns the answer.
    pub(crate) async fn push_raw(&self, quotes: &Value) -> Answer {
        self.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}")).json(quotes).send().await
    }

    /// Pushes prices in one go.
    pub(crate) async fn push(&self, quotes: &[(&str, &str)]) {
        let quotes: Vec<Value> = quotes.iter().map(|(ticker, price)| json!({"ticker": ticker, "price": price})).collect();
        let pushed = self.push_raw(&Value::from(quotes.clone())).await.expect(202);
        assert_eq!(pushed, json!({"accepted": quotes.len(), "ignored": 0}));
    }

    /// Pushes one price and lets a frame pass.
    pub(crate) async fn price(&self, ticker: &str, price: &str) {
        self.push(&[(ticker, price)]).await;
        self.advance(250);
    }

    /// Makes an alert and returns its view.
    pub(crate) async fn alert(&self, draft: &Value) -> Value {
        self.post("/api/v1/alerts", draft).await.expect(201)
    }

    /// Makes a portfolio and returns its number.
    pub(crate) async fn portfolio(&self, currency: &str) -> String {
        let made = self.post("/api/v1/portfolios", &json!({"name": "Mine", "currency": currency})).await.expect(201);
        made["portfolio_id"].as_str().unwrap().to_owned()
    }

    /// Enters an activity and returns its view.
    pub(crate) async fn activity(&self, portfolio_id: &str, draft: &Value) -> Value {
        self.post(&format!("/api/v1/portfolios/{portfolio_id}/activities"), draft).await.expect(201)
    }

    /// Returns notifications, oldest first.
    pub(crate) async fn notifications(&self) -> Vec<Value> {
        self.get("/api/v1/notifications?after=0&limit=500").await.expect(200).as_array().unwrap().clone()
    }
}

impl Answer {
    #[track_caller]
    fn expect_ready(&self) {
        assert_eq!(self.status(), 200, "{}", self.text());
    }
}
