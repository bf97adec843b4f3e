//! A connection that looks for its client's end itself once it carries a stream.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::socket::SocketState;
use crate::admission::MOST_SENT;

/// Bytes that are thrown away at once.
const ROUND_BYTES: usize = 512;

/// What hyper reads and writes: a socket, or TLS upon one. Hyper looks for the end of a client only while it holds no bytes that
/// were read ahead, and a client that sent any would be missed until the next heartbeat fails. Nothing that comes behind a
/// stream's request is ever answered, so here it is read and thrown away, until the end comes.
pub(crate) struct Watched<I> {
    io: I,
    state: Arc<SocketState>,
    thrown_away: usize,
}

impl<I: AsyncRead + Unpin> Watched<I> {
    /// Watches `io` from the moment on at which `state` says that it carries a stream.
    pub(crate) fn new(io: I, state: Arc<SocketState>) -> Self {
        Self { io, state, thrown_away: 0 }
    }

    /// Returns what was watched.
    pub(crate) fn into_inner(self) -> I {
        self.io
    }

    /// Fails where the client of a stream has gone, or goes on sending; is woken when it does.
    fn look_for_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.state.carries_stream() {
            return Ok(());
        }
        let mut bytes = [MaybeUninit::uninit(); ROUND_BYTES];
        while self.thrown_away <= MOST_SENT {
            let mut round = ReadBuf::uninit(&mut bytes);
            match Pin::new(&mut self.io).poll_read(context, &mut round) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Ok(())) if round.filled().is_empty() => break,
                Poll::Ready(Ok(())) => self.thrown_away += round.filled().len(),
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.look_for_end(context)?;
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.look_for_end(context)?;
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// Hyper ends every turn with this, whatever woke it.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look_for_end(context)?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt, duplex};

    fn watched() -> (Watched<tokio::io::DuplexStream>, tokio::io::DuplexStream, Arc<SocketState>) {
        let (ours, theirs) = duplex(4096);
        let state = Arc::new(SocketState::default());
        (Watched::new(ours, Arc::clone(&state)), theirs, state)
    }

    #[tokio::test]
    async fn a_stream_ends_with_its_client_whatever_the_client_sent_before() {
        let (mut watched, mut client, state) = watched();
        state.carry_stream();
        client.write_all(&[b'x'; 3 * ROUND_BYTES]).await.unwrap();
        watched.flush().await.unwrap();
        drop(client);
        assert_eq!(watched.flush().await.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn a_client_that_goes_on_sending_is_not_read_for_ever() {
        let (mut watched, mut client, state) = watched();
        state.carry_stream();
        let sending = tokio::spawn(async move { while client.write_all(&[b'x'; 4_096]).await.is_ok() {} });
        while watched.flush().await.is_ok() {
            tokio::task::yield_now().await;
        }
        drop(watched);
        sending.await.unwrap();
    }

    #[tokio::test]
    async fn what_a_client_sends_before_its_stream_is_left_to_be_read() {
        let (mut watched, mut client, _state) = watched();
        client.write_all(b"next").await.unwrap();
        watched.flush().await.unwrap();
        let mut read = [0; 4];
        tokio::io::AsyncReadExt::read_exact(&mut watched, &mut read).await.unwrap();
        assert_eq!(&read, b"next");
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_when_the_client_goes() {
        let (mut watched, client, state) = watched();
        state.carry_stream();
        let waiting = tokio::spawn(std::future::poll_fn(move |context| match watched.look_for_end(context) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(error.kind()),
        }));
        tokio::task::yield_now().await;
        drop(client);
        assert_eq!(waiting.await.unwrap(), io::ErrorKind::ConnectionAborted);
    }
}
