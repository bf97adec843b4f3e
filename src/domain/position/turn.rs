//! The order in which activities are folded.

use jiff::Timestamp;

use super::super::activity::{Activity, ActivityId, ActivityKind};

/// When an activity takes its turn.
///
/// Days follow each other. Within a day what has an exact time goes by it; what is a date alone goes before those where it
/// adds units or money, and after them where it removes some. So a sale of the 2nd can sell what was bought on the 2nd,
/// with or without a time and whichever was entered first. Equal turns go by number, as they were entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// Counted in UTC, as dates are.
    day: i64,
    part: Part,
    time: Timestamp,
    id: ActivityId,
}

/// The parts of a day, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    SplitWithoutTime,
    AddsWithoutTime,
    Timed,
    RemovesWithoutTime,
}

impl Turn {
    pub(super) fn of(activity: &Activity) -> Self {
        let day = activity.time.as_second().div_euclid(SECONDS_A_DAY);
        Self { day, part: Part::of(activity), time: activity.time, id: activity.id }
    }
}

/// Seconds of a day in UTC, by which days are cut.
const SECONDS_A_DAY: i64 = 86_400;

impl Part {
    fn of(activity: &Activity) -> Self {
        use ActivityKind::{
            Buy, Deposit, Dividend, Fee, Interest, OpeningBalance, ReinvestedDividend, Sell, SpinOff, Split, Tax, TransferIn,
            TransferOut, Withdrawal,
        };
        match activity.kind {
            _ if !activity.date_only => Self::Timed,
            Split => Self::SplitWithoutTime,
            Buy | Deposit | Dividend | Interest | OpeningBalance | TransferIn | ReinvestedDividend | SpinOff => {
                Self::AddsWithoutTime
            }
            Sell | Withdrawal | Fee | Tax | TransferOut => Self::RemovesWithoutTime,
        }
    }
}
