//! Replicas: in whatever order, how often and with what holes envelopes come, a copy is never another than its source.

use foliostream::domain::alert::{AlertState, Condition, Repeat};
use foliostream::domain::money::Currency;
use foliostream::domain::quote::Freshness;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Envelope, LiveEvent, QuoteEvent};
use foliostream::wire::replica::{Applied, Replica, State};
use foliostream::wire::views::{AlertView, NotificationReadView, NotificationView, PortfolioChangedView, QuoteView, StatusView};
use jiff::Timestamp;
use rust_decimal::Decimal;

const EPOCH: Epoch = Epoch::new(2, 7);
const START: u64 = 10;

/// What happens at the source: a kind, a key and a number.
pub type Change = (u8, u8, u8);

/// Checks a follower of changes to which envelopes come as told: each delivery is the place of one, odd epochs among them.
pub fn any_delivery(changes: &[Change], deliveries: &[(u16, bool)]) {
    let envelopes: Vec<Envelope> = (START + 1..).zip(changes).map(|(seq, change)| envelope(seq, *change)).collect();
    let mut source = empty();
    let mut states = vec![everything(&source)];
    for envelope in &envelopes {
        assert_eq!(source.apply(envelope), Applied::Changed);
        states.push(everything(&source));
    }
    let mut follower = empty();
    for (place, is_of_another_epoch) in deliveries {
        let Some(at) = usize::from(*place).checked_rem(envelopes.len()) else { break };
        let epoch = if *is_of_another_epoch { other_epoch(*place) } else { EPOCH };
        deliver(&mut follower, &Envelope { epoch, ..envelopes[at].clone() });
        assert_eq!(everything(&follower), states[reached(&follower)], "a state that the source never had");
    }
    // What was missed comes at last, in order: a log read again from its beginning.
    envelopes.iter().for_each(|envelope| deliver(&mut follower, envelope));
    assert_eq!(Some(&everything(&follower)), states.last());
    is_model(&follower, changes);
}

fn reached(replica: &Replica) -> usize {
    (replica.seq() - START) as usize
}

/// Applies an envelope, which must do what its number says and nothing else.
fn deliver(follower: &mut Replica, envelope: &Envelope) {
    let before = follower.seq();
    let expected = match envelope.seq {
        _ if envelope.epoch != EPOCH => Applied::Gap,
        seq if seq <= before => Applied::Duplicate,
        seq if seq == before + 1 => Applied::Changed,
        _ => Applied::Gap,
    };
    assert_eq!(follower.apply(envelope), expected, "{} after {before}", envelope.seq);
    assert_eq!(follower.seq(), before + u64::from(expected == Applied::Changed));
}

/// Checks quotes and portfolios against the last change of each key, found without a replica.
fn is_model(replica: &Replica, changes: &[Change]) {
    for key in 0..4 {
        let of_key = |kinds: [u8; 2]| changes.iter().rev().find(|(kind, at, _)| kinds.contains(&(kind % 8)) && at % 4 == key);
        let price = of_key([0, 1]).map(|(_, _, number)| Decimal::from(*number));
        let ticker = name(key).parse().expect("a letter is a ticker");
        assert_eq!(replica.quote(&ticker).map(|quote| quote.view.price), price);
        let revision = of_key([4, 5]).and_then(|(kind, _, number)| (kind % 8 == 4).then_some(i64::from(*number)));
        assert_eq!(replica.portfolio_revision(&name(key)), revision);
    }
}

fn empty() -> Replica {
    let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
    let state = State { quotes: Vec::new(), alerts: Vec::new(), portfolios: Vec::new(), status, notification_n: 0 };
    Replica::snapshot(EPOCH, START, state)
}

/// Writes down all that a replica can be asked for.
fn everything(replica: &Replica) -> String {
    let quotes: Vec<_> = replica.quotes_since(0).collect();
    let alerts: Vec<_> = replica.alerts_since(0).collect();
    let portfolios: Vec<_> = replica.portfolios_since(0).collect();
    let marks: (Vec<_>, Vec<_>) = (replica.deletions_since(0).collect(), replica.reads_since(0).collect());
    let notifications = replica.notifications_after(0).map(|kept| kept.map(|(seq, view)| (seq, view.n)).collect::<Vec<_>>());
    let position = (replica.seq(), replica.floor(), replica.notification_n(), replica.status());
    format!("{position:?} {quotes:?} {alerts:?} {portfolios:?} {marks:?} {notifications:?}")
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
        2 => LiveEvent::AlertChanged(alert(id, number)),
        3 => LiveEvent::AlertDeleted { id },
        4 => LiveEvent::PortfolioChanged(PortfolioChangedView { portfolio_id: id, revision: number }),
        5 => LiveEvent::PortfolioDeleted { portfolio_id: id },
        6 => LiveEvent::AlertTriggered(notification(seq as i64)),
        _ => LiveEvent::NotificationRead(NotificationReadView { notification_id: id, unread_count: number }),
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
    QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH }
}

fn alert(id: String, revision: i64) -> AlertView {
    AlertView {
        id,
        revision,
        ticker: "A".parse().expect("a letter is a ticker"),
        condition: Condition::PriceAbove,
        threshold: Decimal::ONE,
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
        time: Timestamp::UNIX_EPOCH,
        gap: false,
        replayed: false,
        read: false,
    }
}
