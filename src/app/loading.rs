//! What every page needs, fetched once on the server and handed over, then fetched again when the page's stream must change.

use crate::app::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_query_map};

use super::components::Failure;
use crate::api;
use crate::api::codec::JsonText;
use crate::app::alive::{self, page_lives};
use crate::app::reactive::{effect, memo};
use crate::live::{Live, source};
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::views::{PageView, PortfolioView};

/// The figures of the page to render, which the router reads before anything is rendered. A page whose signals were set
/// while parts of it render on several threads would race with itself.
#[derive(Clone, Debug)]
pub struct RenderedPage(pub Result<PageView, ApiError>);

/// Why there are no figures, where there are none.
#[derive(Clone, Copy)]
struct Refused(RwSignal<Option<ApiError>>);

/// What decides a page's figures and its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageKey {
    /// The portfolio asked for; the first unless told.
    pub portfolio: Option<String>,
    /// What the page follows beside the portfolio's holdings.
    pub tickers: Vec<String>,
    /// Whether the page's stream also carries how the workers are doing (`metrics=true`).
    pub metrics: bool,
}

impl PageKey {
    /// Reads it from an address.
    pub fn of(path: &str, portfolio: Option<String>) -> Self {
        let is_of_one = path.trim_end_matches('/') == "/activity";
        Self {
            // The list of transactions is that of one portfolio.
            portfolio: portfolio.filter(|id| !is_of_one || id != PortfolioView::ALL),
            tickers: path.strip_prefix("/i/").map(decoded).into_iter().collect(),
            metrics: path.trim_end_matches('/') == "/operations",
        }
    }
}

/// Takes the first page's figures, which travel within the document, into the replica: before anything reads it. The stream
/// goes on from them once the page lives.
pub fn seed_first_page(live: Live) {
    let first = SharedValue::<_, JsonText>::new_with_encoding(|| match use_context::<RenderedPage>() {
        Some(RenderedPage(page)) => page,
        None => Err(ApiError::new(ErrorCode::Unavailable, words().no_figures_came())),
    });
    let first = first.into_inner();
    if let Ok(page) = &first {
        live.seed(page);
    }
    provide_context(Refused(RwSignal::new(first.err())));
    let alive = alive::provide();
    effect(move || {
        if alive.get() {
            source::start(live);
        }
    });
}

/// Follows the address and the ledger, and fetches the figures again where they decide them. To be called inside the router.
pub fn follow_address(live: Live) {
    let path = use_location().pathname;
    let query = use_query_map();
    let key = memo(move || {
        let portfolio = query.with(|query| query.get("portfolio"));
        path.with(|path| PageKey::of(path, portfolio))
    });
    let revision = live.portfolio_changes();
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
    let Refused(refused) = expect_context();
    spawn_local(async move {
        let page = api::page(wanted.portfolio.clone(), wanted.tickers.clone(), wanted.metrics).await;
        // A refusal leaves the figures that are there: they still move.
        if let (Ok(page), true) = (page, key.try_get_untracked() == Some(wanted)) {
            live.seed(&page);
            refused.set(None);
        }
    });
}

/// Decodes the few characters of a ticker that a path may escape: `%5E` is `^`, `%3D` is `=`.
fn decoded(ticker: &str) -> String {
    ticker.trim_end_matches('/').replace("%5E", "^").replace("%5e", "^").replace("%3D", "=").replace("%3d", "=")
}

/// Shows its children, or says why there are no figures to show.
#[component]
pub fn Loaded(
    /// Shown with the replica seeded.
    children: ChildrenFn,
) -> impl IntoView {
    let Refused(refused) = expect_context();
    page_lives();
    // Only another answer draws the page again: what is typed and where the focus stands would be lost with it.
    let refused = memo(move || refused.get());
    move || match refused.get() {
        Some(error) => view! { <Failure error/> }.into_any(),
        None => children().into_any(),
    }
}
