//! The floor: a process that writes one ready frame to each subscriber, once, and does nothing else. It speaks just enough HTTP
//! that the same load generator can ask it for a stream and publish to it. A frame that a subscriber's socket does not
//! take at once is dropped.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::child::{self, Running, free_address};
use crate::Failure;

/// The hidden argument with which this program is started as the floor.
pub(crate) const ARGUMENT: &str = "--bare-floor";

/// Events taken from the kernel at once.
const EVENTS_AT_ONCE: usize = 1_024;

/// The largest request read at once: a bulk message is the largest.
const REQUEST_BYTES: usize = 65_536;

const LISTENER: Token = Token(0);

/// Starts it as a process of its own.
pub(crate) fn start() -> Result<(Running, SocketAddr), Failure> {
    let address = free_address()?;
    let mut command = child::command(std::env::current_exe()?);
    let mut running = Running::start(tempfile::tempdir()?, command.args([ARGUMENT, &address.to_string()]))?;
    running.wait_for(address)?;
    Ok((running, address))
}

/// Serves until it is killed.
pub(crate) fn serve(address: &str) -> Result<(), Failure> {
    let mut floor = Floor::listen(address.parse()?)?;
    let mut events = Events::with_capacity(EVENTS_AT_ONCE);
    loop {
        match floor.poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => other?,
        }
        for event in &events {
            if event.token() == LISTENER { floor.accept()? } else { floor.read(event.token())? }
        }
    }
}

/// A connection that has not become a stream.
struct Asking {
    stream: TcpStream,
    request: Vec<u8>,
}

struct Subscriber {
    stream: TcpStream,
    wants_bulk: bool,
}

struct Floor {
    poll: Poll,
    listener: TcpListener,
    asking: HashMap<Token, Asking>,
    subscribers: Vec<Subscriber>,
    buffer: Box<[u8]>,
    next: usize,
}

impl Floor {
    fn listen(address: SocketAddr) -> Result<Self, Failure> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind(address)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let buffer = vec![0; REQUEST_BYTES].into();
        Ok(Self { poll, listener, asking: HashMap::new(), subscribers: Vec::new(), buffer, next: LISTENER.0 + 1 })
    }

    fn accept(&mut self) -> Result<(), Failure> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            stream.set_nodelay(true)?;
            let token = Token(self.next);
            self.next += 1;
            self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
            self.asking.insert(token, Asking { stream, request: Vec::new() });
        }
    }

    /// Reads what a connection sent, and does what it asked for once that is whole.
    fn read(&mut self, token: Token) -> Result<(), Failure> {
        while let Some(asking) = self.asking.get_mut(&token) {
            match asking.stream.read(&mut self.buffer) {
                Ok(0) => drop(self.asking.remove(&token)),
                Ok(count) => {
                    asking.request.extend_from_slice(&self.buffer[..count]);
                    self.answer(token)?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => drop(self.asking.remove(&token)),
            }
        }
        Ok(())
    }

    fn answer(&mut self, token: Token) -> Result<(), Failure> {
        let Some(asking) = self.asking.get_mut(&token) else { return Ok(()) };
        let Some((head, body)) = whole(&asking.request) else { return Ok(()) };
        let bulk = head.contains("/bulk ");
        if head.starts_with("POST") {
            let frame = frame_of(body);
            asking.request.clear();
            self.write_to_all(&frame, bulk);
            if let Some(asking) = self.asking.get_mut(&token) {
                asking.stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")?;
            }
        } else if let Some(mut asking) = self.asking.remove(&token) {
            // Nothing more is read from it.
            self.poll.registry().deregister(&mut asking.stream)?;
            let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
            if asking.stream.write_all(head).is_ok() {
                self.subscribers.push(Subscriber { stream: asking.stream, wants_bulk: bulk });
            }
        }
        Ok(())
    }

    /// Writes a frame once to each subscriber; those that are gone are forgotten.
    fn write_to_all(&mut self, frame: &[u8], bulk: bool) {
        self.subscribers.retain_mut(|subscriber| {
            if bulk && !subscriber.wants_bulk {
                return true;
            }
            match subscriber.stream.write(frame) {
                // What did not fit is dropped.
                Ok(written) => written > 0,
                Err(error) => error.kind() == ErrorKind::WouldBlock,
            }
        });
    }
}

/// Divides a request into head and body, once it is whole.
fn whole(request: &[u8]) -> Option<(&str, &[u8])> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&request[..end]).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.map_or(Some(0), |length| length.parse().ok())?;
    Some((head, request.get(end..end + length)?))
}

/// Writes a message as one chunk with one event.
fn frame_of(message: &[u8]) -> Vec<u8> {
    let event = [b"data: ", message, b"\n\n"].concat();
    [format!("{:x}\r\n", event.len()).as_bytes(), &event, b"\r\n"].concat()
}
