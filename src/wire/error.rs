//! How a refusal is told: one shape for the REST edge, the server functions and the screen.

use serde::{Deserialize, Serialize};

/// A refusal with everything a client may know. The internal cause stays in the log, under `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// What kind of refusal.
    pub code: ErrorCode,
    /// One sentence that says what to do.
    pub message: String,
    /// The field at fault, where one is.
    pub field: Option<String>,
    /// What to look for in the server's log, where the cause is internal.
    pub reference: Option<String>,
}

/// The kinds of refusal; each has one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: the request cannot be read.
    BadRequest,
    /// 401: who are you?
    Unauthenticated,
    /// 403: not for you.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 405: not with this method.
    MethodNotAllowed,
    /// 406: this answers with an event stream.
    NotAcceptable,
    /// 408: it came too slowly.
    TimedOut,
    /// 409: it clashes with what is there.
    Conflict,
    /// 412: it has changed since you read it.
    PreconditionFailed,
    /// 413: over the body limit.
    TooLarge,
    /// 415: not JSON.
    UnsupportedMediaType,
    /// 421: not a Host this server answers to.
    Misdirected,
    /// 422: read, and refused.
    Unprocessable,
    /// 429: too many at once.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: not now.
    Unavailable,
}

impl ErrorCode {
    /// Returns the HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::TimedOut => 408,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Misdirected => 421,
            Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

impl ApiError {
    /// Makes a refusal without a field.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, reference: None }
    }

    /// Makes a 422 that names its field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Unprocessable, message: message.into(), field: Some(field.to_owned()), reference: None }
    }

    /// Makes a 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}"))
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}
