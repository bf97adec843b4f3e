//! How many streams a user and an address may hold. A tab of a browser holds one: its newer stream ends the older.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use foliostream::domain::user::UserId;
use foliostream::wire::live::ByeReason;

use super::group::forget_where_full;
use super::place::Place;
use super::roll::{Rolls, Whose};

/// Counts streams, and knows the places of those that are counted towards a limit.
#[derive(Debug)]
pub struct Limits {
    per_user: u32,
    per_address: u32,
    held: Mutex<Held>,
    rolls: Arc<Rolls>,
}

#[derive(Debug, Default)]
struct Held {
    users: HashMap<UserId, u32>,
    addresses: HashMap<IpAddr, u32>,
    /// The streams of each user and from each address, where there is a limit of them.
    places: HashMap<Whose, Vec<Weak<Place>>>,
    /// A tab is one of its user's: another user's with the same number is another tab.
    tabs: HashMap<(UserId, uuid::Uuid), (Weak<Place>, IpAddr)>,
}

/// A stream's permit within the limits. Dropping it ends the stream's entry and counts one less.
#[derive(Debug)]
pub struct Ticket {
    limits: Arc<Limits>,
    user: UserId,
    address: IpAddr,
    place: Arc<Place>,
    /// Boxed, so that the thousands of streams without a tab do not carry it.
    tab: Option<Box<Tab>>,
}

/// What few streams have beside a place: the id of a browser's tab, and what ends with the stream.
#[derive(Debug, Default)]
struct Tab {
    client: Option<uuid::Uuid>,
    /// What ends with the stream: its entry among those who are connected, which goes when it is dropped.
    kept: Option<Box<dyn fmt::Debug + Send + Sync>>,
}

/// Too many streams: which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitReached {
    /// The user holds as many as allowed.
    User(u32),
    /// The address holds as many as allowed.
    Address(u32),
}

impl Limits {
    /// Makes the limits; 0 is unlimited.
    pub fn new(per_user: u32, per_address: u32) -> Arc<Self> {
        Arc::new(Self { per_user, per_address, held: Mutex::default(), rolls: Arc::default() })
    }

    /// Returns how many a user may hold; 0 is unlimited.
    pub fn per_user(&self) -> u32 {
        self.per_user
    }

    /// Returns who waits at which limit.
    pub fn rolls(&self) -> &Arc<Rolls> {
        &self.rolls
    }

    /// Returns the places of a user's streams, or of those from an address; none where there is no limit of them.
    pub fn places_of(&self, whose: &Whose) -> Vec<Arc<Place>> {
        let held = self.lock();
        let places = held.places.get(whose).into_iter().flatten().filter_map(Weak::upgrade);
        places.filter(|place| !place.is_gone()).collect()
    }

    /// Counts a stream, and ends the older stream of the same tab, which then does not count. For example: a user with a limit of
    /// 20 and 20 streams may reload a tab, but not open another one. Fails where a limit is reached.
    pub fn take(
        self: &Arc<Self>,
        user: UserId,
        address: IpAddr,
        tab: Option<uuid::Uuid>,
        place: Arc<Place>,
    ) -> Result<Ticket, LimitReached> {
        let mut held = self.lock();
        let tab_of = |tab| (user.clone(), tab);
        let older = tab.and_then(|tab| held.tabs.get(&tab_of(tab))).and_then(|(older, from)| Some((older.upgrade()?, *from)));
        let older = older.filter(|(older, _)| !older.is_gone());
        let spare = u32::from(older.is_some());
        if self.per_user > 0 && count(&held.users, &user) >= self.per_user.saturating_add(spare) {
            return Err(LimitReached::User(self.per_user));
        }
        let spare_here = u32::from(older.as_ref().is_some_and(|(_, from)| *from == address));
        if self.per_address > 0 && count(&held.addresses, &address) >= self.per_address.saturating_add(spare_here) {
            return Err(LimitReached::Address(self.per_address));
        }
        if let Some((older, _)) = older {
            older.end_at(i64::MIN, ByeReason::Replaced);
            older.wake();
        }
        *held.users.entry(user.clone()).or_default() += 1;
        *held.addresses.entry(address).or_default() += 1;
        let limited = [(self.per_user, Whose::User(user.clone())), (self.per_address, Whose::Address(address))];
        for (_, whose) in limited.into_iter().filter(|(limit, _)| *limit > 0) {
            let places = held.places.entry(whose).or_default();
            forget_where_full(places);
            places.push(Arc::downgrade(&place));
        }
        if let Some(tab) = tab {
            held.tabs.insert(tab_of(tab), (Arc::downgrade(&place), address));
        }
        drop(held);
        let tab = tab.map(|client| Box::new(Tab { client: Some(client), kept: None }));
        Ok(Ticket { limits: Arc::clone(self), user, address, place, tab })
    }

    fn give_back(&self, ticket: &Ticket) {
        let mut held = self.lock();
        let (user, address) = (Whose::User(ticket.user.clone()), Whose::Address(ticket.address));
        if release(&mut held.users, &ticket.user) {
            held.places.remove(&user);
        }
        if release(&mut held.addresses, &ticket.address) {
            held.places.remove(&address);
        }
        if let Some(tab) = ticket.tab.as_ref().and_then(|tab| Some((ticket.user.clone(), tab.client?)))
            && held.tabs.get(&tab).is_some_and(|(place, _)| std::ptr::eq(place.as_ptr(), Arc::as_ptr(&ticket.place)))
        {
            held.tabs.remove(&tab);
        }
        drop(held);
        self.rolls.left(&user);
        self.rolls.left(&address);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Returns the place of the ticket's stream.
    pub fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// Keeps something for as long as the stream lasts, such as its entry among those who are connected.
    pub fn keep(&mut self, kept: Box<dyn fmt::Debug + Send + Sync>) {
        self.tab.get_or_insert_default().kept = Some(kept);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.place.leave();
        self.limits.give_back(self);
    }
}

fn count<K: Hash + Eq>(counts: &HashMap<K, u32>, key: &K) -> u32 {
    counts.get(key).copied().unwrap_or_default()
}

/// Counts one less, and returns whether that was the last.
fn release<K: Hash + Eq>(counts: &mut HashMap<K, u32>, key: &K) -> bool {
    let Some(left) = counts.get_mut(key) else { return false };
    *left -= 1;
    let is_last = *left == 0;
    if is_last {
        counts.remove(key);
    }
    is_last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Arc<Place> {
        Arc::new(Place::new(0, i64::MAX, 0))
    }

    fn take(limits: &Arc<Limits>, address: &str, tab: Option<u128>) -> Result<Ticket, LimitReached> {
        limits.take(UserId::local(), address.parse().unwrap(), tab.map(uuid::Uuid::from_u128), place())
    }

    #[test]
    fn a_user_gets_no_more_than_allowed_and_places_come_back() {
        let limits = Limits::new(2, 0);
        let first = take(&limits, "127.0.0.1", None).unwrap();
        let _second = take(&limits, "127.0.0.1", None).unwrap();
        assert_eq!(take(&limits, "127.0.0.1", None).unwrap_err(), LimitReached::User(2));
        drop(first);
        assert!(take(&limits, "127.0.0.1", None).is_ok());
    }

    #[test]
    fn a_tab_that_comes_from_elsewhere_takes_a_place_there() {
        let limits = Limits::new(0, 1);
        let _tab = take(&limits, "192.0.2.1", Some(1)).unwrap();
        let other = take(&limits, "192.0.2.2", None).unwrap();
        assert_eq!(take(&limits, "192.0.2.2", Some(1)).unwrap_err(), LimitReached::Address(1));
        drop(other);
        assert!(take(&limits, "192.0.2.2", Some(1)).is_ok());
    }

    #[test]
    fn an_address_gets_no_more_than_allowed() {
        let limits = Limits::new(0, 1);
        let _first = take(&limits, "127.0.0.1", None).unwrap();
        assert_eq!(take(&limits, "127.0.0.1", None).unwrap_err(), LimitReached::Address(1));
        assert!(take(&limits, "127.0.0.2", None).is_ok());
    }

    #[test]
    fn the_streams_of_an_address_are_known_where_they_are_limited() {
        let unlimited = Limits::new(1, 0);
        let _other = take(&unlimited, "192.0.2.1", None).unwrap();
        assert!(unlimited.places_of(&Whose::Address("192.0.2.1".parse().unwrap())).is_empty());
        let limits = Limits::new(0, 2);
        let first = take(&limits, "192.0.2.1", None).unwrap();
        let _elsewhere = take(&limits, "192.0.2.2", None).unwrap();
        let places = limits.places_of(&Whose::Address("192.0.2.1".parse().unwrap()));
        assert!(places.len() == 1 && Arc::ptr_eq(&places[0], first.place()));
        drop(first);
        assert!(limits.lock().places.len() == 1 && limits.places_of(&Whose::Address("192.0.2.1".parse().unwrap())).is_empty());
    }

    #[test]
    fn a_tab_that_comes_back_replaces_its_older_stream_even_at_the_limit() {
        let limits = Limits::new(1, 0);
        let first = take(&limits, "127.0.0.1", Some(7)).unwrap();
        let second = take(&limits, "127.0.0.1", Some(7)).unwrap();
        assert_eq!(first.place().bye().1, ByeReason::Replaced);
        drop(first);
        assert_eq!(take(&limits, "127.0.0.1", None).unwrap_err(), LimitReached::User(1));
        drop(second);
        assert!(take(&limits, "127.0.0.1", None).is_ok());
    }
}
