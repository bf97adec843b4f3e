//! The stream's events, read from their names and texts.

use serde::de::DeserializeOwned;

use crate::wire::compact;
use crate::wire::json;
use crate::wire::live::{ByeReason, ByeView, HelloView, SyncedView};
use crate::wire::views::{
    AlertDeletedView, AlertView, NotificationReadView, NotificationView, PortfolioChangedView, PortfolioView, QuoteView,
    ServerMetricsView, StatusView,
};

/// The names the page listens to. It asks for the compact form: prices and portfolio figures come in frames, which its reader
/// makes the events of the full form of.
pub const NAMES: [&str; 13] = [
    "hello",
    "reset",
    compact::NAME,
    "portfolio_changed",
    "alert_triggered",
    "alert_changed",
    "notification_read",
    "status",
    "synced",
    "heartbeat",
    "bye",
    "presence_changed",
    "server_metrics",
];

/// Something the server said, or that follows from a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The stream begins: `hello`.
    Hello(HelloView),
    /// A full state follows.
    Reset,
    /// Everything owed has been said.
    Synced(SyncedView),
    /// The stream is alive.
    Heartbeat,
    /// The stream ends: `bye`, and why.
    Bye(ByeReason),
    /// A ticker's newest quote.
    Price(QuoteView),
    /// A portfolio's totals, and its holdings as far as they changed.
    Portfolio(PortfolioView),
    /// A portfolio's activities or name changed.
    PortfolioChanged(PortfolioChangedView),
    /// An alert went off.
    AlertTriggered(NotificationView),
    /// An alert was made or changed.
    AlertChanged(AlertView),
    /// An alert was deleted.
    AlertDeleted(String),
    /// A notification was read.
    NotificationRead(NotificationReadView),
    /// Market data's health changed.
    Status(StatusView),
    /// A tab came or went.
    PresenceChanged,
    /// The figures of one worker.
    Metrics(ServerMetricsView),
}

impl Happening {
    /// Reads an event; nothing where the name is not known or the text is not what the name promises.
    pub fn read(name: &str, text: &str) -> Option<Self> {
        match name {
            "hello" => read(text).map(Self::Hello),
            "reset" => Some(Self::Reset),
            "synced" => read(text).map(Self::Synced),
            "heartbeat" => Some(Self::Heartbeat),
            "bye" => read::<ByeView>(text).map(|bye| Self::Bye(bye.reason)),
            "portfolio_changed" => read(text).map(Self::PortfolioChanged),
            "alert_triggered" => read(text).map(Self::AlertTriggered),
            "alert_changed" => match read::<AlertDeletedView>(text) {
                Some(gone) if gone.deleted => Some(Self::AlertDeleted(gone.id)),
                _ => read(text).map(Self::AlertChanged),
            },
            "notification_read" => read(text).map(Self::NotificationRead),
            "status" => read(text).map(Self::Status),
            "presence_changed" => Some(Self::PresenceChanged),
            "server_metrics" => read(text).map(Self::Metrics),
            _ => None,
        }
    }
}

/// Reads JSON, and nothing where it is not of the shape.
fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    json::read(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_alert_is_told_from_a_changed_one() {
        assert_eq!(Happening::read("alert_changed", r#"{"id":"7","deleted":true}"#), Some(Happening::AlertDeleted("7".into())));
        let view = r#"{"id":"7","revision":2,"ticker":"AAPL","condition":"price_above","threshold":"1","note":null,"repeat":"once",
            "cooldown_s":0,"expires_at":null,"paused":false,"acknowledged":false,"state":"armed","distance_percent":null,
            "created_at":"2026-11-02T09:00:00.000Z","triggered_at":null}"#;
        assert!(matches!(Happening::read("alert_changed", view), Some(Happening::AlertChanged(alert)) if alert.revision == 2));
    }

    #[test]
    fn an_unreadable_event_is_nothing_but_a_bare_heartbeat_still_beats() {
        assert_eq!(Happening::read("notification_read", "{}"), None);
        assert_eq!(Happening::read("tomorrow", "{}"), None);
        assert_eq!(Happening::read("heartbeat", ""), Some(Happening::Heartbeat));
    }

    #[test]
    fn a_farewell_says_why() {
        assert_eq!(Happening::read("bye", r#"{"reason":"max_age"}"#), Some(Happening::Bye(ByeReason::MaxAge)));
    }
}
