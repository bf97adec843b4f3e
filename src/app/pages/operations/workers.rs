//! One row per worker: a table on a desk, cards on a phone.

use std::sync::Arc;

use super::figures::{FLOOR, Minute, milliseconds, points};
use crate::app::components::Sparkline;
use crate::app::components::list::{Part, list};
use crate::app::format;
use crate::app::prelude::*;
use crate::app::reactive::memo;
use crate::wire::views::{OperationsView, ServerMetricsView, WorkerView};

/// What a row's cells read: the worker of a name.
#[derive(Clone)]
struct Row {
    view: Signal<OperationsView>,
    name: Arc<str>,
}

/// Every worker heard of in the last minute.
#[component]
pub fn Workers(view: Signal<OperationsView>, is_alone: bool) -> impl IntoView {
    let parts = move || {
        let names: Vec<String> = view.with(|view| view.workers.iter().map(|worker| worker.newest.worker.clone()).collect());
        names.into_iter().map(|name| Part::new(name.clone(), move || row(view, name, is_alone))).collect()
    };
    let heads = ["Streams", "Frames a second", "Written a second", "Lag", "Redis", "Conflated a second", "Slow readers closed"];
    let heads = heads.into_iter().filter(|head| !(is_alone && is_shared(head)));
    let heads: Vec<_> = heads.map(|head| view! { <th class="num" scope="col">{head}</th> }.into_any()).collect();
    view! {
        <section class="card workers" aria-labelledby="workers">
            <header><h2 id="workers">"Workers"</h2><span class="muted end">"Lines show the last minute"</span></header>
            <div class="scroll">
                <table class="stack worker-table">
                    <thead><tr><th scope="col">"Worker"</th>{heads}</tr></thead>
                    <tbody>{list(parts)}</tbody>
                </table>
            </div>
        </section>
    }
}

/// Whether a column makes sense only where there are several workers.
fn is_shared(head: &str) -> bool {
    head == "Lag" || head == "Redis"
}

fn row(view: Signal<OperationsView>, name: String, is_alone: bool) -> AnyView {
    let row = Row { view, name: name.as_str().into() };
    let standing = row.text(|view, worker| standing(view, &worker.newest));
    let engine = row.text(|_, worker| if is_engine(&worker.newest) { "Engine" } else { "" }.to_owned());
    let class = move || if standing.with(|words| words.starts_with(SILENT)) { "flag" } else { "muted" };
    let shared = (!is_alone).then(|| {
        view! {
            {row.cell("Lag", |_, worker| milliseconds(worker.newest.bus_lag_ms), Some(|worker| &worker.bus_lag_ms))}
            {row.cell("Redis", |_, worker| if worker.newest.bus_connected { "Connected" } else { "Lost" }.to_owned(), None)}
        }
        .into_any()
    });
    view! {
        <tr>
            <th scope="row">
                <span class="worker-name">
                    <b>{name}</b>
                    <span class="tag" hidden=move || engine.with(String::is_empty)>"Engine"</span>
                    <span class=move || class()>{move || standing.get()}</span>
                </span>
            </th>
            {row.cell("Streams", |_, worker| format::count(worker.newest.streams), None)}
            {row.cell("Frames a second", |_, worker| format::count(worker.newest.frames_per_s), Some(|worker| &worker.frames_per_s))}
            {row.cell("Written a second", |_, worker| format::bytes(worker.newest.bytes_per_s), Some(|worker| &worker.bytes_per_s))}
            {shared}
            {row.cell("Conflated a second", |_, worker| format::count(worker.newest.conflated_per_s), None)}
            {row.cell("Slow readers closed", |_, worker| format::count(worker.newest.slow_closed), None)}
        </tr>
    }
    .into_any()
}

impl Row {
    /// Returns what is written of the worker; nothing once it is forgotten.
    fn text(&self, write: fn(&OperationsView, &WorkerView) -> String) -> Memo<String> {
        let Self { view, name } = self.clone();
        memo(move || view.with(|view| view.worker(&name).map(|worker| write(view, worker)).unwrap_or_default()))
    }

    /// One figure, with its last minute where there is one.
    fn cell(&self, label: &'static str, write: fn(&OperationsView, &WorkerView) -> String, minute: Option<Minute>) -> AnyView {
        let text = self.text(write);
        let line = minute.map(|minute| {
            let Self { view, name } = self.clone();
            let points =
                memo(move || view.with(|view| view.worker(&name).map(|worker| points(minute(worker))).unwrap_or_default()));
            view! { <Sparkline points reference=FLOOR/> }.into_any()
        });
        view! { <td class="num" data-label=label><span class="figure">{line}<b>{move || text.get()}</b></span></td> }.into_any()
    }
}

/// What the words about a silent worker begin with.
const SILENT: &str = "Silent for ";

/// Returns what is said of a worker beside its figures.
fn standing(view: &OperationsView, newest: &ServerMetricsView) -> String {
    let silent_s = view.silent_s(newest);
    if silent_s >= OperationsView::SILENT_AFTER_S {
        return [SILENT, &silent_s.to_string(), " s"].concat();
    }
    if newest.worker == view.worker { "Made this page" } else { "Reporting" }.to_owned()
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
        assert_eq!(standing(&view, &newest("b", 93)), "Silent for 7 s");
        assert_eq!(standing(&view, &newest("a", 100)), "Made this page");
        assert_eq!(standing(&view, &newest("b", 99)), "Reporting");
    }

    #[test]
    fn the_engine_is_the_worker_it_names() {
        assert!(is_engine(&newest("a", 1)) && !is_engine(&newest("b", 1)));
    }
}
