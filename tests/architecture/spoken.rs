//! Which texts of `src/app` are meant for people: those belong to `src/words`, where every language has them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::source::{Finding, Literal, Source};

/// Texts that look as if they were meant for people and are not, or are the same in every language: file, how the text begins, reason.
pub(crate) const EXCEPTIONS: [(&str, &str, &str); 23] = [
    ("app/document.rs", "import init", "the script that brings the page to life"),
    ("app/components/post_form.rs", "Idempotency-Key", "a header's name"),
    ("app/components/header.rs", "/ Meta+K Control+K", "keys' names"),
    ("app/components/search.rs", "ArrowDown", "a key's name"),
    ("app/components/search.rs", "ArrowUp", "a key's name"),
    ("app/components/search.rs", "Enter", "a key's name"),
    ("app/components/search.rs", "Esc", "what is printed on the key"),
    ("app/shortcuts.rs", "Esc", "what is printed on the key"),
    ("app/components/level_chart/level.rs", "ArrowUp", "a key's name"),
    ("app/components/level_chart/level.rs", "ArrowRight", "a key's name"),
    ("app/components/level_chart/level.rs", "ArrowDown", "a key's name"),
    ("app/components/level_chart/level.rs", "ArrowLeft", "a key's name"),
    ("app/components/level_chart/level.rs", "PageUp", "a key's name"),
    ("app/components/level_chart/level.rs", "PageDown", "a key's name"),
    ("app/components/header.rs", "Foliostream", "the name of the program"),
    ("app/mod.rs", "Foliostream", "the name of the program"),
    ("app/mod.rs", " · Foliostream", "the name of the program"),
    ("app/pages/settings/about.rs", "Foliostream ", "the name of the program"),
    ("app/element/methods.rs", "Sets the attribute `", "documentation that a macro writes"),
    ("app/pages/settings/data.rs", "CSV", "a format's name"),
    ("app/pages/settings/data.rs", "JSON", "a format's name"),
    ("app/pages/settings/formats.rs", "Europe/Berlin", "a zone's name"),
    ("app/pages/settings/portfolios.rs", " with cash ", "a part of a key that nobody reads"),
];

/// Attributes whose values are for the browser alone.
const FOR_THE_BROWSER: [&str; 14] = [
    "class",
    "style",
    "d",
    "viewBox",
    "points",
    "transform",
    "preserveAspectRatio",
    "href",
    "pattern",
    "rel",
    "content",
    "type",
    "doc",
    "reason",
];

/// Returns the classes of the style sheets: texts made of them alone are lists of classes.
pub(crate) fn classes() -> BTreeSet<String> {
    let mut classes = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    for entry in fs::read_dir(folder).expect("the style sheets are there").flatten() {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let names =
            text.split('.').skip(1).map(|rest| rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-'));
        classes.extend(names.filter_map(|mut parts| parts.next()).map(str::to_owned));
    }
    classes
}

/// Finds texts for people: text between tags, sentences, and words that begin with a capital.
pub(crate) fn for_people(source: &Source, classes: &BTreeSet<String>) -> Vec<(String, Finding)> {
    if source.room() != "app" {
        return Vec::new();
    }
    let literals = source.literals();
    let found = literals.iter().filter(|literal| is_for_people(source, literal, classes));
    found
        .map(|literal| (literal.text.to_owned(), source.finding(literal.at, format!("belongs to src/words: {:?}", literal.text))))
        .collect()
}

fn is_for_people(source: &Source, literal: &Literal<'_>, classes: &BTreeSet<String>) -> bool {
    let before = source.code[..literal.at].trim_end();
    let attribute = before.strip_suffix('=').map(|before| {
        before.trim_end().rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().unwrap_or_default()
    });
    if attribute.is_some_and(|attribute| FOR_THE_BROWSER.contains(&attribute)) || is_message_of_a_panic(before) {
        return false;
    }
    let is_word = |word: &&str| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
    let words: Vec<&str> = literal.text.split_whitespace().filter(is_word).collect();
    let between_tags = before.ends_with('>') && !before.ends_with("=>") && !before.ends_with("->");
    let is_capital = |word: &&str| word.starts_with(char::is_uppercase) && word[1..].starts_with(char::is_lowercase);
    let is_list_of_classes = || words.iter().all(|word| classes.contains(*word));
    let is_plain = |word: &&str| word.chars().all(|letter| letter.is_alphabetic() || ".,:;!?’'…“”".contains(letter));
    (between_tags && !words.is_empty())
        || words.first().is_some_and(is_capital)
        || (words.iter().filter(|word| is_plain(word)).count() > 1 && !is_list_of_classes())
}

/// Whether a literal says why something cannot happen.
fn is_message_of_a_panic(before: &str) -> bool {
    ["expect(", "panic!(", "unreachable!(", "assert!("].iter().any(|call| before.ends_with(call))
}

#[cfg(test)]
mod checker {
    use super::*;

    #[test]
    fn texts_for_people_are_found_and_those_for_the_browser_are_not() {
        let classes = BTreeSet::from(["pill".to_owned(), "live".to_owned()]);
        let found = |code: &str| for_people(&Source::new("app/x.rs", code), &classes).len();
        for text in [
            "view! { <p>\"today\"</p> }",
            "let title = \"Overview\";",
            "[a, \" is far away\"].concat()",
            "title=\"Not known: a price is missing\"",
        ] {
            assert_eq!(found(text), 1, "{text}");
        }
        for text in [
            "view! { <p class=\"card far away\">\"·\"</p> }",
            "let path = \"M4 1 L7.5 7\";",
            "let class = \"pill live\";",
            "x.expect(\"It is there always\")",
            "// \"A comment of words\"",
            "#[cfg(test)] mod tests { const A: &str = \"Some text for people\"; }",
            "view! { <p>{words().today()}</p> }",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
    }
}
