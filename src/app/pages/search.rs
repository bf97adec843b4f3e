use crate::app::prelude::*;

use crate::app::reactive::memo;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::Query;
use crate::api::told::Told;
use crate::app::components::{Card, Empty, Failure, fetched, search};
use crate::wire::views::InstrumentView;

/// Instruments by ticker or name, as a page of its own: the search dialog's twin for browsers without wasm.
#[component]
pub(crate) fn Search() -> impl IntoView {
    let query = use_query_map();
    let text = memo(move || query.with(|query| query.get_str("q").unwrap_or_default().to_owned()));
    let results = fetched(move || (Query::Search(text.get()), 0), || ().into_any(), drawn);
    view! {
        <Title text=words().search()/>
        <Card title=words().search() class="search-page">
            <form action="/search" method="get" role="search">
                <label for="query">{words().ticker_or_name()}</label>
                <div class="field-row">
                    <input id="query" name="q" type="search" autocomplete="off" prop:value=move || text.get() value=move || text.get()/>
                    <button class="button" type="submit">{words().search()}</button>
                </div>
            </form>
            {results}
        </Card>
    }
}

/// Draws what was found, or says that nothing was.
fn drawn(answer: Told) -> AnyView {
    match answer.read::<Vec<InstrumentView>>() {
        Ok(found) if !found.is_empty() => {
            let row = |instrument| view! { <li><a href=search::path(instrument)>{search::row(instrument)}</a></li> }.into_any();
            let rows: Vec<_> = found.iter().map(row).collect();
            view! { <ul class="results">{rows}</ul> }.into_any()
        }
        Ok(_) => view! {
            <Empty title=words().nothing_found() hint=words().nothing_found_hint()/>
        }
        .into_any(),
        Err(error) => view! { <Failure error/> }.into_any(),
    }
}
