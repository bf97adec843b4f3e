//! Which statuses a handler can answer, read from its source: from the handler through the hub's functions that it calls, and the
//! store's that those call, to every refusal that is made on the way. Each must stand in the OpenAPI document. So a status is found
//! that no test brings about, such as the 409 of an alert that keeps firing while it is changed.

use std::collections::{BTreeMap, BTreeSet};

use foliostream_server::rest;

/// What a refusal's words in the source mean.
const REFUSALS: [(&str, u16); 17] = [
    ("ErrorCode::BadRequest", 400),
    ("ErrorCode::Unauthenticated", 401),
    ("ErrorCode::Forbidden", 403),
    ("ErrorCode::NotFound", 404),
    ("ErrorCode::TooLarge", 413),
    ("ErrorCode::Unprocessable", 422),
    ("ErrorCode::UnknownInstrument", 422),
    // Where it is matched it is dealt with; where it is made it is answered.
    ("ApiError::new(ErrorCode::Conflict", 409),
    ("ApiError::new(ErrorCode::PreconditionFailed", 412),
    ("ApiError::field(", 422),
    ("ApiError::not_found(", 404),
    ("StoreError::Limit {", 409),
    ("StoreError::NotFound", 404),
    ("if_match(&headers)", 412),
    ("Json(Object(", 415),
    ("Json(Object(", 422),
    ("idempotency_key(&headers)", 422),
];

/// Functions by name; those of one name count together.
type Functions = BTreeMap<String, String>;

fn functions(folder: &str) -> Functions {
    let mut functions = Functions::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            add_functions(&std::fs::read_to_string(path).unwrap(), &mut functions);
        }
    }
    functions
}

/// Takes a file's functions, each from behind its name to where the next begins. Tests are none, nor are words about a function.
fn add_functions(source: &str, functions: &mut Functions) {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let spoken = source.lines().map(str::trim_start).filter(|line| !line.starts_with("//") && !line.starts_with('#'));
    let text = spoken.collect::<Vec<_>>().join("\n");
    for function in text.split("fn ").skip(1) {
        let name: String = function.chars().take_while(|letter| is_name(*letter)).collect();
        functions.entry(name.clone()).or_default().push_str(&function[name.len()..]);
    }
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Returns the names that a function calls, with what stands before each: `self.`, `store.`, `(`, …
fn calls(body: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = body.char_indices().filter(|(_, letter)| matches!(letter, '(' | ')')).map(|(end, _)| end);
    ends.filter_map(|end| {
        let start = body[..end].rfind(|letter| !is_name(letter)).map_or(0, |before| before + 1);
        let (before, name) = (&body[..start], &body[start..end]);
        let is_handed_over = ["map_err(", "ok_or_else(", "map("].iter().any(|taker| before.ends_with(taker));
        (!name.is_empty() && (body[end..].starts_with('(') || is_handed_over)).then_some((before, name))
    })
}

/// Returns the statuses of the refusals that a function makes itself.
fn refusals(body: &str) -> impl Iterator<Item = u16> {
    REFUSALS.iter().filter(|(words, _)| body.contains(words)).map(|(_, status)| *status)
}

/// The sources that a handler reaches.
struct Sources {
    hub: Functions,
    store: Functions,
}

impl Sources {
    /// Adds what a function answers, and what those answer that it calls.
    fn reach(&self, body: &str, file: &Functions, seen: &mut BTreeSet<String>, statuses: &mut BTreeSet<u16>) {
        let elsewhere = Functions::new();
        statuses.extend(refusals(body));
        for (before, name) in calls(body) {
            let is_called = |on: &[&str]| on.iter().any(|on| before.ends_with(on));
            let is_bare = !before.ends_with(['.', ':']);
            let next = match () {
                // What the store's functions call among themselves have names that the hub's have too.
                () if is_called(&["store."]) => {
                    statuses.extend(self.store.get(name).into_iter().flat_map(|body| refusals(body)));
                    None
                }
                () if is_called(&["rest.hub."]) => self.hub.get(name).map(|body| (body, "hub")),
                () if is_bare && file.contains_key(name) => file.get(name).map(|body| (body, "file")),
                () if is_bare || is_called(&["self.", "hub.", "Self::"]) => self.hub.get(name).map(|body| (body, "hub")),
                () => None,
            };
            let Some((body, room)) = next else { continue };
            if seen.insert(format!("{room} {name}")) {
                self.reach(body, if room == "file" { file } else { &elsewhere }, seen, statuses);
            }
        }
    }
}

#[tokio::test]
async fn every_status_that_a_handler_can_answer_stands_in_the_document() {
    let document = rest::open_api().await.0;
    let sources = Sources { hub: functions("src/hub"), store: functions("src/store") };
    let mut missing = Vec::new();
    let mut handlers = 0;
    let files = std::fs::read_dir("src/rest").unwrap().map(|entry| entry.unwrap().path());
    // The streams have a folder of their own and are told in docs/PROTOCOL.md.
    for path in files.filter(|path| path.is_file()) {
        let source = std::fs::read_to_string(path).unwrap();
        let mut file = Functions::new();
        add_functions(&source, &mut file);
        for described in source.split("#[utoipa::path(").skip(1) {
            let method = described.split(',').next().unwrap();
            let path = described.split("path = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            let name = described.split("async fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap();
            let mut statuses = BTreeSet::new();
            sources.reach(&file[name], &file, &mut BTreeSet::new(), &mut statuses);
            let known = document["paths"][path][method]["responses"].as_object().unwrap();
            let unknown = statuses.iter().filter(|status| !known.contains_key(&status.to_string()));
            missing.extend(unknown.map(|status| format!("{method} {path} {status}")));
            handlers += 1;
        }
    }
    let documented: usize =
        document["paths"].as_object().unwrap().values().map(|methods| methods.as_object().unwrap().len()).sum();
    assert_eq!(handlers, documented, "every operation has its handler");
    assert!(missing.is_empty(), "can be answered and is not documented: {missing:#?}");
}
