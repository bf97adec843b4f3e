//! How answers, and what travels within a document, are written and read: as JSON, in the browser by one reader of each shape, the
//! small one of [`json`].

use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::query::Told;
use crate::wire::json;

/// JSON that is read from text.
pub struct JsonText;

/// The answers of server functions.
pub(crate) type Text = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        json::read(&String::from_utf8_lossy(&bytes))
    }
}

/// What the server rendered a page from, as it stands in the document.
impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        json::read(text)
    }
}

/// What a page was drawn from, as it stands in the document: the answer as it is, after a sign that says whether it is one.
pub(crate) struct Handed;

impl Encoder<Told> for Handed {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(told: &Told) -> Result<String, Self::Error> {
        match &told.0 {
            Ok(answer) => Ok(["+", answer].concat()),
            Err(refusal) => Ok(["-", &serde_json::to_string(refusal)?].concat()),
        }
    }
}

impl Decoder<Told> for Handed {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<Told, Self::Error> {
        match text.strip_prefix('+') {
            Some(answer) => Ok(Told(Ok(answer.to_owned()))),
            None => Ok(Told(Err(json::read(text.trim_start_matches('-'))?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::error::ApiError;

    #[test]
    fn an_answer_and_a_refusal_are_handed_over_as_they_are() {
        for told in [Ok("[1]".to_owned()), Err(ApiError::field("name", "write a name"))].map(Told) {
            assert_eq!(Handed::decode(&Handed::encode(&told).unwrap()).unwrap(), told);
        }
        assert_eq!(Handed::encode(&Told(Ok("[1]".into()))).unwrap(), "+[1]");
    }

    #[test]
    fn what_is_written_is_read_and_other_text_is_refused() {
        let written = <JsonText as Encodes<_>>::encode(&vec![1, 2]).unwrap();
        assert_eq!(<JsonText as Decodes<Vec<i64>>>::decode(written).unwrap(), [1, 2]);
        assert!(<JsonText as Decodes<Vec<i64>>>::decode(Bytes::from_static(b"{")).is_err());
    }
}
