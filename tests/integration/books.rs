//! The books over the wire: whether cash counts, what could not be valued, rebates, short positions, and what a gain is measured by.

use serde_json::{Value, json};

use crate::support::Server;

async fn view(server: &Server, id: &str) -> Value {
    server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200)
}

fn buy(ticker: &str, quantity: &str, price: &str) -> Value {
    json!({"kind": "buy", "time": "2026-01-05", "ticker": ticker, "quantity": quantity, "price": price, "currency": "USD"})
}

fn sell(ticker: &str, quantity: &str, price: &str) -> Value {
    json!({"kind": "sell", "time": "2026-02-05", "ticker": ticker, "quantity": quantity, "price": price})
}

fn deposit(amount: &str) -> Value {
    json!({"kind": "deposit", "time": "2026-01-01", "amount": amount})
}

#[tokio::test]
async fn a_first_deposit_beside_trades_flips_nothing_until_its_owner_answers() {
    let server = Server::start().await;
    server.price("A", "15").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "1000", "10")).await;
    let before = view(&server, &id).await;
    server.activity(&id, &json!({"kind": "deposit", "time": "2026-01-06", "amount": "10"})).await;
    let after = view(&server, &id).await;
    for field in ["total_value", "total_gain", "total_gain_percent"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!((&after["track_cash"], &after["asks_about_cash"]), (&Value::Null, &json!(true)));
    let path = format!("/api/v1/portfolios/{id}");
    let revision = server.get("/api/v1/portfolios").await.expect(200)[0]["revision"].as_i64().unwrap();
    let changed = server.patch(&path, &json!({"track_cash": true})).await.expect(200);
    assert_eq!((&changed["track_cash"], changed["revision"].as_i64()), (&json!(true), Some(revision + 1)));
    let tracked = view(&server, &id).await;
    assert_eq!((&tracked["total_value"], &tracked["asks_about_cash"]), (&json!("5010"), &json!(false)));
    assert_eq!((&tracked["total_gain"], &tracked["total_gain_percent"]), (&json!("5000"), &json!("50")));
    server.patch(&path, &json!({"track_cash": false})).await.expect(200);
    let untracked = view(&server, &id).await;
    assert_eq!((&untracked["total_value"], &untracked["track_cash"]), (&json!("15000"), &json!(false)));
    assert_eq!(untracked["asks_about_cash"], json!(false));
}

#[tokio::test]
async fn cash_counts_from_the_first_deposit_of_an_empty_portfolio() {
    let server = Server::start().await;
    let id = server.portfolio("USD").await;
    assert_eq!(view(&server, &id).await["track_cash"], Value::Null);
    server.activity(&id, &deposit("1000")).await;
    let tracked = view(&server, &id).await;
    assert_eq!((&tracked["track_cash"], &tracked["total_value"]), (&json!(true), &json!("1000")));
    let account = json!([{"currency": "USD", "amount": "1000", "value": "1000", "cost_basis": "1000", "currency_gain": "0", "day_change": "0"}]);
    assert_eq!(tracked["cash_accounts"], account);
}

#[tokio::test]
async fn whether_cash_counts_is_set_when_a_portfolio_is_made() {
    let server = Server::start().await;
    let draft = json!({"name": "Savings", "currency": "USD", "track_cash": false});
    let made = server.post("/api/v1/portfolios", &draft).await.expect(201);
    assert_eq!(made["track_cash"], json!(false));
    let id = made["portfolio_id"].as_str().unwrap();
    server.activity(id, &deposit("1000")).await;
    assert_eq!(view(&server, id).await["total_value"], "0");
    for wrong in [json!("yes"), json!(1), Value::Null] {
        let refusal = server.patch(&format!("/api/v1/portfolios/{id}"), &json!({"track_cash": wrong})).await;
        assert_eq!(refusal.problem(422).as_deref(), Some("track_cash"), "{wrong}");
    }
}

#[tokio::test]
async fn a_page_asks_about_cash_and_a_plain_form_answers() {
    let server = Server::start().await;
    server.price("A", "15").await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "10", "10")).await;
    assert!(!server.get("/").await.text().contains("Track cash in this portfolio?"));
    server.activity(&id, &deposit("10")).await;
    for path in ["/", "/activity"] {
        assert!(server.get(path).await.text().contains("Track cash in this portfolio?"), "{path}");
    }
    let request = server.request("POST", "/api/ui/track_cash").header("accept", "text/html");
    let answer = request.text("application/x-www-form-urlencoded", &format!("portfolio={id}&tracked=false")).send().await;
    assert_eq!(answer.status(), 303);
    let page = server.get("/").await;
    assert!(!page.text().contains("Track cash in this portfolio?"));
    assert!(server.get("/settings").await.text().contains("Cash isn't tracked"));
}

#[tokio::test]
async fn a_holding_without_a_price_is_named_and_the_totals_are_of_the_rest() {
    let server = Server::start().await;
    let quote = json!([{"ticker": "A", "price": "150", "previous_close": "145"}]);
    server.push_raw(&quote).await.expect(202);
    server.advance(250);
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("A", "10", "140")).await;
    server.activity(&id, &buy("UNQUOTED", "1", "0")).await;
    let rest = view(&server, &id).await;
    assert_eq!(rest["incomplete"], json!(["UNQUOTED"]));
    for (field, figure) in [
        ("market_value", "1500"),
        ("total_value", "1500"),
        ("cost_basis", "1400"),
        ("unrealized_pnl", "100"),
        ("day_change", "50"),
    ] {
        assert_eq!(rest[field], figure, "{field}");
    }
    let page = server.get("/").await;
    assert!(page.text().contains("Without UNQUOTED, which has no price."), "the page says what is left out");
    assert!(page.text().contains("1,500"), "and shows the rest");
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    assert_eq!(stream.opening().await[1].data, rest);
    server.price("UNQUOTED", "900").await;
    let whole = loop {
        let update = stream.expect("portfolio_update").await;
        if update.data["incomplete"] == json!([]) {
            break update;
        }
    };
    assert_eq!(whole.text("total_value"), "2400");
}

#[tokio::test]
async fn where_no_holding_has_a_price_the_total_is_null_and_the_page_says_why() {
    let server = Server::start().await;
    let id = server.portfolio("USD").await;
    server.activity(&id, &buy("UNQUOTED", "1", "0")).await;
    let unknown = view(&server, &id).await;
    assert_eq!((&unknown["total_value"], &unknown["incomplete"]), (&Value::Null, &json!(["UNQUOTED"])));
    let page = server.get("/").await;
    assert!(page.text().contains("Total unavailable: UNQUOTED has no price."));
    assert!(!page.text().contains("unchanged"), "nothing is known to have stood still");
}

#[tokio::test]
async fn a_rebate_is_a_negative_fee_or_tax_and_is_told_back_with_its_sign() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let mut bought = buy("A", "10", "10");
    bought["fee"] = json!("-2.50");
    assert_eq!(server.activity(&id, &bought).await["fee"], "-2.50");
    assert_eq!(view(&server, &id).await["cost_basis"], "97.5");
    for draft in [
        json!({"kind": "dividend", "time": "2026-01-06", "ticker": "A", "amount": "8", "tax": "-2"}),
        json!({"kind": "interest", "time": "2026-01-06", "amount": "8", "tax": "-1"}),
        json!({"kind": "fee", "time": "2026-01-06", "amount": "-4"}),
        json!({"kind": "tax", "time": "2026-01-06", "amount": "-5"}),
    ] {
        server.activity(&id, &draft).await;
    }
    // 2.50 + 8 + 2 + 8 + 1 + 4 + 5
    assert_eq!(view(&server, &id).await["total_gain"], "30.5");
    // A purchase of 100 with 2.50 paid back took 97.50.
    let page = server.get("/activity").await.text();
    assert!(page.contains("−2.50") && page.contains("−97.50"), "{page}");
    for (draft, field) in [
        (json!({"kind": "deposit", "time": "2026-01-06", "amount": "5", "fee": "-1"}), "fee"),
        (json!({"kind": "withdrawal", "time": "2026-01-06", "amount": "5", "tax": "-1"}), "tax"),
        (json!({"kind": "split", "time": "2026-01-06", "ticker": "A", "quantity": "2", "fee": "-1"}), "fee"),
        (json!({"kind": "fee", "time": "2026-01-06", "amount": "0"}), "amount"),
        (json!({"kind": "dividend", "time": "2026-01-06", "ticker": "A", "amount": "-8"}), "amount"),
        (json!({"kind": "deposit", "time": "2026-01-06", "amount": "-8"}), "amount"),
    ] {
        let refusal = server.post(&format!("/api/v1/portfolios/{id}/activities"), &draft).await;
        assert_eq!(refusal.problem(422).as_deref(), Some(field), "{draft}");
    }
}

#[tokio::test]
async fn a_short_position_is_opened_only_where_it_is_meant_and_closes_at_zero() {
    let server = Server::start().await;
    server.price("A", "100").await;
    let id = server.portfolio("USD").await;
    let flagged = server.activity(&id, &sell("A", "5", "120")).await;
    assert_eq!((&flagged["missing"], &flagged["opens_short"]), (&json!("5"), &json!(false)));
    let mut short = sell("A", "5", "120");
    short["opens_short"] = json!(true);
    let opened = server.activity(&id, &short).await;
    assert_eq!((&opened["missing"], &opened["opens_short"]), (&Value::Null, &json!(true)));
    let shown = view(&server, &id).await;
    let holding = &shown["holdings"][0];
    for (field, figure) in
        [("quantity", "-5"), ("market_value", "-500"), ("cost_basis", "-600"), ("unrealized_pnl", "100"), ("weight", "-100")]
    {
        assert_eq!(holding[field], figure, "{field}");
    }
    for path in ["/", "/i/A"] {
        let page = server.get(path).await;
        assert!(page.text().contains("−5") || page.text().contains("-5"), "{path} shows what is owed");
    }
    let mut cover = buy("A", "5", "90");
    cover["time"] = json!("2026-03-05");
    server.activity(&id, &cover).await;
    let closed = view(&server, &id).await;
    assert_eq!((&closed["holdings"], &closed["realized_pnl"]), (&json!([]), &json!("150")));
    let wrong = json!({"kind": "buy", "time": "2026-01-06", "ticker": "A", "quantity": "1", "price": "1", "opens_short": true});
    assert_eq!(
        server.post(&format!("/api/v1/portfolios/{id}/activities"), &wrong).await.problem(422).as_deref(),
        Some("opens_short")
    );
}

#[tokio::test]
async fn a_sale_of_a_date_finds_what_was_bought_on_that_date_whichever_was_entered_first() {
    let server = Server::start().await;
    server.price("A", "10").await;
    let id = server.portfolio("USD").await;
    let sold = json!({"kind": "sell", "time": "2026-01-05", "ticker": "A", "quantity": "3", "price": "12"});
    server.activity(&id, &sold).await;
    server.activity(&id, &buy("A", "1", "10")).await;
    let mut timed = buy("A", "2", "11");
    timed["time"] = json!("2026-01-05T15:30:00Z");
    server.activity(&id, &timed).await;
    let ledger = server.get(&format!("/api/v1/portfolios/{id}/activities")).await.expect(200);
    assert!(ledger.as_array().unwrap().iter().all(|entry| entry["missing"].is_null()), "{ledger}");
    assert_eq!(view(&server, &id).await["realized_pnl"], "4");
}

/// Returns the text of a page between two words, without its marks.
fn words_between(page: &str, from: &str, to: &str) -> String {
    let rest = page.split_once(from).expect("it begins").1;
    let part = rest.split_once(to).expect("it ends").0;
    let mut is_mark = false;
    let keep = |letter: char| {
        let was_mark = is_mark;
        is_mark = letter == '<' || (is_mark && letter != '>');
        !is_mark && !was_mark
    };
    part.chars()
        .filter({
            let mut keep = keep;
            move |letter| keep(*letter)
        })
        .collect()
}

#[tokio::test]
async fn the_lots_of_a_short_position_are_sold_short_and_gain_as_the_price_falls() {
    let server = Server::start().await;
    server.price("A", "90").await;
    server.price("B", "90").await;
    server.portfolio("USD").await;
    let id = server.get("/api/v1/portfolios").await.expect(200)[0]["portfolio_id"].as_str().unwrap().to_owned();
    let mut short = sell("A", "10", "100");
    short["opens_short"] = json!(true);
    server.activity(&id, &short).await;
    server.activity(&id, &buy("B", "10", "100")).await;
    let lots = |page: &str| words_between(page, "id=\"lots\">", "</section>");
    let page = lots(&server.get("/i/A").await.text());
    for words in ["Sold short", "Proceeds", "covered oldest first", "Return", "−10.00%", "+US$100.00"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Bought") && !page.contains("sold oldest first"), "{page}");
    let page = lots(&server.get("/i/B").await.text());
    for words in ["Bought", "Cost", "sold oldest first", "−10.00%", "−US$100.00"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("Sold short"), "{page}");
}
