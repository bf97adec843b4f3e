//! How many alerts can fire now, which is closest, and how many stand otherwise.

use crate::app::prelude::*;

use super::list::Parts;
use crate::app::components::alert_row::predicate;
use crate::app::components::distance::{Away, distance_words, typical_days_text};
use crate::app::components::sentences::Standing;
use crate::app::reactive::memo;
use crate::live::expect_live;

/// The count, large, the closest alert in a sentence, and the others by how they stand.
#[component]
pub(crate) fn Hero(
    /// The alerts in their parts.
    parts: Memo<Parts>,
) -> impl IntoView {
    let live = expect_live();
    let active = memo(move || parts.with(|parts| parts.active.len()));
    let closest = memo(move || parts.with(|parts| parts.active.first().cloned()));
    let name = move || closest.get().map(|alert| alert.ticker.to_string()).unwrap_or_default();
    let sentence = move || closest.get().map(|alert| predicate(&alert)).unwrap_or_default();
    let away = move || {
        let alert = closest.get()?;
        let Away { distance, days } = Away::now(live, &alert);
        let far = distance_words(alert.condition, distance?);
        let days = days.map(typical_days_text);
        Some(days.map_or(far.clone(), |days| words().that_is(&far, &days)))
    };
    let link = move || ["/i/", &name()].concat();
    let other = move |standing: Standing| {
        let count = memo(move || parts.with(|parts| parts.count(standing)));
        view! { <div hidden=move || count.get() == 0><dt>{standing.label()}</dt><dd>{move || count.get().to_string()}</dd></div> }
            .into_any()
    };
    let others = [Standing::Waiting, Standing::Resting, Standing::Fired, Standing::Paused].into_iter().map(other).collect_view();
    view! {
        <section class="card hero alerts-hero" aria-labelledby="armed">
            <div class="headline">
                <h1 id="armed">{words().alerts_armed()}</h1>
                <p class="total">{move || active.get().to_string()}</p>
            </div>
            <div class="closest" hidden=move || closest.with(Option::is_none)>
                <p class="label">{words().closest()}</p>
                <a class="row" href=move || link()><b>{move || name()}</b>" "<span class="cond">{move || sentence()}</span></a>
                <p class="closest-away">{move || away()}</p>
            </div>
            <dl class="standings">{others}</dl>
        </section>
    }
}
