use crate::app::alive::page_lives;
use crate::app::prelude::*;
use leptos_meta::Title;

use crate::api;

/// What is shown where nothing lives.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    api::answer_with_status(404);
    page_lives();
    view! {
        <Title text=words().not_found()/>
        <section class="card failure">
            <h1>{words().nothing_here()}</h1>
            <p>{words().nothing_here_hint()}</p>
            <p class="failure-actions">
                <a class="button" href="/">{words().go_to_the_overview()}</a>
                <a class="ghost" href="/search">{words().search_instruments()}</a>
            </p>
        </section>
    }
}
