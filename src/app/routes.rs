//! Which page stands at which address. The overview comes with the first download; the other pages are a part of the wasm of
//! their own, which the browser fetches once the first page lives, or as soon as one of them is wanted.

use std::sync::Arc;

use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::{ChooseView, SsrMode, path};

use super::alive::lives;
use super::components::{Failure, Help, SearchDialog, Toasts, adding};
use super::loading::Loaded;
use super::pages::{
    ActivityPage, AlertsPage, InboxPage, InstrumentPage, NotFound, OperationsPage, Overview, PerformancePage, Search,
    SettingsPage, SheetOver,
};
use super::said::SaidBar;
use crate::app::prelude::*;
use crate::app::reactive::effect;
use crate::live::source;
use crate::wire::error::{ApiError, ErrorCode};

/// How long a first page that could not be fetched waits before it is tried again, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Finds the page of the address. Each is rendered whole on the server, so that it holds its numbers without JavaScript.
#[component]
pub fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=elsewhere>
            <Route path=path!("/") view=|| view! { <Loaded><Overview/></Loaded> } ssr=SsrMode::Async/>
            <Route path=path!("/i/:ticker") view=Later::Instrument ssr=SsrMode::Async/>
            <Route path=path!("/activity") view=Later::Activity ssr=SsrMode::Async/>
            <Route path=path!("/performance") view=Later::Performance ssr=SsrMode::Async/>
            <Route path=path!("/alerts") view=Later::Alerts ssr=SsrMode::Async/>
            <Route path=path!("/inbox") view=Later::Inbox ssr=SsrMode::Async/>
            <Route path=path!("/settings") view=Later::Settings ssr=SsrMode::Async/>
            <Route path=path!("/operations") view=Later::Operations ssr=SsrMode::Async/>
            <Route path=path!("/search") view=Later::Search ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}

/// A page that the server draws alone, at an address that is no route of the browser's: nothing on it moves, so that no browser needs its
/// code. The server provides it for the request.
#[derive(Clone)]
pub struct ServerPage(pub Arc<dyn Fn() -> AnyView + Send + Sync>);

/// Draws what stands at any other address: a page of the server's, or that there is none.
fn elsewhere() -> AnyView {
    match use_context::<ServerPage>() {
        Some(page) => page.0(),
        None => view! { <NotFound/> }.into_any(),
    }
}

/// A page that is not in the first download.
#[derive(Clone, Copy)]
enum Later {
    Instrument,
    Activity,
    Performance,
    Alerts,
    Inbox,
    Settings,
    Operations,
    Search,
}

impl ChooseView for Later {
    async fn choose(self) -> AnyView {
        let lives = lives();
        loop {
            match later(self).await {
                Ok(page) => return page,
                // What the server rendered stays until there is something to take it over.
                Err(_) if !lives.get_untracked() => source::rest(RETRY_MS).await,
                Err(_) => return not_fetched(),
            }
        }
    }

    async fn preload(&self) {}
}

fn not_fetched() -> AnyView {
    let error = ApiError::new(ErrorCode::Unavailable, words().part_not_fetched());
    view! { <Failure error/> }.into_any()
}

/// What lies over any page: the dialogs, what was done just now, and what has fired. They are drawn once the part of the wasm is there that
/// they come with, which is fetched as soon as the first page lives: a page that stays open while the server is replaced has all its
/// parts by then.
#[component]
pub fn Overlays() -> impl IntoView {
    let is_there = RwSignal::new(false);
    effect(move || {
        spawn_local(async move {
            while fetch_later().await.is_err() {
                source::rest(RETRY_MS).await;
            }
            is_there.try_set(true);
        });
    });
    move || {
        is_there.get().then(|| {
            Suspend::new(async move {
                match overlays().await {
                    Ok(overlays) => overlays,
                    Err(_) => ().into_any(),
                }
            })
            .into_any()
        })
    }
}

/// Draws the dialogs, closed, and the places of what is said.
#[wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn overlays() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <Toasts/><SaidBar/><SearchDialog/><Help/> }.into_any())
}

/// The sheet of a new transaction over the page that is shown, from the first time on that it is asked for.
#[component]
pub fn EntryOver() -> impl IntoView {
    let is_open = adding::is_over();
    let is_wanted = RwSignal::new(false);
    effect(move || {
        if is_open.get() && !is_wanted.get_untracked() {
            is_wanted.set(true);
        }
    });
    move || {
        is_wanted.get().then(|| {
            Suspend::new(async move {
                match sheet(is_open).await {
                    Ok(sheet) => sheet,
                    Err(_) => not_fetched(),
                }
            })
            .into_any()
        })
    }
}

/// Draws the sheet, once its part of the wasm is there.
#[wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn sheet(is_open: Memo<bool>) -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <SheetOver is_open/> }.into_any())
}

/// Draws a page, once its part of the wasm is there. One part for all of them: many small ones would share too much.
#[wasm_split(later, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_later))]
fn later(page: Later) -> Result<AnyView, SplitLoaderError> {
    let draw = move || match page {
        Later::Instrument => view! { <InstrumentPage/> }.into_any(),
        Later::Activity => view! { <ActivityPage/> }.into_any(),
        Later::Performance => view! { <PerformancePage/> }.into_any(),
        Later::Alerts => view! { <AlertsPage/> }.into_any(),
        Later::Inbox => view! { <InboxPage/> }.into_any(),
        Later::Settings => view! { <SettingsPage/> }.into_any(),
        Later::Operations => view! { <OperationsPage/> }.into_any(),
        Later::Search => view! { <Search/> }.into_any(),
    };
    Ok(view! { <Loaded>{draw()}</Loaded> }.into_any())
}
