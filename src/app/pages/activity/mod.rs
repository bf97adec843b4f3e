//! `/activity`: the ledger of the chosen portfolio, and the form that writes in it.

mod table;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::{Fetched, Query};
use crate::api::{DeleteActivity, SaveActivity};
use crate::app::components::activity_form::{ActivityForm, ActivityStart};
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::Command;
use crate::app::components::{Failure, fetched};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::{ActivityView, PortfolioSummary};
use table::Ledger;

/// The page of a portfolio's activities.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let live = expect_live();
    let (portfolio, revision) = (live.portfolio_id(), live.portfolio_changes());
    let save = Command::of::<SaveActivity>();
    let delete = Command::of::<DeleteActivity>();
    let shown = move || {
        fetched(
            move || (Query::Ledger(portfolio.get()), revision.get() + save.version().get() + delete.version().get()),
            || view! { <section class="card skeleton" aria-busy="true"><p class="hint">"Loading"</p></section> }.into_any(),
            move |answer| match answer {
                Ok(Fetched::Ledger(ledger)) => view! { <Loaded ledger save delete/> }.into_any(),
                Ok(_) => ().into_any(),
                Err(error) => view! { <Failure error/> }.into_any(),
            },
        )
    };
    view! {
        <Title text="Activity"/>
        <Show when=move || portfolio.with(Option::is_some) fallback=NoPortfolio>
            <div class="page activity-page">
                <Switcher/>
                <FormRefusal refused=delete.refused()/>
                {shown()}
            </div>
        </Show>
    }
}

/// The ledger and the form beside it.
#[component]
fn Loaded(ledger: Vec<ActivityView>, save: Command, delete: Command) -> impl IntoView {
    let query = use_query_map();
    let portfolio = expect_live().portfolio_id();
    let entries = StoredValue::new(ledger);
    let edited = memo(move || {
        let id = query.read().get("edit")?;
        entries.with_value(|entries| entries.iter().find(|entry| entry.activity_id == id).cloned())
    });
    let asked = memo(move || query.read().get("ticker").unwrap_or_default());
    let is_whole = memo(move || query.read().get("all").is_some());
    let heard = save.refused();
    let form = move || {
        let start = match edited.get() {
            Some(entry) => ActivityStart::of(&entry),
            None => ActivityStart { ticker: asked.get(), ..ActivityStart::default() },
        };
        view! { <ActivityForm action=save portfolio=portfolio.get().unwrap_or_default() start refused=heard/> }
    };
    view! {
        <div class="main-column">{move || view! { <Ledger entries=entries.get_value() is_whole=is_whole.get() delete/> }.into_any()}</div>
        <div class="side">
            <section class="card form-card" id="entry" aria-labelledby="entry-title">
                <header><h2 id="entry-title">{move || if edited.with(Option::is_some) { "Change an entry" } else { "New entry" }}</h2></header>
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
            <nav class="ranges" aria-label="Portfolio">{move || links()}</nav>
        </header>
    }
}

/// What the page says before there is a portfolio.
#[component]
fn NoPortfolio() -> impl IntoView {
    view! {
        <section class="card nothing">
            <h1>"There is no portfolio yet"</h1>
            <p>"A portfolio has a name and a currency. Its ledger is where purchases, sales and dividends are entered; everything else follows from it."</p>
            <p class="submit"><a class="primary" href="/settings#portfolios">"Make a portfolio"</a></p>
        </section>
    }
}
