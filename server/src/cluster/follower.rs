//! A worker's end of the bus: brings the board to where the engine is, and keeps it there.
//!
//! The channels are the quick way and the log the sure one. Every envelope is checked by its number: what the channels lost is
//! read from the log, and where the log has lost it too the board starts from a whole state and its streams get a `reset`
//! ([`catching_up`](super::catching_up)).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ground::Ground;
use crate::relay::{Address, Beat, Cause, Inbox, Keys, Link, Nature, Part, in_short, jittered};
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::Envelope;
use foliostream::wire::spoken::{self, Unheard};

use super::ledgers::Ledgers;
use super::pace::{Behind, Pace};

/// Messages that may wait for this worker: more than a minute of a busy market. What does not fit is found missing by its
/// number and read from the log.
const QUEUED: usize = 16_384;

/// Messages taken at once.
const AT_ONCE: usize = 512;

/// Silence after which the engine counts as away. It beats every second.
const AWAY_AFTER: Duration = Duration::from_millis(2_500);

/// Silence after which the subscription is probed, and how long a probe may take.
const PROBE_AFTER: Duration = Duration::from_millis(1_500);

/// The time between two looks at how long the engine has been silent.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The shortest and the longest pause between two tries to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// The parts that a follower is made from.
#[derive(Debug)]
pub(crate) struct Follower {
    /// The address of Redis.
    pub address: Address,
    /// The names of keys and channels in Redis.
    pub keys: Keys,
    /// The name of this worker.
    pub worker: String,
    /// The board, which is kept up to date, the store, where alerts, ledgers and the last notification are read, and the clock.
    pub ground: Ground,
    /// Portfolios whose ledgers have to be read again.
    pub ledgers: Ledgers,
    /// The inbox for messages that are not for the board.
    pub inbox: Arc<Inbox>,
}

/// Why a subscription is given up.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("{}", in_short(.0))]
    Redis(#[from] redis::RedisError),
    #[error("{0}")]
    Store(#[from] crate::store::StoreError),
    #[error("the subscription is silent although Redis answers")]
    Silent,
    #[error("the connection ended")]
    Ended,
}

impl Broken {
    fn cause(&self) -> Cause {
        match self {
            Self::Redis(error) => Cause::of(error),
            other => Cause { nature: Nature::Passing, text: other.to_string() },
        }
    }
}

impl Follower {
    /// Follows until `stop`; never gives up.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut pause = PAUSES.0;
        loop {
            let started = Instant::now();
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                outcome = self.follow() => outcome,
            };
            if let Err(broken) = outcome {
                // The first is said at once, and what stays once for each cause.
                if self.inbox.is_connected() {
                    tracing::warn!("following Redis was interrupted: {broken}");
                }
                let cause = broken.cause();
                // The connection it broke on may be gone.
                let mut link = if cause.nature == Nature::Standing { self.address.connect().await.ok() } else { None };
                self.inbox.troubles.note(Part::Following, cause.with_key(&self.keys, link.as_mut()).await);
                metrics::counter!("foliostream_bus_reconnects_total").increment(1);
            }
            self.inbox.set_connected(false);
            if started.elapsed() > PAUSES.1 {
                pause = PAUSES.0;
            }
            let until_away = self.inbox.silent_for();
            if until_away >= AWAY_AFTER {
                self.away();
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(jittered(pause)) => {}
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn away(&self) {
        if self.ground.board.away_since().is_none() {
            let silent = jiff::SignedDuration::try_from(self.inbox.silent_for()).unwrap_or_default();
            self.ground.board.set_away(self.ground.clock.now().checked_sub(silent).ok().or(Some(Timestamp::UNIX_EPOCH)));
        }
    }

    /// Subscribes, catches up, and applies what comes until something breaks.
    async fn follow(&self) -> Result<(), Broken> {
        let (sender, mut pushes) = mpsc::channel::<PushInfo>(QUEUED);
        let forward = move |push| -> Result<(), redis::aio::SendError> {
            // What does not fit is found missing by its number.
            let _ = sender.try_send(push);
            Ok(())
        };
        let mut subscriber = self.address.connect_subscriber(forward).await?;
        let channels = [
            self.keys.prices(),
            self.keys.beat(),
            self.keys.metrics(),
            self.keys.presence_changed(),
            self.keys.presence_called(),
            self.keys.worker(&self.worker),
        ];
        subscriber.subscribe(&channels[..]).await?;
        subscriber.subscribe_pattern(&self.keys.patterns()[..]).await?;
        let mut commands = self.address.connect().await?;
        let mut pace = Pace::new(Instant::now());
        self.catch_up(&mut commands, &mut pace, Behind::Start).await?;
        self.inbox.set_connected(true);
        self.inbox.troubles.clear(Part::Following);
        // Nobody may ask before somebody is sent here, and nobody is sent here while this worker says that it cannot ask.
        self.inbox.troubles.pass(Part::Asking);

        let mut heard = Instant::now();
        let mut probed: Option<Instant> = None;
        let mut taken = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
               biased;
                count = pushes.recv_many(&mut taken, AT_ONCE) => {
                    if count == 0 {
                        return Err(Broken::Ended);
                    }
                    (heard, probed) = (Instant::now(), None);
                    self.take(&mut commands, &mut pace, taken.drain(..)).await?;
                }
                () = tokio::time::sleep(LOOK_EVERY) => {
                    match probed {
                        Some(at) if at.elapsed() >= PROBE_AFTER => return Err(Broken::Silent),
                        None if heard.elapsed() >= PROBE_AFTER => {
                            self.probe(&mut commands).await?;
                            probed = Some(Instant::now());
                        }
                        _ => {}
                    }
                }
            }
            if pace.owes() && pace.is_due(Instant::now()) {
                self.catch_up(&mut commands, &mut pace, Behind::Start).await?;
            }
            if self.inbox.silent_for() >= AWAY_AFTER {
                self.away();
            }
        }
    }

    /// Sends this worker a message through Redis: an answer on the subscription shows that it works.
    async fn probe(&self, commands: &mut Link) -> Result<(), Broken> {
        metrics::counter!("foliostream_bus_probes_total").increment(1);
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.keys.worker(&self.worker)).arg("{\"probe\":true}");
        Ok(publish.query_async::<()>(commands).await?)
    }

    /// Deals with messages in order; runs of envelopes reach the board at once.
    async fn take(&self, commands: &mut Link, pace: &mut Pace, pushes: impl Iterator<Item = PushInfo>) -> Result<(), Broken> {
        let mut envelopes = Vec::new();
        let mut last_beat = None;
        for push in pushes {
            if push.kind == PushKind::Disconnection {
                return Err(Broken::Ended);
            }
            let Some((channel, payload)) = message(push) else { continue };
            if channel == self.keys.beat() {
                last_beat = self.understood("beat", spoken::read::<Beat>(&payload)).or(last_beat);
            } else if channel == self.keys.metrics() {
                self.inbox.take_metrics(&payload);
            } else if channel == self.keys.presence_changed() {
                self.inbox.take_presence(&payload);
            } else if channel == self.keys.presence_called() {
                self.inbox.take_call(&payload, &self.worker);
            } else if channel == self.keys.worker(&self.worker) {
                self.inbox.take_message(&payload);
            } else {
                envelopes.extend(self.understood("envelope", spoken::read::<Envelope>(&payload)));
            }
        }
        self.apply(commands, pace, envelopes).await?;
        if let Some(beat) = last_beat {
            self.heard(commands, pace, beat).await?;
        }
        Ok(())
    }

    /// Returns a message that was understood. A version that this program does not speak is not followed: from then on this
    /// worker says that it is not ready, and its prices grow old.
    pub(super) fn understood<T>(&self, what: &str, message: Result<T, Unheard>) -> Option<T> {
        match message {
            Ok(message) => Some(message),
            Err(Unheard::Version(version)) => {
                self.inbox.hears_foreign(version);
                self.away();
                None
            }
            Err(Unheard::Malformed(error)) => {
                self.inbox.malformed(what, &error);
                None
            }
        }
    }

    /// The engine lives, and this program understands it. A number it has published and this board lacks was lost on the way.
    async fn heard(&self, commands: &mut Link, pace: &mut Pace, beat: Beat) -> Result<(), Broken> {
        self.inbox.hears_its_own();
        let head = self.ground.board.head();
        let is_behind = if beat.epoch == head.epoch { beat.seq > head.seq } else { self.is_leading(beat.epoch).await };
        if is_behind {
            self.catch_up(commands, pace, Behind::Beat(beat.epoch)).await?;
        }
        if beat.epoch == self.ground.board.epoch() {
            if beat.worker != self.worker {
                // Another publishes: what this worker met when it tried is over.
                self.inbox.troubles.clear(Part::Publishing);
                self.inbox.troubles.clear(Part::Beginning);
            }
            self.inbox.heard(beat);
            self.ground.board.set_away(None);
        }
        self.ledgers.retry(&self.ground).await;
        Ok(())
    }

    /// Returns whether a term other than the board's is the one to follow: a later one is, and one with the same number or a
    /// lower where the database says so. Both were put back to an earlier state then, database and Redis.
    async fn is_leading(&self, term: Epoch) -> bool {
        if term.number() > self.ground.board.epoch().number() {
            return true;
        }
        match self.ground.store.current_epoch().await {
            Ok(current) => current <= term.number(),
            Err(error) => {
                tracing::debug!("the store did not say which term it is in: {error}");
                false
            }
        }
    }

    /// Applies envelopes that came by channel. What is older than the board is a repetition; what leaves a gap is an occasion
    /// to read the log.
    async fn apply(&self, commands: &mut Link, pace: &mut Pace, mut envelopes: Vec<Envelope>) -> Result<(), Broken> {
        let head = self.ground.board.head();
        let is_news = |envelope: &Envelope| {
            if envelope.epoch == head.epoch { envelope.seq > head.seq } else { envelope.epoch.number() > head.epoch.number() }
        };
        envelopes.retain(is_news);
        if envelopes.is_empty() {
            return Ok(());
        }
        let follows =
            envelopes.iter().zip(head.seq + 1..).all(|(envelope, seq)| (envelope.epoch, envelope.seq) == (head.epoch, seq));
        if !follows {
            metrics::counter!("foliostream_bus_gaps_total").increment(1);
            let newest = envelopes.iter().filter(|envelope| envelope.epoch == head.epoch).map(|envelope| envelope.seq).max();
            return self.catch_up(commands, pace, newest.map_or(Behind::Start, Behind::Gap)).await;
        }
        self.note_lag(&envelopes);
        self.ledgers.load(&self.ground, &envelopes).await;
        self.ground.board.apply(&envelopes);
        self.inbox.hears_its_own();
        self.inbox.heard_something();
        self.ground.board.set_away(None);
        Ok(())
    }

    fn note_lag(&self, envelopes: &[Envelope]) {
        if let Some(last) = envelopes.last() {
            self.inbox.note_lag(self.ground.clock.now().duration_since(last.at));
        }
    }
}

/// Takes a published message apart into its channel and its payload.
fn message(push: PushInfo) -> Option<(String, Vec<u8>)> {
    let mut data = push.data.into_iter();
    if push.kind == PushKind::PMessage {
        data.next()?;
    } else if push.kind != PushKind::Message {
        return None;
    }
    match (data.next()?, data.next()?) {
        (Value::BulkString(channel), Value::BulkString(payload)) => Some((String::from_utf8(channel).ok()?, payload)),
        _ => None,
    }
}
