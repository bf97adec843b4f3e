use leptos::prelude::*;

/// The portfolio at a glance.
#[component]
pub fn Overview() -> impl IntoView {
    view! { <p>"Overview"</p> }
}
