//! What pages are rendered from, at a cursor.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use rust_decimal::Decimal;

use crate::domain::activity::{Activity, ActivityKind};
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::domain::position::{Ledger, Position};
use crate::domain::quote::Quote;
use crate::domain::rates::{RateObservation, Rates, currency_pair};
use crate::domain::valuation::rounded;
use crate::server::history::{INTRADAY_STEP, utc_date};
use crate::server::sse::filter::{Endpoint, Filter, MAX_TICKERS};
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::views::{
    ActivityView, BarView, InstrumentPageView, LotView, OverviewView, PageView, PointView, PortfolioView, QuoteView,
};

use super::{Hub, instrument_view, read_ticker};

/// Notifications a page begins with.
const NEWEST: u32 = 20;

/// Points of a sparkline.
const SPARKLINE_POINTS: usize = 40;

/// The span a line over today covers.
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Hub {
    /// Returns what every page needs: the portfolio asked for (or the first), and the quotes its stream follows, all at one
    /// cursor. With `metrics` the stream also tells how the workers are doing.
    pub async fn page(&self, portfolio: Option<&str>, tickers: &[String], metrics: bool) -> Result<PageView, ApiError> {
        let portfolios = self.portfolios().await?;
        let chosen = match portfolio {
            Some(id) if portfolios.iter().any(|known| known.portfolio_id == id) => Some(id.to_owned()),
            Some(_) => return Err(ApiError::not_found("portfolio")),
            None => portfolios.first().map(|first| first.portfolio_id.clone()),
        };
        let filter = Filter::new(Endpoint::Stream, chosen.as_deref(), self.followed(chosen.as_deref(), tickers), true);
        let filter = filter.with_metrics(metrics);
        let state = self.0.board.page(&filter);
        let notifications = self.0.store.newest_notifications(NEWEST).await?;
        let portfolio = state.valuation.as_ref().zip(chosen.as_deref());
        let portfolio = portfolio.map(|((valuation, time), id)| PortfolioView::new(id, valuation, *time));
        Ok(PageView {
            cursor: state.cursor,
            stream: stream_address(&filter),
            server_time: self.now(),
            status: state.status,
            feed: self.0.feed,
            instruments: filter
                .tickers
                .iter()
                .filter_map(|ticker| self.0.board.instrument(ticker))
                .map(|found| instrument_view(&found))
                .collect(),
            quotes: state.quotes.iter().map(QuoteView::from).collect(),
            alerts: state.alerts,
            unread_count: self.0.store.unread_count().await?,
            portfolios,
            portfolio,
            notifications,
        })
    }

    /// Returns the tickers of a page's stream: those asked for, what is held, and what alerts watch; at most 200.
    fn followed(&self, portfolio: Option<&str>, asked: &[String]) -> Vec<Ticker> {
        let ledger = portfolio.and_then(|id| self.0.board.ledger(id));
        let held = ledger.iter().flat_map(|ledger| ledger.positions.values()).filter(|position| !position.quantity.is_zero());
        let asked = asked.iter().filter_map(|text| read_ticker(text).ok());
        let watched = self.0.board.alerts().into_iter().map(|alert| alert.ticker);
        let mut tickers: Vec<Ticker> = Vec::new();
        for ticker in asked.chain(held.map(|position| position.ticker.clone())).chain(watched) {
            if tickers.len() < MAX_TICKERS && !tickers.contains(&ticker) {
                tickers.push(ticker);
            }
        }
        tickers
    }

    /// Returns the overview's line, sparklines and income.
    pub async fn overview(&self, portfolio_id: &str) -> Result<OverviewView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let ledger = self.0.board.ledger(portfolio_id).ok_or_else(|| ApiError::not_found("portfolio"))?;
        let activities = self.0.store.activities(portfolio_id).await?;
        let previous_value = self.0.board.valuation(portfolio_id).and_then(|(valuation, _)| valuation.previous_value);
        let today = Today::of(self, &ledger);
        Ok(OverviewView {
            line: today.line(&ledger),
            previous_value: previous_value.map(rounded),
            sparklines: today.sparklines(),
            income_this_year: income_since(&activities, row.currency, first_of_year(self.today())),
        })
    }

    /// Returns an instrument's page; 404 for a ticker nobody knows, 400 for a range there is not.
    pub async fn instrument_page(
        &self,
        ticker: &str,
        range: &str,
        portfolio: Option<&str>,
    ) -> Result<InstrumentPageView, ApiError> {
        let ticker = read_ticker(ticker).map_err(|_| ApiError::not_found("ticker"))?;
        let instrument = self.0.board.instrument(&ticker).ok_or_else(|| ApiError::not_found("ticker"))?;
        let bars = self.bars_over(&ticker, range).await?;
        let first = match portfolio {
            Some(id) => Some(id.to_owned()),
            None => self.0.store.portfolios().await?.into_iter().next().map(|row| row.portfolio_id),
        };
        let ledger = first.as_deref().and_then(|id| self.0.board.ledger(id));
        let position = ledger.as_ref().and_then(|ledger| ledger.positions.get(&ticker));
        let activities = match first.as_deref() {
            Some(id) => self.activities(id).await?,
            None => Vec::new(),
        };
        Ok(InstrumentPageView {
            instrument: instrument_view(&instrument),
            bars,
            lots: position.map(lots).unwrap_or_default(),
            activities: activities
                .into_iter()
                .filter(|activity: &ActivityView| activity.ticker.as_ref() == Some(&ticker))
                .collect(),
            average_cost_basis: position.filter(|held| !held.quantity.is_zero()).map(|held| rounded(held.average.cost_base)),
            realized_pnl: position.map_or(Decimal::ZERO, |held| rounded(held.fifo.realized_base)),
            income: position.map_or(Decimal::ZERO, |held| rounded(held.income_base)),
        })
    }

    async fn bars_over(&self, ticker: &Ticker, range: &str) -> Result<Vec<BarView>, ApiError> {
        let until = self.market_time(ticker);
        let back = match range {
            "1d" => return Ok(self.0.history.intraday(ticker, DAY, until)),
            "1w" => Span::new().days(7),
            "1m" => Span::new().months(1),
            "1y" => Span::new().years(1),
            "5y" => Span::new().years(5),
            _ => {
                return Err(ApiError {
                    field: Some("range".to_owned()),
                    ..ApiError::new(ErrorCode::BadRequest, "choose 1d, 1w, 1m, 1y or 5y")
                });
            }
        };
        let to = utc_date(until);
        let from = to.checked_sub(back).unwrap_or(Date::MIN);
        if range == "1w" && self.0.history.models(ticker) {
            return Ok(self.0.history.hourly(ticker, SignedDuration::from_hours(7 * 24), until));
        }
        Ok(self.0.history.daily(ticker, from, to, until).await?)
    }
}

/// Writes the address of a filter's stream.
fn stream_address(filter: &Filter) -> String {
    let mut address = String::from("/api/v1/sse/stream?notifications=true");
    if filter.metrics {
        address.push_str("&metrics=true");
    }
    if let Some(portfolio) = &filter.portfolio {
        address.push_str("&portfolio=");
        address.push_str(portfolio);
    }
    for (index, ticker) in filter.tickers.iter().enumerate() {
        address.push_str(if index == 0 { "&tickers=" } else { "," });
        // `^` and `=` may stand in a ticker; both are escaped so that every reader of queries agrees.
        address.push_str(&ticker.as_str().replace('^', "%5E").replace('=', "%3D"));
    }
    address
}

fn lots(position: &Position) -> Vec<LotView> {
    let view = |lot: &crate::domain::position::Lot| LotView {
        time: lot.time,
        date: lot.date_only.then(|| utc_date(lot.time)),
        quantity: lot.quantity,
        unit_cost: rounded(lot.cost.checked_div(lot.quantity).unwrap_or_default()),
        cost_basis: rounded(lot.cost_base),
    };
    position.lots.iter().map(view).collect()
}

/// Sums dividends and interest in the portfolio's currency, each at its own rate.
fn income_since(activities: &[Activity], base: Currency, from: Date) -> Decimal {
    let counts = |activity: &&Activity| {
        matches!(activity.kind, ActivityKind::Dividend | ActivityKind::Interest) && utc_date(activity.time) >= from
    };
    let converted = |activity: &Activity| {
        let major = activity.amount.checked_div(activity.currency.units_per_major())?;
        let rate = if activity.currency.major() == base { Decimal::ONE } else { activity.exchange_rate };
        major.checked_mul(rate)
    };
    let sum = activities.iter().filter(counts).filter_map(converted).try_fold(Decimal::ZERO, Decimal::checked_add);
    rounded(sum.unwrap_or_default())
}

fn first_of_year(date: Date) -> Date {
    Date::new(date.year(), 1, 1).unwrap_or(date)
}

/// Today's prices of everything a ledger's value depends on.
struct Today {
    held: Vec<(Position, Option<Quote>, Vec<BarView>)>,
    currencies: Vec<(Quote, Vec<BarView>)>,
}

impl Today {
    fn of(hub: &Hub, ledger: &Ledger) -> Self {
        let bars = |ticker: &Ticker| hub.0.history.intraday(ticker, DAY, hub.market_time(ticker));
        let open = ledger.positions.values().filter(|position| !position.quantity.is_zero());
        let held = open.map(|position| (position.clone(), hub.0.board.quote(&position.ticker), bars(&position.ticker)));
        let pairs = hub.0.board.quotes().into_iter().filter(|quote| currency_pair(&quote.ticker).is_some());
        Self {
            held: held.collect(),
            currencies: pairs
                .map(|quote| {
                    let bars = bars(&quote.ticker);
                    (quote, bars)
                })
                .collect(),
        }
    }

    fn sparklines(&self) -> Vec<(Ticker, Vec<Decimal>)> {
        self.held.iter().map(|(position, _, bars)| (position.ticker.clone(), thinned(bars))).collect()
    }

    /// Values what is held now at each of the day's moments. Trades of today count as if they had been made before it, so
    /// that the line shows what the market did and ends at the value of now.
    fn line(&self, ledger: &Ledger) -> Vec<PointView> {
        let session = self.held.iter().filter_map(|(_, quote, _)| quote.as_ref()).map(|quote| quote.session_start).max();
        let times: BTreeSet<Timestamp> = self
            .held
            .iter()
            .flat_map(|(_, _, bars)| bars.iter().map(|bar| bar.time))
            .filter(|time| session.is_none_or(|session| *time >= session))
            .collect();
        times
            .iter()
            .filter_map(|time| Some(PointView { time: end_of(*time), value: rounded(self.value_at(ledger, *time)?) }))
            .collect()
    }

    fn value_at(&self, ledger: &Ledger, time: Timestamp) -> Option<Decimal> {
        let mut rates = Rates::default();
        for (quote, bars) in &self.currencies {
            let (base, quoted) = currency_pair(&quote.ticker)?;
            let rate = price_at(bars, time).or(quote.previous_close).unwrap_or(quote.price);
            // By the way of today's value, whatever the time: the line must not jump where another pair is fresher.
            let at = quote.time.min(quote.received_at);
            rates.insert(base, quoted, RateObservation { rate, previous: None, at });
        }
        let mut value = Decimal::ZERO;
        for (position, quote, bars) in &self.held {
            let quote = quote.as_ref()?;
            let price = price_at(bars, time).or(quote.previous_close).unwrap_or(quote.price);
            let rate = rates.rate(quote.currency.major(), ledger.base)?;
            let major = price.checked_div(quote.currency.units_per_major())?;
            value = value.checked_add(position.quantity.checked_mul(major)?.checked_mul(rate)?)?;
        }
        if !ledger.cash_tracked {
            return Some(value);
        }
        let cash: BTreeMap<Currency, Decimal> = ledger.cash.values().map(|account| (account.currency, account.amount)).collect();
        cash.into_iter()
            .try_fold(value, |sum, (currency, amount)| sum.checked_add(amount.checked_mul(rates.rate(currency, ledger.base)?)?))
    }
}

/// Returns the close of the bar at or before a time.
fn price_at(bars: &[BarView], time: Timestamp) -> Option<Decimal> {
    let index = bars.partition_point(|bar| bar.time <= time);
    bars[..index].last().map(|bar| bar.close)
}

/// Returns the moment a bar's close stands for.
fn end_of(start: Timestamp) -> Timestamp {
    start.checked_add(INTRADAY_STEP).unwrap_or(start)
}

/// Returns closes at even steps, the last one always among them.
fn thinned(bars: &[BarView]) -> Vec<Decimal> {
    let step = bars.len().div_ceil(SPARKLINE_POINTS).max(1);
    let mut closes: Vec<Decimal> = bars.iter().rev().step_by(step).map(|bar| bar.close).collect();
    closes.reverse();
    closes
}
