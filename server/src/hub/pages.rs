//! What pages are rendered from, at a cursor.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;

use crate::board::{Endpoint, Filter, MAX_TICKERS, PageState, told_id};
use crate::history::utc_date;
use crate::store::PortfolioRow;
use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::performance::{DividendYear, Held, Today, dividends_by_year, income_since};
use foliostream::domain::position::{Ledger, Position};
use foliostream::domain::rates::{Rates, currency_pair};
use foliostream::domain::statistics::Statistics;
use foliostream::domain::valuation::rounded;
use foliostream::wire::commands::parse_note;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::range::Range;
use foliostream::wire::views::{
    AlertView, BarView, DividendYearView, DividendsView, InstrumentPageView, LotView, NotificationView, OverviewView, PageView,
    PastView, PointView, PortfolioSummary, PortfolioView, QuoteView, StatisticsView,
};
use foliostream::words::{Answers, Refusals, Sentence};

use super::entries::new_instrument;
use super::shown::Shown;
use super::{Acting, DAY, DEMO_PORTFOLIO, at, read_ticker};

/// Notifications a page begins with.
const NEWEST: u32 = 20;

/// Points of a sparkline.
const SPARKLINE_POINTS: usize = 40;

impl Acting {
    /// Returns what every page needs: the portfolio asked for (or the first, or `all` together), and the quotes its stream follows, all at one
    /// cursor. With `metrics` the stream also carries how the workers are doing.
    pub async fn page(&self, portfolio: Option<&str>, tickers: &[String], metrics: bool) -> Result<PageView, ApiError> {
        let portfolios = self.portfolios().await?;
        let default_portfolio = self.store().default_portfolio().await?;
        let chosen = match portfolio {
            Some(id) if portfolios.iter().any(|known| known.portfolio_id == id) => Some(id.to_owned()),
            Some(PortfolioView::ALL) => Some(self.key_of(PortfolioView::ALL).await?),
            Some(_) => return Err(ApiError::not_found(Refusals::no_such_portfolio())),
            None => {
                let is_default = |known: &&PortfolioSummary| Some(&known.portfolio_id) == default_portfolio.as_ref();
                portfolios.iter().find(is_default).or(portfolios.first()).map(|first| first.portfolio_id.clone())
            }
        };
        let tickers = tickers.to_vec();
        // A valuation takes a while where much is held.
        let portfolio_id = chosen.as_deref().map(told_id).map(str::to_owned);
        let (filter, state, portfolio) = self.aside(move |hub| hub.page_state(chosen.as_deref(), &tickers, metrics)).await?;
        let notifications = self.store().newest_notifications(NEWEST).await?;
        let typical_days = self.typical_days(watched(&state.alerts, &filter.tickers)).await;
        let demo = self.parts.ground.store.get_setting(DEMO_PORTFOLIO).await?;
        let demo = demo.filter(|id| portfolios.iter().any(|known| &known.portfolio_id == id));
        Ok(PageView {
            cursor: state.cursor,
            stream: stream_address(&filter),
            server_time: self.now(),
            status: state.status,
            natures: self.parts.sources.natures(),
            demo,
            default_portfolio,
            instruments: filter
                .tickers
                .iter()
                .filter_map(|ticker| self.parts.ground.board.instrument(ticker))
                .map(|found| self.instrument_view(&found))
                .collect(),
            quotes: state.quotes.iter().map(QuoteView::from).collect(),
            alerts: state.alerts,
            typical_days,
            unread_count: self.store().unread_count().await?,
            portfolio_values: self.portfolio_values(&portfolios).await?,
            portfolios,
            portfolio_id,
            portfolio,
            holdings_count: state.valuation.as_ref().map_or(0, |(valuation, _)| valuation.holdings.len()),
            notifications: notifications.into_iter().map(NotificationView::from).collect(),
        })
    }

    /// Returns what each of several portfolios is worth, as far as it has a value.
    async fn portfolio_values(&self, portfolios: &[PortfolioSummary]) -> Result<Vec<(String, Decimal)>, ApiError> {
        if portfolios.len() < 2 {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = portfolios.iter().map(|portfolio| portfolio.portfolio_id.clone()).collect();
        let valued = |hub: &Self, id: String| hub.parts.ground.board.total_value(&id).map(|value| (id, value));
        self.aside(move |hub| ids.into_iter().filter_map(|id| valued(hub, id)).collect()).await
    }

    /// Reads the board for a page: the filter of its stream, everything at one cursor, and the portfolio's largest holdings.
    fn page_state(
        &self,
        portfolio: Option<&str>,
        tickers: &[String],
        metrics: bool,
    ) -> (Filter, PageState, Option<PortfolioView>) {
        let filter = Filter::new(Endpoint::Stream, portfolio, self.followed(portfolio, tickers), Some(self.actor.user.clone()))
            .with_metrics(metrics);
        let state = self.parts.ground.board.page(&filter);
        let valued = state.valuation.as_ref().zip(portfolio);
        let view =
            valued.map(|((valuation, time), id)| PortfolioView::largest(told_id(id), valuation, *time, PageView::HOLDINGS));
        (filter, state, view)
    }

    /// Returns the tickers of a page's stream: those asked for, what is held, and what alerts watch; at most 200.
    fn followed(&self, portfolio: Option<&str>, asked: &[String]) -> Vec<Ticker> {
        let ledger = portfolio.and_then(|id| self.parts.ground.board.ledger(id));
        let held = ledger.iter().flat_map(|ledger| ledger.positions.values()).filter(|position| !position.quantity.is_zero());
        let asked = asked.iter().filter_map(|text| read_ticker(text).ok());
        let watched = self.parts.ground.board.alerts(&self.actor.user).into_iter().map(|alert| alert.ticker);
        let mut tickers: Vec<Ticker> = Vec::new();
        for ticker in asked.chain(held.map(|position| position.ticker.clone())).chain(watched) {
            if tickers.len() < MAX_TICKERS && !tickers.contains(&ticker) {
                tickers.push(ticker);
            }
        }
        tickers
    }

    /// Returns the overview's chart, sparklines and income; 400 for an unknown range.
    ///
    /// The year is that of the reader's zone: it begins when she says so.
    pub async fn overview(&self, portfolio_id: &str, range: Option<&str>, zone: &TimeZone) -> Result<OverviewView, ApiError> {
        let asked = range.map(|word| read_range(&Range::OF_VALUES, word, Refusals::choose_a_range_of_value)).transpose()?;
        let shown = self.shown(portfolio_id).await?;
        let ledger = self.parts.ground.board.ledger(&shown.key).ok_or_else(|| self.without_value(&shown.key))?;
        let income_this_year = self.income_this_year(&shown, ledger.base, zone).await?;
        self.ask_for_today(&ledger).await;
        let (range, past) = self.past(&shown.rows, ledger.base, asked, ledger.positions.len()).await?;
        let valued = self.aside(move |hub| hub.valued_today(&shown.key, &ledger, range)).await?;
        Ok(OverviewView { income_this_year, past, ..valued })
    }

    /// Sums the dividends and the interest of the reader's year, in a currency.
    async fn income_this_year(&self, shown: &Shown, base: Currency, zone: &TimeZone) -> Result<Decimal, ApiError> {
        let year = first_of_year(self.now().to_zoned(zone.clone()).date());
        let since = day_before(year);
        let mut sum = Decimal::ZERO;
        for row in &shown.rows {
            let paid = self.store().income_activities(&row.portfolio_id, since).await?;
            let reporting = if row.currency == base { None } else { self.reporting(row.currency, base, since).await? };
            if row.currency == base || reporting.is_some() {
                let income = income_since(&paid, row.currency, reporting.as_ref(), year, zone);
                sum = sum.checked_add(income).unwrap_or(sum);
            }
        }
        Ok(sum)
    }

    /// Returns the overview without its income and its past.
    fn valued_today(&self, portfolio_id: &str, ledger: &Arc<Ledger>, range: Range) -> OverviewView {
        let valuation = self.parts.ground.board.valuation(portfolio_id).map(|(valuation, _)| valuation);
        let shown = valuation.iter().flat_map(|valuation| &valuation.holdings).take(PageView::HOLDINGS);
        let shown: Vec<Ticker> = shown.map(|holding| holding.ticker.clone()).collect();
        let today = self.prices_of_today(ledger);
        let sparkline = |ticker: Ticker| {
            let prices = today.prices(&ticker, SPARKLINE_POINTS);
            (ticker, prices)
        };
        let line = if range == Range::Day { today.line(ledger) } else { Vec::new() };
        OverviewView {
            range,
            past: None,
            is_past_too_large: range != Range::Day && ledger.positions.len() > PastView::MOST_INSTRUMENTS,
            net_contributions: ledger.net_contributions().ok().map(rounded),
            line: line.into_iter().map(|(time, value)| PointView { time, value }).collect(),
            previous_value: valuation.and_then(|valuation| valuation.previous_value).map(rounded),
            sparklines: shown.into_iter().map(sparkline).collect(),
            income_this_year: Decimal::ZERO,
        }
    }

    /// Has the day's prices ready that [`prices_of_today`](Self::prices_of_today) reads: sources may have to be asked for them.
    async fn ask_for_today(&self, ledger: &Ledger) {
        let held = ledger.positions.values().filter(|position| !position.quantity.is_zero()).map(|position| &position.ticker);
        let pairs = self.parts.ground.board.quotes_where(|ticker| currency_pair(ticker).is_some());
        for ticker in held.chain(pairs.iter().map(|quote| &quote.ticker)) {
            self.parts.ground.history.follow(ticker, self.market_time(ticker)).await;
        }
    }

    /// Reads the day's prices of what a ledger holds, and of all currency pairs.
    fn prices_of_today(&self, ledger: &Ledger) -> Today {
        let bars = |ticker: &Ticker| self.parts.ground.history.intraday(ticker, DAY, self.market_time(ticker));
        let pairs = self.parts.ground.board.quotes_where(|ticker| currency_pair(ticker).is_some());
        let currencies = pairs.into_iter().map(|quote| {
            let bars = bars(&quote.ticker);
            (quote, bars)
        });
        let held = |ticker: &Ticker| Held { quote: self.parts.ground.board.quote(ticker), bars: bars(ticker) };
        Today::of(ledger, held, currencies.collect())
    }

    /// Returns an instrument's page; 404 for an unknown ticker, 400 for an unknown range.
    pub async fn instrument_page(
        &self,
        ticker: &str,
        range: &str,
        portfolio: Option<&str>,
    ) -> Result<InstrumentPageView, ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
        let instrument = self.known_or_held(&ticker).await?;
        let bars = self.bars_over(&ticker, range).await?;
        let first = match portfolio {
            Some(id) => Some(id.to_owned()),
            None => self.store().portfolios().await?.into_iter().next().map(|row| row.portfolio_id),
        };
        let shown = match first {
            // A portfolio that is gone meanwhile has nothing of it.
            Some(id) => self.shown(&id).await.ok(),
            None => None,
        };
        let ledger = shown.as_ref().and_then(|shown| self.parts.ground.board.ledger(&shown.key));
        let position = ledger.as_ref().and_then(|ledger| ledger.positions.get(&ticker));
        let rows = shown.as_ref().map(|shown| shown.rows.as_slice()).unwrap_or_default();
        let (activities, activities_count) = self.newest_activities(rows, &ticker, InstrumentPageView::ENTRIES).await?;
        Ok(InstrumentPageView {
            instrument: self.instrument_view(&instrument),
            bars: bars.into_iter().map(BarView::from).collect(),
            lots: position.map(|position| self.lots(position, instrument.currency)).unwrap_or_default(),
            lots_count: position.map_or(0, |held| held.lots.len()),
            activities,
            activities_count,
            average_cost_basis: position.filter(|held| !held.quantity.is_zero()).map(|held| rounded(held.average.cost_base)),
            realized_pnl: position.map_or(Decimal::ZERO, |held| rounded(held.fifo.realized_base)),
            average_realized_pnl: position.map_or(Decimal::ZERO, |held| rounded(held.average.realized_base)),
            statistics: self.statistics(&ticker).await?,
            note: self.store().instrument_note(&ticker).await?,
            income: position.map_or(Decimal::ZERO, |held| rounded(held.income_base)),
            dividends: self.dividends(rows, &ticker).await?,
            entered: self.entered(&instrument).await?,
        })
    }

    /// Returns the last close of an instrument on or before a day, at most a week before it; 404 for an unknown ticker, 400 for what is
    /// no day.
    pub async fn close_of_day(&self, ticker: &str, day: &str) -> Result<Option<PointView>, ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
        self.known_or_held(&ticker).await?;
        let refusal =
            |_| ApiError { field: Some("day".to_owned()), ..ApiError::new(ErrorCode::BadRequest, Answers::not_a_date()) };
        let to: Date = day.parse().map_err(refusal)?;
        let from = to.checked_sub(1.week()).unwrap_or(Date::MIN);
        let bars = self.parts.ground.history.daily(&ticker, from, to, self.market_time(&ticker)).await?;
        Ok(bars.last().map(|bar| PointView { time: bar.time, value: bar.close }))
    }

    /// Returns what an instrument paid by year, over portfolios.
    async fn dividends(&self, rows: &[PortfolioRow], ticker: &Ticker) -> Result<Option<DividendsView>, ApiError> {
        let mut paid = Vec::new();
        for row in rows {
            let income = self.store().income_activities(&row.portfolio_id, Timestamp::UNIX_EPOCH).await?;
            paid.extend(income.into_iter().filter(|activity| activity.ticker.as_ref() == Some(ticker)));
        }
        let view = |year: DividendYear| DividendYearView { year: year.year, gross: rounded(year.gross), net: rounded(year.net) };
        let by_year = dividends_by_year(&paid, &TimeZone::UTC);
        Ok(by_year.map(|(currency, years)| DividendsView { currency, years: years.into_iter().map(view).collect() }))
    }

    /// Keeps a note about an instrument in place of the one before; an empty one is forgotten. 404 for an unknown ticker.
    pub async fn set_instrument_note(&self, ticker: &str, note: &str) -> Result<(), ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found(Refusals::no_such_ticker()))?;
        let ticker = self.known_or_held(&ticker).await?.ticker.clone();
        let note = parse_note(Some(note)).map_err(at("note"))?;
        Ok(self.store().set_instrument_note(&ticker, note.as_deref(), self.now()).await?)
    }

    /// Returns every note of the user about an instrument.
    pub async fn instrument_notes(&self) -> Result<Vec<(String, String)>, ApiError> {
        Ok(self.store().instrument_notes().await?)
    }

    /// Returns an instrument that is known, or one that is held without being known: entered before that was asked about.
    async fn known_or_held(&self, ticker: &Ticker) -> Result<Arc<Instrument>, ApiError> {
        if let Some(known) = self.instrument(ticker).await? {
            return Ok(known);
        }
        for row in self.store().portfolios().await? {
            let ledger = self.parts.ground.board.ledger(&row.portfolio_id);
            if let Some(position) = ledger.as_ref().and_then(|ledger| ledger.positions.get(ticker)) {
                let currency = position.lots.first().map_or(row.currency, |lot| lot.currency);
                return Ok(Arc::new(new_instrument(ticker, currency)));
            }
        }
        Err(ApiError::not_found(Refusals::no_such_ticker()))
    }

    /// Returns the open lots, their costs made comparable with the price of an instrument that is quoted in `quoted`.
    fn lots(&self, position: &Position, quoted: Currency) -> Vec<LotView> {
        let rates = Rates::from_quotes(self.parts.ground.board.quotes().iter());
        let shown = position.lots.iter().take(InstrumentPageView::ENTRIES);
        shown.map(|lot| LotView::new(lot, quoted, rates.rate(lot.currency, quoted))).collect()
    }

    /// Returns what an instrument did in its session and in 52 weeks.
    async fn statistics(&self, ticker: &Ticker) -> Result<StatisticsView, ApiError> {
        let until = self.market_time(ticker);
        let quote = self.parts.ground.board.quote(ticker);
        let to = utc_date(until);
        let from = to.checked_sub(52.weeks()).unwrap_or(Date::MIN);
        let daily = self.parts.ground.history.daily(ticker, from, to, until).await?;
        let session = quote.as_ref().map_or(Timestamp::MIN, |quote| quote.session_start);
        let told = Statistics::of(&self.bars_of_day(ticker).await, session, &daily);
        Ok(StatisticsView {
            open: told.open,
            high: told.high,
            low: told.low,
            year_high: told.year_high,
            year_low: told.year_low,
            // A source whose prices have no volume may know that of the day.
            volume: quote.and_then(|quote| quote.volume).or_else(|| daily.last().filter(|day| utc_date(day.time) == to)?.volume),
            average_volume: told.average_volume,
        })
    }

    async fn bars_over(&self, ticker: &Ticker, range: &str) -> Result<Vec<Bar>, ApiError> {
        let until = self.market_time(ticker);
        let range = read_range(&Range::OF_PRICES, range, Refusals::choose_a_range)?;
        let Some(back) = range.span().filter(|_| range != Range::Day) else { return Ok(self.bars_of_day(ticker).await) };
        let to = utc_date(until);
        let from = to.checked_sub(back).unwrap_or(Date::MIN);
        if range == Range::Week
            && let Some(bars) = self.parts.ground.history.hourly(ticker, SignedDuration::from_hours(7 * 24), until).await
        {
            return Ok(bars);
        }
        Ok(self.parts.ground.history.daily(ticker, from, to, until).await?)
    }
}

/// Returns those of the followed tickers that an alert watches.
fn watched(alerts: &[AlertView], followed: &[Ticker]) -> Vec<Ticker> {
    let watched: BTreeSet<&Ticker> = alerts.iter().map(|alert| &alert.ticker).collect();
    followed.iter().filter(|ticker| watched.contains(ticker)).cloned().collect()
}

/// Reads the word of a range, one of those that a chart has.
fn read_range(among: &[Range], word: &str, refusal: fn() -> Sentence) -> Result<Range, ApiError> {
    Range::read(among, word)
        .ok_or_else(|| ApiError { field: Some("range".to_owned()), ..ApiError::new(ErrorCode::BadRequest, refusal()) })
}

/// Writes the address of a filter's stream, which a page always follows in the compact form.
fn stream_address(filter: &Filter) -> String {
    let mut address = String::from("/api/v1/sse/stream?format=compact&notifications=true");
    if filter.metrics {
        address.push_str("&metrics=true");
    }
    if let Some(portfolio) = &filter.portfolio {
        address.push_str("&portfolio=");
        address.push_str(told_id(portfolio));
    }
    for (index, ticker) in filter.tickers.iter().enumerate() {
        address.push_str(if index == 0 { "&tickers=" } else { "," });
        // `^` and `=` may stand in a ticker; both are escaped so that every reader of queries agrees.
        address.push_str(&ticker.as_str().replace('^', "%5E").replace('=', "%3D"));
    }
    address
}

/// Returns a moment by which the day before a date has begun, wherever the day is counted.
fn day_before(date: Date) -> Timestamp {
    let day_before = date.yesterday().unwrap_or(date);
    TimeZone::UTC.to_timestamp(day_before.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

fn first_of_year(date: Date) -> Date {
    Date::new(date.year(), 1, 1).unwrap_or(date)
}
