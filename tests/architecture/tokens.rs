//! Words and paths of a source, and what the paths lead to.

use super::source::Source;

/// A word, a `::`, or a single sign, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub text: &'a str,
    pub at: usize,
}

pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let bytes = code.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let word = bytes[at..].iter().take_while(|byte| is_word(byte)).count();
        let length = if word > 0 { word } else { 1 + usize::from(bytes[at..].starts_with(b"::")) };
        if !bytes[at].is_ascii_whitespace() {
            tokens.push(Token { text: &code[at..at + length], at });
        }
        at += length;
    }
    tokens
}

pub(crate) fn begins(tokens: &[Token<'_>], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, text)| token.text == *text)
}

/// Returns how many tokens there are from an opening sign to the one that closes it.
pub(crate) fn bracketed(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

/// A path to something of ours, from the crate's root.
#[derive(Debug, PartialEq)]
pub(crate) struct Reference {
    pub target: Vec<String>,
    pub at: usize,
    /// Whether it is handed on by `pub use`.
    pub handed_on: bool,
}

/// Finds every path that begins with `crate`, `super`, `self` or a crate's name, within trees of `use` and anywhere else.
pub(crate) fn references(source: &Source) -> Vec<Reference> {
    let all = tokens(&source.code);
    let (mut found, mut modules, mut depth) = (Vec::new(), Vec::new(), 0);
    let (mut handed_on, mut index) = (false, 0);
    while index < all.len() {
        let before = index.checked_sub(1).map_or("", |before| all[before].text);
        match all[index].text {
            "mod" if all.get(index + 2).is_some_and(|token| token.text == "{") => modules.push((all[index + 1].text, depth)),
            "use" => handed_on = before == "pub" || before == ")",
            ";" => handed_on = false,
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                modules.pop_if(|(_, opened)| *opened == depth);
            }
            "crate" | "super" | "self" | "foliostream" | "foliostream_server"
                if before != "::" && begins(&all[index + 1..], &["::"]) =>
            {
                let (mut paths, at) = (Vec::new(), all[index].at);
                index = read_tree(&all, index, Vec::new(), &mut paths);
                let mut module = source.module();
                module.extend(modules.iter().map(|(name, _)| (*name).to_owned()));
                found.extend(paths.iter().map(|path| Reference { target: resolve(&module, path), at, handed_on }));
                continue;
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// Reads `a::b::{c, d::*, e as f}` from an index on, the last as the words `a b e as f`; returns the index after it.
pub(crate) fn read_tree<'a>(all: &[Token<'a>], mut index: usize, mut path: Vec<&'a str>, paths: &mut Vec<Vec<&'a str>>) -> usize {
    if all[index].text == "{" {
        let end = index + bracketed(&all[index..]) - 1;
        index += 1;
        while index < end {
            index = read_tree(all, index, path.clone(), paths);
            while index < end && all[index].text != "," {
                index += 1;
            }
            index += 1;
        }
        return end + 1;
    }
    path.push(all[index].text);
    let goes_on = |token: &Token<'_>| {
        token.text == "{" || token.text == "*" || token.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    };
    if begins(&all[index + 1..], &["::"]) && all.get(index + 2).is_some_and(goes_on) {
        return read_tree(all, index + 2, path, paths);
    }
    if begins(&all[index + 1..], &["as"]) && all.len() > index + 2 {
        path.extend(["as", all[index + 2].text]);
        index += 2;
    }
    paths.push(path);
    index + 1
}

/// Follows a path to its target. Both crates count as one, in which the server is a room: `crate` in a file of the server is
/// `server`.
pub(crate) fn resolve(module: &[String], path: &[&str]) -> Vec<String> {
    let in_server = || vec!["server".to_owned()];
    let mut target = match path[0] {
        "foliostream" => Vec::new(),
        "foliostream_server" => in_server(),
        "crate" if module.first().is_some_and(|room| room == "server") => in_server(),
        "crate" => Vec::new(),
        _ => module.to_vec(),
    };
    for segment in path.iter().take_while(|segment| **segment != "as") {
        match *segment {
            "crate" | "foliostream" | "foliostream_server" | "self" => {}
            "super" => drop(target.pop()),
            name => target.push(name.to_owned()),
        }
    }
    target
}
