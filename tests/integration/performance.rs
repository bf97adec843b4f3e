//! How a portfolio did over a period, as programs are told.

use serde_json::{Value, json};

use crate::support::Server;

async fn push(server: &Server, ticker: &str, price: &str, time: &str) {
    server.push_raw(&json!([{"ticker": ticker, "price": price, "currency": "USD", "time": time}])).await.expect(202);
    server.advance(250);
}

/// 10 of A from 1,000 of cash: 100 on 28 October, 110 from the 30th on, 121 now, which is 2 November.
async fn grown() -> (Server, String) {
    let server = Server::start().await;
    for (price, time) in [("100", "2026-10-28T10:00:00Z"), ("110", "2026-10-30T10:00:00Z"), ("121", "2026-11-02T10:00:00Z")] {
        push(&server, "A", price, time).await;
    }
    let id = server.portfolio("USD").await;
    server.activity(&id, &json!({"kind": "deposit", "time": "2026-10-28", "amount": "1000"})).await;
    server.activity(&id, &json!({"kind": "buy", "time": "2026-10-28", "ticker": "A", "quantity": "10", "price": "100"})).await;
    (server, id)
}

async fn told(server: &Server, id: &str, query: &str) -> Value {
    server.get(&format!("/api/v1/portfolios/{id}/performance?{query}")).await.expect(200)
}

fn percents(series: &Value) -> Vec<&str> {
    series.as_array().unwrap().iter().map(|point| point["twr_percent"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_period_says_what_was_gained_in_it_and_where_it_came_from() {
    let (server, id) = grown().await;
    let all = told(&server, &id, "benchmark=A").await;
    assert_eq!((&all["from"], &all["to"], &all["currency"]), (&json!("2026-10-28"), &json!("2026-11-02"), &json!("USD")));
    assert_eq!((&all["start_value"], &all["end_value"]), (&json!("0"), &json!("1210")));
    assert_eq!((&all["net_contributions"], &all["gain"], &all["twr_percent"]), (&json!("1000"), &json!("210"), &json!("21")));
    assert_eq!(all["breakdown"]["unrealized"], "210");
    assert_eq!(percents(&all["series"]), ["0", "0", "0", "10", "10", "10", "21"]);
    assert_eq!(
        all["series"][3],
        json!({"date": "2026-10-30", "value": "1100", "net_contributions": "1000", "twr_percent": "10"})
    );
    assert_eq!(percents(&all["benchmarks"][0]["series"]).last(), Some(&"21"));
    assert_eq!(all["holdings"], json!([{"ticker": "A", "gain": "210", "contribution_percent": "21"}]));
    assert_eq!(
        all["months"],
        json!([{"month": "2026-10", "return_percent": "10"}, {"month": "2026-11", "return_percent": "10"}])
    );
    assert_eq!((&all["max_drawdown_percent"], &all["max_drawdown"]), (&json!("0"), &Value::Null));
    assert_eq!(all["not_meaningful"]["twr_annualized_percent"], "the period is shorter than a year");
    let day = told(&server, &id, "from=2026-10-30&to=2026-10-30").await;
    assert_eq!((&day["start_value"], &day["end_value"], &day["gain"]), (&json!("1000"), &json!("1100"), &json!("100")));
    assert_eq!((&day["twr_percent"], &day["net_contributions"]), (&json!("10"), &json!("0")));
    let today = told(&server, &id, "range=1d").await;
    assert_eq!((&today["from"], &today["gain"], &today["twr_percent"]), (&json!("2026-11-02"), &json!("110"), &json!("10")));
}

#[tokio::test]
async fn deposits_and_withdrawals_move_the_money_and_not_the_time_weighted_return() {
    let (server, id) = grown().await;
    let before = told(&server, &id, "range=1w").await;
    server.activity(&id, &json!({"kind": "deposit", "time": "2026-10-31", "amount": "5000"})).await;
    server.activity(&id, &json!({"kind": "withdrawal", "time": "2026-10-31", "amount": "5000"})).await;
    let after = told(&server, &id, "range=1w").await;
    assert_eq!((&after["gain"], &after["net_contributions"]), (&before["gain"], &before["net_contributions"]));
    // On that day 6,100 were at work and nothing moved.
    assert_eq!((&after["twr_percent"], after["series"][4]["value"].as_str()), (&json!("21"), Some("1100")));
    server.activity(&id, &json!({"kind": "dividend", "time": "2026-11-01", "ticker": "A", "amount": "11", "tax": "3"})).await;
    server
        .activity(&id, &json!({"kind": "sell", "time": "2026-11-02", "ticker": "A", "quantity": "4", "price": "121", "fee": "2"}))
        .await;
    let sold = told(&server, &id, "cost=average").await;
    let part = |name: &str| sold["breakdown"][name].as_str().unwrap().to_owned();
    assert_eq!(
        (part("realized"), part("unrealized"), part("dividends"), part("taxes")),
        ("82".into(), "126".into(), "11".into(), "-3".into())
    );
    let parts = ["realized", "unrealized", "dividends", "interest", "fees", "taxes", "currency", "other"];
    let sum: f64 = parts.iter().map(|name| part(name).parse::<f64>().unwrap()).sum();
    assert!((sum - sold["gain"].as_str().unwrap().parse::<f64>().unwrap()).abs() < 1e-9, "{sold}");
    let view = server.get(&format!("/api/v1/portfolios/{id}")).await.expect(200);
    assert_eq!((&view["total_gain"], &view["total_value"]), (&sold["gain"], &sold["end_value"]), "the overview says the same");
}

#[tokio::test]
async fn all_portfolios_have_one_performance_too() {
    let (server, _) = grown().await;
    let other = server.portfolio("USD").await;
    server.activity(&other, &json!({"kind": "buy", "time": "2026-10-30", "ticker": "A", "quantity": "10", "price": "110"})).await;
    let all = told(&server, "all", "").await;
    assert_eq!((&all["end_value"], &all["net_contributions"], &all["gain"]), (&json!("2420"), &json!("2100"), &json!("320")));
    // What was bought counts from the beginning of its day: 2,200 came of 1,000 and 1,100, and a tenth more of that.
    assert_eq!(all["twr_percent"], "15.238095");
}

#[tokio::test]
async fn a_portfolio_that_was_emptied_and_filled_again_chains_over_the_time_without_money() {
    let (server, id) = grown().await;
    server.activity(&id, &json!({"kind": "sell", "time": "2026-10-30", "ticker": "A", "quantity": "10", "price": "110"})).await;
    server.activity(&id, &json!({"kind": "withdrawal", "time": "2026-10-30", "amount": "1100"})).await;
    server.activity(&id, &json!({"kind": "deposit", "time": "2026-11-02", "amount": "110"})).await;
    server.activity(&id, &json!({"kind": "buy", "time": "2026-11-02", "ticker": "A", "quantity": "1", "price": "110"})).await;
    let all = told(&server, &id, "").await;
    // Ten percent twice; 100 and 11 were gained, and 10 put in that is still there.
    assert_eq!((&all["twr_percent"], &all["gain"], &all["net_contributions"]), (&json!("21"), &json!("111"), &json!("10")));
    assert_eq!(percents(&all["series"]), ["0", "0", "0", "10", "10", "10", "21"]);
}

#[tokio::test]
async fn what_was_bought_and_sold_on_one_day_returned_what_it_gained() {
    let (server, _) = grown().await;
    let quick = server.portfolio("USD").await;
    server.activity(&quick, &json!({"kind": "buy", "time": "2026-10-30", "ticker": "A", "quantity": "10", "price": "100"})).await;
    server
        .activity(&quick, &json!({"kind": "sell", "time": "2026-10-30", "ticker": "A", "quantity": "10", "price": "104"}))
        .await;
    let all = told(&server, &quick, "").await;
    assert_eq!((&all["twr_percent"], &all["gain"], &all["end_value"]), (&json!("4"), &json!("40"), &json!("0")));
    assert_eq!((&all["breakdown"]["realized"], &all["breakdown"]["other"]), (&json!("40"), &json!("0")));
}

#[tokio::test]
async fn a_holding_without_a_rate_counts_as_it_was_last_traded_and_is_named() {
    let (server, id) = grown().await;
    server
        .activity(&id, &json!({"kind": "buy", "time": "2026-10-30", "ticker": "UNQUOTED", "quantity": "5", "price": "2000", "currency": "SEK", "exchange_rate": "0.1"}))
        .await;
    let all = told(&server, &id, "").await;
    // 1,210 of A, 1,000 of what has no rate, and the 1,000 of cash that it was bought with: nothing of it was lost.
    assert_eq!((&all["end_value"], &all["gain"], &all["incomplete"]), (&json!("1210"), &json!("210"), &json!(["UNQUOTED"])));
    assert_eq!((&all["breakdown"]["unrealized"], &all["breakdown"]["other"]), (&json!("210"), &json!("0")));
    assert_eq!(all["max_drawdown_percent"], "0");
    let page = server.get("/performance").await;
    assert!(page.text().contains("UNQUOTED has no price: counted as last traded."), "the page says so");
    let mut stream = server.stream(&format!("portfolio/{id}")).await;
    stream.opening().await;
    server.push_raw(&json!([{"ticker": "SEKUSD=X", "price": "0.15", "currency": "USD"}])).await.expect(202);
    server.advance(250);
    while stream.expect("portfolio_update").await.data["incomplete"] != json!([]) {}
    let priced = told(&server, &id, "").await;
    assert_eq!((&priced["end_value"], &priced["incomplete"]), (&json!("1710"), &json!([])));
}

#[tokio::test]
async fn a_parameter_that_is_given_twice_is_refused_as_a_problem() {
    let (server, id) = grown().await;
    server.get(&format!("/api/v1/portfolios/{id}/performance?to=2026-11-01&to=2026-11-02")).await.problem(400);
}

#[tokio::test]
async fn a_transaction_of_a_century_ago_does_not_make_the_past_longer_than_fifty_years() {
    let (server, id) = grown().await;
    server.activity(&id, &json!({"kind": "deposit", "time": "1926-01-01", "amount": "500"})).await;
    let all = told(&server, &id, "").await;
    assert_eq!((&all["from"], &all["start_value"], &all["gain"]), (&json!("1976-11-03"), &json!("500"), &json!("210")));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_its_field() {
    let (server, id) = grown().await;
    let refused = async |query: &str, status: u16| {
        server.get(&format!("/api/v1/portfolios/{id}/performance?{query}")).await.problem(status)
    };
    assert_eq!(refused("range=2y", 400).await.as_deref(), Some("range"));
    assert_eq!(refused("from=yesterday", 422).await.as_deref(), Some("from"));
    assert_eq!(refused("to=2027-01-01", 422).await.as_deref(), Some("to"));
    assert_eq!(refused("from=2026-10-30&to=2026-10-29", 422).await.as_deref(), Some("from"));
    assert_eq!(refused("benchmark=NOBODY", 404).await.as_deref(), Some("benchmark"));
    assert_eq!(refused("benchmark=A,A,A,A", 400).await.as_deref(), Some("benchmark"));
    assert_eq!(refused("cost=lifo", 400).await.as_deref(), Some("cost"));
    server.get("/api/v1/portfolios/none/performance").await.problem(404);
    let empty = server.portfolio("EUR").await;
    let nothing = told(&server, &empty, "range=5y").await;
    assert_eq!((&nothing["gain"], &nothing["twr_percent"], &nothing["xirr_percent"]), (&json!("0"), &json!("0"), &Value::Null));
    assert_eq!(nothing["not_meaningful"]["xirr_percent"], "money only came in, or only went out");
}

#[tokio::test]
async fn an_account_or_a_holding_has_a_performance_of_its_own() {
    let (server, id) = grown().await;
    push(&server, "B", "50", "2026-10-28T10:00:00Z").await;
    push(&server, "B", "40", "2026-11-02T10:00:01Z").await;
    let account = server.post(&format!("/api/v1/portfolios/{id}/accounts"), &json!({"name": "Depot"})).await.expect(201);
    let account = account["account_id"].as_str().unwrap();
    let filed = |mut draft: Value| {
        draft["account"] = json!(account);
        draft
    };
    server.activity(&id, &filed(json!({"kind": "deposit", "time": "2026-10-28", "amount": "500"}))).await;
    server
        .activity(&id, &filed(json!({"kind": "buy", "time": "2026-10-28", "ticker": "B", "quantity": "8", "price": "50"})))
        .await;
    let whole = told(&server, &id, "range=all").await;
    assert_eq!((&whole["end_value"], &whole["gain"]), (&json!("1630"), &json!("130")));
    let of_account = told(&server, &id, &format!("account={account}")).await;
    let told_of = |view: &Value| ["end_value", "net_contributions", "gain", "twr_percent"].map(|field| view[field].clone());
    assert_eq!(told_of(&of_account), [json!("420"), json!("500"), json!("-80"), json!("-16")]);
    let of_holding = told(&server, &id, "ticker=b").await;
    assert_eq!(told_of(&of_holding), [json!("320"), json!("400"), json!("-80"), json!("-20")]);
    assert_eq!(of_holding["breakdown"]["unrealized"], "-80");
    assert_eq!(told(&server, &id, "ticker=none").await["end_value"], "0");
    for (portfolio, query, field) in [
        (id.as_str(), "account=999", "account"),
        (id.as_str(), "account=x", "account"),
        (id.as_str(), "ticker=a%20b", "ticker"),
        ("all", "ticker=A", "ticker"),
        ("all", "account=1", "account"),
    ] {
        let refusal = server.get(&format!("/api/v1/portfolios/{portfolio}/performance?{query}")).await;
        assert_eq!(refusal.problem(400).as_deref(), Some(field), "{portfolio} {query}");
    }
}
