//! Drives a feed by the clock: hands the engine its ticks as they fall due.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::quote::Tick;
use crate::server::clock::{Clock, after};
use crate::server::engine_task::{EngineQueue, Work};
use crate::server::feed::replay::{Replay, due};
use crate::server::feed::simulated::SimulatedMarket;

/// How often the model is asked: a tick waits this long at most.
const LOOK: Duration = Duration::from_millis(50);

/// Ticks of a replay handed over at once, where many are due.
const BATCH: usize = 500;

/// Ticks read ahead of the clock, by a thread that may wait for the disk.
const READ_AHEAD: usize = 2_000;

/// So many bad rows are named in the log, and then one of as many again and again; each is counted.
const NAMED_BAD_ROWS: u64 = 1_000;

/// Hands over the model's ticks until `stop`.
pub async fn simulated(model: Arc<SimulatedMarket>, engine: EngineQueue, clock: Clock, stop: CancellationToken) {
    let mut handed_over = clock.moment();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = clock.sleep_until(after(handed_over.elapsed, LOOK)) => {}
        }
        let now = clock.moment();
        // The model's times are the wall clock's. Where that was set back, the market stands as it stood then, and goes on.
        let is_set_back = now.wall < handed_over.wall;
        let ticks = if is_set_back { model.ticks_at(now.wall) } else { model.ticks_between(handed_over.wall, now.wall) };
        handed_over = now;
        if !ticks.is_empty() && engine.hand_over(Work::Feed(ticks)).await.is_err() {
            return;
        }
    }
}

/// Hands over a file's ticks at `speed` until its end or `stop`.
pub async fn replay(replay: Replay, speed: f64, engine: EngineQueue, clock: Clock, stop: CancellationToken) {
    let mut ticks = read_ahead(replay);
    let started = clock.elapsed();
    let mut first = None;
    let mut waiting: Option<Tick> = None;
    loop {
        let tick = match waiting.take() {
            Some(tick) => tick,
            None => match ticks.recv().await {
                Some(tick) => tick,
                None => break,
            },
        };
        let first = *first.get_or_insert(tick.time);
        let at = |tick: &Tick| after(started, due(first, tick.time, speed));
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = clock.sleep_until(at(&tick)) => {}
        }
        let mut batch = vec![tick];
        while batch.len() < BATCH {
            let Ok(next) = ticks.try_recv() else { break };
            if at(&next) > clock.elapsed() {
                waiting = Some(next);
                break;
            }
            batch.push(next);
        }
        if engine.hand_over(Work::Feed(batch)).await.is_err() {
            return;
        }
    }
    tracing::info!("the replay has ended; prices go stale from here");
}

fn read_ahead(replay: Replay) -> tokio::sync::mpsc::Receiver<Tick> {
    let (sender, ticks) = tokio::sync::mpsc::channel(READ_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut bad: u64 = 0;
        for row in replay {
            match row {
                Ok(tick) => {
                    if sender.blocking_send(tick).is_err() {
                        return;
                    }
                }
                Err(row) => {
                    metrics::counter!("foliostream_feed_bad_rows_total").increment(1);
                    if bad < NAMED_BAD_ROWS || bad.is_multiple_of(NAMED_BAD_ROWS) {
                        tracing::warn!("skipped {row}");
                    }
                    bad += 1;
                }
            }
        }
    });
    ticks
}
