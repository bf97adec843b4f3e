//! What every answer says about being kept, embedded and compressed (PROTOCOL §2).

use crate::support::{Folders, Process, Server, TOKEN};

/// Answers that hold figures, refusals or the state of the server: nothing may keep them.
const NEVER_KEPT: [(&str, &str, u16); 18] = [
    ("GET", "/", 200),
    ("GET", "/nothing", 404),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/metrics", 200),
    ("GET", "/api/openapi.json", 200),
    ("GET", "/api/nothing", 404),
    ("GET", "/api/v1/quotes", 200),
    ("GET", "/api/v1/quotes?tickers=GONE", 404),
    ("GET", "/api/v1/alerts", 200),
    ("GET", "/api/v1/alerts/9", 404),
    ("POST", "/api/v1/alerts", 415),
    ("GET", "/api/v1/portfolios", 200),
    ("GET", "/api/v1/sse/prices", 400),
    ("GET", "/api/v1/sse/portfolio/gone", 404),
    ("POST", "/api/v1/sse/prices", 405),
    ("GET", "/api/v1/sse/nothing", 404),
    ("GET", "/pkg/gone.js", 404),
];

#[tokio::test]
async fn figures_refusals_and_the_state_of_the_server_are_kept_by_no_cache() {
    let server = Server::start().await;
    server.price("A", "1").await;
    for (method, path, status) in NEVER_KEPT {
        let answer = server.request(method, path).send().await;
        assert_eq!((answer.status(), answer.header("cache-control")), (status, "no-store"), "{method} {path}");
    }
    let misdirected = server.request("GET", "/").header("host", "evil.example").send().await;
    assert_eq!((misdirected.status(), misdirected.header("cache-control")), (421, "no-store"));
}

#[tokio::test]
async fn every_answer_keeps_other_sites_out_of_its_window_and_its_bytes() {
    let server = Server::start().await;
    for path in ["/", "/nothing", "/metrics", "/api/v1/quotes", "/api/v1/sse/prices"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: without TLS browsers ignore it");
    }
}

/// A site with one part, in two encodings that are compressed beforehand and one that is not.
fn site(folders: &Folders) {
    let package = folders.path("site/pkg");
    let names = r#"{"js":"foliostream.1a.js","wasm":"foliostream.2b.wasm","css":"foliostream.3c.css"}"#;
    std::fs::write(package.join("manifest.json"), names).unwrap();
    std::fs::write(package.join("foliostream.1a.js"), "x".repeat(2_000)).unwrap();
    std::fs::write(package.join("foliostream.1a.js.br"), "shorter").unwrap();
    std::fs::write(folders.path("site/theme.js"), "y".repeat(2_000)).unwrap();
}

#[tokio::test]
async fn a_file_is_kept_as_long_as_its_name_means_one_content() {
    let folders = Folders::new();
    site(&folders);
    let process = Process::start(&folders, &["--feed", "none"]);
    for (path, kept) in [
        ("/pkg/foliostream.1a.js", "public, max-age=31536000, immutable"),
        ("/pkg/manifest.json", "no-cache"),
        ("/theme.js", "no-cache"),
        ("/pkg/gone.js", "no-store"),
        ("/gone.js", "no-store"),
    ] {
        let answer = process.request("GET", path).send().await;
        assert_eq!(answer.header("cache-control"), kept, "{path}");
    }
}

#[tokio::test]
async fn no_two_encodings_share_a_strong_etag() {
    let folders = Folders::new();
    site(&folders);
    let process = Process::start(&folders, &["--feed", "none", "--ingest-token", TOKEN]);
    let quote = serde_json::json!([{ "ticker": "A", "price": "1" }]);
    let pushed = process.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {TOKEN}")).json(&quote);
    assert_eq!(pushed.send().await.status(), 202);
    let alert = serde_json::json!({ "ticker": "A", "condition": "price_above", "threshold": "2", "note": "n".repeat(900) });
    assert_eq!(process.request("POST", "/api/v1/alerts").json(&alert).send().await.status(), 201);
    for path in ["/pkg/foliostream.1a.js", "/theme.js", "/api/v1/alerts/1"] {
        let mut seen = Vec::new();
        for accepted in ["identity", "br", "gzip"] {
            let answer = process.request("GET", path).header("accept-encoding", accepted).send().await;
            assert_eq!(answer.status(), 200, "{path}");
            seen.push((answer.header("etag").to_owned(), answer.header("content-encoding").to_owned()));
        }
        seen.sort();
        seen.dedup();
        let mut tags: Vec<_> = seen.iter().map(|(tag, _)| tag).filter(|tag| !tag.starts_with("W/") && !tag.is_empty()).collect();
        let strong = tags.len();
        tags.dedup();
        assert_eq!(tags.len(), strong, "{path}: one tag stands for two encodings: {seen:?}");
    }
}
