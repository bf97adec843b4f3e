//! What pages get. An answer is JSON until the page that asked reads it: so its shape comes with the page's own part of the wasm.

use leptos::server::codee::{Decoder, Encoder};
use serde::de::DeserializeOwned;

use crate::wire::error::ApiError;
use crate::wire::json;

/// An answer in JSON, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told(pub Result<String, ApiError>);

impl Told {
    /// Reads the answer.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let text = self.0.as_ref().map_err(ApiError::clone)?;
        json::read(text).map_err(|_| ApiError::of_answer(0, ""))
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

    #[test]
    fn an_answer_and_a_refusal_are_handed_over_as_they_are() {
        for told in [Ok("[1]".to_owned()), Err(ApiError::field("name", "write a name"))].map(Told) {
            assert_eq!(Handed::decode(&Handed::encode(&told).unwrap()).unwrap(), told);
        }
        assert_eq!(Handed::encode(&Told(Ok("[1]".into()))).unwrap(), "+[1]");
    }

    #[test]
    fn an_answer_is_read_by_who_asked_and_nothing_is_none() {
        assert_eq!(Told(Ok("[1,2]".into())).read::<Vec<i64>>().unwrap(), [1, 2]);
        assert_eq!(Told(Ok("null".into())).read::<Option<i64>>().unwrap(), None);
        assert!(Told(Ok("<html>".into())).read::<i64>().is_err());
    }
}
