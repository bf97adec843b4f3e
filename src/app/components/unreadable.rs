//! Says of a portfolio whose activities cannot be added up what is wrong, and how it is mended.

use crate::app::prelude::*;

use crate::live::expect_live;
use crate::wire::views::PortfolioSummary;

/// The words, while the page is about such a portfolio.
#[component]
pub fn UnreadablePortfolio() -> impl IntoView {
    let unreadable = expect_live().unreadable();
    move || unreadable.get().map(|portfolio| view! { <Words portfolio/> }.into_any())
}

#[component]
fn Words(portfolio: PortfolioSummary) -> impl IntoView {
    let PortfolioSummary { portfolio_id, name, unreadable, .. } = portfolio;
    let (activity_id, reason) = unreadable.map(|found| (found.activity_id, found.reason)).unwrap_or_default();
    let edit = ["/activity?portfolio=", &portfolio_id, "&edit=", &activity_id, "#entry"].concat();
    view! {
        <section class="card nothing" aria-labelledby="unreadable">
            <h2 id="unreadable"><bdi>{name}</bdi>" cannot be valued"</h2>
            <p>"Its entries cannot be added up: of entry number " {activity_id} ", " {reason} ". "
                "Nothing is lost. Change or delete that entry, and the portfolio is valued again; or delete the portfolio in Settings. "
                "Everything else goes on."</p>
            <p class="submit">
                <a class="primary" href=edit>"Change the entry"</a>
                <a class="ghost" href="/settings#portfolios">"Settings"</a>
            </p>
        </section>
    }
}
