//! What every page needs, fetched once on the server and handed over, then fetched again when the page's stream must change.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_query_map};

use super::components::Failure;
use crate::api;
use crate::live::{Live, expect_live};
use crate::wire::error::ApiError;
use crate::wire::views::PageView;

/// The first page's figures.
#[derive(Clone, Copy)]
struct FirstPage(Resource<Result<PageView, ApiError>>);

/// What decides a page's figures and its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PageKey {
    portfolio: Option<String>,
    tickers: Vec<String>,
}

/// Fetches the first page's figures, and follows the address and the ledger from then on. To be called inside the router.
pub fn provide_page(live: Live) {
    let path = use_location().pathname;
    let query = use_query_map();
    let key = Memo::new(move |_| PageKey {
        portfolio: query.with(|query| query.get("portfolio")),
        tickers: path.with(|path| path.strip_prefix("/i/").map(decoded).into_iter().collect()),
    });
    let first = key.get_untracked();
    let page = Resource::new(
        || (),
        move |()| {
            let PageKey { portfolio, tickers } = first.clone();
            async move { api::page(portfolio, tickers).await }
        },
    );
    provide_context(FirstPage(page));
    let revision = live.portfolio_revision();
    Effect::new(move |before: Option<(PageKey, i64)>| {
        let now = (key.get(), revision.get());
        if before.is_some_and(|before| before != now) {
            fetch_again(live, key);
        }
        now
    });
}

/// Fetches the figures of the address as it is now, and takes them over unless the address has changed meanwhile.
fn fetch_again(live: Live, key: Memo<PageKey>) {
    let wanted = key.get_untracked();
    spawn_local(async move {
        let page = api::page(wanted.portfolio.clone(), wanted.tickers.clone()).await;
        // A refusal leaves the figures that are there: they still move.
        if let (Ok(page), true) = (page, key.try_get_untracked() == Some(wanted)) {
            live.seed(&page);
        }
    });
}

/// Decodes the few characters of a ticker that a path may escape: `%5E` is `^`, `%3D` is `=`.
fn decoded(ticker: &str) -> String {
    ticker.trim_end_matches('/').replace("%5E", "^").replace("%5e", "^").replace("%3D", "=").replace("%3d", "=")
}

/// Shows its children once the page's figures are there; where they cannot be had, says why instead.
#[component]
pub fn Loaded(
    /// Shown with the replica seeded.
    children: ChildrenFn,
    /// Shown even where the figures cannot be had, as the header is.
    #[prop(optional)]
    always: bool,
) -> impl IntoView {
    let live = expect_live();
    let FirstPage(page) = expect_context();
    let children = StoredValue::new(children);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let page = page.await;
                match page {
                    Ok(page) => {
                        live.seed(&page);
                        children.with_value(|children| children())
                    }
                    Err(_) if always => children.with_value(|children| children()),
                    Err(error) => view! { <Failure error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}
