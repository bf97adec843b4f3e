//! Cash among the holdings: a row for each currency, where cash counts.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Money;
use crate::app::components::list::{Part, list};
use crate::app::reactive::memo;
use crate::domain::money::{Currency, percent};
use crate::live::{Live, expect_live};
use crate::wire::views::{CashAccountView, PortfolioView};
use crate::words::figures;

/// Returns the accounts that are rows: all of them where cash counts, otherwise none.
fn shown(totals: &PortfolioView) -> &[CashAccountView] {
    if totals.track_cash == Some(true) { &totals.cash_accounts } else { &[] }
}

/// Returns whether there is a row.
pub(crate) fn has_cash(live: Live) -> bool {
    live.totals().with(|totals| totals.as_ref().is_some_and(|totals| !shown(totals).is_empty()))
}

/// The rows, by currency.
pub(crate) fn cash_rows(currency: Signal<Currency>) -> AnyView {
    let totals = expect_live().totals();
    let codes = memo(move || {
        let codes = |totals: &PortfolioView| shown(totals).iter().map(|account| account.currency).collect::<Vec<_>>();
        totals.with(|totals| totals.as_ref().map(codes)).unwrap_or_default()
    });
    list(move || {
        let row = |code: Currency| Part::new(code.to_string(), move || view! { <Row code currency/> }.into_any());
        codes.get().into_iter().map(row).collect()
    })
}

/// Money of one currency, following its exchange rate.
#[component]
fn Row(code: Currency, currency: Signal<Currency>) -> impl IntoView {
    let totals = expect_live().totals();
    let figure = move |pick: fn(&CashAccountView) -> Option<Decimal>| {
        memo(move || totals.with(|totals| pick(shown(totals.as_ref()?).iter().find(|account| account.currency == code)?)))
    };
    let is_foreign = move || currency.get() != code;
    let amount = figure(|account| Some(account.amount));
    let gain = figure(|account| account.currency_gain);
    let gain_percent = figure(|account| percent(account.currency_gain?, account.cost_basis.abs()));
    let day = figure(|account| account.day_change);
    let day_percent = figure(|account| percent(account.day_change?, account.value?.checked_sub(account.day_change?)?.abs()));
    let day_text = move || day_percent.get().map(|value| words().signed_percent(value));
    let gain_text = move || gain_percent.get().map(|value| words().signed_percent(value));
    view! {
        <tr class="cash-row">
            <th scope="row">
                <span class="plain-name">
                    <span class="mono" aria-hidden="true">{figures::symbol(code)}</span>
                    <span class="who"><b>{words().cash()}</b><i>{code.to_string()}</i></span>
                </span>
            </th>
            <td class="wide"></td>
            <td class="num at-price"></td>
            <td class="num at-day">{move || is_foreign().then(|| view! { <Money value=day currency signed=true bare=true/><small>{move || day_text()}</small> }.into_any())}</td>
            <td class="num wide"><Money value=amount currency=Signal::derive(move || code) bare=true/></td>
            <td class="num at-value strong"><Money value=figure(|account| account.value) currency bare=true/></td>
            <td class="num at-gain">{move || is_foreign().then(|| view! { <Money value=gain currency signed=true bare=true/><small>{move || gain_text()}</small> }.into_any())}</td>
            <td class="num wide wt"></td>
        </tr>
    }
}
