//! Short ways to write activities down, for the tests of the server.

use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::money::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;

/// An activity of 1 January 1970 without figures, in euros.
pub(crate) fn activity(kind: ActivityKind) -> Activity {
    Activity {
        id: ActivityId(1),
        kind,
        time: Timestamp::UNIX_EPOCH,
        date_only: true,
        ticker: None,
        quantity: Decimal::ZERO,
        price: Decimal::ZERO,
        amount: Decimal::ZERO,
        fee: Decimal::ZERO,
        tax: Decimal::ZERO,
        currency: Currency::EUR,
        exchange_rate: Decimal::ONE,
        exchange_rate_estimated: false,
        converted: false,
        opens_short: false,
        account: None,
        tags: Vec::new(),
        note: None,
        revision: 1,
    }
}

/// A purchase of one unit at 1 euro, on the same day.
pub(crate) fn bought(ticker: &str) -> Activity {
    let ticker = Some(ticker.parse().unwrap());
    Activity { ticker, quantity: Decimal::ONE, price: Decimal::ONE, ..activity(ActivityKind::Buy) }
}
