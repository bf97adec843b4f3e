//! `/imports`: a file is looked at, committed and undone.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use foliostream::wire::commands::ImportPatch;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::{ImportFate, ImportRowView, ImportView, JobView};
use foliostream::words::Refusals;

use super::pages::{self, Page};
use crate::extract::{Json, Object, Path, Query, body_refused};
use crate::hub::{Acting, Committing, MOST_MEGABYTES, RowsAsked};
use crate::language::reader_words;

/// The largest file, in bytes.
pub(crate) const LARGEST: usize = MOST_MEGABYTES * 1_000_000;

/// What a file is called.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Called {
    filename: Option<String>,
}

/// Which rows are asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Rows {
    fate: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

/// A file that is sent as a body.
pub(crate) struct File(Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let too_large = || ApiError::new(ErrorCode::TooLarge, Refusals::import_too_large(MOST_MEGABYTES.to_string()));
        // What says that it is too large is not waited for.
        if length.is_some_and(|length| length > LARGEST as u64) {
            return Err(too_large());
        }
        let bytes = Bytes::from_request(request, state).await;
        bytes.map(|bytes| Self(bytes.into())).map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => body_refused(&rejection),
        })
    }
}

/// Takes a file to be looked at: nothing is stored in the ledger yet.
#[utoipa::path(post, path = "/api/v1/portfolios/{portfolio_id}/imports", tag = "imports", operation_id = "begin_import",
    params(("portfolio_id" = String, Path), ("filename" = Option<String>, Query, description = "what the file is called")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file, at most 25 MB"),
    responses((status = 201, body = ImportView), (status = 404, description = "no such portfolio"), (status = 413, description = "more than 25 MB"),
        (status = 415, description = "of no known format"), (status = 422, description = "no row that can be read")))]
pub(crate) async fn begin(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    Query(called): Query<Called>,
    File(file): File,
) -> Result<Response, ApiError> {
    let view = acting.begin_import(&portfolio_id, called.filename.as_deref().unwrap_or_default(), file).await?;
    let location = format!("/api/v1/imports/{}", view.import_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(view)).into_response())
}

/// Lists imports, the newest first, at most 1,000: without what their files say.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", operation_id = "list_imports", responses((status = 200, body = [ImportView])))]
pub(crate) async fn list(acting: Acting) -> Result<axum::Json<Vec<ImportView>>, ApiError> {
    Ok(axum::Json(acting.imports().await?))
}

/// Returns an import, with what its file says while it is looked at.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}", tag = "imports", operation_id = "show_import", params(("import_id" = String, Path)),
    responses((status = 200, body = ImportView), (status = 404, description = "no such import")))]
pub(crate) async fn show(acting: Acting, Path(import_id): Path<String>) -> Result<axum::Json<ImportView>, ApiError> {
    Ok(axum::Json(acting.import_view(&import_id).await?))
}

/// Returns the rows of a file that is looked at, in its order: each with what becomes of it, and why.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/rows", tag = "imports", operation_id = "import_rows",
    params(("import_id" = String, Path), ("fate" = Option<String>, Query, description = "`new`, `duplicate`, `skipped` or `error`"),
        ("limit" = Option<i64>, Query, description = "1 to 1,000, 100 unless told"), ("cursor" = Option<String>, Query, description = "the `next` of the page before")),
    responses((status = 200, body = Page<ImportRowView>), (status = 400, description = "no such fate, limit or cursor"), (status = 404, description = "no such import"),
        (status = 409, description = "committed or undone already"), (status = 422, description = "the ledger would outgrow what can be reckoned")))]
pub(crate) async fn rows(
    acting: Acting,
    Path(import_id): Path<String>,
    Query(rows): Query<Rows>,
    headers: HeaderMap,
) -> Result<axum::Json<Page<ImportRowView>>, ApiError> {
    let refuse =
        |field: &str, message| ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) };
    let fate = match rows.fate.as_deref() {
        None | Some("") => None,
        Some("new") => Some(ImportFate::New),
        Some("duplicate") => Some(ImportFate::Duplicate),
        Some("skipped") => Some(ImportFate::Skipped),
        Some("error") => Some(ImportFate::Error),
        Some(_) => return Err(refuse("fate", Refusals::no_such_fate())),
    };
    let asked = pages::asked(Some(rows.limit.unwrap_or(pages::USUAL)), rows.cursor)?;
    let (limit, cursor) = asked.map_or((pages::USUAL, None), |asked| (asked.limit, asked.cursor));
    let from = cursor.map(|cursor| cursor.parse::<usize>()).transpose();
    let from = from.map_err(|_| refuse("cursor", Refusals::give_the_cursor_back()))?.unwrap_or(0);
    let most = usize::try_from(limit).unwrap_or(0);
    let (items, count) = acting.import_rows(&import_id, &RowsAsked { fate, from, most }, reader_words(&headers)).await?;
    let next = from.saturating_add(items.len());
    Ok(axum::Json(Page { items, next: (next < count).then(|| next.to_string()) }))
}

/// Chooses something instead of what is recognised; absent fields stay, an empty text gives a choice back.
#[utoipa::path(patch, path = "/api/v1/imports/{import_id}", tag = "imports", operation_id = "choose_for_import", params(("import_id" = String, Path)),
    request_body = ImportPatch,
    responses((status = 200, body = ImportView), (status = 404, description = "no such import"), (status = 409, description = "committed or undone already"),
        (status = 415, description = "read so, it is of no known format"), (status = 422, description = "no such choice, or no row to read")))]
pub(crate) async fn choose(
    acting: Acting,
    Path(import_id): Path<String>,
    Json(Object(patch)): Json<Object<ImportPatch>>,
) -> Result<axum::Json<ImportView>, ApiError> {
    Ok(axum::Json(acting.choose_for_import(&import_id, patch).await?))
}

/// Forgets a file that is looked at.
#[utoipa::path(delete, path = "/api/v1/imports/{import_id}", tag = "imports", operation_id = "forget_import", params(("import_id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such import"), (status = 409, description = "committed or undone already")))]
pub(crate) async fn forget(acting: Acting, Path(import_id): Path<String>) -> Result<StatusCode, ApiError> {
    acting.forget_import(&import_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stores the entries of a file's new rows, and the instruments that begin with them: all or none. Of a file over 128 KiB a job does.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/commit", tag = "imports", operation_id = "commit_import", params(("import_id" = String, Path)),
    responses((status = 200, body = ImportView), (status = 202, description = "a job stores them", body = JobView, headers(("Location" = String, description = "The address of the job"))),
        (status = 404, description = "no such import"),
        (status = 409, description = "committed or undone already, the ledger would be too long, others keep changing it, or 20 jobs wait"),
        (status = 422, description = "an instrument must be chosen, or there is nothing new")))]
pub(crate) async fn commit(acting: Acting, Path(import_id): Path<String>) -> Result<Response, ApiError> {
    Ok(match acting.commit_import(&import_id).await? {
        Committing::Done(import) => axum::Json(import).into_response(),
        Committing::Job(job) => {
            let location = format!("/api/v1/jobs/{}", job.job_id);
            (StatusCode::ACCEPTED, [(header::LOCATION, location)], axum::Json(job)).into_response()
        }
    })
}

/// Takes the entries of an import out of its ledger, those that were changed since as well. Instruments stay.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/undo", tag = "imports", operation_id = "undo_import", params(("import_id" = String, Path)),
    responses((status = 200, body = ImportView), (status = 404, description = "no such import"), (status = 409, description = "not committed, or others keep changing the ledger")))]
pub(crate) async fn undo(acting: Acting, Path(import_id): Path<String>) -> Result<axum::Json<ImportView>, ApiError> {
    Ok(axum::Json(acting.undo_import(&import_id).await?))
}
