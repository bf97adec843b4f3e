//! An engine whose epoch is over stops by itself, and stores nothing more.

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::unsaved::Unsaved;
use super::*;
use crate::board::Board;
use crate::bus::EmbeddedBus;
use crate::clock::Clock;
use crate::ground::ground;
use crate::store::{NewAlert, Sharing, Store};
use foliostream::domain::alert::{AlertState, Condition, Memory, Repeat, Rule};
use foliostream::domain::quote::Session;
use foliostream::domain::source::SourceName;

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
        rule: rule(Condition::PriceAbove),
        repeat: Repeat::Once,
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

async fn alert(store: &Store) -> Alert {
    store.own().create_alert(&draft(), morning()).await.unwrap()
}

fn tick(price: &str) -> Tick {
    tick_of("A", price)
}

fn tick_of(ticker: &str, price: &str) -> Tick {
    Tick {
        ticker: ticker.parse().unwrap(),
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
    }
}

/// The way to an engine of this process: what anybody may ask, and what only its own process hands over.
#[derive(Clone)]
struct Way {
    handle: EngineHandle,
    queue: EngineQueue,
}

impl std::ops::Deref for Way {
    type Target = EngineHandle;

    fn deref(&self) -> &EngineHandle {
        &self.handle
    }
}

async fn engine(store: &Store, clock: &Clock) -> (Way, tokio::task::JoinHandle<()>, Arc<Board>) {
    stoppable(store, clock, CancellationToken::new()).await
}

async fn stoppable(store: &Store, clock: &Clock, stop: CancellationToken) -> (Way, tokio::task::JoinHandle<()>, Arc<Board>) {
    let epoch = store.begin_term().await.unwrap();
    let board = Arc::new(Board::new(epoch, 0, clock.now()));
    let parts = EngineParts {
        bus: Arc::new(EmbeddedBus::new(Arc::clone(&board))),
        epoch,
        ground: ground(&board, store, clock),
        settings: EngineSettings::default(),
    };
    let (alerts, applied) = (store.own().alerts().await.unwrap(), store.applied_calls().await.unwrap());
    let restored = Restored { alerts, applied, ..Restored::default() };
    let (queue, task) = start(parts, restored, stop).await;
    (Way { handle: EngineHandle::new(queue.clone()), queue }, task, board)
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
    assert_eq!(store.own().alerts().await.unwrap(), [stored]);
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
async fn what_alerts_observed_is_on_disk_when_a_push_is_acknowledged_however_many_records_came_before() {
    let (_folder, store) = store().await;
    for _ in 0..200 {
        let draft = NewAlert { rule: rule(Condition::CrossesAbove), repeat: Repeat::Every, ..draft() };
        store.own().create_alert(&draft, morning()).await.unwrap();
    }
    let (handle, _task, _board) = engine(&store, &Clock::manual(morning())).await;
    handle.observe(vec![tick("149")]).await.unwrap();
    handle.observe(vec![tick("152"), tick("139")]).await.unwrap();
    for alert in store.own().alerts().await.unwrap() {
        assert_eq!((alert.state, alert.revision, alert.memory.last_price), (AlertState::Armed, 3, Some("139".parse().unwrap())));
    }
    handle.observe(vec![tick("152"), tick("139"), tick("153")]).await.unwrap();
    for alert in store.own().alerts().await.unwrap() {
        assert_eq!(
            (alert.state, alert.revision, alert.memory.last_price),
            (AlertState::Cooling, 6, Some("153".parse().unwrap()))
        );
    }
}

/// Alerts that fire each time the price of A rises above 150.
async fn repeating(store: &Store, count: usize) {
    for _ in 0..count {
        let draft = NewAlert { rule: rule(Condition::CrossesAbove), repeat: Repeat::Every, ..draft() };
        store.own().create_alert(&draft, morning()).await.unwrap();
    }
}

async fn notified(store: &Store) -> usize {
    usize::try_from(store.last_n().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_push_that_fires_thousands_of_times_lets_other_prices_pass_and_is_told_whole() {
    let (_folder, store) = store().await;
    repeating(&store, 300).await;
    let clock = Clock::manual(morning());
    let (handle, _task, board) = engine(&store, &clock).await;
    handle.observe(vec![tick("149")]).await.unwrap();
    let pushed: Vec<Tick> = (0..40).map(|index| tick(if index % 2 == 0 { "151" } else { "149" })).collect();
    let heavy = tokio::spawn({
        let handle = handle.clone();
        async move { handle.observe(pushed).await }
    });
    let other: foliostream::domain::instrument::Ticker = "B".parse().unwrap();
    while notified(&store).await == 0 {
        tokio::task::yield_now().await;
    }
    handle.observe(vec![tick_of("B", "7")]).await.unwrap();
    handle.flush().await.unwrap();
    assert!(board.quote(&other).is_some());
    assert!(notified(&store).await < 6_000, "the other price did not wait for all of it");
    assert_eq!(heavy.await.unwrap().unwrap(), Observed { accepted: 40, ignored: 0 });
    assert_eq!(notified(&store).await, 6_000);
    for alert in store.own().alerts().await.unwrap() {
        assert_eq!((alert.state, alert.memory.last_price), (AlertState::Armed, Some("149".parse().unwrap())));
    }
}

#[tokio::test]
async fn later_ticks_of_a_ticker_wait_behind_those_of_a_push_that_is_not_over() {
    let (_folder, store) = store().await;
    repeating(&store, 300).await;
    let (handle, _task, board) = engine(&store, &Clock::manual(morning())).await;
    let pushed: Vec<Tick> = (0..40).map(|index| tick(if index % 2 == 0 { "151" } else { "149" })).collect();
    handle.queue.hand_over(Work::Batch(Batch::new(pushed, Origin::Here, None))).await.unwrap();
    handle.queue.hand_over(Work::Batch(Batch::new(vec![tick("160"), tick_of("B", "7")], Origin::Here, None))).await.unwrap();
    handle.flush().await.unwrap();
    assert_eq!(board.quote(&"B".parse().unwrap()).unwrap().price.to_string(), "7");
    handle.observe(vec![tick("140")]).await.unwrap();
    assert_eq!(notified(&store).await, 20 * 300, "also the crossing from 149 to 160");
    assert_eq!(board.quote(&"A".parse().unwrap()).unwrap().price.to_string(), "140");
}

#[tokio::test]
async fn a_stop_stores_all_that_was_decided_however_much_waits() {
    let (_folder, store) = store().await;
    repeating(&store, 750).await;
    let stop = CancellationToken::new();
    let (handle, task, board) = stoppable(&store, &Clock::manual(morning()), stop.clone()).await;
    handle.queue.hand_over(Work::Batch(Batch::new(vec![tick("149"), tick("151")], Origin::Here, None))).await.unwrap();
    handle.flush().await.unwrap();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("it ends").unwrap();
    assert_eq!(notified(&store).await, 750);
    assert_eq!(board.head().n, 750, "all are announced to who is still there");
}

#[tokio::test]
async fn a_stop_gives_up_in_time_what_the_disk_refuses() {
    let (folder, store) = store().await;
    repeating(&store, 750).await;
    let (stop, clock) = (CancellationToken::new(), Clock::manual(morning()));
    let (handle, mut task, _board) = stoppable(&store, &clock, stop.clone()).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("foliostream.db"));
    let other = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let mut held = other.acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *held).await.unwrap();
    handle.queue.hand_over(Work::Batch(Batch::new(vec![tick("149"), tick("151")], Origin::Here, None))).await.unwrap();
    handle.flush().await.unwrap();
    stop.cancel();
    while tokio::time::timeout(Duration::from_millis(5), &mut task).await.is_err() {
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(notified(&store).await, 0, "nothing of it is half stored");
}

#[tokio::test]
async fn what_an_order_led_to_is_stored_with_how_far_it_was_applied() {
    let (_folder, store) = store().await;
    repeating(&store, 1).await;
    let clock = Clock::manual(morning());
    let order = |ticks: Vec<Tick>| Batch::new(ticks, Origin::Call("order".to_owned()), Some(Answer::default()));
    let (handle, _task, _board) = engine(&store, &clock).await;
    handle.queue.hand_over(Work::Batch(order(vec![tick("149"), tick("151"), tick("149")]))).await.unwrap();
    handle.observe(vec![]).await.unwrap();
    let [applied] = store.applied_calls().await.unwrap().try_into().unwrap();
    assert_eq!((applied.ticks, applied.accepted, applied.ignored, applied.whole), (3, 3, 0, true));
    assert_eq!((notified(&store).await, store.quotes().await.unwrap()[0].price.to_string()), (1, "149".to_owned()));
    // As the next engine takes it that finds a part applied.
    let part = crate::store::AppliedCall { ticks: 2, whole: false, ..applied };
    let (handle, _task, _board) = engine(&store, &clock).await;
    let again = order(vec![tick("149"), tick("151"), tick("148")]).behind(&part);
    handle.queue.hand_over(Work::Batch(again)).await.unwrap();
    handle.observe(vec![]).await.unwrap();
    assert_eq!((notified(&store).await, store.quotes().await.unwrap()[0].price.to_string()), (1, "148".to_owned()));
    let [applied] = store.applied_calls().await.unwrap().try_into().unwrap();
    assert_eq!((applied.ticks, applied.accepted, applied.whole), (3, 4, true));
}

fn key(asked: &str) -> Option<PushKey> {
    Some(PushKey { key: "once".to_owned(), asked: asked.to_owned() })
}

#[tokio::test]
async fn a_push_that_comes_again_with_its_key_is_applied_once_and_by_the_next_engine_too() {
    let (_folder, store) = store().await;
    repeating(&store, 1).await;
    let clock = Clock::manual(morning());
    let pushed = || vec![tick("149"), tick("151"), tick("149")];
    for _engine in 0..2 {
        let (handle, _task, _board) = engine(&store, &clock).await;
        for _ in 0..2 {
            let observed = handle.observe_once(pushed(), key("these")).await;
            assert_eq!((observed, notified(&store).await), (Ok(Observed { accepted: 3, ignored: 0 }), 1));
        }
        let other = handle.observe_once(vec![tick("151")], key("others")).await;
        assert_eq!((other, notified(&store).await), (Err(ObserveError::KeyUsed(KeyUsed)), 1));
    }
    let (handle, _task, _board) = engine(&store, &clock).await;
    handle.observe(pushed()).await.unwrap();
    assert_eq!(notified(&store).await, 2, "without a key each counts");
}

#[tokio::test]
async fn a_push_that_comes_again_while_it_is_worked_through_waits_for_its_end() {
    let (_folder, store) = store().await;
    repeating(&store, 300).await;
    let (handle, _task, _board) = engine(&store, &Clock::manual(morning())).await;
    let pushed: Vec<Tick> = (0..40).map(|index| tick(if index % 2 == 0 { "149" } else { "151" })).collect();
    let again = || handle.observe_once(pushed.clone(), key("these"));
    let (first, second, other) = tokio::join!(again(), again(), handle.observe_once(vec![], key("others")));
    assert_eq!((first, other), (second, Err(ObserveError::KeyUsed(KeyUsed))));
    assert_eq!((first, notified(&store).await), (Ok(Observed { accepted: 40, ignored: 0 }), 20 * 300));
}

#[tokio::test]
async fn a_push_of_which_a_part_was_applied_goes_on_behind_it() {
    let (_folder, store) = store().await;
    repeating(&store, 1).await;
    let clock = Clock::manual(morning());
    let pushed = || vec![tick("149"), tick("151"), tick("149")];
    let (handle, _task, _board) = engine(&store, &clock).await;
    handle.observe_once(pushed(), key("these")).await.unwrap();
    let [applied] = store.applied_calls().await.unwrap().try_into().unwrap();
    // As an engine leaves it that dies behind the second of them.
    let part = crate::store::AppliedCall { ticks: 2, accepted: 2, whole: false, ..applied };
    let epoch = store.begin_term().await.unwrap().number();
    let decided = crate::store::Decided { calls: vec![part], ..Default::default() };
    store.store_decided(epoch, &decided).await.unwrap();
    let (handle, _task, _board) = engine(&store, &clock).await;
    let observed = handle.observe_once(pushed(), key("these")).await;
    assert_eq!((observed, notified(&store).await), (Ok(Observed { accepted: 3, ignored: 0 }), 1));
}

#[tokio::test]
async fn entries_are_marked_as_applied_with_what_they_led_to() {
    let (_folder, store) = store().await;
    repeating(&store, 1).await;
    let (handle, _task, _board) = engine(&store, &Clock::manual(morning())).await;
    let (stored, is_stored) = oneshot::channel();
    let entries = ["1-0", "1-1"].map(str::to_owned).to_vec();
    let answer = Answer { stored: Some(stored), ..Answer::default() };
    let batch = Batch::new(vec![tick("149"), tick("151")], Origin::Entries(entries), Some(answer));
    handle.queue.hand_over(Work::Batch(batch)).await.unwrap();
    is_stored.await.unwrap();
    assert_eq!((store.last_entry().await.unwrap().as_deref(), notified(&store).await), (Some("1-1"), 1));
}

/// What an engine with so many alerts at 150 on A has waiting, once all were shown 151 and that is stored.
async fn shown(store: &Store, alerts: i64) -> (Unsaved, Engine, Arc<Board>) {
    let clock = Clock::manual(morning());
    let board = Arc::new(Board::new(Epoch::from(1), 0, clock.now()));
    let ground = ground(&board, store, &clock);
    let mut engine = Engine::new(EngineConfig { stale_after: SignedDuration::from_hours(1) }, clock.moment());
    let alert = alert(store).await;
    let alert = |id| Alert { id: foliostream::domain::alert::AlertId(id), rule: rule(Condition::CrossesAbove), ..alert.clone() };
    engine.step(Input::Alerts((1..=alerts).map(alert).collect()), clock.moment(), &mut Vec::new());
    let mut unsaved = Unsaved::new(Arc::clone(&ground.history), 100);
    push_to(&mut unsaved, &mut engine, &board, "151");
    unsaved.take(&mut engine).unwrap();
    unsaved.stored();
    (unsaved, engine, board)
}

/// Shows a push to the engine, for which somebody waits.
fn push_to(unsaved: &mut Unsaved, engine: &mut Engine, board: &Board, price: &str) {
    let now = Clock::manual(morning()).moment();
    unsaved.note(&tick(price), board);
    unsaved.changed(&tick(price).ticker);
    engine.step(Input::Tick(tick(price)), now, &mut Vec::new());
    unsaved.answer([Answer::default()]);
}

#[tokio::test]
async fn what_alerts_saw_is_in_the_line_that_answers_for_it_or_the_push_waits_for_the_store() {
    let (_folder, store) = store().await;
    let (mut unsaved, mut engine, board) = shown(&store, 2).await;
    push_to(&mut unsaved, &mut engine, &board, "149");
    let (number, pushed) = unsaved.pushed(&mut engine).unwrap();
    assert_eq!((number, pushed.observations.len(), pushed.quotes.len(), pushed.bars.len()), (2, 2, 1, 1));
    // The line could not be written: the next one has it too.
    push_to(&mut unsaved, &mut engine, &board, "149");
    let (_, again) = unsaved.pushed(&mut engine).unwrap();
    assert_eq!((again.observations, again.bars.len()), (pushed.observations, 2));
    assert_eq!(unsaved.note_in_journal().len(), 2);
    let taken = unsaved.take(&mut engine);
    assert!(taken.is_none_or(|taken| taken.is_all_in_journal), "a kill loses nothing of it");

    let (mut unsaved, mut engine, board) = shown(&store, 300).await;
    for _ in 0..2 {
        push_to(&mut unsaved, &mut engine, &board, "149");
        assert!(unsaved.pushed(&mut engine).is_none(), "a line does not hold what all of them saw");
    }
    let taken = unsaved.take(&mut engine).unwrap();
    assert_eq!((taken.decided.observations.len(), taken.answers.len(), taken.is_all_in_journal), (300, 2, false));
}

#[tokio::test]
async fn prices_of_answered_pushes_are_never_too_many_for_the_days_bars() {
    let (_folder, store) = store().await;
    let (mut unsaved, mut engine, board) = shown(&store, 0).await;
    let mut pushes = 0;
    while !unsaved.has_to_be_stored() {
        push_to(&mut unsaved, &mut engine, &board, "149");
        assert!(unsaved.pushed(&mut engine).is_some());
        drop(unsaved.note_in_journal());
        pushes += 1;
    }
    let taken = unsaved.take(&mut engine).unwrap();
    assert_eq!((pushes, taken.decided.bars.len()), (10_000, 10_000));
}
