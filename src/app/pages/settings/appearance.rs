//! Theme, palette, privacy: kept in this browser, shown at once.

use crate::app::prelude::*;

use super::setting::Setting;
use crate::app::preferences::{Preferences, Theme, expect_preferences};
use crate::app::reactive::effect;
use crate::words::{Label, Words};

/// One of the choices' values: what it is called, whether it is chosen now, and how to choose it.
type Value = (Label, fn(&Preferences) -> bool, fn(&Preferences));

const THEMES: [Value; 3] = [
    (Words::as_the_system, |chosen| chosen.theme().get() == Theme::System, |choose| choose.set_theme(Theme::System)),
    (Words::light, |chosen| chosen.theme().get() == Theme::Light, |choose| choose.set_theme(Theme::Light)),
    (Words::dark, |chosen| chosen.theme().get() == Theme::Dark, |choose| choose.set_theme(Theme::Dark)),
];

const PALETTES: [Value; 2] = [
    (Words::green_and_red, |chosen| !chosen.is_calm().get(), |choose| choose.set_calm(false)),
    (Words::blue_and_orange, |chosen| chosen.is_calm().get(), |choose| choose.set_calm(true)),
];

const AMOUNTS: [Value; 2] = [
    (Words::shown, |chosen| !chosen.is_private().get(), |choose| choose.set_private(false)),
    (Words::hidden, |chosen| chosen.is_private().get(), |choose| choose.set_private(true)),
];

/// The rows of the three choices. Without scripts the page follows the system, and says so.
#[component]
pub(crate) fn AppearanceSettings() -> impl IntoView {
    view! {
        <Choice name="theme" legend=words().theme() hint=words().no_script_theme() values=&THEMES/>
        <Choice name="palette" legend=words().gains_and_losses() hint=words().gains_and_losses_hint() values=&PALETTES/>
        <Choice name="amounts" legend=words().amounts() hint=words().amounts_hint() values=&AMOUNTS/>
    }
}

/// One choice as a row of radio buttons; it cannot be made before the page is alive.
#[component]
fn Choice(name: &'static str, legend: &'static str, hint: &'static str, values: &'static [Value]) -> impl IntoView {
    let preferences = expect_preferences();
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    let radios = values.iter().map(move |(label, is_chosen, choose)| {
        view! {
            <label class="radio">
                <input prop:checked=move || is_chosen(&preferences) type="radio" name=name on:change=move |_| choose(&preferences)/>
                <span>{label(words())}</span>
            </label>
        }
    });
    let radios = radios.collect_view();
    let now = move || values.iter().find(|(_, is_chosen, _)| is_chosen(&preferences)).map_or("", |(label, ..)| label(words()));
    view! {
        <Setting id=name label=legend value=Signal::derive(move || now().to_owned())>
            <fieldset class="choice" disabled=move || !is_alive.get()>
                <legend class="sr">{legend}</legend>
                <div class="radios">{radios}</div>
                <small class="hint">{hint}</small>
            </fieldset>
        </Setting>
    }
}
