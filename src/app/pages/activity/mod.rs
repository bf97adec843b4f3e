//! `/activity`: the transactions of the chosen portfolio, with search, filters and sums, and the sheet that adds and edits them.

mod address;
mod filters;
mod over;
mod pager;
mod row;
mod selection;
mod sheet;
mod table;
mod undo;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::Query;
use crate::api::{DeleteActivity, SaveActivity};
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::Command;
use crate::app::components::{CashQuestion, Failure, UnreadablePortfolio, fetched};
use crate::app::reactive::{effect, memo};
use crate::app::typed_entry::TypedEntry;
use crate::live::{expect_live, source};
use crate::wire::views::LedgerPageView;
use address::{Opened, list_address, opened, read_address, refused};
use filters::Filters;
pub(crate) use over::SheetOver;
use sheet::Sheet;
use table::Transactions;

/// The page of a portfolio's transactions.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let live = expect_live();
    let portfolio = live.portfolio_id();
    let save = Command::of::<SaveActivity>();
    let typed = TypedEntry::expect();
    save.when_done(move |_| typed.forget());
    view! {
        <Title text=words().activity()/>
        <Show when=move || portfolio.with(Option::is_some) fallback=NoPortfolio>
            <Page save/>
        </Show>
    }
}

/// The list and the sheet over it. The sheet stands outside of what is fetched again, so that nothing takes away what is typed.
#[component]
fn Page(save: Command) -> impl IntoView {
    let live = expect_live();
    let (portfolio, revision) = (live.portfolio_id(), live.portfolio_changes());
    let delete = Command::of::<DeleteActivity>();
    row::say_what_was_deleted(delete);
    sheet::say_what_was_saved(save);
    let query = use_query_map();
    let address = memo(move || query.with(read_address));
    let saved = memo(move || query.with(|query| query.get_str("saved").map(str::to_owned)));
    row::Saved::provide(saved);
    let shown = move || {
        fetched(
            move || {
                (Query::Ledger(portfolio.get(), address.get()), revision.get() + save.version().get() + delete.version().get())
            },
            || {
                view! { <section class="card skeleton" aria-busy="true"><p class="hint">{words().loading()}</p></section> }
                    .into_any()
            },
            move |answer| match answer.read::<Option<LedgerPageView>>() {
                Ok(Some(page)) => {
                    let address = address.get_untracked();
                    view! { <Transactions page address delete/> }.into_any()
                }
                Ok(None) => ().into_any(),
                Err(error) => view! { <Failure error/> }.into_any(),
            },
        )
    };
    let sheet = memo(move || {
        save.answer().track();
        match query.with(opened) {
            // A form that was refused without scripts: the page that answers it has the sheet open.
            Opened::Nothing => save.refused_fields().map_or(Opened::Nothing, |fields| refused(&fields)),
            opened => opened,
        }
    });
    let away = memo(move || list_address(&address.get()));
    // Of the page and not of the sheet, which may be gone while its last answer is still heard.
    let heard = save.refused();
    let drawn = move || {
        // A form that was carried out is drawn again, and empty, where it is to stay open for another.
        save.version().track();
        match sheet.get() {
            Opened::Nothing => ().into_any(),
            opened => view! { <Sheet opened save heard away/> }.into_any(),
        }
    };
    effect(move || {
        if let Some(id) = saved.get() {
            source::bring_into_sight(&row::row_id(&id));
        }
    });
    view! {
        <div class="page activity-page">
            <Head/>
            <UnreadablePortfolio/>
            <CashQuestion/>
            <FormRefusal refused=delete.refused()/>
            <Filters address/>
            {shown()}
            {drawn}
        </div>
    }
}

/// The page's name, and the way to add a transaction.
#[component]
fn Head() -> impl IntoView {
    let query = use_query_map();
    let add = move || address::adding(&query.with(read_address));
    view! {
        <header class="page-head">
            <h1 id="transactions" tabindex="-1">{words().activity()}</h1>
            <a class="ghost end" href="/import" rel="external">{words().import_a_file()}</a>
            <a class="primary add-transaction" href=move || add() aria-keyshortcuts="n">{words().add_transaction()}<kbd class="needs-script">"N"</kbd></a>
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
