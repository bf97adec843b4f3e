//! What is seen: pages and components.

#![allow(
    clippy::redundant_closure,
    reason = "`view!` gives closures written in place one type; named ones reach the browser once each"
)]
#![allow(unreachable_pub, reason = "the component macro makes a public function of every component")]

pub mod alive;
pub mod components;
pub mod document;
pub mod element;
pub mod loading;
pub mod pages;
pub mod preferences;
pub mod prelude;
pub mod reactive;
pub mod refused_form;
pub mod routes;
pub mod said;
pub mod shortcuts;
pub mod typed_entry;

use crate::app::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

use crate::live::{Live, source};
use components::{Announcer, Header, Notice, Tabs};
use loading::follow_address;
use preferences::Preferences;
use routes::{EntryOver, Overlays, Routes};
use said::Said;
use shortcuts::Dialogs;
use typed_entry::TypedEntry;

pub use document::{Assets, document, texts_address};
pub use loading::{PageKey, RenderedPage};
pub use pages::{AccountForm, BooksPage, IMPORT_ROWS, ImportPage, books_page, failure, import_page};
pub use refused_form::RefusedForm;
pub use routes::ServerPage;

/// Takes the texts in the page's language, which the server hands over; false where they are of another version of the program.
pub fn take_texts(texts: String) -> bool {
    source::take_words(texts)
}

/// The whole page below `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Preferences::provide();
    Dialogs::provide();
    Said::provide();
    TypedEntry::provide();
    let live = Live::provide();
    loading::seed_first_page(live);
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
        <EntryOver/>
        <Tabs/>
        <Announcer/>
        <Overlays/>
    }
}
