//! Portfolios: make one, rename one, delete one.

use crate::app::prelude::*;

use super::setting::Setting;
use crate::api::{ChoosePortfolio, CreatePortfolio, DeletePortfolio, RenamePortfolio, TrackCash};
use crate::app::components::TrackCashButton;
use crate::app::components::field::{Confirm, FormRefusal, TextField};
use crate::app::components::icon::Icon;
use crate::app::components::list::{Part, list};
use crate::app::components::post_form::{Command, FormKey, PostForm};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::PortfolioSummary;

/// Every portfolio, and the form of a new one.
#[component]
pub(crate) fn Portfolios() -> impl IntoView {
    let portfolios = expect_live().portfolios();
    let rename = Command::of::<RenamePortfolio>();
    let delete = Command::of::<DeletePortfolio>();
    let track = Command::of::<TrackCash>();
    let choose = Command::of::<ChoosePortfolio>();
    let live = expect_live();
    choose.when_done(move |answer| {
        if let Some(id) = answer.sent("portfolio") {
            live.set_default_portfolio(id);
        }
    });
    let commands = Commands { rename, delete, track, choose };
    let refusals = [rename, delete, track, choose].map(Command::refused);
    let heard = Signal::derive(move || refusals.iter().find_map(|refused| refused.get()));
    let is_empty = memo(move || portfolios.with(Vec::is_empty));
    let saved = move || rename.is_done().then(|| words().renamed());
    view! {
        <section class="card portfolio-card" id="portfolios" aria-labelledby="portfolios-title">
            <header><h2 id="portfolios-title">{words().portfolios()}</h2></header>
            <p class="hint" hidden=move || !is_empty.get()>{words().no_portfolios_hint()}</p>
            <FormRefusal refused=heard/>
            <ul class="portfolio-list">
                {list(move || portfolios.get().into_iter().map(|portfolio| Part::new(key(&portfolio), move || view! { <Portfolio portfolio commands/> }.into_any())).collect())}
            </ul>
            <div role="status">{move || saved().map(|text| view! { <p class="confirmed">{text}</p> }.into_any())}</div>
            <NewPortfolio is_first=is_empty.get_untracked()/>
        </section>
    }
}

/// Returns what a row shows: another name or setting makes another row.
fn key(portfolio: &PortfolioSummary) -> String {
    let cash = if portfolio.track_cash == Some(true) { " with cash " } else { " " };
    [&portfolio.portfolio_id, cash, &portfolio.name].concat()
}

/// What can be done with a portfolio.
#[derive(Clone, Copy)]
struct Commands {
    rename: Command,
    delete: Command,
    track: Command,
    choose: Command,
}

/// One portfolio: its name, its currency, whether its cash counts, and a menu of what can be done with it.
#[component]
fn Portfolio(portfolio: PortfolioSummary, commands: Commands) -> impl IntoView {
    let Commands { rename, delete, track, choose } = commands;
    let PortfolioSummary { portfolio_id: id, name, currency, track_cash, .. } = portfolio;
    let (cash, is_tracked) = (id.clone(), track_cash == Some(true));
    let input = ["portfolio-", &id].concat();
    // A name that was refused stands in its form again.
    let is_typed = rename.typed("portfolio").is_some_and(|typed| typed == id);
    let typed = rename.typed("name").filter(|_| is_typed).unwrap_or_else(|| name.clone());
    let (deleted_id, spoken) = (id.clone(), [" ", &name].concat());
    let (renamed, deleted, first) = (spoken.clone(), spoken.clone(), spoken.clone());
    let ledger = ["/activity?portfolio=", &id].concat();
    let accounts = ["/accounts?portfolio=", &id].concat();
    let question = words().delete_portfolio_question(&name);
    let live = expect_live();
    let (default, all) = (live.default_portfolio(), live.portfolios());
    let (own, shown) = (id.clone(), id.clone());
    let is_first = memo(move || default.with(|default| default.as_ref() == Some(&own)) && all.with(Vec::len) > 1);
    let can_be_first = memo(move || !is_first.get() && all.with(Vec::len) > 1);
    let label = words().actions_for(&name);
    view! {
        <li>
            <p class="portfolio-name"><b><bdi>{name}</bdi></b><span class="tag">{currency.to_string()}</span>
                <span class="tag" hidden=move || !is_first.get()>{words().shown_first()}</span>
                <span class="muted">{if is_tracked { words().cash_is_tracked() } else { words().cash_is_not_tracked() }}</span></p>
            <details class="menu" name="row-menu" open=is_typed>
                <summary class="icon" aria-label=label.clone() title=label><Icon name="more"/></summary>
                <div class="menu-items">
                    <a href=ledger><Icon name="activity"/>{words().ledger()}<span class="sr">{spoken.clone()}</span></a>
                    <a href=accounts rel="external"><Icon name="receipt"/>{words().accounts()}<span class="sr">{spoken.clone()}</span></a>
                    <div class="slot" hidden=move || !can_be_first.get()>
                        <PostForm command=choose>
                            <input type="hidden" name="portfolio" value=shown/>
                            <button class="item" type="submit"><Icon name="up"/>{words().show_first()}<span class="sr">{first}</span></button>
                        </PostForm>
                    </div>
                    <TrackCashButton portfolio=cash command=track tracked=!is_tracked class="item"
                        label=if is_tracked { words().do_not_track_cash() } else { words().track_cash() } spoken/>
                    <details class="renaming" open=is_typed>
                        <summary class="item"><Icon name="edit"/>{words().rename()}<span class="sr">{renamed.clone()}</span></summary>
                        <PostForm command=rename>
                            <input type="hidden" name="portfolio" value=id/>
                            <div class="rename">
                                <label class="sr" for=input.clone()>{words().name()}</label>
                                <input id=input name="name" value=typed required=true maxlength="100" autocomplete="off"/>
                                <button class="ghost" type="submit">{words().save()}<span class="sr">{renamed}</span></button>
                            </div>
                        </PostForm>
                    </details>
                    <Confirm label=words().delete() question>
                        <PostForm command=delete>
                            <input type="hidden" name="portfolio" value=deleted_id/>
                            <button class="danger" type="submit">{words().delete_it()}<span class="sr">{deleted}</span></button>
                        </PostForm>
                    </Confirm>
                </div>
            </details>
        </li>
    }
}

/// The form of a new portfolio, which is open where there is none; success leads to its empty list of transactions.
#[component]
fn NewPortfolio(is_first: bool) -> impl IntoView {
    let action = Command::of::<CreatePortfolio>();
    let refused = action.refused();
    let is_open = is_first || action.refused_fields().is_some();
    view! {
        <Setting id="new-portfolio" label=words().new_portfolio() value=Signal::stored(String::new()) is_open group="new-portfolio">
            <PostForm command=action>
                <FormKey command=action/>
                <div class="pair">
                    <TextField id="new-name" label=words().name() name="name" refused required=true maxlength=100 placeholder=words().portfolio_example()/>
                    <TextField id="new-currency" label=words().currency() name="currency" refused required=true maxlength=3
                        pattern="[A-Z]{3}" value="EUR" hint=words().portfolio_currency_hint()/>
                </div>
                <FormRefusal refused fields=&["name", "currency"]/>
                <p class="submit"><button class="primary" type="submit">{words().make_it()}</button></p>
            </PostForm>
        </Setting>
    }
}
