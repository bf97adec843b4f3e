//! The ledger as a table, newest first; two-line rows on a phone.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::field::Confirm;
use crate::app::components::links::within_portfolio;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::components::sentences::kind_label;
use crate::app::components::{Empty, When, WhenStyle};
use crate::domain::activity::ActivityKind;
use crate::wire::views::{ActivityView, LedgerPageView};
use crate::words::figures;

use super::pager::{Pager, edit_address, range};

/// The entries, with what can be done to each.
#[component]
pub(crate) fn Ledger(
    /// A page of them, newest first.
    page: LedgerPageView,
    /// The server function that deletes an entry.
    delete: Command,
) -> impl IntoView {
    if page.count == 0 && page.ticker.is_none() {
        return view! {
            <section class="card">
                <Empty title=words().ledger_is_empty() hint=words().ledger_is_empty_hint()>
                    <a class="primary" href="#entry">{words().enter_a_purchase()}</a>
                </Empty>
            </section>
        }
        .into_any();
    }
    let (shown, missing) = (range(&page), page.incomplete);
    let pager = view! { <Pager page=page.clone()/> }.into_any();
    let edits: Vec<String> = page.entries.iter().map(|entry| edit_address(&page, &entry.activity_id)).collect();
    let rows =
        page.entries.into_iter().zip(edits).map(|(entry, edit)| view! { <Entry entry edit delete/> }.into_any()).collect_view();
    view! {
        <section class="card ledger" aria-labelledby="ledger">
            <header>
                <h2 id="ledger">{words().ledger()}</h2><span class="muted">{shown}</span>
                {(missing > 0).then(|| view! { <span class="flag end">{words().incomplete_entries(&missing.to_string())}</span> }.into_any())}
            </header>
            <table class="ledger-table">
                <thead><tr>
                    <th scope="col">{words().what()}</th><th scope="col">{words().when()}</th><th scope="col" class="num">{words().quantity_label()}</th>
                    <th scope="col" class="num">{words().price_label()}</th><th scope="col" class="num">{words().money()}</th>
                    <th scope="col" class="num">{words().fee_and_tax()}</th><th scope="col"><span class="sr">{words().change()}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {pager}
        </section>
    }
    .into_any()
}

/// Returns the money an entry moved, before charges: units times price, or the amount.
fn money(entry: &ActivityView) -> Option<Decimal> {
    match (entry.quantity, entry.price) {
        (Some(quantity), Some(price)) => quantity.checked_mul(price),
        _ => entry.amount,
    }
}

/// Returns the sign the money has for the person's cash; a fee below zero was paid back.
fn sign(kind: ActivityKind, amount: Decimal) -> &'static str {
    match kind {
        ActivityKind::Fee | ActivityKind::Tax if amount.is_sign_negative() => "+",
        ActivityKind::Buy | ActivityKind::Fee | ActivityKind::Tax | ActivityKind::Withdrawal => figures::MINUS,
        ActivityKind::Sell | ActivityKind::Dividend | ActivityKind::Interest | ActivityKind::Deposit => "+",
        ActivityKind::Split => "",
    }
}

/// Returns what was charged, or what was paid back of it.
fn charged(charges: Decimal, entry: &ActivityView) -> String {
    let amount = coded(charges.abs(), entry);
    if charges.is_sign_negative() { words().rebate(&amount) } else { amount }
}

/// Returns an amount with its currency's code.
fn coded(amount: Decimal, entry: &ActivityView) -> String {
    [words().price(amount, entry.currency.decimals()).as_str(), " ", entry.currency.as_str()].concat()
}

/// A row of the ledger, with links to change and delete the entry.
#[component]
fn Entry(entry: ActivityView, edit: String, delete: Command) -> impl IntoView {
    let kind = kind_label(entry.kind);
    let name = entry.ticker.as_ref().map(|ticker| {
        let href = within_portfolio(&["/i/", ticker.as_str()].concat());
        view! { <a class="what" href=href><b>{ticker.to_string()}</b></a> }
    });
    let is_counted = matches!(entry.kind, ActivityKind::Buy | ActivityKind::Sell);
    let quantity = match (entry.kind, entry.quantity) {
        (ActivityKind::Split, Some(quantity)) => words().number_for_one(&words().quantity(quantity)),
        (_, Some(quantity)) => words().quantity(quantity),
        (_, None) => String::new(),
    };
    let price = entry.price.map(|price| words().price(price, price.normalize().scale().max(2))).unwrap_or_default();
    let moved =
        money(&entry).map(|amount| sign(entry.kind, amount).to_owned() + &coded(amount.abs(), &entry)).unwrap_or_default();
    let charges = entry.fee.checked_add(entry.tax).filter(|charges| !charges.is_zero());
    let charges = charges.map(|charges| charged(charges, &entry)).unwrap_or_default();
    let missing = entry.missing.map(|missing| words().incomplete_missing(&words().quantity(missing)));
    let spoken = [" ", kind, " ", entry.ticker.as_ref().map_or("", |ticker| ticker.as_str())].concat();
    let note = entry.note.clone();
    let estimated = entry.exchange_rate_estimated.then(|| view! { <EstimatedRate/> }.into_any());
    view! {
        <tr>
            <th scope="row" class="who-cell">
                <span class="kind">{kind}</span>" "{name}
                {missing.map(|text| view! { <span class="flag" title=words().more_sold_than_held()>{text}</span> }.into_any())}
                {estimated}
                {note.map(|note| view! { <bdi class="note">{note}</bdi> }.into_any())}
            </th>
            <td class="when-cell"><When time=entry.time date=entry.date style=WhenStyle::Date/></td>
            <td class="num priv quantity-cell">{quantity}{is_counted.then(|| view! { <span class="unit-word">{words().units_word()}</span> }.into_any())}</td>
            <td class="num price-cell">{price}</td>
            <td class="num priv strong money-cell">{moved}</td>
            <td class="num charges-cell">{charges}</td>
            <td class="controls-cell">
                <div class="controls">
                    <a class="subtle" href=edit>{words().edit()}<span class="sr">{spoken.clone()}</span></a>
                    <DeleteEntry activity=entry.activity_id revision=entry.revision spoken delete/>
                </div>
            </td>
        </tr>
    }
}

/// Says that an entry counts at another day's rate.
#[component]
fn EstimatedRate() -> impl IntoView {
    view! { <span class="flag" title=words().estimated_rate_about()>{words().estimated_rate()}</span> }
}

/// The way to delete an entry, with its question.
#[component]
fn DeleteEntry(activity: String, revision: i64, spoken: String, delete: Command) -> impl IntoView {
    let portfolio = crate::live::expect_live().portfolio_id();
    view! {
        <Confirm label=words().delete() question=words().delete_entry_question()>
            <PostForm command=delete>
                <input type="hidden" name="portfolio" value=move || portfolio.get().unwrap_or_default()/>
                <input type="hidden" name="activity" value=activity/>
                <input type="hidden" name="revision" value=revision.to_string()/>
                <button class="danger" type="submit">{words().delete_it()}<span class="sr">{spoken}</span></button>
            </PostForm>
        </Confirm>
    }
}
