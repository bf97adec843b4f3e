//! Logs on stderr and metrics under `/metrics`.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;

/// Between two sortings of measured times.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the library warns of at every try, whoever tried says once, and at a start in one line: it speaks when it is asked to.
const SAID_ALREADY: &str = "redis=error";

/// Starts logging with a filter that [`Config`](super::config::Config) has checked; a second start changes nothing.
pub fn log(filter: &str) {
    let filter = if filter.contains("redis") { filter.to_owned() } else { [SAID_ALREADY, filter].join(",") };
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let colours = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false);
    let _ = log.try_init();
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

/// Sorts measured times into their buckets for as long as the server runs: until then each is kept by itself, and nobody may ever ask.
pub async fn keep(prometheus: PrometheusHandle, clock: Clock, stop: CancellationToken) {
    let keeping = async {
        loop {
            clock.sleep(UPKEEP).await;
            prometheus.run_upkeep();
        }
    };
    stop.run_until_cancelled(keeping).await;
}

fn describe() {
    metrics::describe_gauge!("foliostream_streams", "Event streams open now");
    metrics::describe_gauge!("foliostream_connections", "TCP connections open now");
    metrics::describe_counter!("foliostream_frames_total", "Writes handed to event streams");
    metrics::describe_counter!("foliostream_frame_bytes_total", "Bytes handed to event streams");
    metrics::describe_counter!("foliostream_ticks_total", "Ticks the engine observed");
    metrics::describe_counter!("foliostream_ticks_ignored_total", "Ticks the engine ignored, by reason");
    metrics::describe_counter!("foliostream_ticks_conflated_total", "Ticks that a newer one replaced before they were published");
    metrics::describe_counter!("foliostream_feed_bad_rows_total", "Rows a replay could not read");
    metrics::describe_counter!("foliostream_alerts_fired_total", "Alerts that went off and were stored");
    metrics::describe_counter!("foliostream_resets_total", "Streams that had to start over, by reason");
    metrics::describe_counter!("foliostream_streams_refused_total", "Streams refused before they started, by status");
    metrics::describe_counter!("foliostream_streams_closed_total", "Streams ended with bye, by reason");
    metrics::describe_counter!("foliostream_slow_closed_total", "Connections cut because the peer took no bytes for 30 seconds");
    metrics::describe_gauge!("foliostream_workers", "Workers heard in the last 5 seconds, this one included");
    metrics::describe_gauge!("foliostream_bus_connected", "1 while this worker is subscribed to Redis; 1 in a single process");
    metrics::describe_gauge!("foliostream_presence_entries", "Browser tabs connected, on all workers");
    metrics::describe_counter!("foliostream_presence_unanswered_total", "Streams opened without Redis having answered in time");
    metrics::describe_gauge!("foliostream_engine", "1 while this worker is the engine of a cluster");
    metrics::describe_counter!("foliostream_terms_total", "Terms this worker has begun as the engine of a cluster");
    metrics::describe_histogram!(
        "foliostream_bus_lag_seconds",
        "Seconds from the engine's clock to this worker, by envelope batch"
    );
    metrics::describe_counter!("foliostream_bus_errors_total", "Writes of envelopes that Redis did not take at once");
    metrics::describe_counter!("foliostream_bus_reconnects_total", "Subscriptions that broke and were made again");
    metrics::describe_counter!("foliostream_bus_probes_total", "Probes of a subscription that had fallen silent");
    metrics::describe_counter!("foliostream_bus_gaps_total", "Gaps in the numbers that channels brought, filled from the log");
    metrics::describe_counter!("foliostream_bus_snapshots_total", "Times this worker's replica began anew");
    metrics::describe_counter!("foliostream_bus_malformed_total", "Messages from Redis that could not be read");
    metrics::describe_counter!("foliostream_reconciled_total", "Stored changes whose news had been lost, by kind");
    metrics::describe_histogram!("foliostream_http_seconds", "Seconds from request to response head, by route and status");
}
