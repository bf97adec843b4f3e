//! What happened to alerts and notifications, by number: the newest event of each, passing marks (deleted, read), and a while of
//! what these superseded, for streams that were not there a moment later. And the newest notifications.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::text::Text;
use foliostream::domain::user::UserId;

/// Passing marks kept: a client that was away while more than this were made starts over with `reset` `evicted`. Live alerts
/// are always kept; a mark is some 100 bytes.
const KEPT_MARKS: usize = 1_024;

/// Superseded events that are kept. A stream that is further behind gets only the newest state of each alert: of an alert that
/// changed three times since, one event instead of three.
const KEPT_SUPERSEDED: usize = 1_024;

/// Notifications kept ready to write; older ones are read from the store.
const KEPT_NOTIFICATIONS: usize = 256;

/// What an event is the newest of: the state of an alert, or the read mark of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// The newest state of the alert with this id.
    Alert(String),
    /// The read mark of the notification with this id.
    Read(String),
}

/// A log compacted by shelf, but for its newest end.
#[derive(Debug, Default)]
pub(crate) struct Log {
    events: BTreeMap<Spot, Entry>,
    newest: HashMap<Shelf, Spot>,
    superseded: VecDeque<Spot>,
    marks: VecDeque<Spot>,
    floor: u64,
    put: u64,
}

/// The log of each user.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    of: HashMap<UserId, Log>,
    last: u64,
}

impl Logs {
    /// Returns a user's log, if anything ever happened in it.
    pub(crate) fn of(&self, owner: &UserId) -> Option<&Log> {
        self.of.get(owner)
    }

    /// Returns a user's log, for what happens at `seq`.
    pub(crate) fn of_mut(&mut self, owner: &UserId, seq: u64) -> &mut Log {
        self.last = seq;
        self.of.entry(owner.clone()).or_default()
    }

    /// Returns the number of the newest event of all users.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }
}

/// A number, and the order within it: what a snapshot brought shares one.
type Spot = (u64, u64);

#[derive(Debug)]
struct Entry {
    shelf: Shelf,
    head: Text,
    kind: Kind,
}

/// The streams that an event matters to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Everybody: it is how something stands.
    State,
    /// Those who knew what it marks.
    Passing,
    /// Those who want to see how it came about.
    Superseded,
}

/// What of the log a stream is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// How everything stands, from the beginning.
    State,
    /// How everything stands that is newer than a number, and what was deleted or read since.
    Newest,
    /// Everything that happened since.
    All,
}

impl Log {
    /// Puts a shelf's newest event, which stays until a newer one comes.
    pub(crate) fn put(&mut self, seq: u64, shelf: Shelf, head: Text) {
        self.insert(seq, shelf, head, Kind::State);
    }

    /// Puts a mark that matters only to those who knew what it marks.
    pub(crate) fn put_passing(&mut self, seq: u64, shelf: Shelf, head: Text) {
        let spot = self.insert(seq, shelf, head, Kind::Passing);
        self.marks.push_back(spot);
        while self.marks.len() > KEPT_MARKS {
            let Some(oldest) = self.marks.pop_front() else { break };
            if self.events.get(&oldest).is_some_and(|entry| entry.kind == Kind::Passing)
                && let Some(entry) = self.events.remove(&oldest)
            {
                self.newest.remove(&entry.shelf);
                self.floor = oldest.0;
            }
        }
    }

    fn insert(&mut self, seq: u64, shelf: Shelf, head: Text, kind: Kind) -> Spot {
        self.put += 1;
        let spot = (seq, self.put);
        if let Some(older) = self.newest.insert(shelf.clone(), spot) {
            self.supersede(older);
        }
        self.events.insert(spot, Entry { shelf, head, kind });
        spot
    }

    fn supersede(&mut self, older: Spot) {
        let Some(entry) = self.events.get_mut(&older) else { return };
        entry.kind = Kind::Superseded;
        self.superseded.push_back(older);
        if self.superseded.len() > KEPT_SUPERSEDED
            && let Some(oldest) = self.superseded.pop_front()
        {
            self.events.remove(&oldest);
        }
    }

    /// Returns events after `seq`, or from the beginning where how everything stands is asked for.
    pub(crate) fn since(&self, seq: u64, extent: Extent) -> impl Iterator<Item = (u64, Text)> {
        // A snapshot may stand at 0.
        let first = if extent == Extent::State { 0 } else { seq.saturating_add(1) };
        let is_told = move |kind: Kind| match extent {
            Extent::State => kind == Kind::State,
            Extent::Newest => kind != Kind::Superseded,
            Extent::All => true,
        };
        let newer = self.events.range((first, 0)..).filter(move |(_, entry)| is_told(entry.kind));
        newer.map(|((seq, _), entry)| (*seq, entry.head.clone()))
    }

    /// Returns the number up to which marks may have been forgotten.
    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }
}

/// The newest notifications, ready to write, in order.
#[derive(Debug)]
pub(crate) struct Notifications {
    kept: VecDeque<Kept>,
    floor: i64,
}

/// A notification, its user, and its text as long as it is unread and once it was read.
#[derive(Debug)]
struct Kept {
    n: i64,
    owner: UserId,
    head: Text,
    as_read: Text,
}

impl Notifications {
    /// Keeps none; those up to `last_n` are in the store.
    pub(crate) fn new(last_n: i64) -> Self {
        Self { kept: VecDeque::new(), floor: last_n }
    }

    /// Adds the next one, with its text and its text once it was read.
    pub(crate) fn push(&mut self, n: i64, owner: UserId, head: Text, as_read: Text) {
        self.kept.push_back(Kept { n, owner, head, as_read });
        if self.kept.len() > KEPT_NOTIFICATIONS
            && let Some(kept) = self.kept.pop_front()
        {
            self.floor = kept.n;
        }
        self.kept.make_contiguous();
    }

    /// Notes that one was read. Within a step the mark comes before the notifications: a stream that lags would be told last that
    /// it is unread.
    pub(crate) fn mark_read(&mut self, n: i64) {
        if let Ok(place) = self.kept.binary_search_by_key(&n, |kept| kept.n)
            && let Some(kept) = self.kept.get_mut(place)
        {
            kept.head = kept.as_read.clone();
        }
    }

    /// Returns the newest number.
    pub(crate) fn last_n(&self) -> i64 {
        self.kept.back().map_or(self.floor, |kept| kept.n)
    }

    /// Returns the number up to which they are only in the store.
    pub(crate) fn floor(&self) -> i64 {
        self.floor
    }

    /// Returns a user's after `n`, in order.
    pub(crate) fn after(&self, owner: &UserId, n: i64) -> impl Iterator<Item = (i64, &Text)> {
        let (kept, _) = self.kept.as_slices();
        let newer = &kept[kept.partition_point(|kept| kept.n <= n)..];
        newer.iter().filter(move |kept| kept.owner == *owner).map(|kept| (kept.n, &kept.head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(log: &Log, seq: u64, extent: Extent) -> Vec<u64> {
        log.since(seq, extent).map(|(seq, _)| seq).collect()
    }

    fn alert(id: usize) -> Shelf {
        Shelf::Alert(id.to_string())
    }

    #[test]
    fn what_was_superseded_is_told_to_those_who_follow_and_to_nobody_who_begins() {
        let mut log = Log::default();
        log.put(1, alert(1), "one".into());
        log.put(2, alert(2), "two".into());
        log.put(3, alert(1), "one again".into());
        assert_eq!(numbers(&log, 0, Extent::All), [1, 2, 3]);
        assert_eq!(numbers(&log, 1, Extent::All), [2, 3]);
        assert_eq!(numbers(&log, 0, Extent::Newest), [2, 3]);
        assert_eq!(numbers(&log, 9, Extent::State), [2, 3]);
    }

    #[test]
    fn what_was_superseded_long_ago_is_forgotten_and_the_newest_state_never() {
        let mut log = Log::default();
        for seq in 1..=KEPT_SUPERSEDED as u64 + 3 {
            log.put(seq, alert(1), "one".into());
        }
        let kept = numbers(&log, 0, Extent::All);
        assert_eq!((kept.len(), kept[0], log.floor()), (KEPT_SUPERSEDED + 1, 3, 0));
        assert_eq!(numbers(&log, 0, Extent::State), [KEPT_SUPERSEDED as u64 + 3]);
    }

    #[test]
    fn a_full_state_has_no_marks_and_a_replay_has() {
        let mut log = Log::default();
        log.put(1, alert(1), "made".into());
        log.put_passing(2, alert(1), "deleted".into());
        assert!(numbers(&log, 0, Extent::State).is_empty());
        assert_eq!(numbers(&log, 0, Extent::Newest), [2]);
        assert_eq!(numbers(&log, 0, Extent::All), [1, 2]);
    }

    #[test]
    fn forgotten_marks_raise_the_floor_and_alerts_never_do() {
        let mut log = Log::default();
        log.put(1, alert(0), "kept".into());
        for id in 1..=KEPT_MARKS + 1 {
            log.put_passing(id as u64 + 1, alert(id), "deleted".into());
        }
        assert_eq!(log.floor(), 2);
        assert_eq!(numbers(&log, 0, Extent::State), [1]);
    }

    #[test]
    fn old_notifications_are_left_to_the_store() {
        let mut notifications = Notifications::new(10);
        for n in 11..=11 + KEPT_NOTIFICATIONS as i64 {
            notifications.push(n, UserId::local(), "event".into(), "read".into());
        }
        assert_eq!((notifications.floor(), notifications.last_n()), (11, 11 + KEPT_NOTIFICATIONS as i64));
        assert_eq!(notifications.after(&UserId::local(), notifications.last_n() - 2).count(), 2);
        assert_eq!(notifications.after(&"other".parse().unwrap(), 0).count(), 0);
    }

    #[test]
    fn a_notification_that_was_read_is_told_as_read_from_then_on() {
        let mut notifications = Notifications::new(10);
        for n in [11, 12, 14] {
            notifications.push(n, UserId::local(), "unread".into(), "read".into());
        }
        [10, 12, 13].into_iter().for_each(|n| notifications.mark_read(n));
        let told: Vec<(i64, &str)> = notifications.after(&UserId::local(), 0).map(|(n, head)| (n, &**head)).collect();
        assert_eq!(told, [(11, "unread"), (12, "read"), (14, "unread")]);
    }
}
