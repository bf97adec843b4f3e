//! What is seen: pages and components.

pub mod components;
pub mod format;
pub mod pages;

use leptos::prelude::*;

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Foliostream"</main> }
}
