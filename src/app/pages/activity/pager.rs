//! The way from one page of the list to the next: links, so that it works without scripts.

use crate::app::prelude::*;

use super::address::list_address;
use crate::wire::ledger::LedgerAddress;
use crate::wire::views::LedgerPageView;

/// Links to the pages before and after, where there are several.
#[component]
pub(crate) fn Pager(
    /// The number of the page that is shown.
    page: i64,
    /// The number of the last page.
    last: i64,
    /// Which of how many transactions the page shows.
    shown: String,
    /// What the list shows.
    address: LedgerAddress,
) -> impl IntoView {
    if last == 1 {
        return ().into_any();
    }
    let link = |number: i64, text: &'static str, rel: &'static str| {
        let href = list_address(&LedgerAddress { page: number, ..address.clone() });
        (number >= 1 && number <= last).then(|| view! { <a class="subtle" rel=rel href=href>{text}</a> }.into_any())
    };
    view! {
        <nav class="submit more-entries" aria-label=words().pages_of_the_ledger()>
            {link(page - 1, words().previous_page(), "prev")}
            <span class="muted">{shown}</span>
            {link(page + 1, words().next_page(), "next")}
        </nav>
    }
    .into_any()
}

/// Says which transactions a page shows: `101 to 200 of 4,321 transactions`.
pub(crate) fn range(page: &LedgerPageView) -> String {
    described(page, page.entries.len())
}

fn described(page: &LedgerPageView, shown: usize) -> String {
    let entries = words().transactions_count(page.count.unsigned_abs());
    let first = (page.page - 1) * LedgerPageView::ENTRIES + 1;
    let last = first + i64::try_from(shown).unwrap_or_default() - 1;
    words().range_of(&grouped(first), &grouped(last), &entries)
}

/// Writes a number of transactions or pages.
fn grouped(number: i64) -> String {
    words().count(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn page(page: i64, count: i64) -> LedgerPageView {
        LedgerPageView { count, page, ..LedgerPageView::empty(Currency::EUR) }
    }

    #[test]
    fn a_page_says_which_of_how_many_transactions_it_shows() {
        assert_eq!(described(&page(2, 101), 1), "101 to 101 of 101 transactions");
        assert_eq!(described(&page(1_000, 100_000), 100), "99,901 to 100,000 of 100,000 transactions");
    }
}
