//! Who imports whom, file by file. A name is followed through `pub use` to the file that defines it, and a file that only hands
//! on what its children define imports nothing by that. Tests are left out: what they import makes no circle that ships.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Finding, PROGRAM, Source, on_disk};
use super::tokens::{Token, begins, read_tree, resolve, tokens};

/// All files, and what each imports of the others.
pub(crate) struct House {
    files: Vec<Source>,
    imports: Vec<Vec<Import>>,
}

/// A name that one file takes from another.
#[derive(Clone)]
struct Import {
    /// The index of the file that defines it.
    to: usize,
    /// What is taken.
    symbol: String,
    /// Where it is named.
    at: usize,
}

/// What a file defines, hands on and names.
#[derive(Default)]
struct Surface {
    defined: BTreeSet<String>,
    handed_on: Vec<Named>,
    named: Vec<Named>,
}

/// A path to something of ours under the name that it has in a file; `*` for all of a module.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    target: Vec<String>,
    at: usize,
    handed_on: bool,
}

/// Words before a name that define it.
const DEFINING: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];

impl House {
    /// Reads the imports of files.
    pub(crate) fn new(files: Vec<Source>) -> Self {
        // The program's root is no module that others can name.
        let modules: BTreeMap<Vec<String>, usize> =
            (0..files.len()).filter(|index| files[*index].path != PROGRAM).map(|index| (files[index].module(), index)).collect();
        let surfaces: Vec<Surface> = files.iter().map(|file| surface(file, &modules)).collect();
        let imports = (0..files.len()).map(|from| imports(from, &files, &modules, &surfaces)).collect();
        Self { files, imports }
    }

    /// Finds rooms of the server that stand on no floor, floors' rooms that are gone, and imports that climb: a room imports from
    /// lower floors alone.
    pub(crate) fn climbing(&self, floors: &[&[&str]]) -> Vec<Finding> {
        let floor = |room: &str| floors.iter().position(|rooms| rooms.contains(&room));
        let mut findings = Vec::new();
        for (from, file) in self.files.iter().enumerate().filter(|(_, file)| !file.shipped.trim().is_empty()) {
            let Some(room) = room_of_server(&file.path) else { continue };
            let Some(own) = floor(room) else {
                findings.push(file.finding(0, format!("the room {room} stands on no floor")));
                continue;
            };
            for import in &self.imports[from] {
                let target = &self.files[import.to].path;
                let Some(other) = room_of_server(target).filter(|other| *other != room) else { continue };
                if floor(other).is_some_and(|below| below >= own) {
                    let message = format!("{room}, on floor {}, imports {} of {}", own + 1, import.symbol, on_disk(target));
                    findings.push(file.finding(import.at, message));
                }
            }
        }
        for room in floors.iter().copied().flatten() {
            if !self.files.iter().any(|file| room_of_server(&file.path) == Some(room)) {
                findings.push(Finding {
                    path: "server".to_owned(),
                    line: 0,
                    message: format!("there is no room {room} any more"),
                });
            }
        }
        findings
    }

    /// Finds files of a room of the server that are not on its shelf, shelved files that are gone, and imports of a file that
    /// stands further on.
    pub(crate) fn out_of_order(&self, room: &str, shelf: &[&str]) -> Vec<Finding> {
        let of_room = |path: &str| room_of_server(path) == Some(room);
        let place = |path: &str| shelf.iter().position(|name| *name == name_in_room(path, room));
        let mut findings = Vec::new();
        let files = self.files.iter().enumerate().filter(|(_, file)| of_room(&file.path) && !file.shipped.trim().is_empty());
        for (from, file) in files {
            let Some(own) = place(&file.path) else {
                findings.push(file.finding(0, format!("stands nowhere on the shelf of {room}")));
                continue;
            };
            for import in self.imports[from].iter().filter(|import| of_room(&self.files[import.to].path)) {
                let target = &self.files[import.to].path;
                if place(target).is_some_and(|other| other > own) {
                    findings.push(file.finding(
                        import.at,
                        format!("imports {} of {}, which stands further on", import.symbol, on_disk(target)),
                    ));
                }
            }
        }
        for name in shelf {
            if !self.files.iter().any(|file| of_room(&file.path) && name_in_room(&file.path, room) == *name) {
                findings.push(Finding {
                    path: format!("server/{room}"),
                    line: 0,
                    message: format!("there is no {name} any more"),
                });
            }
        }
        findings
    }

    /// Finds rooms of the server with more than one file and no shelf.
    pub(crate) fn without_a_shelf(&self, shelved: &[&str]) -> Vec<Finding> {
        let mut rooms: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
        for file in self.files.iter().filter(|file| !file.shipped.trim().is_empty()) {
            if let Some(room) = room_of_server(&file.path) {
                rooms.entry(room).or_default().push(file);
            }
        }
        let missing = rooms.into_iter().filter(|(room, files)| files.len() > 1 && !shelved.contains(room));
        missing.map(|(room, files)| files[0].finding(0, format!("the room {room} has no shelf"))).collect()
    }

    /// Finds every group of files that import each other, be it around corners; of each, one shortest way round.
    pub(crate) fn circles(&self) -> Vec<Vec<Finding>> {
        let rings = rings(self.files.len(), |from| self.imports[from].iter().map(|import| import.to).collect());
        rings.iter().map(|ring| self.way_round(ring)).collect()
    }

    fn way_round(&self, ring: &[usize]) -> Vec<Finding> {
        let shortest = ring.iter().filter_map(|start| self.back_to(*start, ring)).min_by_key(Vec::len).unwrap_or_default();
        let finding = |(from, import): &(usize, Import)| {
            self.files[*from].finding(import.at, format!("imports {} of {}", import.symbol, on_disk(&self.files[import.to].path)))
        };
        shortest.iter().map(finding).collect()
    }

    /// Returns the shortest way from a file within a ring back to itself.
    fn back_to(&self, start: usize, ring: &[usize]) -> Option<Vec<(usize, Import)>> {
        let mut came_by: BTreeMap<usize, (usize, Import)> = BTreeMap::new();
        let mut waiting = std::collections::VecDeque::from([start]);
        while let Some(from) = waiting.pop_front() {
            for import in self.imports[from].iter().filter(|import| ring.contains(&import.to)) {
                if import.to == start {
                    let mut way = vec![(from, import.clone())];
                    let mut at = from;
                    while at != start {
                        let step = came_by[&at].clone();
                        at = step.0;
                        way.push(step);
                    }
                    way.reverse();
                    return Some(way);
                }
                came_by.entry(import.to).or_insert_with(|| {
                    waiting.push_back(import.to);
                    (from, import.clone())
                });
            }
        }
        None
    }
}

/// Returns the room of a file of the server: `store` of `server/store/alerts.rs` and of `server/store.rs`.
fn room_of_server(path: &str) -> Option<&str> {
    let below = path.strip_prefix("server/").filter(|below| !["lib.rs", "main.rs"].contains(below))?;
    let first = below.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// Returns what a file is called within its room: `alerts`, `sqlite/open`, and `mod` for the room's own file.
fn name_in_room<'a>(path: &'a str, room: &str) -> &'a str {
    let below = path.strip_prefix("server/").and_then(|below| below.strip_prefix(room)).unwrap_or(path);
    match below {
        ".rs" => "mod",
        below => below.strip_prefix('/').and_then(|name| name.strip_suffix(".rs")).unwrap_or(below),
    }
}

/// Returns every group of more than one that can all be reached from each other (Tarjan's strongly connected components).
fn rings(count: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<Vec<usize>> {
    struct Search<'a> {
        next: &'a dyn Fn(usize) -> Vec<usize>,
        found_at: Vec<Option<usize>>,
        lowest: Vec<usize>,
        path: Vec<usize>,
        found: usize,
        rings: Vec<Vec<usize>>,
    }
    impl Search<'_> {
        fn visit(&mut self, node: usize) {
            (self.found_at[node], self.lowest[node]) = (Some(self.found), self.found);
            self.found += 1;
            self.path.push(node);
            for other in (self.next)(node) {
                match self.found_at[other] {
                    None => {
                        self.visit(other);
                        self.lowest[node] = self.lowest[node].min(self.lowest[other]);
                    }
                    Some(at) if self.path.contains(&other) => self.lowest[node] = self.lowest[node].min(at),
                    Some(_) => {}
                }
            }
            if Some(self.lowest[node]) == self.found_at[node] {
                let first = self.path.iter().rposition(|other| *other == node).expect("it is on the path");
                let mut ring = self.path.split_off(first);
                if ring.len() > 1 {
                    ring.sort_unstable();
                    self.rings.push(ring);
                }
            }
        }
    }
    let (found_at, lowest) = (vec![None; count], vec![0; count]);
    let mut search = Search { next: &next, found_at, lowest, path: Vec::new(), found: 0, rings: Vec::new() };
    for node in 0..count {
        if search.found_at[node].is_none() {
            search.visit(node);
        }
    }
    search.rings
}

/// Reads what a file defines at its modules' level, and every path of ours in it.
fn surface(file: &Source, modules: &BTreeMap<Vec<String>, usize>) -> Surface {
    let all = tokens(&file.shipped);
    let (mut surface, mut within, mut depth, mut index) = (Surface::default(), Vec::<(&str, usize)>::new(), 0, 0);
    while index < all.len() {
        let before = index.checked_sub(1).map_or("", |before| all[before].text);
        let module: Vec<String> = file.module().into_iter().chain(within.iter().map(|(name, _)| (*name).to_owned())).collect();
        let text = all[index].text;
        match text {
            "mod" if all.get(index + 2).is_some_and(|token| token.text == "{") => within.push((all[index + 1].text, depth)),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                within.pop_if(|(_, opened)| *opened == depth);
            }
            _ if DEFINING.contains(&text) && depth == within.len() && !["<", "&", "*"].contains(&before) => {
                let name = index + 1 + usize::from(begins(&all[index + 1..], &["fn"]));
                surface.defined.extend(all.get(name).map(|token| token.text.to_owned()));
            }
            "use" => {
                let handed_on = before == "pub" || before == ")";
                index = named(&all, index + 1, &module, modules, handed_on, &mut surface.named);
                continue;
            }
            _ if !["::", "."].contains(&before) && begins(&all[index + 1..], &["::"]) => {
                let known = surface.named.iter().find(|named| named.name == text && modules.contains_key(&named.target)).cloned();
                match known {
                    Some(known) if !is_root(text) => {
                        let mut paths = Vec::new();
                        index = read_tree(&all, index, Vec::new(), &mut paths);
                        let at = all[index - 1].at;
                        surface.named.extend(paths.iter().map(|path| Named {
                            name: String::new(),
                            target: known.target.iter().cloned().chain(path[1..].iter().map(|part| (*part).to_owned())).collect(),
                            at,
                            handed_on: false,
                        }));
                    }
                    _ => index = named(&all, index, &module, modules, false, &mut surface.named),
                }
                continue;
            }
            _ => {}
        }
        index += 1;
    }
    surface.handed_on = surface.named.iter().filter(|named| named.handed_on).cloned().collect();
    surface
}

fn is_root(word: &str) -> bool {
    ["crate", "super", "self", "foliostream", "foliostream_server"].contains(&word)
}

/// Reads the paths of a tree from an index on, as far as they lead to something of ours; returns the index after it.
fn named(
    all: &[Token<'_>],
    index: usize,
    module: &[String],
    modules: &BTreeMap<Vec<String>, usize>,
    handed_on: bool,
    into: &mut Vec<Named>,
) -> usize {
    let mut paths = Vec::new();
    let after = read_tree(all, index, Vec::new(), &mut paths);
    for path in paths {
        let (path, name) = match path.iter().position(|word| *word == "as") {
            Some(renamed) => (&path[..renamed], path[renamed + 1]),
            None => (&path[..], path[path.len() - 1]),
        };
        let child: Vec<String> = module.iter().cloned().chain([path[0].to_owned()]).collect();
        let target = if is_root(path[0]) {
            resolve(module, path)
        } else if modules.contains_key(&child) {
            module.iter().cloned().chain(path.iter().map(|part| (*part).to_owned())).collect()
        } else {
            continue;
        };
        let name = if name == "self" { path.get(path.len().wrapping_sub(2)).copied().unwrap_or_default() } else { name };
        into.push(Named { name: name.to_owned(), target, at: all[index].at, handed_on });
    }
    after.max(index + 1)
}

fn imports(from: usize, files: &[Source], modules: &BTreeMap<Vec<String>, usize>, surfaces: &[Surface]) -> Vec<Import> {
    let mut imports: Vec<Import> = Vec::new();
    for named in &surfaces[from].named {
        let Some((to, symbol)) = home(&named.target, modules, surfaces, &mut Vec::new()) else { continue };
        // A module's name alone takes nothing yet: what is taken of it is seen where it is used.
        let Some(symbol) = symbol else { continue };
        // What a file hands on of its children it imports only where it uses it too.
        let is_handed_on = named.handed_on && files[to].module().starts_with(&files[from].module());
        let is_only_handed_on = is_handed_on && !is_used(&files[from], &named.name);
        let is_known = imports.iter().any(|import| (import.to, &import.symbol) == (to, &symbol));
        if to != from && !is_only_handed_on && !is_known {
            imports.push(Import { to, symbol, at: named.at });
        }
    }
    imports
}

/// Returns whether a file says a name once more than where it hands it on; modules of that name are not meant.
fn is_used(file: &Source, name: &str) -> bool {
    let all = tokens(&file.shipped);
    let is_said = |at: &usize| {
        let before = at.checked_sub(1).map_or("", |before| all[before].text);
        all[*at].text == name && before != "mod" && !begins(&all[at + 1..], &["::"])
    };
    name != "*" && (0..all.len()).filter(is_said).count() > 1
}

/// Returns the file that defines what a path leads to, and its name there; no name where it is the module itself.
fn home(
    target: &[String],
    modules: &BTreeMap<Vec<String>, usize>,
    surfaces: &[Surface],
    seen: &mut Vec<(usize, String)>,
) -> Option<(usize, Option<String>)> {
    let (length, file) = (0..=target.len()).rev().find_map(|length| Some((length, *modules.get(&target[..length])?)))?;
    let Some(symbol) = target.get(length) else { return Some((file, None)) };
    let here = Some((file, Some(symbol.clone())));
    if symbol == "*" || surfaces[file].defined.contains(symbol) || seen.contains(&(file, symbol.clone())) {
        return here;
    }
    seen.push((file, symbol.clone()));
    let follow = |handed_on: &Named, seen: &mut Vec<(usize, String)>| {
        let mut path = handed_on.target.clone();
        if path.last().is_some_and(|last| last == "*") {
            path.pop();
            path.push(symbol.clone());
        }
        path.extend(target[length + 1..].iter().cloned());
        home(&path, modules, surfaces, seen)
    };
    let by_name = surfaces[file].handed_on.iter().find(|handed_on| handed_on.name == *symbol);
    if let Some(handed_on) = by_name {
        return follow(handed_on, seen);
    }
    let of_all = surfaces[file].handed_on.iter().filter(|handed_on| handed_on.name == "*");
    for handed_on in of_all {
        if let Some((other, Some(name))) = follow(handed_on, seen)
            && surfaces[other].defined.contains(&name)
        {
            return Some((other, Some(name)));
        }
    }
    here
}
