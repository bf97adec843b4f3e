//! A worker's end of the bus: brings the board to where the engine is and keeps it there.
//!
//! The channels are the quick way and the log the sure one. Every envelope is checked by its number: what the channels lost is
//! read from the log, and where the log has lost it too the board begins anew and its streams are told by `reset`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use redis::{PushInfo, PushKind, Script, Value};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::server::board::{Board, Snapshot};
use crate::server::clock::Clock;
use crate::server::store::Store;
use crate::wire::live::{Envelope, LiveEvent};

use super::connection::{Address, Link, in_short};
use super::inbox::Inbox;
use super::keys::Keys;
use super::lease::Beat;
use super::ledgers::Ledgers;
use super::scripts;

/// Messages that may wait for this worker: more than a minute of a busy market. What does not fit is found missing by its
/// number and read from the log.
const QUEUED: usize = 16_384;

/// Messages taken at once.
const AT_ONCE: usize = 512;

/// Silence after which the engine counts as away. It beats every second.
const AWAY_AFTER: Duration = Duration::from_millis(2_500);

/// Silence after which the subscription is probed, and how long a probe may take.
const PROBE_AFTER: Duration = Duration::from_millis(1_500);

/// How often silence is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The shortest and the longest pause between two tries to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Entries of the log read at once.
const PAGE: usize = 2_000;

/// What a follower is made from.
#[derive(Debug)]
pub struct Follower {
    /// Where Redis is.
    pub address: Address,
    /// How things are called there.
    pub keys: Keys,
    /// This process's name.
    pub worker: String,
    /// What is kept up to date.
    pub board: Arc<Board>,
    /// Where alerts, ledgers and the last notification are read.
    pub store: Store,
    /// Portfolios whose ledgers have to be read again.
    pub ledgers: Ledgers,
    /// What is not for the board.
    pub inbox: Arc<Inbox>,
    /// The time.
    pub clock: Clock,
}

/// Why a subscription is given up.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("{}", in_short(.0))]
    Redis(#[from] redis::RedisError),
    #[error("{0}")]
    Store(#[from] crate::server::store::StoreError),
    #[error("the subscription is silent although Redis answers")]
    Silent,
    #[error("the connection ended")]
    Ended,
}

impl Follower {
    /// Follows until `stop`; never gives up.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = PAUSES.0;
        loop {
            let started = Instant::now();
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.follow() => outcome,
            };
            if let Err(broken) = outcome {
                tracing::warn!("following Redis was interrupted: {broken}");
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
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))) => {}
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn away(&self) {
        if self.board.away_since().is_none() {
            let silent = jiff::SignedDuration::try_from(self.inbox.silent_for()).unwrap_or_default();
            self.board.set_away(self.clock.now().checked_sub(silent).ok().or(Some(Timestamp::UNIX_EPOCH)));
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
            self.keys.worker(&self.worker),
        ];
        subscriber.subscribe(&channels[..]).await?;
        subscriber.subscribe_pattern(&self.keys.patterns()[..]).await?;
        let mut commands = self.address.connect().await?;
        self.catch_up(&mut commands).await?;
        self.inbox.set_connected(true);

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
                    self.take(&mut commands, taken.drain(..)).await?;
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
    async fn take(&self, commands: &mut Link, pushes: impl Iterator<Item = PushInfo>) -> Result<(), Broken> {
        let mut envelopes = Vec::new();
        let mut last_beat = None;
        for push in pushes {
            if push.kind == PushKind::Disconnection {
                return Err(Broken::Ended);
            }
            let Some((channel, payload)) = message(push) else { continue };
            if channel == self.keys.beat() {
                match serde_json::from_slice::<Beat>(&payload) {
                    Ok(beat) => last_beat = Some(beat),
                    Err(error) => self.inbox.malformed("beat", &error),
                }
            } else if channel == self.keys.metrics() {
                self.inbox.take_metrics(&payload);
            } else if channel == self.keys.presence_changed() {
                self.inbox.take_presence();
            } else if channel == self.keys.worker(&self.worker) {
                self.inbox.take_letter(&payload);
            } else {
                match serde_json::from_slice::<Envelope>(&payload) {
                    Ok(envelope) => envelopes.push(envelope),
                    Err(error) => self.inbox.malformed("envelope", &error),
                }
            }
        }
        self.apply(commands, envelopes).await?;
        if let Some(beat) = last_beat {
            self.heard(commands, beat).await?;
        }
        Ok(())
    }

    /// The engine lives. A number it has published and this board lacks was lost on the way.
    async fn heard(&self, commands: &mut Link, beat: Beat) -> Result<(), Broken> {
        let head = self.board.head();
        if (beat.epoch, beat.seq) > (head.epoch, head.seq) {
            self.catch_up(commands).await?;
        }
        if beat.epoch == self.board.epoch() {
            self.inbox.heard(beat);
            self.board.set_away(None);
        }
        self.ledgers.retry(&self.board, &self.store).await;
        Ok(())
    }

    /// Applies envelopes that came by channel. What is older than the board is a repetition; what leaves a gap is an occasion
    /// to read the log.
    async fn apply(&self, commands: &mut Link, mut envelopes: Vec<Envelope>) -> Result<(), Broken> {
        let head = self.board.head();
        envelopes.retain(|envelope| (envelope.epoch, envelope.seq) > (head.epoch, head.seq));
        if envelopes.is_empty() {
            return Ok(());
        }
        let follows =
            envelopes.iter().zip(head.seq + 1..).all(|(envelope, seq)| (envelope.epoch, envelope.seq) == (head.epoch, seq));
        if !follows {
            metrics::counter!("foliostream_bus_gaps_total").increment(1);
            return self.catch_up(commands).await;
        }
        self.note_lag(&envelopes);
        self.ledgers.load(&self.board, &self.store, &envelopes).await;
        self.board.apply(&envelopes);
        self.inbox.heard_something();
        self.board.set_away(None);
        Ok(())
    }

    fn note_lag(&self, envelopes: &[Envelope]) {
        if let Some(last) = envelopes.last() {
            self.inbox.note_lag(self.clock.now().duration_since(last.at));
        }
    }

    /// Brings the board to the newest number in Redis: by the log where it has everything missed, otherwise anew.
    async fn catch_up(&self, commands: &mut Link) -> Result<(), Broken> {
        loop {
            let state = RedisState::read(&self.keys, commands).await?;
            let head = self.board.head();
            if state.epoch < head.epoch || (state.epoch, state.seq) <= (head.epoch, head.seq) {
                // Redis has forgotten, or there was no engine yet: nothing is taken back, the next term says everything.
                return Ok(());
            }
            if state.epoch == head.epoch && head.seq.saturating_add(1) >= state.oldest {
                if let Some(missed) = self.read_log(commands, state.epoch, head.seq + 1, state.seq).await? {
                    self.ledgers.load(&self.board, &self.store, &missed).await;
                    self.board.apply(&missed);
                    return Ok(());
                }
            } else if let Some(newer) = self.read_log(commands, state.epoch, state.oldest, state.seq).await? {
                self.begin(state, &newer).await?;
                return Ok(());
            }
            // The log was cut while it was read.
        }
    }

    /// Begins anew with what Redis and the store have.
    async fn begin(&self, state: RedisState, newer: &[Envelope]) -> Result<(), Broken> {
        let base = state.oldest.saturating_sub(1);
        let quotes = state.quotes.into_iter().filter(|envelope| envelope.epoch == state.epoch && envelope.seq <= base);
        let quotes = quotes.filter_map(|envelope| match envelope.event {
            LiveEvent::PriceUpdate(quote) => Some((envelope.seq, quote)),
            _ => None,
        });
        let alerts = self.store.alerts().await?;
        let quotes: Vec<_> = quotes.collect();
        let alerts = alerts
            .iter()
            .map(|alert| crate::wire::views::AlertView::new(alert, self.board.quote(&alert.ticker).as_ref()))
            .collect();
        self.ledgers.load_all(&self.board, &self.store).await?;
        let portfolios = self.store.portfolios().await?;
        let portfolios = portfolios.into_iter().map(|row| (row.portfolio_id, row.revision)).collect();
        let last_n = self.store.last_n().await?;
        let status = state.status.unwrap_or_else(|| self.board.status());
        let told = newer.iter().filter_map(|envelope| match &envelope.event {
            LiveEvent::AlertTriggered(notification) => Some(notification.n),
            _ => None,
        });
        // Those the log tells are not yet announced at its beginning.
        let last_n = told.min().map_or(last_n, |first| last_n.min(first - 1));
        self.board.begin(Snapshot { epoch: state.epoch, seq: base, quotes, alerts, portfolios, status, last_n }, newer);
        tracing::info!(epoch = state.epoch, seq = state.seq, "this worker's replica began anew");
        metrics::counter!("foliostream_bus_snapshots_total").increment(1);
        Ok(())
    }

    /// Reads envelopes from the log, both ends included; nothing where one is missing.
    async fn read_log(&self, commands: &mut Link, epoch: u64, first: u64, last: u64) -> Result<Option<Vec<Envelope>>, Broken> {
        let mut envelopes = Vec::new();
        let mut next = first;
        while next <= last {
            let mut range = redis::cmd("XRANGE");
            range.arg(self.keys.log()).arg(format!("{epoch}-{next}")).arg(format!("{epoch}-{last}")).arg("COUNT").arg(PAGE);
            let page: redis::streams::StreamRangeReply = range.query_async(commands).await?;
            if page.ids.is_empty() {
                return Ok(None);
            }
            for entry in page.ids {
                let text: String = entry.get("envelope").unwrap_or_default();
                match serde_json::from_str::<Envelope>(&text) {
                    Ok(envelope) if envelope.seq == next => envelopes.push(envelope),
                    _ => return Ok(None),
                }
                next += 1;
            }
        }
        Ok(Some(envelopes))
    }
}

/// The newest state as Redis keeps it.
struct RedisState {
    epoch: u64,
    seq: u64,
    /// The oldest number in the log.
    oldest: u64,
    status: Option<crate::wire::views::StatusView>,
    quotes: Vec<Envelope>,
}

impl RedisState {
    async fn read(keys: &Keys, commands: &mut Link) -> redis::RedisResult<Self> {
        let script = Script::new(scripts::SNAPSHOT);
        let mut call = script.key(keys.head());
        call.key(keys.log()).key(keys.quotes()).key(keys.status());
        let (epoch, seq, oldest, status, quotes): (u64, u64, String, String, Vec<String>) = call.invoke_async(commands).await?;
        let status = serde_json::from_str::<Envelope>(&status).ok().and_then(|envelope| match envelope.event {
            LiveEvent::Status(status) => Some(status),
            _ => None,
        });
        let oldest = oldest.split_once('-').and_then(|(_, seq)| seq.parse().ok()).unwrap_or(seq + 1);
        let quotes = quotes.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        Ok(Self { epoch, seq, oldest, status, quotes })
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
