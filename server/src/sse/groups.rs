//! The groups of a process, one for each filter that a stream has. What happens on the board reaches the streams through them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::board::{Board, Filter, Notices, Touched, Watcher};
use foliostream::wire::live::ByeReason;

use super::group::Group;
use super::place::Place;

/// Every group that has streams.
#[derive(Debug)]
pub struct Groups {
    of: Mutex<HashMap<Filter, Weak<Group>>>,
    notices: Arc<Notices>,
}

impl Groups {
    /// Makes the groups and adds them to the board's watchers. They hold no reference to the board, so that both can be dropped.
    pub fn of(board: &Board) -> Arc<Self> {
        let groups = Arc::new(Self { of: Mutex::default(), notices: Arc::clone(board.notices()) });
        board.watch(Arc::<Self>::clone(&groups));
        groups
    }

    /// Returns the group of a filter, making it for its first stream.
    pub fn group(&self, filter: Filter) -> Arc<Group> {
        let mut groups = self.lock();
        if let Some(group) = groups.get(&filter).and_then(Weak::upgrade) {
            return group;
        }
        let group = Arc::new(Group::new(filter.clone(), &self.notices));
        groups.insert(filter, Arc::downgrade(&group));
        group
    }

    /// Returns the places of all open streams of the process.
    pub fn places(&self) -> Vec<Arc<Place>> {
        self.lock().values().filter_map(Weak::upgrade).flat_map(|group| group.places()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Filter, Weak<Group>>> {
        // Each change is one insertion or removal: a panic elsewhere cannot have left half of one.
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Groups {
    /// Wakes the streams that have something to write, and forgets groups that have no more streams.
    fn touched(&self, touched: &Touched) {
        self.lock().retain(|filter, group| {
            let Some(group) = group.upgrade() else { return false };
            if touched.concerns(filter) {
                group.wake();
            }
            true
        });
    }

    /// Ends the streams that followed a portfolio.
    fn portfolio_deleted(&self, portfolio_id: &str) {
        let groups = self.lock();
        let follow = groups.iter().filter(|(filter, _)| filter.portfolio.as_deref() == Some(portfolio_id));
        for place in follow.filter_map(|(_, group)| group.upgrade()).flat_map(|group| group.places()) {
            place.end_at(i64::MIN, ByeReason::Done);
            place.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use jiff::Timestamp;

    use super::*;
    use crate::board::Endpoint;
    use foliostream::domain::user::UserId;
    use foliostream::wire::epoch::Epoch;
    use foliostream::wire::live::{Envelope, LiveEvent, Owned};
    use foliostream::wire::views::NotificationReadView;

    const EPOCH: Epoch = Epoch::new(3, 7);

    /// How often a stream was woken.
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Wakes {
        fn taken(&self) -> usize {
            self.0.swap(0, Ordering::Relaxed)
        }
    }

    fn board() -> Board {
        Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH)
    }

    fn say(board: &Board, seq: u64, event: LiveEvent) {
        board.apply(&[Envelope { epoch: EPOCH, seq, at: Timestamp::UNIX_EPOCH, event }]);
    }

    fn notifications() -> Filter {
        Filter::new(Endpoint::Notifications, None, vec![], Some(UserId::local()))
    }

    fn portfolio(id: &str) -> Filter {
        Filter::new(Endpoint::Portfolio, Some(id), vec![], None)
    }

    /// Opens a stream with a task of its own.
    fn open(groups: &Groups, filter: Filter) -> (Arc<Group>, Arc<Place>, Arc<Wakes>) {
        let (group, place, wakes) = (groups.group(filter), Arc::new(Place::new(0, i64::MAX, 0)), Arc::new(Wakes::default()));
        group.enter(&place);
        group.follow(&place);
        place.register(&Waker::from(Arc::clone(&wakes)));
        (group, place, wakes)
    }

    #[test]
    fn whoever_follows_what_happened_is_woken_and_nobody_else() {
        let board = board();
        let groups = Groups::of(&board);
        let (_one, _place, follows) = open(&groups, notifications());
        let (_other, _place_of_other, does_not) = open(&groups, portfolio("demo"));
        say(
            &board,
            1,
            LiveEvent::NotificationRead(Owned::of(
                &UserId::local(),
                NotificationReadView { notification_id: "1".to_owned(), unread_count: 0, deleted: None },
            )),
        );
        assert_eq!((follows.taken(), does_not.taken()), (1, 0));
    }

    #[test]
    fn a_portfolio_that_is_deleted_ends_its_streams_and_no_others() {
        let board = board();
        let groups = Groups::of(&board);
        let (_one, follows, woken) = open(&groups, portfolio("demo"));
        let (_other, does_not, _) = open(&groups, portfolio("other"));
        board.forget_portfolio("demo");
        assert_eq!((follows.bye().1, woken.taken()), (ByeReason::Done, 1));
        assert_eq!(does_not.bye().1, ByeReason::MaxAge);
    }

    #[test]
    fn streams_of_one_filter_have_one_group_that_is_forgotten_with_the_last_of_them() {
        let board = board();
        let groups = Groups::of(&board);
        let (first, _place, _) = open(&groups, notifications());
        let (second, _other, _) = open(&groups, notifications());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!((groups.places().len(), groups.lock().len()), (2, 1));
        drop((first, second));
        board.set_away(Some(Timestamp::UNIX_EPOCH));
        assert_eq!((groups.places().len(), groups.lock().len()), (0, 0));
    }
}
