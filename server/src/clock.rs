//! The one file that reads clocks: the wall clock, which gives stamps, and one that only goes forward, by which everything is
//! measured and waited for. Tests hand in a clock of their own and move either.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use foliostream::domain::moment::Moment;

/// Reads the time and waits for it; cloned into everything that ages, beats or expires.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<watch::Sender<Moment>>),
}

impl Clock {
    /// Follows the machine's clocks.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// Stands still at `start` until it is [advanced](Clock::advance).
    pub fn manual(start: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(watch::Sender::new(Moment { wall: start, elapsed: SignedDuration::ZERO }))))
    }

    /// Returns the date and the time of day, for a stamp. Whatever is measured or waited for asks for [`elapsed`](Self::elapsed):
    /// this clock may be set back or ahead at any time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Manual(moment) => moment.borrow().wall,
        }
    }

    /// Returns what has passed since the process began, the machine's sleep included; it only grows.
    pub fn elapsed(&self) -> SignedDuration {
        match &self.0 {
            Kind::System => system_elapsed(),
            Kind::Manual(moment) => moment.borrow().elapsed,
        }
    }

    /// Returns [`elapsed`](Self::elapsed) in milliseconds.
    pub fn elapsed_ms(&self) -> i64 {
        millis(self.elapsed())
    }

    /// Returns the wall clock and the elapsed time, read together.
    pub fn moment(&self) -> Moment {
        match &self.0 {
            Kind::System => Moment { wall: self.now(), elapsed: self.elapsed() },
            Kind::Manual(moment) => *moment.borrow(),
        }
    }

    /// Waits until `duration` has passed.
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Kind::System => tokio::time::sleep(duration).await,
            Kind::Manual(moment) => {
                let deadline = after(moment.borrow().elapsed, duration);
                wait_for(moment, deadline).await;
            }
        }
    }

    /// Waits until as much has [elapsed](Self::elapsed) as `deadline`.
    pub async fn sleep_until(&self, deadline: SignedDuration) {
        match &self.0 {
            Kind::System => {
                let wait = deadline.saturating_sub(self.elapsed());
                tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
            }
            // The deadline itself, not what is left to it: the clock may be moved while that is reckoned.
            Kind::Manual(moment) => wait_for(moment, deadline).await,
        }
    }

    /// Moves both hands of a manual clock and wakes the tasks that wait for it; a system clock moves by itself.
    pub fn advance(&self, duration: Duration) {
        self.turn(|moment| Moment { wall: later(moment.wall, duration), elapsed: after(moment.elapsed, duration) });
    }

    /// Sets a manual clock's wall, back or ahead, as an operator does: nothing elapses.
    pub fn set_wall(&self, wall: Timestamp) {
        self.turn(|moment| Moment { wall, ..moment });
    }

    /// Lets time pass that a manual clock's wall does not show.
    pub fn elapse(&self, duration: Duration) {
        self.turn(|moment| Moment { elapsed: after(moment.elapsed, duration), ..moment });
    }

    fn turn(&self, turned: impl FnOnce(Moment) -> Moment) {
        if let Kind::Manual(moment) = &self.0 {
            moment.send_modify(|moment| *moment = turned(*moment));
        }
    }
}

async fn wait_for(moment: &watch::Sender<Moment>, deadline: SignedDuration) {
    // The sender is borrowed for the whole wait, so the wait ends by the time alone.
    let _ = moment.subscribe().wait_for(|moment| moment.elapsed >= deadline).await;
}

/// Where the process began, by each clock that only goes forward.
static BEGAN: LazyLock<(Instant, Option<SignedDuration>)> = LazyLock::new(|| (Instant::now(), since_boot()));

/// Returns what has passed since the process began. The clock that timers follow stands still while the machine sleeps; the one
/// that counts from boot does not, so that a price of before the sleep is old after it. The larger of the two is right.
fn system_elapsed() -> SignedDuration {
    let (instant, boot) = *BEGAN;
    let awake = SignedDuration::try_from(instant.elapsed()).unwrap_or(SignedDuration::MAX);
    let asleep_too = since_boot().zip(boot).map(|(now, boot)| now.saturating_sub(boot));
    asleep_too.map_or(awake, |elapsed| elapsed.max(awake))
}

/// Returns what has passed since the machine's boot, its sleep included, where the system has such a clock.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<SignedDuration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "the standard library has no clock that counts the machine's sleep")]
    // SAFETY: the call writes one timespec, which is there for the whole call.
    let outcome = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    (outcome == 0).then(|| SignedDuration::new(time.tv_sec, i32::try_from(time.tv_nsec).unwrap_or_default()))
}

/// Elsewhere the clock that timers follow has to do.
#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<SignedDuration> {
    None
}

/// Returns the stamp `duration` after `time`, or the end of time.
pub fn later(time: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration).ok().and_then(|duration| time.checked_add(duration).ok()).unwrap_or(Timestamp::MAX)
}

/// Returns `duration` after what has `elapsed`, or the end of time.
pub fn after(elapsed: SignedDuration, duration: Duration) -> SignedDuration {
    elapsed.saturating_add(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
}

/// Returns a duration in whole milliseconds, cut off.
pub fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_its_sleepers_only_when_it_is_moved_far_enough() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(SignedDuration::from_secs(2)).await }
        });
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now().to_string(), "1970-01-01T00:00:02Z");
    }

    #[tokio::test]
    async fn a_wall_that_is_set_wakes_nobody_and_holds_nobody_up() {
        let clock = Clock::manual("2026-11-02T10:00:00Z".parse().unwrap());
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(2)).await }
        });
        tokio::task::yield_now().await;
        clock.set_wall("2026-11-02T11:00:00Z".parse().unwrap());
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.set_wall("2026-11-02T09:00:00Z".parse().unwrap());
        clock.elapse(Duration::from_secs(2));
        sleeper.await.unwrap();
        let wall = "2026-11-02T09:00:00Z".parse().unwrap();
        assert_eq!(clock.moment(), Moment { wall, elapsed: SignedDuration::from_secs(2) });
    }

    #[test]
    fn the_systems_clock_only_goes_forward() {
        let clock = Clock::system();
        let readings: Vec<_> = (0..1_000).map(|_| clock.elapsed()).collect();
        assert!(readings.is_sorted() && readings[0] >= SignedDuration::ZERO);
    }
}
