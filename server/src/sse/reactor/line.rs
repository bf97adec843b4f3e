//! What a stream is written to: a socket, or TLS upon one.

use std::io::{self, IoSlice, Read, Write};

use mio::net::TcpStream;

use crate::admission::MOST_SENT;
use crate::tls::session::Session;

/// A client's connection, and what the client has sent and taken. Within TLS it holds no bytes but those of a record that one side
/// has not sent whole, so that an idle stream pays for its keys alone.
pub(crate) struct Line {
    socket: TcpStream,
    /// Boxed: most streams have none.
    session: Option<Box<Session>>,
    sent_by_client: usize,
    has_moved: bool,
}

impl Line {
    /// Takes a connection over.
    pub(crate) fn new(socket: std::net::TcpStream, session: Option<Box<Session>>) -> Self {
        Self { socket: TcpStream::from_std(socket), session, sent_by_client: 0, has_moved: false }
    }

    /// Returns the socket, to be watched.
    pub(crate) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Returns whether the socket took anything since this was last called.
    pub(crate) fn took_something(&mut self) -> bool {
        std::mem::take(&mut self.has_moved)
    }

    /// Returns whether there are records that the socket has not taken.
    pub(crate) fn owes_something(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.to_send().is_empty())
    }

    /// Returns whether the client has said within TLS that it sends no more, as it may before a reactor has the connection.
    pub(crate) fn is_closed_by_client(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_closed_by_peer())
    }

    /// Reads what the client sent and throws it away, and returns whether the client is still there. One that sends more than
    /// `MOST_SENT` bytes is not kept, and neither is one that breaks its TLS or says that it sends no more.
    pub(crate) fn is_there(&mut self, scratch: &mut [u8]) -> io::Result<bool> {
        loop {
            match self.socket.read(scratch) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.sent_by_client += count;
                    if self.sent_by_client > MOST_SENT || !self.is_understood(&mut scratch[..count])? {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn is_understood(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        let Some(session) = &mut self.session else { return Ok(true) };
        let received = session.receive(bytes, |_| {});
        if received.is_err() {
            // The alert that says what was wrong. Nothing waits for it.
            let _ = self.flush();
        }
        received.map(|()| !self.is_closed_by_client())
    }

    /// Says that nothing follows, where TLS has a word for it, and returns whether the socket took all there was.
    pub(crate) fn close(&mut self) -> io::Result<bool> {
        let Some(session) = &mut self.session else { return Ok(true) };
        session.close()?;
        match self.flush() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            flushed => flushed.map(|()| true),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    /// Takes bytes. Within TLS they are those of one record, which then goes out as far as the socket takes it; while there is some
    /// of one left, no further bytes are taken.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.flush()?;
        let Some(session) = &mut self.session else {
            let count = self.socket.write_vectored(slices)?;
            self.has_moved |= count > 0;
            return Ok(count);
        };
        let count = session.seal(slices)?;
        match self.flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(count),
        }
    }

    /// Writes what is left of records.
    fn flush(&mut self) -> io::Result<()> {
        let Some(session) = &mut self.session else { return Ok(()) };
        while !session.to_send().is_empty() {
            match self.socket.write(session.to_send()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    session.note_sent(count);
                    self.has_moved = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
