//! The sheet that adds a transaction or edits one: a dialog over the list, a sheet from below on a phone. Without scripts it is there
//! as the page is answered, and its links close it.

use crate::app::prelude::*;
use leptos::html::Dialog;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::address::Opened;
use super::row::named;
use super::undo::{change_back, take_away};
use crate::api::query::Query;
use crate::app::components::activity_form::ActivityForm;
use crate::app::components::activity_start::ActivityStart;
use crate::app::components::field::Refused;
use crate::app::components::icon::Icon;
use crate::app::components::post_form::{Answer, Command};
use crate::app::components::{Empty, Failure, fetched};
use crate::app::reactive::effect;
use crate::app::said::{Said, SaidBar};
use crate::live::{expect_live, source};
use crate::wire::error::ErrorCode;
use crate::wire::views::ActivityView;

/// The sheet, as long as the address has it open.
#[component]
pub(crate) fn Sheet(
    /// What it is open for.
    opened: Opened,
    /// The server function that saves.
    save: Command,
    /// The last refusal of it.
    heard: Refused,
    /// Where it closes to.
    away: Memo<String>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let navigate = StoredValue::new(use_navigate());
    let close = move || {
        save.forget();
        navigate.with_value(|navigate| navigate(&away.get_untracked(), stay()));
    };
    effect(move || {
        if dialog.get().is_some() {
            source::make_modal(dialog);
        }
    });
    on_cleanup(|| source::return_focus("transactions"));
    let title = match opened {
        Opened::Edit(_) => words().change_an_entry(),
        _ => words().new_entry(),
    };
    view! {
        <div class="sheet-scrim" aria-hidden="true"></div>
        <dialog class="sheet entry-sheet" id="entry" open=true node_ref=dialog aria-labelledby="entry-title"
            on:close=move |_| close()
            on:mousedown=move |event| if source::is_on_itself(&event) { close() }>
            <div class="entry-sheet-body">
                <header>
                    <h2 id="entry-title">{title}</h2>
                    <a class="icon end" href=move || away.get() aria-label=words().close() title=words().close() on:click=move |_| save.forget()><Icon name="close"/></a>
                </header>
                <Content opened save heard away/>
            </div>
            // The page's own bar cannot be reached while the sheet is open.
            <SaidBar/>
        </dialog>
    }
}

/// The list stays where it is while the sheet closes over it.
fn stay() -> NavigateOptions {
    NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() }
}

/// The form: at once for a new transaction, and once it is fetched for one that is edited or copied.
#[component]
fn Content(opened: Opened, save: Command, heard: Refused, away: Memo<String>) -> impl IntoView {
    let live = expect_live();
    let purpose = opened.purpose();
    let (id, is_edit) = match opened {
        Opened::New { kind, ticker, time } => {
            let start = ActivityStart { kind, ticker, time, ..ActivityStart::default() };
            return view! { <Form before=None start save heard away purpose/> }.into_any();
        }
        Opened::Copy(id) => (id, false),
        Opened::Edit(id) => (id, true),
        Opened::Nothing => return ().into_any(),
    };
    // Asked for again only where it turned out to have changed: both versions are shown then.
    let conflicts = Memo::new(move |before: Option<&i64>| {
        let is_one = heard.with(|refused| refused.as_ref().is_some_and(|error| error.code == ErrorCode::PreconditionFailed));
        before.copied().unwrap_or_default() + i64::from(is_one)
    });
    fetched(
        move || (Query::Transaction(live.entry_portfolio(), id.clone()), conflicts.get()),
        || view! { <p class="hint" aria-busy="true">{words().loading()}</p> }.into_any(),
        move |answer| match answer.read::<Option<ActivityView>>() {
            Ok(Some(found)) => {
                let start = ActivityStart::of(&found);
                let (before, start) = if is_edit { (Some(found), start) } else { (None, start.copied()) };
                view! { <Form before start save heard away purpose=purpose.clone()/> }.into_any()
            }
            Ok(None) => view! { <Empty title=words().transaction_is_gone() hint=words().transaction_is_gone_hint()/> }.into_any(),
            Err(error) => view! { <Failure error/> }.into_any(),
        },
    )
}

/// The form; what it changes is remembered for as long as it can be undone.
#[component]
fn Form(
    before: Option<ActivityView>,
    start: ActivityStart,
    save: Command,
    heard: Refused,
    away: Memo<String>,
    purpose: String,
) -> impl IntoView {
    let Before(kept) = expect_context();
    kept.set_value(before);
    let portfolio = expect_live().entry_portfolio().unwrap_or_default();
    view! { <ActivityForm action=save portfolio start refused=heard away purpose/> }
}

/// The transaction that is edited, as it was.
#[derive(Clone, Copy)]
struct Before(StoredValue<Option<ActivityView>>);

/// Says what was saved, with the way back. The page says it: the sheet has closed by then.
pub(crate) fn say_what_was_saved(save: Command) {
    let before = StoredValue::new(None);
    provide_context(Before(before));
    let said = Said::expect();
    save.when_done(move |answer: &Answer| {
        let Some(saved) = answer.read::<ActivityView>() else { return };
        let portfolio = answer.sent("portfolio").unwrap_or_default();
        let what = named(&saved);
        let known: Option<ActivityView> = before.get_value();
        match known.filter(|known| known.activity_id == saved.activity_id) {
            // A change that changed nothing made no revision, and there is nothing to take back.
            Some(known) => {
                said.say(words().said_saved(&what), (known.revision != saved.revision).then(|| change_back(portfolio, &saved)))
            }
            None => said.say(words().said_added(&what), Some(take_away(portfolio, &saved))),
        }
    });
}
