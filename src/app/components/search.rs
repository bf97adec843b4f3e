use crate::app::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api;
use crate::app::shortcuts::Dialogs;
use crate::live::source;
use crate::wire::views::InstrumentView;
use crate::words::figures;

/// How long typing must rest before the server is asked, in milliseconds.
const REST_MS: u32 = 120;

/// Finds an instrument by ticker or name: type, arrows, Enter. Without wasm `/search` does the same.
#[component]
pub fn SearchDialog() -> impl IntoView {
    let dialog = expect_context::<Dialogs>().search;
    let found = RwSignal::new(Vec::<InstrumentView>::new());
    let chosen = RwSignal::new(0_usize);
    let missed = RwSignal::new(String::new());
    let ask = asker(found, chosen, missed);
    let navigate = StoredValue::new(use_navigate());
    let open = move |index: usize| {
        let Some(path) = found.with_untracked(|found| found.get(index).map(path)) else { return };
        source::close_dialog(dialog);
        navigate.with_value(|navigate| navigate(&path, NavigateOptions::default()));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = (*chosen + 1).min(last)),
            "ArrowUp" => chosen.update(|chosen| *chosen = chosen.saturating_sub(1)),
            "Enter" => open(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let active = move || found.with(|found| (!found.is_empty()).then(|| option_id(chosen.get())));
    let expanded = move || if found.with(Vec::is_empty) { "false" } else { "true" };
    view! {
        <dialog class="sheet finder" node_ref=dialog aria-label=words().search_instruments()>
            <form action="/search" method="get" role="search" on:submit=move |event| { event.prevent_default(); open(chosen.get_untracked()); }>
                <label class="sr" for="search-field">{words().ticker_or_name()}</label>
                <input id="search-field" name="q" type="search" placeholder=words().ticker_or_name() autocomplete="off" spellcheck="false"
                    role="combobox" aria-expanded=move || expanded() aria-controls="search-list" aria-autocomplete="list" aria-activedescendant=move || active()
                    on:focus=move |_| ask(String::new())
                    on:input=move |event| ask(event_target_value(&event))
                    on:keydown=on_key/>
            </form>
            <ul id="search-list" role="listbox" aria-label=words().instruments()>
                {move || found.with(|found| found.iter().enumerate().map(|(index, instrument)| {
                    let selected = move || if chosen.get() == index { "true" } else { "false" };
                    view! {
                        <li id=option_id(index) role="option" aria-selected=move || selected() on:click=move |_| open(index)>{row(instrument)}</li>
                    }
                }).collect::<Vec<_>>())}
            </ul>
            <p class="none-found" role="status">{move || Some(missed.get()).filter(|text| !text.is_empty()).map(|text| words().no_instrument_found(&text))}</p>
            <p class="muted hint"><kbd>"↑"</kbd><kbd>"↓"</kbd>{words().key_choose()}<kbd>"Enter"</kbd>{words().key_open()}<kbd>"Esc"</kbd>{words().key_close()}</p>
        </dialog>
    }
}

/// Returns what asks the server once typing rests; an answer that comes late is dropped.
fn asker(
    found: RwSignal<Vec<InstrumentView>>,
    chosen: RwSignal<usize>,
    missed: RwSignal<String>,
) -> impl Fn(String) + Copy + 'static {
    let newest = StoredValue::new(0_u64);
    move |text: String| {
        newest.update_value(|newest| *newest += 1);
        let asked = newest.get_value();
        let is_newest = move || newest.try_get_value() == Some(asked);
        let rest = if text.is_empty() { 0 } else { REST_MS };
        source::after(rest, move || {
            if !is_newest() {
                return;
            }
            spawn_local(async move {
                if let (Ok(answer), true) = (api::search(text.clone()).await, is_newest()) {
                    chosen.set(0);
                    missed.set(if answer.is_empty() { text } else { String::new() });
                    found.set(answer);
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
