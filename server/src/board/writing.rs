//! What of the replica is written to a stream: everything, or what is newer than its cursor, a bounded part at a time.

use foliostream::wire::live::{Cursor, ResetReason};

use super::filter::{Filter, Form};
use super::step::{Step, StreamPosition};
use super::text::{self, Text};
use super::{Board, State, compact, log};

/// Where a part ends that is not the last: what a stopped reader may keep of it. Two hundred prices are some 60 KB. A
/// portfolio is not parted, and comes on top; nor is a frame of the compact form, of which two hundred prices are 9 KB.
pub const PART_BYTES: usize = 16_384;

/// About what an event's id takes beside its text.
const ID_BYTES: usize = 40;

/// The part of the state that a step writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it, without marks of what was deleted or read.
    Everything,
    /// The parts of it behind the first: what is newer than the cursor, but notifications, which are read from the store.
    RestOfEverything,
    /// What is newer than the cursor, but notifications.
    NewerState,
    /// What is newer than the cursor.
    Newer,
}

impl Board {
    /// Returns what a stream of `filter` at `from` must write next to come to the head, in one part or several.
    pub fn step(&self, filter: &Filter, from: StreamPosition) -> Step<String> {
        self.value_in_turns(filter.portfolio.as_deref());
        let mut state = self.lock();
        if from.cursor.epoch != state.numbers.epoch() {
            return Step::Lost(ResetReason::Epoch);
        }
        if from.cursor.seq < state.floor(filter) {
            return Step::Lost(ResetReason::Lagged);
        }
        if filter.notifications.is_some() && from.cursor.n < state.notifications.floor() {
            return Step::CatchUp;
        }
        let mut text = String::new();
        let to = state.write(&mut text, filter, from, Extent::Newer);
        if text.is_empty() { Step::Quiet(to.cursor) } else { Step::Written(text, to) }
    }

    /// Writes a part of what a beginning stream needs before its notifications: of everything, or of what is newer than its
    /// cursor.
    pub fn write_state(&self, text: &mut String, filter: &Filter, from: StreamPosition, full: bool) -> StreamPosition {
        let extent = match full {
            true if from.is_between_steps() => Extent::Everything,
            true => Extent::RestOfEverything,
            false => Extent::NewerState,
        };
        self.value_in_turns(filter.portfolio.as_deref());
        self.lock().write(text, filter, from, extent)
    }
}

impl State {
    /// Writes in ascending order of last change. The portfolio, or the frame, comes first, with the first part and, as far as it changed
    /// meanwhile, with the last; it moves the cursor nowhere, so that a cut behind it costs a repetition and nothing else. The
    /// last event of all moves it to the head.
    fn write(&mut self, text: &mut String, filter: &Filter, from: StreamPosition, extent: Extent) -> StreamPosition {
        let head = self.numbers.seq();
        let since = if extent == Extent::Everything { 0 } else { from.cursor.seq };
        let mut changes = self.changes(filter, since, extent);
        changes.sort_by_key(|(seq, _)| *seq);
        let later = changes.split_off(part_of(&changes));
        let goal = from.goal.unwrap_or(head);
        let is_last = later.first().is_none_or(|(seq, _)| *seq > goal);
        let next = later.first().map(|(seq, _)| *seq);
        let to = match (next, changes.last()) {
            (None, _) => head,
            (Some(_), Some((seq, _))) => *seq,
            (Some(_), None) => since,
        };
        let told = match from.goal {
            None => Some(since),
            Some(goal) => is_last.then_some(goal),
        };
        let heads = told.map(|told| self.figures(filter, told, extent)).unwrap_or_default();
        let mut heads: Vec<(u64, Text)> = heads.into_iter().map(|head| (since, head)).collect();
        heads.extend(changes);
        let mut ids = Ids { last: since, to, is_held: extent.is_full() && filter.notifications.is_some(), is_last };
        let mut heads = heads.into_iter().peekable();
        while let Some((seq, head)) = heads.next() {
            let next = heads.peek().map(|(seq, _)| *seq);
            text::append(text, &head, Cursor { seq: ids.after(seq, next), ..from.cursor });
        }
        let mut cursor = Cursor { seq: to, ..from.cursor };
        if let Some(owner) = filter.notifications.as_ref().filter(|_| is_last && extent == Extent::Newer) {
            for (n, head) in self.notifications.after(owner, cursor.n) {
                cursor.n = n;
                text::append(text, head, cursor);
            }
            // Those of other users are not owed: without this step the stream would stand behind them for ever.
            cursor.n = cursor.n.max(self.notifications.last_n());
        }
        StreamPosition { cursor, goal: (!is_last).then_some(goal) }
    }

    /// Returns the portfolio's events where it changed after `told`, in the compact form with the prices that did. They are written
    /// under a number that moves no cursor.
    fn figures(&mut self, filter: &Filter, told: u64, extent: Extent) -> Vec<Text> {
        let (seq, full) = (self.numbers.seq(), extent == Extent::Everything);
        let portfolio_id = filter.portfolio.as_deref();
        match filter.form {
            Form::Full => {
                portfolio_id.map(|id| self.portfolios.heads_since(id, told, seq, full, &self.quotes)).unwrap_or_default()
            }
            Form::Compact => {
                let changed =
                    portfolio_id.filter(|_| !full).map(|id| self.portfolios.changed_since(id, told)).unwrap_or_default();
                let look = compact::Look { seq, ledger_changes: self.ledger_changes };
                let frame = self.compact.frame(filter, extent.of_frame(told), look, &mut self.portfolios, &self.quotes);
                changed.into_iter().chain(frame).collect()
            }
        }
    }

    fn changes(&self, filter: &Filter, since: u64, extent: Extent) -> Vec<(u64, Text)> {
        let tickers = if filter.form == Form::Full { &*filter.tickers } else { &[] };
        let prices = tickers.iter().filter_map(|ticker| self.prices.get(ticker)).filter(|(seq, _)| *seq > since);
        let mut changes: Vec<(u64, Text)> = prices.cloned().collect();
        if let Some(log) = filter.notifications.as_ref().and_then(|owner| self.logs.of(owner)) {
            changes.extend(log.since(since, extent.of_log()));
        }
        if let Some(jobs) = &filter.jobs {
            // What a snapshot brought may stand at 0.
            changes.extend(self.jobs.of_stream(jobs, (extent != Extent::Everything).then_some(since)));
        }
        changes
    }
}

impl Extent {
    /// A stream that begins needs the present state, and what changed of it meanwhile; not the events that led to it.
    fn of_log(self) -> log::Extent {
        match self {
            Self::Everything => log::Extent::State,
            Self::RestOfEverything => log::Extent::Newest,
            Self::NewerState | Self::Newer => log::Extent::All,
        }
    }

    /// A client that connects is told what was written on another connection: names.
    fn of_frame(self, told: u64) -> compact::Extent {
        match self {
            Self::Everything => compact::Extent::Everything,
            Self::NewerState => compact::Extent::First(told),
            Self::RestOfEverything | Self::Newer => compact::Extent::Newer(told),
        }
    }

    /// Returns whether a client has nothing to rely on before the whole is written.
    fn is_full(self) -> bool {
        matches!(self, Self::Everything | Self::RestOfEverything)
    }
}

/// The numbers that the events of a part are written with.
struct Ids {
    /// All up to this has been written.
    last: u64,
    /// The number of the part's last event.
    to: u64,
    /// Whether a client that is cut here must start with the full state again. A worker that began with a snapshot gives all
    /// alerts of it one number, which differs from worker to worker: a full state that was half written by one worker cannot be
    /// continued by another.
    is_held: bool,
    is_last: bool,
}

impl Ids {
    /// Returns the number of an event that happened at `seq` and is followed by one of `next`, or by none in this part.
    fn after(&mut self, seq: u64, next: Option<u64>) -> u64 {
        self.last = match next {
            None if self.is_last || !self.is_held => self.to,
            _ if self.is_held => 0,
            Some(next) if next > seq => seq,
            // Events of one number belong together: a cursor between them would lose the rest.
            _ => self.last,
        };
        self.last
    }
}

/// Returns how many changes a part takes: as many as have room, but never some of one number without the others.
fn part_of(changes: &[(u64, Text)]) -> usize {
    let mut bytes = 0;
    let full = changes.iter().position(|(_, head)| {
        bytes += head.len() + ID_BYTES;
        bytes >= PART_BYTES
    });
    let Some(full) = full else { return changes.len() };
    let seq = changes[full].0;
    changes.partition_point(|(other, _)| *other <= seq)
}
