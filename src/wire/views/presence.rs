//! The tabs that are connected, as the API and the page list them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::millis;

/// One connected tab of a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PresenceView {
    /// The tab, as its stream named it.
    pub client: String,
    /// What it runs on, in short: `Chrome on Linux`.
    pub device: String,
    /// The process that serves it.
    pub worker: String,
    /// When the stream of this tab began.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub connected_at: Timestamp,
    /// Whether it is the one that asks; absent where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub this: bool,
}

/// `presence_changed`: a tab came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceChangedView {
    /// The number of tabs that are connected now.
    pub connected: usize,
}
