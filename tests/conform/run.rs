//! Runs checks: beside each other where they do not disturb each other, and prints each as it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::check::{Check, Outcome, Trouble, Turn};
use super::checks;
use super::target::Target;

/// Checks under way at once: most of their time is waiting.
const WORKERS: usize = 8;

/// How many checks ended how.
#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: AtomicUsize,
    skipped: AtomicUsize,
    failed: Mutex<Vec<usize>>,
}

impl Report {
    fn note(&self, number: usize, check: &Check, outcome: Outcome) {
        let title = format!("{number:02} {} — {}", check.name, check.expectation);
        match outcome {
            Ok(()) => {
                self.passed.fetch_add(1, Ordering::Relaxed);
                println!("ok      {title}");
            }
            Err(Trouble::Skipped(why)) => {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                println!("skipped {title}\n        {why}");
            }
            Err(Trouble::Failed(seen)) => {
                lock(&self.failed).push(number);
                println!("FAILED  {title}\n        seen: {seen}\n        why it matters: {}", check.reason);
            }
        }
    }

    /// Says something that is no check and went wrong.
    pub(crate) fn fail(&self, what: &str) {
        lock(&self.failed).push(0);
        println!("FAILED  {what}");
    }

    /// Returns how many were skipped.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Prints the sum; true where nothing failed.
    pub(crate) fn finish(self, seconds: f64) -> bool {
        let mut failed = self.failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        failed.sort_unstable();
        let (passed, skipped) = (self.passed.into_inner(), self.skipped.into_inner());
        println!("\n{passed} ok, {} failed, {skipped} skipped, in {seconds:.1} s", failed.len());
        if !failed.is_empty() {
            println!("failed: {failed:?}");
        }
        failed.is_empty()
    }
}

/// Runs the checks of some turns against a server, those of a later turn after those of an earlier one.
pub(crate) fn run(target: &Target, turns: &[Turn], names: &[String], report: &Report) {
    for turn in turns {
        let wanted = |check: &Check| check.turn == *turn && (names.is_empty() || names.iter().any(|name| name == check.name));
        let checks = checks::numbered().filter(|(_, check)| wanted(check)).collect::<Vec<_>>();
        let workers = if *turn == Turn::Together { WORKERS } else { 1 };
        let (next, places) = (AtomicUsize::new(0), Places::new(target.facts.places));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some((number, check)) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let taken = places.take(check.streams);
                        report.note(*number, check, look(target, check));
                        places.give_back(taken);
                    }
                });
            }
        });
    }
}

fn look(target: &Target, check: &Check) -> Outcome {
    if let Some(lacking) = check.needs.iter().find_map(|need| target.lacks(*need)) {
        return Err(Trouble::Skipped(format!("needs {lacking}")));
    }
    let ended = catch_unwind(AssertUnwindSafe(|| (check.run)(target)));
    ended.unwrap_or_else(|_| Err(Trouble::Failed("something the check was not made for: see the panic above".to_owned())))
}

/// The streams that checks may hold together, so that they do not run into the server's limit.
struct Places {
    all: usize,
    free: Mutex<usize>,
    freed: Condvar,
}

impl Places {
    fn new(all: usize) -> Self {
        Self { all, free: Mutex::new(all), freed: Condvar::new() }
    }

    fn take(&self, wanted: usize) -> usize {
        let wanted = wanted.min(self.all);
        let free = self.freed.wait_while(lock(&self.free), |free| *free < wanted);
        *free.unwrap_or_else(PoisonError::into_inner) -= wanted;
        wanted
    }

    fn give_back(&self, taken: usize) {
        *lock(&self.free) += taken;
        self.freed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
