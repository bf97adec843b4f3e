//! The history of a transaction: each version with who made it, when, and what became different.

use crate::app::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::components::links::query_value;
use crate::app::components::sentences::kind_label;
use crate::wire::views::{ActivityView, PortfolioSummary, RevisionView};
use crate::words::dates::{civil_utc, clock};

/// The page.
#[component]
pub(super) fn History(
    portfolio: PortfolioSummary,
    activity_id: String,
    versions: Vec<RevisionView>,
    accounts: Vec<(String, String)>,
    refused: Option<String>,
) -> impl IntoView {
    let id = query_value(&portfolio.portfolio_id);
    let ledger = ["/activity?portfolio=", &id].concat();
    let path = ["/activity/", &query_value(&activity_id), "/history?portfolio=", &id].concat();
    let newest = versions.first();
    let is_gone = newest.is_some_and(|version| version.activity.is_none());
    let can_undo = newest.is_some_and(|version| !matches!(version.change.as_str(), "created" | "restored"));
    let revision = newest.map(|version| version.revision.to_string()).unwrap_or_default();
    let label = if is_gone { words().bring_entry_back() } else { words().take_change_back() };
    let undo = can_undo.then(|| {
        view! {
            <form method="post" action=path>
                <input type="hidden" name="revision" value=revision/>
                <button class="primary" name="action" value="undo">{label}</button>
            </form>
        }
        .into_any()
    });
    let told = versions.iter().enumerate().map(|(place, version)| {
        let before = versions.get(place + 1).and_then(|before| before.activity.as_ref());
        view! { <Version version=version.clone() before=before.cloned() accounts=accounts.clone()/> }.into_any()
    });
    view! {
        <div class="page books-page">
            <header class="page-head">
                <a class="icon" href=ledger aria-label=words().back_to_transactions() title=words().back_to_transactions()><Icon name="back"/></a>
                <h1>{words().history_heading()}</h1>
                <p class="muted">{words().history_about()}</p>
            </header>
            <div class="main-column">
                {refused.map(|text| view! { <p class="field-error" role="alert">{text}</p> }.into_any())}
                {is_gone.then(|| view! { <p class="notice">{words().entry_is_gone()}</p> }.into_any())}
                {undo}
                <ol class="versions">{told.collect_view()}</ol>
            </div>
        </div>
    }
}

/// One version.
#[component]
fn Version(version: RevisionView, before: Option<ActivityView>, accounts: Vec<(String, String)>) -> impl IntoView {
    let what = match version.change.as_str() {
        "created" => words().was_created(),
        "rated" => words().was_rated(),
        "deleted" => words().was_deleted(),
        "restored" => words().was_restored(),
        "undone" => words().was_undone(),
        _ => words().was_changed(),
    };
    let time = match version.at {
        Some(at) => {
            let civil = civil_utc(at);
            let text = [words().date(civil).as_str(), ", ", &clock(civil)].concat();
            view! { <time datetime=at.to_string()>{text}" UTC"</time> }.into_any()
        }
        None => view! { {words().at_an_unknown_time()} }.into_any(),
    };
    let by = version.by.filter(|by| by != LOCAL).map(|by| [" ", &words().by_someone(&by)].concat());
    let fields = |activity: Option<&ActivityView>| activity.map(|activity| fields_of(activity, &accounts)).unwrap_or_default();
    let (old, new) = (fields(before.as_ref()), fields(version.activity.as_ref()));
    let is_first = before.is_none();
    let rows = FIELDS.iter().enumerate().filter_map(|(place, name)| {
        let [before, after] = [&old, &new].map(|fields| fields.get(place).cloned().unwrap_or_default());
        let is_shown = before != after && !(version.activity.is_none() && after.is_empty() && before.is_empty());
        let shown = |text: String| view! { <span class="priv">{text}</span> }.into_any();
        let before = (!is_first).then(|| view! { <td>{shown(before)}</td> }.into_any());
        is_shown.then(|| view! { <tr><th scope="row">{name()}</th>{before}<td>{shown(after)}</td></tr> }.into_any())
    });
    let rows: Vec<AnyView> = rows.collect();
    let table = if rows.is_empty() {
        view! { <p class="muted">{words().nothing_else_changed()}</p> }.into_any()
    } else {
        let before = (!is_first).then(|| view! { <th scope="col">{words().entry_before()}</th> }.into_any());
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label=what>
                <table>
                    <thead><tr><th scope="col">{words().entry_field()}</th>{before}<th scope="col">{words().entry_after()}</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <li class="card version">
            <header><h2>{what}</h2><p class="muted">{time}{by}</p></header>
            {table}
        </li>
    }
}

/// The one user of an installation without sign-in, whose name says nothing.
const LOCAL: &str = "local";

/// What the fields are called, in the order of [`fields_of`].
const FIELDS: [fn() -> &'static str; 13] = [
    || words().type_label(),
    || words().date_label(),
    || words().instrument(),
    || words().quantity_label(),
    || words().price_label(),
    || words().amount_label(),
    || words().fee(),
    || words().tax(),
    || words().currency(),
    || words().exchange_rate(),
    || words().account(),
    || words().tags(),
    || words().note(),
];

fn fields_of(activity: &ActivityView, accounts: &[(String, String)]) -> Vec<String> {
    let number = |number: Option<rust_decimal::Decimal>| number.map(|number| words().editable(number)).unwrap_or_default();
    let charge = |charge: rust_decimal::Decimal| number(Some(charge).filter(|charge| !charge.is_zero()));
    let date = activity.date.map_or_else(|| activity.time.to_string(), |date| date.to_string());
    let account = activity.account.as_ref().map(|id| {
        let known = accounts.iter().find(|(known, _)| known == id);
        known.map_or_else(|| id.clone(), |(_, name)| name.clone())
    });
    vec![
        kind_label(activity.kind).to_owned(),
        date,
        activity.ticker.as_ref().map(ToString::to_string).unwrap_or_default(),
        number(activity.quantity),
        number(activity.price),
        number(activity.amount),
        charge(activity.fee),
        charge(activity.tax),
        activity.currency.to_string(),
        if activity.exchange_rate == rust_decimal::Decimal::ONE {
            String::new()
        } else {
            words().editable(activity.exchange_rate)
        },
        account.unwrap_or_default(),
        activity.tags.join(", "),
        activity.note.clone().unwrap_or_default(),
    ]
}
