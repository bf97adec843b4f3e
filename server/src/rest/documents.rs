//! The OpenAPI document, made from the handlers.

use std::sync::OnceLock;

use axum::Json;
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    accounts, alerts, contract, export, imports, instruments, jobs, ledger, notifications, performance, portfolios, presence,
    quotes,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Foliostream", description = "Commands of a live portfolio tracker. Streams are described in docs/PROTOCOL.md."),
    paths(
        alerts::list, alerts::create, alerts::show, alerts::update, alerts::delete,
        quotes::list, quotes::push,
        instruments::search, instruments::make, instruments::show, instruments::change, instruments::enter_prices, instruments::history,
        portfolios::list, portfolios::create, portfolios::show, portfolios::rename, portfolios::delete, performance::performance,
        ledger::activities, portfolios::add_activity, portfolios::activity, portfolios::replace_activity, portfolios::patch_activity,
        portfolios::delete_activity, portfolios::activity_history, portfolios::undo_activity,
        accounts::list, accounts::create, accounts::change, accounts::delete,
        notifications::list, notifications::read, notifications::delete, notifications::restore,
        export::portfolio, export::everything,
        imports::begin, imports::list, imports::show, imports::rows, imports::choose, imports::forget, imports::commit, imports::undo,
        jobs::list, jobs::show, jobs::end,
        presence::list,
    ),
    components(schemas(foliostream::api::problem::Problem)),
    modifiers(&IngestToken),
)]
struct Document;

struct IngestToken;

impl Modify for IngestToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("ingest_token", bearer);
    }
}

/// Serves the OpenAPI document of every route at `/api/openapi.json`.
pub async fn open_api() -> Json<&'static Value> {
    static WHOLE: OnceLock<Value> = OnceLock::new();
    let whole =
        || contract::complete(serde_json::to_value(Document::openapi()).expect("a document of texts and lists serialises"));
    Json(WHOLE.get_or_init(whole))
}
