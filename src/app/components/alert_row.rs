//! One alert in a list: its state, its sentence, how far it is, and what can be done with it.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::alert_actions::AlertActions;
use crate::app::components::distance::{Meter, distance, distance_text};
use crate::app::components::field::Confirm;
use crate::app::components::post_form::PostForm;
use crate::app::components::sentences::{is_past, rhythm, state_class};
use crate::app::components::{When, WhenStyle};
use crate::app::reactive::memo;
use crate::domain::alert::AlertState;
use crate::live::expect_live;
use crate::wire::views::AlertView;

/// Returns the sentence after the ticker: `crosses above 230.00`.
pub fn predicate(alert: &AlertView) -> String {
    words().rule(alert.condition, alert.threshold)
}

/// Follows an alert's distance with the newest quote.
pub fn live_distance(alert: Signal<Option<AlertView>>, ticker: &crate::domain::instrument::Ticker) -> Signal<Option<Decimal>> {
    let quote = expect_live().quote(ticker);
    Signal::derive(move || {
        let alert = alert.get()?;
        quote.with(|quote| distance(alert.condition, alert.threshold, quote.as_ref())).or(alert.distance_percent)
    })
}

/// One alert as an article of a list.
#[component]
pub fn AlertRow(
    /// The alert as it was when the row was made; the live list has its newest state.
    alert: AlertView,
    /// The commands of the row's buttons.
    actions: AlertActions,
    /// Whether the ticker is left out, on the instrument's own page.
    #[prop(optional)]
    is_bare: bool,
) -> impl IntoView {
    let live = expect_live();
    let newest = live.alert(&alert.id);
    let first = alert.clone();
    let current = Signal::derive(move || newest.get().unwrap_or_else(|| first.clone()));
    let state = memo(move || current.with(|alert| alert.state));
    let away = live_distance(Signal::derive(move || Some(current.get())), &alert.ticker);
    let link = ["/i/", alert.ticker.as_str()].concat();
    let ticker = alert.ticker.to_string();
    let away_text = move || match state.get() {
        state if is_past(state) => String::new(),
        _ => distance_text(current.with(|alert| alert.condition), away.get()),
    };
    view! {
        <article class="alert" class:past=move || is_past(state.get())>
            <div class="row">
                <span class=move || state_class(state.get())>{move || words().state_word(state.get())}</span>
                {(!is_bare).then(|| view! { <a class="what" href=link><b>{ticker}</b></a> }.into_any())}
                <span class="cond">{move || current.with(predicate)}</span>
                <span class="dist">{move || away_text()}</span>
            </div>
            <div class="gauge" hidden=move || is_past(state.get())><Meter distance=away/></div>
            <AlertFacts alert=current/>
            <AlertControls id=alert.id alert=current state actions/>
        </article>
    }
}

/// Rhythm, expiry, last firing and note, in one quiet line.
#[component]
fn AlertFacts(alert: Signal<AlertView>) -> impl IntoView {
    let facts = memo(move || alert.with(|alert| (alert.repeat, alert.cooldown_s, alert.expires_at, alert.triggered_at)));
    let note = memo(move || alert.with(|alert| alert.note.clone()));
    let line = move || {
        let (repeat, cooldown_s, expires_at, triggered_at) = facts.get();
        view! {
            <span>{rhythm(repeat, cooldown_s)}</span>
            {expires_at.map(|time| view! { <span>{words().until_lead()}<When time style=WhenStyle::Recent/></span> }.into_any())}
            {triggered_at.map(|time| view! { <span>{words().last_fired_lead()}<When time style=WhenStyle::Recent/></span> }.into_any())}
        }
    };
    view! {
        <p class="facts">{move || line()}{move || note.get().map(|note| view! { <bdi class="note">{note}</bdi> }.into_any())}</p>
    }
}

/// Acknowledge, pause or resume, edit, delete: each a form that works without scripts.
#[component]
fn AlertControls(id: String, alert: Signal<AlertView>, state: Memo<AlertState>, actions: AlertActions) -> impl IntoView {
    let edit = ["/alerts?edit=", &id, "#edit"].concat();
    let resting = memo(move || matches!(state.get(), AlertState::Paused | AlertState::Triggered));
    let unseen = memo(move || alert.with(|alert| alert.triggered_at.is_some() && !alert.acknowledged));
    let expired = memo(move || state.get() == AlertState::Expired);
    let spoken = move || alert.with(|alert| [" ", alert.ticker.as_str(), " ", &predicate(alert)].concat());
    let pause_word = move || match state.get() {
        AlertState::Triggered => words().arm_again(),
        AlertState::Paused => words().resume(),
        _ => words().pause(),
    };
    let (pause_id, delete_id) = (id.clone(), id.clone());
    view! {
        <div class="controls">
            <div class="slot" hidden=move || !unseen.get()>
                <PostForm command=actions.acknowledge>
                    <input type="hidden" name="id" value=id/>
                    <button class="subtle" type="submit">{words().acknowledge()}<span class="sr">{move || spoken()}</span></button>
                </PostForm>
            </div>
            <div class="slot" hidden=move || expired.get()>
                <PostForm command=actions.pause>
                    <input type="hidden" name="id" value=pause_id/>
                    <input type="hidden" name="paused" value=move || if resting.get() { "false" } else { "true" }/>
                    <button class="subtle" type="submit">{move || pause_word()}<span class="sr">{move || spoken()}</span></button>
                </PostForm>
            </div>
            <a class="subtle" href=edit>{words().edit()}<span class="sr">{move || spoken()}</span></a>
            <Confirm label=words().delete() question=words().delete_alert_question()>
                <PostForm command=actions.delete>
                    <input type="hidden" name="id" value=delete_id/>
                    <button class="danger" type="submit">{words().delete_it()}<span class="sr">{move || spoken()}</span></button>
                </PostForm>
            </Confirm>
        </div>
    }
}
