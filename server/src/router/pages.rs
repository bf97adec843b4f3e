//! Pages: rendered at their routes, and the files of the site.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::context::provide_context;
use leptos::nonce::{provide_nonce, use_nonce};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use foliostream::api::backend::Backing;
use foliostream::app;
use foliostream::wire::error::ApiError;
use foliostream::words::{Language, Words};

use crate::actor::actor_of;
use crate::forms::PlainForm;
use crate::guard;
use crate::hub::{Acting, Hub};
use crate::language::reader_words;
use crate::renders::Renders;
use crate::site::Site;
use crate::zone::reader_zone;

/// Pages at their routes, the site's files, and the page that says there is nothing.
pub(super) fn routes(renderer: Renderer, site: &Site) -> Router {
    let page = {
        let renderer = renderer.clone();
        move |request: Request| renderer.clone().render(request, StatusCode::OK, None)
    };
    let nothing = move |request: Request| renderer.clone().render(request, StatusCode::NOT_FOUND, None);
    let files = ServeDir::new(&site.folder)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(get(nothing));
    let package = site.folder.join("pkg");
    // Its name stays while its contents change: it says which names the others have now.
    let manifest = ServiceBuilder::new().layer(kept(ASK_AGAIN)).service(ServeFile::new(package.join("manifest.json")));
    let keep = if site.immutable { IMMUTABLE } else { ASK_AGAIN };
    let package = ServiceBuilder::new().layer(kept(keep)).service(ServeDir::new(package).precompressed_br().precompressed_gzip());
    let files = ServiceBuilder::new().layer(kept(ASK_AGAIN)).service(files);
    Router::new()
        .leptos_routes_with_handler(page_routes(), get(page))
        .route_service("/pkg/manifest.json", manifest)
        .nest_service("/pkg", package)
        .merge(texts())
        .fallback_service(files)
        .with_state(leptos::config::LeptosOptions::builder().output_name("foliostream").build())
}

/// The texts of each language, which a page fetches beside its wasm. Their addresses change with them.
fn texts<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Language::ALL.into_iter().map(Words::of).fold(Router::new(), |router, words| {
        let answer = async move || {
            let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
            ([kind, (header::CACHE_CONTROL, IMMUTABLE)], words.written())
        };
        router.route(&app::texts_address(words), get(answer))
    })
}

/// A browser may keep it for ever: what changes has another address.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A browser may keep it, and asks each time whether it is still the same.
const ASK_AGAIN: &str = "no-cache";

/// Says how long a file may be kept, where there is one: neither a missing file nor a page that says so is kept.
fn kept<B>(how: &'static str) -> SetResponseHeaderLayer<impl Fn(&axum::http::Response<B>) -> Option<HeaderValue> + Clone> {
    SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &axum::http::Response<B>| {
        let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
        is_there.then(|| HeaderValue::from_static(how))
    })
}

/// Returns the pages' routes, found once: finding them keeps resources from loading in the whole process, so that a page
/// which another server renders at that moment would never end.
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(app::App)).clone()
}

/// Renders pages, with the hub and the limits that rendering needs.
#[derive(Clone)]
pub(super) struct Renderer {
    /// Where every command and query ends.
    pub hub: Hub,
    renders: Renders,
    assets: Arc<app::Assets>,
}

impl Renderer {
    /// Returns a renderer of the site's pages.
    pub(super) fn new(hub: Hub, renders: Renders, site: &Site) -> Self {
        let crate::site::Parts { js, wasm, css } = site.parts.clone();
        let assets = app::Assets { js, wasm, style: site.style(), css };
        Self { hub, renders, assets: Arc::new(assets) }
    }

    /// Renders the page of a form that was refused, with the refusal and what was typed.
    pub(super) async fn refuse(self, form: PlainForm, refusal: ApiError) -> Response {
        let request = form.page_request();
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let refused = app::RefusedForm { path: form.path, sent: form.fields, page: form.page, refusal };
        self.render(request, status, Some(refused)).await
    }

    /// Renders a page that the server draws alone.
    pub(super) async fn draw(self, request: Request, status: StatusCode, page: app::ServerPage) -> Response {
        self.made(request, status, Given { refused: None, page: Some(page) }).await
    }

    /// Renders the page of an address.
    async fn render(self, request: Request, status: StatusCode, refused: Option<app::RefusedForm>) -> Response {
        self.made(request, status, Given { refused, page: None }).await
    }

    /// Makes a page where large answers are made.
    async fn made(self, request: Request, status: StatusCode, given: Given) -> Response {
        let renders = self.renders.clone();
        let made = renders.make(async move {
            let (head, body) = self.rendered(request, status, given).await.into_parts();
            // All of it here: what is polled by the connection would be rendered on its thread.
            let whole = axum::body::to_bytes(body, usize::MAX).await;
            whole.map(|whole| Response::from_parts(head, Body::from(whole))).map_err(|error| crate::error::internal(&error))
        });
        made.await.and_then(|page| page).unwrap_or_else(IntoResponse::into_response)
    }

    /// Reads the page's figures at a cursor, then renders it whole.
    async fn rendered(self, request: Request, status: StatusCode, given: Given) -> Response {
        let Self { hub, assets, .. } = self;
        let acting = hub.acting(actor_of(request.headers()));
        let query = axum::extract::Query::<PageQuery>::try_from_uri(request.uri());
        let key = app::PageKey::of(request.uri().path(), query.ok().and_then(|query| query.0.portfolio));
        let (zone, words) = (reader_zone(request.headers()), reader_words(request.headers()));
        // A browser that has been here says in which zone it is.
        let is_first = zone.is_none();
        // Boxed: a page asks for much, and what waits for it would hold room for all of it.
        let page = Box::pin(acting.page(key.portfolio.as_deref(), &key.tickers, key.metrics)).await;
        let page = app::RenderedPage(page.map_err(|refusal| refusal.in_words(words)));
        let status = page.0.as_ref().err().and_then(|error| StatusCode::from_u16(error.code.status()).ok()).unwrap_or(status);
        let prepare = move || {
            provide_context(words);
            provide_context(page.clone());
            if let Some(refused) = given.refused.clone() {
                provide_context(refused);
            }
            if let Some(page) = given.page.clone() {
                provide_context(page);
            }
            if let Some(zone) = zone.clone() {
                provide_context(zone);
            }
            prepare_page(&acting, words, status);
        };
        render_app_async_with_context(prepare, move || app::document(&assets, is_first))(request).await
    }
}

/// What a page is given beside its address.
#[derive(Default)]
struct Given {
    /// A form that was refused.
    refused: Option<app::RefusedForm>,
    /// What the server draws alone.
    page: Option<app::ServerPage>,
}

/// What of a page's query decides its figures.
#[derive(serde::Deserialize)]
struct PageQuery {
    portfolio: Option<String>,
}

/// Gives a page the door, a nonce and the policy that names it.
fn prepare_page(acting: &Acting, words: Words, status: StatusCode) {
    provide_context(Backing(Arc::new(acting.clone())));
    provide_nonce();
    let Some(options) = leptos::context::use_context::<ResponseOptions>() else { return };
    if let Some(policy) = use_nonce().and_then(|nonce| HeaderValue::from_str(&guard::page_policy(&nonce)).ok()) {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    options.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    options.insert_header(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.language().code()));
    options.insert_header(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    if status != StatusCode::OK {
        options.set_status(status);
    }
}
