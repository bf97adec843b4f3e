//! What is checked of texts and keys while they are compiled.

use super::catalogue::BETWEEN_FORMS;
use super::language::Language;

/// Says whether a text fits a key: it names every placeholder and no other. A counted text has one form for each of the language's, and
/// each form names every placeholder but the count, which it may leave out.
pub(super) const fn fits(text: &str, placeholders: &[&str], is_counted: bool, language: Language) -> bool {
    let bytes = text.as_bytes();
    let (mut forms, mut start, mut at) = (1, 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'\n' || (bytes[at] == BETWEEN_FORMS as u8 && !is_counted) {
            return false;
        }
        if bytes[at] == BETWEEN_FORMS as u8 {
            if !form_fits(bytes, start, at, placeholders, is_counted) {
                return false;
            }
            forms += 1;
            start = at + 1;
        }
        at += 1;
    }
    let wanted = if is_counted { language.plural_forms() } else { 1 };
    forms == wanted && start < bytes.len() && form_fits(bytes, start, bytes.len(), placeholders, is_counted)
}

const fn form_fits(bytes: &[u8], start: usize, end: usize, placeholders: &[&str], is_counted: bool) -> bool {
    let (mut at, mut known) = (start, 0);
    while at < end {
        if bytes[at] == b'{' {
            let mut index = 0;
            let mut is_known = false;
            while index < placeholders.len() {
                is_known = is_known || names(bytes, at, end, placeholders[index]);
                index += 1;
            }
            if !is_known {
                return false;
            }
        }
        at += 1;
    }
    let mut index = if is_counted { 1 } else { 0 };
    while index < placeholders.len() {
        let mut at = start;
        while at < end {
            if bytes[at] == b'{' && names(bytes, at, end, placeholders[index]) {
                known += 1;
                break;
            }
            at += 1;
        }
        index += 1;
    }
    known == placeholders.len() - (if is_counted { 1 } else { 0 })
}

/// Says whether a placeholder of this name begins at `at`.
const fn names(bytes: &[u8], at: usize, end: usize, name: &str) -> bool {
    let name = name.as_bytes();
    if at + name.len() + 1 >= end || bytes[at + name.len() + 1] != b'}' {
        return false;
    }
    let mut index = 0;
    while index < name.len() {
        if bytes[at + 1 + index] != name[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Where the hash of nothing begins (FNV-1a).
pub(super) const FIRST: u64 = 0xcbf2_9ce4_8422_2325;

/// Goes on with a hash (FNV-1a).
pub(super) const fn hashed(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}

/// Goes on with a hash over names, each with an end of its own.
pub(super) const fn hashed_names(mut hash: u64, names: &[&str]) -> u64 {
    let mut at = 0;
    while at < names.len() {
        hash = hashed(hashed(hash, names[at].as_bytes()), b"\n");
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_must_name_every_placeholder_of_its_key_and_no_other() {
        let fits = |text, placeholders: &[&str]| fits(text, placeholders, false, Language::English);
        assert!(fits("Total value", &[]) && fits("{ticker} is at {price}", &["ticker", "price"]));
        assert!(fits("{price}: {ticker}, {ticker}", &["ticker", "price"]), "in any order, and more than once");
        for wrong in [
            "{ticker} is",
            "{ticker} is at {cost}",
            "{ticker} {price} {x}",
            "{ticker {price}",
            "",
            "{ticker}\n{price}",
            "{ticker}|{price}",
        ] {
            assert!(!fits(wrong, &["ticker", "price"]), "{wrong}");
        }
    }

    #[test]
    fn a_counted_text_has_as_many_forms_as_its_language_and_may_leave_the_count_out() {
        let fits = |text, placeholders: &[&str]| fits(text, placeholders, true, Language::German);
        assert!(fits("ein Eintrag|{count} Einträge", &["count"]));
        assert!(fits("{count} Eintrag von {ticker}|{count} Einträge von {ticker}", &["count", "ticker"]));
        for wrong in ["{count} Einträge", "einer|{count}|{count}", "einer|", "einer|{many}"] {
            assert!(!fits(wrong, &["count"]), "{wrong}");
        }
        assert!(!fits("einer|{count} von {ticker}", &["count", "ticker"]));
    }
}
