//! How far prices usually move in a day, each worked out once a day.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use rust_decimal::Decimal;

use foliostream::domain::instrument::Ticker;

/// Instruments whose typical day is remembered at most; where there are more, all are worked out again.
const REMEMBERED: usize = 10_000;

/// The typical days of instruments, each with the day on which it was worked out.
#[derive(Debug, Default)]
pub struct TypicalDays(Mutex<HashMap<Ticker, (Date, Option<Decimal>)>>);

impl TypicalDays {
    pub(super) fn get(&self, ticker: &Ticker, today: Date) -> Option<Option<Decimal>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(ticker).filter(|(day, _)| *day == today).map(|(_, percent)| *percent)
    }

    pub(super) fn keep(&self, ticker: &Ticker, today: Date, percent: Option<Decimal>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(ticker.clone(), (today, percent));
    }
}
