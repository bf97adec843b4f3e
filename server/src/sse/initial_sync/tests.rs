use foliostream::domain::user::UserId;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use jiff::Timestamp;

use super::super::groups::Groups;
use super::super::limits::Limits;
use super::super::wheel::Wheel;
use super::*;
use crate::board::{Board, Endpoint, Filter, Snapshot};
use crate::clock::Clock;
use crate::ground::ground;
use crate::store::testing::{Kind, Place, at, firing, new_alert};

const EPOCH: Epoch = Epoch::new(4, 7);
const FILTER: u32 = 0xabcd_ef01;
const HEAD: Head = Head { epoch: EPOCH, seq: 100, n: 7, alerts: 0 };

fn decide(text: &str) -> Start {
    Start::decide(Some(text), FILTER, HEAD, 50)
}

#[test]
fn a_known_cursor_is_replayed() {
    let cursor = Cursor { epoch: EPOCH, filter: FILTER, n: 3, seq: 60 };
    assert_eq!(decide(&cursor.to_string()), Start::Replay(cursor));
}

#[test]
fn every_other_cursor_starts_over_and_says_why() {
    for (text, n, reason) in [
        ("3000000007-abcdef01-5-60", Some(5), ResetReason::Epoch),
        ("5000000007-abcdef01-5-60", Some(5), ResetReason::Epoch),
        // Of another history: the number was given again after a restore, or to a program that drew no marks.
        ("4000000008-abcdef01-5-60", Some(5), ResetReason::Epoch),
        ("4-abcdef01-5-60", Some(5), ResetReason::Epoch),
        ("4000000008-abcdef01-80-60", Some(80), ResetReason::Epoch),
        ("4000000007-abcdef02-5-60", Some(5), ResetReason::Filter),
        ("4000000007-abcdef01-5-101", Some(5), ResetReason::Invalid),
        ("4000000007-abcdef01-8-60", None, ResetReason::Invalid),
        ("4000000007-abcdef01-5-49", Some(5), ResetReason::Evicted),
        ("' OR 1=1 --", None, ResetReason::Invalid),
    ] {
        let seen = n.map(|n| Seen { term: text.split_once('-').unwrap().0.parse().unwrap(), n });
        assert_eq!(decide(text), Start::Fresh { seen, reset: Some(reason) }, "{text}");
    }
}

#[test]
fn a_stream_cut_before_it_was_synced_gets_the_whole_state_again() {
    let seen = Some(Seen { term: EPOCH, n: 5 });
    assert_eq!(decide("4000000007-abcdef01-5-0"), Start::Fresh { seen, reset: None });
    assert_eq!(Start::decide(None, FILTER, HEAD, 50), Start::Fresh { seen: None, reset: None });
}

/// A worker that follows the first of two terms: `told` notifications were announced in it, and the store has two more from the
/// term after it.
struct Behind {
    _place: Place,
    streams: Arc<Streams>,
    terms: [Epoch; 2],
}

impl Behind {
    async fn new(told: i64) -> Self {
        let (place, store) = Kind::Sqlite.store().await;
        let mut terms = Vec::new();
        for firings in [told, 2] {
            terms.push(store.begin_term().await.unwrap());
            for _ in 0..firings {
                let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
                store.record_firing(terms.last().unwrap().number(), &firing(&alert, "151"), "m").await.unwrap();
            }
        }
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let board = Arc::new(Board::new(terms[0], told, clock.now()));
        let streams = Streams {
            groups: Groups::of(&board),
            ground: ground(&board, &store, &clock),
            wheel: Wheel::new(Duration::from_secs(15), 0),
            limits: Limits::new(0, 0),
            worker: "one".into(),
            follows: true,
            heartbeat_s: 15,
            max_age: Duration::from_secs(600),
            is_draining: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        };
        Self { _place: place, streams: Arc::new(streams), terms: terms.try_into().unwrap() }
    }

    /// Lets the worker hear of the second term.
    fn catch_up(&self, last_n: i64) {
        let status = self.streams.ground.board.status();
        let snapshot = Snapshot {
            epoch: self.terms[1],
            seq: 1,
            quotes: Vec::new(),
            alerts: Vec::new(),
            portfolios: Vec::new(),
            status,
            last_n,
            jobs: Vec::new(),
        };
        self.streams.ground.board.begin(snapshot, &[]);
    }

    /// Opens a stream of notifications where a client left off, and returns the events of its opening: name, id and data of each.
    async fn open(&self, last_event_id: Option<&str>) -> Vec<[String; 3]> {
        let group = self.streams.groups.group(filter());
        let start = Start::decide_among(last_event_id, &group, &self.streams).await;
        let mut opening = InitialSync::new(Arc::clone(&self.streams), group, start, Some(Vec::new()));
        let mut told = Vec::new();
        while let Some(frame) = opening.next().await.unwrap() {
            let text = String::from_utf8(frame.events().to_vec()).unwrap();
            let field = |event: &str, name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
            };
            let events = text.split_terminator("\n\n");
            told.extend(events.map(|event| [field(event, "event:"), field(event, "id:"), field(event, "data:")]));
        }
        told
    }
}

fn filter() -> Filter {
    Filter::new(Endpoint::Notifications, None, Vec::new(), Some(UserId::local()))
}

/// The numbers of the notifications among what was told.
fn numbers(told: &[[String; 3]]) -> Vec<i64> {
    let alerts = told.iter().filter(|[event, ..]| event == "alert_triggered");
    alerts.map(|[_, _, data]| serde_json::from_str::<NotificationView>(data).unwrap().n).collect()
}

/// The id of the last event.
fn last_id(told: &[[String; 3]]) -> &str {
    &told.last().unwrap()[1]
}

#[tokio::test]
async fn a_worker_that_is_behind_tells_no_notification_of_a_term_it_has_not_heard_of() {
    let behind = Behind::new(3).await;
    let first = behind.open(None).await;
    assert_eq!(numbers(&first), [1, 2, 3]);
    behind.catch_up(5);
    // In the term that it belongs to each is told once.
    let second = behind.open(Some(last_id(&first))).await;
    assert_eq!((second[1][0].as_str(), numbers(&second)), ("reset", vec![4, 5]));
    assert_eq!(numbers(&behind.open(Some(last_id(&second))).await), [0; 0]);
}

#[tokio::test]
async fn a_worker_that_is_behind_begins_before_what_it_has_not_heard_of_where_all_else_is_read() {
    let behind = Behind::new(3).await;
    behind.streams.ground.store.own().read_all().await.unwrap();
    let first = behind.open(None).await;
    assert_eq!(numbers(&first), [0; 0]);
    behind.catch_up(5);
    assert_eq!(numbers(&behind.open(Some(last_id(&first))).await), [4, 5]);
}

#[tokio::test]
async fn a_client_that_knows_a_newer_term_than_its_worker_is_sent_on_with_its_own_cursor() {
    let behind = Behind::new(3).await;
    let newer = Cursor { epoch: behind.terms[1], filter: filter().hash(), n: 5, seq: 40 }.to_string();
    let told = behind.open(Some(&newer)).await;
    assert_eq!(told.iter().map(|[event, id, _]| (event.as_str(), id.as_str())).collect::<Vec<_>>(), [("hello", newer.as_str())]);
    // A term that never was is no reason to go elsewhere.
    let made_up = Cursor { epoch: Epoch::new(9, 9), filter: filter().hash(), n: 5, seq: 40 }.to_string();
    assert_eq!(behind.open(Some(&made_up)).await[1][0], "reset");
}
