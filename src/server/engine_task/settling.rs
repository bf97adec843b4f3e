//! Who waits until what was decided is stored: pushes, for what was acknowledged survives a power cut, and observations, which
//! name the revision that the records before them lead to.

use std::collections::VecDeque;

use tokio::sync::oneshot;

/// Counts records, decided and stored.
#[derive(Debug, Default)]
pub struct Settling {
    decided: u64,
    stored: u64,
    /// In ascending order of how many records must be stored.
    waiting: VecDeque<(u64, oneshot::Sender<()>)>,
}

impl Settling {
    /// Counts a record that is on its way to the store.
    pub fn decide(&mut self) {
        self.decided += 1;
    }

    /// Counts a record that the store has answered for.
    pub fn store(&mut self) {
        self.stored += 1;
        self.settle();
    }

    /// Ends when every record decided so far is stored; fails where the engine is over before.
    pub fn all_stored(&mut self) -> oneshot::Receiver<()> {
        let (settled, all_stored) = oneshot::channel();
        self.waiting.push_back((self.decided, settled));
        self.settle();
        all_stored
    }

    /// Waits for nothing any more: what is not stored by now never will be.
    pub fn finish(&mut self) {
        self.stored = self.decided;
        self.settle();
    }

    fn settle(&mut self) {
        while let Some((_, settled)) = self.waiting.pop_front_if(|(mark, _)| *mark <= self.stored) {
            // Whoever waited may be gone.
            let _ = settled.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_waits_for_what_was_decided_before_and_for_nothing_after() {
        let mut settling = Settling::default();
        assert!(settling.all_stored().try_recv().is_ok(), "nothing was decided");
        settling.decide();
        let mut first = settling.all_stored();
        settling.decide();
        let mut second = settling.all_stored();
        settling.store();
        assert!(first.try_recv().is_ok() && second.try_recv().is_err());
        settling.finish();
        assert!(second.try_recv().is_ok());
    }
}
