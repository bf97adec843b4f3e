//! One row per worker: a table on a desk, cards on a phone.

use std::sync::Arc;

use super::figures::{FLOOR, Minute, milliseconds, points};
use crate::app::components::Sparkline;
use crate::app::components::list::{Part, list};
use crate::app::prelude::*;
use crate::app::reactive::memo;
use crate::wire::views::{OperationsView, ServerMetricsView, WorkerView};
use crate::words::figures::UNKNOWN;
use crate::words::{Label, Words};

/// What a row's cells read: the worker of a name.
#[derive(Clone)]
struct Row {
    view: Signal<OperationsView>,
    name: Arc<str>,
}

/// Every worker heard of in the last minute.
#[component]
pub(crate) fn Workers(view: Signal<OperationsView>, is_alone: bool) -> impl IntoView {
    let parts = move || {
        let names: Vec<String> = view.with(|view| view.workers.iter().map(|worker| worker.newest.worker.clone()).collect());
        names.into_iter().map(|name| Part::new(name.clone(), move || row(view, name, is_alone))).collect()
    };
    let heads = HEADS.into_iter().filter(|(_, is_shared)| !(is_alone && *is_shared));
    let heads: Vec<_> = heads.map(|(head, _)| view! { <th class="num" scope="col">{head(words())}</th> }.into_any()).collect();
    view! {
        <section class="card workers" aria-labelledby="workers">
            <header><h2 id="workers">{words().workers()}</h2><span class="muted end">{words().lines_show_last_minute()}</span></header>
            <div class="scroll">
                <table class="stack worker-table">
                    <thead><tr><th scope="col">{words().worker()}</th>{heads}</tr></thead>
                    <tbody>{list(parts)}</tbody>
                </table>
            </div>
        </section>
    }
}

/// The columns' heads, each with whether it makes sense only where there are several workers.
const HEADS: [(Label, bool); 7] = [
    (Words::streams, false),
    (Words::frames_a_second, false),
    (Words::written_a_second, false),
    (Words::lag, true),
    (Words::redis, true),
    (Words::conflated_a_second, false),
    (Words::slow_readers_closed, false),
];

fn row(view: Signal<OperationsView>, name: String, is_alone: bool) -> AnyView {
    let row = Row { view, name: name.as_str().into() };
    let standing = row.text(|view, worker| standing(view, &worker.newest));
    // Who was the engine and is silent is it no more: another has taken over, or will.
    let is_engine = |view: &OperationsView, newest: &ServerMetricsView| is_engine(newest) && !is_silent(view, newest);
    let engine = row.text(move |view, worker| if is_engine(view, &worker.newest) { words().engine() } else { "" }.to_owned());
    let silent = row.text(|view, worker| if is_silent(view, &worker.newest) { "flag" } else { "muted" }.to_owned());
    let class = move || silent.get();
    let is_gone = move || silent.with(|class| class == "flag");
    let shared = (!is_alone).then(|| {
        view! {
            {row.cell(words().lag(), |_, worker| milliseconds(worker.newest.bus_lag_ms), Some(|worker| &worker.bus_lag_ms))}
            {row.cell(words().redis(), |_, worker| if worker.newest.bus_connected { words().connected() } else { words().lost() }.to_owned(), None)}
        }
        .into_any()
    });
    view! {
        <tr class:gone=move || is_gone()>
            <th scope="row">
                <span class="worker-name">
                    <b>{name}</b>
                    <span class="tag" hidden=move || engine.with(String::is_empty)>{words().engine()}</span>
                    <span class=move || class()>{move || standing.get()}</span>
                </span>
            </th>
            {row.cell(words().streams(), |_, worker| words().count(worker.newest.streams), None)}
            {row.cell(words().frames_a_second(), |_, worker| words().count(worker.newest.frames_per_s), Some(|worker| &worker.frames_per_s))}
            {row.cell(words().written_a_second(), |_, worker| words().bytes(worker.newest.bytes_per_s), Some(|worker| &worker.bytes_per_s))}
            {shared}
            {row.cell(words().conflated_a_second(), |_, worker| words().count(worker.newest.conflated_per_s), None)}
            {row.cell(words().slow_readers_closed(), |_, worker| words().count(worker.newest.slow_closed), None)}
        </tr>
    }
    .into_any()
}

impl Row {
    /// Returns what is written of the worker; nothing once it is forgotten.
    fn text(&self, write: impl Fn(&OperationsView, &WorkerView) -> String + Send + Sync + 'static) -> Memo<String> {
        let Self { view, name } = self.clone();
        memo(move || view.with(|view| view.worker(&name).map(|worker| write(view, worker)).unwrap_or_default()))
    }

    /// One figure, with its last minute where there is one.
    fn cell(&self, label: &'static str, write: fn(&OperationsView, &WorkerView) -> String, minute: Option<Minute>) -> AnyView {
        let Self { view, name } = self.clone();
        let told = move |view: &OperationsView, worker: &WorkerView| {
            // What it did last is not what it does.
            if is_silent(view, &worker.newest) { UNKNOWN.to_owned() } else { write(view, worker) }
        };
        let text = memo(move || view.with(|view| view.worker(&name).map(|worker| told(view, worker)).unwrap_or_default()));
        let line = minute.map(|minute| {
            let Self { view, name } = self.clone();
            let points =
                memo(move || view.with(|view| view.worker(&name).map(|worker| points(minute(worker))).unwrap_or_default()));
            view! { <Sparkline points reference=FLOOR/> }.into_any()
        });
        view! { <td class="num" data-label=label><span class="figure">{line}<b>{move || text.get()}</b></span></td> }.into_any()
    }
}

/// Returns what is said of a worker beside its figures.
fn standing(view: &OperationsView, newest: &ServerMetricsView) -> String {
    if is_silent(view, newest) {
        return words().silent_for(&view.silent_s(newest).to_string());
    }
    if newest.worker == view.worker { words().made_this_page() } else { words().reporting() }.to_owned()
}

fn is_silent(view: &OperationsView, newest: &ServerMetricsView) -> bool {
    view.silent_s(newest) >= OperationsView::SILENT_AFTER_S
}

fn is_engine(newest: &ServerMetricsView) -> bool {
    newest.engine.as_ref().is_some_and(|engine| engine.worker == newest.worker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quote::Freshness;
    use crate::wire::views::EngineView;
    use jiff::Timestamp;

    fn newest(worker: &str, second: i64) -> ServerMetricsView {
        ServerMetricsView {
            time: Timestamp::from_second(second).unwrap(),
            worker: worker.to_owned(),
            streams: 0,
            frames_per_s: 0,
            bytes_per_s: 0,
            conflated_per_s: 0,
            slow_closed: 0,
            bus_lag_ms: 0,
            bus_connected: true,
            engine: Some(EngineView { worker: "a".to_owned(), epoch: 3 }),
            feed: Freshness::Live,
        }
    }

    #[test]
    fn a_worker_that_falls_silent_is_told_so_in_words() {
        let mut view = OperationsView { is_alone: false, worker: "a".to_owned(), workers: vec![] };
        view.take(newest("a", 100));
        view.take(newest("b", 93));
        assert_eq!(standing(&view, &newest("b", 93)), "No heartbeat for 7 s");
        assert_eq!(standing(&view, &newest("a", 100)), "Serves this page");
        assert_eq!(standing(&view, &newest("b", 99)), "Reporting");
    }

    #[test]
    fn the_engine_is_the_worker_it_names() {
        assert!(is_engine(&newest("a", 1)) && !is_engine(&newest("b", 1)));
    }
}
