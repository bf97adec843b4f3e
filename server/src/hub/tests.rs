//! A user sees only what is theirs: every command and query is tried on another user's things.

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
use jiff::tz::TimeZone;

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
    is_not_there("overview", ben.overview(&portfolio, &jiff::tz::TimeZone::UTC).await);
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
