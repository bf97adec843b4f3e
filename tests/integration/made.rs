//! Instruments that no source knows: made, described, and priced by hand or by their last trade.

use serde_json::{Value, json};

use crate::support::{MORNING, Server};

fn newco() -> Value {
    json!({"ticker": "NEWCO", "name": "New Company", "currency": "EUR", "class": "share", "isin": "US0378331005", "sector": "Software"})
}

async fn portfolio(server: &Server, activities: &[Value]) -> String {
    let made = server.post("/api/v1/portfolios", &json!({"name": "Main", "currency": "EUR"})).await.expect(201);
    let id = made["portfolio_id"].as_str().unwrap().to_owned();
    for activity in activities {
        server.post(&format!("/api/v1/portfolios/{id}/activities"), activity).await.expect(201);
    }
    id
}

#[tokio::test]
async fn an_instrument_is_made_found_by_either_name_and_described_in_another_way() {
    let server = Server::start().await;
    let made = server.post("/api/v1/instruments", &newco()).await;
    assert_eq!((made.status(), made.header("location")), (201, "/api/v1/instruments/NEWCO"));
    let expected = json!({"ticker": "NEWCO", "name": "New Company", "currency": "EUR", "class": "share", "price_decimals": 2,
        "source": null, "priced_on": null, "isin": "US0378331005", "sector": "Software", "country": null});
    assert_eq!(made.json(), expected);
    for name in ["NEWCO", "newco", "US0378331005"] {
        assert_eq!(server.get(&format!("/api/v1/instruments/{name}")).await.expect(200), expected, "{name}");
    }
    for query in ["us0378331005", "company", "newco"] {
        let found = server.get(&format!("/api/v1/instruments?query={query}")).await.expect(200);
        assert_eq!(found[0]["ticker"], "NEWCO", "{query}");
    }
    let patch = json!({"name": "Newer", "country": "Germany", "sector": "", "price_decimals": 4});
    let changed = server.patch("/api/v1/instruments/NEWCO", &patch).await.expect(200);
    let told = ["name", "country", "sector", "price_decimals", "isin"].map(|field| changed[field].clone());
    assert_eq!(told, [json!("Newer"), json!("Germany"), Value::Null, json!(4), json!("US0378331005")]);
    assert_eq!(server.get("/api/v1/instruments?query=newer").await.expect(200)[0]["name"], "Newer");
}

#[tokio::test]
async fn what_cannot_be_made_or_described_is_refused_by_its_field() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let with = |field: &str, value: Value| {
        let mut draft = json!({"ticker": "OTHER", "name": "Other", "currency": "EUR", "class": "fund"});
        draft[field] = value;
        draft
    };
    for (field, value) in [
        ("ticker", json!("a b")),
        ("name", json!(" ")),
        ("name", json!("x".repeat(101))),
        ("currency", json!("EURO")),
        ("isin", json!("US0378331006")),
        ("price_decimals", json!(11)),
        ("sector", json!("x".repeat(101))),
        ("country", json!("a\nb")),
    ] {
        let refusal = server.post("/api/v1/instruments", &with(field, value)).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field));
    }
    assert_eq!(server.post("/api/v1/instruments", &newco()).await.problem(409).as_deref(), Some("ticker"));
    let twin = server.post("/api/v1/instruments", &with("isin", json!("US0378331005"))).await;
    assert_eq!(twin.problem(409).as_deref(), Some("isin"));
    server.get("/api/v1/instruments/OTHER").await.problem(404);
    server.patch("/api/v1/instruments/OTHER", &json!({"name": "x"})).await.problem(404);
    let other_currency = server.patch("/api/v1/instruments/NEWCO", &json!({"currency": "USD"})).await;
    assert_eq!(other_currency.problem(422).as_deref(), Some("currency"));
}

#[tokio::test]
async fn a_holding_is_priced_by_its_last_trade_until_a_price_is_entered_and_its_day_is_told() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let buy = |date: &str, price: &str| json!({"kind": "buy", "time": date, "ticker": "NEWCO", "quantity": "10", "price": price});
    let id = portfolio(&server, &[buy("2026-10-01", "40"), buy("2026-10-20", "42")]).await;
    let instrument = async || server.get("/api/v1/instruments/NEWCO").await.expect(200);
    let told = instrument().await;
    assert_eq!((&told["source"], &told["priced_on"]), (&json!("last_trade"), &json!("2026-10-20")));
    let portfolio = async || server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    let valued = portfolio().await;
    assert_eq!((&valued["market_value"], &valued["incomplete"]), (&json!("840"), &json!([])));
    let prices = json!([{"date": "2026-10-15", "price": "41"}, {"date": "2026-10-10", "price": "39.50"}]);
    let accepted = server.post("/api/v1/instruments/NEWCO/prices", &prices).await.expect(200);
    assert_eq!(accepted, json!({"accepted": 2}));
    let told = instrument().await;
    assert_eq!((&told["source"], &told["priced_on"]), (&json!("by_hand"), &json!("2026-10-15")), "it counts before a trade");
    assert_eq!(portfolio().await["market_value"], "820");
    let quote = &server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200)[0];
    assert_eq!((&quote["price"], &quote["freshness"], &quote["source"]), (&json!("41"), &json!("closed"), &json!("by_hand")));
    let history = server.get("/api/v1/instruments/NEWCO/history?from=2026-10-01&to=2026-11-01").await.expect(200);
    let closes: Vec<&str> = history.as_array().unwrap().iter().map(|bar| bar["close"].as_str().unwrap()).collect();
    assert_eq!(closes, ["39.50", "41"]);
    let gone = json!([{"date": "2026-10-15", "price": null}, {"date": "2026-10-10", "price": "39"}]);
    server.post("/api/v1/instruments/NEWCO/prices", &gone).await.expect(200);
    assert_eq!(portfolio().await["market_value"], "780");
    server.post("/api/v1/instruments/NEWCO/prices", &json!([{"date": "2026-10-10", "price": null}])).await.expect(200);
    assert_eq!(
        (portfolio().await["market_value"].clone(), instrument().await["source"].clone()),
        (json!("840"), json!("last_trade"))
    );
}

#[tokio::test]
async fn a_price_of_today_makes_a_day_and_is_worth_half_after_a_split() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let buy = json!({"kind": "buy", "time": "2026-10-01", "ticker": "us0378331005", "quantity": "10", "price": "40"});
    let id = portfolio(&server, std::slice::from_ref(&buy)).await;
    let prices = json!([{"date": "2026-11-01", "price": "50"}, {"date": "2026-11-02", "price": "55"}]);
    server.post("/api/v1/instruments/NEWCO/prices", &prices).await.expect(200);
    let valued = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&valued["market_value"], &valued["day_change"]), (&json!("550"), &json!("50")));
    assert_eq!(valued["holdings"][0]["ticker"], "NEWCO", "the ISIN named it");
    let quoted = server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200);
    assert_eq!(quoted[0]["freshness"], "closed");
    let other = json!({"ticker": "OLD", "name": "Old", "currency": "EUR", "class": "other"});
    server.post("/api/v1/instruments", &other).await.expect(201);
    let at = format!("/api/v1/portfolios/{id}/activities");
    server
        .post(&at, &json!({"kind": "buy", "time": "2026-10-01", "ticker": "OLD", "quantity": "4", "price": "100"}))
        .await
        .expect(201);
    server.post(&at, &json!({"kind": "split", "time": "2026-10-05", "ticker": "OLD", "quantity": "2"})).await.expect(201);
    let quoted = server.get("/api/v1/quotes?tickers=OLD").await.expect(200);
    assert_eq!((&quoted[0]["price"], &quoted[0]["source"]), (&json!("50"), &json!("last_trade")));
}

#[tokio::test]
async fn prices_that_cannot_be_read_are_refused_with_their_place_and_none_is_entered() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let good = json!({"date": "2026-10-01", "price": "40"});
    for (bad, field) in [
        (json!({"date": "2026-10-32", "price": "1"}), "[1].date"),
        (json!({"date": "1899-12-31", "price": "1"}), "[1].date"),
        (json!({"date": "2026-11-04", "price": "1"}), "[1].date"),
        (json!({"date": "2026-10-02", "price": "0"}), "[1].price"),
        (json!({"date": "2026-10-02", "price": "-1"}), "[1].price"),
        (json!({"date": "2026-10-02", "price": "1e5"}), "[1].price"),
        (json!({"date": "2026-10-02", "price": "1234567890123456789012345678901"}), "[1].price"),
    ] {
        let refusal = server.post("/api/v1/instruments/NEWCO/prices", &json!([good, bad])).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{bad}");
    }
    assert_eq!(server.get("/api/v1/instruments/NEWCO").await.expect(200)["priced_on"], Value::Null);
    server.post("/api/v1/instruments/NONE/prices", &json!([good])).await.problem(404);
    let many: Vec<&Value> = vec![&good; 15_001];
    server.post("/api/v1/instruments/NEWCO/prices", &json!(many)).await.problem(413);
}

#[tokio::test]
async fn a_price_that_a_program_pushed_later_counts_and_one_of_before_does_not() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    server.post("/api/v1/instruments/NEWCO/prices", &json!([{"date": "2026-10-30", "price": "40"}])).await.expect(200);
    let push = async |time: &str, price: &str| {
        server.push_raw(&json!([{"ticker": "NEWCO", "price": price, "time": time}])).await.expect(202);
    };
    let source = async || server.get("/api/v1/instruments/NEWCO").await.expect(200)["source"].clone();
    push("2026-10-29T10:00:00Z", "39").await;
    assert_eq!(source().await, "by_hand");
    push("2026-11-02T09:59:00Z", "41").await;
    server.advance(250);
    server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200);
    let mut stream = server.stream("prices?tickers=NEWCO").await;
    let shown = stream.until("price_update").await;
    assert_eq!((shown.data["price"].clone(), source().await), (json!("41"), json!("pushed")));
}

#[tokio::test]
async fn what_was_entered_is_there_after_a_restart_and_in_the_file_of_everything() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let prices = json!([{"date": "2026-10-10", "price": "39.50"}, {"date": "2026-10-15", "price": "41"}]);
    server.post("/api/v1/instruments/NEWCO/prices", &prices).await.expect(200);
    let described = server.get("/api/v1/instruments/NEWCO").await.expect(200);
    let server = server.restart(&[]).await;
    assert_eq!(server.get("/api/v1/instruments/NEWCO").await.expect(200), described);
    let quoted = &server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200)[0];
    assert_eq!((&quoted["price"], &quoted["freshness"], &quoted["source"]), (&json!("41"), &json!("closed"), &json!("by_hand")));
    let file = server.get("/api/v1/export").await.expect(200);
    let exported = &file["instruments"][0];
    assert_eq!((&exported["ticker"], &exported["isin"]), (&json!("NEWCO"), &json!("US0378331005")));
    let newest_first = json!([{"date": "2026-10-15", "price": "41"}, {"date": "2026-10-10", "price": "39.50"}]);
    assert_eq!(exported["prices"], newest_first);
}

#[tokio::test]
async fn yesterday_s_price_is_corrected_and_with_it_today_s_change() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let enter = async |day: &str, price: &str| {
        server.post("/api/v1/instruments/NEWCO/prices", &json!([{"date": day, "price": price}])).await.expect(200);
        server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200)[0]["change"].clone()
    };
    enter("2026-11-01", "50").await;
    assert_eq!(enter("2026-11-02", "55").await, "5");
    assert_eq!(enter("2026-11-01", "54").await, "1");
}

#[tokio::test]
async fn what_was_traded_before_prices_were_entered_is_priced_at_the_next_start() {
    let server = Server::start().await;
    let buy = json!({"kind": "buy", "time": "2026-10-01", "ticker": "OLD", "quantity": "4", "price": "100", "currency": "EUR"});
    let id = portfolio(&server, std::slice::from_ref(&buy)).await;
    // As it was left by a version that knew of no last trade.
    let folders = server.folders.clone();
    server.stop().await;
    let database = folders.database().await;
    sqlx::query("DELETE FROM quotes").execute(&database).await.unwrap();
    database.close().await;
    let clock = foliostream_server::clock::Clock::manual(MORNING.parse().unwrap());
    let server = Server::start_in(folders, clock, &["--feed", "none"]).await;
    let mut prices = server.stream("prices?tickers=OLD").await;
    if !prices.opening().await.iter().any(|message| message.event == "price_update") {
        prices.until_while("price_update", || server.advance(250)).await;
    }
    let valued = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&valued["market_value"], &valued["incomplete"]), (&json!("400"), &json!([])));
}

#[tokio::test]
async fn a_last_trade_that_is_deleted_gives_way_to_the_one_before() {
    let server = Server::start().await;
    server.post("/api/v1/instruments", &newco()).await.expect(201);
    let buy = |date: &str, price: &str| json!({"kind": "buy", "time": date, "ticker": "NEWCO", "quantity": "1", "price": price});
    let kept = portfolio(&server, &[buy("2026-10-01", "40")]).await;
    let other = portfolio(&server, &[buy("2026-10-20", "60")]).await;
    let later = server.post(&format!("/api/v1/portfolios/{kept}/activities"), &buy("2026-10-25", "70")).await.expect(201);
    let price = async || server.get("/api/v1/quotes?tickers=NEWCO").await.expect(200)[0]["price"].clone();
    assert_eq!(price().await, "70");
    let id = later["activity_id"].as_str().unwrap();
    server.delete(&format!("/api/v1/portfolios/{kept}/activities/{id}")).await.expect(204);
    assert_eq!(price().await, "60");
    server.delete(&format!("/api/v1/portfolios/{other}")).await.expect(204);
    assert_eq!(price().await, "40");
}
