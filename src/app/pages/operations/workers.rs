//! One row per worker: a table on a desk, cards on a phone.

use crate::app::prelude::*;

use super::figures::{Minute, milliseconds, points};
use crate::app::components::Sparkline;
use crate::app::components::list::{Part, list};
use crate::app::format;
use crate::app::reactive::memo;
use crate::wire::views::{OperationsView, ServerMetricsView, WorkerView};

/// Seconds behind the last word of any worker after which one counts as silent.
const SILENT_S: i64 = 5;

/// What a row's cells read.
#[derive(Clone, Copy)]
struct Row(Memo<Option<WorkerView>>);

/// Every worker heard of in the last minute.
#[component]
pub fn Workers(view: Memo<OperationsView>, is_alone: bool) -> impl IntoView {
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

fn row(view: Memo<OperationsView>, name: String, is_alone: bool) -> AnyView {
    let key = name.clone();
    let found = move || view.with(|view| view.workers.iter().find(|worker| worker.newest.worker == key).cloned());
    let row = Row(memo(found));
    let standing =
        memo(move || row.0.with(|worker| view.with(|view| worker.as_ref().map(|worker| standing(view, &worker.newest)))));
    let engine = memo(move || row.0.with(|worker| worker.as_ref().is_some_and(|worker| is_engine(&worker.newest))));
    let shared = (!is_alone).then(|| {
        view! {
            {row.cell("Lag", |newest| milliseconds(newest.bus_lag_ms), Some(|worker| &worker.bus_lag_ms))}
            {row.cell("Redis", |newest| if newest.bus_connected { "Connected" } else { "Lost" }.to_owned(), None)}
        }
        .into_any()
    });
    view! {
        <tr>
            <th scope="row">
                <b>{name}</b>" "
                <span class="tag" hidden=move || !engine.get()>"Engine"</span>
                {move || standing.get().map(|Standing { words, is_well }| {
                    let class = if is_well { "muted" } else { "flag" };
                    view! { <span class=class>{words}</span> }.into_any()
                })}
            </th>
            {row.cell("Streams", |newest| format::count(newest.streams), None)}
            {row.cell("Frames a second", |newest| format::count(newest.frames_per_s), Some(|worker| &worker.frames_per_s))}
            {row.cell("Written a second", |newest| format::bytes(newest.bytes_per_s), Some(|worker| &worker.bytes_per_s))}
            {shared}
            {row.cell("Conflated a second", |newest| format::count(newest.conflated_per_s), None)}
            {row.cell("Slow readers closed", |newest| format::count(newest.slow_closed), None)}
        </tr>
    }
    .into_any()
}

impl Row {
    fn newest(self, read: fn(&ServerMetricsView) -> String) -> String {
        self.0.with(|worker| worker.as_ref().map(|worker| read(&worker.newest)).unwrap_or_default())
    }

    /// One figure, with its last minute where there is one.
    fn cell(self, label: &'static str, read: fn(&ServerMetricsView) -> String, minute: Option<Minute>) -> AnyView {
        let text = memo(move || self.newest(read));
        let line = minute.map(|minute| {
            let points =
                memo(move || self.0.with(|worker| worker.as_ref().map(|worker| points(minute(worker))).unwrap_or_default()));
            view! { <Sparkline points/> }.into_any()
        });
        view! { <td class="num" data-label=label><span class="figure">{line}<b>{move || text.get()}</b></span></td> }.into_any()
    }
}

/// What is said of a worker beside its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    words: String,
    is_well: bool,
}

fn standing(view: &OperationsView, newest: &ServerMetricsView) -> Standing {
    let heard_at = view.heard_at().unwrap_or(newest.time);
    let silent_s = heard_at.duration_since(newest.time).as_secs();
    if silent_s >= SILENT_S {
        return Standing { words: ["Silent for ", &silent_s.to_string(), " s"].concat(), is_well: false };
    }
    let words = if newest.worker == view.worker { "Made this page" } else { "Reporting" };
    Standing { words: words.to_owned(), is_well: true }
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
        assert_eq!(standing(&view, &newest("b", 93)), Standing { words: "Silent for 7 s".to_owned(), is_well: false });
        assert_eq!(standing(&view, &newest("a", 100)).words, "Made this page");
        assert_eq!(standing(&view, &newest("b", 99)).words, "Reporting");
    }

    #[test]
    fn the_engine_is_the_worker_it_names() {
        assert!(is_engine(&newest("a", 1)) && !is_engine(&newest("b", 1)));
    }
}
