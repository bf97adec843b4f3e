//! Theme, palette, privacy: kept in this browser, shown at once.

use leptos::prelude::*;

use crate::live::source::{remember, remembered};

/// A choice kept under a name: its legend, and the values with their words. The empty value forgets it.
struct Choice {
    name: &'static str,
    legend: &'static str,
    hint: &'static str,
    values: &'static [(&'static str, &'static str)],
}

const CHOICES: [Choice; 3] = [
    Choice {
        name: "theme",
        legend: "Theme",
        hint: "",
        values: &[("", "As the system"), ("light", "Light"), ("dark", "Dark")],
    },
    Choice {
        name: "palette",
        legend: "Gains and losses",
        hint: "Sign and arrow tell the direction in either palette.",
        values: &[("", "Green and red"), ("calm", "Blue and orange")],
    },
    Choice {
        name: "private",
        legend: "Amounts",
        hint: "Hidden amounts stay hidden on every page of this browser; prices and percentages stay.",
        values: &[("", "Shown"), ("on", "Hidden")],
    },
];

/// The three choices. Without scripts the page follows the system, and says so.
#[component]
pub fn Appearance() -> impl IntoView {
    let is_alive = RwSignal::new(false);
    Effect::new(move |_| is_alive.set(true));
    let choices = CHOICES.into_iter().map(|choice| view! { <ChoiceField choice is_alive/> }).collect_view();
    view! {
        <section class="card appearance" aria-labelledby="appearance">
            <header><h2 id="appearance">"Appearance"</h2></header>
            <noscript><p class="hint">"Without JavaScript the page follows your system's theme."</p></noscript>
            {choices}
        </section>
    }
}

/// One choice as a row of radio buttons.
#[component]
fn ChoiceField(choice: Choice, is_alive: RwSignal<bool>) -> impl IntoView {
    let Choice { name, legend, hint, values } = choice;
    let chosen = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(value) = remembered(name) {
            chosen.set(value);
        }
    });
    let radios = values.iter().map(|(value, words)| {
        let choose = move |_| {
            chosen.set((*value).to_owned());
            remember(name, (!value.is_empty()).then_some(*value));
        };
        view! {
            <label class="radio">
                <input type="radio" name=name value=*value prop:checked=move || chosen.with(|chosen| chosen == value) on:change=choose/>
                <span>{*words}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choice" disabled=move || !is_alive.get()>
            <legend>{legend}</legend>
            <div class="radios">{radios.collect_view()}</div>
            <small class="hint">{hint}</small>
        </fieldset>
    }
}
