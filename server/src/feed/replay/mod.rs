//! Recorded ticks as a source: `replay:FILE[,FILE…]`, played again at their own pace or faster.

mod recording;
mod row;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::recording::{Recording, due};
use self::row::NAME;
use super::source::{Asked, Kind, Opened, Source, SourceError, SourceOptions, TickSink};
use crate::clock::{Clock, after};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::quote::Tick;
use foliostream::domain::source::{Nature, SourceName};

/// Ticks handed over at once, where many are due.
const BATCH: usize = 500;

/// Ticks read ahead of the clock, by a thread that may wait for the disk.
const READ_AHEAD: usize = 2_000;

/// So many bad rows are named in the log, and then one of as many again and again; each is counted.
const NAMED_BAD_ROWS: u64 = 1_000;

/// The source of `--feed replay:FILE[,FILE…]`, which plays recorded prices.
pub(crate) const KIND: Kind = Kind { name: NAME, usage: "replay:FILE[,FILE…]", takes: names_files, open };

/// The files, and how they are played.
#[derive(Debug)]
struct Replay {
    files: Vec<PathBuf>,
    repeats: bool,
    speed: f64,
    clock: Clock,
}

fn names_files(argument: Option<&str>) -> bool {
    argument.is_some_and(|files| files.split(',').all(|file| !file.trim().is_empty()))
}

fn open(argument: Option<&str>, options: &SourceOptions) -> Opened {
    let files: Vec<PathBuf> = argument.into_iter().flat_map(|files| files.split(',')).map(|file| file.trim().into()).collect();
    // Before anything else is touched: files without a good row are refused.
    recording::open(&files).map_err(SourceError::of)?;
    let SourceOptions { replay_speed: speed, replay_loop: repeats, ref clock, .. } = *options;
    Ok(Arc::new(Replay { files, repeats, speed, clock: clock.clone() }))
}

impl Source for Replay {
    fn name(&self) -> SourceName {
        NAME
    }

    fn nature(&self) -> Nature {
        Nature::Recorded
    }

    /// Reads the files through.
    fn tickers(&self) -> Asked<'_, HashSet<Ticker>> {
        let files = self.files.clone();
        let read = move || Ok(recording::open(&files).map_err(SourceError::of)?.flatten().map(|tick| tick.ticker).collect());
        Box::pin(async move { tokio::task::spawn_blocking(read).await.map_err(SourceError::of)? })
    }

    fn starts_over(&self) -> bool {
        true
    }

    fn run(self: Arc<Self>, sink: TickSink, stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            match recording::open(&self.files) {
                Ok(recording) => self.play(if self.repeats { recording.repeating() } else { recording }, &sink, &stop).await,
                Err(error) => tracing::error!("the replay cannot begin again: {error}"),
            }
        })
    }
}

impl Replay {
    /// Hands over ticks at the replay's speed until their end or `stop`.
    async fn play(&self, recording: Recording, sink: &TickSink, stop: &CancellationToken) {
        let mut ticks = read_ahead(recording);
        let started = self.clock.elapsed();
        let mut first = None;
        let mut waiting: Option<Tick> = None;
        loop {
            let next = match waiting.take() {
                Some(tick) => Some(tick),
                None => ticks.recv().await,
            };
            let Some(tick) = next else { break };
            let first = *first.get_or_insert(tick.time);
            let at = |tick: &Tick| after(started, due(first, tick.time, self.speed));
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.clock.sleep_until(at(&tick)) => {}
            }
            let mut batch = vec![tick];
            while batch.len() < BATCH {
                let Ok(next) = ticks.try_recv() else { break };
                if at(&next) > self.clock.elapsed() {
                    waiting = Some(next);
                    break;
                }
                batch.push(next);
            }
            if sink.hand_over(batch).await.is_err() {
                return;
            }
        }
        tracing::info!("the replay has ended; prices go stale from here");
    }
}

fn read_ahead(recording: Recording) -> mpsc::Receiver<Tick> {
    let (sender, ticks) = mpsc::channel(READ_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut bad: u64 = 0;
        for row in recording {
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
