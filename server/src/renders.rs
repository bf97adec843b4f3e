//! What takes long to make (whole pages, whole portfolios) is made apart from the threads that answer everybody, a few at once.
//! So a health check, a stream and a command are answered while the largest pages are rendered.

use std::sync::Arc;
use std::thread;

use tokio::sync::Semaphore;

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::Refusals;

use super::error::internal;

/// Those who may wait for their turn: at 10 ms a page a queue of a second or two. Further ones are told to come back.
const WAITING: usize = 128;

/// The places where large answers are made.
#[derive(Clone, Debug)]
pub struct Renders {
    /// One for each that is made or waits.
    places: Arc<Semaphore>,
    /// One for each that is made: as many as there are processors, since more would only share them.
    turns: Arc<Semaphore>,
}

impl Renders {
    /// Makes as many places as this machine has use for.
    pub fn of_this_machine() -> Self {
        Self::of(thread::available_parallelism().map_or(2, usize::from), WAITING)
    }

    fn of(turns: usize, waiting: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(turns + waiting)), turns: Arc::new(Semaphore::new(turns)) }
    }

    /// Makes an answer on a thread of its own, once it has its turn; refused with 503 where too many wait.
    pub async fn make<F>(&self, answer: F) -> Result<F::Output, ApiError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::counter!("foliostream_renders_refused_total").increment(1);
            return Err(ApiError::new(ErrorCode::Unavailable, Refusals::too_many_large_answers()));
        };
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|closed| internal(&closed))?;
        let runtime = tokio::runtime::Handle::current();
        let made = tokio::task::spawn_blocking(move || {
            let _held_until_it_is_made = (place, turn);
            runtime.block_on(answer)
        });
        made.await.map_err(|panic| internal(&panic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_made_in_turn_and_one_too_many_is_refused() {
        let renders = Renders::of(1, 1);
        let (let_go, held) = tokio::sync::oneshot::channel::<()>();
        let first = tokio::spawn({
            let renders = renders.clone();
            async move { renders.make(async { held.await.is_ok() }).await }
        });
        while renders.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let renders = renders.clone();
            async move { renders.make(async { 2 }).await }
        });
        while renders.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(renders.make(async { 3 }).await.unwrap_err().code, ErrorCode::Unavailable);
        let_go.send(()).unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(2)));
        assert_eq!(renders.make(async { 4 }).await, Ok(4));
    }

    #[tokio::test]
    async fn one_that_panics_is_an_internal_error_and_gives_its_turn_back() {
        let renders = Renders::of(1, 0);
        let panics = async {
            if true {
                panic!("a torn page")
            }
        };
        assert_eq!(renders.make(panics).await.unwrap_err().code, ErrorCode::Internal);
        assert_eq!(renders.make(async { 1 }).await, Ok(1));
    }
}
