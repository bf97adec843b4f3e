//! Which stream a page follows, and from where.

use jiff::Timestamp;

/// What the page's one stream follows, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The path and query of the stream, without `last_event_id` and `client`.
    pub stream: String,
    /// The cursor the page's figures stand at.
    pub cursor: String,
    /// The server's clock when they were read.
    pub server_time: Timestamp,
}
