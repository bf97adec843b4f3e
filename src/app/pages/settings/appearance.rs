//! Theme, palette, privacy: kept in this browser, shown at once.

use crate::app::prelude::*;

use crate::app::reactive::effect;

use crate::app::preferences::{Preferences, Theme, expect_preferences};

/// One of the choices' values: what it is called, whether it is chosen now, and how to choose it.
type Value = (&'static str, fn(&Preferences) -> bool, fn(&Preferences));

const THEMES: [Value; 3] = [
    ("As the system", |chosen| chosen.theme().get() == Theme::System, |choose| choose.set_theme(Theme::System)),
    ("Light", |chosen| chosen.theme().get() == Theme::Light, |choose| choose.set_theme(Theme::Light)),
    ("Dark", |chosen| chosen.theme().get() == Theme::Dark, |choose| choose.set_theme(Theme::Dark)),
];

const PALETTES: [Value; 2] = [
    ("Green and red", |chosen| !chosen.is_calm().get(), |choose| choose.set_calm(false)),
    ("Blue and orange", |chosen| chosen.is_calm().get(), |choose| choose.set_calm(true)),
];

const AMOUNTS: [Value; 2] = [
    ("Shown", |chosen| !chosen.is_private().get(), |choose| choose.set_private(false)),
    ("Hidden", |chosen| chosen.is_private().get(), |choose| choose.set_private(true)),
];

/// The three choices. Without scripts the page follows the system, and says so.
#[component]
pub fn Appearance() -> impl IntoView {
    view! {
        <section class="card appearance" aria-labelledby="appearance">
            <header><h2 id="appearance">"Appearance"</h2></header>
            <noscript><p class="hint">"Without JavaScript the page follows your system's theme."</p></noscript>
            <Choice name="theme" legend="Theme" hint="" values=&THEMES/>
            <Choice name="palette" legend="Gains and losses" hint="Sign and arrow tell the direction in either palette." values=&PALETTES/>
            <Choice name="amounts" legend="Amounts" hint="Hidden on every page of this browser; prices and percentages stay." values=&AMOUNTS/>
        </section>
    }
}

/// One choice as a row of radio buttons; it cannot be made before the page is alive.
#[component]
fn Choice(name: &'static str, legend: &'static str, hint: &'static str, values: &'static [Value]) -> impl IntoView {
    let preferences = expect_preferences();
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    let radios = values.iter().map(|(words, is_chosen, choose)| {
        view! {
            <label class="radio">
                <input prop:checked=move || is_chosen(&preferences) type="radio" name=name on:change=move |_| choose(&preferences)/>
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
