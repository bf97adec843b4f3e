//! The accept loop: bounded connections, a header timeout, back-off when files run out, and an end that waits for answers.
//!
//! A connection speaks HTTP/1.1 or, within TLS, HTTP/2. Over HTTP/1.1 the socket of a connection that asked for a stream goes to the
//! [reactors](super::sse::reactor), with its TLS session and with the head of the response as it left the outermost layer.

mod answer;
mod connection;
mod encrypted;
mod head;
mod readers;
mod socket;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::connection::Acceptance;
use self::connection::Serving;
use super::admission::{Admission, Crowded};

/// Pause after `accept` failed for want of files or memory.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Serves connections until `stop`, then lets each finish the request it is in; the tracker waits for them, wherever they are.
pub(crate) async fn run(listener: TcpListener, acceptance: Acceptance, stop: CancellationToken) -> TaskTracker {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(acceptance.max_connections as usize));
    let addresses = Arc::clone(&acceptance.addresses);
    let serving = Arc::new(Serving::new(acceptance, stop.clone()));
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
            Ok((stream, address)) => match addresses.take(address.ip()) {
                Ok(within_address) => {
                    let admission = Admission::new(place, within_address, connections.token());
                    serve(&serving, stream, address, admission);
                }
                Err(Crowded) => turn_away(address),
            },
            Err(error) => back_off(&error).await,
        }
    }
    connections.close();
    connections
}

fn serve(serving: &Arc<Serving>, stream: TcpStream, address: std::net::SocketAddr, admission: Admission) {
    socket::tune(&stream);
    let serving = Arc::clone(serving);
    // Two kinds of tasks: within one, every plain connection would be as large as an encrypted one.
    if serving.is_encrypted() {
        tokio::spawn(serving.serve_encrypted(stream, address, admission));
    } else {
        tokio::spawn(serving.serve_plain(stream, address, admission));
    }
}

/// Closes a connection of an address that has as many as it may, without a word: an answer would cost what the limit saves.
fn turn_away(address: std::net::SocketAddr) {
    metrics::counter!("foliostream_connections_refused_total").increment(1);
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            "{} holds as many connections as one address may, and more are closed; if that is a proxy, name it with \
             --trusted-proxies, or raise --max-connections-per-address (said once; see foliostream_connections_refused_total)",
            address.ip()
        );
    });
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
