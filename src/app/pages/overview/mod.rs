//! `/`: the total owns the screen; below it what is held, what is about to happen, and what has.

mod allocation;
mod cash;
mod closest;
mod demo;
mod hero;
mod holdings;
mod latest;
mod movers;
mod sorting;
mod start;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::Query;
use crate::app::components::{CashQuestion, Failure, UnreadablePortfolio, at_most_every, fetched};
use crate::app::preferences::expect_preferences;
use crate::app::reactive::{effect, memo};
use crate::live::expect_live;
use crate::wire::range::Range;
use crate::wire::views::OverviewView;
use allocation::Allocation;
use cash::has_cash;
use closest::ClosestAlerts;
use demo::DemoNotice;
use hero::Hero;
use holdings::Holdings;
use latest::Latest;
use movers::Movers;
use start::{NothingHeld, Welcome};

/// The portfolio at a glance.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let live = expect_live();
    let portfolio = live.portfolio_id();
    let revision = live.portfolio_changes();
    let query = use_query_map();
    let range = memo(move || query.read().get("range").and_then(|word| Range::read(&Range::OF_VALUES, &word)));
    let shown = fetched(
        move || (Query::Overview(portfolio.get(), range.get()), revision.get()),
        || view! { <Skeleton/> }.into_any(),
        |answer| match answer.read::<Option<OverviewView>>() {
            Ok(Some(overview)) => view! { <Glance overview/> }.into_any(),
            Ok(None) => view! { <Welcome/> }.into_any(),
            Err(error) if expect_live().unreadable().with_untracked(Option::is_none) => view! { <Failure error/> }.into_any(),
            Err(_) => view! { <UnreadablePortfolio/> }.into_any(),
        },
    );
    // Where there is none, that is what is shown anyway.
    let starts_own = memo(move || portfolio.with(Option::is_some) && query.read().get("start").is_some());
    let title = title();
    let first = title.get_untracked();
    view! {
        // The head is written after the page, whose signals may be gone by then.
        <Title text=move || title.try_get().unwrap_or_else(|| first.clone())/>
        // Outside of what is fetched: the page goes on to another portfolio while the answer is on its way.
        <DemoNotice/>
        <div hidden=move || !starts_own.get()><Show when=move || starts_own.get()><Welcome/></Show></div>
        <div hidden=move || starts_own.get()>{shown}</div>
    }
}

/// Returns the tab's title: the total, at most once a second, and at once without it where amounts are to be hidden. The server, which
/// does not know whether they are, leaves it out.
fn title() -> Signal<String> {
    let totals = expect_live().totals();
    let is_private = expect_preferences().is_private();
    let total = memo(move || {
        totals.with(|totals| totals.as_ref().and_then(|totals| Some(words().amount(totals.total_value?, totals.currency).text())))
    });
    let total = at_most_every::<Option<String>>(1_000, total.into());
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    Signal::derive(move || {
        total.get().filter(|_| is_alive.get() && !is_private.get()).unwrap_or_else(|| words().overview().to_owned())
    })
}

/// The overview of a portfolio: its total, its line, its holdings and its newest notifications.
#[component]
fn Glance(mut overview: OverviewView) -> impl IntoView {
    let live = expect_live();
    let held = live.holdings();
    let sparklines = StoredValue::new(std::mem::take(&mut overview.sparklines));
    let is_empty = memo(move || held.with(Vec::is_empty) && !has_cash(live));
    view! {
        <UnreadableAmongAll/>
        <div class="overview">
            <CashQuestion/>
            <Hero overview/>
            <Allocation/>
            {move || if is_empty.get() {
                view! { <NothingHeld/> }.into_any()
            } else {
                view! { <Holdings sparklines/> }.into_any()
            }}
            <aside class="side" aria-label=words().alerts_and_inbox()>
                <ClosestAlerts/>
                <Movers/>
                <Latest/>
            </aside>
        </div>
    }
}

/// Says which of all portfolios is in no sum because its activities cannot be added up.
#[component]
fn UnreadableAmongAll() -> impl IntoView {
    let live = expect_live();
    let unreadable = live.unreadable();
    view! { <Show when=move || live.is_together() && unreadable.with(Option::is_some)><UnreadablePortfolio/></Show> }
}

/// The page's shape while its figures are on their way.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="overview skeleton" aria-busy="true">
            <section class="card hero"><p class="sr">{words().loading_the_overview()}</p></section>
            <section class="card"></section>
            <section class="card hold"></section>
        </div>
    }
}
