//! What the store's tests share.

use jiff::Timestamp;
use tempfile::TempDir;

use crate::domain::activity::ActivityKind;
use crate::domain::alert::{Alert, AlertState, Condition, Firing, Repeat};
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;

use super::Store;
use super::records::{NewActivity, NewAlert};

/// Texts that break what escapes, cuts or reorders.
pub const HOSTILE_TEXTS: [&str; 7] = [
    "'; DROP TABLE alerts; --",
    "\"quoted\" and `ticked` \\ %_?1",
    "nul \0 within\0",
    "🧮👩‍👩‍👧 e\u{301}",
    "\u{202e}מחיר السعر",
    "<script>alert(1)</script>",
    "line\r\nbreak\ttab",
];

/// A new store in a new folder.
pub async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    (folder, store)
}

/// The store of a folder.
pub async fn open(folder: &TempDir) -> Store {
    Store::open(folder.path()).await.unwrap()
}

/// A time, by its second.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// A ticker.
pub fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

/// A purchase of AAPL.
pub fn buy(quantity: &str, price: &str, second: i64) -> NewActivity {
    NewActivity {
        kind: ActivityKind::Buy,
        time: at(second),
        ticker: Some(ticker("AAPL")),
        quantity: quantity.parse().unwrap(),
        price: price.parse().unwrap(),
        amount: "0".parse().unwrap(),
        fee: "1.00".parse().unwrap(),
        tax: "0".parse().unwrap(),
        currency: Currency::USD,
        exchange_rate: "0.92".parse().unwrap(),
        converted: false,
        note: None,
    }
}

/// An armed alert on AAPL.
pub fn new_alert() -> NewAlert {
    NewAlert {
        ticker: ticker("AAPL"),
        condition: Condition::CrossesAbove,
        threshold: "150.00".parse().unwrap(),
        repeat: Repeat::Once,
        cooldown_s: 0,
        expires_at: None,
        note: None,
        state: AlertState::Armed,
    }
}

/// The firing of an alert as it stands.
pub fn firing(alert: &Alert, price: &str) -> Firing {
    Firing {
        alert_id: alert.id,
        revision: alert.revision,
        ticker: alert.ticker.clone(),
        condition: alert.condition,
        threshold: alert.threshold,
        price: price.parse().unwrap(),
        previous_price: Some("149.0".parse().unwrap()),
        time: at(5),
        fired_at: at(6),
        gap: false,
        change_percent: None,
        state_after: AlertState::Triggered,
        note: alert.note.clone(),
    }
}
