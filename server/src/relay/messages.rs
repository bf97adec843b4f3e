//! What processes say to each other beside envelopes and calls. Each is JSON; beats and calls say their version
//! ([`spoken`](foliostream::wire::spoken)), and of letters a kind that is not known is left to the programs that know it.

use serde::{Deserialize, Serialize};

use foliostream::domain::user::UserId;
use foliostream::wire::epoch::Epoch;

/// What the engine says every second, so that workers know that it lives and whether they have missed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// The process that is the engine.
    pub worker: String,
    /// The term that the engine is in.
    #[serde(flatten)]
    pub epoch: Epoch,
    /// The newest number it has published.
    pub seq: u64,
}

/// A message that other processes send to one worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkerMessage {
    /// This worker's own, to see whether its subscription works.
    Probe(bool),
    /// The engine's answer to a call.
    Reply(Reply),
    /// A stream of this worker has a newer one of the same tab elsewhere.
    Replaced {
        /// The name of the older stream, `<worker>/<its name>`.
        stream: String,
    },
}

/// The kinds of letters that this program knows; one of another kind comes from a newer program.
const KINDS: [&str; 3] = ["probe", "reply", "replaced"];

/// Returns whether a message is of a kind that this program does not know.
pub(crate) fn is_unknown(payload: &[u8]) -> bool {
    let message = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(payload).unwrap_or_default();
    !message.is_empty() && !message.keys().any(|kind| KINDS.contains(&kind.as_str()))
}

/// Sent by a worker at which a user asks for one stream more than the limit. The other workers' streams of that user write a
/// heartbeat, so that a proxy whose client has left notices it and closes its stream.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RollCall {
    /// The worker that was asked.
    pub worker: String,
    /// The user whose streams are called.
    pub user: UserId,
}

/// Tabs of a user came or went on a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PresenceChanged {
    /// Whose. Programs that know of one user do not say it.
    #[serde(default = "UserId::local")]
    pub user: UserId,
}

/// The engine's answer to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The call it answers.
    #[serde(rename = "order")]
    pub call: String,
    /// The term in which the engine answered.
    #[serde(flatten)]
    pub epoch: Epoch,
    /// The number after which a replica shows what was ordered.
    pub seq: u64,
    /// How many of the call's ticks the engine observed.
    pub accepted: usize,
    /// How many it ignored, because they were invalid or older than what it knew.
    pub ignored: usize,
    /// Whether everything is on disk.
    pub kept: bool,
    /// Whether the engine knows what was ordered: one of another version may not.
    #[serde(default = "understood")]
    pub understood: bool,
    /// Whether nothing was done because another push came with its key.
    #[serde(default)]
    pub key_used: bool,
}

/// Engines that do not say otherwise have understood.
fn understood() -> bool {
    true
}
