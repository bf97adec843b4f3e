//! All streams of one filter. A step is made once for all of them that stand at the same cursor, which is nearly always all.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::super::board::{Board, Filter, Head, Notice, Notices, Step, StreamPosition};
use super::bell::Bell;
use super::frame::Frame;
use super::place::Place;

/// Steps kept per group, a part of a step being one: streams of a healthy group stand at one or two cursors and walk through the
/// same parts.
const KEPT_STEPS: usize = 16;

/// The streams of one filter.
#[derive(Debug)]
pub struct Group {
    filter: Filter,
    hash: u32,
    /// How many tabs are connected of the user whose notifications its streams carry.
    presence: Option<Arc<Notice>>,
    /// The places of all open streams.
    places: Mutex<Vec<Weak<Place>>>,
    /// What is woken when there is something to write: the tasks of streams that have one, and each reactor once for all its
    /// streams.
    followers: Mutex<Followers>,
    steps: Mutex<Steps>,
}

#[derive(Debug, Default)]
struct Followers {
    tasks: Vec<Weak<Place>>,
    reactors: Vec<Listener>,
}

/// A reactor that holds streams of a group.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The bell that wakes the reactor.
    pub bell: Arc<Bell>,
    /// The reactor's own number for the group.
    pub group: usize,
}

/// Steps to one head.
#[derive(Debug)]
struct Steps {
    head: Head,
    made: VecDeque<(StreamPosition, Step<Frame>)>,
}

impl Group {
    /// Makes a group without streams, which is told of its user's tabs by a board's notices.
    pub fn new(filter: Filter, notices: &Notices) -> Self {
        let hash = filter.hash();
        let steps = Mutex::new(Steps { head: Head { epoch: 0.into(), seq: 0, n: 0, alerts: 0 }, made: VecDeque::new() });
        let presence = filter.notifications.as_ref().map(|user| notices.presence_of(user));
        Self { filter, hash, presence, places: Mutex::default(), followers: Mutex::default(), steps }
    }

    /// Returns what its streams carry.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns what is told of the tabs of the user whose notifications its streams carry.
    pub fn presence(&self) -> Option<&Notice> {
        self.presence.as_deref()
    }

    /// Returns the filter's hash.
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// Adds a stream to the group.
    pub fn enter(&self, place: &Arc<Place>) {
        let mut places = lock(&self.places);
        forget_where_full(&mut places);
        places.push(Arc::downgrade(place));
    }

    /// Lets a stream's own task be woken with the group.
    pub fn follow(&self, place: &Arc<Place>) {
        let tasks = &mut lock(&self.followers).tasks;
        forget_where_full(tasks);
        tasks.push(Arc::downgrade(place));
    }

    /// Adds a reactor, which is woken once for all its streams of the group.
    pub fn listen(&self, listener: Listener) {
        lock(&self.followers).reactors.push(listener);
    }

    /// Removes a reactor, which has no stream of the group any more.
    pub fn ignore(&self, bell: &Arc<Bell>) {
        lock(&self.followers).reactors.retain(|listener| !Arc::ptr_eq(&listener.bell, bell));
    }

    /// Returns the places of its streams.
    pub fn places(&self) -> Vec<Arc<Place>> {
        lock(&self.places).iter().filter_map(Weak::upgrade).filter(|place| !place.is_gone()).collect()
    }

    /// Wakes every stream, and forgets tasks that are gone.
    pub fn wake(&self) {
        let mut followers = lock(&self.followers);
        followers.reactors.iter().for_each(|listener| listener.bell.tell_group(listener.group));
        followers.tasks.retain(|place| match place.upgrade() {
            Some(place) if !place.is_gone() => {
                place.wake();
                true
            }
            _ => false,
        });
    }

    /// Returns what a stream at `from` must write next to come to the board's head.
    pub fn step(&self, board: &Board, from: StreamPosition) -> Step<Frame> {
        let head = board.head();
        let mut steps = lock(&self.steps);
        if steps.head != head {
            (steps.head, _) = (head, steps.made.clear());
        }
        if let Some((_, step)) = steps.made.iter().find(|(at, _)| *at == from) {
            return step.clone();
        }
        let step = board.step(&self.filter, from).map(|events| Frame::new(&events));
        // The board may have moved on since its head was read; then the next one to ask makes its own.
        if board.head() == head && is_shared(&step) {
            // The oldest step makes room. Otherwise 16 streams that stand at cursors of their own could fill the list and keep
            // all others from sharing.
            steps.made.truncate(KEPT_STEPS - 1);
            steps.made.push_front((from, step.clone()));
        }
        step
    }
}

/// Returns whether a step is the same for every stream at its cursor.
fn is_shared(step: &Step<Frame>) -> bool {
    matches!(step, Step::Quiet(_) | Step::Written(..))
}

/// Forgets those that are gone when room runs out: no stream pays for looking through all others.
pub(super) fn forget_where_full(places: &mut Vec<Weak<Place>>) {
    if places.len() == places.capacity() {
        // The wheel holds places for a while after they are gone.
        places.retain(|place| place.upgrade().is_some_and(|place| !place.is_gone()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The lists stay whole at every step: a panic elsewhere cannot have left them half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;

    use super::*;
    use crate::board::Endpoint;
    use foliostream::domain::user::UserId;
    use foliostream::wire::epoch::Epoch;
    use foliostream::wire::live::{Cursor, Envelope, LiveEvent, Owned};
    use foliostream::wire::views::NotificationReadView;

    const EPOCH: Epoch = Epoch::new(3, 7);

    #[test]
    fn streams_of_one_filter_share_the_bytes_of_a_step() {
        let board = Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH);
        let read = NotificationReadView { notification_id: "1".to_owned(), unread_count: 0, deleted: None };
        board.apply(&[Envelope {
            epoch: EPOCH,
            seq: 1,
            at: Timestamp::UNIX_EPOCH,
            event: LiveEvent::NotificationRead(Owned::of(&UserId::local(), read)),
        }]);
        let group = Group::new(Filter::new(Endpoint::Notifications, None, vec![], Some(UserId::local())), board.notices());
        let from = StreamPosition::at(Cursor { epoch: EPOCH, filter: group.hash(), n: 0, seq: 0 });
        let chunk = || match group.step(&board, from) {
            Step::Written(frame, _) => frame.chunk().as_ptr() as usize,
            other => panic!("{other:?}"),
        };
        let chunks: BTreeSet<usize> = (0..3).map(|_| chunk()).collect();
        assert_eq!(chunks.len(), 1);
    }
}
