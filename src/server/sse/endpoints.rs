//! The five streams as axum handlers: refuse, take a place, answer with a body that follows the board.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::domain::instrument::Ticker;
use crate::server::board::Board;
use crate::server::clock::{Clock, later};
use crate::server::presence::Presence;
use crate::server::store::Store;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::live::{ByeReason, Cursor};

use super::body::StreamBody;
use super::filter::{Endpoint, Filter};
use super::follower::Follower;
use super::limits::{LimitReached, Limits};
use super::opening::{Opening, Start};
use super::place::Place;
use super::request::{StreamQuery, accepts_event_stream, last_event_id};
use super::wheel::Wheel;

/// What every stream shares.
#[derive(Debug)]
pub struct Streams {
    /// The replica they follow.
    pub board: Arc<Board>,
    /// Where old notifications are.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The heart of all.
    pub wheel: Wheel,
    /// Who may hold how many.
    pub limits: Arc<Limits>,
    /// Who is connected.
    pub presence: Arc<Presence>,
    /// Whose streams they are: without sign-in there is one user.
    pub user: Arc<str>,
    /// Said in `hello`: this process.
    pub worker: Arc<str>,
    /// Whether the engine may be another process, of which a client may know more than this one.
    pub follows: bool,
    /// Said in `hello`: seconds of silence before a heartbeat.
    pub heartbeat_s: u64,
    /// The oldest a stream gets before it is asked to come back.
    pub max_age: Duration,
    /// Whether the server is about to stop: what begins now ends at once.
    pub is_draining: AtomicBool,
    /// Streams open now.
    pub open: AtomicUsize,
    /// Writes so far.
    pub frames: AtomicU64,
    /// Bytes so far.
    pub bytes: AtomicU64,
}

impl Streams {
    /// Turns the wheel for as long as the server runs.
    pub async fn turn_wheel(self: Arc<Self>) {
        loop {
            let now = self.clock.now();
            self.wheel.turn(now.as_millisecond());
            self.clock.sleep_until(later(now, super::wheel::STEP)).await;
        }
    }

    /// Asks every stream to end, spread over `window`, and to come back elsewhere or later.
    pub fn drain(&self, window: Duration) {
        // First, so that a stream that enters its group later than this looks sees it.
        self.is_draining.store(true, Ordering::SeqCst);
        let now_ms = self.clock.now().as_millisecond();
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        for place in self.board.places() {
            // Leaves the last fifth of the window to the writes themselves.
            let at = now_ms + rand::random_range(0..=window_ms * 4 / 5);
            place.end_at(at, ByeReason::Drain);
            self.wheel.insert(place);
        }
    }
}

/// Routes of the streams.
pub fn routes() -> Router<Arc<Streams>> {
    Router::new()
        .route("/sse/prices", get(prices))
        .route("/sse/portfolio/{portfolio_id}", get(portfolio))
        .route("/sse/notifications", get(notifications))
        .route("/sse/stream", get(stream))
        .route("/sse/metrics", get(metrics))
}

type Client = (Method, Uri, HeaderMap);

async fn prices(
    State(streams): State<Arc<Streams>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = StreamQuery::read(&uri)?;
    if query.tickers.is_empty() {
        return Err(missing("tickers", "name the tickers: ?tickers=AAPL,MSFT"));
    }
    let filter = Filter::new(Endpoint::Prices, None, query.tickers.clone(), false);
    open(&streams, address, (method, uri, headers), query, filter).await
}

async fn portfolio(
    State(streams): State<Arc<Streams>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Path(portfolio_id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = StreamQuery::read(&uri)?;
    let filter = Filter::new(Endpoint::Portfolio, Some(&portfolio_id), Vec::new(), false);
    open(&streams, address, (method, uri, headers), query, filter).await
}

async fn notifications(
    State(streams): State<Arc<Streams>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = StreamQuery::read(&uri)?;
    open(&streams, address, (method, uri, headers), query, Filter::new(Endpoint::Notifications, None, Vec::new(), true)).await
}

async fn stream(
    State(streams): State<Arc<Streams>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = StreamQuery::read(&uri)?;
    if query.portfolio.is_none() && query.tickers.is_empty() && !query.notifications && !query.metrics {
        return Err(missing("tickers", "name a portfolio, tickers, notifications=true or metrics=true"));
    }
    let filter = Filter::new(Endpoint::Stream, query.portfolio.as_deref(), query.tickers.clone(), query.notifications);
    let filter = filter.with_metrics(query.metrics);
    open(&streams, address, (method, uri, headers), query, filter).await
}

async fn metrics(
    State(streams): State<Arc<Streams>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = StreamQuery::read(&uri)?;
    let filter = Filter::new(Endpoint::Metrics, None, Vec::new(), false).with_metrics(true);
    open(&streams, address, (method, uri, headers), query, filter).await
}

fn missing(field: &str, message: &str) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) }
}

async fn open(
    streams: &Arc<Streams>,
    address: SocketAddr,
    (method, _uri, headers): Client,
    query: StreamQuery,
    filter: Filter,
) -> Result<Response, ApiError> {
    if !accepts_event_stream(&headers) {
        return Err(ApiError::new(ErrorCode::NotAcceptable, "this answers with text/event-stream"));
    }
    if let Some(id) = filter.portfolio.as_deref()
        && !knows_portfolio(streams, id).await
    {
        return Err(ApiError { field: Some("portfolio".to_owned()), ..ApiError::not_found("portfolio") });
    }
    let last_event_id = last_event_id(&headers, &query);
    let unknown: Vec<Ticker> = filter.tickers.iter().filter(|ticker| !streams.board.knows(ticker)).cloned().collect();
    let only_unknown = !unknown.is_empty() && unknown.len() == filter.tickers.len();
    if only_unknown && last_event_id.is_none() && filter.portfolio.is_none() && !filter.notifications && !filter.metrics {
        return Err(ApiError { field: Some("tickers".to_owned()), ..ApiError::not_found("ticker") });
    }
    if method == Method::HEAD {
        // Of unknown length, as the stream's own: otherwise the answer would carry a content-length.
        return Ok(respond(Body::from_stream(futures::stream::empty::<Result<axum::body::Bytes, std::convert::Infallible>>())));
    }
    let cursor = last_event_id.as_deref().and_then(|text| text.parse::<Cursor>().ok()).filter(|_| streams.follows);
    if let Some(cursor) = cursor {
        streams.board.catch_up_with(cursor).await;
    }
    let place = new_place(streams);
    let ticket = streams.limits.take(Arc::clone(&streams.user), address.ip().to_canonical(), query.client, Arc::clone(&place));
    let mut ticket = ticket.map_err(refuse_limit)?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seat = streams.presence.sit(query.client, user_agent, streams.clock.now(), &place).await;
    if let Some(seat) = seat.map_err(|_| refuse_limit(LimitReached::User(streams.limits.per_user())))? {
        ticket.sit(seat);
    }
    let group = streams.board.group(filter);
    let mut head = streams.board.head();
    if cursor.is_some_and(|cursor| cursor.n > head.n) {
        // The store may be ahead of what this worker has heard, and streams read from it.
        head.n = head.n.max(streams.store.last_n().await.unwrap_or_default());
    }
    let start = Start::decide(last_event_id.as_deref(), group.hash(), head, streams.board.floor(group.filter()));
    let unknown = unknown.iter().map(ToString::to_string).collect();
    let opening = Opening::new(Arc::clone(streams), Arc::clone(&group), start, Some(unknown));
    let follower = Follower::new(opening, Arc::clone(streams), group, ticket, query.min_interval_ms);
    let (body, parcel) = StreamBody::new(follower);
    let mut response = respond(Body::new(body));
    response.extensions_mut().insert(parcel);
    Ok(response)
}

/// Tells whether a portfolio exists. One that another worker has just made may be announced a moment after it is stored.
async fn knows_portfolio(streams: &Streams, portfolio_id: &str) -> bool {
    if streams.board.has_portfolio(portfolio_id) || !streams.follows {
        return streams.board.has_portfolio(portfolio_id);
    }
    matches!(streams.store.portfolio(portfolio_id).await, Ok(Some(_))) && streams.board.expect_portfolio(portfolio_id).await
}

fn new_place(streams: &Streams) -> Arc<Place> {
    let now = streams.clock.now();
    let bye_at = later(now, streams.max_age.mul_f64(rand::random_range(0.8..=1.0)));
    Arc::new(Place::new(now, bye_at, rand::random_range(0..1_000)))
}

fn refuse_limit(reached: LimitReached) -> ApiError {
    let message = match reached {
        LimitReached::User(limit) => format!("{limit} streams are open already; close one, or raise --max-streams-per-user"),
        LimitReached::Address(limit) => format!("{limit} streams are open from this address already; close one"),
    };
    ApiError::new(ErrorCode::TooMany, message)
}

fn respond(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
