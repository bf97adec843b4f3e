//! The language of the pages: a form that loads the page again, since every text of it changes.

use crate::app::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::ChooseLanguage;
use crate::words::Language;

/// The languages there are, each under its own name.
#[component]
pub(crate) fn LanguageChoice() -> impl IntoView {
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
        <section class="card appearance" aria-labelledby="language">
            <header><h2 id="language">{words().language_heading()}</h2></header>
            <form action=ChooseLanguage::PATH method="post">
                <fieldset class="choice">
                    <legend class="sr">{words().language_heading()}</legend>
                    <div class="radios">{radios.into_iter().collect_view()}</div>
                    <small class="hint">{words().language_hint()}</small>
                </fieldset>
                <p class="submit"><button class="ghost" type="submit">{words().use_language()}</button></p>
            </form>
        </section>
    }
}
