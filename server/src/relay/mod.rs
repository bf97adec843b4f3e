//! How processes reach each other: what every room needs that has something in Redis. What a process does there stands elsewhere:
//! [`cluster`](super::cluster) keeps the roles, [`presence`](super::presence) the streams of a user.
//!
//! - [`Address`] is where Redis is, [`RedisOptions`] how the command line says it; a [`Link`] is one connection, and a [`Reconnecting`] one
//!   that is made again after it broke, for work that can be left out once.
//! - [`Keys`] names everything there, [`scripts`] are what must happen at once or not at all.
//! - `messages` is what processes say to each other beside envelopes and orders, [`Inbox`] what one of them has heard.
//! - `errors` says which errors pass and which stay, `troubles` says it in the log and to `/readyz`.

mod address;
mod connection;
mod errors;
mod inbox;
mod jitter;
mod keys;
mod messages;
#[cfg(test)]
pub(crate) mod model;
mod options;
mod reconnecting;
pub(crate) mod scripts;
mod troubles;

use std::time::Duration;

use foliostream::wire::spoken;
use foliostream::wire::views::ServerMetricsView;

pub(crate) use self::address::Address;
pub(crate) use self::connection::{Link, in_short};
pub(crate) use self::errors::{Cause, Nature};
pub(crate) use self::inbox::Inbox;
pub(crate) use self::jitter::jittered;
#[cfg(test)]
pub(crate) use self::jitter::seed;
pub(crate) use self::keys::Keys;
pub(crate) use self::messages::{Beat, PresenceChanged, Reply, RollCall, WorkerMessage};
pub(crate) use self::options::RedisOptions;
pub(crate) use self::reconnecting::Reconnecting;
pub(crate) use self::troubles::Part;

/// How long Redis may take for a worker's figures: the next ones come within a second.
const METRICS_PATIENCE: Duration = Duration::from_millis(500);

/// Publishes to every worker how this one is doing. Figures that Redis does not take in half a second are lost, and the next make
/// up for them.
pub(crate) async fn publish_metrics(redis: &Reconnecting, keys: &Keys, view: &ServerMetricsView) {
    let text = spoken::write(view);
    let publishing = async {
        let mut link = redis.connected().await?;
        redis::cmd("PUBLISH").arg(keys.metrics()).arg(text).query_async::<i64>(&mut link).await
    };
    if let Ok(published) = tokio::time::timeout(METRICS_PATIENCE, publishing).await {
        redis.heard(published, "figures could not be told");
    }
}

/// Tries a Redis before anything else starts: what is wrong with it is one line.
pub(crate) async fn check(address: &Address) -> Result<(), String> {
    let mut link = address.connect().await.map_err(|error| in_short(&error))?;
    link.check_version().await
}

/// Returns this process's name, the machine's and the process's number: `web-1-4711`.
pub(crate) fn worker_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String =
        host.trim().chars().filter(|character| character.is_ascii_alphanumeric() || "-_.".contains(*character)).collect();
    format!("{}-{}", if host.is_empty() { "worker" } else { &host }, std::process::id())
}
