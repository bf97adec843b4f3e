//! A worker's board: in whatever order, how often and with what holes envelopes come, it is never another than the engine was.

use std::collections::BTreeMap;

use foliostream::domain::alert::{AlertState, Condition, Repeat};
use foliostream::domain::money::Currency;
use foliostream::domain::quote::Freshness;
use foliostream::domain::source::SourceName;
use foliostream::domain::user::UserId;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{AlertDeleted, Cursor, Envelope, LiveEvent, Owned, PortfolioDeleted, QuoteEvent};
use foliostream::wire::views::{AlertView, NotificationReadView, NotificationView, PortfolioChangedView, QuoteView, StatusView};
use foliostream_server::board::{Board, Endpoint, Filter, Snapshot, StreamPosition};
use jiff::Timestamp;
use rust_decimal::Decimal;

const EPOCH: Epoch = Epoch::new(2, 7);
const START: u64 = 10;

/// What happens at the engine: a kind, a key and a number.
pub(crate) type Change = (u8, u8, u8);

/// Checks a board to which envelopes come as told: each delivery is the index of one, odd terms among them.
pub(crate) fn any_delivery(changes: &[Change], deliveries: &[(u16, bool)]) {
    let envelopes: Vec<Envelope> = (START + 1..).zip(changes).map(|(seq, change)| envelope(seq, *change)).collect();
    let source = empty();
    let mut states = vec![everything(&source)];
    for envelope in &envelopes {
        source.apply(std::slice::from_ref(envelope));
        states.push(everything(&source));
    }
    let follower = empty();
    for (place, is_of_another_epoch) in deliveries {
        let Some(at) = usize::from(*place).checked_rem(envelopes.len()) else { break };
        let epoch = if *is_of_another_epoch { other_epoch(*place) } else { EPOCH };
        deliver(&follower, &Envelope { epoch, ..envelopes[at].clone() });
        assert_eq!(everything(&follower), states[reached(&follower)], "a state that the engine never had");
    }
    // What was missed comes at last, in order: a log read again from its beginning.
    envelopes.iter().for_each(|envelope| deliver(&follower, envelope));
    assert_eq!(Some(&everything(&follower)), states.last());
    is_model(&follower, changes);
}

fn reached(board: &Board) -> usize {
    (board.head().seq - START) as usize
}

/// Applies an envelope, which must move the board by one where it is the next, and otherwise nowhere.
fn deliver(follower: &Board, envelope: &Envelope) {
    let before = follower.head().seq;
    let is_next = envelope.epoch == EPOCH && envelope.seq == before + 1;
    follower.apply(std::slice::from_ref(envelope));
    assert_eq!(follower.head().seq, before + u64::from(is_next), "{} after {before}", envelope.seq);
    assert_eq!(follower.epoch(), EPOCH);
}

/// Checks quotes and alerts against the last change of each key, found without a board.
fn is_model(board: &Board, changes: &[Change]) {
    let alerts: BTreeMap<String, i64> =
        board.alerts(&UserId::local()).into_iter().map(|alert| (alert.id, alert.revision)).collect();
    for key in 0..4 {
        let of_key = |kinds: [u8; 2]| changes.iter().rev().find(|(kind, at, _)| kinds.contains(&(kind % 8)) && at % 4 == key);
        let price = of_key([0, 1]).map(|(_, _, number)| Decimal::from(*number));
        let ticker = name(key).parse().expect("a letter is a ticker");
        assert_eq!(board.quote(&ticker).map(|quote| quote.price), price);
        let revision = of_key([2, 3]).and_then(|(kind, _, number)| (kind % 8 == 2).then_some(i64::from(*number)));
        assert_eq!(alerts.get(&name(key)).copied(), revision);
    }
}

fn empty() -> Board {
    let board = Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH);
    let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
    let (quotes, alerts, portfolios) = (Vec::new(), Vec::new(), Vec::new());
    board.begin(Snapshot { epoch: EPOCH, seq: START, quotes, alerts, portfolios, status, last_n: 0, jobs: Vec::new() }, &[]);
    board
}

/// Writes down all that a stream of everything is told from its beginning, and where it then stands.
fn everything(board: &Board) -> String {
    let tickers = (0..4).map(|key| name(key).parse().expect("a letter is a ticker")).collect();
    let filter = Filter::new(Endpoint::Stream, None, tickers, Some(UserId::local()));
    let cursor = Cursor { epoch: EPOCH, filter: filter.hash(), n: 0, seq: 0 };
    let mut text = String::new();
    let mut standing = StreamPosition::at(cursor);
    loop {
        standing = board.write_state(&mut text, &filter, standing, true);
        if standing.is_between_steps() {
            return format!("{:?} {:?} {text}", board.head(), board.status());
        }
    }
}

fn name(key: u8) -> String {
    char::from(b'A' + key % 4).to_string()
}

/// Another term: of another number, or of the same with another mark.
fn other_epoch(place: u16) -> Epoch {
    if place.is_multiple_of(2) {
        Epoch::new(EPOCH.number() + u64::from(place) + 1, 7)
    } else {
        Epoch::new(EPOCH.number(), u32::from(place) + 8)
    }
}

fn envelope(seq: u64, (kind, key, number): Change) -> Envelope {
    let (id, number) = (name(key), i64::from(number));
    let event = match kind % 8 {
        0 | 1 => LiveEvent::PriceUpdate(quote(&id, number)),
        2 => LiveEvent::AlertChanged(Owned::of(&UserId::local(), alert(id, number))),
        3 => LiveEvent::AlertDeleted(Owned::of(&UserId::local(), AlertDeleted { id })),
        4 => {
            LiveEvent::PortfolioChanged(Owned::of(&UserId::local(), PortfolioChangedView { portfolio_id: id, revision: number }))
        }
        5 => LiveEvent::PortfolioDeleted(Owned::of(&UserId::local(), PortfolioDeleted { portfolio_id: id })),
        6 => LiveEvent::AlertTriggered(Owned::of(&UserId::local(), notification(seq as i64))),
        _ => LiveEvent::NotificationRead(Owned::of(
            &UserId::local(),
            NotificationReadView { notification_id: id, unread_count: number, deleted: None },
        )),
    };
    Envelope { epoch: EPOCH, seq, at: Timestamp::UNIX_EPOCH, event }
}

fn quote(ticker: &str, price: i64) -> QuoteEvent {
    let view = QuoteView {
        ticker: ticker.parse().expect("a letter is a ticker"),
        price: price.into(),
        bid: None,
        ask: None,
        previous_close: None,
        change: None,
        change_percent: None,
        currency: Currency::USD,
        time: Timestamp::UNIX_EPOCH,
        freshness: Freshness::Live,
    };
    QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH, source: SourceName::PUSHED, delay_s: 0 }
}

fn alert(id: String, revision: i64) -> AlertView {
    AlertView {
        id,
        revision,
        ticker: "A".parse().expect("a letter is a ticker"),
        condition: Condition::PriceAbove,
        threshold: Decimal::ONE,
        rule: None,
        note: None,
        repeat: Repeat::Once,
        cooldown_s: 0,
        expires_at: None,
        paused: false,
        acknowledged: true,
        state: AlertState::Armed,
        distance_percent: None,
        created_at: Timestamp::UNIX_EPOCH,
        triggered_at: None,
    }
}

fn notification(n: i64) -> NotificationView {
    NotificationView {
        notification_id: n.to_string(),
        n,
        alert_id: "1".to_owned(),
        ticker: "A".parse().expect("a letter is a ticker"),
        condition: Condition::PriceAbove,
        threshold: Decimal::ONE,
        price: Decimal::TWO,
        previous_price: None,
        message: String::new(),
        change_percent: None,
        note: None,
        currency: None,
        time: Timestamp::UNIX_EPOCH,
        gap: false,
        replayed: false,
        read: false,
    }
}
