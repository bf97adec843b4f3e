//! The bus between processes: writes the engine's envelopes to Redis, in order, under its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::Script;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::server::bus::Bus;
use crate::wire::live::{Envelope, LiveEvent};
use crate::wire::spoken;

use super::connection::{Address, Link, in_short};
use super::keys::Keys;
use super::scripts;

/// Batches that may wait for Redis. A frame is one batch and is held back while any waits, so only alerts fill this; beyond it
/// the term ends, and the next one says everything anew.
const QUEUED: usize = 1_024;

/// Envelopes written by one script: bounds how long Redis is kept from others.
const AT_ONCE: usize = 256;

/// Envelopes the log keeps: a minute and a half of the simulated market, and some 8 MB.
pub const LOG_LENGTH: usize = 20_000;

/// Pause before a batch is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// The engine's end of the bus, for one term.
#[derive(Debug)]
pub struct Publisher {
    batches: mpsc::Sender<Vec<Envelope>>,
    term: CancellationToken,
    published: Arc<AtomicU64>,
}

impl Publisher {
    /// Starts writing for a term, which ends when Redis says that the lease is another's, or that numbers are missing.
    pub fn start(address: Address, keys: Keys, holder: &str, term: CancellationToken) -> Self {
        let (batches, queue) = mpsc::channel(QUEUED);
        let published = Arc::new(AtomicU64::new(0));
        let writer = Writer { address, keys, holder: holder.to_owned(), term: term.clone(), published: Arc::clone(&published) };
        tokio::spawn(writer.run(queue));
        Self { batches, term, published }
    }

    /// Returns the newest number that is in Redis.
    pub fn published(&self) -> Arc<AtomicU64> {
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
    term: CancellationToken,
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
        loop {
            match self.write(link, envelopes).await {
                Ok(seq) if seq >= 0 => {
                    self.published.store(seq.unsigned_abs(), Ordering::Release);
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
                    *link = None;
                    metrics::counter!("foliostream_bus_errors_total").increment(1);
                    tracing::debug!("not published yet: {}", in_short(&error));
                    tokio::select! {
                        // The lease is over by then, or somebody stops the server: this end of the bus is given up.
                        () = self.term.cancelled() => return false,
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                }
            }
        }
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
