//! The six streams as axum handlers: refuse, take a place, answer with a body that follows the board.

mod insisting;
pub mod request;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::actor::actor_of;
use crate::board::{Endpoint, Filter, JobsOf};
use crate::error::internal;
use crate::extract::Path;
use crate::presence::{Full, Presence};
use crate::sse::body::StreamBody;
use crate::sse::follower::Follower;
use crate::sse::initial_sync::{InitialSync, Start};
use crate::sse::limits::{LimitReached, Ticket};
use crate::sse::streams::Streams;
use crate::together;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::user::Actor;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::live::{ByeReason, Cursor};
use foliostream::wire::views::PortfolioView;
use foliostream::words::Refusals;

use self::insisting::Insisting;
pub use self::insisting::answer_calls;
use self::request::{StreamQuery, accepts_event_stream, last_event_id};

/// The parts that every handler of a stream is given.
#[derive(Clone, Debug)]
pub struct StreamDoor {
    /// The state that all streams of the process share.
    pub streams: Arc<Streams>,
    /// Who is connected: every stream of a tab is an entry.
    pub presence: Arc<Presence>,
}

/// Routes of the streams below `/api/v1`.
pub fn routes(door: StreamDoor) -> Router {
    Router::new()
        .route("/sse/prices", get(prices))
        .route("/sse/portfolio/{portfolio_id}", get(portfolio))
        .route("/sse/notifications", get(notifications))
        .route("/sse/stream", get(stream))
        .route("/sse/metrics", get(metrics))
        .route("/sse/jobs/{job_id}", get(job))
        .with_state(door)
}

async fn prices(asking: Asking) -> Result<Response, ApiError> {
    if asking.query.tickers.is_empty() {
        return Err(missing("tickers", "Name the tickers, as in ?tickers=AAPL,MSFT."));
    }
    let filter = Filter::new(Endpoint::Prices, None, asking.query.tickers.clone(), None);
    asking.open(filter).await
}

async fn portfolio(Path(portfolio_id): Path<String>, asking: Asking) -> Result<Response, ApiError> {
    asking.open(Filter::new(Endpoint::Portfolio, Some(&portfolio_id), Vec::new(), None)).await
}

async fn notifications(asking: Asking) -> Result<Response, ApiError> {
    let user = asking.actor.user.clone();
    asking.open(Filter::new(Endpoint::Notifications, None, Vec::new(), Some(user))).await
}

async fn stream(asking: Asking) -> Result<Response, ApiError> {
    let query = &asking.query;
    if query.portfolio.is_none() && query.tickers.is_empty() && !query.notifications && !query.metrics && !query.jobs {
        return Err(missing("tickers", "name a portfolio, tickers, notifications=true, jobs=true or metrics=true"));
    }
    let user = query.notifications.then(|| asking.actor.user.clone());
    let filter = Filter::new(Endpoint::Stream, query.portfolio.as_deref(), query.tickers.clone(), user);
    let jobs = query.jobs.then(|| JobsOf { owner: asking.actor.user.clone(), job: None });
    let filter = filter.with_metrics(query.metrics).with_jobs(jobs).in_form(query.form);
    asking.open(filter).await
}

async fn job(Path(job_id): Path<String>, asking: Asking) -> Result<Response, ApiError> {
    let owner = asking.actor.user.clone();
    if asking.streams.ground.store.of(&owner).job(&job_id).await?.is_none() {
        return Err(ApiError::not_found(Refusals::no_such_job()));
    }
    let jobs = JobsOf { owner, job: Some(job_id.as_str().into()) };
    asking.open(Filter::new(Endpoint::Job, None, Vec::new(), None).with_jobs(Some(jobs))).await
}

fn no_such_portfolio() -> ApiError {
    ApiError { field: Some("portfolio".to_owned()), ..ApiError::not_found(Refusals::no_such_portfolio()) }
}

async fn metrics(asking: Asking) -> Result<Response, ApiError> {
    asking.open(Filter::new(Endpoint::Metrics, None, Vec::new(), None).with_metrics(true)).await
}

/// A request for a stream: the actor, the address, and what is asked for.
struct Asking {
    streams: Arc<Streams>,
    presence: Arc<Presence>,
    actor: Actor,
    address: SocketAddr,
    method: Method,
    headers: HeaderMap,
    query: StreamQuery,
    /// The cursor as it was sent; it may be anything.
    last_event_id: Option<String>,
}

impl FromRequestParts<StreamDoor> for Asking {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, door: &StreamDoor) -> Result<Self, ApiError> {
        let query = StreamQuery::read(&parts.uri)?;
        let address = ConnectInfo::from_request_parts(parts, door).await.map_err(|error| internal(&error))?;
        Ok(Self {
            streams: Arc::clone(&door.streams),
            presence: Arc::clone(&door.presence),
            actor: actor_of(&parts.headers),
            address: address.0,
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            last_event_id: last_event_id(&parts.headers, &query),
            query,
        })
    }
}

impl Asking {
    /// Refuses, or answers with the stream.
    async fn open(self, filter: Filter) -> Result<Response, ApiError> {
        let filter = self.looked_up(filter).await?;
        if !accepts_event_stream(&self.headers) {
            return Err(ApiError::new(ErrorCode::NotAcceptable, Refusals::answers_with_a_stream()));
        }
        if self.query.form != filter.form {
            let message = Refusals::only_stream_is_compact();
            return Err(ApiError { field: Some("format".to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) });
        }
        self.require_portfolio(&filter).await?;
        let unknown = self.unknown_tickers(&filter)?;
        if self.method == Method::HEAD {
            // Of unknown length, as the stream's own: otherwise the answer would carry a content-length.
            return Ok(respond(Body::from_stream(
                futures::stream::empty::<Result<axum::body::Bytes, std::convert::Infallible>>(),
            )));
        }
        if let Some(cursor) = self.foreign_cursor() {
            self.streams.ground.board.catch_up_with(cursor).await;
        }
        let ticket = self.take_place().await?;
        let group = self.streams.groups.group(filter);
        let start = Start::decide_among(self.last_event_id.as_deref(), &group, &self.streams).await;
        if matches!(start, Start::Elsewhere(_)) {
            ticket.place().end_at(i64::MIN, ByeReason::Drain);
        }
        let opening = InitialSync::new(Arc::clone(&self.streams), Arc::clone(&group), start, Some(unknown));
        let follower = Follower::new(opening, self.streams, group, ticket, self.query.min_interval_ms);
        let (body, parcel) = StreamBody::new(follower);
        let mut response = respond(Body::new(body));
        response.extensions_mut().insert(parcel);
        Ok(response)
    }

    /// Has the board look at all of the actor's portfolios as one, where the stream is about `all`; 404 where there is none.
    async fn looked_up(&self, filter: Filter) -> Result<Filter, ApiError> {
        if filter.portfolio.as_deref() != Some(PortfolioView::ALL) {
            return Ok(filter);
        }
        let ground = &self.streams.ground;
        let together = together::look_together(ground, ground.store.of(&self.actor.user)).await?;
        let together = together.ok_or_else(no_such_portfolio)?;
        Ok(Filter { portfolio: Some(together.key().into()), ..filter })
    }

    /// Refuses a portfolio that the actor does not have.
    async fn require_portfolio(&self, filter: &Filter) -> Result<(), ApiError> {
        let Some(id) = filter.portfolio.as_deref() else { return Ok(()) };
        if self.streams.ground.board.comes_to_know(id, self.streams.ground.store.of(&self.actor.user)).await {
            return Ok(());
        }
        Err(no_such_portfolio())
    }

    /// Returns the unknown tickers; refuses where a stream would never carry anything else.
    fn unknown_tickers(&self, filter: &Filter) -> Result<Vec<String>, ApiError> {
        let unknown: Vec<&Ticker> = filter.tickers.iter().filter(|ticker| !self.streams.ground.board.knows(ticker)).collect();
        let only_unknown = !unknown.is_empty() && unknown.len() == filter.tickers.len();
        let has_more = filter.portfolio.is_some() || filter.notifications.is_some() || filter.metrics || filter.jobs.is_some();
        if only_unknown && !has_more && self.last_event_id.is_none() {
            return Err(ApiError { field: Some("tickers".to_owned()), ..ApiError::not_found(Refusals::no_such_ticker()) });
        }
        Ok(unknown.into_iter().map(ToString::to_string).collect())
    }

    /// Returns the cursor of a client that may come from another worker, and know more than this one.
    fn foreign_cursor(&self) -> Option<Cursor> {
        self.last_event_id.as_deref()?.parse().ok().filter(|_| self.streams.follows)
    }

    /// Takes a place within the limits of this worker, and then of all. Where one is reached, those who hold the places are asked
    /// whether they are still there.
    async fn take_place(&self) -> Result<Ticket, ApiError> {
        let (streams, client) = (&self.streams, self.query.client);
        let (place, address) = (streams.new_place(), self.address.ip().to_canonical());
        let mut insisting = Insisting::new(streams, &self.presence, &self.actor.user, address);
        let mut ticket = loop {
            match streams.limits.take(self.actor.user.clone(), address, client, Arc::clone(&place)) {
                Ok(ticket) => break ticket,
                Err(reached) => insisting.make_room(reached).await.map_err(refuse_limit)?,
            }
        };
        let user_agent = self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let seat = loop {
            match self.presence.sit(&self.actor.user, client, user_agent, streams.ground.clock.now(), &place).await {
                Ok(seat) => break seat,
                Err(Full) => {
                    insisting.make_room(LimitReached::User(streams.limits.per_user())).await.map_err(refuse_limit)?;
                }
            }
        };
        seat.into_iter().for_each(|seat| ticket.keep(Box::new(seat)));
        Ok(ticket)
    }
}

fn missing(field: &str, message: &str) -> ApiError {
    ApiError { field: Some(field.to_owned()), ..ApiError::new(ErrorCode::BadRequest, message) }
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
