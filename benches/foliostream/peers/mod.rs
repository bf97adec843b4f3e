//! Fan-out beside others: our server on both of its paths, the floor under it, nginx with nchan, and sse-starlette. They take
//! turns in one run, with the same clients and frames of the same size, so that the ratios hold on any machine.

mod bare;
mod burst;
mod chart;
mod child;
mod clients;
mod contender;
mod growth;
mod memory;
mod nchan;
mod plan;
mod processor;
mod stalled;
mod stamp;
mod starlette;
mod steady;
mod table;
mod targets;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use contender::{Contender, Kind};
use growth::Level;
use plan::Plan;
use stalled::Outcome;
use steady::Turn;

pub(crate) use bare::{ARGUMENT as FLOOR_ARGUMENT, serve as serve_floor};

use super::{Failure, machine};

/// What all of it gave.
#[derive(Default)]
struct Results {
    turns: Vec<Turn>,
    outcomes: Vec<Outcome>,
    levels: Vec<Level>,
    notes: Vec<String>,
}

impl Results {
    /// Takes what one contender gave, or notes why there is nothing.
    fn keep<T>(&mut self, kind: Kind, what: &str, result: Result<T, Failure>, keep: impl FnOnce(&mut Self, T)) {
        match result {
            Ok(value) => keep(self, value),
            Err(failure) => {
                eprintln!("bench: {kind}, {what}: {failure}");
                self.notes.push(format!("{kind} could not be measured, {what}: {failure}."));
            }
        }
    }
}

/// Measures three tables, prints them, and writes them with their pictures.
pub(crate) fn measure(quick: bool) -> Result<(), Failure> {
    let plan = if quick { Plan::quick()? } else { Plan::full()? };
    let machine = machine::heading(quick);
    let mut results = Results::default();
    let (absent, present): (Vec<_>, Vec<_>) =
        Kind::ALL.into_iter().map(|kind| (kind, kind.absent())).partition(|(_, why)| why.is_some());
    for (kind, why) in absent {
        results.notes.push(format!("{kind} is not measured: {}.", why.unwrap_or_default()));
    }
    let present: Vec<Kind> = present.into_iter().map(|(kind, _)| kind).collect();
    if quick {
        let (streams, heartbeat_s) = (plan.streams, plan.heartbeat_s);
        let target = "The targets are those of 10,000 streams with a heartbeat every 15 s";
        results.notes.push(format!("{target}; here {streams} have one every {heartbeat_s} s."));
    }
    let frame_bytes = Contender::start(Kind::Portable, plan.setting(), None)?.frame_bytes()?;
    // It would be busy with the least of the later loads.
    let quicker: Vec<Kind> = present.iter().copied().filter(|kind| *kind != Kind::Starlette).collect();
    let folder = folder(quick);
    // Kept after each part: a run that is cut has not been for nothing.
    let keep = |results: &Results| write_down(&folder, &document(&plan, &machine, frame_bytes, results)?, &results.levels);
    take_turns(&plan, &present, frame_bytes, &mut results);
    keep(&results)?;
    stall(&plan, &quicker, frame_bytes, &mut results);
    keep(&results)?;
    grow(&plan, &quicker, frame_bytes, &mut results);
    keep(&results)?;
    print!("{}", document(&plan, &machine, frame_bytes, &results)?);
    eprintln!("bench: written to {}", folder.display());
    Ok(())
}

fn write_down(folder: &Path, document: &str, levels: &[Level]) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("fanout.md"), document)?;
    for (name, chart) in growth::charts(levels) {
        fs::write(folder.join(name), chart.to_string())?;
    }
    Ok(())
}

/// The full form is kept with the documents, the quick one with what was built.
fn folder(quick: bool) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(if quick { "../target/bench-fanout" } else { "../docs/benchmarks" })
}

fn take_turns(plan: &Plan, present: &[Kind], frame_bytes: usize, results: &mut Results) {
    for round in 1..=plan.rounds {
        for &kind in present {
            let what = format!("round {round} of {}", plan.rounds);
            eprintln!("bench: {what}, {kind}");
            let turn = steady::measure(plan, kind, round, frame_bytes);
            results.keep(kind, &what, turn, |results, turn| results.turns.push(turn));
        }
    }
}

fn stall(plan: &Plan, kinds: &[Kind], frame_bytes: usize, results: &mut Results) {
    for &kind in kinds {
        eprintln!("bench: stalled clients, {kind}");
        let outcome = stalled::measure(plan, kind, frame_bytes);
        results.keep(kind, "stalled clients", outcome, |results, outcome| results.outcomes.push(outcome));
    }
}

fn grow(plan: &Plan, kinds: &[Kind], frame_bytes: usize, results: &mut Results) {
    for &kind in kinds {
        eprintln!("bench: more and more streams, {kind}");
        let measured = growth::measure(plan, kind, frame_bytes, &mut results.levels);
        results.keep(kind, "more and more streams", measured, |_, ()| {});
    }
}

/// Writes everything as one Markdown document.
fn document(plan: &Plan, machine: &str, frame_bytes: usize, results: &Results) -> Result<String, Failure> {
    let mut text = String::new();
    writeln!(text, "# Fan-out beside others\n\n{machine}\n")?;
    writeln!(text, "Written by `make bench-fanout`; [how it is measured](README.md#fan-out-beside-others).")?;
    writeln!(
        text,
        "Frames of {frame_bytes} bytes on the wire. Medians of {} rounds, lowest and highest in brackets.\n",
        plan.rounds
    )?;
    let [steady, brisk] = steady::tables(plan, &results.turns);
    writeln!(text, "{}\n{steady}\n{brisk}", targets::table(&results.turns, &results.outcomes, &results.levels))?;
    writeln!(text, "{}\n{}", stalled::table(plan, &results.outcomes), growth::table(&results.levels))?;
    for (name, chart) in growth::charts(&results.levels) {
        writeln!(text, "![{}, {}]({name})\n", chart.title, chart.up)?;
    }
    for note in &results.notes {
        writeln!(text, "{note}\n")?;
    }
    Ok(text)
}
