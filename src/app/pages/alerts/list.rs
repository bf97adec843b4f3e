//! The lists: what can fire now, closest first; what waits, rests, has fired or is paused, and why; and what is over.

use crate::app::prelude::*;

use crate::app::components::alert_actions::AlertActions;
use crate::app::components::alert_row::AlertRow;
use crate::app::components::at_most_every;
use crate::app::components::distance::Away;
use crate::app::components::list::{Part, list};
use crate::app::components::sentences::{Standing, standing};
use crate::app::reactive::memo;
use crate::live::Live;
use crate::wire::views::AlertView;

/// How often an alert may change its place, in milliseconds: a row must not move under a hand that is about to press it.
const REORDER_MS: u32 = 10_000;

/// The alerts of a page, in the three parts of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Those that can fire now, closest first.
    pub(crate) active: Vec<AlertView>,
    /// Those that wait, rest, have fired and were not seen, or are paused.
    pub(crate) held: Vec<(Standing, AlertView)>,
    /// Those that are over, the newest first.
    pub(crate) past: Vec<AlertView>,
}

impl Parts {
    /// How many of those that are held stand so.
    pub(crate) fn count(&self, standing: Standing) -> usize {
        self.held.iter().filter(|(held, _)| *held == standing).count()
    }
}

/// Follows the alerts in their parts: at once when one changes, and now and then as prices move.
pub(crate) fn parts(live: Live) -> Memo<Parts> {
    let beat = at_most_every(REORDER_MS, live.totals());
    let alerts = live.alerts();
    memo(move || {
        beat.track();
        let alerts = alerts.get();
        untrack(|| sorted(alerts, |alert| Away::now(live, alert)))
    })
}

fn sorted(alerts: Vec<AlertView>, away: impl Fn(&AlertView) -> Away) -> Parts {
    let mut parts = Parts::default();
    let mut active = Vec::new();
    for alert in alerts {
        let away = away(&alert);
        match standing(&alert, away.distance) {
            Standing::Active => active.push((away, alert)),
            Standing::Done | Standing::Expired => parts.past.push(alert),
            held => parts.held.push((held, alert)),
        }
    }
    active.sort_by(|(left, _): &(Away, AlertView), (right, _)| left.order(right));
    parts.active = active.into_iter().map(|(_, alert)| alert).collect();
    parts.held.sort_by_key(|(standing, _)| *standing);
    parts.past.sort_by_key(|alert| std::cmp::Reverse(alert.triggered_at.or(alert.expires_at)));
    parts
}

/// The card of all lists.
#[component]
pub(crate) fn Lists(
    /// The alerts in their parts.
    parts: Memo<Parts>,
    /// The commands of the rows.
    actions: AlertActions,
) -> impl IntoView {
    let draw = move |alert: AlertView| Part::new(alert.id.clone(), move || view! { <AlertRow alert actions/> }.into_any());
    let active = memo(move || parts.with(|parts| parts.active.clone()));
    let held = memo(move || parts.with(|parts| parts.held.iter().map(|(_, alert)| alert.clone()).collect::<Vec<_>>()));
    let past = memo(move || parts.with(|parts| parts.past.clone()));
    let has_held = memo(move || !held.with(Vec::is_empty));
    let has_past = memo(move || !past.with(Vec::is_empty));
    let has_active = memo(move || !active.with(Vec::is_empty));
    view! {
        <section class="card alert-card" aria-labelledby="watching">
            <header class="alert-head">
                <h2 id="watching" tabindex="-1">{words().active_closest_first()}</h2>
                <span class="ticks" aria-hidden="true" hidden=move || !has_active.get()><i>"10"</i><i>"5"</i><i>"2"</i><i>"1"</i><i>"½"</i><i>{words().level()}</i></span>
            </header>
            <div class="alert-list">{list(move || active.get().into_iter().map(draw).collect())}</div>
            <p class="hint scale-hint" hidden=move || !has_active.get()>{words().scale_counts_typical_days()}</p>
            <p class="hint none" hidden=move || has_active.get()>{words().no_alert_can_fire()}</p>
            <div hidden=move || !has_held.get()>
                <h3 class="alert-part">{words().waiting_resting_fired_paused()}</h3>
                <div class="alert-list">{list(move || held.get().into_iter().map(draw).collect())}</div>
            </div>
            <div hidden=move || !has_past.get()>
                <h3 class="alert-part">{words().history()}</h3>
                <div class="alert-list">{list(move || past.get().into_iter().map(draw).collect())}</div>
            </div>
            <p class="hint alert-foot">{words().no_alert_armed_hint()}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertState;
    use rust_decimal::Decimal;

    fn alert(state: AlertState) -> AlertView {
        let alert = serde_json::json!({
            "id": "1", "revision": 1, "ticker": "AAPL", "condition": "crosses_above", "threshold": "100", "note": null,
            "repeat": "once", "cooldown_s": 0, "expires_at": null, "paused": false, "acknowledged": true, "state": state,
            "distance_percent": null, "created_at": "2026-11-02T09:30:00.000Z", "triggered_at": null,
        });
        serde_json::from_value(alert).unwrap()
    }

    #[test]
    fn only_what_can_fire_now_is_active_and_the_rest_says_why_not() {
        let alerts = [
            ("far", AlertState::Armed),
            ("past", AlertState::Armed),
            ("near", AlertState::Armed),
            ("paused", AlertState::Paused),
            ("cooling", AlertState::Cooling),
            ("seen", AlertState::Triggered),
            ("unseen", AlertState::Triggered),
            ("expired", AlertState::Expired),
        ];
        let alerts = alerts.map(|(id, state)| AlertView {
            id: id.into(),
            acknowledged: id != "unseen",
            paused: state == AlertState::Paused,
            ..alert(state)
        });
        let away = |alert: &AlertView| match alert.id.as_str() {
            "far" => Some(Decimal::TEN),
            "past" => Some(Decimal::NEGATIVE_ONE),
            _ => Some(Decimal::ONE),
        };
        let parts = sorted(alerts.to_vec(), |alert| Away { distance: away(alert), days: None });
        let ids = |alerts: &[AlertView]| alerts.iter().map(|alert| alert.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&parts.active), ["near", "far"]);
        let held: Vec<_> = parts.held.iter().map(|(standing, alert)| (*standing, alert.id.as_str())).collect();
        let expected = [
            (Standing::Waiting, "past"),
            (Standing::Resting, "cooling"),
            (Standing::Fired, "unseen"),
            (Standing::Paused, "paused"),
        ];
        assert_eq!(held, expected);
        assert_eq!(parts.past.len(), 2);
        assert_eq!(parts.count(Standing::Fired), 1);
    }
}
