//! The inbox and its stream: nothing is lost, however long a client was away (PROTOCOL §1 and §2).

use serde_json::{Value, json};

use crate::support::{Message, Server};

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.event.as_str()).collect()
}

fn numbers(messages: &[Message]) -> Vec<i64> {
    messages
        .iter()
        .filter(|message| message.event == "alert_triggered")
        .map(|message| message.data["n"].as_i64().unwrap())
        .collect()
}

/// Starts a server with an alert that fires at every rise above 150.
async fn restless(options: &[&str]) -> (Server, Value) {
    let server = Server::with(options).await;
    server.price("A", "149").await;
    let alert = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    let alert = server.alert(&alert).await;
    (server, alert)
}

/// Makes the alert fire so many times, and waits until all are stored.
async fn fire(server: &Server, times: usize) {
    let before = unread(server).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    let quotes: Vec<(&str, &str)> = (0..times).flat_map(|_| [("A", "151"), ("A", "149")]).collect();
    server.push(&quotes).await;
    server.advance(250);
    for _ in 0..times {
        stream.until("alert_triggered").await;
    }
    assert_eq!(unread(server).await, before + times as i64);
}

async fn unread(server: &Server) -> i64 {
    server.stream("notifications").await.until("synced").await.data["unread_count"].as_i64().unwrap()
}

#[tokio::test]
async fn the_full_state_is_every_alert_and_then_what_is_unread() {
    let (server, alert) = restless(&[]).await;
    let other = server.alert(&json!({"ticker": "A", "condition": "price_below", "threshold": "1"})).await;
    let gone = server.alert(&json!({"ticker": "A", "condition": "price_below", "threshold": "2"})).await;
    server.delete(&format!("/api/v1/alerts/{}", gone["id"].as_str().unwrap())).await;
    fire(&server, 2).await;
    let opening = server.stream("notifications").await.opening().await;
    assert_eq!(names(&opening), ["hello", "alert_changed", "alert_changed", "alert_triggered", "alert_triggered", "synced"]);
    let mut alerts: Vec<&Value> = opening[1..3].iter().map(|message| &message.data["id"]).collect();
    alerts.sort_by_key(|id| id.to_string());
    assert_eq!(alerts, [&alert["id"], &other["id"]], "what was deleted is not in the list that replaces the client's");
    assert_eq!(numbers(&opening), [1, 2]);
    assert!(opening.iter().filter(|message| message.event == "alert_triggered").all(|message| message.data["replayed"] == true));
    assert_eq!(opening[5].data["unread_count"], 2);
    assert_eq!(opening[5].cursor().2, 2);
}

#[tokio::test]
async fn a_client_without_a_number_gets_the_newest_two_hundred_unread() {
    let (server, _) = restless(&[]).await;
    fire(&server, 205).await;
    let read = server.post("/api/v1/notifications/100/read", &json!({})).await.expect(200);
    assert_eq!(read, json!({"notification_id": "100", "unread_count": 204}));
    let opening = server.stream("notifications").await.opening().await;
    let wanted: Vec<i64> = (5..=205).filter(|n| *n != 100).collect();
    assert_eq!(numbers(&opening), wanted);
    assert_eq!(opening.last().unwrap().data["unread_count"], 204);
}

#[tokio::test]
async fn five_hundred_missed_notifications_all_arrive_once_and_in_order() {
    let (server, _) = restless(&[]).await;
    let mut away = server.stream("notifications").await;
    let synced = away.opening().await.pop().unwrap();
    drop(away);
    fire(&server, 500).await;
    let opening = server.resume("notifications", &synced.id).await.opening().await;
    assert_eq!(opening[0].text("resume"), "replay");
    assert_eq!(numbers(&opening), (1..=500).collect::<Vec<i64>>());
    let ids: Vec<i64> = opening.iter().map(|message| message.cursor().2).collect();
    assert!(ids.is_sorted());
    let middle = opening.iter().find(|message| message.data["n"] == 321).unwrap();
    let rest = server.resume("notifications", &middle.id).await.opening().await;
    assert_eq!(numbers(&rest), (322..=500).collect::<Vec<i64>>(), "a cut within the pages goes on where it was");
}

#[tokio::test]
async fn a_reader_that_stops_gets_every_notification_when_it_goes_on() {
    let (server, _) = restless(&[]).await;
    let mut stopped = server.stream("notifications").await;
    fire(&server, 700).await;
    let mut seen = Vec::new();
    while seen.len() < 700 {
        let message = stopped.next().await;
        if message.event == "alert_triggered" {
            seen.push(message.data["n"].as_i64().unwrap());
        }
    }
    assert_eq!(seen, (1..=700).collect::<Vec<i64>>());
}

#[tokio::test]
async fn after_a_restart_come_reset_full_state_and_the_notifications_missed() {
    let (server, alert) = restless(&[]).await;
    fire(&server, 3).await;
    let seen = {
        let opening = server.stream("notifications").await.opening().await;
        opening.into_iter().find(|message| message.data["n"] == 2).unwrap()
    };
    let server = server.restart(&[]).await;
    let opening = server.resume("notifications", &seen.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "reset", "alert_changed", "alert_triggered", "status", "synced"]);
    assert_eq!(opening[1].text("reason"), "epoch");
    assert_eq!(opening[2].data["id"], alert["id"]);
    assert_eq!((numbers(&opening), opening[3].data["replayed"].clone()), (vec![3], json!(true)));
    assert_eq!((opening[5].data["unread_count"].clone(), opening[5].cursor().2), (json!(3), 3), "n is never reset");
}

#[tokio::test]
async fn a_live_notification_is_no_replay_and_reading_it_is_announced_once() {
    let (server, _) = restless(&[]).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.push(&[("A", "151")]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!(triggered.data["replayed"], false);
    let path = format!("/api/v1/notifications/{}/read", triggered.text("notification_id"));
    let read = server.post(&path, &json!({})).await.expect(200);
    assert_eq!(read, json!({"notification_id": "1", "unread_count": 0}));
    assert_eq!(stream.expect("notification_read").await.data, read);
    assert_eq!(server.post(&path, &json!({})).await.expect(200), read, "a second time changes nothing");
    server.alert(&json!({"ticker": "A", "condition": "price_below", "threshold": "1"})).await;
    stream.expect("alert_changed").await;
    server.post("/api/v1/notifications/99/read", &json!({})).await.problem(404);
    server.post("/api/v1/notifications/none/read", &json!({})).await.problem(404);
}

#[tokio::test]
async fn what_was_deleted_or_read_while_away_is_replayed() {
    let (server, alert) = restless(&[]).await;
    fire(&server, 1).await;
    let synced = server.stream("notifications").await.opening().await.pop().unwrap();
    server.post("/api/v1/notifications/1/read", &json!({})).await.expect(200);
    server.delete(&format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap())).await;
    let opening = server.resume("notifications", &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "notification_read", "alert_changed", "synced"]);
    assert_eq!(opening[2].data, json!({"id": alert["id"], "deleted": true}));
    assert_eq!(opening[3].data["unread_count"], 0);
}

#[tokio::test]
async fn so_many_marks_while_away_are_a_reset() {
    let (server, _) = restless(&[]).await;
    let synced = server.stream("notifications").await.opening().await.pop().unwrap();
    fire(&server, 1_030).await;
    for n in 1..=1_030 {
        server.post(&format!("/api/v1/notifications/{n}/read"), &json!({})).await.expect(200);
    }
    let mut stream = server.resume("notifications", &synced.id).await;
    assert_eq!(stream.expect("hello").await.text("resume"), "snapshot");
    assert_eq!(stream.expect("reset").await.text("reason"), "evicted");
    assert_eq!(numbers(&stream.opening().await), (1..=1_030).collect::<Vec<i64>>(), "its n was usable: none is lost");
    let prices = server.stream("prices?tickers=A").await.opening().await;
    let old = prices[0].id.replace("-0-0", "-0-1");
    let opening = server.resume("prices?tickers=A", &old).await.opening().await;
    assert_eq!(opening[0].text("resume"), "replay", "prices have no marks to lose");
}

#[tokio::test]
async fn the_inbox_is_newest_first_or_ascending_after_a_number() {
    let (server, _) = restless(&[]).await;
    fire(&server, 5).await;
    let list = async |query: &str| -> Vec<i64> {
        let page = server.get(&format!("/api/v1/notifications{query}")).await.expect(200);
        page.as_array().unwrap().iter().map(|entry| entry["n"].as_i64().unwrap()).collect()
    };
    assert_eq!(list("").await, [5, 4, 3, 2, 1]);
    assert_eq!(list("?limit=2").await, [5, 4]);
    assert_eq!(list("?after=2").await, [3, 4, 5]);
    assert_eq!(list("?after=2&limit=1").await, [3]);
    assert_eq!(list("?after=99").await, Vec::<i64>::new());
    for beyond in ["0", "501"] {
        let refused = server.get(&format!("/api/v1/notifications?limit={beyond}")).await;
        assert_eq!(refused.problem(400).as_deref(), Some("limit"));
    }
    for query in ["?after=x", "?limit=-1", "?limit=many"] {
        let field = query[1..].split_once('=').unwrap().0;
        assert_eq!(server.get(&format!("/api/v1/notifications{query}")).await.problem(400).as_deref(), Some(field), "{query}");
    }
}

#[tokio::test]
async fn max_hz_holds_no_notification_back() {
    let (server, _) = restless(&[]).await;
    let mut stream = server.stream("stream?tickers=A&notifications=true&max_hz=0.01").await;
    stream.opening().await;
    server.push(&[("A", "148")]).await;
    stream.expect("price_update").await;
    server.advance(250);
    server.push(&[("A", "152")]).await;
    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some("alert_triggered") {
        seen.push(stream.next().await.event);
    }
    assert_eq!(seen, ["price_update", "alert_changed", "alert_triggered"], "what was held back comes with it");
}

#[tokio::test]
async fn max_hz_holds_no_change_of_an_alert_back() {
    let (server, alert) = restless(&[]).await;
    let mut stream = server.stream("stream?tickers=A&notifications=true&max_hz=0.01").await;
    stream.opening().await;
    server.push(&[("A", "148")]).await;
    stream.expect("price_update").await;
    let path = format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap());
    for paused in [true, false] {
        server.patch(&path, &json!({"paused": paused})).await.expect(200);
        assert_eq!(stream.expect("alert_changed").await.text("state"), if paused { "paused" } else { "armed" });
    }
    server.delete(&path).await;
    assert_eq!(stream.expect("alert_changed").await.data["deleted"], true);
}

#[tokio::test]
async fn notifications_outlive_their_alert() {
    let (server, alert) = restless(&[]).await;
    fire(&server, 1).await;
    server.delete(&format!("/api/v1/alerts/{}", alert["id"].as_str().unwrap())).await;
    assert_eq!(server.notifications().await.len(), 1);
}

#[tokio::test]
async fn what_is_deleted_is_told_to_every_page_and_is_not_told_again() {
    let (server, _) = restless(&[]).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    fire(&server, 3).await;
    assert_eq!(server.delete("/api/v1/notifications/2").await.status(), 204);
    let told = stream.until("notification_read").await;
    assert_eq!(told.data, json!({"notification_id": "2", "unread_count": 2, "deleted": true}));
    let left = server.get("/api/v1/notifications").await.expect(200);
    assert_eq!(left.as_array().unwrap().iter().map(|told| told["n"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(numbers(&server.stream("notifications").await.opening().await), [1, 3]);
    assert_eq!(server.delete("/api/v1/notifications/2").await.status(), 204, "a second time changes nothing");
    assert_eq!(server.delete("/api/v1/notifications/99").await.status(), 404);
    assert_eq!(server.post("/api/v1/notifications/2/restore", &json!({})).await.status(), 204);
    assert_eq!(
        stream.until("notification_read").await.data,
        json!({"notification_id": "2", "unread_count": 2, "deleted": false})
    );
    assert_eq!(server.get("/api/v1/notifications").await.expect(200).as_array().map(Vec::len), Some(3));
    assert_eq!(server.post("/api/v1/notifications/x/restore", &json!({})).await.status(), 404);
}

#[tokio::test]
async fn open_pages_are_told_of_each_notification_that_goes_with_everything() {
    let (server, _) = restless(&[]).await;
    fire(&server, 3).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    let form = "application/x-www-form-urlencoded";
    let deleted = server.request("POST", "/api/ui/delete_everything").header("accept", "application/json").text(form, "sure=yes");
    assert_eq!(deleted.send().await.status(), 200);
    let mut gone = Vec::new();
    for _ in 0..3 {
        let told = stream.until("notification_read").await;
        assert_eq!((&told.data["deleted"], &told.data["unread_count"]), (&json!(true), &json!(0)));
        gone.push(told.text("notification_id"));
    }
    assert_eq!(gone, ["3", "2", "1"]);
    assert_eq!(server.post("/api/v1/notifications/2/restore", &json!({})).await.status(), 404, "what it told is gone");
}
