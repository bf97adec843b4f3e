//! What is seen: pages and components.

#![allow(
    clippy::redundant_closure,
    reason = "`view!` gives closures written in place one type; named ones reach the browser once each"
)]

pub mod components;
pub mod document;
pub mod format;
pub mod loading;
pub mod pages;
pub mod preferences;
pub mod reactive;
pub mod shortcuts;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::app::reactive::effect;
use crate::live::{Live, source};
use components::{Announcer, Header, Help, Notice, SearchDialog, Tabs, Toasts};
use loading::{Loaded, follow_address};
use pages::{ActivityPage, AlertsPage, InboxPage, InstrumentPage, NotFound, OperationsPage, Overview, Search, SettingsPage};
use preferences::Preferences;
use shortcuts::Dialogs;

pub use document::{Assets, document};
pub use loading::{PageKey, RenderedPage};

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Preferences::provide();
    provide_context(Dialogs::default());
    let live = Live::provide();
    loading::seed_first_page(live);
    effect(move || source::start(live));
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Foliostream".to_owned() } else { [&title, " · Foliostream"].concat() }/>
        <Router>
            <Frame live/>
        </Router>
    }
}

/// What stands around every page, and the page of the address.
#[component]
fn Frame(live: Live) -> impl IntoView {
    follow_address(live);
    shortcuts::listen(expect_context());
    view! {
        <Header/>
        <main id="main" tabindex="-1">
            <Notice/>
            <Routes/>
        </main>
        <Tabs/>
        <Toasts/>
        <Announcer/>
        <SearchDialog/>
        <Help/>
    }
}

/// Finds the page of the address. Each is rendered whole on the server, so that it holds its numbers without JavaScript.
#[component]
fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFound/> }>
            <Route path=path!("/") view=|| view! { <Loaded><Overview/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/i/:ticker") view=|| view! { <Loaded><InstrumentPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/activity") view=|| view! { <Loaded><ActivityPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/alerts") view=|| view! { <Loaded><AlertsPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/inbox") view=|| view! { <Loaded><InboxPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/settings") view=|| view! { <Loaded><SettingsPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/operations") view=|| view! { <Loaded><OperationsPage/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/search") view=|| view! { <Loaded><Search/></Loaded> } ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
