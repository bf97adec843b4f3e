//! How a refusal leaves: `application/problem+json` (RFC 9457), with internal causes kept in the log.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::wire::error::{ApiError, ErrorCode};

use super::store::StoreError;

/// A problem document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// One sentence that says what to do.
    detail: String,
    /// The field at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to look for in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.message,
            field: self.field,
            reference: self.reference,
        };
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Logs an internal cause under a reference, and returns what a client may know.
pub fn internal(cause: &dyn std::fmt::Display) -> ApiError {
    let reference = uuid::Uuid::now_v7().simple().to_string();
    tracing::error!(reference, "{cause}");
    ApiError {
        reference: Some(reference),
        ..ApiError::new(
            ErrorCode::Internal,
            "something went wrong on the server; the operator finds it in the log under the reference",
        )
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ErrorCode::NotFound, "there is no such thing (any more)"),
            StoreError::Conflict { .. } => {
                Self::new(ErrorCode::PreconditionFailed, "it has changed since you read it; load it again")
            }
            StoreError::Limit { .. } => Self::new(ErrorCode::Conflict, error.to_string()),
            StoreError::Unavailable(_) => {
                tracing::warn!("{error}");
                Self::new(ErrorCode::Unavailable, "the database does not answer just now; try again in a moment")
            }
            other => internal(&other),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let text = rejection.body_text();
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(ErrorCode::TooLarge, "the body is over the limit"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(ErrorCode::UnsupportedMediaType, "send application/json"),
            StatusCode::UNPROCESSABLE_ENTITY => {
                Self { field: field_of(&text), ..Self::new(ErrorCode::Unprocessable, plain(&text)) }
            }
            _ => Self { field: field_of(&text), ..Self::new(ErrorCode::BadRequest, plain(&text)) },
        }
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(ErrorCode::TooLarge, "the body is over the limit"),
            _ => Self::new(ErrorCode::BadRequest, "the body did not come whole"),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        let text = rejection.body_text();
        Self { field: field_of(&text), ..Self::new(ErrorCode::BadRequest, plain(&text)) }
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(ErrorCode::BadRequest, plain(&rejection.body_text()))
    }
}

/// Cuts the framework's preamble from a message, and control characters a client may have put into it.
fn plain(text: &str) -> String {
    let text = text.split_once(": ").map_or(text, |(_, reason)| reason);
    text.chars().filter(|character| !character.is_control()).take(300).collect()
}

/// Finds the field serde names, behind the path to it: `[0].pause: unknown field `pause`, …`, `[0]: missing field `ticker``,
/// `threshold: invalid type …`.
fn field_of(text: &str) -> Option<String> {
    let (_, said) = text.split_once(": ").unwrap_or(("", text));
    let (path, reason) = said.split_once(": ").filter(|(path, _)| is_path(path)).unwrap_or(("", said));
    let named = reason.split_once("field `").and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name);
    let field = match named {
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
        _ => path.to_owned(),
    };
    is_path(&field).then_some(field)
}

fn is_path(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_serde_names_is_found() {
        let preamble = "Failed to deserialize the JSON body into the target type: ";
        assert_eq!(field_of(&format!("{preamble}unknown field `pause`, expected one of …")).as_deref(), Some("pause"));
        assert_eq!(field_of(&format!("{preamble}missing field `ticker` at line 1")).as_deref(), Some("ticker"));
        assert_eq!(
            field_of(&format!("{preamble}threshold: invalid type: integer `5`, expected a string")).as_deref(),
            Some("threshold")
        );
        assert_eq!(field_of(&format!("{preamble}[0].foo: unknown field `foo`, expected one of …")).as_deref(), Some("[0].foo"));
        assert_eq!(field_of(&format!("{preamble}[2]: missing field `price` at line 1")).as_deref(), Some("[2].price"));
        assert_eq!(field_of(&format!("{preamble}invalid type: sequence, expected an object")), None);
        assert_eq!(field_of("nothing to see"), None);
    }
}
