//! How what went wrong becomes a refusal: internal causes stay in the log, and a refusal is said in the language of its reader.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use foliostream::api::problem::{Problem, Refused};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::{Language, Refusals, Sentence};

use super::language::reader_words;
use super::store::{Bounded, StoreError};

/// Says a refusal in the language of the reader; programs that ask for no language get English.
pub(crate) async fn translate(request: Request, next: Next) -> Response {
    let words = reader_words(request.headers());
    let mut response = next.run(request).await;
    if words.language() == Language::default() {
        return response;
    }
    let Some(Refused(refusal)) = response.extensions_mut().remove::<Refused>() else { return response };
    let (mut head, _) = response.into_parts();
    let body = serde_json::to_vec(&Problem::of(refusal, words)).unwrap_or_default();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.language().code()));
    vary(&mut head.headers);
    Response::from_parts(head, Body::from(body))
}

/// Says that the answer depends on the reader's language, beside what it depends on already.
fn vary(headers: &mut HeaderMap) {
    let before = headers.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    let all: Vec<&str> = before.chain(["accept-language", "cookie"]).collect();
    if let Ok(value) = HeaderValue::from_str(&all.join(", ")) {
        headers.insert(header::VARY, value);
    }
}

/// Logs an internal cause under a reference, and returns what a client may know.
pub(crate) fn internal(cause: &dyn std::fmt::Display) -> ApiError {
    let reference = uuid::Uuid::now_v7().simple().to_string();
    tracing::error!(reference, "{cause}");
    ApiError { reference: Some(reference), ..ApiError::new(ErrorCode::Internal, Refusals::internal_error()) }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ErrorCode::NotFound, Refusals::no_such_thing()),
            StoreError::Conflict { .. } => Self::new(ErrorCode::PreconditionFailed, Refusals::changed_since_read()),
            StoreError::Limit { what, most } => Self::new(ErrorCode::Conflict, too_many(what, &most.to_string())),
            StoreError::Taken { field } => {
                let refusal = Self::new(ErrorCode::Conflict, Refusals::name_is_taken());
                Self { field: Some(field.to_owned()), ..refusal }
            }
            StoreError::Ended => Self::new(ErrorCode::Conflict, Refusals::job_was_cancelled()),
            StoreError::InUse { entries } => Self::new(ErrorCode::Conflict, Refusals::account_has_entries(entries.to_string())),
            StoreError::Unavailable(_) => {
                tracing::warn!("{error}");
                Self::new(ErrorCode::Unavailable, Refusals::database_does_not_answer())
            }
            other => internal(&other),
        }
    }
}

/// Says that no more can be stored.
fn too_many(what: Bounded, most: &str) -> Sentence {
    match what {
        Bounded::Alerts => Refusals::at_most_alerts(most),
        Bounded::Portfolios => Refusals::at_most_portfolios(most),
        Bounded::Activities => Refusals::at_most_activities(most),
        Bounded::Accounts => Refusals::at_most_accounts(most),
        Bounded::Jobs => Refusals::at_most_jobs(most),
    }
}
