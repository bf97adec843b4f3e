//! Reads requests so that every refusal is a problem document.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use foliostream::wire::error::{ApiError, ErrorCode, Message};
use foliostream::words::Refusals;

/// The JSON body of a request. One that cannot be read is refused in the words of this server, with the field at fault.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, Refusals::send_json()));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| body_refused(&rejection))?;
        let read = axum::Json::<T>::from_bytes(&bytes).map_err(|rejection| refuse(rejection, &bytes));
        Ok(Self(read?.0))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

/// Distinguishes text that is no JSON (400) from JSON that says something else than it should (422). The parser stops at the
/// first thing it minds, and calls a number where a word belongs a mistake of syntax; what counts here is whether the text as a
/// whole is JSON.
fn refuse(rejection: JsonRejection, bytes: &[u8]) -> ApiError {
    let is_syntax = match rejection {
        JsonRejection::JsonSyntaxError(_) => true,
        JsonRejection::JsonDataError(_) => false,
        _ => return json_refused(&rejection),
    };
    let is_readable = std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let refusal = json_refused(&rejection);
    match (is_readable, is_syntax) {
        (false, true) | (true, false) => refusal,
        (false, false) => ApiError::new(ErrorCode::BadRequest, Refusals::body_not_json()),
        (true, true) => {
            let refusal = ApiError { code: ErrorCode::Unprocessable, ..refusal };
            if refusal.field.is_none() {
                return refusal;
            }
            ApiError { field: refusal.field, ..ApiError::new(ErrorCode::Unprocessable, Refusals::wrong_type()) }
        }
    }
}

/// What is written with names. Left alone, a struct is also read from an array of its fields.
#[derive(Debug)]
pub(crate) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Named(PhantomData)).map(Self)
    }
}

struct Named<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, fields: M) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// What stands in a route's places.
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|path| Self(path.0)).map_err(|rejection| path_refused(&rejection))
    }
}

/// The parameters of a request's query string. What cannot be read is refused in the words of this server.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|query| Self(query.0)).map_err(|rejection| query_refused(&rejection))
    }
}

/// Reads `If-Match: "<revision>"`; absent or `*` binds to nothing.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    if !text.contains('"') {
        return Err(ApiError::new(ErrorCode::BadRequest, Refusals::revision_in_quotes()));
    }
    let revision = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    revision.map(Some).ok_or_else(|| ApiError::new(ErrorCode::PreconditionFailed, Refusals::no_revision_matches()))
}

/// Reads `Idempotency-Key`, which is checked where it is used; given twice it is refused.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut values = headers.get_all("idempotency-key").iter();
    let refuse = || ApiError {
        field: Some("Idempotency-Key".to_owned()),
        ..ApiError::new(ErrorCode::BadRequest, Refusals::send_one_key())
    };
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| refuse()),
        (Some(_), Some(_)) => Err(refuse()),
    }
}

/// Says why a JSON body could not be read.
fn json_refused(rejection: &JsonRejection) -> ApiError {
    let text = rejection.body_text();
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::TooLarge, Refusals::body_over_the_limit()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::new(ErrorCode::UnsupportedMediaType, Refusals::send_json()),
        StatusCode::UNPROCESSABLE_ENTITY => {
            ApiError { field: field_of(&text), ..ApiError::new(ErrorCode::Unprocessable, said(&text)) }
        }
        _ => ApiError { field: field_of(&text), ..ApiError::new(ErrorCode::BadRequest, said(&text)) },
    }
}

/// Says why a body did not arrive.
pub(crate) fn body_refused(rejection: &BytesRejection) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(ErrorCode::TooLarge, Refusals::body_over_the_limit()),
        _ => ApiError::new(ErrorCode::BadRequest, Refusals::body_not_whole()),
    }
}

/// Says why a query could not be read.
pub(crate) fn query_refused(rejection: &QueryRejection) -> ApiError {
    let text = rejection.body_text();
    ApiError { field: field_of(&text), ..ApiError::new(ErrorCode::BadRequest, said(&text)) }
}

/// Says why the parts of a path could not be read.
fn path_refused(rejection: &PathRejection) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, said(&rejection.body_text()))
}

/// Says in the reader's language what serde says in English.
fn said(text: &str) -> Message {
    let reason = plain(text);
    let (_, last) = reason.rsplit_once("]: ").unwrap_or(("", &reason));
    let between = |before: &str| last.split_once(before).and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name);
    let known = || {
        let (_, list) = last.split_once("expected ").unwrap_or(("", ""));
        list.trim_start_matches("one of ").split(" at line").next().unwrap_or_default().replace('`', "")
    };
    if let Some(name) = between("missing field `") {
        return Refusals::missing_field(name).into();
    }
    if let Some(name) = between("unknown field `") {
        return Refusals::unknown_field(name, known().as_str()).into();
    }
    if let Some(word) = between("unknown variant `") {
        return Refusals::unknown_word(word, known().as_str()).into();
    }
    Refusals::not_readable(reason.as_str()).into()
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
    use foliostream::wire::commands::AlertDraft;
    use foliostream::words::{Language, Words};

    fn read(body: &[u8]) -> Result<AlertDraft, ApiError> {
        let read = axum::Json::<Object<AlertDraft>>::from_bytes(body).map_err(|rejection| refuse(rejection, body));
        read.map(|axum::Json(Object(draft))| draft)
    }

    #[test]
    fn what_is_json_and_says_the_wrong_thing_is_422_with_its_field_and_what_is_not_json_is_400() {
        for (field, value) in [
            ("condition", "5"),
            ("condition", "true"),
            ("condition", "null"),
            ("condition", "[]"),
            ("condition", "{}"),
            ("condition", "\"above\""),
            ("repeat", "1.5"),
            ("threshold", "5"),
            ("threshold", "1e999"),
            ("cooldown_s", "\"5\""),
            ("cooldown_s", "-1"),
            ("cooldown_s", "99999999999999999999"),
            ("paused", "\"yes\""),
        ] {
            let refusal = read(format!("{{\"{field}\":{value}}}").as_bytes()).unwrap_err();
            assert_eq!((refusal.code, refusal.field.as_deref()), (ErrorCode::Unprocessable, Some(field)), "{value}: {refusal}");
        }
        for unreadable in [&b""[..], b"{", b"{\"a\":}", b"nonsense", b"{\"ticker\":\"\xff\"}", b"{\"condition\":5", b"{} {}"] {
            assert_eq!(read(unreadable).unwrap_err().code, ErrorCode::BadRequest, "{unreadable:?}");
        }
    }

    #[test]
    fn what_serde_minds_is_said_in_the_language_of_the_reader() {
        let german = |body: &[u8]| read(body).unwrap_err().in_words(Words::of(Language::German)).message;
        let unknown = german(br#"{"pause":true}"#);
        let known = unknown.strip_prefix("Ein Feld pause gibt es hier nicht. Die Felder sind ").expect(&unknown);
        assert!(known.contains("ticker, ") && known.contains("cooldown_s") && !known.contains("line"), "{unknown}");
        assert!(german(br#"{"condition":"above"}"#).starts_with("above gibt es hier nicht. Verwende eines von price_above, "));
        let missing =
            said("Failed to deserialize the JSON body into the target type: [2]: missing field `price` at line 1 column 9");
        assert_eq!(missing, Refusals::missing_field("price").into());
        let word = said("Failed to deserialize query string: range: unknown variant `9d`, expected one of `1d`, `1w`");
        assert_eq!(word, Refusals::unknown_word("9d", "1d, 1w").into());
        assert_eq!(said("Failed: EOF while parsing"), Refusals::not_readable("EOF while parsing").into());
    }

    #[test]
    fn json_is_known_by_its_type() {
        let is_json = |kind: &'static str| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())]));
        assert!(["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"].into_iter().all(is_json));
        assert!(
            !["text/json", "text/plain", "application/jsonp", "application/x-www-form-urlencoded", ""].into_iter().any(is_json)
        );
    }

    #[test]
    fn a_revision_is_read_and_anything_else_refused() {
        let headers = |value: &'static str| HeaderMap::from_iter([(header::IF_MATCH, value.parse().unwrap())]);
        assert_eq!(if_match(&HeaderMap::new()), Ok(None));
        assert_eq!(if_match(&headers("*")), Ok(None));
        assert_eq!(if_match(&headers("\"3\"")), Ok(Some(3)));
        for wrong in ["3", "\"3\", \"4\"", "W/\"3\"", "\"\""] {
            assert!(if_match(&headers(wrong)).is_err(), "{wrong}");
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
