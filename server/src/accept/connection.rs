//! One connection from its first byte to its last answer, or to the stream it becomes.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, Version, header};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::answer::Answer;
use super::encrypted::Encrypted;
use super::head;
use super::readers::{Readers, UnderWay, Verdict};
use super::socket::{Socket, SocketState};
use super::watched::Watched;
use crate::admission::{Addresses, Admission};
use crate::arrival::{Arrivals, Deadlines};
use crate::sse::body::Parcel;
use crate::sse::follower::Follower;
use crate::sse::reactor::{Arrival, Reactors};
use crate::sse::streams::Streams;
use crate::tally::Tally;
use crate::tls;
use crate::tls::session::Session;

/// The largest request head: a hostile `Last-Event-ID` of 64 KB still gets its stream and its reset. Buffers begin at 8 KB and
/// grow only while something large is under way, so that an idle stream weighs no more for it.
const BUFFER_BYTES: usize = 98_304;

/// Bytes an HTTP/2 stream may have written ahead of its reader.
const HTTP_2_SEND_BYTES: usize = 16_384;

/// Requests at a time on one HTTP/2 connection: a stream for each of many tabs, and the parts of a page. A browser asks for more
/// when some are answered.
const HTTP_2_REQUESTS: u32 = 32;

/// Bytes of bodies that an HTTP/2 client may send before they are read: on one request, and on all of a connection.
const HTTP_2_WINDOWS: [u32; 2] = [65_536, 262_144];

/// The largest head of a request over HTTP/2, unpacked.
const HTTP_2_HEAD_BYTES: u32 = 16_384;

/// Silence after which the peer of an HTTP/2 connection is asked whether it is there.
const HTTP_2_PING: Duration = Duration::from_secs(20);

/// How long a connection that was asked to end may take to.
const GOODBYE: Duration = Duration::from_secs(5);

/// The parts that every connection is served with.
pub(crate) struct Acceptance {
    /// The routes that requests are answered by.
    pub router: Router,
    /// The reactors, which write streams without hyper; `None` where hyper writes all of them.
    pub reactors: Option<Arc<Reactors>>,
    /// The state that all streams of the process share.
    pub streams: Arc<Streams>,
    /// The certificate, where connections are encrypted.
    pub tls: Option<Arc<ServerConfig>>,
    /// Connections open at once.
    pub max_connections: u32,
    /// Connections of each address.
    pub addresses: Arc<Addresses>,
    /// What requests that have not come whole share.
    pub arrivals: Arc<Arrivals>,
    /// The counts in which slow peers are counted.
    pub tally: Arc<Tally>,
}

/// What every connection is served with: an [`Acceptance`] as its connections use it.
pub(crate) struct Serving {
    /// Turned into services once, instead of at every request.
    router: Router,
    reactors: Option<Arc<Reactors>>,
    streams: Arc<Streams>,
    tls: Option<Arc<ServerConfig>>,
    tally: Arc<Tally>,
    arrivals: Arc<Arrivals>,
    deadlines: Deadlines,
    stop: CancellationToken,
}

/// The two halves of a connection that hyper holds apart: its socket, and its requests.
struct Link {
    socket: Arc<SocketState>,
    /// The stream that the connection becomes, with the head of its response.
    stream: Mutex<Option<(Bytes, Follower)>>,
    /// The watch over a client that reads its answers and streams, where there may be many on one connection.
    readers: Readers,
}

impl Link {
    fn new(arrivals: &Arc<Arrivals>) -> Self {
        let socket = Arc::new(SocketState::counting(Arc::clone(arrivals)));
        Self { socket, stream: Mutex::default(), readers: Readers::default() }
    }

    /// Has an answer over HTTP/2, or the stream in its parcel, looked after until its end.
    fn watch(&self, response: Response<Body>, parcel: Option<Parcel>, under_way: UnderWay) -> Response<Body> {
        if let Some(parcel) = parcel {
            parcel.place().iter().for_each(|place| self.readers.add_stream(place));
            return response;
        }
        response.map(|body| {
            let answer = Answer::new(body, under_way);
            self.readers.add_answer(answer.progress());
            Body::new(answer)
        })
    }
}

impl Serving {
    /// Serves with what was accepted, until `stop`.
    pub(crate) fn new(acceptance: Acceptance, stop: CancellationToken) -> Self {
        let Acceptance { router, reactors, streams, tls, tally, arrivals, .. } = acceptance;
        let deadlines = arrivals.deadlines();
        Self { router: router.with_state(()), reactors, streams, tls, tally, arrivals, deadlines, stop }
    }

    /// Returns whether connections are encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves one connection of plain HTTP/1.1 to its end, or until it is a stream. The connection owns its permit, and hands it
    /// over to the reactor together with the socket.
    pub(crate) async fn serve_plain(self: Arc<Self>, stream: TcpStream, address: SocketAddr, admission: Admission) {
        let link = Arc::new(Link::new(&self.arrivals));
        let socket = Socket::new(stream, Arc::clone(&link.socket));
        let service = self.service(address, &link, self.reactors.is_some());
        let io = Watched::new(socket, Arc::clone(&link.socket));
        let mut connection = self.http1().serve_connection(TokioIo::new(io), service);
        match self.finish(&mut connection, &link).await {
            Ok(Finish::Answered) => {}
            Ok(Finish::Stream) => self.hand_over(connection.into_parts().io.into_inner().into_inner(), None, &link, admission),
            Err(error) => self.note(address, &error),
        }
    }

    fn hand_over(&self, socket: Socket, session: Option<Box<Session>>, link: &Link, admission: Admission) {
        let taken = link.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some((head, follower)), Some(reactors)) = (taken, &self.reactors) else { return };
        match socket.into_stream() {
            Ok(socket) => reactors.hand_over(Arrival { socket, session, head, follower, admission }),
            Err(error) => tracing::warn!("a stream cannot be taken from the runtime and ends: {error}"),
        }
    }

    /// Serves one connection within TLS to its end, or over HTTP/1.1 until it is a stream. The connection owns its permit.
    pub(crate) async fn serve_encrypted(self: Arc<Self>, stream: TcpStream, address: SocketAddr, admission: Admission) {
        let link = Arc::new(Link::new(&self.arrivals));
        let socket = Socket::new(stream, Arc::clone(&link.socket));
        let ended = match &self.tls {
            Some(config) => self.answer_encrypted(config, socket, address, link, admission).await,
            None => Ok(()),
        };
        if let Err(error) = ended {
            self.note(address, &*error);
        }
    }

    async fn answer_encrypted(
        &self,
        config: &Arc<ServerConfig>,
        socket: Socket,
        address: SocketAddr,
        link: Arc<Link>,
        admission: Admission,
    ) -> Result<(), Failure> {
        let socket = tokio::time::timeout(self.deadlines.head, Encrypted::accept(socket, config)).await??;
        // Each boxed, so that neither kind of connection has room for the other.
        if socket.protocol() == Some(tls::HTTP_2) {
            let answered = Box::pin(self.answer_http_2(socket, address, &link)).await;
            drop(admission);
            return answered;
        }
        Box::pin(self.answer_http_1(socket, address, &link, admission)).await
    }

    async fn answer_http_1(
        &self,
        socket: Encrypted,
        address: SocketAddr,
        link: &Arc<Link>,
        admission: Admission,
    ) -> Result<(), Failure> {
        let service = self.service(address, link, self.reactors.is_some());
        let io = Watched::new(socket, Arc::clone(&link.socket));
        let mut connection = self.http1().serve_connection(TokioIo::new(io), service);
        if self.finish(&mut connection, link).await? == Finish::Stream {
            let (socket, session) = connection.into_parts().io.into_inner().into_inner().into_parts();
            self.hand_over(socket, Some(session), link, admission);
        }
        Ok(())
    }

    async fn answer_http_2(&self, socket: Encrypted, address: SocketAddr, link: &Arc<Link>) -> Result<(), Failure> {
        let service = self.service(address, link, false);
        link.socket.begin_request();
        let connection = http2().serve_connection(TokioIo::new(socket), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            biased;
            ended = connection.as_mut() => ended?,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await?;
            }
            verdict = link.readers.until_verdict(&self.streams) => match verdict {
                // The others of the connection end with the one that stands still, and come back with their cursors.
                Verdict::StandsStill => self.tally.slow_closed(),
                Verdict::Idle => {
                    connection.as_mut().graceful_shutdown();
                    tokio::select! {
                        biased;
                        ended = connection => ended?,
                        () = self.streams.ground.clock.sleep(GOODBYE) => {}
                    }
                }
            },
        }
        Ok(())
    }

    /// Notes how a connection ended. A client that hangs up is everyday life.
    fn note(&self, address: SocketAddr, error: &(dyn std::error::Error + 'static)) {
        tracing::debug!(%address, "a connection ended: {error}");
        if took_nothing(error) {
            self.tally.slow_closed();
        }
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.deadlines.head).max_buf_size(BUFFER_BYTES);
        builder
    }

    /// Lets a connection answer until it ends, is asked to end and has, or becomes a stream.
    async fn finish<I>(&self, connection: &mut http1::Connection<TokioIo<I>, Service>, link: &Link) -> hyper::Result<Finish>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut stop = std::pin::pin!(self.stop.cancelled());
        let mut is_stopping = false;
        std::future::poll_fn(|context| {
            if !is_stopping && stop.as_mut().poll(context).is_ready() {
                is_stopping = true;
                Pin::new(&mut *connection).graceful_shutdown();
            }
            let ended = Pin::new(&mut *connection).poll(context);
            // The request's own poll, just now, may have left a stream behind.
            let is_stream = link.stream.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if is_stream { Poll::Ready(Ok(Finish::Stream)) } else { ended.map_ok(|()| Finish::Answered) }
        })
        .await
    }

    fn service(&self, address: SocketAddr, link: &Arc<Link>, hands_over: bool) -> Service {
        Service { router: self.router.clone(), address, link: Arc::clone(link), hands_over }
    }
}

/// What is spoken over HTTP/2: what a peer may hold of us is bounded, whatever it takes or does not take.
fn http2() -> http2::Builder<TokioExecutor> {
    let [one, all] = HTTP_2_WINDOWS;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP_2_PING)
        .max_send_buf_size(HTTP_2_SEND_BYTES)
        .max_concurrent_streams(HTTP_2_REQUESTS)
        .max_header_list_size(HTTP_2_HEAD_BYTES)
        .initial_stream_window_size(one)
        .initial_connection_window_size(all);
    builder
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(PartialEq, Eq)]
enum Finish {
    Answered,
    Stream,
}

/// Answers a connection's requests.
struct Service {
    router: Router,
    address: SocketAddr,
    link: Arc<Link>,
    hands_over: bool,
}

impl hyper::service::Service<Request<Incoming>> for Service {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.address));
        let version = request.version();
        let may_hand_over = self.hands_over && version == Version::HTTP_11 && request.body().is_end_stream();
        let (answer, link) = (self.router.clone().oneshot(request.map(Body::new)), Arc::clone(&self.link));
        let under_way = (version > Version::HTTP_11).then(|| link.readers.begin());
        link.socket.begin_request();
        Box::pin(async move {
            let mut response = answer.await?;
            let parcel = response.extensions_mut().remove::<Parcel>();
            if let Some(under_way) = under_way {
                return Ok(link.watch(response, parcel, under_way));
            }
            let Some(parcel) = parcel else {
                link.socket.end_request();
                return Ok(response);
            };
            // A connection that became a stream ends with it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            link.socket.carry_stream();
            if !may_hand_over || link.socket.is_full() {
                return Ok(response);
            }
            let Some(follower) = parcel.take() else { return Ok(response) };
            let now = follower.streams().ground.clock.now();
            let head = head::write(response.status(), response.headers(), now.into());
            *link.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, follower));
            // This is not polled again: the connection is taken apart.
            std::future::pending().await
        })
    }
}

/// Returns whether the kernel gave a peer up that had acknowledged nothing for too long.
fn took_nothing(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}
