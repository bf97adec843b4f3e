//! Pages as the server renders them, and forms as a browser without scripts posts them.

use std::sync::Arc;

use serde_json::json;

use crate::support::{Folders, Process, Server};

#[tokio::test]
async fn pages_rendered_at_once_do_not_disturb_each_other() {
    let folders = Folders::new();
    let process = Arc::new(Process::start(&folders, &["--no-demo", "--feed", "none"]));
    for path in ["/", "/alerts", "/inbox", "/settings", "/activity"] {
        let requests: Vec<_> = (0..30)
            .map(|_| {
                let process = Arc::clone(&process);
                tokio::spawn(async move { process.request("GET", path).send().await.status() })
            })
            .collect();
        for request in requests {
            assert_eq!(request.await.unwrap(), 200, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_holds_its_numbers_at_the_cursor_its_stream_resumes_from() {
    let server = Server::start().await;
    server.push(&[("AAPL", "150.00")]).await;
    let portfolio = server.portfolio("USD").await;
    server
        .activity(&portfolio, &json!({"kind": "buy", "time": "2026-01-05", "ticker": "AAPL", "quantity": "10", "price": "140"}))
        .await;
    let page = server.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("1,500"), "the total is in the document");
    let body = page.text();
    let cursor =
        body.split(r#"\"cursor\":\""#).nth(1).and_then(|rest| rest.split(r#"\""#).next()).expect("the cursor is in the document");
    let path = format!("stream?notifications=true&portfolio={portfolio}&tickers=AAPL");
    let mut stream = server.resume(&path, cursor).await;
    assert_eq!(stream.expect("hello").await.text("resume"), "replay");
    stream.expect("synced").await;
}

#[tokio::test]
async fn a_plain_form_comes_back_to_its_page_with_or_without_a_refusal() {
    let server = Server::start().await;
    server.push(&[("AAPL", "150.00")]).await;
    let post = |body: &str| {
        let referer = format!("http://{}/alerts", server.address);
        let request = server.request("POST", "/api/ui/create_alert").header("accept", "text/html").header("referer", &referer);
        request.text("application/x-www-form-urlencoded", body).send()
    };
    let made = post("ticker=AAPL&condition=price_above&threshold=200").await;
    assert_eq!(made.status(), 302);
    let location = made.header("location");
    assert!(location.contains("/alerts") && !location.contains("__err="), "{location}");
    let refused = post("ticker=AAPL&condition=price_above&threshold=NaN").await;
    assert_eq!(refused.status(), 302);
    assert!(refused.header("location").contains("__err="), "{}", refused.header("location"));
    assert_eq!(server.get("/api/v1/alerts").await.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_server_function_has_the_status_of_its_refusal() {
    let server = Server::start().await;
    let ask = |body: &str| {
        let request = server.request("POST", "/api/ui/create_alert").header("accept", "application/json");
        request.text("application/x-www-form-urlencoded", body).send()
    };
    assert_eq!(ask("ticker=NOBODY&condition=price_above&threshold=1").await.status(), 422);
    assert_eq!(ask("ticker=NOBODY").await.status(), 400);
}
