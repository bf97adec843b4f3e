//! What our server is to reach, as ratios to the floor of the same round where there is one.

use super::contender::Kind;
use super::growth::Level;
use super::stalled::Outcome;
use super::steady::{OfTurn, Turn};
use super::table::{Table, cell};
use crate::report::Figure;

/// Kilobytes for an idle stream of the portable path.
const PORTABLE_MEMORY_KB: f64 = 18.0;

/// Figures that stand for themselves, and what the reactor is to reach.
const ABSOLUTE: [(&str, f64, OfTurn); 3] = [
    ("memory per idle stream, KB", 1.0, Turn::memory_kb),
    ("CPU of an idle stream, µs/s", 2.0, Turn::idle_us),
    ("ramp, s", 2.0, Turn::ramp_s),
];

/// Figures to be divided by the floor's.
const RATIOS: [(&str, f64, OfTurn); 3] = [
    ("CPU per frame ÷ floor", 1.15, |turn| Some(turn.burst.frame_us)),
    ("p99 at a steady pace ÷ floor", 1.1, |turn| Some(turn.burst.p99_ms)),
    ("p99 in quick succession ÷ floor", 1.1, |turn| turn.brisk.map(|burst| burst.p99_ms)),
];

/// Processor time of a frame divided by the floor's, by the number of streams: few streams share the fixed cost of a message.
const BY_STREAMS: [(usize, f64); 5] = [(100, 1.5), (250, 1.3), (1_000, 1.15), (4_000, 1.1), (10_000, 1.06)];

/// Prints which targets were reached.
pub(crate) fn table(turns: &[Turn], outcomes: &[Outcome], levels: &[Level]) -> Table {
    let mut table = Table::new("Against the targets", &["figure", "target", "reactor", "portable"]);
    let mut row = |what: &str, limit: f64, of: &dyn Fn(Kind) -> Option<Figure>| {
        let portable_limit = (what == ABSOLUTE[0].0).then_some(PORTABLE_MEMORY_KB);
        let target = portable_limit.map_or(format!("≤ {limit}"), |portable| format!("≤ {limit}, portable ≤ {portable}"));
        let (reactor, portable) = (of(Kind::Reactor), of(Kind::Portable));
        table.row([what.to_owned(), target, verdict(reactor, Some(limit)), verdict(portable, portable_limit)]);
    };
    for (what, limit, of) in ABSOLUTE {
        row(what, limit, &|kind| some(turns.iter().filter(|turn| turn.kind == kind).filter_map(of).collect()));
    }
    for (what, limit, of) in RATIOS {
        row(what, limit, &|kind| some(against_floor(turns, kind, of)));
    }
    let ratio = |kind| outcomes.iter().find(|outcome| outcome.kind == kind).map(Outcome::ratio);
    row("p99 of the others, with stalled ÷ without", 1.1, &ratio);
    for (streams, limit) in BY_STREAMS {
        let of = |kind| levels.iter().find(|level| level.kind == kind && level.streams == streams);
        let ratio = |kind| Some(Figure::of(vec![of(kind)?.burst.frame_us / of(Kind::Floor)?.burst.frame_us]));
        row(&format!("CPU per frame ÷ floor at {streams} streams"), limit, &ratio);
    }
    table
}

/// Divides each round's figure by the floor's of that round.
fn against_floor(turns: &[Turn], kind: Kind, of: OfTurn) -> Vec<f64> {
    let floor = |round| turns.iter().find(|turn| turn.kind == Kind::Floor && turn.round == round).and_then(of);
    let own = turns.iter().filter(|turn| turn.kind == kind);
    own.filter_map(|turn| Some(of(turn)? / floor(turn.round)?)).collect()
}

fn some(figures: Vec<f64>) -> Option<Figure> {
    (!figures.is_empty()).then(|| Figure::of(figures))
}

/// Writes a figure, and whether it is at most the limit.
fn verdict(figure: Option<Figure>, limit: Option<f64>) -> String {
    let Some(figure) = figure else { return "not measured".to_owned() };
    match limit {
        Some(limit) if figure.median <= limit => format!("{}: reached", cell(&figure)),
        Some(_) => format!("{}: MISSED", cell(&figure)),
        None => cell(&figure),
    }
}
