//! A connection for commands that is made again after it broke, for work that can be left out once.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::address::Address;
use super::connection::{Link, in_short};

/// A connection to Redis, or where to get one.
pub(crate) struct Reconnecting {
    address: Address,
    link: Mutex<Option<Link>>,
}

impl fmt::Debug for Reconnecting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reconnecting").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Reconnecting {
    /// Makes a line that is not connected yet.
    pub(crate) fn new(address: Address) -> Self {
        Self { address, link: Mutex::new(None) }
    }

    /// Returns the connection, making it where there is none.
    pub(crate) async fn connected(&self) -> redis::RedisResult<Link> {
        if let Some(link) = self.at_hand() {
            return Ok(link);
        }
        let link = self.address.connect().await?;
        *self.lock() = Some(link.clone());
        Ok(link)
    }

    /// Returns the connection if there is one, and does not make one. For callers that must not wait.
    pub(crate) fn at_hand(&self) -> Option<Link> {
        self.lock().clone()
    }

    /// Returns an answer, or nothing after an error, which is logged. The next command then makes a new connection.
    pub(crate) fn heard<T>(&self, answer: redis::RedisResult<T>, what: &str) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::debug!("{what}: {}", in_short(&error));
                *self.lock() = None;
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Link>> {
        // It is only ever replaced whole.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
