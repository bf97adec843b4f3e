//! What a file says, and what would come of it.

use std::collections::BTreeMap;

use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::recognised::{Instruments, Recognised};
use super::rows::Rows;
use super::told::{Refusal, file_name, format_name};
use crate::app::components::icon::Icon;
use crate::wire::views::{ImportFate, ImportHoldings, ImportMatch, ImportPreview, ImportRowView, ImportView};
use crate::words::figures;

/// A file that is looked at.
#[component]
pub(super) fn Checked(
    import: ImportView,
    preview: ImportPreview,
    rows: Vec<ImportRowView>,
    fate: Option<ImportFate>,
    from: usize,
    refused: Option<String>,
) -> impl IntoView {
    let path = ["/import/", &import.import_id].concat();
    let counts = preview.rows;
    let all = counts.new + counts.duplicate + counts.skipped + counts.error;
    let name = file_name(&import);
    let is_open = preview.instruments.iter().any(|instrument| instrument.r#match == ImportMatch::Ambiguous);
    view! {
        <div class="page import-page">
            <header class="page-head">
                <a class="icon" href="/import" aria-label=words().back_to_imports() title=words().back_to_imports()><Icon name="back"/></a>
                <h1>{words().check_the_import()}</h1>
                <p class="muted"><bdi>{name}</bdi>" · "{words().rows_in_file(all as u64)}</p>
            </header>
            <div class="main-column">
                <Refusal refused/>
                <Recognised path=path.clone() import=import.clone() preview=preview.clone()/>
                <Instruments path=path.clone() instruments=preview.instruments.clone()/>
                <Rows path=path.clone() counts rows fate from/>
            </div>
            <div class="side">
                <section class="card import-result" aria-labelledby="result">
                    <header><h2 id="result">{words().result_heading()}</h2></header>
                    <Counts counts/>
                    <form method="post" action=path.clone()><Commit count=counts.new is_open/></form>
                    <form method="post" action=path><button class="subtle" name="action" value="forget">{words().forget_import()}</button></form>
                </section>
                <Holdings before=preview.before after=preview.result/>
            </div>
        </div>
    }
}

/// The button that imports, which says how many rows; or why there is nothing to press.
#[component]
fn Commit(count: usize, is_open: bool) -> impl IntoView {
    if count == 0 {
        return view! { <p class="muted">{words().nothing_to_import()}</p> }.into_any();
    }
    if is_open {
        return view! { <a class="primary import-commit" href="#instruments">{words().choose_first()}</a> }.into_any();
    }
    view! {
        <button class="primary import-commit" name="action" value="commit">{words().import_entries(count as u64)}</button>
        <p class="hint">{words().undo_at_any_time()}</p>
    }
    .into_any()
}

/// How many rows have which fate, as a bar and as a list.
#[component]
fn Counts(counts: crate::wire::views::ImportCounts) -> impl IntoView {
    let parts = [
        ("new", words().row_new(), counts.new),
        ("duplicate", words().row_duplicate(), counts.duplicate),
        ("skipped", words().row_skipped(), counts.skipped),
        ("error", words().errors_not_imported(), counts.error),
    ];
    let bar = parts.iter().filter(|(_, _, count)| *count > 0);
    let bar = bar
        .map(|(class, _, count)| view! { <i class=["fate ", class].concat() style:flex-grow=count.to_string()></i> }.into_any());
    let line = |(class, name, count): (&str, &'static str, usize)| {
        view! { <div><dt><i class=["fate ", class].concat() aria-hidden="true"></i>{name}</dt><dd>{words().count(count as u64)}</dd></div> }.into_any()
    };
    view! {
        <p class="fate-bar" aria-hidden="true">{bar.collect_view()}</p>
        <dl class="fates">{parts.into_iter().map(line).collect_view()}</dl>
    }
}

/// What an import changes of what is held, by instrument and currency.
#[component]
fn Holdings(before: ImportHoldings, after: ImportHoldings) -> impl IntoView {
    let mut lines: BTreeMap<(u8, String), Line> = BTreeMap::new();
    for (side, held) in [(0, before), (1, after)] {
        for holding in held.holdings {
            let line = lines.entry((0, holding.ticker.to_string())).or_default();
            line.sides[side] = holding.quantity;
        }
        for cash in held.cash {
            let line = lines.entry((1, words().cash_of(&figures::symbol(cash.currency)))).or_default();
            line.sides[side] = cash.amount;
            line.decimals = Some(cash.currency.decimals());
        }
    }
    let row = |((_, name), line): ((u8, String), Line)| {
        let [before, after] = line.sides.map(|figure| line.written(figure));
        let change = line.change();
        view! {
            <tr><th scope="row">{name}</th><td class="num">{before}</td><td class="num"><b>{after}</b></td><td class="num">{words().signed_price(change, line.scale(change))}</td></tr>
        }
        .into_any()
    };
    let rows: Vec<_> = lines.into_iter().filter(|(_, line)| !line.change().is_zero()).map(row).collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="card" aria-labelledby="before-after">
            <header><h2 id="before-after">{words().holdings_before_after()}</h2></header>
            <div class="scroll" tabindex="0"><table class="plain-table import-holdings">
                <thead><tr><th scope="col"><span class="sr">{words().instruments_to_match()}</span></th><th scope="col" class="num">{words().before_heading()}</th><th scope="col" class="num">{words().after_heading()}</th><th scope="col" class="num">{words().change_heading()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
    .into_any()
}

/// Something that is held, before and after.
#[derive(Default)]
struct Line {
    sides: [Decimal; 2],
    /// The decimals of money; units have as many as they need.
    decimals: Option<u32>,
}

impl Line {
    fn change(&self) -> Decimal {
        let [before, after] = self.sides;
        after.saturating_sub(before)
    }

    fn scale(&self, figure: Decimal) -> u32 {
        self.decimals.unwrap_or(figure.normalize().scale())
    }

    fn written(&self, figure: Decimal) -> String {
        words().price(figure, self.scale(figure))
    }
}

/// An import that is done, or undone.
#[component]
pub(super) fn Over(import: ImportView, refused: Option<String>) -> impl IntoView {
    let path = ["/import/", &import.import_id].concat();
    let is_undone = import.state == "undone";
    let heading = if is_undone { words().import_undone_heading() } else { words().import_done_heading() };
    let name = file_name(&import);
    let count = (!is_undone).then(|| words().entries_added(import.entries.unsigned_abs()));
    let changed = (import.changed_since > 0)
        .then(|| view! { <p class="hint">{words().undo_takes_changed(import.changed_since.unsigned_abs())}</p> }.into_any());
    let undo = (!is_undone).then(|| view! { <form method="post" action=path><button class="danger" name="action" value="undo">{words().undo_import()}</button></form> }.into_any());
    let ledger = ["/activity?portfolio=", &import.portfolio_id].concat();
    view! {
        <div class="page import-page">
            <section class="card nothing">
                <h1>{heading}</h1>
                <p><bdi>{name}</bdi>" · "{format_name(&import)}</p>
                {count.map(|count| view! { <p><b>{count}</b></p> }.into_any())}
                <Refusal refused/>
                {changed}
                <p class="failure-actions"><a class="button" href=ledger>{words().see_transactions()}</a><a class="ghost" href="/import">{words().back_to_imports()}</a></p>
                {undo}
            </section>
        </div>
    }
}
