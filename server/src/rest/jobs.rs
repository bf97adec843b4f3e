//! `/jobs`: work that takes longer than a request.

use axum::http::StatusCode;

use crate::extract::Path;
use crate::hub::Acting;
use foliostream::wire::error::ApiError;
use foliostream::wire::views::JobView;

/// Lists jobs, the newest first: at most 100, and those that are not over.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", operation_id = "list_jobs", responses((status = 200, body = [JobView])))]
pub(crate) async fn list(acting: Acting) -> Result<axum::Json<Vec<JobView>>, ApiError> {
    Ok(axum::Json(acting.jobs().await?))
}

/// Returns a job: how far it came, or how it ended.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", tag = "jobs", operation_id = "show_job", params(("job_id" = String, Path)),
    responses((status = 200, body = JobView), (status = 404, description = "no such job")))]
pub(crate) async fn show(acting: Acting, Path(job_id): Path<String>) -> Result<axum::Json<JobView>, ApiError> {
    Ok(axum::Json(acting.job(&job_id).await?))
}

/// Asks a job to end before it is done. What it would have changed stays as it was.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}", tag = "jobs", operation_id = "end_job", params(("job_id" = String, Path)),
    responses((status = 202, description = "it ends within seconds, unless it is done before", body = JobView), (status = 404, description = "no such job"),
        (status = 409, description = "it is over")))]
pub(crate) async fn end(acting: Acting, Path(job_id): Path<String>) -> Result<(StatusCode, axum::Json<JobView>), ApiError> {
    Ok((StatusCode::ACCEPTED, axum::Json(acting.end_job(&job_id).await?)))
}
