//! Where a file is sent to, and what was imported before.

use crate::app::prelude::*;

use super::told::{Refusal, file_name, format_name};
use crate::app::components::Empty;
use crate::app::components::icon::Icon;
use crate::wire::views::{ImportView, PortfolioSummary};
use crate::words::dates::civil_utc;

/// The page.
#[component]
pub(super) fn Start(
    portfolios: Vec<PortfolioSummary>,
    portfolio: Option<String>,
    imports: Vec<ImportView>,
    programs: Vec<&'static str>,
    refused: Option<String>,
) -> impl IntoView {
    if portfolios.is_empty() {
        return view! {
            <div class="page">
                <section class="card nothing">
                    <h1>{words().no_portfolio_to_import()}</h1>
                    <p>{words().no_portfolio_to_import_hint()}</p>
                    <a class="button" href="/settings#portfolios">{words().settings()}</a>
                </section>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="page import-page">
            <header class="page-head"><h1>{words().import_heading()}</h1><p class="muted">{words().import_promise()}</p></header>
            <div class="main-column">
                <Send portfolios portfolio refused/>
                <Earlier imports/>
            </div>
            <div class="side"><Formats programs/><HowItWorks/></div>
        </div>
    }
    .into_any()
}

/// The form of a file, and that of a text that is pasted.
#[component]
fn Send(portfolios: Vec<PortfolioSummary>, portfolio: Option<String>, refused: Option<String>) -> impl IntoView {
    let choice = move |id: &'static str| {
        let option = |one: &PortfolioSummary| {
            let is_chosen = portfolio.as_ref() == Some(&one.portfolio_id);
            view! { <option value=one.portfolio_id.clone() selected=is_chosen>{one.name.clone()}</option> }.into_any()
        };
        let options = portfolios.iter().map(option).collect_view();
        view! {
            <p class="field"><label for=id>{words().import_into()}</label><select id=id name="portfolio">{options}</select></p>
        }
        .into_any()
    };
    view! {
        <section class="card import-send" aria-labelledby="send-a-file">
            <form enctype="multipart/form-data" method="post" action="/import">
                <Refusal refused/>
                <div class="drop">
                    <h2 id="send-a-file"><label for="file">{words().drop_a_file()}</label></h2>
                    <p class="muted" id="file-hint">{words().drop_a_file_hint()}</p>
                    <input class="file" id="file" type="file" name="file" required=true aria-describedby="file-hint"/>
                </div>
                <div class="import-into">
                    {choice("file-portfolio")}
                    <button class="primary" type="submit">{words().look_at_file()}</button>
                </div>
            </form>
            <details class="paste">
                <summary>{words().paste_a_table()}</summary>
                <form enctype="multipart/form-data" method="post" action="/import">
                    <p class="field"><label for="text">{words().pasted_text()}</label><textarea class="note-text" id="text" rows="8" name="text" required=true></textarea></p>
                    <div class="import-into">
                        {choice("text-portfolio")}
                        <button class="primary" type="submit">{words().look_at_text()}</button>
                    </div>
                </form>
            </details>
        </section>
    }
}

/// What was imported before, each with the way to undo it.
#[component]
fn Earlier(imports: Vec<ImportView>) -> impl IntoView {
    let body = if imports.is_empty() {
        view! { <Empty title=words().no_imports_yet() hint=words().no_imports_hint()/> }.into_any()
    } else {
        let rows = imports.into_iter().map(|import| view! { <Import import/> }.into_any()).collect_view();
        view! { <ul class="import-list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="card" aria-labelledby="earlier">
            <header><h2 id="earlier">{words().earlier_imports()}</h2></header>
            {body}
        </section>
    }
}

#[component]
fn Import(import: ImportView) -> impl IntoView {
    let path = ["/import/", &import.import_id].concat();
    let time = import.created_at.parse().map(|time| words().date(civil_utc(time))).unwrap_or_default();
    let count = || words().entries_added(import.entries.unsigned_abs());
    let (told, action) = match import.state.as_str() {
        "committed" => {
            let label = view! { {words().step_undo()}<span class="sr">" "{import.file_name.clone()}</span> };
            let undo = view! { <form method="post" action=path.clone()><button class="subtle" name="action" value="undo">{label}</button></form> };
            (count(), undo.into_any())
        }
        "undone" => (words().import_undone().to_owned(), ().into_any()),
        _ => (words().import_open().to_owned(), view! { <a class="subtle" href=path.clone()>{words().go_on_with_import()}<span class="sr">" "{import.file_name.clone()}</span></a> }.into_any()),
    };
    let (name, format) = (file_name(&import), format_name(&import));
    view! {
        <li>
            <span class="ico" aria-hidden="true"><Icon name="receipt"/></span>
            <a class="who import-name" href=path><b><bdi>{name}</bdi></b><i>{format}" · "{time}</i></a>
            <span class="muted">{told}</span>
            {action}
        </li>
    }
}

/// The formats that are known.
#[component]
fn Formats(programs: Vec<&'static str>) -> impl IntoView {
    let mut names = programs;
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup();
    let tags = names.into_iter().map(|name| view! { <li class="tag">{name}</li> }.into_any()).collect_view();
    view! {
        <section class="card" aria-labelledby="formats">
            <header><h2 id="formats">{words().known_formats()}</h2></header>
            <ul class="format-list">{tags}</ul>
            <p class="quiet-body muted">{words().any_other_table()}</p>
        </section>
    }
}

#[component]
fn HowItWorks() -> impl IntoView {
    let steps = [
        (words().step_check(), words().step_check_hint()),
        (words().step_match(), words().step_match_hint()),
        (words().step_import(), words().step_import_hint()),
        (words().step_undo(), words().step_undo_hint()),
    ];
    let step = |(name, hint)| view! { <li><b>{name}</b><span class="muted">{hint}</span></li> }.into_any();
    view! {
        <section class="card" aria-labelledby="how">
            <header><h2 id="how">{words().how_it_works()}</h2></header>
            <ol class="import-steps">{steps.into_iter().map(step).collect_view()}</ol>
        </section>
    }
}
