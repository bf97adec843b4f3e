//! `/api/v1` for programs: the same hub methods as the server functions, as JSON; errors are `application/problem+json`.

mod accounts;
mod alerts;
mod contract;
mod documents;
mod door;
mod export;
mod imports;
mod instruments;
mod jobs;
mod ledger;
mod notifications;
mod pages;
mod performance;
mod portfolios;
mod presence;
mod quotes;
pub mod streams;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, patch, post};

use foliostream::wire::error::ApiError;
use foliostream::words::Refusals;

pub use documents::open_api;
pub use door::Rest;

/// The largest body, in bytes: ten thousand quotes, with room.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// Routes below `/api/v1`, without the streams.
pub fn routes(rest: Rest) -> Router {
    Router::new()
        .route("/quotes", get(quotes::list).post(quotes::push))
        .route("/instruments", get(instruments::search).post(instruments::make))
        .route("/instruments/{ticker}", get(instruments::show).patch(instruments::change))
        .route("/instruments/{ticker}/prices", post(instruments::enter_prices))
        .route("/instruments/{ticker}/history", get(instruments::history))
        .route("/portfolios", get(portfolios::list).post(portfolios::create))
        .route("/portfolios/{portfolio_id}", get(portfolios::show).patch(portfolios::rename).delete(portfolios::delete))
        .route("/portfolios/{portfolio_id}/activities", get(ledger::activities).post(portfolios::add_activity))
        .route(
            "/portfolios/{portfolio_id}/activities/{activity_id}",
            get(portfolios::activity)
                .put(portfolios::replace_activity)
                .patch(portfolios::patch_activity)
                .delete(portfolios::delete_activity),
        )
        .route("/portfolios/{portfolio_id}/activities/{activity_id}/history", get(portfolios::activity_history))
        .route("/portfolios/{portfolio_id}/activities/{activity_id}/undo", post(portfolios::undo_activity))
        .route("/portfolios/{portfolio_id}/accounts", get(accounts::list).post(accounts::create))
        .route("/portfolios/{portfolio_id}/accounts/{account_id}", patch(accounts::change).delete(accounts::delete))
        .route("/portfolios/{portfolio_id}/performance", get(performance::performance))
        .route("/portfolios/{portfolio_id}/export", get(export::portfolio))
        .route("/portfolios/{portfolio_id}/imports", post(imports::begin).layer(DefaultBodyLimit::max(imports::LARGEST)))
        .route("/imports", get(imports::list))
        .route("/imports/{import_id}", get(imports::show).patch(imports::choose).delete(imports::forget))
        .route("/imports/{import_id}/rows", get(imports::rows))
        .route("/imports/{import_id}/commit", post(imports::commit))
        .route("/imports/{import_id}/undo", post(imports::undo))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{job_id}", get(jobs::show).delete(jobs::end))
        .route("/export", get(export::everything))
        .route("/alerts", get(alerts::list).post(alerts::create))
        .route("/alerts/{id}", get(alerts::show).patch(alerts::update).delete(alerts::delete))
        .route("/notifications", get(notifications::list))
        .route("/notifications/{id}", axum::routing::delete(notifications::delete))
        .route("/notifications/{id}/read", post(notifications::read))
        .route("/notifications/{id}/restore", post(notifications::restore))
        .route("/presence", get(presence::list))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(rest)
}

/// Answers below `/api` where there is nothing.
pub async fn nothing_here() -> ApiError {
    ApiError::not_found(Refusals::no_such_address())
}
