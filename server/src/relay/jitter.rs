//! Pauses that differ from worker to worker, so that those that were cut off together do not come back together.

use std::time::Duration;

/// Returns half of a pause to the whole of it, drawn: of 2 s something between 1 s and 2 s.
pub(crate) fn jittered(pause: Duration) -> Duration {
    #[cfg(test)]
    if let Some(drawn) = seeded::draw() {
        return pause.mul_f64(drawn);
    }
    pause.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
pub(crate) use self::seeded::seed;

/// The draws of a simulation, which come again with its seed. It has one thread, so they are the thread's.
#[cfg(test)]
mod seeded {
    use std::cell::RefCell;

    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    thread_local! {
        static DRAWS: RefCell<Option<StdRng>> = const { RefCell::new(None) };
    }

    /// Makes this thread's pauses follow from a seed.
    pub(crate) fn seed(seed: u64) {
        DRAWS.with_borrow_mut(|draws| *draws = Some(StdRng::seed_from_u64(seed)));
    }

    pub(super) fn draw() -> Option<f64> {
        DRAWS.with_borrow_mut(|draws| draws.as_mut().map(|draws| draws.random_range(0.5..=1.0)))
    }
}
