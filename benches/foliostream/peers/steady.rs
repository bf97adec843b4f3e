//! The first table: streams that are opened, rest, and get messages at a steady pace; and fewer that get them quickly.

use std::time::Duration;

use super::burst::Burst;
use super::clients::{Clients, Habit};
use super::contender::{Contender, Kind};
use super::memory::{Memory, PerStream};
use super::plan::Plan;
use super::processor::Processor;
use super::table::{Table, cell};
use crate::Failure;
use crate::report::Figure;

/// Opened and closed before anything is measured, so that pools and tables are there.
const WARM_UP: usize = 20;

/// What one turn of one contender gave.
pub(crate) struct Turn {
    /// Whose it was.
    pub kind: Kind,
    /// In which round.
    pub round: usize,
    /// Its streams.
    pub streams: usize,
    /// Seconds in which they opened.
    pub ramp_s: f64,
    /// What they take at rest.
    pub memory: PerStream,
    /// Microseconds of processor time a second for each at rest, and the heartbeats in that time; in the first round alone.
    pub idle: Option<(f64, usize)>,
    /// Messages at a steady pace.
    pub burst: Burst,
    /// Messages in quick succession to fewer streams.
    pub brisk: Option<Burst>,
}

/// A figure of a turn, where it has been measured.
pub(crate) type OfTurn = fn(&Turn) -> Option<f64>;

/// What is held against a target.
impl Turn {
    /// Kilobytes for each idle stream.
    pub(crate) fn memory_kb(&self) -> Option<f64> {
        Some(self.memory.process_kb)
    }

    /// Microseconds a second for each idle stream.
    pub(crate) fn idle_us(&self) -> Option<f64> {
        self.idle.map(|(spent, _)| spent)
    }

    /// Seconds until all streams were open.
    pub(crate) fn ramp_s(&self) -> Option<f64> {
        Some(self.ramp_s)
    }
}

/// Gives one contender its turn.
pub(crate) fn measure(plan: &Plan, kind: Kind, round: usize, frame_bytes: usize) -> Result<Turn, Failure> {
    let (streams, pace) = plan.load_of(kind);
    let contender = Contender::start(kind, plan.setting(), Some(frame_bytes))?;
    let mut clients = Clients::new(&contender)?;
    warm_up(plan, &mut clients)?;
    let before = Memory::of(contender.id)?;
    let ramp = clients.open(streams, Habit::Reads)?;
    clients.read_for(plan.settle)?;
    let memory = Memory::of(contender.id)?.since(before, streams);
    let has_heartbeats = kind != Kind::Floor;
    let idle = if has_heartbeats && round == 1 { Some(idle(plan, &contender, &mut clients)?) } else { None };
    let burst = Burst::measure(&contender, &mut clients, streams, pace)?;
    drop(clients);
    // Its process is gone before the next one is measured.
    drop(contender);
    let brisk = if kind == Kind::Starlette { None } else { Some(brisk(plan, kind, frame_bytes)?) };
    Ok(Turn { kind, round, streams, ramp_s: ramp.as_secs_f64(), memory, idle, burst, brisk })
}

/// Opens and closes a few streams.
pub(crate) fn warm_up(plan: &Plan, clients: &mut Clients) -> Result<(), Failure> {
    clients.open(WARM_UP, Habit::Reads)?;
    clients.close_beyond(0);
    clients.read_for(plan.pause)
}

/// Measures one heartbeat's interval in which nothing else happens.
fn idle(plan: &Plan, contender: &Contender, clients: &mut Clients) -> Result<(f64, usize), Failure> {
    let before = (Processor::of(contender.id)?, clients.heartbeats());
    clients.read_for(Duration::from_secs(plan.heartbeat_s))?;
    let spent = Processor::of(contender.id)?.since(&before.0);
    let each = spent * 1e6 / plan.heartbeat_s as f64 / clients.count() as f64;
    Ok((each, clients.heartbeats() - before.1))
}

fn brisk(plan: &Plan, kind: Kind, frame_bytes: usize) -> Result<Burst, Failure> {
    let contender = Contender::start(kind, plan.brisk_setting(), Some(frame_bytes))?;
    let mut clients = Clients::new(&contender)?;
    clients.open(plan.brisk_streams, Habit::Reads)?;
    clients.read_for(plan.pause)?;
    Burst::measure(&contender, &mut clients, plan.brisk_streams, plan.brisk)
}

/// Prints all turns in two tables: at rest and at a steady pace, and in quick succession.
pub(crate) fn tables(plan: &Plan, turns: &[Turn]) -> [Table; 2] {
    let heading = format!("{} idle streams, then {} messages a second", plan.streams, 1.0 / plan.pace.interval.as_secs_f64());
    let head = [
        "server",
        "streams",
        "memory per idle stream, KB",
        "kernel's share, KB",
        "ramp, s",
        "idle CPU, µs/s each",
        "heartbeats",
        "CPU per frame, µs",
        "p50, ms",
        "p99, ms",
        "max, ms",
        "missing",
    ];
    let mut steady = Table::new(heading, &head);
    let heading =
        format!("1 message to {} streams, {:.0} times a second", plan.brisk_streams, 1.0 / plan.brisk.interval.as_secs_f64());
    let mut brisk = Table::new(heading, &["server", "CPU per frame, µs", "p50, ms", "p99, ms", "max, ms", "missing"]);
    for kind in Kind::ALL {
        let own: Vec<&Turn> = turns.iter().filter(|turn| turn.kind == kind).collect();
        let Some(first) = own.first() else { continue };
        let figure = |of: OfTurn| cell(&Figure::of(own.iter().filter_map(|turn| of(turn)).collect()));
        let mut row = vec![kind.to_string(), first.streams.to_string()];
        row.extend([figure(Turn::memory_kb), figure(|turn| Some(turn.memory.kernel_kb)), figure(Turn::ramp_s)]);
        row.extend([figure(Turn::idle_us), figure(|turn| turn.idle.map(|(_, heartbeats)| heartbeats as f64))]);
        steady.row(row.into_iter().chain(burst_cells(own.iter().map(|turn| turn.burst).collect())));
        let bursts: Vec<Burst> = own.iter().filter_map(|turn| turn.brisk).collect();
        if !bursts.is_empty() {
            brisk.row(std::iter::once(kind.to_string()).chain(burst_cells(bursts)));
        }
    }
    [steady, brisk]
}

fn burst_cells(bursts: Vec<Burst>) -> [String; 5] {
    let figure = |of: fn(&Burst) -> f64| cell(&Figure::of(bursts.iter().map(of).collect()));
    [
        figure(|burst| burst.frame_us),
        figure(|burst| burst.p50_ms),
        figure(|burst| burst.p99_ms),
        figure(|burst| burst.max_ms),
        figure(|burst| burst.missing as f64),
    ]
}
