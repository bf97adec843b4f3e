//! Fan-out: thousands of streams of one ticker over loopback, their memory, their idle cost, and what one frame to each
//! costs and takes. The server is a process of its own; the load generator is one thread of this one and shares the cores.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};

use super::floor::Floor;
use super::process::{Server, push_request};
use super::reader::{self, FIRST_NUMBERED, Received, Shared};
use super::report::{Figure, Report, Target};
use super::{Failure, machine};

const TOKEN: &str = "bench";

/// To be reached: kilobytes of 1,024 bytes of the server's memory for one idle stream.
const MEMORY_KB: Target = Target(20.0);

/// To be reached: microseconds of the server's processor time for one delivered frame.
const FRAME_US: Target = Target(15.0);

/// Streams opened at a time: well within the listener's queue.
const OPENING_AT_ONCE: usize = 64;

/// Opened and closed before measuring begins, so that pools and tables are there.
const WARM_UP: usize = 20;

/// Files a process needs beside its streams.
const OTHER_FILES: usize = 100;

/// Between two pushes: longer than a frame, so that each is published at once.
const BETWEEN_PUSHES: Duration = Duration::from_millis(500);

/// Rounds of pushes.
const ROUNDS: usize = 2;

/// How much is done.
pub(crate) struct Plan {
    streams: usize,
    settle: Duration,
    heartbeat_s: u64,
    pushes: usize,
}

impl Plan {
    /// 5,000 streams, 10 s a round, and the default heartbeat.
    pub(crate) const FULL: Self = Self { streams: 5_000, settle: Duration::from_secs(3), heartbeat_s: 15, pushes: 20 };

    /// 500 streams, 2 s a round.
    pub(crate) const QUICK: Self = Self { streams: 500, settle: Duration::from_secs(1), heartbeat_s: 2, pushes: 4 };

    /// Fits the streams into the files this process may open.
    fn within_limits(&self, report: &mut Report) -> Result<Self, Failure> {
        let possible = machine::open_files_limit()?.saturating_sub(OTHER_FILES);
        if possible < self.streams {
            report.note(format!("fan-out: only {possible} streams, for want of open files (ulimit -n)"));
        }
        Ok(Self { streams: self.streams.min(possible), ..*self })
    }
}

/// What one round of pushes gave.
struct Round {
    frame_us: f64,
    latencies_ms: Vec<f32>,
}

/// Starts the server, opens the streams and measures, in this order: ramp, memory, idle, frames.
pub(crate) fn measure(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let plan = plan.within_limits(report)?;
    let heartbeat = plan.heartbeat_s.to_string();
    let options = ["--feed", "none", "--no-demo", "--ingest-token", TOKEN, "--max-streams-per-user", "0"];
    // No price turns stale, and no stream old, while it is measured.
    let ages = ["--stale-after-s", "86400", "--max-age-s", "86400", "--heartbeat-s", &heartbeat];
    let server = Server::start(None, &[&options[..], &ages[..]].concat())?;
    server.push(1, TOKEN)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run(&plan, &server, report))?;
    // The product's streams are closed and its process gone before the same is asked of the bare kernel.
    drop(server);
    LocalSet::new().block_on(&runtime, floor(&plan, report))
}

/// Measures what the same writes cost without a server.
async fn floor(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let floor = Floor::start(plan.streams)?;
    let received = Received::new(0);
    follow_all(open_many(floor.address, plan.streams).await?, &received);
    let turns = floor.finish(plan.pushes, BETWEEN_PUSHES).await?;
    report.row("fan-out: the floor, one bare write per client, same run", "µs", &Figure::of(turns), None);
    Ok(())
}

/// Reads streams for as long as they last.
pub(crate) fn follow_all(opened: Vec<TcpStream>, received: &Shared) {
    for stream in opened {
        tokio::task::spawn_local(reader::follow(stream, Shared::clone(received)));
    }
}

async fn run(plan: &Plan, server: &Server, report: &mut Report) -> Result<(), Failure> {
    drop(open_many(server.address, WARM_UP).await?);
    tokio::time::sleep(plan.settle).await;
    let received = Received::new(plan.streams * plan.pushes);
    let (memory, kernel, processor) =
        (machine::resident_bytes(server.id())?, machine::kernel_bytes()?, machine::processor_seconds(server.id())?);

    let started = Instant::now();
    let opened = open_many(server.address, plan.streams).await?;
    let ramp = started.elapsed().as_secs_f64();
    follow_all(opened, &received);
    tokio::time::sleep(plan.settle).await;
    let streams = plan.streams as f64;
    let opening = (machine::processor_seconds(server.id())? - processor) * 1e6 / streams;
    let kilobytes = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1_024.0 / streams;
    let kernel_after = machine::kernel_bytes()?;
    report.once(format!("fan-out: opening {} streams, the ramp", plan.streams), "streams/s", streams / ramp, None);
    report.once("fan-out: processor time to open one", "µs", opening, None);
    report.once(
        "fan-out: memory per idle stream",
        "KB",
        kilobytes(machine::resident_bytes(server.id())?, memory),
        Some(MEMORY_KB),
    );
    report.once("fan-out: the kernel's buffers per stream, both ends", "KB", kilobytes(kernel_after.0, kernel.0), None);
    report.once("fan-out: the kernel's objects per stream, both ends", "KB", kilobytes(kernel_after.1, kernel.1), None);

    idle(plan, server, &received, report).await?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(plan, server, &received).await?);
    }
    if received.borrow().lost > 0 {
        return Err(format!("{} streams ended while they were measured", received.borrow().lost).into());
    }
    report_rounds(plan, &rounds, report);
    Ok(())
}

/// Opens streams, a bounded number at a time.
pub(crate) async fn open_many(server: SocketAddr, count: usize) -> Result<Vec<TcpStream>, Failure> {
    let (mut opening, mut opened) = (JoinSet::new(), Vec::with_capacity(count));
    for number in 0..count {
        if opening.len() >= OPENING_AT_ONCE
            && let Some(stream) = opening.join_next().await
        {
            opened.push(stream??);
        }
        opening.spawn_local(async move { reader::open(server, number).await.map_err(|failure| failure.to_string()) });
    }
    while let Some(stream) = opening.join_next().await {
        opened.push(stream??);
    }
    Ok(opened)
}

/// Measures one heartbeat's interval in which nothing else happens.
async fn idle(plan: &Plan, server: &Server, received: &Shared, report: &mut Report) -> Result<(), Failure> {
    let before = (machine::processor_seconds(server.id())?, received.borrow().heartbeats);
    tokio::time::sleep(Duration::from_secs(plan.heartbeat_s)).await;
    let spent = machine::processor_seconds(server.id())? - before.0;
    let heartbeats = received.borrow().heartbeats - before.1;
    let what = format!("fan-out: idle processor, {heartbeats} heartbeats in {} s", plan.heartbeat_s);
    report.once(what, "% of a core", spent / plan.heartbeat_s as f64 * 100.0, None);
    report.once(
        "fan-out: idle processor time per stream",
        "µs/s",
        spent * 1e6 / plan.heartbeat_s as f64 / plan.streams as f64,
        None,
    );
    Ok(())
}

/// Pushes one quote at a time and waits for it everywhere.
async fn round(plan: &Plan, server: &Server, received: &Shared) -> Result<Round, Failure> {
    let mut pusher = TcpStream::connect(server.address).await?;
    pusher.set_nodelay(true)?;
    let before = machine::processor_seconds(server.id())?;
    for _ in 0..plan.pushes {
        let number = received.borrow().sent.len();
        let request = push_request(FIRST_NUMBERED + u32::try_from(number)?, TOKEN);
        received.borrow_mut().sent.push(Instant::now());
        pusher.write_all(request.as_bytes()).await?;
        let next = tokio::time::sleep(BETWEEN_PUSHES);
        expect_accepted(&mut pusher).await?;
        next.await;
    }
    let spent = machine::processor_seconds(server.id())? - before;
    let latencies_ms = std::mem::take(&mut received.borrow_mut().latencies_ms);
    Ok(Round { frame_us: spent * 1e6 / latencies_ms.len() as f64, latencies_ms })
}

/// Reads a push's answer.
pub(crate) async fn expect_accepted(pusher: &mut TcpStream) -> Result<(), Failure> {
    let mut answer = [0; 1_024];
    let count = pusher.read(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 202") {
        return Ok(());
    }
    Err(format!("a push was answered by {:?}", String::from_utf8_lossy(answer.get(..count).unwrap_or_default())).into())
}

fn report_rounds(plan: &Plan, rounds: &[Round], report: &mut Report) {
    let figure = |of: &dyn Fn(&Round) -> f64| Figure::of(rounds.iter().map(of).collect());
    let delivered: usize = rounds.iter().map(|round| round.latencies_ms.len()).sum();
    let what = format!("fan-out: processor time per delivered frame ({delivered} frames)");
    report.row(what, "µs", &figure(&|round| round.frame_us), Some(FRAME_US));
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        let what = format!("fan-out: push to arrival, {name} of {} streams", plan.streams);
        report.row(what, "ms", &figure(&|round| quantile(&round.latencies_ms, share)), None);
    }
    let expected = plan.streams * plan.pushes * rounds.len();
    if delivered != expected {
        report.note(format!("fan-out: {delivered} of {expected} frames arrived"));
    }
}

/// Returns the value below which `share` of the values lie.
pub(crate) fn quantile(values: &[f32], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(index).map_or(f64::NAN, |value| f64::from(*value))
}
