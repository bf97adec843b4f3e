//! The newest event of each alert, and passing marks (deleted, read), by number; and the newest notifications.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::server::sse::frame::Text;

/// Passing marks kept: a client that was away while more than this were made starts over with `reset` `evicted`. Live alerts
/// are always kept; a mark is some 100 bytes.
const KEPT_MARKS: usize = 1_024;

/// Notifications kept ready to write; older ones are read from the store.
const KEPT_NOTIFICATIONS: usize = 256;

/// Whose newest event it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// An alert's.
    Alert(String),
    /// A notification's read mark.
    Read(String),
}

/// A log compacted by shelf.
#[derive(Debug, Default)]
pub struct Log {
    events: BTreeMap<Spot, Entry>,
    newest: HashMap<Shelf, Spot>,
    marks: VecDeque<Spot>,
    floor: u64,
    put: u64,
}

/// A number, and the order within it: what a snapshot brought shares one.
type Spot = (u64, u64);

#[derive(Debug)]
struct Entry {
    shelf: Shelf,
    head: Text,
    passing: bool,
}

impl Log {
    /// Puts a shelf's newest event, which stays until a newer one comes.
    pub fn put(&mut self, seq: u64, shelf: Shelf, head: Text) {
        self.insert(seq, shelf, head, false);
    }

    /// Puts a mark that matters only to those who knew what it marks.
    pub fn put_passing(&mut self, seq: u64, shelf: Shelf, head: Text) {
        let spot = self.insert(seq, shelf, head, true);
        self.marks.push_back(spot);
        while self.marks.len() > KEPT_MARKS {
            let Some(oldest) = self.marks.pop_front() else { break };
            if let Some(entry) = self.events.remove(&oldest) {
                self.newest.remove(&entry.shelf);
                self.floor = oldest.0;
            }
        }
    }

    fn insert(&mut self, seq: u64, shelf: Shelf, head: Text, passing: bool) -> Spot {
        self.put += 1;
        let spot = (seq, self.put);
        if let Some(older) = self.newest.insert(shelf.clone(), spot) {
            self.events.remove(&older);
        }
        self.events.insert(spot, Entry { shelf, head, passing });
        spot
    }

    /// Returns events after `seq`; a full state leaves marks out.
    pub fn since(&self, seq: u64, full: bool) -> impl Iterator<Item = (u64, Text)> {
        // A snapshot may stand at 0.
        let first = if full { 0 } else { seq.saturating_add(1) };
        let newer = self.events.range((first, 0)..);
        newer.filter(move |(_, entry)| !(full && entry.passing)).map(|((seq, _), entry)| (*seq, entry.head.clone()))
    }

    /// Returns the number up to which marks may have been forgotten.
    pub fn floor(&self) -> u64 {
        self.floor
    }
}

/// The newest notifications, ready to write, in order.
#[derive(Debug)]
pub struct Notifications {
    kept: VecDeque<(i64, Text)>,
    floor: i64,
}

impl Notifications {
    /// Keeps none; those up to `last_n` are in the store.
    pub fn new(last_n: i64) -> Self {
        Self { kept: VecDeque::new(), floor: last_n }
    }

    /// Adds the next one.
    pub fn push(&mut self, n: i64, head: Text) {
        self.kept.push_back((n, head));
        if self.kept.len() > KEPT_NOTIFICATIONS
            && let Some((n, _)) = self.kept.pop_front()
        {
            self.floor = n;
        }
        self.kept.make_contiguous();
    }

    /// Returns the newest number.
    pub fn last_n(&self) -> i64 {
        self.kept.back().map_or(self.floor, |(n, _)| *n)
    }

    /// Returns the number up to which they are only in the store.
    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// Returns those after `n`, in order.
    pub fn after(&self, n: i64) -> &[(i64, Text)] {
        let (kept, _) = self.kept.as_slices();
        &kept[kept.partition_point(|(kept, _)| *kept <= n)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(id: usize) -> Shelf {
        Shelf::Alert(id.to_string())
    }

    #[test]
    fn only_the_newest_event_of_a_shelf_is_kept() {
        let mut log = Log::default();
        log.put(1, alert(1), "one".into());
        log.put(2, alert(2), "two".into());
        log.put(3, alert(1), "one again".into());
        let events: Vec<_> = log.since(0, false).map(|(seq, _)| seq).collect();
        assert_eq!(events, [2, 3]);
    }

    #[test]
    fn a_full_state_has_no_marks_and_a_replay_has() {
        let mut log = Log::default();
        log.put(1, alert(1), "made".into());
        log.put_passing(2, alert(1), "deleted".into());
        assert_eq!(log.since(0, true).count(), 0);
        assert_eq!(log.since(0, false).count(), 1);
    }

    #[test]
    fn forgotten_marks_raise_the_floor_and_alerts_never_do() {
        let mut log = Log::default();
        log.put(1, alert(0), "kept".into());
        for id in 1..=KEPT_MARKS + 1 {
            log.put_passing(id as u64 + 1, alert(id), "deleted".into());
        }
        assert_eq!(log.floor(), 2);
        assert_eq!(log.since(0, true).map(|(seq, _)| seq).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn old_notifications_are_left_to_the_store() {
        let mut notifications = Notifications::new(10);
        for n in 11..=11 + KEPT_NOTIFICATIONS as i64 {
            notifications.push(n, "event".into());
        }
        assert_eq!((notifications.floor(), notifications.last_n()), (11, 11 + KEPT_NOTIFICATIONS as i64));
        assert_eq!(notifications.after(notifications.last_n() - 2).len(), 2);
    }
}
