//! `/alerts`. The ETag is the revision; a stale `If-Match` is 412.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use foliostream::wire::commands::{AlertDraft, AlertPatch};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::AlertView;

use crate::extract::{Json, Object, Path, idempotency_key, if_match};
use crate::hub::Acting;

/// Lists every alert, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", responses((status = 200, body = [AlertView])))]
pub(crate) async fn list(acting: Acting) -> Result<axum::Json<Vec<AlertView>>, ApiError> {
    Ok(axum::Json(acting.alerts().await?))
}

/// Makes an alert, which watches from the answer on.
#[utoipa::path(post, path = "/api/v1/alerts", tag = "alerts", request_body = AlertDraft,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, kept for 24 hours: the same request again gets the same answer, another one 422")),
    responses((status = 201, body = AlertView), (status = 400, description = "not readable"), (status = 409, description = "1,000 alerts are there already"), (status = 422, description = "refused; `field` names what is at fault")))]
pub(crate) async fn create(
    acting: Acting,
    headers: HeaderMap,
    Json(Object(draft)): Json<Object<AlertDraft>>,
) -> Result<Response, ApiError> {
    let alert = acting.create_alert(draft, idempotency_key(&headers)?).await?;
    let location = format!("/api/v1/alerts/{}", alert.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], with_etag(alert)).into_response())
}

/// Returns one alert, with its revision as ETag.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, body = AlertView), (status = 404, description = "no such alert")))]
pub(crate) async fn show(acting: Acting, Path(id): Path<String>) -> Result<Response, ApiError> {
    Ok(with_etag(acting.alert(&id).await?).into_response())
}

/// Changes an alert: absent fields stay; `paused` pauses and arms, `acknowledged` marks the last firing as seen.
#[utoipa::path(patch, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)), request_body = AlertPatch,
    responses((status = 200, body = AlertView), (status = 409, description = "it keeps firing meanwhile; pause it first"),
        (status = 412, description = "changed since the revision of If-Match"), (status = 422, description = "refused")))]
pub(crate) async fn update(
    acting: Acting,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(Object(patch)): Json<Object<AlertPatch>>,
) -> Result<Response, ApiError> {
    Ok(with_etag(acting.update_alert(&id, patch, if_match(&headers)?).await?).into_response())
}

/// Deletes an alert, unless it has changed since the revision of If-Match.
#[utoipa::path(delete, path = "/api/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such alert"), (status = 412, description = "changed since")))]
pub(crate) async fn delete(acting: Acting, Path(id): Path<String>, headers: HeaderMap) -> Result<StatusCode, ApiError> {
    acting.delete_alert(&id, if_match(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn with_etag(alert: AlertView) -> impl IntoResponse {
    ([(header::ETAG, format!("\"{}\"", alert.revision))], axum::Json(alert))
}
