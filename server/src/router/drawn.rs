//! What pages that the server draws alone have in common.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::prelude::AnyView;

use foliostream::app::ServerPage;
use foliostream::wire::error::ApiError;

use super::pages::Renderer;

/// Draws a page, or says in its frame why there is none.
pub(super) async fn draw<P: Clone + Send + Sync + 'static>(
    renderer: Renderer,
    request: Request,
    status: StatusCode,
    page: Result<P, ApiError>,
    draw: fn(P) -> AnyView,
) -> Response {
    let page = match page {
        Ok(page) => page,
        Err(refusal) => return failed(renderer, request, refusal).await,
    };
    let draw = move || draw(page.clone());
    renderer.draw(request, status, ServerPage(Arc::new(draw))).await
}

async fn failed(renderer: Renderer, request: Request, refusal: ApiError) -> Response {
    let status = status_of(Some(&refusal));
    let draw = move || foliostream::app::failure(refusal.clone());
    renderer.draw(request, status, ServerPage(Arc::new(draw))).await
}

/// Returns the status of a page that says a refusal, or shows what was asked for.
pub(super) fn status_of(refused: Option<&ApiError>) -> StatusCode {
    let status = refused.and_then(|refusal| StatusCode::from_u16(refusal.code.status()).ok());
    status.unwrap_or(StatusCode::OK)
}

/// Sends a browser on to another page.
pub(super) fn see(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address.to_owned())]).into_response()
}

/// Returns the request of the page that a form's answer is.
pub(super) fn page_request(address: &str, headers: &HeaderMap) -> Request {
    let mut request = Request::new(axum::body::Body::empty());
    *request.uri_mut() = address.parse().unwrap_or_default();
    *request.headers_mut() = headers.clone();
    request
}
