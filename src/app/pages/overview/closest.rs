//! The alerts that are nearest to going off.

use crate::app::prelude::*;

use crate::app::components::alert_row::{live_distance, predicate};
use crate::app::components::distance::{Away, Scale, distance_text, in_typical_days};
use crate::app::components::list::{Part, list};
use crate::app::components::sentences::{Standing, standing};
use crate::app::components::{Card, Empty, at_most_every};
use crate::app::reactive::memo;
use crate::live::{Live, expect_live};
use crate::wire::views::AlertView;

/// The number of alerts that the card shows.
const SHOWN: usize = 5;
/// How often they may change places, in milliseconds.
const REORDER_MS: u32 = 5_000;

/// The armed alerts, closest first, each with its way to go.
#[component]
pub(crate) fn ClosestAlerts() -> impl IntoView {
    let live = expect_live();
    let beat = at_most_every(REORDER_MS, live.totals());
    let alerts = live.alerts();
    let nearest = memo(move || {
        beat.track();
        closest(live, alerts.get())
    });
    let is_empty = memo(move || nearest.with(Vec::is_empty));
    let actions = view! { <a class="ghost end" href="/alerts#new">{words().new_alert_short()}</a> };
    view! {
        <Card title=words().closest_alerts() actions=actions.into_any()>
            {move || if is_empty.get() {
                view! {
                    <Empty title=words().no_alert_armed() hint=words().no_alert_armed_hint()>
                        <a class="ghost" href="/alerts">{words().make_an_alert()}</a>
                    </Empty>
                }.into_any()
            } else {
                view! {
                    <ul class="alerts">
                        {list(move || nearest.get().into_iter().map(|alert| Part::new(alert.id.clone(), move || view! { <Closest alert/> }.into_any())).collect())}
                    </ul>
                }.into_any()
            }}
        </Card>
    }
}

/// One alert with its distance as it moves.
#[component]
fn Closest(alert: AlertView) -> impl IntoView {
    let live = expect_live();
    let newest = live.alert(&alert.id);
    let away = live_distance(newest, &alert.ticker);
    let path = ["/i/", alert.ticker.as_str()].concat();
    let ticker = alert.ticker.to_string();
    let condition = alert.condition;
    let watched = alert.ticker.clone();
    let days = memo(move || in_typical_days(away.get(), live.typical_day(&watched)));
    let phrase = move || newest.with(|newest| newest.as_ref().map_or_else(|| predicate(&alert), predicate));
    view! {
        <li>
            <a href=path>
                <span class="row">
                    <b>{ticker}</b>
                    <span class="cond">{move || phrase()}</span>
                    <span class="dist">{move || distance_text(condition, away.get())}</span>
                </span>
                <Scale days/>
            </a>
        </li>
    }
}

/// Picks the alerts that can fire now with the least way to go at this moment, in typical days; those without a price come last.
fn closest(live: Live, alerts: Vec<AlertView>) -> Vec<AlertView> {
    let measured = alerts.into_iter().map(|alert| (untrack(|| Away::now(live, &alert)), alert));
    let mut measured: Vec<(Away, AlertView)> =
        measured.filter(|(away, alert)| standing(alert, away.distance) == Standing::Active).collect();
    measured.sort_by(|(left, _), (right, _)| left.order(right));
    measured.into_iter().take(SHOWN).map(|(_, alert)| alert).collect()
}
