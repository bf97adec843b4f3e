//! Drives [`Engine`](foliostream::domain::engine::Engine): feed, commands and clock in, numbered envelopes out.
//!
//! Nothing but this task assigns a `seq`. It never waits for a disk: what it decides is gathered by the [`unsaved`], written by
//! the [`recorder`], and announced when the store has confirmed it. What one push makes it do is bounded: [`turn`] parks the rest
//! of a [`batch`] and goes on with it between other work.

mod announce;
mod batch;
mod handle;
mod outcome;
mod push_key;
mod pushes;
mod queue;
mod recorder;
#[cfg(test)]
mod tests;
mod turn;
mod unsaved;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use foliostream::domain::alert::Alert;
use foliostream::domain::engine::{Engine, EngineConfig, Event, IgnoredReason, Input};
use foliostream::domain::moment::Moment;
use foliostream::domain::quote::{Quote, Tick};
use foliostream::domain::rates::presumed_currency;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{LiveEvent, QuoteEvent};
use foliostream::wire::views::{QuoteView, StatusView};

use self::batch::Parked;
pub(crate) use self::batch::{Answer, Batch, Origin};
pub(crate) use self::handle::{EngineCalls, EngineHandle, News};
pub(crate) use self::outcome::{EngineStopped, KeyUsed, NotKept, ObserveError, Observed};
pub(crate) use self::push_key::PushKey;
use self::pushes::Pushes;
pub(crate) use self::queue::{EngineQueue, Work};
use self::recorder::{Recorder, Said};
pub(crate) use self::unsaved::instrument_of;
use self::unsaved::{Answers, Unsaved};
use super::bus::Bus;
use super::clock::{after, millis};
use super::config::EngineSettings;
use super::ground::Ground;
use super::store::{AppliedCall, Journal, Pushed, Record, Told};

/// Work that may wait for the engine: a second's worth of a busy feed. Beyond it the feeds and pushers wait.
const QUEUED_WORK: usize = 1_024;

/// Work taken at once, before the clock and the frame are looked at again.
const WORK_AT_ONCE: usize = 64;

/// How long the rest of a batch waits while the bus is behind, before that is looked at again.
const BUS_PAUSE: Duration = Duration::from_millis(5);

/// What an engine task is made from.
#[derive(Debug)]
pub(crate) struct EngineParts {
    /// Carries the engine's envelopes to the boards of all processes.
    pub bus: Arc<dyn Bus>,
    /// The engine's term: what it stores is refused once there is another.
    pub epoch: Epoch,
    /// What it shares with the rest of the process.
    pub ground: Ground,
    /// What the configuration says of it.
    pub settings: EngineSettings,
}

/// The state that the engine starts from.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// Quotes of before the restart.
    pub quotes: Vec<Quote>,
    /// The alerts of all users, in every state.
    pub alerts: Vec<Alert>,
    /// The feed's prices right now.
    pub ticks: Vec<Tick>,
    /// Calls that engines before this one have applied.
    pub applied: Vec<AppliedCall>,
}

/// Starts the engine with what was restored, publishes full state, and returns its queue and its task, which ends after `stop`
/// with everything stored.
pub(crate) async fn start(
    parts: EngineParts,
    mut restored: Restored,
    stop: CancellationToken,
) -> (EngineQueue, tokio::task::JoinHandle<()>) {
    let (work_sender, work) = mpsc::channel(QUEUED_WORK);
    let (recorder, said) = recorder::start(parts.ground.store.clone(), parts.epoch.number(), parts.ground.clock.clone());
    let journal = parts.ground.store.journal(parts.epoch);
    let now = parts.ground.clock.moment();
    let stale_after = SignedDuration::try_from(parts.settings.stale_after).unwrap_or(SignedDuration::MAX);
    let mut task = EngineTask {
        engine: Engine::new(EngineConfig { stale_after }, now),
        unsaved: Unsaved::new(Arc::clone(&parts.ground.history), parts.settings.keep_notifications),
        parts,
        seq: 0,
        last_frame: SignedDuration::MIN,
        unpublished: 0,
        events: Vec::new(),
        parked: Parked::default(),
        ledgers: 0,
        pushes: Pushes::after(std::mem::take(&mut restored.applied)),
        journal,
        recorder,
        under_way: Answers::default(),
        journal_waits: false,
        is_over: false,
    };
    task.begin(restored, now);
    let joined = tokio::spawn(task.run(work, said, stop));
    (EngineQueue::new(work_sender), joined)
}

struct EngineTask {
    engine: Engine,
    unsaved: Unsaved,
    parts: EngineParts,
    seq: u64,
    last_frame: SignedDuration,
    /// Ticks observed since the last frame.
    unpublished: u64,
    /// The events of a step. Kept empty between steps, so that its memory is used again.
    events: Vec<Event>,
    parked: Parked,
    /// The number of the last change of the board's ledgers that the engine has learned of.
    ledgers: u64,
    pushes: Pushes,
    /// Where pushes are kept until they are stored, if they decided nothing.
    journal: Option<Journal>,
    recorder: Recorder,
    /// The answers that wait for what the recorder writes.
    under_way: Answers,
    /// Whether something of what the recorder writes is not in the journal.
    journal_waits: bool,
    /// Whether another epoch has begun: then nothing of this one is stored or said any more. Or nothing can be stored.
    is_over: bool,
}

impl EngineTask {
    /// Takes over: learns everything, then says everything.
    fn begin(&mut self, restored: Restored, now: Moment) {
        self.step(Input::Quotes(restored.quotes), now);
        self.learn_splits(now);
        self.step(Input::Alerts(restored.alerts), now);
        for tick in restored.ticks {
            self.observe(tick, now);
        }
        self.step(Input::Clock, now);
        let quotes = self.engine.take_changed().into_iter().map(price_update).collect::<Vec<_>>();
        let alerts = self.engine.alerts().map(|alert| self.changed(&alert)).collect::<Vec<_>>();
        let status = self.engine.status();
        let status = LiveEvent::Status(StatusView { feed: status.feed, since: status.since });
        self.publish(quotes.into_iter().chain(alerts).chain([status]).collect(), now);
        self.last_frame = now.elapsed;
    }

    async fn run(mut self, mut work: mpsc::Receiver<Work>, mut said: mpsc::Receiver<Said>, stop: CancellationToken) {
        let clock = self.parts.ground.clock.clone();
        let mut next_second = after(clock.elapsed(), Duration::from_secs(1));
        while !self.is_over {
            self.hand_over();
            let frame_at = after(self.last_frame, self.parts.settings.frame_interval);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                heard = said.recv() => self.hear(heard, clock.moment()),
                () = clock.sleep_until(next_second) => {
                    let now = clock.moment();
                    next_second = after(now.elapsed, Duration::from_secs(1));
                    self.second(now);
                }
                () = clock.sleep_until(frame_at), if self.engine.has_changed() && self.parts.bus.is_ready() => self.frame(clock.moment()),
                first = work.recv(), if self.parked.has_room() => {
                    let Some(first) = first else { break };
                    let now = clock.moment();
                    self.take_some(first, &mut work, now);
                    if self.engine.has_changed() && now.elapsed >= frame_at && self.parts.bus.is_ready() {
                        self.frame(now);
                    }
                    self.go_on(now);
                }
                // Others have their turn between two of these.
                () = tokio::task::yield_now(), if self.may_go_on() => self.go_on(clock.moment()),
                () = tokio::time::sleep(BUS_PAUSE), if !self.parked.is_empty() && !self.parts.bus.is_ready() => {}
            }
        }
        self.end(said).await;
    }

    /// Takes the work that waits, as much as is taken at once.
    fn take_some(&mut self, first: Work, work: &mut mpsc::Receiver<Work>, now: Moment) {
        self.take(first, now);
        for _ in 1..WORK_AT_ONCE {
            if !self.parked.has_room() {
                break;
            }
            let Ok(next) = work.try_recv() else { break };
            self.take(next, now);
        }
    }

    /// Stores everything that was decided, and announces it to streams that are still there; what is not stored in time is given
    /// up. What waits to be observed is not: it was not acknowledged, and in a cluster the next engine takes it.
    async fn end(mut self, mut said: mpsc::Receiver<Said>) {
        let clock = self.parts.ground.clock.clone();
        let in_time = clock.sleep(self.parts.settings.drain);
        tokio::pin!(in_time);
        if !self.is_over {
            self.frame(clock.moment());
        }
        while !self.is_over {
            self.unsaved.hurry();
            self.hand_over();
            if !self.recorder.is_busy() {
                break;
            }
            tokio::select! {
                biased;
                heard = said.recv() => self.hear(heard, clock.moment()),
                () = &mut in_time => {
                    let (records, batches) = self.unsaved.left();
                    let batches = batches + self.under_way.len() + self.parked.len();
                    tracing::error!("stopped before all was stored: {records} alerts' changes and {batches} pushes wait, beside what is under way");
                    break;
                }
            }
        }
        self.recorder.give_up();
        self.parts.ground.history.daily_given_up();
        if self.is_over {
            tracing::warn!("epoch {} is over: another engine has taken over, and this one stops", self.parts.epoch);
        }
    }

    /// Gives the recorder what waits for it, once it is free.
    fn hand_over(&mut self) {
        if self.unsaved.wants_another_try() {
            self.recorder.try_again();
        }
        self.keep_pushes();
        if !self.recorder.is_busy()
            && self.unsaved.is_urgent()
            && let Some(taken) = self.unsaved.take(&mut self.engine)
        {
            self.under_way = taken.answers;
            self.journal_waits = !taken.is_all_in_journal;
            self.journal.iter_mut().for_each(Journal::hand_over);
            self.recorder.write(taken.decided);
        }
    }

    /// Appends what pushes showed to the journal and answers them, where they decided nothing. Behind something under way that is not
    /// in the journal they wait: what is brought in after a kill must not be later than what was lost.
    fn keep_pushes(&mut self) {
        let must_wait = self.recorder.is_busy() && self.journal_waits;
        let Some(journal) = self.journal.as_mut().filter(|_| !must_wait) else { return };
        let Some((number, pushed)) = self.unsaved.pushed(&mut self.engine) else { return };
        // Of quotes that were all ignored nothing is left to keep.
        let kept = if pushed == Pushed::default() { Ok(()) } else { journal.append(number, &pushed) };
        match kept {
            Ok(()) => self.unsaved.note_in_journal().stored(),
            // They go to the store, which says so where the disk refuses that too.
            Err(error) => tracing::debug!("a push is not in the journal: {error}"),
        }
    }

    /// Takes what the recorder says of what it was given.
    fn hear(&mut self, heard: Option<Said>, now: Moment) {
        match heard {
            Some(Said::Stored(recorded)) => {
                self.recorder.finished();
                self.unsaved.stored();
                self.journal.iter_mut().for_each(Journal::stored);
                self.announce(recorded, now);
                std::mem::take(&mut self.under_way).stored();
            }
            Some(Said::Refused) => {
                self.under_way.refused();
                self.unsaved.refused();
            }
            Some(Said::Fenced) => self.is_over = true,
            None => {
                tracing::error!("the recorder of firings did not end in order");
                self.is_over = true;
            }
        }
    }

    fn take(&mut self, work: Work, now: Moment) {
        match work {
            Work::Feed(ticks) => self.take_batch(Batch::new(ticks, Origin::Feed, None), now),
            Work::Batch(batch) => match batch.origin().clone() {
                Origin::Push(push) => self.take_push(&push, batch, now),
                _ => self.take_batch(batch, now),
            },
            Work::News(news) => self.take_news(news, now),
            Work::Flush(answer) => {
                self.frame(now);
                let _ = answer.send(self.seq);
            }
        }
    }

    /// Gives the engine the splits that the ledgers of this process's replica have. Of many processes the replica hears of a
    /// change after it was announced; then the next second finds it.
    fn learn_splits(&mut self, now: Moment) {
        if let Some((change, splits)) = self.parts.ground.board.splits_since(self.ledgers) {
            self.ledgers = change;
            self.step(Input::Splits(splits), now);
        }
    }

    /// Shows the engine a tick, and returns whether it was observed. One that the engine would ignore leaves no trace.
    fn observe(&mut self, tick: Tick, now: Moment) -> bool {
        let currency = tick.currency.or_else(|| self.parts.ground.board.currency_of(&tick.ticker));
        let tick = Tick { currency, ..tick };
        if self.engine.refusal(&tick, now).is_none() {
            if !tick.source.is_entered() {
                self.parts.ground.history.note(&tick, now);
            }
            self.unsaved.note(&tick, &self.parts.ground.board);
            self.unsaved.changed(&tick.ticker);
        }
        self.step(Input::Tick(tick), now)
    }

    /// Shows the engine a tick of the feed. Where it is the ticker's first since the feed began, prices of before are forgotten.
    fn observe_fed(&mut self, tick: Tick, now: Moment) -> bool {
        if tick.price > Decimal::ZERO && self.unsaved.is_first_of_feed(&tick.ticker) {
            self.step(Input::FeedBegins(tick.ticker.clone()), now);
        }
        self.observe(tick, now)
    }

    /// Steps the engine and deals with what it says; returns whether a tick was observed.
    fn step(&mut self, input: Input, now: Moment) -> bool {
        let mut events = std::mem::take(&mut self.events);
        let is_tick = matches!(input, Input::Tick(_));
        self.engine.step(input, now, &mut events);
        let mut observed = true;
        for event in events.drain(..) {
            match event {
                Event::Fired(firing) => self.unsaved.decide(Record::Firing(Box::new(self.with_message(firing)))),
                Event::Rearmed { alert_id, rearming } => self.unsaved.decide(Record::rearmed(alert_id, rearming)),
                Event::Expired { alert_id, revision } => self.unsaved.decide(Record::expired(alert_id, revision)),
                Event::TickIgnored { reason, .. } => {
                    observed = false;
                    let reason = if reason == IgnoredReason::Older { "older" } else { "invalid" };
                    metrics::counter!("foliostream_ticks_ignored_total", "reason" => reason).increment(1);
                }
                Event::StatusChanged(status) => {
                    self.frame(now);
                    self.publish(vec![LiveEvent::Status(StatusView { feed: status.feed, since: status.since })], now);
                }
            }
        }
        if is_tick && observed {
            self.unpublished += 1;
            metrics::counter!("foliostream_ticks_total").increment(1);
        }
        self.events = events;
        observed
    }

    fn with_message(&self, firing: foliostream::domain::alert::Firing) -> (foliostream::domain::alert::Firing, Told) {
        let currency =
            self.engine.quote(&firing.ticker).map_or_else(|| presumed_currency(&firing.ticker), |quote| quote.currency);
        let told = Told::of(&firing, currency);
        (firing, told)
    }

    fn second(&mut self, now: Moment) {
        self.parts.ground.board.note_engine(millis(now.elapsed));
        self.learn_splits(now);
        self.step(Input::Clock, now);
        self.unsaved.hurry();
    }
}

/// Returns the event that brings a quote to every replica.
fn price_update(quote: Quote) -> LiveEvent {
    let Quote { session_start, source, delay_s, .. } = quote;
    LiveEvent::PriceUpdate(QuoteEvent { view: QuoteView::from(&quote), session_start, source, delay_s })
}
