//! A stream's place: the handle through which the wheel, the groups and the limits wake a stream, let it send a heartbeat, and
//! end it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures::task::AtomicWaker;

use foliostream::wire::live::ByeReason;

/// One stream, as the wheel, the groups and the limits see it. Times are milliseconds since the process began, by the clock
/// that only goes forward.
#[derive(Debug)]
pub struct Place {
    waker: AtomicWaker,
    last_write_ms: AtomicI64,
    /// When the stream must end and why, in one number, so that an atomic minimum keeps the earliest of several that are set at
    /// once.
    bye: AtomicI64,
    /// When a stream slowed by `max_hz` may write again; `i64::MAX` while nothing waits.
    release_at_ms: AtomicI64,
    /// When a client that takes no bytes is given up; `i64::MAX` while it takes what there is.
    deadline_ms: AtomicI64,
    gone: AtomicBool,
    /// The wheel's step at which the place is due; `i64::MAX` while it is in no slot.
    wheel_step: AtomicI64,
    /// Spreads the heartbeats of streams that fell silent together, in thousandths of the spread.
    phase: u16,
}

impl Place {
    /// Makes the place of a stream that ends with `bye` at `bye_at_ms`, after which its client comes back. `phase` is between 0
    /// and 999.
    pub fn new(now_ms: i64, bye_at_ms: i64, phase: u16) -> Self {
        Self {
            waker: AtomicWaker::new(),
            last_write_ms: AtomicI64::new(now_ms),
            bye: AtomicI64::new(packed(bye_at_ms, ByeReason::MaxAge)),
            release_at_ms: AtomicI64::new(i64::MAX),
            deadline_ms: AtomicI64::new(i64::MAX),
            gone: AtomicBool::new(false),
            wheel_step: AtomicI64::new(i64::MAX),
            phase: phase % 1_000,
        }
    }

    /// Wakes the stream's task, if it waits.
    pub fn wake(&self) {
        self.waker.wake();
    }

    /// Remembers the task to wake.
    pub fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    /// Notes that something was written.
    pub fn wrote(&self, now_ms: i64) {
        self.last_write_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Makes a heartbeat due at once: whatever is written next is as good as one. The one number says it, so that no write has
    /// more to do.
    pub fn call(&self) {
        self.last_write_ms.store(CALLED, Ordering::Relaxed);
    }

    /// Returns whether nothing was written since the stream was called.
    pub fn is_called(&self) -> bool {
        self.last_write_ms() == CALLED
    }

    /// Returns when something was last written; far in the past for one that was called.
    pub fn last_write_ms(&self) -> i64 {
        self.last_write_ms.load(Ordering::Relaxed)
    }

    /// Returns when a heartbeat is due after the last write, spread over a fifteenth of the interval.
    pub fn heartbeat_due_ms(&self, interval_ms: i64) -> i64 {
        let spread = interval_ms / 15 * i64::from(self.phase) / 1_000;
        self.last_write_ms().saturating_add(interval_ms).saturating_add(spread)
    }

    /// Returns when the stream must end, and why.
    pub fn bye(&self) -> (i64, ByeReason) {
        let packed = self.bye.load(Ordering::Acquire);
        (packed >> REASON_BITS, reason(packed & REASON_MASK))
    }

    /// Asks the stream to end at a time, unless it ends earlier anyway.
    pub fn end_at(&self, at_ms: i64, why: ByeReason) {
        self.bye.fetch_min(packed(at_ms, why), Ordering::AcqRel);
    }

    /// Asks to be woken at a time, for a stream that is slowed.
    pub fn release_at(&self, at_ms: i64) {
        self.release_at_ms.store(at_ms, Ordering::Release);
    }

    /// Asks to be woken at a time, for a client that takes nothing; `i64::MAX` when it takes something again.
    pub fn expect_by(&self, at_ms: i64) {
        self.deadline_ms.store(at_ms, Ordering::Release);
    }

    /// Returns when a client is given up, if it takes nothing.
    pub fn deadline_ms(&self) -> Option<i64> {
        Some(self.deadline_ms.load(Ordering::Acquire)).filter(|at_ms| *at_ms != i64::MAX)
    }

    /// Returns the next moment at which somebody must look at this stream.
    pub fn due_ms(&self, heartbeat_ms: i64) -> i64 {
        self.moments(heartbeat_ms).into_iter().min().unwrap_or(i64::MAX)
    }

    /// Returns the next of those moments that lies after `now_ms`, at most a heartbeat later.
    pub fn next_ms(&self, now_ms: i64, heartbeat_ms: i64) -> i64 {
        let later = self.moments(heartbeat_ms).into_iter().filter(|moment| *moment > now_ms);
        later.fold(now_ms.saturating_add(heartbeat_ms), i64::min)
    }

    fn moments(&self, heartbeat_ms: i64) -> [i64; 4] {
        let release = self.release_at_ms.load(Ordering::Acquire);
        [self.heartbeat_due_ms(heartbeat_ms), self.bye().0, release, self.deadline_ms.load(Ordering::Acquire)]
    }

    /// Returns the wheel's step at which the place is due.
    pub fn wheel_step(&self) -> i64 {
        self.wheel_step.load(Ordering::Relaxed)
    }

    /// Notes the wheel's step; only the wheel does, under its lock.
    pub fn sit_at(&self, step: i64) {
        self.wheel_step.store(step, Ordering::Relaxed);
    }

    /// Marks the stream as over; the wheel forgets it.
    pub fn leave(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Returns whether the stream is over.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}

/// What `last_write_ms` holds once a stream was called, until its next write.
const CALLED: i64 = i64::MIN;

/// The low bits of the number that says when and why a stream ends hold the reason.
const REASON_BITS: u32 = 3;
const REASON_MASK: i64 = (1 << REASON_BITS) - 1;

fn packed(at_ms: i64, why: ByeReason) -> i64 {
    const FARTHEST_MS: i64 = i64::MAX >> REASON_BITS;
    (at_ms.clamp(-FARTHEST_MS, FARTHEST_MS) << REASON_BITS) | code(why)
}

fn code(reason: ByeReason) -> i64 {
    match reason {
        ByeReason::Drain => 0,
        ByeReason::MaxAge => 1,
        ByeReason::SignedOut => 2,
        ByeReason::Replaced => 3,
        ByeReason::Done => 4,
    }
}

fn reason(code: i64) -> ByeReason {
    match code {
        0 => ByeReason::Drain,
        1 => ByeReason::MaxAge,
        2 => ByeReason::SignedOut,
        3 => ByeReason::Replaced,
        _ => ByeReason::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three hundred years from now.
    const FAR_MS: i64 = 300 * 365 * 86_400_000;

    #[test]
    fn the_earlier_end_wins() {
        let place = Place::new(0, 10_000, 0);
        place.end_at(20_000, ByeReason::Drain);
        assert_eq!(place.bye(), (10_000, ByeReason::MaxAge));
        place.end_at(5_000, ByeReason::Replaced);
        assert_eq!(place.bye(), (5_000, ByeReason::Replaced));
    }

    #[test]
    fn an_end_at_once_and_an_end_never_keep_their_reasons() {
        let place = Place::new(0, FAR_MS, 0);
        assert_eq!(place.bye(), (FAR_MS, ByeReason::MaxAge));
        place.end_at(i64::MAX, ByeReason::Drain);
        assert_eq!(place.bye().1, ByeReason::MaxAge);
        for reason in [ByeReason::SignedOut, ByeReason::Drain] {
            let place = Place::new(0, FAR_MS, 0);
            place.end_at(i64::MIN, reason);
            assert_eq!(place.bye().1, reason);
            assert!(place.bye().0 < -FAR_MS);
        }
    }

    #[test]
    fn a_heartbeat_counts_from_the_last_write() {
        let place = Place::new(0, FAR_MS, 500);
        assert_eq!(place.heartbeat_due_ms(15_000), 15_500);
        place.wrote(3_000);
        assert_eq!(place.heartbeat_due_ms(15_000), 18_500);
    }

    #[test]
    fn a_place_that_is_called_owes_a_heartbeat_until_it_writes_anything() {
        let place = Place::new(3_000, FAR_MS, 500);
        place.call();
        assert!(place.is_called() && place.heartbeat_due_ms(15_000) < 3_000);
        place.wrote(3_100);
        assert!(!place.is_called());
        assert_eq!(place.heartbeat_due_ms(15_000), 18_600);
    }

    #[test]
    fn a_place_stays_small() {
        assert!(size_of::<Place>() <= 72, "{} bytes", size_of::<Place>());
    }
}
