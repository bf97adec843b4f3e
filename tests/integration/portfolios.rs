//! Portfolios and their ledgers over the wire, and the stream that values them (PROTOCOL §1 and §2, the golden cases).

use serde_json::{Value, json};

use crate::support::{Message, Server};

fn buy(ticker: &str, quantity: &str, price: &str) -> Value {
    json!({"kind": "buy", "time": "2026-01-05T10:00:00Z", "ticker": ticker, "quantity": quantity, "price": price})
}

fn sell(ticker: &str, quantity: &str, price: &str) -> Value {
    json!({"kind": "sell", "time": "2026-02-05T10:00:00Z", "ticker": ticker, "quantity": quantity, "price": price})
}

async fn quote(server: &Server, ticker: &str, price: &str, previous_close: &str, currency: &str) {
    let quote = json!([{"ticker": ticker, "price": price, "previous_close": previous_close, "currency": currency}]);
    server.push_raw(&quote).await.expect(202);
    server.advance(250);
}

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.event.as_str()).collect()
}

#[tokio::test]
async fn ten_bought_at_140_are_worth_what_the_golden_case_says() {
    let server = Server::start().await;
    quote(&server, "AAPL", "150", "145", "USD").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("AAPL", "10", "140")).await;
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    let figures = [
        ("currency", "USD"),
        ("market_value", "1500"),
        ("cost_basis", "1400"),
        ("unrealized_pnl", "100"),
        ("unrealized_pnl_percent", "7.142857"),
        ("realized_pnl", "0"),
        ("day_change", "50"),
        ("day_change_percent", "3.448276"),
    ];
    for (field, figure) in figures {
        assert_eq!(view[field], figure, "{field}");
    }
    let holding = json!([{"ticker": "AAPL", "quantity": "10", "price": "150", "market_value": "1500", "cost_basis": "1400",
        "unrealized_pnl": "100", "unrealized_pnl_percent": "7.142857", "day_change": "50", "day_change_percent": "3.448276", "weight": "100"}]);
    assert_eq!(view["holdings"], holding);
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    let opening = stream.opening().await;
    assert_eq!(names(&opening), ["hello", "portfolio_update", "synced"]);
    assert_eq!(opening[1].data, view, "one shape through both doors");
}

#[tokio::test]
async fn the_fresher_of_a_rate_and_its_inverse_values_a_portfolio_and_stands_in_its_activities() {
    let server = Server::start().await;
    let quotes = json!([
        {"ticker": "A", "price": "1", "currency": "USD", "previous_close": "1"},
        {"ticker": "USDEUR=X", "price": "0.5", "time": "2026-10-28T10:00:00Z", "previous_close": "0.4"},
        {"ticker": "EURUSD=X", "price": "1.25"},
    ]);
    server.push_raw(&quotes).await.expect(202);
    server.advance(250);
    let id = server.portfolio("EUR").await;
    let mut draft = buy("A", "100", "1");
    draft["time"] = json!("2026-11-02");
    let entered = server.activity(&id, &draft).await;
    assert_eq!(entered["exchange_rate"], "0.8", "the close of that day, not the direct one of last week");
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((view["market_value"].as_str(), view["day_change"].as_str()), (Some("80"), Some("0")));
}

#[tokio::test]
async fn a_holding_that_outgrows_a_decimal_is_named_and_the_rest_of_the_portfolio_stands() {
    let server = Server::start().await;
    server.push_raw(&json!([{"ticker": "HUGE", "price": "1"}, {"ticker": "A", "price": "20"}])).await.expect(202);
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("HUGE", "10000000000000000000", "1")).await;
    server.activity(&id, &buy("A", "10", "10")).await;
    server.price("HUGE", "10000000000000000000").await;
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&view["market_value"], &view["incomplete"]), (&json!("200"), &json!(["HUGE"])));
    let opening = server.stream(&format!("portfolio/{id}")).await.opening().await;
    assert_eq!(names(&opening), ["hello", "portfolio_update", "synced"]);
    for path in ["/", "/i/HUGE"] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_price_moves_the_portfolio_and_only_what_changed_is_said() {
    let server = Server::start().await;
    server.price("A", "10").await;
    server.price("B", "20").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "1", "10")).await;
    server.activity(&id, &buy("B", "1", "20")).await;
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    assert_eq!(stream.opening().await[1].data["holdings"].as_array().unwrap().len(), 2);
    server.price("C", "5").await;
    server.price("B", "20").await;
    server.price("A", "12").await;
    let update = loop {
        let update = stream.expect("portfolio_update").await;
        if update.data["market_value"] == "32" {
            break update;
        }
    };
    let tickers: Vec<&Value> = update.data["holdings"].as_array().unwrap().iter().map(|holding| &holding["ticker"]).collect();
    assert!(tickers.contains(&&json!("A")), "{update:?}");
    assert_eq!(update.data["unrealized_pnl"], "2");
}

#[tokio::test]
async fn a_holding_that_is_sold_is_told_once_with_quantity_zero() {
    let server = Server::start().await;
    server.price("A", "10").await;
    server.price("B", "20").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "2", "10")).await;
    server.activity(&id, &buy("B", "1", "20")).await;
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    stream.opening().await;
    server.activity(&id, &sell("A", "2", "15")).await;
    let changed = stream.expect("portfolio_changed").await;
    assert_eq!((changed.text("portfolio_id"), changed.data["revision"].is_i64()), (id.clone(), true));
    let update = stream.expect("portfolio_update").await;
    let closed = |update: &Message| {
        let holdings = update.data["holdings"].as_array().unwrap().clone();
        holdings
            .into_iter()
            .filter(|holding| holding["quantity"] == "0")
            .map(|holding| holding["ticker"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(closed(&update), ["A"]);
    assert_eq!((update.text("realized_pnl"), update.text("market_value")), ("10".to_owned(), "20".to_owned()));
    server.activity(&id, &buy("B", "1", "20")).await;
    stream.expect("portfolio_changed").await;
    assert_eq!(closed(&stream.expect("portfolio_update").await), Vec::<Value>::new(), "it was told already");
    let fresh = server.stream(&format!("portfolio/{id}")).await.until("portfolio_update").await;
    assert_eq!(closed(&fresh), Vec::<Value>::new(), "and who comes later never knew it");
}

#[tokio::test]
async fn a_client_that_was_away_hears_of_the_sale() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "2", "10")).await;
    let path = format!("portfolio/{id}");
    let synced = server.stream(&path).await.opening().await.pop().unwrap();
    server.activity(&id, &sell("A", "2", "15")).await;
    let opening = server.resume(&path, &synced.id).await.opening().await;
    assert_eq!(names(&opening), ["hello", "portfolio_changed", "portfolio_update", "synced"]);
    assert_eq!(opening[2].data["holdings"][0]["quantity"], "0");
}

#[tokio::test]
async fn foreign_holdings_are_converted_at_the_pushed_rate_and_pence_are_hundredths() {
    let server = Server::start().await;
    quote(&server, "EURUSD=X", "1.25", "1.25", "USD").await;
    quote(&server, "GBPUSD=X", "1.5", "1.5", "USD").await;
    quote(&server, "AAPL", "150", "145", "USD").await;
    quote(&server, "VOD.L", "75", "75", "GBp").await;
    let id = server.portfolio("EUR").await;
    let first = server.activity(&id, &buy("AAPL", "10", "140")).await;
    assert_eq!((first["currency"].as_str(), first["exchange_rate"].as_str()), (Some("USD"), Some("0.8")));
    let pence = server.activity(&id, &buy("VOD.L", "1000", "70")).await;
    assert_eq!(pence["currency"], "GBp");
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    let holding =
        |ticker: &str| view["holdings"].as_array().unwrap().iter().find(|holding| holding["ticker"] == ticker).unwrap().clone();
    assert_eq!((holding("AAPL")["market_value"].clone(), holding("AAPL")["price"].clone()), (json!("1200"), json!("150")));
    assert_eq!(holding("AAPL")["cost_basis"], "1120");
    assert_eq!(holding("VOD.L")["market_value"], "900", "750 GBP at 1.2 EUR");
    assert_eq!(holding("VOD.L")["cost_basis"], "840");
    assert_eq!(view["market_value"], "2100");
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    stream.opening().await;
    quote(&server, "EURUSD=X", "1.5", "1.25", "USD").await;
    let moved = stream.expect("portfolio_update").await;
    assert_eq!(moved.text("market_value"), "1750", "1000 + 750: only the rate moved");
}

#[tokio::test]
async fn a_value_that_is_not_known_is_null_and_never_zero() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("EUR").await;
    let mut draft = buy("A", "1", "10");
    assert_eq!(post_activity(&server, &id, &draft).await.problem(422).as_deref(), Some("exchange_rate"), "no rate is known");
    draft["exchange_rate"] = json!("0.9");
    server.activity(&id, &draft).await;
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&view["market_value"], &view["unrealized_pnl"], &view["cost_basis"]), (&Value::Null, &Value::Null, &json!("9")));
    let other = server.portfolio("USD").await;
    let mut unquoted = buy("UNQUOTED", "1", "0");
    unquoted["currency"] = json!("USD");
    server.activity(&other, &unquoted).await;
    let view = server.get(&format!("/api/v1/portfolios/{other}")).await.expect(200);
    assert_eq!((&view["market_value"], &view["holdings"][0]["price"]), (&Value::Null, &Value::Null));
}

async fn post_activity(server: &Server, id: &str, draft: &Value) -> crate::support::Answer {
    server.post(&format!("/api/v1/portfolios/{id}/activities"), draft).await
}

#[tokio::test]
async fn a_portfolio_is_made_listed_renamed_and_deleted() {
    let server = Server::start().await;
    let made = server.post("/api/v1/portfolios", &json!({"name": " Savings ", "currency": "CHF"})).await;
    let portfolio = made.expect(201);
    let id = portfolio["portfolio_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/portfolios/{id}");
    assert_eq!(made.header("location"), path);
    assert_eq!((portfolio["name"].as_str(), portfolio["currency"].as_str()), (Some("Savings"), Some("CHF")));
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200), json!([portfolio]));
    let empty = server.get(&path).await.expect(200);
    assert_eq!((&empty["market_value"], &empty["holdings"]), (&json!("0"), &json!([])));
    assert_eq!(empty["time"], "2026-11-02T10:00:01.000Z", "of nothing, the time is that at which it was made");
    let renamed = server.patch(&path, &json!({"name": "Old age"})).await.expect(200);
    assert_eq!((renamed["name"].as_str(), renamed["revision"].as_i64()), (Some("Old age"), Some(2)));
    for nothing in [json!({}), json!({"name": " Old age "})] {
        assert_eq!(server.patch(&path, &nothing).await.expect(200), renamed, "{nothing} changes nothing");
    }
    assert_eq!(server.delete(&path).await.status(), 204);
    for answer in [server.get(&path).await, server.delete(&path).await, server.patch(&path, &json!({})).await] {
        answer.problem(404);
    }
    server.get(&format!("{path}/activities")).await.problem(404);
    server.get(&format!("/api/v1/sse/portfolio/{id}")).await.problem(404);
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200), json!([]));
}

#[tokio::test]
async fn bad_portfolios_are_refused_with_the_field_at_fault() {
    let server = Server::start().await;
    for (draft, field) in [
        (json!({"name": "", "currency": "EUR"}), "name"),
        (json!({"name": "x".repeat(101), "currency": "EUR"}), "name"),
        (json!({"name": 5, "currency": "EUR"}), "name"),
        (json!({"name": "a\nb", "currency": "EUR"}), "name"),
        (json!({"name": "\u{1b}[31mred", "currency": "EUR"}), "name"),
        (json!({"name": "\u{202e}sgnivaS", "currency": "EUR"}), "name"),
        (json!({"name": "\u{200b}\u{2060}\u{3164}", "currency": "EUR"}), "name"),
        (json!({"currency": "EUR"}), "name"),
        (json!({"name": "x", "currency": "euro"}), "currency"),
        (json!({"name": "x", "currency": "GBp"}), "currency"),
        (json!({"name": "x"}), "currency"),
        (json!({"name": "x", "currency": "EUR", "owner": "me"}), "owner"),
    ] {
        assert_eq!(server.post("/api/v1/portfolios", &draft).await.problem(422).as_deref(), Some(field), "{draft}");
    }
    let id = server.portfolio("EUR").await;
    for (patch, field) in
        [(json!({"name": " "}), "name"), (json!({"name": "\u{200b}"}), "name"), (json!({"currency": "USD"}), "currency")]
    {
        assert_eq!(
            server.patch(&format!("/api/v1/portfolios/{id}"), &patch).await.problem(422).as_deref(),
            Some(field),
            "{patch}"
        );
    }
}

#[tokio::test]
async fn an_activity_is_entered_listed_replaced_and_deleted() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let path = format!("/api/v1/portfolios/{id}/activities");
    let made = post_activity(
        &server,
        &id,
        &json!({"kind": "buy", "time": "2026-01-05", "ticker": "a", "quantity": "2", "price": "10",
        "fee": "1", "tax": "0.5", "note": "<b>first</b>"}),
    )
    .await;
    let activity = made.expect(201);
    let own = format!("{path}/{}", activity["activity_id"].as_str().unwrap());
    assert_eq!(made.header("location"), own);
    let wanted = json!({"activity_id": activity["activity_id"], "kind": "buy", "time": "2026-01-05T00:00:00.000Z", "ticker": "A", "quantity": "2",
        "price": "10", "amount": null, "fee": "1", "tax": "0.5", "currency": "USD", "exchange_rate": "1", "converted": false,
        "note": "<b>first</b>", "missing": null, "date": "2026-01-05", "exchange_rate_estimated": false, "opens_short": false,
        "account": null, "tags": [], "revision": 1});
    assert_eq!(activity, wanted);
    let later = server.activity(&id, &sell("A", "1", "12")).await;
    assert_eq!(server.get(&path).await.expect(200), json!([later, wanted]), "newest first");
    let replaced = server.request("PUT", &own).json(&buy("A", "3", "11")).send().await.expect(200);
    assert_eq!((replaced["quantity"].as_str(), replaced["note"].is_null()), (Some("3"), true));
    assert_eq!(server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200)["holdings"][0]["cost_basis"], "22");
    assert_eq!(server.delete(&own).await.status(), 204);
    server.delete(&own).await.problem(404);
    server.request("PUT", &own).json(&buy("A", "3", "11")).send().await.problem(404);
    server.delete(&format!("{path}/none")).await.problem(404);
    let left = server.get(&path).await.expect(200);
    assert_eq!(
        (left.as_array().unwrap().len(), left[0]["missing"].as_str()),
        (1, Some("1")),
        "sold, but no longer held: said, not guessed"
    );
}

#[tokio::test]
async fn every_kind_of_activity_moves_what_it_should() {
    let server = Server::start().await;
    server.price("A", "20").await;
    let id = server.portfolio("USD").await;
    for draft in [
        json!({"kind": "deposit", "time": "2026-01-01", "amount": "1000"}),
        json!({"kind": "buy", "time": "2026-01-02", "ticker": "A", "quantity": "10", "price": "30", "fee": "2"}),
        json!({"kind": "split", "time": "2026-01-03", "ticker": "A", "quantity": "2"}),
        json!({"kind": "sell", "time": "2026-01-04", "ticker": "A", "quantity": "5", "price": "20", "fee": "1"}),
        json!({"kind": "dividend", "time": "2026-01-05", "ticker": "A", "amount": "8", "tax": "2"}),
        json!({"kind": "interest", "time": "2026-01-06", "amount": "3"}),
        json!({"kind": "fee", "time": "2026-01-07", "amount": "4"}),
        json!({"kind": "tax", "time": "2026-01-08", "amount": "5"}),
        json!({"kind": "withdrawal", "time": "2026-01-09", "amount": "100"}),
    ] {
        server.activity(&id, &draft).await;
    }
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    // 1000 − 302 + 99 + 8 − 2 + 3 − 4 − 5 − 100
    assert_eq!(view["cash"], "697");
    assert_eq!((&view["holdings"][0]["quantity"], &view["cost_basis"]), (&json!("15"), &json!("226.5")));
    assert_eq!((&view["realized_pnl"], &view["market_value"]), (&json!("23.5"), &json!("300")));
    assert_eq!(view["total_value"], "997");
    // What is there now, less what was put in: 997 − (1000 − 100)
    assert_eq!(view["total_gain"], "97");
}

#[tokio::test]
async fn bad_activities_are_refused_with_the_field_at_fault() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let good = buy("A", "1", "10");
    let long = "x".repeat(1_001);
    for (further, field) in [
        (json!({"kind": "gift"}), "kind"),
        (json!({"time": "yesterday"}), "time"),
        (json!({"time": "2026-11-04T10:00:01Z"}), "time"),
        (json!({"ticker": null}), "ticker"),
        (json!({"ticker": "A B"}), "ticker"),
        (json!({"quantity": null}), "quantity"),
        (json!({"quantity": "0"}), "quantity"),
        (json!({"quantity": "-1"}), "quantity"),
        (json!({"quantity": "NaN"}), "quantity"),
        (json!({"quantity": 1}), "quantity"),
        (json!({"price": "-0.01"}), "price"),
        (json!({"price": "1e400"}), "price"),
        (json!({"price": null}), "price"),
        (json!({"amount": "5"}), "amount"),
        (json!({"fee": "-1x"}), "fee"),
        (json!({"tax": "x"}), "tax"),
        (json!({"currency": "dollar"}), "currency"),
        (json!({"exchange_rate": "0"}), "exchange_rate"),
        (json!({"note": long}), "note"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let mut draft = good.clone();
        draft.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        let refusal = post_activity(&server, &id, &draft).await;
        assert!([400, 422].contains(&refusal.status()), "{further}: {}", refusal.text());
        assert_eq!(refusal.problem(refusal.status()).as_deref(), Some(field), "{further} {}", refusal.text());
    }
    for (draft, field) in [
        (json!({"kind": "deposit", "time": "2026-01-01"}), "amount"),
        (json!({"kind": "deposit", "time": "2026-01-01", "amount": "0"}), "amount"),
        (json!({"kind": "deposit", "time": "2026-01-01", "amount": "1", "ticker": "A"}), "ticker"),
        (json!({"kind": "dividend", "time": "2026-01-01", "amount": "1"}), "ticker"),
        (json!({"kind": "interest", "time": "2026-01-01", "amount": "1", "price": "1"}), "price"),
        (json!({"kind": "split", "time": "2026-01-01", "ticker": "A"}), "quantity"),
    ] {
        assert_eq!(post_activity(&server, &id, &draft).await.problem(422).as_deref(), Some(field), "{draft}");
    }
    assert_eq!(server.get(&format!("/api/v1/portfolios/{id}/activities")).await.expect(200), json!([]));
    post_activity(&server, "none", &good).await.problem(404);
}

#[tokio::test]
async fn amounts_too_large_to_hold_exactly_are_refused_and_harm_nobody() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let nines = "9".repeat(28);
    post_activity(&server, &id, &buy("A", &nines, &nines)).await.problem(422);
    assert_eq!(server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200)["market_value"], "0");
}
