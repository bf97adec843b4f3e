//! One stream as a reactor holds it: a socket, a cursor, and what the socket did not take.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use mio::net::TcpStream;

use crate::admission::{Admission, MOST_SENT};
use crate::board::PART_BYTES;
use crate::sse::follower::Follower;
use crate::sse::frame::LAST_CHUNK;

/// Frames gathered for one write; an opening has three.
const GATHERED: usize = 8;

/// A stream on its way to its reactor.
pub struct Arrival {
    /// The connection to the client, taken from hyper.
    pub socket: std::net::TcpStream,
    /// The response's head, as hyper would have written it.
    pub head: Bytes,
    /// The follower that makes the stream's frames.
    pub follower: Follower,
    /// The connection's permit, given back when the stream ends.
    pub admission: Admission,
}

impl fmt::Debug for Arrival {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Arrival").field("socket", &self.socket).finish_non_exhaustive()
    }
}

/// A stream in a reactor's slab.
pub(crate) struct Entry {
    pub socket: TcpStream,
    pub follower: Follower,
    /// Rings the reactor's bell for this stream alone. Its opening waits with it, and its place has a copy.
    pub waker: Waker,
    /// What the reactor calls the group, and where in the group it stands.
    pub group: usize,
    pub rank: usize,
    unsent: Unsent,
    is_ending: bool,
    sent_by_client: usize,
    _admission: Admission,
}

/// What the socket did not take, from the first byte on that it did not.
#[derive(Default)]
struct Unsent {
    /// Shared with every other stream that writes them.
    chunks: VecDeque<Bytes>,
    has_moved: bool,
}

/// The outcome of a write to the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Everything there was; the stream waits for news.
    All,
    /// The socket is full.
    Full,
    /// The stream has ended in order.
    Ended,
}

impl Entry {
    /// Makes an entry that begins with the response's head.
    pub(crate) fn new(arrival: Arrival, waker: Waker, group: usize, rank: usize) -> Self {
        let Arrival { socket, head, follower, admission } = arrival;
        Self {
            socket: TcpStream::from_std(socket),
            follower,
            waker,
            group,
            rank,
            unsent: Unsent { chunks: VecDeque::from([head]), has_moved: false },
            is_ending: false,
            sent_by_client: 0,
            _admission: admission,
        }
    }

    /// Writes what was left and then what is due, as much as the socket takes. `spare` is memory to gather frames in, shared by
    /// all streams of the reactor: one that keeps up has none of its own.
    pub(crate) fn write(&mut self, now_ms: i64, spare: &mut VecDeque<Bytes>) -> io::Result<Written> {
        // While the socket has not taken what was left, the rest waits as an old cursor.
        if self.is_full() && !self.unsent.write_to(&mut self.socket)? {
            return Ok(Written::Full);
        }
        if self.unsent.chunks.is_empty() {
            self.unsent.chunks = std::mem::take(spare);
        }
        loop {
            let may_owe_more = self.gather(now_ms);
            if !self.unsent.write_to(&mut self.socket)? {
                return Ok(Written::Full);
            }
            if !may_owe_more {
                *spare = std::mem::take(&mut self.unsent.chunks);
                return Ok(if self.is_ending { Written::Ended } else { Written::All });
            }
        }
    }

    /// Takes frames that are due until enough are gathered for one write, and returns whether there may be more.
    fn gather(&mut self, now_ms: i64) -> bool {
        let mut context = Context::from_waker(&self.waker);
        let mut bytes = 0;
        while !self.is_ending && self.unsent.chunks.len() < GATHERED && bytes < PART_BYTES {
            match self.follower.poll_next(&mut context, now_ms) {
                Poll::Pending => return false,
                Poll::Ready(Some(frame)) => {
                    let chunk = frame.chunk();
                    bytes += chunk.len();
                    self.unsent.chunks.push_back(chunk);
                }
                Poll::Ready(None) => {
                    self.is_ending = true;
                    self.unsent.chunks.push_back(Bytes::from_static(LAST_CHUNK));
                }
            }
        }
        !self.is_ending
    }

    /// Returns whether the socket is full: it did not take all that was due.
    pub(crate) fn is_full(&self) -> bool {
        self.follower.place().deadline_ms().is_some()
    }

    /// Returns whether the socket took anything since this was last called.
    pub(crate) fn took_something(&mut self) -> bool {
        std::mem::take(&mut self.unsent.has_moved)
    }

    /// Gives the client until `deadline_ms` to take something, and has the stream looked after then.
    pub(crate) fn expect_by(&mut self, deadline_ms: i64) {
        let place = self.follower.place();
        place.expect_by(deadline_ms);
        self.follower.streams().wheel.insert(Arc::clone(place));
    }

    /// Expects nothing more of the client than that it stays.
    pub(crate) fn expect_nothing(&mut self) {
        self.follower.place().expect_by(i64::MAX);
    }

    /// Reads what the client sent and throws it away, and returns whether the client is still there. One that sends more than
    /// `MOST_SENT` bytes is not kept.
    pub(crate) fn is_there(&mut self, scratch: &mut [u8]) -> io::Result<bool> {
        loop {
            match self.socket.read(scratch) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.sent_by_client += count;
                    if self.sent_by_client > MOST_SENT {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Unsent {
    /// Writes until all is gone or the socket is full, and returns whether all is gone.
    fn write_to(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        while !self.chunks.is_empty() {
            let written = match &self.chunks {
                chunks if chunks.len() == 1 => socket.write(&chunks[0]),
                chunks => {
                    let mut slices = [IoSlice::new(&[]); GATHERED];
                    let count = chunks.len().min(slices.len());
                    slices.iter_mut().zip(chunks).for_each(|(slice, chunk)| *slice = IoSlice::new(chunk));
                    socket.write_vectored(&slices[..count])
                }
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn advance(&mut self, mut count: usize) {
        self.has_moved = true;
        while let Some(first) = self.chunks.front_mut() {
            if count < first.len() {
                *first = first.slice(count..);
                return;
            }
            count -= first.len();
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes at a time, and then says that it is full.
    struct Narrow {
        taken: Vec<u8>,
        at_once: usize,
        room: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.at_once).min(self.room);
            if count == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room -= count;
            self.taken.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_socket_takes_in_pieces_arrives_whole_and_in_order() {
        let chunks = ["head;", "first;", "second;"].map(|text| Bytes::from_static(text.as_bytes()));
        for at_once in 1..=20 {
            for room in 1..20 {
                let mut unsent = Unsent { chunks: VecDeque::from(chunks.clone()), has_moved: false };
                let mut socket = Narrow { taken: Vec::new(), at_once, room };
                while !unsent.write_to(&mut socket).unwrap() {
                    socket.room = room;
                }
                assert_eq!(socket.taken, b"head;first;second;", "{at_once} at once, room for {room}");
            }
        }
    }
}
