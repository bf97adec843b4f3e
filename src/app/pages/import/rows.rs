//! The rows of a file, a page at a time, each with what becomes of it and why.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::told::ROWS;
use crate::app::components::sentences::kind_label;
use crate::wire::commands::ActivityDraft;
use crate::wire::views::{ImportCounts, ImportFate, ImportRowView};

/// The table, with links to the rows of one fate and to the pages before and after.
#[component]
pub(super) fn Rows(
    path: String,
    counts: ImportCounts,
    rows: Vec<ImportRowView>,
    fate: Option<ImportFate>,
    from: usize,
) -> impl IntoView {
    let all = counts.new + counts.duplicate + counts.skipped + counts.error;
    let places = [
        (None, words().all_rows(), all),
        (Some(ImportFate::New), words().row_new(), counts.new),
        (Some(ImportFate::Duplicate), words().row_duplicate(), counts.duplicate),
        (Some(ImportFate::Skipped), words().row_skipped(), counts.skipped),
        (Some(ImportFate::Error), words().row_error(), counts.error),
    ];
    let shown = places.iter().find(|(known, ..)| *known == fate).map_or(0, |(.., count)| *count);
    let address = move |fate: Option<ImportFate>, from: usize| {
        let fate = fate.map(|fate| ["fate=", fate_word(fate)].concat());
        let from = (from > 0).then(|| ["from=", &from.to_string()].concat());
        let query = [fate, from].into_iter().flatten().collect::<Vec<_>>().join("&");
        if query.is_empty() { [&path, "#rows"].concat() } else { [&path, "?", &query, "#rows"].concat() }
    };
    let link = |(known, name, count): (Option<ImportFate>, &'static str, usize)| {
        let current = (known == fate).then_some("page");
        let text = [name, " ", &words().count(count as u64)].concat();
        let is_empty = count == 0 && known.is_some();
        (!is_empty).then(|| view! { <a href=address(known, 0) aria-current=current>{text}</a> }.into_any())
    };
    let links = places.into_iter().map(link).collect_view();
    let last = from + rows.len();
    let pager = (shown > ROWS).then(|| {
        let before = (from > 0).then(|| view! { <a class="subtle" rel="prev" href=address(fate, from.saturating_sub(ROWS))>{words().previous_rows()}</a> }.into_any());
        let after = (last < shown).then(|| view! { <a class="subtle" rel="next" href=address(fate, last)>{words().next_rows()}</a> }.into_any());
        let [first, end, count] = [from + 1, last, shown].map(|number| words().count(number as u64));
        view! { <nav class="submit more-entries" aria-label=words().lines_shown(&first, &end, &count)>{before}<span class="muted">{words().lines_shown(&first, &end, &count)}</span>{after}</nav> }.into_any()
    });
    view! {
        <section class="card import-rows" aria-labelledby="rows">
            <header><h2 id="rows">{words().rows_heading()}</h2><nav class="segments" aria-label=words().rows_heading()>{links}</nav></header>
            <div class="scroll" tabindex="0"><table class="plain-table">
                <thead><tr>
                    <th scope="col" class="num">{words().line_heading()}</th><th scope="col">{words().field_date()}</th><th scope="col">{words().field_kind()}</th><th scope="col">{words().field_ticker()}</th>
                    <th scope="col" class="num">{words().field_quantity()}</th><th scope="col" class="num">{words().field_price()}</th><th scope="col" class="num">{words().field_amount()}</th><th scope="col">{words().result_heading()}</th>
                </tr></thead>
                <tbody>{rows.into_iter().map(|row| view! { <Row row/> }.into_any()).collect_view()}</tbody>
            </table></div>
            {pager}
        </section>
    }
}

#[component]
fn Row(row: ImportRowView) -> impl IntoView {
    let (word, class) = match row.fate {
        ImportFate::New => (words().row_new(), "tag row-new"),
        ImportFate::Duplicate => (words().row_duplicate(), "tag"),
        ImportFate::Skipped => (words().row_skipped(), "tag"),
        ImportFate::Error => (words().row_error(), "tag row-wrong"),
    };
    let state = if row.fate == ImportFate::Error { "import-wrong" } else { "" };
    let reason = row.reason.clone().map(|reason| view! { <p class="row-reason">{reason}</p> }.into_any());
    let result = view! { <td><span class=class>{word}</span></td> };
    let line = view! { <td class="num muted">{row.line.to_string()}</td> };
    let Some(activity) = row.activity else {
        return view! { <tr class=state>{line}<td colspan="6">{reason}</td>{result}</tr> }.into_any();
    };
    let ActivityDraft { kind, time, ticker, quantity, price, amount, currency, .. } = activity;
    let figure =
        |text: Option<String>| text.and_then(|text| text.parse::<Decimal>().ok()).map(|number| words().exact(number.normalize()));
    let money = |text: Option<String>| {
        text.and_then(|text| text.parse::<Decimal>().ok())
            .map(|number| [words().quoted(number, 2), currency.clone().unwrap_or_default()].join(" "))
    };
    let more = (row.entries > 1).then(|| view! { <span class="muted">" +"{(row.entries - 1).to_string()}</span> }.into_any());
    let day = time.get(..10).unwrap_or(&time).to_owned();
    view! {
        <tr class=state>
            {line}<td class="day">{day}</td><td>{kind_label(kind)}{more}</td><td><b>{ticker}</b>{reason}</td>
            <td class="num">{figure(quantity)}</td><td class="num">{money(price)}</td><td class="num">{money(amount)}</td>{result}
        </tr>
    }
    .into_any()
}

/// Returns the word by which rows of a fate are asked for.
pub(super) fn fate_word(fate: ImportFate) -> &'static str {
    match fate {
        ImportFate::New => "new",
        ImportFate::Duplicate => "duplicate",
        ImportFate::Skipped => "skipped",
        ImportFate::Error => "error",
    }
}
