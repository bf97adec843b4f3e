//! Once a second the engine compares what it has announced with the store: a worker that died between storing a change and
//! telling of it leaves nothing unwatched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::alert::AlertId;
use crate::server::board::Board;
use crate::server::engine_task::{EngineHandle, News};
use crate::server::store::{Store, StoreError};
use crate::wire::views::PortfolioChangedView;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// What differs between the store and what was announced. It is acted on when the next look finds the same: one look may come
/// between a change and its news.
#[derive(Debug, Default, PartialEq, Eq)]
struct Difference {
    alerts: HashMap<i64, Option<i64>>,
    portfolios: HashMap<String, Option<i64>>,
}

/// Compares until the term is over.
pub async fn run(board: Arc<Board>, store: Store, engine: EngineHandle, term: CancellationToken) {
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
    let mut found = Difference::default();
    let stored: HashMap<i64, i64> = store.alert_revisions().await?.into_iter().map(|(id, revision)| (id.0, revision)).collect();
    let known: HashMap<i64, i64> =
        board.alerts().iter().filter_map(|alert| Some((alert.id.parse().ok()?, alert.revision))).collect();
    found.alerts.extend(stored.iter().filter(|(id, revision)| known.get(id) != Some(revision)).map(|(id, at)| (*id, Some(*at))));
    found.alerts.extend(known.keys().filter(|id| !stored.contains_key(id)).map(|id| (*id, None)));
    let stored: HashMap<String, i64> = store.portfolio_revisions().await?.into_iter().collect();
    let known = board.portfolio_revisions();
    let changed = stored.iter().filter(|(id, revision)| known.get(*id) != Some(revision));
    found.portfolios.extend(changed.map(|(id, revision)| (id.clone(), Some(*revision))));
    found.portfolios.extend(known.keys().filter(|id| !stored.contains_key(*id)).map(|id| (id.clone(), None)));
    Ok(found)
}

/// Tells the engine of what two looks found.
async fn announce(store: &Store, engine: &EngineHandle, last: &Difference, found: &Difference) -> Result<(), StoreError> {
    for (id, _) in found.alerts.iter().filter(|(id, revision)| last.alerts.get(id) == Some(revision)) {
        let news = match store.alert(AlertId(*id)).await? {
            Some(alert) => News::AlertChanged(alert),
            None => News::AlertDeleted(AlertId(*id)),
        };
        tell(engine, news, "alert").await;
    }
    for (id, revision) in found.portfolios.iter().filter(|(id, revision)| last.portfolios.get(*id) == Some(revision)) {
        let news = match revision {
            Some(revision) => News::PortfolioChanged(PortfolioChangedView { portfolio_id: id.clone(), revision: *revision }),
            None => News::PortfolioDeleted(id.clone()),
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
