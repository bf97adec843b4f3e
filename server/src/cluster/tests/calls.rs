//! What every way to the engine keeps: the queue of this process, and the calls through Redis.

use super::*;
use crate::cluster::engine_calls::RedisCalls;
use crate::cluster::intake::Intake;
use crate::config::EngineSettings;
use crate::engine_task::{
    EngineHandle, EngineParts, EngineQueue, EngineStopped, KeyUsed, News, ObserveError, Observed, PushKey, Restored, start,
};
use crate::hub::{Jobs, Parts, Stamps, TypicalDays};
use crate::operations::Operations;
use crate::presence::Presence;
use crate::store::NewAlert;
use foliostream::domain::alert::{AlertState, Condition, Memory, Repeat, Rule};
use foliostream::domain::quote::{Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::domain::user::UserId;
use foliostream::wire::live::Owned;

fn morning() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

fn ticks(prices: &[&str]) -> Vec<Tick> {
    let tick = |price: &&str| Tick {
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
        source: SourceName::PUSHED,
        delay_s: 0,
    };
    prices.iter().map(tick).collect()
}

/// An alert that fires each time the price of A rises above 150.
fn crossing() -> NewAlert {
    NewAlert {
        rule: rule(Condition::CrossesAbove),
        repeat: Repeat::Every,
        cooldown_s: 0,
        expires_at: None,
        note: None,
        state: AlertState::Armed,
        memory: Memory::default(),
    }
}

/// A rule about A at 150.
fn rule(kind: Condition) -> Rule {
    Rule::of(kind, "A".parse().unwrap(), 150.into())
}

/// An engine of this process, its queue, and what ends it.
struct Running {
    queue: EngineQueue,
    task: tokio::task::JoinHandle<()>,
    term: CancellationToken,
}

async fn run(bus: Arc<dyn Bus>, epoch: Epoch, board: &Arc<Board>, store: &Store, term: CancellationToken) -> Running {
    let parts =
        EngineParts { bus, epoch, ground: ground(board, store, &Clock::manual(morning())), settings: EngineSettings::default() };
    let (queue, task) = start(parts, Restored::default(), term.clone()).await;
    Running { queue, task, term }
}

/// What is handed over counts once, is on disk and on the board of who asked when the answers say so, and is refused at the end.
async fn takes_and_answers(engine: &EngineHandle, running: Running, board: &Board, store: &Store) {
    // A price of zero is impossible; what was observed is on disk with the answer.
    assert_eq!(engine.observe(ticks(&["149", "0"])).await, Ok(Observed { accepted: 1, ignored: 1 }));
    assert_eq!(store.quotes().await.unwrap()[0].price.to_string(), "149");
    engine.flush().await.unwrap();
    assert_eq!(price(board).as_deref(), Some("149"));

    let alert = store.own().create_alert(&crossing(), morning()).await.unwrap();
    engine.send(News::AlertChanged(alert.clone())).await.unwrap();
    engine.flush().await.unwrap();
    assert_eq!(board.alerts(&UserId::local()).len(), 1, "what was told before a flush is shown after it");

    let key = |asked: &str| Some(PushKey { key: "once".to_owned(), asked: asked.to_owned() });
    for _ in 0..2 {
        let observed = engine.observe_once(ticks(&["151", "149"]), key("these")).await;
        assert_eq!((observed, store.last_n().await.unwrap()), (Ok(Observed { accepted: 2, ignored: 0 }), 1));
    }
    assert_eq!(engine.observe_once(ticks(&["152"]), key("others")).await, Err(ObserveError::KeyUsed(KeyUsed)));
    for firings in [2, 3] {
        engine.observe(ticks(&["151", "149"])).await.unwrap();
        assert_eq!(store.last_n().await.unwrap(), firings, "without a key each push counts");
    }

    store.own().delete_alert(alert.id, None).await.unwrap();
    engine.send(News::AlertDeleted(Owned::of(&alert.owner, alert.id))).await.unwrap();
    engine.observe(ticks(&["151"])).await.unwrap();
    engine.flush().await.unwrap();
    assert_eq!((board.alerts(&UserId::local()).len(), store.last_n().await.unwrap()), (0, 3));
    assert_eq!(price(board).as_deref(), Some("151"));

    running.term.cancel();
    within("the end of the engine", running.task).await.unwrap();
    assert_eq!(engine.flush().await, Err(EngineStopped));
}

#[tokio::test]
async fn the_queue_of_one_process_takes_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sharing::Alone).await.unwrap();
    let epoch = store.begin_term().await.unwrap();
    let board = Arc::new(Board::new(epoch, 0, morning()));
    let bus = Arc::new(EmbeddedBus::new(Arc::clone(&board)));
    let running = run(bus, epoch, &board, &store, CancellationToken::new()).await;
    let engine = EngineHandle::new(running.queue.clone());
    takes_and_answers(&engine, running, &board, &store).await;
}

#[tokio::test]
async fn orders_through_redis_are_taken_and_answered() {
    let redis = Redis::start();
    let (address, keys) = place(&redis);
    let (following, board) = follower(&redis).await;
    let Following { inbox, store, .. } = &following;
    let (_lease, publisher, term) = term(&redis).await;
    // The lease is not renewed here, and the test may take longer than it lasts.
    redis.run(&["PERSIST", &keys.lease()]);
    let epoch = store.begin_term().await.unwrap();
    let running = run(Arc::new(publisher), epoch, &board, store, term.clone()).await;
    let calls = RedisCalls::new(address.clone(), keys.clone(), "follower", Arc::clone(inbox), Arc::clone(&board));
    let engine = EngineHandle::new(calls);
    let ground = ground(&board, store, &Clock::manual(morning()));
    let hub = Hub::new(Parts {
        ground: ground.clone(),
        engine: engine.clone(),
        presence: Presence::alone("follower".into()),
        operations: Operations::new("follower", false),
        sources: Arc::default(),
        ledgers: tokio::sync::Mutex::default(),
        stamps: Stamps::default(),
        typical_days: TypicalDays::default(),
        jobs: Jobs::new(false),
    });
    let intake = Intake { address, keys, engine: running.queue.clone(), epoch, ground, hub, inbox: Arc::clone(inbox) };
    tokio::spawn(intake.run(term));
    takes_and_answers(&engine, running, &board, store).await;
}
