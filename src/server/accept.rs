//! The accept loop: bounded connections, a header timeout, back-off when files run out, and an end that waits for answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::tally::Tally;

/// A request head must arrive within this: half-sent ones cost a connection no longer.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest request head: a hostile `Last-Event-ID` of 64 KB still gets its stream and its reset. Buffers begin at 8 KB and
/// grow only while something large is under way, so that an idle stream weighs no more for it.
const BUFFER_BYTES: usize = 98_304;

/// A peer that acknowledges nothing for this long is gone.
const USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Unsent bytes the kernel takes before it says it is full, so that staleness waits in our cursors and not in its buffers.
const UNSENT_BYTES: u32 = 16_384;

/// Pause after `accept` failed for want of files or memory.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves connections until `stop`, then lets each finish the request it is in.
pub async fn run(
    listener: TcpListener,
    router: Router,
    max_connections: u32,
    tally: Arc<Tally>,
    stop: CancellationToken,
) -> TaskTracker {
    // Turned into services once, instead of at every request.
    let router = router.with_state(());
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(max_connections as usize));
    loop {
        let place = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place.expect("nobody closes this semaphore"),
        };
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                connections.spawn(serve_connection(stream, address, router.clone(), Arc::clone(&tally), stop.clone(), place));
            }
            Err(error) => back_off(&error).await,
        }
    }
    connections.close();
    connections
}

/// Waits where the system lacks something; a peer that went away during the handshake is no reason to.
async fn back_off(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::warn!("no connection can be taken now: {error}");
    tokio::time::sleep(BACK_OFF).await;
}

/// Serves one connection to its end. It holds its place itself: a future wrapped around this one would double what an idle
/// stream keeps.
async fn serve_connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    tally: Arc<Tally>,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    tune(&stream);
    metrics::gauge!("foliostream_connections").increment(1.0);
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that hangs up is everyday life.
        tracing::debug!(%address, "a connection ended: {error}");
        if took_nothing(&error) {
            tally.slow_closed();
        }
    }
    metrics::gauge!("foliostream_connections").decrement(1.0);
}

/// Tells whether the kernel gave a peer up that had acknowledged nothing for [`USER_TIMEOUT`].
fn took_nothing(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::TimedOut)
}

/// Sets what the kernel should know; a socket that refuses works all the same.
fn tune(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(USER_TIMEOUT)))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_BYTES));
    if let Err(error) = tuned {
        tracing::debug!("a socket could not be tuned: {error}");
    }
}
