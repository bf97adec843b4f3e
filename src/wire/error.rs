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
    /// 400: the request cannot be read, such as JSON that is cut short.
    BadRequest,
    /// 401: the request does not say who sends it.
    Unauthenticated,
    /// 403: the sender may not do this.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 405: the address takes other methods.
    MethodNotAllowed,
    /// 406: this answers with an event stream.
    NotAcceptable,
    /// 408: the request came too slowly.
    TimedOut,
    /// 409: the request clashes with what is stored, such as one alert more than the limit.
    Conflict,
    /// 412: the record has changed since the sender read it.
    PreconditionFailed,
    /// 413: the body is longer than the limit.
    TooLarge,
    /// 415: the body is not JSON.
    UnsupportedMediaType,
    /// 421: the `Host` is not one that this server answers to.
    Misdirected,
    /// 422: the request was read, and a value in it is refused.
    Unprocessable,
    /// 422: it names an instrument that is not known, which its currency would add.
    UnknownInstrument,
    /// 429: too many requests or streams at once.
    TooMany,
    /// 500: the server failed.
    Internal,
    /// 503: the server cannot answer just now, such as while it stops.
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
            Self::Unprocessable | Self::UnknownInstrument => 422,
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

    /// Makes a 404 for something named by `what`, such as `portfolio`.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}"))
    }
}

/// The parts of a problem document (RFC 9457) that a refusal is made of.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    field: Option<String>,
    reference: Option<String>,
}

/// Returns what to say of an answer with this status that did not come from this server, but from a proxy, a sign-in page, or
/// something that checks what is sent. Where such an answer took the place of the server's, the request may have been carried
/// out.
fn foreign(status: u16) -> (ErrorCode, &'static str) {
    match status {
        401 | 407 => (ErrorCode::Unauthenticated, "You are signed out. Load the page again and sign in; nothing was changed."),
        403 => (
            ErrorCode::Forbidden,
            "Something between this page and the server refused this. Nothing was changed; ask who runs it.",
        ),
        404 | 405 => (ErrorCode::NotFound, "The server does not know this any more. Load the page again."),
        408 => (ErrorCode::TimedOut, "This took too long to send. Try again."),
        413 => (ErrorCode::TooLarge, "This is too long to be sent. Shorten it and try again."),
        429 => (ErrorCode::TooMany, "Too much was asked at once. Wait a moment and try again."),
        503 => (ErrorCode::Unavailable, "The server is not available just now. Try again in a moment."),
        500..=599 => {
            (ErrorCode::Unavailable, "The server did not answer. Check whether your change was made before you try again.")
        }
        _ => (ErrorCode::Unavailable, "The answer did not come from the server. Load the page again; you may have to sign in."),
    }
}

impl ApiError {
    /// Reads the refusal in an answer: a server function's error, a problem document, or anything else, which becomes a sentence
    /// by its status. The text of a proxy on the way is not shown as the server's.
    ///
    /// ```
    /// use foliostream::wire::error::{ApiError, ErrorCode};
    /// let refusal = ApiError::of_answer(502, "<html>Bad Gateway</html>");
    /// assert_eq!(refusal.code, ErrorCode::Unavailable);
    /// assert!(!refusal.message.contains('<'));
    /// ```
    pub fn of_answer(status: u16, text: &str) -> Self {
        if let Ok(refusal) = serde_json::from_str(text) {
            return refusal;
        }
        let (code, sentence) = foreign(status);
        match serde_json::from_str::<Problem>(text) {
            Ok(Problem { detail, field, reference }) => Self { code, message: detail, field, reference },
            Err(_) => Self::new(code, sentence),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_ours_is_told_as_it_is() {
        let refusal = ApiError::field("threshold", "write a number");
        assert_eq!(ApiError::of_answer(422, &serde_json::to_string(&refusal).unwrap()), refusal);
        let problem = r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"from another site","reference":"ab"}"#;
        let told = ApiError::of_answer(403, problem);
        assert_eq!((told.code, told.message.as_str()), (ErrorCode::Forbidden, "from another site"));
        assert_eq!(told.reference.as_deref(), Some("ab"));
    }

    #[test]
    fn an_answer_that_is_not_ours_is_a_sentence_whatever_stands_in_it() {
        for status in [200, 302, 400, 401, 403, 404, 413, 418, 429, 500, 502, 503, 504] {
            for text in ["", "<html><body>Bad Gateway</body></html>", "Forbidden", "{}", "[]", "null", "\u{0}"] {
                let told = ApiError::of_answer(status, text);
                assert!(told.message.ends_with('.') && told.message.starts_with(char::is_uppercase), "{status}: {told}");
                assert!(!told.message.contains("error") && !told.message.contains('<'), "{status}: {told}");
            }
        }
    }
}
