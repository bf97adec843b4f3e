//! How often streams at a limit are called (`rest/streams/insisting.rs` says what for).
//!
//! A client cannot make the server write without bound by asking for streams: requests at the same limit share its calls, which
//! are paced; a call reaches a bounded number of streams, and all calls together write a bounded number of heartbeats a second.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::place::Place;
use foliostream::domain::user::UserId;

/// The shortest time between two calls at one limit. A request that waits asks for a place again after as long. Four calls fit
/// into the second that a request waits, even where the first has to wait for the end of another request's gap.
pub const GAP: Duration = Duration::from_millis(150);
const GAP_MS: i64 = 150;

/// Calls for one who asks. A write to a client that has left succeeds, and is answered by a reset; the next one fails. A proxy
/// in Go that writes into a buffer before it flushes hears of that two writes later.
const CALLS_EACH: u64 = 4;

/// Calls at one limit that may follow each other: enough for a page that is reloaded three times. Later it is one in `EVERY_MS`.
const BURST: i64 = 12;
const EVERY_MS: i64 = 500;

/// Streams one call reaches: those that were silent for longest.
const MOST_CALLED: usize = 128;

/// Heartbeats a second of all calls of this process.
const MOST_A_SECOND: usize = 1_000;

/// Askers that wait at one limit; more are refused at once.
const MOST_WAITING: usize = 64;

/// The limit that streams count towards: that of a user, or of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The streams of one user.
    User(UserId),
    /// The streams from one address.
    Address(IpAddr),
}

/// The limits at which somebody asks, or asked lately.
#[derive(Debug, Default)]
pub struct Rolls(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    rolls: HashMap<Whose, Roll>,
    /// The second in which heartbeats were last written for a call, and how many.
    written: (i64, usize),
}

#[derive(Debug, Default)]
struct Roll {
    pace: Pace,
    waiting: usize,
    left: Arc<Notify>,
}

/// How often a limit's streams are called.
#[derive(Debug)]
struct Pace {
    calls: u64,
    last_ms: i64,
    /// Until when the calls so far would last at one in `EVERY_MS`.
    spent_until_ms: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { calls: 0, last_ms: i64::MIN, spent_until_ms: i64::MIN }
    }
}

impl Pace {
    /// Returns whether a call may be made now, and counts it.
    fn call(&mut self, now_ms: i64) -> bool {
        let spent_until_ms = self.spent_until_ms.max(now_ms);
        if now_ms < self.last_ms.saturating_add(GAP_MS) || spent_until_ms - now_ms > (BURST - 1) * EVERY_MS {
            return false;
        }
        (self.calls, self.last_ms, self.spent_until_ms) = (self.calls + 1, now_ms, spent_until_ms + EVERY_MS);
        true
    }
}

impl Rolls {
    /// Lets a request wait at a limit; nothing where `MOST_WAITING` wait there already.
    pub fn wait_at(self: &Arc<Self>, whose: Whose, now_ms: i64) -> Option<Waiting> {
        let mut table = self.lock();
        if table.rolls.len() == table.rolls.capacity() {
            table.rolls.retain(|_, roll| roll.waiting > 0 || roll.pace.spent_until_ms > now_ms);
        }
        let roll = table.rolls.entry(whose.clone()).or_default();
        if roll.waiting >= MOST_WAITING {
            return None;
        }
        roll.waiting += 1;
        Some(Waiting { rolls: Arc::clone(self), left: Arc::clone(&roll.left), heard: roll.pace.calls, whose })
    }

    /// Returns whether the streams at a limit may be called for a request that waits at another worker.
    pub fn may_call(&self, whose: Whose, now_ms: i64) -> bool {
        self.lock().rolls.entry(whose).or_default().pace.call(now_ms)
    }

    /// Wakes one of the requests that wait at a limit, as a stream has ended there.
    pub fn left(&self, whose: &Whose) {
        if let Some(roll) = self.lock().rolls.get(whose).filter(|roll| roll.waiting > 0) {
            roll.left.notify_one();
        }
    }

    /// Leaves of these streams those that one call may reach now.
    pub fn reach(&self, places: &mut Vec<Arc<Place>>, now_ms: i64) {
        // One that was called and has not spoken since has a client that takes nothing.
        places.retain(|place| !place.is_called());
        let mut table = self.lock();
        let second = now_ms.div_euclid(1_000);
        if table.written.0 != second {
            table.written = (second, 0);
        }
        let most = MOST_CALLED.min(MOST_A_SECOND - table.written.1);
        if places.len() > most {
            places.select_nth_unstable_by_key(most, |place| place.last_write_ms());
            places.truncate(most);
        }
        table.written.1 += places.len();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // Each change is one insertion or one number: a panic elsewhere cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits at a limit. Dropping it ends the wait.
#[derive(Debug)]
pub struct Waiting {
    rolls: Arc<Rolls>,
    /// The limit that was reached.
    pub whose: Whose,
    /// Notified when a stream has ended at the limit.
    pub left: Arc<Notify>,
    /// The calls that were made before it came.
    heard: u64,
}

impl Waiting {
    /// Returns whether the streams may be called now for this request, and counts it. Calls that were made for others since it
    /// came count as its own.
    pub fn may_call(&self, now_ms: i64) -> bool {
        let mut table = self.rolls.lock();
        let Some(roll) = table.rolls.get_mut(&self.whose) else { return false };
        roll.pace.calls - self.heard < CALLS_EACH && roll.pace.call(now_ms)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(roll) = self.rolls.lock().rolls.get_mut(&self.whose) {
            roll.waiting -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Whose {
        Whose::User(UserId::local())
    }

    #[test]
    fn one_who_asks_has_the_streams_called_four_times_with_a_gap() {
        let rolls = Arc::new(Rolls::default());
        let waiting = rolls.wait_at(user(), 0).unwrap();
        let called: Vec<i64> = (0..1_000).filter(|now_ms| waiting.may_call(*now_ms)).collect();
        assert_eq!(called, [0, 150, 300, 450]);
    }

    #[test]
    fn those_who_ask_at_once_share_the_calls() {
        let rolls = Arc::new(Rolls::default());
        let waiting: Vec<_> = (0..10).map(|_| rolls.wait_at(user(), 0).unwrap()).collect();
        let calls = (0..1_000).map(|now_ms| waiting.iter().filter(|waiting| waiting.may_call(now_ms)).count()).sum::<usize>();
        assert_eq!(calls, 4);
    }

    #[test]
    fn whoever_asks_without_end_has_them_called_twice_a_second_at_most() {
        let rolls = Arc::new(Rolls::default());
        let asks = |now_ms: &i64| rolls.wait_at(user(), *now_ms).unwrap().may_call(*now_ms);
        let calls = (0..100_000).step_by(10).filter(asks).count();
        assert_eq!(calls, 12 + 2 * 100 - 1, "twelve at first");
        let whose = Whose::Address([127, 0, 0, 1].into());
        assert!(rolls.wait_at(whose, 100_000).unwrap().may_call(100_000), "another limit has calls of its own");
    }

    #[test]
    fn what_another_worker_asks_for_is_paced_as_well() {
        let rolls = Arc::new(Rolls::default());
        let calls = (0..10_000).filter(|now_ms| rolls.may_call(user(), *now_ms)).count();
        assert!(calls <= 12 + 2 * 10, "{calls}");
    }

    #[test]
    fn few_wait_at_one_limit_and_what_was_asked_long_ago_is_forgotten() {
        let rolls = Arc::new(Rolls::default());
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| rolls.wait_at(user(), 0).unwrap()).collect();
        assert!(rolls.wait_at(user(), 0).is_none());
        drop(waiting);
        for number in 0..10_000_u32 {
            let whose = Whose::Address(std::net::Ipv4Addr::from(number).into());
            rolls.wait_at(whose, i64::from(number) * 1_000).unwrap().may_call(i64::from(number) * 1_000);
        }
        assert!(rolls.lock().rolls.len() < 100, "{}", rolls.lock().rolls.len());
    }

    #[test]
    fn a_call_reaches_those_who_were_silent_for_longest_and_all_calls_so_many_a_second() {
        let rolls = Rolls::default();
        let all: Vec<_> = (0..1_000).rev().map(|written_ms| Arc::new(Place::new(written_ms, i64::MAX, 0))).collect();
        all[999].call();
        let mut first = all.clone();
        rolls.reach(&mut first, 5_000);
        assert_eq!(first.len(), MOST_CALLED);
        assert!(first.iter().all(|place| (1..=MOST_CALLED as i64).contains(&place.last_write_ms())));
        let mut reached = first.len();
        for _ in 0..20 {
            let mut more = all.clone();
            rolls.reach(&mut more, 5_999);
            reached += more.len();
        }
        assert_eq!(reached, MOST_A_SECOND);
        let mut later = all.clone();
        rolls.reach(&mut later, 6_000);
        assert_eq!(later.len(), MOST_CALLED);
    }

    #[tokio::test]
    async fn a_place_that_comes_back_is_told_to_one_who_waits() {
        let rolls = Arc::new(Rolls::default());
        rolls.left(&user());
        let (first, second) = (rolls.wait_at(user(), 0).unwrap(), rolls.wait_at(user(), 0).unwrap());
        rolls.left(&Whose::Address([127, 0, 0, 1].into()));
        let mut told = 0;
        rolls.left(&user());
        for waiting in [&first, &second] {
            tokio::select! {
                biased;
                () = waiting.left.notified() => told += 1,
                () = std::future::ready(()) => {}
            }
        }
        assert_eq!(told, 1);
    }
}
