//! A watch in as few bytes as it can be kept in. An engine may have a million of them, and looks at a handful in a second.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::alert::{Alert, AlertId, AlertState, Memory, Repeat, Rule};
use super::super::user::UserId;
use super::watch::{LastFiring, Watch};

/// A watch as it is kept: 112 bytes, where a watch to work with has 200. What most alerts do not have is apart from them.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) id: AlertId,
    pub(super) rule: Rule,
    /// Whether it need not be shown a tick that does not pass its level: see `watches`.
    pub(super) is_quiet: bool,
    owner: OwnerNumber,
    revision: i64,
    /// The price that it remembers, where `has_price` says so. What a quiet one remembers is kept once for its instrument.
    last_price: Decimal,
    has_price: bool,
    left_level: bool,
    created_at: Timestamp,
    cooldown_s: u32,
    repeat: Repeat,
    state: AlertState,
    acknowledged: bool,
    is_loaded: bool,
    seldom: Option<Box<Seldom>>,
}

/// What an alert without a note that never expires and has not fired does not have.
#[derive(Clone, Debug, Default)]
struct Seldom {
    expires_at: Option<Timestamp>,
    note: Option<String>,
    triggered_at: Option<Timestamp>,
    fired: Option<Box<LastFiring>>,
}

impl Kept {
    /// Packs a watch.
    pub(super) fn of(watch: Watch, is_quiet: bool, owners: &mut Owners) -> Self {
        let Watch { alert, is_loaded, fired } = watch;
        let Alert { id, owner, revision, rule, repeat, cooldown_s, expires_at, note, state, acknowledged, memory, .. } = alert;
        let (created_at, triggered_at) = (alert.created_at, alert.triggered_at);
        let Memory { last_price, left_level } = memory;
        let is_seldom = expires_at.is_some() || note.is_some() || triggered_at.is_some() || fired.is_some();
        Self {
            id,
            rule,
            is_quiet,
            owner: owners.number(&owner),
            revision,
            last_price: last_price.unwrap_or_default(),
            has_price: last_price.is_some(),
            left_level,
            created_at,
            cooldown_s,
            repeat,
            state,
            acknowledged,
            is_loaded,
            seldom: is_seldom.then(|| Box::new(Seldom { expires_at, note, triggered_at, fired })),
        }
    }

    /// Unpacks it. `shown` is the price that was shown last to every quiet watch of its instrument.
    pub(super) fn into_watch(self, shown: Option<Decimal>, owners: &Owners) -> Watch {
        let memory = self.memory(shown);
        let Self { id, rule, owner, revision, created_at, cooldown_s, repeat, state, acknowledged, is_loaded, seldom, .. } = self;
        let Seldom { expires_at, note, triggered_at, fired } = seldom.map_or_else(Seldom::default, |seldom| *seldom);
        let owner = owners.owner(owner);
        let alert = Alert {
            id,
            owner,
            revision,
            rule,
            repeat,
            cooldown_s,
            expires_at,
            note,
            state,
            acknowledged,
            memory,
            created_at,
            triggered_at,
        };
        Watch { alert, is_loaded, fired }
    }

    /// Returns its alert, with what it remembers.
    pub(super) fn alert(&self, shown: Option<Decimal>, owners: &Owners) -> Alert {
        self.clone().into_watch(shown, owners).alert
    }

    /// Returns what it remembers: a quiet one, the price that was shown last to all of its instrument.
    pub(super) fn memory(&self, shown: Option<Decimal>) -> Memory {
        let own = self.has_price.then_some(self.last_price);
        Memory { last_price: shown.filter(|_| self.is_quiet).or(own), left_level: self.left_level }
    }

    /// Returns whether ticks matter to it: armed or cooling.
    pub(super) fn is_watching(&self) -> bool {
        self.state.is_watching()
    }
}

/// The number of an owner among those who have or had alerts here.
type OwnerNumber = u32;

/// Owners by number. There are as many as people who ever had an alert since the engine began.
#[derive(Debug, Default)]
pub(super) struct Owners {
    names: Vec<UserId>,
    numbers: BTreeMap<UserId, OwnerNumber>,
}

impl Owners {
    fn number(&mut self, owner: &UserId) -> OwnerNumber {
        if let Some(number) = self.numbers.get(owner) {
            return *number;
        }
        let number = OwnerNumber::try_from(self.names.len()).expect("there are fewer people than four thousand million");
        self.names.push(owner.clone());
        self.numbers.insert(owner.clone(), number);
        number
    }

    fn owner(&self, number: OwnerNumber) -> UserId {
        self.names[number as usize].clone()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::super::alert::Condition;
    use super::super::super::alert::fixture::{alert, second};
    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            (flags, price, shown) in (any::<[bool; 5]>(), prop::option::of(1..9_i64), prop::option::of(1..9_i64)),
            (expires, triggered, fired, note) in (any::<bool>(), any::<bool>(), any::<bool>(), prop::option::of("[a-z]{0,4}")),
        ) {
            let [is_quiet, left_level, acknowledged, is_loaded, is_other] = flags;
            let mut alert = alert(Condition::PriceBelow, if left_level { Repeat::Every } else { Repeat::Once });
            alert.owner = if is_other { "anna".parse().unwrap() } else { UserId::local() };
            alert.state = if is_quiet { AlertState::Armed } else { AlertState::Paused };
            alert.memory = Memory { last_price: price.map(Decimal::from), left_level };
            (alert.note, alert.acknowledged) = (note, acknowledged);
            (alert.expires_at, alert.triggered_at) = (expires.then(|| second(7)), triggered.then(|| second(5)));
            let memory_before = Memory { last_price: Some(3.into()), left_level };
            let fired = fired.then(|| Box::new(LastFiring { at: SignedDuration::from_secs(5), memory_before }));
            let mut owners = Owners::default();
            let kept = Kept::of(Watch { alert: alert.clone(), is_loaded, fired: fired.clone() }, is_quiet, &mut owners);
            let shown = shown.map(Decimal::from);
            if is_quiet && shown.is_some() {
                alert.memory.last_price = shown;
            }
            prop_assert_eq!(&kept.alert(shown, &owners), &alert);
            prop_assert_eq!(kept.is_watching(), alert.is_watching());
            let watch = kept.into_watch(shown, &owners);
            prop_assert_eq!(&watch.alert, &alert);
            prop_assert_eq!((watch.is_loaded, watch.fired), (is_loaded, fired));
        }
    }

    #[test]
    fn a_kept_watch_has_room_for_what_every_alert_has() {
        assert_eq!((size_of::<Kept>(), size_of::<Option<Kept>>()), (112, 112));
    }
}
