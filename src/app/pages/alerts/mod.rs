//! `/alerts`: how many are armed and which is closest; then all of them, what has fired, and the form.

mod hero;
mod list;
mod starters;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::UpdateAlert;
use crate::app::components::alert_actions::{AlertActions, SetSaid, apply};
use crate::app::components::alert_form::{AlertStart, EditAlertForm, NewAlertForm};
use crate::app::components::field::FormRefusal;
use crate::app::components::numbers::asked_number;
use crate::app::components::post_form::Command;
use crate::app::reactive::memo;
use crate::live::expect_live;
use hero::Hero;
use list::{History, Watching};
use starters::Starters;

/// The page of every alert.
#[component]
pub(crate) fn AlertsPage() -> impl IntoView {
    let live = expect_live();
    let actions = AlertActions::prepared();
    let update = Command::of::<UpdateAlert>();
    apply(update);
    let alerts = live.alerts();
    let is_empty = memo(move || alerts.with(Vec::is_empty));
    view! {
        <Title text=words().alerts()/>
        <div class="page alerts-page">
            <Hero/>
            <Show when=move || is_empty.get()><Starters action=actions.create/></Show>
            <FormRefusal refused=actions.row_refusal()/>
            <div class="main-column">
                <Watching actions/>
                <History actions/>
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
                <EditAlertForm action=update alert refused=update.refused()/>
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
    let start = move || {
        let query = query.read();
        let asked = |name: &str| query.get(name).unwrap_or_default();
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
        <SetSaid answer/>
    }
}
