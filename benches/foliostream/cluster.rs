//! What one Redis delivers, what several workers on it deliver, what the way through it adds, and how long a takeover takes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::Failure;
use super::channel;
use super::fan_out::{expect_accepted, follow_all, open_many, quantile};
use super::process::{Server, push_request};
use super::reader::{FIRST_NUMBERED, Received, Shared};
use super::report::{Figure, Report, Target};

const TOKEN: &str = "bench";

/// To be reached: milliseconds that the way through Redis adds at the median.
const ADDED_MS: Target = Target(3.0);

/// To be reached: seconds until another worker takes a push.
const TAKEOVER_S: Target = Target(5.0);

/// How much is done.
struct Plan {
    streams: usize,
    pushes: usize,
    timed: usize,
    takeovers: usize,
}

/// Measures latency, fan-out with one, two and three workers, and takeovers.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<(), Failure> {
    let plan = if quick {
        Plan { streams: 300, pushes: 20, timed: 50, takeovers: 1 }
    } else {
        Plan { streams: 3_000, pushes: 60, timed: 300, takeovers: 5 }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    let embedded = Server::start(None, &options(None))?;
    embedded.push(1, TOKEN)?;
    let alone = local.block_on(&runtime, latencies(&[&embedded], 10, plan.timed, Duration::from_millis(30)))?;
    drop(embedded);

    let redis = Redis::start()?;
    channel::measure(redis.port, redis.child.id(), quick, report)?;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let joined = {
        let workers = start_workers(2, &url)?;
        let workers = workers.by_role()?;
        local.block_on(&runtime, latencies(&workers[1..], 10, plan.timed, Duration::from_millis(30)))?
    };
    let (before, after) = (quantile(&alone, 0.5), quantile(&joined, 0.5));
    report.once("bus: push to arrival, one process, p50", "ms", before, None);
    report.once("bus: push to arrival through Redis, at a worker that is not the engine, p50", "ms", after, None);
    report.once("bus: what the way through Redis adds, p50", "ms", after - before, Some(ADDED_MS));
    report.once("bus: the same, p99", "ms", quantile(&joined, 0.99) - quantile(&alone, 0.99), None);

    for count in 1..=3 {
        let workers = start_workers(count, &url)?;
        let workers = workers.by_role()?;
        let started = Instant::now();
        let pause = Duration::from_millis(100);
        let arrived = local.block_on(&runtime, latencies(&workers, plan.streams, plan.pushes, pause))?;
        let rate = arrived.len() as f64 / (plan.pushes as f64 * pause.as_secs_f64());
        eprintln!("bench: {count} workers took {:.1} s in all", started.elapsed().as_secs_f64());
        let what = |figure: &str| format!("workers: {count} with {} streams, 10 pushes/s, {figure}", plan.streams);
        report.once(what("delivered"), "frames/s", rate, None);
        report.once(what("push to arrival, p50"), "ms", quantile(&arrived, 0.5), None);
        report.once(what("push to arrival, p99"), "ms", quantile(&arrived, 0.99), None);
        if arrived.len() != plan.streams * plan.pushes {
            report.note(format!("{count} workers: {} of {} frames arrived", arrived.len(), plan.streams * plan.pushes));
        }
    }

    let mut takeovers = Vec::new();
    for _ in 0..plan.takeovers {
        takeovers.push(takeover(&url)?);
    }
    let what = "workers: from kill -9 of the engine to the first push another one has stored";
    report.row(what, "s", &Figure::of(takeovers), Some(TAKEOVER_S));
    Ok(())
}

/// The options of a worker, or of a process that is alone.
fn options(redis: Option<&str>) -> Vec<&str> {
    let mut options = vec!["--feed", "none", "--no-demo", "--ingest-token", TOKEN, "--max-streams-per-user", "0"];
    options.extend(["--stale-after-s", "86400", "--max-age-s", "86400", "--frame-interval-ms", "10"]);
    options.extend(redis.into_iter().flat_map(|url| ["--redis-url", url]));
    options
}

/// Workers of one installation.
struct Workers {
    servers: Vec<Server>,
    _data: tempfile::TempDir,
}

fn start_workers(count: usize, url: &str) -> Result<Workers, Failure> {
    let data = tempfile::tempdir()?;
    let share = |_| Server::start_sharing(&data.path().join("data"), &options(Some(url)));
    let servers = (0..count).map(share).collect::<Result<Vec<_>, _>>()?;
    servers.first().ok_or("no workers")?.push(1, TOKEN)?;
    Ok(Workers { servers, _data: data })
}

impl Workers {
    /// Returns the workers, the engine first.
    fn by_role(&self) -> Result<Vec<&Server>, Failure> {
        let mut sorted = Vec::new();
        for server in &self.servers {
            let at = if server.is_engine()? { 0 } else { sorted.len() };
            sorted.insert(at, server);
        }
        Ok(sorted)
    }
}

/// Opens streams at workers in turn, pushes to the first, and returns the milliseconds from each push to each arrival.
async fn latencies(workers: &[&Server], streams: usize, pushes: usize, pause: Duration) -> Result<Vec<f32>, Failure> {
    let received = Received::new(streams * pushes);
    for (index, worker) in workers.iter().enumerate() {
        let share = streams / workers.len() + usize::from(index < streams % workers.len());
        follow_all(open_many(worker.address, share).await?, &received);
    }
    let first = workers.first().ok_or("no workers")?;
    let mut pusher = TcpStream::connect(first.address).await?;
    pusher.set_nodelay(true)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut next = tokio::time::Instant::now();
    for number in 0..pushes {
        let request = push_request(FIRST_NUMBERED + u32::try_from(number)?, TOKEN);
        received.borrow_mut().sent.push(Instant::now());
        pusher.write_all(request.as_bytes()).await?;
        expect_accepted(&mut pusher).await?;
        next += pause;
        tokio::time::sleep_until(next).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let lost = received.borrow().lost;
    if lost > 0 {
        return Err(format!("{lost} streams ended while they were measured").into());
    }
    Ok(take(&received))
}

fn take(received: &Shared) -> Vec<f32> {
    std::mem::take(&mut received.borrow_mut().latencies_ms)
}

/// Kills an engine and returns the seconds until another worker acknowledges a push.
fn takeover(url: &str) -> Result<f64, Failure> {
    let mut workers = start_workers(2, url)?;
    let engine = workers.servers.iter().map(Server::is_engine).collect::<Result<Vec<_>, _>>()?;
    let engine = engine.iter().position(|is_engine| *is_engine).ok_or("nobody is the engine")?;
    let killed = Instant::now();
    drop(workers.servers.remove(engine));
    let survivor = workers.servers.first().ok_or("nobody is left")?;
    for price in 2.. {
        if survivor.push(price, TOKEN).is_ok() {
            break;
        }
    }
    Ok(killed.elapsed().as_secs_f64())
}

/// A redis-server of the benchmark's own.
struct Redis {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Redis {
    fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Self::spawn(folder.path(), port)?;
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                return Err("redis-server does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { child, port, _folder: folder })
    }

    fn spawn(folder: &Path, port: u16) -> Result<Child, Failure> {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
        command
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("redis-server: {error}; scripts/setup --services installs it").into())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
