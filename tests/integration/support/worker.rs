//! One of several workers: a real process with a database of its own, joined to others by a Redis.

use std::time::Duration;

use super::http::Request;
use super::process::{Folders, Process};
use super::redis::Redis;

/// A running worker.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    _folders: Folders,
}

impl Worker {
    /// Starts one and waits until traffic may come.
    pub async fn start(redis: &Redis, role: &str, options: &[&str]) -> Self {
        let folders = Folders::new();
        let url = redis.url();
        let mut all = vec!["--redis-url", &url, "--role", role, "--feed", "none", "--no-demo", "--drain-s", "0"];
        all.extend(options);
        let process = Process::start(&folders, &all);
        let worker = Self { process, _folders: folders };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while worker.request("GET", "/readyz").send().await.status() != 200 {
            assert!(tokio::time::Instant::now() < deadline, "it never got ready");
            tokio::task::yield_now().await;
        }
        worker
    }

    /// Begins a request.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.process.request(method, path)
    }

    /// Kills it without a word.
    pub fn kill(self) {
        self.process.kill();
    }
}
