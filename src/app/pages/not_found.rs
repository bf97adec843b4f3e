use crate::app::loading::page_lives;
use crate::app::prelude::*;
use leptos_meta::Title;

use crate::api;

/// What is shown where nothing lives.
#[component]
pub fn NotFound() -> impl IntoView {
    api::answer_with_status(404);
    page_lives();
    view! {
        <Title text="Not found"/>
        <section class="card failure">
            <h1>"There is nothing here"</h1>
            <p>"The page may have moved, or the address has a slip in it."</p>
            <p class="failure-actions">
                <a class="button" href="/">"Go to the overview"</a>
                <a class="ghost" href="/search">"Search instruments"</a>
            </p>
        </section>
    }
}
