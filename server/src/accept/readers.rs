//! Watches whether the client of an HTTP/2 connection reads what it is sent. Hyper asks no body that has no room, so a body never
//! learns that it stands still; the kernel does not either, as long as the connection's other streams are read.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::sse::place::Place;
use crate::sse::streams::Streams;

/// The time between two looks at connections whose client reads nothing.
const ROUND: Duration = Duration::from_secs(5);

/// What a reader may be late with a heartbeat, or with taking more of an answer: as long as over HTTP/1.1.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);

/// How long a connection without any request is kept: longer than a person reads before the next click.
const IDLE: Duration = Duration::from_secs(60);

/// How long a new connection may take before its first request, the words of HTTP/2 before it included.
const FIRST_REQUEST: Duration = Duration::from_secs(10);

/// How often more of an answer was asked for. It lives as long as the answer.
pub(crate) type Progress = Arc<AtomicU64>;

/// The requests of one connection and who reads their answers.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    readers: Mutex<Vec<Reader>>,
    requests: Arc<AtomicUsize>,
    begun: AtomicU64,
}

/// A request that is not answered to its end; dropping it ends it.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<AtomicUsize>);

/// Why a connection is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An answer or a stream is not read any more.
    StandsStill,
    /// There was no request for long.
    Idle,
}

#[derive(Debug)]
struct Reader {
    source: Source,
    last_seen: i64,
    /// Rounds without a write. Rounds are counted instead of comparing times, so that a laptop that slept, or whose clock was
    /// set, does not find all its readers silent for hours.
    silent_rounds: u64,
}

#[derive(Debug)]
enum Source {
    Stream(Weak<Place>),
    Answer(Weak<AtomicU64>),
}

impl Source {
    /// Returns a number that changes with every write; nothing once it has ended.
    fn seen(&self) -> Option<i64> {
        match self {
            Self::Stream(place) => place.upgrade().filter(|place| !place.is_gone()).map(|place| place.last_write_ms()),
            Self::Answer(progress) => progress.upgrade().map(|progress| progress.load(Ordering::Relaxed) as i64),
        }
    }

    /// Returns the most rounds in which a reader that is there takes nothing.
    fn patience(&self, heartbeat: Duration) -> u64 {
        match self {
            // Nothing may be due until the next heartbeat.
            Self::Stream(_) => rounds(heartbeat + WRITE_DEADLINE),
            Self::Answer(_) => rounds(WRITE_DEADLINE),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Readers {
    /// Notes that a request has come.
    pub(crate) fn begin(&self) -> UnderWay {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.requests))
    }

    /// Looks after a stream until it ends.
    pub(crate) fn add_stream(&self, place: &Arc<Place>) {
        self.add(Source::Stream(Arc::downgrade(place)));
    }

    /// Looks after an answer until it is handed over.
    pub(crate) fn add_answer(&self, progress: &Progress) {
        self.add(Source::Answer(Arc::downgrade(progress)));
    }

    fn add(&self, source: Source) {
        let last_seen = source.seen().unwrap_or_default();
        let reader = Reader { source, last_seen, silent_rounds: 0 };
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }

    /// Waits until the connection is not to be kept.
    pub(crate) async fn until_verdict(&self, streams: &Streams) -> Verdict {
        let heartbeat = Duration::from_secs(streams.heartbeat_s);
        let mut idle = Idleness::default();
        loop {
            streams.ground.clock.sleep(ROUND).await;
            if self.look(heartbeat) {
                return Verdict::StandsStill;
            }
            if idle.look(self.begun.load(Ordering::Relaxed), self.is_idle()) {
                return Verdict::Idle;
            }
        }
    }

    fn is_idle(&self) -> bool {
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.is_empty() && self.requests.load(Ordering::Relaxed) == 0
    }

    /// Looks at each reader once a round, and returns whether one was silent for too long.
    fn look(&self, heartbeat: Duration) -> bool {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain_mut(|reader| {
            let Some(seen) = reader.source.seen() else { return false };
            let is_silent = std::mem::replace(&mut reader.last_seen, seen) == seen;
            reader.silent_rounds = if is_silent { reader.silent_rounds + 1 } else { 0 };
            true
        });
        readers.iter().any(|reader| reader.silent_rounds > reader.source.patience(heartbeat))
    }
}

/// How long there was no request.
#[derive(Debug, Default)]
struct Idleness {
    begun: u64,
    rounds: u64,
}

impl Idleness {
    /// Counts a round without a request, and returns whether that was one too many.
    fn look(&mut self, begun: u64, is_idle: bool) -> bool {
        let is_idle = is_idle && std::mem::replace(&mut self.begun, begun) == begun;
        self.rounds = if is_idle { self.rounds + 1 } else { 0 };
        self.rounds >= rounds(if begun == 0 { FIRST_REQUEST } else { IDLE })
    }
}

fn rounds(duration: Duration) -> u64 {
    duration.as_secs().div_ceil(ROUND.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARTBEAT: Duration = Duration::from_secs(15);

    /// Rounds until somebody is given up, at most so many.
    fn rounds_of_patience(readers: &Readers, most: u64) -> Option<u64> {
        (1..=most).find(|_| readers.look(HEARTBEAT))
    }

    #[test]
    fn a_silence_ends_with_a_write_and_a_stream_with_its_place() {
        let (readers, place) = (Readers::default(), Arc::new(Place::new(0, i64::MAX, 0)));
        readers.add_stream(&place);
        assert_eq!(rounds_of_patience(&readers, 9), None);
        place.wrote(1_000);
        assert_eq!(rounds_of_patience(&readers, 20), Some(11), "one round with a write, then nine and one more");
        place.leave();
        assert!(!readers.look(HEARTBEAT));
        assert!(readers.readers.lock().unwrap().is_empty());
    }

    #[test]
    fn one_that_stands_still_is_seen_among_others() {
        let readers = Readers::default();
        let [still, busy] = [(); 2].map(|()| Arc::new(Place::new(0, i64::MAX, 0)));
        readers.add_stream(&still);
        readers.add_stream(&busy);
        for round in 1..=10 {
            busy.wrote(round * 1_000);
            assert_eq!(readers.look(HEARTBEAT), round == 10, "round {round}");
        }
    }

    #[test]
    fn an_answer_of_which_nothing_is_taken_is_given_up_sooner_than_a_stream() {
        let (readers, progress) = (Readers::default(), Progress::default());
        readers.add_answer(&progress);
        assert_eq!(rounds_of_patience(&readers, 6), None);
        progress.fetch_add(1, Ordering::Relaxed);
        assert_eq!(rounds_of_patience(&readers, 20), Some(8));
        drop(progress);
        assert!(!readers.look(HEARTBEAT) && readers.is_idle());
    }

    #[test]
    fn a_connection_without_a_request_is_idle_soon_and_later_after_a_minute() {
        let rounds_until = |idle: &mut Idleness, begun| (1..=100).find(|_| idle.look(begun, true));
        let mut idle = Idleness::default();
        assert_eq!(rounds_until(&mut idle, 0), Some(2));
        assert_eq!(rounds_until(&mut Idleness::default(), 1), Some(13), "one round with a request, then a minute");
        let mut busy = Idleness::default();
        assert!((0..100).all(|_| !busy.look(1, false)));
    }

    #[test]
    fn a_request_is_under_way_until_it_is_dropped() {
        let readers = Readers::default();
        let request = readers.begin();
        assert!(!readers.is_idle());
        drop(request);
        assert!(readers.is_idle());
    }
}
