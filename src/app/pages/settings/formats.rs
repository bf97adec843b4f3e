//! How numbers, dates and times are written: forms that load the page again, since every figure of it changes.

use crate::app::prelude::*;
use leptos::server_fn::ServerFn;
use rust_decimal::Decimal;

use super::setting::Setting;
use crate::api::{ChooseFormats, ChooseZone};
use crate::app::components::field::TextField;
use crate::app::components::post_form::Command;
use crate::app::reactive::effect;
use crate::live::source;
use crate::wire::zone::SUGGESTED as ZONES;
use crate::words::Words;
use crate::words::dates::Civil;
use crate::words::formats::{DateForm, Formats, NumberForm};

/// The number by which forms of numbers are shown: 1234.56.
const EXAMPLE: Decimal = Decimal::from_parts(123_456, 0, 0, false, 2);

/// The day by which forms of dates are shown, on which day and month cannot be taken for each other.
const EXAMPLE_DAY: Civil = Civil { year: 2026, month: 11, day: 27, hour: 0, minute: 0, second: 0 };

fn number(formats: Formats) -> String {
    words().with_formats(formats).price(EXAMPLE, 2)
}

fn date(formats: Formats) -> String {
    words().with_formats(formats).date(EXAMPLE_DAY)
}

/// One of several choices, as a button that looks chosen.
fn radio(name: &'static str, value: &'static str, is_chosen: bool, text: String) -> AnyView {
    view! { <label class="radio"><input type="radio" name=name value=value checked=is_chosen/><span>{text}</span></label> }
        .into_any()
}

/// The rows of numbers, dates and the time zone.
#[component]
pub(crate) fn FormatSettings() -> impl IntoView {
    let chosen = words().formats();
    let own = |text: String| words().as_the_language_has_it(&text);
    let numbers = NumberForm::ALL.map(|form| {
        let text = number(Formats { numbers: Some(form), ..chosen });
        radio("numbers", form.word(), chosen.numbers == Some(form), text)
    });
    let own_numbers = radio("numbers", "", chosen.numbers.is_none(), own(number(Formats { numbers: None, ..chosen })));
    let dates = DateForm::ALL.map(|form| {
        let text = date(Formats { dates: Some(form), ..chosen });
        radio("dates", form.word(), chosen.dates == Some(form), text)
    });
    let own_dates = radio("dates", "", chosen.dates.is_none(), own(date(Formats { dates: None, ..chosen })));
    let kept_dates = chosen.dates.map_or("", DateForm::word);
    let kept_numbers = chosen.numbers.map_or("", NumberForm::word);
    view! {
        <Setting id="numbers" label=words().numbers_heading() value=Signal::stored(number(chosen))>
            <form class="setting-form" action=ChooseFormats::PATH method="post">
                <input type="hidden" name="dates" value=kept_dates/>
                <fieldset class="choice"><legend class="sr">{words().numbers_heading()}</legend>
                    <div class="radios">{own_numbers}{numbers.into_iter().collect_view()}</div>
                    <small class="hint">{words().numbers_hint()}</small>
                </fieldset>
                <Save/>
            </form>
        </Setting>
        <Setting id="dates" label=words().dates_heading() value=Signal::stored(date(chosen))>
            <form class="setting-form" action=ChooseFormats::PATH method="post">
                <input type="hidden" name="numbers" value=kept_numbers/>
                <fieldset class="choice"><legend class="sr">{words().dates_heading()}</legend>
                    <div class="radios">{own_dates}{dates.into_iter().collect_view()}</div>
                </fieldset>
                <Save/>
            </form>
        </Setting>
        <ZoneSetting/>
    }
}

#[component]
fn Save() -> impl IntoView {
    view! { <p class="submit"><button class="primary" type="submit">{words().save()}</button></p> }
}

/// The zone in which times are written: the browser's own, or another.
#[component]
fn ZoneSetting() -> impl IntoView {
    let chosen = Command::of::<ChooseZone>();
    let shown = RwSignal::new(source::written_zone().unwrap_or_else(|| Words::utc(words()).to_owned()));
    effect(move || {
        if let Some(zone) = source::own_zone() {
            shown.set(zone);
        }
    });
    let typed = chosen.typed("zone");
    let is_refused = typed.is_some();
    let options = ZONES.map(|zone| view! { <option value=zone></option> }.into_any());
    view! {
        <Setting id="zone" label=words().time_zone() value=shown is_open=is_refused>
            <form class="setting-form" action=ChooseZone::PATH method="post">
                <TextField id="zone-name" label=words().time_zone() name="zone" refused=chosen.refused() value=typed.unwrap_or_default() maxlength=64
                    placeholder="Europe/Berlin" list="zones" hint=words().time_zone_hint()/>
                <datalist id="zones">{options.into_iter().collect_view()}</datalist>
                <Save/>
            </form>
        </Setting>
    }
}
