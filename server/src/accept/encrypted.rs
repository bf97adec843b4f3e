//! TLS upon a socket, for as long as hyper reads and writes it.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::socket::Socket;
use crate::tls::session::Session;

/// Bytes read from the socket at once: a whole record, in one that is as full as it may be.
const READ_BYTES: usize = 16_384;

/// A socket with a session. What it holds beside the session's keys is on its way: plaintext that was not read yet, and at most one
/// record of what was written.
pub(crate) struct Encrypted {
    socket: Socket,
    session: Box<Session>,
    /// Plaintext that came, and how much of it was read.
    received: Vec<u8>,
    read: usize,
}

impl Encrypted {
    /// Shakes hands with a client; fails where it speaks no TLS that the server knows.
    pub(crate) async fn accept(socket: Socket, config: &Arc<ServerConfig>) -> io::Result<Self> {
        let session = Box::new(Session::new(Arc::clone(config))?);
        let mut encrypted = Self { socket, session, received: Vec::new(), read: 0 };
        std::future::poll_fn(|context| encrypted.poll_handshake(context)).await?;
        Ok(encrypted)
    }

    /// Returns the protocol that was agreed upon.
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.session.protocol()
    }

    /// Returns the socket and the session; what came and was not read is lost.
    pub(crate) fn into_parts(self) -> (Socket, Box<Session>) {
        (self.socket, self.session)
    }

    fn poll_handshake(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_send(context))?;
            if !self.session.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if !ready!(self.poll_receive(context))? {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// Reads once, and returns whether more may come. An end without a word of TLS before it is a failure.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.session.is_closed_by_peer() {
            return Poll::Ready(Ok(false));
        }
        let mut bytes = [MaybeUninit::uninit(); READ_BYTES];
        let mut bytes = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.socket).poll_read(context, &mut bytes))?;
        if bytes.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        let plaintext = &mut self.received;
        let received = self.session.receive(bytes.filled_mut(), |record| plaintext.extend_from_slice(record));
        // An answer, or the alert that says what was wrong. Whatever is left of it goes before what is written next.
        if let Poll::Ready(Err(error)) = self.poll_send(context) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(received.map(|()| true))
    }

    /// Writes the session's records until the socket has all of them.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.session.to_send().is_empty() {
            let count = ready!(Pin::new(&mut self.socket).poll_write(context, self.session.to_send()))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.session.note_sent(count);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.received.is_empty() {
            if !ready!(self.poll_receive(context))? {
                return Poll::Ready(Ok(()));
            }
        }
        let rest = &self.received[self.read..];
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.read += count;
        if self.read == self.received.len() {
            (self.received, self.read) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(context))?;
        let count = self.session.seal(slices)?;
        match self.poll_send(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(count)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.session.close()?;
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
