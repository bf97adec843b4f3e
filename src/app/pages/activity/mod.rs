//! `/activity`: the ledger of the chosen portfolio, and the form that writes in it.

mod pager;
mod table;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::{Fetched, LedgerAddress, Query};
use crate::api::{DeleteActivity, SaveActivity};
use crate::app::components::activity_form::{ActivityForm, TypedEntry};
use crate::app::components::activity_start::ActivityStart;
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::Command;
use crate::app::components::{CashQuestion, Failure, UnreadablePortfolio, fetched};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::{LedgerPageView, PortfolioSummary};
use table::Ledger;

/// The page of a portfolio's activities.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let live = expect_live();
    let (portfolio, revision) = (live.portfolio_id(), live.portfolio_changes());
    let save = Command::of::<SaveActivity>();
    TypedEntry::provide(save);
    let delete = Command::of::<DeleteActivity>();
    let query = use_query_map();
    let address = memo(move || {
        query.with(|query| LedgerAddress {
            page: query.get_str("page").and_then(|text| text.parse().ok()).unwrap_or(1),
            ticker: query.get("of"),
            edited: query.get("edit"),
        })
    });
    let shown = move || {
        fetched(
            move || {
                (Query::Ledger(portfolio.get(), address.get()), revision.get() + save.version().get() + delete.version().get())
            },
            || {
                view! { <section class="card skeleton" aria-busy="true"><p class="hint">{words().loading()}</p></section> }
                    .into_any()
            },
            move |answer| match answer {
                Ok(Fetched::Ledger(page)) => view! { <Loaded page=*page save delete/> }.into_any(),
                Ok(_) => ().into_any(),
                Err(error) => view! { <Failure error/> }.into_any(),
            },
        )
    };
    view! {
        <Title text=words().activity()/>
        <Show when=move || portfolio.with(Option::is_some) fallback=NoPortfolio>
            <div class="page activity-page">
                <Switcher/>
                <UnreadablePortfolio/>
                <CashQuestion/>
                <FormRefusal refused=delete.refused()/>
                {shown()}
            </div>
        </Show>
    }
}

/// The ledger and the form beside it.
#[component]
fn Loaded(page: LedgerPageView, save: Command, delete: Command) -> impl IntoView {
    let query = use_query_map();
    let portfolio = expect_live().portfolio_id();
    let page = StoredValue::new(page);
    let edited = memo(move || {
        let id = query.read().get("edit")?;
        page.with_value(|page| page.edited.clone()).filter(|entry| entry.activity_id == id)
    });
    let asked = memo(move || query.read().get("ticker").unwrap_or_default());
    let heard = save.refused();
    let form = move || {
        let start = match edited.get() {
            Some(entry) => ActivityStart::of(&entry),
            None => ActivityStart { ticker: asked.get(), ..ActivityStart::default() },
        };
        view! { <ActivityForm action=save portfolio=portfolio.get().unwrap_or_default() start refused=heard/> }
    };
    view! {
        <div class="main-column">{move || view! { <Ledger page=page.get_value() delete/> }.into_any()}</div>
        <div class="side">
            <section class="card form-card" id="entry" aria-labelledby="entry-title">
                <header><h2 id="entry-title">{move || if edited.with(Option::is_some) { words().change_an_entry() } else { words().new_entry() }}</h2></header>
                {move || form()}
            </section>
        </div>
    }
}

/// The portfolio's name, and links to the others where there are several.
#[component]
fn Switcher() -> impl IntoView {
    let live = expect_live();
    let (portfolios, chosen) = (live.portfolios(), live.portfolio_id());
    let name = move || {
        let chosen = chosen.get();
        portfolios.with(|portfolios| {
            let known = portfolios.iter().find(|portfolio| Some(&portfolio.portfolio_id) == chosen.as_ref());
            known.map(|portfolio| portfolio.name.clone()).unwrap_or_default()
        })
    };
    let link = move |portfolio: PortfolioSummary| {
        let href = ["/activity?portfolio=", &portfolio.portfolio_id].concat();
        let id = portfolio.portfolio_id;
        let current = move || (chosen.get().as_ref() == Some(&id)).then_some("true");
        view! { <a href=href aria-current=move || current()><bdi>{portfolio.name}</bdi></a> }
    };
    let links = move || {
        let portfolios = portfolios.get();
        if portfolios.len() > 1 { portfolios.into_iter().map(link).collect_view() } else { Vec::new() }
    };
    view! {
        <header class="page-head">
            <h1><bdi>{move || name()}</bdi></h1>
            <nav class="ranges" aria-label=words().portfolio()>{move || links()}</nav>
        </header>
    }
}

/// What the page says before there is a portfolio.
#[component]
fn NoPortfolio() -> impl IntoView {
    view! {
        <section class="card nothing">
            <h1>{words().no_portfolio_yet()}</h1>
            <p>{words().no_portfolio_yet_hint()}</p>
            <p class="submit"><a class="primary" href="/settings#portfolios">{words().make_a_portfolio()}</a></p>
        </section>
    }
}
