//! Who reads the streams of an HTTP/2 connection. Hyper asks no stream that has no room, so its own body never learns that it
//! stands still; the kernel does not either, as long as the connection's other streams are read.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::server::sse::place::Place;
use crate::server::sse::streams::Streams;

/// How often somebody looks.
const ROUND: Duration = Duration::from_secs(5);

/// What a reader may be late with a heartbeat: as long as over HTTP/1.1.
const WRITE_DEADLINE: Duration = Duration::from_secs(30);

/// The streams of one connection.
#[derive(Debug, Default)]
pub struct Readers(Mutex<Vec<Reader>>);

#[derive(Debug)]
struct Reader {
    place: Weak<Place>,
    last_write_ms: i64,
    /// Rounds without a write. They are counted, and no times compared: a machine that slept is not mistaken for a reader that
    /// waits.
    silent_rounds: u32,
}

impl Readers {
    /// Looks after a stream until it ends.
    pub fn add(&self, place: &Arc<Place>) {
        let reader = Reader { place: Arc::downgrade(place), last_write_ms: place.last_write_ms(), silent_rounds: 0 };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }

    /// Waits until a stream is written nothing any more, not even its heartbeats.
    pub async fn until_one_stops(&self, streams: &Streams) {
        let heartbeat = Duration::from_secs(streams.heartbeat_s);
        let rounds = (heartbeat + WRITE_DEADLINE).as_secs().div_ceil(ROUND.as_secs());
        loop {
            streams.clock.sleep(ROUND).await;
            if self.look() > rounds {
                return;
            }
        }
    }

    /// Looks at each, and returns the longest silence.
    fn look(&self) -> u64 {
        let mut readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain_mut(|reader| {
            let Some(place) = reader.place.upgrade().filter(|place| !place.is_gone()) else { return false };
            let last_write_ms = place.last_write_ms();
            let is_silent = std::mem::replace(&mut reader.last_write_ms, last_write_ms) == last_write_ms;
            reader.silent_rounds = if is_silent { reader.silent_rounds + 1 } else { 0 };
            true
        });
        readers.iter().map(|reader| u64::from(reader.silent_rounds)).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_ends_with_a_write_and_a_stream_with_its_place() {
        let (readers, place) = (Readers::default(), Arc::new(Place::new(0, i64::MAX, 0)));
        readers.add(&place);
        assert_eq!([readers.look(), readers.look()], [1, 2]);
        place.wrote(1_000);
        assert_eq!([readers.look(), readers.look()], [0, 1]);
        place.leave();
        assert_eq!(readers.look(), 0);
        assert!(readers.0.lock().unwrap().is_empty());
    }

    #[test]
    fn one_that_stands_still_is_seen_among_others() {
        let readers = Readers::default();
        let [still, busy] = [(); 2].map(|()| Arc::new(Place::new(0, i64::MAX, 0)));
        readers.add(&still);
        readers.add(&busy);
        for round in 1..=10 {
            busy.wrote(round * 1_000);
            assert_eq!(readers.look(), round as u64);
        }
    }
}
