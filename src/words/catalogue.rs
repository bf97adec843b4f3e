//! The texts of a language, by their numbers, and how they are filled in.

use super::formats::{DateForm, Formats, NumberForm};
use super::language::Language;

/// What separates the forms of a counted text.
pub(super) const BETWEEN_FORMS: char = '|';

/// The texts of a language. The key of each is a method. Beside them stands how the reader wants figures and dates written.
#[derive(Clone, Copy, Debug)]
pub struct Words(&'static Catalogue, Formats);

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// The language of the texts.
    pub language: Language,
    /// The texts by the numbers of their keys, each placeholder as its index among the key's: `{0} is at {1}`.
    pub texts: Vec<&'static str>,
}

impl Words {
    pub(super) fn new(catalogue: &'static Catalogue) -> Self {
        Self(catalogue, Formats::default())
    }

    pub(super) fn texts(self) -> &'static [&'static str] {
        &self.0.texts
    }

    /// Returns these words with the reader's own forms of figures and dates.
    pub fn with_formats(self, formats: Formats) -> Self {
        Self(self.0, formats)
    }

    /// Returns what the reader has chosen.
    pub fn formats(self) -> Formats {
        self.1
    }

    /// Returns how numbers are written: as the reader has chosen, or as the language has them.
    pub fn numbers(self) -> NumberForm {
        self.1.numbers.unwrap_or(self.language().numbers())
    }

    /// Returns how dates are written where the reader has chosen.
    pub(super) fn dates(self) -> Option<DateForm> {
        self.1.dates
    }

    /// Returns the language in which these words are.
    pub fn language(self) -> Language {
        self.0.language
    }

    // Not inlined, as the others here: the browser's half has hundreds of calls.
    #[inline(never)]
    pub(super) fn text(self, number: usize) -> &'static str {
        self.0.texts.get(number).copied().unwrap_or_default()
    }

    #[inline(never)]
    pub(super) fn filled(self, number: usize, values: &[&str]) -> String {
        fill(self.text(number), values)
    }

    #[inline(never)]
    pub(super) fn counted(self, number: usize, count: u64, values: &[&str]) -> String {
        let form = self.text(number).split(BETWEEN_FORMS).nth(self.language().plural_form(count)).unwrap_or_default();
        let written = self.count(count);
        let mut all = vec![written.as_str()];
        all.extend_from_slice(values);
        fill(form, &all)
    }
}

/// Puts values in the places of a text.
fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        let value = place.parse().ok().and_then(|place: usize| values.get(place).copied());
        filled.push_str(value.unwrap_or_default());
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_places_of_their_numbers() {
        assert_eq!(fill("{1} of {0}: {1}", &["a", "b"]), "b of a: b");
        assert_eq!(fill("plain", &[]), "plain");
        assert_eq!(fill("{0}", &["{1}", "x"]), "{1}", "a value is not read as a text");
    }
}
