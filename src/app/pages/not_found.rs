use leptos::prelude::*;
use leptos_meta::Title;

/// What is shown where nothing lives.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <section class="card failure">
            <h1>"There is nothing here"</h1>
            <p>"The page may have moved, or the address has a slip in it."</p>
            <p><a class="button" href="/">"Go to the overview"</a></p>
        </section>
    }
}
