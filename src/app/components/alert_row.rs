//! One alert in a list: its state, its sentence, how far it is or why it does not fire now, and what can be done with it.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::alert_actions::AlertActions;
use crate::app::components::distance::{Scale, distance, distance_text, in_typical_days, typical_days_text};
use crate::app::components::field::Confirm;
use crate::app::components::icon::Icon;
use crate::app::components::post_form::PostForm;
use crate::app::components::sentences::{Standing, rhythm, standing};
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
    let away = live_distance(Signal::derive(move || Some(current.get())), &alert.ticker);
    let watched = alert.ticker.clone();
    let days = memo(move || in_typical_days(away.get(), live.typical_day(&watched)));
    let standing = memo(move || current.with(|alert| standing(alert, away.get())));
    let link = ["/i/", alert.ticker.as_str()].concat();
    let ticker = alert.ticker.to_string();
    let is_active = memo(move || standing.get() == Standing::Active);
    let away_text = move || {
        if is_active.get() { distance_text(current.with(|alert| alert.condition), away.get()) } else { String::new() }
    };
    let days_text = move || {
        let days = days.get().filter(|_| is_active.get());
        days.map(|days| [", ", &typical_days_text(days)].concat()).unwrap_or_default()
    };
    let how_often = move || current.with(|alert| rhythm(alert.repeat, alert.cooldown_s));
    let note = memo(move || current.with(|alert| alert.note.clone()));
    view! {
        <article class=move || ["alert ", standing.get().class()].concat()>
            <span class="alert-icon" title=move || standing.get().label()><Icon name="alerts"/><span class="sr">{move || standing.get().label()}</span></span>
            {(!is_bare).then(|| view! { <a class="what" href=link><b>{ticker}</b></a> }.into_any())}
            <span class="cond">{move || current.with(predicate)}</span>
            <div class="gauge" hidden=move || !is_active.get()><Scale days/></div>
            <p class="reason" hidden=move || is_active.get()><Reason alert=current standing away/></p>
            <span class="dist">{move || away_text()}<span class="sr">{move || days_text()}</span></span>
            <span class="repeats">{move || how_often()}<Expiry alert=current/></span>
            <AlertControls id=alert.id alert=current standing actions/>
            {move || note.get().map(|note| view! { <bdi class="note">{note}</bdi> }.into_any())}
        </article>
    }
}

/// Until when an alert watches, where it ends.
#[component]
fn Expiry(alert: Signal<AlertView>) -> impl IntoView {
    let ends = memo(move || alert.with(|alert| alert.expires_at));
    move || ends.get().map(|time| view! { <small>{words().until_lead()}<When time style=WhenStyle::Recent/></small> }.into_any())
}

/// Why an alert does not fire now, in words.
#[component]
fn Reason(alert: Signal<AlertView>, standing: Memo<Standing>, away: Signal<Option<Decimal>>) -> impl IntoView {
    let fired = memo(move || alert.with(|alert| alert.triggered_at));
    let rests = memo(move || alert.with(|alert| alert.cooldown_s));
    let condition = move || alert.with(|alert| alert.condition);
    let when = |time| view! { <When time style=WhenStyle::Recent/> }.into_any();
    move || match standing.get() {
        Standing::Active => ().into_any(),
        Standing::Waiting => {
            let distance = distance_text(condition(), away.get().map(|away| away.abs()));
            view! { {words().waits_past_level(&distance)} }.into_any()
        }
        Standing::Resting => {
            let again = fired.get().and_then(|time| time.checked_add(jiff::SignedDuration::from_secs(rests.get().into())).ok());
            view! { {words().fired_at_lead()}{fired.get().map(when)}{words().active_again_lead()}{again.map(when)} }.into_any()
        }
        Standing::Fired | Standing::Done => view! { {words().fired_at_lead()}{fired.get().map(when)} }.into_any(),
        Standing::Paused => view! { {words().state_paused()} }.into_any(),
        Standing::Expired => view! { {words().state_expired()} }.into_any(),
    }
}

/// The one action that comes next, and a menu of all others: each is a form that works without scripts.
#[component]
fn AlertControls(id: String, alert: Signal<AlertView>, standing: Memo<Standing>, actions: AlertActions) -> impl IntoView {
    let edit = ["/alerts?edit=", &id, "#edit"].concat();
    let unseen = memo(move || alert.with(|alert| alert.triggered_at.is_some() && !alert.acknowledged));
    let spoken = Signal::derive(move || alert.with(|alert| [" ", alert.ticker.as_str(), " ", &predicate(alert)].concat()));
    let label = move || spoken.with(|spoken| words().actions_for(spoken.trim()));
    let (acknowledge_id, resume_id, pause_id, delete_id) = (id.clone(), id.clone(), id.clone(), id);
    let is_next = move || matches!(standing.get(), Standing::Paused | Standing::Done);
    view! {
        <div class="quick">
            <div class="slot" hidden=move || !unseen.get()>
                <PostForm command=actions.acknowledge>
                    <input type="hidden" name="id" value=acknowledge_id/>
                    <button class="subtle" type="submit">{words().acknowledge()}<span class="sr">{move || spoken.get()}</span></button>
                </PostForm>
            </div>
            <div class="slot" hidden=move || !is_next()>
                <PauseForm id=resume_id alert spoken actions class="subtle"/>
            </div>
        </div>
        <details class="menu" name="row-menu">
            <summary class="icon" aria-label=move || label() title=move || label()><Icon name="more"/></summary>
            <div class="menu-items">
                <a href=edit><Icon name="edit"/>{words().edit()}<span class="sr">{move || spoken.get()}</span></a>
                <div class="slot" hidden=move || standing.get() == Standing::Expired><PauseForm id=pause_id alert spoken actions class="item"/></div>
                <Confirm label=words().delete() question=words().delete_alert_question()>
                    <PostForm command=actions.delete>
                        <input type="hidden" name="id" value=delete_id/>
                        <button class="danger" type="submit">{words().delete_it()}<span class="sr">{move || spoken.get()}</span></button>
                    </PostForm>
                </Confirm>
            </div>
        </details>
    }
}

/// Pauses an alert, or has it watch again.
#[component]
fn PauseForm(
    id: String,
    alert: Signal<AlertView>,
    spoken: Signal<String>,
    actions: AlertActions,
    class: &'static str,
) -> impl IntoView {
    let state = memo(move || alert.with(|alert| alert.state));
    let resting = memo(move || matches!(state.get(), AlertState::Paused | AlertState::Triggered));
    let word = move || match state.get() {
        AlertState::Triggered => words().arm_again(),
        AlertState::Paused => words().resume(),
        _ => words().pause(),
    };
    view! {
        <PostForm command=actions.pause>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="paused" value=move || if resting.get() { "false" } else { "true" }/>
            <button class=class type="submit"><Icon name="pause"/>{move || word()}<span class="sr">{move || spoken.get()}</span></button>
        </PostForm>
    }
}
