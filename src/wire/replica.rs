//! Follows the engine: a snapshot plus numbered updates, through one pure reducer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use crate::domain::instrument::Ticker;

use super::epoch::Epoch;
use super::live::{Envelope, LiveEvent, QuoteEvent};
use super::views::{AlertView, NotificationReadView, NotificationView, StatusView};

/// How many deletions, read marks and notifications are remembered, each. Alerts are deleted and read by a person's hand:
/// a thousand cover days of absence, and whoever missed more gets a full state.
pub const MARKS_KEPT: usize = 1_024;

/// What an envelope did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was the next one, and is part of the replica now.
    Changed,
    /// It had been applied before; nothing changed.
    Duplicate,
    /// One before it is missing, or it is of another epoch; nothing changed, and a snapshot is needed.
    Gap,
}

/// A whole state, as a replica begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The newest quotes.
    pub quotes: Vec<QuoteEvent>,
    /// All alerts.
    pub alerts: Vec<AlertView>,
    /// Every portfolio's id and revision.
    pub portfolios: Vec<(String, i64)>,
    /// How market data is doing.
    pub status: StatusView,
    /// The number of the newest stored notification; 0 if there is none.
    pub notification_n: i64,
}

/// Values by key, each with the `seq` of its last change, in both orders.
#[derive(Clone, Debug)]
struct Stamped<K, V> {
    values: BTreeMap<K, (u64, V)>,
    by_seq: BTreeMap<u64, BTreeSet<K>>,
}

impl<K: Ord + Clone, V> Stamped<K, V> {
    fn new(seq: u64, values: impl Iterator<Item = (K, V)>) -> Self {
        let mut stamped = Self { values: BTreeMap::new(), by_seq: BTreeMap::new() };
        for (key, value) in values {
            stamped.put(seq, key, value);
        }
        stamped
    }

    fn put(&mut self, seq: u64, key: K, value: V) {
        self.remove(&key);
        self.by_seq.entry(seq).or_default().insert(key.clone());
        self.values.insert(key, (seq, value));
    }

    fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: std::borrow::Borrow<Q>,
    {
        let Some((seq, _)) = self.values.remove(key) else { return false };
        if let Some(keys) = self.by_seq.get_mut(&seq) {
            keys.remove(key);
            if keys.is_empty() {
                self.by_seq.remove(&seq);
            }
        }
        true
    }

    /// Returns what changed after `seq`, in ascending order of last change; the work is proportional to what is returned.
    fn since(&self, seq: u64) -> impl Iterator<Item = (u64, &K, &V)> {
        let newer = self.by_seq.range((Bound::Excluded(seq), Bound::Unbounded)).flat_map(|(_, keys)| keys);
        newer.filter_map(|key| self.values.get(key).map(|(seq, value)| (*seq, key, value)))
    }
}

/// The newest marks, at most [`MARKS_KEPT`], and the lowest `seq` after which none is missing.
#[derive(Clone, Debug)]
struct Ring<T> {
    marks: VecDeque<(u64, T)>,
    floor: u64,
}

impl<T> Ring<T> {
    fn new(floor: u64) -> Self {
        Self { marks: VecDeque::new(), floor }
    }

    /// Adds a mark and returns the one that had to go for it.
    fn push(&mut self, seq: u64, mark: T) -> Option<T> {
        let evicted = if self.marks.len() == MARKS_KEPT { self.marks.pop_front() } else { None };
        self.marks.push_back((seq, mark));
        let (seq, mark) = evicted?;
        self.floor = seq;
        Some(mark)
    }

    fn since(&self, seq: u64) -> impl Iterator<Item = (u64, &T)> {
        let first = self.marks.partition_point(|(at, _)| *at <= seq);
        self.marks.iter().skip(first).map(|(at, mark)| (*at, mark))
    }
}

/// A copy of what the engine said: bounded, and never ahead of it.
///
/// Quotes, alerts and portfolios are as many as there are; deletions, read marks and notifications are kept in rings.
/// Whoever asks for what changed since a `seq` below [`floor`](Self::floor) needs the whole state instead, and whoever
/// misses notifications that have left the ring asks the store.
#[derive(Clone, Debug)]
pub struct Replica {
    epoch: Epoch,
    seq: u64,
    quotes: Stamped<Ticker, QuoteEvent>,
    alerts: Stamped<String, AlertView>,
    portfolios: Stamped<String, i64>,
    deletions: Ring<String>,
    reads: Ring<NotificationReadView>,
    notifications: Ring<NotificationView>,
    /// All notifications with greater numbers are in the ring.
    notification_floor: i64,
    notification_n: i64,
    status: (u64, StatusView),
}

impl Replica {
    /// Begins with a whole state that stands at `seq` of `epoch`; everything in it counts as changed at `seq`.
    pub fn snapshot(epoch: Epoch, seq: u64, state: State) -> Self {
        let quotes = state.quotes.into_iter().map(|quote| (quote.view.ticker.clone(), quote));
        let alerts = state.alerts.into_iter().map(|alert| (alert.id.clone(), alert));
        Self {
            epoch,
            seq,
            quotes: Stamped::new(seq, quotes),
            alerts: Stamped::new(seq, alerts),
            portfolios: Stamped::new(seq, state.portfolios.into_iter()),
            deletions: Ring::new(seq),
            reads: Ring::new(seq),
            notifications: Ring::new(seq),
            notification_floor: state.notification_n,
            notification_n: state.notification_n,
            status: (seq, state.status),
        }
    }

    /// Applies the next envelope; one that is not the next changes nothing.
    ///
    /// A duplicate is harmless. A gap, which is also what another epoch is, needs a new snapshot: nothing is guessed.
    pub fn apply(&mut self, envelope: &Envelope) -> Applied {
        if envelope.epoch != self.epoch {
            return Applied::Gap;
        }
        if envelope.seq <= self.seq {
            return Applied::Duplicate;
        }
        if envelope.seq - self.seq != 1 {
            return Applied::Gap;
        }
        self.seq = envelope.seq;
        self.take(&envelope.event);
        Applied::Changed
    }

    fn take(&mut self, event: &LiveEvent) {
        let seq = self.seq;
        match event {
            LiveEvent::PriceUpdate(quote) => self.quotes.put(seq, quote.view.ticker.clone(), quote.clone()),
            LiveEvent::PortfolioChanged(change) => {
                self.portfolios.put(seq, change.portfolio_id.clone(), change.revision);
            }
            LiveEvent::PortfolioDeleted { portfolio_id } => {
                self.portfolios.remove(portfolio_id.as_str());
            }
            LiveEvent::AlertTriggered(notification) => self.take_notification(notification),
            LiveEvent::AlertChanged(alert) => self.take_alert(alert),
            LiveEvent::AlertDeleted { id } => {
                self.alerts.remove(id.as_str());
                self.deletions.push(seq, id.clone());
            }
            LiveEvent::NotificationRead(read) => {
                self.reads.push(seq, read.clone());
            }
            LiveEvent::Status(status) => self.status = (seq, *status),
            LiveEvent::Unknown => {}
        }
    }

    /// Keeps the higher revision: an announcement can be overtaken by the next one of the same alert.
    fn take_alert(&mut self, alert: &AlertView) {
        if self.alert(&alert.id).is_none_or(|known| known.revision <= alert.revision) {
            self.alerts.put(self.seq, alert.id.clone(), alert.clone());
        }
    }

    fn take_notification(&mut self, notification: &NotificationView) {
        self.notification_n = self.notification_n.max(notification.n);
        if let Some(evicted) = self.notifications.push(self.seq, notification.clone()) {
            self.notification_floor = self.notification_floor.max(evicted.n);
        }
    }

    /// Returns the engine's term.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns the number of the last envelope applied.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Returns the lowest `seq` from which deletions and read marks are known without a hole.
    pub fn floor(&self) -> u64 {
        self.deletions.floor.max(self.reads.floor)
    }

    /// Returns the newest quote of a ticker.
    pub fn quote(&self, ticker: &Ticker) -> Option<&QuoteEvent> {
        self.quotes.values.get(ticker).map(|(_, quote)| quote)
    }

    /// Returns the `seq` of a ticker's last change.
    pub fn quote_seq(&self, ticker: &Ticker) -> Option<u64> {
        self.quotes.values.get(ticker).map(|(seq, _)| *seq)
    }

    /// Returns the quotes that changed after `seq`, in ascending order of last change, each with the `seq` of it.
    ///
    /// What a snapshot brought shares its `seq`; a whole state is therefore everything since 0, unless the snapshot stood
    /// at 0: then ask for [`quotes`](Self::quotes).
    pub fn quotes_since(&self, seq: u64) -> impl Iterator<Item = (u64, &QuoteEvent)> {
        self.quotes.since(seq).map(|(seq, _, quote)| (seq, quote))
    }

    /// Returns all quotes by ticker.
    pub fn quotes(&self) -> impl Iterator<Item = &QuoteEvent> {
        self.quotes.values.values().map(|(_, quote)| quote)
    }

    /// Returns an alert.
    pub fn alert(&self, id: &str) -> Option<&AlertView> {
        self.alerts.values.get(id).map(|(_, alert)| alert)
    }

    /// Returns the alerts that changed after `seq`, in ascending order of last change, each with the `seq` of it.
    pub fn alerts_since(&self, seq: u64) -> impl Iterator<Item = (u64, &AlertView)> {
        self.alerts.since(seq).map(|(seq, _, alert)| (seq, alert))
    }

    /// Returns all alerts by id.
    pub fn alerts(&self) -> impl Iterator<Item = &AlertView> {
        self.alerts.values.values().map(|(_, alert)| alert)
    }

    /// Returns the ids of alerts deleted after `seq`; complete only for a `seq` not below [`floor`](Self::floor).
    pub fn deletions_since(&self, seq: u64) -> impl Iterator<Item = (u64, &str)> {
        self.deletions.since(seq).map(|(seq, id)| (seq, id.as_str()))
    }

    /// Returns the read marks made after `seq`; complete only for a `seq` not below [`floor`](Self::floor).
    pub fn reads_since(&self, seq: u64) -> impl Iterator<Item = (u64, &NotificationReadView)> {
        self.reads.since(seq)
    }

    /// Returns the portfolios that changed after `seq`, as `(seq, id, revision)`, in ascending order of last change.
    pub fn portfolios_since(&self, seq: u64) -> impl Iterator<Item = (u64, &str, i64)> {
        self.portfolios.since(seq).map(|(seq, id, revision)| (seq, id.as_str(), *revision))
    }

    /// Returns a portfolio's revision.
    pub fn portfolio_revision(&self, id: &str) -> Option<i64> {
        self.portfolios.values.get(id).map(|(_, revision)| *revision)
    }

    /// Returns the kept notifications numbered above `n`, oldest first; `None` where some that are no longer kept belong
    /// to them, and the store has to be asked.
    pub fn notifications_after(&self, n: i64) -> Option<impl Iterator<Item = (u64, &NotificationView)>> {
        let is_complete = n >= self.notification_floor;
        is_complete.then(|| self.notifications.since(0).filter(move |(_, notification)| notification.n > n))
    }

    /// Returns the number of the newest notification known; 0 if there is none.
    pub fn notification_n(&self) -> i64 {
        self.notification_n
    }

    /// Returns how market data is doing, and the `seq` of its last change.
    pub fn status(&self) -> (u64, &StatusView) {
        (self.status.0, &self.status.1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::views::{PortfolioChangedView, QuoteView};
    use super::*;
    use crate::domain::alert::{AlertState, Condition, Repeat};
    use crate::domain::money::Currency;
    use crate::domain::quote::Freshness;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    const START: Timestamp = Timestamp::UNIX_EPOCH;
    const EPOCH: Epoch = Epoch::new(2, 7);

    fn quote(name: &str, price: i64) -> QuoteEvent {
        let view = QuoteView {
            ticker: name.parse().unwrap(),
            price: price.into(),
            bid: None,
            ask: None,
            previous_close: None,
            change: None,
            change_percent: None,
            currency: Currency::USD,
            time: START,
            freshness: Freshness::Live,
        };
        QuoteEvent { view, session_start: START }
    }

    fn alert(id: &str, revision: i64) -> AlertView {
        AlertView {
            id: id.into(),
            revision,
            ticker: "A".parse().unwrap(),
            condition: Condition::PriceAbove,
            threshold: Decimal::ONE,
            note: None,
            repeat: Repeat::Once,
            cooldown_s: 0,
            expires_at: None,
            paused: false,
            acknowledged: true,
            state: AlertState::Armed,
            distance_percent: None,
            created_at: START,
            triggered_at: None,
        }
    }

    fn notification(n: i64) -> NotificationView {
        NotificationView {
            notification_id: n.to_string(),
            n,
            alert_id: "1".into(),
            ticker: "A".parse().unwrap(),
            condition: Condition::PriceAbove,
            threshold: Decimal::ONE,
            price: Decimal::TWO,
            previous_price: None,
            message: String::new(),
            time: START,
            gap: false,
            replayed: false,
            read: false,
        }
    }

    fn state() -> State {
        State {
            quotes: vec![quote("B", 1), quote("A", 1)],
            alerts: vec![alert("1", 1)],
            portfolios: vec![("p".into(), 3)],
            status: StatusView { feed: Freshness::Live, since: START },
            notification_n: 7,
        }
    }

    fn replica() -> Replica {
        Replica::snapshot(EPOCH, 10, state())
    }

    fn envelope(seq: u64, event: LiveEvent) -> Envelope {
        Envelope { epoch: EPOCH, seq, at: START, event }
    }

    fn price(seq: u64, name: &str, price: i64) -> Envelope {
        envelope(seq, LiveEvent::PriceUpdate(quote(name, price)))
    }

    fn changes(replica: &Replica, seq: u64) -> Vec<(u64, String, Decimal)> {
        let changed = replica.quotes_since(seq);
        changed.map(|(seq, quote)| (seq, quote.view.ticker.to_string(), quote.view.price)).collect()
    }

    #[test]
    fn a_snapshot_counts_as_changed_at_its_seq() {
        let replica = replica();
        assert_eq!(changes(&replica, 9), [(10, "A".into(), 1.into()), (10, "B".into(), 1.into())]);
        assert!(changes(&replica, 10).is_empty());
        assert_eq!((replica.epoch(), replica.seq(), replica.floor()), (EPOCH, 10, 10));
        assert_eq!((replica.quotes().count(), replica.alerts().count()), (2, 1));
    }

    #[test]
    fn the_next_envelope_changes_and_conflates() {
        let mut replica = replica();
        for (seq, name, at) in [(11, "B", 2), (12, "A", 3), (13, "B", 4)] {
            assert_eq!(replica.apply(&price(seq, name, at)), Applied::Changed);
        }
        assert_eq!(changes(&replica, 10), [(12, "A".into(), 3.into()), (13, "B".into(), 4.into())]);
        assert_eq!(changes(&replica, 12), [(13, "B".into(), 4.into())]);
        assert_eq!(replica.quote_seq(&"B".parse().unwrap()), Some(13));
        assert_eq!(replica.quote(&"B".parse().unwrap()).map(|quote| quote.view.price), Some(4.into()));
    }

    #[test]
    fn duplicates_and_gaps_change_nothing() {
        let mut replica = replica();
        assert_eq!(replica.apply(&price(10, "A", 9)), Applied::Duplicate);
        assert_eq!(replica.apply(&price(12, "A", 9)), Applied::Gap);
        // The last two have the number of this term, as one has that was given again after a restore.
        for epoch in [Epoch::new(3, 7), Epoch::new(1, 7), Epoch::new(2, 8), Epoch::from(2)] {
            assert_eq!(replica.apply(&Envelope { epoch, ..price(11, "A", 9) }), Applied::Gap, "{epoch}");
        }
        assert_eq!((replica.seq(), changes(&replica, 10).len()), (10, 0));
        assert_eq!(replica.apply(&price(u64::MAX, "A", 9)), Applied::Gap);
    }

    #[test]
    fn the_higher_revision_of_an_alert_wins() {
        let mut replica = replica();
        for (seq, revision) in [(11, 3), (12, 2)] {
            assert_eq!(replica.apply(&envelope(seq, LiveEvent::AlertChanged(alert("1", revision)))), Applied::Changed);
        }
        assert_eq!(replica.alert("1").map(|alert| alert.revision), Some(3));
        assert_eq!(replica.alerts_since(10).map(|(seq, _)| seq).collect::<Vec<_>>(), [11]);
    }

    #[test]
    fn a_deletion_is_remembered_in_its_place() {
        let mut replica = replica();
        replica.apply(&envelope(11, LiveEvent::AlertDeleted { id: "1".into() }));
        assert!(replica.alert("1").is_none() && replica.alerts_since(0).next().is_none());
        assert_eq!(replica.deletions_since(10).collect::<Vec<_>>(), [(11, "1")]);
        assert!(replica.deletions_since(11).next().is_none());
    }

    #[test]
    fn marks_are_bounded_and_the_floor_rises_with_what_is_forgotten() {
        let mut replica = replica();
        let kept = MARKS_KEPT as u64;
        for seq in 11..=10 + kept {
            replica.apply(&envelope(seq, LiveEvent::AlertDeleted { id: seq.to_string() }));
        }
        assert_eq!((replica.floor(), replica.deletions_since(10).count()), (10, MARKS_KEPT));
        let read = NotificationReadView { notification_id: "1".into(), unread_count: 0 };
        replica.apply(&envelope(11 + kept, LiveEvent::NotificationRead(read.clone())));
        replica.apply(&envelope(12 + kept, LiveEvent::AlertDeleted { id: "last".into() }));
        assert_eq!((replica.floor(), replica.deletions_since(10).count()), (11, MARKS_KEPT));
        assert_eq!(replica.reads_since(11).collect::<Vec<_>>(), [(11 + kept, &read)]);
    }

    #[test]
    fn notifications_are_kept_from_the_snapshot_on_and_older_ones_are_the_store_s() {
        let mut replica = replica();
        assert_eq!(replica.notifications_after(7).map(Iterator::count), Some(0));
        assert!(replica.notifications_after(6).is_none());
        for (seq, n) in (11..).zip(8..=8 + MARKS_KEPT as i64) {
            replica.apply(&envelope(seq, LiveEvent::AlertTriggered(notification(n))));
        }
        assert!(replica.notifications_after(7).is_none());
        let first = replica.notifications_after(8).and_then(|mut kept| kept.next().map(|(seq, view)| (seq, view.n)));
        assert_eq!((first, replica.notification_n()), (Some((12, 9)), 8 + MARKS_KEPT as i64));
    }

    #[test]
    fn portfolios_and_status_carry_the_seq_of_their_change() {
        let mut replica = replica();
        assert_eq!(replica.portfolios_since(9).collect::<Vec<_>>(), [(10, "p", 3)]);
        let change = PortfolioChangedView { portfolio_id: "p".into(), revision: 4 };
        replica.apply(&envelope(11, LiveEvent::PortfolioChanged(change)));
        assert_eq!(replica.portfolios_since(10).collect::<Vec<_>>(), [(11, "p", 4)]);
        assert_eq!((replica.portfolio_revision("p"), replica.portfolio_revision("q")), (Some(4), None));
        let stale = StatusView { feed: Freshness::Stale, since: START };
        replica.apply(&envelope(12, LiveEvent::Status(stale)));
        assert_eq!(replica.status(), (12, &stale));
    }

    fn any_event() -> impl Strategy<Value = LiveEvent> {
        let name = prop::sample::select(vec!["A", "B", "C"]);
        (0u8..5, name, 0i64..100).prop_map(|(kind, name, number)| match kind {
            0 | 1 => LiveEvent::PriceUpdate(quote(name, number)),
            2 => LiveEvent::AlertChanged(alert(name, number)),
            3 => LiveEvent::AlertDeleted { id: name.into() },
            _ => LiveEvent::PortfolioChanged(PortfolioChangedView { portfolio_id: name.into(), revision: number }),
        })
    }

    fn everything(replica: &Replica) -> String {
        let quotes: Vec<_> = replica.quotes_since(0).collect();
        let alerts: Vec<_> = replica.alerts_since(0).collect();
        let portfolios: Vec<_> = replica.portfolios_since(0).collect();
        let deletions: Vec<_> = replica.deletions_since(0).collect();
        format!("{} {quotes:?} {alerts:?} {portfolios:?} {deletions:?}", replica.seq())
    }

    proptest! {
        #[test]
        fn duplicates_and_early_envelopes_never_change_the_outcome(
            events in prop::collection::vec(any_event(), 1..60),
            noise in prop::collection::vec(0usize..60, 0..60),
        ) {
            let envelopes: Vec<Envelope> = (11..).zip(events).map(|(seq, event)| envelope(seq, event)).collect();
            let (mut quiet, mut noisy) = (replica(), replica());
            let mut noise = noise.into_iter();
            for envelope in &envelopes {
                prop_assert_eq!(quiet.apply(envelope), Applied::Changed);
                if let Some(stray) = noise.next().and_then(|at| envelopes.get(at)) {
                    let expected = match stray.seq {
                        seq if seq <= noisy.seq() => Applied::Duplicate,
                        seq if seq > envelope.seq => Applied::Gap,
                        _ => Applied::Changed,
                    };
                    prop_assert_eq!(noisy.apply(stray), expected);
                }
                noisy.apply(envelope);
            }
            prop_assert_eq!(everything(&quiet), everything(&noisy));
        }

        #[test]
        fn changes_come_in_ascending_order_each_key_once(events in prop::collection::vec(any_event(), 1..60), from in 0u64..80) {
            let mut replica = replica();
            for (seq, event) in (11..).zip(events) {
                replica.apply(&envelope(seq, event));
            }
            let changed = changes(&replica, from);
            prop_assert!(changed.windows(2).all(|two| two[0].0 <= two[1].0));
            prop_assert!(changed.iter().all(|(seq, _, _)| *seq > from));
            let mut names: Vec<_> = changed.iter().map(|(_, name, _)| name).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), changed.len());
        }

        #[test]
        fn a_follower_of_changes_ends_where_the_replica_is(events in prop::collection::vec(any_event(), 1..60), cut in 0usize..60) {
            let mut replica = replica();
            let mut follower: BTreeMap<Ticker, QuoteEvent> = BTreeMap::new();
            let mut cursor = 0;
            for (index, event) in events.into_iter().enumerate() {
                replica.apply(&envelope(11 + index as u64, event));
                if index % (cut + 1) == 0 {
                    follower.extend(replica.quotes_since(cursor).map(|(_, quote)| (quote.view.ticker.clone(), quote.clone())));
                    cursor = replica.seq();
                }
            }
            follower.extend(replica.quotes_since(cursor).map(|(_, quote)| (quote.view.ticker.clone(), quote.clone())));
            let quotes: Vec<_> = replica.quotes().cloned().collect();
            prop_assert_eq!(follower.into_values().collect::<Vec<_>>(), quotes);
        }
    }
}
