//! `/quotes`: the newest prices, and the door for programs that push them.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::server::sse::request::{listed, read_tickers};
use crate::wire::commands::QuoteDraft;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::views::QuoteView;

use super::Rest;
use crate::server::extract::{Json, Object, Query};

/// What became of a push.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Pushed {
    /// Observed by the engine.
    accepted: usize,
    /// Older than the current quote.
    ignored: usize,
}

/// Returns the newest quotes of the tickers asked for, in their order; of everything where none are named.
#[utoipa::path(get, path = "/api/v1/quotes", tag = "quotes", params(("tickers" = Option<String>, Query, description = "comma-separated, at most 200; may be repeated")),
    responses((status = 200, body = [QuoteView]), (status = 400, description = "malformed"), (status = 404, description = "only unknown tickers")))]
pub async fn list(
    State(rest): State<Rest>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<axum::Json<Vec<QuoteView>>, ApiError> {
    if !pairs.iter().any(|(name, _)| name == "tickers") {
        return Ok(axum::Json(rest.hub.all_quotes()));
    }
    let tickers = read_tickers(&listed(&pairs, "tickers"))?;
    if tickers.is_empty() {
        return Err(ApiError {
            field: Some("tickers".to_owned()),
            ..ApiError::new(ErrorCode::BadRequest, "name the tickers: ?tickers=AAPL,MSFT")
        });
    }
    let quotes = rest.hub.quotes(&tickers);
    if quotes.is_empty() {
        return Err(ApiError { field: Some("tickers".to_owned()), ..ApiError::not_found("ticker") });
    }
    Ok(axum::Json(quotes))
}

/// Takes quotes, in order. Needs `Authorization: Bearer <ingest token>`.
#[utoipa::path(post, path = "/api/v1/quotes", tag = "quotes", request_body = [QuoteDraft], security(("ingest_token" = [])),
    responses((status = 202, body = Pushed), (status = 401, description = "wrong token"), (status = 403, description = "no token is configured"), (status = 422, description = "refused; nothing was applied")))]
pub async fn push(State(rest): State<Rest>, headers: HeaderMap, body: axum::extract::Request) -> Result<Response, Response> {
    // Before the body is read: nobody without the token makes the server parse two megabytes.
    authorise(&rest, &headers).map_err(challenge)?;
    let drafts = read_body(body).await.map_err(IntoResponse::into_response)?;
    let observed = rest.hub.push_quotes(drafts).await.map_err(IntoResponse::into_response)?;
    let pushed = Pushed { accepted: observed.accepted, ignored: observed.ignored };
    Ok((StatusCode::ACCEPTED, axum::Json(pushed)).into_response())
}

async fn read_body(body: axum::extract::Request) -> Result<Vec<QuoteDraft>, ApiError> {
    use axum::extract::FromRequest;
    let Json(drafts) = Json::<Vec<Object<QuoteDraft>>>::from_request(body, &()).await?;
    Ok(drafts.into_iter().map(|Object(draft)| draft).collect())
}

fn authorise(rest: &Rest, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(token) = &rest.ingest_token else {
        return Err(ApiError::new(ErrorCode::Forbidden, "pushing is off; start the server with --ingest-token"));
    };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
    let matches = given.is_some_and(|given| bool::from(given.ct_eq(token.reveal().as_bytes())));
    if matches {
        Ok(())
    } else {
        Err(ApiError::new(ErrorCode::Unauthenticated, "send the ingest token: Authorization: Bearer …"))
    }
}

/// Returns the token of `Bearer <token>`, whatever bytes it is of; the scheme's case does not matter (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(b"bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token.trim_ascii())
}

fn challenge(refusal: ApiError) -> Response {
    let unauthenticated = refusal.code == ErrorCode::Unauthenticated;
    let mut response = refusal.into_response();
    if unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
