//! Ticks that came together, and those of them that must wait: what one push makes the engine do is bounded, and the rest of it
//! goes on between other work.

use std::collections::{HashMap, VecDeque};

use tokio::sync::oneshot;

use super::outcome::{NotKept, ObserveError, Observed};
use super::push_key::PushKey;
use crate::store::AppliedCall;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::quote::Tick;

/// Ticks that wait at most: about 10 MB. Beyond it no work is taken, and the feeds and pushers wait.
const MOST_PARKED: usize = 50_000;

/// Where ticks come from, and by what they are known should they be taken again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From this process, which brings them once.
    Here,
    /// From the feed, which alone brings its tickers, and brings them again after a restart.
    Feed,
    /// From a call, by its name.
    Call(String),
    /// From a push with a key, which may come again.
    Push(PushKey),
    /// From the Stream of other programs' quotes: the entry of each tick.
    Entries(Vec<String>),
}

/// Ticks that came together, observed in order, and how many of them were.
#[derive(Debug)]
pub(crate) struct Batch {
    ticks: VecDeque<Tick>,
    origin: Origin,
    applied: usize,
    observed: Observed,
    answer: Option<Answer>,
}

/// The one who waits for the outcome of a batch.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Hears what became of the ticks once that is stored, or that it could not be stored yet.
    pub outcome: Option<oneshot::Sender<Result<Observed, ObserveError>>>,
    /// Hears that it is stored, however long that takes.
    pub stored: Option<oneshot::Sender<()>>,
    /// What became of the ticks so far.
    pub observed: Observed,
}

impl Answer {
    /// Reports that it is stored. The one who waited may be gone; the ticks count all the same.
    pub(crate) fn stored(mut self) {
        if let Some(outcome) = self.outcome.take() {
            let _ = outcome.send(Ok(self.observed));
        }
        if let Some(stored) = self.stored.take() {
            let _ = stored.send(());
        }
    }

    /// Reports that it is not stored yet.
    pub(crate) fn refused(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            let _ = outcome.send(Err(NotKept.into()));
        }
    }

    /// Reports why nothing is done; there is nothing more to wait for.
    pub(crate) fn withheld(mut self, why: ObserveError) {
        if let Some(outcome) = self.outcome.take() {
            let _ = outcome.send(Err(why));
        }
        self.stored();
    }
}

impl Batch {
    /// Makes a batch of ticks that nothing was applied of yet.
    pub(crate) fn new(ticks: Vec<Tick>, origin: Origin, answer: Option<Answer>) -> Self {
        Self { ticks: ticks.into(), origin, applied: 0, observed: Observed::default(), answer }
    }

    /// Goes on behind what an earlier engine has applied of it.
    pub(crate) fn behind(mut self, before: &AppliedCall) -> Self {
        self.applied = before.ticks.min(self.ticks.len());
        self.ticks.drain(..self.applied);
        self.observed = Observed { accepted: before.accepted, ignored: before.ignored };
        self
    }

    /// Returns where it comes from.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the next tick.
    pub(crate) fn next(&self) -> Option<&Tick> {
        self.ticks.front()
    }

    /// Takes the next tick.
    pub(crate) fn take(&mut self) -> Option<Tick> {
        self.ticks.pop_front()
    }

    /// Counts a tick that was shown to the engine.
    pub(crate) fn count(&mut self, is_observed: bool) {
        self.applied += 1;
        if is_observed { self.observed.accepted += 1 } else { self.observed.ignored += 1 }
    }

    /// Returns how many ticks were shown to the engine.
    pub(crate) fn applied(&self) -> usize {
        self.applied
    }

    /// Returns what became of the ticks so far.
    pub(crate) fn observed(&self) -> Observed {
        self.observed
    }

    /// Takes who waits for it, who will be answered without it.
    pub(crate) fn give_up(&mut self) -> Option<Answer> {
        self.answer.take()
    }

    /// Returns how far it was applied, as a call of this name.
    pub(crate) fn applied_call(&self, call_id: &str) -> AppliedCall {
        let Observed { accepted, ignored } = self.observed;
        AppliedCall { call_id: call_id.to_owned(), ticks: self.applied, accepted, ignored, whole: self.ticks.is_empty() }
    }

    /// Takes who waits for it, once all of it was applied.
    pub(crate) fn take_answer(&mut self) -> Option<Answer> {
        let answer = if self.ticks.is_empty() { self.answer.take() } else { None };
        answer.map(|answer| Answer { observed: self.observed, ..answer })
    }

    /// Returns whether a tick that must wait lets later ones of other tickers pass. It does where no answer says how far the
    /// batch was applied.
    pub(crate) fn is_loose(&self) -> bool {
        self.origin == Origin::Feed || self.origin == Origin::Here && self.answer.is_none()
    }
}

/// Batches whose rest waits, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    batches: VecDeque<Batch>,
    /// How many ticks of each ticker wait: later ones wait behind them.
    tickers: HashMap<Ticker, usize>,
    ticks: usize,
    entries: usize,
}

impl Parked {
    /// Returns whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Returns whether there is room for more.
    pub(crate) fn has_room(&self) -> bool {
        self.ticks < MOST_PARKED
    }

    /// Returns how many batches wait.
    pub(crate) fn len(&self) -> usize {
        self.batches.len()
    }

    /// Returns whether a tick that came later must wait behind one of its ticker.
    pub(crate) fn holds_back(&self, ticker: &Ticker) -> bool {
        self.tickers.contains_key(ticker)
    }

    /// Returns whether a batch that came later must wait as a whole: entries are marked as applied up to one of them.
    pub(crate) fn holds_back_all(&self, batch: &Batch) -> bool {
        self.entries > 0 && matches!(batch.origin, Origin::Entries(_))
    }

    /// Lets the rest of a batch wait behind those that wait already.
    pub(crate) fn park(&mut self, batch: Batch) {
        for tick in &batch.ticks {
            *self.tickers.entry(tick.ticker.clone()).or_default() += 1;
        }
        self.ticks += batch.ticks.len();
        self.entries += usize::from(matches!(batch.origin, Origin::Entries(_)));
        self.batches.push_back(batch);
    }

    /// Takes the batch that has waited longest; its ticks still hold others back.
    pub(crate) fn take_first(&mut self) -> Option<Batch> {
        self.batches.pop_front()
    }

    /// Lets later ticks of a ticker pass one that waits no more.
    pub(crate) fn release(&mut self, ticker: &Ticker) {
        self.ticks -= 1;
        if let Some(count) = self.tickers.get_mut(ticker) {
            *count -= 1;
            if *count == 0 {
                self.tickers.remove(ticker);
            }
        }
    }

    /// Puts back what is left of the batch that was taken first, unless that is nothing.
    pub(crate) fn put_back(&mut self, batch: Batch) {
        if batch.next().is_some() {
            self.batches.push_front(batch);
        } else {
            self.entries -= usize::from(matches!(batch.origin, Origin::Entries(_)));
        }
    }
}
