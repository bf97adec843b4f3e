//! Which of a reactor's streams belong to which group, and which groups have something to write.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use slab::Slab;

use crate::sse::bell::Bell;
use crate::sse::group::{Group, Listener};

/// Streams of one group that are written before another group has its turn: a group of thousands delays one of a single
/// stream by some half a millisecond.
const TURN: usize = 64;

/// The groups of a reactor.
pub(crate) struct Members {
    bell: Arc<Bell>,
    groups: Slab<Membership>,
    /// By the group's address, which is its own for as long as it is held here.
    by_address: HashMap<usize, usize>,
    /// Groups with streams that have not had their turn.
    waiting: VecDeque<usize>,
}

struct Membership {
    group: Arc<Group>,
    /// What the reactor calls its streams.
    streams: Vec<usize>,
    /// How many streams have not had their turn: those at the indices 0 to `left` − 1. They are visited from the last to the
    /// first, because a stream that leaves is replaced by the last one, which has had its turn then.
    left: usize,
    /// Whether news came while the streams had their turns.
    again: bool,
}

impl Members {
    /// Makes a reactor's groups; they ring `bell` when they have news.
    pub(crate) fn new(bell: Arc<Bell>) -> Self {
        Self { bell, groups: Slab::new(), by_address: HashMap::new(), waiting: VecDeque::new() }
    }

    /// Enters a stream and returns what its group is called here, and its rank in it.
    pub(crate) fn enter(&mut self, group: &Arc<Group>, stream: usize) -> (usize, usize) {
        let key = *self.by_address.entry(address(group)).or_insert_with(|| {
            let key = self.groups.insert(Membership { group: Arc::clone(group), streams: Vec::new(), left: 0, again: false });
            group.listen(Listener { bell: Arc::clone(&self.bell), group: key });
            key
        });
        let streams = &mut self.groups[key].streams;
        streams.push(stream);
        (key, streams.len() - 1)
    }

    /// Lets a stream leave; returns the stream that takes its rank, if any.
    pub(crate) fn leave(&mut self, key: usize, rank: usize) -> Option<usize> {
        let membership = &mut self.groups[key];
        membership.streams.swap_remove(rank);
        membership.left = membership.left.min(membership.streams.len());
        let moved = membership.streams.get(rank).copied();
        if membership.streams.is_empty() {
            let gone = self.groups.remove(key);
            gone.group.ignore(&self.bell);
            self.by_address.remove(&address(&gone.group));
            self.waiting.retain(|waiting| *waiting != key);
        }
        moved
    }

    /// Notes that a group has news. One that is gone has none.
    pub(crate) fn tell(&mut self, key: usize) {
        let Some(membership) = self.groups.get_mut(key) else { return };
        if membership.left > 0 {
            membership.again = true;
            return;
        }
        membership.left = membership.streams.len();
        self.waiting.push_back(key);
    }

    /// Returns whether streams wait for their turn.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Returns the streams whose turn it is: a bounded number of one group, which then waits behind the others.
    pub(crate) fn take_turn(&mut self, turn: &mut Vec<usize>) {
        turn.clear();
        let Some(key) = self.waiting.pop_front() else { return };
        let Some(membership) = self.groups.get_mut(key) else { return };
        let end = membership.left;
        membership.left = end.saturating_sub(TURN);
        turn.extend(membership.streams[membership.left..end].iter().rev());
        if membership.left == 0 && std::mem::take(&mut membership.again) {
            membership.left = membership.streams.len();
        }
        if membership.left > 0 {
            self.waiting.push_back(key);
        }
    }
}

fn address(group: &Arc<Group>) -> usize {
    Arc::as_ptr(group).addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Endpoint, Filter, Notices};

    fn members() -> (Members, mio::Poll) {
        let poll = mio::Poll::new().unwrap();
        let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
        (Members::new(Arc::new(Bell::new(waker))), poll)
    }

    fn group(ticker: &str) -> Arc<Group> {
        Arc::new(Group::new(Filter::new(Endpoint::Prices, None, vec![ticker.parse().unwrap()], None), &Notices::default()))
    }

    fn turns(members: &mut Members) -> Vec<Vec<usize>> {
        let mut turns = Vec::new();
        while members.has_waiting() {
            let mut turn = Vec::new();
            members.take_turn(&mut turn);
            turns.push(turn);
        }
        turns
    }

    #[test]
    fn a_group_of_thousands_lets_a_group_of_one_go_after_its_first_turn() {
        let (mut members, _poll) = members();
        let (crowd, single) = (group("AAPL"), group("MSFT"));
        let (crowd_key, _) = (0..1_000).map(|stream| members.enter(&crowd, stream)).last().unwrap();
        let (single_key, _) = members.enter(&single, 1_000);
        members.tell(crowd_key);
        members.tell(single_key);
        let turns = turns(&mut members);
        assert!(turns.iter().all(|turn| turn.len() <= TURN));
        assert_eq!(turns[1], [1_000]);
        assert_eq!(turns.iter().flatten().count(), 1_001);
    }

    #[test]
    fn streams_that_leave_between_turns_make_nobody_miss_theirs() {
        let (mut members, _poll) = members();
        let crowd = group("AAPL");
        let mut ranks: HashMap<usize, usize> = (0..200).map(|stream| (stream, members.enter(&crowd, stream).1)).collect();
        members.tell(0);
        let (mut seen, mut turn, mut leaving) = (Vec::new(), Vec::new(), (0..200).step_by(7));
        while members.has_waiting() {
            members.take_turn(&mut turn);
            seen.extend_from_slice(&turn);
            for stream in leaving.by_ref().take(9) {
                let rank = ranks.remove(&stream).unwrap();
                if let Some(moved) = members.leave(0, rank) {
                    ranks.insert(moved, rank);
                }
            }
        }
        let missed: Vec<_> = ranks.keys().filter(|stream| !seen.contains(stream)).collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn news_that_come_between_turns_reach_those_who_had_theirs() {
        let (mut members, _poll) = members();
        let crowd = group("AAPL");
        (0..100).for_each(|stream| {
            members.enter(&crowd, stream);
        });
        members.tell(0);
        let mut turn = Vec::new();
        members.take_turn(&mut turn);
        members.tell(0);
        let rest: usize = turns(&mut members).iter().map(Vec::len).sum();
        assert_eq!(turn.len() + rest, 200, "everybody twice");
    }

    #[test]
    fn the_last_to_leave_ends_the_group_and_late_news_of_it_are_nobodys() {
        let (mut members, _poll) = members();
        let single = group("MSFT");
        let (key, rank) = members.enter(&single, 5);
        members.tell(key);
        assert_eq!(members.leave(key, rank), None);
        assert!(!members.has_waiting());
        members.tell(key);
        assert!(!members.has_waiting());
        assert_eq!(Arc::strong_count(&single), 1);
    }
}
