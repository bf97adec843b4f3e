//! How a file is read, and which instruments it means: each can be chosen otherwise.

use crate::app::prelude::*;

use super::told::{COLUMNS, format_name};
use crate::app::components::icon::Icon;
use crate::wire::views::{ImportInstrument, ImportMatch, ImportPreview, ImportView};

/// What a column may hold, by the name that it is chosen by.
const FIELDS: [&str; 15] = [
    "date",
    "kind",
    "ticker",
    "isin",
    "name",
    "class",
    "quantity",
    "price",
    "amount",
    "fee",
    "tax",
    "currency",
    "exchange_rate",
    "note",
    "reference",
];

/// The instruments that are listed; of more those that are matched are left out.
const LISTED: usize = 200;

/// What was recognised, and the form that changes it.
#[component]
pub(super) fn Recognised(path: String, import: ImportView, preview: ImportPreview) -> impl IntoView {
    let separator = preview.separator.as_deref().map(separator_name);
    let dates = preview.date.as_deref().map(date_name);
    let numbers = preview.decimal.as_deref().map(decimal_name);
    let is_table = preview.separator.is_some();
    let unclear = is_table && preview.date.is_none();
    let fact = |name: &'static str, value: Option<&str>| {
        value.map(|value| view! { <div><dt>{name}</dt><dd>{value.to_owned()}</dd></div> }.into_any())
    };
    let dates = dates.or(unclear.then(|| words().dates_unclear()));
    let currency = preview.currency.map(|currency| currency.to_string());
    view! {
        <section class="card" aria-labelledby="recognised">
            <header><h2 id="recognised">{words().recognised(&format_name(&import))}</h2></header>
            <dl class="recognised">
                {fact(words().encoding_label(), Some(&preview.encoding))}
                {fact(words().separator_label(), separator)}
                {fact(words().dates_label(), dates)}
                {fact(words().numbers_label(), numbers)}
                {fact(words().currency_if_none(), currency.as_deref())}
            </dl>
            <details class="paste" open=unclear>
                <summary>{words().change_recognised()}</summary>
                <Change path format=import.format preview is_table/>
            </details>
        </section>
    }
}

#[component]
fn Change(path: String, format: String, preview: ImportPreview, is_table: bool) -> impl IntoView {
    let encodings = ["UTF-8", "windows-1252", "UTF-16LE", "UTF-16BE"].map(|name| (name.to_owned(), name.to_owned()));
    let separators = [",", ";", "tab", "|"].map(|name| (name.to_owned(), separator_name(name).to_owned()));
    let dates = ["ymd", "dmy", "mdy"].map(|name| (name.to_owned(), date_name(name).to_owned()));
    let numbers = ["point", "comma"].map(|name| (name.to_owned(), decimal_name(name).to_owned()));
    let table = is_table.then(|| {
        view! {
            <Choice name="separator" label=words().separator_label().to_owned() options=separators.to_vec() chosen=preview.separator.clone()/>
            <Choice name="date" label=words().dates_label().to_owned() options=dates.to_vec() chosen=preview.date.clone()/>
            <Choice name="decimal" label=words().numbers_label().to_owned() options=numbers.to_vec() chosen=preview.decimal.clone()/>
        }
        .into_any()
    });
    let fields = (format == COLUMNS).then(|| {
        let options: Vec<_> =
            preview.columns.iter().filter(|column| !column.is_empty()).map(|column| (column.clone(), column.clone())).collect();
        let field = |field: &'static str| {
            let chosen = preview.fields.get(field).cloned();
            view! { <Choice name=["column.", field].concat() label=field_name(field).to_owned() options=options.clone() chosen/> }
                .into_any()
        };
        let fields = FIELDS.into_iter().map(field).collect_view();
        view! { <fieldset class="columns"><legend>{words().columns_heading()}</legend>{fields}</fieldset> }.into_any()
    });
    let currency = preview.currency.map(|currency| currency.to_string()).unwrap_or_default();
    view! {
        <form method="post" action=path class="import-choices">
            <Choice name="encoding" label=words().encoding_label().to_owned() options=encodings.to_vec() chosen=Some(preview.encoding.clone())/>
            {table}
            <p class="field"><label for="currency">{words().currency_if_none()}</label><input id="currency" name="currency" value=currency maxlength="3" autocomplete="off"/></p>
            {fields}
            <p class="submit"><button class="button" name="action" value="choose">{words().read_again()}</button></p>
        </form>
    }
}

#[component]
fn Choice(#[prop(into)] name: String, label: String, options: Vec<(String, String)>, chosen: Option<String>) -> impl IntoView {
    let is_chosen = |value: &String| chosen.as_ref() == Some(value);
    let option = |(value, text): (String, String)| {
        view! { <option value=value.clone() selected=is_chosen(&value)>{text}</option> }.into_any()
    };
    let none = chosen.is_none().then(|| view! { <option value="" selected=true>"–"</option> }.into_any());
    let id = ["choose-", &name].concat();
    view! {
        <p class="field"><label for=id.clone()>{label}</label><select id=id name=name>{none}{options.into_iter().map(option).collect_view()}</select></p>
    }
}

/// The instruments that a file names: those to choose first.
#[component]
pub(super) fn Instruments(path: String, instruments: Vec<ImportInstrument>) -> impl IntoView {
    if instruments.is_empty() {
        return ().into_any();
    }
    let open = instruments.iter().filter(|instrument| instrument.r#match == ImportMatch::Ambiguous).count();
    let tag = (open > 0).then(|| view! { <span class="tag to-choose">{words().to_choose(open as u64)}</span> }.into_any());
    let rows =
        instruments.into_iter().take(LISTED).enumerate().map(|(number, one)| view! { <Instrument number one/> }.into_any());
    let rows = rows.collect_view();
    view! {
        <section class="card" aria-labelledby="instruments">
            <header><h2 id="instruments">{words().instruments_to_match()}</h2>{tag}</header>
            <form method="post" action=path>
                <ul class="import-list instruments-list">{rows}</ul>
                <p class="submit quiet-body"><button class="ghost" name="action" value="match">{words().choose_instruments()}</button></p>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Instrument(number: usize, one: ImportInstrument) -> impl IntoView {
    let name = one.name.clone().unwrap_or_else(|| one.key.clone());
    let rows = words().rows_in_file(one.rows as u64);
    let about = one.isin.map_or_else(|| rows.clone(), |isin| [isin, rows.clone()].join(" · "));
    let (icon, class) = match one.r#match {
        ImportMatch::Known => ("check", "ico match-known"),
        ImportMatch::New => ("plus", "ico"),
        ImportMatch::Ambiguous => ("help", "ico match-open"),
    };
    let made =
        (one.r#match == ImportMatch::New).then(|| view! { <span class="muted">{words().will_be_made()}</span> }.into_any());
    let list = ["candidates-", &number.to_string()].concat();
    let has_candidates = !one.candidates.is_empty();
    let options =
        one.candidates.iter().map(|ticker| view! { <option value=ticker.to_string()></option> }.into_any()).collect_view();
    let candidates = has_candidates.then(|| view! { <datalist id=list.clone()>{options}</datalist> }.into_any());
    let hint = has_candidates.then(|| one.candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let ticker = one.ticker.map(|ticker| ticker.to_string()).unwrap_or_default();
    view! {
        <li>
            <span class=class aria-hidden="true"><Icon name=icon/></span>
            <span class="who import-name"><b><bdi>{name.clone()}</bdi></b><i>{about}</i></span>
            {made}
            <input type="hidden" name="instrument" value=one.key/>
            <input class="ticker-choice" name="ticker" value=ticker placeholder=hint aria-label=words().ticker_for(&name) list=has_candidates.then_some(list) autocomplete="off"/>
            {candidates}
        </li>
    }
}

fn separator_name(name: &str) -> &'static str {
    match name {
        ";" => words().separator_semicolon(),
        "tab" => words().separator_tab(),
        "|" => words().separator_pipe(),
        _ => words().separator_comma(),
    }
}

fn date_name(name: &str) -> &'static str {
    match name {
        "dmy" => words().dates_dmy(),
        "mdy" => words().dates_mdy(),
        _ => words().dates_ymd(),
    }
}

fn decimal_name(name: &str) -> &'static str {
    if name == "comma" { "1.234,56" } else { "1,234.56" }
}

fn field_name(field: &str) -> &'static str {
    match field {
        "date" => words().field_date(),
        "kind" => words().field_kind(),
        "ticker" => words().field_ticker(),
        "isin" => words().field_isin(),
        "name" => words().field_name(),
        "class" => words().field_class(),
        "quantity" => words().field_quantity(),
        "price" => words().field_price(),
        "amount" => words().field_amount(),
        "fee" => words().field_fee(),
        "tax" => words().field_tax(),
        "currency" => words().field_currency(),
        "exchange_rate" => words().field_exchange_rate(),
        "note" => words().field_note(),
        _ => words().field_reference(),
    }
}
