//! Says of a portfolio whose activities cannot be added up what is wrong, and how it is mended.

use crate::app::prelude::*;

use crate::live::expect_live;
use crate::wire::views::PortfolioSummary;

/// The card, while the page is about such a portfolio.
#[component]
pub(crate) fn UnreadablePortfolio() -> impl IntoView {
    let unreadable = expect_live().unreadable();
    move || unreadable.get().map(|portfolio| view! { <Mend portfolio/> }.into_any())
}

#[component]
fn Mend(portfolio: PortfolioSummary) -> impl IntoView {
    let PortfolioSummary { portfolio_id, name, unreadable, .. } = portfolio;
    let (activity_id, reason) = unreadable.map(|found| (found.activity_id.clone(), found.reason_in(words()))).unwrap_or_default();
    let edit = ["/activity?portfolio=", &portfolio_id, "&edit=", &activity_id, "#entry"].concat();
    view! {
        <section class="card nothing" aria-labelledby="unreadable">
            <h2 id="unreadable"><bdi>{name}</bdi>{words().cannot_be_valued()}</h2>
            <p>{words().entries_do_not_add_up(&activity_id, &reason)}</p>
            <p class="submit">
                <a class="primary" href=edit>{words().change_the_entry()}</a>
                <a class="ghost" href="/settings#portfolios">{words().settings()}</a>
            </p>
        </section>
    }
}
