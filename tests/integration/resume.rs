//! Where a stream goes on after a cut: cursors, resets, replays (PROTOCOL §1, Cursors).

use serde_json::json;

use crate::support::{Message, Server};

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.event.as_str()).collect()
}

const PATH: &str = "prices?tickers=AAPL,MSFT";

async fn two_prices() -> (Server, Message) {
    let server = Server::start().await;
    server.price("AAPL", "150").await;
    server.price("MSFT", "400").await;
    let synced = server.stream(PATH).await.opening().await.pop().unwrap();
    (server, synced)
}

#[tokio::test]
async fn after_a_cut_only_what_is_newer_is_replayed() {
    let (server, synced) = two_prices().await;
    server.price("MSFT", "401").await;
    let opening = server.resume(PATH, &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "synced"]);
    assert_eq!(opening[0].data["resume"], "replay");
    assert_eq!(opening[0].id, synced.id, "hello repeats the cursor");
    assert_eq!((opening[1].text("ticker"), opening[1].text("price")), ("MSFT".to_owned(), "401".to_owned()));
    let again = server.resume(PATH, &opening[2].id).await.opening().await;
    assert_eq!(names(&again), ["hello", "synced"], "nothing is newer");
    assert_eq!(again[1].id, opening[2].id);
}

#[tokio::test]
async fn a_fresh_event_source_resumes_by_its_query_and_the_header_wins() {
    let (server, synced) = two_prices().await;
    let query = format!("{PATH}&last_event_id={}", synced.id);
    let opening = server.stream(&query).await.opening().await;
    assert_eq!((names(&opening), opening[0].text("resume")), (vec!["hello", "synced"], "replay".to_owned()));
    let hostile = format!("{PATH}&last_event_id=nonsense");
    let opening = server.resume(&hostile, &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "synced"]);
    let opening = server.resume(&query, "nonsense").await.opening().await;
    assert_eq!(names(&opening)[..2], ["hello", "reset"]);
}

#[tokio::test]
async fn a_cursor_within_the_live_events_continues_without_loss_or_repetition() {
    let (server, _) = two_prices().await;
    let mut stream = server.stream(PATH).await;
    stream.opening().await;
    server.price("AAPL", "151").await;
    let seen = stream.expect("price_update").await;
    drop(stream);
    server.price("AAPL", "152").await;
    let opening = server.resume(PATH, &seen.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "synced"]);
    assert_eq!(opening[1].text("price"), "152");
}

#[tokio::test]
async fn a_cut_before_synced_loses_nothing() {
    let (server, _) = two_prices().await;
    let mut cut = server.stream(PATH).await;
    let hello = cut.expect("hello").await;
    let first = cut.expect("price_update").await;
    drop(cut);
    let opening = server.resume(PATH, &hello.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "price_update", "synced"]);
    let opening = server.resume(PATH, &first.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "synced"]);
    assert_eq!(opening[1].text("ticker"), "MSFT");
}

#[tokio::test]
async fn ids_that_cannot_be_used_are_answered_with_200_reset_and_the_full_state() {
    let (server, synced) = two_prices().await;
    let (epoch, filter, n, seq) = synced.cursor();
    let newer = format!("{epoch}-{filter}-{n}-{}", seq + 1_000);
    let newer_n = format!("{epoch}-{filter}-9999-{seq}");
    let long = "9".repeat(5_000);
    let cases = [
        (newer.as_str(), "invalid"),
        (&newer_n, "invalid"),
        ("nonsense", "invalid"),
        ("-", "invalid"),
        ("1-2-3-4-5", "invalid"),
        ("-1-00000000--1--1", "invalid"),
        ("1-00000000-0-99999999999999999999999", "invalid"),
        ("' OR 1=1; DROP TABLE alerts --", "invalid"),
        ("../../etc/passwd", "invalid"),
        ("%00%0a", "invalid"),
        ("\u{fffd}\u{1f4a5}", "invalid"),
        (&long, "invalid"),
        ("7-00000000-0-1", "epoch"),
        // The number alone is no term, nor is it with another mark.
        (&format!("1-{filter}-{n}-{seq}"), "epoch"),
        (&format!("1000000001-{filter}-{n}-{seq}"), "epoch"),
        (&format!("{epoch}-00000000-{n}-{seq}"), "filter"),
    ];
    for (id, reason) in cases {
        let opening = server.resume(PATH, id).await.opening().await;
        assert_eq!(names(&opening), ["hello", "reset", "price_update", "price_update", "synced"], "{id}");
        assert_eq!(opening[1].text("reason"), reason, "{id}");
        assert_eq!(opening[0].text("resume"), "snapshot");
        assert_eq!((opening[0].cursor().3, opening[1].cursor().3), (0, 0), "a reset hello carries seq 0");
    }
}

#[tokio::test]
async fn an_empty_id_is_none() {
    let (server, _) = two_prices().await;
    let opening = server.stream(&format!("{PATH}&last_event_id=")).await.opening().await;
    assert_eq!(names(&opening), ["hello", "price_update", "price_update", "synced"]);
}

#[tokio::test]
async fn the_cursor_of_another_selection_of_tickers_is_another_filter() {
    let (server, synced) = two_prices().await;
    let opening = server.resume("prices?tickers=AAPL", &synced.id).await.opening().await;
    assert_eq!((opening[1].event.as_str(), opening[1].text("reason").as_str()), ("reset", "filter"));
    let opening = server.resume("prices?tickers=msft,aapl,MSFT", &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "synced"], "order, case and doubles are the same selection");
}

#[tokio::test]
async fn after_a_restart_the_epoch_is_new_and_everything_is_said_again() {
    let (server, synced) = two_prices().await;
    let server = server.restart(&[]).await;
    let opening = server.resume(PATH, &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "reset", "price_update", "price_update", "status", "synced"]);
    assert_eq!(opening[1].text("reason"), "epoch");
    assert!(opening[0].text("epoch").starts_with('2'), "{opening:?}");
    assert_eq!(opening[2].text("freshness"), "stale", "nothing was heard since");
    assert_eq!(opening[4].text("feed"), "stale");
}

#[tokio::test]
async fn unknown_tickers_with_a_cursor_wait_until_they_appear() {
    let server = Server::start().await;
    let mut stream = server.resume("prices?tickers=LATER", "1-00000000-0-5").await;
    let opening = stream.opening().await;
    assert_eq!(opening[0].data["unknown_tickers"], json!(["LATER"]));
    server.price("LATER", "5").await;
    assert_eq!(stream.until("price_update").await.text("ticker"), "LATER");
}

#[tokio::test]
async fn sequence_numbers_never_go_back() {
    let (server, _) = two_prices().await;
    let mut stream = server.stream("stream?tickers=AAPL,MSFT&notifications=true").await;
    stream.opening().await;
    let mut last = 0;
    for price in 151..160 {
        server.alert(&json!({"ticker": "AAPL", "condition": "price_below", "threshold": "1"})).await;
        server.price("AAPL", &price.to_string()).await;
        server.price("MSFT", &price.to_string()).await;
        for _ in 0..3 {
            let (_, _, _, seq) = stream.next().await.cursor();
            assert!(seq >= last);
            last = seq;
        }
    }
}
