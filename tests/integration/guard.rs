//! Who may ask at all, what every answer carries, and what operators see (PROTOCOL §1 and §2).

use serde_json::{Value, json};

use crate::support::Server;

/// Every route of a method, with what fills its places.
const ROUTES: [(&str, &str); 31] = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/nothing"),
    ("GET", "/nothing"),
    ("GET", "/pkg/nothing.js"),
    ("GET", "/api/v1/sse/prices?tickers=A"),
    ("GET", "/api/v1/sse/portfolio/x"),
    ("GET", "/api/v1/sse/notifications"),
    ("GET", "/api/v1/sse/stream?notifications=true"),
    ("GET", "/api/v1/sse/metrics"),
    ("GET", "/api/v1/presence"),
    ("GET", "/operations"),
    ("GET", "/api/v1/quotes"),
    ("POST", "/api/v1/quotes"),
    ("GET", "/api/v1/instruments"),
    ("GET", "/api/v1/instruments/A/history"),
    ("GET", "/api/v1/portfolios"),
    ("POST", "/api/v1/portfolios"),
    ("GET", "/api/v1/portfolios/x/performance"),
    ("PATCH", "/api/v1/portfolios/x"),
    ("DELETE", "/api/v1/portfolios/x"),
    ("POST", "/api/v1/portfolios/x/activities"),
    ("PUT", "/api/v1/portfolios/x/activities/1"),
    ("POST", "/api/v1/alerts"),
    ("PATCH", "/api/v1/alerts/1"),
    ("DELETE", "/api/v1/alerts/1"),
    ("GET", "/api/v1/notifications"),
    ("POST", "/api/v1/notifications/1/read"),
];

#[tokio::test]
async fn a_host_that_is_not_ours_is_misdirected_on_every_route() {
    let server = Server::start().await;
    for (method, path) in ROUTES {
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost:99999x", ""] {
            let refusal = server.request(method, path).header("host", host).send().await;
            assert_eq!(
                refusal.status(),
                if host.is_empty() { refusal.status().max(400) } else { 421 },
                "{method} {path} {host:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_under_two_names_is_under_none() {
    let server = Server::start().await;
    for (first, second) in [("localhost", "evil.example"), ("evil.example", "localhost"), ("localhost", "localhost")] {
        let request = server.request("GET", "/healthz").header("host", first).header("Host", second);
        assert_eq!(request.send().await.status(), 421, "{first}, {second}");
    }
}

#[tokio::test]
async fn loopback_and_allowed_hosts_are_answered() {
    let server = Server::with(&["--allowed-host", "folio.example,other.example"]).await;
    for host in ["localhost", "localhost:9", "127.0.0.1", "[::1]:3000", "folio.example", "OTHER.example:443"] {
        assert_eq!(server.request("GET", "/healthz").header("host", host).send().await.status(), 200, "{host}");
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_forbidden_on_every_route() {
    let server = Server::start().await;
    let changes = ROUTES.iter().filter(|(method, _)| *method != "GET").chain([&("POST", "/api/ui/create_alert")]);
    for (method, path) in changes {
        for (name, value) in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let refusal = server.request(method, path).header(name, value).json(&json!({})).send().await;
            assert_eq!(refusal.problem(403), None, "{method} {path} {name}: {value}");
        }
    }
    let own = format!("http://{}", server.address);
    let made = server.request("POST", "/api/v1/portfolios").header("origin", &own).header("sec-fetch-site", "same-origin");
    made.json(&json!({"name": "Mine", "currency": "EUR"})).send().await.expect(201);
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let server = Server::start().await;
    server.price("A", "1").await;
    for (method, path) in ROUTES.iter().filter(|(_, path)| !path.contains("/sse/")) {
        let answer = server.request(method, path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{method} {path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{method} {path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
    }
    let stream = server.stream("prices?tickers=A").await;
    assert_eq!(stream.head.get("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn a_page_names_its_scripts_by_a_nonce_that_is_new_each_time() {
    let server = Server::start().await;
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let page = server.get("/").await;
        assert_eq!((page.status(), page.header("content-type").starts_with("text/html")), (200, true));
        let policy = page.header("content-security-policy").to_owned();
        let nonce =
            policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).map(|(nonce, _)| nonce.to_owned()).unwrap();
        let wanted = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
             style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        assert_eq!(policy, wanted);
        assert!(nonce.len() >= 16);
        let text = page.text();
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")) || tag.contains("src="), "<script{tag}>");
        }
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 2);
}

#[tokio::test]
async fn operators_see_life_readiness_and_metrics() {
    let server = Server::start().await;
    server.price("A", "1").await;
    let mut stream = server.stream("prices?tickers=A").await;
    stream.opening().await;
    server.get("/api/v1/sse/prices").await.problem(400);
    assert_eq!(server.get("/healthz").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 200);
    let metrics = server.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = metrics.text();
    for name in [
        "foliostream_streams ",
        "foliostream_frames_total ",
        "foliostream_frame_bytes_total ",
        "foliostream_ticks_total ",
        "foliostream_connections ",
        "foliostream_http_seconds_bucket{",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        assert!(line.starts_with("foliostream_"), "{line}");
    }
}

#[tokio::test]
async fn the_document_lists_every_command() {
    let server = Server::start().await;
    let document = server.get("/api/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let mut listed: Vec<String> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        listed.extend(methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    listed.sort();
    let wanted = [
        "delete /api/v1/alerts/{id}",
        "delete /api/v1/notifications/{id}",
        "delete /api/v1/portfolios/{portfolio_id}",
        "delete /api/v1/portfolios/{portfolio_id}/activities/{activity_id}",
        "get /api/v1/alerts",
        "get /api/v1/alerts/{id}",
        "get /api/v1/export",
        "get /api/v1/instruments",
        "get /api/v1/instruments/{ticker}/history",
        "get /api/v1/notifications",
        "get /api/v1/portfolios",
        "get /api/v1/portfolios/{portfolio_id}",
        "get /api/v1/portfolios/{portfolio_id}/activities",
        "get /api/v1/portfolios/{portfolio_id}/export",
        "get /api/v1/portfolios/{portfolio_id}/performance",
        "get /api/v1/quotes",
        "patch /api/v1/alerts/{id}",
        "patch /api/v1/portfolios/{portfolio_id}",
        "post /api/v1/alerts",
        "post /api/v1/notifications/{id}/read",
        "post /api/v1/notifications/{id}/restore",
        "post /api/v1/portfolios",
        "post /api/v1/portfolios/{portfolio_id}/activities",
        "post /api/v1/quotes",
        "put /api/v1/portfolios/{portfolio_id}/activities/{activity_id}",
    ];
    let missing: Vec<_> = wanted.iter().filter(|route| !listed.iter().any(|listed| listed == *route)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut references = Vec::new();
    gather_references(&document, &mut references);
    for reference in references {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{reference} leads nowhere");
    }
}

fn gather_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| gather_references(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| gather_references(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn addresses_that_are_not_there_say_so() {
    let server = Server::start().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/alerts",
        "/api/v1/sse",
        "/api/v1/sse/nothing",
        "/api/ui",
        "/api/ui/nothing",
    ] {
        let refusal = server.get(path).await;
        assert_eq!((refusal.status(), refusal.header("content-type")), (404, "application/problem+json"), "{path}");
        assert_eq!(server.post(path, &json!({})).await.problem(404), None, "{path}");
    }
    for path in ["alerts/%FF", "portfolios/%FF", "instruments/%FF/history", "sse/portfolio/%FF"] {
        server.get(&format!("/api/v1/{path}")).await.problem(400);
    }
    let page = server.get("/nothing/here").await;
    assert_eq!((page.status(), page.header("content-type").starts_with("text/html")), (404, true));
    for path in ["/../../etc/passwd", "/pkg/../../data/foliostream.db", "/pkg/%2e%2e/%2e%2e/data/foliostream.db"] {
        let answer = server.get(path).await;
        assert!([400, 404].contains(&answer.status()), "{path} gave {}", answer.status());
    }
}

#[tokio::test]
async fn the_wrong_method_is_told_which_are_right() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/alerts", "POST"),
        ("POST", "/api/v1/alerts/1", "PATCH"),
        ("PUT", "/api/v1/quotes", "GET"),
        ("POST", "/healthz", "GET"),
        ("DELETE", "/readyz", "GET"),
        ("PUT", "/metrics", "GET"),
        ("POST", "/api/openapi.json", "GET"),
        ("GET", "/api/ui/create_alert", "POST"),
    ] {
        let refusal = server.request(method, path).send().await;
        refusal.problem(405);
        assert!(refusal.header("allow").contains(allowed), "{:?}", refusal.header("allow"));
    }
}
