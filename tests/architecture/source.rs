//! The files of `src` and of `server/src`, as text: with comments, literals and tests blanked, byte by byte, so that lines stay
//! what they are.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use super::tokens::{begins, bracketed, tokens};

/// The program's own file.
pub(crate) const PROGRAM: &str = "server/main.rs";

/// A file of one of the two crates.
pub(crate) struct Source {
    /// Below `src`, with slashes; those of the server's crate begin with `server/`.
    pub path: String,
    /// As it is.
    pub raw: String,
    /// With comments and literals blanked, byte by byte.
    pub code: String,
    /// With its tests blanked too.
    pub shipped: String,
    /// Modules it declares for tests alone, in files of their own.
    pub test_modules: Vec<String>,
    /// Where its first module of tests begins.
    pub tests_at: Option<usize>,
}

/// Something that must not be there.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub path: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", on_disk(&self.path), self.line, self.message)
    }
}

/// Returns where a file is, from the project's root: `server/src/hub/mod.rs` for `server/hub/mod.rs`, `src/wire/live.rs` for
/// `wire/live.rs`.
pub(crate) fn on_disk(path: &str) -> String {
    path.strip_prefix("server/").map_or_else(|| format!("src/{path}"), |below| format!("server/src/{below}"))
}

impl Source {
    pub(crate) fn new(path: &str, raw: &str) -> Self {
        let code = blank_texts(raw);
        let (shipped, test_modules, tests_at) = blank_tests(&code);
        Self { path: path.to_owned(), raw: raw.to_owned(), code, shipped, test_modules, tests_at }
    }

    /// The room: the first folder. The program's own file is a room of its own.
    pub(crate) fn room(&self) -> &str {
        if self.path == PROGRAM {
            return "main";
        }
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The path of its module, as if both crates were one in which the server is a room.
    pub(crate) fn module(&self) -> Vec<String> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
        if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            names.pop();
        }
        names
    }

    pub(crate) fn finding(&self, at: usize, message: impl Into<String>) -> Finding {
        let line = self.raw.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Finding { path: self.path.clone(), line, message: message.into() }
    }
}

/// Reads every file of both crates; those that only tests see have nothing shipped.
pub(crate) fn sources() -> Vec<Source> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for (folder, room) in [("src", ""), ("server/src", "server/")] {
        let root = project.join(folder);
        walk(&root, &root, room, &mut sources);
    }
    let for_tests: BTreeSet<Vec<String>> = sources.iter().flat_map(declared_for_tests).collect();
    for source in &mut sources {
        let module = source.module();
        if (1..=module.len()).any(|length| for_tests.contains(&module[..length])) {
            source.shipped = " ".repeat(source.code.len());
            source.tests_at = Some(0);
        }
    }
    assert!(sources.len() > 50, "src was not found");
    sources
}

pub(crate) fn declared_for_tests(source: &Source) -> Vec<Vec<String>> {
    let within = |name: &String| source.module().into_iter().chain([name.clone()]).collect();
    source.test_modules.iter().map(within).collect()
}

fn walk(root: &Path, folder: &Path, room: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("src can be listed").path();
        if path.is_dir() {
            walk(root, &path, room, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).expect("the walk began there").to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&format!("{room}{below}"), &fs::read_to_string(&path).expect("a source is UTF-8")));
        }
    }
}

/// Blanks comments, strings and characters; every other byte keeps its offset.
/// A text literal of what ships.
pub(crate) struct Literal<'a> {
    /// Where its quotation mark is.
    pub at: usize,
    /// What stands between the marks, as it is written.
    pub text: &'a str,
}

impl Source {
    /// Returns the text literals of what ships, in order.
    pub(crate) fn literals(&self) -> Vec<Literal<'_>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < self.raw.len() {
            let Some(end) = end_of_text(&self.raw, at) else {
                at += 1;
                continue;
            };
            let text = &self.raw[at..end];
            let ships = || {
                let before = self.code[..at].trim_end();
                before.is_empty() || !self.shipped[..before.len()].ends_with(char::is_whitespace)
            };
            if (text.starts_with('"') || text.starts_with('r')) && ships() {
                let text = text.trim_start_matches('r').trim_matches('#');
                found.push(Literal { at, text: text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text) });
            }
            at = end;
        }
        found
    }
}

fn blank_texts(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut code: Vec<u8> = bytes.iter().map(|byte| if byte.is_ascii() { *byte } else { b' ' }).collect();
    let mut at = 0;
    while at < bytes.len() {
        let end = end_of_text(raw, at);
        for byte in &mut code[at..end.unwrap_or(at)] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.unwrap_or(at + 1);
    }
    String::from_utf8(code).expect("only ASCII is left")
}

/// Returns where the comment or literal that begins at an offset ends; nothing where none begins.
fn end_of_text(raw: &str, at: usize) -> Option<usize> {
    let rest = &raw.as_bytes()[at..];
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"' | b'#', ..] if !within_word(raw, at) => raw_string(rest)?,
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', ..] => {
            let character = raw[at + 1..].chars().next()?.len_utf8();
            (rest.get(1 + character) == Some(&b'\'')).then_some(character + 2)?
        }
        _ => return None,
    };
    Some(at + length)
}

/// Returns whether the letter at an offset only ends a word; the `b` and `c` of `br""` and `cr""` are no word.
fn within_word(raw: &str, at: usize) -> bool {
    let before = &raw.as_bytes()[..at];
    let word = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    word > 1 || (word == 1 && !matches!(before.last(), Some(b'b' | b'c')))
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn raw_string(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = 2 + hashes;
    let length = rest[body..].windows(end.len()).position(|window| window == end);
    Some(length.map_or(rest.len(), |length| body + length + end.len()))
}

/// Blanks every item under `#[cfg(test)]`; also returns the modules among them that are files, and where the first module
/// that is none begins.
fn blank_tests(code: &str) -> (String, Vec<String>, Option<usize>) {
    let all = tokens(code);
    let mut shipped = code.as_bytes().to_vec();
    let (mut files, mut tests_at) = (Vec::new(), None);
    for start in 0..all.len() {
        if !begins(&all[start..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
            continue;
        }
        let mut end = start;
        let mut module = None;
        while end < all.len() && all[end].text != ";" && all[end].text != "{" {
            if all[end].text == "mod" {
                module = all.get(end + 1).map(|token| token.text);
            }
            end += if all[end].text == "[" || all[end].text == "(" { bracketed(&all[end..]) } else { 1 };
        }
        let is_file = all.get(end).is_none_or(|token| token.text == ";");
        match module {
            Some(name) if is_file => files.push(name.to_owned()),
            Some(_) => tests_at = tests_at.or(Some(all[start].at)),
            None => {}
        }
        let last = if is_file { end } else { end + bracketed(&all[end..]) - 1 };
        let until = all.get(last).map_or(code.len(), |token| token.at + 1);
        shipped[all[start].at..until].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    (String::from_utf8(shipped).expect("only ASCII was there"), files, tests_at)
}
