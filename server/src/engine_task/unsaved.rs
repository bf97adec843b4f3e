//! Gathers what must be stored: what was decided, the prices and observations that led to it, and how far the work has come.
//!
//! All of it goes to the store together, so that what is stored is always all that followed from what is marked as applied. What
//! no answer waits for goes once a second, the rest as soon as the recorder is free.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::batch::{Answer, Batch, Origin};
use crate::board::Board;
use crate::history::History;
use crate::store::{AppliedCall, Decided, Observation, Pushed, Record};
use foliostream::domain::alert::AlertId;
use foliostream::domain::engine::Engine;
use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::quote::Tick;
use foliostream::domain::rates::{currency_pair, presumed_currency};

/// Everything that was decided or observed and waits to be stored.
#[derive(Debug)]
pub(crate) struct Unsaved {
    history: Arc<History>,
    /// What sources bring without describing it: a source gives it again after a restart.
    fed: HashSet<Ticker>,
    keep_notifications: u32,
    waiting: Waiting,
    /// The number of what was handed over last.
    number: u64,
    /// Whether the disk refuses what was handed over.
    is_refused: bool,
    /// Whether somebody began to wait since then.
    is_asked: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    records: Vec<Record>,
    /// Instruments whose quote changed.
    tickers: BTreeSet<Ticker>,
    bars: Vec<(Ticker, Date, Decimal)>,
    /// What alerts saw that is in the journal.
    observations: BTreeMap<AlertId, Observation>,
    /// What alerts saw since the journal was written.
    observations_since: BTreeMap<AlertId, Observation>,
    /// Instruments whose quote changed since the journal was written.
    tickers_since: BTreeSet<Ticker>,
    /// How many of the bars' prices are in the journal.
    bars_before: usize,
    instruments: Vec<Instrument>,
    presumed_instruments: Vec<Instrument>,
    calls: Vec<AppliedCall>,
    last_entry: Option<String>,
    answers: Answers,
    /// Whether it must go to the store, and soon; answers alone may be given by the journal.
    is_for_store: bool,
}

/// Calls that wait to be stored at most; the store remembers fewer.
const MOST_CALLS: usize = 40_000;

impl Waiting {
    /// Returns whether there is more than what pushes showed: an alert changed, an instrument is new, or a call or entry is to be
    /// remembered.
    fn has_more_than_pushes(&self) -> bool {
        let has_new = !self.instruments.is_empty() || !self.presumed_instruments.is_empty();
        has_new || !self.records.is_empty() || !self.calls.is_empty() || self.last_entry.is_some()
    }

    /// Notes how far a call has been applied, and forgets what was noted of it before. While the disk refuses, pushes go on:
    /// then the older half is forgotten, which the store would forget in the same transaction.
    fn note_call(&mut self, call: AppliedCall) {
        if self.calls.last().is_some_and(|last| last.call_id == call.call_id) {
            self.calls.pop();
        } else if self.calls.len() >= MOST_CALLS {
            self.calls.drain(..MOST_CALLS / 2);
        }
        self.calls.push(call);
    }
}

/// What is handed over to be stored.
#[derive(Debug)]
pub(crate) struct Taken {
    /// All of it.
    pub decided: Box<Decided>,
    /// Who waits for it.
    pub answers: Answers,
    /// Whether a kill before it is stored would lose nothing of it: pushes that come meanwhile may go to the journal then.
    pub is_all_in_journal: bool,
}

/// The answers that wait until something is stored.
#[derive(Debug, Default)]
pub(crate) struct Answers(Vec<Answer>);

impl Answers {
    /// Reports to everyone who waits that it is stored.
    pub(crate) fn stored(self) {
        self.0.into_iter().for_each(Answer::stored);
    }

    /// Reports to everyone who waits that it is not stored, for now.
    pub(crate) fn refused(&mut self) {
        self.0.iter_mut().for_each(Answer::refused);
    }

    /// Returns how many wait.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Quotes, prices of bars, and observations of alerts that a line of the journal holds at most, of each: with more, a transaction is the
/// lesser cost.
const MOST_AT_ONCE: usize = 256;

/// Prices of bars that wait at most: about four seconds of a very busy feed. Half of them go to the store at once; only where it takes
/// nothing are later ones left out, but for the next batch's close.
const WAITING_BARS: usize = 20_000;

impl Unsaved {
    /// Makes one in which nothing waits.
    pub(crate) fn new(history: Arc<History>, keep_notifications: u32) -> Self {
        let waiting = Waiting::default();
        history.daily_given_up();
        Self { history, fed: HashSet::new(), keep_notifications, waiting, number: 0, is_refused: false, is_asked: false }
    }

    /// Notes that a source brings an instrument, and returns whether that is news. What a source describes has always been its
    /// own.
    pub(crate) fn is_first_of_feed(&mut self, ticker: &Ticker) -> bool {
        !self.history.is_described(ticker) && !self.fed.contains(ticker) && self.fed.insert(ticker.clone())
    }

    /// Returns whether an instrument's quotes must survive a restart: those that were pushed must, those that a source
    /// will bring again need not.
    fn keeps(&self, ticker: &Ticker) -> bool {
        !self.fed.contains(ticker) && !self.history.is_described(ticker)
    }

    /// Notes a tick: its instrument where it is new, and its price for the day's bar where no source describes it and
    /// it was observed: what a person entered is kept by its date.
    pub(crate) fn note(&mut self, tick: &Tick, board: &Board) {
        if self.history.is_described(&tick.ticker) {
            return;
        }
        if board.instrument(&tick.ticker).is_none() {
            let instrument = instrument_of(tick);
            board.add_instruments([instrument.clone()]);
            let is_known = tick.currency.is_some();
            let new = if is_known { &mut self.waiting.instruments } else { &mut self.waiting.presumed_instruments };
            new.push(instrument);
        }
        if self.keeps(&tick.ticker) && !tick.source.is_entered() && self.waiting.bars.len() < WAITING_BARS {
            let date = tick.time.to_zoned(TimeZone::UTC).date();
            self.waiting.bars.push((tick.ticker.clone(), date, tick.price));
            self.history.note_daily(&tick.ticker, date, tick.price);
            self.waiting.is_for_store |= self.waiting.bars.len() >= WAITING_BARS / 2;
        }
    }

    /// Notes that a ticker has another quote.
    pub(crate) fn changed(&mut self, ticker: &Ticker) {
        if !self.waiting.tickers_since.contains(ticker) && self.keeps(ticker) {
            self.waiting.tickers.insert(ticker.clone());
            self.waiting.tickers_since.insert(ticker.clone());
        }
    }

    /// Notes a decision of the engine, which is to be stored at once.
    pub(crate) fn decide(&mut self, record: Record) {
        self.waiting.records.push(record);
        self.waiting.is_for_store = true;
    }

    /// Returns how many decisions wait.
    pub(crate) fn decided(&self) -> usize {
        self.waiting.records.len()
    }

    /// Takes back what was decided about an alert, because the engine's copy of it was old.
    pub(crate) fn take_back(&mut self, id: AlertId) {
        self.waiting.records.retain(|record| record.alert_id() != id);
    }

    /// Notes how far a batch was applied. Where all of it was, its sender is answered once that is stored.
    pub(crate) fn applied(&mut self, batch: &mut Batch) {
        match batch.origin() {
            Origin::Here | Origin::Feed => {}
            Origin::Call(call_id) => self.waiting.note_call(batch.applied_call(call_id)),
            Origin::Push(push) => self.waiting.note_call(batch.applied_call(&push.name())),
            Origin::Entries(entries) => {
                let last = batch.applied().checked_sub(1).and_then(|last| entries.get(last));
                self.waiting.last_entry = last.cloned().or(self.waiting.last_entry.take());
            }
        }
        let answer = batch.take_answer();
        self.waiting.is_for_store |= matches!(batch.origin(), Origin::Call(_) | Origin::Push(_) | Origin::Entries(_));
        self.answer(answer);
    }

    /// Answers when everything up to now is stored.
    pub(crate) fn answer(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for answer in answers {
            self.waiting.answers.0.push(answer);
            self.is_asked = true;
        }
    }

    /// Lets what waits go as soon as it can, whether an answer waits for it or not.
    pub(crate) fn hurry(&mut self) {
        self.waiting.is_for_store = true;
    }

    /// Returns whether something must go to the store now.
    pub(crate) fn is_urgent(&self) -> bool {
        self.waiting.is_for_store || self.waiting.answers.len() > 0
    }

    /// Returns whether it must go to the store whoever waits.
    #[cfg(test)]
    pub(crate) fn has_to_be_stored(&self) -> bool {
        self.waiting.is_for_store
    }

    /// Returns what pushes showed since the journal was written, and the number under which it will be stored, where somebody waits for
    /// it and there is nothing else.
    pub(crate) fn pushed(&mut self, engine: &mut Engine) -> Option<(u64, Pushed)> {
        let waiting = &mut self.waiting;
        let is_full = waiting.bars.len() >= WAITING_BARS;
        if waiting.answers.len() == 0 || waiting.has_more_than_pushes() || self.is_refused || is_full {
            return None;
        }
        waiting.observations_since.extend(observations(engine).into_iter().map(|seen| (seen.alert_id, seen)));
        let bars = waiting.bars.get(waiting.bars_before..).unwrap_or_default().to_vec();
        if [waiting.observations_since.len(), waiting.tickers_since.len(), bars.len()]
            .into_iter()
            .any(|count| count > MOST_AT_ONCE)
        {
            return None;
        }
        let observations = waiting.observations_since.values().cloned().collect();
        let quotes = waiting.tickers_since.iter().filter_map(|ticker| engine.quote(ticker)).cloned().collect();
        Some((self.number + 1, Pushed { quotes, bars, observations }))
    }

    /// Notes that what was returned last is in the journal, and takes the answers that waited for it.
    pub(crate) fn note_in_journal(&mut self) -> Answers {
        let waiting = &mut self.waiting;
        waiting.tickers_since.clear();
        waiting.bars_before = waiting.bars.len();
        waiting.observations.append(&mut waiting.observations_since);
        std::mem::take(&mut waiting.answers)
    }

    /// Notes that the disk refuses what was handed over last; what waits behind it is not stored soon either.
    pub(crate) fn refused(&mut self) {
        self.is_refused = true;
        self.waiting.answers.refused();
    }

    /// Returns whether somebody waits to hear whether the disk still refuses: it is tried again at once, and answered then.
    pub(crate) fn wants_another_try(&mut self) -> bool {
        self.is_refused && std::mem::take(&mut self.is_asked)
    }

    /// Notes that what was handed over last is stored.
    pub(crate) fn stored(&mut self) {
        self.is_refused = false;
        self.history.daily_stored();
    }

    /// Returns how many decisions and how many batches are not handed over.
    pub(crate) fn left(&self) -> (usize, usize) {
        (self.waiting.records.len(), self.waiting.answers.len())
    }

    /// Takes everything that waits, with what the engine now holds of it; nothing where nothing does.
    pub(crate) fn take(&mut self, engine: &mut Engine) -> Option<Taken> {
        let waiting = std::mem::take(&mut self.waiting);
        let has_more = waiting.has_more_than_pushes();
        let Waiting { records, tickers, bars, instruments, presumed_instruments, calls, last_entry, answers, .. } = waiting;
        let mut seen_since = waiting.observations_since;
        seen_since.extend(observations(engine).into_iter().map(|seen| (seen.alert_id, seen)));
        let is_all_in_journal =
            !has_more && waiting.bars_before == bars.len() && bars.len() < WAITING_BARS && seen_since.is_empty();
        let mut seen = waiting.observations;
        seen.append(&mut seen_since);
        let observations: Vec<_> = seen.into_values().collect();
        if !has_more && tickers.is_empty() && bars.is_empty() && observations.is_empty() {
            answers.stored();
            return None;
        }
        self.number += 1;
        self.history.daily_handed_over();
        let decided = Decided {
            number: self.number,
            records,
            observations,
            instruments,
            presumed_instruments,
            quotes: tickers.iter().filter_map(|ticker| engine.quote(ticker)).cloned().collect(),
            bars,
            calls,
            last_entry,
            keep_notifications: Some(self.keep_notifications),
        };
        Some(Taken { decided: Box::new(decided), answers, is_all_in_journal })
    }
}

/// Returns what alerts observed since they were last asked.
fn observations(engine: &mut Engine) -> Vec<Observation> {
    let observed = engine.observed();
    let observation = |(alert_id, memory)| {
        let revision = engine.alert(alert_id)?.revision;
        Some(Observation { alert_id, revision, memory })
    };
    observed.into_iter().filter_map(observation).collect()
}

/// Makes a catalogue entry of what a tick shows of its instrument.
pub(crate) fn instrument_of(tick: &Tick) -> Instrument {
    let pair = currency_pair(&tick.ticker);
    let class = if pair.is_some() { AssetClass::Currency } else { AssetClass::Other };
    let currency = tick.currency.unwrap_or_else(|| presumed_currency(&tick.ticker));
    let price_decimals = tick.price.normalize().scale().clamp(2, 8);
    let name = pair.map_or_else(|| tick.ticker.to_string(), |(base, quoted)| format!("{base} in {quoted}"));
    Instrument { ticker: tick.ticker.clone(), name, currency, class, price_decimals, details: Details::default() }
}
