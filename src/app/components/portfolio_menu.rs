//! The choice of the portfolio, beside the logo: links, so that it works without scripts.

use crate::app::prelude::*;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::{PortfolioSummary, PortfolioView};

/// From so many portfolios on the menu has a field that finds one by its name.
const SEARCHED_FROM: usize = 8;

/// The shown portfolio's name, and below it all together and each alone. It is there where there are several to choose from.
#[component]
pub(crate) fn PortfolioMenu() -> impl IntoView {
    let live = expect_live();
    let (portfolios, shown) = (live.portfolios(), live.portfolio_id());
    let path = use_location().pathname;
    let has_choice = memo(move || portfolios.with(|portfolios| portfolios.len() > 1));
    let name = memo(move || {
        if live.is_together() {
            return words().all_portfolios().to_owned();
        }
        let shown = shown.get();
        portfolios.with(|portfolios| {
            let known = portfolios.iter().find(|portfolio| Some(&portfolio.portfolio_id) == shown.as_ref());
            known.map(|portfolio| portfolio.name.clone()).unwrap_or_default()
        })
    });
    let wanted = RwSignal::new(String::new());
    let links = move || {
        let wanted = wanted.get().to_lowercase();
        let is_wanted = |portfolio: &PortfolioSummary| portfolio.name.to_lowercase().contains(&wanted);
        let each = portfolios.get().into_iter().filter(is_wanted).map(|portfolio| {
            let id = &portfolio.portfolio_id;
            let values = live.portfolio_values();
            let value = values.with(|values| values.iter().find(|(known, _)| known == id).map(|(_, value)| *value));
            let worth = value.map(|value| words().amount(value, portfolio.currency).text());
            (portfolio.portfolio_id, portfolio.name, worth.unwrap_or_else(|| portfolio.currency.to_string()))
        });
        // The list of transactions is that of one portfolio.
        let has_all = wanted.is_empty() && path.with(|path| path.trim_end_matches('/') != "/activity");
        let all = has_all.then(|| (PortfolioView::ALL.to_owned(), words().all_portfolios().to_owned(), String::new()));
        let path = path.get();
        let link = |(id, name, worth): (String, String, String)| {
            let href = [&path, "?portfolio=", &id].concat();
            let current = shown.with(|shown| shown.as_ref() == Some(&id)).then_some("true");
            view! { <a href=href aria-current=current title=name.clone()><bdi>{name.clone()}</bdi><span class="worth priv">{worth}</span></a> }
                .into_any()
        };
        all.into_iter().chain(each).map(link).collect_view()
    };
    let is_long = memo(move || portfolios.with(|portfolios| portfolios.len() >= SEARCHED_FROM));
    let search = move || {
        is_long.get().then(|| {
            view! {
                <input type="search" class="find-portfolio" aria-label=words().find_a_portfolio() placeholder=words().find_a_portfolio()
                    on:input=move |event| wanted.set(event_target_value(&event))/>
            }
            .into_any()
        })
    };
    view! {
        <Show when=move || has_choice.get()>
            <details class="menu portfolio-menu">
                <summary title=move || name.get()><span class="sr">{words().portfolio()}" "</span><bdi>{move || name.get()}</bdi><Icon name="below"/></summary>
                <div class="menu-items">
                    {move || search()}
                    <nav aria-label=words().portfolio()>{move || links()}</nav>
                </div>
            </details>
        </Show>
    }
}
