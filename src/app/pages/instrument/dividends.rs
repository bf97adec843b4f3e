//! What the instrument paid, year by year.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Money;
use crate::wire::views::{DividendYearView, DividendsView};
use crate::words::figures;

/// The years with a payment, the newest first, and their sum.
#[component]
pub(crate) fn Dividends(dividends: Option<DividendsView>) -> impl IntoView {
    let Some(DividendsView { currency, years }) = dividends else { return ().into_any() };
    let sum = |pick: fn(&DividendYearView) -> Decimal| years.iter().map(pick).try_fold(Decimal::ZERO, Decimal::checked_add);
    let amounts = move |gross: Option<Decimal>, net: Option<Decimal>| {
        view! {
            <td class="num"><Money value=gross currency bare=true/></td>
            <td class="num"><Money value=net currency bare=true/></td>
        }
        .into_any()
    };
    let total = amounts(sum(|year| year.gross), sum(|year| year.net));
    let has_sum = years.len() > 1;
    let rows = years.into_iter().map(|year| {
        let cells = amounts(Some(year.gross), Some(year.net));
        view! { <tr><th scope="row">{year.year.to_string()}</th>{cells}</tr> }.into_any()
    });
    let symbol = figures::symbol(currency);
    view! {
        <section class="card dividends" aria-labelledby="dividends">
            <header><h2 id="dividends">{words().dividends()}</h2><span class="muted">{words().in_currency(&symbol)}</span></header>
            <table class="plain-table compare">
                <thead><tr><th scope="col">{words().year()}</th><th scope="col" class="num">{words().received()}</th><th scope="col" class="num">{words().after_fee_and_tax()}</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
                <tfoot hidden=!has_sum><tr><th scope="row">{words().total_row()}</th>{total}</tr></tfoot>
            </table>
        </section>
    }
    .into_any()
}
