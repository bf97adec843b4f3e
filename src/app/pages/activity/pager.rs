//! The way from one page of the ledger to the next: links, so that it works without scripts.

use crate::app::prelude::*;

use crate::app::components::links::{escaped, within_portfolio};
use crate::wire::views::LedgerPageView;

/// Says which entries a page shows: `101 to 200 of 4,321 entries · newest first`.
pub(crate) fn range(page: &LedgerPageView) -> String {
    described(page, page.entries.len())
}

fn described(page: &LedgerPageView, shown: usize) -> String {
    let count = page.count.unsigned_abs();
    let entries = match &page.ticker {
        Some(ticker) => words().entries_of(count, ticker.as_str()),
        None => words().entries_newest_first(count),
    };
    if page.last_page() == 1 {
        return entries;
    }
    let first = (page.page - 1) * LedgerPageView::ENTRIES + 1;
    let last = first + i64::try_from(shown).unwrap_or_default() - 1;
    words().range_of(&grouped(first), &grouped(last), &entries)
}

/// Writes a number of entries or pages.
fn grouped(number: i64) -> String {
    words().count(number.unsigned_abs())
}

/// Returns the address of a page of the same ledger.
fn address(page: &LedgerPageView, number: i64) -> String {
    let of = page.ticker.as_ref().map(|ticker| ["&of=", &escaped(ticker.as_str())].concat()).unwrap_or_default();
    within_portfolio(&["/activity?page=", &number.to_string(), &of].concat())
}

/// Returns the address that changes an entry, on the page it stands on.
pub(crate) fn edit_address(page: &LedgerPageView, activity_id: &str) -> String {
    let of = page.ticker.as_ref().map(|ticker| ["&of=", &escaped(ticker.as_str())].concat()).unwrap_or_default();
    let number = if page.page > 1 { ["&page=", &page.page.to_string()].concat() } else { String::new() };
    within_portfolio(&["/activity?edit=", activity_id, &number, &of, "#entry"].concat())
}

/// Links to the pages before and after, and to the whole ledger from one instrument's entries.
#[component]
pub(crate) fn Pager(
    /// The page that is shown.
    page: LedgerPageView,
) -> impl IntoView {
    let last = page.last_page();
    let whole = page
        .ticker
        .is_some()
        .then(|| view! { <a class="subtle" href=within_portfolio("/activity")>{words().show_every_instrument()}</a> }.into_any());
    if last == 1 && whole.is_none() {
        return ().into_any();
    }
    let link = |number: i64, text: &'static str, rel: &'static str| {
        (number >= 1 && number <= last)
            .then(|| view! { <a class="subtle" rel=rel href=address(&page, number)>{text}</a> }.into_any())
    };
    let position = words().page_of(&grouped(page.page), &grouped(last));
    view! {
        <nav class="submit more-entries" aria-label=words().pages_of_the_ledger()>
            {link(page.page - 1, words().previous_page(), "prev")}
            <span class="muted">{position}</span>
            {link(page.page + 1, words().next_page(), "next")}
            {whole}
        </nav>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: i64, count: i64) -> LedgerPageView {
        LedgerPageView { entries: Vec::new(), count, page, incomplete: 0, ticker: None, edited: None }
    }

    #[test]
    fn a_page_says_which_of_how_many_entries_it_shows() {
        assert_eq!(described(&page(1, 1), 1), "1 entry · newest first");
        assert_eq!(described(&page(1, 60), 60), "60 entries · newest first");
        assert_eq!(described(&page(1_000, 100_000), 100), "99,901 to 100,000 of 100,000 entries · newest first");
    }
}
