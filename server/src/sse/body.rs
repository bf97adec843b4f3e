//! The portable way to write a stream: as the body of an ordinary response, for HTTP/2, HTTP/1.0 and wherever hyper keeps the socket.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Bytes;

use super::follower::Follower;
use super::place::Place;

/// A stream that has not begun: an extension of the response it came with, from which a connection may take it to write it
/// without hyper.
#[derive(Clone)]
pub struct Parcel(Arc<Mutex<Option<Follower>>>);

impl Parcel {
    /// Returns what others know of the stream, unless it was taken.
    pub fn place(&self) -> Option<Arc<Place>> {
        self.lock().as_ref().map(|follower| Arc::clone(follower.place()))
    }

    /// Takes the stream out, once.
    pub fn take(&self) -> Option<Follower> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Follower>> {
        // A taking is one step: a panic elsewhere cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream as a body. Hyper polls it only while the client takes bytes.
pub enum StreamBody {
    /// Its first bytes have not been asked for.
    Waiting(Parcel),
    /// Boxed, so that what carries the body through the layers stays small.
    Followed(Box<Follower>),
    /// Somebody else writes it.
    Taken,
}

impl StreamBody {
    /// Wraps a stream, and returns what it can be taken out of until its first bytes are asked for.
    pub fn new(follower: Follower) -> (Self, Parcel) {
        let parcel = Parcel(Arc::new(Mutex::new(Some(follower))));
        (Self::Waiting(parcel.clone()), parcel)
    }

    /// Begins to follow, with the task that polls woken together with the group.
    fn begin(&mut self) {
        let Self::Waiting(parcel) = self else { return };
        *self = match parcel.take() {
            Some(follower) => {
                follower.group().follow(follower.place());
                Self::Followed(Box::new(follower))
            }
            None => Self::Taken,
        };
    }
}

impl http_body::Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.begin();
        let Self::Followed(follower) = &mut *self else { return Poll::Ready(None) };
        follower.place().register(context.waker());
        let now_ms = follower.streams().ground.clock.elapsed_ms();
        let frame = std::task::ready!(follower.poll_next(context, now_ms));
        Poll::Ready(frame.map(|frame| Ok(http_body::Frame::data(frame.events()))))
    }
}
