//! Bars for charts: from the source that describes an instrument, otherwise from what was observed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::bar::{Bar, INTRADAY_STEP, RecentBars};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::moment::Moment;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::Tick;
use foliostream::domain::rates::{RateObservation, Rates};
use foliostream::domain::source::SourceName;

use super::feed::{SourceError, Sources};
use super::store::{Store, StoreError};

/// The time that intraday bars of an instrument cover.
const KEPT_SPAN: SignedDuration = SignedDuration::from_hours(24);

/// Instruments whose intraday bars are kept: about 30 MB at the most.
const KEPT_INSTRUMENTS: usize = 2_000;

/// How often stored bars are read at most where something is stored meanwhile. After that a close may be of a moment before.
const TRIES: usize = 3;

/// Daily bars of one answer at most: 13 years of a market that never closes, some 700 KB.
const MOST_DAYS: usize = 5_000;

/// The bars of charts, from the sources and from the store.
#[derive(Debug)]
pub struct History {
    sources: Arc<Sources>,
    store: Store,
    observed: Mutex<HashMap<Ticker, Observed>>,
    unstored: Mutex<Unstored>,
}

/// Daily bars of prices that were told and are not stored yet. A push is answered before they are, and what it showed can be asked for
/// from then on.
#[derive(Debug, Default)]
struct Unstored {
    /// What the store was given and has not confirmed.
    handed_over: BTreeMap<(Ticker, Date), Bar>,
    /// What came since.
    since: BTreeMap<(Ticker, Date), Bar>,
    /// Counts how often something was stored: who read the store before that reads it again.
    stored: u64,
}

impl Unstored {
    /// Returns what is not stored of a ticker's days between two dates, both included; a day may be there twice, the later part last.
    fn days(&self, ticker: &Ticker, from: Date, to: Date) -> Vec<Bar> {
        if from > to {
            return Vec::new();
        }
        let days = || (ticker.clone(), from)..=(ticker.clone(), to);
        [&self.handed_over, &self.since]
            .into_iter()
            .flat_map(|days_of| days_of.range(days()))
            .map(|(_, bar)| bar.clone())
            .collect()
    }
}

/// Lays days over those that are stored.
fn lay_over(bars: &mut Vec<Bar>, days: Vec<Bar>) {
    for day in days {
        match bars.binary_search_by_key(&day.time, |bar| bar.time) {
            Ok(at) => [day.high, day.low, day.close].into_iter().for_each(|price| bars[at].add(price)),
            Err(at) => bars.insert(at, day),
        }
    }
}

/// Intraday bars of an instrument.
#[derive(Debug, Default)]
struct Observed {
    bars: RecentBars,
    /// Whether its source was asked for what came before the first of them.
    is_asked: bool,
}

impl History {
    /// Makes the history of these sources; what they have none of comes from the store.
    pub fn new(sources: Arc<Sources>, store: Store) -> Self {
        Self { sources, store, observed: Mutex::default(), unstored: Mutex::default() }
    }

    /// Returns whether a source describes an instrument, and so has its history itself: nothing of it is kept here.
    pub fn is_described(&self, ticker: &Ticker) -> bool {
        self.sources.describing(ticker).is_some()
    }

    /// Has intraday bars of an instrument ready for [`intraday`](Self::intraday). Of one that a source describes ticks are noted from
    /// the first question on; what came before the source is asked for, up to `until` (market time).
    pub async fn follow(&self, ticker: &Ticker, until: Timestamp) {
        let Some(source) = self.sources.describing(ticker) else { return };
        if self.observed().entry(ticker.clone()).or_default().is_asked {
            return;
        }
        let from = until.checked_sub(KEPT_SPAN).unwrap_or(Timestamp::MIN);
        let told = or_logged(ticker, source.name(), source.intraday_bars(ticker, from, until, INTRADAY_STEP).await);
        let mut observed = self.observed();
        let observed = observed.entry(ticker.clone()).or_default();
        // Others may have asked at the same time. A source that failed is asked again with the next question.
        if let Some(before) = told.filter(|_| !observed.is_asked) {
            observed.bars.begin_with(before);
            observed.is_asked = true;
        }
    }

    /// Notes a tick that the engine takes. An instrument that a source describes is only noted where it is followed.
    pub fn note(&self, tick: &Tick, now: Moment) {
        let mut observed = self.observed();
        if !observed.contains_key(&tick.ticker) && (self.is_described(&tick.ticker) || observed.len() >= KEPT_INSTRUMENTS) {
            return;
        }
        observed.entry(tick.ticker.clone()).or_default().bars.note(tick, now);
    }

    /// Returns daily bars from one date to another, both included; of very many the newest.
    pub async fn daily(&self, ticker: &Ticker, from: Date, to: Date, now: Timestamp) -> Result<Vec<Bar>, StoreError> {
        let told = match self.sources.describing(ticker) {
            Some(source) => or_logged(ticker, source.name(), source.daily_bars(ticker, from, to, now).await),
            None => None,
        };
        let mut bars = match told {
            Some(bars) => bars,
            None => self.recorded(ticker, from, to).await?,
        };
        bars.drain(..bars.len().saturating_sub(MOST_DAYS));
        Ok(bars)
    }

    /// Returns the recorded daily bars of an instrument, with what is told and not stored yet.
    async fn recorded(&self, ticker: &Ticker, from: Date, to: Date) -> Result<Vec<Bar>, StoreError> {
        let mut tries = TRIES;
        loop {
            let (stored, before) = {
                let unstored = self.unstored();
                (unstored.stored, unstored.days(ticker, from, to))
            };
            let mut bars = self.store.bars(ticker, from, to).await?;
            let unstored = self.unstored();
            tries -= 1;
            // What was stored meanwhile may be neither in what was read nor among what is not stored.
            if unstored.stored == stored || tries == 0 {
                if unstored.stored != stored {
                    lay_over(&mut bars, before);
                }
                lay_over(&mut bars, unstored.days(ticker, from, to));
                return Ok(bars);
            }
        }
    }

    /// Notes a price of a daily bar that will be stored.
    pub(crate) fn note_daily(&self, ticker: &Ticker, date: Date, price: Decimal) {
        let Ok(begin) = date.to_zoned(TimeZone::UTC) else { return };
        let day = |bar: &mut Bar| bar.add(price);
        let new = || Bar::of(begin.timestamp(), price);
        self.unstored().since.entry((ticker.clone(), date)).and_modify(day).or_insert_with(new);
    }

    /// Notes that the store is given every price of daily bars up to now.
    pub(crate) fn daily_handed_over(&self) {
        let mut unstored = self.unstored();
        unstored.handed_over = std::mem::take(&mut unstored.since);
    }

    /// Notes that what the store was given last is stored.
    pub(crate) fn daily_stored(&self) {
        let mut unstored = self.unstored();
        if !unstored.handed_over.is_empty() {
            unstored.handed_over.clear();
            unstored.stored += 1;
        }
    }

    /// Forgets what is not stored: the engine that would have stored it is over, and another tells of it or never will.
    pub(crate) fn daily_given_up(&self) {
        let mut unstored = self.unstored();
        *unstored = Unstored { stored: unstored.stored + 1, ..Unstored::default() };
    }

    /// Returns five-minute bars of the last `span` before `until` (market time), oldest first. Of an instrument that a source
    /// describes, those since it is followed.
    pub fn intraday(&self, ticker: &Ticker, span: SignedDuration, until: Timestamp) -> Vec<Bar> {
        let from = until.checked_sub(span).unwrap_or(Timestamp::MIN);
        let observed = self.observed();
        observed.get(ticker).map(|observed| observed.bars.between(from, until)).unwrap_or_default()
    }

    /// Returns hourly bars of the last `span`, oldest first, where a source has them.
    pub async fn hourly(&self, ticker: &Ticker, span: SignedDuration, until: Timestamp) -> Option<Vec<Bar>> {
        let source = self.sources.describing(ticker)?;
        let from = until.checked_sub(span).unwrap_or(Timestamp::MIN);
        or_logged(ticker, source.name(), source.intraday_bars(ticker, from, until, SignedDuration::from_hours(1)).await)
    }

    /// Returns the rate between two major currencies on a day, by the source's or the recorded closes of that day or up to a week
    /// before: direct, inverse, or through the dollar or the euro, by whichever way is nearest to the day.
    pub async fn rate(&self, from: Currency, to: Currency, date: Date, now: Timestamp) -> Result<Option<Decimal>, StoreError> {
        let mut rates = Rates::default();
        for (base, quoted) in pairs_between(from, to) {
            if let Some(bar) = self.last_close(base, quoted, date, now).await? {
                rates.insert(base, quoted, RateObservation { rate: bar.close, previous: None, at: bar.time });
            }
        }
        Ok(rates.rate(from, to))
    }

    /// Returns the rate between two major currencies over time: that of each day's close since a date, with the day's beginning, by
    /// whichever way is nearest to that day. Nothing where no pair that leads from one to the other was recorded.
    pub async fn rates(
        &self,
        from: Currency,
        to: Currency,
        since: Date,
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, Decimal)>, StoreError> {
        let mut closes = Vec::new();
        for (base, quoted) in pairs_between(from, to) {
            let Ok(ticker) = format!("{base}{quoted}=X").parse::<Ticker>() else { continue };
            let bars = self.daily(&ticker, since, utc_date(now), now).await?;
            closes.extend(bars.into_iter().map(|bar| (bar.time, base, quoted, bar.close)));
        }
        closes.sort_unstable();
        let (mut known, mut rates) = (Rates::default(), Vec::new());
        for day in closes.chunk_by(|left, right| left.0 == right.0) {
            for (time, base, quoted, close) in day {
                known.insert(*base, *quoted, RateObservation { rate: *close, previous: None, at: *time });
            }
            rates.extend(known.rate(from, to).map(|rate| (day[0].0, rate)));
        }
        Ok(rates)
    }

    fn unstored(&self) -> MutexGuard<'_, Unstored> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn observed(&self) -> MutexGuard<'_, HashMap<Ticker, Observed>> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the last bar of a pair on or up to a week before a date.
    async fn last_close(&self, base: Currency, quoted: Currency, date: Date, now: Timestamp) -> Result<Option<Bar>, StoreError> {
        let Ok(ticker) = format!("{base}{quoted}=X").parse::<Ticker>() else { return Ok(None) };
        let week_before = date.checked_sub(jiff::Span::new().days(7)).unwrap_or(Date::MIN);
        Ok(self.daily(&ticker, week_before, date, now).await?.pop())
    }
}

/// Returns the pairs that may lead from one currency to another, each in both directions: the pair itself, and those with the dollar
/// and the euro.
fn pairs_between(from: Currency, to: Currency) -> BTreeSet<(Currency, Currency)> {
    let legs = [Currency::USD, Currency::EUR].into_iter().flat_map(|hub| [(from, hub), (hub, to)]);
    let pairs = [(from, to)].into_iter().chain(legs).filter(|(base, quoted)| base != quoted);
    pairs.flat_map(|(base, quoted)| [(base, quoted), (quoted, base)]).collect()
}

/// Returns the bars that a source gave; nothing, and a line in the log, where it could not.
fn or_logged(ticker: &Ticker, source: SourceName, told: Result<Option<Vec<Bar>>, SourceError>) -> Option<Vec<Bar>> {
    told.unwrap_or_else(|error| {
        tracing::warn!("{source} has no bars of {ticker} right now: {error}");
        None
    })
}

/// Returns a time's date in UTC, by which days are cut.
pub(crate) fn utc_date(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::super::feed::testing::{Failing, simulated};
    use super::super::store::Sharing;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    async fn history(sources: Sources) -> (History, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Sharing::Alone).await.unwrap();
        (History::new(Arc::new(sources), store), folder)
    }

    #[tokio::test]
    async fn a_source_has_the_history_of_what_it_describes_and_the_store_that_of_all_else() {
        let opened = simulated();
        let (history, _folder) = history(Sources::open(vec![opened.source]).await.unwrap()).await;
        let [apple, other] = ["AAPL", "OTHER"].map(|text| text.parse::<Ticker>().unwrap());
        let now = opened.clock.now();
        let (from, to, day) = (utc_date(now).yesterday().unwrap(), utc_date(now), SignedDuration::from_hours(24));
        assert_eq!(history.daily(&apple, from, to, now).await.unwrap().len(), 2);
        assert_eq!(history.hourly(&apple, day, now).await.unwrap().len(), 24);
        assert!(history.intraday(&apple, day, now).is_empty(), "it was not asked for");
        history.follow(&apple, now).await;
        let known = history.intraday(&apple, day, now);
        assert_eq!(known.len(), 288);
        history.follow(&apple, now + day).await;
        assert_eq!(history.intraday(&apple, day, now), known, "it is asked once");
        history.store.record_bars(0, &[(other.clone(), to, Decimal::ONE)]).await.unwrap();
        assert_eq!(history.daily(&other, from, to, now).await.unwrap().len(), 1);
        history.follow(&other, now).await;
        assert_eq!((history.intraday(&other, day, now).len(), history.hourly(&other, day, now).await), (0, None));
    }

    #[tokio::test]
    async fn daily_bars_have_what_is_told_and_not_stored_yet() {
        let (history, _folder) = history(Sources::open(Vec::new()).await.unwrap()).await;
        let ticker: Ticker = "A".parse().unwrap();
        let [first, second]: [Date; 2] = ["2026-11-02", "2026-11-03"].map(|day| day.parse().unwrap());
        let told = async || {
            let bars = history.daily(&ticker, first, second, at("2026-11-03T10:00:00Z")).await.unwrap();
            bars.into_iter()
                .map(|bar| [bar.open, bar.high, bar.low, bar.close].map(|price| price.to_string()).join(" "))
                .collect::<Vec<_>>()
        };
        let prices = [(first, 5), (first, 7), (second, 6)].map(|(day, price)| (ticker.clone(), day, Decimal::from(price)));
        prices.iter().for_each(|(ticker, day, price)| history.note_daily(ticker, *day, *price));
        assert_eq!(told().await, ["5 7 5 7", "6 6 6 6"], "nothing is stored");
        history.daily_handed_over();
        history.note_daily(&ticker, second, Decimal::from(4));
        assert_eq!(told().await, ["5 7 5 7", "6 6 4 4"], "a part is being stored");
        history.store.record_bars(0, &prices).await.unwrap();
        assert_eq!(told().await, ["5 7 5 7", "6 6 4 4"], "it is stored, and not confirmed");
        history.daily_stored();
        assert_eq!(told().await, ["5 7 5 7", "6 6 4 4"]);
        history.daily_handed_over();
        history.daily_stored();
        assert_eq!(told().await, ["5 7 5 7", "6 6 6 6"], "what was given up is not told");
        assert_eq!(history.daily(&ticker, second, first, at("2026-11-03T10:00:00Z")).await.unwrap(), []);
    }

    #[tokio::test]
    async fn where_a_source_fails_the_store_and_what_is_observed_stand_in() {
        let (history, _folder) = history(Sources::open(vec![Arc::new(Failing)]).await.unwrap()).await;
        let broken: Ticker = "BROKEN".parse().unwrap();
        let (now, day) = (at("2026-11-02T10:00:00Z"), SignedDuration::from_hours(24));
        history.store.record_bars(0, &[(broken.clone(), utc_date(now), Decimal::ONE)]).await.unwrap();
        let daily = history.daily(&broken, utc_date(now), utc_date(now), now).await.unwrap();
        assert_eq!((daily.len(), history.hourly(&broken, day, now).await), (1, None));
        history.follow(&broken, now).await;
        assert_eq!(history.intraday(&broken, day, now), []);
        assert!(!history.observed()[&broken].is_asked, "it is asked again");
    }
}
