//! One of several workers: a real process, joined to others by a Redis.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Answer, EventStream, Request};
use super::process::{Folders, Process};
use super::redis::Redis;
use super::server::TOKEN;

/// A running worker.
#[derive(Debug)]
pub(crate) struct Worker {
    process: Process,
    _folders: Arc<Folders>,
}

impl Worker {
    /// Starts one with a database of its own and waits until traffic may come.
    pub(crate) async fn start(redis: &Redis, role: &str, options: &[&str]) -> Self {
        let worker = Self::launch(&Arc::new(Folders::new()), &redis.url(), role, options);
        worker.until_ready().await;
        worker
    }

    /// Starts one whose database is in these folders, which several may share; it listens, and more is not waited for.
    pub(crate) fn launch(folders: &Arc<Folders>, redis_url: &str, role: &str, options: &[&str]) -> Self {
        let mut all = vec!["--redis-url", redis_url, "--role", role, "--feed", "none", "--no-demo", "--drain-s", "0"];
        all.extend(options);
        Self { process: Process::start(folders, &all), _folders: Arc::clone(folders) }
    }

    /// Waits until traffic may come.
    pub(crate) async fn until_ready(&self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while self.get("/readyz").await.status() != 200 {
            assert!(tokio::time::Instant::now() < deadline, "it never got ready: {}", self.log());
            tokio::task::yield_now().await;
        }
    }

    /// Begins a request.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        self.process.request(method, path)
    }

    /// Gets something.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send().await
    }

    /// Opens a stream.
    pub(crate) async fn stream(&self, path: &str) -> EventStream {
        self.request("GET", &format!("/api/v1/sse/{path}")).stream().await
    }

    /// Pushes one price.
    pub(crate) async fn push(&self, ticker: &str, price: &str) -> Answer {
        let quotes = json!([{"ticker": ticker, "price": price}]);
        self.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}")).json(&quotes).send().await
    }

    /// Returns a counter or gauge by its whole name; nothing where it was never set.
    pub(crate) async fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").await.text();
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// Returns everything it has written to its log.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Kills it without a word.
    pub(crate) fn kill(self) {
        self.process.kill();
    }
}
