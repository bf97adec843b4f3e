//! The accounts of a portfolio: what is in each, and the forms that make, change and delete one.

use crate::app::prelude::*;

use super::form::AccountForm;
use crate::app::components::Empty;
use crate::app::components::icon::Icon;
use crate::app::components::links::query_value;
use crate::domain::account::AccountKind;
use crate::wire::views::{AccountView, PortfolioSummary};
use crate::words::figures;

/// The page.
#[component]
pub(super) fn Accounts(
    portfolio: PortfolioSummary,
    accounts: Vec<AccountView>,
    refused: Option<(String, AccountForm)>,
) -> impl IntoView {
    let path = ["/accounts?portfolio=", &query_value(&portfolio.portfolio_id)].concat();
    let about_new = refused.clone().filter(|(_, form)| form.account_id.is_empty());
    let list = if accounts.is_empty() {
        view! { <Empty title=words().no_accounts_yet() hint=words().no_accounts_hint()/> }.into_any()
    } else {
        let rows = accounts.into_iter().map(|account| {
            let refused = refused.clone().filter(|(_, form)| form.account_id == account.account_id);
            view! { <Account path=path.clone() portfolio_id=portfolio.portfolio_id.clone() account refused/> }.into_any()
        });
        view! { <ul class="account-list">{rows.collect_view()}</ul> }.into_any()
    };
    let (message, form) = about_new.unzip();
    view! {
        <div class="page books-page">
            <header class="page-head">
                <a class="icon" href="/settings#portfolios" aria-label=words().settings() title=words().settings()><Icon name="back"/></a>
                <h1>{words().accounts_heading()}</h1>
                <p class="muted"><bdi>{portfolio.name.clone()}</bdi></p>
            </header>
            <div class="main-column">
                <section class="card" aria-label=words().accounts_heading()>{list}</section>
            </div>
            <div class="side">
                <section class="card account-new" aria-labelledby="new-account">
                    <header><h2 id="new-account">{words().new_account()}</h2></header>
                    <p class="muted">{words().accounts_about()}</p>
                    <Form path form=form.unwrap_or_default() message action="create" label=words().add_account()/>
                </section>
            </div>
        </div>
    }
}

/// One account, with what is in it and what can be done with it.
#[component]
fn Account(path: String, portfolio_id: String, account: AccountView, refused: Option<(String, AccountForm)>) -> impl IntoView {
    let ledger = ["/activity?portfolio=", &query_value(&portfolio_id), "&account=", &query_value(&account.account_id)].concat();
    let performance = ledger.replacen("/activity", "/performance", 1);
    let is_open = refused.is_some();
    let (message, form) = refused.unzip();
    let shown = AccountForm {
        account_id: account.account_id.clone(),
        name: account.name.clone(),
        currency: account.currency.map(|currency| currency.to_string()).unwrap_or_default(),
        kind: account.kind.word().to_owned(),
    };
    let form = form.unwrap_or(shown);
    let cash = account.cash.iter().map(|cash| {
        let written = words().entered(cash.amount, cash.currency.decimals());
        let text = [written.as_str(), "\u{a0}", &figures::symbol(cash.currency)].concat();
        view! { <li><span class="priv">{text}</span></li> }.into_any()
    });
    let held = account.holdings.iter().map(|held| {
        let quantity = words().quantity(held.quantity);
        view! { <li><span class="priv">{quantity}</span>" "{held.ticker.to_string()}</li> }.into_any()
    });
    let contents: Vec<AnyView> = cash.chain(held).collect();
    let contents = if contents.is_empty() {
        view! { <p class="muted">{words().account_is_empty()}</p> }.into_any()
    } else {
        view! { <ul class="account-contents">{contents.collect_view()}</ul> }.into_any()
    };
    let name = account.name.clone();
    let of = move || view! { <span class="sr">" "{name.clone()}</span> };
    view! {
        <li>
            <div class="account-head">
                <h2><bdi>{account.name}</bdi></h2><span class="tag">{kind_label(account.kind)}</span>
                <p class="account-links">
                    <a class="subtle" href=performance>{words().performance()}{of()}</a>
                    <a class="subtle" href=ledger>{words().account_transactions()}{of()}</a>
                </p>
            </div>
            {contents}
            <details class="unfold" open=is_open>
                <summary>{words().edit_account()}{of()}</summary>
                <Form path=path.clone() form message action="change" label=words().save_account()/>
                <form method="post" action=path>
                    <input type="hidden" name="account" value=account.account_id/>
                    <button class="danger" name="action" value="delete">{words().delete()}{of()}</button>
                </form>
            </details>
        </li>
    }
}

/// The fields of an account, and the button that sends them.
#[component]
fn Form(path: String, form: AccountForm, message: Option<String>, action: &'static str, label: &'static str) -> impl IntoView {
    let AccountForm { account_id, name, currency, kind } = form;
    let [named, priced, kept] = ["name", "currency", "kind"].map(|field| ["account-", field, "-", &account_id].concat());
    let options = AccountKind::ALL.into_iter().map(move |other| {
        let selected = other.word() == kind;
        view! { <option value=other.word() selected=selected>{kind_label(other)}</option> }.into_any()
    });
    view! {
        <form class="account-form" method="post" action=path>
            {message.map(|text| view! { <p class="field-error" role="alert">{text}</p> }.into_any())}
            <input type="hidden" name="account" value=account_id/>
            <p class="field"><label for=named.clone()>{words().name()}</label>
                <input id=named name="name" value=name required=true maxlength="100" autocomplete="off" placeholder=words().account_example()/></p>
            <p class="field"><label for=kept.clone()>{words().account_kind()}</label><select id=kept name="kind">{options.collect_view()}</select></p>
            <p class="field"><label for=priced.clone()>{words().currency()}</label>
                <input id=priced name="currency" value=currency maxlength="3" autocomplete="off" placeholder=words().portfolios_currency()/></p>
            <p class="submit"><button class="primary" name="action" value=action>{label}</button></p>
        </form>
    }
}

fn kind_label(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Broker => words().kind_broker(),
        AccountKind::Bank => words().kind_bank(),
        AccountKind::Wallet => words().kind_wallet(),
        AccountKind::Other => words().kind_other(),
    }
}
