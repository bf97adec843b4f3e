//! The figures of all workers together, each with its last minute.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Sparkline;
use crate::app::reactive::memo;
use crate::wire::views::{OperationsView, ServerMetricsView, WorkerView};

/// How a figure's last minute is read from a worker.
pub(crate) type Minute = fn(&WorkerView) -> &Vec<u64>;

/// Where lines begin: at nothing, so that their height is the figure's.
pub(crate) const FLOOR: Option<Decimal> = Some(Decimal::ZERO);

/// Four figures of the whole installation.
#[component]
pub(crate) fn Totals(view: Signal<OperationsView>, is_alone: bool) -> impl IntoView {
    let count = |value| words().count(value);
    let sum = move |figure: fn(&ServerMetricsView) -> u64| memo(move || view.with(|view| total(view, figure)));
    let added = move |minute: Minute| summed(view, minute, u64::saturating_add);
    let last = if is_alone {
        let conflated = sum(|newest| newest.conflated_per_s);
        tile(words().ticks_conflated(), words().a_second(), count, conflated, added(|worker| &worker.conflated_per_s))
    } else {
        let lag = memo(move || view.with(|view| view.living().map(|worker| worker.newest.bus_lag_ms).max().unwrap_or(0)));
        tile(words().slowest_worker(), words().behind(), milliseconds, lag, summed(view, |worker| &worker.bus_lag_ms, u64::max))
    };
    let bytes = |value| words().bytes(value);
    view! {
        <section class="tiles" aria-label=words().all_workers_together()>
            {tile(words().streams(), words().open_word(), count, sum(|newest| newest.streams), added(|worker| &worker.streams))}
            {tile(words().frames(), words().a_second(), count, sum(|newest| newest.frames_per_s), added(|worker| &worker.frames_per_s))}
            {tile(words().written_bytes(), words().a_second(), bytes, sum(|newest| newest.bytes_per_s), added(|worker| &worker.bytes_per_s))}
            {last}
        </section>
    }
}

/// One figure: what it is, how much, and its last minute with the scale of its line: the most of that minute at the top, nothing at the
/// bottom.
fn tile(label: &'static str, unit: &'static str, write: fn(u64) -> String, value: Memo<u64>, minute: Memo<Vec<u64>>) -> AnyView {
    let line = memo(move || minute.with(|minute| points(minute)));
    let most = move || minute.with(|minute| write(minute.iter().copied().max().unwrap_or_default()));
    view! {
        <div class="card tile">
            <h2>{label}</h2>
            <p><b>{move || write(value.get())}</b>" "<span class="muted">{unit}</span></p>
            <div class="minute">
                <Sparkline points=line reference=FLOOR/>
                <span class="most"><span class="sr">{words().most_of_the_minute()}" "</span>{move || most()}</span>
                <span class="least" aria-hidden="true">{move || write(0)}</span>
            </div>
            <p class="minute-ends muted" aria-hidden="true"><span>{words().a_minute_ago()}</span><span>{words().now()}</span></p>
        </div>
    }
    .into_any()
}

/// Writes a number of milliseconds with its unit, such as `1,250 ms`.
pub(crate) fn milliseconds(value: u64) -> String {
    words().milliseconds_short(&words().count(value))
}

fn total(view: &OperationsView, figure: fn(&ServerMetricsView) -> u64) -> u64 {
    view.living().map(|worker| figure(&worker.newest)).fold(0, u64::saturating_add)
}

/// Returns the workers' minutes put together second by second, from the newest back.
fn summed(view: Signal<OperationsView>, minute: Minute, join: fn(u64, u64) -> u64) -> Memo<Vec<u64>> {
    memo(move || view.with(|view| joined(view, minute, join)))
}

fn joined(view: &OperationsView, minute: Minute, join: fn(u64, u64) -> u64) -> Vec<u64> {
    let length = view.living().map(|worker| minute(worker).len()).max().unwrap_or(0);
    let mut sums = vec![0; length];
    for worker in view.living() {
        for (sum, value) in sums.iter_mut().rev().zip(minute(worker).iter().rev()) {
            *sum = join(*sum, *value);
        }
    }
    sums
}

/// Makes what a sparkline draws.
pub(crate) fn points(minute: &[u64]) -> Vec<Decimal> {
    minute.iter().copied().map(Decimal::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quote::Freshness;

    fn worker(name: &str, streams: Vec<u64>) -> WorkerView {
        let newest = ServerMetricsView {
            time: jiff::Timestamp::UNIX_EPOCH,
            worker: name.to_owned(),
            streams: streams.last().copied().unwrap_or_default(),
            frames_per_s: 0,
            bytes_per_s: 0,
            conflated_per_s: 0,
            slow_closed: 0,
            bus_lag_ms: 0,
            bus_connected: true,
            engine: None,
            feed: Freshness::Live,
        };
        WorkerView { streams, ..WorkerView::new(newest) }
    }

    #[test]
    fn minutes_are_put_together_from_their_newest_second_back() {
        let workers = vec![worker("a", vec![1, 2, 3]), worker("b", vec![10])];
        let view = OperationsView { is_alone: false, worker: "a".to_owned(), workers };
        assert_eq!(joined(&view, |worker| &worker.streams, u64::saturating_add), [1, 2, 13]);
        assert_eq!(joined(&view, |worker| &worker.streams, u64::max), [1, 2, 10]);
        assert_eq!(total(&view, |newest| newest.streams), 13);
    }
}
