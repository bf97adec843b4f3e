//! Who is connected: every stream of a browser's tab is an entry. Alone, a process knows them all; of many, each keeps its own
//! in Redis alive ([`SharedPresence`]), where the user's limit holds for all of them together.

mod device;
mod entry;
mod shared;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::wire::live::ByeReason;
use crate::wire::views::{PresenceChangedView, PresenceView};

use self::entry::Entry;
pub use self::shared::SharedPresence;
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
    changes: AtomicU64,
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
    stream: String,
}

impl Presence {
    /// Makes the list of a process that is alone.
    pub fn alone(worker: Arc<str>) -> Arc<Self> {
        Arc::new(Self { worker, limit: 0, here: Mutex::default(), changes: AtomicU64::new(0), shared: None })
    }

    /// Makes the list of one process of many; `limit` is how many streams the user may hold on all of them, 0 where there is none.
    pub fn shared(worker: Arc<str>, limit: u32, shared: SharedPresence) -> Arc<Self> {
        Arc::new(Self { worker, limit, here: Mutex::default(), changes: AtomicU64::new(0), shared: Some(shared) })
    }

    /// Enters a stream, in place of older ones of the same tab, wherever those are. A stream that is nobody's tab has an entry
    /// only where it counts towards a limit across processes. Redis is never waited for long: without its answer the stream
    /// opens, and is entered with the next renewal.
    pub async fn sit(
        self: &Arc<Self>,
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
        let entry = Entry { stream: stream.clone(), client, device: device::name(user_agent), connected_at: now };
        if !self.enter(&entry, place, counts) {
            return Ok(None);
        }
        // From here on it is left again, also where whoever asked hangs up while Redis is asked.
        let seat = Seat { presence: Arc::clone(self), stream };
        if let Some(shared) = &self.shared {
            match shared.take(&entry, self.limit).await {
                Taken::Refused => return Err(Full),
                Taken::Replaced(streams) => streams.iter().for_each(|stream| self.end(stream)),
            }
        }
        Ok(Some(seat))
    }

    /// Has the other workers ask their streams whether they are still there, without waiting.
    pub fn call_elsewhere(&self) {
        if let Some(shared) = self.shared.as_ref().filter(|_| self.limit > 0) {
            shared.call_others();
        }
    }

    /// Waits until another worker asks for that. In a process that is alone it never returns.
    pub async fn called(&self) {
        match &self.shared {
            Some(shared) => shared.called().await,
            None => std::future::pending().await,
        }
    }

    /// Notes a stream of this process; false where there are too many to list.
    fn enter(&self, entry: &Entry, place: &Arc<Place>, counts: bool) -> bool {
        let mut here = self.lock();
        // The limits have ended it already: it only has not left yet.
        here.retain(|_, other| entry.client.is_none() || other.entry.client != entry.client);
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

    fn leave(&self, stream: &str) {
        if let Some(left) = self.lock().remove(stream) {
            self.note_change(&left.entry);
        }
        if let Some(shared) = &self.shared {
            shared.leave(stream);
        }
    }

    /// Notes that the list of tabs is another one; a program's stream is in no list.
    fn note_change(&self, entry: &Entry) {
        if entry.client.is_some() {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Returns this process's entries.
    fn own(&self) -> Vec<Entry> {
        self.lock().values().map(|here| here.entry.clone()).collect()
    }

    /// Returns every entry there is; only this process's own while Redis does not answer.
    async fn entries(&self) -> Vec<Entry> {
        let shared = match &self.shared {
            Some(shared) => shared.list().await,
            None => None,
        };
        let Some(mut entries) = shared else { return self.own() };
        // Of its own streams this process knows best, whatever Redis has not heard of yet.
        entries.retain(|entry| entry.worker() != &*self.worker);
        entries.extend(self.own());
        entries
    }

    /// Returns the connected tabs, the longest connected first; `this` marks the one that asks.
    pub async fn tabs(&self, this: Option<Uuid>) -> Vec<PresenceView> {
        tabs(&self.entries().await, this)
    }

    /// Keeps this process's entries alive and tells its streams of changes, at most once a second, until `stop`.
    pub async fn keep(self: Arc<Self>, board: Arc<Board>, clock: Clock, stop: CancellationToken) {
        let mut told = Vec::new();
        let (mut seen, mut look) = ((u64::MAX, 0), 0);
        loop {
            if let Some(shared) = &self.shared {
                shared.replaced().iter().for_each(|stream| self.end(stream));
                if look % RENEW_EVERY == 0 {
                    shared.renew(&self.own()).await;
                }
            }
            let changes = self.changes.load(Ordering::Acquire);
            if let Some(shared) = self.shared.as_ref().filter(|_| changes != seen.0 && seen.0 != u64::MAX) {
                shared.say_changed();
            }
            let now = (changes, self.shared.as_ref().map_or(0, SharedPresence::version));
            let has_changed = std::mem::replace(&mut seen, now) != now;
            // A worker that was killed says nothing when its entries end.
            if has_changed || (self.shared.is_some() && look % RENEW_EVERY == 0) {
                self.tell(&board, &mut told, has_changed).await;
            }
            look = look.wrapping_add(1);
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = clock.sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Tells this process's streams where somebody came or went since the last look, or the list is another one. A tab that came
    /// and went between two looks leaves the list as it was: whoever asked in between has it, and must ask again.
    async fn tell(&self, board: &Board, told: &mut Vec<PresenceView>, has_changed: bool) {
        let now = self.tabs(None).await;
        metrics::gauge!("foliostream_presence_entries").set(now.len() as f64);
        if has_changed || *told != now {
            board.post_presence(PresenceChangedView { connected: now.len() });
            *told = now;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Here>> {
        // Each change is one insertion or removal: a panic elsewhere cannot have left half of one.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.presence.leave(&self.stream);
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
        presence.sit(client.map(Uuid::from_u128), "curl/8", now, &place()).await.unwrap()
    }

    #[tokio::test]
    async fn tabs_are_listed_by_age_and_gone_with_their_stream() {
        let presence = Presence::alone("7".into());
        let younger = sit(&presence, Some(1), 20).await;
        let _older = sit(&presence, Some(2), 10).await;
        let tabs = presence.tabs(Some(Uuid::from_u128(1))).await;
        let told: Vec<_> = tabs.iter().map(|tab| (tab.device.as_str(), tab.worker.as_str(), tab.this)).collect();
        assert_eq!(told, [("curl", "7", false), ("curl", "7", true)]);
        drop(younger);
        assert_eq!(presence.tabs(None).await.len(), 1);
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
        assert_eq!(presence.tabs(None).await.len(), 1);
        drop(first);
        assert_eq!(presence.tabs(None).await.len(), 1);
    }

    #[tokio::test]
    async fn what_is_too_much_to_list_is_served_all_the_same() {
        let presence = Presence::alone("7".into());
        let mut seats = Vec::new();
        for client in 0..=MOST_LISTED as u128 {
            seats.push(sit(&presence, Some(client), 1).await);
        }
        assert!(seats[MOST_LISTED].is_none());
        assert_eq!(presence.tabs(None).await.len(), MOST_LISTED);
    }
}
