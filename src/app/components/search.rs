use crate::app::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::icon::Icon;
use super::links::within_portfolio;
use crate::api;
use crate::app::reactive::{effect, memo};
use crate::app::shortcuts::Dialogs;
use crate::live::source;
use crate::wire::views::InstrumentView;
use crate::words::{Label, Words, figures};

/// How long typing must rest before the server is asked, in milliseconds.
const REST_MS: u32 = 120;

/// What can be done from anywhere, by what it is called and where it is done.
const ACTIONS: [(Label, &str); 10] = [
    (Words::add_transaction, "/activity?add=buy"),
    (Words::set_an_alert, "/alerts#new"),
    (Words::overview, "/"),
    (Words::performance, "/performance"),
    (Words::activity_the_ledger, "/activity"),
    (Words::alerts, "/alerts"),
    (Words::inbox, "/inbox"),
    (Words::settings, "/settings"),
    (Words::operations, "/operations"),
    (Words::look_at_the_market, "/search"),
];

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Instrument(Box<InstrumentView>),
    /// The action with this index.
    Action(usize),
}

impl Choice {
    /// Returns where it leads.
    fn path(&self) -> String {
        match self {
            Self::Instrument(instrument) => path(instrument),
            Self::Action(index) => within_portfolio(ACTIONS[*index].1),
        }
    }
}

/// What was typed, and what the server found for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Answer {
    text: String,
    found: Vec<InstrumentView>,
}

/// Returns what there is to choose from: the instruments that were found and the actions whose name holds the text; without a text
/// the actions come first.
fn choices(answer: &Answer, name: impl Fn(usize) -> &'static str) -> Vec<Choice> {
    let text = answer.text.trim().to_lowercase();
    let actions = (0..ACTIONS.len()).filter(|index| name(*index).to_lowercase().contains(&text)).map(Choice::Action);
    let instruments = answer.found.iter().cloned().map(|found| Choice::Instrument(Box::new(found)));
    if text.is_empty() { actions.chain(instruments).collect() } else { instruments.chain(actions).collect() }
}

/// Finds an instrument by ticker or name, or something to do: type, arrows, Enter. Without wasm `/search` finds instruments.
#[component]
pub fn SearchDialog() -> impl IntoView {
    let dialog = expect_context::<Dialogs>().search;
    let answer = RwSignal::new(None::<Answer>);
    let chosen = RwSignal::new(0_usize);
    // What was typed last, and whether Enter was pressed before it was answered: Enter opens what belongs to the text in sight.
    let typed = StoredValue::new(String::new());
    let is_entered = StoredValue::new(false);
    let ask = asker(answer, chosen, typed);
    let offered = memo(move || {
        let action = |index: usize| (ACTIONS[index].0)(words());
        answer.with(|answer| answer.as_ref().map(|answer| choices(answer, action)).unwrap_or_default())
    });
    let missed = memo(move || {
        answer.with(|answer| answer.as_ref().map(|answer| answer.text.clone())).filter(|_| offered.with(Vec::is_empty))
    });
    let navigate = StoredValue::new(use_navigate());
    let open = move |index: usize| {
        let Some(path) = offered.with_untracked(|offered| offered.get(index).map(Choice::path)) else { return };
        source::close_dialog(dialog);
        navigate.with_value(|navigate| navigate(&path, NavigateOptions::default()));
    };
    let enter = move || {
        let is_answered =
            answer.with_untracked(|answer| answer.as_ref().is_some_and(|answer| typed.with_value(|typed| *typed == answer.text)));
        is_entered.set_value(!is_answered);
        if is_answered {
            open(chosen.get_untracked());
        }
    };
    effect(move || {
        answer.track();
        if is_entered.get_value() {
            is_entered.set_value(false);
            open(0);
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let last = offered.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = (*chosen + 1).min(last)),
            "ArrowUp" => chosen.update(|chosen| *chosen = chosen.saturating_sub(1)),
            "Enter" => enter(),
            _ => return,
        }
        event.prevent_default();
        source::bring_into_sight(&option_id(chosen.get_untracked()));
    };
    let active = move || offered.with(|offered| (!offered.is_empty()).then(|| option_id(chosen.get())));
    let expanded = move || if offered.with(Vec::is_empty) { "false" } else { "true" };
    view! {
        <dialog class="sheet finder" node_ref=dialog aria-label=words().search_or_do()>
            <form action="/search" method="get" role="search" on:submit=move |event| { event.prevent_default(); enter(); }>
                <label class="sr" for="search-field">{words().search_or_do()}</label>
                <input id="search-field" name="q" type="search" placeholder=words().search_or_do() autocomplete="off" spellcheck="false"
                    role="combobox" aria-expanded=move || expanded() aria-controls="search-list" aria-autocomplete="list" aria-activedescendant=move || active()
                    on:focus=move |_| ask(String::new())
                    on:input=move |event| ask(event_target_value(&event))
                    on:keydown=on_key/>
                <button class="sr" type="submit" tabindex="-1">{words().search_instruments()}</button>
            </form>
            <ul id="search-list" role="listbox" aria-label=words().found_list()>
                {move || offered.with(|offered| offered.iter().enumerate().map(|(index, choice)| {
                    let selected = move || if chosen.get() == index { "true" } else { "false" };
                    let shown = match choice {
                        Choice::Instrument(instrument) => row(instrument).into_any(),
                        Choice::Action(action) => view! { <span class="mono" aria-hidden="true"><Icon name="go"/></span><span class="who"><b>{(ACTIONS[*action].0)(words())}</b></span> }.into_any(),
                    };
                    view! {
                        <li id=option_id(index) role="option" aria-selected=move || selected() on:click=move |_| open(index)>{shown}</li>
                    }
                }).collect::<Vec<_>>())}
            </ul>
            <p class="none-found" role="status">{move || missed.get().filter(|text| !text.is_empty()).map(|text| words().no_instrument_found(&text))}</p>
            <p class="muted hint"><kbd>"↑"</kbd><kbd>"↓"</kbd>{words().key_choose()}<kbd>"Enter"</kbd>{words().key_open()}<kbd>"Esc"</kbd>{words().key_close()}</p>
        </dialog>
    }
}

/// Returns what asks the server once typing rests; an answer that comes late is dropped.
fn asker(
    answer: RwSignal<Option<Answer>>,
    chosen: RwSignal<usize>,
    typed: StoredValue<String>,
) -> impl Fn(String) + Copy + 'static {
    let newest = StoredValue::new(0_u64);
    move |text: String| {
        newest.update_value(|newest| *newest += 1);
        typed.set_value(text.clone());
        let asked = newest.get_value();
        let is_newest = move || newest.try_get_value() == Some(asked);
        let rest = if text.is_empty() { 0 } else { REST_MS };
        source::after(rest, move || {
            if !is_newest() {
                return;
            }
            spawn_local(async move {
                if let (Ok(found), true) = (api::search(text.clone()).await, is_newest()) {
                    chosen.set(0);
                    answer.set(Some(Answer { text, found }));
                }
            });
        });
    }
}

/// Returns the id of an option in the list.
fn option_id(index: usize) -> String {
    ["search-option-", &index.to_string()].concat()
}

/// Returns where an instrument lives.
pub fn path(instrument: &InstrumentView) -> String {
    ["/i/", instrument.ticker.as_str()].concat()
}

/// Draws an instrument in a list of results.
pub fn row(instrument: &InstrumentView) -> impl IntoView + use<> {
    view! {
        <span class="mono" aria-hidden="true">{figures::monogram(instrument.ticker.as_str())}</span>
        <span class="who"><b>{instrument.ticker.to_string()}</b><i>{instrument.name.clone()}</i></span>
        <span class="end muted">{words().class_name(instrument.class)}" · "{instrument.currency.to_string()}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(text: &str) -> Vec<Choice> {
        const NAMES: [&str; 10] =
            ["Add", "Create", "Overview", "Performance", "Transactions", "Alerts", "Inbox", "Settings", "Operations", "Market"];
        choices(&Answer { text: text.to_owned(), found: Vec::new() }, |index| NAMES[index])
    }

    #[test]
    fn an_action_is_offered_by_any_part_of_its_name() {
        assert_eq!(offered(" INB "), [Choice::Action(6)]);
        assert_eq!(offered("").len(), ACTIONS.len());
        assert_eq!(offered("nothing of this kind"), []);
    }
}
