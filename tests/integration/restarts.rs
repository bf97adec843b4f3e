//! What survives a clean stop and a death without a last word: everything that was acknowledged, and each crossing once.

use serde_json::{Value, json};

use crate::support::{Folders, Process, Server};

const OPTIONS: [&str; 4] = ["--feed", "none", "--ingest-token", "t0ken"];

async fn push(process: &Process, prices: &[&str]) {
    let quotes: Vec<Value> = prices.iter().map(|price| json!({"ticker": "A", "price": price})).collect();
    let request = process.request("POST", "/api/v1/quotes").header("authorization", "Bearer t0ken");
    request.json(&Value::from(quotes)).send().await.expect(202);
}

async fn post(process: &Process, path: &str, body: &Value) -> Value {
    process.request("POST", path).json(body).send().await.expect(201)
}

async fn get(process: &Process, path: &str) -> Value {
    process.request("GET", path).send().await.expect(200)
}

/// Opens the stream of notifications and reads it up to `synced`.
async fn notifications(process: &Process) -> crate::support::EventStream {
    let mut stream = process.request("GET", "/api/v1/sse/notifications").stream().await;
    stream.opening().await;
    stream
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    let portfolio = post(&process, "/api/v1/portfolios", &json!({"name": "Mine", "currency": "USD"})).await;
    let ledger = format!("/api/v1/portfolios/{}/activities", portfolio["portfolio_id"].as_str().unwrap());
    let buy = json!({"kind": "buy", "time": "2026-01-02", "ticker": "A", "quantity": "3", "price": "100"});
    let activity = post(&process, &ledger, &buy).await;
    let mut stream = notifications(&process).await;
    let fired = post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": "price_below", "threshold": "150"})).await;
    let triggered = stream.until("alert_triggered").await;
    let armed = post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": "price_above", "threshold": "500"})).await;
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    assert_eq!(get(&process, "/api/v1/portfolios").await[0]["name"], "Mine");
    assert_eq!(get(&process, &ledger).await, json!([activity]));
    let alerts = get(&process, "/api/v1/alerts").await;
    let state = |id: &Value| alerts.as_array().unwrap().iter().find(|alert| alert["id"] == *id).unwrap()["state"].clone();
    assert_eq!((state(&fired["id"]), state(&armed["id"])), (json!("triggered"), json!("armed")));
    let inbox = get(&process, "/api/v1/notifications").await;
    assert_eq!(inbox.as_array().unwrap().len(), 1);
    assert_eq!(inbox[0]["message"], triggered.data["message"]);
    let mut stream = process.request("GET", "/api/v1/sse/notifications").header("last-event-id", &triggered.id).stream().await;
    let opening = stream.opening().await;
    let again: Vec<&str> =
        opening.iter().map(|message| message.event.as_str()).filter(|name| *name == "alert_triggered").collect();
    assert!(again.is_empty(), "it was delivered before: {opening:?}");
}

#[tokio::test]
async fn a_push_that_was_answered_and_never_reached_the_database_is_there_after_a_kill_with_what_alerts_saw_of_it() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["151"]).await;
    let crossing = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150"});
    post(&process, "/api/v1/alerts", &crossing).await;
    let database = folders.database().await;
    let is_stored = "SELECT count(*) FROM quotes WHERE price = '151'";
    // Nothing is owed to the database when it begins to refuse: a refused price of before would have the next push wait for it.
    while sqlx::query_scalar::<_, i64>(is_stored).fetch_one(&database).await.unwrap() == 0 {}
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON quotes BEGIN SELECT RAISE(ABORT, 'no room'); END";
    sqlx::query(refuse).execute(&database).await.unwrap();
    push(&process, &["149", "148"]).await;
    let told = get(&process, "/api/v1/instruments/A/history?interval=1d").await;
    process.kill();
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM quotes WHERE price = '148'").fetch_one(&database).await.unwrap();
    assert_eq!(stored, 0, "the database has not taken it");
    sqlx::query("DROP TRIGGER full").execute(&database).await.unwrap();

    let process = Process::start(&folders, &OPTIONS);
    assert_eq!(get(&process, "/api/v1/quotes?tickers=A").await[0]["price"], "148");
    assert_eq!(get(&process, "/api/v1/instruments/A/history?interval=1d").await, told);
    let mut stream = notifications(&process).await;
    push(&process, &["152"]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!(triggered.text("previous_price"), "148", "the alert has seen what was answered");
}

#[tokio::test]
async fn a_level_passed_while_the_server_was_dead_fires_once_and_says_so() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    for (condition, threshold) in [("crosses_above", "150"), ("price_above", "150"), ("crosses_below", "140")] {
        post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": condition, "threshold": threshold})).await;
    }
    // What an alert observed last is stored within a second.
    let database = foliostream_observed(&folders);
    while database.count().await < 3 {}
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let mut stream = notifications(&process).await;
    push(&process, &["151"]).await;
    for _ in 0..2 {
        let triggered = stream.until("alert_triggered").await;
        assert_eq!((triggered.data["gap"].clone(), triggered.text("previous_price")), (json!(true), "149".to_owned()));
        assert!(triggered.text("message").contains("while the server was offline"), "{triggered:?}");
    }
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let mut stream = notifications(&process).await;
    push(&process, &["152", "149", "151", "139"]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!(triggered.text("condition"), "crosses_below");
    assert_eq!(get(&process, "/api/v1/notifications").await.as_array().unwrap().len(), 3, "the others are not told again");
}

/// Looks into the database of a running server, as a backup would.
struct Observed(String);

fn foliostream_observed(folders: &Folders) -> Observed {
    Observed(format!("sqlite://{}?mode=ro", folders.path("data/foliostream.db").display()))
}

impl Observed {
    async fn count(&self) -> i64 {
        use sqlx::Connection;
        let mut connection = sqlx::SqliteConnection::connect(&self.0).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM alerts WHERE memory LIKE '%last_price%'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        count
    }
}

#[tokio::test]
async fn a_clean_restart_fires_nothing_again_and_forgets_nothing() {
    let server = Server::start().await;
    server.price("A", "149").await;
    server.alert(&json!({"ticker": "A", "condition": "price_above", "threshold": "150"})).await;
    let every = server.alert(&json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"})).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.push(&[("A", "151")]).await;
    stream.until("alert_triggered").await;
    stream.until("alert_triggered").await;
    drop(stream);
    let server = server.restart(&[]).await;
    let mut stream = server.stream("notifications").await;
    stream.opening().await;
    server.push(&[("A", "152"), ("A", "149"), ("A", "153")]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((&triggered.data["alert_id"], triggered.text("price")), (&every["id"], "153".to_owned()));
    assert_eq!(triggered.data["gap"], false);
    let server = server.restart(&[]).await;
    assert_eq!(server.notifications().await.len(), 3);
}

#[tokio::test]
async fn what_is_acknowledged_while_the_server_stops_is_kept() {
    let server = Server::start().await;
    server.price("A", "149").await;
    server.alert(&json!({"ticker": "A", "condition": "price_above", "threshold": "150"})).await;
    // The stop comes right behind the push: the firing is stored on the way out.
    server.push(&[("A", "151")]).await;
    let server = server.restart(&[]).await;
    let inbox = server.notifications().await;
    assert_eq!((inbox.len(), inbox[0]["price"].as_str()), (1, Some("151")));
}

#[tokio::test]
async fn sigterm_says_bye_and_exits_0() {
    let folders = Folders::new();
    let mut options = OPTIONS.to_vec();
    options.extend(["--drain-s", "1"]);
    let process = Process::start(&folders, &options);
    let mut stream = notifications(&process).await;
    let code = tokio::task::spawn_blocking(move || process.terminate());
    let bye = stream.end().await;
    assert_eq!((bye.event.as_str(), bye.text("reason").as_str()), ("bye", "drain"));
    assert_eq!(code.await.unwrap(), Some(0));
}

#[tokio::test]
async fn what_an_acknowledged_push_said_and_fired_survives_a_kill_at_that_moment() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    let alerts = 40;
    for _ in 0..alerts {
        post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": "crosses_above", "threshold": "150"})).await;
    }
    push(&process, &["149", "151", "148.5"]).await;
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let inbox = get(&process, "/api/v1/notifications").await;
    assert_eq!(inbox.as_array().unwrap().len(), alerts);
    assert_eq!(get(&process, "/api/v1/quotes?tickers=A").await[0]["price"], "148.5");
}

#[tokio::test]
async fn alerts_that_left_their_level_in_an_acknowledged_push_fire_at_the_next_crossing_after_a_kill() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    let alerts = 40;
    let every = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    for _ in 0..alerts {
        post(&process, "/api/v1/alerts", &every).await;
    }
    push(&process, &["152", "139"]).await;
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let mut stream = notifications(&process).await;
    push(&process, &["155"]).await;
    for _ in 0..alerts {
        let triggered = stream.until("alert_triggered").await;
        assert_eq!((triggered.data["gap"].clone(), triggered.text("previous_price")), (json!(true), "139".to_owned()));
    }
    assert_eq!(get(&process, "/api/v1/notifications").await.as_array().unwrap().len(), 2 * alerts);
}

#[tokio::test]
async fn an_alert_watches_from_its_answer_on_whatever_dies() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["139"]).await;
    post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": "crosses_above", "threshold": "145"})).await;
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let mut stream = notifications(&process).await;
    push(&process, &["155"]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((triggered.data["gap"].clone(), triggered.text("previous_price")), (json!(true), "139".to_owned()));
    let alert = format!("/api/v1/alerts/{}", triggered.text("alert_id"));
    let rearmed = json!({"paused": false, "threshold": "160"});
    process.request("PATCH", &alert).json(&rearmed).send().await.expect(200);
    process.kill();

    let process = Process::start(&folders, &OPTIONS);
    let mut stream = notifications(&process).await;
    push(&process, &["161"]).await;
    let triggered = stream.until("alert_triggered").await;
    assert_eq!((triggered.data["gap"].clone(), triggered.text("previous_price")), (json!(true), "155".to_owned()));
}

/// Copies a data folder as a backup does, while no server runs on it.
fn back_up(folders: &Folders, from: &str, to: &str) {
    // What is not there need not go.
    let _ = std::fs::remove_dir_all(folders.path(to));
    std::fs::create_dir(folders.path(to)).unwrap();
    for file in std::fs::read_dir(folders.path(from)).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folders.path(to).join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_data_folder_that_was_put_back_gives_its_epoch_again_and_no_cursor_is_taken_for_its_own() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    let alert = json!({"ticker": "A", "condition": "crosses_above", "threshold": "150", "repeat": "every"});
    let kept = post(&process, "/api/v1/alerts", &alert).await;
    push(&process, &["151", "149"]).await;
    assert_eq!(process.terminate(), Some(0));
    back_up(&folders, "data", "backup");

    // What the backup does not know: an alert, and notifications 2 to 4.
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["151", "149", "151", "149", "151", "149"]).await;
    let ghost = post(&process, "/api/v1/alerts", &alert).await;
    let seen = process.request("GET", "/api/v1/sse/notifications").stream().await.opening().await;
    let cursor = seen.last().unwrap().clone();
    assert_eq!((cursor.event.as_str(), cursor.cursor().2), ("synced", 4));
    assert_eq!(process.terminate(), Some(0));
    back_up(&folders, "backup", "data");

    // The epoch is the second again, and there are other notifications 2 to 5.
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["152", "149", "152", "149", "152", "149", "152", "149"]).await;
    let request = process.request("GET", "/api/v1/sse/notifications").header("last-event-id", &cursor.id);
    let opening = request.stream().await.opening().await;
    let number = |term: String| term.split_at(term.len() - 9).0.to_owned();
    assert_eq!((number(opening[0].text("epoch")), number(cursor.cursor().0)), ("2".to_owned(), "2".to_owned()));
    assert_eq!((opening[1].event.as_str(), opening[1].text("reason").as_str()), ("reset", "epoch"));
    let alerts: Vec<_> =
        opening.iter().filter(|message| message.event == "alert_changed").map(|message| &message.data["id"]).collect();
    assert_eq!(alerts, [&kept["id"]], "{ghost} is gone");
    let told: Vec<_> =
        opening.iter().filter(|message| message.event == "alert_triggered").map(|message| &message.data["n"]).collect();
    assert_eq!(told, [2, 3, 4, 5], "all that this history has given a number since");
    // From here on its cursor is known.
    let request = process.request("GET", "/api/v1/sse/notifications").header("last-event-id", &opening.last().unwrap().id);
    assert_eq!(request.stream().await.opening().await[0].text("resume"), "replay");
}

#[tokio::test]
async fn a_ticker_that_only_earlier_versions_took_does_not_keep_a_server_from_starting() {
    let folders = Folders::new();
    let process = Process::start(&folders, &OPTIONS);
    push(&process, &["149"]).await;
    post(&process, "/api/v1/alerts", &json!({"ticker": "A", "condition": "price_above", "threshold": "150"})).await;
    assert_eq!(process.terminate(), Some(0));
    let database = folders.database().await;
    for change in [
        "UPDATE instruments SET ticker = '..'",
        "UPDATE quotes SET ticker = '..'",
        r#"UPDATE alerts SET rule = replace(rule, '"A"', '".."')"#,
    ] {
        sqlx::query(change).execute(&database).await.unwrap();
    }
    database.close().await;
    let process = Process::start(&folders, &OPTIONS);
    assert_eq!(get(&process, "/api/v1/alerts").await[0]["ticker"], "..");
    let page = process.request("GET", "/alerts").send().await;
    assert_eq!(page.status(), 200);
    let refused = process.request("GET", "/api/v1/quotes?tickers=..").send().await;
    assert_eq!(refused.problem(400).as_deref(), Some("tickers"));
}
