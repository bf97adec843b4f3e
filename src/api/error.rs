//! How a refusal travels through a server function, and the reading of a form's texts.

use leptos::context::use_context;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use super::codec::JsonText;
use crate::wire::error::{ApiError, ErrorCode};
use crate::words::formats::NumberForm;
use crate::words::{Answers, Language, Words};

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(reason) => Self::unsaid(ErrorCode::BadRequest, Answers::form_not_read(reason)),
            ServerFnErrorErr::MissingArg(name) => {
                Self { field: Some(name), ..Self::unsaid(ErrorCode::BadRequest, Answers::this_is_missing()) }
            }
            ServerFnErrorErr::Request(_) => Self::unsaid(ErrorCode::Unavailable, Answers::server_not_reached()),
            // Somebody on the way changed the answer, or it is one of another version of the server.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => Self::of_answer(0, ""),
            other => Self::new(ErrorCode::Internal, other.to_string()),
        }
    }

    fn ser(&self) -> server_fn::Bytes {
        let said = match use_context::<Words>() {
            Some(words) => self.clone().in_words(words),
            None => self.clone(),
        };
        serde_json::to_vec(&said).unwrap_or_default().into()
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
    T::deserialize(word).map_err(|_| ApiError::field(field, Answers::choose_from_the_list()))
}

/// Writes a number as programs do that was typed in one of the forms of numbers (or in that of a language, by its code); a form of
/// fields that names none has it so already.
pub fn number(form: Option<&str>, field: &str, typed: String) -> Result<String, ApiError> {
    let numbers = form.and_then(NumberForm::of_word).unwrap_or(NumberForm::Comma);
    let of_form = form.and_then(Language::of_code).map(Words::of);
    let words = || of_form.or_else(use_context::<Words>).unwrap_or(Words::of(Language::default()));
    numbers.canonical(&typed).map_err(|why| ApiError::field(field, words().misread(why)))
}

/// Reads a whole number.
pub fn whole(field: &str, text: &str) -> Result<u32, ApiError> {
    text.trim().parse().map_err(|_| ApiError::field(field, Answers::not_a_whole_number()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Condition;

    #[test]
    fn an_answer_that_cannot_be_read_says_what_to_do_and_nothing_of_the_framework() {
        let changed = ApiError::from_server_fn_error(ServerFnErrorErr::Deserialization("expected value at line 1".to_owned()));
        for told in [changed, ApiError::de(server_fn::Bytes::from_static(b"<html>")), ApiError::de(server_fn::Bytes::new())] {
            let told = told.in_words(Words::of(Language::English));
            assert!(told.message.contains("Reload the page") && !told.message.contains("deserializing"), "{told}");
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
    fn a_number_is_read_in_the_language_that_its_form_names() {
        let read = |language, typed: &str| number(language, "price", typed.to_owned());
        assert_eq!(
            [read(Some("de"), "1.234,56"), read(Some("en"), "1234.56"), read(None, "1.234")].map(Result::unwrap),
            ["1234.56", "1234.56", "1.234"]
        );
        let refused = read(Some("de"), "1.234.5").unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("price"));
        assert!(refused.message.contains("drei Ziffern"), "{refused}");
    }

    #[test]
    fn blank_fields_are_absent() {
        assert_eq!(filled(Some("  ".into())), None);
        assert_eq!(filled(Some("5".into())).as_deref(), Some("5"));
    }
}
