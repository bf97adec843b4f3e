//! The cost of one message: pushes of one quote over one kept connection, one after the other, while no stream is open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Failure;
use super::machine::processor_seconds;
use super::process::{Server, push_request};
use super::report::{Figure, Report, Target};

/// Processor time of the server for one push, in microseconds.
const PROCESSOR_US: Target = Target(200.0);

/// The slowest hundredth of the answers, in milliseconds.
const P99_MS: Target = Target(5.0);

const TOKEN: &str = "measured";

/// Rounds, each of as many pushes.
const ROUNDS: usize = 5;

/// Pushed before measuring begins, so that the instrument is there and statements are prepared.
const WARM_UP: u32 = 50;

/// Measures five rounds of pushes, each answered before the next is sent.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<(), Failure> {
    let pushes: u32 = if quick { 200 } else { 2_000 };
    let server = Server::start(None, &["--feed", "none", "--ingest-token", TOKEN])?;
    let mut connection = TcpStream::connect(server.address)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    for number in 0..WARM_UP {
        push(&mut connection, number)?;
    }
    let (mut processor, mut pace, mut p99) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (before, started) = (processor_seconds(server.id())?, Instant::now());
        let mut took = (0..pushes).map(|number| push(&mut connection, number)).collect::<Result<Vec<Duration>, Failure>>()?;
        let (spent, passed) = (processor_seconds(server.id())? - before, started.elapsed());
        took.sort_unstable();
        processor.push(spent * 1e6 / f64::from(pushes));
        pace.push(f64::from(pushes) / passed.as_secs_f64());
        p99.push(took.get(took.len() * 99 / 100).map_or(f64::NAN, Duration::as_secs_f64) * 1e3);
    }
    report.row("push: processor time of one quote, no stream open", "µs", &Figure::of(processor), Some(PROCESSOR_US));
    report.row("push: one after the other over one connection (to reach: 2000)", "pushes/s", &Figure::of(pace), None);
    report.row("push: until the answer, p99", "ms", &Figure::of(p99), Some(P99_MS));
    Ok(())
}

/// Pushes one quote and returns how long its acceptance took.
fn push(connection: &mut TcpStream, number: u32) -> Result<Duration, Failure> {
    let started = Instant::now();
    connection.write_all(push_request(100 + number % 7, TOKEN).as_bytes())?;
    let (mut answer, mut part) = (Vec::new(), [0; 1_024]);
    while !answer.ends_with(b"}") {
        let count = connection.read(&mut part)?;
        if count == 0 {
            return Err("the server closed the connection".into());
        }
        answer.extend_from_slice(part.get(..count).unwrap_or_default());
    }
    if !answer.starts_with(b"HTTP/1.1 202") {
        return Err(format!("a push was answered by {:?}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(started.elapsed())
}
