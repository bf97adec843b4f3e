//! Everything as a file, and what a reader settles: the portfolio that is shown first, a note, and the end of it all.

use std::sync::Arc;

use foliostream_server::clock::Clock;
use serde_json::json;

use crate::support::{Folders, Server};

const FORM: &str = "application/x-www-form-urlencoded";

async fn holding(note: &str) -> (Server, String) {
    let server = Server::start().await;
    server.price("A", "150").await;
    let id = server.portfolio("USD").await;
    let buy = json!({"kind": "buy", "time": "2026-01-05", "ticker": "A", "quantity": "1.5", "price": "140", "note": note});
    server.activity(&id, &buy).await;
    server.activity(&id, &json!({"kind": "deposit", "time": "2026-01-04T10:00:00Z", "amount": "1000"})).await;
    (server, id)
}

#[tokio::test]
async fn a_portfolio_is_written_as_json_with_all_its_transactions() {
    let (server, id) = holding("why").await;
    let answer = server.get(&format!("/api/v1/portfolios/{id}/export")).await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
    assert!(
        answer.header("content-disposition").starts_with("attachment; filename=\"")
            && answer.header("content-disposition").ends_with(".json\"")
    );
    let file = answer.json();
    assert_eq!((&file["foliostream"], &file["portfolio"]["currency"]), (&json!(1), &json!("USD")));
    let told = server.get(&format!("/api/v1/portfolios/{id}/activities")).await.expect(200);
    assert_eq!(file["portfolio"]["activities"], told);
}

#[tokio::test]
async fn a_table_has_a_row_a_transaction_and_no_formula() {
    let (server, id) = holding("=HYPERLINK(\"http://x\"), \"now\"").await;
    let answer = server.get(&format!("/api/v1/portfolios/{id}/export?format=csv")).await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let text = answer.text();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert!(rows[0].starts_with("kind,time,ticker,quantity,price"), "{text}");
    assert_eq!(rows[1], "buy,2026-01-05,A,1.5,140,,0,0,USD,1,false,false,\"'=HYPERLINK(\"\"http://x\"\"), \"\"now\"\"\",false,,");
    assert_eq!(rows[2], "deposit,2026-01-04T10:00:00Z,,,,1000,0,0,USD,1,false,false,,false,,");
    assert_eq!(rows.len(), 4);
}

#[tokio::test]
async fn what_cannot_be_written_says_why() {
    let (server, id) = holding("why").await;
    assert_eq!(server.get(&format!("/api/v1/portfolios/{id}/export?format=xml")).await.problem(400).as_deref(), Some("format"));
    assert_eq!(server.get("/api/v1/portfolios/none/export").await.status(), 404);
}

#[tokio::test]
async fn a_ledger_of_many_parts_is_written_whole() {
    let server = Server::start().await;
    let id = server.portfolio("EUR").await;
    for n in 1..=600 {
        server.activity(&id, &json!({"kind": "deposit", "time": "2026-01-01", "amount": n.to_string()})).await;
    }
    let file = server.get(&format!("/api/v1/portfolios/{id}/export")).await.json();
    assert_eq!(file["portfolio"]["activities"].as_array().map(Vec::len), Some(600));
    let table = server.get(&format!("/api/v1/portfolios/{id}/export?format=csv")).await.text();
    assert_eq!(table.matches("\r\n").count(), 601);
}

#[tokio::test]
async fn everything_is_one_document_and_is_deleted_only_for_who_is_sure() {
    let (server, id) = holding("why").await;
    let other = server.portfolio("EUR").await;
    server.alert(&json!({"ticker": "A", "condition": "price_above", "threshold": "100", "note": "mine"})).await;
    let form = |path: &str, body: &str| server.request("POST", path).header("accept", "application/json").text(FORM, body).send();
    assert_eq!(form("/api/ui/set_instrument_note", "ticker=A&note=sell+above+200").await.status(), 200);
    let file = server.get("/api/v1/export").await.json();
    let portfolios = file["portfolios"].as_array().unwrap();
    assert_eq!(portfolios.len(), 2);
    assert_eq!(portfolios.iter().map(|held| held["activities"].as_array().unwrap().len()).sum::<usize>(), 2);
    assert_eq!(file["alerts"][0]["note"], "mine");
    assert_eq!(file["notes"], json!([{"ticker": "A", "note": "sell above 200"}]));

    assert_eq!(form("/api/ui/choose_portfolio", &format!("portfolio={other}")).await.status(), 200);
    assert_eq!(form("/api/ui/choose_portfolio", "portfolio=none").await.status(), 404);
    let page = form("/api/ui/page", "").await.json();
    assert_eq!((&page["portfolio_id"], &page["default_portfolio"]), (&json!(other), &json!(other)));

    let refused = form("/api/ui/delete_everything", "").await;
    assert_eq!((refused.status(), refused.json()["field"].as_str()), (422, Some("sure")));
    assert_eq!(server.get(&format!("/api/v1/portfolios/{id}")).await.status(), 200);
    assert_eq!(form("/api/ui/delete_everything", "sure=yes").await.status(), 200);
    let file = server.get("/api/v1/export").await.json();
    assert_eq!((&file["portfolios"], &file["alerts"], &file["notes"]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(server.get("/api/v1/notifications").await.json(), json!([]));
}

#[tokio::test]
async fn the_form_of_an_alert_learns_what_the_level_would_have_done() {
    let clock = Clock::manual("2026-11-02T15:00:00Z".parse().unwrap());
    let server = Server::start_in(Arc::new(Folders::new()), clock, &["--no-demo"]).await;
    let form = |path: &str, body: &str| server.request("POST", path).header("accept", "application/json").text(FORM, body).send();
    let past = form("/api/ui/alert_past", "ticker=AAPL").await.json();
    let closes = past["closes"].as_array().unwrap();
    assert!(closes.len() > 200, "{}", closes.len());
    let typical: f64 = past["typical_day_percent"].as_str().unwrap().parse().unwrap();
    assert!((0.05..20.0).contains(&typical), "{typical}");
    let high = past["high"].as_str().unwrap();
    let beyond = form("/api/ui/past_firings", &format!("ticker=AAPL&condition=price_above&threshold={high}")).await.json();
    assert_eq!(beyond, json!([]), "a level is not passed by what only reaches it");
    let middle = closes[closes.len() / 2]["value"].as_str().unwrap();
    let told = form("/api/ui/past_firings", &format!("ticker=AAPL&condition=crosses_above&threshold={middle}")).await.json();
    let rested = format!("ticker=AAPL&condition=crosses_above&threshold={middle}&cooldown_s=31536000");
    let rested = form("/api/ui/past_firings", &rested).await.json();
    assert!(told.as_array().map(Vec::len) >= Some(1) && rested.as_array().map(Vec::len) <= Some(1), "{told} {rested}");
    for (body, field) in [
        ("ticker=AAPL&condition=price_above&threshold=-1", "threshold"),
        ("ticker=AAPL&condition=nothing&threshold=1", "condition"),
        ("ticker=AAPL&condition=price_above&threshold=1&cooldown_s=31536001", "cooldown_s"),
    ] {
        let refused = form("/api/ui/past_firings", body).await;
        assert_eq!((refused.status(), refused.json()["field"].as_str()), (422, Some(field)), "{body}");
    }
    assert_eq!(form("/api/ui/alert_past", "ticker=NOBODY").await.status(), 404);
    assert_eq!(server.get("/api/v1/alerts").await.json(), json!([]), "nothing is made");
}
