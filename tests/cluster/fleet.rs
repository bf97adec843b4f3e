//! Three workers, their watchers, and somebody who pushes.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{TOKEN, call};
use super::servers::free_port;
use super::watcher::{Shared, watch};

/// Tickers that are pushed, beside the one that crosses.
pub(crate) const TICKERS: usize = 20;

/// The ticker whose price crosses its alert's level again and again.
const CROSSING: &str = "CROSS";

/// How long a fleet may take to come back from anything.
const DEADLINE: Duration = Duration::from_secs(60);

/// One worker's process.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    /// Where it listens, also after a restart.
    pub address: SocketAddr,
}

impl Worker {
    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "kill -{name} failed");
    }

    /// Waits until it has ended by itself, and returns whether it ended well.
    pub(crate) async fn ended(&mut self) -> bool {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(Instant::now() < deadline, "a worker does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A running installation.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// Its processes.
    pub workers: Vec<Worker>,
    /// What its streams hold.
    pub watchers: Vec<Shared>,
    /// Where streams and pushes go in.
    doors: Vec<SocketAddr>,
    options: Vec<String>,
    /// What each is, where that is not all.
    roles: Vec<String>,
    folder: TempDir,
    rounds: Arc<AtomicU64>,
    crossings: Arc<AtomicU64>,
    pushing: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
}

impl Fleet {
    /// Starts workers on a Redis with further options, and their watchers; without a database they share one SQLite file.
    pub(crate) async fn start(count: usize, streams: usize, redis_port: u16, further: &[String]) -> Self {
        Self::start_as(&vec!["all"; count], streams, redis_port, further).await
    }

    /// Starts workers of these roles.
    pub(crate) async fn start_as(roles: &[&str], streams: usize, redis_port: u16, further: &[String]) -> Self {
        let count = roles.len();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        let mut options: Vec<String> = [
            "--feed",
            "none",
            "--ingest-token",
            TOKEN,
            "--max-streams-per-user",
            "0",
            "--frame-interval-ms",
            "100",
            "--heartbeat-s",
            "1",
            "--drain-s",
            "2",
            "--drain-notice-s",
            "1",
            "--log",
            "info",
        ]
        .map(str::to_owned)
        .into();
        for pair in further.iter().filter(|option| option.starts_with("--")) {
            if let Some(at) = options.iter().position(|option| option == pair) {
                options.drain(at..at + 2);
            }
        }
        if !further.iter().any(|option| option == "--redis-url") {
            options.extend(["--redis-url".to_owned(), format!("redis://127.0.0.1:{redis_port}")]);
        }
        options.extend(["--site-dir".to_owned(), folder.path().join("site").display().to_string()]);
        options.extend(further.iter().cloned());
        if !further.iter().any(|option| option == "--database-url") {
            options.extend(["--data-dir".to_owned(), folder.path().join("data").display().to_string()]);
        }
        let mut fleet = Self {
            workers: Vec::new(),
            watchers: Vec::new(),
            doors: Vec::new(),
            options,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            folder,
            rounds: Arc::default(),
            crossings: Arc::default(),
            pushing: Arc::default(),
            idle: Arc::new(AtomicBool::new(true)),
        };
        for index in 0..count {
            let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
            let child = fleet.spawn(index, address);
            fleet.workers.push(Worker { child, address });
        }
        for index in 0..count {
            fleet.wait_ready(index).await;
        }
        fleet.doors = fleet.workers.iter().map(|worker| worker.address).collect();
        fleet.prepare().await;
        fleet.watch(streams);
        fleet
    }

    /// Lets streams and pushes go in elsewhere.
    pub(crate) fn enter_by(&mut self, doors: Vec<SocketAddr>) {
        self.doors = doors;
    }

    /// Adds streams of everything that is pushed.
    pub(crate) fn watch(&mut self, streams: usize) {
        let tickers: Vec<String> = (0..TICKERS).map(|index| format!("T{index}")).collect();
        let path = format!("/api/v1/sse/stream?tickers={}&notifications=true", tickers.join(","));
        self.watchers.extend((0..streams).map(|index| watch(self.doors.clone(), index, path.clone())));
    }

    fn spawn(&self, index: usize, address: SocketAddr) -> Child {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join(format!("worker{index}.log")));
        Command::new(env!("CARGO_BIN_EXE_foliostream"))
            .args(["--listen", &address.to_string(), "--role", &self.roles[index]])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.unwrap())
            .spawn()
            .unwrap()
    }

    /// Starts a worker again where it was.
    pub(crate) async fn restart(&mut self, index: usize) {
        let address = self.workers[index].address;
        let child = self.spawn(index, address);
        self.workers[index].child = child;
        self.wait_ready(index).await;
    }

    /// Waits until a worker may take traffic.
    pub(crate) async fn wait_ready(&self, index: usize) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if call(self.workers[index].address, "GET", "/readyz", None).await.is_ok_and(|(status, _)| status == 200) {
                return;
            }
            assert!(Instant::now() < deadline, "worker {index} is not ready:\n{}", self.log(index));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a worker that was told to stop says so, while it still serves.
    pub(crate) async fn wait_unready(&self, index: usize) {
        loop {
            let (status, _) =
                call(self.workers[index].address, "GET", "/readyz", None).await.expect("it serves on for its notice");
            if status == 503 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns the end of a worker's log.
    pub(crate) fn log(&self, index: usize) -> String {
        let text = std::fs::read_to_string(self.folder.path().join(format!("worker{index}.log"))).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Returns which worker is the engine.
    pub(crate) async fn engine(&self) -> usize {
        let deadline = Instant::now() + DEADLINE;
        loop {
            for (index, worker) in self.workers.iter().enumerate() {
                if let Ok((200, Value::String(text))) = call(worker.address, "GET", "/metrics", None).await
                    && text.lines().any(|line| line == "foliostream_engine 1")
                {
                    return index;
                }
            }
            assert!(Instant::now() < deadline, "nobody is the engine");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns a worker's counter or gauge; 0 where it was never counted.
    pub(crate) async fn metric(&self, index: usize, name: &str) -> f64 {
        let (_, text) = call(self.workers[index].address, "GET", "/metrics", None).await.unwrap();
        let text = text.as_str().unwrap_or_default().to_owned();
        let values = text.lines().filter_map(|line| line.strip_prefix(name)).filter(|rest| rest.starts_with([' ', '{']));
        values.filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Opens the database that the workers share, beside them.
    pub(crate) async fn sqlite(&self) -> sqlx::SqlitePool {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.folder.path().join("data/foliostream.db"));
        sqlx::SqlitePool::connect_with(options).await.unwrap()
    }

    /// Makes what is watched.
    async fn prepare(&mut self) {
        self.push_surely(&json!([{"ticker": CROSSING, "price": "149"}])).await;
        let alert = json!({"ticker": CROSSING, "condition": "crosses_above", "threshold": "150", "repeat": "every"});
        let (status, answer) = call(self.workers[0].address, "POST", "/api/v1/alerts", Some(&alert)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        self.push_round(0).await;
    }

    /// Pushes to one worker after another until one acknowledges it.
    pub(crate) async fn push_surely(&self, quotes: &Value) {
        push_surely(&self.doors, 0, quotes).await;
    }

    /// Pushes a round of prices, the same for every ticker.
    pub(crate) async fn push_round(&self, round: u64) {
        self.push_surely(&round_of(round)).await;
    }

    /// Pushes round after round until told to stop: prices that grow, and crossings back and forth.
    pub(crate) fn start_pushing(&self) {
        self.pushing.store(true, Ordering::SeqCst);
        self.idle.store(false, Ordering::SeqCst);
        let addresses = self.doors.clone();
        let (rounds, crossings) = (Arc::clone(&self.rounds), Arc::clone(&self.crossings));
        let (pushing, idle) = (Arc::clone(&self.pushing), Arc::clone(&self.idle));
        tokio::spawn(async move {
            let mut turn = 0;
            while pushing.load(Ordering::SeqCst) {
                let round = rounds.fetch_add(1, Ordering::SeqCst) + 1;
                push_surely(&addresses, turn, &round_of(round)).await;
                if round % 4 == 0 {
                    push_surely(&addresses, turn, &json!([{"ticker": CROSSING, "price": "149"}])).await;
                    push_surely(&addresses, turn + 1, &json!([{"ticker": CROSSING, "price": "151"}])).await;
                    crossings.fetch_add(1, Ordering::SeqCst);
                }
                turn += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            idle.store(true, Ordering::SeqCst);
        });
    }

    /// Lets the pusher finish its round.
    pub(crate) async fn stop_pushing(&self) {
        self.pushing.store(false, Ordering::SeqCst);
        while !self.idle.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until every stream holds a round that was begun after now, while pushing goes on.
    pub(crate) async fn caught_up(&self) {
        let round = self.rounds.load(Ordering::SeqCst) + 1;
        let deadline = Instant::now() + DEADLINE;
        let is_behind = |watcher: &Shared| {
            let folded = watcher.lock().unwrap();
            let holds = |index| {
                folded
                    .prices
                    .get(&format!("T{index}"))
                    .is_some_and(|price| price.parse::<u64>().is_ok_and(|price| price >= 100 + round))
            };
            !(0..TICKERS).all(holds)
        };
        while self.watchers.iter().any(is_behind) {
            assert!(Instant::now() < deadline, "streams do not come back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until every stream holds what was last pushed and every notification that is stored, and returns how many were
    /// lost and doubled, which must be none: lost where the deadline passed without them.
    pub(crate) async fn converged(&self) -> Outcome {
        let round = self.rounds.load(Ordering::SeqCst);
        let price = price_of(round);
        let stored = self.stored_notifications().await;
        let deadline = Instant::now() + DEADLINE;
        loop {
            let behind: Vec<String> = self.watchers.iter().filter_map(|watcher| behind(watcher, &price, &stored)).collect();
            if behind.is_empty() || Instant::now() > deadline {
                let crossings = self.crossings.load(Ordering::SeqCst);
                let extra = stored.len() as i64 - crossings as i64;
                let mut outcome = Outcome {
                    lost: usize::try_from(-extra).unwrap_or(0),
                    doubled: usize::try_from(extra).unwrap_or(0),
                    ..Outcome::default()
                };
                for watcher in &self.watchers {
                    let folded = watcher.lock().unwrap();
                    outcome.lost += stored.iter().filter(|n| !folded.notified.contains_key(n)).count();
                    outcome.doubled += folded.notified.values().filter(|count| **count > 1).count();
                    outcome.refused += folded.refused.len();
                    outcome.resets += folded.resets as usize;
                }
                outcome.behind = behind;
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn stored_notifications(&self) -> Vec<i64> {
        let mut numbers = Vec::new();
        let deadline = Instant::now() + DEADLINE;
        loop {
            let after = numbers.last().copied().unwrap_or(0);
            for worker in &self.workers {
                let path = format!("/api/v1/notifications?after={after}&limit=500");
                if let Ok((200, Value::Array(page))) = call(worker.address, "GET", &path, None).await {
                    if page.is_empty() {
                        return numbers;
                    }
                    numbers.extend(page.iter().filter_map(|notification| notification["n"].as_i64()));
                    break;
                }
            }
            assert!(Instant::now() < deadline, "nobody tells the notifications");
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
        if std::thread::panicking() {
            for index in 0..self.workers.len() {
                eprintln!("--- worker {index}\n{}", self.log(index));
            }
        }
    }
}

/// What a fault left behind.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Notifications that streams never got, and crossings that never became one.
    pub lost: usize,
    /// Notifications that streams got twice, and crossings that became two.
    pub doubled: usize,
    /// Answers to streams that were not 200.
    pub refused: usize,
    /// Full states announced by `reset`.
    pub resets: usize,
    /// Streams that do not hold the source's state, and why.
    pub behind: Vec<String>,
}

fn behind(watcher: &Shared, price: &str, stored: &[i64]) -> Option<String> {
    let folded = watcher.lock().unwrap();
    let wrong =
        (0..TICKERS).map(|index| format!("T{index}")).find(|ticker| folded.prices.get(ticker).is_none_or(|at| at != price));
    if let Some(ticker) = wrong {
        return Some(format!("{ticker} is {:?}, not {price}, in term {}", folded.prices.get(&ticker), folded.epoch));
    }
    let missing: Vec<_> = stored.iter().filter(|n| !folded.notified.contains_key(n)).collect();
    (!missing.is_empty()).then(|| format!("notifications {missing:?} are missing"))
}

fn price_of(round: u64) -> String {
    (100 + round).to_string()
}

fn round_of(round: u64) -> Value {
    Value::from((0..TICKERS).map(|index| json!({"ticker": format!("T{index}"), "price": price_of(round)})).collect::<Vec<_>>())
}

async fn push_surely(addresses: &[SocketAddr], first: usize, quotes: &Value) {
    let deadline = Instant::now() + DEADLINE;
    let mut turn = first;
    loop {
        let address = addresses[turn % addresses.len()];
        match call(address, "POST", "/api/v1/quotes", Some(quotes)).await {
            Ok((202, _)) => return,
            answer => assert!(Instant::now() < deadline, "nobody takes a push: {answer:?}"),
        }
        turn += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
