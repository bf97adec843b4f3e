//! A stored ledger that cannot be added up: its portfolio says so and can be mended, and everything else stands.

use serde_json::{Value, json};

use crate::support::{Answer, Server};

fn buy(ticker: &str) -> Value {
    json!({"kind": "buy", "time": "2026-01-05", "ticker": ticker, "quantity": "10", "price": "10", "currency": "USD"})
}

/// Two portfolios that hold the same; then two prices of the first are made too large in the database, and the server starts again.
async fn broken() -> (Server, [String; 2], [Value; 2]) {
    let server = Server::start().await;
    server.price("A", "15").await;
    let [first, second] = [server.portfolio("USD").await, server.portfolio("USD").await];
    for name in ["Broken & bent", "Whole"] {
        let id = if name == "Whole" { &second } else { &first };
        server.patch(&format!("/api/v1/portfolios/{id}"), &json!({"name": name})).await.expect(200);
        server.activity(id, &buy("A")).await;
    }
    let entries = [server.activity(&first, &buy("A")).await, server.activity(&first, &buy("A")).await];
    let database = server.folders.database().await;
    for entry in &entries {
        let id: i64 = entry["activity_id"].as_str().unwrap().parse().unwrap();
        let break_it = "UPDATE activities SET price = '70000000000000000000000000000' WHERE activity_id = ?";
        assert_eq!(sqlx::query(break_it).bind(id).execute(&database).await.unwrap().rows_affected(), 1);
    }
    database.close().await;
    (server.restart(&[]).await, [first, second], entries)
}

fn own(portfolio: &str, entry: &Value) -> String {
    format!("/api/v1/portfolios/{portfolio}/activities/{}", entry["activity_id"].as_str().unwrap())
}

async fn put(server: &Server, path: &str, draft: &Value) -> Answer {
    server.request("PUT", path).json(draft).send().await
}

#[tokio::test]
async fn a_stored_ledger_that_cannot_be_added_up_takes_nothing_else_down_and_can_be_mended() {
    let (server, [broken, whole], entries) = broken().await;
    let id = entries[0]["activity_id"].as_str().unwrap();
    let view = server.get(&format!("/api/v1/portfolios/{whole}")).await.expect(200);
    assert_eq!(view["market_value"], "150");
    let path = format!("/api/v1/portfolios/{broken}");
    let problem = server.get(&path).await.expect(422);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("activity {id}")) && detail.contains("too large"), "{detail}");
    let listed = server.get("/api/v1/portfolios").await.expect(200);
    assert_eq!((&listed[0]["unreadable"]["activity_id"], &listed[1]["unreadable"]), (&json!(id), &Value::Null));
    assert_eq!(server.get(&format!("{path}/activities")).await.expect(200).as_array().unwrap().len(), 3);
    assert_eq!(server.patch(&path, &json!({"name": "Bent"})).await.expect(200)["name"], "Bent");

    let mut stream = server.stream(&format!("portfolio/{broken}")).await;
    let opening: Vec<String> = stream.opening().await.into_iter().map(|message| message.event).collect();
    assert!(!opening.contains(&"portfolio_update".to_owned()), "{opening:?}");
    // One of two is mended, and the other still stands in the way.
    put(&server, &own(&broken, &entries[0]), &buy("A")).await.expect(200);
    assert_eq!(stream.expect("portfolio_changed").await.text("portfolio_id"), broken);
    let detail = server.get(&path).await.expect(422)["detail"].clone();
    assert!(detail.as_str().unwrap().contains(&format!("activity {}", entries[1]["activity_id"].as_str().unwrap())), "{detail}");
    // What makes it worse is refused.
    let huge = json!({"kind": "buy", "time": "2026-01-05", "ticker": "A", "quantity": "10", "price": "70000000000000000000000000000", "currency": "USD"});
    assert_eq!(put(&server, &own(&broken, &entries[0]), &huge).await.problem(422).as_deref(), Some("price"));
    server.activity(&broken, &buy("A")).await;
    server.delete(&own(&broken, &entries[1])).await.expect(204);
    assert_eq!(stream.until("portfolio_update").await.text("market_value"), "450");
    assert_eq!(server.get(&path).await.expect(200)["market_value"], "450");
    assert_eq!(server.get("/api/v1/portfolios").await.expect(200)[0]["unreadable"], Value::Null);
}

#[tokio::test]
async fn the_pages_of_a_portfolio_that_cannot_be_added_up_say_so_and_lead_to_its_entries() {
    let (server, [broken, whole], entries) = broken().await;
    for path in ["/", "/activity", "/i/A"] {
        let page = server.get(&format!("{path}?portfolio={broken}")).await;
        assert_eq!(page.status(), 200, "{path}");
        let is_told = page.text().contains("Broken &amp; bent") && page.text().contains("can't be valued");
        assert_eq!(is_told, path != "/i/A", "{path}");
    }
    let page = server.get(&format!("/activity?portfolio={broken}")).await.text();
    assert!(page.contains(&format!("edit={}", entries[0]["activity_id"].as_str().unwrap())), "the entry can be changed");
    assert!(server.get("/settings").await.text().contains("Broken &amp; bent"));
    let page = server.get(&format!("/?portfolio={whole}")).await.text();
    assert!(page.contains("150.00") && !page.contains("can't be valued"));
    server.delete(&format!("/api/v1/portfolios/{broken}")).await.expect(204);
}
