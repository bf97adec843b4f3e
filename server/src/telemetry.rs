//! Logs on stderr and metrics under `/metrics`.

use std::fmt;
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use super::clock::Clock;
use foliostream::wire::text::printable;

/// Between two sortings of measured times.
const UPKEEP: Duration = Duration::from_secs(5);

/// The filter for the Redis library, which warns at every try. The part that tried writes one line of its own; `--log redis=warn`
/// shows the library's, too.
const SAID_ALREADY: &str = "redis=error";

/// Starts logging with a filter that [`Config`](super::config::Config) has checked; a second start changes nothing.
pub fn log(filter: &str) {
    let filter = if filter.contains("redis") { filter.to_owned() } else { [SAID_ALREADY, filter].join(",") };
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let _ = log.with_target(false).fmt_fields(debug_fn(write_field).delimited(" ")).try_init();
}

/// Writes a field of a log line. What others sent stands in some of them, so that whatever could end the line, or make it look
/// like another, is escaped here for all.
fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let text = format!("{value:?}");
    let text = printable(&text);
    if field.name() == "message" { write!(writer, "{text}") } else { write!(writer, "{}={text}", field.name()) }
}

/// Says on stderr why the program ends, in one line: it may repeat what an option or a file holds.
pub fn say_last(line: &str) {
    eprintln!("foliostream: {}", printable(line));
}

/// Returns the process's metrics; servers within one process (as in tests) share them.
pub fn prometheus() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0])
                .unwrap_or_else(|_| PrometheusBuilder::new())
                .build_recorder();
            let handle = recorder.handle();
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        })
        .clone()
}

/// Sorts measured times into their buckets for as long as the server runs. Without it each measured time is kept until `/metrics`
/// is read, which may never be.
pub async fn keep(prometheus: PrometheusHandle, clock: Clock, stop: CancellationToken) {
    let keeping = async {
        loop {
            clock.sleep(UPKEEP).await;
            prometheus.run_upkeep();
        }
    };
    stop.run_until_cancelled(keeping).await;
}

/// Describes every metric and gives each counter its first value: a counter that appears with its first event hides that event from
/// a rate, and a label that is absent cannot be told from one that is misspelt.
fn describe() {
    for (name, description) in GAUGES {
        metrics::describe_gauge!(name, description);
    }
    for (name, description) in HISTOGRAMS {
        metrics::describe_histogram!(name, description);
    }
    for Counter { name, description, label } in COUNTERS {
        metrics::describe_counter!(name, description);
        match label {
            None => metrics::counter!(name).absolute(0),
            Some((key, values)) => values.iter().for_each(|value| metrics::counter!(name, key => *value).absolute(0)),
        }
    }
}

/// What goes up and down.
const GAUGES: [(&str, &str); 6] = [
    ("foliostream_streams", "Event streams open now"),
    ("foliostream_connections", "TCP connections open now"),
    ("foliostream_workers", "Workers heard in the last 5 seconds, this one included"),
    ("foliostream_bus_connected", "1 while this worker is subscribed to Redis; 1 in a single process"),
    ("foliostream_presence_entries", "Browser tabs connected, on all workers"),
    ("foliostream_engine", "1 while this worker is the engine of a cluster"),
];

/// What is measured in seconds.
const HISTOGRAMS: [(&str, &str); 2] = [
    ("foliostream_bus_lag_seconds", "Seconds from the engine's clock to this worker, by envelope batch"),
    ("foliostream_http_seconds", "Seconds from request to response head, by route and status"),
];

/// What is counted from 0, and the label it is told apart by, with every value that occurs.
struct Counter {
    name: &'static str,
    description: &'static str,
    label: Option<(&'static str, &'static [&'static str])>,
}

const fn counter(name: &'static str, description: &'static str) -> Counter {
    Counter { name, description, label: None }
}

const fn labelled(name: &'static str, description: &'static str, key: &'static str, values: &'static [&'static str]) -> Counter {
    Counter { name, description, label: Some((key, values)) }
}

/// Statuses with which a stream is refused before it starts.
const REFUSALS: [&str; 10] = ["400", "401", "403", "404", "405", "406", "421", "429", "500", "503"];

const COUNTERS: [Counter; 24] = [
    counter("foliostream_frames_total", "Writes handed to event streams"),
    counter("foliostream_frame_bytes_total", "Bytes handed to event streams"),
    counter("foliostream_ticks_total", "Ticks the engine observed"),
    labelled("foliostream_ticks_ignored_total", "Ticks the engine ignored, by reason", "reason", &["older", "invalid"]),
    counter("foliostream_ticks_conflated_total", "Ticks that a newer one replaced before they were published"),
    counter("foliostream_feed_bad_rows_total", "Rows a replay could not read"),
    counter("foliostream_alerts_fired_total", "Alerts that went off and were stored"),
    labelled(
        "foliostream_resets_total",
        "Streams that had to start over, by reason",
        "reason",
        &["epoch", "filter", "evicted", "invalid", "lagged"],
    ),
    labelled("foliostream_streams_refused_total", "Streams refused before they started, by status", "status", &REFUSALS),
    labelled(
        "foliostream_streams_closed_total",
        "Streams ended with bye, by reason",
        "reason",
        &["drain", "max_age", "signed_out", "replaced", "done"],
    ),
    counter("foliostream_connections_refused_total", "Connections closed because their address held as many as it may"),
    labelled(
        "foliostream_requests_cut_total",
        "Requests whose body was not waited for, by reason",
        "reason",
        &["slow", "memory"],
    ),
    counter("foliostream_renders_refused_total", "Large answers that were refused because too many were being made"),
    counter("foliostream_slow_closed_total", "Connections cut because the peer took no bytes for 30 seconds"),
    counter("foliostream_presence_unanswered_total", "Streams opened without Redis having answered in time"),
    counter("foliostream_terms_total", "Terms this worker has begun as the engine of a cluster"),
    counter("foliostream_bus_errors_total", "Writes of envelopes that Redis did not take at once"),
    counter("foliostream_bus_reconnects_total", "Subscriptions that broke and were made again"),
    counter("foliostream_bus_probes_total", "Probes of a subscription that had fallen silent"),
    counter("foliostream_bus_gaps_total", "Gaps in the numbers that channels brought, filled from the log"),
    counter("foliostream_bus_snapshots_total", "Times this worker's replica began anew"),
    counter("foliostream_bus_malformed_total", "Messages from Redis that could not be read"),
    labelled(
        "foliostream_bus_unknown_total",
        "Messages from Redis of a kind or version this program does not know, by what they were",
        "what",
        &["call", "letter", "metrics", "order", "presence entry"],
    ),
    labelled("foliostream_reconciled_total", "Stored changes whose news had been lost, by kind", "kind", &["alert", "portfolio"]),
];

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_others_sent_cannot_forge_a_line() {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).without_time();
        let log = log.with_target(false).fmt_fields(debug_fn(write_field).delimited(" ")).finish();
        let foreign = "x\n  INFO the engine is fine\u{1b}[2K\u{202e}";
        tracing::subscriber::with_default(log, || {
            tracing::warn!(portfolio_id = foreign, worker = %foreign, number = 7, "skipped a malformed entry: {foreign}");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!((text.lines().count(), text.matches(r"x\n").count()), (1, 3), "{text}");
        assert!(text.contains("number=7") && !text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }

    /// Every counter that the sources count, by the text of its name.
    fn counted(folder: &std::path::Path, names: &mut std::collections::BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                counted(&path, names);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let parts = text.split("counter!(\"").skip(1);
            names.extend(parts.filter_map(|part| part.split('"').next()).map(str::to_owned));
        }
    }

    #[test]
    fn every_counter_has_a_first_value_of_zero() {
        let mut names = std::collections::BTreeSet::new();
        counted(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
        for name in names.iter().filter(|name| name.starts_with("foliostream_")) {
            assert!(COUNTERS.iter().any(|counter| counter.name == name), "{name} is counted and has no first value");
        }
        let text = prometheus().render();
        for Counter { name, label, .. } in COUNTERS {
            let Some((key, values)) = label else {
                assert!(text.contains(&format!("\n{name} ")), "{name}");
                continue;
            };
            for value in values {
                assert!(text.contains(&format!("\n{name}{{{key}=\"{value}\"}} ")), "{name} {value}");
            }
        }
    }
}
