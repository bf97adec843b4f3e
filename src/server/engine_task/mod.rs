//! Drives [`Engine`](crate::domain::engine::Engine): feed, commands and clock in, numbered envelopes out.
//!
//! Nothing but this task assigns a `seq`. It never waits for a disk: firings go to the [`recorder`], and are announced when
//! the store has confirmed them; quotes and last prices go to the [`keeper`], a second late.

mod handle;
mod keeper;
mod recorder;
mod settling;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::domain::alert::Alert;
use crate::domain::engine::{Engine, EngineConfig, Event, IgnoredReason, Input};
use crate::domain::instrument::Ticker;
use crate::domain::moment::Moment;
use crate::domain::quote::{Quote, Tick};
use crate::domain::rates::presumed_currency;
use crate::wire::epoch::Epoch;
use crate::wire::live::{Envelope, LiveEvent, QuoteEvent};
use crate::wire::views::{AlertView, QuoteView, StatusView};

pub use self::handle::{EngineHandle, EngineStopped, ObserveError, Observed, Work};
use self::keeper::Keeper;
pub use self::keeper::NotKept;
pub use self::keeper::instrument_of;
use self::recorder::{Record, Recorded};
use self::settling::Settling;
use super::board::Board;
use super::bus::Bus;
use super::clock::{Clock, after, millis};
use super::history::History;
use super::store::Store;
use super::tally::Tally;

/// Work that may wait for the engine: a second's worth of a busy feed. Beyond it the feeds and pushers wait.
const QUEUED_WORK: usize = 1_024;

/// Work taken at once, before the clock and the frame are looked at again.
const WORK_AT_ONCE: usize = 64;

/// Records that may wait for a disk. Beyond it no new ticks are taken, since a firing must never be lost.
const QUEUED_RECORDS: usize = 1_024;

/// What an engine task is made from.
#[derive(Debug)]
pub struct EngineParts {
    /// Where envelopes go.
    pub bus: Arc<dyn Bus>,
    /// The engine's term: what it stores is refused once there is another.
    pub epoch: Epoch,
    /// This process's replica, whose catalogue learns of new tickers.
    pub board: Arc<Board>,
    /// What must survive.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where today's prices are kept for charts.
    pub history: Arc<History>,
    /// Where conflated ticks are counted.
    pub tally: Arc<Tally>,
    /// Between two updates of one price.
    pub frame_interval: Duration,
    /// Without a tick, before a price is stale.
    pub stale_after: Duration,
}

/// What the engine starts from.
#[derive(Debug, Default)]
pub struct Restored {
    /// Quotes of before the restart.
    pub quotes: Vec<Quote>,
    /// Every alert.
    pub alerts: Vec<Alert>,
    /// The feed's prices right now.
    pub ticks: Vec<Tick>,
}

/// Starts the engine with what was restored, publishes full state, and returns the way to it and the task, which ends after
/// `stop` with everything stored.
pub async fn start(
    parts: EngineParts,
    restored: Restored,
    stop: CancellationToken,
) -> (EngineHandle, tokio::task::JoinHandle<()>) {
    let (work_sender, work) = mpsc::channel(QUEUED_WORK);
    let (records, recorded, recorder) = recorder::start(parts.store.clone(), parts.epoch.number(), parts.clock.clone());
    let now = parts.clock.moment();
    let stale_after = SignedDuration::try_from(parts.stale_after).unwrap_or(SignedDuration::MAX);
    let mut task = EngineTask {
        engine: Engine::new(EngineConfig { stale_after }, now),
        keeper: Keeper::new(parts.store.clone(), parts.epoch.number(), Arc::clone(&parts.history)),
        parts,
        seq: 0,
        last_frame: SignedDuration::MIN,
        unpublished: 0,
        events: Vec::new(),
        waiting: VecDeque::new(),
        settling: Settling::default(),
        records,
        is_fenced: false,
    };
    task.begin(restored, now);
    let joined = tokio::spawn(task.run(work, recorded, recorder, stop));
    (EngineHandle::new(work_sender), joined)
}

struct EngineTask {
    engine: Engine,
    keeper: Keeper,
    parts: EngineParts,
    seq: u64,
    last_frame: SignedDuration,
    /// Ticks observed since the last frame.
    unpublished: u64,
    /// Reused between steps.
    events: Vec<Event>,
    waiting: VecDeque<Record>,
    settling: Settling,
    records: mpsc::Sender<Record>,
    /// Whether another epoch has begun: then nothing of this one is stored or said any more.
    is_fenced: bool,
}

impl EngineTask {
    /// Takes over: learns everything, then says everything.
    fn begin(&mut self, restored: Restored, now: Moment) {
        self.step(Input::Quotes(restored.quotes), now);
        self.step(Input::Alerts(restored.alerts), now);
        for tick in restored.ticks {
            self.observe(tick, now);
        }
        self.step(Input::Clock, now);
        let quotes = self.engine.take_changed().into_iter().map(price_update).collect::<Vec<_>>();
        let alerts = self.engine.alerts().map(|alert| LiveEvent::AlertChanged(self.view(alert))).collect::<Vec<_>>();
        let status = self.engine.status();
        let status = LiveEvent::Status(StatusView { feed: status.feed, since: status.since });
        self.publish(quotes.into_iter().chain(alerts).chain([status]).collect(), now);
        self.last_frame = now.elapsed;
    }

    async fn run(
        mut self,
        mut work: mpsc::Receiver<Work>,
        mut recorded: mpsc::Receiver<Recorded>,
        recorder: tokio::task::JoinHandle<()>,
        stop: CancellationToken,
    ) {
        let clock = self.parts.clock.clone();
        let records = self.records.clone();
        let mut next_second = after(clock.elapsed(), Duration::from_secs(1));
        let mut taken = Vec::with_capacity(WORK_AT_ONCE);
        while !self.is_fenced {
            let frame_at = after(self.last_frame, self.parts.frame_interval);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(outcome) = recorded.recv() => self.announce(outcome, clock.moment()),
                permit = records.reserve(), if !self.waiting.is_empty() => {
                    if let (Ok(permit), Some(record)) = (permit, self.waiting.pop_front()) {
                        permit.send(record);
                    }
                }
                () = clock.sleep_until(next_second) => {
                    let now = clock.moment();
                    next_second = after(now.elapsed, Duration::from_secs(1));
                    self.second(now);
                }
                () = clock.sleep_until(frame_at), if self.engine.has_changed() && self.parts.bus.is_ready() => self.frame(clock.moment()),
                count = work.recv_many(&mut taken, WORK_AT_ONCE), if self.waiting.len() < QUEUED_RECORDS => {
                    if count == 0 {
                        break;
                    }
                    let now = clock.moment();
                    taken.drain(..).for_each(|work| self.take(work, now));
                    if self.engine.has_changed() && now.elapsed >= frame_at && self.parts.bus.is_ready() {
                        self.frame(now);
                    }
                }
            }
        }
        drop(records);
        if self.is_fenced {
            tracing::warn!("epoch {} is over: another engine has taken over, and this one stops", self.parts.epoch);
            return;
        }
        self.end(recorded, recorder).await;
    }

    /// Stores everything that was decided, and announces it to streams that are still there.
    async fn end(mut self, mut recorded: mpsc::Receiver<Recorded>, recorder: tokio::task::JoinHandle<()>) {
        let now = self.parts.clock.moment();
        self.frame(now);
        let Self { records, waiting, .. } = &mut self;
        for record in waiting.drain(..) {
            if records.send(record).await.is_err() {
                break;
            }
        }
        let (closed, _) = mpsc::channel(1);
        drop(std::mem::replace(&mut self.records, closed));
        while let Some(outcome) = recorded.recv().await {
            self.announce(outcome, now);
        }
        if self.is_fenced {
            tracing::warn!("epoch {} is over: what it decided last was refused", self.parts.epoch);
        }
        if recorder.await.is_err() {
            tracing::error!("the recorder of firings did not end in order");
        }
        self.settling.finish();
        // Why it could not be kept is in the log already, and there is no later.
        let _ = self.keeper.keep_surely(&mut self.engine, self.settling.all_stored()).await;
    }

    fn take(&mut self, work: Work, now: Moment) {
        match work {
            Work::Ticks(ticks, answer) => {
                let mut observed = Observed::default();
                let pushed: Vec<_> = answer.iter().flat_map(|_| ticks.iter().map(|tick| tick.ticker.clone())).collect();
                for tick in ticks {
                    if self.observe(tick, now) { observed.accepted += 1 } else { observed.ignored += 1 }
                }
                if let Some(answer) = answer {
                    self.answer_when_stored(answer, observed, &pushed);
                }
            }
            Work::Feed(ticks) => ticks.into_iter().for_each(|tick| self.observe_fed(tick, now)),
            Work::AlertChanged(alert) => {
                let id = alert.id;
                self.step(Input::AlertChanged(alert.clone()), now);
                let view = self.view(self.engine.alert(id).filter(|known| known.revision <= alert.revision).unwrap_or(&alert));
                self.publish(vec![LiveEvent::AlertChanged(view)], now);
            }
            Work::AlertDeleted(id) => {
                self.step(Input::AlertDeleted(id), now);
                self.publish(vec![LiveEvent::AlertDeleted { id: id.0.to_string() }], now);
            }
            Work::PortfolioChanged(changed) => self.publish(vec![LiveEvent::PortfolioChanged(changed)], now),
            Work::PortfolioDeleted(portfolio_id) => self.publish(vec![LiveEvent::PortfolioDeleted { portfolio_id }], now),
            Work::NotificationRead(read) => self.publish(vec![LiveEvent::NotificationRead(read)], now),
            Work::Flush(answer) => {
                self.frame(now);
                let _ = answer.send(self.seq);
            }
        }
    }

    fn decide(&mut self, record: Record) {
        self.settling.decide();
        self.waiting.push_back(record);
    }

    /// Answers a push when its quotes, what alerts observed and what they fired are all on disk.
    fn answer_when_stored(&mut self, answer: oneshot::Sender<Result<Observed, NotKept>>, observed: Observed, pushed: &[Ticker]) {
        let quotes: Vec<Quote> = pushed.iter().filter_map(|ticker| self.engine.quote(ticker)).cloned().collect();
        self.keeper.changed(&quotes);
        let (records_stored, observed_after) = (self.settling.all_stored(), self.settling.all_stored());
        let kept = self.keeper.keep_surely(&mut self.engine, observed_after);
        tokio::spawn(async move {
            let kept = kept.await;
            // The engine drops it unsettled only where another has taken over.
            let kept = records_stored.await.map_err(|_| NotKept).and(kept);
            // Whoever asked may be gone; the ticks count all the same.
            let _ = answer.send(kept.map(|()| observed));
        });
    }

    /// Shows the engine a tick; tells whether it was observed. One that the engine would ignore leaves no trace.
    fn observe(&mut self, tick: Tick, now: Moment) -> bool {
        let currency = tick.currency.or_else(|| self.parts.board.currency_of(&tick.ticker));
        let tick = Tick { currency, ..tick };
        if self.engine.refusal(&tick, now).is_none() {
            self.parts.history.note(&tick, now);
            self.keeper.note(&tick, &self.parts.board);
        }
        self.step(Input::Tick(tick), now)
    }

    /// Shows the engine a tick of the feed, which may have begun anew.
    fn observe_fed(&mut self, tick: Tick, now: Moment) {
        if tick.price > Decimal::ZERO && self.keeper.is_first_of_feed(&tick.ticker) {
            self.step(Input::FeedBegins(tick.ticker.clone()), now);
        }
        self.observe(tick, now);
    }

    /// Steps the engine and deals with what it says; tells whether a tick was observed.
    fn step(&mut self, input: Input, now: Moment) -> bool {
        let mut events = std::mem::take(&mut self.events);
        let is_tick = matches!(input, Input::Tick(_));
        self.engine.step(input, now, &mut events);
        let mut observed = true;
        for event in events.drain(..) {
            match event {
                Event::Fired(firing) => self.decide(Record::Firing(Box::new(self.with_message(firing)))),
                Event::Rearmed { alert_id, rearming } => self.decide(Record::rearmed(alert_id, rearming)),
                Event::Expired { alert_id, revision } => self.decide(Record::expired(alert_id, revision)),
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

    fn with_message(&self, firing: crate::domain::alert::Firing) -> (crate::domain::alert::Firing, String) {
        let currency =
            self.engine.quote(&firing.ticker).map_or_else(|| presumed_currency(&firing.ticker), |quote| quote.currency);
        let message = crate::domain::alert::message(&firing, currency);
        (firing, message)
    }

    /// Says what the store has confirmed, after the prices that led to it.
    fn announce(&mut self, outcome: Recorded, now: Moment) {
        if matches!(outcome, Recorded::Fenced) {
            self.is_fenced = true;
            return;
        }
        self.settling.store();
        match outcome {
            Recorded::Fired(fired) => {
                self.frame(now);
                let alert = LiveEvent::AlertChanged(self.view(&fired.alert));
                metrics::counter!("foliostream_alerts_fired_total").increment(1);
                self.publish(vec![alert, LiveEvent::AlertTriggered(fired.notification)], now);
            }
            Recorded::Changed(alert) => {
                let view = self.view(&alert);
                self.publish(vec![LiveEvent::AlertChanged(view)], now);
            }
            Recorded::Refused { current: Some(alert), .. } => {
                self.step(Input::AlertReplaced(*alert), now);
            }
            Recorded::Refused { id, current: None } => {
                self.step(Input::AlertDeleted(id), now);
            }
            Recorded::Fenced => {}
        }
    }

    /// Publishes the newest quote of every ticker that changed.
    fn frame(&mut self, now: Moment) {
        if self.engine.has_changed() {
            let quotes = self.engine.take_changed();
            let conflated = std::mem::take(&mut self.unpublished).saturating_sub(quotes.len() as u64);
            self.parts.tally.conflated(conflated);
            self.keeper.changed(&quotes);
            self.publish(quotes.into_iter().map(price_update).collect(), now);
            self.last_frame = now.elapsed;
        }
    }

    fn second(&mut self, now: Moment) {
        self.parts.board.note_engine(millis(now.elapsed));
        self.step(Input::Clock, now);
        self.keeper.keep(&mut self.engine, self.settling.all_stored());
        self.is_fenced |= self.keeper.is_fenced();
    }

    fn publish(&mut self, events: Vec<LiveEvent>, now: Moment) {
        let epoch = self.parts.epoch;
        let envelopes: Vec<Envelope> = events
            .into_iter()
            .map(|event| {
                self.seq += 1;
                Envelope { epoch, seq: self.seq, at: now.wall, event }
            })
            .collect();
        self.parts.bus.publish(envelopes);
    }

    fn view(&self, alert: &Alert) -> AlertView {
        AlertView::new(alert, self.engine.quote(&alert.ticker))
    }
}

fn price_update(quote: Quote) -> LiveEvent {
    LiveEvent::PriceUpdate(QuoteEvent { view: QuoteView::from(&quote), session_start: quote.session_start })
}
