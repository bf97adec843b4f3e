//! How a refusal leaves the server: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::wire::error::{ApiError, ErrorCode};
use crate::words::{Language, Words};

/// Why a request was refused, as a problem document (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status of the answer, such as 422.
    status: u16,
    /// One sentence that says what to do.
    detail: String,
    /// The field at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// A reference by which the operator finds the cause in the server's log; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl Problem {
    /// Says a refusal in the words of a language.
    pub fn of(refusal: ApiError, words: Words) -> Self {
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
pub struct Refused(pub ApiError);

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
}
