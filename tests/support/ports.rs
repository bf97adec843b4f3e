//! Ports for servers that tests start: free, given out once by this process, and none that the system gives to connections.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below what Linux gives to outgoing connections (32768 and up), so that none of them takes a port before its server does.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Returns a port that is free now, another one at each call.
pub(crate) fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Processes begin at different places.
    let start = std::process::id().wrapping_mul(97);
    loop {
        let step = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + ((start + u32::from(step)) % u32::from(COUNT)) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
