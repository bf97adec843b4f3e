//! What a stream is, however it is written: an opening, then whatever is newer than its cursor each time it is asked.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use foliostream::wire::live::{ByeReason, ByeView, Cursor};

use super::frame::Frame;
use super::group::Group;
use super::initial_sync::{InitialSync, Seen, Start};
use super::limits::Ticket;
use super::place::Place;
use super::streams::Streams;
use crate::board::{Board, Notice, Step, StreamPosition, text};
use crate::store::StoreError;

type Opened = (InitialSync, Result<Option<Frame>, StoreError>);

/// One stream: a cursor and little else. It is asked only while the client takes bytes, so a stopped reader's cursor grows old
/// and costs nothing.
pub struct Follower {
    streams: Arc<Streams>,
    group: Arc<Group>,
    ticket: Ticket,
    standing: StreamPosition,
    /// The id of the last event, which control events repeat: the cursor moves on where nothing is owed.
    written: Cursor,
    phase: Phase,
    /// Whether anything was said: `hello` comes before a `bye`.
    has_begun: bool,
    told: Told,
    min_interval_ms: u32,
    last_step_ms: i64,
}

/// What of the board's newest a stream has told. Whole numbers of 32 bits: only whether one changed matters, and there are
/// thousands of streams.
#[derive(Clone, Copy)]
struct Told {
    status: u32,
    metrics: u32,
    presence: u32,
}

enum Phase {
    /// Boxed, so that the thousands of streams that are past it do not carry it.
    InitialSync(Pin<Box<dyn Future<Output = Opened> + Send>>),
    Live,
    Over,
}

impl Follower {
    /// Starts a stream at its opening.
    pub fn new(opening: InitialSync, streams: Arc<Streams>, group: Arc<Group>, ticket: Ticket, min_interval_ms: u32) -> Self {
        group.enter(ticket.place());
        end_what_was_announced_before(&streams, &group, ticket.place());
        streams.wheel.insert(Arc::clone(ticket.place()));
        streams.open.fetch_add(1, Ordering::Relaxed);
        // The newest metrics are told at once: 0 is no version that was ever posted.
        let presence = group.presence().map_or(0, |notice| notice.version());
        let told = Told { status: status_version(&streams.ground.board), metrics: 0, presence };
        Self {
            told,
            standing: StreamPosition::at(opening.cursor()),
            written: opening.written(),
            phase: Phase::InitialSync(Box::pin(advance(opening))),
            has_begun: false,
            streams,
            group,
            ticket,
            min_interval_ms,
            last_step_ms: i64::MIN,
        }
    }

    /// Returns what others know of the stream.
    pub fn place(&self) -> &Arc<Place> {
        self.ticket.place()
    }

    /// Returns the streams it shares its frames with.
    pub fn group(&self) -> &Arc<Group> {
        &self.group
    }

    /// Returns what every stream shares.
    pub fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    /// Returns the next frame that is due at `now_ms`, or nothing when the stream is over. While it is pending, the caller's task
    /// is woken by what the opening waits for, with the group, or through the place.
    pub fn poll_next(&mut self, context: &mut Context<'_>, now_ms: i64) -> Poll<Option<Frame>> {
        loop {
            let frame = match self.phase {
                Phase::InitialSync(_) => match self.bye_within_opening(now_ms) {
                    None => std::task::ready!(self.poll_opening(context)),
                    bye => bye,
                },
                Phase::Live => match self.next_live(now_ms) {
                    None if matches!(self.phase, Phase::Live) => return Poll::Pending,
                    frame => frame,
                },
                Phase::Over => return Poll::Ready(None),
            };
            if let Some(frame) = frame {
                self.has_begun = true;
                self.ticket.place().wrote(now_ms);
                self.streams.frames.fetch_add(1, Ordering::Relaxed);
                self.streams.bytes.fetch_add(frame.len() as u64, Ordering::Relaxed);
                return Poll::Ready(Some(frame));
            }
        }
    }

    /// Ends a stream between the frames of an opening, which may be many.
    fn bye_within_opening(&mut self, now_ms: i64) -> Option<Frame> {
        let (bye_at, reason) = self.ticket.place().bye();
        (self.has_begun && now_ms >= bye_at).then(|| self.say_bye(reason))
    }

    fn poll_opening(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        let Phase::InitialSync(opening) = &mut self.phase else { return Poll::Ready(None) };
        let (opening, outcome) = std::task::ready!(opening.as_mut().poll(context));
        self.standing = StreamPosition::at(opening.cursor());
        self.written = opening.written();
        match outcome {
            Ok(Some(frame)) => {
                self.phase = Phase::InitialSync(Box::pin(advance(opening)));
                Poll::Ready(Some(frame))
            }
            Ok(None) => {
                self.phase = Phase::Live;
                Poll::Ready(None)
            }
            Err(error) => {
                // The client comes back with its cursor and finds everything still owed to it.
                tracing::error!("a stream ended because the store did not answer: {error}");
                self.phase = Phase::Over;
                Poll::Ready(None)
            }
        }
    }

    /// Returns what is due now, in order of weight: the end, the feed's status, news, how workers are and who came, a heartbeat.
    fn next_live(&mut self, now_ms: i64) -> Option<Frame> {
        let (bye_at, reason) = self.ticket.place().bye();
        if now_ms >= bye_at {
            return Some(self.say_bye(reason));
        }
        let version = status_version(&self.streams.ground.board);
        if self.told.status != version {
            self.told.status = version;
            return Some(self.control("status", &self.streams.ground.board.status()));
        }
        if let Some(frame) = self.next_step(now_ms) {
            return Some(frame);
        }
        // A step that has to be caught up with comes first, whatever else there is to say.
        if !matches!(self.phase, Phase::Live) {
            return None;
        }
        self.next_notice().or_else(|| self.heartbeat(now_ms))
    }

    /// Returns what the workers say of themselves and who came or went, where the stream carries it and has not told it.
    fn next_notice(&mut self) -> Option<Frame> {
        let (filter, notices) = (self.group.filter(), self.streams.ground.board.notices());
        let mut events = String::new();
        let mut tell = |told: &mut u32, notice: &Notice| {
            let version = notice.version();
            if std::mem::replace(told, version) != version {
                notice.texts().iter().for_each(|text| text::append(&mut events, text, self.written));
            }
        };
        if filter.metrics {
            tell(&mut self.told.metrics, &notices.metrics);
        }
        if let Some(presence) = self.group.presence() {
            tell(&mut self.told.presence, presence);
        }
        (!events.is_empty()).then(|| Frame::new(&events))
    }

    fn next_step(&mut self, now_ms: i64) -> Option<Frame> {
        let head = self.streams.ground.board.head();
        let cursor = self.standing.cursor;
        let alert_waits = self.group.filter().notifications.is_some() && (head.n > cursor.n || head.alerts > cursor.seq);
        if (head.epoch, head.seq) == (cursor.epoch, cursor.seq) && !alert_waits {
            return None;
        }
        let min_interval_ms = i64::from(self.min_interval_ms);
        let is_too_soon = now_ms.saturating_sub(self.last_step_ms) < min_interval_ms;
        if is_too_soon && self.standing.is_between_steps() && !alert_waits {
            self.ticket.place().release_at(self.last_step_ms.saturating_add(min_interval_ms));
            self.streams.wheel.insert(Arc::clone(self.ticket.place()));
            return None;
        }
        self.ticket.place().release_at(i64::MAX);
        match self.group.step(&self.streams.ground.board, self.standing) {
            Step::Quiet(to) => {
                self.standing = StreamPosition::at(to);
                None
            }
            Step::Written(frame, to) => {
                (self.standing, self.written) = (to, to.cursor);
                if to.is_between_steps() {
                    self.last_step_ms = now_ms;
                }
                Some(frame)
            }
            Step::CatchUp => {
                self.reopen(Start::Replay(cursor));
                None
            }
            Step::Lost(reason) => {
                self.reopen(Start::Fresh { seen: Some(Seen::from(cursor)), reset: Some(reason) });
                None
            }
        }
    }

    fn reopen(&mut self, start: Start) {
        let opening = InitialSync::new(Arc::clone(&self.streams), Arc::clone(&self.group), start, None);
        self.phase = Phase::InitialSync(Box::pin(advance(opening)));
    }

    fn heartbeat(&mut self, now_ms: i64) -> Option<Frame> {
        if now_ms < self.ticket.place().heartbeat_due_ms(self.streams.wheel.heartbeat_ms()) {
            return None;
        }
        let time = serde_json::json!({ "time": foliostream::wire::views::millis::to_text(&self.streams.ground.clock.now()) });
        let mut event = String::from(": heartbeat\n");
        text::append(&mut event, &text::head("heartbeat", &time), self.written);
        Some(Frame::new(&event))
    }

    fn say_bye(&mut self, reason: ByeReason) -> Frame {
        self.phase = Phase::Over;
        metrics::counter!("foliostream_streams_closed_total", "reason" => reason.as_str()).increment(1);
        self.control("bye", &ByeView { reason })
    }

    fn control(&self, name: &str, view: &impl serde::Serialize) -> Frame {
        let mut event = String::new();
        text::append(&mut event, &text::head(name, view), self.written);
        Frame::new(&event)
    }
}

/// Ends a stream that entered its group after everybody there was told to end.
fn end_what_was_announced_before(streams: &Streams, group: &Group, place: &Place) {
    if streams.is_draining.load(Ordering::SeqCst) {
        place.end_at(i64::MIN, ByeReason::Drain);
    }
    if group.filter().portfolio.as_deref().is_some_and(|id| !streams.ground.board.has_portfolio(id)) {
        place.end_at(i64::MIN, ByeReason::Done);
    }
}

/// Returns the board's number in the width a stream keeps it.
fn status_version(board: &Board) -> u32 {
    board.status_version() as u32
}

/// Asks an opening for its next bytes, and hands it back with them.
async fn advance(mut opening: InitialSync) -> Opened {
    let outcome = opening.next().await;
    (opening, outcome)
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.streams.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_stays_small() {
        assert!(size_of::<Follower>() <= 216, "{} bytes", size_of::<Follower>());
    }
}
