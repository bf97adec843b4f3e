//! The choice of the portfolio, beside the logo: links, so that it works without scripts.

use crate::app::prelude::*;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use crate::app::reactive::memo;
use crate::live::expect_live;

/// The shown portfolio's name, and the others below it. It is there where there are several to choose from.
#[component]
pub(crate) fn PortfolioMenu() -> impl IntoView {
    let live = expect_live();
    let (portfolios, shown) = (live.portfolios(), live.portfolio_id());
    let path = use_location().pathname;
    let has_choice = memo(move || portfolios.with(|portfolios| portfolios.len() > 1));
    let name = memo(move || {
        let shown = shown.get();
        portfolios.with(|portfolios| {
            let known = portfolios.iter().find(|portfolio| Some(&portfolio.portfolio_id) == shown.as_ref());
            known.map(|portfolio| portfolio.name.clone()).unwrap_or_default()
        })
    });
    let links = move || {
        let path = path.get();
        let link = |portfolio: crate::wire::views::PortfolioSummary| {
            let href = [&path, "?portfolio=", &portfolio.portfolio_id].concat();
            let current = shown.with(|shown| shown.as_deref() == Some(portfolio.portfolio_id.as_str())).then_some("true");
            view! { <a href=href aria-current=current title=portfolio.name.clone()><bdi>{portfolio.name.clone()}</bdi><span class="tag">{portfolio.currency.to_string()}</span></a> }
                .into_any()
        };
        portfolios.get().into_iter().map(link).collect_view()
    };
    view! {
        <Show when=move || has_choice.get()>
            <details class="menu portfolio-menu">
                <summary title=move || name.get()><span class="sr">{words().portfolio()}" "</span><bdi>{move || name.get()}</bdi><Icon name="below"/></summary>
                <nav class="menu-items" aria-label=words().portfolio()>{move || links()}</nav>
            </details>
        </Show>
    }
}
