//! A reactor's thread: waits for sockets and mail, and writes.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use axum::body::Bytes;
use mio::event::Event;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::sse::bell::{Bell, StreamWaker};
use crate::tally::Tally;

use super::entry::{Arrival, Entry, Written};
use super::mailbox::Mailbox;
use super::members::Members;

/// The bell's token in epoll. The tokens of sockets are their indices in the slab, which never come to this one.
const BELL: Token = Token(usize::MAX);

/// Socket events taken at a time; more wait in the kernel.
const EVENTS: usize = 1_024;

/// Bytes of what clients send, read to be thrown away.
const SCRATCH_BYTES: usize = 4_096;

/// How long a client may take nothing although something is due. The kernel gives a peer up after as long without an
/// acknowledgement.
const WRITE_DEADLINE_MS: i64 = 30_000;

/// A reactor: what its thread owns.
pub(crate) struct Reactor {
    poll: Poll,
    mailbox: Arc<Mailbox>,
    entries: Slab<Entry>,
    members: Members,
    tally: Arc<Tally>,
    spare: VecDeque<Bytes>,
    scratch: Box<[u8]>,
}

/// Why a stream left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// The stream has written its last frame.
    Ended,
    /// The client hung up.
    Gone,
    /// The client took nothing for too long.
    Slow,
}

impl Reactor {
    /// Makes a reactor and the mailbox it is reached through.
    pub(crate) fn new(tally: Arc<Tally>) -> io::Result<(Self, Arc<Mailbox>)> {
        let poll = Poll::new()?;
        let bell = Arc::new(Bell::new(mio::Waker::new(poll.registry(), BELL)?));
        let mailbox = Arc::new(Mailbox::new(Arc::clone(&bell)));
        let reactor = Self {
            poll,
            mailbox: Arc::clone(&mailbox),
            entries: Slab::new(),
            members: Members::new(bell),
            tally,
            spare: VecDeque::new(),
            scratch: vec![0; SCRATCH_BYTES].into(),
        };
        Ok((reactor, mailbox))
    }

    /// Runs until the server stops: until `Bell::end` was called.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        let mut turn = Vec::new();
        loop {
            // With streams still to be written the sockets are only glanced at.
            let patience = self.members.has_waiting().then_some(Duration::ZERO);
            match self.poll.poll(&mut events, patience) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    tracing::error!("a reactor cannot wait for its sockets and ends: {error}");
                    return;
                }
                _ => {}
            }
            for event in &events {
                self.on_socket(event);
            }
            if self.mailbox.bell().is_rung() && !self.read_mail() {
                return;
            }
            self.members.take_turn(&mut turn);
            for stream in turn.drain(..) {
                // A full socket is skipped: epoll says when it has room. So a client that reads nothing costs no system call for
                // each frame.
                if self.entries.get(stream).is_some_and(|entry| !entry.is_full()) {
                    self.look_after(stream);
                }
            }
        }
    }

    /// Takes the mail: streams that arrived, groups and streams that have something to write. Returns whether the server goes on.
    fn read_mail(&mut self) -> bool {
        let (arrivals, news) = self.mailbox.take();
        if news.is_over {
            return false;
        }
        for arrival in arrivals {
            self.admit(arrival);
        }
        for group in news.groups {
            self.members.tell(group);
        }
        for stream in news.streams {
            if let Some(entry) = self.entries.get(stream) {
                // A place drops its waker when it wakes it, so it is set again.
                entry.follower.place().register(&entry.waker);
                self.look_after(stream);
            }
        }
        true
    }

    fn admit(&mut self, arrival: Arrival) {
        let slot = self.entries.vacant_entry();
        let stream = slot.key();
        let waker = Waker::from(Arc::new(StreamWaker { bell: Arc::clone(self.mailbox.bell()), stream }));
        let (group, rank) = self.members.enter(arrival.follower.group(), stream);
        arrival.follower.place().register(&waker);
        let entry = slot.insert(Entry::new(arrival, waker, group, rank));
        match self.poll.registry().register(entry.line.socket(), Token(stream), Interest::READABLE) {
            Ok(()) if entry.line.is_closed_by_client() => self.remove(stream, Leaving::Gone),
            Ok(()) => self.look_after(stream),
            Err(error) => {
                tracing::warn!("a stream cannot be watched and ends: {error}");
                self.remove(stream, Leaving::Gone);
            }
        }
    }

    fn on_socket(&mut self, event: &Event) {
        let Token(stream) = event.token();
        let Some(entry) = self.entries.get_mut(stream).filter(|_| event.token() != BELL) else { return };
        if event.is_error() || event.is_read_closed() || event.is_write_closed() {
            let leaving = match entry.line.socket().take_error() {
                Ok(Some(error)) if error.kind() == io::ErrorKind::TimedOut => Leaving::Slow,
                _ => Leaving::Gone,
            };
            return self.remove(stream, leaving);
        }
        if event.is_readable() && !entry.line.is_there(&mut self.scratch).unwrap_or(false) {
            return self.remove(stream, Leaving::Gone);
        }
        // What the client sent may want an answer of its TLS.
        if event.is_writable() || entry.line.owes_something() {
            self.look_after(stream);
        }
    }

    /// Writes what a stream owes, as far as its socket takes it.
    fn look_after(&mut self, stream: usize) {
        let Some(entry) = self.entries.get_mut(stream) else { return };
        let now_ms = entry.follower.streams().ground.clock.elapsed_ms();
        let was_full = entry.is_full();
        let spare = &mut self.spare;
        // Whatever is wrong with one stream ends that one and no other.
        let written = catch_unwind(AssertUnwindSafe(|| entry.write(now_ms, spare)));
        match written.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())) {
            Ok(Written::All) if !was_full => {}
            Ok(Written::All) => self.relax(stream),
            Ok(Written::Full) => self.hold(stream, now_ms),
            Ok(Written::Ended) => self.remove(stream, Leaving::Ended),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => self.remove(stream, Leaving::Slow),
            Err(_) => self.remove(stream, Leaving::Gone),
        }
    }

    /// Waits until a full socket has room again, or its deadline.
    fn hold(&mut self, stream: usize, now_ms: i64) {
        let Some(entry) = self.entries.get_mut(stream) else { return };
        let took_something = entry.took_something();
        if entry.is_full() && !took_something {
            if entry.follower.place().deadline_ms().is_some_and(|deadline_ms| now_ms >= deadline_ms) {
                self.remove(stream, Leaving::Slow);
            }
            return;
        }
        let is_new = !entry.is_full();
        entry.expect_by(now_ms.saturating_add(WRITE_DEADLINE_MS));
        let interest = Interest::READABLE | Interest::WRITABLE;
        if is_new && self.poll.registry().reregister(entry.line.socket(), Token(stream), interest).is_err() {
            self.remove(stream, Leaving::Gone);
        }
    }

    /// Asks no longer whether there is room.
    fn relax(&mut self, stream: usize) {
        let Some(entry) = self.entries.get_mut(stream) else { return };
        entry.expect_nothing();
        if self.poll.registry().reregister(entry.line.socket(), Token(stream), Interest::READABLE).is_err() {
            self.remove(stream, Leaving::Gone);
        }
    }

    fn remove(&mut self, stream: usize, leaving: Leaving) {
        // Dropped, its socket leaves the kernel's list, too.
        let Some(mut entry) = self.entries.try_remove(stream) else { return };
        if let Some(moved) = self.members.leave(entry.group, entry.rank).and_then(|moved| self.entries.get_mut(moved)) {
            moved.rank = entry.rank;
        }
        match leaving {
            Leaving::Slow => self.tally.slow_closed(),
            Leaving::Ended => {
                // Reads what the client sent first. Closing a socket with unread bytes makes the kernel send a TCP reset, and
                // drop the last bytes that were written.
                let _ = entry.line.is_there(&mut self.scratch);
                let _ = entry.line.socket().shutdown(std::net::Shutdown::Write);
            }
            Leaving::Gone => {}
        }
    }
}
