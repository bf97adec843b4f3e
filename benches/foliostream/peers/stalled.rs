//! The second table: what clients that stopped reading cost the server, and the others.

use std::time::Duration;

use super::burst::Burst;
use super::clients::{Clients, Habit};
use super::contender::{Contender, Kind};
use super::memory::{Memory, PerStream};
use super::plan::Plan;
use super::steady::warm_up;
use super::table::{Table, cell};
use crate::Failure;
use crate::report::Figure;

/// One stream in this many stalls.
const STALLED_ONE_IN: usize = 10;

/// Large messages that a stalled client is sent, 1.6 megabytes: more than the kernel holds for a client that never reads, which
/// over loopback is 2.6 megabytes with all that it counts.
const FILLING: usize = 40;

/// Between two of them: each leaves our server in a frame of its own.
const BETWEEN_FILLING: Duration = Duration::from_millis(25);

/// What all rounds of one contender gave.
pub(crate) struct Outcome {
    /// Whose they were.
    pub kind: Kind,
    /// What each stalled stream takes, in the first round.
    pub memory: PerStream,
    /// The others without stalled ones, and with them.
    pub rounds: Vec<(Burst, Burst)>,
}

impl Outcome {
    /// Returns the p99 with stalled streams by that without, in each round.
    pub(crate) fn ratio(&self) -> Figure {
        Figure::of(self.rounds.iter().map(|(without, with)| with.p99_ms / without.p99_ms).collect())
    }
}

/// Measures one contender, with stalled streams and without in turns.
pub(crate) fn measure(plan: &Plan, kind: Kind, frame_bytes: usize) -> Result<Outcome, Failure> {
    let contender = Contender::start(kind, plan.brisk_setting(), Some(frame_bytes))?;
    let mut clients = Clients::new(&contender)?;
    warm_up(plan, &mut clients)?;
    let stalled = plan.stalled_streams / STALLED_ONE_IN;
    let reading = plan.stalled_streams - stalled;
    // Its tickers are known from here on.
    contender.publish(&mut contender.connect()?, &contender.bulk_message(0))?;
    clients.open(reading, Habit::Reads)?;
    clients.read_for(plan.settle)?;
    Burst::measure(&contender, &mut clients, reading, plan.stalled_pace)?;
    let (mut memory, mut rounds) = (None, Vec::new());
    for _ in 0..plan.stalled_rounds {
        let without = Burst::measure(&contender, &mut clients, reading, plan.stalled_pace)?;
        let before = Memory::of(contender.id)?;
        clients.open(plan.stalled_streams, Habit::Stalls)?;
        fill(&contender, &mut clients)?;
        clients.read_for(plan.pause)?;
        let after = Memory::of(contender.id)?;
        memory.get_or_insert(after.since(before, stalled));
        let with = Burst::measure(&contender, &mut clients, reading, plan.stalled_pace)?;
        rounds.push((without, with));
        clients.close_beyond(reading);
        clients.read_for(plan.pause)?;
    }
    Ok(Outcome { kind, memory: memory.ok_or("no round was planned")?, rounds })
}

/// Sends what the stalled clients do not read.
fn fill(contender: &Contender, clients: &mut Clients) -> Result<(), Failure> {
    let mut connection = contender.connect()?;
    for number in 0..FILLING {
        contender.publish(&mut connection, &contender.bulk_message(number + 1))?;
        clients.read_for(BETWEEN_FILLING)?;
    }
    Ok(())
}

/// Prints all outcomes.
pub(crate) fn table(plan: &Plan, outcomes: &[Outcome]) -> Table {
    let heading = format!(
        "{} streams, of which one in {STALLED_ONE_IN} stopped reading, {} rounds",
        plan.stalled_streams, plan.stalled_rounds
    );
    let head = [
        "server",
        "p99 of the others without, ms",
        "with, ms",
        "with ÷ without",
        "memory per stalled stream, KB",
        "kernel's share, KB",
        "missing",
    ];
    let mut table = Table::new(heading, &head);
    for outcome in outcomes {
        let figure = |of: fn(&(Burst, Burst)) -> f64| cell(&Figure::of(outcome.rounds.iter().map(of).collect()));
        table.row([
            outcome.kind.to_string(),
            figure(|(without, _)| without.p99_ms),
            figure(|(_, with)| with.p99_ms),
            cell(&outcome.ratio()),
            cell(&Figure::of(vec![outcome.memory.process_kb])),
            cell(&Figure::of(vec![outcome.memory.kernel_kb])),
            figure(|(without, with)| (without.missing + with.missing) as f64),
        ]);
    }
    table
}
