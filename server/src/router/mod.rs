//! Puts every route under one roof. The only room of the server that sees the pages.

mod books;
mod drawn;
mod imports;
mod pages;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, any, get, on};
use leptos::context::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;
use metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::csrf::CsrfLayer;

use foliostream::api::backend::Backing;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::Refusals;

use super::actor::actor_of;
use super::arrival::{self, Arrivals};
use super::forms::{self, FORM_LIMIT, Outcome};
use super::guard::{self, Encrypted, Hosts};
use super::hub::Hub;
use super::language::reader_words;
use super::presence::Presence;
use super::proxies::{self, Trusted};
use super::readiness::Readiness;
use super::renders::Renders;
use super::rest::streams::StreamDoor;
use super::rest::{self, Rest};
use super::secret::Secret;
use super::site::Site;
use super::sse::streams::Streams;
use super::zone::reader_zone;
use pages::Renderer;

/// The parts that the routes are made from.
#[derive(Debug)]
pub(crate) struct RouterParts {
    /// Where every command and query ends.
    pub hub: Hub,
    /// The state that all streams of the process share.
    pub streams: Arc<Streams>,
    /// The tabs that are connected, on all workers.
    pub presence: Arc<Presence>,
    /// The built site; none where this process is only the engine and answers operators alone.
    pub site: Option<Site>,
    /// Whether the process is ready for traffic.
    pub ready: Arc<Readiness>,
    /// What writes the metrics of this process for `GET /metrics`.
    pub prometheus: PrometheusHandle,
    /// The address listened on.
    pub listen: IpAddr,
    /// Further names this server answers to.
    pub allowed_hosts: Vec<String>,
    /// Proxies whose word about clients' addresses counts.
    pub trusted_proxies: Trusted,
    /// Whether the server itself speaks TLS.
    pub encrypted: Encrypted,
    /// The requests under way: their deadlines, and the memory they hold.
    pub arrivals: Arc<Arrivals>,
    /// The token that a push must carry; without one, pushing is off.
    pub ingest_token: Option<Arc<Secret>>,
}

/// Builds the routes. Streams stand outside compression and the panic catcher: their bodies stay as small as they are made.
pub(crate) fn build(parts: RouterParts) -> Router {
    let hosts = Hosts::new(parts.listen, &parts.allowed_hosts);
    let (trusted, encrypted, arrivals) = (Arc::clone(&parts.trusted_proxies), parts.encrypted, Arc::clone(&parts.arrivals));
    let everybody = |routes: Router| {
        routes.layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(trusted, proxies::restore_client))
                .layer(middleware::from_fn_with_state(encrypted, guard::harden))
                .layer(middleware::from_fn(measure))
                .layer(middleware::from_fn_with_state(arrivals, arrival::watch))
                .layer(middleware::from_fn(forms::tell_as_page))
                .layer(middleware::from_fn(super::error::translate))
                .layer(middleware::from_fn_with_state(hosts, guard::host))
                .layer(middleware::from_fn(guard::explain_foreign))
                .layer(CsrfLayer::new().with_rejection_response(|_| guard::foreign())),
        )
    };
    let Some(site) = &parts.site else { return everybody(operations(&parts).fallback(rest::nothing_here)) };
    let door = StreamDoor { streams: Arc::clone(&parts.streams), presence: Arc::clone(&parts.presence) };
    let streams = rest::streams::routes(door)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn(guard::same_site))
        .layer(middleware::from_fn(count_refusals));
    let renders = Renders::of_this_machine();
    let shared = Rest { hub: parts.hub.clone(), renders: renders.clone(), ingest_token: parts.ingest_token.clone() };
    let commands = rest::routes(shared).method_not_allowed_fallback(method_not_allowed);
    let renderer = Renderer::new(parts.hub.clone(), renders, site);
    let api = Router::new()
        .nest("/v1", commands)
        .route("/openapi.json", get(rest::open_api))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(rest::nothing_here);
    let ordinary = Router::new()
        .nest("/api", api)
        // Nesting leaves it out.
        .route("/api/", any(rest::nothing_here))
        .merge(server_functions(&renderer))
        .merge(operations(&parts))
        .merge(imports::routes(&renderer))
        .merge(books::routes(&renderer))
        .merge(pages::routes(renderer, site))
        .layer(compression())
        .layer(CatchPanicLayer::custom(|panic: Box<dyn std::any::Any + Send>| caught(&*panic)));
    everybody(Router::new().nest("/api/v1", streams).merge(ordinary))
}

/// Compresses what is made for one request. What carries an ETag is sent as it is: its tag would stand for two encodings of
/// different bytes, and the site's files are compressed beforehand, each encoding with a tag of its own.
fn compression() -> CompressionLayer<impl Predicate> {
    let has_no_tag = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| !headers.contains_key(header::ETAG);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(DefaultPredicate::new().and(has_no_tag))
}

/// The server functions, each at its whole path: they are found by it, and nesting would cut it.
fn server_functions(renderer: &Renderer) -> Router {
    let routes = server_fn_paths().map(|(path, method)| {
        let hub = renderer.hub.clone();
        let handler = move |request: Request| {
            let (zone, words) = (reader_zone(request.headers()), reader_words(request.headers()));
            let acting = hub.acting(actor_of(request.headers()));
            let prepare = move || {
                provide_context(Backing(Arc::new(acting.clone())));
                provide_context(words);
                if let Some(zone) = zone.clone() {
                    provide_context(zone);
                }
            };
            handle_server_fns_with_context(prepare, request)
        };
        (path, MethodFilter::try_from(method).map(|method| on(method, handler)))
    });
    let add = |router: Router, (path, handler): (&str, _)| match handler {
        Ok(handler) => router.route(path, handler),
        // Those that are declared here are read and posted to.
        Err(_) => router,
    };
    routes
        .fold(Router::new(), add)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(middleware::map_response(tell_status))
        .layer(middleware::from_fn_with_state(renderer.clone(), answer_form))
}

/// Answers a form that was posted without scripts: with the page it leads to, or with its own page and what was refused.
async fn answer_form(State(renderer): State<Renderer>, request: Request, next: Next) -> Response {
    let (form, request) = match forms::read(request).await {
        Ok(read) => read,
        Err(refusal) => return refusal.into_response(),
    };
    let response = next.run(request).await;
    let Some(form) = form else { return response };
    match form.outcome(response).await {
        Outcome::Answered(response) => response,
        Outcome::Refused(refusal) => renderer.refuse(form, refusal).await,
    }
}

/// Gives a refused server function the status of its refusal; the framework says 500 to every one.
async fn tell_status(response: Response) -> Response {
    if !response.headers().contains_key(server_fn::error::SERVER_FN_ERROR_HEADER) || response.status().is_redirection() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, FORM_LIMIT).await else {
        return super::error::internal(&"a refusal could not be read").into_response();
    };
    if let Ok(refusal) = serde_json::from_slice::<ApiError>(&bytes) {
        head.status = StatusCode::from_u16(refusal.code.status()).unwrap_or(head.status);
    }
    Response::from_parts(head, Body::from(bytes))
}

/// What operators and their tools ask.
fn operations(parts: &RouterParts) -> Router {
    let ready = Arc::clone(&parts.ready);
    let (streams, prometheus) = (Arc::clone(&parts.streams), parts.prometheus.clone());
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(async move || answer_ready(ready.refusal())))
        .route("/metrics", get(async move || render_metrics(&streams, &prometheus)))
        .method_not_allowed_fallback(method_not_allowed)
}

fn answer_ready(refusal: Option<Cow<'static, str>>) -> Response {
    match refusal {
        None => "ready\n".into_response(),
        Some(why) => ApiError::new(ErrorCode::Unavailable, why.into_owned()).into_response(),
    }
}

fn render_metrics(streams: &Streams, prometheus: &PrometheusHandle) -> Response {
    // Counted by plain atomics on the hot path, and handed to the registry when somebody looks.
    metrics::gauge!("foliostream_streams").set(streams.open.load(Ordering::Relaxed) as f64);
    metrics::counter!("foliostream_frames_total").absolute(streams.frames.load(Ordering::Relaxed));
    metrics::counter!("foliostream_frame_bytes_total").absolute(streams.bytes.load(Ordering::Relaxed));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], prometheus.render()).into_response()
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed, Refusals::method_not_allowed())
}

fn caught(panic: &(dyn std::any::Any + Send)) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    super::error::internal(&text.unwrap_or("a handler panicked")).into_response()
}

/// Counts streams that were refused before they started.
async fn count_refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if !response.status().is_success() {
        let status = response.status().as_str().to_owned();
        metrics::counter!("foliostream_streams_refused_total", "status" => status).increment(1);
    }
    response
}

/// Measures the time to an answer's head, by route.
async fn measure(route: Option<MatchedPath>, State(()): State<()>, request: Request, next: Next) -> Response {
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    metrics::histogram!("foliostream_http_seconds", "route" => route, "status" => status).record(started.elapsed().as_secs_f64());
    response
}
