//! How many alerts are armed, and which is closest.

use crate::app::prelude::*;

use super::list::{distance_now, order};
use crate::app::components::alert_row::predicate;
use crate::app::components::distance::{Meter, distance_words};
use crate::app::reactive::memo;
use crate::domain::alert::AlertState;
use crate::live::expect_live;
use crate::wire::views::AlertView;

/// The count, large, and the closest alert with its meter.
#[component]
pub(crate) fn Hero() -> impl IntoView {
    let live = expect_live();
    let alerts = live.alerts();
    let armed = memo(move || alerts.with(|alerts| alerts.iter().filter(|alert| is_watching(alert)).count()));
    let closest = memo(move || {
        let watching: Vec<AlertView> = alerts.with(|alerts| alerts.iter().filter(|alert| is_watching(alert)).cloned().collect());
        let measured = watching.into_iter().filter_map(|alert| Some((distance_now(live, &alert)?, alert)));
        measured.min_by(|left, right| order(Some(left.0), Some(right.0)))
    });
    let distance = Signal::derive(move || closest.get().map(|(distance, _)| distance));
    let away = move || closest.get().map(|(distance, alert)| distance_words(alert.condition, distance)).unwrap_or_default();
    let name = move || closest.get().map(|(_, alert)| alert.ticker.to_string()).unwrap_or_default();
    let sentence = move || closest.get().map(|(_, alert)| predicate(&alert)).unwrap_or_default();
    let link = move || ["/i/", &name()].concat();
    view! {
        <section class="card hero alerts-hero" aria-labelledby="armed">
            <div class="headline">
                <h1 id="armed">{words().alerts_armed()}</h1>
                <p class="total">{move || armed.get().to_string()}</p>
            </div>
            <div class="closest" hidden=move || closest.with(Option::is_none)>
                <p class="label">{words().closest()}</p>
                <a class="row" href=move || link()><b>{move || name()}</b>" "<span class="cond">{move || sentence()}</span><span class="dist">{move || away()}</span></a>
                <Meter distance/>
            </div>
        </section>
    }
}

/// Whether an alert watches: armed, or resting until it may fire again.
fn is_watching(alert: &AlertView) -> bool {
    matches!(alert.state, AlertState::Armed | AlertState::Cooling)
}
