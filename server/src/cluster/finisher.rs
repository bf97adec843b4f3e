//! Answers each call with what became of it, and notes how far each Stream is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::relay::{Address, Keys, Link, Reply, WorkerMessage, in_short};

use super::marks::{Marks, Source};

/// What may wait for Redis: as many as there are calls under way. Beyond it answers wait.
const WAITING: usize = 1_024;

/// Answers and marks that are sent to Redis in one round trip.
const AT_ONCE: usize = 64;

/// Quotes of other programs that the Stream keeps once all were taken, so that an operator can look at them.
const KEPT: usize = 10_000;

/// Those that are kept while the engine is behind: some 15 MB. Beyond it the oldest go, and are lost.
const KEPT_WHILE_BEHIND: usize = 100_000;

/// An answer to a worker, an entry of a Stream that is done, or both.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The worker that gets an answer, and the answer.
    pub message: Option<(String, Reply)>,
    /// The Stream and the id of the entry that is done.
    pub done: Option<(Source, String)>,
}

/// Sends answers to workers and notes what is done, for one term.
#[derive(Debug)]
pub(crate) struct Finisher {
    address: Address,
    keys: Keys,
    marks: Arc<Mutex<Marks>>,
    caught_up: Arc<AtomicBool>,
}

impl Finisher {
    /// Makes a finisher of these marks; `caught_up` says whether every quote of other programs was taken.
    pub(crate) fn new(address: Address, keys: Keys, marks: Arc<Mutex<Marks>>, caught_up: Arc<AtomicBool>) -> Self {
        Self { address, keys, marks, caught_up }
    }

    /// Starts a task that sends what comes through the returned channel. It ends when every sender is dropped.
    pub(crate) fn start(self) -> mpsc::Sender<Finished> {
        let (finished, queue) = mpsc::channel(WAITING);
        tokio::spawn(self.run(queue));
        finished
    }

    async fn run(self, mut queue: mpsc::Receiver<Finished>) {
        let (mut link, mut some) = (None, Vec::with_capacity(AT_ONCE));
        while queue.recv_many(&mut some, AT_ONCE).await > 0 {
            let pipeline = self.pipeline(some.drain(..));
            if !pipeline.is_empty() {
                self.tell(&mut link, &pipeline).await;
            }
        }
    }

    fn pipeline(&self, finished: impl Iterator<Item = Finished>) -> redis::Pipeline {
        let mut pipeline = redis::pipe();
        let (mut calls, mut quotes) = (None, None);
        for Finished { message, done } in finished {
            if let Some((worker, reply)) = message {
                let message =
                    serde_json::to_string(&WorkerMessage::Reply(reply)).expect("a reply has text keys and whole numbers");
                pipeline.publish(self.keys.worker(&worker), message).ignore();
            }
            if let Some((source, entry)) = done {
                let mark = self.marks.lock().unwrap_or_else(PoisonError::into_inner).end(source, &entry);
                let newest = if source == Source::Calls { &mut calls } else { &mut quotes };
                *newest = mark.or(newest.take());
            }
        }
        for (source, mark) in [(Source::Calls, calls), (Source::Quotes, quotes)] {
            let Some(mark) = mark else { continue };
            pipeline.hset(self.keys.done(), source.name(), mark).ignore();
            if source == Source::Quotes {
                let kept = if self.caught_up.load(Ordering::Acquire) { KEPT } else { KEPT_WHILE_BEHIND };
                pipeline.cmd("XTRIM").arg(self.keys.feed_quotes()).arg("MAXLEN").arg("~").arg(kept).ignore();
            }
        }
        pipeline
    }

    /// Writes answers and marks to Redis. An answer that is lost is asked for again, and a mark that is lost is covered by the
    /// next.
    async fn tell(&self, link: &mut Option<Link>, pipeline: &redis::Pipeline) {
        // Twice: a connection that was idle may turn out to be gone.
        for _ in 0..2 {
            if link.is_none() {
                *link = self.address.connect().await.ok();
            }
            let Some(open) = link.as_mut() else { continue };
            match pipeline.query_async::<()>(open).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::debug!("an answer did not leave: {}", in_short(&error));
                    *link = None;
                }
            }
        }
    }
}
