//! Many workers: Redis carries what the engine says, one lease says who it is, and every process follows.
//!
//! - [`office`] takes the lease and runs the engine for a term; [`lease`] and the epoch in the database fence a late one.
//! - [`publisher`] is the engine's end of the bus, [`follower`] every worker's; [`catching_up`] brings one that is behind to where
//!   the engine is. What passes between processes says its version ([`spoken`](crate::wire::spoken)).
//! - [`errors`] tells what passes from what stays, [`troubles`] says it in the log and to `/readyz`.
//! - [`presence`] counts a user's streams on all workers; [`line`] is a connection for what can be left out once.
//! - [`orders`] is a worker's way to the engine, [`counter`] where the engine takes them; [`reconcile`] finds what was lost.

mod catching_up;
mod complaints;
mod connection;
mod counter;
mod errors;
mod finisher;
mod follower;
mod inbox;
mod keys;
mod lease;
mod ledgers;
mod line;
mod marks;
mod office;
mod options;
pub mod orders;
mod presence;
mod publisher;
mod reading_orders;
mod reconcile;
mod scripts;
mod taken;
#[cfg(test)]
mod tests;
mod troubles;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::server::board::Board;
use crate::server::clock::Clock;
use crate::server::history::History;
use crate::server::hub::Hub;
use crate::server::store::Store;
use crate::server::tally::Tally;
use crate::wire::spoken;
use crate::wire::views::ServerMetricsView;

pub use self::connection::Address;
use self::connection::in_short;
use self::follower::Follower;
pub use self::inbox::Inbox;
pub use self::keys::Keys;
pub use self::line::Line;
pub use self::office::stand;
pub use self::options::RedisOptions;
pub use self::presence::{LIFE, SharedPresence, Taken};

/// What a process of a cluster shares between its parts.
#[derive(Debug)]
pub struct Cluster {
    /// Where Redis is.
    pub address: Address,
    /// How things are called there.
    pub keys: Keys,
    /// This process's name.
    pub worker: String,
    /// This process's replica.
    pub board: Arc<Board>,
    /// What must survive.
    pub store: Store,
    /// The door.
    pub hub: Hub,
    /// Bars.
    pub history: Arc<History>,
    /// The time.
    pub clock: Clock,
    /// What reaches this process beside envelopes.
    pub inbox: Arc<Inbox>,
    /// What this process counts.
    pub tally: Arc<Tally>,
    /// Between two updates of one price.
    pub frame_interval: Duration,
    /// Without a tick, before a price is stale.
    pub stale_after: Duration,
    /// How many notifications are kept, the newest.
    pub keep_notifications: u32,
    /// How long the end of a term may take.
    pub drain: Duration,
}

impl Cluster {
    /// Follows the engine until `stop`, wherever that is.
    pub fn follow(&self, stop: CancellationToken) {
        let follower = Follower {
            address: self.address.clone(),
            keys: self.keys.clone(),
            worker: self.worker.clone(),
            board: Arc::clone(&self.board),
            store: self.store.clone(),
            ledgers: ledgers::Ledgers::default(),
            inbox: Arc::clone(&self.inbox),
            clock: self.clock.clone(),
        };
        tokio::spawn(follower.run(stop));
    }
}

/// Tells every worker how this one is doing; false where Redis did not take it.
pub async fn publish_metrics(line: &Line, keys: &Keys, view: &ServerMetricsView) -> bool {
    let text = spoken::write(view);
    let publishing = async {
        let mut link = line.connected().await?;
        redis::cmd("PUBLISH").arg(keys.metrics()).arg(text).query_async::<i64>(&mut link).await
    };
    let published = publishing.await;
    line.heard(published, "figures could not be told").is_some()
}

/// Tries a Redis before anything else starts: what is wrong with it is one line.
pub async fn check(address: &Address) -> Result<(), String> {
    let mut link = address.connect().await.map_err(|error| in_short(&error))?;
    link.check_version().await
}

/// Returns this process's name: the machine's and the process's number.
pub fn worker_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String =
        host.trim().chars().filter(|character| character.is_ascii_alphanumeric() || "-_.".contains(*character)).collect();
    format!("{}-{}", if host.is_empty() { "worker" } else { &host }, std::process::id())
}
