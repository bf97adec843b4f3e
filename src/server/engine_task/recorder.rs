//! Writes what the engine decided about alerts, one after the other, and says what became of it.
//!
//! Where another epoch has begun, nothing it could write would be taken: it says so once and writes no more.

use std::time::Duration;

use rust_decimal::Decimal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::alert::{Alert, AlertId, AlertState, Firing, Rearming};
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
        /// What it has observed by then. An observation that was collected before, and meets this revision, is refused: this
        /// stands for it.
        last_price: Option<Decimal>,
    },
}

impl Record {
    /// An alert watches again.
    pub fn rearmed(id: AlertId, Rearming { revision, last_price }: Rearming) -> Self {
        Self::State { id, revision, state: AlertState::Armed, last_price }
    }

    /// An alert's time is over.
    pub fn expired(id: AlertId, revision: i64) -> Self {
        Self::State { id, revision, state: AlertState::Expired, last_price: None }
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
    /// Another epoch has begun: this engine is over, and the record with it.
    Fenced,
}

/// Starts the recorder of an epoch's engine; it ends when the last sender is gone and everything is written.
pub fn start(store: Store, epoch: u64, clock: Clock) -> (mpsc::Sender<Record>, mpsc::Receiver<Recorded>, JoinHandle<()>) {
    let (records, mut queue) = mpsc::channel(QUEUED);
    let (answers, recorded) = mpsc::channel(QUEUED);
    let task = tokio::spawn(async move {
        while let Some(record) = queue.recv().await {
            let outcome = record_surely(&store, epoch, &clock, &record).await;
            if answers.send(outcome).await.is_err() {
                break;
            }
        }
    });
    (records, recorded, task)
}

/// Tries until the store has answered: a firing is never dropped because a disk was full or busy.
pub(super) async fn record_surely(store: &Store, epoch: u64, clock: &Clock, record: &Record) -> Recorded {
    let mut pause = Duration::from_millis(50);
    let mut is_first = true;
    loop {
        let outcome = match try_record(store, epoch, record).await {
            // What an earlier try was told may be wrong: the database can have kept it before the connection broke.
            Ok(Recorded::Refused { id, current }) if !is_first => kept_before(store, record, id, current).await,
            outcome => outcome,
        };
        is_first = false;
        match outcome {
            Ok(outcome) => return outcome,
            Err(StoreError::Fenced { .. }) => return Recorded::Fenced,
            Err(error) => {
                tracing::error!("an alert's change is not stored yet, trying again in {pause:?}: {error}");
                clock.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Tells a record that an earlier try has stored from one that is refused.
pub(super) async fn kept_before(
    store: &Store,
    record: &Record,
    id: AlertId,
    current: Option<Box<Alert>>,
) -> Result<Recorded, StoreError> {
    Ok(match (record, current) {
        (Record::Firing(firing), current) => match store.stored_firing(&firing.0).await? {
            Some(stored) => Recorded::Fired(Box::new(stored)),
            None => Recorded::Refused { id, current },
        },
        (Record::State { revision, state, .. }, Some(alert)) if alert.revision == revision + 1 && alert.state == *state => {
            Recorded::Changed(alert)
        }
        (Record::State { .. }, current) => Recorded::Refused { id, current },
    })
}

async fn try_record(store: &Store, epoch: u64, record: &Record) -> Result<Recorded, StoreError> {
    match record {
        Record::Firing(firing) => {
            let (firing, message) = firing.as_ref();
            Ok(match store.record_firing(epoch, firing, message).await? {
                FiringOutcome::Stored(stored) => Recorded::Fired(stored),
                FiringOutcome::Refused { current } => Recorded::Refused { id: firing.alert_id, current },
            })
        }
        Record::State { id, revision, state, last_price } => {
            Ok(match store.set_alert_state(epoch, *id, *revision, *state, *last_price).await? {
                Some(alert) => Recorded::Changed(Box::new(alert)),
                None => Recorded::Refused { id: *id, current: store.alert(*id).await?.map(Box::new) },
            })
        }
    }
}
