//! The walls of the house, as tests: who may import whom, and what must be nowhere. Reads the text of `src` and `server/src`,
//! needs no feature and no dependency, and names file and line of everything it finds.

mod floors;
mod imports;
mod source;
mod spoken;
mod tokens;

use self::floors::{FLOORS, SHELVES};
use self::imports::House;
use self::source::{Finding, PROGRAM, Source, declared_for_tests, on_disk, sources};
use self::tokens::{Reference, Token, begins, bracketed, references, tokens};

/// Lines a file may have before its tests.
const LONGEST: usize = 400;

/// Files that may be longer, each with its own limit and the reason.
const LONGER: [(&str, usize, &str); 0] = [];

/// Files whose queue has no bound, each with the reason.
const UNBOUNDED: [(&str, &str); 0] = [];

/// Files with a `select!` whose branches may be asked in any order, each with the reason.
const UNBIASED: [(&str, &str); 0] = [];

/// Files and folders that wait or measure by real time, each with the reason.
const REAL_TIME: [(&str, &str); 8] = [
    ("server/relay/", REDIS),
    ("server/presence/shared.rs", "a stream that opens waits half a second at most for Redis"),
    ("server/cluster/", REDIS),
    ("server/store/postgres/", "PostgreSQL answers in real time or not at all"),
    ("server/board/", "waits a second at most for what comes from Redis"),
    ("server/engine_task/", "waits milliseconds for room towards Redis"),
    ("server/accept/", "a handshake of TLS has a deadline, and a process without a free file a pause"),
    ("server/router/mod.rs", "measures how long an answer took"),
];

const REDIS: &str = "waits by tokio's time, because Redis answers in real time; cluster/simulation pauses that time";

/// What the pure rooms must not know.
const RUNTIMES: [&str; 8] = ["tokio", "leptos", "axum", "sqlx", "hyper", "reqwest", "web_sys", "wasm_bindgen"];

/// The plan of the house: what a file may see of other rooms.
fn may_see(source: &Source, target: &[String]) -> bool {
    let room = source.room();
    let wanted = target.first().map_or("", String::as_str);
    wanted == room
        || match room {
            "domain" => false,
            "words" | "import" => wanted == "domain",
            "wire" => ["domain", "words"].contains(&wanted),
            "live" => ["domain", "words", "wire"].contains(&wanted),
            "api" => ["domain", "words", "wire"].contains(&wanted),
            "app" => ["domain", "words", "wire", "live", "api"].contains(&wanted),
            "server" => {
                ["domain", "words", "import", "wire", "api"].contains(&wanted)
                    || (wanted == "app" && source.path.starts_with("server/router/"))
            }
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
    if ["lib.rs", "live/source.rs"].contains(&path) || path.starts_with("live/source/") || path.starts_with("api/") {
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
            findings.push(source.finding(token.at, "asks for a feature; only lib.rs, live/source.rs and the files of api do"));
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
    ["domain", "words", "import", "wire"].contains(&source.room())
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

/// Finds a `select!` whose branches are asked in a random order: what happens when two are ready is then found by no test.
fn unbiased(source: &Source) -> Vec<Finding> {
    let all = tokens(&source.shipped);
    let is_wrong = |at: &usize| begins(&all[*at..], &["select", "!", "{"]) && !begins(&all[at + 3..], &["biased", ";"]);
    let wrong = (0..all.len()).filter(is_wrong);
    wrong.map(|at| source.finding(all[at].at, "select! says `biased;`, and its branches stand in order of weight")).collect()
}

/// Finds waits and measures of real time, which a test with a clock of its own cannot move.
fn real_time(source: &Source) -> Vec<Finding> {
    if source.path == "server/clock.rs" {
        return Vec::new();
    }
    words(source, &source.shipped, "what elapses is asked of server/clock.rs", |from| {
        let is_wait = ["sleep", "sleep_until", "timeout", "timeout_at", "interval", "interval_at"];
        begins(from, &["Instant", "::", "now"])
            || (begins(from, &["time", "::"]) && from.get(2).is_some_and(|word| is_wait.contains(&word.text)))
            || begins(from, &["thread", "::", "sleep"])
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
    fn words_import_the_domain_alone() {
        none(&walls_of("words"));
    }

    #[test]
    fn the_wire_imports_domain_and_words() {
        none(&walls_of("wire"));
    }

    #[test]
    fn live_imports_domain_words_and_wire() {
        none(&walls_of("live"));
    }

    #[test]
    fn the_api_imports_the_pure_rooms_and_never_the_server() {
        none(&walls_of("api"));
    }

    #[test]
    fn the_app_never_imports_the_server() {
        none(&walls_of("app"));
    }

    #[test]
    fn the_server_imports_the_pure_rooms_and_the_api_and_only_its_router_sees_the_app() {
        none(&walls_of("server"));
    }

    #[test]
    fn there_are_no_other_rooms_and_the_root_only_opens_the_doors() {
        let planned = ["domain", "words", "import", "wire", "live", "api", "app", "server"];
        none(&everywhere(|source| if planned.contains(&source.room()) { Vec::new() } else { walls(source) }));
        let unplanned = |source: &Source| !planned.contains(&source.room()) && !["lib", "main"].contains(&source.room());
        none(&everywhere(
            |source| if unplanned(source) { vec![source.finding(0, "is no room of the plan")] } else { Vec::new() },
        ));
    }

    #[test]
    fn no_two_files_import_each_other_not_even_around_corners() {
        let circles = House::new(sources()).circles();
        none(&circles.into_iter().flatten().collect::<Vec<_>>());
    }

    #[test]
    fn a_room_of_the_server_imports_only_rooms_of_lower_floors() {
        none(&House::new(sources()).climbing(&FLOORS));
    }

    #[test]
    fn a_file_of_the_server_imports_only_files_that_stand_before_it_in_its_room() {
        let house = House::new(sources());
        none(&SHELVES.iter().flat_map(|(room, shelf)| house.out_of_order(room, shelf)).collect::<Vec<_>>());
        none(&house.without_a_shelf(&SHELVES.map(|(room, _)| room)));
    }

    #[test]
    fn features_are_told_apart_in_the_named_files_and_in_derives_of_the_wire() {
        none(&everywhere(features));
    }

    #[test]
    fn no_figure_of_a_pure_room_is_a_float() {
        none(&everywhere(floats));
    }

    #[test]
    fn pure_rooms_know_no_runtime_and_no_framework() {
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
    fn every_select_asks_its_branches_in_order() {
        let is_known = |source: &Source| UNBIASED.iter().any(|(path, _)| *path == source.path);
        none(&everywhere(|source| if is_known(source) { Vec::new() } else { unbiased(source) }));
    }

    #[test]
    fn what_elapses_is_asked_of_the_clock() {
        let is_known = |source: &Source| REAL_TIME.iter().any(|(path, _)| source.path.starts_with(path));
        none(&everywhere(|source| if is_known(source) { Vec::new() } else { real_time(source) }));
    }

    #[test]
    fn no_file_is_longer_than_400_lines_before_its_tests() {
        none(&everywhere(too_long));
    }

    #[test]
    fn what_a_person_reads_stands_in_words() {
        let classes = spoken::classes();
        let is_excepted =
            |path: &str, text: &str| spoken::EXCEPTIONS.iter().any(|(known, start, _)| *known == path && text.starts_with(start));
        let found = sources().iter().flat_map(|source| spoken::for_people(source, &classes)).collect::<Vec<_>>();
        for (path, start, reason) in spoken::EXCEPTIONS {
            let is_needed = found.iter().any(|(found, finding)| finding.path == path && found.starts_with(start));
            assert!(is_needed, "{} does not say {start:?} any more: remove its exception ({reason})", on_disk(path));
        }
        let findings = found.into_iter().filter(|(text, finding)| !is_excepted(&finding.path, text)).map(|(_, finding)| finding);
        none(&findings.collect::<Vec<_>>());
    }

    #[test]
    fn every_exception_is_still_needed() {
        let sources = sources();
        let still =
            |path: &str, is_needed: fn(&Source) -> bool| sources.iter().any(|source| source.path == path && is_needed(source));
        for (path, _, reason) in LONGER {
            assert!(
                still(path, |source| length(source) > LONGEST),
                "{} is short now: remove its exception ({reason})",
                on_disk(path)
            );
        }
        for (path, reason) in UNBOUNDED {
            assert!(
                still(path, |source| !unbounded(source).is_empty()),
                "{} is bounded now: remove its exception ({reason})",
                on_disk(path)
            );
        }
        for (path, reason) in UNBIASED {
            assert!(
                still(path, |source| !unbiased(source).is_empty()),
                "{} is in order now: remove its exception ({reason})",
                on_disk(path)
            );
        }
        for (path, reason) in REAL_TIME {
            let is_needed = sources.iter().any(|source| source.path.starts_with(path) && !real_time(source).is_empty());
            assert!(is_needed, "{} asks the clock now: remove its exception ({reason})", on_disk(path));
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
        let count = |text: &str| unordered(&Source::new("server/presence/mod.rs", text)).len();
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
            ("api/mod.rs", "crate::wire::error", true),
            ("api/mod.rs", "crate::app", false),
            ("api/mod.rs", "foliostream_server::hub::Hub", false),
            ("app/mod.rs", "crate::api::page", true),
            ("app/mod.rs", "crate::server::hub::Hub", false),
            ("server/router/pages.rs", "foliostream::app", true),
            ("server/serve.rs", "foliostream::app", false),
            ("server/serve.rs", "foliostream::api::problem", true),
            ("server/serve.rs", "foliostream::live", false),
            ("server/serve.rs", "foliostream::*", false),
            ("server/serve.rs", "crate::hub::Hub", true),
            (PROGRAM, "foliostream_server::serve", true),
            (PROGRAM, "foliostream::app", false),
            ("utils/mod.rs", "crate::domain", false),
        ] {
            let source = Source::new(path, &format!("use {import};"));
            assert_eq!(walls(&source).is_empty(), allowed, "{path} {import}");
        }
    }

    #[test]
    fn a_wall_cannot_be_passed_by_another_name() {
        assert_eq!(walls(&Source::new("server/router/pages.rs", "pub use foliostream::app;")).len(), 1);
        assert_eq!(walls(&Source::new("server/router/pages.rs", "pub(super) use foliostream::app::{A, B};")).len(), 2);
        assert_eq!(walls(&Source::new("domain/money.rs", "use crate as house;")).len(), 1);
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text = r##"// crate::app
/* /* crate::app */ crate::app */ /// use foliostream::app;
let a = "crate::app \" crate::app"; let b = r#"crate::app " crate::app"#; let c = '"'; let d: &'static str = br"crate::app"; let e = '\''; let f = 'é';
use foliostream::wire;"##;
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
    fn waits_of_real_time_and_branches_without_order_are_found() {
        let text = "tokio::time::sleep(a); std::time::Instant::now(); clock.sleep(b); time::timeout(c, d); timeout(e)";
        assert_eq!(real_time(&Source::new("server/serve.rs", text)).len(), 3);
        assert_eq!(real_time(&Source::new("server/clock.rs", text)).len(), 0);
        let text = "tokio::select! { a => b }\nselect! {\n biased;\n a => b }";
        assert_eq!(found(&unbiased(&Source::new("server/serve.rs", text))).len(), 1);
        assert_eq!(unbiased(&Source::new("server/serve.rs", text))[0].line, 1);
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

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        let circles = House::new(sources).circles();
        circles.iter().map(|circle| circle.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")).collect()
    }

    #[test]
    fn a_circle_is_found_around_corners_and_told_by_one_shortest_way() {
        let files = [
            ("a/mod.rs", "mod b;\npub use b::Bee;"),
            ("a/b.rs", "use crate::c::Sea;\npub struct Bee(Sea);"),
            ("c.rs", "use crate::d;\npub struct Sea;\nfn f() { d::dive(); }"),
            // Through what another file hands on, and by another name.
            ("d.rs", "use crate::a::Bee as B;\npub fn dive() { B; }"),
            ("e.rs", "use crate::d::dive;"),
        ];
        let way =
            "src/a/b.rs:1: imports Sea of src/c.rs, src/c.rs:3: imports dive of src/d.rs, src/d.rs:1: imports Bee of src/a/b.rs";
        assert_eq!(circles(&files), [way]);
    }

    #[test]
    fn neither_tests_nor_what_a_file_hands_on_of_its_children_make_a_circle() {
        let files = [
            ("a/mod.rs", "mod b;\npub use self::b::Bee;\npub struct Base;"),
            ("a/b.rs", "use super::Base;\npub struct Bee;\n#[cfg(test)]\nmod tests { use crate::c::Sea; }"),
            ("c.rs", "use crate::a::Bee;\npub struct Sea;"),
        ];
        assert_eq!(circles(&files), [""; 0]);
        let uses_its_child = ("a/mod.rs", "mod b;\nuse b::Bee;\npub struct Base(Bee);");
        assert_eq!(circles(&[uses_its_child, files[1]]).len(), 1);
    }

    #[test]
    fn whoever_climbs_or_stands_nowhere_is_found() {
        let files = [
            ("server/lib.rs", "pub mod low;\npub mod high;"),
            ("server/low.rs", "use crate::high::High;\npub struct Low;"),
            ("server/high/mod.rs", "mod one;\nmod two;\nuse super::low::Low;\npub struct High;"),
            ("server/high/one.rs", "use super::two::Two;\npub struct One;"),
            ("server/high/two.rs", "pub struct Two;"),
        ];
        let house = House::new(files.iter().map(|(path, text)| Source::new(path, text)).collect());
        let told = |findings: Vec<Finding>| findings.iter().map(ToString::to_string).collect::<Vec<_>>();
        let climbs = "server/src/low.rs:1: low, on floor 1, imports High of server/src/high/mod.rs";
        assert_eq!(told(house.climbing(&[&["low"], &["high"]])), [climbs]);
        let gone = house.climbing(&[&["high"], &["old"]]);
        assert!(gone[0].message.contains("stands on no floor") && gone[1].message.contains("no room old"), "{gone:?}");
        let further = "server/src/high/one.rs:1: imports Two of server/src/high/two.rs, which stands further on";
        assert_eq!(told(house.out_of_order("high", &["one", "two", "mod"])), [further]);
        assert_eq!(told(house.out_of_order("high", &["two", "one", "mod"])), [""; 0]);
        assert_eq!(house.out_of_order("high", &["two", "mod", "old"]).len(), 2);
        assert_eq!(house.without_a_shelf(&[]).len(), 1);
    }

    #[test]
    fn lines_count_up_to_the_tests() {
        let long = |lines: usize, rest: &str| Source::new("server/x.rs", &format!("{}{rest}", "fn f() {}\n".repeat(lines)));
        assert_eq!(too_long(&long(400, "\n#[cfg(test)]\nmod tests {\n\n\n}\n")), []);
        assert_eq!(found(&too_long(&long(401, ""))), [(401, "401 lines before its tests, of at most 400: look for the seam")]);
        assert_eq!(too_long(&long(401, "\n#[cfg(test)]\nmod tests {}\n")).len(), 1);
    }
}
