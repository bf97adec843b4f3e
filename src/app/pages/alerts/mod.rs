//! `/alerts`: how many can fire now and which is closest; then all of them, and the form beside them.

mod hero;
mod list;
mod starters;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::UpdateAlert;
use crate::app::components::alert_actions::{AlertActions, apply};
use crate::app::components::alert_form::{AlertStart, EditAlertForm, NewAlertForm};
use crate::app::components::alert_row::predicate;
use crate::app::components::field::{FormRefusal, Refused};
use crate::app::components::numbers::asked_number;
use crate::app::components::post_form::Command;
use crate::app::reactive::{effect, memo};
use crate::app::said::Said;
use crate::live::{expect_live, source};
use crate::wire::views::AlertView;
use hero::Hero;
use list::{Lists, parts};
use starters::Starters;

/// The page of every alert.
#[component]
pub(crate) fn AlertsPage() -> impl IntoView {
    let live = expect_live();
    let actions = AlertActions::prepared();
    let update = Command::of::<UpdateAlert>();
    apply(update);
    let said = Said::expect();
    update.when_done(move |answer| {
        if let Some(alert) = answer.read::<AlertView>() {
            said.say(words().said_saved(&[alert.ticker.as_str(), " ", &predicate(&alert)].concat()), None);
        }
    });
    let alerts = live.alerts();
    let is_empty = memo(move || alerts.with(Vec::is_empty));
    let parts = parts(live);
    view! {
        <Title text=words().alerts()/>
        <div class="page alerts-page">
            <div class="main-column">
                <FormRefusal refused=actions.row_refusal()/>
                <Show when=move || is_empty.get() fallback=move || view! { <Hero parts/><Lists parts actions/> }>
                    <Starters action=actions.create/>
                </Show>
            </div>
            <div class="side"><FormCard actions update/></div>
        </div>
    }
}

/// The form: a new alert, or the one that `?edit=` names.
#[component]
fn FormCard(actions: AlertActions, update: Command) -> impl IntoView {
    let query = use_query_map();
    let alerts = expect_live().alerts();
    let edited = memo(move || query.read().get("edit").filter(|id| !id.is_empty()));
    let form = move || match edited.get() {
        Some(id) => match alerts.with_untracked(|alerts| alerts.iter().find(|alert| alert.id == id).cloned()) {
            Some(alert) => view! {
                <header><h2 id="edit">{words().change_an_alert()}</h2></header>
                <EditAlertForm action=update alert refused=of_alert(update, id)/>
            }
            .into_any(),
            None => view! {
                <header><h2 id="edit">{words().alert_is_gone()}</h2></header>
                <p class="hint">{words().alert_is_gone_hint()}</p>
                <p class="submit"><a class="primary" href="/alerts">{words().make_a_new_one()}</a></p>
            }
            .into_any(),
        },
        None => view! { <NewAlert actions/> }.into_any(),
    };
    view! { <section class="card form-card" id="new" aria-labelledby="edit">{move || form()}</section> }
}

/// Follows the refusal of the change of one alert: that of another says nothing about this one.
fn of_alert(update: Command, id: String) -> Refused {
    let refused = update.refused();
    let answer = update.answer();
    Signal::derive(move || {
        let is_its = answer.with(|answer| answer.as_ref().and_then(|answer| answer.sent("id")) == Some(id.as_str()));
        refused.get().filter(|_| is_its)
    })
}

/// The form of a new alert, prefilled from the address; it empties itself after each success.
#[component]
fn NewAlert(actions: AlertActions) -> impl IntoView {
    let query = use_query_map();
    let answer = actions.create.answer();
    let heard = actions.create.refused();
    let made = Memo::new(move |before: Option<&usize>| {
        let before = before.copied().unwrap_or_default();
        answer.track();
        if actions.create.is_done() { before + 1 } else { before }
    });
    effect(move || {
        if made.get() > 0 {
            source::reset_form("new");
        }
    });
    let start = move || {
        let query = query.read();
        // `get` would decode once more what is decoded already.
        let asked = |name: &str| query.get_str(name).unwrap_or_default().to_owned();
        match made.get() {
            0 => AlertStart {
                ticker: asked("ticker"),
                condition: asked("condition"),
                threshold: asked_number(asked("threshold")),
                note: asked("note"),
                repeat: asked("repeat"),
                cooldown_s: asked("cooldown_s"),
                expires_at: asked("expires_at"),
            },
            _ => AlertStart::default(),
        }
    };
    view! {
        <header><h2 id="edit">{words().new_alert()}</h2></header>
        {move || view! { <NewAlertForm action=actions.create start=start() refused=heard/> }.into_any()}
    }
}
