//! Writes what the engine decided about alerts, one after the other, and says what became of it.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::alert::{Alert, AlertId, AlertState, Firing};
use crate::server::clock::Clock;
use crate::server::store::{FiringOutcome, Store, StoreError, StoredFiring};

/// Records under way: the engine holds the rest.
const QUEUED: usize = 64;

/// Longest pause between two tries while the disk does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A decision of the engine.
#[derive(Debug)]
pub enum Record {
    /// An alert went off, and the sentence that says why.
    Firing(Box<(Firing, String)>),
    /// An alert changed its state by itself.
    State {
        /// Which.
        id: AlertId,
        /// The revision before.
        revision: i64,
        /// To what.
        state: AlertState,
    },
}

impl Record {
    /// An alert watches again.
    pub fn rearmed(id: AlertId, revision: i64) -> Self {
        Self::State { id, revision, state: AlertState::Armed }
    }

    /// An alert's time is over.
    pub fn expired(id: AlertId, revision: i64) -> Self {
        Self::State { id, revision, state: AlertState::Expired }
    }
}

/// What became of a record.
#[derive(Debug)]
pub enum Recorded {
    /// The firing is durable.
    Fired(Box<StoredFiring>),
    /// The state is durable.
    Changed(Box<Alert>),
    /// The alert had been changed by a person: the engine's copy was old.
    Refused {
        /// Which.
        id: AlertId,
        /// As it is now, unless it is gone.
        current: Option<Box<Alert>>,
    },
}

/// Starts the recorder; it ends when the last sender is gone and everything is written.
pub fn start(store: Store, clock: Clock) -> (mpsc::Sender<Record>, mpsc::Receiver<Recorded>, JoinHandle<()>) {
    let (records, mut queue) = mpsc::channel(QUEUED);
    let (answers, recorded) = mpsc::channel(QUEUED);
    let task = tokio::spawn(async move {
        while let Some(record) = queue.recv().await {
            let outcome = record_surely(&store, &clock, &record).await;
            if answers.send(outcome).await.is_err() {
                break;
            }
        }
    });
    (records, recorded, task)
}

/// Tries until the store has answered: a firing is never dropped because a disk was full or busy.
async fn record_surely(store: &Store, clock: &Clock, record: &Record) -> Recorded {
    let mut pause = Duration::from_millis(50);
    loop {
        match try_record(store, record).await {
            Ok(outcome) => return outcome,
            Err(error) => {
                tracing::error!("an alert's change is not stored yet, trying again in {pause:?}: {error}");
                clock.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn try_record(store: &Store, record: &Record) -> Result<Recorded, StoreError> {
    match record {
        Record::Firing(firing) => {
            let (firing, message) = firing.as_ref();
            Ok(match store.record_firing(firing, message).await? {
                FiringOutcome::Stored(stored) => Recorded::Fired(stored),
                FiringOutcome::Refused { current } => Recorded::Refused { id: firing.alert_id, current },
            })
        }
        Record::State { id, revision, state } => Ok(match store.set_alert_state(*id, *revision, *state).await? {
            Some(alert) => Recorded::Changed(Box::new(alert)),
            None => Recorded::Refused { id: *id, current: store.alert(*id).await?.map(Box::new) },
        }),
    }
}
