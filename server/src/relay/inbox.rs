//! What reaches a worker beside envelopes: the engine's beats, answers, other workers' figures, and who is connected.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use foliostream::domain::user::UserId;
use foliostream::wire::spoken::{self, Unheard, VERSION};
use foliostream::wire::views::ServerMetricsView;

use super::messages::{Beat, PresenceChanged, Reply, RollCall, WorkerMessage, is_unknown};
use super::troubles::Troubles;

/// A worker whose figures did not come for this long is gone: they are sent every second.
const FORGET_AFTER: Duration = Duration::from_secs(5);

/// A burst of malformed messages is logged this often at most; each is counted.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Says which version is not understood, and what to do.
fn foreign(version: u32) -> String {
    format!("the engine speaks version {version} between processes and this worker version {VERSION}; bring them to one release")
}

/// What one worker has heard through Redis, and who of it waits for an answer.
#[derive(Debug)]
pub struct Inbox {
    started: Instant,
    state: Mutex<State>,
    connected: AtomicBool,
    lag_us: AtomicI64,
    /// Users whose tabs came or went on another worker, until somebody looks.
    presence: Mutex<BTreeSet<UserId>>,
    /// Users whose streams another worker has called, until somebody answers.
    calls: Mutex<BTreeSet<UserId>>,
    called: Notify,
    /// Which parts of this worker's work in Redis fail now, and why.
    pub troubles: Troubles,
    /// The version that the engine speaks, where this program does not speak it; otherwise 0, which is no version.
    foreign: AtomicU32,
}

#[derive(Debug, Default)]
struct State {
    heard: Option<Instant>,
    beat: Option<Beat>,
    waiting: HashMap<String, oneshot::Sender<Reply>>,
    replaced: Vec<String>,
    workers: HashMap<String, (Instant, ServerMetricsView)>,
    complained: Option<Instant>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            state: Mutex::default(),
            connected: AtomicBool::new(false),
            lag_us: AtomicI64::new(0),
            presence: Mutex::default(),
            calls: Mutex::default(),
            called: Notify::new(),
            troubles: Troubles::default(),
            foreign: AtomicU32::new(0),
        }
    }
}

impl Inbox {
    /// Notes whether the subscription stands.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Release);
    }

    /// Returns whether the subscription stands.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    /// Notes that the engine was heard.
    pub fn heard(&self, beat: Beat) {
        let mut state = self.lock();
        (state.heard, state.beat) = (Some(Instant::now()), Some(beat));
    }

    /// Notes that the engine said something, which shows that it lives as well as a beat does.
    pub fn heard_something(&self) {
        self.lock().heard = Some(Instant::now());
    }

    /// Returns how long the engine has not been heard.
    pub fn silent_for(&self) -> Duration {
        self.lock().heard.unwrap_or(self.started).elapsed()
    }

    /// Returns the last beat that came, of whichever engine.
    pub fn last_beat(&self) -> Option<Beat> {
        self.lock().beat.clone()
    }

    /// Notes how old an envelope was when it came.
    pub fn note_lag(&self, lag: SignedDuration) {
        let micros = i64::try_from(lag.as_micros()).unwrap_or(i64::MAX).max(0);
        self.lag_us.store(micros, Ordering::Relaxed);
        metrics::histogram!("foliostream_bus_lag_seconds").record(lag.as_secs_f64().max(0.0));
    }

    /// Returns how old the newest envelope was when it came, in microseconds.
    pub fn lag_us(&self) -> i64 {
        self.lag_us.load(Ordering::Relaxed)
    }

    /// Registers an order; what comes back ends with its answer.
    pub fn expect(&self, order: &str) -> oneshot::Receiver<Reply> {
        let (sender, reply) = oneshot::channel();
        let mut state = self.lock();
        // A caller that gave up has dropped its end.
        state.waiting.retain(|_, waiting| !waiting.is_closed());
        state.waiting.insert(order.to_owned(), sender);
        reply
    }

    /// Takes a letter to this worker.
    pub fn take_message(&self, payload: &[u8]) {
        match serde_json::from_slice(payload) {
            Ok(WorkerMessage::Probe(_)) => {}
            Ok(WorkerMessage::Reply(reply)) => {
                if let Some(waiting) = self.lock().waiting.remove(&reply.call) {
                    // The caller may have given up.
                    let _ = waiting.send(reply);
                }
            }
            Ok(WorkerMessage::Replaced { stream }) => self.lock().replaced.push(stream),
            Err(_) if is_unknown(payload) => self.unknown("letter"),
            Err(error) => self.malformed("letter", &error),
        }
    }

    /// Counts a message of a kind that this program does not know, and leaves it to those who do.
    pub fn unknown(&self, what: &'static str) {
        metrics::counter!("foliostream_bus_unknown_total", "what" => what).increment(1);
    }

    /// Notes that the engine speaks a version that this program does not: it is not followed.
    pub fn hears_foreign(&self, version: u32) {
        if self.foreign.swap(version, Ordering::AcqRel) != version {
            tracing::error!("{}", foreign(version));
        }
    }

    /// Notes that the engine is understood.
    pub fn hears_its_own(&self) {
        if self.foreign.load(Ordering::Acquire) != 0 && self.foreign.swap(0, Ordering::AcqRel) != 0 {
            tracing::info!("the engine speaks this worker's version again, and is followed");
        }
    }

    /// Returns why the engine is not followed, where that is for its version.
    pub fn refusal_of_version(&self) -> Option<String> {
        let version = self.foreign.load(Ordering::Acquire);
        (version != 0).then(|| foreign(version))
    }

    /// Returns the streams of this worker that have a newer one elsewhere, once each.
    pub fn take_replaced(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().replaced)
    }

    /// Takes what a worker says of itself.
    pub fn take_metrics(&self, payload: &[u8]) {
        match spoken::read::<ServerMetricsView>(payload) {
            Ok(view) => self.note_metrics(view),
            Err(Unheard::Version(_)) => self.unknown("metrics"),
            Err(error) => self.malformed("metrics", &error),
        }
    }

    /// Notes what a worker says of itself.
    pub fn note_metrics(&self, view: ServerMetricsView) {
        self.lock().workers.insert(view.worker.clone(), (Instant::now(), view));
    }

    /// Returns what every living worker last said of itself, by name.
    pub fn workers(&self) -> Vec<ServerMetricsView> {
        let mut state = self.lock();
        state.workers.retain(|_, (at, _)| at.elapsed() < FORGET_AFTER);
        let mut workers: Vec<_> = state.workers.values().map(|(_, view)| view.clone()).collect();
        workers.sort_by(|left, right| left.worker.cmp(&right.worker));
        workers
    }

    /// Notes that tabs of a user came or went on some worker.
    pub fn take_presence(&self, payload: &[u8]) {
        match spoken::read::<PresenceChanged>(payload) {
            Ok(changed) => _ = set(&self.presence).insert(changed.user),
            Err(Unheard::Version(_)) => self.unknown("change of presence"),
            Err(error) => self.malformed("change of presence", &error),
        }
    }

    /// Returns the users whose tabs came or went since this was last asked.
    pub fn take_presence_changes(&self) -> BTreeSet<UserId> {
        std::mem::take(&mut *set(&self.presence))
    }

    /// Takes another worker's call of a user's streams.
    pub fn take_call(&self, payload: &[u8], own: &str) {
        match spoken::read::<RollCall>(payload) {
            Ok(call) if call.worker != own => {
                set(&self.calls).insert(call.user);
                self.called.notify_one();
            }
            Ok(_) => {}
            Err(Unheard::Version(_)) => self.unknown("call"),
            Err(error) => self.malformed("call", &error),
        }
    }

    /// Waits until the streams of users on this worker are called, and returns the users. Several calls of one user's streams
    /// that came while no task waited count as one.
    pub async fn called(&self) -> BTreeSet<UserId> {
        loop {
            self.called.notified().await;
            let users = std::mem::take(&mut *set(&self.calls));
            if !users.is_empty() {
                return users;
            }
        }
    }

    /// Counts a message that cannot be read, and logs the first of a burst.
    pub fn malformed(&self, what: &str, error: &dyn std::fmt::Display) {
        metrics::counter!("foliostream_bus_malformed_total").increment(1);
        let mut state = self.lock();
        if state.complained.is_none_or(|at| at.elapsed() >= LOG_EVERY) {
            state.complained = Some(Instant::now());
            tracing::warn!("skipped a malformed {what} from Redis: {error}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one insertion or removal: a panic elsewhere cannot have left half of one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locks a set of users, whose every change is one insertion or a whole taking.
fn set(users: &Mutex<BTreeSet<UserId>>) -> MutexGuard<'_, BTreeSet<UserId>> {
    users.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use foliostream::wire::epoch::Epoch;

    #[tokio::test]
    async fn letters_figures_and_entries_of_other_kinds_are_left_to_others() {
        let inbox = Inbox::default();
        let mut reply = inbox.expect("a");
        for letter in [&br#"{"invitation":{"to":"dance"}}"#[..], b"", b"null", br#"{"reply":{"order":"a"}}"#, b"[[[["] {
            inbox.take_message(letter);
        }
        inbox.take_metrics(br#"{"v":2,"worker":"w"}"#);
        assert_eq!((inbox.workers(), reply.try_recv().is_err()), (vec![], true));
        // An engine of the release before answers without version, mark, and the word whether it has understood.
        inbox.take_message(br#"{"reply":{"order":"a","epoch":3,"seq":7,"accepted":1,"ignored":0,"kept":true}}"#);
        let reply = reply.await.unwrap();
        assert_eq!((reply.epoch, reply.seq, reply.kept, reply.understood), (Epoch::from(3), 7, true, true));
    }

    #[tokio::test]
    async fn a_call_of_another_worker_is_heard_once_and_one_of_another_version_or_ones_own_is_not() {
        let inbox = Inbox::default();
        let is_called = async || {
            tokio::select! {
                biased;
                users = inbox.called() => users.into_iter().next() == Some(UserId::local()),
                () = std::future::ready(()) => false,
            }
        };
        for call in [
            &br#"{"v":2,"worker":"other","user":"local"}"#[..],
            br#"{"v":1,"worker":"own","user":"local"}"#,
            br#"{"v":1,"worker":"other","user":"Some Body"}"#,
            b"{}",
            b"",
        ] {
            inbox.take_call(call, "own");
            assert!(!is_called().await, "{}", String::from_utf8_lossy(call));
        }
        for _ in 0..3 {
            inbox.take_call(br#"{"v":1,"worker":"other","user":"local","more":[]}"#, "own");
        }
        assert_eq!((is_called().await, is_called().await), (true, false));
    }
}
