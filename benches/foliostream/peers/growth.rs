//! The third table: what a stream and a frame cost as streams become more.

use std::time::Duration;

use super::burst::Burst;
use super::chart::{Chart, Line};
use super::clients::{Clients, Habit, Pace};
use super::contender::{Contender, Kind};
use super::memory::{Memory, PerStream};
use super::plan::Plan;
use super::steady::warm_up;
use super::table::{Table, cell};
use crate::Failure;
use crate::report::Figure;

/// What one contender costs with one number of streams.
pub(crate) struct Level {
    /// Who.
    pub kind: Kind,
    /// How many.
    pub streams: usize,
    /// At rest.
    pub memory: PerStream,
    /// With as many frames a second at every level.
    pub burst: Burst,
}

/// Measures one contender at each level, on the same server; what was measured before a failure is kept.
pub(crate) fn measure(plan: &Plan, kind: Kind, frame_bytes: usize, levels: &mut Vec<Level>) -> Result<(), Failure> {
    let contender = Contender::start(kind, plan.brisk_setting(), Some(frame_bytes))?;
    let mut clients = Clients::new(&contender)?;
    warm_up(plan, &mut clients)?;
    let before = Memory::of(contender.id)?;
    for &streams in &plan.levels {
        clients.open(streams, Habit::Reads)?;
        clients.read_for(plan.settle)?;
        let memory = Memory::of(contender.id)?.since(before, streams);
        let interval = Duration::from_secs_f64(streams as f64 / Plan::frames_per_s(streams) as f64);
        let messages = (plan.level_window.as_secs_f64() / interval.as_secs_f64()).round() as u32;
        let burst = Burst::measure(&contender, &mut clients, streams, Pace { messages, interval })?;
        levels.push(Level { kind, streams, memory, burst });
    }
    Ok(())
}

/// Prints all levels.
pub(crate) fn table(levels: &[Level]) -> Table {
    let heading = "Cost against the number of streams, 2000 frames a second up to 1000 of them and 20000 beyond".to_owned();
    let head = ["server", "streams", "memory per stream, KB", "CPU per frame, µs", "p50, ms", "p99, ms", "missing"];
    let mut table = Table::new(heading, &head);
    for Level { kind, streams, memory, burst } in levels {
        let figures = [memory.process_kb, burst.frame_us, burst.p50_ms, burst.p99_ms, burst.missing as f64];
        let cells = figures.map(|figure| cell(&Figure::of(vec![figure])));
        table.row([kind.to_string(), streams.to_string()].into_iter().chain(cells));
    }
    table
}

/// Draws them, each picture with the name of its file.
pub(crate) fn charts(levels: &[Level]) -> [(&'static str, Chart); 3] {
    let chart = |title: &str, unit: &str, of: fn(&Level) -> f64| {
        let line = |kind: Kind| {
            let own = levels.iter().filter(|level| level.kind == kind);
            Line { name: kind.to_string(), points: own.map(|level| (level.streams as f64, of(level))).collect() }
        };
        let lines = Kind::ALL.map(line).into_iter().filter(|line| !line.points.is_empty());
        Chart { title: title.to_owned(), across: "streams".to_owned(), up: unit.to_owned(), lines: lines.collect() }
    };
    [
        ("fanout-memory.svg", chart("Memory of the server per idle stream", "KB", |level| level.memory.process_kb)),
        ("fanout-cpu.svg", chart("Processor time of the server per delivered frame", "µs", |level| level.burst.frame_us)),
        ("fanout-p99.svg", chart("From sending a message to its arrival, p99", "ms", |level| level.burst.p99_ms)),
    ]
}
