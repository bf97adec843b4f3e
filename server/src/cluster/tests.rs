//! The contract of bus and lease, on a real Redis; the bus also within one process.

use std::time::Duration;

use jiff::Timestamp;

use super::lease::Lease;
use super::ledgers::Ledgers;
use super::publisher::{Lasts, Publisher};
use super::*;
use crate::board::Board;
use crate::bus::{Bus, EmbeddedBus};
use crate::clock::Clock;
use crate::ground::ground;
use crate::readiness::Readiness;
use crate::relay::Beat;
use crate::relay::model::contract::redis_server::Redis;
use crate::store::{Sharing, Store};
use foliostream::domain::quote::Freshness;
use foliostream::domain::source::SourceName;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Envelope, LiveEvent, QuoteEvent};
use foliostream::wire::views::QuoteView;

const FIRST: Epoch = Epoch::new(1, 7);
const SECOND: Epoch = Epoch::new(2, 7);

fn place(redis: &Redis) -> (Address, Keys) {
    (Address::read(&redis.url()).unwrap(), Keys::new("{test}"))
}

/// The price of A as the engine says it under a number.
fn envelope(epoch: Epoch, seq: u64) -> Envelope {
    let view = QuoteView {
        ticker: "A".parse().unwrap(),
        price: seq.into(),
        bid: None,
        ask: None,
        previous_close: None,
        change: None,
        change_percent: None,
        currency: foliostream::domain::money::Currency::USD,
        time: Timestamp::UNIX_EPOCH,
        freshness: Freshness::Live,
    };
    let event =
        LiveEvent::PriceUpdate(QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH, source: SourceName::PUSHED, delay_s: 0 });
    Envelope { epoch, seq, at: Timestamp::UNIX_EPOCH, event }
}

fn price(board: &Board) -> Option<String> {
    board.quote(&"A".parse().unwrap()).map(|quote| quote.price.to_string())
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// A worker that follows a Redis.
struct Following {
    board: Arc<Board>,
    inbox: Arc<Inbox>,
    store: Store,
    _folder: tempfile::TempDir,
}

async fn follow(redis: &Redis) -> Following {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sharing::Alone).await.unwrap();
    let board = Arc::new(Board::new(Epoch::default(), 0, Timestamp::UNIX_EPOCH));
    let (address, keys) = place(redis);
    let inbox = Arc::<Inbox>::default();
    let follower = Follower {
        address,
        keys,
        worker: "follower".to_owned(),
        ground: ground(&board, &store, &Clock::system()),
        ledgers: Ledgers::default(),
        inbox: Arc::clone(&inbox),
    };
    tokio::spawn(follower.run(CancellationToken::new()));
    Following { board, inbox, store, _folder: folder }
}

/// A replica that follows a Redis.
async fn follower(redis: &Redis) -> (Following, Arc<Board>) {
    let following = follow(redis).await;
    let board = Arc::clone(&following.board);
    (following, board)
}

/// A term that was taken properly.
async fn term(redis: &Redis) -> (Lease, Publisher, CancellationToken) {
    let (address, keys) = place(redis);
    let lease = Lease::new(keys.clone(), "engine");
    assert!(lease.take(&mut address.connect().await.unwrap()).await.unwrap());
    let lasts = Lasts::default();
    let (publisher, _writing) = Publisher::start(address, keys, lease.holder(), Arc::default(), lasts.clone());
    (lease, publisher, lasts.term)
}

/// What every bus keeps: in order, each once, at every replica.
async fn carries_in_order(bus: &dyn Bus, boards: &[&Board]) {
    bus.publish(vec![envelope(FIRST, 1), envelope(FIRST, 2)]);
    bus.publish(vec![envelope(FIRST, 3)]);
    for board in boards {
        within("the third envelope", board.reach(FIRST, 3)).await;
        assert_eq!(price(board).as_deref(), Some("3"));
        assert_eq!((board.epoch(), board.head().seq), (FIRST, 3));
    }
    assert!(bus.is_ready());
}

#[tokio::test]
async fn the_bus_of_one_process_carries_in_order() {
    let board = Arc::new(Board::new(FIRST, 0, Timestamp::UNIX_EPOCH));
    carries_in_order(&EmbeddedBus::new(Arc::clone(&board)), &[&board]).await;
}

#[tokio::test]
async fn the_bus_between_processes_carries_in_order_to_every_replica() {
    let redis = Redis::start();
    let (_first_folder, first) = follower(&redis).await;
    let (_lease, publisher, _term) = term(&redis).await;
    carries_in_order(&publisher, &[&first]).await;
    // One that comes late finds the same.
    let (_second_folder, second) = follower(&redis).await;
    within("the late replica", second.reach(FIRST, 3)).await;
    assert_eq!(price(&second).as_deref(), Some("3"));
}

#[tokio::test]
async fn a_new_term_starts_over_and_an_older_one_is_not_heard() {
    let redis = Redis::start();
    let (_folder, board) = follower(&redis).await;
    let (lease, publisher, old) = term(&redis).await;
    publisher.publish(vec![envelope(FIRST, 1), envelope(FIRST, 2)]);
    within("the first term", board.reach(FIRST, 2)).await;
    let (address, _) = place(&redis);
    lease.give_back(&mut address.connect().await.unwrap()).await.unwrap();
    let (_lease, next, _term) = term(&redis).await;
    next.publish(vec![envelope(SECOND, 1)]);
    within("the second term", board.reach(SECOND, 1)).await;
    publisher.publish(vec![envelope(FIRST, 3)]);
    within("the end of the first term", old.cancelled()).await;
    assert_eq!((board.epoch(), price(&board).as_deref()), (SECOND, Some("1")));
}

#[tokio::test]
async fn a_hole_in_what_was_published_ends_the_term() {
    let redis = Redis::start();
    let (_lease, publisher, term) = term(&redis).await;
    publisher.publish(vec![envelope(FIRST, 1)]);
    publisher.publish(vec![envelope(FIRST, 3)]);
    within("the end of the term", term.cancelled()).await;
}

#[tokio::test]
async fn what_is_published_again_changes_nothing() {
    let redis = Redis::start();
    let (_folder, board) = follower(&redis).await;
    let (_lease, publisher, term) = term(&redis).await;
    publisher.publish(vec![envelope(FIRST, 1), envelope(FIRST, 2)]);
    publisher.publish(vec![envelope(FIRST, 1), envelope(FIRST, 2), envelope(FIRST, 3)]);
    within("the third envelope", board.reach(FIRST, 3)).await;
    assert!(!term.is_cancelled());
    let (address, keys) = place(&redis);
    let mut length = redis::cmd("XLEN");
    let length: u64 = length.arg(keys.log()).query_async(&mut address.connect().await.unwrap()).await.unwrap();
    assert_eq!(length, 3);
}

#[tokio::test]
async fn one_candidate_has_the_lease_until_it_is_given_back() {
    let redis = Redis::start();
    let (address, keys) = place(&redis);
    let mut link = address.connect().await.unwrap();
    let (first, second) = (Lease::new(keys.clone(), "first"), Lease::new(keys.clone(), "second"));
    assert!(first.take(&mut link).await.unwrap());
    assert!(!second.take(&mut link).await.unwrap());
    // A try whose answer was lost is made again, and has what it took.
    assert!(first.take(&mut link).await.unwrap());
    let beat = Beat { worker: "first".to_owned(), epoch: FIRST, seq: 0 };
    assert!(first.keep(&mut link, &beat).await.unwrap());
    assert!(!second.keep(&mut link, &beat).await.unwrap());
    second.give_back(&mut link).await.unwrap();
    assert!(!second.take(&mut link).await.unwrap());
    first.give_back(&mut link).await.unwrap();
    assert!(second.take(&mut link).await.unwrap());
    assert!(!first.keep(&mut link, &beat).await.unwrap());
}

mod calls;
mod versions;
