//! `/performance`: how it went over a period, what it is compared with, and where it came from. The period and the comparisons stand in
//! the address.

mod address;
mod drawdown;
mod headline;
mod holdings;
mod lines;
mod months;
mod sources;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::Query;
use crate::app::components::calendar::written_day;
use crate::app::components::{Empty, Failure, fetched};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::PerformanceView;
use address::{Asked, Dates, Periods, Scope};
use drawdown::DrawdownCard;
use headline::Headline;
use holdings::ByHolding;
use months::Months;
use sources::Sources;

/// The page of a portfolio's performance.
#[component]
pub(crate) fn PerformancePage() -> impl IntoView {
    let live = expect_live();
    let (portfolio, revision) = (live.portfolio_id(), live.portfolio_changes());
    let query = use_query_map();
    let asked = memo(move || query.with(Asked::read));
    let shown = fetched(
        move || (Query::Performance(portfolio.get(), asked.get().query()), revision.get()),
        || view! { <section class="card skeleton" aria-busy="true"><p class="hint">{words().loading()}</p></section> }.into_any(),
        move |answer| match answer.read::<Option<PerformanceView>>() {
            Ok(Some(view)) => view! { <Found view asked=asked.get_untracked()/> }.into_any(),
            Ok(None) => nothing_yet(),
            Err(error) => view! { <Failure error/> }.into_any(),
        },
    );
    view! {
        <Title text=words().performance()/>
        <div class="page performance-page">
            <header class="page-head">
                <h1>{words().performance()}</h1>
                <Periods asked/>
                <Dates asked/>
                <Scope asked/>
            </header>
            {shown}
        </div>
    }
}

fn nothing_yet() -> AnyView {
    view! { <section class="card"><Empty title=words().no_performance_yet() hint=words().no_performance_hint()/></section> }
        .into_any()
}

/// The cards, each about the same period.
#[component]
fn Found(view: PerformanceView, asked: Asked) -> impl IntoView {
    let has_history = !view.holdings.is_empty() || view.series.iter().any(|point| !point.value.is_zero());
    if !has_history {
        return nothing_yet();
    }
    let span = words().from_to(&written_day(&view.from), &written_day(&view.to));
    view! {
        <p class="hint span-told">{span}</p>
        <Headline view=view.clone() asked/>
        <Sources view=view.clone()/>
        <ByHolding view=view.clone()/>
        <Months months=view.months.clone()/>
        <DrawdownCard view/>
    }
    .into_any()
}
