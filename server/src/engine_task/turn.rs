//! How much of a batch the engine is shown at once. One push of some kilobytes may set off thousands of alerts a hundred times
//! over: a part of it is shown, the rest is parked and goes on between other work, in order.

use super::EngineTask;
use super::batch::{Batch, Origin};
use super::push_key::PushKey;
use super::pushes::Todo;
use foliostream::domain::moment::Moment;

/// Decisions that a batch may lead to in one turn. The tick that reaches it is shown to all its alerts, of which there are a
/// thousand at most.
const DECISIONS_A_TURN: usize = 256;

/// Looks that alerts may take in one turn: some milliseconds' worth.
const LOOKS_A_TURN: usize = 50_000;

/// Decisions that may wait for the disk before a parked batch stops: what a transaction writes in some ten milliseconds.
const DECISIONS_OF_PARKED: usize = 1_024;

/// Decisions that may wait for the disk before anything stops that could lead to more: a firing must never be lost.
const MOST_DECISIONS: usize = 4_096;

/// What a turn may still do.
struct Budget {
    decisions: usize,
    looks: usize,
}

impl EngineTask {
    /// Takes a batch that has come: as much of it as its turn allows, unless it has to wait behind others.
    pub(super) fn take_batch(&mut self, mut batch: Batch, now: Moment) {
        if self.parked.holds_back_all(&batch) {
            return self.parked.park(batch);
        }
        let held = self.show(&mut batch, MOST_DECISIONS, now);
        self.note_applied(&mut batch);
        if batch.next().is_some() {
            self.parked.park(batch);
        }
        if let Some(held) = held {
            self.parked.park(held);
        }
    }

    /// Returns whether a parked batch may go on now.
    pub(super) fn may_go_on(&self) -> bool {
        !self.parked.is_empty() && self.unsaved.decided() < DECISIONS_OF_PARKED && self.parts.bus.is_ready()
    }

    /// Goes on with the batch that has been parked longest.
    pub(super) fn go_on(&mut self, now: Moment) {
        if !self.may_go_on() {
            return;
        }
        let Some(mut batch) = self.parked.take_first() else { return };
        let mut budget = Budget { decisions: self.unsaved.decided() + DECISIONS_A_TURN, looks: LOOKS_A_TURN };
        while let Some(tick) = batch.next()
            && budget.allows(self.engine.watching(&tick.ticker), self.unsaved.decided())
        {
            self.parked.release(&tick.ticker);
            self.show_next(&mut batch, now);
        }
        self.note_applied(&mut batch);
        self.parked.put_back(batch);
    }

    /// Takes a push with a key, which may have come before.
    pub(super) fn take_push(&mut self, push: &PushKey, batch: Batch, now: Moment) {
        match self.pushes.take(push, batch) {
            Todo::Apply(batch) => self.take_batch(batch, now),
            Todo::Answer(answer) => self.unsaved.answer([answer]),
            Todo::Nothing => {}
        }
    }

    fn note_applied(&mut self, batch: &mut Batch) {
        self.unsaved.applied(batch);
        self.unsaved.answer(self.pushes.applied(batch));
    }

    /// Shows the engine a batch until its turn is over or a tick must wait; where later ticks may pass it, what had to wait is
    /// returned as a batch of its own.
    fn show(&mut self, batch: &mut Batch, most: usize, now: Moment) -> Option<Batch> {
        let mut budget = Budget { decisions: (self.unsaved.decided() + DECISIONS_A_TURN).min(most), looks: LOOKS_A_TURN };
        let mut held = Vec::new();
        while let Some(tick) = batch.next() {
            let watching = self.engine.watching(&tick.ticker);
            let must_wait = self.parked.holds_back(&tick.ticker) || !budget.allows(watching, self.unsaved.decided());
            match (must_wait, batch.is_loose()) {
                (false, _) => self.show_next(batch, now),
                (true, true) => held.extend(batch.take()),
                (true, false) => break,
            }
        }
        (!held.is_empty()).then(|| Batch::new(held, batch.origin().clone(), None))
    }

    fn show_next(&mut self, batch: &mut Batch, now: Moment) {
        if let Some(tick) = batch.take() {
            let is_fed = *batch.origin() == Origin::Feed;
            let is_observed = if is_fed { self.observe_fed(tick, now) } else { self.observe(tick, now) };
            batch.count(is_observed);
        }
    }
}

impl Budget {
    /// Returns whether a tick may be shown that so many alerts look at. One that none looks at decides nothing.
    fn allows(&mut self, watching: usize, decided: usize) -> bool {
        if watching == 0 {
            return true;
        }
        let allowed = decided < self.decisions && self.looks > 0;
        self.looks = self.looks.saturating_sub(if allowed { watching } else { 0 });
        allowed
    }
}
