//! How a number that a person typed is read, in the form of the reader's language, and how one is written for a person to change it.

use rust_decimal::Decimal;

use super::{Language, Words};

/// Why a typed number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// The separator of thousands stands where no group of three begins or ends: `1.5` in German.
    Groups,
    /// It is no number at all.
    NotANumber,
}

impl Language {
    /// Writes a typed number as programs do: without groups, with a point. How large a number may be, and what English numbers look
    /// like, is for the reader of programs' numbers to say: an English text goes on as it is, and groups are refused there.
    ///
    /// In German, groups may be left out or written: `1234,5` and `1.234,5` are the same. A text that both languages can read means
    /// what the reader's own does: `1.234` is one thousand two hundred and thirty-four in German.
    ///
    /// ```
    /// use foliostream::words::Language;
    /// assert_eq!(Language::German.canonical("1.234,56").as_deref(), Ok("1234.56"));
    /// assert_eq!(Language::German.canonical("1.234").as_deref(), Ok("1234"));
    /// assert_eq!(Language::English.canonical("1.234").as_deref(), Ok("1.234"));
    /// assert!(Language::German.canonical("1.5").is_err());
    /// ```
    pub fn canonical(self, typed: &str) -> Result<String, Misread> {
        if self == Self::English {
            return Ok(typed.to_owned());
        }
        let typed = typed.trim().replace('−', "-");
        let (sign, unsigned) = match typed.strip_prefix(['-', '+']) {
            Some(rest) => (if typed.starts_with('-') { "-" } else { "" }, rest),
            None => ("", typed.as_str()),
        };
        let (whole, fraction) = match unsigned.split_once(self.decimal_separator()) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        if !is_digits(fraction.unwrap_or("0")) {
            let has_groups = fraction.is_some_and(|fraction| fraction.contains(self.group_separator()));
            return Err(if has_groups { Misread::Groups } else { Misread::NotANumber });
        }
        let groups: Vec<&str> = whole.split(self.group_separator()).collect();
        if !groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit())) || whole.is_empty() {
            return Err(Misread::NotANumber);
        }
        let [first, others @ ..] = groups.as_slice() else { return Err(Misread::NotANumber) };
        let are_groups = others.is_empty() || ((1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3));
        if !are_groups {
            return Err(Misread::Groups);
        }
        let fraction = fraction.map(|fraction| [".", fraction].concat()).unwrap_or_default();
        Ok([sign, &groups.concat(), &fraction].concat())
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Words {
    /// Writes a number for a person to change: every decimal, no groups, as [`Language::canonical`] reads it.
    pub fn editable(self, value: Decimal) -> String {
        value.to_string().replace('.', self.language().decimal_separator().encode_utf8(&mut [0; 4]))
    }

    /// Returns the pattern by which the browser checks a typed number before anything is sent. It is wider than what is read, where a
    /// pattern cannot say it: the server refuses the rest in words.
    pub fn number_pattern(self) -> &'static str {
        match self.language() {
            Language::English => "[+\\-]?[0-9]{1,28}([.][0-9]{1,27})?",
            Language::German => "[+\\-−]?[0-9][0-9.]{0,36}(,[0-9]{1,27})?",
        }
    }

    /// Says what is wrong with a typed number, and what to write instead.
    pub fn misread(self, why: Misread) -> &'static str {
        match why {
            Misread::Groups => self.wrong_groups(),
            Misread::NotANumber => self.not_a_number(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_is_read_with_and_without_groups() {
        for (typed, canonical) in [
            ("1234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("-1.234.567", "-1234567"),
            ("−0,5", "-0.5"),
            ("+7", "7"),
            (" 12 ", "12"),
        ] {
            assert_eq!(Language::German.canonical(typed).as_deref(), Ok(canonical), "{typed}");
        }
        assert_eq!(Language::English.canonical("1,234.56").as_deref(), Ok("1,234.56"), "which is refused where numbers are read");
    }

    #[test]
    fn a_text_of_both_languages_means_what_the_readers_own_says() {
        assert_eq!(Language::German.canonical("1.234").as_deref(), Ok("1234"));
        assert_eq!(Language::English.canonical("1.234").as_deref(), Ok("1.234"));
        assert_eq!(Language::German.canonical("1,234").as_deref(), Ok("1.234"));
    }

    #[test]
    fn what_is_no_number_of_the_language_is_refused_and_says_whether_groups_are_wrong() {
        for typed in ["1.5", "12.34,5", "1234.567", "1.234.5", "1,2.345", ".123", "1..234"] {
            assert_eq!(Language::German.canonical(typed), Err(Misread::Groups), "{typed}");
        }
        for typed in ["", "-", "x", "1,", ",5", "1,2,3", "1e5", "--1", "1 234", "½"] {
            assert_eq!(Language::German.canonical(typed), Err(Misread::NotANumber), "{typed}");
        }
    }

    #[test]
    fn a_number_that_is_changed_is_written_as_it_is_read() {
        let value = Decimal::new(-1_234_567_890, 4);
        for words in Language::ALL.map(Words::of) {
            let canonical = words.language().canonical(&words.editable(value)).unwrap();
            assert_eq!(canonical, value.to_string());
        }
        assert_eq!(Words::of(Language::German).editable(Decimal::new(23_050, 2)), "230,50");
    }
}
