//! An engine whose epoch is over stops by itself, and stores nothing more.

use super::recorder::{kept_before, record_surely};
use jiff::Timestamp;

use super::*;
use crate::domain::alert::{AlertState, Condition, Rearming, Repeat};
use crate::domain::quote::Session;
use crate::server::bus::EmbeddedBus;
use crate::server::store::{NewAlert, Sharing};

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sharing::Alone).await.unwrap();
    (folder, store)
}

fn morning() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

fn draft() -> NewAlert {
    NewAlert {
        ticker: "A".parse().unwrap(),
        condition: Condition::PriceAbove,
        threshold: "150".parse().unwrap(),
        repeat: Repeat::Once,
        cooldown_s: 0,
        expires_at: None,
        note: None,
        state: AlertState::Armed,
        last_price: None,
    }
}

async fn alert(store: &Store) -> Alert {
    store.create_alert(&draft(), morning()).await.unwrap()
}

fn tick(price: &str) -> Tick {
    Tick {
        ticker: "A".parse().unwrap(),
        price: price.parse().unwrap(),
        bid: None,
        ask: None,
        volume: None,
        currency: None,
        previous_close: None,
        time: morning(),
        session: Session::Open,
        recorded: false,
    }
}

async fn engine(store: &Store, clock: &Clock) -> (EngineHandle, tokio::task::JoinHandle<()>, Arc<Board>) {
    let epoch = store.begin_term().await.unwrap();
    let board = Arc::new(Board::new(epoch, 0, clock.now()));
    let parts = EngineParts {
        bus: Arc::new(EmbeddedBus::new(Arc::clone(&board))),
        board: Arc::clone(&board),
        store: store.clone(),
        epoch,
        clock: clock.clone(),
        history: Arc::new(History::new(None, store.clone())),
        frame_interval: Duration::from_millis(250),
        stale_after: Duration::from_secs(60),
        tally: Arc::default(),
    };
    let restored = Restored { alerts: store.alerts().await.unwrap(), ..Restored::default() };
    let (handle, task) = start(parts, restored, CancellationToken::new()).await;
    (handle, task, board)
}

#[tokio::test]
async fn an_engine_whose_firing_is_refused_for_its_epoch_stops_and_tells_nobody() {
    let (_folder, store) = store().await;
    let stored = alert(&store).await;
    let (handle, task, _board) = engine(&store, &Clock::manual(morning())).await;
    store.begin_epoch().await.unwrap();
    let pushed = handle.observe(vec![tick("151")]).await;
    assert!(pushed.is_err(), "what another engine was not shown is not acknowledged: {pushed:?}");
    task.await.unwrap();
    assert_eq!(store.alerts().await.unwrap(), [stored]);
    assert_eq!(store.last_n().await.unwrap(), 0);
    assert_eq!(handle.flush().await, Err(EngineStopped));
}

#[tokio::test]
async fn an_engine_that_only_keeps_prices_stops_within_a_second_of_its_clock() {
    let (_folder, store) = store().await;
    let clock = Clock::manual(morning());
    let (handle, mut task, _board) = engine(&store, &clock).await;
    store.begin_epoch().await.unwrap();
    assert!(handle.observe(vec![tick("149")]).await.is_err());
    while tokio::time::timeout(Duration::from_millis(5), &mut task).await.is_err() {
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(store.quotes().await.unwrap(), []);
}

#[tokio::test]
async fn a_firing_that_was_kept_although_the_answer_was_lost_is_told() {
    let (_folder, store) = store().await;
    let stored = alert(&store).await;
    let firing = crate::domain::alert::Firing {
        alert_id: stored.id,
        revision: stored.revision,
        ticker: stored.ticker.clone(),
        condition: stored.condition,
        threshold: stored.threshold,
        price: "151".parse().unwrap(),
        previous_price: None,
        time: morning(),
        fired_at: morning(),
        gap: false,
        change_percent: None,
        state_after: AlertState::Triggered,
        note: None,
    };
    let record = Record::Firing(Box::new((firing, "because".to_owned())));
    let clock = Clock::manual(morning());
    let Recorded::Fired(first) = record_surely(&store, 0, &clock, &record).await else { panic!("not stored") };
    let Recorded::Refused { id, current } = record_surely(&store, 0, &clock, &record).await else { panic!("stored twice") };
    let Recorded::Fired(again) = kept_before(&store, &record, id, current).await.unwrap() else { panic!("not found") };
    assert_eq!(first, again);
    let state = Record::rearmed(stored.id, Rearming { revision: 2, last_price: None });
    let Recorded::Changed(changed) = record_surely(&store, 0, &clock, &state).await else { panic!("not changed") };
    let told = kept_before(&store, &state, stored.id, Some(changed.clone())).await.unwrap();
    assert!(matches!(told, Recorded::Changed(again) if again == changed));
    let other = Record::rearmed(stored.id, Rearming { revision: 1, last_price: None });
    let told = kept_before(&store, &other, stored.id, Some(changed)).await.unwrap();
    assert!(matches!(told, Recorded::Refused { .. }));
}

#[tokio::test]
async fn what_alerts_observed_is_on_disk_when_a_push_is_acknowledged_however_many_records_came_before() {
    let (_folder, store) = store().await;
    for _ in 0..200 {
        let draft = NewAlert { condition: Condition::CrossesAbove, repeat: Repeat::Every, ..draft() };
        store.create_alert(&draft, morning()).await.unwrap();
    }
    let (handle, _task, _board) = engine(&store, &Clock::manual(morning())).await;
    handle.observe(vec![tick("149")]).await.unwrap();
    handle.observe(vec![tick("152"), tick("139")]).await.unwrap();
    for alert in store.alerts().await.unwrap() {
        assert_eq!((alert.state, alert.revision, alert.last_price), (AlertState::Armed, 3, Some("139".parse().unwrap())));
    }
    handle.observe(vec![tick("152"), tick("139"), tick("153")]).await.unwrap();
    for alert in store.alerts().await.unwrap() {
        assert_eq!((alert.state, alert.revision, alert.last_price), (AlertState::Cooling, 6, Some("153".parse().unwrap())));
    }
}
