//! How a number that a person typed is read, in the form of the reader's language, and how one is written for a person to change it.

use rust_decimal::Decimal;

use super::Words;
use super::formats::NumberForm;

/// Why a typed number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// The separator of thousands stands where no group of three begins or ends: `1.5` in German.
    Groups,
    /// It is no number at all.
    NotANumber,
}

impl NumberForm {
    /// Writes a typed number as programs do: without groups, with a point. How large a number may be is for the reader of programs'
    /// numbers to say.
    ///
    /// Groups may be left out or written: `1234,5` and `1.234,5` are the same where the comma stands before decimals. A text that
    /// several forms can read means what the reader's own does, such as `1.234`; one that only the other can read is read so: `1.5` is
    /// one and a half to everybody.
    ///
    /// ```
    /// use foliostream::words::formats::NumberForm;
    /// assert_eq!(NumberForm::Point.canonical("1.234,56").as_deref(), Ok("1234.56"));
    /// assert_eq!(NumberForm::Point.canonical("1.234").as_deref(), Ok("1234"));
    /// assert_eq!(NumberForm::Comma.canonical("1.234").as_deref(), Ok("1.234"));
    /// assert_eq!(NumberForm::Point.canonical("1,150.84").or(NumberForm::Comma.canonical("1.150,84")).as_deref(), Ok("1150.84"));
    /// assert!(NumberForm::Point.canonical("1.234.5").is_err());
    /// ```
    pub fn canonical(self, typed: &str) -> Result<String, Misread> {
        let other = if self.decimal_separator() == ',' { Self::Comma } else { Self::Point };
        self.read(typed).or_else(|why| other.read(typed).map_err(|_| why))
    }

    fn read(self, typed: &str) -> Result<String, Misread> {
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
            let has_groups = fraction.is_some_and(|fraction| fraction.contains(|letter| self.separates_groups(letter)));
            return Err(if has_groups { Misread::Groups } else { Misread::NotANumber });
        }
        let groups: Vec<&str> = whole.split(|letter| self.separates_groups(letter)).collect();
        if !groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit())) || whole.is_empty() {
            return Err(Misread::NotANumber);
        }
        let [first, others @ ..] = groups.as_slice() else { return Err(Misread::NotANumber) };
        let begins = (1..=3).contains(&first.len()) && !first.starts_with('0');
        let are_groups = others.is_empty() || (begins && others.iter().all(|group| group.len() == 3));
        if !are_groups {
            return Err(Misread::Groups);
        }
        let fraction = fraction.map(|fraction| [".", fraction].concat()).unwrap_or_default();
        Ok([sign, &groups.concat(), &fraction].concat())
    }

    /// Returns whether a letter may stand between groups: a keyboard has neither the narrow blank nor the apostrophe that is printed.
    fn separates_groups(self, letter: char) -> bool {
        match self {
            Self::Blank => matches!(letter, ' ' | '\u{a0}' | '\u{202f}'),
            Self::Apostrophe => matches!(letter, '\'' | '’'),
            Self::Comma | Self::Point => letter == self.group_separator(),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Words {
    /// Writes a number for a person to change: every decimal, no groups, as [`NumberForm::canonical`] reads it.
    pub fn editable(self, value: Decimal) -> String {
        value.to_string().replace('.', self.numbers().decimal_separator().encode_utf8(&mut [0; 4]))
    }

    /// Returns the pattern by which the browser checks a typed number before anything is sent. It is wider than what is read, where a
    /// pattern cannot say it: the server refuses the rest in words.
    pub fn number_pattern(self) -> &'static str {
        "[+\\-−]?[0-9][0-9.,'’ \u{a0}\u{202f}]{0,40}"
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
    use crate::words::Language;
    use crate::words::formats::Formats;

    #[test]
    fn groups_are_read_where_they_are_written_and_left_out() {
        for (typed, canonical) in [
            ("1234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("-1.234.567", "-1234567"),
            ("−0,5", "-0.5"),
            ("+7", "7"),
            (" 12 ", "12"),
        ] {
            assert_eq!(NumberForm::Point.canonical(typed).as_deref(), Ok(canonical), "{typed}");
        }
        assert_eq!(NumberForm::Comma.canonical("1,234.56").as_deref(), Ok("1234.56"));
        assert_eq!(NumberForm::Blank.canonical("1 234,56").as_deref(), Ok("1234.56"));
        assert_eq!(NumberForm::Apostrophe.canonical("1'234.56").as_deref(), Ok("1234.56"));
    }

    #[test]
    fn a_text_of_several_forms_means_what_the_readers_own_says() {
        assert_eq!(NumberForm::Point.canonical("1.234").as_deref(), Ok("1234"));
        assert_eq!(NumberForm::Comma.canonical("1.234").as_deref(), Ok("1.234"));
        assert_eq!(NumberForm::Comma.canonical("1,234").as_deref(), Ok("1234"));
        assert_eq!(NumberForm::Point.canonical("1,234").as_deref(), Ok("1.234"));
    }

    #[test]
    fn a_text_that_only_another_form_can_read_is_read_so() {
        for (form, typed, canonical) in [
            (NumberForm::Point, "1.5", "1.5"),
            (NumberForm::Point, "1,150.84", "1150.84"),
            (NumberForm::Point, "1234.567", "1234.567"),
            (NumberForm::Comma, "1.150,84", "1150.84"),
            (NumberForm::Comma, "12,5", "12.5"),
            (NumberForm::Point, "0.125", "0.125"),
            (NumberForm::Comma, "0,125", "0.125"),
            (NumberForm::Blank, "1.5", "1.5"),
            (NumberForm::Apostrophe, "1,5", "1.5"),
        ] {
            assert_eq!(form.canonical(typed).as_deref(), Ok(canonical), "{form:?} {typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_and_says_whether_groups_are_wrong() {
        for typed in ["12.34,5", "1.234.5", "1,2.345", ".123", "1..234"] {
            assert_eq!(NumberForm::Point.canonical(typed), Err(Misread::Groups), "{typed}");
        }
        for typed in ["", "-", "x", "1,", ",5", "1,2,3", "1e5", "--1", "1 234", "½"] {
            assert_eq!(NumberForm::Point.canonical(typed), Err(Misread::NotANumber), "{typed}");
        }
    }

    #[test]
    fn a_number_that_is_changed_is_written_as_it_is_read() {
        let value = Decimal::new(-1_234_567_890, 4);
        for numbers in NumberForm::ALL {
            let words = Words::of(Language::English).with_formats(Formats { numbers: Some(numbers), dates: None });
            assert_eq!(numbers.canonical(&words.editable(value)).unwrap(), value.to_string());
            assert_eq!(numbers.canonical(&words.price(value.abs(), 4)).unwrap(), value.abs().to_string());
        }
        assert_eq!(Words::of(Language::German).editable(Decimal::new(23_050, 2)), "230,50");
    }
}
