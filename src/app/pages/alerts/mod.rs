//! `/alerts`: how many are armed and which is closest; then all of them, what has fired, and the form.

mod hero;
mod list;
mod starters;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::UpdateAlert;
use crate::app::components::alert_actions::{AlertActions, SetSaid, apply};
use crate::app::components::alert_form::{AlertStart, EditAlertForm, NewAlertForm};
use crate::app::components::field::{FormRefusal, refused};
use crate::live::expect_live;
use hero::Hero;
use list::{History, Watching};
use starters::Starters;

/// The page of every alert.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let live = expect_live();
    let actions = AlertActions::prepared();
    let update = ServerAction::<UpdateAlert>::new();
    apply(live, update.value());
    let alerts = live.alerts();
    let is_empty = Memo::new(move |_| alerts.with(Vec::is_empty));
    view! {
        <Title text="Alerts"/>
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
fn FormCard(actions: AlertActions, update: ServerAction<UpdateAlert>) -> impl IntoView {
    let query = use_query_map();
    let alerts = expect_live().alerts();
    let edited = Memo::new(move |_| query.read().get("edit").filter(|id| !id.is_empty()));
    let form = move || match edited.get() {
        Some(id) => match alerts.with_untracked(|alerts| alerts.iter().find(|alert| alert.id == id).cloned()) {
            Some(alert) => view! {
                <header><h2 id="edit">"Change an alert"</h2></header>
                <EditAlertForm action=update alert refused=refused(update.value())/>
            }
            .into_any(),
            None => view! {
                <header><h2 id="edit">"This alert is gone"</h2></header>
                <p class="hint">"It was deleted meanwhile. What it has told stays in the inbox."</p>
                <p class="submit"><a class="primary" href="/alerts">"Make a new one"</a></p>
            }
            .into_any(),
        },
        None => view! { <NewAlert actions/> }.into_any(),
    };
    view! { <section class="card form-card" id="new" aria-labelledby="edit">{form}</section> }
}

/// The form of a new alert, prefilled from the address; it empties itself after each success.
#[component]
fn NewAlert(actions: AlertActions) -> impl IntoView {
    let query = use_query_map();
    let answer = actions.create.value();
    let heard = refused(answer);
    let made = Memo::new(move |before: Option<&usize>| {
        let before = before.copied().unwrap_or_default();
        if answer.with(|answer| matches!(answer, Some(Ok(_)))) { before + 1 } else { before }
    });
    let start = move || {
        let query = query.read();
        let asked = |name: &str| query.get(name).unwrap_or_default();
        match made.get() {
            0 => AlertStart {
                ticker: asked("ticker"),
                condition: asked("condition"),
                threshold: asked("threshold"),
                note: asked("note"),
                repeat: asked("repeat"),
                cooldown_s: asked("cooldown_s"),
                expires_at: asked("expires_at"),
            },
            _ => AlertStart::default(),
        }
    };
    view! {
        <header><h2 id="edit">"New alert"</h2></header>
        {move || view! { <NewAlertForm action=actions.create start=start() refused=heard/> }}
        <SetSaid answer/>
    }
}
