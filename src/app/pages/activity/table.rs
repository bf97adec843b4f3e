//! The list: sums of what it shows, then the transactions by month, newest first; two-line rows on a phone.

use crate::app::prelude::*;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::address::{adding, list_address};
use super::pager::{Pager, range};
use super::row::{Columns, Row, day_of};
use super::selection::{Selection, SelectionBar};
use crate::app::components::Empty;
use crate::app::components::calendar::civil_of;
use crate::app::components::post_form::Command;
use crate::app::reactive::effect;
use crate::domain::money::Currency;
use crate::live::source;
use crate::wire::ledger::{LedgerAddress, Sorting};
use crate::wire::views::{FlowsView, LedgerEntryView, LedgerMonthView, LedgerPageView};
use crate::words::figures;

/// A page of the transactions, with what can be done to each.
#[component]
pub(crate) fn Transactions(
    /// The page, newest first.
    page: LedgerPageView,
    /// What the list shows.
    address: LedgerAddress,
    /// The server function that deletes a transaction.
    delete: Command,
) -> impl IntoView {
    // A question that is open would stand at another transaction now.
    effect(source::close_menus);
    if page.total == 0 {
        return view! {
            <section class="card">
                <Empty title=words().ledger_is_empty() hint=words().ledger_is_empty_hint()>
                    <a class="primary" href=adding(&address)>{words().add_transaction()}</a>
                    <a class="ghost" href="/import" rel="external">{words().import_a_file()}</a>
                </Empty>
            </section>
        }
        .into_any();
    }
    let (last, currency) = (page.last_page(), page.currency);
    let shown = words().transactions_count(page.count.unsigned_abs());
    let sums = view! { <Sums sums=page.sums.clone() shown currency/> }.into_any();
    let problems = (page.incomplete > 0 && !address.incomplete).then(|| {
        let href = list_address(&LedgerAddress { incomplete: true, ..LedgerAddress::default() });
        view! { <p class="problems"><a class="flag" href=href>{words().problems(page.incomplete as u64)}</a></p> }.into_any()
    });
    if page.count == 0 {
        return view! {
            <section class="card transactions">
                <Empty title=words().nothing_matches() hint=words().nothing_matches_hint()>
                    <a class="subtle" href=list_address(&LedgerAddress::default())>{words().clear_filters()}</a>
                </Empty>
            </section>
        }
        .into_any();
    }
    let pager = view! { <Pager page=page.page last shown=range(&page) address=address.clone()/> }.into_any();
    let columns = Columns { currency, address, delete };
    let selection = Selection::provide(&page.entries);
    let is_on = selection.is_on();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == source::ESCAPE {
            selection.clear();
        }
    };
    let is_by_time = columns.address.sorting() == Sorting::Newest;
    let months: Vec<_> = if is_by_time {
        by_month(page.entries, &page.months).into_iter().map(|(month, entries)| (Some(month), entries)).collect()
    } else {
        vec![(None, page.entries)]
    };
    let head = columns.clone();
    let groups = months.into_iter().map(|(month, entries)| {
        let rows = entries.into_iter().map(|entry| view! { <Row entry columns=columns.clone()/> }.into_any()).collect_view();
        let month = month.map(|month| month_row(&month, currency));
        view! { <tbody>{month}{rows}</tbody> }.into_any()
    });
    view! {
        {problems}
        <section class="card transactions" class:selecting=move || is_on.get() aria-labelledby="transactions" on:keydown=on_key>
            {sums}
            <table class="ledger-table">
                <thead><tr>
                    <th scope="col" class="pick-cell"><span class="sr">{words().selection()}</span></th>
                    {sortable(words().date_label(), "", &head.address, Sorting::Newest, Sorting::Oldest)}
                    <th scope="col">{words().type_label()}</th>
                    {sortable(words().instrument(), "", &head.address, Sorting::Ticker, Sorting::TickerBack)}
                    <th scope="col" class="num">{words().quantity_label()}</th><th scope="col" class="num">{words().price_label()}</th>
                    <th scope="col" class="num charges-cell">{words().fees_and_tax_in(&unit(currency))}</th>
                    {sortable(&words().amount_in(&unit(currency)), "num", &head.address, Sorting::MostCash, Sorting::LeastCash)}
                    <th scope="col"><span class="sr">{words().change()}</span></th>
                </tr></thead>
                {groups.collect_view()}
            </table>
            {pager}
        </section>
        <SelectionBar selection currency/>
    }
    .into_any()
}

/// Returns how a column's head names a currency.
fn unit(currency: Currency) -> String {
    figures::symbol(currency)
}

/// A month's heading: what it holds of the list on all pages, where that is known.
struct Month {
    year: i16,
    month: u8,
    known: Option<LedgerMonthView>,
}

/// Draws a column's head that sorts by it, and the other way round where the list is sorted so already.
fn sortable(label: &str, class: &'static str, address: &LedgerAddress, first: Sorting, back: Sorting) -> AnyView {
    let sorting = address.sorting();
    let next = if sorting == first { back } else { first };
    let sort = if next == Sorting::Newest { String::new() } else { next.word().to_owned() };
    let href = list_address(&LedgerAddress { sort, page: 1, ..address.clone() });
    let is_first_descending = first.word().starts_with('-');
    let told = match sorting {
        _ if sorting == first => Some(if is_first_descending { "descending" } else { "ascending" }),
        _ if sorting == back => Some(if is_first_descending { "ascending" } else { "descending" }),
        _ => None,
    };
    let label = label.to_owned();
    view! { <th scope="col" class=class aria-sort=told><a class="sorts" href=href>{label}</a></th> }.into_any()
}

fn by_month(entries: Vec<LedgerEntryView>, months: &[LedgerMonthView]) -> Vec<(Month, Vec<LedgerEntryView>)> {
    let mut groups: Vec<(Month, Vec<LedgerEntryView>)> = Vec::new();
    for entry in entries {
        let day = day_of(&entry.activity);
        let (year, month) = (day.year(), day.month());
        match groups.last_mut().filter(|(newest, _)| (newest.year, newest.month) == (year, month.unsigned_abs())) {
            Some((_, rows)) => rows.push(entry),
            None => {
                let known = months.iter().find(|known| (known.year, known.month) == (year, month)).cloned();
                groups.push((Month { year, month: month.unsigned_abs(), known }, vec![entry]));
            }
        }
    }
    groups
}

fn month_row(month: &Month, currency: Currency) -> AnyView {
    let first = Date::new(month.year, i8::try_from(month.month).unwrap_or(1), 1).unwrap_or(Date::MIN);
    let name = words().month_and_year(civil_of(first));
    let known = month.known.as_ref().map(|known| {
        let count = words().transactions_count(known.count.unsigned_abs());
        (view! { <span class="muted">{count}</span> }.into_any(), known.net)
    });
    let (count, net) = known.unzip();
    let net = net
        .map(|net| view! { <span class="muted net-label">{words().sum_net()}</span>" "<Signed value=net currency/> }.into_any());
    view! {
        <tr class="month"><td colspan="6">{name}{count}</td><td class="num" colspan="3">{net}</td></tr>
    }
    .into_any()
}

/// A sum with its sign, coloured by it and without a symbol.
#[component]
fn Signed(value: Decimal, currency: Currency) -> impl IntoView {
    let class = ["priv strong ", figures::direction(value).class()].concat();
    view! { <span class=class>{words().signed_price(value, currency.decimals())}</span> }
}

/// What the list moved, on all its pages.
#[component]
fn Sums(sums: Option<FlowsView>, shown: String, currency: Currency) -> impl IntoView {
    let Some(FlowsView { deposits, bought, income, charges, net }) = sums else {
        let most = words().count(LedgerPageView::SUMMED.unsigned_abs());
        return view! { <p class="hint sums-missing">{shown}". "{words().not_summed(&most)}</p> }.into_any();
    };
    let decimals = currency.decimals();
    let sum = |label: &'static str, value: Decimal| {
        let text = words().price(value, decimals);
        view! { <div><dt>{label}</dt><dd class="priv"><span class="cur">{unit(currency)}</span>{text}</dd></div> }.into_any()
    };
    view! {
        <dl class="sums">
            <div><dt>{words().sum_shown()}</dt><dd>{shown}</dd></div>
            {sum(words().sum_deposits(), deposits)}
            {sum(words().sum_bought(), bought)}
            {sum(words().sum_income(), income)}
            {sum(words().sum_charges(), charges)}
            <div><dt>{words().sum_net()}</dt><dd><span class="cur">{unit(currency)}</span><Signed value=net currency/></dd></div>
        </dl>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(date: &str) -> LedgerEntryView {
        let activity = serde_json::json!({
            "activity_id": "1", "kind": "deposit", "time": format!("{date}T00:00:00.000Z"), "date": date, "ticker": null,
            "quantity": null, "price": null, "amount": "5", "fee": "0", "tax": "0", "currency": "EUR", "exchange_rate": "1",
            "exchange_rate_estimated": false, "converted": false, "opens_short": false, "note": null, "revision": 1, "missing": null,
        });
        let activity = serde_json::from_value(activity).unwrap();
        LedgerEntryView { activity, account: None, name: None, net: None, own_net: None, charges: None }
    }

    #[test]
    fn each_month_heads_its_transactions_with_what_is_known_of_it() {
        let known = LedgerMonthView { year: 2026, month: 11, count: 7, net: Decimal::TEN };
        let entries = ["2026-11-30", "2026-11-01", "2026-10-31", "2025-10-31"].map(entry).to_vec();
        let groups: Vec<_> = by_month(entries, &[known])
            .into_iter()
            .map(|(month, rows)| (month.year, month.month, month.known.map(|known| known.count), rows.len()))
            .collect();
        assert_eq!(groups, [(2026, 11, Some(7), 2), (2026, 10, None, 1), (2025, 10, None, 1)]);
    }
}
