//! Events ready to be sent: one piece of memory, shared by every stream that writes them.

use axum::body::Bytes;

/// What ends a chunk, in bytes.
const CHUNK_END: usize = "\r\n".len();

/// The chunk that ends a stream over HTTP/1.1 (RFC 9112, 7.1), without trailers.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Events that are written at once, made ready for every way of writing: as they are, or as one chunk of HTTP/1.1.
#[derive(Clone, Debug)]
pub struct Frame {
    chunk: Bytes,
    /// Bytes of the chunk before the events.
    head: usize,
}

impl Frame {
    /// Makes a frame of whole events. An empty one would end the stream, so there must be at least one.
    pub fn new(events: &str) -> Self {
        debug_assert!(!events.is_empty(), "an empty chunk ends a stream");
        let mut chunk = format!("{:X}\r\n", events.len());
        let head = chunk.len();
        chunk.reserve_exact(events.len() + CHUNK_END);
        chunk.push_str(events);
        chunk.push_str("\r\n");
        Self { chunk: chunk.into(), head }
    }

    /// Returns the events alone.
    pub fn events(&self) -> Bytes {
        self.chunk.slice(self.head..self.chunk.len() - CHUNK_END)
    }

    /// Returns the events as one chunk.
    pub fn chunk(self) -> Bytes {
        self.chunk
    }

    /// Returns how many bytes the events have.
    pub fn len(&self) -> usize {
        self.chunk.len() - self.head - CHUNK_END
    }

    /// Returns whether there are no events, which is never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_chunk_of_its_events() {
        let events = "data: seventeen..\n\n";
        let frame = Frame::new(events);
        assert_eq!((frame.events(), frame.len()), (Bytes::from_static(events.as_bytes()), events.len()));
        assert_eq!(frame.chunk(), format!("13\r\n{events}\r\n"));
    }
}
