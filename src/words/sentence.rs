//! A sentence before it is written: which one, and what fills it. The code that refuses something does not know the reader; the
//! code that answers does.

use super::{Language, Words};

/// A sentence of the catalogue with its values, in no language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    number: usize,
    values: Vec<Value>,
}

/// What fills a placeholder: a text that is the same in every language, or a part with a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A ticker, a number, a name.
    Text(String),
    /// A part: `a buy` in `Enter a price for a buy.`.
    Part(Sentence),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Sentence> for Value {
    fn from(sentence: Sentence) -> Self {
        Self::Part(sentence)
    }
}

impl Sentence {
    pub(super) fn new(number: usize, values: Vec<Value>) -> Self {
        Self { number, values }
    }

    /// Writes it in English, for programs and logs.
    pub fn in_english(&self) -> String {
        Words::of(Language::English).said(self)
    }
}

impl Words {
    /// Writes a sentence in this language, with its values.
    pub fn said(self, sentence: &Sentence) -> String {
        let written = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Part(part) => self.said(part),
        };
        let values: Vec<String> = sentence.values.iter().map(written).collect();
        self.filled(sentence.number, &values.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Refusals;
    use super::*;

    #[test]
    fn a_sentence_is_written_in_any_language_with_its_parts() {
        let refusal = Refusals::has_no(Refusals::a_split(), Refusals::price_word());
        assert_eq!(refusal.in_english(), "There is no price for a split. Leave it empty.");
        let german = Words::of(Language::German).said(&refusal);
        assert_eq!(german, "Für einen Split gibt es keinen Kurs. Lass das Feld leer.");
        assert_eq!(Refusals::quoted_in("AAPL", "USD".to_owned()).in_english(), "AAPL is quoted in USD here.");
    }
}
