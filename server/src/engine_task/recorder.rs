//! Writes what the engine decided, one transaction after the other, and says what became of it.
//!
//! One is under way at a time: the engine hands over the next when it has heard of the last. So neither ever waits to be rid of
//! something, and what gathers meanwhile is written together. Where another epoch has begun, nothing it could write would be
//! taken: it says so once and writes no more.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::future::AbortHandle;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

use crate::clock::Clock;
use crate::store::{Decided, Recorded, Store, StoreError};

/// What may be handed over: one thing, which is asked for before the next comes.
const UNDER_WAY: usize = 1;

/// What may be said before the engine has heard it: it always listens.
const SAID: usize = 2;

/// Longest pause between two tries while the disk does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the recorder says.
#[derive(Debug)]
pub(crate) enum Said {
    /// All of it is stored, and this became of each record.
    Stored(Vec<Recorded>),
    /// The disk refuses it for now; it is tried again until it is stored.
    Refused,
    /// Another epoch has begun: this engine is over.
    Fenced,
}

/// The engine's end of the recorder.
#[derive(Debug)]
pub(crate) struct Recorder {
    decided: mpsc::Sender<Box<Decided>>,
    /// Ends what it writes with the next wait.
    giving_up: AbortHandle,
    is_busy: bool,
    try_again: Arc<Notify>,
}

/// Starts the recorder of an epoch's engine; it ends with the engine's end of it.
pub(crate) fn start(store: Store, epoch: u64, clock: Clock) -> (Recorder, mpsc::Receiver<Said>) {
    let (decided, mut queue) = mpsc::channel::<Box<Decided>>(UNDER_WAY);
    let (saying, said) = mpsc::channel(SAID);
    let try_again = Arc::new(Notify::new());
    let writer = Writer { store, epoch, clock, saying, try_again: Arc::clone(&try_again) };
    let is_direct = writer.store.has_direct_changes();
    let (work, giving_up) = futures::future::abortable(async move {
        while let Some(decided) = queue.recv().await {
            let outcome = writer.store_surely(&decided).await;
            if writer.saying.send(outcome).await.is_err() {
                break;
            }
        }
    });
    if is_direct {
        on_its_own_thread(work);
    } else {
        tokio::spawn(work);
    }
    (Recorder { decided, giving_up, is_busy: false, try_again }, said)
}

/// Works on a thread that does nothing else: a change of a SQLite file keeps it busy until the disk has answered.
fn on_its_own_thread(work: impl Future + Send + 'static) {
    let runtime = Handle::current();
    let started = thread::Builder::new().name("recorder".to_owned()).spawn(move || drop(runtime.block_on(work)));
    if let Err(error) = started {
        // The engine hears nothing from it, and ends.
        tracing::error!("the recorder has no thread: {error}");
    }
}

impl Recorder {
    /// Returns whether it writes something.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Hands something over; only while it is not busy.
    pub(crate) fn write(&mut self, decided: Box<Decided>) {
        self.is_busy = true;
        if self.decided.try_send(decided).is_err() {
            // It has panicked: then the engine hears no more from it, and ends.
            tracing::error!("the recorder of firings takes nothing any more");
        }
    }

    /// Notes that what was handed over is stored.
    pub(crate) fn finished(&mut self) {
        self.is_busy = false;
    }

    /// Lets it try again at once what the disk refused.
    pub(crate) fn try_again(&self) {
        self.try_again.notify_one();
    }

    /// Gives up what is under way.
    pub(crate) fn give_up(&self) {
        self.giving_up.abort();
    }
}

struct Writer {
    store: Store,
    epoch: u64,
    clock: Clock,
    saying: mpsc::Sender<Said>,
    try_again: Arc<Notify>,
}

impl Writer {
    /// Tries until the store has answered: a firing is never dropped because a disk was full or busy. Each failure is told.
    async fn store_surely(&self, decided: &Decided) -> Said {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.store.store_decided(self.epoch, decided).await {
                Ok(recorded) => return Said::Stored(recorded),
                Err(StoreError::Fenced { .. }) => return Said::Fenced,
                Err(error) => {
                    tracing::error!("prices and alerts' changes are not stored yet, trying again in {pause:?}: {error}");
                    // The engine may be gone.
                    let _ = self.saying.send(Said::Refused).await;
                    tokio::select! {
                        biased;
                        () = self.clock.sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                        () = self.try_again.notified() => {}
                    }
                }
            }
        }
    }
}
