//! The bus between processes: writes the engine's envelopes to Redis, in order, under its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::Script;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bus::Bus;
use crate::relay::{Address, Cause, Inbox, Keys, Link, Nature, Part, in_short, scripts};
use foliostream::wire::live::{Envelope, LiveEvent};
use foliostream::wire::spoken;

/// Batches that may wait for Redis. A frame is one batch and is held back while any waits, so only alerts fill this. When it is
/// full the term ends, and the next one publishes the whole state.
const QUEUED: usize = 1_024;

/// Envelopes written by one script: bounds how long Redis is kept from others.
const AT_ONCE: usize = 256;

/// Envelopes the log keeps: a minute and a half of the simulated market, and some 8 MB.
pub(crate) const LOG_LENGTH: usize = 20_000;

/// The shortest and the longest pause before a batch is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(400));

/// How long a batch is tried that the server refuses, and one that comes to no answer while the lease is kept: then the term is
/// over, and the next one may have it better.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(6));

/// How long a term and its lease last. The lease outlasts the term by what the engine says at its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lasts {
    /// Cancelled when the engine must end.
    pub term: CancellationToken,
    /// Cancelled when the lease is another's, or is not kept any more.
    pub lease_lost: CancellationToken,
}

/// The engine's end of the bus, for one term.
#[derive(Debug)]
pub(crate) struct Publisher {
    batches: mpsc::Sender<Vec<Envelope>>,
    term: CancellationToken,
    published: Arc<AtomicU64>,
}

impl Publisher {
    /// Starts writing for a term, which ends when Redis says that the lease is another's or that numbers are missing, and when it
    /// does not take what is written. The task ends when all is written that was said, or when the lease is lost.
    pub(crate) fn start(
        address: Address,
        keys: Keys,
        holder: &str,
        inbox: Arc<Inbox>,
        Lasts { term, lease_lost }: Lasts,
    ) -> (Self, JoinHandle<()>) {
        let (batches, queue) = mpsc::channel(QUEUED);
        let published = Arc::new(AtomicU64::new(0));
        let (holder, shown) = (holder.to_owned(), Arc::clone(&published));
        let writer = Writer { address, keys, holder, inbox, term: term.clone(), lease_lost, published: shown };
        let writing = tokio::spawn(writer.run(queue));
        (Self { batches, term, published }, writing)
    }

    /// Returns the newest number that is in Redis.
    pub(crate) fn published(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.published)
    }
}

impl Bus for Publisher {
    fn publish(&self, envelopes: Vec<Envelope>) {
        if self.batches.try_send(envelopes).is_err() && !self.term.is_cancelled() {
            tracing::warn!("Redis takes nothing any more; this term ends");
            self.term.cancel();
        }
    }

    fn is_ready(&self) -> bool {
        self.batches.capacity() == QUEUED
    }
}

struct Writer {
    address: Address,
    keys: Keys,
    holder: String,
    inbox: Arc<Inbox>,
    term: CancellationToken,
    lease_lost: CancellationToken,
    published: Arc<AtomicU64>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Vec<Envelope>>) {
        let mut link = None;
        while let Some(batch) = queue.recv().await {
            for envelopes in batch.chunks(AT_ONCE) {
                if !self.write_surely(&mut link, envelopes).await {
                    self.term.cancel();
                    return;
                }
            }
        }
    }

    /// Writes until Redis has answered or the term is over; false where nothing more may be written. Trying again is harmless:
    /// numbers that are there already are left alone.
    async fn write_surely(&self, link: &mut Option<Link>, envelopes: &[Envelope]) -> bool {
        let (started, mut pause) = (Instant::now(), PAUSES.0);
        loop {
            match self.write(link, envelopes).await {
                Ok(seq) if seq >= 0 => {
                    if self.published.swap(seq.unsigned_abs(), Ordering::AcqRel) == 0 {
                        let epoch = envelopes.first().map(|first| first.epoch).unwrap_or_default();
                        tracing::info!(%epoch, "this worker is the engine");
                    }
                    self.inbox.troubles.clear(Part::Publishing);
                    return true;
                }
                Ok(refused) => {
                    let why = match refused {
                        -1 => "the lease is another's",
                        -3 => "Redis remembers another term of its number",
                        _ => "Redis has lost what was published",
                    };
                    tracing::warn!("this term ends: {why}");
                    return false;
                }
                Err(error) => {
                    metrics::counter!("foliostream_bus_errors_total").increment(1);
                    tracing::debug!("not published yet: {}", in_short(&error));
                    if self.gives_up(&error, started.elapsed(), link).await {
                        return false;
                    }
                    *link = None;
                    tokio::select! {
                        biased;
                        // Nothing more may be written: this end of the bus is given up.
                        () = self.lease_lost.cancelled() => return false,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Returns whether trying again would not help, and then says why this term ends.
    async fn gives_up(&self, error: &redis::RedisError, tried_for: Duration, link: &mut Option<Link>) -> bool {
        let cause = Cause::of(error);
        let is_over = match cause.nature {
            Nature::Standing => true,
            Nature::Refusing => tried_for >= PATIENCE.0,
            Nature::Passing => tried_for >= PATIENCE.1,
        };
        if is_over {
            // The engine of the next term meets the same, if it is still so: it is no passing thing any more.
            let cause = Cause { nature: Nature::Standing, ..cause.with_key(&self.keys, link.as_mut()).await };
            self.inbox.troubles.note(Part::Publishing, cause);
        }
        is_over
    }

    async fn write(&self, link: &mut Option<Link>, envelopes: &[Envelope]) -> redis::RedisResult<i64> {
        let Some(first) = envelopes.first() else { return Ok(0) };
        let link = match link {
            Some(link) => link,
            None => link.insert(self.address.connect().await?),
        };
        let script = Script::new(scripts::PUBLISH);
        let mut call = script.key(self.keys.lease());
        call.key(self.keys.head()).key(self.keys.log()).key(self.keys.quotes()).key(self.keys.status());
        call.arg(&self.holder).arg(first.epoch.number()).arg(first.seq).arg(LOG_LENGTH).arg(first.epoch.to_string());
        for envelope in envelopes {
            call.arg(self.keys.channel(&envelope.event)).arg(spoken::write(envelope)).arg(place(&envelope.event));
        }
        call.invoke_async(link).await
    }
}

/// Says where the newest state keeps an event.
fn place(event: &LiveEvent) -> &str {
    match event {
        LiveEvent::PriceUpdate(quote) => quote.view.ticker.as_str(),
        // A ticker is written in capitals.
        LiveEvent::Status(_) => "status",
        _ => "",
    }
}
