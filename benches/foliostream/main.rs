//! `make bench`: measures and prints one table. Everything runs on loopback, is bounded, and ends by itself.
//!
//! Timings in this process are medians over rounds; what the server costs is read from the kernel's account of the real
//! release binary, started as a child. Benchmarks are benchmarks: nothing here is a test, and a missed target is printed,
//! not failed.

#[path = "../../tests/integration/support/certificates.rs"]
#[expect(clippy::unwrap_used, reason = "without a certificate nothing can be measured")]
mod certificates;
mod channel;
mod cluster;
mod encrypted;
mod engine;
mod fan_out;
mod floor;
mod frames;
mod import;
mod machine;
mod page;
mod peers;
mod performance;
mod portfolio;
mod process;
mod push;
mod reader;
mod report;
mod site;
mod stopwatch;
mod valuation;

use std::process::ExitCode;

use report::Report;
use stopwatch::Stopwatch;

/// The server's allocator: what is measured in this process costs what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What any part may fail with; a part that fails is printed and the others still run.
type Failure = Box<dyn std::error::Error>;

const HELP: &str = "\
Measures Foliostream and prints one table.

Usage: make bench ARGS='[--quick] [PART…]'

  --quick   the short form for CI: 500 streams, windows of 2 s
  PART      only these: engine, valuation, performance, import, frames, push, fan-out, tls, page, site (default: all of them), cluster, peers
";

/// The parts, in the order they are printed in.
const PARTS: [&str; 10] = ["engine", "valuation", "performance", "import", "frames", "push", "fan-out", "tls", "page", "site"];

/// Needs a redis-server, and is measured only where it is asked for: make bench-cluster.
const CLUSTER: &str = "cluster";

/// Takes twelve minutes and writes documents of its own: make bench-fanout.
const PEERS: &str = "peers";

/// What was asked for.
struct Options {
    quick: bool,
    parts: Vec<String>,
}

fn main() -> ExitCode {
    foliostream_server::memory::give_back_at_once();
    let mut words = std::env::args().skip(1);
    if let (Some(peers::FLOOR_ARGUMENT), Some(address)) = (words.next().as_deref(), words.next()) {
        return match peers::serve_floor(&address) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("floor: {failure}");
                ExitCode::FAILURE
            }
        };
    }
    let options = match read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(word) => {
            eprintln!("bench: {word} is no option and no part; see --help");
            return ExitCode::from(64);
        }
    };
    let mut report = Report::default();
    report.heading(machine::heading(options.quick));
    let mut failed = false;
    let asked = |part: &&str| options.parts.iter().any(|asked| asked == part);
    let parts = PARTS.into_iter().filter(|part| options.parts.is_empty() || asked(part));
    for part in parts.chain([CLUSTER, PEERS].into_iter().filter(asked)) {
        eprintln!("bench: {part}");
        if let Err(failure) = run(part, options.quick, &mut report) {
            report.note(format!("{part} could not be measured: {failure}"));
            failed = true;
        }
    }
    if !report.is_empty() {
        print!("{report}");
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Reads the command line; nothing where help was asked for.
fn read(words: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { quick: false, parts: Vec::new() };
    for word in words {
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--quick" => options.quick = true,
            // Cargo adds it.
            "--bench" => {}
            part if PARTS.contains(&part) || [CLUSTER, PEERS].contains(&part) => options.parts.push(word),
            _ => return Err(word),
        }
    }
    Ok(Some(options))
}

fn run(part: &str, quick: bool, report: &mut Report) -> Result<(), Failure> {
    let stopwatch = Stopwatch::new(quick);
    match part {
        "engine" => engine::measure(&stopwatch, report),
        "valuation" => valuation::measure(&stopwatch, report),
        "performance" => performance::measure(&stopwatch, report),
        "import" => import::measure(&stopwatch, report),
        "frames" => frames::measure(&stopwatch, report).and_then(|()| portfolio::measure(&stopwatch, report)),
        "push" => push::measure(quick, report),
        "fan-out" => fan_out::measure(&if quick { fan_out::Plan::QUICK } else { fan_out::Plan::FULL }, report),
        "tls" => encrypted::measure(quick, report),
        CLUSTER => cluster::measure(quick, report),
        PEERS => peers::measure(quick),
        "page" => page::measure(quick, report),
        _ => site::measure(report),
    }
}
