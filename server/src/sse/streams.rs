//! What every stream of a process shares, and how they all end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::clock::{after, millis};
use crate::ground::Ground;
use foliostream::wire::live::ByeReason;

use super::groups::Groups;
use super::limits::Limits;
use super::place::Place;
use super::wheel::{STEP, Wheel};

/// The state that all streams of the process share.
#[derive(Debug)]
pub struct Streams {
    /// The board that they follow, the store with old notifications, and the clock.
    pub ground: Ground,
    /// The groups that they stand in.
    pub groups: Arc<Groups>,
    /// The timing wheel that sends heartbeats and ends streams.
    pub wheel: Wheel,
    /// The limits of streams per user and per address, and who counts towards them.
    pub limits: Arc<Limits>,
    /// Said in `hello`: this process.
    pub worker: Arc<str>,
    /// Whether the engine may be another process, of which a client may know more than this one.
    pub follows: bool,
    /// Said in `hello`: seconds of silence before a heartbeat.
    pub heartbeat_s: u64,
    /// The oldest a stream gets before it is asked to come back.
    pub max_age: Duration,
    /// Whether the server is about to stop: what begins now ends at once.
    pub is_draining: AtomicBool,
    /// The number of streams that are open.
    pub open: AtomicUsize,
    /// Frames written since the process started.
    pub frames: AtomicU64,
    /// Bytes written since the process started.
    pub bytes: AtomicU64,
}

impl Streams {
    /// Turns the wheel for as long as the server runs.
    pub async fn turn_wheel(self: Arc<Self>) {
        loop {
            let now = self.ground.clock.elapsed();
            self.wheel.turn(millis(now));
            self.ground.clock.sleep_until(after(now, STEP)).await;
        }
    }

    /// Asks every stream to end, spread over `window`, and to come back elsewhere or later.
    pub fn drain(&self, window: Duration) {
        // First, so that a stream that enters its group later than this looks sees it.
        self.is_draining.store(true, Ordering::SeqCst);
        let now_ms = self.ground.clock.elapsed_ms();
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        for place in self.groups.places() {
            // Leaves the last fifth of the window to the writes themselves.
            let at = now_ms + rand::random_range(0..=window_ms * 4 / 5);
            place.end_at(at, ByeReason::Drain);
            self.wheel.insert(place);
        }
    }

    /// Makes the place of a stream that begins now. It ends after 80 to 100 % of `max_age`, so that streams that began together
    /// do not all come back at once.
    pub fn new_place(&self) -> Arc<Place> {
        let now = self.ground.clock.elapsed();
        let bye_at = after(now, self.max_age.mul_f64(rand::random_range(0.8..=1.0)));
        Arc::new(Place::new(millis(now), millis(bye_at), rand::random_range(0..1_000)))
    }
}
