//! One stream as a reactor holds it: a socket, a cursor, and what the socket did not take.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;

use super::line::Line;
use crate::admission::Admission;
use crate::board::PART_BYTES;
use crate::sse::follower::Follower;
use crate::sse::frame::LAST_CHUNK;
use crate::tls::session::Session;

/// Frames gathered for one write; an opening has three.
const GATHERED: usize = 8;

/// A stream on its way to its reactor.
pub struct Arrival {
    /// The connection to the client, taken from hyper.
    pub socket: std::net::TcpStream,
    /// The connection's TLS, where there is any.
    pub(crate) session: Option<Box<Session>>,
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
    pub line: Line,
    pub follower: Follower,
    /// Rings the reactor's bell for this stream alone. Its opening waits with it, and its place has a copy.
    pub waker: Waker,
    /// What the reactor calls the group, and where in the group it stands.
    pub group: usize,
    pub rank: usize,
    unsent: Unsent,
    is_ending: bool,
    _admission: Admission,
}

/// What the line did not take, from the first byte on that it did not.
#[derive(Default)]
struct Unsent {
    /// Shared with every other stream that writes them.
    chunks: VecDeque<Bytes>,
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
        let Arrival { socket, session, head, follower, admission } = arrival;
        Self {
            line: Line::new(socket, session),
            follower,
            waker,
            group,
            rank,
            unsent: Unsent { chunks: VecDeque::from([head]) },
            is_ending: false,
            _admission: admission,
        }
    }

    /// Writes what was left and then what is due, as much as the socket takes. `spare` is memory to gather frames in, shared by
    /// all streams of the reactor: one that keeps up has none of its own.
    pub(crate) fn write(&mut self, now_ms: i64, spare: &mut VecDeque<Bytes>) -> io::Result<Written> {
        // While the socket has not taken what was left, the rest waits as an old cursor.
        if self.is_full() && !self.unsent.write_to(&mut self.line)? {
            return Ok(Written::Full);
        }
        if self.unsent.chunks.is_empty() {
            self.unsent.chunks = std::mem::take(spare);
        }
        loop {
            let may_owe_more = self.gather(now_ms);
            if !self.unsent.write_to(&mut self.line)? {
                return Ok(Written::Full);
            }
            if !may_owe_more {
                *spare = std::mem::take(&mut self.unsent.chunks);
                if !self.is_ending {
                    return Ok(Written::All);
                }
                return Ok(if self.line.close()? { Written::Ended } else { Written::Full });
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
        self.line.took_something()
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
}

impl Unsent {
    /// Writes until all is gone or the socket is full, and returns whether all is gone.
    fn write_to(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        loop {
            let written = match &self.chunks {
                // What was taken of them may still wait to be sent.
                chunks if chunks.is_empty() => match socket.flush() {
                    Ok(()) => return Ok(true),
                    Err(error) => Err(error),
                },
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
    }

    fn advance(&mut self, mut count: usize) {
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
                let mut unsent = Unsent { chunks: VecDeque::from(chunks.clone()) };
                let mut socket = Narrow { taken: Vec::new(), at_once, room };
                while !unsent.write_to(&mut socket).unwrap() {
                    socket.room = room;
                }
                assert_eq!(socket.taken, b"head;first;second;", "{at_once} at once, room for {room}");
            }
        }
    }
}
