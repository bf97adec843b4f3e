//! The store's own rows and answers, where the domain has no word for them.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use foliostream::domain::alert::{Alert, AlertId, AlertState, Firing, Memory, Rearming, Repeat, Rule};
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::notification::Notification;
use foliostream::domain::quote::Quote;
use foliostream::domain::user::UserId;
use foliostream::words::{Fired, Language, Words};

/// The sentence that is stored with a firing, and the currency of its prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The sentence in English, as programs get it.
    pub message: String,
    /// What the instrument is quoted in: with the firing, what the sentence is made of in any language.
    pub currency: Currency,
}

impl Told {
    /// Makes the sentence of a firing.
    pub fn of(firing: &Firing, currency: Currency) -> Self {
        Self { message: Words::of(Language::English).why(&Fired::of(firing, currency)), currency }
    }
}

/// A portfolio without its activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortfolioRow {
    /// The name in addresses.
    pub portfolio_id: String,
    /// The user who made the portfolio, and who alone sees it.
    pub owner: UserId,
    /// The name that its owner gave it.
    pub name: String,
    /// The currency that it is valued in.
    pub currency: Currency,
    /// Counts every change of its name and activities, from 1.
    pub revision: i64,
    /// When the portfolio was made.
    pub created_at: Timestamp,
    /// Whether its cash counts; nothing where its owner was never asked.
    pub track_cash: Option<bool>,
}

/// A portfolio that is not stored yet; it starts at revision 1, and belongs to the user who creates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPortfolio {
    /// The name in addresses.
    pub portfolio_id: String,
    /// The name that its owner gives it.
    pub name: String,
    /// The currency that it is valued in.
    pub currency: Currency,
    /// When the portfolio is made.
    pub created_at: Timestamp,
    /// Whether its cash counts; nothing where its owner is not asked.
    pub track_cash: Option<bool>,
}

impl NewPortfolio {
    /// Returns the portfolio as it is stored for a user, at its first revision.
    pub fn owned_by(self, owner: &UserId) -> PortfolioRow {
        let Self { portfolio_id, name, currency, created_at, track_cash } = self;
        PortfolioRow { portfolio_id, owner: owner.clone(), name, currency, revision: 1, created_at, track_cash }
    }
}

/// An alert that has no number yet; it starts unacknowledged, at revision 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// The rule to wait for, with the digits it was written with.
    pub rule: Rule,
    /// Whether it fires once, or again after each cooldown.
    pub repeat: Repeat,
    /// Seconds after a firing before it may re-arm.
    pub cooldown_s: u32,
    /// When it stops watching; `None` if never.
    pub expires_at: Option<Timestamp>,
    /// The person's own note; `None` where there is none.
    pub note: Option<String>,
    /// `Armed` to watch from now on, or `Paused`.
    pub state: AlertState,
    /// With what it begins: the price of now, where it waits for a crossing.
    pub memory: Memory,
}

/// The memory of an alert after what it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The alert that observed.
    pub alert_id: AlertId,
    /// The revision that observed: an alert changed since ignores it, as it may watch something else now.
    pub revision: i64,
    /// What the rule keeps until its next observation.
    pub memory: Memory,
}

/// A decision of the engine about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// It went off, and the sentence that says why.
    Firing(Box<(Firing, Told)>),
    /// It changed its state by itself.
    State {
        /// The alert whose state changed.
        id: AlertId,
        /// The revision before the change: the store refuses it where the alert has another one.
        revision: i64,
        /// The state after the change.
        state: AlertState,
        /// What it remembers by then, where that is told with the state.
        memory: Option<Memory>,
    },
}

impl Record {
    /// An alert watches again.
    pub fn rearmed(id: AlertId, Rearming { revision, memory }: Rearming) -> Self {
        Self::State { id, revision, state: AlertState::Armed, memory: Some(memory) }
    }

    /// An alert's time is over.
    pub fn expired(id: AlertId, revision: i64) -> Self {
        Self::State { id, revision, state: AlertState::Expired, memory: None }
    }

    /// Returns the alert that it is about.
    pub fn alert_id(&self) -> AlertId {
        match self {
            Self::Firing(firing) => firing.0.alert_id,
            Self::State { id, .. } => *id,
        }
    }

    /// Returns the revision that the alert had before.
    pub fn revision(&self) -> i64 {
        match self {
            Self::Firing(firing) => firing.0.revision,
            Self::State { revision, .. } => *revision,
        }
    }
}

/// The outcome of a record that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The firing is durable, exactly once: announce it.
    Fired(Box<StoredFiring>),
    /// The state is durable.
    Changed(Box<Alert>),
    /// The alert had been changed by a person: neither this nor what was decided about it afterwards was written.
    Refused {
        /// The alert that the record was about.
        id: AlertId,
        /// The alert as it is now; `None` where it is gone.
        current: Option<Box<Alert>>,
    },
}

/// How much of a call's ticks was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedCall {
    /// The id by which the call is known, over all engines.
    pub call_id: String,
    /// How many of its ticks were shown to the engine.
    pub ticks: usize,
    /// The number of these that were observed.
    pub accepted: usize,
    /// The number of these that were ignored.
    pub ignored: usize,
    /// Whether all ticks of the call were applied.
    pub whole: bool,
}

/// What the engine decided and observed since it last stored anything, and up to where: stored whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// Counts what an epoch stores, from 1: by it the store knows again what it has stored although the answer was lost.
    pub number: u64,
    /// About alerts, in order.
    pub records: Vec<Record>,
    /// What alerts saw last, once the records are stored.
    pub observations: Vec<Observation>,
    /// Instruments that the store may not know yet; they replace what is stored of them.
    pub instruments: Vec<Instrument>,
    /// New instruments whose currency is presumed.
    pub presumed_instruments: Vec<Instrument>,
    /// The newest quotes, each ticker's last.
    pub quotes: Vec<Quote>,
    /// Prices of daily bars, in order.
    pub bars: Vec<(Ticker, Date, Decimal)>,
    /// Calls that were applied, or a part of each; the last of one name counts.
    pub calls: Vec<AppliedCall>,
    /// The last entry of other programs' quotes that was applied, where one was.
    pub last_entry: Option<String>,
    /// How many notifications are kept, the newest; all where it is not told.
    pub keep_notifications: Option<u32>,
}

/// A firing that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFiring {
    /// The alert after it.
    pub alert: Alert,
    /// The notification to announce, which is unread.
    pub notification: Notification,
}

/// The outcome of marking one notification as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationRead {
    /// Whether the notification was unread before.
    pub changed: bool,
    /// The number of unread notifications that are left.
    pub unread_count: i64,
}

/// The outcome of marking all notifications as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllNotificationsRead {
    /// The numbers that were unread before, ascending.
    pub changed: Vec<i64>,
    /// The number of unread notifications that are left.
    pub unread_count: i64,
}

/// What the first request with a key asked for, and the answer it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// A hash of what the request asked for, by which another request with the same key is noticed.
    pub asked: String,
    /// The answer, as it was sent.
    pub answer: String,
}
