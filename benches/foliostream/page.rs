//! The first byte of the overview: from before the connect to the first byte of the answer, on fresh connections.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::process::Server;
use super::report::{Figure, Report, Target};
use super::{Failure, site};

/// To be reached at the median, in milliseconds.
const FIRST_BYTE_MS: Target = Target(10.0);

/// Asked for before measuring begins, so that the code is in memory.
const WARM_UP: usize = 10;

/// Measures 200 requests, one after the other, to a server with the demo portfolio.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<(), Failure> {
    let Some(folder) = site::folder() else {
        report.note("page: not measured, target/site is not built (make build)");
        return Ok(());
    };
    let requests = if quick { 50 } else { 200 };
    let server = Server::start(Some(&folder), &[])?;
    for _ in 0..WARM_UP {
        request(server.address)?;
    }
    let mut spent = Vec::with_capacity(requests);
    let mut bytes = 0;
    for _ in 0..requests {
        let (first_byte, length) = request(server.address)?;
        spent.push(first_byte.as_secs_f64() * 1e3);
        bytes = length;
    }
    spent.sort_by(f64::total_cmp);
    let p95 = spent.get(requests * 95 / 100).copied().unwrap_or(f64::NAN);
    let what = format!("page: first byte of / ({} KB, {requests} fresh connections)", bytes / 1_024);
    report.row(what, "ms", &Figure::of(spent), Some(FIRST_BYTE_MS));
    report.once("page: first byte of /, p95", "ms", p95, None);
    Ok(())
}

/// Returns the time to the first byte and the whole answer's length in bytes.
fn request(address: SocketAddr) -> Result<(Duration, usize), Failure> {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")?;
    let mut answer = vec![0];
    stream.read_exact(&mut answer)?;
    let first_byte = started.elapsed();
    stream.read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(format!("the overview was answered by {}", String::from_utf8_lossy(&answer[..answer.len().min(80)])).into());
    }
    Ok((first_byte, answer.len()))
}
