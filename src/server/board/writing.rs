//! What of the replica is written to a stream: everything, or what is newer than its cursor, a bounded part at a time.

use crate::server::sse::filter::Filter;
use crate::server::sse::frame::{self, Frame, Text};
use crate::server::sse::group::Step;
use crate::wire::live::{Cursor, ResetReason};

use super::{Board, State};

/// Where a part ends that is not the last: what a stopped reader may keep of it. Two hundred prices are some 60 KB.
const PART_BYTES: usize = 16_384;

/// How much of the state is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it, without marks of what was deleted or read.
    Everything,
    /// What is newer than the cursor, but notifications, which are read from the store.
    NewerState,
    /// What is newer than the cursor.
    Newer,
}

/// Where a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The cursor after it.
    pub to: Cursor,
    /// Whether nothing is left to write behind it.
    pub is_last: bool,
}

impl Board {
    /// Returns what a stream of `filter` at `from` must write next to come to the head, in one step or several.
    pub fn step(&self, filter: &Filter, from: Cursor) -> Step {
        let mut state = self.lock();
        if from.epoch != state.replica.epoch() {
            return Step::Lost(ResetReason::Epoch);
        }
        if from.seq < state.floor(filter) {
            return Step::Lost(ResetReason::Lagged);
        }
        if filter.notifications && from.n < state.notifications.floor() {
            return Step::CatchUp;
        }
        let mut text = String::new();
        let part = state.write(&mut text, filter, from, Extent::Newer);
        if text.is_empty() { Step::Quiet(part.to) } else { Step::Frame(Frame::new(&text), part) }
    }

    /// Writes a part of what a beginning stream needs before its notifications: everything, or what is newer than its cursor.
    pub fn write_state(&self, text: &mut String, filter: &Filter, from: Cursor, full: bool) -> Part {
        let extent = if full { Extent::Everything } else { Extent::NewerState };
        self.lock().write(text, filter, from, extent)
    }
}

impl State {
    /// Writes in ascending order of last change. The portfolio comes first and moves the cursor nowhere, so that a cut behind
    /// it costs a repetition and nothing else; the last event moves it to the head.
    fn write(&mut self, text: &mut String, filter: &Filter, from: Cursor, extent: Extent) -> Part {
        let mut to = Cursor { seq: self.replica.seq(), ..from };
        let since = if extent == Extent::Everything { 0 } else { from.seq };
        let mut heads = self.portfolio_heads(filter, since, extent);
        let mut changes = self.changes(filter, since, extent);
        changes.sort_unstable_by_key(|(seq, _)| *seq);
        heads.extend(changes);
        let mut heads = heads.into_iter().peekable();
        while let Some((seq, head)) = heads.next() {
            let Some((next, _)) = heads.peek() else {
                // With nothing behind it, this is the event after which everything owed has been written.
                frame::append(text, &head, to);
                break;
            };
            let at = Cursor { seq, ..to };
            frame::append(text, &head, at);
            // Events of one number belong together: a cursor between them would lose the rest.
            if text.len() >= PART_BYTES && *next > seq && seq > since {
                return Part { to: at, is_last: false };
            }
        }
        let alerts = if extent == Extent::Newer && filter.notifications { self.notifications.after(from.n) } else { &[] };
        for (n, head) in alerts {
            to.n = *n;
            frame::append(text, head, to);
        }
        Part { to, is_last: true }
    }

    fn portfolio_heads(&mut self, filter: &Filter, since: u64, extent: Extent) -> Vec<(u64, Text)> {
        let Some(portfolio_id) = filter.portfolio.as_deref() else { return Vec::new() };
        let head = self.replica.seq();
        let full = extent == Extent::Everything;
        let heads = self.portfolios.heads_since(portfolio_id, since, head, full, &self.quotes);
        heads.into_iter().map(|head| (since, head)).collect()
    }

    fn changes(&self, filter: &Filter, since: u64, extent: Extent) -> Vec<(u64, Text)> {
        let prices = filter.tickers.iter().filter_map(|ticker| self.prices.get(ticker)).filter(|(seq, _)| *seq > since);
        let mut changes: Vec<(u64, Text)> = prices.cloned().collect();
        if filter.notifications {
            changes.extend(self.log.since(since, extent == Extent::Everything));
        }
        changes
    }
}
