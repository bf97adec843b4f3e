//! What is known of one connected stream.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use foliostream::domain::user::UserId;

/// A stream as others are told of it. It travels through Redis as JSON that says its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose tab it is. Programs that know of one user do not say it.
    #[serde(default = "UserId::local")]
    pub user: UserId,
    /// The stream's name, `<worker>/<a name that is new>`.
    pub stream: String,
    /// The browser's tab; none where a program reads the stream.
    pub client: Option<String>,
    /// What it runs on, in a few words: `Chrome on Linux`.
    pub device: String,
    /// The time at which the stream was opened.
    pub connected_at: Timestamp,
}

impl Entry {
    /// Returns the process that serves the stream.
    pub fn worker(&self) -> &str {
        worker_of(&self.stream)
    }
}

/// Returns the process that a stream's name begins with: of `web-1-4711/0a`, `web-1-4711`.
pub(crate) fn worker_of(stream: &str) -> &str {
    stream.rsplit_once('/').map_or(stream, |(worker, _)| worker)
}
