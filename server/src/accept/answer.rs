//! An answer over HTTP/2, handed over in parts. Hyper buffers what it was given whole, however little its reader takes; in parts
//! it holds one of them, and what is not asked for shows that nothing is taken.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

use super::readers::{Progress, UnderWay};

/// Bytes of a part: what HTTP/2 puts into one frame unless told otherwise.
const PART_BYTES: usize = 16_384;

/// The body of an answer.
pub(crate) struct Answer {
    body: Body,
    /// Of the body's last piece, what was not handed over yet.
    rest: Bytes,
    progress: Progress,
    _under_way: UnderWay,
}

impl Answer {
    /// Hands a body over in parts.
    pub(crate) fn new(body: Body, under_way: UnderWay) -> Self {
        Self { body, rest: Bytes::new(), progress: Arc::default(), _under_way: under_way }
    }

    /// Returns what shows how much was asked for.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let answer = self.get_mut();
        answer.progress.fetch_add(1, Ordering::Relaxed);
        if answer.rest.is_empty() {
            match ready!(Pin::new(&mut answer.body).poll_frame(context)).transpose()? {
                None => return Poll::Ready(None),
                Some(frame) => match frame.into_data() {
                    Ok(piece) => answer.rest = piece,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
            }
        }
        let part = answer.rest.split_to(answer.rest.len().min(PART_BYTES));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, rest) = (self.body.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::super::readers::Readers;
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_large_answer_is_handed_over_in_parts_and_whole() {
        let text: Vec<u8> = (0..50_000_u32).map(|number| (number % 251) as u8).collect();
        let readers = Readers::default();
        let mut answer = Answer::new(Body::from(text.clone()), readers.begin());
        let mut read = Vec::new();
        while let Some(frame) = answer.frame().await {
            let part = frame.unwrap().into_data().unwrap();
            assert!(part.len() <= PART_BYTES);
            read.extend_from_slice(&part);
            assert_eq!(answer.size_hint().exact(), Some((text.len() - read.len()) as u64));
        }
        assert_eq!(read, text);
        assert_eq!(answer.progress().load(Ordering::Relaxed), 5, "four parts and the end");
    }
}
