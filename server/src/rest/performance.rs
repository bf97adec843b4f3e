//! How a portfolio did over a period, for programs.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Rest;
use crate::error::internal;
use crate::extract::{Path, Query};
use crate::hub::Acting;
use foliostream::wire::error::ApiError;
use foliostream::wire::views::{PerformanceQuery, PerformanceView};

/// Returns returns, gains and where they came from over a period, of one portfolio or of `all` together.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/performance", tag = "portfolios",
    params(("portfolio_id" = String, Path),
        ("range" = Option<String>, Query, description = "`1d`, `1w`, `1m`, `3m`, `ytd`, `1y`, `3y`, `5y` or `all`, which is meant where nothing is said"),
        ("from" = Option<String>, Query, description = "the first day that counts, in place of a range"),
        ("to" = Option<String>, Query, description = "the last day that counts, today unless told"),
        ("benchmark" = Option<String>, Query, description = "at most three tickers, separated by commas"),
        ("account" = Option<String>, Query, description = "the `account_id` of the only account that counts"),
        ("ticker" = Option<String>, Query, description = "the only instrument that counts"),
        ("cost" = Option<String>, Query, description = "which units are sold first: `fifo` unless told, or `average`")),
    responses((status = 200, body = PerformanceView), (status = 400, description = "an unknown range, cost method or account, an account or an instrument of `all`, or too many benchmarks"),
        (status = 404, description = "no such portfolio or benchmark"), (status = 422, description = "days that are none, or that end before they begin; or amounts that are too large to be valued exactly")))]
pub(crate) async fn performance(
    State(rest): State<Rest>,
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Query(query): Query<PerformanceQuery>,
) -> Result<Response, ApiError> {
    let text = async move { Ok(serde_json::to_vec(&acting.performance(&portfolio_id, &query).await?)) };
    let text: Result<_, ApiError> = rest.renders.make(text).await?;
    let text = text?.map_err(|error| internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}
