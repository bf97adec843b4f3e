//! What a text may hold: which characters cannot be seen, which change how others are read, and how a foreign text is written
//! into a line of a log.

use std::borrow::Cow;

use super::commands::Refusal;
use crate::words::Answers;

/// The longest foreign text that is repeated in a log, in characters.
const LONGEST_REPEATED: usize = 2_000;

/// Returns whether a character moves a cursor, ends a line, or turns the direction of what follows: in a name it makes the text
/// around it read as something else.
///
/// ```
/// use foliostream::wire::text::is_disruptive;
/// assert!(is_disruptive('\u{202E}') && is_disruptive('\n') && is_disruptive('\u{1B}'));
/// assert!(!is_disruptive('é') && !is_disruptive('\u{200D}'));
/// ```
pub fn is_disruptive(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character leaves nothing to be seen: spaces, joiners, fillers, marks of direction, variation selectors,
/// tags.
pub fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || is_disruptive(character)
        || matches!(
            character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Refuses a name that would be read as something else, or not be seen at all. Blank is for the caller to decide.
///
/// ```
/// use foliostream::wire::text::refuse_unreadable_name;
/// assert!(refuse_unreadable_name("Savings 👨‍👩‍👧").is_ok());
/// assert!(refuse_unreadable_name("Savings\u{202E}").is_err() && refuse_unreadable_name("\u{200B}\u{2060}").is_err());
/// ```
pub fn refuse_unreadable_name(text: &str) -> Result<(), Refusal> {
    if text.contains(['\n', '\r', '\t']) {
        return Err(Refusal(Answers::on_one_line()));
    }
    if text.chars().any(is_disruptive) {
        return Err(Refusal(Answers::no_control_characters()));
    }
    if !text.is_empty() && text.chars().all(is_invisible) {
        return Err(Refusal(Answers::something_visible()));
    }
    Ok(())
}

/// Writes a foreign text as a part of one line: what would end the line, move the cursor or not be seen is written as its
/// escape, and what is too long is cut.
///
/// ```
/// use foliostream::wire::text::printable;
/// assert_eq!(printable("price\n2026-11-25 INFO forged"), r"price\n2026-11-25 INFO forged");
/// assert_eq!(printable("A\u{202E}B\u{1B}[31m"), r"A\u{202e}B\u{1b}[31m");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |character: char| character == ' ' || !is_invisible(character);
    if text.len() <= LONGEST_REPEATED && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len().min(LONGEST_REPEATED));
    for character in text.chars().take(LONGEST_REPEATED) {
        if is_plain(character) { line.push(character) } else { line.extend(character.escape_default()) }
    }
    if text.chars().nth(LONGEST_REPEATED).is_some() {
        line.push('…');
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_are_readable() {
        for text in ["", "Rücklage", "年金", "المدخرات", "צוואה", "👩‍🚀 ❤️", "a\u{A0}b", "नमस्ते", "می‌خواهم"]
        {
            assert_eq!(refuse_unreadable_name(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn what_would_be_read_as_something_else_or_not_be_seen_is_refused() {
        for text in [
            "a\0",
            "\u{7}",
            "\u{1B}[2J",
            "\u{85}",
            "a\u{2028}b",
            "\u{202E}cba",
            "\u{2066}a",
            "\u{200B}",
            "\u{FEFF}",
            "\u{3164}",
            "\u{2800}\u{200D}",
            "\u{E0041}",
            "\u{AD}",
            "\u{FE0F}",
        ] {
            assert!(refuse_unreadable_name(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_has_one_line() {
        for text in ["a\nb", "a\r\nb", "a\tb"] {
            assert!(refuse_unreadable_name(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_foreign_text_stays_within_its_line_and_its_length() {
        let long = printable(&"x".repeat(LONGEST_REPEATED + 1)).into_owned();
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST_REPEATED + 1, true));
        for text in ["a\nb", "\r\n", "\u{2028}", "\u{85}", "\u{1b}]0;title\u{7}", "\u{200e}"] {
            let line = printable(text).into_owned();
            assert!(line.chars().all(|character| character == ' ' || !is_invisible(character)), "{line:?}");
        }
        assert!(matches!(printable("plain words: é"), Cow::Borrowed(_)));
    }
}
