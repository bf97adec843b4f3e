//! Times a piece of work in this process: rounds of many repetitions, the median round and how far the others lie.

use std::time::{Duration, Instant};

use super::report::Figure;

/// How long and how often is measured.
pub(crate) struct Stopwatch {
    rounds: usize,
    round: Duration,
}

impl Stopwatch {
    /// Measures for about half a second, or a tenth of it.
    pub(crate) fn new(quick: bool) -> Self {
        if quick {
            Self { rounds: 5, round: Duration::from_millis(10) }
        } else {
            Self { rounds: 9, round: Duration::from_millis(60) }
        }
    }

    /// Returns nanoseconds per unit of `work`, which does `units` of them at a time on what `prepare` made; neither
    /// preparing is timed nor letting go of what `work` returns.
    pub(crate) fn time<I, O>(&self, units: usize, mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> O) -> Figure {
        drop(work(prepare()));
        let per_unit = |_| {
            let (mut spent, mut done) = (Duration::ZERO, 0);
            while spent < self.round {
                let input = prepare();
                let started = Instant::now();
                let output = work(input);
                spent += started.elapsed();
                drop(output);
                done += units;
            }
            spent.as_nanos() as f64 / done as f64
        };
        Figure::of((0..self.rounds).map(per_unit).collect())
    }

    /// Returns nanoseconds for one call of `work`.
    pub(crate) fn time_call<O>(&self, mut work: impl FnMut() -> O) -> Figure {
        const CALLS: usize = 16;
        self.time(CALLS, || (), |()| (0..CALLS).for_each(|_| drop(std::hint::black_box(work()))))
    }
}
