//! Cursors, and the numbered events that move a replica.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::instrument::Instrument;
use crate::domain::source::SourceName;

use super::epoch::{CursorError, Epoch};
use super::views::{
    AlertView, JobView, NotificationReadView, NotificationView, PortfolioChangedView, QuoteView, StatusView, millis,
};
use crate::domain::user::UserId;

/// How far a stream has been followed: `<epoch>-<filter>-<n>-<seq>`, at most 64 of `[A-Za-z0-9._-]`.
///
/// ```
/// use foliostream::wire::live::Cursor;
/// let cursor: Cursor = "3-00c0ffee-12-4711".parse().expect("well formed");
/// assert_eq!((cursor.epoch.number(), cursor.filter, cursor.n, cursor.seq), (3, 0x00c0_ffee, 12, 4711));
/// assert_eq!(cursor.to_string(), "3-00c0ffee-12-4711");
/// // Terms have a mark beside their number, so that no other term is taken for this one.
/// let cursor: Cursor = "17483920174-00c0ffee-12-4711".parse().expect("well formed");
/// assert_eq!((cursor.epoch.number(), cursor.epoch.to_string().as_str()), (17, "17483920174"));
/// assert!("3-c0ffee-12-4711".parse::<Cursor>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The engine's term in which the stream came so far.
    pub epoch: Epoch,
    /// A hash over path, portfolio, tickers and notifications.
    pub filter: u32,
    /// The last notification delivered.
    pub n: i64,
    /// The engine's number of the last event owed and written.
    pub seq: u64,
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        if text.len() > 64 {
            return Err(CursorError);
        }
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(CursorError);
        let (epoch, filter, n, seq) = (next()?, next()?, next()?, next()?);
        if parts.next().is_some() || filter.len() != 8 || filter.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(CursorError);
        }
        Ok(Self {
            epoch: epoch.parse()?,
            filter: u32::from_str_radix(filter, 16).map_err(|_| CursorError)?,
            n: digits(n)?,
            seq: digits(seq)?,
        })
    }
}

/// Parses digits alone: no sign, which `from_str` would take.
fn digits<T: FromStr>(text: &str) -> Result<T, CursorError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(CursorError);
    }
    text.parse().map_err(|_| CursorError)
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:08x}-{}-{}", self.epoch, self.filter, self.n, self.seq)
    }
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// What the engine says, once, to every replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The engine's term in which it happened.
    #[serde(flatten)]
    pub epoch: Epoch,
    /// The engine's number, ascending within the epoch without a hole.
    pub seq: u64,
    /// The time at which it happened, by the engine's clock.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// What happened, with the values after it.
    pub event: LiveEvent,
}

/// An event, as it goes from the engine to boards and streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveEvent {
    /// A ticker's newest quote. It also carries what a replica needs to value portfolios.
    PriceUpdate(QuoteEvent),
    /// A portfolio's activities or name changed.
    PortfolioChanged(Owned<PortfolioChangedView>),
    /// A portfolio was deleted with all it held.
    PortfolioDeleted(Owned<PortfolioDeleted>),
    /// An alert went off; it is stored.
    AlertTriggered(Owned<NotificationView>),
    /// An alert was made, changed or fired.
    AlertChanged(Owned<AlertView>),
    /// An alert was deleted.
    AlertDeleted(Owned<AlertDeleted>),
    /// An instrument is described in another way.
    InstrumentChanged(Instrument),
    /// A notification was read.
    NotificationRead(Owned<NotificationReadView>),
    /// A job came further, or ended.
    JobProgress(Owned<JobView>),
    /// Market data's health changed.
    Status(StatusView),
    /// Something this program does not know of: it has a number and no effect. It is never said.
    #[serde(other)]
    Unknown,
}

/// What happened to something of a user's: streams of others are not told. Programs that know of one user do not say whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned<T> {
    /// The user that it belongs to.
    #[serde(default = "UserId::local")]
    pub owner: UserId,
    /// The part that clients see; the owner beside it says which of them.
    #[serde(flatten)]
    pub view: T,
}

impl<T> Owned<T> {
    /// Says whose something is.
    pub fn of(owner: &UserId, view: T) -> Self {
        Self { owner: owner.clone(), view }
    }
}

/// A portfolio that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortfolioDeleted {
    /// The id of the portfolio that was deleted.
    pub portfolio_id: String,
}

/// An alert that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDeleted {
    /// The id of the alert that was deleted.
    pub id: String,
}

/// A quote as it travels: what clients see, and when its session began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteEvent {
    /// The quote as clients see it.
    #[serde(flatten)]
    pub view: QuoteView,
    /// When the session that the day change measures began.
    #[serde(with = "millis")]
    pub session_start: Timestamp,
    /// What the price comes from. It is not in the events of clients: it hardly ever changes, and 34 bytes more would be in every
    /// price.
    #[serde(default = "SourceName::pushed")]
    pub source: SourceName,
    /// How many seconds its source is behind the market.
    #[serde(default, skip_serializing_if = "is_prompt")]
    pub delay_s: u32,
}

/// Returns whether a source has no delay, as most have none: then the field is left out between processes.
fn is_prompt(delay_s: &u32) -> bool {
    *delay_s == 0
}

/// The first event of a stream: what it is, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloView {
    /// The protocol's version: 1.
    pub protocol: u32,
    /// The engine's term, as text.
    pub epoch: String,
    /// What comes next: `snapshot`, the full state, or `replay`, what the client missed.
    pub resume: Resume,
    /// Seconds of silence after which a heartbeat comes.
    pub heartbeat_s: u64,
    /// The time by the server's clock.
    #[serde(with = "millis")]
    pub server_time: Timestamp,
    /// The process that serves the stream.
    pub worker: String,
    /// Asked for, but not known yet; they start when they appear.
    pub unknown_tickers: Vec<String>,
    /// `compact`, where prices and portfolio figures come as frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// How a stream continues from the cursor that the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// The client gets the whole current state first.
    Snapshot,
    /// With what is newer than the cursor.
    Replay,
}

/// `synced`: everything owed has been written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncedView {
    /// The cursor after it.
    pub cursor: Cursor,
    /// How many notifications are unread, on streams that carry them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread_count: Option<i64>,
}

/// Why a full state follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The cursor is of another engine's term.
    Epoch,
    /// The cursor is of another stream.
    Filter,
    /// What the cursor misses is no longer kept.
    Evicted,
    /// The cursor was not understood.
    Invalid,
    /// The replica itself lost continuity.
    Lagged,
}

impl ResetReason {
    /// Returns the word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Filter => "filter",
            Self::Evicted => "evicted",
            Self::Invalid => "invalid",
            Self::Lagged => "lagged",
        }
    }
}

/// `reset`: a full state follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetView {
    /// Why continuity was lost.
    pub reason: ResetReason,
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The server is going.
    Drain,
    /// The stream is old enough.
    MaxAge,
    /// The user signed out.
    SignedOut,
    /// A newer stream of the same tab replaced it.
    Replaced,
    /// There is nothing more to say.
    Done,
}

impl ByeReason {
    /// Returns the word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::MaxAge => "max_age",
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::Done => "done",
        }
    }
}

/// `bye`: the stream ends after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByeView {
    /// Why the stream ends.
    pub reason: ByeReason,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        for epoch in [Epoch::from(9), Epoch::new(9, 4_711)] {
            let cursor = Cursor { epoch, filter: 1, n: 3, seq: u64::MAX };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn an_event_of_an_unknown_type_is_read_as_one_without_effect_and_a_known_one_of_another_shape_is_not() {
        let read = |event: &str| {
            let text = format!(r#"{{"epoch":3,"mark":7,"seq":7,"at":"2026-11-25T00:00:00.000Z","event":{event},"more":[1]}}"#);
            serde_json::from_str::<Envelope>(&text)
        };
        let unknown = read(r#"{"type":"message_posted","text":{"a":[1]}}"#).unwrap();
        assert_eq!((unknown.epoch.to_string().as_str(), unknown.seq, unknown.event), ("3000000007", 7, LiveEvent::Unknown));
        let known = read(r#"{"type":"alert_deleted","id":"7","by":"me"}"#).unwrap();
        assert_eq!(known.event, LiveEvent::AlertDeleted(Owned::of(&UserId::local(), AlertDeleted { id: "7".to_owned() })));
        assert!(read(r#"{"type":"alert_deleted","alert":7}"#).is_err());
        assert!(read(r#"{"kind":"alert_deleted"}"#).is_err());
    }

    #[test]
    fn a_quote_of_a_program_that_names_no_source_was_pushed_and_a_delay_is_said_where_there_is_one() {
        let quote = r#"{"ticker":"A","price":"1","bid":null,"ask":null,"previous_close":null,"change":null,"change_percent":null,
            "currency":"USD","time":"2026-11-02T10:00:00.000Z","freshness":"live","session_start":"2026-11-02T00:00:00.000Z"}"#;
        let before: QuoteEvent = serde_json::from_str(quote).unwrap();
        assert_eq!((before.source, before.delay_s), (SourceName::PUSHED, 0));
        let delayed = QuoteEvent { source: "twelve_data".parse().unwrap(), delay_s: 900, ..before.clone() };
        let texts = [&before, &delayed].map(|event| serde_json::to_string(event).unwrap());
        assert!(!texts[0].contains("delay_s") && texts[1].contains(r#""source":"twelve_data","delay_s":900"#), "{texts:?}");
        assert_eq!(serde_json::from_str::<QuoteEvent>(&texts[1]).unwrap(), delayed);
    }

    #[test]
    fn hostile_cursors_are_refused_without_a_panic() {
        let long = "1".repeat(65);
        for text in [
            "",
            "-",
            "1-2-3-4",
            "1-00000000-1",
            "1-00000000-1-1-1",
            "+1-00000000-1-1",
            "1-0000000G-1-1",
            "1-0000000A-1-1",
            "1-00000000--1-1",
            "1-00000000-1-18446744073709551616",
            "１-00000000-1-1",
            "1.-00000000-1-1",
            "1.5-00000000-1-1",
            "1.A-00000000-1-1",
            "1.a.b-00000000-1-1",
            &long,
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(CursorError), "{text:?}");
        }
    }
}
