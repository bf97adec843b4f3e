//! Many workers: Redis carries what the engine says, one lease says who it is, and every process follows. Here stand the roles
//! that a process has among others; how it reaches them is in [`relay`](super::relay).
//!
//! - [`leadership`] takes the lease and runs the engine for a term; [`lease`] and the epoch in the database fence a late one.
//! - [`publisher`] is the engine's end of the bus, [`follower`] every worker's; [`catching_up`] brings one that is behind to where
//!   the engine is. What passes between processes says its version ([`spoken`](foliostream::wire::spoken)).
//! - [`engine_calls`] is a worker's way to the engine, [`intake`] where the engine takes them; [`reconcile`] finds what was lost.

mod catching_up;
mod complaints;
pub(crate) mod engine_calls;
mod finisher;
mod follower;
mod intake;
mod leadership;
mod lease;
mod ledgers;
mod marks;
mod pace;
mod publisher;
mod reading_calls;
mod reconcile;
#[cfg(test)]
mod simulation;
mod taken;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ground::Ground;
use crate::hub::Hub;
use crate::relay::{Address, Inbox, Keys};

use self::follower::Follower;
pub(crate) use self::leadership::stand;

/// What a process of a cluster shares between its parts.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// The address of Redis.
    pub address: Address,
    /// The names of keys and channels in Redis.
    pub keys: Keys,
    /// The name of this worker.
    pub worker: String,
    /// What this process's parts share, in a cluster or alone.
    pub ground: Ground,
    /// The hub, which reads quotes that are pushed through Redis and imports the demo portfolio.
    pub hub: Hub,
    /// The inbox for what reaches this process beside envelopes.
    pub inbox: Arc<Inbox>,
    /// How long the end of a term may take.
    pub drain: Duration,
}

impl Cluster {
    /// Follows the engine until `stop`, wherever that is.
    pub(crate) fn follow(&self, stop: CancellationToken) {
        let follower = Follower {
            address: self.address.clone(),
            keys: self.keys.clone(),
            worker: self.worker.clone(),
            ground: self.ground.clone(),
            ledgers: ledgers::Ledgers::default(),
            inbox: Arc::clone(&self.inbox),
        };
        tokio::spawn(follower.run(stop));
    }
}
