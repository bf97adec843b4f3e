//! A connection's socket: what the kernel should know of it, and what of it was not taken.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::arrival::{Arrivals, Head};

/// A peer that acknowledges nothing for this long is gone.
const USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Unsent bytes the kernel takes before it says it is full, so that staleness waits in our cursors and not in its buffers.
const UNSENT_BYTES: u32 = 16_384;

/// What the kernel keeps of a stream for a reader that has stopped; Linux doubles it, for its own accounts.
const STREAM_BUFFER_BYTES: usize = 16_384;

/// Sets what the kernel should know; a socket that refuses works all the same.
pub(crate) fn tune(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(USER_TIMEOUT)))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_BYTES));
    if let Err(error) = tuned {
        tracing::debug!("a socket could not be tuned: {error}");
    }
}

/// What a connection knows of its socket while hyper holds it.
#[derive(Debug, Default)]
pub(crate) struct SocketState {
    is_full: AtomicBool,
    carries_stream: AtomicBool,
    /// Whether what is read now is no head: a request's body, or frames of HTTP/2.
    is_past_head: AtomicBool,
    /// The head that is being read; `None` where heads are not counted.
    head: Option<Mutex<Head>>,
}

impl SocketState {
    /// Knows of a socket whose heads are counted.
    pub(crate) fn counting(arrivals: Arc<Arrivals>) -> Self {
        Self { head: Some(Mutex::new(Head::new(arrivals))), ..Self::default() }
    }

    /// Notes that a head has come whole.
    pub(crate) fn begin_request(&self) {
        self.is_past_head.store(true, Ordering::Relaxed);
        if let Some(head) = &self.head {
            head.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Notes that the next head may come.
    pub(crate) fn end_request(&self) {
        self.is_past_head.store(false, Ordering::Relaxed);
    }

    /// Takes what was read; false where it is part of a head for which there is no room.
    fn has_room(&self, bytes: usize) -> bool {
        match &self.head {
            Some(head) if !self.is_past_head.load(Ordering::Relaxed) => {
                head.lock().unwrap_or_else(PoisonError::into_inner).take(bytes)
            }
            _ => true,
        }
    }

    /// Returns whether the socket did not take all it was offered: then hyper still holds some of it.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Notes that only a stream is written from now on, for whose reader the kernel shall keep little.
    pub(crate) fn carry_stream(&self) {
        self.carries_stream.store(true, Ordering::Relaxed);
    }

    /// Returns whether only a stream is written from now on.
    pub(crate) fn carries_stream(&self) -> bool {
        self.carries_stream.load(Ordering::Relaxed)
    }
}

/// A socket that watches what it takes.
pub(crate) struct Socket {
    stream: TcpStream,
    state: Arc<SocketState>,
    is_narrow: bool,
}

impl Socket {
    /// Watches what a socket takes, and notes it in `state`.
    pub(crate) fn new(stream: TcpStream, state: Arc<SocketState>) -> Self {
        Self { stream, state, is_narrow: false }
    }

    /// Returns the socket, for a stream.
    pub(crate) fn into_stream(self) -> io::Result<std::net::TcpStream> {
        self.narrow();
        self.stream.into_std()
    }

    fn narrow(&self) {
        if let Err(error) = socket2::SockRef::from(&self.stream).set_send_buffer_size(STREAM_BUFFER_BYTES) {
            tracing::debug!("a stream's socket could not be narrowed: {error}");
        }
    }

    fn note(&mut self, taken: usize, offered: usize) {
        self.state.is_full.store(taken < offered, Ordering::Relaxed);
        if self.state.carries_stream() && !std::mem::replace(&mut self.is_narrow, true) {
            self.narrow();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let has_room = self.state.has_room(buffer.filled().len() - before);
        Poll::Ready(if has_room { Ok(()) } else { Err(io::ErrorKind::ConnectionAborted.into()) })
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.note(0, bytes.len());
        let taken = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.note(taken, bytes.len());
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let offered = slices.iter().map(|slice| slice.len()).sum();
        self.note(0, offered);
        let taken = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices))?;
        self.note(taken, offered);
        Poll::Ready(Ok(taken))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
