//! What ledgers say of splits, and how a close reads in the units of a price behind them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::position::{Split, close_in_units_of};
use super::super::quote::Quote;
use super::super::session::day_begin;

/// What all ledgers together say, each split of an instrument once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSplits(pub BTreeMap<Ticker, Vec<Split>>);

impl LedgerSplits {
    /// Returns the ratios of the splits that lie between a price at `time` and the close that it is measured from, or may: those
    /// of the session's day, and on a later day than the known quote's those of the days since. A split happens before its
    /// exchange's day begins, whatever time of the day was written.
    pub fn before(&self, known: Option<&Quote>, ticker: &Ticker, time: Timestamp) -> Vec<Decimal> {
        let is_between = |begin: Timestamp| match known {
            Some(known) if day_begin(ticker, known.time) < day_begin(ticker, time) => begin > known.time,
            Some(known) => begin >= day_begin(ticker, known.session_start),
            None => begin >= day_begin(ticker, time),
        };
        let begin = |split: &&Split| day_begin(ticker, split.time);
        let splits = self.0.get(ticker).into_iter().flatten();
        splits.filter(|split| begin(split) <= time && is_between(begin(split))).filter_map(units).collect()
    }

    /// Returns whether `told` is the close that was read as `read` already, still in its old units. For example: with a split of
    /// 10:1 a close of 1,000 was read as 100, and the feed repeats 1,000 for days.
    pub fn is_unread(&self, ticker: &Ticker, told: Decimal, read: Decimal) -> bool {
        let mut splits = self.0.get(ticker).into_iter().flatten().filter_map(units);
        splits.any(|units| told.checked_div(units).and_then(without_tail) == Some(read))
    }
}

/// Digits of a close that was divided: more than any exchange quotes.
const DIGITS: u32 = 15;

/// Returns a close in the units of a price, without the tail of a division.
pub(crate) fn shown_close(price: Decimal, close: Decimal, units: &[Decimal]) -> Option<Decimal> {
    let read = close_in_units_of(price, close, units)?;
    if read == close { Some(close) } else { without_tail(read) }
}

fn without_tail(divided: Decimal) -> Option<Decimal> {
    divided.round_sf(DIGITS).map(|divided| divided.normalize())
}

fn units(split: &Split) -> Option<Decimal> {
    split.ratio.after.checked_div(split.ratio.before)
}
