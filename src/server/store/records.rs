//! The store's own rows and answers, where the domain has no word for them.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::activity::{Activity, ActivityId, ActivityKind};
use crate::domain::alert::{Alert, AlertId, AlertState, Condition, Repeat};
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::wire::views::NotificationView;

/// A portfolio without its activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortfolioRow {
    /// The name in addresses.
    pub portfolio_id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it is valued in.
    pub currency: Currency,
    /// Counts every change of its name and activities, from 1.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether its cash counts; nothing where its owner was never asked.
    pub track_cash: Option<bool>,
}

/// An activity that has no number yet; the fields are those of [`Activity`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewActivity {
    /// What happened.
    pub kind: ActivityKind,
    /// When; a date alone is its midnight UTC.
    pub time: Timestamp,
    /// Whether it is a date alone.
    pub date_only: bool,
    /// Of what.
    pub ticker: Option<Ticker>,
    /// Units of a trade, ratio of a split, otherwise zero.
    pub quantity: Decimal,
    /// Per unit of a trade, otherwise zero.
    pub price: Decimal,
    /// The money of anything but a trade or split, otherwise zero.
    pub amount: Decimal,
    /// Fees that came with it.
    pub fee: Decimal,
    /// Taxes that came with it.
    pub tax: Decimal,
    /// What price, amount, fee and tax are in.
    pub currency: Currency,
    /// Units of the portfolio's currency for one major unit of `currency`.
    pub exchange_rate: Decimal,
    /// Whether that is another day's rate, because none was known for this one.
    pub exchange_rate_estimated: bool,
    /// Whether the broker converted.
    pub converted: bool,
    /// Whether a sale may sell more than is held.
    pub opens_short: bool,
    /// What the person wrote.
    pub note: Option<String>,
}

impl NewActivity {
    /// Returns the activity under the number the store gave it, at its first revision.
    pub fn with_id(self, id: ActivityId) -> Activity {
        Activity {
            id,
            kind: self.kind,
            time: self.time,
            date_only: self.date_only,
            ticker: self.ticker,
            quantity: self.quantity,
            price: self.price,
            amount: self.amount,
            fee: self.fee,
            tax: self.tax,
            currency: self.currency,
            exchange_rate: self.exchange_rate,
            exchange_rate_estimated: self.exchange_rate_estimated,
            converted: self.converted,
            opens_short: self.opens_short,
            note: self.note,
            revision: 1,
        }
    }
}

/// The rate of an activity's day, which has become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedRate {
    /// The activity.
    pub id: ActivityId,
    /// The revision it was at: one that has changed since may be of another day.
    pub revision: i64,
    /// Units of the portfolio's currency for one major unit of the activity's.
    pub rate: Decimal,
}

/// An alert that has no number yet; it starts unacknowledged, at revision 1, having observed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// What to watch.
    pub ticker: Ticker,
    /// What to wait for.
    pub condition: Condition,
    /// The level, its scale kept.
    pub threshold: Decimal,
    /// How often.
    pub repeat: Repeat,
    /// Seconds after a firing before it may re-arm.
    pub cooldown_s: u32,
    /// When it stops watching.
    pub expires_at: Option<Timestamp>,
    /// What the person wrote.
    pub note: Option<String>,
    /// `Armed` or `Paused`.
    pub state: AlertState,
    /// The price it begins at, where it waits for a crossing.
    pub last_price: Option<Decimal>,
}

/// What an alert saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The alert.
    pub alert_id: AlertId,
    /// The revision that observed: an alert changed since ignores it, as it may watch something else now.
    pub revision: i64,
    /// The price observed.
    pub price: Decimal,
    /// While cooling: whether the price has left the level since the firing.
    pub left_level: bool,
}

/// What became of a firing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FiringOutcome {
    /// It is durable, exactly once: announce it.
    Stored(Box<StoredFiring>),
    /// The alert has changed since: nothing was written.
    Refused {
        /// The alert as it is now, unless it is gone.
        current: Option<Box<Alert>>,
    },
}

/// A firing that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFiring {
    /// The alert after it.
    pub alert: Alert,
    /// What to announce; unread, not replayed.
    pub notification: NotificationView,
}

/// What reading one notification did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationRead {
    /// Whether it was unread before.
    pub changed: bool,
    /// How many are unread now.
    pub unread_count: i64,
}

/// What reading all notifications did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllNotificationsRead {
    /// The numbers that were unread before, ascending.
    pub changed: Vec<i64>,
    /// How many are unread now.
    pub unread_count: i64,
}
