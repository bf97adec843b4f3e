//! The calls that were taken last, by this engine and those before it, and what became of them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::relay::Reply;
use crate::store::AppliedCall;

/// Calls whose names are remembered, about 3 MB: twice what their Stream keeps, as the store does.
const REMEMBERED: usize = 20_000;

/// What is known of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// An earlier engine has applied so much of it.
    Applied(AppliedCall),
    /// This engine has taken it.
    UnderWay,
    /// This engine has answered it.
    Answered(Reply),
}

/// Calls by their names.
#[derive(Debug, Default)]
pub(crate) struct Taken(Mutex<ByName>);

#[derive(Debug, Default)]
struct ByName {
    known: HashMap<String, Known>,
    /// The names of calls, the oldest first.
    names: VecDeque<String>,
}

impl Taken {
    /// Begins with what earlier engines have applied.
    pub(crate) fn after(applied: Vec<AppliedCall>) -> Self {
        let mut calls = ByName::default();
        for call in applied {
            calls.insert(call.call_id.clone(), Known::Applied(call));
        }
        Self(Mutex::new(calls))
    }

    /// Takes a call, and returns what was known of it before.
    pub(crate) fn take(&self, call: &str) -> Option<Known> {
        let mut calls = self.lock();
        let before = calls.known.get(call).cloned();
        match &before {
            None => calls.insert(call.to_owned(), Known::UnderWay),
            Some(Known::Applied(applied)) if !applied.whole => {
                calls.known.insert(call.to_owned(), Known::UnderWay);
            }
            Some(_) => {}
        }
        before
    }

    /// Notes what was answered.
    pub(crate) fn answered(&self, reply: &Reply) {
        if let Some(known) = self.lock().known.get_mut(&reply.call) {
            *known = Known::Answered(reply.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ByName> {
        // Each change leaves names and calls together: a panic elsewhere cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByName {
    fn insert(&mut self, name: String, known: Known) {
        if self.names.len() == REMEMBERED
            && let Some(oldest) = self.names.pop_front()
        {
            self.known.remove(&oldest);
        }
        if self.known.insert(name.clone(), known).is_none() {
            self.names.push_back(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(call_id: &str, whole: bool) -> AppliedCall {
        AppliedCall { call_id: call_id.to_owned(), ticks: 2, accepted: 1, ignored: 1, whole }
    }

    #[test]
    fn an_order_is_taken_once_and_one_of_an_earlier_engine_goes_on() {
        let taken = Taken::after(vec![applied("whole", true), applied("part", false)]);
        assert_eq!(taken.take("new"), None);
        assert_eq!(taken.take("new"), Some(Known::UnderWay));
        for _ in 0..2 {
            assert_eq!(taken.take("whole"), Some(Known::Applied(applied("whole", true))));
        }
        assert_eq!(taken.take("part"), Some(Known::Applied(applied("part", false))));
        assert_eq!(taken.take("part"), Some(Known::UnderWay));
        let reply = Reply {
            call: "part".to_owned(),
            epoch: 2.into(),
            seq: 7,
            accepted: 3,
            ignored: 1,
            kept: true,
            understood: true,
            key_used: false,
        };
        taken.answered(&reply);
        assert_eq!(taken.take("part"), Some(Known::Answered(reply)));
    }

    #[test]
    fn the_oldest_names_are_forgotten() {
        let taken = Taken::default();
        for number in 0..=REMEMBERED {
            taken.take(&number.to_string());
        }
        assert_eq!(taken.take("0"), None);
        assert_eq!(taken.take(&REMEMBERED.to_string()), Some(Known::UnderWay));
        assert_eq!(taken.lock().known.len(), REMEMBERED);
    }
}
