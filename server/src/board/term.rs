//! The engine's term where everybody may read it without a lock.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use foliostream::wire::epoch::Epoch;

/// A term that one writes and many read, never half of one and half of another: its number and its mark are two words.
#[derive(Debug)]
pub(crate) struct SharedTerm {
    /// Odd while the words are being changed.
    turn: AtomicU64,
    number: AtomicU64,
    mark: AtomicU32,
}

impl SharedTerm {
    /// Begins with a term.
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self { turn: AtomicU64::new(0), number: AtomicU64::new(epoch.number()), mark: AtomicU32::new(epoch.mark()) }
    }

    /// Returns the term as it was set last, never half of one and half of another.
    pub(crate) fn get(&self) -> Epoch {
        loop {
            let turn = self.turn.load(Ordering::SeqCst);
            let epoch = Epoch::new(self.number.load(Ordering::SeqCst), self.mark.load(Ordering::SeqCst));
            // Changing takes two stores, so that this goes round a few times at most.
            if turn.is_multiple_of(2) && self.turn.load(Ordering::SeqCst) == turn {
                return epoch;
            }
            std::hint::spin_loop();
        }
    }

    /// Changes the term. Only one may at a time, as the board's lock sees to.
    pub(crate) fn set(&self, epoch: Epoch) {
        if self.get() == epoch {
            return;
        }
        self.turn.fetch_add(1, Ordering::SeqCst);
        self.number.store(epoch.number(), Ordering::SeqCst);
        self.mark.store(epoch.mark(), Ordering::SeqCst);
        self.turn.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_the_number_of_one_term_with_the_mark_of_another() {
        let term = SharedTerm::new(Epoch::new(0, 0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut seen = 0;
                    while seen < 20_000 {
                        let epoch = term.get();
                        assert_eq!(epoch.number(), u64::from(epoch.mark()));
                        assert!(epoch.number() >= seen);
                        seen = epoch.number();
                    }
                });
            }
            (1..=20_000).for_each(|number: u32| term.set(Epoch::new(number.into(), number)));
        });
    }
}
