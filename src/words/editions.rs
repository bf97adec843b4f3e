//! The texts of each language: made on the server, handed to the browser as one file, and read there.

use std::sync::LazyLock;

use super::catalogue::{Catalogue, Words};
use super::check::{FIRST, hashed};
use super::language::Language;
use super::{english, german};

impl Words {
    /// Returns the texts of a language. Not for the browser: its half of the program would then carry those of every language.
    pub fn of(language: Language) -> Self {
        static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| placed(Language::English, english::texts()));
        static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| placed(Language::German, german::texts()));
        Self::new(match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        })
    }

    /// Writes the texts that the browser needs, as it reads them: the code and the mark of the keys, then a text on each line.
    pub fn written(self) -> String {
        let head = [self.language().code(), " ", &english::KEYS.to_string()].concat();
        std::iter::once(head.as_str()).chain(self.texts().iter().take(english::SEEN).copied()).collect::<Vec<_>>().join("\n")
    }

    /// Reads the texts that the server wrote; none where it has other keys than this program.
    pub fn read(written: String) -> Option<Self> {
        let mut lines = written.leak().split('\n');
        let (code, keys) = lines.next()?.split_once(' ')?;
        let language = Language::of_code(code)?;
        let texts: Vec<&'static str> = lines.collect();
        let is_ours = keys.parse() == Ok(english::KEYS) && texts.len() == english::SEEN;
        is_ours.then(|| Self::new(Box::leak(Box::new(Catalogue { language, texts }))))
    }

    /// Returns a name for what [`Self::written`] returns that changes with it: 16 hexadecimal digits.
    pub fn digest(self) -> String {
        format!("{:016x}", hashed(FIRST, self.written().as_bytes()))
    }
}

/// Replaces the names of placeholders with their indexes: `{ticker}` with `{0}`.
fn placed(language: Language, texts: Vec<&'static str>) -> Catalogue {
    let placed = |(text, placeholders): (&&'static str, &[&str])| -> &'static str {
        if placeholders.is_empty() {
            return text;
        }
        let place =
            |text: String, (place, name): (usize, &&str)| text.replace(&["{", name, "}"].concat(), &format!("{{{place}}}"));
        placeholders.iter().enumerate().fold((*text).to_owned(), place).leak()
    };
    Catalogue { language, texts: texts.iter().zip(english::placeholders()).map(placed).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_writes_is_read_and_says_the_same() {
        for language in Language::ALL {
            let words = Words::of(language);
            let read = Words::read(words.written()).unwrap();
            assert_eq!((read.language(), read.written()), (language, words.written()));
            assert_eq!(read.overview(), words.overview());
        }
        assert_ne!(Words::of(Language::English).digest(), Words::of(Language::German).digest());
    }

    #[test]
    fn texts_of_another_program_are_not_read() {
        let written = Words::of(Language::German).written();
        let (head, texts) = written.split_once('\n').unwrap();
        for other in [String::new(), head.to_owned(), texts.to_owned(), format!("de 0123\n{texts}"), format!("{written}\nmore")] {
            assert!(Words::read(other.clone()).is_none(), "{other}");
        }
    }

    #[test]
    fn no_text_is_the_same_by_oversight() {
        let [english, german] = Language::ALL.map(|language| Words::of(language).texts());
        assert_eq!(english.len(), german.len());
        let is_sentence = |text: &str| text.split(' ').filter(|word| word.chars().all(char::is_alphabetic)).count() > 1;
        let same = english.iter().zip(german).filter(|(english, german)| english == german && is_sentence(english));
        assert_eq!(same.collect::<Vec<_>>(), [], "a sentence is not the same in two languages");
    }
}
