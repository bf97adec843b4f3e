//! The orders that were taken last, by this engine and those before it, and what became of them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::server::relay::Reply;
use crate::server::store::AppliedOrder;

/// Orders whose names are remembered, about 3 MB: twice what their Stream keeps, as the store does.
const REMEMBERED: usize = 20_000;

/// What is known of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// An earlier engine has applied so much of it.
    Applied(AppliedOrder),
    /// This engine has taken it.
    UnderWay,
    /// This engine has answered it.
    Answered(Reply),
}

/// Orders by their names.
#[derive(Debug, Default)]
pub struct Taken(Mutex<Orders>);

#[derive(Debug, Default)]
struct Orders {
    known: HashMap<String, Known>,
    /// The names of orders, the oldest first.
    names: VecDeque<String>,
}

impl Taken {
    /// Begins with what earlier engines have applied.
    pub fn after(applied: Vec<AppliedOrder>) -> Self {
        let mut orders = Orders::default();
        for order in applied {
            orders.insert(order.order_id.clone(), Known::Applied(order));
        }
        Self(Mutex::new(orders))
    }

    /// Takes an order, and returns what was known of it before.
    pub fn take(&self, order: &str) -> Option<Known> {
        let mut orders = self.lock();
        let before = orders.known.get(order).cloned();
        match &before {
            None => orders.insert(order.to_owned(), Known::UnderWay),
            Some(Known::Applied(applied)) if !applied.whole => {
                orders.known.insert(order.to_owned(), Known::UnderWay);
            }
            Some(_) => {}
        }
        before
    }

    /// Notes what was answered.
    pub fn answered(&self, reply: &Reply) {
        if let Some(known) = self.lock().known.get_mut(&reply.order) {
            *known = Known::Answered(reply.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Orders> {
        // Each change leaves names and orders together: a panic elsewhere cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Orders {
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

    fn applied(order_id: &str, whole: bool) -> AppliedOrder {
        AppliedOrder { order_id: order_id.to_owned(), ticks: 2, accepted: 1, ignored: 1, whole }
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
            order: "part".to_owned(),
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
