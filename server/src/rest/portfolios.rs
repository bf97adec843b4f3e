//! `/portfolios` and their ledgers.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use foliostream::wire::commands::{ActivityDraft, ActivityPatch, Edit, PortfolioDraft, PortfolioPatch};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::{ActivityView, PortfolioSummary, PortfolioView, RevisionView};

use super::door::Rest;
use crate::error::internal;
use crate::extract::{Json, Object, Path, idempotency_key, if_match};
use crate::hub::Acting;

/// Lists portfolios, oldest first.
#[utoipa::path(get, path = "/api/v1/portfolios", tag = "portfolios", responses((status = 200, body = [PortfolioSummary])))]
pub(crate) async fn list(acting: Acting) -> Result<axum::Json<Vec<PortfolioSummary>>, ApiError> {
    Ok(axum::Json(acting.portfolios().await?))
}

/// Makes an empty portfolio.
#[utoipa::path(post, path = "/api/v1/portfolios", tag = "portfolios", request_body = PortfolioDraft,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, kept for 24 hours: the same request again gets the same answer, another one 422")),
    responses((status = 201, body = PortfolioSummary), (status = 409, description = "100 portfolios are there already"), (status = 422, description = "refused")))]
pub(crate) async fn create(
    acting: Acting,
    headers: HeaderMap,
    Json(Object(draft)): Json<Object<PortfolioDraft>>,
) -> Result<Response, ApiError> {
    let portfolio = acting.create_portfolio(draft, idempotency_key(&headers)?).await?;
    let location = format!("/api/v1/portfolios/{}", portfolio.portfolio_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(portfolio)).into_response())
}

/// Returns a portfolio at its newest prices, with all holdings.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}", tag = "portfolios", params(("portfolio_id" = String, Path)),
    responses((status = 200, body = PortfolioView), (status = 404, description = "no such portfolio"), (status = 422, description = "its amounts are too large to be valued exactly")))]
pub(crate) async fn show(
    State(rest): State<Rest>,
    acting: Acting,
    Path(portfolio_id): Path<String>,
) -> Result<Response, ApiError> {
    // Of very many holdings it takes a while.
    let hub = acting.clone();
    let text = async move { Ok(serde_json::to_vec(&hub.portfolio(&portfolio_id).await?)) };
    let text: Result<_, ApiError> = rest.renders.make(text).await?;
    let text = text?.map_err(|error| internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// Changes a portfolio: absent fields stay.
#[utoipa::path(patch, path = "/api/v1/portfolios/{portfolio_id}", tag = "portfolios", params(("portfolio_id" = String, Path)), request_body = PortfolioPatch,
    responses((status = 200, body = PortfolioSummary), (status = 404, description = "no such portfolio")))]
pub(crate) async fn rename(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Json(Object(patch)): Json<Object<PortfolioPatch>>,
) -> Result<axum::Json<PortfolioSummary>, ApiError> {
    Ok(axum::Json(acting.change_portfolio(&portfolio_id, patch).await?))
}

/// Deletes a portfolio with its ledger.
#[utoipa::path(delete, path = "/api/v1/portfolios/{portfolio_id}", tag = "portfolios", params(("portfolio_id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such portfolio")))]
pub(crate) async fn delete(acting: Acting, Path(portfolio_id): Path<String>) -> Result<StatusCode, ApiError> {
    acting.delete_portfolio(&portfolio_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enters an activity into a portfolio's ledger.
#[utoipa::path(post, path = "/api/v1/portfolios/{portfolio_id}/activities", tag = "portfolios", params(("portfolio_id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, kept for 24 hours: the same request again gets the same answer, another one 422")), request_body = ActivityDraft,
    responses((status = 201, body = ActivityView), (status = 404, description = "no such portfolio"),
        (status = 409, description = "100,000 entries are there already, or others keep changing the ledger"), (status = 422, description = "refused")))]
pub(crate) async fn add_activity(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    headers: HeaderMap,
    Json(Object(draft)): Json<Object<ActivityDraft>>,
) -> Result<Response, ApiError> {
    let activity = acting.add_activity(&portfolio_id, draft, idempotency_key(&headers)?).await?;
    let location = format!("/api/v1/portfolios/{portfolio_id}/activities/{}", activity.activity_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], with_etag(activity)).into_response())
}

/// Returns one activity. The ETag is its revision.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)),
    responses((status = 200, body = ActivityView), (status = 404, description = "no such activity")))]
pub(crate) async fn activity(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    Ok(with_etag(acting.activity(&portfolio_id, &activity_id).await?).into_response())
}

/// Replaces an activity of a portfolio's ledger.
#[utoipa::path(put, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)), request_body = ActivityDraft,
    responses((status = 200, body = ActivityView), (status = 404, description = "no such activity"), (status = 409, description = "others keep changing the ledger"), (status = 412, description = "changed since the revision of If-Match"), (status = 422, description = "refused")))]
pub(crate) async fn replace_activity(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(Object(draft)): Json<Object<ActivityDraft>>,
) -> Result<Response, ApiError> {
    let edit = Edit { if_match: if_match(&headers)?, ..Edit::default() };
    let replaced = acting.replace_activity(&portfolio_id, &activity_id, draft, edit).await?;
    Ok(with_etag(replaced).into_response())
}

/// Changes an activity: absent fields stay, `null` takes away.
#[utoipa::path(patch, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)), request_body = ActivityPatch,
    responses((status = 200, body = ActivityView), (status = 404, description = "no such activity"), (status = 409, description = "others keep changing the ledger"), (status = 412, description = "changed since the revision of If-Match"), (status = 422, description = "refused")))]
pub(crate) async fn patch_activity(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(Object(patch)): Json<Object<ActivityPatch>>,
) -> Result<Response, ApiError> {
    let changed = acting.patch_activity(&portfolio_id, &activity_id, patch, if_match(&headers)?).await?;
    Ok(with_etag(changed).into_response())
}

/// Tells the versions of an activity, the newest first, also of one that was deleted: who made each, when and how.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}/history", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)),
    responses((status = 200, body = [RevisionView]), (status = 404, description = "there never was such an activity")))]
pub(crate) async fn activity_history(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
) -> Result<axum::Json<Vec<RevisionView>>, ApiError> {
    Ok(axum::Json(acting.entry_history(&portfolio_id, &activity_id).await?))
}

/// Takes back the newest change of an activity, or brings one back that was deleted.
#[utoipa::path(post, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}/undo", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)),
    responses((status = 200, body = ActivityView), (status = 404, description = "there never was such an activity"),
        (status = 409, description = "it was never changed, or others keep changing the ledger"), (status = 412, description = "its newest change is not the one of If-Match"),
        (status = 422, description = "the ledger cannot be reckoned with what it was before")))]
pub(crate) async fn undo_activity(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let undone = acting.undo_activity(&portfolio_id, &activity_id, if_match(&headers)?).await?;
    Ok(with_etag(undone).into_response())
}

/// Deletes an activity from a portfolio's ledger.
#[utoipa::path(delete, path = "/api/v1/portfolios/{portfolio_id}/activities/{activity_id}", tag = "portfolios",
    params(("portfolio_id" = String, Path), ("activity_id" = String, Path)), 
    responses((status = 204), (status = 404, description = "no such activity"), (status = 409, description = "others keep changing the ledger"), (status = 412, description = "changed since"),
        (status = 422, description = "without it the rest of the ledger cannot be reckoned")))]
pub(crate) async fn delete_activity(
    acting: Acting,
    Path((portfolio_id, activity_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    acting.delete_activity(&portfolio_id, &activity_id, if_match(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn with_etag(activity: ActivityView) -> impl IntoResponse {
    ([(header::ETAG, format!("\"{}\"", activity.revision))], axum::Json(activity))
}
