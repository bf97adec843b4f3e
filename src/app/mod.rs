//! What is seen: pages and components.

use leptos::prelude::*;

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Foliostream"</main> }
}
