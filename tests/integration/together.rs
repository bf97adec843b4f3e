//! All portfolios of a user as one: what it is worth, how it moves, and what is said where it cannot be whole.

use serde_json::{Value, json};

use crate::support::{Message, Server};

fn buy(ticker: &str, quantity: &str, price: &str, day: &str) -> Value {
    json!({"kind": "buy", "time": day, "ticker": ticker, "quantity": quantity, "price": price})
}

async fn quote(server: &Server, ticker: &str, price: &str, time: &str) {
    let quote = json!([{"ticker": ticker, "price": price, "currency": "USD", "time": time}]);
    server.push_raw(&quote).await.expect(202);
    server.advance(250);
}

/// A portfolio in dollars and one in euro, both with A; a euro was 1.25 dollars when the dollars were spent, and is 1.60 now.
async fn two_currencies() -> (Server, String, String) {
    let server = Server::start().await;
    quote(&server, "EURUSD=X", "1.25", "2026-10-28T10:00:00Z").await;
    quote(&server, "A", "16", "2026-10-28T10:00:00Z").await;
    let euro = server.portfolio("EUR").await;
    server.activity(&euro, &buy("A", "10", "20", "2026-10-28")).await;
    let dollars = server.portfolio("USD").await;
    server.activity(&dollars, &buy("A", "5", "10", "2026-10-28")).await;
    quote(&server, "EURUSD=X", "1.6", "2026-11-02T10:00:00Z").await;
    quote(&server, "A", "16", "2026-11-02T10:00:00Z").await;
    (server, euro, dollars)
}

fn holding<'a>(view: &'a Value, ticker: &str) -> &'a Value {
    view["holdings"].as_array().unwrap().iter().find(|holding| holding["ticker"] == ticker).unwrap()
}

#[tokio::test]
async fn all_portfolios_are_worth_together_what_they_are_in_one_currency() {
    let (server, _, _) = two_currencies().await;
    let view = server.get("/api/v1/portfolios/all").await.expect(200);
    assert_eq!((&view["portfolio_id"], &view["currency"], &view["incomplete"]), (&json!("all"), &json!("EUR"), &json!([])));
    // 200 dollars at 0.8 and 50 at 0.8 are what it cost; 15 × 16 dollars at 0.625 is what it is worth.
    assert_eq!((&view["cost_basis"], &view["market_value"], &view["total_gain"]), (&json!("200"), &json!("150"), &json!("-50")));
    assert_eq!((&holding(&view, "A")["quantity"], view["holdings"].as_array().unwrap().len()), (&json!("15"), 1));
    let opening = server.stream("portfolio/all").await.opening().await;
    assert_eq!(opening[1].data, view, "one shape through both doors");
}

#[tokio::test]
async fn a_price_and_a_transaction_of_any_of_them_move_all_together() {
    let (server, euro, dollars) = two_currencies().await;
    let mut stream = server.stream("portfolio/all").await;
    stream.opening().await;
    quote(&server, "A", "32", "2026-11-02T10:00:01Z").await;
    assert_eq!(stream.expect("portfolio_update").await.text("market_value"), "300");
    server.activity(&dollars, &buy("A", "5", "32", "2026-11-02")).await;
    assert_eq!(stream.expect("portfolio_changed").await.text("portfolio_id"), dollars);
    let update = stream.expect("portfolio_update").await;
    // 160 dollars at 0.625 more.
    assert_eq!((update.text("market_value"), update.text("cost_basis")), ("400".to_owned(), "300".to_owned()));
    assert_eq!(server.delete(&format!("/api/v1/portfolios/{euro}")).await.status(), 204);
    assert_eq!(stream.expect("portfolio_changed").await.text("portfolio_id"), "all");
    let update = stream.expect("portfolio_update").await;
    assert_eq!((update.text("market_value"), holding(&update.data, "A")["quantity"].as_str()), ("200".to_owned(), Some("10")));
    let now = server.get("/api/v1/portfolios/all").await.expect(200);
    assert_eq!(
        (&now["currency"], &now["market_value"]),
        (&json!("USD"), &json!("320")),
        "the portfolio that is left is in dollars"
    );
}

#[tokio::test]
async fn what_is_sold_in_the_last_portfolio_that_held_it_is_told_as_closed() {
    let server = Server::start().await;
    server.price("A", "10").await;
    server.price("B", "20").await;
    let [one, other] = [server.portfolio("USD").await, server.portfolio("USD").await];
    server.activity(&one, &buy("A", "2", "10", "2026-11-01")).await;
    server.activity(&other, &buy("B", "1", "20", "2026-11-01")).await;
    let path = "stream?portfolio=all&tickers=A";
    let mut stream = server.stream(path).await;
    let synced = stream.opening().await.pop().unwrap();
    let sell = json!({"kind": "sell", "time": "2026-11-02", "ticker": "A", "quantity": "2", "price": "10"});
    server.activity(&one, &sell).await;
    let closed = |update: &Message| holding(&update.data, "A")["quantity"] == "0";
    stream.expect("portfolio_changed").await;
    assert!(closed(&stream.expect("portfolio_update").await));
    let resumed = server.resume(path, &synced.id).await.opening().await;
    assert!(resumed.iter().any(|message| message.event == "portfolio_update" && closed(message)), "{resumed:?}");
}

#[tokio::test]
async fn a_portfolio_whose_currency_has_no_rate_is_named_and_left_out() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let dollars = server.portfolio("USD").await;
    server.activity(&dollars, &buy("A", "2", "10", "2026-11-01")).await;
    let yen = server.portfolio("JPY").await;
    server.activity(&yen, &json!({"kind": "deposit", "time": "2026-11-01", "amount": "5000"})).await;
    let view = server.get("/api/v1/portfolios/all").await.expect(200);
    assert_eq!((&view["market_value"], &view["incomplete"]), (&json!("20"), &json!(["JPYUSD=X"])));
    // Once a rate is known it counts.
    quote(&server, "JPYUSD=X", "0.01", "2026-11-02T10:00:00Z").await;
    let view = server.get("/api/v1/portfolios/all").await.expect(200);
    assert_eq!((&view["total_value"], &view["incomplete"]), (&json!("70"), &json!([])));
}

#[tokio::test]
async fn without_a_portfolio_there_is_nothing_to_look_at_together_and_it_cannot_be_changed() {
    let server = Server::start().await;
    server.get("/api/v1/portfolios/all").await.problem(404);
    assert_eq!(server.get("/api/v1/sse/portfolio/all").await.problem(404).as_deref(), Some("portfolio"));
    server.portfolio("EUR").await;
    assert_eq!(server.get("/api/v1/portfolios/all").await.expect(200)["total_value"], "0");
    for answer in [
        server.delete("/api/v1/portfolios/all").await,
        server.patch("/api/v1/portfolios/all", &json!({"name": "x"})).await,
        server.post("/api/v1/portfolios/all/activities", &json!({"kind": "deposit", "time": "2026-11-01", "amount": "5"})).await,
    ] {
        answer.problem(404);
    }
}

#[tokio::test]
async fn the_overview_shows_all_together_and_the_list_of_transactions_one() {
    let (server, _, _) = two_currencies().await;
    let page = server.get("/?portfolio=all&range=1m").await.text();
    assert!(page.contains("All portfolios") && page.contains("€150.00") && page.contains("portfolio=all"), "{page}");
    let page = server.get("/i/A?portfolio=all").await.text();
    assert!(page.contains("All portfolios") && page.contains(">15<"), "{page}");
    assert_eq!(server.get("/activity?portfolio=all").await.status(), 200);
}

#[tokio::test]
async fn the_close_of_a_day_is_the_last_one_on_or_before_it() {
    let server = Server::start().await;
    quote(&server, "A", "14", "2026-10-28T10:00:00Z").await;
    quote(&server, "A", "16", "2026-10-30T10:00:00Z").await;
    let close = async |body: &str| {
        let form = "application/x-www-form-urlencoded";
        server.request("POST", "/api/ui/close_of_day").header("accept", "application/json").text(form, body).send().await
    };
    for (day, price) in [("2026-10-28", json!("14")), ("2026-10-29", json!("14")), ("2026-11-01", json!("16"))] {
        let told = close(&format!("ticker=A&day={day}")).await.expect(200);
        assert_eq!(told["value"], price, "{day}");
    }
    assert_eq!(close("ticker=A&day=2026-10-20").await.expect(200), Value::Null);
    assert_eq!((close("ticker=A&day=today").await.status(), close("ticker=NOBODY&day=2026-10-28").await.status()), (400, 404));
}
