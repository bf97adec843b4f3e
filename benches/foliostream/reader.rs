//! The load generator's half of a stream: one task each on one thread, all reading into one buffer, noting what came when.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use super::Failure;

/// The largest read: several frames. All streams share it, for they run on one thread.
const BUFFER_BYTES: usize = 16_384;

/// Loopback addresses the streams come from, so that none of them runs out of ports.
const SOURCES: usize = 10;

/// The first price that means a numbered push; lower ones are not timed.
pub(crate) const FIRST_NUMBERED: u32 = 100_000;

/// What all streams received.
pub(crate) struct Received {
    buffer: Box<[u8]>,
    /// When each push was sent, by its number.
    pub sent: Vec<Instant>,
    /// Milliseconds from a push's sending to its arrival at one stream.
    pub latencies_ms: Vec<f32>,
    /// Heartbeats.
    pub heartbeats: usize,
    /// Streams that ended although neither the test nor the server ended them on purpose.
    pub lost: usize,
}

/// Shared by the tasks of one thread.
pub(crate) type Shared = Rc<RefCell<Received>>;

impl Received {
    /// Makes room for `expected` deliveries, so that none of them waits for memory.
    pub(crate) fn new(expected: usize) -> Shared {
        Rc::new(RefCell::new(Self {
            buffer: vec![0; BUFFER_BYTES].into(),
            sent: Vec::new(),
            latencies_ms: Vec::with_capacity(expected),
            heartbeats: 0,
            lost: 0,
        }))
    }

    /// Reads what is there, once, and returns whether the stream goes on.
    fn read(&mut self, stream: &TcpStream, last: &mut u32) -> bool {
        let count = match stream.try_read(&mut self.buffer) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        };
        let now = Instant::now();
        let bytes = self.buffer.get(..count).unwrap_or_default();
        if let Some(price) = price_in(bytes) {
            let sent = price.checked_sub(FIRST_NUMBERED).and_then(|number| self.sent.get(number as usize));
            if let Some(sent) = sent.filter(|_| price > *last) {
                *last = price;
                self.latencies_ms.push(now.duration_since(*sent).as_secs_f32() * 1e3);
            }
        } else if contains(bytes, b"event: heartbeat") {
            self.heartbeats += 1;
        }
        true
    }
}

/// Opens a stream and reads until `synced`.
pub(crate) async fn open(server: SocketAddr, number: usize) -> Result<TcpStream, Failure> {
    let source = Ipv4Addr::new(127, 0, 1, 1 + (number % SOURCES) as u8);
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    let mut stream = socket.connect(server).await?;
    stream
        .write_all(b"GET /api/v1/sse/prices?tickers=AAPL HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        .await?;
    wait_for_synced(&stream).await?;
    Ok(stream)
}

async fn wait_for_synced(stream: &TcpStream) -> Result<(), Failure> {
    let mut seen = Vec::new();
    loop {
        stream.readable().await?;
        match stream.try_read_buf(&mut seen) {
            Ok(0) => return Err(format!("a stream ended at once: {}", String::from_utf8_lossy(&seen)).into()),
            Ok(_) if contains(&seen, b"event: synced") => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads a stream for as long as it lasts.
pub(crate) async fn follow(stream: TcpStream, received: Shared) {
    let mut last = 0;
    while stream.readable().await.is_ok() && received.borrow_mut().read(&stream, &mut last) {}
    received.borrow_mut().lost += 1;
}

/// Finds the newest whole price in some bytes of a stream.
fn price_in(bytes: &[u8]) -> Option<u32> {
    const BEFORE: &[u8] = b"\"price\":\"";
    let at = bytes.windows(BEFORE.len()).rposition(|window| window == BEFORE)?;
    let digits = bytes.get(at + BEFORE.len()..)?.iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|byte| u32::from(byte - b'0')).try_fold(0_u32, |sum, digit| sum.checked_mul(10)?.checked_add(digit))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
