//! Wakes a reactor's thread. A group or a stream notes that it has something to write and rings; the thread wakes once, however
//! many did, and is not woken again before it has looked.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

/// The bell of one reactor, which groups, streams and the mailbox share.
#[derive(Debug)]
pub struct Bell {
    news: Mutex<News>,
    /// Whether the thread is awake or on its way to look.
    is_rung: AtomicBool,
    waker: mio::Waker,
}

/// What has something to write since the thread looked last. Bounded by the number of streams and groups: each is noted once.
#[derive(Debug, Default)]
pub struct News {
    /// Streams to look after, each for itself.
    pub streams: HashSet<usize>,
    /// Groups whose streams have something to write.
    pub groups: HashSet<usize>,
    /// Whether the server stops, and the thread with it.
    pub is_over: bool,
}

impl Bell {
    /// Makes a bell that ends a thread's waiting for its sockets.
    pub fn new(waker: mio::Waker) -> Self {
        Self { news: Mutex::default(), is_rung: AtomicBool::new(false), waker }
    }

    /// Notes that a group's streams have something to write, and rings.
    pub fn tell_group(&self, group: usize) {
        self.lock().groups.insert(group);
        self.ring();
    }

    /// Notes that one stream has something to write or to end, and rings.
    pub fn tell_stream(&self, stream: usize) {
        self.lock().streams.insert(stream);
        self.ring();
    }

    /// Asks the thread to end, and rings.
    pub fn end(&self) {
        self.lock().is_over = true;
        self.ring();
    }

    /// Wakes the thread, unless that was done since it looked last. What it is woken for must be there before: the thread may
    /// look at once.
    pub fn ring(&self) {
        if !self.is_rung.swap(true, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!("a reactor could not be woken: {error}");
        }
    }

    /// Returns whether the bell was rung since the thread looked last.
    pub fn is_rung(&self) -> bool {
        self.is_rung.load(Ordering::SeqCst)
    }

    /// Takes the news. What comes from now on rings again, so whatever else the thread is rung for is looked at after this.
    pub fn take(&self) -> News {
        // Before the taking: what comes in between rings once too often, never once too seldom.
        self.is_rung.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, News> {
        // Every piece of news is one step: a panic elsewhere cannot have left half of one.
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rings a reactor's bell for one of its streams.
#[derive(Debug)]
pub struct StreamWaker {
    /// The bell of the reactor that holds the stream.
    pub bell: Arc<Bell>,
    /// The stream's number at the reactor. A number is given again after a stream has ended; a wake that comes too late looks
    /// after another one, which has then nothing to write.
    pub stream: usize,
}

impl Wake for StreamWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.bell.tell_stream(self.stream);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BELL: mio::Token = mio::Token(7);

    fn bell() -> (Arc<Bell>, mio::Poll) {
        let poll = mio::Poll::new().unwrap();
        let waker = mio::Waker::new(poll.registry(), BELL).unwrap();
        (Arc::new(Bell::new(waker)), poll)
    }

    /// How often the thread would have been woken by now.
    fn wakes(poll: &mut mio::Poll) -> usize {
        let mut events = mio::Events::with_capacity(8);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        events.iter().filter(|event| event.token() == BELL).count()
    }

    #[test]
    fn a_thread_is_woken_once_for_all_that_comes_before_it_looks() {
        let (bell, mut poll) = bell();
        bell.tell_group(1);
        bell.tell_group(1);
        bell.tell_stream(2);
        assert_eq!((wakes(&mut poll), bell.is_rung()), (1, true));
        bell.tell_group(3);
        assert_eq!(wakes(&mut poll), 0, "it has not looked yet");
        let news = bell.take();
        assert_eq!((news.groups, news.streams, news.is_over), (HashSet::from([1, 3]), HashSet::from([2]), false));
        assert!(!bell.is_rung());
    }

    #[test]
    fn what_comes_after_the_taking_rings_again() {
        let (bell, mut poll) = bell();
        bell.tell_group(1);
        bell.take();
        wakes(&mut poll);
        std::task::Waker::from(Arc::new(StreamWaker { bell: Arc::clone(&bell), stream: 9 })).wake();
        assert_eq!((wakes(&mut poll), bell.take().streams), (1, HashSet::from([9])));
        bell.end();
        assert!(bell.is_rung() && bell.take().is_over);
    }
}
