//! Entries of the ledger before they have a number, their changes, and accounts.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use foliostream::domain::account::{AccountId, AccountKind};
use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::user::UserId;

/// An activity that has no number yet; the fields are those of [`Activity`]. Its JSON is kept in histories: a field that comes later has a
/// default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewActivity {
    /// The kind of the activity: a buy, a dividend, a split and so on.
    pub kind: ActivityKind,
    /// The time of the activity; of a date alone its midnight UTC.
    pub time: Timestamp,
    /// Whether it is a date alone.
    pub date_only: bool,
    /// The instrument, for kinds that have one: a buy, a sale, a dividend or a split.
    pub ticker: Option<Ticker>,
    /// Units of a trade, ratio of a split, otherwise zero.
    pub quantity: Decimal,
    /// The price of one unit of a trade, otherwise zero.
    pub price: Decimal,
    /// The money of anything but a trade or split, otherwise zero.
    pub amount: Decimal,
    /// Fees that came with it.
    pub fee: Decimal,
    /// Taxes that came with it.
    pub tax: Decimal,
    /// The currency of price, amount, fee and tax.
    pub currency: Currency,
    /// Units of the portfolio's currency for one major unit of `currency`.
    pub exchange_rate: Decimal,
    /// Whether that is another day's rate, because none was known for this one.
    pub exchange_rate_estimated: bool,
    /// Whether the broker converted the money into the portfolio's currency.
    pub converted: bool,
    /// Whether a sale may sell more than is held.
    pub opens_short: bool,
    /// The account that it was in; `None` where none is told.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// The person's own words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The person's own note; `None` where there is none.
    pub note: Option<String>,
}

impl From<Activity> for NewActivity {
    fn from(activity: Activity) -> Self {
        Self {
            kind: activity.kind,
            time: activity.time,
            date_only: activity.date_only,
            ticker: activity.ticker,
            quantity: activity.quantity,
            price: activity.price,
            amount: activity.amount,
            fee: activity.fee,
            tax: activity.tax,
            currency: activity.currency,
            exchange_rate: activity.exchange_rate,
            exchange_rate_estimated: activity.exchange_rate_estimated,
            converted: activity.converted,
            opens_short: activity.opens_short,
            account: activity.account,
            tags: activity.tags,
            note: activity.note,
        }
    }
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
            account: self.account,
            tags: self.tags,
            note: self.note,
            revision: 1,
        }
    }
}

/// How an entry was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryChange {
    /// It was entered. That is kept with its first change: until then the entry itself has it.
    Created,
    /// It was written over.
    Changed,
    /// Its estimated rate gave way to the rate of its day.
    Rated,
    /// It was deleted.
    Deleted,
    /// It was put back after it was deleted.
    Restored,
    /// It was put back to what it was before a change.
    Undone,
}

impl EntryChange {
    /// Returns the word by which programs name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Rated => "rated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Undone => "undone",
        }
    }
}

/// A change of an entry, as its history has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedEntry {
    /// The revision that it made.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// Who changed it; `None` for what no person did.
    pub by: Option<UserId>,
    /// How.
    pub change: EntryChange,
    /// The entry as it was before; of one that was entered, as it was entered.
    pub before: NewActivity,
}

/// The history of an entry that is there, or that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryHistory {
    /// The entry as it is now; `None` where it was deleted.
    pub current: Option<Activity>,
    /// When it was entered and by whom, where that is known and no change has it.
    pub entered: (Option<Timestamp>, Option<UserId>),
    /// Its changes, the newest first.
    pub changes: Vec<ChangedEntry>,
}

/// An account that has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The person's own name for it.
    pub name: String,
    /// What its entries are in unless told; `None` for the portfolio's.
    pub currency: Option<Currency>,
    /// Where it is kept.
    pub kind: AccountKind,
}

/// The rate of an activity's day, which has become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedRate {
    /// The activity whose rate was estimated.
    pub id: ActivityId,
    /// The revision it was at: one that has changed since may be of another day.
    pub revision: i64,
    /// Units of the portfolio's currency for one major unit of the activity's.
    pub rate: Decimal,
}
