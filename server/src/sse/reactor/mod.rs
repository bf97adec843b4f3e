//! Writes streams over HTTP/1.1, plain or within TLS, without hyper: a few threads, each with epoll and a slab of small entries.
//!
//! A connection comes here when its request is answered (`server/accept` hands it over), and is then a
//! socket and a [`Follower`](super::follower::Follower) until it ends. A thread is told of a group once, however many streams
//! it holds of it, and writes each the same shared chunk; what a socket does not take waits as an old cursor.

mod entry;
mod line;
mod mailbox;
mod members;
mod thread;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use self::entry::Arrival;
use self::mailbox::Mailbox;
use self::thread::Reactor;

use crate::tally::Tally;

/// The most threads: each writes some hundred thousand frames a second.
const MOST_THREADS: usize = 4;

/// The running reactors of a process, one thread each.
#[derive(Debug)]
pub struct Reactors {
    mailboxes: Vec<Arc<Mailbox>>,
    next: AtomicUsize,
}

impl Reactors {
    /// Starts a thread for every second core, so that as many are left to everything else. Their streams' openings may wait
    /// for what only runs within `runtime`.
    pub fn start(runtime: &tokio::runtime::Handle, tally: &Arc<Tally>) -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut mailboxes = Vec::new();
        for number in 0..(cores / 2).clamp(1, MOST_THREADS) {
            let (reactor, mailbox) = Reactor::new(Arc::clone(tally))?;
            let runtime = runtime.clone();
            std::thread::Builder::new().name(format!("reactor-{number}")).spawn(move || {
                let _within = runtime.enter();
                reactor.run();
            })?;
            mailboxes.push(mailbox);
        }
        Ok(Self { mailboxes, next: AtomicUsize::new(0) })
    }

    /// Hands a stream to one of the threads, each in its turn.
    pub fn hand_over(&self, arrival: Arrival) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.mailboxes[turn % self.mailboxes.len()].hand_over(arrival);
    }
}

impl Drop for Reactors {
    fn drop(&mut self) {
        self.mailboxes.iter().for_each(|mailbox| mailbox.bell().end());
    }
}
