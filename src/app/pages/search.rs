use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api;
use crate::app::components::{Card, Empty, Failure, search};

/// Instruments by ticker or name, as a page of its own: the search dialog's twin for browsers without wasm.
#[component]
pub fn Search() -> impl IntoView {
    let query = use_query_map();
    let text = Memo::new(move |_| query.with(|query| query.get("q")).unwrap_or_default());
    let found = Resource::new(move || text.get(), api::search);
    view! {
        <Title text="Search"/>
        <Card title="Search" class="search-page">
            <form action="/search" method="get" role="search">
                <label for="query">"Ticker or name"</label>
                <div class="field-row">
                    <input id="query" name="q" type="search" autocomplete="off" prop:value=move || text.get() value=move || text.get()/>
                    <button class="button" type="submit">"Search"</button>
                </div>
            </form>
            <Suspense>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(found) if found.is_empty() => view! {
                            <Empty title="Nothing found" hint="Try a part of the name, or the ticker as your exchange writes it."/>
                        }.into_any(),
                        Ok(found) => view! {
                            <ul class="results">
                                {found.iter().map(|instrument| view! { <li><a href=search::path(instrument)>{search::row(instrument)}</a></li> }.into_any()).collect::<Vec<_>>()}
                            </ul>
                        }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </Card>
    }
}
