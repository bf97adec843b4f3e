//! `/operations`: how the workers are doing, live, with the last minute behind each figure.

mod figures;
mod state;
mod workers;

use crate::app::prelude::*;
use leptos_meta::Title;

use crate::api::query::Query;
use crate::api::told::Told;
use crate::app::components::{Empty, Failure, fetched};
use crate::app::reactive::{effect, memo};
use crate::live::{expect_live, source};
use crate::wire::views::OperationsView;

use figures::Totals;
use state::State;
use workers::Workers;

/// Silence that is mentioned, in seconds: figures come every second.
const QUIET_S: i64 = 5;

/// The page of operators.
#[component]
pub(crate) fn OperationsPage() -> impl IntoView {
    let operations = fetched(
        || (Query::Operations, 0),
        || view! { <section class="card skeleton" aria-busy="true"><p class="hint">{words().loading()}</p></section> }.into_any(),
        drawn,
    );
    view! {
        <Title text=words().operations()/>
        <div class="page operations-page">
            <header class="page-head"><h1>{words().operations()}</h1></header>
            {operations}
        </div>
    }
}

fn drawn(answer: Told) -> AnyView {
    match answer.read::<OperationsView>() {
        Ok(first) => view! { <Live first/> }.into_any(),
        Err(error) => view! { <Failure error/> }.into_any(),
    }
}

/// The figures as the page came with them, and as the stream moves them on.
#[component]
fn Live(first: OperationsView) -> impl IntoView {
    let live = expect_live();
    // Also the server may set these signals while it renders: nothing else on any page reads them.
    live.begin_operations(&first);
    let (view, is_alone) = (live.operations(), first.is_alone);
    let is_empty = memo(move || view.with(|view| view.workers.is_empty()));
    view! {
        <p class="hint lone" hidden=!is_alone>{words().one_process()}</p>
        <Silence view/>
        {move || if is_empty.get() {
            view! {
                <section class="card">
                    <Empty title=words().no_worker_yet() hint=words().no_worker_yet_hint()/>
                </section>
            }.into_any()
        } else {
            view! {
                <Totals view is_alone/>
                <Workers view is_alone/>
                <State view is_alone/>
            }.into_any()
        }}
    }
}

/// Says when nothing has been heard for a while: the figures then are old.
#[component]
fn Silence(view: Signal<OperationsView>) -> impl IntoView {
    let silent_s = RwSignal::new(0_i64);
    effect(move || {
        view.track();
        silent_s.set(0);
    });
    effect(move || count(silent_s));
    let said = move || {
        let seconds = silent_s.get();
        // Spoken once, and again seldom.
        let told = if seconds < 60 { seconds / 10 * 10 } else { seconds / 60 * 60 };
        (seconds >= QUIET_S).then(|| words().no_report_for(&told.max(QUIET_S).to_string()))
    };
    view! { <div class="slot" role="status">{move || said().map(|text| view! { <p class="silence">{text}</p> }.into_any())}</div> }
}

/// Counts seconds for as long as the page is there.
fn count(silent_s: RwSignal<i64>) {
    source::after(1_000, move || {
        if let Some(seconds) = silent_s.try_get_untracked() {
            silent_s.set(seconds + 1);
            count(silent_s);
        }
    });
}
