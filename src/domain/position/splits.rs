//! Splits, and closes of before them.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Ratio;

/// A split of an instrument while it was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Split {
    /// The time of the split; of a date alone its midnight UTC.
    pub time: Timestamp,
    /// Units after, for units before.
    pub ratio: Ratio,
}

/// Splits between 4:5 and 5:4 change a price no more than a day may.
const SMALL_SPLIT: (Decimal, Decimal) = (Decimal::from_parts(8, 0, 0, false, 1), Decimal::from_parts(125, 0, 0, false, 2));

/// Returns a close in the units of a price, with what may have become of one unit between them.
///
/// A feed may have adjusted the close already, and one that only goes on from its last price has not: of all readings the one
/// nearest to the price counts. Where a split is so small that a day's move is as large, it is unknown.
///
/// ```
/// use foliostream::domain::position::close_in_units_of;
/// use rust_decimal::Decimal;
/// let [price, old, new, ten] = [102, 1000, 100, 10].map(Decimal::from);
/// assert_eq!(close_in_units_of(price, old, &[ten]), Some(new));
/// assert_eq!(close_in_units_of(price, new, &[ten]), Some(new));
/// ```
pub fn close_in_units_of(price: Decimal, close: Decimal, units: &[Decimal]) -> Option<Decimal> {
    let apart = |close: Decimal| price.max(close).checked_div(price.min(close));
    let is_small = |units: &Decimal| SMALL_SPLIT.0 < *units && *units < SMALL_SPLIT.1;
    let mut nearest = (close, apart(close));
    for units in units.iter().filter(|units| !is_small(units)) {
        let adjusted = close.checked_div(*units)?;
        let distance = apart(adjusted)?;
        if nearest.1.is_none_or(|nearest| distance < nearest) {
            nearest = (adjusted, Some(distance));
        }
    }
    Some(nearest.0).filter(|reading| *reading != close || !units.iter().any(is_small))
}

/// Returns whether a price speaks for the units of `read` rather than of `before` beyond what a day's move may be: it lies within
/// the fourth root of the split. Of 2:1 that is 19 %: at 51 a close of 100 is surely 50 by now, and at 33 a close of 50 is not
/// 25.
pub fn is_surely(read: Decimal, before: Decimal, price: Decimal) -> bool {
    let apart = |left: Decimal, right: Decimal| left.max(right).checked_div(left.min(right));
    let Some((off, ratio)) = apart(read, price).zip(apart(read, before)) else { return false };
    let squared = off.checked_mul(off);
    squared.and_then(|squared| squared.checked_mul(squared)).is_some_and(|fourth| fourth < ratio)
}
