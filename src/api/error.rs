//! How a refusal travels through a server function, and the reading of a form's texts.

use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use super::codec::JsonText;
use crate::wire::error::{ApiError, ErrorCode};

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(reason) => Self::new(ErrorCode::BadRequest, format!("the form could not be read: {reason}")),
            ServerFnErrorErr::MissingArg(name) => {
                Self { field: Some(name), ..Self::new(ErrorCode::BadRequest, "this is missing") }
            }
            ServerFnErrorErr::Request(_) => {
                Self::new(ErrorCode::Unavailable, "the server cannot be reached; nothing was changed, try again")
            }
            // Somebody on the way changed the answer, or it is one of another version of the server.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => Self::of_answer(0, ""),
            other => Self::new(ErrorCode::Internal, other.to_string()),
        }
    }

    fn de(answer: server_fn::Bytes) -> Self {
        Self::of_answer(0, &String::from_utf8_lossy(&answer))
    }
}

/// Returns a form's text without the blanks around it; an empty field is an absent one.
pub fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Reads one of a closed set of words.
pub fn choice<T: DeserializeOwned>(field: &str, text: &str) -> Result<T, ApiError> {
    let word: StrDeserializer<'_, ValueError> = text.into_deserializer();
    T::deserialize(word).map_err(|_| ApiError::field(field, "choose one of the list"))
}

/// Reads a whole number.
pub fn whole(field: &str, text: &str) -> Result<u32, ApiError> {
    text.trim().parse().map_err(|_| ApiError::field(field, "write a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Condition;

    #[test]
    fn an_answer_that_cannot_be_read_says_what_to_do_and_nothing_of_the_framework() {
        let changed = ApiError::from_server_fn_error(ServerFnErrorErr::Deserialization("expected value at line 1".to_owned()));
        for told in [changed, ApiError::de(server_fn::Bytes::from_static(b"<html>")), ApiError::de(server_fn::Bytes::new())] {
            assert!(told.message.contains("Load the page again") && !told.message.contains("deserializing"), "{told}");
        }
        let refusal = ApiError::field("name", "write a name");
        assert_eq!(ApiError::de(refusal.ser()), refusal);
    }

    #[test]
    fn a_condition_is_read_from_its_word_and_others_are_refused_by_field() {
        assert_eq!(choice::<Condition>("condition", "crosses_above"), Ok(Condition::CrossesAbove));
        assert_eq!(choice::<Condition>("condition", "above").unwrap_err().field.as_deref(), Some("condition"));
    }

    #[test]
    fn blank_fields_are_absent() {
        assert_eq!(filled(Some("  ".into())), None);
        assert_eq!(filled(Some("5".into())).as_deref(), Some("5"));
    }
}
