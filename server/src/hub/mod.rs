//! The door: every command and question of pages, server functions and `/api/v1` comes through here. One rule, two doors.
//!
//! A command is parsed into a domain type (a refusal names its field), stored, announced, and answered with the new view.

mod accounts;
mod activities;
mod alert_past;
mod alerts;
mod backend;
mod backups;
mod books;
mod entries;
mod entry_history;
mod fields;
mod imports;
mod instruments;
mod jobs;
mod ledger_list;
mod ledger_pages;
mod ledger_search;
mod ledgers;
mod notifications;
mod once;
mod operations;
mod pages;
mod past;
mod performance;
mod periods;
mod portfolios;
mod prices;
mod progress;
mod quotes;
mod rules;
mod scope;
mod settings;
mod shown;
mod stamps;
#[cfg(test)]
mod tests;
mod typical_days;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::user::Actor;
use foliostream::wire::commands::Refusal;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::live::Owned;
use foliostream::wire::text::refuse_unreadable_name;
use foliostream::wire::views::{BarView, InstrumentView, SourcedQuoteView};
use foliostream::words::Refusals;

pub(crate) use self::stamps::Stamps;
pub(crate) use self::typical_days::TypicalDays;
use super::engine_task::{EngineHandle, EngineStopped, ObserveError};
use super::error::internal;
use super::feed::Sources;
use super::ground::Ground;
use super::history::utc_date;
use super::operations::Operations;
use super::presence::Presence;
use super::store::Personal;

pub(crate) use accounts::OwnAccount;
pub(crate) use imports::{Committing, MOST_MEGABYTES, RowsAsked};
pub(crate) use instruments::OwnInstrument;
pub(crate) use ledger_pages::LedgerReading;
pub(crate) use ledger_search::LedgerQuery;
pub(crate) use progress::Jobs;

/// The span that charts and lines of today cover.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The most search results.
const FOUND: usize = 20;

/// Where a search result stands that neither its ticker nor its name brought: behind all others.
const OTHERWISE: u8 = u8::MAX;

/// Where commands and queries end. It answers none by itself: somebody must be named who acts.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Parts>);

/// The hub, with the actor whose commands and queries it answers. Things of other users are not there.
#[derive(Clone, Debug)]
pub struct Acting {
    parts: Arc<Parts>,
    actor: Actor,
}

/// The parts that a hub is made from.
#[derive(Debug)]
pub struct Parts {
    /// What it shares with the rest of the process.
    pub ground: Ground,
    /// The way to the engine.
    pub engine: EngineHandle,
    /// The tabs that are connected, on this worker and on all others.
    pub presence: Arc<Presence>,
    /// The figures of the workers over the last minute.
    pub operations: Arc<Operations>,
    /// The sources of prices that were opened.
    pub sources: Arc<Sources>,
    /// One change of ledgers at a time, so that the board never gets an older one after a newer one.
    pub ledgers: tokio::sync::Mutex<()>,
    /// The jobs that this process does.
    pub jobs: Jobs,
    /// The times given to quotes that have none.
    pub stamps: Stamps,
    /// How far prices usually move in a day.
    pub typical_days: TypicalDays,
}

impl Hub {
    /// Makes a hub from the parts of a process; clones share them.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Returns the hub for one who acts.
    pub fn acting(&self, actor: Actor) -> Acting {
        Acting { parts: Arc::clone(&self.0), actor }
    }
}

impl Acting {
    /// Returns the store as the actor sees it.
    fn store(&self) -> Personal<'_> {
        self.parts.ground.store.of(&self.actor.user)
    }

    fn owned<T>(&self, view: T) -> Owned<T> {
        Owned::of(&self.actor.user, view)
    }

    /// Runs a command to its end even where the client hangs up half way, so that what is stored is also announced.
    async fn to_its_end<T, F>(&self, command: impl FnOnce(Self) -> F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
    {
        tokio::spawn(command(self.clone())).await.unwrap_or_else(|panic| Err(internal(&panic)))
    }

    /// Computes what takes a while apart from the threads that answer everybody: one of those would keep others waiting.
    async fn aside<T: Send + 'static>(&self, work: impl FnOnce(&Self) -> T + Send + 'static) -> Result<T, ApiError> {
        let hub = self.clone();
        tokio::task::spawn_blocking(move || work(&hub)).await.map_err(|panic| internal(&panic))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.ground.clock.now()
    }

    /// Returns the newest quotes of tickers; unknown ones are left out.
    pub fn quotes(&self, tickers: &[Ticker]) -> Vec<SourcedQuoteView> {
        tickers
            .iter()
            .filter_map(|ticker| self.parts.ground.board.quote(ticker))
            .map(|quote| SourcedQuoteView::from(&quote))
            .collect()
    }

    /// Returns the newest quotes of everything by ticker; nothing where there are more than `most`.
    pub fn all_quotes(&self, most: usize) -> Option<Vec<SourcedQuoteView>> {
        let (quotes, next) = self.quotes_after(None, most);
        next.is_none().then_some(quotes)
    }

    /// Returns at most `limit` newest quotes by ticker, after one, and the ticker to go on after, where more follow.
    pub fn quotes_after(&self, after: Option<&Ticker>, limit: usize) -> (Vec<SourcedQuoteView>, Option<Ticker>) {
        let mut quotes = self.parts.ground.board.quotes_after(after, limit.saturating_add(1));
        let is_cut = quotes.len() > limit;
        quotes.truncate(limit);
        let next = quotes.last().filter(|_| is_cut).map(|last| last.ticker.clone());
        (quotes.iter().map(SourcedQuoteView::from).collect(), next)
    }

    /// Searches the catalogue and the sources by ticker and name: those that begin with the text first, then those that hold it,
    /// then what a source found otherwise.
    pub async fn search(&self, query: &str) -> Result<Vec<InstrumentView>, ApiError> {
        let needle = query.trim().to_lowercase();
        if needle.chars().count() > 100 {
            return Err(ApiError {
                field: Some("query".to_owned()),
                ..ApiError::new(ErrorCode::BadRequest, Refusals::search_at_most_100())
            });
        }
        let elsewhere = self.parts.sources.search(&needle, FOUND).await;
        // The whole catalogue is looked through.
        self.aside(move |hub| hub.found(&needle, elsewhere)).await
    }

    fn found(&self, needle: &str, elsewhere: Vec<Instrument>) -> Vec<InstrumentView> {
        let elsewhere =
            elsewhere.into_iter().filter(|instrument| self.parts.ground.board.instrument(&instrument.ticker).is_none());
        let elsewhere = elsewhere.map(|instrument| (instrument.rank(needle).unwrap_or(OTHERWISE), Arc::new(instrument)));
        let ranked = |instrument: Arc<Instrument>| instrument.rank(needle).map(|rank| (rank, instrument));
        let mut found: Vec<_> = self.parts.ground.board.instruments().into_iter().filter_map(ranked).chain(elsewhere).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(FOUND).map(|(_, instrument)| self.instrument_view(&instrument)).collect()
    }

    /// Returns a catalogue entry as it is shown.
    fn instrument_view(&self, instrument: &Instrument) -> InstrumentView {
        let quoted = self.parts.ground.board.quote(&instrument.ticker).map(|quote| quote.source);
        InstrumentView {
            ticker: instrument.ticker.clone(),
            name: instrument.name.clone(),
            currency: instrument.currency,
            class: instrument.class,
            price_decimals: instrument.price_decimals,
            source: quoted.or_else(|| self.parts.sources.describing(&instrument.ticker).map(|source| source.name())),
        }
    }

    /// Returns a ticker's daily bars, both dates included; 404 for an unknown ticker.
    pub async fn daily_bars(
        &self,
        ticker: &Ticker,
        from: jiff::civil::Date,
        to: jiff::civil::Date,
    ) -> Result<Vec<BarView>, ApiError> {
        self.known(ticker)?;
        let bars = self.parts.ground.history.daily(ticker, from, to, self.market_time(ticker)).await?;
        Ok(bars.into_iter().map(BarView::from).collect())
    }

    /// Returns a ticker's five-minute bars of its last day; 404 for an unknown ticker.
    pub async fn intraday_bars(&self, ticker: &Ticker) -> Result<Vec<BarView>, ApiError> {
        self.known(ticker)?;
        Ok(self.bars_of_day(ticker).await.into_iter().map(BarView::from).collect())
    }

    async fn bars_of_day(&self, ticker: &Ticker) -> Vec<Bar> {
        let until = self.market_time(ticker);
        self.parts.ground.history.follow(ticker, until).await;
        self.parts.ground.history.intraday(ticker, DAY, until)
    }

    /// Returns today's date, by which open ranges end.
    pub fn today(&self) -> jiff::civil::Date {
        utc_date(self.now())
    }

    fn known(&self, ticker: &Ticker) -> Result<(), ApiError> {
        if self.parts.ground.board.knows(ticker) { Ok(()) } else { Err(ApiError::not_found(Refusals::no_such_ticker())) }
    }

    /// Returns the time of a ticker's market: in a replay it is long past.
    fn market_time(&self, ticker: &Ticker) -> Timestamp {
        self.parts.ground.board.quote(ticker).map_or_else(|| self.now(), |quote| quote.time)
    }
}

/// Names the field of a refusal.
fn at<'a>(field: &'a str) -> impl Fn(Refusal) -> ApiError + 'a {
    move |refusal| ApiError::field(field, refusal.0)
}

/// The setting that holds the id of the demo portfolio.
pub(crate) const DEMO_PORTFOLIO: &str = "demo_portfolio";

/// The longest name of a portfolio or an instrument, in characters.
const LONGEST_NAME: usize = 100;

/// Reads the name of a portfolio or an instrument.
fn read_name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    refuse_unreadable_name(name).map_err(at("name"))?;
    match name.chars().count() {
        1..=LONGEST_NAME => Ok(name.to_owned()),
        _ => Err(ApiError::field("name", Refusals::name_of_1_to_100())),
    }
}

/// Reads a ticker that a person or program wrote.
fn read_ticker(text: &str) -> Result<Ticker, ApiError> {
    text.trim_matches(' ').parse().map_err(|_| ApiError::field("ticker", Refusals::not_a_ticker()))
}

impl From<EngineStopped> for ApiError {
    fn from(_: EngineStopped) -> Self {
        Self::new(ErrorCode::Unavailable, Refusals::engine_silent())
    }
}

impl From<ObserveError> for ApiError {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::Stopped(stopped) => stopped.into(),
            ObserveError::NotKept(_) => Self::new(ErrorCode::Unavailable, Refusals::prices_not_kept()),
            ObserveError::KeyUsed(_) => Self::field("Idempotency-Key", Refusals::key_of_another_push()),
        }
    }
}
