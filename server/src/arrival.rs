//! How a request comes in: its body at a least rate and within a time, and all of it within a memory that unfinished requests share.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::Refusals;

use super::clock::Clock;

/// The longest a request's head may take, and a TLS handshake before it; a body may take as long before its rate is looked at.
const LONGEST_HEAD: Duration = Duration::from_secs(10);

/// What a body must bring on average, in bytes a second, once its grace is over: the slowest line brings it, and who only holds
/// a connection open does not.
const LEAST_RATE: u64 = 1_024;

/// Bytes of all requests under way together, over all connections: a dozen of the largest (2 MiB), or thousands of usual ones.
const BUDGET: usize = 32 * 1024 * 1024;

/// Bytes up to which a body is a small one: a form, an alert, a few hundred quotes. A head of no more is not counted.
const SMALL: usize = 16 * 1024;

/// Bytes of the budget that large bodies leave alone, so that small ones are taken while somebody holds large ones back.
const KEPT_FOR_SMALL: usize = BUDGET / 4;

/// How long the parts of a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// A TLS handshake; a head, from the first chance to send it on; and a body before its rate is looked at.
    pub head: Duration,
    /// A whole body, at whatever rate.
    pub body: Duration,
}

impl Deadlines {
    /// Makes the deadlines of requests that may take `whole`.
    pub fn of(whole: Duration) -> Self {
        Self { head: whole.min(LONGEST_HEAD), body: whole }
    }

    /// Returns how long a body may have taken of which so many bytes have come: 10 s and one more for each KiB, up to 60 s.
    fn allowed(self, received: u64) -> Duration {
        self.head.saturating_add(Duration::from_secs(received / LEAST_RATE)).min(self.body)
    }
}

/// What all requests under way share.
#[derive(Debug)]
pub(crate) struct Arrivals {
    clock: Clock,
    deadlines: Deadlines,
    held: AtomicUsize,
}

impl Arrivals {
    /// Holds no bodies yet.
    pub(crate) fn new(clock: Clock, deadlines: Deadlines) -> Self {
        Self { clock, deadlines, held: AtomicUsize::new(0) }
    }

    /// Returns how long the parts of a request may take.
    pub(crate) fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// Takes `bytes` more of a body that will have `total` then; false where there is no room.
    fn hold(&self, bytes: usize, total: usize) -> bool {
        let room = if total > SMALL { BUDGET - KEPT_FOR_SMALL } else { BUDGET };
        let grown = |held: usize| held.checked_add(bytes).filter(|held| *held <= room);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown).is_ok()
    }
}

/// The head of a request that has not come whole yet.
#[derive(Debug)]
pub(crate) struct Head {
    arrivals: Arc<Arrivals>,
    received: usize,
    held: usize,
}

impl Head {
    /// Begins a head of which nothing has come.
    pub(crate) fn new(arrivals: Arc<Arrivals>) -> Self {
        Self { arrivals, received: 0, held: 0 }
    }

    /// Takes `bytes` more; false where there is no room for a head of that size.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        self.received += bytes;
        let missing = self.received.saturating_sub(SMALL) - self.held;
        if missing > 0 && !self.arrivals.hold(missing, self.received) {
            metrics::counter!("foliostream_requests_cut_total", "reason" => "memory").increment(1);
            return false;
        }
        self.held += missing;
        true
    }

    /// Begins the next head; what was held for this one is given back.
    pub(crate) fn clear(&mut self) {
        self.arrivals.held.fetch_sub(std::mem::take(&mut self.held), Ordering::Relaxed);
        self.received = 0;
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Watches over a request's body until it is answered.
pub(crate) async fn watch(State(arrivals): State<Arc<Arrivals>>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let version = request.version();
    let held = Arc::new(Held { arrivals, bytes: AtomicUsize::new(0), refused: OnceLock::new() });
    let response = next.run(request.map(|body| Body::new(Arriving::new(body, Arc::clone(&held))))).await;
    match held.refused.get() {
        None => response,
        Some(refusal) => refusal.answer(version),
    }
}

/// The bytes of one body, held until its request is answered.
#[derive(Debug)]
struct Held {
    arrivals: Arc<Arrivals>,
    bytes: AtomicUsize,
    refused: OnceLock<Refusal>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.arrivals.held.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
    }
}

/// Why the rest of a body is not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Slow,
    Full,
}

impl Refusal {
    fn answer(self, version: Version) -> Response {
        let (reason, refusal) = match self {
            Self::Slow => ("slow", ApiError::new(ErrorCode::TimedOut, Refusals::came_too_slowly())),
            Self::Full => ("memory", ApiError::new(ErrorCode::Unavailable, Refusals::too_many_requests_now())),
        };
        metrics::counter!("foliostream_requests_cut_total", "reason" => reason).increment(1);
        let mut response = refusal.into_response();
        if version <= Version::HTTP_11 {
            // What is left of the body would be taken for the next request.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Slow => "the body came too slowly",
            Self::Full => "there is no room for the body",
        })
    }
}

impl std::error::Error for Refusal {}

type Alarm = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body that is given up when it comes too slowly or finds no room.
struct Arriving {
    body: Body,
    held: Arc<Held>,
    received: u64,
    /// How long it has been waited for, as far as alarms have told.
    waited: Duration,
    /// Rings when that is `.0`. One is set while something is waited for, and a body that comes at once never has one.
    alarm: Option<(Duration, Alarm)>,
}

impl Arriving {
    fn new(body: Body, held: Arc<Held>) -> Self {
        Self { body, held, received: 0, waited: Duration::ZERO, alarm: None }
    }

    /// Is ready when the body has taken longer than what has come of it allows.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let arrivals = &self.held.arrivals;
        loop {
            let allowed = arrivals.deadlines.allowed(self.received);
            if self.waited >= allowed {
                return Poll::Ready(());
            }
            let (until, alarm) = self.alarm.get_or_insert_with(|| {
                let (clock, rest) = (arrivals.clock.clone(), allowed - self.waited);
                (allowed, Box::pin(async move { clock.sleep(rest).await }))
            });
            ready!(alarm.as_mut().poll(context));
            self.waited = *until;
            self.alarm = None;
        }
    }

    /// Takes the next bytes, where there is room.
    fn take(&mut self, bytes: &Bytes) -> Result<(), Refusal> {
        self.received += bytes.len() as u64;
        let total = usize::try_from(self.received).unwrap_or(usize::MAX);
        if !self.held.arrivals.hold(bytes.len(), total) {
            return Err(Refusal::Full);
        }
        self.held.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(())
    }

    fn refuse(&self, refusal: Refusal) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let _first_wins = self.held.refused.set(refusal);
        Poll::Ready(Some(Err(axum::Error::new(refusal))))
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let arriving = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut arriving.body).poll_frame(context) else {
            ready!(arriving.poll_late(context));
            return arriving.refuse(Refusal::Slow);
        };
        if let Some(Ok(frame)) = &frame
            && let Some(bytes) = frame.data_ref()
            && let Err(refusal) = arriving.take(bytes)
        {
            return arriving.refuse(refusal);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use http_body_util::BodyExt;
    use tokio::sync::mpsc;

    type Parts = mpsc::Sender<Result<Bytes, std::io::Error>>;

    fn arrivals() -> Arc<Arrivals> {
        let clock = Clock::manual("2026-11-02T10:00:00Z".parse().unwrap());
        Arc::new(Arrivals::new(clock, Deadlines::of(Duration::from_secs(60))))
    }

    fn arriving(arrivals: &Arc<Arrivals>) -> (Parts, Arriving) {
        let (parts, receiver) = mpsc::channel(4);
        let stream = futures::stream::unfold(receiver, async |mut receiver: mpsc::Receiver<_>| {
            receiver.recv().await.map(|part| (part, receiver))
        });
        let held = Held { arrivals: Arc::clone(arrivals), bytes: AtomicUsize::new(0), refused: OnceLock::new() };
        (parts, Arriving::new(Body::from_stream(stream.boxed()), Arc::new(held)))
    }

    async fn ask_once(body: &mut Arriving) -> Option<Option<Result<usize, String>>> {
        let frame = futures::poll!(body.frame());
        let told = |frame: Option<Result<Frame<Bytes>, axum::Error>>| {
            frame.map(|frame| frame.map(|frame| frame.data_ref().map_or(0, Bytes::len)).map_err(|error| error.to_string()))
        };
        match frame {
            Poll::Pending => None,
            Poll::Ready(frame) => Some(told(frame)),
        }
    }

    #[test]
    fn a_body_has_a_grace_then_a_second_for_each_kibibyte_and_an_end() {
        let deadlines = Deadlines::of(Duration::from_secs(60));
        for (received, seconds) in [(0, 10), (1_023, 10), (1_024, 11), (20_480, 30), (51_200, 60), (2_000_000, 60)] {
            assert_eq!(deadlines.allowed(received), Duration::from_secs(seconds), "{received} bytes");
        }
        assert_eq!(Deadlines::of(Duration::from_secs(2)).head, Duration::from_secs(2));
    }

    #[tokio::test]
    async fn a_body_of_which_nothing_comes_is_given_up_after_its_grace() {
        let arrivals = arrivals();
        let (parts, mut body) = arriving(&arrivals);
        assert_eq!(ask_once(&mut body).await, None);
        arrivals.clock.advance(Duration::from_secs(9));
        assert_eq!(ask_once(&mut body).await, None);
        arrivals.clock.advance(Duration::from_secs(1));
        assert!(matches!(ask_once(&mut body).await, Some(Some(Err(_)))));
        assert_eq!(body.held.refused.get(), Some(&Refusal::Slow));
        drop(parts);
    }

    #[tokio::test]
    async fn what_comes_at_the_least_rate_is_waited_for_until_the_whole_has_taken_too_long() {
        let arrivals = arrivals();
        let (parts, mut body) = arriving(&arrivals);
        for second in 0..60 {
            parts.send(Ok(Bytes::from_static(&[b'x'; 1_024]))).await.unwrap();
            assert_eq!(ask_once(&mut body).await, Some(Some(Ok(1_024))), "after {second} s");
            assert_eq!(ask_once(&mut body).await, None, "after {second} s");
            arrivals.clock.advance(Duration::from_secs(1));
        }
        assert!(matches!(ask_once(&mut body).await, Some(Some(Err(_)))), "not for ever");
    }

    #[tokio::test]
    async fn a_trickle_below_the_least_rate_is_given_up() {
        let arrivals = arrivals();
        let (parts, mut body) = arriving(&arrivals);
        let mut seconds = 0;
        loop {
            parts.send(Ok(Bytes::from_static(b"x"))).await.unwrap();
            assert_eq!(ask_once(&mut body).await, Some(Some(Ok(1))));
            match ask_once(&mut body).await {
                None => {}
                Some(Some(Err(_))) => break,
                other => panic!("{other:?}"),
            }
            arrivals.clock.advance(Duration::from_secs(1));
            seconds += 1;
        }
        assert_eq!(seconds, 10);
    }

    #[test]
    fn heads_that_are_large_share_the_budget_and_give_it_back_when_they_are_whole() {
        let arrivals = arrivals();
        let (mut head, most) = (Head::new(Arc::clone(&arrivals)), BUDGET - KEPT_FOR_SMALL);
        assert!(head.take(SMALL));
        assert_eq!(arrivals.held.load(Ordering::Relaxed), 0);
        assert!(head.take(most) && !Head::new(Arc::clone(&arrivals)).take(SMALL + 1));
        assert_eq!(arrivals.held.load(Ordering::Relaxed), most);
        head.clear();
        assert_eq!(arrivals.held.load(Ordering::Relaxed), 0);
        assert!(head.take(SMALL + 1));
        drop(head);
        assert_eq!(arrivals.held.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn bodies_share_a_budget_of_which_the_small_keep_a_part_and_what_is_answered_is_given_back() {
        let arrivals = arrivals();
        let large = Bytes::from(vec![0; 1024 * 1024]);
        let mut held = Vec::new();
        loop {
            let (parts, mut body) = arriving(&arrivals);
            parts.send(Ok(large.clone())).await.unwrap();
            match ask_once(&mut body).await {
                Some(Some(Ok(_))) => held.push((parts, body)),
                Some(Some(Err(_))) => break assert_eq!(body.held.refused.get(), Some(&Refusal::Full)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(held.len(), (BUDGET - KEPT_FOR_SMALL) / large.len());
        let (parts, mut small) = arriving(&arrivals);
        parts.send(Ok(large.slice(..SMALL))).await.unwrap();
        assert_eq!(ask_once(&mut small).await, Some(Some(Ok(SMALL))), "small ones are taken all the same");
        drop((held, small));
        assert_eq!(arrivals.held.load(Ordering::Relaxed), 0);
    }
}
