//! The load generator: thousands of streams read by one thread through one buffer, each frame's age taken when it was read.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use super::contender::{Channel, Contender};
use super::stamp;
use crate::Failure;

/// The largest read; all streams share the buffer.
const BUFFER_BYTES: usize = 65_536;

/// Loopback addresses the streams come from, so that none of them runs out of ports.
const SOURCES: usize = 10;

/// Streams opened at a time: well within a listener's queue.
const OPENING_AT_ONCE: usize = 128;

/// Events taken from the kernel at once.
const EVENTS_AT_ONCE: usize = 1_024;

/// How long opening any number of streams may take.
const OPENING: Duration = Duration::from_secs(60);

/// No frame comes any more once none came for this long after the last message.
const SILENCE: Duration = Duration::from_secs(1);

/// The receive buffer of a client that will stall: the kernel's least.
const STALLED_BUFFER_BYTES: usize = 4_096;

/// What one series of messages gave.
pub(crate) struct Delivery {
    /// From each message's sending to its arrival at each stream, in microseconds.
    pub latencies_us: Vec<u32>,
    /// Frames that should have arrived.
    pub expected: usize,
}

/// How many messages, and how often.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Messages.
    pub messages: u32,
    /// Between two of them.
    pub interval: Duration,
}

/// Whether clients read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// For as long as they live.
    Reads,
    /// Until the stream is open, then never again, with the smallest buffer.
    Stalls,
}

/// Streams of one contender.
pub(crate) struct Clients<'a> {
    contender: &'a Contender,
    poll: Poll,
    events: Events,
    readers: Readers,
}

/// One stream.
struct Client {
    stream: TcpStream,
    phase: Phase,
    /// The beginning of a stamp whose end has not come yet.
    part: [u8; stamp::LONGEST_PART],
    part_bytes: usize,
}

enum Phase {
    Connecting,
    /// Waits for the stream's beginning; what came of it so far.
    Asking(Vec<u8>),
    Open,
}

struct Readers {
    clients: Vec<Client>,
    request: String,
    ready: &'static [u8],
    opening: usize,
    buffer: Box<[u8]>,
    origin: Instant,
    latencies_us: Vec<u32>,
    /// Reads that brought no price: heartbeats.
    without_price: usize,
    lost: usize,
}

impl<'a> Clients<'a> {
    /// Makes ready for streams.
    pub(crate) fn new(contender: &'a Contender) -> Result<Self, Failure> {
        let readers = Readers {
            clients: Vec::new(),
            request: String::new(),
            ready: contender.ready(),
            opening: 0,
            buffer: vec![0; BUFFER_BYTES].into(),
            origin: Instant::now(),
            latencies_us: Vec::new(),
            without_price: 0,
            lost: 0,
        };
        Ok(Self { contender, poll: Poll::new()?, events: Events::with_capacity(EVENTS_AT_ONCE), readers })
    }

    /// Returns how many streams there are, those that stall among them.
    pub(crate) fn count(&self) -> usize {
        self.readers.clients.len()
    }

    /// Returns how many reads brought no price, which are heartbeats.
    pub(crate) fn heartbeats(&self) -> usize {
        self.readers.without_price
    }

    /// Opens streams until there are `count`, a bounded number at a time; returns how long it took.
    pub(crate) fn open(&mut self, count: usize, habit: Habit) -> Result<Duration, Failure> {
        let (before, started) = (self.count(), Instant::now());
        let channel = if habit == Habit::Reads { Channel::Quotes } else { Channel::QuotesAndBulk };
        self.readers.request = self.contender.stream_request(channel);
        while self.count() < count || self.readers.opening > 0 {
            while self.count() < count && self.readers.opening < OPENING_AT_ONCE {
                self.connect(habit)?;
            }
            self.turn(started + OPENING)?;
            if started.elapsed() >= OPENING {
                return Err(format!("{} of {count} streams did not open", self.readers.opening).into());
            }
        }
        let took = started.elapsed();
        if habit == Habit::Stalls {
            for client in &mut self.readers.clients[before..] {
                self.poll.registry().deregister(&mut client.stream)?;
            }
        }
        Ok(took)
    }

    fn connect(&mut self, habit: Habit) -> Result<(), Failure> {
        let number = self.count();
        let source = Ipv4Addr::new(127, 0, 1, 1 + (number % SOURCES) as u8);
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None)?;
        socket.bind(&SocketAddr::from((source, 0)).into())?;
        // Closed at once, so that no turn is burdened with the connections of the one before.
        socket.set_linger(Some(Duration::ZERO))?;
        if habit == Habit::Stalls {
            socket.set_recv_buffer_size(STALLED_BUFFER_BYTES)?;
        }
        match socket.connect(&self.contender.address.into()) {
            // EINPROGRESS has no kind of its own.
            Err(error) if error.kind() != ErrorKind::WouldBlock && error.raw_os_error() != Some(libc::EINPROGRESS) => {
                return Err(error.into());
            }
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        self.poll.registry().register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        let part = [0; stamp::LONGEST_PART];
        self.readers.clients.push(Client { stream, phase: Phase::Connecting, part, part_bytes: 0 });
        self.readers.opening += 1;
        Ok(())
    }

    /// Closes all streams but the first `count`.
    pub(crate) fn close_beyond(&mut self, count: usize) {
        self.readers.clients.truncate(count);
    }

    /// Reads for a while.
    pub(crate) fn read_for(&mut self, duration: Duration) -> Result<(), Failure> {
        self.read_until(Instant::now() + duration, usize::MAX)
    }

    /// Sends messages at a steady pace from a thread of its own, and reads until all have come to the first `reading`
    /// streams, or nothing comes any more.
    pub(crate) fn deliver(&mut self, reading: usize, pace: Pace) -> Result<Delivery, Failure> {
        let expected = reading * pace.messages as usize;
        self.readers.latencies_us = Vec::with_capacity(expected);
        let (contender, origin) = (self.contender, self.readers.origin);
        std::thread::scope(|scope| {
            let publisher = scope.spawn(move || publish(contender, origin, pace).map_err(|failure| failure.to_string()));
            while self.readers.latencies_us.len() < expected {
                let before = self.readers.latencies_us.len();
                let sent_all = publisher.is_finished();
                self.read_until(Instant::now() + SILENCE, expected)?;
                if sent_all && self.readers.latencies_us.len() == before {
                    break;
                }
            }
            publisher.join().map_err(|_| "the publisher panicked")??;
            self.all_alive()
        })?;
        Ok(Delivery { latencies_us: std::mem::take(&mut self.readers.latencies_us), expected })
    }

    /// Reads until a moment, or until so many frames have come.
    fn read_until(&mut self, until: Instant, frames: usize) -> Result<(), Failure> {
        while Instant::now() < until && self.readers.latencies_us.len() < frames {
            self.turn(until)?;
        }
        Ok(())
    }

    fn all_alive(&self) -> Result<(), Failure> {
        match self.readers.lost {
            0 => Ok(()),
            lost => Err(format!("{lost} streams ended while they were measured").into()),
        }
    }

    /// Waits for events until a moment, and handles those that came.
    fn turn(&mut self, until: Instant) -> Result<(), Failure> {
        match self.poll.poll(&mut self.events, Some(until.saturating_duration_since(Instant::now()))) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => other?,
        }
        for event in &self.events {
            self.readers.wake(event.token().0, event.is_read_closed())?;
        }
        Ok(())
    }
}

impl Readers {
    /// Goes on with one stream as far as it goes.
    fn wake(&mut self, number: usize, ends: bool) -> Result<(), Failure> {
        // An event may be left of one that was closed.
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        if matches!(client.phase, Phase::Connecting) {
            match client.stream.write(self.request.as_bytes()) {
                Ok(count) if count == self.request.len() => client.phase = Phase::Asking(Vec::new()),
                Ok(_) => return Err("a request did not fit into a fresh socket".into()),
                Err(error) if [ErrorKind::WouldBlock, ErrorKind::NotConnected].contains(&error.kind()) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        while self.read(number, ends)? {}
        Ok(())
    }

    /// Reads once, and returns whether there may be more.
    fn read(&mut self, number: usize, ends: bool) -> Result<bool, Failure> {
        let client = &mut self.clients[number];
        let part = client.part_bytes;
        self.buffer[..part].copy_from_slice(&client.part[..part]);
        let count = match client.stream.read(&mut self.buffer[part..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Ok(count) if count > 0 => count,
            end => return self.ended(number, end),
        };
        // A read that does not fill the buffer has emptied the socket; only an end needs one more.
        let goes_on = ends || part + count == self.buffer.len();
        let bytes = &self.buffer[..part + count];
        if let Phase::Asking(answer) = &mut client.phase {
            answer.extend_from_slice(bytes);
            if answer.windows(self.ready.len()).any(|window| window == self.ready) {
                client.phase = Phase::Open;
                self.opening -= 1;
            }
            return Ok(goes_on);
        }
        let (now, before) = (stamp::now(self.origin), self.latencies_us.len());
        let rest = stamp::for_each(bytes, |stamp| self.latencies_us.push(now.saturating_sub(stamp)));
        self.without_price += usize::from(self.latencies_us.len() == before);
        let left = bytes.len() - rest;
        client.part[..left].copy_from_slice(&bytes[rest..]);
        client.part_bytes = left;
        Ok(goes_on)
    }

    /// Counts a stream that ended, or fails where it never began.
    fn ended(&mut self, number: usize, end: std::io::Result<usize>) -> Result<bool, Failure> {
        match &self.clients[number].phase {
            Phase::Open => self.lost += 1,
            Phase::Connecting => return Err(format!("a connection failed: {end:?}").into()),
            Phase::Asking(answer) => {
                return Err(format!("a stream was answered by {:?}", String::from_utf8_lossy(answer)).into());
            }
        }
        Ok(false)
    }
}

/// Sends messages, each when it is due, stamped when it is sent.
fn publish(contender: &Contender, origin: Instant, pace: Pace) -> Result<(), Failure> {
    let mut connection = contender.connect()?;
    let started = Instant::now();
    for number in 0..pace.messages {
        std::thread::sleep((started + pace.interval * number).saturating_duration_since(Instant::now()));
        contender.publish(&mut connection, &contender.message(stamp::now(origin)))?;
    }
    Ok(())
}
