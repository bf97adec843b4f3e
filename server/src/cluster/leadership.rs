//! Terms of the engine: takes the lease where it is free, begins an epoch in the database, runs the engine for as long as the
//! lease is kept, and begins again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::engine_task::EngineHandle;
use crate::relay::{Beat, Cause, Link, Nature, Part, jittered};
use crate::store::StoreError;
use crate::term::{Term, Terms};
use foliostream::wire::epoch::Epoch;

use super::intake::Intake;
use super::lease::{KEEP_EVERY, LEASE, Lease, TRY_EVERY};
use super::publisher::{Lasts, Publisher};
use super::{Cluster, complaints, reconcile};

/// A term that ended sooner did not come to anything.
const A_TERM: Duration = Duration::from_secs(10);

/// The longest this worker leaves the lease to others after terms that did not come to anything: what was wrong may be mended by then.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Stands for election as the engine until `stop`; what comes back ends when the last term is over.
pub(crate) fn stand(cluster: Arc<Cluster>, terms: Arc<Terms>, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let (mut link, mut lease) = (None, Lease::new(cluster.keys.clone(), &cluster.worker));
        let mut pause = TRY_EVERY;
        while !stop.is_cancelled() {
            if take(&cluster, &lease, &mut link).await {
                let began = Instant::now();
                match serve_term(&cluster, &terms, &lease, &stop).await {
                    Ok(()) => cluster.inbox.troubles.clear(Part::Beginning),
                    Err(error) => {
                        let cause = Cause { nature: Nature::Refusing, text: error.to_string() };
                        cluster.inbox.troubles.note(Part::Beginning, cause);
                        give_back(&cluster, &lease).await;
                    }
                }
                lease = Lease::new(cluster.keys.clone(), &cluster.worker);
                // A term that could not last leaves the lease to others for a while, each time for longer.
                pause = if began.elapsed() >= A_TERM { TRY_EVERY } else { (pause * 2).min(LONGEST_PAUSE) };
            }
            let waits = if pause == TRY_EVERY { pause } else { jittered(pause) };
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = tokio::time::sleep(waits) => {}
            }
        }
    })
}

async fn take(cluster: &Cluster, lease: &Lease, link: &mut Option<Link>) -> bool {
    let taken = async {
        let open = match link {
            Some(open) => open,
            None => link.insert(cluster.address.connect().await?),
        };
        lease.take(open).await
    };
    match taken.await {
        Ok(taken) => {
            cluster.inbox.troubles.clear(Part::Lease);
            taken
        }
        Err(error) => {
            let cause = Cause::of(&error).with_key(&cluster.keys, link.as_mut()).await;
            cluster.inbox.troubles.note(Part::Lease, cause);
            *link = None;
            false
        }
    }
}

async fn give_back(cluster: &Cluster, lease: &Lease) {
    if let Ok(mut link) = cluster.address.connect().await {
        // Otherwise it ends by itself.
        let _ = lease.give_back(&mut link).await;
    }
}

/// One term: from the epoch to the last record stored.
async fn serve_term(
    cluster: &Arc<Cluster>,
    terms: &Arc<Terms>,
    lease: &Lease,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let lasts = Lasts::default();
    let term = lasts.term.clone();
    let (publisher, writing) = {
        let (address, keys, inbox) = (cluster.address.clone(), cluster.keys.clone(), Arc::clone(&cluster.inbox));
        Publisher::start(address, keys, lease.holder(), inbox, lasts.clone())
    };
    let published = publisher.published();
    // The lease is kept from here on: reading what the engine starts from may take longer than it lasts.
    let epoch = cluster.ground.store.begin_term_above(last_epoch(cluster).await).await?;
    let has_spoken = Arc::clone(&published);
    let beat = move || (epoch, published.load(Ordering::Acquire));
    let keeper = tokio::spawn(keep(Arc::clone(cluster), lease.clone(), beat, lasts.clone()));
    let running = match terms.begin(Arc::new(publisher), epoch, term.clone()).await {
        Ok(running) => running,
        Err(error) => {
            term.cancel();
            lasts.lease_lost.cancel();
            let _ = keeper.await;
            return Err(error);
        }
    };
    metrics::gauge!("foliostream_engine").set(1.0);
    metrics::counter!("foliostream_terms_total").increment(1);
    serve_others(cluster, &running, epoch, &term);
    // The demo's import waits for this very engine, so this task, which ends it, must not wait for the import.
    let demo = running.take_prices(Arc::clone(terms), cluster.hub.clone());
    tokio::spawn(async move {
        if let Err(error) = demo.await {
            tracing::error!("the demo portfolio could not be made: {error}");
        }
    });

    end(cluster.drain, running, writing, &lasts, stop).await;
    // The keeper ends with the lease.
    let _ = keeper.await;
    metrics::gauge!("foliostream_engine").set(0.0);
    if has_spoken.load(Ordering::Acquire) > 0 {
        tracing::info!(%epoch, "this worker is no longer the engine");
    }
    give_back(cluster, lease).await;
    Ok(())
}

/// Starts what the engine of many processes does for the others: it takes their calls and other programs' quotes from Redis, and
/// finds what a worker stored and did not announce.
fn serve_others(cluster: &Cluster, running: &Term, epoch: Epoch, term: &CancellationToken) {
    let intake = Intake {
        address: cluster.address.clone(),
        keys: cluster.keys.clone(),
        engine: running.engine.clone(),
        epoch,
        ground: cluster.ground.clone(),
        hub: cluster.hub.clone(),
        inbox: Arc::clone(&cluster.inbox),
    };
    tokio::spawn(intake.run(term.clone()));
    let (address, keys, inbox) = (cluster.address.clone(), cluster.keys.clone(), Arc::clone(&cluster.inbox));
    tokio::spawn(complaints::watch_quotes(address, keys, inbox, term.clone()));
    let handle = EngineHandle::new(running.engine.clone());
    tokio::spawn(reconcile::run(Arc::clone(&cluster.ground.board), cluster.ground.store.clone(), handle, term.clone()));
}

/// Ends a term: at its end, or when the process stops, the engine ends, and what it said last goes to Redis; both together take
/// no longer than the end may take. Only then is the lease given back. Given back earlier, another worker could be the engine
/// while this one still publishes, and every replica would have to start from a whole state.
async fn end(
    drain: Duration,
    mut running: Term,
    mut writing: JoinHandle<()>,
    Lasts { term, lease_lost }: &Lasts,
    stop: &CancellationToken,
) {
    tokio::select! {
        biased;
        // By itself, where another engine has taken over.
        () = running.is_over() => {}
        () = term.cancelled() => {}
        () = stop.cancelled() => {}
    }
    let told_to_end = Instant::now();
    running.end().await;
    let left = drain.saturating_sub(told_to_end.elapsed());
    if !lease_lost.is_cancelled() && tokio::time::timeout(left, &mut writing).await.is_err() {
        tracing::warn!("not all that the engine said could be published in time; streams begin anew");
    }
    writing.abort();
    lease_lost.cancel();
}

/// Returns the newest epoch that Redis or this worker's replica remembers.
async fn last_epoch(cluster: &Cluster) -> u64 {
    let read = async {
        let mut link = cluster.address.connect().await?;
        redis::cmd("HGET").arg(cluster.keys.head()).arg("epoch").query_async::<Option<u64>>(&mut link).await
    };
    // Where Redis does not answer, nothing can be published either, and the term ends by itself.
    let published = read.await.ok().flatten().unwrap_or_default();
    published.max(cluster.ground.board.epoch().number())
}

/// Keeps the lease until it is lost or cannot be kept in time, which ends the term, or until it is not needed any more: that is later
/// than the term ends, by what is still to be said.
async fn keep(cluster: Arc<Cluster>, lease: Lease, beat: impl Fn() -> (Epoch, u64), Lasts { term, lease_lost }: Lasts) {
    let mut link: Option<Link> = None;
    let mut kept = Instant::now();
    loop {
        // Counted from before the asking: Redis counts from when it was asked.
        let asked = Instant::now();
        let (epoch, seq) = beat();
        let beat = Beat { worker: cluster.worker.clone(), epoch, seq };
        match tokio::time::timeout(LEASE.saturating_sub(kept.elapsed()), try_keep(&cluster, &lease, &mut link, &beat)).await {
            Ok(Ok(true)) => {
                cluster.inbox.troubles.clear(Part::Lease);
                kept = asked;
            }
            Ok(Ok(false)) => {
                tracing::warn!(%epoch, "the lease was lost; this term ends");
                break;
            }
            Ok(Err(error)) => {
                let cause = Cause::of(&error).with_key(&cluster.keys, link.as_mut()).await;
                cluster.inbox.troubles.note(Part::Lease, cause);
                link = None;
            }
            Err(_) => link = None,
        }
        if kept.elapsed() >= LEASE {
            tracing::warn!(%epoch, "the lease could not be kept in time; this term ends");
            break;
        }
        let pause = if kept == asked { KEEP_EVERY } else { KEEP_EVERY / 10 };
        tokio::select! {
            biased;
            () = lease_lost.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    lease_lost.cancel();
    term.cancel();
}

async fn try_keep(cluster: &Cluster, lease: &Lease, link: &mut Option<Link>, beat: &Beat) -> redis::RedisResult<bool> {
    let open = match link {
        Some(open) => open,
        None => link.insert(cluster.address.connect().await?),
    };
    lease.keep(open, beat).await
}
