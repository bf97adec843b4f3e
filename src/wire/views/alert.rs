//! Alerts and what they told.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::alert::{Alert, AlertState, Condition, Repeat, Rule};
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::domain::notification::Notification;
use crate::domain::quote::Quote;
use crate::words::{Fired, Words};

use super::millis;

/// An alert, and `alert_changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AlertView {
    /// The store's number, as text.
    pub id: String,
    /// Counts every change; the ETag.
    pub revision: i64,
    /// The ticker of the instrument that it watches.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// The condition that it waits for, such as `crosses_above`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub condition: Condition,
    /// The level with the digits it was written with: a price, or percent for a day change.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub threshold: Decimal,
    /// What it waits for, with the parameters of its kind. An engine of before rules were data does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = crate::wire::commands::RuleDraft))]
    pub rule: Option<Rule>,
    /// The person's own note; `null` where there is none.
    pub note: Option<String>,
    /// `once`, or `every` where it fires again after the price has left the level and the cooldown has passed.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub repeat: Repeat,
    /// The seconds after a firing before it may be armed again.
    pub cooldown_s: u32,
    /// When it stops watching; `null` if never.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Whether a person paused it.
    pub paused: bool,
    /// Whether a person has seen the last firing.
    pub acknowledged: bool,
    /// The state of the alert, such as `armed` or `cooling`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub state: AlertState,
    /// How far the price (or the day change, in points) is from the threshold, in percent of the price; unknown without a quote.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub distance_percent: Option<Decimal>,
    /// When the alert was made.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it fired last; `null` before the first time.
    #[serde(with = "millis::option")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, format = DateTime))]
    pub triggered_at: Option<Timestamp>,
}

impl AlertView {
    /// Converts an alert; the distance is from its instrument's newest quote.
    pub fn new(alert: &Alert, quote: Option<&Quote>) -> Self {
        let distance = |quote: &Quote| alert.rule.distance_percent(quote.price, quote.change_percent());
        Self {
            id: alert.id.0.to_string(),
            revision: alert.revision,
            ticker: alert.rule.ticker().clone(),
            condition: alert.rule.kind(),
            threshold: alert.rule.threshold(),
            rule: Some(alert.rule.clone()),
            note: alert.note.clone(),
            repeat: alert.repeat,
            cooldown_s: alert.cooldown_s,
            expires_at: alert.expires_at,
            paused: alert.state == AlertState::Paused,
            acknowledged: alert.acknowledged,
            state: alert.state,
            distance_percent: quote.and_then(distance),
            created_at: alert.created_at,
            triggered_at: alert.triggered_at,
        }
    }
}

/// `alert_changed` of an alert that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDeletedView {
    /// The id of the alert that was deleted.
    pub id: String,
    /// Always true, which distinguishes the event from a change.
    pub deleted: bool,
}

/// `alert_triggered`, and an entry of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NotificationView {
    /// The store's number, as text.
    pub notification_id: String,
    /// The number in commit order, never reset.
    pub n: i64,
    /// The alert that fired.
    pub alert_id: String,
    /// The ticker of the instrument whose price set it off.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// The alert's condition at the firing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub condition: Condition,
    /// The alert's level at the firing.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub threshold: Decimal,
    /// The price of the tick that set it off.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub price: Decimal,
    /// The price observed before it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub previous_price: Option<Decimal>,
    /// One sentence that says why: the tick, the previous price, the level, the note. In English, unless another language was
    /// asked for.
    pub message: String,
    /// The day's change in percent at the tick, where it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub change_percent: Option<Decimal>,
    /// The note of the alert when it fired; `null` where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the instrument was quoted in; absent of notifications from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub currency: Option<Currency>,
    /// The tick's own time.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// Whether the level was passed while no engine ran.
    pub gap: bool,
    /// Whether it was delivered late, after a cut: it raises no toast.
    pub replayed: bool,
    /// Whether a person has read it.
    pub read: bool,
}

impl From<Notification> for NotificationView {
    /// Converts a notification that is told as it happens.
    fn from(notification: Notification) -> Self {
        let Notification { n, alert_id, ticker, condition, threshold, price, previous_price, .. } = notification;
        let Notification { change_percent, currency, note, message, time, gap, read, .. } = notification;
        let (notification_id, alert_id) = (n.to_string(), alert_id.0.to_string());
        Self {
            notification_id,
            n,
            alert_id,
            ticker,
            condition,
            threshold,
            price,
            previous_price,
            message,
            change_percent,
            note,
            currency,
            time,
            gap,
            replayed: false,
            read,
        }
    }
}

impl NotificationView {
    /// Converts a notification that is told late, after a cut.
    pub fn replayed(notification: Notification) -> Self {
        Self { replayed: true, ..notification.into() }
    }

    /// Returns the sentence that says why, in a reader's language. One that was stored without its parts stays as it was told.
    pub fn sentence(&self, words: Words) -> String {
        let Some(currency) = self.currency else { return self.message.clone() };
        words.why(&Fired {
            ticker: self.ticker.as_str(),
            condition: self.condition,
            threshold: self.threshold,
            price: self.price,
            previous_price: self.previous_price,
            change_percent: self.change_percent,
            gap: self.gap,
            note: self.note.as_deref(),
            currency,
        })
    }
}

/// The event `notification_read`: a notification was read or deleted, on this page or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NotificationReadView {
    /// The id of the notification that was read.
    pub notification_id: String,
    /// The number of unread notifications after it.
    pub unread_count: i64,
    /// `true` where it was deleted as well, `false` where it was brought back; absent where it was read alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}
