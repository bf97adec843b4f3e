//! How the workers are doing: once a second each makes its figures of the last second, sends them to the others, and keeps a
//! minute of what every worker sent.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use foliostream::wire::views::{EngineView, OperationsView, ServerMetricsView};

use super::clock::{after, millis};
use super::relay::{Inbox, Keys, Reconnecting, publish_metrics};
use super::sse::streams::Streams;

/// The time between two sets of figures.
const EVERY: Duration = Duration::from_secs(1);

/// Silence after which the engine is not known to be where it last was. It beats every second.
const ENGINE_AWAY_AFTER: Duration = Duration::from_millis(2_500);

/// A minute of every worker's figures.
#[derive(Debug)]
pub struct Operations(Mutex<OperationsView>);

impl Operations {
    /// Makes an empty minute for the worker of that name.
    pub fn new(worker: &str, is_alone: bool) -> Arc<Self> {
        let nothing = OperationsView { is_alone, worker: worker.to_owned(), workers: Vec::new() };
        Arc::new(Self(Mutex::new(nothing)))
    }

    /// Takes what the living workers said last.
    fn take(&self, workers: &[ServerMetricsView], now: Timestamp) {
        let mut operations = self.lock();
        workers.iter().for_each(|worker| operations.take(worker.clone()));
        operations.forget_others_than(now);
    }

    /// Returns what every worker said in the last minute.
    pub fn view(&self) -> OperationsView {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, OperationsView> {
        // Each list stays whole at every step; a torn one would mend within a minute.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a worker of many sends its figures and gets those of the others.
#[derive(Debug)]
pub(crate) struct Others {
    /// The figures that the other workers sent.
    pub inbox: Arc<Inbox>,
    /// How things are called in Redis.
    pub keys: Keys,
    /// The way to Redis.
    pub redis: Reconnecting,
}

/// The parts that the figures are made from.
#[derive(Debug)]
pub(crate) struct Reporter {
    /// The streams, their board and this process's name.
    pub streams: Arc<Streams>,
    /// The figures of the last minute.
    pub operations: Arc<Operations>,
    /// The other workers' figures; `None` where this process is alone.
    pub others: Option<Others>,
}

/// What was counted up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    frames: u64,
    bytes: u64,
    conflated: u64,
}

impl Counts {
    /// Returns how much more there is a second, after `elapsed_ms`, to the nearest: a timer is always a little late, and one
    /// write a second must not count as none.
    fn rate(before: u64, now: u64, elapsed_ms: i64) -> u64 {
        let elapsed_ms = u64::try_from(elapsed_ms).unwrap_or(1).max(1);
        now.saturating_sub(before).saturating_mul(1_000).saturating_add(elapsed_ms / 2) / elapsed_ms
    }
}

impl Reporter {
    /// Makes figures every second until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let (mut counted_at, mut counts) = (self.streams.ground.clock.elapsed(), self.counts());
        loop {
            let next = after(counted_at, EVERY);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.streams.ground.clock.sleep_until(next) => {}
            }
            let (now, counted) = (self.streams.ground.clock.moment(), self.counts());
            let figures = self.figures(now.wall, counts, counted, millis(now.elapsed.saturating_sub(counted_at)));
            (counted_at, counts) = (now.elapsed, counted);
            let workers = self.exchange(figures).await;
            metrics::gauge!("foliostream_workers").set(workers.len() as f64);
            self.operations.take(&workers, now.wall);
            self.streams.ground.board.post_metrics(&workers);
        }
    }

    fn counts(&self) -> Counts {
        Counts {
            frames: self.streams.frames.load(Ordering::Relaxed),
            bytes: self.streams.bytes.load(Ordering::Relaxed),
            conflated: self.streams.ground.tally.all_conflated(),
        }
    }

    fn figures(&self, now: Timestamp, before: Counts, counts: Counts, elapsed_ms: i64) -> ServerMetricsView {
        let inbox = self.others.as_ref().map(|others| &others.inbox);
        let is_connected = inbox.is_none_or(|inbox| inbox.is_connected());
        metrics::gauge!("foliostream_bus_connected").set(f64::from(u8::from(is_connected)));
        ServerMetricsView {
            time: now,
            worker: self.streams.worker.to_string(),
            streams: self.streams.open.load(Ordering::Relaxed) as u64,
            frames_per_s: Counts::rate(before.frames, counts.frames, elapsed_ms),
            bytes_per_s: Counts::rate(before.bytes, counts.bytes, elapsed_ms),
            conflated_per_s: Counts::rate(before.conflated, counts.conflated, elapsed_ms),
            slow_closed: self.streams.ground.tally.all_slow_closed(),
            bus_lag_ms: inbox.map_or(0, |inbox| u64::try_from(inbox.lag_us() / 1_000).unwrap_or_default()),
            bus_connected: is_connected,
            engine: self.engine(),
            feed: self.streams.ground.board.status().feed,
        }
    }

    /// Returns which worker is the engine, or nothing where its beat is older than 2.5 seconds.
    fn engine(&self) -> Option<EngineView> {
        let Some(others) = &self.others else {
            return Some(EngineView {
                worker: self.streams.worker.to_string(),
                epoch: self.streams.ground.board.epoch().number(),
            });
        };
        let beat = others.inbox.last_beat().filter(|_| others.inbox.silent_for() < ENGINE_AWAY_AFTER)?;
        Some(EngineView { worker: beat.worker, epoch: beat.epoch.number() })
    }

    /// Sends this worker's figures to the others, and returns the newest of every living worker: of this one also while Redis is
    /// away.
    async fn exchange(&self, figures: ServerMetricsView) -> Vec<ServerMetricsView> {
        let Some(others) = &self.others else { return vec![figures] };
        publish_metrics(&others.redis, &others.keys, &figures).await;
        others.inbox.note_metrics(figures);
        others.inbox.workers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_count_by_the_second_whatever_the_clock_did() {
        assert_eq!(Counts::rate(100, 350, 1_000), 250);
        assert_eq!(Counts::rate(100, 350, 2_500), 100);
        assert_eq!(Counts::rate(0, 1, 1_002), 1);
        assert_eq!(Counts::rate(100, 350, 0), 250_000);
        assert_eq!(Counts::rate(100, 50, -5), 0);
    }
}
