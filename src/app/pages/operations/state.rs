//! The state of the installation in words: which worker is the engine, how Redis and the feed are, and what was given up for slow
//! readers.

use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::domain::quote::Freshness;
use crate::wire::views::OperationsView;

/// A list of facts that move.
#[component]
pub(crate) fn State(view: Signal<OperationsView>, is_alone: bool) -> impl IntoView {
    let redis = (!is_alone).then(|| fact(words().redis(), view, redis));
    view! {
        <section class="card state-card" aria-labelledby="state">
            <header><h2 id="state">{words().state()}</h2></header>
            <dl class="facts-list">
                {fact(words().engine(), view, engine)}
                {redis}
                {fact(words().market_data(), view, feed)}
                {fact(words().conflation(), view, conflation)}
                {fact(words().slow_readers(), view, slow)}
                <div><dt>{words().for_programs()}</dt><dd><a href="/metrics" rel="external">{words().prometheus_metrics()}</a></dd></div>
            </dl>
        </section>
    }
}

fn fact(label: &'static str, view: Signal<OperationsView>, write: fn(&OperationsView) -> String) -> AnyView {
    let text = memo(move || view.with(write));
    view! { <div><dt>{label}</dt><dd>{move || text.get()}</dd></div> }.into_any()
}

/// Returns who is the engine, by the newest term that anybody has heard of.
fn engine(view: &OperationsView) -> String {
    let known = view.living().filter_map(|worker| worker.newest.engine.as_ref()).max_by_key(|engine| engine.epoch);
    match known {
        Some(engine) if view.is_alone => words().this_process_term(&engine.epoch.to_string()),
        Some(engine) => words().worker_term(&engine.worker, &engine.epoch.to_string()),
        None => words().nobody_is_engine().to_owned(),
    }
}

fn redis(view: &OperationsView) -> String {
    let lost = view.living().filter(|worker| !worker.newest.bus_connected);
    let lost: Vec<&str> = lost.map(|worker| worker.newest.worker.as_str()).collect();
    if lost.is_empty() {
        return words().redis_connected().to_owned();
    }
    words().redis_lost(&lost.join(", "))
}

fn feed(view: &OperationsView) -> String {
    let last_heard = view.workers.iter().max_by_key(|worker| worker.newest.time);
    match last_heard.map(|worker| worker.newest.feed) {
        Some(Freshness::Live) => words().feed_live(),
        Some(Freshness::Delayed) => words().feed_delayed(),
        Some(Freshness::Stale) => words().feed_stale(),
        Some(Freshness::Closed) => words().feed_closed(),
        None => words().feed_not_known(),
    }
    .to_owned()
}

fn conflation(view: &OperationsView) -> String {
    let conflated = view.living().map(|worker| worker.newest.conflated_per_s).fold(0, u64::saturating_add);
    match conflated {
        0 => words().no_tick_replaced().to_owned(),
        _ => words().ticks_replaced(conflated),
    }
}

fn slow(view: &OperationsView) -> String {
    match view.workers.iter().map(|worker| worker.newest.slow_closed).fold(0, u64::saturating_add) {
        0 => words().none_closed().to_owned(),
        closed => words().readers_closed(closed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::views::{EngineView, ServerMetricsView};

    fn view(workers: &[(&str, bool, Option<u64>)]) -> OperationsView {
        let mut view = OperationsView { is_alone: false, worker: "a".to_owned(), workers: vec![] };
        for (worker, bus_connected, term) in workers {
            view.take(ServerMetricsView {
                time: jiff::Timestamp::UNIX_EPOCH,
                worker: (*worker).to_owned(),
                streams: 0,
                frames_per_s: 0,
                bytes_per_s: 0,
                conflated_per_s: 1_000,
                slow_closed: 1,
                bus_lag_ms: 0,
                bus_connected: *bus_connected,
                engine: term.map(|epoch| EngineView { worker: format!("e{epoch}"), epoch }),
                feed: Freshness::Live,
            });
        }
        view
    }

    #[test]
    fn the_newest_term_that_anybody_heard_of_counts() {
        assert_eq!(engine(&view(&[("a", true, Some(3)), ("b", true, Some(4)), ("c", false, None)])), "e4, term 4");
        assert!(engine(&view(&[("a", true, None)])).starts_with("None right now"));
    }

    #[test]
    fn workers_that_lost_redis_are_named() {
        assert_eq!(redis(&view(&[("a", true, None)])), "Connected on every worker");
        assert!(redis(&view(&[("a", true, None), ("b", false, None)])).starts_with("Lost on b."));
    }

    #[test]
    fn counts_of_all_workers_are_put_together() {
        let both = view(&[("a", true, None), ("b", true, None)]);
        assert!(conflation(&both).starts_with("2,000 ticks") && slow(&both).starts_with("2 were closed"));
    }
}
