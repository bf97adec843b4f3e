//! Holds every answer that a test gets below `/api/v1` against the OpenAPI document: whatever a test makes a handler answer, the
//! document must name.

use foliostream_server::rest;
use serde_json::Value;

use super::http::Answer;

/// Headers that a program acts on: one that an answer carries stands in the document, and the other way round.
const TOLD: [&str; 4] = ["Location", "ETag", "Retry-After", "WWW-Authenticate"];

/// Panics where the document has the operation and not its answer.
pub(crate) async fn check(method: &str, path: &str, answer: &Answer) {
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    let is_elsewhere = ["no such address below /api", "404 page not found"].iter().any(|text| answer.text().contains(text));
    if kind == "text/html" || answer.status() == 404 && is_elsewhere {
        // A proxy's own page or word, or a process that is only the engine.
        return;
    }
    let document = rest::open_api().await.0;
    let Some(operation) = operation(document, method, path) else { return };
    let what = format!("{method} {path} answered {}", answer.status());
    let response = &operation["responses"][answer.status().to_string()];
    assert!(response.is_object(), "{what}, which the OpenAPI document does not name: {}", answer.text());
    for name in TOLD {
        let (is_carried, is_named) = (!answer.header(&name.to_lowercase()).is_empty(), response["headers"][name].is_object());
        assert_eq!(is_carried, is_named, "{what}: is {name} in the answer, and in the OpenAPI document?");
    }
    let is_named = if kind.is_empty() { response.get("content").is_none() } else { response["content"][kind].is_object() };
    assert!(is_named || method == "HEAD", "{what} as {kind:?}, which the OpenAPI document does not name");
}

/// Finds what the document says of a request; nothing where it has no such operation.
fn operation<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or_default();
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let matches = |template: &str| {
        let (asked, known) = (path.split('/'), template.split('/'));
        asked.clone().count() == known.clone().count()
            && asked.zip(known).all(|(asked, known)| asked == known || known.starts_with('{') && !asked.is_empty())
    };
    let (_, operations) = document["paths"].as_object()?.iter().find(|(template, _)| matches(template))?;
    operations.get(&method)
}
