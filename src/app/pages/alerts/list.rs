//! The lists: those that watch or pause, closest first; below, those that are past.

use std::cmp::Ordering;

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::alert_actions::AlertActions;
use crate::app::components::alert_row::AlertRow;
use crate::app::components::distance::distance;
use crate::app::components::list::{Part, list};
use crate::app::components::sentences::is_past;
use crate::app::reactive::memo;
use crate::domain::alert::AlertState;
use crate::live::{Live, expect_live};
use crate::wire::views::AlertView;

/// Returns an alert's distance with the newest quote, or as the server last said it.
pub(crate) fn distance_now(live: Live, alert: &AlertView) -> Option<Decimal> {
    let quote = live.quote(&alert.ticker);
    quote.with(|quote| distance(alert.condition, alert.threshold, quote.as_ref())).or(alert.distance_percent)
}

/// Orders distances, unknown ones last.
pub(crate) fn order(left: Option<Decimal>, right: Option<Decimal>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => left.abs().cmp(&right.abs()),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Alerts that watch or pause. They are sorted again when an alert changes, not with every price: rows must not move under a hand
/// that is about to press one.
#[component]
pub(crate) fn Watching(actions: AlertActions) -> impl IntoView {
    let live = expect_live();
    let alerts = live.alerts();
    let sorted = memo(move || {
        let mut watching: Vec<AlertView> =
            alerts.with(|alerts| alerts.iter().filter(|alert| !is_past(alert.state)).cloned().collect());
        untrack(|| {
            watching.sort_by_cached_key(|alert| Nearness {
                is_paused: alert.state == AlertState::Paused,
                distance: distance_now(live, alert),
            });
        });
        watching
    });
    let count = memo(move || sorted.with(Vec::len));
    view! {
        <section class="card alert-card" aria-labelledby="watching" hidden=move || count.get() == 0>
            <header><h2 id="watching">{words().watching()}</h2><span class="muted">{move || words().closest_first(&count.get().to_string())}</span></header>
            <div class="alert-list">
                {list(move || sorted.get().into_iter().map(|alert| Part::new(alert.id.clone(), move || view! { <AlertRow alert actions/> }.into_any())).collect())}
            </div>
        </section>
    }
}

/// Alerts that have fired for good or run out, the newest firing first.
#[component]
pub(crate) fn History(actions: AlertActions) -> impl IntoView {
    let alerts = expect_live().alerts();
    let past = memo(move || {
        let mut past: Vec<AlertView> =
            alerts.with(|alerts| alerts.iter().filter(|alert| is_past(alert.state)).cloned().collect());
        past.sort_by_key(|alert| std::cmp::Reverse(alert.triggered_at.or(alert.expires_at)));
        past
    });
    let count = memo(move || past.with(Vec::len));
    view! {
        <section class="card alert-card" aria-labelledby="history" hidden=move || count.get() == 0>
            <header><h2 id="history">{words().history()}</h2><span class="muted">{move || words().triggered_or_expired(&count.get().to_string())}</span></header>
            <div class="alert-list">
                {list(move || past.get().into_iter().map(|alert| Part::new(alert.id.clone(), move || view! { <AlertRow alert actions/> }.into_any())).collect())}
            </div>
        </section>
    }
}

/// The key of the list's order: paused ones last, otherwise the closest first.
#[derive(PartialEq, Eq)]
struct Nearness {
    is_paused: bool,
    distance: Option<Decimal>,
}

impl Ord for Nearness {
    fn cmp(&self, other: &Self) -> Ordering {
        self.is_paused.cmp(&other.is_paused).then_with(|| order(self.distance, other.distance))
    }
}

impl PartialOrd for Nearness {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_comes_first_and_what_is_unknown_last() {
        let mut distances = [None, Some(Decimal::TEN), Some(Decimal::NEGATIVE_ONE)];
        distances.sort_by(|left, right| order(*left, *right));
        assert_eq!(distances, [Some(Decimal::NEGATIVE_ONE), Some(Decimal::TEN), None]);
    }

    #[test]
    fn paused_alerts_come_after_those_that_watch() {
        let paused = Nearness { is_paused: true, distance: Some(Decimal::ZERO) };
        let watching = Nearness { is_paused: false, distance: None };
        assert!(watching < paused);
    }
}
