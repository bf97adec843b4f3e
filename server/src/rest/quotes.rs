//! `/quotes`: the newest prices, and the door for programs that push them.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::streams::request::{listed, read_tickers};
use foliostream::wire::commands::QuoteDraft;
use foliostream::wire::error::{ApiError, ErrorCode, Message};
use foliostream::wire::views::SourcedQuoteView;

use super::door::Rest;
use super::pages;
use super::pages::{Asked, Page};
use crate::extract::{Json, Object, Query, idempotency_key};
use crate::hub::Acting;
use foliostream::domain::instrument::TickerError;
use foliostream::words::Refusals;

/// Quotes that are answered at once without being asked for in pages: some 300 KB.
const MOST_AT_ONCE: usize = pages::MOST as usize;

/// Quotes, or a page of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum Quotes {
    /// All of those that were asked for, in one list.
    All(Vec<SourcedQuoteView>),
    /// A page, where `limit` or `cursor` was given.
    Page(Page<SourcedQuoteView>),
}

/// How many quotes of a push were observed, and how many were ignored.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Pushed {
    /// Observed by the engine.
    accepted: usize,
    /// Older than the current quote.
    ignored: usize,
}

/// Returns the newest quotes of the tickers asked for, in their order; without tickers all quotes, or a page of them.
#[utoipa::path(get, path = "/api/v1/quotes", tag = "quotes", operation_id = "list_quotes",
    params(("tickers" = Option<String>, Query, description = "Comma-separated, at most 200; may be repeated"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Quotes of a page, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "Where a page goes on: `next` of the page before")),
    responses((status = 200, description = "The quotes; a page where `limit` or `cursor` is given", body = Quotes), (status = 404, description = "none of the tickers is quoted")))]
pub(crate) async fn list(acting: Acting, Query(pairs): Query<Vec<(String, String)>>) -> Result<axum::Json<Quotes>, ApiError> {
    let is_named = pairs.iter().any(|(name, _)| name == "tickers");
    match (is_named, pages::asked_in(&pairs)?) {
        (true, Some(_)) => Err(refusal("tickers", "name tickers, or ask for pages by limit and cursor; not both")),
        (true, None) => named(&acting, &listed(&pairs, "tickers")),
        (false, Some(asked)) => paged(&acting, &asked),
        (false, None) => acting.all_quotes(MOST_AT_ONCE).map(Quotes::All).ok_or_else(too_many),
    }
    .map(axum::Json)
}

fn named(acting: &Acting, text: &str) -> Result<Quotes, ApiError> {
    let tickers = read_tickers(text)?;
    if tickers.is_empty() {
        return Err(refusal("tickers", Refusals::name_the_tickers()));
    }
    let quotes = acting.quotes(&tickers);
    if quotes.is_empty() {
        return Err(ApiError { field: Some("tickers".to_owned()), ..ApiError::not_found(Refusals::no_such_ticker()) });
    }
    Ok(Quotes::All(quotes))
}

fn paged(acting: &Acting, asked: &Asked) -> Result<Quotes, ApiError> {
    let after = asked.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_: TickerError| refusal("cursor", Refusals::give_the_cursor_back()))?;
    let limit = usize::try_from(asked.limit).unwrap_or(1);
    let (items, next) = acting.quotes_after(after.as_ref(), limit);
    Ok(Quotes::Page(Page { items, next: next.map(|ticker| ticker.to_string()) }))
}

fn too_many() -> ApiError {
    refusal("limit", Refusals::too_many_quotes(MOST_AT_ONCE.to_string()))
}

fn refusal(field: &str, message: impl Into<Message>) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) }
}

/// Takes quotes, in order. Needs `Authorization: Bearer <ingest token>`.
#[utoipa::path(post, path = "/api/v1/quotes", tag = "quotes", request_body = [QuoteDraft],
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 visible ASCII characters, of the newest 20,000 pushes: the same push again is applied no second time and gets the same answer, another one 422")),
    security(("ingest_token" = [])),
    responses((status = 202, body = Pushed), (status = 401, description = "wrong token"), (status = 403, description = "no token is configured"), (status = 422, description = "refused; nothing was applied")))]
pub(crate) async fn push(
    State(rest): State<Rest>,
    acting: Acting,
    headers: HeaderMap,
    body: axum::extract::Request,
) -> Result<Response, Response> {
    // Before the body is read: a client without the token cannot make the server parse two megabytes.
    authorise(&rest, &headers).map_err(challenge)?;
    let drafts = read_body(body).await.map_err(IntoResponse::into_response)?;
    let key = idempotency_key(&headers).map_err(IntoResponse::into_response)?;
    let observed = acting.push_quotes(drafts, key).await.map_err(IntoResponse::into_response)?;
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
        return Err(ApiError::new(ErrorCode::Forbidden, Refusals::pushing_is_off()));
    };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
    let matches = given.is_some_and(|given| bool::from(given.ct_eq(token.reveal().as_bytes())));
    if matches { Ok(()) } else { Err(ApiError::new(ErrorCode::Unauthenticated, Refusals::send_the_token())) }
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
