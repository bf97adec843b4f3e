//! What only PostgreSQL can do to us: refuse, stop, stand still, come back.

use std::time::{Duration, Instant};

use sqlx::{Executor, PgConnection};

use crate::store::statement::statement;
use crate::store::testing::postgres_server::{Database, GUARDED, Server, server};
use crate::store::testing::{Kind, Place};
use crate::store::{Address, Sharing, Store, StoreError, check};

/// Longer than a call may take, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

async fn store() -> (Place, Store) {
    Kind::Postgres.store().await
}

async fn connect(place: &Place) -> PgConnection {
    match place {
        Place::Database(database) => database.connect().await,
        Place::Folder(folder) => panic!("{folder:?}"),
    }
}

async fn refused(url: &str) -> String {
    let refusal = Store::at(&url.parse().unwrap(), Sharing::Shared).await.unwrap_err();
    let StoreError::Refused { .. } = &refusal else { panic!("{refusal:?}") };
    let line = refusal.to_string();
    assert!(line.starts_with("--database-url: ") && !line.contains('\n'), "{line}");
    assert!(!line.contains("s3cret"), "{line}");
    line
}

async fn text(store: &Store, question: &'static str, column: &str) -> String {
    statement(question).one(&mut store.read().await.unwrap()).await.unwrap().get(column).unwrap()
}

#[tokio::test]
async fn commits_are_synced_and_readers_only_read() {
    let (_place, store) = store().await;
    assert_eq!(text(&store, "SHOW synchronous_commit", "synchronous_commit").await, "on");
    assert_eq!(text(&store, "SHOW application_name", "application_name").await, "foliostream");
    let write = statement("DELETE FROM settings").run(&mut store.read().await.unwrap()).await.unwrap_err();
    assert!(write.to_string().contains("read-only"), "{write}");
}

#[tokio::test]
async fn a_wrong_password_is_one_line_that_does_not_repeat_it() {
    let (user, password) = GUARDED;
    let wrong = server().url_of(&format!("{user}:wrong-s3cret"), "postgres");
    assert!(refused(&wrong).await.contains("password authentication failed"));
    let database = Database::new(None).await;
    let right = server().url_of(&format!("{user}:{password}"), database.name());
    let store = Store::at(&right.parse().unwrap(), Sharing::Shared).await.unwrap();
    assert!(!format!("{store:?}").contains("s3cret"));
    store.close().await;
}

#[tokio::test]
async fn a_database_or_a_server_that_is_not_there_is_one_line() {
    assert!(refused(&server().url("nowhere")).await.contains("does not exist"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let line = refused(&format!("postgres://u:s3cret@{free}/db")).await;
    assert!(line.contains(&free.to_string()), "{line}");
    refused("postgres://u:s3cret@nowhere.invalid/db").await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_refused_within_seconds() {
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let line = refused(&format!("postgres://u:s3cret@{}/db", mute.local_addr().unwrap())).await;
    assert!(line.contains("no answer within 5 seconds"), "{line}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    let (place, store) = store().await;
    let newer = "INSERT INTO _sqlx_migrations VALUES (9001, 'later', now(), TRUE, '', 0)";
    connect(&place).await.execute(newer).await.unwrap();
    store.close().await;
    let refusal = Store::at(&place.address(), Sharing::Shared).await.unwrap_err().to_string();
    assert!(refusal.starts_with("--database-url: ") && refusal.contains("schema 9001, newer"), "{refusal}");
    assert!(check(&place.address()).await.unwrap_err().to_string().contains("9001"));
}

#[tokio::test]
async fn a_schema_that_was_altered_and_one_of_another_program_are_refused() {
    let (place, store) = store().await;
    store.close().await;
    let mut other = connect(&place).await;
    other.execute("UPDATE _sqlx_migrations SET checksum = ''").await.unwrap();
    let refusal = Store::at(&place.address(), Sharing::Shared).await.unwrap_err().to_string();
    assert!(refusal.contains("not this program's"), "{refusal}");
    other.execute("UPDATE _sqlx_migrations SET version = -version").await.unwrap();
    Store::at(&place.address(), Sharing::Shared).await.unwrap_err();
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let database = Database::new(None).await;
    let mut administrator = database.connect().await;
    let create = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    administrator.execute(create).await.unwrap();
    assert!(refused(&server().url("latin")).await.contains("ENCODING 'UTF8'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_that_start_at_once_make_the_schema_once() {
    let database = Database::new(None).await;
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let address: Address = database.url().parse().unwrap();
            tokio::spawn(async move { Store::at(&address, Sharing::Shared).await.unwrap().begin_epoch().await.unwrap() })
        })
        .collect();
    let mut epochs = Vec::new();
    for start in starting {
        epochs.push(start.await.unwrap());
    }
    epochs.sort_unstable();
    assert_eq!(epochs, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_change_dropped_before_its_commit_leaves_nothing_and_frees_the_lock() {
    let (_place, store) = store().await;
    let mut dropped = store.begin().await.unwrap();
    statement("INSERT INTO settings VALUES ('key', 'lost')").run(&mut dropped).await.unwrap();
    drop(dropped);
    store.set_setting("other", "kept").await.unwrap();
    assert_eq!(store.get_setting("key").await.unwrap(), None);
}

#[tokio::test]
async fn a_change_left_in_the_middle_does_not_hold_up_the_others_for_long() {
    let (place, paused) = store().await;
    let other = place.share().await;
    let mut left = paused.begin().await.unwrap();
    statement("INSERT INTO settings VALUES ('key', 'lost')").run(&mut left).await.unwrap();
    // The server ends the change that waits, and this one begins.
    other.set_setting("key", "kept").await.unwrap();
    let late = left.commit().await.unwrap_err();
    assert!(matches!(late, StoreError::Unavailable(_)), "{late}");
    assert_eq!(paused.get_setting("key").await.unwrap().as_deref(), Some("kept"));
    paused.set_setting("key", "again").await.unwrap();
}

#[tokio::test]
async fn a_call_given_up_while_it_waits_leaves_nothing_and_costs_no_connection() {
    let (_place, store) = store().await;
    store.set_setting("key", "before").await.unwrap();
    let held = store.begin().await.unwrap();
    // More than there are connections for changes.
    for _ in 0..10 {
        let given_up = tokio::time::timeout(Duration::from_millis(20), store.set_setting("key", "lost")).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("before"));
    drop(held);
    store.set_setting("other", "kept").await.unwrap();
    assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("before"));
}

#[tokio::test]
async fn connections_that_the_server_cut_are_replaced() {
    let (place, store) = store().await;
    store.set_setting("key", "value").await.unwrap();
    let mut other = connect(&place).await;
    for _ in 0..3 {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()";
        other.execute(cut).await.unwrap();
        until_it_works(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_or_is_gone_fails_calls_in_seconds_and_is_used_again_when_it_is_back() {
    let server: &'static Server = Box::leak(Box::new(Server::start()));
    let database = Database::on(server, None).await;
    let store = Store::at(&database.url().parse().unwrap(), Sharing::Shared).await.unwrap();
    store.set_setting("key", "before").await.unwrap();

    server.signal("-STOP");
    fails_soon(&store).await;
    server.signal("-CONT");
    until_it_works(&store).await;

    server.stop();
    fails_soon(&store).await;
    server.start_again();
    until_it_works(&store).await;
    assert_eq!(store.get_setting("key").await.unwrap().as_deref(), Some("before"), "what was answered is there");
}

/// Reads and writes at once, more than the pools hold; each is refused, and soon.
async fn fails_soon(store: &Store) {
    let began = Instant::now();
    let calls: Vec<_> = (0..12)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                if number % 2 == 0 { store.get_setting("key").await.map(drop) } else { store.set_setting("lost", "").await }
            })
        })
        .collect();
    for call in calls {
        let refusal = call.await.unwrap().unwrap_err();
        assert!(matches!(refusal, StoreError::Unavailable(_)), "{refusal:?}");
    }
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

async fn until_it_works(store: &Store) {
    let began = Instant::now();
    while store.set_setting("works", "again").await.is_err() || store.get_setting("works").await.is_err() {
        assert!(began.elapsed() < PATIENCE, "it did not come back");
    }
}
