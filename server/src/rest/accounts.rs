//! `/portfolios/{portfolio_id}/accounts`.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::extract::{Json, Object, Path, idempotency_key};
use crate::hub::Acting;
use foliostream::wire::commands::{AccountDraft, AccountPatch};
use foliostream::wire::error::ApiError;
use foliostream::wire::views::AccountView;

/// Lists the accounts of a portfolio in the order they were made, each with what its entries come to.
#[utoipa::path(get, path = "/api/v1/portfolios/{portfolio_id}/accounts", tag = "portfolios", operation_id = "list_accounts", params(("portfolio_id" = String, Path)),
    responses((status = 200, body = [AccountView]), (status = 404, description = "no such portfolio")))]
pub(crate) async fn list(acting: Acting, Path(portfolio_id): Path<String>) -> Result<axum::Json<Vec<AccountView>>, ApiError> {
    Ok(axum::Json(acting.accounts(&portfolio_id).await?))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/portfolios/{portfolio_id}/accounts", tag = "portfolios", operation_id = "create_account", params(("portfolio_id" = String, Path), ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, kept for 24 hours: the same request again gets the same answer, another one 422")), request_body = AccountDraft,
    responses((status = 201, body = AccountView), (status = 404, description = "no such portfolio"),
        (status = 409, description = "another account has the name, or 100 are there already"), (status = 422, description = "refused")))]
pub(crate) async fn create(
    acting: Acting,
    Path(portfolio_id): Path<String>,
    headers: HeaderMap,
    Json(Object(draft)): Json<Object<AccountDraft>>,
) -> Result<Response, ApiError> {
    let account = acting.create_account(&portfolio_id, draft, idempotency_key(&headers)?).await?;
    let location = format!("/api/v1/portfolios/{portfolio_id}/accounts/{}", account.account_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(account)).into_response())
}

/// Changes an account: absent fields stay.
#[utoipa::path(patch, path = "/api/v1/portfolios/{portfolio_id}/accounts/{account_id}", tag = "portfolios", operation_id = "change_account",
    params(("portfolio_id" = String, Path), ("account_id" = String, Path)), request_body = AccountPatch,
    responses((status = 200, body = AccountView), (status = 404, description = "no such account"), (status = 409, description = "another account has the name"),
        (status = 422, description = "refused")))]
pub(crate) async fn change(
    acting: Acting,
    Path((portfolio_id, account_id)): Path<(String, String)>,
    Json(Object(patch)): Json<Object<AccountPatch>>,
) -> Result<axum::Json<AccountView>, ApiError> {
    Ok(axum::Json(acting.change_account(&portfolio_id, &account_id, patch).await?))
}

/// Deletes an account that has no transactions.
#[utoipa::path(delete, path = "/api/v1/portfolios/{portfolio_id}/accounts/{account_id}", tag = "portfolios", operation_id = "delete_account",
    params(("portfolio_id" = String, Path), ("account_id" = String, Path)),
    responses((status = 204), (status = 404, description = "no such account"), (status = 409, description = "transactions are in it")))]
pub(crate) async fn delete(
    acting: Acting,
    Path((portfolio_id, account_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    acting.delete_account(&portfolio_id, &account_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
