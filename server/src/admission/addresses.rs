//! How many connections each address holds, so that one peer cannot take them all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::proxies::Trusted;

/// The most connections of one address where nothing was said: a proxy that was not named may bring some hundred people.
const USUAL: u32 = 1_024;

/// The connections of each address that is counted.
#[derive(Debug)]
pub struct Addresses {
    limit: u32,
    /// Proxies that are not counted, because each brings the connections of many people.
    exempt: Trusted,
    spares_loopback: bool,
    /// Holds only addresses that are connected, so it has never more entries than there are connections.
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// A connection's permit within its address; dropping it gives the permit back. Boxed where it is kept, as most connections have
/// none.
#[derive(Debug)]
pub struct AddressPermit {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
    address: IpAddr,
}

/// An address holds as many connections as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowded;

impl Addresses {
    /// Counts connections up to `limit` for each address; 0 is unlimited. Where nothing was said, an address may hold half of
    /// `max_connections`, at most 1,024, and loopback is spared: proxies, load tests and the machine's own programs come from it.
    pub fn new(limit: Option<u32>, max_connections: u32, exempt: Trusted) -> Self {
        let usual = (max_connections / 2).clamp(1, USUAL);
        Self { limit: limit.unwrap_or(usual), exempt, spares_loopback: limit.is_none(), open: Arc::default() }
    }

    /// Takes a permit for a connection; `None` where the address is not counted and needs none.
    pub fn take(&self, peer: IpAddr) -> Result<Option<Box<AddressPermit>>, Crowded> {
        let peer = peer.to_canonical();
        let is_spared = self.spares_loopback && peer.is_loopback();
        if self.limit == 0 || is_spared || self.exempt.iter().any(|network| network.contains(&peer)) {
            return Ok(None);
        }
        let address = whose(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.limit {
            return Err(Crowded);
        }
        *count += 1;
        Ok(Some(Box::new(AddressPermit { open: Arc::clone(&self.open), address })))
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// Returns what counts as one address: of IPv6 the network of 64 bits, which is what a household gets.
fn whose(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(limit: Option<u32>, max_connections: u32) -> Addresses {
        Addresses::new(limit, max_connections, vec!["10.0.0.0/8".parse().unwrap()].into())
    }

    fn take(addresses: &Addresses, peer: &str) -> Result<Option<Box<AddressPermit>>, Crowded> {
        addresses.take(peer.parse().unwrap())
    }

    #[test]
    fn an_address_holds_so_many_connections_and_a_network_of_64_bits_is_one() {
        let addresses = addresses(Some(2), 100);
        for (one, other) in
            [("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"), ("127.0.0.1", "127.0.0.1")]
        {
            let first = take(&addresses, one).unwrap();
            let second = take(&addresses, other).unwrap();
            assert!(first.is_some() && second.is_some());
            assert_eq!(take(&addresses, one).unwrap_err(), Crowded, "{one}");
            drop(first);
            assert!(take(&addresses, other).is_ok(), "{other}");
            drop(second);
        }
        assert!(take(&addresses, "2001:db8:0:2::1").is_ok(), "another network");
        assert!(addresses.open.lock().unwrap().is_empty(), "who is gone is forgotten");
    }

    #[test]
    fn trusted_proxies_are_never_counted_and_loopback_only_where_it_was_said() {
        let told = addresses(Some(1), 100);
        assert!(take(&told, "10.1.2.3").unwrap().is_none());
        assert!(take(&told, "::1").unwrap().is_some());
        assert!(take(&addresses(None, 100), "127.0.0.1").unwrap().is_none());
        assert!(take(&addresses(Some(0), 100), "192.0.2.1").unwrap().is_none());
    }

    #[test]
    fn unless_told_an_address_leaves_half_of_the_connections_to_others() {
        assert_eq!([1, 20, 25_000].map(|most| addresses(None, most).limit), [1, 10, 1_024]);
    }
}
