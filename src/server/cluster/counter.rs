//! Where the engine takes what others bring to Redis: orders of workers, and quotes of other programs.
//!
//! Each Stream is followed from where the last engine left off, so that what came while there was none is not lost. An entry
//! counts as done when it was answered; one that was cut off is taken again, which changes nothing: a price seen twice crosses
//! nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::Value;
use redis::streams::StreamReadReply;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::domain::alert::AlertId;
use crate::server::engine_task::{EngineHandle, NotKept, Observed, Work};
use crate::server::hub::Hub;
use crate::server::store::Store;
use crate::wire::commands::QuoteDraft;
use crate::wire::epoch::Epoch;

use super::connection::{Address, Link, in_short};
use super::inbox::{Inbox, Letter, Reply};
use super::keys::Keys;
use super::orders::{Order, Ordered};

/// How long Redis holds a reading that finds nothing.
const WAIT: Duration = Duration::from_secs(1);

/// Entries taken at once, of each Stream.
const AT_ONCE: usize = 256;

/// Entries under way: beyond it the reading waits.
const UNDER_WAY: usize = 1_024;

/// Entries of either Stream that are kept after they were taken, for whoever looks.
const KEPT: usize = 10_000;

/// What a counter is made from.
#[derive(Debug)]
pub struct Counter {
    /// Where Redis is.
    pub address: Address,
    /// How things are called there.
    pub keys: Keys,
    /// The way to the engine of this term.
    pub engine: EngineHandle,
    /// The term.
    pub epoch: Epoch,
    /// Where alerts are read.
    pub store: Store,
    /// Reads quotes as pushes are read.
    pub hub: Hub,
    /// Where malformed entries are counted.
    pub inbox: Arc<Inbox>,
}

/// Orders whose names are remembered: some seconds of a busy installation, longer than anybody asks again.
const REMEMBERED: usize = 4_096;

/// The orders that were taken last, and what was answered.
#[derive(Debug, Default)]
struct Taken(Mutex<VecDeque<(String, Option<Reply>)>>);

impl Taken {
    /// Notes an order; tells whether it was taken before, and the answer where there is one already.
    fn note(&self, order: &str) -> Option<Option<Reply>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, reply)) = taken.iter().rev().find(|(known, _)| known == order) {
            return Some(reply.clone());
        }
        if taken.len() == REMEMBERED {
            taken.pop_front();
        }
        taken.push_back((order.to_owned(), None));
        None
    }

    fn answered(&self, reply: &Reply) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = taken.iter_mut().rev().find(|(known, _)| *known == reply.order) {
            *answer = Some(reply.clone());
        }
    }
}

/// An entry whose answer is under way, in order.
struct UnderWay {
    stream: &'static str,
    id: String,
    done: Answer,
}

/// Where the answer to an entry will come: to whom, and what; nothing where nobody waits for one.
type Answer = oneshot::Receiver<Option<(String, Reply)>>;

const ORDERS: &str = "orders";
const QUOTES: &str = "quotes";

impl Counter {
    /// Takes what comes until the term is over.
    pub async fn run(self, term: CancellationToken) {
        let (under_way, finished) = mpsc::channel(UNDER_WAY);
        tokio::spawn(finish(self.address.clone(), self.keys.clone(), finished));
        let (mut places, taken) = (None, Arc::new(Taken::default()));
        loop {
            let outcome = tokio::select! {
                () = term.cancelled() => return,
                outcome = self.take_from(&mut places, &taken, &under_way) => outcome,
            };
            if let Err(error) = outcome {
                tracing::debug!("orders cannot be read now: {}", in_short(&error));
                tokio::select! {
                    () = term.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(200)) => {}
                }
            }
        }
    }

    async fn take_from(
        &self,
        places: &mut Option<[String; 2]>,
        taken: &Arc<Taken>,
        under_way: &mpsc::Sender<UnderWay>,
    ) -> redis::RedisResult<()> {
        let mut link = self.address.connect_waiting(WAIT).await?;
        if places.is_none() {
            let mut read = redis::cmd("HMGET");
            read.arg(self.keys.done()).arg(ORDERS).arg(QUOTES);
            let [orders, quotes]: [Option<String>; 2] = read.query_async(&mut link).await?;
            *places = Some([orders.unwrap_or_else(|| "0".to_owned()), quotes.unwrap_or_else(|| "0".to_owned())]);
        }
        loop {
            let Some([orders, quotes]) = places.as_mut() else { return Ok(()) };
            let mut read = redis::cmd("XREAD");
            read.arg("COUNT").arg(AT_ONCE).arg("BLOCK").arg(WAIT.as_millis().to_string()).arg("STREAMS");
            read.arg(self.keys.orders()).arg(self.keys.feed_quotes()).arg(&*orders).arg(&*quotes);
            let reply: Option<StreamReadReply> = read.query_async(&mut link).await?;
            for key in reply.map(|reply| reply.keys).unwrap_or_default() {
                for entry in key.ids {
                    let (stream, done) = if key.key == self.keys.orders() {
                        orders.clone_from(&entry.id);
                        (ORDERS, self.take_order(&entry.map, taken).await)
                    } else {
                        quotes.clone_from(&entry.id);
                        (QUOTES, self.take_quote(&entry.map).await)
                    };
                    // The other end goes with the term.
                    let _ = under_way.send(UnderWay { stream, id: entry.id, done }).await;
                }
            }
        }
    }

    /// Hands a quote of another program to the engine.
    async fn take_quote(&self, entry: &HashMap<String, Value>) -> Answer {
        let (sender, done) = oneshot::channel();
        let read = match draft_of(entry) {
            Ok(draft) => self.hub.read_pushed(&draft).await.map_err(|refusal| refusal.message),
            Err(reason) => Err(reason),
        };
        match read {
            Ok(tick) => {
                // The engine goes only with its term.
                let _ = self.engine.send(Work::Ticks(vec![tick], None)).await;
            }
            Err(reason) => self.inbox.malformed("entry of feed:quotes", &reason),
        }
        let _ = sender.send(None);
        done
    }

    /// Hands an order to the engine; its answer comes when it is announced.
    async fn take_order(&self, entry: &HashMap<String, Value>, taken: &Arc<Taken>) -> Answer {
        let (sender, done) = oneshot::channel();
        let text = entry.get("order").and_then(|value| redis::from_redis_value_ref::<String>(value).ok()).unwrap_or_default();
        let ordered = match self.inbox.read_order(&text, self.epoch) {
            Ok(ordered) => ordered,
            Err(answer) => {
                let _ = sender.send(answer);
                return done;
            }
        };
        let Ordered { id, worker, order } = ordered;
        if let Some(reply) = taken.note(&id) {
            let _ = sender.send(reply.map(|reply| (worker, reply)));
            return done;
        }
        let taken = Arc::clone(taken);
        let observed = self.hand_over(order).await;
        let (engine, epoch) = (self.engine.clone(), self.epoch);
        tokio::spawn(async move {
            let (outcome, kept) = match observed {
                Some(observed) => match observed.await {
                    Ok(Ok(observed)) => (observed, true),
                    Ok(Err(NotKept)) => (Observed::default(), false),
                    // The term is over before it was stored: the next engine takes the entry again.
                    Err(_) => return,
                },
                None => (Observed::default(), true),
            };
            let Ok(seq) = engine.flushed().await else { return };
            let (accepted, ignored) = (outcome.accepted, outcome.ignored);
            let reply = Reply { order: id, epoch, seq, accepted, ignored, kept, understood: true };
            taken.answered(&reply);
            // The other end goes with the term.
            let _ = sender.send(Some((worker, reply)));
        });
        done
    }

    /// Gives the engine an order; returns where the outcome of ticks will come.
    async fn hand_over(&self, order: Order) -> Option<oneshot::Receiver<Result<Observed, NotKept>>> {
        let work = match order {
            Order::Ticks { ticks } => {
                let (answer, observed) = oneshot::channel();
                // The engine goes only with its term; then the answer never comes, and the entry is taken again.
                let _ = self.engine.send(Work::Ticks(ticks, Some(answer))).await;
                return Some(observed);
            }
            Order::Alert { id } => match self.store.alert(AlertId(id)).await {
                Ok(Some(alert)) => Work::AlertChanged(alert),
                Ok(None) => Work::AlertDeleted(AlertId(id)),
                Err(error) => {
                    tracing::warn!("a changed alert cannot be read now, and is found later: {error}");
                    return None;
                }
            },
            Order::PortfolioChanged { view } => Work::PortfolioChanged(view),
            Order::PortfolioDeleted { portfolio_id } => Work::PortfolioDeleted(portfolio_id),
            Order::NotificationRead { view } => Work::NotificationRead(view),
            Order::Flush | Order::Unknown => return None,
        };
        let _ = self.engine.send(work).await;
        None
    }
}

/// Answers in the order in which entries came, and notes how far each Stream is done.
async fn finish(address: Address, keys: Keys, mut under_way: mpsc::Receiver<UnderWay>) {
    let mut link: Option<Link> = None;
    while let Some(entry) = under_way.recv().await {
        let Ok(answer) = entry.done.await else { return };
        let mut pipeline = redis::pipe();
        add_answer(&mut pipeline, &keys, answer);
        pipeline.hset(keys.done(), entry.stream, entry.id).ignore();
        pipeline.cmd("XTRIM").arg(keys.feed_quotes()).arg("MAXLEN").arg("~").arg(KEPT).ignore();
        for _ in 0..2 {
            if link.is_none() {
                link = address.connect().await.ok();
            }
            let Some(open) = link.as_mut() else { continue };
            match pipeline.query_async::<()>(open).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::debug!("an answer did not leave: {}", in_short(&error));
                    link = None;
                }
            }
        }
    }
}

fn add_answer(pipeline: &mut redis::Pipeline, keys: &Keys, answer: Option<(String, Reply)>) {
    if let Some((worker, reply)) = answer {
        let letter = serde_json::to_string(&Letter::Reply(reply)).expect("a reply has text keys and whole numbers");
        pipeline.publish(keys.worker(&worker), letter).ignore();
    }
}

/// Reads the fields of an entry as a quote is pushed; a field nobody knows is a mistake.
fn draft_of(entry: &HashMap<String, Value>) -> Result<QuoteDraft, String> {
    let mut object = serde_json::Map::new();
    for (field, value) in entry {
        let text: String = redis::from_redis_value_ref(value).map_err(|_| format!("{field} is not text"))?;
        object.insert(field.clone(), text.into());
    }
    serde_json::from_value(object.into()).map_err(|error| error.to_string())
}
