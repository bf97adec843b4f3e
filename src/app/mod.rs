//! What is seen: pages and components.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// Addresses of the site's parts.
#[derive(Clone, Debug)]
pub struct Assets {
    /// JS
    pub js: String,
    /// wasm
    pub wasm: String,
    /// CSS
    pub css: String,
}

/// The document.
pub fn document(_assets: &Assets) -> impl IntoView + use<> {
    view! { <!DOCTYPE html><html lang="en"><head></head><body><App/></body></html> }
}

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    view! { <Router><main><Routes fallback=|| "404"><Route path=path!("/") view=|| "Foliostream" ssr=SsrMode::Async/></Routes></main></Router> }
}
