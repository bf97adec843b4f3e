//! Numbers as programs of many countries write them.

use std::str::FromStr as _;

use rust_decimal::Decimal;

use super::faults::Fault;

/// The most digits of a number in a ledger.
const DIGITS: u32 = 28;

/// What parts the whole from its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,234.56
    Point,
    /// 1.234,56
    Comma,
}

impl DecimalMark {
    /// Returns the name by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    /// Returns the mark of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Point, Self::Comma].into_iter().find(|mark| mark.name() == name.trim())
    }

    fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn thousands(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}

/// Returns the mark that numbers show: that of any number that can be read in one way alone. Nothing where there is no such number.
///
/// ```
/// use foliostream::import::numbers::{decimal_mark, DecimalMark};
/// assert_eq!(decimal_mark(["1.234", "0,5"].into_iter()), Some(DecimalMark::Comma));
/// assert_eq!(decimal_mark(["1.234", "12"].into_iter()), None);
/// ```
pub fn decimal_mark<'a>(mut numbers: impl Iterator<Item = &'a str>) -> Option<DecimalMark> {
    numbers.find_map(shown_by)
}

fn shown_by(text: &str) -> Option<DecimalMark> {
    let text = bare(text);
    let (point, comma) = (text.rfind('.'), text.rfind(','));
    let only = |at: usize, mark: DecimalMark, other: DecimalMark| {
        let sign = mark.character();
        let (before, after) = (&text[..at], &text[at + 1..]);
        match text.matches(sign).count() {
            // A group of a thousand has three digits, and what comes before it is no zero.
            1 => (after.len() != 3 || before.len() > 3 || before.trim_start_matches('-').starts_with('0') || before.is_empty())
                .then_some(mark),
            _ => Some(other),
        }
    };
    match (point, comma) {
        (Some(point), Some(comma)) if point > comma => Some(DecimalMark::Point),
        (Some(_), Some(_)) => Some(DecimalMark::Comma),
        (Some(point), None) => only(point, DecimalMark::Point, DecimalMark::Comma),
        (None, Some(comma)) => only(comma, DecimalMark::Comma, DecimalMark::Point),
        (None, None) => None,
    }
}

/// Reads a number: with thousands marks, a sign before or after it, in brackets below zero, with a currency's sign or code beside it.
/// More than 28 digits are rounded to 28; an exponent is understood.
///
/// ```
/// use foliostream::import::numbers::{number, DecimalMark};
/// assert_eq!(number("-1.004,99 €", DecimalMark::Comma).expect("a number").to_string(), "-1004.99");
/// assert_eq!(number("($1,234.5)", DecimalMark::Point).expect("a number").to_string(), "-1234.5");
/// assert!(number("1,23,4", DecimalMark::Point).is_err());
/// ```
pub fn number(text: &str, mark: DecimalMark) -> Result<Decimal, Fault> {
    let fault = || Fault::NotANumber(text.trim().to_owned());
    let text = text.trim();
    let is_negative = text.starts_with('(') && text.ends_with(')');
    let bare = bare(text);
    let (sign, unsigned) = match bare.strip_prefix('-').or_else(|| bare.strip_suffix('-')) {
        Some(rest) => (true, rest),
        None => (is_negative, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let (whole, fraction) = match unsigned.split_once(mark.character()) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let whole = without_thousands(whole, mark.thousands()).ok_or_else(fault)?;
    let plain = match fraction {
        Some(fraction) => format!("{}.{fraction}", if whole.is_empty() { "0" } else { &whole }),
        None => whole,
    };
    if !plain.starts_with(|character: char| character.is_ascii_digit()) || plain.ends_with('.') {
        return Err(fault());
    }
    let has_exponent = plain.contains(['e', 'E']);
    let read = if has_exponent { Decimal::from_scientific(&plain) } else { Decimal::from_str(&plain) };
    let number = read.ok().and_then(fitted).ok_or_else(fault)?;
    Ok(if sign { -number } else { number })
}

/// Rounds a number to the digits that a ledger keeps, those of a zero before the point included; nothing where it has more before the point.
///
/// ```
/// use foliostream::import::numbers::fitted;
/// let third = rust_decimal::Decimal::ONE / rust_decimal::Decimal::from(3);
/// assert_eq!(fitted(third).expect("a fraction").to_string(), "0.333333333333333333333333333");
/// ```
pub fn fitted(number: Decimal) -> Option<Decimal> {
    let whole = u32::try_from(number.trunc().abs().to_string().len()).ok()?;
    Some(number.round_dp(DIGITS.checked_sub(whole)?))
}

/// Leaves out what stands around a number: blanks of every kind, the apostrophe of Swiss thousands, brackets, signs and codes of money.
fn bare(text: &str) -> String {
    let text = text.trim().trim_matches(|character: char| "()\"".contains(character));
    let text = text.replace('\u{2212}', "-");
    let kept = |character: &char| {
        !character.is_whitespace() && !matches!(character, '\'' | '’' | '\u{202f}' | '%') && !is_sign(*character)
    };
    let text: String = text.chars().filter(kept).collect();
    let code = |letters: &str| letters.len() == 3 && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    let digits = |rest: &str| rest.contains(|character: char| character.is_ascii_digit());
    match (text.get(..3), text.len().checked_sub(3).and_then(|at| text.get(at..))) {
        (Some(before), _) if code(before) && digits(&text[3..]) => text[3..].to_owned(),
        (_, Some(after)) if code(after) && digits(&text[..text.len() - 3]) => text[..text.len() - 3].to_owned(),
        _ => text,
    }
}

fn is_sign(character: char) -> bool {
    matches!(character, '$' | '€' | '£' | '¥' | '₿' | '₹')
}

/// Leaves out the marks of thousands, which stand before groups of three digits and after no zero.
fn without_thousands(whole: &str, mark: char) -> Option<String> {
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let mut joined = first.to_owned();
    for group in groups {
        let is_group = group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
        if !is_group || first.is_empty() || first.len() > 3 || first.starts_with('0') {
            return None;
        }
        joined += group;
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_many_countries_are_read() {
        use DecimalMark::{Comma, Point};
        for (text, mark, expected) in [
            ("1234.56", Point, "1234.56"),
            ("1,234,567.8", Point, "1234567.8"),
            ("1 234,56", Comma, "1234.56"),
            ("1\u{a0}234,56", Comma, "1234.56"),
            ("1'234.50", Point, "1234.50"),
            ("-$0.50", Point, "-0.50"),
            ("$-0.50", Point, "-0.50"),
            ("12-", Point, "-12"),
            ("\u{2212}3", Point, "-3"),
            ("+3", Point, "3"),
            (".5", Point, "0.5"),
            ("EUR 12,50", Comma, "12.50"),
            ("12.50USD", Point, "12.50"),
            ("1e-8", Point, "0.00000001"),
            ("1.5E3", Point, "1500"),
            ("100%", Point, "100"),
        ] {
            assert_eq!(number(text, mark).map(|number| number.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in ["", "-", "abc", "1.2.3", "1,2", "12,34.5", "0,039", "0x10", "NaN", "inf", "1 2 x", "1.", "2024-01-05"] {
            assert!(number(text, Point).is_err(), "{text}");
        }
    }

    #[test]
    fn more_digits_than_a_decimal_holds_are_rounded_alike() {
        let text = "123456789012345.678901234567890123";
        assert_eq!(number(text, DecimalMark::Point).unwrap().to_string(), "123456789012345.6789012345679");
        assert!(number(&"9".repeat(40), DecimalMark::Point).is_err());
    }

    #[test]
    fn the_mark_is_that_of_a_number_that_can_be_read_in_one_way_alone() {
        use DecimalMark::{Comma, Point};
        for (numbers, mark) in [
            (vec!["1", "2.50"], Some(Point)),
            (vec!["1.000", "2.500"], None),
            (vec!["1.000.000"], Some(Comma)),
            (vec!["1,000,000"], Some(Point)),
            (vec!["0.123"], Some(Point)),
            (vec!["-0,123"], Some(Comma)),
            (vec!["1234,567"], Some(Comma)),
            (vec!["1,234.5"], Some(Point)),
            (vec!["", "x"], None),
        ] {
            assert_eq!(decimal_mark(numbers.iter().copied()), mark, "{numbers:?}");
        }
    }
}
