//! How a stream begins: `hello`, a `reset` where continuity was lost, the state or what is newer than the cursor, missed
//! notifications in pages, `status` unless the feed is live, and `synced`.

use std::sync::Arc;

use foliostream::domain::quote::Freshness;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Cursor, HelloView, ResetReason, ResetView, Resume, SyncedView};
use foliostream::wire::views::NotificationView;

use super::super::board::{Form, Head, StreamPosition, text};
use super::super::ground::Ground;
use super::super::store::{Personal, StoreError};
use super::frame::Frame;
use super::group::Group;
use super::streams::Streams;

/// Notifications read from the store at a time, some 18 KB: bounds the memory of a client that was away for long.
const PAGE: u32 = 50;

/// Unread notifications a client without a usable `n` gets.
const NEWEST_UNREAD: u32 = 200;

/// A stream that is about to begin, or that starts over after a `reset`.
#[derive(Debug)]
pub struct InitialSync {
    streams: Arc<Streams>,
    group: Arc<Group>,
    cursor: Cursor,
    /// The id of the last event, which control events repeat: the cursor may be ahead of it where nothing was owed.
    written: Cursor,
    stage: Stage,
    start: Start,
    /// Set while a full state is sent in several parts: the board's `seq` when the first part was made.
    goal: Option<u64>,
    /// Tickers to name in `hello` as unknown. `None` is a stream that starts over after a `reset`, which sends no second `hello`.
    unknown_tickers: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    State,
    Notifications,
    Synced,
    Over,
}

/// A client's last notification, and the term in which it was sent. The term is needed because a database that was restored from
/// a backup gives the same numbers a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The engine's term of the client's cursor.
    pub term: Epoch,
    /// The number `n` of the notification.
    pub n: i64,
}

impl From<Cursor> for Seen {
    fn from(cursor: Cursor) -> Self {
        Self { term: cursor.epoch, n: cursor.n }
    }
}

/// The point from which a stream starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the whole state, and the notifications the client has not seen.
    Fresh {
        /// How far the client has followed notifications, where that is usable.
        seen: Option<Seen>,
        /// Why, where the client had a cursor.
        reset: Option<ResetReason>,
    },
    /// With what is newer than the cursor.
    Replay(Cursor),
    /// Nowhere: the client was told of a term that this worker has not heard of. It is sent on with the cursor it came with, and
    /// told nothing that is older than what it has.
    Elsewhere(Cursor),
}

impl Start {
    /// Decides by the client's last event id, and by what the store knows beyond what this worker has heard.
    pub async fn decide_among(last_event_id: Option<&str>, group: &Group, streams: &Streams) -> Self {
        let Ground { board, store, .. } = &streams.ground;
        let mut head = board.head();
        let foreign = last_event_id.and_then(|text| text.parse::<Cursor>().ok()).filter(|_| streams.follows);
        if let Some(cursor) = foreign {
            let is_newer = |head: Head| cursor.epoch.number() > head.epoch.number();
            if is_newer(head) && store.has_had(cursor.epoch).await.unwrap_or(false) {
                board.come_to(cursor).await;
                head = board.head();
                if is_newer(head) {
                    return Self::Elsewhere(cursor);
                }
            }
            if cursor.n > head.n {
                // Another worker may have told what this one has not heard yet.
                head.n = head.n.max(store.last_n().await.unwrap_or_default());
            }
        }
        Self::decide(last_event_id, group.hash(), head, board.floor(group.filter()))
    }

    /// Decides by the client's last event id; bounded work, whatever it holds.
    pub fn decide(last_event_id: Option<&str>, filter: u32, head: Head, floor: u64) -> Self {
        let Some(text) = last_event_id else {
            return Self::Fresh { seen: None, reset: None };
        };
        let Ok(cursor) = text.parse::<Cursor>() else {
            return Self::Fresh { seen: None, reset: Some(ResetReason::Invalid) };
        };
        let seen = Some(Seen::from(cursor)).filter(|seen| seen.term != head.epoch || seen.n <= head.n);
        let reset = if cursor.epoch != head.epoch {
            Some(ResetReason::Epoch)
        } else if seen.is_none() {
            Some(ResetReason::Invalid)
        } else if cursor.filter != filter {
            Some(ResetReason::Filter)
        } else if cursor.seq > head.seq {
            Some(ResetReason::Invalid)
        } else if cursor.seq == 0 {
            // Cut before `synced`: the state was never whole.
            return Self::Fresh { seen, reset: None };
        } else if cursor.seq < floor {
            Some(ResetReason::Evicted)
        } else {
            return Self::Replay(cursor);
        };
        Self::Fresh { seen, reset }
    }
}

impl InitialSync {
    /// Prepares the opening of a stream that starts at `start`.
    pub fn new(streams: Arc<Streams>, group: Arc<Group>, start: Start, unknown_tickers: Option<Vec<String>>) -> Self {
        let epoch = streams.ground.board.epoch();
        let mut cursor = match start {
            Start::Replay(cursor) | Start::Elsewhere(cursor) => cursor,
            Start::Fresh { seen, .. } => Cursor { epoch, filter: group.hash(), n: seen.map_or(0, |seen| seen.n), seq: 0 },
        };
        if group.filter().notifications.is_none() && !matches!(start, Start::Elsewhere(_)) {
            // Whatever a client made up: streams that carry none stand at one cursor and share their steps.
            cursor.n = 0;
        }
        Self { streams, group, cursor, written: cursor, stage: Stage::State, start, goal: None, unknown_tickers }
    }

    /// Returns where the stream stands.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns the id of the last event.
    pub fn written(&self) -> Cursor {
        self.written
    }

    /// Returns the next frame, or nothing when the stream is synced.
    pub async fn next(&mut self) -> Result<Option<Frame>, StoreError> {
        loop {
            let mut frame = String::new();
            match self.stage {
                Stage::State => self.state(&mut frame).await?,
                Stage::Notifications => self.notifications(&mut frame).await?,
                Stage::Synced => self.synced(&mut frame).await?,
                Stage::Over => return Ok(None),
            }
            if !frame.is_empty() {
                return Ok(Some(Frame::new(&frame)));
            }
        }
    }

    async fn state(&mut self, frame: &mut String) -> Result<(), StoreError> {
        if matches!(self.start, Start::Elsewhere(_)) {
            self.hello(frame);
            self.stage = Stage::Over;
            return Ok(());
        }
        if self.goal.is_some() || matches!(self.start, Start::Replay(_)) {
            self.start_over_where_broken();
        }
        let is_first = self.goal.is_none();
        let carries_notifications = self.group.filter().notifications.is_some();
        if carries_notifications && is_first {
            self.find_first_notification().await?;
        }
        self.hello(frame);
        let full = matches!(self.start, Start::Fresh { .. });
        if let Start::Fresh { reset: Some(reason), .. } = self.start
            && is_first
        {
            metrics::counter!("foliostream_resets_total", "reason" => reason.as_str()).increment(1);
            text::append(frame, &text::head("reset", &ResetView { reason }), self.cursor);
        }
        if is_first {
            self.written = self.cursor;
        }
        let before = frame.len();
        let from = StreamPosition { cursor: self.cursor, goal: self.goal };
        let StreamPosition { cursor, goal } = self.streams.ground.board.write_state(frame, self.group.filter(), from, full);
        (self.cursor, self.goal) = (cursor, goal);
        let holds_ids = full && carries_notifications && goal.is_some();
        if frame.len() > before && !holds_ids {
            self.written = self.cursor;
        }
        if goal.is_some() {
            return Ok(());
        }
        self.stage = if carries_notifications { Stage::Notifications } else { Stage::Synced };
        Ok(())
    }

    /// Begins with the whole state again where the board has moved on from what the cursor, or the parts before, build upon.
    fn start_over_where_broken(&mut self) {
        let board = &self.streams.ground.board;
        let reason = if board.epoch() != self.cursor.epoch {
            ResetReason::Epoch
        } else if self.cursor.seq < board.floor(self.group.filter()) {
            ResetReason::Lagged
        } else {
            return;
        };
        let seen = match self.start {
            Start::Fresh { seen, .. } => seen,
            Start::Replay(cursor) | Start::Elsewhere(cursor) => Some(Seen::from(cursor)),
        };
        self.start = Start::Fresh { seen, reset: Some(reason) };
        self.cursor = Cursor { epoch: board.epoch(), seq: 0, ..self.cursor };
        self.goal = None;
    }

    /// Finds after which notification those come that are owed: what was seen in another term counts as far as it is in this
    /// history, and without a usable number the newest unread ones are owed.
    async fn find_first_notification(&mut self) -> Result<(), StoreError> {
        let Start::Fresh { seen, reset } = self.start else { return Ok(()) };
        let known = match seen {
            Some(Seen { term, n }) if term != self.cursor.epoch => self.streams.ground.store.notification_seen(term, n).await?,
            Some(Seen { n, .. }) => Some(n),
            None => None,
        };
        self.start = Start::Fresh { seen: known.map(|n| Seen { term: self.cursor.epoch, n }), reset };
        self.cursor.n = match known {
            Some(n) => n,
            None => self.before_newest_unread().await?,
        };
        Ok(())
    }

    /// Returns the `n` just before the newest unread ones, or the last of all when nothing is unread; none that this worker has
    /// not heard of.
    async fn before_newest_unread(&self) -> Result<i64, StoreError> {
        let unread = match self.inbox() {
            Some(inbox) => inbox.unread_newest(NEWEST_UNREAD).await?,
            None => Vec::new(),
        };
        let before = match unread.first() {
            Some(oldest) => oldest.n - 1,
            None => self.streams.ground.store.last_n().await?,
        };
        Ok(self.streams.ground.board.last_n_in(self.cursor.epoch).map_or(before, |last| before.min(last)))
    }

    /// Returns the store as the user sees it whose notifications the stream carries.
    fn inbox(&self) -> Option<Personal<'_>> {
        self.group.filter().notifications.as_ref().map(|owner| self.streams.ground.store.of(owner))
    }

    fn hello(&mut self, frame: &mut String) {
        use std::fmt::Write;
        let Some(unknown_tickers) = self.unknown_tickers.take() else { return };
        let hello = HelloView {
            protocol: 1,
            epoch: self.cursor.epoch.to_string(),
            resume: if matches!(self.start, Start::Fresh { .. }) { Resume::Snapshot } else { Resume::Replay },
            heartbeat_s: self.streams.heartbeat_s,
            server_time: self.streams.ground.clock.now(),
            worker: self.streams.worker.to_string(),
            unknown_tickers,
            format: (self.group.filter().form == Form::Compact).then(|| "compact".to_owned()),
        };
        // Different per connection, so that the clients do not all come back at once after a restart. It stands in the block of
        // `hello`: a block of `retry:` alone is an empty event to several clients. Writing to a String cannot fail.
        let _ = writeln!(frame, "retry: {}", rand::random_range(2_400..=3_600));
        text::append(frame, &text::head("hello", &hello), self.cursor);
    }

    /// Writes a page of stored notifications, up to the newest that this worker knows of in the cursor's term. The store may be
    /// ahead, even in a later term: a cursor that counted such a notification as one of this term would make the client receive
    /// it twice.
    async fn notifications(&mut self, frame: &mut String) -> Result<(), StoreError> {
        let Some(last) = self.streams.ground.board.last_n_in(self.cursor.epoch) else {
            // The term is over. The next step finds the cursor in an old term, and the stream starts over with a `reset`.
            self.stage = Stage::Synced;
            return Ok(());
        };
        let Some(inbox) = self.inbox() else { return Ok(()) };
        let page = inbox.notifications_after(self.cursor.n, PAGE).await?;
        let is_last = page.len() < PAGE as usize || page.last().is_some_and(|newest| newest.n >= last);
        // Without a usable n only unread ones are owed; with one, every one after it.
        let unread_only = matches!(self.start, Start::Fresh { seen: None, .. });
        for notification in page.into_iter().filter(|notification| notification.n <= last) {
            self.cursor.n = notification.n;
            if !(unread_only && notification.read) {
                let replayed = NotificationView::replayed(notification);
                text::append(frame, &text::head("alert_triggered", &replayed), self.cursor);
                self.written = self.cursor;
            }
        }
        if is_last {
            // Some may have been deleted since they were announced.
            self.cursor.n = self.cursor.n.max(last);
            self.stage = Stage::Synced;
        }
        Ok(())
    }

    async fn synced(&mut self, frame: &mut String) -> Result<(), StoreError> {
        let unread_count = match self.inbox() {
            Some(inbox) => Some(inbox.unread_count().await?),
            None => None,
        };
        let status = self.streams.ground.board.status();
        if status.feed != Freshness::Live {
            text::append(frame, &text::head("status", &status), self.written);
        }
        text::append(frame, &text::head("synced", &SyncedView { cursor: self.cursor, unread_count }), self.cursor);
        self.written = self.cursor;
        self.stage = Stage::Over;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
