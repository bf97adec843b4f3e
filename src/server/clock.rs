//! The one file that reads the wall clock. Tests hand in a clock of their own and move it.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Tells the time and waits for it; cloned into everything that ages, beats or expires.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Manual(Arc<watch::Sender<Timestamp>>),
}

impl Clock {
    /// Follows the machine's clock.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// Stands still at `start` until it is [advanced](Clock::advance).
    pub fn manual(start: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(watch::Sender::new(start))))
    }

    /// Returns the time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => Timestamp::now(),
            Kind::Manual(now) => *now.borrow(),
        }
    }

    /// Waits until `duration` has passed on this clock.
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Kind::System => tokio::time::sleep(duration).await,
            Kind::Manual(now) => {
                let deadline = later(*now.borrow(), duration);
                wait_for(now, deadline).await;
            }
        }
    }

    /// Waits until this clock shows `deadline`.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        match &self.0 {
            Kind::System => {
                let wait = self.now().duration_until(deadline);
                tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
            }
            // The deadline itself, not what is left to it: the clock may be moved while that is reckoned.
            Kind::Manual(now) => wait_for(now, deadline).await,
        }
    }

    /// Moves a manual clock and wakes whoever waited for it; a system clock moves by itself.
    pub fn advance(&self, duration: Duration) {
        if let Kind::Manual(now) = &self.0 {
            now.send_modify(|now| *now = later(*now, duration));
        }
    }
}

async fn wait_for(now: &watch::Sender<Timestamp>, deadline: Timestamp) {
    // The sender is borrowed for the whole wait, so the wait ends by the time alone.
    let _ = now.subscribe().wait_for(|now| *now >= deadline).await;
}

/// Returns the time `duration` after `time`, or the end of time.
pub fn later(time: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration).ok().and_then(|duration| time.checked_add(duration).ok()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_its_sleepers_only_when_it_is_moved_far_enough() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until("1970-01-01T00:00:02Z".parse().unwrap()).await }
        });
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
        assert_eq!(clock.now().to_string(), "1970-01-01T00:00:02Z");
    }
}
