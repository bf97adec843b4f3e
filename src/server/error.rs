//! How a refusal leaves: `application/problem+json` (RFC 9457), with internal causes kept in the log.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::wire::error::{ApiError, ErrorCode};
use crate::words::{Language, Refusals, Words};

use super::language::reader_words;
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

impl Problem {
    fn of(refusal: ApiError, words: Words) -> Self {
        let ApiError { code, message: detail, field, reference, .. } = refusal.in_words(words);
        Self { kind: "about:blank", title: title(code, words), status: code.status(), detail, field, reference }
    }
}

/// Returns a status in words.
fn title(code: ErrorCode, words: Words) -> &'static str {
    match code.status() {
        400 => words.title_400(),
        401 => words.title_401(),
        403 => words.title_403(),
        404 => words.title_404(),
        405 => words.title_405(),
        406 => words.title_406(),
        408 => words.title_408(),
        409 => words.title_409(),
        412 => words.title_412(),
        413 => words.title_413(),
        415 => words.title_415(),
        421 => words.title_421(),
        422 => words.title_422(),
        429 => words.title_429(),
        503 => words.title_503(),
        _ => words.title_500(),
    }
}

/// Goes with an answer that is a refusal, for those who say it in another language.
#[derive(Clone)]
struct Refused(ApiError);

/// Says a refusal in the language of the reader; programs that ask for no language get English.
pub async fn translate(request: Request, next: Next) -> Response {
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

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem::of(self.clone(), Words::of(Language::English));
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(Refused(self));
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
    ApiError { reference: Some(reference), ..ApiError::new(ErrorCode::Internal, Refusals::internal_error()) }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ErrorCode::NotFound, Refusals::no_such_thing()),
            StoreError::Conflict { .. } => Self::new(ErrorCode::PreconditionFailed, Refusals::changed_since_read()),
            StoreError::Limit { .. } => Self::new(ErrorCode::Conflict, error.to_string()),
            StoreError::Unavailable(_) => {
                tracing::warn!("{error}");
                Self::new(ErrorCode::Unavailable, Refusals::database_does_not_answer())
            }
            other => internal(&other),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let text = rejection.body_text();
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(ErrorCode::TooLarge, Refusals::body_over_the_limit()),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(ErrorCode::UnsupportedMediaType, Refusals::send_json()),
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
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(ErrorCode::TooLarge, Refusals::body_over_the_limit()),
            _ => Self::new(ErrorCode::BadRequest, Refusals::body_not_whole()),
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
    fn every_status_has_its_title_in_english_as_http_has_it() {
        for code in [
            ErrorCode::BadRequest,
            ErrorCode::Unauthenticated,
            ErrorCode::Forbidden,
            ErrorCode::NotFound,
            ErrorCode::MethodNotAllowed,
            ErrorCode::NotAcceptable,
            ErrorCode::TimedOut,
            ErrorCode::Conflict,
            ErrorCode::PreconditionFailed,
            ErrorCode::TooLarge,
            ErrorCode::UnsupportedMediaType,
            ErrorCode::Misdirected,
            ErrorCode::Unprocessable,
            ErrorCode::UnknownInstrument,
            ErrorCode::TooMany,
            ErrorCode::Internal,
            ErrorCode::Unavailable,
        ] {
            let status = StatusCode::from_u16(code.status()).unwrap();
            assert_eq!(Some(title(code, Words::of(Language::English))), status.canonical_reason(), "{status}");
        }
    }

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
