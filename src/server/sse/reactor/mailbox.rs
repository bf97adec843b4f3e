//! How a reactor's thread is reached: what arrived since it looked last, and one wake however much that is.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

use super::entry::Arrival;

/// A reactor's mailbox.
#[derive(Debug)]
pub struct Mailbox {
    mail: Mutex<Mail>,
    /// Whether the thread is awake or on its way to look.
    is_rung: AtomicBool,
    bell: mio::Waker,
}

/// What came since the thread looked last. Bounded by what there is: each stream arrives once, and each stream and group is
/// named once.
#[derive(Debug, Default)]
pub struct Mail {
    /// Streams to write from now on.
    pub arrivals: Vec<Arrival>,
    /// Streams to look after, each for itself.
    pub streams: HashSet<usize>,
    /// Groups whose streams have something to write.
    pub groups: HashSet<usize>,
    /// Whether the server is over.
    pub is_over: bool,
}

impl Mailbox {
    /// Makes one whose bell ends a thread's waiting.
    pub fn new(bell: mio::Waker) -> Self {
        Self { mail: Mutex::default(), is_rung: AtomicBool::new(false), bell }
    }

    /// Hands a stream over.
    pub fn hand_over(&self, arrival: Arrival) {
        self.post(|mail| mail.arrivals.push(arrival));
    }

    /// Tells that a group's streams have something to write.
    pub fn tell_group(&self, group: usize) {
        self.post(|mail| {
            mail.groups.insert(group);
        });
    }

    /// Tells that one stream is to be looked after.
    pub fn tell_stream(&self, stream: usize) {
        self.post(|mail| {
            mail.streams.insert(stream);
        });
    }

    /// Ends the thread.
    pub fn end(&self) {
        self.post(|mail| mail.is_over = true);
    }

    /// Takes everything out. What comes from now on rings again.
    pub fn take(&self) -> Mail {
        // Before the taking: what is posted in between rings once too often, never once too seldom.
        self.is_rung.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.lock())
    }

    /// Tells whether something waits.
    pub fn has_mail(&self) -> bool {
        self.is_rung.load(Ordering::SeqCst)
    }

    fn post(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.lock());
        if !self.is_rung.swap(true, Ordering::SeqCst)
            && let Err(error) = self.bell.wake()
        {
            tracing::error!("a reactor could not be woken: {error}");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Mail> {
        // Every posting is one step: a panic elsewhere cannot have left half of one.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes a reactor for one of its streams.
#[derive(Debug)]
pub struct StreamWaker {
    /// The reactor.
    pub mailbox: Arc<Mailbox>,
    /// What it calls the stream. A number is given again after a stream has ended; a wake that comes too late looks after
    /// another one, which has then nothing to write.
    pub stream: usize,
}

impl Wake for StreamWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.mailbox.tell_stream(self.stream);
    }
}
