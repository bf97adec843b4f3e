//! Where the engine takes what others bring to Redis: calls of workers, and quotes of other programs.
//!
//! Each Stream is followed from where the last engine left off, so that what came while there was none is not lost. An entry
//! counts as done when what it led to is on disk; one that was cut off is taken again. What an earlier engine has applied of it
//! is known from the store, which is never behind: the marks in Redis may be.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use redis::Value;
use redis::streams::{StreamId, StreamReadReply};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::engine_task::{Answer, Batch, EngineQueue, News, ObserveError, Observed, Origin, Work};
use crate::ground::Ground;
use crate::hub::Hub;
use crate::relay::{Address, Inbox, Keys, Link, Part, Reply};
use foliostream::domain::alert::AlertId;
use foliostream::domain::quote::Tick;
use foliostream::domain::user::Actor;
use foliostream::wire::commands::QuoteDraft;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::Owned;

use super::engine_calls::{EngineCall, SentCall};
use super::finisher::{Finished, Finisher};
use super::marks::{Marks, Source, id_of};
use super::taken::{Known, Taken};

/// How long Redis holds a reading that finds nothing.
const WAIT: Duration = Duration::from_secs(1);

/// Pause after a reading that failed.
const PAUSE: Duration = Duration::from_millis(200);

/// Entries taken at once, of each Stream.
const AT_ONCE: usize = 256;

/// Calls under way: beyond it the reading waits.
const CALLS_UNDER_WAY: usize = 1_024;

/// Readings of other programs' quotes under way, some 10,000 quotes: beyond it the reading waits.
const READINGS_UNDER_WAY: usize = 40;

/// An id that lies further ahead of the clock than this was not given by Redis.
const PLAUSIBLE_MS: u64 = 86_400_000;

/// The beginning of 2020: an id before it is no time.
const EARLIEST_MS: u64 = 1_577_836_800_000;

/// The parts that an intake is made from.
#[derive(Debug)]
pub(crate) struct Intake {
    /// The address of Redis.
    pub address: Address,
    /// The names of keys and channels in Redis.
    pub keys: Keys,
    /// The queue of this term's engine.
    pub engine: EngineQueue,
    /// The term of the engine.
    pub epoch: Epoch,
    /// The store, where alerts are read and what was applied, and the clock.
    pub ground: Ground,
    /// Reads quotes as pushes are read.
    pub hub: Hub,
    /// The inbox in which malformed entries are counted.
    pub inbox: Arc<Inbox>,
}

/// An intake at work.
struct Reading {
    intake: Intake,
    taken: Taken,
    /// The last quote of other programs that an earlier engine has applied.
    last_entry: Option<String>,
    marks: Arc<Mutex<Marks>>,
    finished: mpsc::Sender<Finished>,
    caught_up: Arc<AtomicBool>,
    calls_under_way: Arc<Semaphore>,
    readings_under_way: Arc<Semaphore>,
}

impl Intake {
    /// Takes what comes until the term is over.
    pub(crate) async fn run(self, term: CancellationToken) {
        let recalled = tokio::select! {
            biased;
            () = term.cancelled() => return,
            recalled = self.recall() => recalled,
        };
        let (taken, last_entry) = recalled;
        let (marks, caught_up) = (Arc::<Mutex<Marks>>::default(), Arc::new(AtomicBool::new(false)));
        let finisher = Finisher::new(self.address.clone(), self.keys.clone(), Arc::clone(&marks), Arc::clone(&caught_up));
        let reading = Arc::new(Reading {
            intake: self,
            taken,
            last_entry,
            marks,
            finished: finisher.start(),
            caught_up,
            calls_under_way: Arc::new(Semaphore::new(CALLS_UNDER_WAY)),
            readings_under_way: Arc::new(Semaphore::new(READINGS_UNDER_WAY)),
        });
        // Each Stream has a connection of its own: where one cannot be read, the other is.
        tokio::spawn(Arc::clone(&reading).follow(Source::Quotes, term.clone()));
        reading.follow(Source::Calls, term).await;
    }

    /// Returns what earlier engines have applied, asking until the store answers.
    async fn recall(&self) -> (Taken, Option<String>) {
        loop {
            let recalled = async {
                Ok::<_, crate::store::StoreError>((
                    self.ground.store.applied_calls().await?,
                    self.ground.store.last_entry().await?,
                ))
            };
            match recalled.await {
                Ok((applied, last_entry)) => return (Taken::after(applied), last_entry),
                Err(error) => tracing::warn!("what was applied cannot be read yet: {error}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Reading {
    /// Follows a Stream until the term is over. What could not be read is another engine's matter from then on: this worker would
    /// say until it is forgotten that it cannot work.
    async fn follow(self: Arc<Self>, source: Source, term: CancellationToken) {
        tokio::select! {
            biased;
            () = term.cancelled() => {}
            () = self.take_and_complain(source) => {}
        }
        self.intake.inbox.troubles.clear(source.part());
    }

    /// Takes what comes, and begins again where that fails; it never ends by itself.
    async fn take_and_complain(self: &Arc<Self>, source: Source) {
        let mut place = self.last_entry.clone().filter(|_| source == Source::Quotes);
        loop {
            if let Err(error) = self.take_from(source, &mut place).await {
                self.intake.complain(source.part(), &error).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn take_from(self: &Arc<Self>, source: Source, place: &mut Option<String>) -> redis::RedisResult<()> {
        let mut link = self.intake.address.connect_waiting(WAIT).await?;
        let keys = &self.intake.keys;
        if place.is_none() {
            let mut read = redis::cmd("HGET");
            let done: Option<String> = read.arg(keys.done()).arg(source.name()).query_async(&mut link).await?;
            *place = Some(done.unwrap_or_else(|| "0".to_owned()));
        }
        let Some(place) = place.as_mut() else { return Ok(()) };
        let key = match source {
            Source::Calls => keys.orders(),
            Source::Quotes => keys.feed_quotes(),
        };
        loop {
            let mut read = redis::cmd("XREAD");
            read.arg("COUNT").arg(AT_ONCE).arg("BLOCK").arg(WAIT.as_millis().to_string()).arg("STREAMS").arg(&key).arg(&*place);
            let reply: Option<StreamReadReply> = read.query_async(&mut link).await?;
            if source == Source::Calls {
                // Of quotes the look at their Stream's end says it: a Stream that is full reads well and takes nothing.
                self.intake.inbox.troubles.clear(Part::Calls);
            }
            let entries: Vec<StreamId> =
                reply.map(|reply| reply.keys).unwrap_or_default().into_iter().flat_map(|key| key.ids).collect();
            let Some(last) = entries.last() else {
                self.begin_anew(&mut link, source, &key, place).await?;
                continue;
            };
            place.clone_from(&last.id);
            match source {
                Source::Calls => {
                    for entry in entries {
                        self.take_call(entry).await;
                    }
                }
                Source::Quotes => {
                    self.caught_up.store(entries.len() < AT_ONCE, Ordering::Release);
                    self.take_quotes(entries).await;
                }
            }
        }
    }

    /// Looks whether a Stream ends before the id up to which it was taken, and then takes what comes from the new end. It was
    /// deleted, or Redis failed over to a replica that had not seen the last entries.
    async fn begin_anew(&self, link: &mut Link, source: Source, key: &str, place: &mut String) -> redis::RedisResult<()> {
        let mut read = redis::cmd("XREVRANGE");
        let newest: Vec<(String, Value)> = read.arg(key).arg("+").arg("-").arg("COUNT").arg(1).query_async(link).await?;
        let newest = newest.into_iter().next().map(|(id, _)| id);
        if newest.as_deref().map_or((0, 0), id_of) >= id_of(place) {
            return Ok(());
        }
        let now = u64::try_from(self.intake.ground.clock.now().as_millisecond()).unwrap_or(0);
        // Calls are known by their names, so all may be read again. Quotes are not: what a replica still has was applied
        // already, unless the id itself was no time and the Stream was filled again below it.
        let is_time = id_of(place).0 <= now.saturating_add(PLAUSIBLE_MS);
        let begin = newest.filter(|_| source == Source::Quotes && is_time).unwrap_or_else(|| "0".to_owned());
        tracing::warn!("{} ends before {place}, up to which it was taken: it is followed from {begin}", source.name());
        *place = begin;
        Ok(())
    }

    /// Hands quotes of other programs to the engine, all that were read at once.
    async fn take_quotes(self: &Arc<Self>, entries: Vec<StreamId>) {
        let Some(last) = entries.last().map(|entry| entry.id.clone()) else { return };
        let permit = self.permit(&self.readings_under_way).await;
        self.begin(Source::Quotes, &last);
        let (mut ticks, mut ids) = (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
        for entry in entries {
            match self.read_quote(&entry).await {
                Ok(tick) => {
                    ticks.push(tick);
                    ids.push(entry.id);
                }
                Err(reason) => self.intake.inbox.malformed("entry of feed:quotes", &reason),
            }
        }
        let (stored, is_stored) = oneshot::channel();
        if !ticks.is_empty() {
            let answer = Answer { stored: Some(stored), ..Answer::default() };
            // The engine goes only with its term; then the answer never comes, and the entries are taken again.
            let _ = self.intake.engine.hand_over(Work::Batch(Batch::new(ticks, Origin::Entries(ids), Some(answer)))).await;
        } else {
            let _ = stored.send(());
        }
        let reading = Arc::clone(self);
        tokio::spawn(async move {
            if is_stored.await.is_ok() {
                reading.finish(Finished { message: None, done: Some((Source::Quotes, last)) }).await;
            }
            drop(permit);
        });
    }

    async fn read_quote(&self, entry: &StreamId) -> Result<Tick, String> {
        let draft = draft_of(&entry.map)?;
        let came = time_of(&entry.id, self.intake.ground.clock.now());
        self.intake.hub.acting(Actor::local()).read_pushed(&draft, came).await.map_err(|refusal| refusal.message)
    }

    /// Hands a call to the engine; its answer comes when it is announced.
    async fn take_call(self: &Arc<Self>, entry: StreamId) {
        let permit = self.permit(&self.calls_under_way).await;
        self.begin(Source::Calls, &entry.id);
        let done = Some((Source::Calls, entry.id));
        let text = entry.map.get("order").and_then(|value| redis::from_redis_value_ref::<String>(value).ok()).unwrap_or_default();
        let SentCall { id, worker, call } = match self.intake.inbox.read_call(&text, self.intake.epoch) {
            Ok(sent) => sent,
            Err(message) => return self.finish(Finished { message, done }).await,
        };
        let pending = match self.taken.take(&id) {
            // Its entry is a second one; the first is done when the call is.
            Some(Known::UnderWay) => return self.finish(Finished { message: None, done }).await,
            Some(Known::Answered(reply)) => return self.finish(Finished { message: Some((worker, reply)), done }).await,
            Some(Known::Applied(applied)) if applied.whole => {
                Pending::of(Observed { accepted: applied.accepted, ignored: applied.ignored })
            }
            Some(Known::Applied(applied)) => self.hand_over(&id, call, Some(applied)).await,
            None => self.hand_over(&id, call, None).await,
        };
        tokio::spawn(Arc::clone(self).answer(id, worker, pending, done, permit));
    }

    /// Answers a call when its outcome is there, and counts it as done when that is stored.
    async fn answer(
        self: Arc<Self>,
        call: String,
        worker: String,
        pending: Pending,
        done: Option<(Source, String)>,
        permit: OwnedSemaphorePermit,
    ) {
        // Where the term is over before, the next engine takes the entry again.
        let Ok(outcome) = pending.outcome.await else { return };
        let (observed, kept, key_used) = match outcome {
            Ok(observed) => (observed, true, false),
            Err(why) => (Observed::default(), false, matches!(why, ObserveError::KeyUsed(_))),
        };
        let Ok(seq) = self.intake.engine.flushed().await else { return };
        let (epoch, Observed { accepted, ignored }) = (self.intake.epoch, observed);
        let reply = Reply { call, epoch, seq, accepted, ignored, kept, understood: true, key_used };
        self.taken.answered(&reply);
        if kept {
            return self.finish(Finished { message: Some((worker, reply)), done }).await;
        }
        self.finish(Finished { message: Some((worker, reply)), done: None }).await;
        if pending.stored.await.is_ok() {
            self.finish(Finished { message: None, done }).await;
        }
        drop(permit);
    }

    /// Gives the engine a call, or what an earlier one has not applied of it.
    async fn hand_over(&self, id: &str, call: EngineCall, applied: Option<crate::store::AppliedCall>) -> Pending {
        let news = match call {
            EngineCall::Ticks { ticks, push } => {
                let (answer, pending) = Pending::new();
                let origin = push.map_or_else(|| Origin::Call(id.to_owned()), Origin::Push);
                let ticks = ticks.into_iter().map(Tick::from).collect();
                let batch = Batch::new(ticks, origin, Some(answer));
                let batch = match &applied {
                    Some(applied) => batch.behind(applied),
                    None => batch,
                };
                // The engine goes only with its term; then the answer never comes, and the entry is taken again.
                let _ = self.intake.engine.hand_over(Work::Batch(batch)).await;
                return pending;
            }
            EngineCall::Alert { id, owner } => match self.intake.ground.store.alert(AlertId(id)).await {
                Ok(Some(alert)) => News::AlertChanged(alert),
                Ok(None) => News::AlertDeleted(Owned { owner, view: AlertId(id) }),
                Err(error) => {
                    tracing::warn!("a changed alert cannot be read now, and is found later: {error}");
                    return Pending::of(Observed::default());
                }
            },
            EngineCall::PortfolioChanged { view, owner } => News::PortfolioChanged(Owned { owner, view }),
            EngineCall::PortfolioDeleted { view, owner } => News::PortfolioDeleted(Owned { owner, view }),
            EngineCall::InstrumentChanged { instrument } => News::InstrumentChanged(instrument),
            EngineCall::NotificationRead { view, owner } => News::NotificationRead(Owned { owner, view }),
            EngineCall::JobProgress { view, owner } => News::JobProgress(Owned { owner, view: *view }),
            EngineCall::Flush | EngineCall::Unknown => return Pending::of(Observed::default()),
        };
        let _ = self.intake.engine.hand_over(Work::News(news)).await;
        Pending::of(Observed::default())
    }

    fn begin(&self, source: Source, entry: &str) {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).begin(source, entry);
    }

    async fn finish(&self, finished: Finished) {
        // The other end goes with the last of these.
        let _ = self.finished.send(finished).await;
    }

    async fn permit(&self, of: &Arc<Semaphore>) -> OwnedSemaphorePermit {
        Arc::clone(of).acquire_owned().await.expect("nobody closes these")
    }
}

/// A call whose outcome is still to come.
struct Pending {
    outcome: oneshot::Receiver<Result<Observed, ObserveError>>,
    stored: oneshot::Receiver<()>,
}

impl Pending {
    fn new() -> (Answer, Self) {
        let ((outcome, outcome_comes), (stored, is_stored)) = (oneshot::channel(), oneshot::channel());
        let answer = Answer { outcome: Some(outcome), stored: Some(stored), ..Answer::default() };
        (answer, Self { outcome: outcome_comes, stored: is_stored })
    }

    /// What has come already.
    fn of(observed: Observed) -> Self {
        let (answer, pending) = Self::new();
        let Answer { outcome, stored, .. } = answer;
        // The other ends are at hand.
        let _ = outcome.map(|outcome| outcome.send(Ok(observed)));
        let _ = stored.map(|stored| stored.send(()));
        pending
    }
}

/// Returns when an entry came, by its id: the same for every engine that takes it. An id that somebody made up is no time.
fn time_of(entry: &str, now: Timestamp) -> Timestamp {
    let (milliseconds, number) = id_of(entry);
    let micros = i64::try_from(number.min(999)).unwrap_or(0);
    let came =
        i64::try_from(milliseconds).ok().and_then(|time| time.checked_mul(1_000)).and_then(|time| time.checked_add(micros));
    let came = came.filter(|_| milliseconds >= EARLIEST_MS).and_then(|time| Timestamp::from_microsecond(time).ok());
    came.unwrap_or(now).min(now)
}

/// Reads the fields of an entry as a quote is pushed; an unknown field is a mistake.
fn draft_of(entry: &HashMap<String, Value>) -> Result<QuoteDraft, String> {
    let mut object = serde_json::Map::new();
    for (field, value) in entry {
        let text: String = redis::from_redis_value_ref(value).map_err(|_| format!("{field} is not text"))?;
        object.insert(field.clone(), text.into());
    }
    serde_json::from_value(object.into()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_of_the_time_in_its_id_unless_that_is_none() {
        let now = Timestamp::from_millisecond(1_790_000_000_000).unwrap();
        let came = |entry: &str| time_of(entry, now).as_microsecond() - now.as_microsecond();
        assert_eq!(came("1789999999998-3"), -1_997);
        assert_eq!(came("1789999999998-5000"), -1_001);
        for made_up in ["1-1", "18446744073709551615-18446744073709551615", "1790000000001-0", "x"] {
            assert_eq!(came(made_up), 0, "{made_up}");
        }
    }
}
