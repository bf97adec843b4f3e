//! How a refusal is told: one shape for the REST edge, the server functions and the screen.

use serde::{Deserialize, Serialize};

use super::json;
use crate::words::{Answers, Sentence, Words};

/// A refusal with everything a client may know. The internal cause stays in the log, under `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The kind of the refusal, which decides the status of the answer.
    pub code: ErrorCode,
    /// One sentence that says what to do: in English, or in the reader's language once that is known.
    pub message: String,
    /// The field at fault, where one is.
    pub field: Option<String>,
    /// What to look for in the server's log, where the cause is internal.
    pub reference: Option<String>,
    /// The sentence in no language yet, where it has a key. It is not sent.
    #[serde(skip)]
    pub sentence: Option<Sentence>,
    /// What else is wrong with the form, each at another field: a person mends all of it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<Box<Faults>>,
}

/// What is wrong with several fields of a form. Behind a pointer: most refusals have none, and all of them are carried about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Faults(pub Vec<Fault>);

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The field at fault.
    pub field: String,
    /// One sentence that says what to do.
    pub message: String,
    /// The sentence in no language yet, where it has a key. It is not sent.
    #[serde(skip)]
    pub sentence: Option<Sentence>,
}

impl Fault {
    fn in_words(self, words: Words) -> Self {
        match self.sentence {
            Some(sentence) => Self { message: words.said(&sentence), sentence: None, ..self },
            None => self,
        }
    }
}

/// What a refusal says, in English, and its key where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    english: String,
    sentence: Option<Sentence>,
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Message {
    fn from(english: String) -> Self {
        Self { english, sentence: None }
    }
}

impl From<Sentence> for Message {
    fn from(sentence: Sentence) -> Self {
        Self { english: sentence.in_english(), sentence: Some(sentence) }
    }
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
    pub fn new(code: ErrorCode, message: impl Into<Message>) -> Self {
        let Message { english, sentence } = message.into();
        Self { code, message: english, field: None, reference: None, sentence, also: None }
    }

    /// Makes a refusal that says nothing before the reader's language is known: the browser has the texts of one language alone.
    pub fn unsaid(code: ErrorCode, sentence: Sentence) -> Self {
        Self { code, message: String::new(), field: None, reference: None, sentence: Some(sentence), also: None }
    }

    /// Says it in a reader's language, where it has a key; a text that came from elsewhere stays.
    pub fn in_words(self, words: Words) -> Self {
        let said = |also: Box<Faults>| Box::new(Faults(also.0.into_iter().map(|fault| fault.in_words(words)).collect()));
        let also = self.also.map(said);
        match self.sentence {
            Some(sentence) => Self { message: words.said(&sentence), sentence: None, also, ..self },
            None => Self { also, ..self },
        }
    }

    /// Joins the refusals of a form's fields into one: the first, which says of the others what they are. Nothing where there is none.
    pub fn joined(refusals: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut refusals = refusals.into_iter();
        let mut first = refusals.next()?;
        for Self { field, message, sentence, .. } in refusals {
            if let Some(field) = field.filter(|field| first.message_of(field).is_none()) {
                first.also.get_or_insert_default().0.push(Fault { field, message, sentence });
            }
        }
        Some(first)
    }

    /// Returns what is wrong with a field, where something is.
    pub fn message_of(&self, field: &str) -> Option<&str> {
        if self.field.as_deref() == Some(field) {
            return Some(&self.message);
        }
        self.others().iter().find(|fault| fault.field == field).map(|fault| fault.message.as_str())
    }

    /// Returns how many fields are at fault.
    pub fn fields(&self) -> usize {
        usize::from(self.field.is_some()) + self.others().len()
    }

    /// Returns what is wrong with other fields.
    pub fn others(&self) -> &[Fault] {
        self.also.as_ref().map_or(&[], |also| &also.0)
    }

    /// Makes a 422 that names its field.
    pub fn field(field: &str, message: impl Into<Message>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(ErrorCode::Unprocessable, message) }
    }

    /// Makes a 404, with the sentence that says what there is not.
    pub fn not_found(sentence: Sentence) -> Self {
        Self::new(ErrorCode::NotFound, sentence)
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
/// something that checks what is sent. Where such an answer replaced the server's, the request may have been carried
/// out.
fn foreign(status: u16) -> (ErrorCode, Sentence) {
    match status {
        401 | 407 => (ErrorCode::Unauthenticated, Answers::signed_out()),
        403 => (ErrorCode::Forbidden, Answers::refused_on_the_way()),
        404 | 405 => (ErrorCode::NotFound, Answers::not_known_any_more()),
        408 => (ErrorCode::TimedOut, Answers::took_too_long_to_send()),
        413 => (ErrorCode::TooLarge, Answers::too_long_to_be_sent()),
        429 => (ErrorCode::TooMany, Answers::too_much_at_once()),
        503 => (ErrorCode::Unavailable, Answers::not_available_now()),
        500..=599 => (ErrorCode::Unavailable, Answers::server_did_not_answer()),
        // Not `Unavailable`: asking again would bring the same page, such as a sign-in.
        _ => (ErrorCode::Internal, Answers::answer_not_from_server()),
    }
}

impl ApiError {
    /// Reads the refusal in an answer: a server function's error, a problem document, or anything else, which becomes a sentence
    /// by its status, for the reader's language to say. The text of a proxy on the way is not shown as the server's.
    ///
    /// ```
    /// use foliostream::wire::error::{ApiError, ErrorCode};
    /// let refusal = ApiError::of_answer(502, "<html>Bad Gateway</html>");
    /// assert_eq!(refusal.code, ErrorCode::Unavailable);
    /// assert!(refusal.sentence.is_some_and(|sentence| !sentence.in_english().contains('<')));
    /// ```
    pub fn of_answer(status: u16, text: &str) -> Self {
        if let Ok(refusal) = json::read(text) {
            return refusal;
        }
        let (code, sentence) = foreign(status);
        match json::read::<Problem>(text) {
            Ok(Problem { detail, field, reference }) => {
                Self { code, message: detail, field, reference, sentence: None, also: None }
            }
            Err(_) => Self::unsaid(code, sentence),
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
    fn refusals_of_a_form_are_one_that_names_each_field_once() {
        let joined = ApiError::joined(["time", "price", "price"].map(|field| ApiError::field(field, "no"))).unwrap();
        assert_eq!((joined.field.as_deref(), joined.fields()), (Some("time"), 2));
        assert_eq!([joined.message_of("price"), joined.message_of("note")], [Some("no"), None]);
        assert_eq!(serde_json::from_str::<ApiError>(&serde_json::to_string(&joined).unwrap()).unwrap(), joined);
        assert_eq!(ApiError::joined([]), None);
    }
    use crate::words::Language;

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
                let told = ApiError::of_answer(status, text).in_words(Words::of(Language::English));
                assert!(told.message.ends_with('.') && told.message.starts_with(char::is_uppercase), "{status}: {told}");
                assert!(!told.message.contains("error") && !told.message.contains('<'), "{status}: {told}");
            }
        }
    }
}
