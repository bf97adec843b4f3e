//! A user sees only what is theirs: every command and query is tried on another user's things. And what a portfolio was worth.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::board::Board;
use crate::bus::EmbeddedBus;
use crate::clock::Clock;
use crate::config::EngineSettings;
use crate::engine_task::{self, EngineParts, Restored};
use crate::ground::ground;
use crate::store::{Sharing, Store};
use foliostream::domain::user::Actor;
use foliostream::wire::commands::{ActivityDraft, AlertDraft, AlertPatch, Edit, PortfolioDraft, PortfolioPatch, QuoteDraft};
use foliostream::wire::ledger::LedgerAddress;
use foliostream::wire::range::Range;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

fn morning() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

fn actor(name: &str) -> Actor {
    Actor { user: name.parse().unwrap() }
}

/// A hub with an engine of its own on an empty database.
async fn hub() -> (tempfile::TempDir, Hub) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Sharing::Alone).await.unwrap();
    let clock = Clock::manual(morning());
    let epoch = store.begin_term().await.unwrap();
    let board = Arc::new(Board::new(epoch, 0, clock.now()));
    let ground = ground(&board, &store, &clock);
    let parts = EngineParts {
        bus: Arc::new(EmbeddedBus::new(Arc::clone(&board))),
        epoch,
        ground: ground.clone(),
        settings: EngineSettings::default(),
    };
    let (queue, _task) = engine_task::start(parts, Restored::default(), CancellationToken::new()).await;
    let hub = Hub::new(Parts {
        ground,
        engine: EngineHandle::new(queue),
        presence: Presence::alone("one".into()),
        operations: Operations::new("one", true),
        sources: Arc::default(),
        ledgers: tokio::sync::Mutex::default(),
        stamps: Stamps::default(),
        typical_days: TypicalDays::default(),
        jobs: Jobs::new(true),
    });
    (folder, hub)
}

fn read<T: serde::de::DeserializeOwned>(draft: serde_json::Value) -> T {
    serde_json::from_value(draft).unwrap()
}

fn quote(price: &str) -> QuoteDraft {
    read(serde_json::json!({ "ticker": "A", "price": price, "currency": "USD" }))
}

fn purchase() -> ActivityDraft {
    read(
        serde_json::json!({ "kind": "buy", "ticker": "A", "quantity": "1", "price": "10", "time": "2026-11-02", "currency": "USD" }),
    )
}

fn crossing() -> AlertDraft {
    read(serde_json::json!({ "ticker": "A", "condition": "crosses_above", "threshold": "150" }))
}

/// Checks that something is answered as if it were not there.
#[track_caller]
fn is_not_there<T: std::fmt::Debug>(what: &str, outcome: Result<T, ApiError>) {
    assert_eq!(outcome.as_ref().err().map(|error| error.code), Some(ErrorCode::NotFound), "{what}: {outcome:?}");
}

#[tokio::test]
async fn what_is_one_users_is_not_there_for_another() {
    let (_folder, hub) = hub().await;
    let (anna, ben) = (hub.acting(actor("anna")), hub.acting(actor("ben")));
    anna.push_quotes(vec![quote("149")], None).await.unwrap();
    let draft: PortfolioDraft = read(serde_json::json!({ "name": "Hers", "currency": "USD" }));
    let portfolio = anna.create_portfolio(draft, None).await.unwrap().portfolio_id;
    let activity = anna.add_activity(&portfolio, purchase(), None).await.unwrap().activity_id;
    let alert = anna.create_alert(crossing(), None).await.unwrap().id;
    anna.push_quotes(vec![quote("151")], None).await.unwrap();
    let notification = anna.notifications(None, 10).await.unwrap()[0].notification_id.clone();

    is_not_there("portfolio", ben.portfolio(&portfolio).await);
    is_not_there("page", ben.page(Some(&portfolio), &[], false).await);
    is_not_there("overview", ben.overview(&portfolio, None, &jiff::tz::TimeZone::UTC).await);
    is_not_there("rename", ben.change_portfolio(&portfolio, read::<PortfolioPatch>(serde_json::json!({ "name": "His" }))).await);
    is_not_there("delete", ben.delete_portfolio(&portfolio).await);
    is_not_there("activity", ben.activity(&portfolio, &activity).await);
    is_not_there("enter", ben.add_activity(&portfolio, purchase(), None).await);
    is_not_there("replace", ben.replace_activity(&portfolio, &activity, purchase(), Edit::default()).await);
    is_not_there("remove", ben.delete_activity(&portfolio, &activity, None).await);
    is_not_there("ledger page", ben.ledger_page(&portfolio, &LedgerAddress::default(), &TimeZone::UTC).await);
    is_not_there("ledger", ben.activities_after(&portfolio, None, 10).await);
    is_not_there("whole ledger", ben.read_ledger(&portfolio).await);
    is_not_there("alert", ben.alert(&alert).await);
    is_not_there("pause", ben.update_alert(&alert, read::<AlertPatch>(serde_json::json!({ "paused": true })), None).await);
    is_not_there("remove alert", ben.delete_alert(&alert, None).await);
    is_not_there("read", ben.read_notification(&notification).await);
    assert_eq!((ben.portfolios().await.unwrap().len(), ben.alerts().await.unwrap().len()), (0, 0));
    assert_eq!((ben.notifications(None, 10).await.unwrap().len(), ben.unread_count().await.unwrap()), (0, 0));
    ben.read_all_notifications().await.unwrap();
    let page = ben.page(None, &[], false).await.unwrap();
    assert_eq!((page.portfolios.len(), page.alerts.len(), page.notifications.len(), page.unread_count), (0, 0, 0, 0));
    for asked in [None, Some(portfolio.as_str())] {
        let shown = ben.instrument_page("A", "1d", asked).await.unwrap();
        assert_eq!((shown.activities_count, shown.lots_count), (0, 0), "{asked:?}");
    }

    // Nothing of it did anything to hers.
    let page = anna.page(Some(&portfolio), &[], false).await.unwrap();
    assert_eq!((page.portfolios.len(), page.alerts.len(), page.notifications.len(), page.unread_count), (1, 1, 1, 1));
    assert_eq!(anna.ledger_page(&portfolio, &LedgerAddress::default(), &TimeZone::UTC).await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_portfolio_was_worth_what_it_held_at_the_close_of_each_day() {
    let (_folder, hub) = hub().await;
    let own = hub.acting(actor("anna"));
    let draft: PortfolioDraft = read(serde_json::json!({ "name": "Hers", "currency": "EUR" }));
    let portfolio = own.create_portfolio(draft, None).await.unwrap().portfolio_id;
    let quote = |price: &str| read(serde_json::json!({ "ticker": "A", "price": price, "currency": "EUR" }));
    own.push_quotes(vec![quote("12")], None).await.unwrap();
    let store = &hub.0.ground.store;
    let close = |day: i8, close: &str| ("A".parse().unwrap(), jiff::civil::date(2026, 10, day), close.parse().unwrap());
    store.record_bars(store.current_epoch().await.unwrap(), &[close(28, "11"), close(30, "9")]).await.unwrap();
    let overview = async |range: Option<&str>| own.overview(&portfolio, range, &TimeZone::UTC).await;
    assert_eq!(overview(Some("1y")).await.unwrap().past, None, "nothing was ever held");
    let bought = serde_json::json!({ "kind": "buy", "ticker": "A", "quantity": "10", "price": "10", "time": "2026-10-28", "currency": "EUR" });
    own.add_activity(&portfolio, read(bought), None).await.unwrap();

    // Without a range everything, as the portfolio is younger than a year.
    let everything = overview(None).await.unwrap();
    let past = everything.past.unwrap();
    assert_eq!((everything.range, everything.net_contributions), (Range::All, Some(Decimal::ONE_HUNDRED)));
    let values: Vec<_> = past.points.iter().map(|point| (point.time.strftime("%d").to_string(), point.value)).collect();
    let expected = [("29", 110), ("30", 110), ("31", 90), ("01", 90), ("02", 90)];
    assert_eq!(values, expected.map(|(day, value)| (day.to_owned(), Decimal::from(value))));
    assert_eq!((past.gain_before, past.money_at_work), (Decimal::ZERO, Some(Decimal::ONE_HUNDRED)));

    // A range that begins before the first transaction counts from nothing.
    let month = overview(Some("1M")).await.unwrap().past.unwrap();
    assert_eq!((month.points.len(), month.gain_before), (5, Decimal::ZERO));
    let week = overview(Some("1w")).await.unwrap().past.unwrap();
    assert_eq!(week.points.last().map(|point| point.value), Some(Decimal::from(90)));
    // A close of long before the range still counts, rather than what was paid.
    let seldom = |day: i8, close: &str| ("B".parse().unwrap(), jiff::civil::date(2026, 9, day), close.parse().unwrap());
    store.record_bars(store.current_epoch().await.unwrap(), &[seldom(1, "7")]).await.unwrap();
    let quote = read(serde_json::json!({ "ticker": "B", "price": "8", "currency": "EUR" }));
    own.push_quotes(vec![quote], None).await.unwrap();
    let bought = serde_json::json!({ "kind": "buy", "ticker": "B", "quantity": "10", "price": "2", "time": "2026-08-03", "currency": "EUR" });
    own.add_activity(&portfolio, read(bought), None).await.unwrap();
    let week = overview(Some("1w")).await.unwrap().past.unwrap();
    assert_eq!(week.points.last().map(|point| point.value), Some(Decimal::from(160)));
    let day = overview(Some("1d")).await.unwrap();
    assert_eq!((day.range, day.past), (Range::Day, None));
    let refused = overview(Some("5y")).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::BadRequest, Some("range")));
}
