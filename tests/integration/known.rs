//! What is known is kept: input that is ignored changes nothing, no default beats it, and it survives a restart.

use std::sync::Arc;

use foliostream_server::clock::Clock;
use serde_json::{Value, json};

use crate::support::{EventStream, Folders, MORNING, Message, Server, TOKEN};

async fn start(folders: &Arc<Folders>, feed: &str, options: &[&str]) -> Server {
    let mut all = vec!["--feed", feed, "--ingest-token", TOKEN, "--frame-interval-ms", "50"];
    all.extend(options);
    Server::start_in(Arc::clone(folders), Clock::manual(MORNING.parse().unwrap()), &all).await
}

/// Writes a replay and returns what `--feed` calls it.
fn replay(folders: &Folders, text: &str) -> String {
    let file = folders.path("ticks.csv");
    std::fs::write(&file, text).unwrap();
    format!("replay:{}", file.display())
}

/// Lets time pass until a message is what is waited for.
async fn until(server: &Server, stream: &mut EventStream, is_it: impl Fn(&Message) -> bool) -> Message {
    loop {
        let message = stream.next_while(|| server.advance(50)).await.unwrap();
        if is_it(&message) {
            return message;
        }
    }
}

async fn quote(server: &Server, ticker: &str) -> Value {
    server.get(&format!("/api/v1/quotes?tickers={ticker}")).await.expect(200)[0].clone()
}

/// Everything that a quote of a ticker could change.
async fn all_of(server: &Server, ticker: &str) -> Vec<Value> {
    let mut found = vec![quote(server, ticker).await];
    for query in ["interval=5m", "from=2026-10-20&to=2026-11-03"] {
        found.push(server.get(&format!("/api/v1/instruments/{ticker}/history?{query}")).await.expect(200));
    }
    found.push(server.get(&format!("/api/v1/instruments?query={}", &ticker[..3])).await.expect(200));
    found
}

#[tokio::test]
async fn a_quote_that_is_ignored_changes_no_bar_no_rate_and_no_instrument() {
    let folders = Arc::new(Folders::new());
    let server = start(&folders, "none", &[]).await;
    server.push_raw(&json!([{"ticker": "EURUSD=X", "price": "1.1"}])).await.expect(202);
    let before = all_of(&server, "EURUSD=X").await;
    for time in ["2026-11-02T09:58:00Z", "2026-11-02T10:00:00Z", "2026-11-01T12:00:00Z", "2026-10-25"] {
        let late = json!([{"ticker": "EURUSD=X", "price": "0.500001", "time": time, "previous_close": "3"}]);
        assert_eq!(server.push_raw(&late).await.expect(202), json!({"accepted": 0, "ignored": 1}), "{time}");
    }
    assert_eq!(all_of(&server, "EURUSD=X").await, before);
    let id = server.portfolio("EUR").await;
    let buy =
        json!({"kind": "buy", "ticker": "EURUSD=X", "quantity": "1", "price": "10", "currency": "USD", "time": "2026-11-02"});
    let bought = server.activity(&id, &buy).await;
    assert!(bought["exchange_rate"].as_str().unwrap().starts_with("0.90909"), "{bought}");
    server.stop().await;
    let server = start(&folders, "none", &[]).await;
    let mut after = all_of(&server, "EURUSD=X").await;
    // Bars of five minutes are not kept, and a restored quote is stale.
    (after[0]["freshness"], after[1]) = (before[0]["freshness"].clone(), before[1].clone());
    assert_eq!(after, before);
}

#[tokio::test]
async fn bars_of_a_clock_that_ran_ahead_give_way_to_the_present() {
    let server = start(&Arc::new(Folders::new()), "none", &[]).await;
    server.price("A", "1").await;
    server.clock.set_wall("2026-11-05T10:00:00Z".parse().unwrap());
    server.price("A", "2").await;
    server.clock.set_wall("2026-11-02T10:07:00Z".parse().unwrap());
    server.price("A", "3").await;
    let bars = server.get("/api/v1/instruments/A/history?interval=5m").await.expect(200);
    let closes: Vec<_> = bars.as_array().unwrap().iter().map(|bar| bar["close"].as_str().unwrap()).collect();
    assert_eq!(closes, ["1", "3"], "{bars}");
}

#[tokio::test]
async fn a_replay_without_currencies_keeps_those_that_are_known() {
    let rows = "time,ticker,price\n2026-01-02T10:00:00Z,VOD.L,94.2\n2026-01-02T10:00:00Z,HELD.L,50\n\
        2026-01-02T10:00:00Z,EURJPY=X,160\n2026-01-02T10:00:00Z,NEW,5\n2026-01-02T10:00:09Z,LAST,5\n";
    let folders = Arc::new(Folders::new());
    let server = start(&folders, "none", &[]).await;
    server.push_raw(&json!([{"ticker": "VOD.L", "price": "90", "currency": "GBX"}])).await.expect(202);
    let id = server.portfolio("GBP").await;
    for ticker in ["VOD.L", "HELD.L"] {
        let buy =
            json!({"kind": "buy", "ticker": ticker, "quantity": "1000", "price": "80", "currency": "GBp", "time": "2026-10-01"});
        server.activity(&id, &buy).await;
    }
    server.stop().await;
    let server = start(&folders, &replay(&folders, rows), &[]).await;
    let mut stream = server.stream("prices?tickers=VOD.L,LAST").await;
    until(&server, &mut stream, |message| message.event == "price_update" && message.text("ticker") == "LAST").await;
    for (ticker, currency) in [("VOD.L", "GBp"), ("HELD.L", "GBp"), ("EURJPY=X", "JPY"), ("NEW", "USD")] {
        let found = quote(&server, ticker).await;
        assert_eq!(found["currency"], currency, "{found}");
        assert!(found["time"].as_str().unwrap().starts_with("2026-01-02"), "the replay's own: {found}");
    }
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    let values: Vec<_> = view["holdings"].as_array().unwrap().iter().map(|holding| holding["market_value"].clone()).collect();
    assert_eq!(values, [json!("942"), json!("500")]);
}

#[tokio::test]
async fn a_push_without_a_currency_takes_the_one_that_is_known() {
    let server = start(&Arc::new(Folders::new()), "none", &[]).await;
    let id = server.portfolio("GBP").await;
    let buy = json!({"kind": "buy", "ticker": "HELD.L", "quantity": "1", "price": "80", "currency": "GBX", "time": "2026-10-01"});
    assert_eq!(server.activity(&id, &buy).await["currency"], "GBp");
    server
        .push_raw(&json!([{"ticker": "HELD.L", "price": "90"}, {"ticker": "NPN.J", "price": "9", "currency": "ZAC"}]))
        .await
        .expect(202);
    assert_eq!(quote(&server, "HELD.L").await["currency"], "GBp");
    assert_eq!(quote(&server, "NPN.J").await["currency"], "ZAc");
    server.push_raw(&json!([{"ticker": "HELD.L", "price": "90", "currency": "GBX"}])).await.expect(202);
    server.push_raw(&json!([{"ticker": "HELD.L", "price": "90", "currency": "USD"}])).await.problem(422);
}

#[tokio::test]
async fn a_currency_stored_under_its_other_name_is_the_same_currency() {
    let folders = Arc::new(Folders::new());
    let server = start(&folders, "none", &[]).await;
    server.push_raw(&json!([{"ticker": "VOD.L", "price": "90", "currency": "GBp"}])).await.expect(202);
    server.stop().await;
    let database = folders.database().await;
    for table in ["instruments", "quotes"] {
        let set = sqlx::AssertSqlSafe(format!("UPDATE {table} SET currency = 'GBX'"));
        assert_eq!(sqlx::query(set).execute(&database).await.unwrap().rows_affected(), 1);
    }
    database.close().await;
    let server = start(&folders, "none", &[]).await;
    assert_eq!(quote(&server, "VOD.L").await["currency"], "GBp");
    server.push_raw(&json!([{"ticker": "VOD.L", "price": "91", "currency": "GBp"}])).await.expect(202);
    let found = server.get("/api/v1/instruments?query=VOD").await.expect(200);
    assert_eq!(found[0]["currency"], "GBp");
}

#[tokio::test]
async fn pushed_quotes_of_own_instruments_survive_a_restart_under_every_feed() {
    let rows = "time,ticker,price\n2026-01-02T10:00:00Z,FED,1\n2026-01-02T10:00:01Z,FED,2\n";
    for feed in ["none", "simulated", "replay"] {
        let folders = Arc::new(Folders::new());
        let feed = if feed == "replay" { replay(&folders, rows) } else { feed.to_owned() };
        let options: &[&str] = if feed == "simulated" { &["--no-demo"] } else { &[] };
        let server = start(&folders, &feed, options).await;
        server.push_raw(&json!([{"ticker": "MINE", "price": "5", "currency": "EUR", "previous_close": "4"}])).await.expect(202);
        server.alert(&json!({"ticker": "MINE", "condition": "crosses_above", "threshold": "6"})).await;
        let bars = server.get("/api/v1/instruments/MINE/history").await.expect(200);
        server.stop().await;
        let server = start(&folders, &feed, options).await;
        let found = quote(&server, "MINE").await;
        for (field, wanted) in [("price", "5"), ("currency", "EUR"), ("previous_close", "4"), ("freshness", "stale")] {
            assert_eq!(found[field], wanted, "{feed}: {field}");
        }
        assert_eq!(server.get("/api/v1/instruments/MINE/history").await.expect(200), bars, "{feed}");
        server.price("MINE", "7").await;
        let notifications = server.notifications().await;
        assert_eq!(notifications.len(), 1, "{feed}: crossed while the server was away, or just now");
        assert_eq!(notifications[0]["previous_price"], "5", "{feed}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_replay_replaces_what_was_pushed_of_its_instruments_in_an_earlier_run() {
    let rows = "time,ticker,price\n2026-01-02T10:00:00Z,A,149\n2026-01-02T10:00:01Z,A,151\n2026-01-02T10:00:09Z,A,152\n";
    let folders = Arc::new(Folders::new());
    let server = start(&folders, "none", &[]).await;
    server.price("A", "500").await;
    server.alert(&json!({"ticker": "A", "condition": "crosses_above", "threshold": "150"})).await;
    server.stop().await;
    for _ in 0..2 {
        let server = start(&folders, &replay(&folders, rows), &[]).await;
        let mut stream = server.stream("prices?tickers=A").await;
        let last = until(&server, &mut stream, |message| message.event == "price_update" && message.text("price") == "152").await;
        assert!(last.text("time").starts_with("2026-01-02"), "{last:?}");
        let notifications = server.notifications().await;
        assert_eq!((notifications.len(), &notifications[0]["previous_price"]), (1, &json!("149")));
        assert_eq!(notifications[0]["gap"], false);
        server.stop().await;
    }
}
