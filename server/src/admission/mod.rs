//! What a connection may take of the server. The same holds while hyper serves it and once a [reactor](super::sse::reactor) does,
//! which takes over connections that became streams.

mod addresses;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;

use self::addresses::AddressPermit;
pub(crate) use self::addresses::{Addresses, Crowded};

/// Bytes a client may send behind its stream's request: what it was asked for has ended before them.
pub(crate) const MOST_SENT: usize = 65_536;

/// A connection's permit among all connections; dropping it gives the permit back.
#[derive(Debug)]
pub struct Admission {
    _place: OwnedSemaphorePermit,
    _within_address: Option<Box<AddressPermit>>,
    _tracked: TaskTrackerToken,
}

impl Admission {
    /// Admits a connection that has a permit among all connections and, where its address is counted, one within that. `tracked`
    /// makes the server wait for this connection when it stops.
    pub fn new(place: OwnedSemaphorePermit, within_address: Option<Box<AddressPermit>>, tracked: TaskTrackerToken) -> Self {
        metrics::gauge!("foliostream_connections").increment(1.0);
        Self { _place: place, _within_address: within_address, _tracked: tracked }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        metrics::gauge!("foliostream_connections").decrement(1.0);
    }
}
