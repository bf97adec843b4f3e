//! The language of the pages: a form that loads the page again, since every text of it changes.

use crate::app::prelude::*;
use leptos::server_fn::ServerFn;

use super::setting::Setting;
use crate::api::ChooseLanguage;
use crate::words::Language;

/// The languages there are, each under its own name.
#[component]
pub(crate) fn LanguageSetting() -> impl IntoView {
    let current = words().language();
    let radios = Language::ALL.map(|language| {
        let code = language.code();
        view! {
            <label class="radio" lang=code>
                <input type="radio" name="language" value=code checked=language == current/>
                <span>{language.own_name()}</span>
            </label>
        }
        .into_any()
    });
    view! {
        <Setting id="language" label=words().language_heading() value=Signal::stored(current.own_name().to_owned())>
            <form class="setting-form" action=ChooseLanguage::PATH method="post">
                <fieldset class="choice">
                    <legend class="sr">{words().language_heading()}</legend>
                    <div class="radios">{radios.into_iter().collect_view()}</div>
                </fieldset>
                <p class="submit"><button class="primary" type="submit">{words().use_language()}</button></p>
            </form>
        </Setting>
    }
}
