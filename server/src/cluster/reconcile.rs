//! Once a second the engine compares what it has announced with the store, so that a change is announced even where a worker died
//! between storing it and sending its order.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::engine_task::{EngineHandle, News};
use crate::store::{Store, StoreError};
use foliostream::domain::alert::AlertId;
use foliostream::wire::live::{Owned, PortfolioDeleted};
use foliostream::wire::views::PortfolioChangedView;

/// The time between two comparisons with the store.
const EVERY: Duration = Duration::from_secs(1);

/// What differs between the store and what was announced: whose it is, and its revision in the store, none where it is gone. It
/// is acted on when the next look finds the same: one look may come between a change and its news.
#[derive(Debug, Default, PartialEq, Eq)]
struct Difference {
    alerts: HashMap<i64, Owned<Option<i64>>>,
    portfolios: HashMap<String, Owned<Option<i64>>>,
}

/// Compares until the term is over.
pub(crate) async fn run(board: Arc<Board>, store: Store, engine: EngineHandle, term: CancellationToken) {
    let mut last = Difference::default();
    loop {
        tokio::select! {
            biased;
            () = term.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match look(&board, &store).await {
            Ok(found) => {
                if let Err(error) = announce(&store, &engine, &last, &found).await {
                    tracing::debug!("the store did not answer: {error}");
                }
                last = found;
            }
            Err(error) => tracing::debug!("the store cannot be compared with now: {error}"),
        }
    }
}

async fn look(board: &Board, store: &Store) -> Result<Difference, StoreError> {
    let stored = store.alert_revisions().await?.into_iter().map(|(id, revision)| (id.0, revision)).collect();
    let known = board.all_alerts().into_iter();
    let known = known.filter_map(|Owned { owner, view }| Some((view.id.parse().ok()?, Owned { owner, view: view.revision })));
    let alerts = differences(stored, known.collect());
    let stored = store.portfolio_revisions().await?.into_iter().collect();
    Ok(Difference { alerts, portfolios: differences(stored, board.portfolio_revisions()) })
}

/// Returns what is stored and not known at its revision, and what is known and not stored.
fn differences<K: Clone + Eq + Hash>(
    stored: HashMap<K, Owned<i64>>,
    known: HashMap<K, Owned<i64>>,
) -> HashMap<K, Owned<Option<i64>>> {
    let gone = known.iter().filter(|(id, _)| !stored.contains_key(id));
    let gone: Vec<_> = gone.map(|(id, known)| (id.clone(), Owned::of(&known.owner, None))).collect();
    let changed = stored.into_iter().filter(|(id, stored)| known.get(id) != Some(stored));
    changed.map(|(id, Owned { owner, view })| (id, Owned { owner, view: Some(view) })).chain(gone).collect()
}

/// Reports to the engine what two looks found.
async fn announce(store: &Store, engine: &EngineHandle, last: &Difference, found: &Difference) -> Result<(), StoreError> {
    for (id, Owned { owner, .. }) in found.alerts.iter().filter(|(id, stored)| last.alerts.get(id) == Some(stored)) {
        let news = match store.alert(AlertId(*id)).await? {
            Some(alert) => News::AlertChanged(alert),
            None => News::AlertDeleted(Owned::of(owner, AlertId(*id))),
        };
        tell(engine, news, "alert").await;
    }
    for (id, Owned { owner, view }) in found.portfolios.iter().filter(|(id, stored)| last.portfolios.get(*id) == Some(stored)) {
        let portfolio_id = id.clone();
        let news = match *view {
            Some(revision) => News::PortfolioChanged(Owned::of(owner, PortfolioChangedView { portfolio_id, revision })),
            None => News::PortfolioDeleted(Owned::of(owner, PortfolioDeleted { portfolio_id })),
        };
        tell(engine, news, "portfolio").await;
    }
    Ok(())
}

async fn tell(engine: &EngineHandle, news: News, kind: &'static str) {
    metrics::counter!("foliostream_reconciled_total", "kind" => kind).increment(1);
    // The engine goes only with its term.
    let _ = engine.send(news).await;
}
