//! One hashed timing wheel for all streams (Varghese and Lauck, 1987): heartbeats, ends and the release of slowed streams.
//!
//! A place sits in the slot of its next due moment. When the hand passes it and it is not due, because it wrote in between,
//! it moves on to its new slot: nothing is cancelled, and a write costs one atomic store.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::place::Place;

/// How often the hand moves: the precision of heartbeats and of `max_hz`.
pub const STEP: Duration = Duration::from_millis(50);
const STEP_MS: i64 = 50;

/// Slots of one turn: 51.2 s; what is due later goes round more than once.
const SLOTS: i64 = 1_024;

/// The timing wheel of a process.
#[derive(Debug)]
pub struct Wheel {
    heartbeat_ms: i64,
    turning: Mutex<Turning>,
}

#[derive(Debug)]
struct Turning {
    slots: Vec<Vec<Arc<Place>>>,
    /// The step the hand stands at.
    hand: i64,
}

impl Wheel {
    /// Makes a wheel whose hand stands at `now_ms`.
    pub fn new(heartbeat: Duration, now_ms: i64) -> Self {
        let slots = (0..SLOTS).map(|_| Vec::new()).collect();
        Self {
            heartbeat_ms: i64::try_from(heartbeat.as_millis()).unwrap_or(i64::MAX),
            turning: Mutex::new(Turning { slots, hand: now_ms.div_euclid(STEP_MS) }),
        }
    }

    /// Returns the silence after which a heartbeat is due, in milliseconds.
    pub fn heartbeat_ms(&self) -> i64 {
        self.heartbeat_ms
    }

    /// Puts a place into the slot of its next due moment, unless it is in an earlier slot, from which it moves on.
    pub fn insert(&self, place: Arc<Place>) {
        let due = place.due_ms(self.heartbeat_ms);
        self.lock().insert(place, due);
    }

    /// Moves the hand to `now_ms`, wakes what is due and returns how many were woken.
    pub fn turn(&self, now_ms: i64) -> usize {
        let due = self.lock().pass(now_ms, self.heartbeat_ms);
        for place in &due {
            place.wake();
        }
        due.len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Turning> {
        // The wheel holds no invariant that a panic elsewhere could break.
        self.turning.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turning {
    fn insert(&mut self, place: Arc<Place>, due_ms: i64) {
        let step = due_ms.div_euclid(STEP_MS).saturating_add(1).clamp(self.hand + 1, self.hand + SLOTS - 1);
        if place.wheel_step() > step {
            place.sit_at(step);
            self.slots[step.rem_euclid(SLOTS) as usize].push(place);
        }
    }

    /// Visits every slot the hand passes, at most one whole turn.
    fn pass(&mut self, now_ms: i64, heartbeat_ms: i64) -> Vec<Arc<Place>> {
        let target = now_ms.div_euclid(STEP_MS);
        let mut due = Vec::new();
        let passed = (target - self.hand).clamp(0, SLOTS);
        let mut visited = Vec::new();
        for step in 1..=passed {
            visited.append(&mut self.slots[(self.hand + step).rem_euclid(SLOTS) as usize]);
        }
        self.hand = target.max(self.hand);
        for place in visited {
            // A place that moved to an earlier slot left a copy of itself here. It is due later than the hand now, so the copy is
            // dropped.
            if place.is_gone() || place.wheel_step() > self.hand {
                continue;
            }
            place.sit_at(i64::MAX);
            let at = place.due_ms(heartbeat_ms);
            if at <= now_ms {
                due.push(Arc::clone(&place));
                // A stream that cannot write now is asked again a heartbeat later, or when something else is due before.
                let again = place.next_ms(now_ms, heartbeat_ms);
                self.insert(place, again);
            } else {
                self.insert(place, at);
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wheel_with(bye_ms: i64) -> (Wheel, Arc<Place>) {
        let wheel = Wheel::new(Duration::from_secs(15), 0);
        let place = Arc::new(Place::new(0, bye_ms, 0));
        wheel.insert(Arc::clone(&place));
        (wheel, place)
    }

    #[test]
    fn a_silent_stream_is_woken_after_the_interval_and_not_before() {
        let (wheel, _place) = wheel_with(i64::from(i32::MAX));
        assert_eq!(wheel.turn(14_999), 0);
        assert_eq!(wheel.turn(15_100), 1);
    }

    #[test]
    fn a_stream_that_wrote_is_left_alone_until_its_new_due_moment() {
        let (wheel, place) = wheel_with(i64::from(i32::MAX));
        wheel.turn(10_000);
        place.wrote(10_000);
        assert_eq!(wheel.turn(24_000), 0);
        assert_eq!(wheel.turn(25_100), 1);
    }

    #[test]
    fn a_long_pause_visits_every_stream_once() {
        let (wheel, _place) = wheel_with(i64::from(i32::MAX));
        assert_eq!(wheel.turn(10_000_000), 1);
    }

    #[test]
    fn an_end_beyond_one_turn_is_kept() {
        let (wheel, place) = wheel_with(120_000);
        for second in 1..120 {
            wheel.turn(second * 1_000);
            place.wrote(second * 1_000);
        }
        assert_eq!(wheel.turn(120_100), 1);
    }

    #[test]
    fn a_slowed_stream_that_asks_again_and_again_sits_once_per_turn_at_most() {
        let (wheel, place) = wheel_with(i64::from(i32::MAX));
        for step in 1..=200 {
            place.wrote(step * 100);
            place.release_at(step * 100 + 1_000);
            wheel.insert(Arc::clone(&place));
            wheel.turn(step * 100);
        }
        assert!(Arc::strong_count(&place) <= 4, "{}", Arc::strong_count(&place));
    }

    #[test]
    fn a_deadline_that_has_passed_delays_no_heartbeat() {
        let wheel = Wheel::new(Duration::from_secs(15), 0);
        let place = Arc::new(Place::new(0, i64::from(i32::MAX), 999));
        place.release_at(1_000);
        wheel.insert(Arc::clone(&place));
        assert_eq!(wheel.turn(1_100), 1);
        assert_eq!(wheel.turn(15_900), 0);
        assert_eq!(wheel.turn(16_100), 1, "the heartbeat, spread by nearly a second");
    }

    #[test]
    fn an_end_between_two_heartbeats_is_kept() {
        let (wheel, place) = wheel_with(20_000);
        assert_eq!(wheel.turn(15_100), 1);
        place.wrote(15_100);
        assert_eq!(wheel.turn(20_100), 1);
    }

    #[test]
    fn a_stream_that_is_gone_is_forgotten() {
        let (wheel, place) = wheel_with(i64::from(i32::MAX));
        place.leave();
        assert_eq!(wheel.turn(60_000), 0);
        assert_eq!(Arc::strong_count(&place), 1);
    }
}
