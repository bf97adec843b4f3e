//! The walls of the house, as tests: who may import whom, and what must be nowhere. Reads the text of `src`, needs no
//! feature and no dependency, and names file and line of everything it finds.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

/// Lines a file may have before its tests.
const LONGEST: usize = 400;

/// Files that may be longer, each with its own limit and the reason.
const LONGER: [(&str, usize, &str); 0] = [];

/// Files whose queue has no bound, each with the reason.
const UNBOUNDED: [(&str, &str); 0] = [];

/// What the pure rooms must not know.
const RUNTIMES: [&str; 8] = ["tokio", "leptos", "axum", "sqlx", "hyper", "reqwest", "web_sys", "wasm_bindgen"];

/// A file of `src`.
struct Source {
    /// Below `src`, with slashes.
    path: String,
    /// As it is.
    raw: String,
    /// With comments and literals blanked, byte by byte.
    code: String,
    /// With its tests blanked too.
    shipped: String,
    /// Modules it declares for tests alone, in files of their own.
    test_modules: Vec<String>,
    /// Where its first module of tests begins.
    tests_at: Option<usize>,
}

/// Something that must not be there.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "src/{}:{}: {}", self.path, self.line, self.message)
    }
}

impl Source {
    fn new(path: &str, raw: &str) -> Self {
        let code = blank_texts(raw);
        let (shipped, test_modules, tests_at) = blank_tests(&code);
        Self { path: path.to_owned(), raw: raw.to_owned(), code, shipped, test_modules, tests_at }
    }

    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The path of its module within the crate.
    fn module(&self) -> Vec<String> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
        if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            names.pop();
        }
        names
    }

    fn finding(&self, at: usize, message: impl Into<String>) -> Finding {
        let line = self.raw.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Finding { path: self.path.clone(), line, message: message.into() }
    }
}

/// Reads every file of `src`; those that only tests see have nothing shipped.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    walk(&root, &root, &mut sources);
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

fn declared_for_tests(source: &Source) -> Vec<Vec<String>> {
    let within = |name: &String| source.module().into_iter().chain([name.clone()]).collect();
    source.test_modules.iter().map(within).collect()
}

fn walk(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("src can be listed").path();
        if path.is_dir() {
            walk(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).expect("the walk began there").to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&below, &fs::read_to_string(&path).expect("a source is UTF-8")));
        }
    }
}

/// Blanks comments, strings and characters; every other byte keeps its place.
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

/// Returns where the comment or literal that begins at a place ends; nothing where none begins.
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

/// Tells whether the letter at a place only ends a word; the `b` and `c` of `br""` and `cr""` are no word.
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

/// A word, a `::`, or a single sign, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

fn tokens(code: &str) -> Vec<Token<'_>> {
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

fn begins(tokens: &[Token<'_>], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, text)| token.text == *text)
}

/// Returns how many tokens there are from an opening sign to the one that closes it.
fn bracketed(tokens: &[Token<'_>]) -> usize {
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

/// A path to something of ours, from the crate's root.
#[derive(Debug, PartialEq)]
struct Reference {
    target: Vec<String>,
    at: usize,
    /// Whether it is handed on by `pub use`.
    handed_on: bool,
}

/// Finds every path that begins with `crate`, `super`, `self` or the crate's name, within trees of `use` and anywhere else.
fn references(source: &Source) -> Vec<Reference> {
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
            "crate" | "super" | "self" | "foliostream" if before != "::" && begins(&all[index + 1..], &["::"]) => {
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

/// Reads `a::b::{c, d::*}` from a place on; returns the place after it.
fn read_tree<'a>(all: &[Token<'a>], mut index: usize, mut path: Vec<&'a str>, paths: &mut Vec<Vec<&'a str>>) -> usize {
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
    paths.push(path);
    index + 1
}

fn resolve(module: &[String], path: &[&str]) -> Vec<String> {
    let mut target = if matches!(path[0], "crate" | "foliostream") { Vec::new() } else { module.to_vec() };
    for segment in path {
        match *segment {
            "crate" | "foliostream" | "self" => {}
            "super" => drop(target.pop()),
            name => target.push(name.to_owned()),
        }
    }
    target
}

/// The plan of the house: what a file may see of other rooms.
fn may_see(source: &Source, target: &[String]) -> bool {
    let room = source.room();
    let wanted = target.first().map_or("", String::as_str);
    wanted == room
        || match room {
            "domain" => false,
            "wire" => wanted == "domain",
            "live" => ["domain", "wire"].contains(&wanted),
            "api" => {
                ["domain", "wire"].contains(&wanted) || (wanted == "server" && target.get(1).is_some_and(|part| part == "hub"))
            }
            "app" => ["domain", "wire", "live", "api"].contains(&wanted),
            "server" => ["domain", "wire"].contains(&wanted) || (wanted == "app" && source.path == "server/router.rs"),
            "main" => wanted == "server",
            "lib" => wanted == "app",
            _ => false,
        }
}

fn walls(source: &Source) -> Vec<Finding> {
    let wall = |reference: &Reference| {
        let target = reference.target.join("::");
        if !may_see(source, &reference.target) {
            return Some(source.finding(reference.at, format!("{} may not see {target}", source.room())));
        }
        let own = reference.target.first().is_some_and(|room| room == source.room());
        (reference.handed_on && !own)
            .then(|| source.finding(reference.at, format!("hands {target} on; let others import it themselves")))
    };
    let mut findings: Vec<Finding> = references(source).iter().filter_map(wall).collect();
    let all = tokens(&source.code);
    let renamed = all.windows(2).filter(|pair| begins(pair, &["crate", "as"]));
    findings.extend(renamed.map(|pair| source.finding(pair[0].at, "gives the crate another name, which hides what is imported")));
    findings
}

fn walls_of(room: &str) -> Vec<Finding> {
    sources().iter().filter(|source| source.room() == room).flat_map(walls).collect()
}

/// Finds `cfg`s about a feature where twins belong.
fn features(source: &Source) -> Vec<Finding> {
    let path = source.path.as_str();
    if ["lib.rs", "main.rs", "live/source.rs", "api/mod.rs"].contains(&path) || path.starts_with("live/source/") {
        return Vec::new();
    }
    let all = tokens(&source.code);
    let mut findings = Vec::new();
    for (index, token) in all.iter().enumerate().filter(|(_, token)| ["cfg", "cfg_attr"].contains(&token.text)) {
        let open = index + 1 + usize::from(begins(&all[index + 1..], &["!"]));
        if !begins(&all[open..], &["("]) {
            continue;
        }
        let inside = &all[open..open + bracketed(&all[open..])];
        let text = &source.raw[inside[0].at..inside[inside.len() - 1].at];
        let describes =
            ["(feature = \"ssr\", derive(", "(feature = \"ssr\", schema("].iter().any(|start| text.starts_with(start));
        let tolerated = token.text == "cfg_attr" && source.room() == "wire" && describes;
        if !tolerated && inside.iter().any(|token| token.text == "feature") {
            findings.push(source.finding(token.at, "asks for a feature; only lib.rs, main.rs, live/source.rs and api/mod.rs do"));
        }
    }
    findings
}

/// Finds words in the code, tests included or not, where `is_wrong` says so; it sees the tokens from each one on.
fn words(source: &Source, code: &str, message: &str, is_wrong: impl Fn(&[Token<'_>]) -> bool) -> Vec<Finding> {
    let all = tokens(code);
    let wrong = (0..all.len()).filter(|index| is_wrong(&all[*index..]));
    wrong.map(|index| source.finding(all[index].at, format!("{message}: {}", all[index].text))).collect()
}

fn is_pure(source: &Source) -> bool {
    ["domain", "wire"].contains(&source.room())
}

fn floats(source: &Source) -> Vec<Finding> {
    let is_float = |text: &str| {
        ["f32", "f64"]
            .iter()
            .any(|kind| text == *kind || (text.starts_with(|first: char| first.is_ascii_digit()) && text.ends_with(kind)))
    };
    if is_pure(source) {
        words(source, &source.code, "no money is ever a float", |from| is_float(from[0].text))
    } else {
        Vec::new()
    }
}

fn runtimes(source: &Source) -> Vec<Finding> {
    if !is_pure(source) {
        return Vec::new();
    }
    words(source, &source.code, "the core knows no runtime and no framework", |from| RUNTIMES.contains(&from[0].text))
}

fn unfinished(source: &Source) -> Vec<Finding> {
    words(source, &source.shipped, "outside tests nothing is unwrapped or left to do", |from| {
        begins(from, &["unwrap", "(", ")"]) || begins(from, &["todo", "!"]) || begins(from, &["unimplemented", "!"])
    })
}

fn unbounded(source: &Source) -> Vec<Finding> {
    let names = ["unbounded_channel", "unbounded", "UnboundedSender"];
    words(source, &source.code, "every queue has a bound", |from| names.contains(&from[0].text))
}

fn unordered(source: &Source) -> Vec<Finding> {
    words(source, &source.shipped, "what comes first when several are ready is said by their order, under biased", |from| {
        begins(from, &["select", "!", "{"]) && !begins(&from[3..], &["biased"])
    })
}

fn wall_clocks(source: &Source) -> Vec<Finding> {
    if source.path == "server/clock.rs" {
        return Vec::new();
    }
    let clocks = ["Timestamp", "SystemTime", "Zoned"];
    words(source, &source.code, "time is an argument; only server/clock.rs reads the wall clock", |from| {
        clocks.contains(&from[0].text) && begins(&from[1..], &["::", "now"])
    })
}

fn length(source: &Source) -> usize {
    let until = source.tests_at.unwrap_or(source.raw.len());
    source.raw[..until].trim_end().lines().count()
}

fn too_long(source: &Source) -> Vec<Finding> {
    let exception = LONGER.iter().find(|(path, _, _)| *path == source.path);
    let most = exception.map_or(LONGEST, |(_, most, _)| *most);
    let lines = length(source);
    if lines <= most {
        Vec::new()
    } else {
        vec![Finding {
            path: source.path.clone(),
            line: most + 1,
            message: format!("{lines} lines before its tests, of at most {most}: look for the seam"),
        }]
    }
}

fn everywhere(rule: impl Fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    sources().iter().flat_map(rule).collect()
}

#[track_caller]
fn none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", lines.join("\n"));
}

mod rules {
    use super::*;

    #[test]
    fn the_domain_imports_nothing_of_ours() {
        none(&walls_of("domain"));
    }

    #[test]
    fn the_wire_imports_the_domain_alone() {
        none(&walls_of("wire"));
    }

    #[test]
    fn live_imports_domain_and_wire() {
        none(&walls_of("live"));
    }

    #[test]
    fn the_api_imports_the_wire_and_of_the_server_only_the_hub() {
        none(&walls_of("api"));
    }

    #[test]
    fn the_app_never_imports_the_server() {
        none(&walls_of("app"));
    }

    #[test]
    fn the_server_imports_domain_and_wire_and_only_its_router_sees_the_app() {
        none(&walls_of("server"));
    }

    #[test]
    fn there_are_no_other_rooms_and_the_root_only_opens_the_doors() {
        let planned = ["domain", "wire", "live", "api", "app", "server"];
        none(&everywhere(|source| if planned.contains(&source.room()) { Vec::new() } else { walls(source) }));
        let unplanned = |source: &Source| !planned.contains(&source.room()) && !["lib", "main"].contains(&source.room());
        none(&everywhere(
            |source| if unplanned(source) { vec![source.finding(0, "is no room of the plan")] } else { Vec::new() },
        ));
    }

    #[test]
    fn features_are_told_apart_in_the_four_named_files_and_in_derives_of_the_wire() {
        none(&everywhere(features));
    }

    #[test]
    fn no_figure_of_domain_or_wire_is_a_float() {
        none(&everywhere(floats));
    }

    #[test]
    fn domain_and_wire_know_no_runtime_and_no_framework() {
        none(&everywhere(runtimes));
    }

    #[test]
    fn nothing_outside_tests_is_unwrapped_or_left_to_do() {
        none(&everywhere(unfinished));
    }

    #[test]
    fn every_queue_has_a_bound() {
        none(&everywhere(
            |source| if UNBOUNDED.iter().any(|(path, _)| *path == source.path) { Vec::new() } else { unbounded(source) },
        ));
    }

    #[test]
    fn where_several_things_are_waited_for_their_order_counts() {
        none(&everywhere(unordered));
    }

    #[test]
    fn only_the_clock_reads_the_wall_clock() {
        none(&everywhere(wall_clocks));
    }

    #[test]
    fn no_file_is_longer_than_400_lines_before_its_tests() {
        none(&everywhere(too_long));
    }

    #[test]
    fn every_exception_is_still_needed() {
        let sources = sources();
        let still =
            |path: &str, is_needed: fn(&Source) -> bool| sources.iter().any(|source| source.path == path && is_needed(source));
        for (path, _, reason) in LONGER {
            assert!(still(path, |source| length(source) > LONGEST), "src/{path} is short now: remove its exception ({reason})");
        }
        for (path, reason) in UNBOUNDED {
            assert!(
                still(path, |source| !unbounded(source).is_empty()),
                "src/{path} is bounded now: remove its exception ({reason})"
            );
        }
    }
}

/// The checker itself: it must be able to fail.
mod checker {
    use super::*;

    fn found(findings: &[Finding]) -> Vec<(usize, &str)> {
        findings.iter().map(|finding| (finding.line, finding.message.as_str())).collect()
    }

    fn targets(path: &str, text: &str) -> Vec<String> {
        references(&Source::new(path, text)).iter().map(|reference| reference.target.join("::")).collect()
    }

    #[test]
    fn a_forbidden_import_is_found_with_its_line() {
        let source = Source::new("wire/live.rs", "use crate::domain::quote::Quote;\n\nuse crate::server::hub::Hub;\n");
        assert_eq!(found(&walls(&source)), [(3, "wire may not see server::hub::Hub")]);
        assert_eq!(walls(&source)[0].to_string(), "src/wire/live.rs:3: wire may not see server::hub::Hub");
    }

    #[test]
    fn trees_paths_in_code_and_climbing_paths_are_followed() {
        assert_eq!(
            targets("app/mod.rs", "use {crate::{wire::{self, live::*}, server as s}, std::fmt};"),
            ["wire", "wire::live::*", "server"]
        );
        assert_eq!(
            targets("domain/money.rs", "fn f() -> crate::wire::live::Cursor { g::<super::super::app::App>() }"),
            ["wire::live::Cursor", "app::App"]
        );
        assert_eq!(targets("server/sse/body.rs", "use super::super::board::Board;"), ["server::board::Board"]);
        assert_eq!(
            targets("server/sse/mod.rs", "mod tests { use super::wheel; }\nuse super::board;"),
            ["server::sse::wheel", "server::board"]
        );
        assert_eq!(targets("wire/live.rs", "Vec::<crate::app::X>::new(); crate::domain::x::<u8>()"), ["app::X", "domain::x"]);
    }

    #[test]
    fn a_select_without_an_order_is_found() {
        let count = |text: &str| unordered(&Source::new("server/presence.rs", text)).len();
        assert_eq!(count("tokio::select! { () = stop.cancelled() => {} }"), 1);
        assert_eq!(count("tokio::select! { biased; () = stop.cancelled() => {} }"), 0);
    }

    #[test]
    fn each_room_is_held_to_its_plan() {
        for (path, import, allowed) in [
            ("domain/money.rs", "crate::domain::quote", true),
            ("domain/money.rs", "crate::wire::live", false),
            ("live/status.rs", "crate::wire::live", true),
            ("live/status.rs", "crate::api::page", false),
            ("api/mod.rs", "crate::server::hub::Hub", true),
            ("api/mod.rs", "crate::server::store::Store", false),
            ("api/mod.rs", "crate::server", false),
            ("app/mod.rs", "crate::api::page", true),
            ("app/mod.rs", "crate::server::hub::Hub", false),
            ("server/router.rs", "crate::app", true),
            ("server/serve.rs", "crate::app", false),
            ("server/serve.rs", "crate::api::page", false),
            ("server/serve.rs", "crate::*", false),
            ("main.rs", "foliostream::server::serve", true),
            ("main.rs", "foliostream::app", false),
            ("utils/mod.rs", "crate::domain", false),
        ] {
            let source = Source::new(path, &format!("use {import};"));
            assert_eq!(walls(&source).is_empty(), allowed, "{path} {import}");
        }
    }

    #[test]
    fn a_wall_cannot_be_passed_by_another_name() {
        assert_eq!(walls(&Source::new("server/router.rs", "pub use crate::app;")).len(), 1);
        assert_eq!(walls(&Source::new("server/router.rs", "pub(super) use crate::app::{A, B};")).len(), 2);
        assert_eq!(walls(&Source::new("domain/money.rs", "use crate as house;")).len(), 1);
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = r##"// crate::app
/* /* crate::app */ crate::app */ /// use foliostream::app;
let a = "crate::app \" crate::app"; let b = r#"crate::app " crate::app"#; let c = '"'; let d: &'static str = br"crate::app"; let e = '\''; let f = 'é';
use crate::wire;"##;
        assert_eq!(targets("server/serve.rs", text), ["wire"]);
    }

    #[test]
    fn a_feature_is_found_however_it_is_asked_for() {
        for text in [
            "#[cfg(feature = \"ssr\")]",
            "#[cfg(not(any(feature = \"ssr\")))]",
            "if cfg!(feature = \"ssr\") {}",
            "#[cfg_attr(feature = \"ssr\", derive(X))]",
        ] {
            assert_eq!(features(&Source::new("server/serve.rs", text)).len(), 1, "{text}");
            assert_eq!(features(&Source::new("live/source.rs", text)).len(), 0, "{text}");
            assert_eq!(features(&Source::new("live/source/browser.rs", text)).len(), 0, "{text}");
        }
        let in_wire = |text: &str| features(&Source::new("wire/views.rs", text)).len();
        assert_eq!(in_wire("#[cfg_attr(feature = \"ssr\", derive(utoipa::ToSchema))]"), 0);
        assert_eq!(in_wire("#[cfg_attr(feature = \"ssr\", allow(unused))]"), 1);
        assert_eq!(in_wire("#[cfg_attr(feature = \"hydrate\", derive(X))]"), 1);
        assert_eq!(in_wire("#[cfg(feature = \"ssr\")]"), 1);
        assert_eq!(in_wire("#[cfg(test)] #[cfg(unix)]"), 0);
    }

    #[test]
    fn floats_runtimes_queues_and_clocks_are_found() {
        assert_eq!(floats(&Source::new("wire/views.rs", "a: f64, b: 1.5_f32, c: \"f64\", d: of64")).len(), 2);
        assert_eq!(floats(&Source::new("server/feed/noise.rs", "a: f64")).len(), 0);
        assert_eq!(runtimes(&Source::new("domain/engine.rs", "tokio::spawn(x); use axum::Router; let tokios = 1;")).len(), 2);
        assert_eq!(unbounded(&Source::new("server/serve.rs", "mpsc::unbounded_channel();")).len(), 1);
        assert_eq!(wall_clocks(&Source::new("server/serve.rs", "let now = Timestamp :: now();\nclock.now()")).len(), 1);
        assert_eq!(wall_clocks(&Source::new("server/clock.rs", "Timestamp::now()")).len(), 0);
    }

    #[test]
    fn only_what_ships_must_not_unwrap() {
        let text = "fn f() { a.unwrap(); b.unwrap_or(1); todo!() }\n#[cfg(test)]\nmod tests {\n fn g() { if x { c.unwrap(); } }\n}\nfn h() { d.unwrap() }";
        let lines: Vec<usize> = unfinished(&Source::new("server/serve.rs", text)).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 1, 6]);
    }

    #[test]
    fn modules_declared_for_tests_are_known_by_name() {
        let source = Source::new(
            "server/store/mod.rs",
            "mod open;\n#[cfg(test)]\npub(crate) mod testing;\n#[cfg(test)]\nuse x::{a, b};\nfn f() {}",
        );
        assert_eq!(declared_for_tests(&source), [["server", "store", "testing"]]);
        assert!(source.shipped.contains("mod open") && source.shipped.contains("fn f") && !source.shipped.contains("testing"));
    }

    #[test]
    fn lines_count_up_to_the_tests() {
        let long = |lines: usize, rest: &str| Source::new("server/x.rs", &format!("{}{rest}", "fn f() {}\n".repeat(lines)));
        assert_eq!(too_long(&long(400, "\n#[cfg(test)]\nmod tests {\n\n\n}\n")), []);
        assert_eq!(found(&too_long(&long(401, ""))), [(401, "401 lines before its tests, of at most 400: look for the seam")]);
        assert_eq!(too_long(&long(401, "\n#[cfg(test)]\nmod tests {}\n")).len(), 1);
    }
}
