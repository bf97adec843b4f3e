//! How a reader wants figures and dates written, where that is not how her language has them.

use super::Language;

/// The cookie in which a browser keeps the forms of numbers and dates that its reader has chosen.
pub const FORMATS_COOKIE: &str = "foliostream_formats";

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberForm {
    /// `1,234.56`
    Comma,
    /// `1.234,56`
    Point,
    /// `1 234,56`, with a narrow blank that breaks no line.
    Blank,
    /// `1’234.56`
    Apostrophe,
}

impl NumberForm {
    /// Every form, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Point, Self::Blank, Self::Apostrophe];

    /// Returns the word for it in forms and in the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Point => "point",
            Self::Blank => "blank",
            Self::Apostrophe => "apostrophe",
        }
    }

    /// Reads the word of a form, or the code of a language, which stands for the language's own form.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word).or_else(|| Language::of_code(word).map(Language::numbers))
    }

    /// Returns what stands between whole units and their fraction.
    pub const fn decimal_separator(self) -> char {
        match self {
            Self::Comma | Self::Apostrophe => '.',
            Self::Point | Self::Blank => ',',
        }
    }

    /// Returns what stands between groups of three digits.
    pub const fn group_separator(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
            Self::Blank => '\u{202f}',
            Self::Apostrophe => '’',
        }
    }
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateForm {
    /// `Nov 27, 2026`
    MonthFirst,
    /// `27.11.2026`
    Points,
    /// `27/11/2026`
    Slashes,
    /// `2026-11-27` (ISO 8601)
    Iso,
}

impl DateForm {
    /// Every form, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::MonthFirst, Self::Points, Self::Slashes, Self::Iso];

    /// Returns the word for it in forms and in the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MonthFirst => "month",
            Self::Points => "points",
            Self::Slashes => "slashes",
            Self::Iso => "iso",
        }
    }

    /// Reads the word of a form.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// What a reader has chosen; what she has not is as her language has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Formats {
    /// The form of numbers.
    pub numbers: Option<NumberForm>,
    /// The form of dates.
    pub dates: Option<DateForm>,
}

impl Formats {
    /// Writes them in a word each, `-` for what is not chosen: `point.iso`, `-.iso`.
    ///
    /// ```
    /// use foliostream::words::formats::{DateForm, Formats};
    /// let formats = Formats { numbers: None, dates: Some(DateForm::Iso) };
    /// assert_eq!(formats.written(), "-.iso");
    /// assert_eq!(Formats::read("-.iso"), formats);
    /// ```
    pub fn written(self) -> String {
        [self.numbers.map_or("-", NumberForm::word), ".", self.dates.map_or("-", DateForm::word)].concat()
    }

    /// Reads what was written; what cannot be read is not chosen.
    pub fn read(text: &str) -> Self {
        let (numbers, dates) = text.split_once('.').unwrap_or((text, ""));
        Self { numbers: NumberForm::ALL.into_iter().find(|form| form.word() == numbers), dates: DateForm::of_word(dates) }
    }

    /// Returns the cookie by which a browser keeps them, for a year.
    pub fn cookie(self) -> String {
        [FORMATS_COOKIE, "=", &self.written(), "; Path=/; Max-Age=31536000; SameSite=Lax"].concat()
    }
}

impl Language {
    /// Returns how its numbers are written.
    pub const fn numbers(self) -> NumberForm {
        match self {
            Self::English => NumberForm::Comma,
            Self::German => NumberForm::Point,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_survive_their_cookie_and_what_is_none_is_left_to_the_language() {
        for numbers in NumberForm::ALL.into_iter().map(Some).chain([None]) {
            for dates in DateForm::ALL.into_iter().map(Some).chain([None]) {
                let formats = Formats { numbers, dates };
                assert_eq!(Formats::read(&formats.written()), formats);
            }
        }
        for text in ["", ".", "x.y", "point", "de.iso.more"] {
            assert_eq!(Formats::read(text).dates, None, "{text}");
        }
    }

    #[test]
    fn a_languages_code_stands_for_its_own_form() {
        assert_eq!(NumberForm::of_word("de"), Some(NumberForm::Point));
        assert_eq!(NumberForm::of_word("apostrophe"), Some(NumberForm::Apostrophe));
        assert_eq!(NumberForm::of_word("xx"), None);
    }
}
