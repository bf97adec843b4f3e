//! Who is connected: every stream of a browser's tab is an entry. Alone, a process knows them all; of many, each keeps its own
//! in Redis alive ([`SharedPresence`]), where the user's limit holds for all of them together.

mod device;
mod entry;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use foliostream::domain::user::UserId;
use foliostream::wire::live::ByeReason;
use foliostream::wire::views::{PresenceChangedView, PresenceView};

use self::entry::Entry;
pub(crate) use self::shared::SharedPresence;
use self::shared::Taken;
use super::board::Board;
use super::clock::Clock;
use super::sse::place::Place;

/// Tabs listed of one process where no limit bounds them: what is beyond is served like any other, but not listed.
const MOST_LISTED: usize = 1_000;

/// How often changes are looked at and told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks between two renewals of this process's entries: they live for 15 s, so two renewals may fail.
const RENEW_EVERY: u32 = 5;

/// Everybody who is connected, as far as this process knows.
#[derive(Debug)]
pub struct Presence {
    worker: Arc<str>,
    limit: u32,
    here: Mutex<BTreeMap<String, Here>>,
    /// Users whose tabs came or went here since the last look.
    changed: Mutex<BTreeSet<UserId>>,
    shared: Option<SharedPresence>,
}

#[derive(Debug)]
struct Here {
    entry: Entry,
    place: Weak<Place>,
}

/// The user holds as many streams as allowed, on all workers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// An entry that lasts as long as its stream.
#[derive(Debug)]
pub struct Seat {
    presence: Arc<Presence>,
    user: UserId,
    stream: String,
}

impl Presence {
    /// Makes the list of a process that is alone.
    pub fn alone(worker: Arc<str>) -> Arc<Self> {
        Arc::new(Self { worker, limit: 0, here: Mutex::default(), changed: Mutex::default(), shared: None })
    }

    /// Makes the list of one process of many; `limit` is how many streams the user may hold on all of them, 0 where there is
    /// none.
    pub fn shared(worker: Arc<str>, limit: u32, shared: SharedPresence) -> Arc<Self> {
        Arc::new(Self { worker, limit, here: Mutex::default(), changed: Mutex::default(), shared: Some(shared) })
    }

    /// Enters a stream and ends older ones of the same tab, on whatever worker those are. A stream without a tab, such as a
    /// program's, has an entry only where it counts towards a limit across processes. The stream waits 500 ms at most for Redis:
    /// without an answer it opens, and is entered with the next renewal.
    pub async fn sit(
        self: &Arc<Self>,
        user: &UserId,
        client: Option<Uuid>,
        user_agent: &str,
        now: Timestamp,
        place: &Arc<Place>,
    ) -> Result<Option<Seat>, Full> {
        let counts = self.shared.is_some() && self.limit > 0;
        if client.is_none() && !counts {
            return Ok(None);
        }
        let stream = [&self.worker, "/", &Uuid::now_v7().simple().to_string()].concat();
        let client = client.map(|client| client.to_string());
        let device = device::name(user_agent);
        let entry = Entry { user: user.clone(), stream: stream.clone(), client, device, connected_at: now };
        if !self.enter(&entry, place, counts) {
            return Ok(None);
        }
        // The seat leaves the list when it is dropped, also where the client hangs up while Redis is asked.
        let seat = Seat { presence: Arc::clone(self), user: user.clone(), stream };
        if let Some(shared) = &self.shared {
            match shared.take(&entry, self.limit).await {
                Taken::Refused => return Err(Full),
                Taken::Replaced(streams) => streams.iter().for_each(|stream| self.end(stream)),
            }
        }
        Ok(Some(seat))
    }

    /// Has the other workers ask a user's streams whether they are still there, without waiting.
    pub fn call_elsewhere(&self, user: &UserId) {
        if let Some(shared) = self.shared.as_ref().filter(|_| self.limit > 0) {
            shared.call_others(user);
        }
    }

    /// Waits until another worker asks for that, and returns whose streams it means. In a process that is alone it never returns.
    pub async fn called(&self) -> BTreeSet<UserId> {
        match &self.shared {
            Some(shared) => shared.called().await,
            None => std::future::pending().await,
        }
    }

    /// Notes a stream of this process; false where there are too many to list.
    fn enter(&self, entry: &Entry, place: &Arc<Place>, counts: bool) -> bool {
        let mut here = self.lock();
        // The limits have ended it already: it only has not left yet.
        let is_older = |other: &Entry| entry.client.is_some() && (&other.user, &other.client) == (&entry.user, &entry.client);
        here.retain(|_, other| !is_older(&other.entry));
        if !counts && here.len() >= MOST_LISTED {
            return false;
        }
        here.insert(entry.stream.clone(), Here { entry: entry.clone(), place: Arc::downgrade(place) });
        self.note_change(entry);
        true
    }

    /// Ends a stream of this process, of whose tab there is a newer one.
    fn end(&self, stream: &str) {
        let Some(replaced) = self.lock().remove(stream) else { return };
        self.note_change(&replaced.entry);
        if let Some(place) = replaced.place.upgrade() {
            place.end_at(i64::MIN, ByeReason::Replaced);
            place.wake();
        }
    }

    fn leave(&self, user: &UserId, stream: &str) {
        if let Some(left) = self.lock().remove(stream) {
            self.note_change(&left.entry);
        }
        if let Some(shared) = &self.shared {
            shared.leave(user, stream);
        }
    }

    /// Notes that a user's list of tabs is another one; a program's stream is in no list.
    fn note_change(&self, entry: &Entry) {
        if entry.client.is_some() {
            self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.user.clone());
        }
    }

    /// Returns this process's entries of a user.
    fn own(&self, user: &UserId) -> Vec<Entry> {
        let here = self.lock();
        here.values().map(|here| &here.entry).filter(|entry| entry.user == *user).cloned().collect()
    }

    /// Returns the users who have streams of this process.
    fn users(&self) -> BTreeSet<UserId> {
        self.lock().values().map(|here| here.entry.user.clone()).collect()
    }

    /// Returns every entry of a user; only this process's own while Redis does not answer.
    async fn entries(&self, user: &UserId) -> Vec<Entry> {
        let shared = match &self.shared {
            Some(shared) => shared.list(user).await,
            None => None,
        };
        let Some(mut entries) = shared else { return self.own(user) };
        // This process takes its own streams from its own list: Redis may not have heard of the newest yet.
        entries.retain(|entry| entry.worker() != &*self.worker);
        entries.extend(self.own(user));
        entries
    }

    /// Returns a user's connected tabs, the longest connected first; `this` marks the one that asks.
    pub async fn tabs(&self, user: &UserId, this: Option<Uuid>) -> Vec<PresenceView> {
        tabs(&self.entries(user).await, this)
    }

    /// Keeps this process's entries alive and sends `presence_changed` to its streams after a change, at most once a second,
    /// until `stop`.
    pub async fn keep(self: Arc<Self>, board: Arc<Board>, clock: Clock, stop: CancellationToken) {
        let (mut told, mut look) = (BTreeMap::new(), 0_u32);
        loop {
            if let Some(shared) = &self.shared {
                shared.replaced().iter().for_each(|stream| self.end(stream));
            }
            let changed = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
            let changed = match &self.shared {
                Some(shared) => self.exchange(shared, changed, look.is_multiple_of(RENEW_EVERY)).await,
                None => changed,
            };
            for user in &changed {
                self.tell(&board, &mut told, user, true).await;
            }
            if self.shared.is_some() && look.is_multiple_of(RENEW_EVERY) {
                // A worker that was killed says nothing when its entries end.
                for user in self.users().difference(&changed) {
                    self.tell(&board, &mut told, user, false).await;
                }
            }
            metrics::gauge!("foliostream_presence_entries").set(told.values().map(Vec::len).sum::<usize>() as f64);
            look = look.wrapping_add(1);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = clock.sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Publishes whose tabs changed here and renews this one's entries where it is time; returns whose tabs changed
    /// anywhere.
    async fn exchange(&self, shared: &SharedPresence, mut changed: BTreeSet<UserId>, renews: bool) -> BTreeSet<UserId> {
        if renews {
            shared.connect().await;
            for user in self.users() {
                shared.renew(&user, &self.own(&user)).await;
            }
        }
        changed.iter().for_each(|user| shared.say_changed(user));
        changed.extend(shared.take_changes());
        changed
    }

    /// Sends `presence_changed` to a user's streams of this process where one of the user's tabs came or went since the last
    /// look. The event is also due where the list is the same as before: a tab may have come and gone between two looks, and a
    /// page that asked in between shows it.
    async fn tell(&self, board: &Board, told: &mut BTreeMap<UserId, Vec<PresenceView>>, user: &UserId, has_changed: bool) {
        let now = self.tabs(user, None).await;
        if has_changed || told.get(user) != Some(&now) {
            board.post_presence(user, PresenceChangedView { connected: now.len() });
        }
        if now.is_empty() {
            told.remove(user);
        } else {
            told.insert(user.clone(), now);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Here>> {
        // Each change is one insertion or removal: a panic elsewhere cannot have left half of one.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.presence.leave(&self.user, &self.stream);
    }
}

fn tabs(entries: &[Entry], this: Option<Uuid>) -> Vec<PresenceView> {
    let this = this.map(|this| this.to_string());
    let this = this.as_deref();
    let view = |entry: &Entry| {
        let client = entry.client.clone()?;
        Some(PresenceView {
            this: this == Some(client.as_str()),
            client,
            device: entry.device.clone(),
            worker: entry.worker().to_owned(),
            connected_at: entry.connected_at,
        })
    };
    let mut tabs: Vec<_> = entries.iter().filter_map(view).collect();
    tabs.sort_by(|left, right| left.connected_at.cmp(&right.connected_at).then_with(|| left.client.cmp(&right.client)));
    tabs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Arc<Place> {
        Arc::new(Place::new(0, i64::MAX, 0))
    }

    async fn sit(presence: &Arc<Presence>, client: Option<u128>, second: i64) -> Option<Seat> {
        let now = Timestamp::from_second(second).unwrap();
        presence.sit(&UserId::local(), client.map(Uuid::from_u128), "curl/8", now, &place()).await.unwrap()
    }

    #[tokio::test]
    async fn tabs_are_listed_by_age_and_gone_with_their_stream() {
        let presence = Presence::alone("7".into());
        let younger = sit(&presence, Some(1), 20).await;
        let _older = sit(&presence, Some(2), 10).await;
        let tabs = presence.tabs(&UserId::local(), Some(Uuid::from_u128(1))).await;
        let told: Vec<_> = tabs.iter().map(|tab| (tab.device.as_str(), tab.worker.as_str(), tab.this)).collect();
        assert_eq!(told, [("curl", "7", false), ("curl", "7", true)]);
        drop(younger);
        assert_eq!(presence.tabs(&UserId::local(), None).await.len(), 1);
    }

    #[tokio::test]
    async fn a_stream_that_is_nobodys_tab_costs_nothing_in_one_process() {
        let presence = Presence::alone("7".into());
        assert!(sit(&presence, None, 1).await.is_none());
    }

    #[tokio::test]
    async fn a_tab_that_comes_back_is_listed_once() {
        let presence = Presence::alone("7".into());
        let first = sit(&presence, Some(1), 1).await;
        let _second = sit(&presence, Some(1), 2).await;
        assert_eq!(presence.tabs(&UserId::local(), None).await.len(), 1);
        drop(first);
        assert_eq!(presence.tabs(&UserId::local(), None).await.len(), 1);
    }

    #[tokio::test]
    async fn what_is_too_much_to_list_is_served_all_the_same() {
        let presence = Presence::alone("7".into());
        let mut seats = Vec::new();
        for client in 0..=MOST_LISTED as u128 {
            seats.push(sit(&presence, Some(client), 1).await);
        }
        assert!(seats[MOST_LISTED].is_none());
        assert_eq!(presence.tabs(&UserId::local(), None).await.len(), MOST_LISTED);
    }
}
