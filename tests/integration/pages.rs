//! Pages as the server renders them, and forms as a browser without scripts posts them.

use std::sync::Arc;

use serde_json::json;

use crate::support::{Folders, Process, Request, Server};

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

/// Begins to post a form as a browser without scripts does.
fn plain(server: &Server, path: &str) -> Request {
    server.request("POST", path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_plain_form_leads_to_its_page_and_one_that_is_refused_is_answered_by_it() {
    let server = Server::start().await;
    server.push(&[("AAPL", "150.00")]).await;
    let referer = format!("http://{}/alerts", server.address);
    for referer in [Some(referer.as_str()), None, Some("http://evil.example/x")] {
        let post = |body: &str| {
            let request = plain(&server, "/api/ui/create_alert");
            let request = match referer {
                Some(referer) => request.header("referer", referer),
                None => request,
            };
            request.text(FORM, body).send()
        };
        let made = post("ticker=AAPL&condition=price_above&threshold=200").await;
        assert_eq!((made.status(), made.header("location")), (303, "/alerts"), "{referer:?}");
        let refused =
            post("ticker=AAPL&condition=crosses_below&threshold=NaN&note=sell+%3Ci%3Ehalf%3C%2Fi%3E&repeat=every").await;
        assert_eq!((refused.status(), refused.header("location")), (422, ""), "{referer:?}");
        assert!(refused.header("content-type").starts_with("text/html"));
        let page = refused.text();
        for typed in
            ["value=\"NaN\"", "value=\"sell &lt;i&gt;half", "value=\"crosses_below\" selected", "value=\"every\" selected"]
        {
            assert!(page.contains(typed), "{typed} in {page}");
        }
        assert!(
            page.contains("id=\"alert-threshold-wrong\" role=\"alert\" class=\"wrong\">")
                && page.contains("aria-invalid=\"true\""),
            "{page}"
        );
        assert!(!page.contains("<i>half"), "what was typed stays text");
    }
    assert_eq!(server.get("/api/v1/alerts").await.expect(200).as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn every_plain_form_that_is_refused_keeps_its_refusal() {
    let server = Server::start().await;
    let portfolio = server.portfolio("EUR").await;
    for (path, body, kept) in [
        ("save_activity", format!("portfolio={portfolio}&kind=dividend&time=2026-01-05&ticker=NOBODY&amount=x7"), "value=\"x7\""),
        ("create_portfolio", "name=My+%22own%22&currency=euros".to_owned(), "value=\"My &quot;own&quot;\""),
        ("rename_portfolio", format!("portfolio={portfolio}&name=%E2%80%AE"), "role=\"alert\" class=\"refusal\">"),
        ("pause_alert", "id=77&paused=true".to_owned(), "role=\"alert\" class=\"refusal\">"),
        ("delete_activity", format!("portfolio={portfolio}&activity=77"), "role=\"alert\" class=\"refusal\">"),
    ] {
        let refused = plain(&server, &format!("/api/ui/{path}")).text(FORM, &body).send().await;
        assert!((400..500).contains(&refused.status()), "{path}: {}", refused.status());
        assert!(refused.text().contains(kept), "{path}: {kept} in {}", refused.text());
    }
}

#[tokio::test]
async fn a_text_in_an_address_is_not_shown_as_ours() {
    let server = Server::start().await;
    // {"code":"internal","message":"send your password to evil.example","field":null,"reference":null}
    let error = "eyJjb2RlIjoiaW50ZXJuYWwiLCJtZXNzYWdlIjoic2VuZCB5b3VyIHBhc3N3b3JkIHRvIGV2aWwuZXhhbXBsZSIsImZpZWxkIjpudWxsLCJyZWZlcmVuY2UiOm51bGx9";
    for (page, path) in
        [("alerts", "create_alert"), ("alerts", "pause_alert"), ("settings", "rename_portfolio"), ("activity", "save_activity")]
    {
        let page = server.get(&format!("/{page}?__path=%2Fapi%2Fui%2F{path}&__err={error}")).await;
        assert_eq!(page.status(), 200);
        assert!(!page.text().contains("password"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_form_over_the_limit_is_413_and_one_that_is_not_utf_8_is_400_for_people_and_programs() {
    let server = Server::start().await;
    let long = format!("ticker=A&condition=price_above&threshold=1&note={}", "n".repeat(70_000));
    let foreign = b"ticker=A&condition=price_above&threshold=1&note=\xff".to_vec();
    for (body, status) in [(long.into_bytes(), 413), (foreign, 400)] {
        let ask =
            |accept: &str| server.request("POST", "/api/ui/create_alert").header("accept", accept).bytes_of(FORM, &body).send();
        ask("application/json").await.problem(status);
        let page = ask("text/html").await;
        assert_eq!((page.status(), page.header("content-type")), (status, "text/html; charset=utf-8"));
        assert!(page.text().contains("The form "), "{}", page.text());
    }
}

#[tokio::test]
async fn a_form_behind_a_proxy_that_changes_the_host_is_told_what_to_set() {
    let server = Server::start().await;
    let ask = |accept: &str| {
        let request = server.request("POST", "/api/ui/create_alert").header("accept", accept);
        request.header("origin", "https://portfolio.example").text(FORM, "ticker=A").send()
    };
    let problem = ask("application/json").await;
    problem.problem(403);
    let page = ask("text/html").await;
    assert_eq!((page.status(), page.header("content-type")), (403, "text/html; charset=utf-8"));
    for text in [problem.text(), page.text()] {
        for part in [
            "https://portfolio.example",
            &server.address.to_string(),
            "proxy_set_header Host",
            "--allowed-host portfolio.example",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
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

#[tokio::test]
async fn a_lot_is_compared_with_the_price_in_one_unit() {
    let server = Server::start().await;
    let quotes = json!([
        {"ticker": "VOD.L", "price": "7250", "currency": "GBp"},
        {"ticker": "A", "price": "200", "currency": "USD"},
        {"ticker": "EURUSD=X", "price": "1.25"},
        {"ticker": "GBPEUR=X", "price": "1.2"},
    ]);
    server.push_raw(&quotes).await.expect(202);
    server.advance(250);
    let id = server.portfolio("EUR").await;
    let buy = |ticker: &str, price: &str, currency: &str| {
        json!({"kind": "buy", "time": "2026-01-05", "ticker": ticker,
        "quantity": "10", "price": price, "currency": currency, "exchange_rate": if currency == "EUR" { "1" } else { "1.2" }})
    };
    server.activity(&id, &buy("VOD.L", "7000", "GBp")).await;
    server.activity(&id, &buy("A", "160", "EUR")).await;
    let pence = server.get("/i/VOD.L").await.text().to_owned();
    assert!(pence.contains("+3.57%") && pence.contains(">7,000.00<") && !pence.contains("10,257"), "{pence}");
    let euros = server.get("/i/A").await.text().to_owned();
    assert!(euros.contains("0.00%") && euros.contains("160.00 EUR") && !euros.contains("+25.00%"), "{euros}");
}

#[tokio::test]
async fn a_price_far_below_the_first_one_is_shown_with_its_digits() {
    let server = Server::start().await;
    server.price("TINY", "1.00").await;
    server.price("TINY", "0.00000812").await;
    let portfolio = server.portfolio("USD").await;
    let buy = json!({"kind": "buy", "time": "2026-01-05", "ticker": "TINY", "quantity": "1000000", "price": "0.00000712"});
    server.activity(&portfolio, &buy).await;
    for path in ["/", "/i/TINY"] {
        let page = server.get(path).await.text().to_owned();
        assert!(page.contains(">0.00000812"), "{path}: {page}");
    }
    assert!(server.get("/i/TINY").await.text().contains(">0.00000712"), "its lot and its trade");
}
