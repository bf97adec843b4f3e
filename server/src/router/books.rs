//! `/accounts` and `/activity/{activity_id}/history`: pages that the server draws alone, and the forms on them.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;

use foliostream::app::{AccountForm, BooksPage, books_page};
use foliostream::domain::account::AccountKind;
use foliostream::wire::commands::{AccountDraft, AccountPatch};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::PortfolioSummary;
use foliostream::words::Refusals;

use super::drawn::{draw, page_request, see, status_of};
use super::pages::Renderer;
use crate::actor::actor_of;
use crate::hub::Acting;

/// Whose books are shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct At {
    portfolio: Option<String>,
}

type Asked = Result<Query<At>, QueryRejection>;

fn read(asked: Asked) -> At {
    asked.map(|at| at.0).unwrap_or_default()
}

/// What a form holds, name by name.
type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

/// Returns the routes of the pages.
pub(super) fn routes(renderer: &Renderer) -> Router {
    Router::new()
        .route("/accounts", get(accounts).post(change_accounts))
        .route("/activity/{activity_id}/history", get(history).post(undo))
        .with_state(renderer.clone())
}

/// Returns the portfolio that is asked for, or else the one that is shown first.
async fn portfolio_of(acting: &Acting, at: At) -> Result<PortfolioSummary, ApiError> {
    let none = || ApiError::not_found(Refusals::no_such_portfolio());
    let id = match at.portfolio {
        Some(id) => id,
        None => acting.default_portfolio().await?.ok_or_else(none)?,
    };
    acting.portfolio_summary(&id).await
}

async fn accounts(State(renderer): State<Renderer>, asked: Asked, request: Request) -> Response {
    let acting = renderer.hub.acting(actor_of(request.headers()));
    if acting.portfolios().await.is_ok_and(|portfolios| portfolios.is_empty()) {
        // There a first one is made.
        return see("/settings#portfolios");
    }
    show_accounts(renderer, request, read(asked), None).await
}

async fn show_accounts(renderer: Renderer, request: Request, at: At, refused: Option<(ApiError, AccountForm)>) -> Response {
    let acting = renderer.hub.acting(actor_of(request.headers()));
    let status = status_of(refused.as_ref().map(|(refusal, _)| refusal));
    let page = async {
        let portfolio = portfolio_of(&acting, at).await?;
        let accounts = acting.accounts(&portfolio.portfolio_id).await?;
        Ok(BooksPage::Accounts { portfolio, accounts, refused })
    };
    draw(renderer, request, status, page.await, books_page).await
}

/// Does what a button on the page of accounts says.
async fn change_accounts(State(renderer): State<Renderer>, asked: Asked, headers: HeaderMap, form: Fields) -> Response {
    let (acting, at) = (renderer.hub.acting(actor_of(&headers)), read(asked));
    let fields = form.map(|form| form.0).unwrap_or_default();
    let field = |wanted: &str| {
        let found = fields.iter().rev().find(|(name, _)| name == wanted);
        found.map(|(_, text)| text.trim().to_owned()).unwrap_or_default()
    };
    let sent = AccountForm {
        account_id: field("account"),
        name: field("name"),
        currency: field("currency").to_uppercase(),
        kind: field("kind"),
    };
    let portfolio = match portfolio_of(&acting, at.clone()).await {
        Ok(portfolio) => portfolio.portfolio_id,
        Err(_) => return show_accounts(renderer, page_request("/accounts", &headers), at, None).await,
    };
    let kind = AccountKind::ALL.into_iter().find(|kind| kind.word() == sent.kind);
    let currency = Some(sent.currency.clone()).filter(|currency| !currency.is_empty());
    let done = match field("action").as_str() {
        "create" => {
            let draft = AccountDraft { name: sent.name.clone(), currency, kind };
            acting.create_account(&portfolio, draft, None).await.map(drop)
        }
        "change" => {
            let patch = AccountPatch { name: Some(sent.name.clone()), currency: Some(currency), kind };
            acting.change_account(&portfolio, &sent.account_id, patch).await.map(drop)
        }
        "delete" => acting.delete_account(&portfolio, &sent.account_id).await,
        _ => Ok(()),
    };
    let address = format!("/accounts?portfolio={portfolio}");
    match done {
        Ok(()) => see(&address),
        Err(refusal) => show_accounts(renderer, page_request(&address, &headers), at, Some((refusal, sent))).await,
    }
}

async fn history(State(renderer): State<Renderer>, Path(activity_id): Path<String>, asked: Asked, request: Request) -> Response {
    show_history(renderer, request, activity_id, read(asked), None).await
}

async fn show_history(renderer: Renderer, request: Request, activity_id: String, at: At, refused: Option<ApiError>) -> Response {
    let acting = renderer.hub.acting(actor_of(request.headers()));
    let status = status_of(refused.as_ref());
    let page = async {
        let portfolio = portfolio_of(&acting, at).await?;
        let versions = acting.entry_history(&portfolio.portfolio_id, &activity_id).await?;
        let accounts = acting.own_accounts(&portfolio.portfolio_id).await?;
        let accounts = accounts.into_iter().map(|account| (account.account_id, account.name)).collect();
        Ok(BooksPage::History { portfolio, activity_id, versions, accounts, refused })
    };
    draw(renderer, request, status, page.await, books_page).await
}

/// Takes back the newest change, as long as it is the one that the page showed.
async fn undo(
    State(renderer): State<Renderer>,
    Path(activity_id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
    form: Fields,
) -> Response {
    let (acting, at) = (renderer.hub.acting(actor_of(&headers)), read(asked));
    let fields = form.map(|form| form.0).unwrap_or_default();
    let revision = fields.iter().find(|(name, _)| name == "revision").and_then(|(_, text)| text.parse().ok());
    let undone = async {
        let portfolio = portfolio_of(&acting, at.clone()).await?;
        acting.undo_activity(&portfolio.portfolio_id, &activity_id, revision).await?;
        Ok(portfolio.portfolio_id)
    };
    match undone.await {
        Ok(portfolio) => see(&format!("/activity/{activity_id}/history?portfolio={portfolio}")),
        Err(refusal) => {
            let request = page_request(&format!("/activity/{activity_id}/history"), &headers);
            show_history(renderer, request, activity_id, at, Some(refusal)).await
        }
    }
}
