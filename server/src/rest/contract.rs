//! What the OpenAPI document says beside what the handlers' types say: which statuses occur, and what a text may be.
//!
//! utoipa knows a field's type. That a ticker has 32 characters, that a condition is one of six words, and that any request may
//! meet a 503, is said here once for all operations and schemas.

use std::collections::BTreeMap;

use foliostream::domain::account::AccountKind;
use foliostream::domain::activity::ActivityKind;
use serde_json::{Map, Value, json};

/// What a status says of itself; those that any operation may answer stand in [`ANYWHERE`].
const PROBLEMS: [(&str, &str); 15] = [
    ("400", "The request cannot be read"),
    ("401", "The token is missing or wrong"),
    ("403", "Not from there, or not at all: a change that another site's page asks for, or a push where no token is configured"),
    ("404", "There is no such thing"),
    ("405", "This address does not take that method; `Allow` names those it takes"),
    ("406", "This address answers with an event stream"),
    ("408", "The body came too slowly"),
    ("409", "It clashes with what is there: a limit is reached, or others keep changing it"),
    ("412", "It has changed since the revision that `If-Match` names"),
    ("413", "The body is over the limit"),
    ("415", "The body is not `application/json`"),
    ("421", "This server does not answer to that Host"),
    ("422", "Read, and refused; `field` names what is at fault"),
    ("500", "Something went wrong on the server; `reference` finds it in the log"),
    ("503", "Not now; `Retry-After` says when"),
];

/// Statuses of every operation.
const ANYWHERE: [&str; 4] = ["400", "421", "500", "503"];

/// Completes a document that was made from the handlers.
pub(crate) fn complete(mut document: Value) -> Value {
    document["servers"] = json!([{ "url": "/", "description": "The server that this document came from" }]);
    document["security"] = json!([]);
    document["tags"] = tags();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, operations) in paths {
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas {
            complete_schema(name, schema);
        }
    }
    document
}

fn tags() -> Value {
    let tag = |(name, description): (&str, &str)| json!({ "name": name, "description": description });
    [
        ("alerts", "What is watched on the server, also while no page is open"),
        ("imports", "Files of other programs: looked at, committed, undone"),
        ("instruments", "Search, and history as bars"),
        ("notifications", "What alerts have told"),
        ("portfolios", "Portfolios and their ledgers"),
        ("presence", "Connected tabs"),
        ("quotes", "The newest prices, and the door for programs that push them"),
    ]
    .map(tag)
    .into_iter()
    .collect()
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    name_it(operation);
    let has_body = operation.get("requestBody").is_some();
    if path.ends_with("/quotes") && has_body {
        operation["requestBody"]["content"]["application/json"]["schema"]["maxItems"] = 10_000.into();
    }
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        bound_parameter(parameter);
    }
    let mut statuses: Vec<&str> = ANYWHERE.to_vec();
    if method != "get" {
        statuses.push("403");
    }
    if path.contains('{') {
        statuses.push("404");
    }
    if has_body {
        statuses.extend(["408", "413", "415", "422"]);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for status in statuses {
        responses.entry(status).or_insert_with(|| json!({ "description": "" }));
    }
    for (status, response) in responses.iter_mut() {
        complete_response(status, method, response);
        name_its_revision(response);
    }
    let is_versioned = responses.contains_key("412");
    if is_versioned {
        bind_to_revision(operation);
    }
}

/// Says that an operation takes the revision it was made from, where its handler does not say so itself.
fn bind_to_revision(operation: &mut Value) {
    let words = "The revision the change was made from, in quotes, as `ETag` had it; another one there by now is 412";
    let parameter = json!({ "name": "If-Match", "in": "header", "required": false, "description": words,
        "schema": { "type": "string", "pattern": "^(\\*|\"[0-9]{1,18}\")$" } });
    let Some(fields) = operation.as_object_mut() else { return };
    let parameters = fields.entry("parameters").or_insert_with(|| json!([]));
    let is_said = |known: &Value| known["name"] == "If-Match";
    if let Some(parameters) = parameters.as_array_mut().filter(|parameters| !parameters.iter().any(is_said)) {
        parameters.push(parameter);
    }
}

/// Says that an answer which is one thing with a revision carries that as its `ETag`.
fn name_its_revision(response: &mut Value) {
    let schema = response["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    if schema.ends_with("/AlertView") || schema.ends_with("/ActivityView") {
        let words = "Its revision in quotes, for `If-Match`";
        response["headers"]["ETag"] =
            json!({ "description": words, "schema": { "type": "string", "pattern": "^\"[0-9]{1,18}\"$" } });
    }
}

/// Gives an operation a name of its own: a handler's name that is one word gets its tag's (`create` of alerts is `create_alert`).
fn name_it(operation: &mut Value) {
    let (Some(name), Some(tag)) = (operation["operationId"].as_str(), operation["tags"][0].as_str()) else { return };
    if name.contains('_') {
        return;
    }
    let thing = if matches!(name, "list" | "search" | "push") { tag } else { tag.strip_suffix('s').unwrap_or(tag) };
    let name = format!("{name}_{thing}");
    operation["operationId"] = name.into();
}

fn complete_response(status: &str, method: &str, response: &mut Value) {
    let usual = match PROBLEMS.iter().find(|(known, _)| *known == status) {
        Some((_, words)) => {
            if response.get("content").is_none() {
                response["content"] =
                    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            }
            *words
        }
        None => match status {
            "201" => "Made; `Location` names it",
            "202" => "Taken",
            "204" => "Done",
            _ if method == "get" => "What was asked for",
            _ => "Changed",
        },
    };
    if response["description"].as_str().unwrap_or_default().is_empty() {
        response["description"] = usual.into();
    }
    let header = |words: &str| json!({ "description": words, "schema": { "type": "string" } });
    match status {
        "201" => response["headers"]["Location"] = header("The address of what was made"),
        "401" => response["headers"]["WWW-Authenticate"] = header("`Bearer`"),
        "503" => response["headers"]["Retry-After"] = header("Seconds"),
        _ => {}
    }
}

fn bound_parameter(parameter: &mut Value) {
    let bounds = match (parameter["in"].as_str(), parameter["name"].as_str()) {
        (Some("path"), Some("id" | "activity_id")) => json!({ "pattern": "^[0-9]{1,19}$" }),
        (Some("path"), Some("portfolio_id")) => json!({ "pattern": "^[0-9a-f]{32}$" }),
        (Some("path"), Some("ticker")) => json!({ "pattern": TICKER, "maxLength": 32 }),
        (Some("header"), Some("Idempotency-Key")) => json!({ "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 64 }),
        (Some("query"), Some("query")) => json!({ "maxLength": 100 }),
        (Some("query"), Some("from" | "to")) => json!({ "anyOf": [{ "format": "date" }, { "maxLength": 0 }] }),
        (Some("query"), Some("interval")) => json!({ "enum": ["1d", "5m"] }),
        (Some("query"), Some("client")) => json!({ "format": "uuid" }),
        _ => return,
    };
    no_longer_null(&mut parameter["schema"]);
    merge(&mut parameter["schema"], &bounds);
}

/// Ways to write a ticker; what is written in small letters is read in capitals.
const TICKER: &str = "^[.^=_-]*[A-Za-z0-9][A-Za-z0-9.^=_-]*$";
/// A currency's code: three letters.
const CURRENCY: &str = "^[A-Za-z]{3}$";
/// A date, or a time with its offset.
const MOMENT: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?$";
/// The kinds of rules.
const CONDITIONS: [&str; 6] =
    ["price_above", "price_below", "crosses_above", "crosses_below", "day_change_above_percent", "day_change_below_percent"];
/// The pattern of an exact number, such as `-12.50`: no exponent, no plus, no grouping.
const DECIMAL: &str = "^-?[0-9]+(\\.[0-9]+)?$";

fn complete_schema(name: &str, schema: &mut Value) {
    let is_answer = name.ends_with("View") || name.ends_with("Summary") || name == "Pushed";
    if let Some(entry) = name.strip_prefix("Page_") {
        // Written out, an entry would be described a second time, without the bounds that it has by its own name.
        schema["properties"]["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{entry}") });
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (property, described) in properties.iter_mut() {
        if let Some(bounds) = bounds_of(name, property) {
            if !is_answer && !accepts_null(name, property) {
                no_longer_null(described);
            }
            merge(described, &bounds);
            let is_nullable = described["type"].as_array().is_some();
            if let Some(words) = described.get_mut("enum").and_then(Value::as_array_mut).filter(|_| is_nullable) {
                words.push(Value::Null);
            }
        }
    }
    if matches!(name, "AlertDraft" | "AlertPatch") {
        take_one_form_of_a_rule(schema, name == "AlertDraft");
        return;
    }
    if is_answer {
        let told: Vec<&String> = properties.keys().filter(|property| *property != "this").collect();
        schema["required"] = json!(told);
    }
}

/// Says that a rule stands either for itself or in the short form, of which a new alert needs every part. Generators of clients
/// skip such conditions and make one type of all fields.
fn take_one_form_of_a_rule(schema: &mut Value, is_new: bool) {
    let short = ["ticker", "condition", "threshold"];
    schema["if"] = json!({ "required": ["rule"] });
    schema["then"] = json!({ "properties": short.map(|field| (field, false)).into_iter().collect::<BTreeMap<_, _>>() });
    if is_new {
        schema["else"] = json!({ "required": short });
    }
}

/// Says of which fields of a change `null` takes away what is there; of a draft it is as good as leaving the field out.
fn accepts_null(schema: &str, property: &str) -> bool {
    match schema {
        "AlertDraft" | "AlertPatch" => matches!(property, "note" | "expires_at"),
        "RuleDraft" => false,
        "PortfolioPatch" => false,
        _ => !matches!(property, "repeat" | "paused"),
    }
}

fn no_longer_null(described: &mut Value) {
    let kind = described["type"].as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).cloned();
    if let Some(kind) = kind {
        described["type"] = kind;
    }
}

fn merge(described: &mut Value, bounds: &Value) {
    let Some(described) = described.as_object_mut() else { return };
    described.extend(bounds.as_object().cloned().unwrap_or_else(Map::new));
}

/// Returns what a field may hold, beyond its type.
fn bounds_of(schema: &str, property: &str) -> Option<Value> {
    let is_draft = schema.ends_with("Draft") || schema.ends_with("Patch");
    Some(match property {
        "ticker" => json!({ "pattern": TICKER, "minLength": 1, "maxLength": 32 }),
        // There it is what exchange rates made of a gain.
        "currency" if schema != "BreakdownView" => json!({ "pattern": CURRENCY }),
        "condition" => json!({ "enum": CONDITIONS }),
        "repeat" => json!({ "enum": ["once", "every"] }),
        "state" if schema == "ImportView" => json!({ "enum": ["open", "committed", "undone"] }),
        "state" if schema == "JobView" => json!({ "enum": ["queued", "running", "done", "failed", "cancelled"] }),
        "state" => json!({ "enum": ["armed", "triggered", "cooling", "paused", "expired"] }),
        "freshness" => json!({ "enum": ["live", "delayed", "stale", "closed"] }),
        "class" => json!({ "enum": ["share", "fund", "bond", "crypto", "commodity", "currency", "other"] }),
        "kind" if schema == "RuleDraft" => json!({ "enum": CONDITIONS }),
        "kind" if schema.starts_with("Account") => json!({ "enum": AccountKind::ALL.map(AccountKind::word) }),
        "kind" if schema == "JobView" => json!({ "enum": ["import", "backup"] }),
        "kind" => json!({ "enum": ActivityKind::ALL.map(ActivityKind::word) }),
        "cooldown_s" => json!({ "minimum": 0, "maximum": 31_536_000 }),
        "name" if is_draft => json!({ "minLength": 1, "maxLength": 100 }),
        "tags" if is_draft => json!({ "maxItems": 20 }),
        "note" if is_draft => json!({ "maxLength": 1_000 }),
        "threshold" | "level" | "percent" if is_draft => json!({ "pattern": DECIMAL, "maxLength": 30 }),
        "price" | "bid" | "ask" | "previous_close" | "quantity" | "amount" | "fee" | "tax" | "exchange_rate" if is_draft => {
            json!({ "pattern": DECIMAL, "maxLength": 30 })
        }
        "time" | "expires_at" if is_draft => json!({ "pattern": MOMENT, "maxLength": 35 }),
        "paused" | "acknowledged" | "track_cash" | "opens_short" if is_draft => json!({}),
        "status" if schema == "Problem" => json!({ "minimum": 400, "maximum": 599 }),
        _ => return None,
    })
}
