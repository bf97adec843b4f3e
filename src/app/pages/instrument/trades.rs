//! The person's trades in the instrument.

use crate::app::prelude::*;

use crate::app::components::links::{escaped, within_portfolio};
use crate::app::components::sentences::kind_label;
use crate::app::components::{When, WhenStyle};
use crate::domain::instrument::Ticker;
use crate::live::expect_live;
use crate::wire::views::ActivityView;

/// How many the page shows; the list of transactions has all of them.
const SHOWN: usize = 20;

/// The trades, newest first, each with a way to change it.
#[component]
pub(crate) fn Trades(
    /// The newest, newest first.
    activities: Vec<ActivityView>,
    /// The number of trades, of which a page shows the newest.
    count: i64,
    /// The ticker of the instrument that was traded.
    ticker: Ticker,
    /// How many decimals a price is shown with.
    decimals: u32,
) -> impl IntoView {
    if activities.is_empty() {
        return ().into_any();
    }
    let is_of_one = !untrack(|| expect_live().is_together());
    let is_cut = is_of_one && i64::try_from(SHOWN).is_ok_and(|shown| shown < count);
    let all = is_cut.then(|| {
        let href = within_portfolio(&["/activity?of=", &escaped(ticker.as_str())].concat());
        let text = words().show_all(&words().count(count.unsigned_abs()));
        view! { <p class="submit more-entries"><a class="subtle" href=href>{text}</a></p> }.into_any()
    });
    let rows = activities.into_iter().take(SHOWN).map(|activity| view! { <Trade activity decimals/> }.into_any()).collect_view();
    view! {
        <section class="card trades" aria-labelledby="trades">
            <header><h2 id="trades">{words().your_trades()}</h2></header>
            <table class="plain-table stack">
                <thead><tr>
                    <th scope="col">{words().what()}</th><th scope="col">{words().when()}</th><th scope="col" class="num">{words().quantity_label()}</th>
                    <th scope="col" class="num">{words().price_or_amount()}</th><th scope="col" class="num">{words().fee_and_tax()}</th>
                    <th scope="col"><span class="sr">{words().change()}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {all}
        </section>
    }
    .into_any()
}

/// Marks a cell that holds nothing, so that a phone leaves it out.
fn empty(text: &str) -> Option<&'static str> {
    text.is_empty().then_some("true")
}

/// A row of the list: date, kind, quantity and price of a trade, with a link to change it.
#[component]
fn Trade(activity: ActivityView, decimals: u32) -> impl IntoView {
    // Of all portfolios together it is not said which one it belongs to.
    let is_of_one = !untrack(|| expect_live().is_together());
    let edit = is_of_one.then(|| within_portfolio(&["/activity?edit=", &activity.activity_id, "#entry"].concat()));
    let quantity = activity.quantity.map_or_else(String::new, |value| words().quantity(value));
    let is_price = activity.price.is_some();
    let money = match (activity.price, activity.amount) {
        (Some(price), _) => [words().entered(price, decimals).as_str(), " ", activity.currency.as_str()].concat(),
        (None, Some(amount)) => {
            [words().price(amount, activity.currency.decimals()).as_str(), " ", activity.currency.as_str()].concat()
        }
        (None, None) => String::new(),
    };
    let charges = activity.fee.checked_add(activity.tax).filter(|charges| !charges.is_zero());
    let charges = charges.map_or_else(String::new, |charges| words().price(charges, activity.currency.decimals()));
    let (no_quantity, no_money, no_charges) = (empty(&quantity), empty(&money), empty(&charges));
    let missing = activity.missing.map(|missing| words().incomplete_missing(&words().quantity(missing)));
    view! {
        <tr>
            <th scope="row">{kind_label(activity.kind)}{missing.map(|text| view! { " "<span class="flag">{text}</span> }.into_any())}</th>
            <td data-label=words().when()><When time=activity.time date=activity.date style=WhenStyle::Date/></td>
            <td class="num" data-label=words().quantity_label() data-empty=no_quantity>{(no_quantity.is_none()).then(|| view! { <span class="priv">{quantity}</span> }.into_any())}</td>
            <td class="num" data-label=words().price_or_amount() data-empty=no_money><span class=if is_price { "" } else { "priv" }>{money}</span></td>
            <td class="num" data-label=words().fee_and_tax() data-empty=no_charges>{(no_charges.is_none()).then(|| view! { <span class="priv">{charges}</span> }.into_any())}</td>
            <td class="num">{edit.map(|edit| view! { <a class="subtle" href=edit>{words().edit()}</a> }.into_any())}</td>
        </tr>
    }
}
