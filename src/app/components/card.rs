use crate::app::prelude::*;

use crate::api;
use crate::wire::error::ApiError;

/// A surface with a heading, on which a part of a page stands.
#[component]
pub(crate) fn Card(
    /// The heading of the card.
    #[prop(into)]
    title: String,
    /// CSS classes of the card beside `card`.
    #[prop(optional, into)]
    class: &'static str,
    /// What stands beside the heading, quiet or as links.
    #[prop(optional, into)]
    actions: Option<AnyView>,
    /// What stands below the heading.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=["card ", class].concat()>
            <header><h2>{title}</h2>{actions}</header>
            {children()}
        </section>
    }
}

/// What a list shows while it is empty: what belongs here, and what to do about it.
#[component]
pub(crate) fn Empty(
    /// The name of what is not there yet.
    #[prop(into)]
    title: String,
    /// A sentence that says what the reader can do to fill the list.
    #[prop(into)]
    hint: String,
    /// Links or forms that do it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p class="muted">{hint}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> }.into_any())}
        </div>
    }
}

/// A page that could not be made: what went wrong, and what still works.
#[component]
pub(crate) fn Failure(
    /// Why the page could not be made; its status becomes that of the answer.
    error: ApiError,
) -> impl IntoView {
    api::answer_with_status(error.code.status());
    let error = error.in_words(words());
    let reference = error
        .reference
        .map(|reference| view! { <p class="muted">{words().reference_lead()} <code>{reference}</code></p> }.into_any());
    view! {
        <section class="card failure" role="alert">
            <h1>{words().this_page_could_not_be_shown()}</h1>
            <p>{error.message}</p>
            {reference}
            <p class="muted">{words().alerts_keep_watching()}</p>
            <p><a class="button" href="/">{words().go_to_the_overview()}</a></p>
        </section>
    }
}
