//! `/api/openapi.json`: what it says of every operation, and that the server answers as it says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Answer, Server};

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    described: Value,
}

impl Operation {
    fn all(document: &Value) -> Vec<Self> {
        let of_path = |(path, methods): (&String, &Value)| -> Vec<Self> {
            let operations = methods.as_object().unwrap().iter();
            let operation = |(method, described): (&String, &Value)| Self {
                method: method.to_uppercase(),
                path: path.clone(),
                described: described.clone(),
            };
            operations.map(operation).collect()
        };
        document["paths"].as_object().unwrap().iter().flat_map(of_path).collect()
    }

    fn name(&self) -> &str {
        self.described["operationId"].as_str().unwrap()
    }

    fn has_body(&self) -> bool {
        self.described.get("requestBody").is_some()
    }

    /// Its path with a value for every parameter.
    fn path_with(&self, something: &str) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { something } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Checks that an answer's status is one of those the document names, in the form it names.
    #[track_caller]
    fn allows(&self, answer: &Answer) {
        let response = &self.described["responses"][answer.status().to_string()];
        assert!(response.is_object(), "{} {} answered {}: {}", self.method, self.path, answer.status(), answer.text());
        if answer.status() >= 400 {
            assert!(response["content"]["application/problem+json"].is_object(), "{} {}", self.name(), answer.status());
            answer.problem(answer.status());
        }
    }
}

async fn document(server: &Server) -> Value {
    server.get("/api/openapi.json").await.expect(200)
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_says_what_each_status_means() {
    let server = Server::start().await;
    let document = document(&server).await;
    assert_eq!(document["openapi"], "3.1.0");
    let operations = Operation::all(&document);
    let names: BTreeSet<&str> = operations.iter().map(Operation::name).collect();
    assert_eq!(names.len(), operations.len(), "{names:?}");
    for operation in &operations {
        assert!(operation.described["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{}", operation.name());
        let responses = operation.described["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')) && responses.contains_key("400"));
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|words| !words.is_empty()), "{} {status}", operation.name());
        }
    }
}

#[tokio::test]
async fn closed_sets_and_limits_are_stated_and_references_lead_somewhere() {
    let server = Server::start().await;
    let document = document(&server).await;
    let schemas = &document["components"]["schemas"];
    for schema in ["AlertDraft", "AlertPatch", "AlertView"] {
        assert_eq!(schemas[schema]["properties"]["condition"]["enum"].as_array().map(Vec::len), Some(6), "{schema}");
        assert_eq!(schemas[schema]["properties"]["ticker"]["maxLength"], 32, "{schema}");
    }
    assert_eq!(schemas["PortfolioDraft"]["properties"]["name"]["maxLength"], 100);
    for schema in ["AlertDraft", "AlertPatch", "AlertView"] {
        assert_eq!(schemas[schema]["properties"]["rule"]["$ref"], "#/components/schemas/RuleDraft", "{schema}");
    }
    assert_eq!(schemas["RuleDraft"]["properties"]["kind"]["enum"].as_array().map(Vec::len), Some(6));
    assert_eq!(schemas["RuleDraft"]["properties"]["level"]["type"], "string");
    assert_eq!(schemas["AlertDraft"]["else"]["required"], serde_json::json!(["ticker", "condition", "threshold"]));
    assert_eq!(schemas["AlertDraft"]["properties"]["note"]["maxLength"], 1_000);
    assert_eq!(schemas["AlertPatch"]["properties"]["threshold"]["type"], "string", "null takes no threshold away");
    assert!(schemas["AlertPatch"]["properties"]["note"]["type"].is_array(), "null takes a note away");
    let changes_to_cash = &schemas["PortfolioPatch"]["properties"]["track_cash"];
    assert_eq!(changes_to_cash["type"], "boolean", "null does not take away whether cash counts");
    for (page, entry) in [("Page_ActivityView", "ActivityView"), ("Page_SourcedQuoteView", "SourcedQuoteView")] {
        let reference = &schemas[page]["properties"]["items"]["items"]["$ref"];
        assert_eq!(*reference, format!("#/components/schemas/{entry}"), "with its closed sets and bounds");
    }
    let text = document.to_string();
    assert!(!text.contains("\"parameters\":null") && !text.contains("\"properties\":null"), "what is not there is left out");
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas[name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn bad_requests_are_answered_by_statuses_that_the_document_names() {
    let server = Server::start().await;
    for operation in Operation::all(&document(&server).await) {
        let ask = |path: &str| server.request(&operation.method, path).header("authorization", "Bearer t0ken");
        for something in ["7", "AAPL", "%FF", "no%20such%20thing", "01a1fc3f37d8746f8cd1540a74c72232"] {
            let path = operation.path_with(something);
            operation.allows(&ask(&path).send().await);
            operation.allows(&ask(&path).header("host", "elsewhere.example").send().await);
            operation.allows(&ask(&path).header("origin", "https://elsewhere.example").send().await);
            operation.allows(&ask(&path).header("if-match", "\"999\"").send().await);
            if operation.has_body() {
                for body in ["", "{", "null", "[]", "{}", "[{}]", "{\"unknown\":1}", "\"text\"", "{\"kind\":5,\"ticker\":{}}"] {
                    operation.allows(&ask(&path).text("application/json", body).send().await);
                    operation.allows(&ask(&path).text("text/plain", body).send().await);
                }
            }
            for query in [
                "limit=0",
                "limit=x",
                "tickers=NOBODY",
                "cursor=x",
                "after=x",
                "tickers=%00",
                "client=x",
                "from=x",
                "interval=x",
                "query=%FF",
            ] {
                operation.allows(&ask(&format!("{path}?{query}")).send().await);
            }
        }
    }
}
