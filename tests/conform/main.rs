//! `make conform URL=…`: a black-box conformance suite for our event streams.
//!
//! It knows nothing of the server but its URL and the contract: its own sockets, HTTP, and parser of the standard. Every
//! check has a number, an expectation and a reason. Without a URL it starts the real binary, once for every way a stream
//! can be served, and no check may be skipped.

mod check;
mod checks;
#[path = "../support/event_stream.rs"]
#[expect(dead_code, reason = "a server is not asked what a client would send back")]
mod event_stream;
mod http;
mod options;
mod process;
mod run;
mod stream;
mod target;
mod wire;

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use check::{Outcome, Trouble, Turn};
use options::{Asked, Options};
use process::{Own, Process, TOKEN};
use run::Report;
use target::{Facts, Target};
use wire::Address;

/// A way a stream can be served.
struct Way {
    name: &'static str,
    options: &'static [&'static str],
    is_encrypted: bool,
}

/// The ways there are.
const WAYS: [Way; 3] = [
    Way { name: "reactor", options: &["--stream-path", "reactor"], is_encrypted: false },
    Way { name: "portable", options: &["--stream-path", "portable"], is_encrypted: false },
    Way { name: "https", options: &[], is_encrypted: true },
];

/// What our own servers have in common: short waits, and a feed that does not go stale meanwhile.
const QUICK: [&str; 6] = ["--heartbeat-s", "2", "--frame-interval-ms", "100", "--stale-after-s", "3600"];

/// The streams that checks hold together at a server of somebody else: one less than it lets a user hold unless told.
const FEW_PLACES: usize = 4;

/// The same for our own.
const MANY_PLACES: usize = 64;

/// The list of checks, as it is in the repository.
const LISTED: &str = include_str!("../../docs/CONFORMANCE.md");

fn main() -> ExitCode {
    let options = match options::read(std::env::args().skip(1)) {
        Ok(Asked::Look(options)) => options,
        Ok(Asked::List) => return print(&list()),
        Ok(Asked::Help) => return print(options::HELP),
        Err(wrong) => {
            eprintln!("conform: {wrong}");
            return ExitCode::from(64);
        }
    };
    let begun = Instant::now();
    let report = Report::default();
    let met = match &options.url {
        Some(url) => look_at(url, &options, &report),
        None => look_at_our_own(&options.names, &report),
    };
    if let Err(trouble) = met {
        report.fail(&format!("no server to look at: {trouble:?}"));
    }
    if report.finish(begun.elapsed().as_secs_f64()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

/// Writes every check with its reason.
fn list() -> String {
    let mut text = String::from(
        "# What is checked of a stream server\n\n`make conform URL=…` prints one line for each; `make conform` starts the \
         server of this checkout. A number is a place\nin this list; a name stays. This file is `make conform ARGS=--list`.\n\nBehind a proxy it is the proxy that is \
         looked at, too: nginx keeps x-accel-buffering for itself, and what it holds for a reader\nthat stopped counts as the \
         server's.\n",
    );
    let mut numbered = checks::numbered();
    for group in &checks::GROUPS {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {}\n\n", group.title);
        for (number, check) in numbered.by_ref().take(group.checks.len()) {
            let _ = writeln!(text, "{number}. **{}**: {}. *{}.*", check.name, check.expectation, check.reason);
        }
    }
    text
}

/// Looks at a server of somebody else.
fn look_at(url: &str, options: &Options, report: &Report) -> Outcome {
    let address = Address::read(url, options.roots.as_deref()).map_err(Trouble::Failed)?;
    let process = options.pid.map(Process::Named);
    let facts = Facts { token: options.token.clone(), process, max_age_s: options.max_age_s, places: FEW_PLACES };
    let target = Target::meet(address, facts)?;
    run::run(&target, &[Turn::Together, Turn::Alone, Turn::Last], &options.names, report);
    Ok(())
}

/// Looks at servers of this checkout: one for most checks, one with a limit, one that ends streams and is stopped.
fn look_at_our_own(names: &[String], report: &Report) -> Outcome {
    if names.is_empty() && LISTED != list() {
        report.fail("docs/CONFORMANCE.md is out of date: make conform ARGS=--list > docs/CONFORMANCE.md");
    }
    for way in WAYS {
        println!("\nthe server of this checkout, streams by way of {}", way.name);
        let main = start(&way, &["--max-streams-per-user", "0"], None)?;
        let limited = start(&way, &["--max-streams-per-user", "8"], None)?;
        let ending = start(&way, &["--max-age-s", "3", "--drain-s", "1"], Some(3))?;
        std::thread::scope(|scope| {
            for (target, turn) in [(&main, Turn::Together), (&limited, Turn::Alone), (&ending, Turn::Last)] {
                scope.spawn(move || run::run(target, &[turn], names, report));
            }
        });
        for target in [&main, &limited] {
            if let Some(status) = target.facts.process.as_ref().and_then(Process::is_over) {
                report.fail(&format!("a server that nobody stopped ended: {status}"));
            }
        }
    }
    if report.skipped() > 0 {
        report.fail("our own servers have everything a check needs: none may be skipped");
    }
    Ok(())
}

fn start(way: &Way, options: &[&str], max_age_s: Option<u64>) -> Outcome<Target> {
    let options = [way.options, options, &QUICK].concat();
    let (own, url, roots) = Own::start(&options, way.is_encrypted).map_err(Trouble::Failed)?;
    let address = Address::read(&url, roots.as_deref()).map_err(Trouble::Failed)?;
    let process = Some(Process::Child(Mutex::new(own)));
    Target::meet(address, Facts { token: Some(TOKEN.to_owned()), process, max_age_s, places: MANY_PLACES })
}
