//! The figures of the operations page: how each worker is doing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::quote::Freshness;

use super::millis;

/// `server_metrics`: one worker's figures of the last second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ServerMetricsView {
    /// The end of the second that was counted, by the worker's clock.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// The name of the worker.
    pub worker: String,
    /// Streams it holds open.
    pub streams: u64,
    /// Frames written to streams.
    pub frames_per_s: u64,
    /// Bytes written to streams.
    pub bytes_per_s: u64,
    /// Ticks that were replaced by a newer one before they were published; where the engine is.
    pub conflated_per_s: u64,
    /// Streams closed so far because they took no bytes.
    pub slow_closed: u64,
    /// Milliseconds from the engine to this worker, of the newest event.
    pub bus_lag_ms: u64,
    /// Whether the bus is there: always so in a single process.
    pub bus_connected: bool,
    /// The worker that is the engine; `null` where that is not known.
    pub engine: Option<EngineView>,
    /// The freshness of market data as this worker has it.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub feed: Freshness,
}

/// The worker that is the engine, with the number of its term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct EngineView {
    /// The name of the worker that is the engine.
    pub worker: String,
    /// The number of its term.
    pub epoch: u64,
}

/// The figures of all workers of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationsView {
    /// Whether one process is all there is, without Redis.
    pub is_alone: bool,
    /// The process that answers.
    pub worker: String,
    /// Every worker heard of in the last minute, by name.
    pub workers: Vec<WorkerView>,
}

/// What one worker said of itself in the last minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerView {
    /// The newest figures that were heard.
    pub newest: ServerMetricsView,
    /// Streams open, a figure a second, oldest first; the newest is also in `newest`. The other lists likewise.
    pub streams: Vec<u64>,
    /// Frames written to streams in each second.
    pub frames_per_s: Vec<u64>,
    /// Bytes written to streams in each second.
    pub bytes_per_s: Vec<u64>,
    /// Milliseconds from the engine to this worker in each second.
    pub bus_lag_ms: Vec<u64>,
    /// Ticks conflated in each second.
    pub conflated_per_s: Vec<u64>,
}

impl WorkerView {
    /// The seconds that are kept.
    pub const KEPT: usize = 60;

    /// How much older than the newest figures others may be that come after them. What is older still was stamped by a clock
    /// that was set back.
    const OUT_OF_ORDER: SignedDuration = SignedDuration::from_secs(5);

    /// Begins with a worker's first figures.
    pub fn new(first: ServerMetricsView) -> Self {
        Self {
            streams: vec![first.streams],
            frames_per_s: vec![first.frames_per_s],
            bytes_per_s: vec![first.bytes_per_s],
            bus_lag_ms: vec![first.bus_lag_ms],
            conflated_per_s: vec![first.conflated_per_s],
            newest: first,
        }
    }

    /// Takes a worker's next figures; what is not newer changes nothing, unless its clock was set back.
    pub fn take(&mut self, next: ServerMetricsView) {
        let is_set_back = self.newest.time.duration_since(next.time) > Self::OUT_OF_ORDER;
        if next.time > self.newest.time || is_set_back {
            self.add(&next);
            self.newest = next;
        }
    }

    fn add(&mut self, figures: &ServerMetricsView) {
        for (list, value) in [
            (&mut self.streams, figures.streams),
            (&mut self.frames_per_s, figures.frames_per_s),
            (&mut self.bytes_per_s, figures.bytes_per_s),
            (&mut self.bus_lag_ms, figures.bus_lag_ms),
            (&mut self.conflated_per_s, figures.conflated_per_s),
        ] {
            if list.len() == Self::KEPT {
                list.remove(0);
            }
            list.push(value);
        }
    }
}

impl OperationsView {
    /// Seconds behind the last word of any worker after which one counts as silent: each speaks every second.
    pub const SILENT_AFTER_S: i64 = 5;

    /// Returns the worker of a name.
    pub fn worker(&self, name: &str) -> Option<&WorkerView> {
        self.workers.iter().find(|worker| worker.newest.worker == name)
    }

    /// Adds one worker's next figures. A new worker is inserted so that the list stays sorted by name.
    pub fn take(&mut self, next: ServerMetricsView) {
        match self.workers.binary_search_by(|worker| worker.newest.worker.cmp(&next.worker)) {
            Ok(place) => self.workers[place].take(next),
            Err(place) => self.workers.insert(place, WorkerView::new(next)),
        }
    }

    /// Returns when anybody was last heard, by the workers' clocks.
    pub fn heard_at(&self) -> Option<Timestamp> {
        self.workers.iter().map(|worker| worker.newest.time).max()
    }

    /// Returns for how many seconds a worker has said nothing while others spoke.
    pub fn silent_s(&self, worker: &ServerMetricsView) -> i64 {
        self.heard_at().map_or(0, |heard_at| heard_at.duration_since(worker.time).as_secs())
    }

    /// Returns the workers that still speak.
    pub fn living(&self) -> impl Iterator<Item = &WorkerView> {
        self.workers.iter().filter(|worker| self.silent_s(&worker.newest) < Self::SILENT_AFTER_S)
    }

    /// Forgets workers whose newest figures are a minute away from `now`: they have gone, or their stamps are of before the
    /// clock was set back.
    pub fn forget_others_than(&mut self, now: Timestamp) {
        let kept = SignedDuration::from_secs(WorkerView::KEPT as i64);
        self.workers.retain(|worker| worker.newest.time.duration_since(now).abs() <= kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(worker: &str, second: i64, streams: u64) -> ServerMetricsView {
        ServerMetricsView {
            time: Timestamp::from_second(second).unwrap(),
            worker: worker.to_owned(),
            streams,
            frames_per_s: 0,
            bytes_per_s: 0,
            conflated_per_s: 0,
            slow_closed: 0,
            bus_lag_ms: 0,
            bus_connected: true,
            engine: None,
            feed: Freshness::Live,
        }
    }

    #[test]
    fn a_minute_of_figures_is_kept_and_repetitions_are_not_counted() {
        let mut worker = WorkerView::new(figures("a", 0, 0));
        for second in 1..=70 {
            worker.take(figures("a", second, second.unsigned_abs()));
            worker.take(figures("a", second, 999));
        }
        assert_eq!((worker.streams.len(), worker.streams[0], worker.newest.streams), (60, 11, 70));
    }

    #[test]
    fn workers_stand_by_name_and_are_forgotten_by_age() {
        let mut operations = OperationsView { is_alone: false, worker: "a".to_owned(), workers: vec![] };
        for (worker, second) in [("b", 1), ("a", 50), ("c", 60)] {
            operations.take(figures(worker, second, 1));
        }
        let names = |operations: &OperationsView| -> Vec<String> {
            operations.workers.iter().map(|worker| worker.newest.worker.clone()).collect()
        };
        assert_eq!(names(&operations), ["a", "b", "c"]);
        let living: Vec<_> = operations.living().map(|worker| worker.newest.worker.as_str()).collect();
        assert_eq!(living, ["c"]);
        operations.forget_others_than(Timestamp::from_second(70).unwrap());
        assert_eq!(names(&operations), ["a", "c"]);
    }

    #[test]
    fn figures_go_on_when_the_clock_is_set_back() {
        let mut operations = OperationsView { is_alone: false, worker: "a".to_owned(), workers: vec![] };
        for (worker, second) in [("a", 9_000), ("gone", 9_000), ("a", 5_400), ("a", 5_401), ("a", 5_400)] {
            operations.take(figures(worker, second, 1));
        }
        operations.forget_others_than(Timestamp::from_second(5_401).unwrap());
        let [worker] = operations.workers.as_slice() else { panic!("{operations:?}") };
        assert_eq!((worker.streams.len(), worker.newest.time.as_second()), (3, 5_401));
        assert_eq!(operations.silent_s(&worker.newest), 0);
    }
}
