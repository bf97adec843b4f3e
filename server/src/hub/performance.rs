//! How portfolios did over a period: returns, gains, and where they came from. All of it comes from one fold of the activities, the
//! closes of the days, and at the end of today from the live valuation, so that it cannot disagree with the overview.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;

use super::books::Book;
use super::periods::{LEAST, Period};
use super::scope::Scope;
use super::shown::Shown;
use super::{Acting, read_ticker};
use crate::history::utc_date;
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::{Currency, percent};
use foliostream::domain::performance::{
    Breakdown, CostMethod, DayEnd, Measure, NoRate, Past, PastPoint, Prices, Returns, Standing, gains_between, xirr,
};
use foliostream::domain::position::{Ledger, Position};
use foliostream::domain::quote::Quote;
use foliostream::domain::rates::Rates;
use foliostream::domain::valuation::{Valuation, rounded, value};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::range::Range;
use foliostream::wire::views::{
    BenchmarkPointView, BenchmarkView, BreakdownView, DrawdownView, HoldingGainView, MonthReturnView, PastView,
    PerformancePointView, PerformanceQuery, PerformanceView,
};
use foliostream::words::Refusals;

/// The most instruments to compare with.
const MOST_BENCHMARKS: usize = 3;

/// The figures of all portfolios at one moment.
struct Moment {
    ledger: Ledger,
    valuation: Valuation,
    /// What has no price or no rate.
    incomplete: Vec<Ticker>,
}

impl Moment {
    /// Values a ledger; nothing where a sum outgrows a decimal. What has no quote, or no rate for it, is worth what it was last traded at,
    /// as it is on all days before: left out, it would look as if it had lost everything.
    fn of(ledger: Ledger, quote: impl Fn(&Position) -> Option<Quote>, rates: &Rates, moment: Timestamp) -> Option<Self> {
        let (mut quotes, mut incomplete) = (HashMap::new(), BTreeSet::new());
        for position in ledger.positions.values().filter(|position| !position.quantity.is_zero()) {
            let ticker = &position.ticker;
            let known = quote(position).filter(|quote| rates.rate(quote.currency.major(), ledger.base).is_some());
            if known.is_none() {
                incomplete.insert(ticker.clone());
            }
            let traded = || Some(Quote::of_close(ticker.clone(), position.traded_at()?, ledger.base, moment));
            quotes.extend(known.or_else(traded).map(|quote| (ticker.clone(), quote)));
        }
        let valuation = value(&ledger, |ticker| quotes.get(ticker), rates).ok()?;
        incomplete.extend(valuation.incomplete.iter().cloned());
        Some(Self { ledger, valuation, incomplete: incomplete.into_iter().collect() })
    }

    fn standing(&self) -> Standing<'_> {
        Standing { ledger: &self.ledger, valuation: &self.valuation }
    }
}

impl Acting {
    /// Returns how a portfolio did over a period, or `all` of them together. 404 for an unknown portfolio or benchmark, 400 for an unknown
    /// range, 422 for days that are none.
    pub async fn performance(&self, portfolio_id: &str, query: &PerformanceQuery) -> Result<PerformanceView, ApiError> {
        let benchmarks = self.read_benchmarks(query.benchmark.as_deref()).await?;
        let method = read_method(query.cost.as_deref())?;
        let shown = self.shown(portfolio_id).await?;
        let ledger = self.parts.ground.board.ledger(&shown.key).ok_or_else(|| self.without_value(&shown.key))?;
        let scope = self.read_scope(portfolio_id, query).await?;
        let mut books = self.books(&shown.rows, ledger.base).await?;
        books.iter_mut().for_each(|book| scope.narrow(book));
        let today = utc_date(self.now());
        let first = books.iter().flat_map(|book| &book.activities).map(|activity| utc_date(activity.time)).min().unwrap_or(today);
        let period = Period::read(query, first, today)?;
        let figured = self.figured(&shown, &scope, books, ledger, period, method).await?;
        let mut compared = Vec::with_capacity(benchmarks.len());
        for ticker in benchmarks {
            compared.push(self.benchmark(ticker, period).await?);
        }
        Ok(PerformanceView { benchmarks: compared, ..figured })
    }

    async fn figured(
        &self,
        shown: &Shown,
        scope: &Scope,
        books: Vec<Book>,
        whole: Arc<Ledger>,
        period: Period,
        method: CostMethod,
    ) -> Result<PerformanceView, ApiError> {
        let (now, base) = (self.now(), whole.base);
        let ends = period.ends();
        // A close is known from the next day on: the moments at which closes and rates are looked up are those beginnings.
        let begins: Vec<Timestamp> = ends.iter().map(|end| end.checked_add(LEAST).unwrap_or(*end)).collect();
        let begin = begins.first().copied().unwrap_or(now);
        let rates = self.rates_at(&begins, Range::All, begin, now).await?;
        let moments = ends.clone();
        let folded = move |_: &Self| {
            let pasts: Vec<Past> = books.iter().filter_map(|book| book.past(moments.clone()).ok()).collect();
            (books, pasts)
        };
        let (books, mut pasts) = self.aside(folded).await?;
        let mut prices = HashMap::new();
        let tickers: BTreeSet<Ticker> = pasts.iter().flat_map(Past::tickers).collect();
        if tickers.len() > PastView::MOST_INSTRUMENTS {
            return Err(ApiError::new(ErrorCode::Unprocessable, Refusals::too_many_instruments()));
        }
        for ticker in tickers {
            let written_in = pasts.iter().find_map(|past| past.written_in(&ticker)).unwrap_or(base);
            let mut closes = self.closes(&ticker, Range::All, begin, now, written_in).await?;
            closes.closes.iter_mut().for_each(|(known, _)| *known = known.checked_sub(LEAST).unwrap_or(*known));
            pasts.iter_mut().for_each(|past| past.add(&ticker, &closes, &rates));
            prices.insert(ticker, closes);
        }
        let live = if scope.is_all() { self.live(shown, period) } else { self.live_of(&books, period) };
        let view = move |_: &Self| {
            let points = Past::together(&pasts, &rates);
            let [first, last] = [rates.first(), rates.last()].map(|rates| rates.cloned().unwrap_or_default());
            let start = at_moment(&books, base, ends.first().copied().unwrap_or(now), &prices, &first, &whole)?;
            let end = match live {
                Some(live) => live,
                None => at_moment(&books, base, ends.last().copied().unwrap_or(now), &prices, &last, &whole)?,
            };
            told(period, &points, &start, &end, method)
        };
        self.aside(view).await?.ok_or_else(|| ApiError::new(ErrorCode::Unprocessable, Refusals::too_large_to_value()))
    }

    /// Returns what all is worth now, where the period ends today.
    fn live(&self, shown: &Shown, period: Period) -> Option<Moment> {
        let board = &self.parts.ground.board;
        let (valuation, _) = board.valuation(&shown.key).filter(|_| period.is_to_today)?;
        let ledger = (*board.ledger(&shown.key)?).clone();
        if valuation.incomplete.is_empty() {
            return Some(Moment { ledger, valuation: (*valuation).clone(), incomplete: Vec::new() });
        }
        let rates = Rates::from_quotes(board.quotes().iter());
        let moment = Moment::of(ledger, |position| board.quote(&position.ticker), &rates, self.now())?;
        Some(Moment { incomplete: valuation.incomplete.clone(), ..moment })
    }

    /// Returns what a part of a portfolio is worth now, where the period ends today.
    fn live_of(&self, books: &[Book], period: Period) -> Option<Moment> {
        let ledger = books.first().filter(|_| period.is_to_today)?.folding().until(Timestamp::MAX).ok()?.clone();
        let board = &self.parts.ground.board;
        let rates = Rates::from_quotes(board.quotes().iter());
        Moment::of(ledger, |position| board.quote(&position.ticker), &rates, self.now())
    }

    /// Returns what an instrument's price did over a period.
    async fn benchmark(&self, ticker: Ticker, period: Period) -> Result<BenchmarkView, ApiError> {
        let from = period.base.checked_sub(10.days()).unwrap_or(period.base);
        let bars = self.parts.ground.history.daily(&ticker, from, period.to, self.now()).await?;
        let live = self.parts.ground.board.quote(&ticker).filter(|_| period.is_to_today).map(|quote| quote.price);
        let mut closes = Vec::new();
        for day in period.days() {
            let known = bars.partition_point(|bar| utc_date(bar.time) <= day);
            let close = known.checked_sub(1).and_then(|last| bars.get(last)).map(|bar| bar.close);
            let close = if day == period.to { live.or(close) } else { close };
            closes.extend(close.map(|close| (day, close)));
        }
        let returns = Returns::of_closes(&closes);
        let points = returns.map(|returns| returns.cumulative()).unwrap_or_default();
        let view = |(date, part): (Date, Decimal)| BenchmarkPointView { date: date.to_string(), twr_percent: in_percent(part) };
        Ok(BenchmarkView { ticker, series: points.into_iter().map(view).collect() })
    }

    async fn read_benchmarks(&self, list: Option<&str>) -> Result<Vec<Ticker>, ApiError> {
        let named = list.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
        let refused = |error: ApiError| ApiError { field: Some("benchmark".to_owned()), ..error };
        let mut tickers = Vec::new();
        for name in named {
            let ticker = read_ticker(name).map_err(|_| refused(ApiError::not_found(Refusals::no_such_ticker())))?;
            if self.instrument(&ticker).await?.is_none() {
                return Err(refused(ApiError::not_found(Refusals::no_such_ticker())));
            }
            tickers.push(ticker);
        }
        if tickers.len() > MOST_BENCHMARKS {
            return Err(refused(ApiError::new(ErrorCode::BadRequest, Refusals::at_most_three_benchmarks())));
        }
        Ok(tickers)
    }
}

fn read_method(word: Option<&str>) -> Result<CostMethod, ApiError> {
    match word {
        None | Some("" | "fifo") => Ok(CostMethod::Fifo),
        Some("average") => Ok(CostMethod::Average),
        Some(_) => {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::choose_a_cost_method());
            Err(ApiError { field: Some("cost".to_owned()), ..refusal })
        }
    }
}

/// Folds the books up to a moment, and values what that comes to at the closes and rates of then; nothing where a sum outgrows a decimal.
/// `whole` is the ledger of now: closes were divided by its splits.
fn at_moment(
    books: &[Book],
    base: Currency,
    moment: Timestamp,
    prices: &HashMap<Ticker, Prices>,
    rates: &Rates,
    whole: &Ledger,
) -> Option<Moment> {
    let ledgers: Vec<Ledger> = books.iter().filter_map(|book| book.folding().until(moment).ok().cloned()).collect();
    let ledger = Ledger::together(base, &ledgers.iter().collect::<Vec<_>>()).ok()?;
    let quote = |position: &Position| {
        let prices = prices.get(&position.ticker)?;
        let splits = whole.positions.get(&position.ticker).map(|whole| whole.splits.as_slice()).unwrap_or_default();
        // An adjusted close is of units of today; what was held is counted in those of then.
        let mut later = splits.iter().filter(|split| prices.are_adjusted && split.time > moment);
        let price = later.try_fold(prices.at(moment)?, |price: Decimal, split| {
            price.checked_mul(split.ratio.after)?.checked_div(split.ratio.before)
        })?;
        Some(Quote::of_close(position.ticker.clone(), price, prices.currency, moment))
    };
    Moment::of(ledger, quote, rates, moment)
}

/// Puts all figures together; nothing where one outgrows a decimal.
fn told(period: Period, points: &[PastPoint], start: &Moment, end: &Moment, method: CostMethod) -> Option<PerformanceView> {
    let (begun, ended) = (start.standing(), end.standing());
    let ends = day_ends(period, points, ended)?;
    let returns = Returns::of(&ends)?;
    let gain = ended.gain().ok()?.checked_sub(begun.gain().ok()?)?;
    let parts = Breakdown::between(Some(begun), ended, method).ok()?;
    let moved = |standing: Standing<'_>| {
        let (money_in, money_out) = standing.ledger.money_moved();
        money_in.checked_sub(money_out)
    };
    // Before anything was held nothing was at work, and that time does not count.
    let counted = ends.iter().position(|end| !end.value.is_zero() || !end.money_in.is_zero()).unwrap_or_default();
    let at_work = Measure::of(&points_of(&ends[counted..]), false).and_then(|measure| measure.money_at_work);
    let mut not_meaningful = BTreeMap::new();
    let mut unless = |name: &str, figure: Option<Decimal>, reason: &str| {
        if figure.is_none() {
            not_meaningful.insert(name.to_owned(), reason.to_owned());
        }
        figure.map(in_percent)
    };
    let annualized = unless("twr_annualized_percent", returns.annualized(), "the period is shorter than a year");
    let rate = money_weighted(period, &ends);
    let reason = rate.err().map_or("", reason_of);
    let xirr = unless("xirr_percent", rate.ok(), reason);
    let volatility =
        unless("volatility_percent", returns.volatility(), "it takes two days with a value, and one on which not all was lost");
    let drawdown = returns.drawdown();
    let holding = |(ticker, gain): (Ticker, Decimal)| HoldingGainView {
        ticker,
        gain: rounded(gain),
        contribution_percent: at_work.and_then(|at_work| percent(gain, at_work)),
    };
    let grown = returns.cumulative();
    let point = |(end, (date, part)): (&DayEnd, &(Date, Decimal))| PerformancePointView {
        date: date.to_string(),
        value: rounded(end.value),
        net_contributions: rounded(end.money_in.saturating_sub(end.money_out)),
        twr_percent: in_percent(*part),
    };
    let month = |(month, part): (Date, Decimal)| MonthReturnView {
        month: format!("{:04}-{:02}", month.year(), month.month()),
        return_percent: in_percent(part),
    };
    Some(PerformanceView {
        from: period.from.to_string(),
        to: period.to.to_string(),
        currency: end.ledger.base,
        start_value: rounded(begun.value()),
        end_value: rounded(ended.value()),
        net_contributions: rounded(moved(ended)?.checked_sub(moved(begun)?)?),
        gain: rounded(gain),
        twr_percent: in_percent(returns.total()),
        twr_annualized_percent: annualized,
        xirr_percent: xirr,
        volatility_percent: volatility,
        max_drawdown_percent: in_percent(drawdown.map_or(Decimal::ZERO, |drawdown| drawdown.depth)),
        max_drawdown: drawdown.map(|drawdown| DrawdownView {
            peak: drawdown.peak.to_string(),
            trough: drawdown.trough.to_string(),
            recovered: drawdown.recovered.map(|day| day.to_string()),
        }),
        breakdown: breakdown_view(parts, gain),
        not_meaningful,
        series: ends.iter().zip(&grown).map(point).collect(),
        benchmarks: Vec::new(),
        holdings: gains_between(Some(begun), ended).ok()?.into_iter().map(holding).collect(),
        months: returns.months().into_iter().map(month).collect(),
        incomplete: end.incomplete.clone(),
    })
}

/// Returns the days' ends; that of the last day is what the period ends with.
fn day_ends(period: Period, points: &[PastPoint], ended: Standing<'_>) -> Option<Vec<DayEnd>> {
    let end = |(date, point): (Date, &PastPoint)| {
        let money_out = point.money_in.checked_sub(point.net_contributions)?;
        Some(DayEnd { date, value: point.value, money_in: point.money_in, money_out })
    };
    let nothing = |date| DayEnd { date, value: Decimal::ZERO, money_in: Decimal::ZERO, money_out: Decimal::ZERO };
    // A moment that outgrew a decimal has no point; without any transaction there are none.
    let mut ends: Vec<DayEnd> = match points.len() {
        0 => period.days().map(nothing).collect(),
        count if count == period.days().count() => period.days().zip(points).map(end).collect::<Option<_>>()?,
        _ => return None,
    };
    let (money_in, money_out) = ended.ledger.money_moved();
    if let Some(last) = ends.last_mut() {
        // As the other days are written: a last digit more or less would be money that moved.
        let [value, money_in, money_out] = [ended.value(), money_in, money_out].map(rounded);
        *last = DayEnd { date: last.date, value, money_in, money_out };
    }
    Some(ends)
}

fn points_of(ends: &[DayEnd]) -> Vec<PastPoint> {
    let point = |end: &DayEnd| PastPoint {
        time: TimeZone::UTC.to_timestamp(end.date.at(0, 0, 0, 0)).unwrap_or_default(),
        value: end.value,
        net_contributions: end.money_in.saturating_sub(end.money_out),
        money_in: end.money_in,
    };
    ends.iter().map(point).collect()
}

/// Returns the money-weighted return of the period: what was there at its beginning was paid in then, what is there at its end is taken out.
fn money_weighted(period: Period, ends: &[DayEnd]) -> Result<Decimal, NoRate> {
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return Err(NoRate::OneSided) };
    let mut flows = vec![(period.base, -first.value)];
    for pair in ends.windows(2) {
        let came = pair[1].money_in.checked_sub(pair[0].money_in).ok_or(NoRate::TooLarge)?;
        let went = pair[1].money_out.checked_sub(pair[0].money_out).ok_or(NoRate::TooLarge)?;
        flows.push((pair[1].date, went.checked_sub(came).ok_or(NoRate::TooLarge)?));
    }
    flows.push((period.to, last.value));
    xirr(&flows)
}

fn reason_of(reason: NoRate) -> &'static str {
    match reason {
        NoRate::OneSided => "money only came in, or only went out",
        NoRate::OneDay => "everything happened on one day",
        NoRate::NotFound => "no yearly rate between -99.9999 % and 1,000,000 % explains it",
        NoRate::NotUnique => "more than one yearly rate explains it",
        NoRate::TooLarge => "its amounts are too large",
    }
}

/// Writes the parts as all money is written; what that rounds off is in the last one, so that they add up to the gain exactly.
fn breakdown_view(parts: Breakdown, gain: Decimal) -> BreakdownView {
    let Breakdown { realized, unrealized, dividends, interest, fees, taxes, currency, .. } = parts;
    let [realized, unrealized, dividends, interest, fees, taxes, currency] =
        [realized, unrealized, dividends, interest, fees, taxes, currency].map(rounded);
    let told = [realized, unrealized, dividends, interest, fees, taxes, currency];
    let sum = told.into_iter().fold(Decimal::ZERO, Decimal::saturating_add);
    let other = rounded(rounded(gain).saturating_sub(sum));
    BreakdownView { realized, unrealized, dividends, interest, fees, taxes, currency, other }
}

/// Writes a fraction in percent, with six decimals.
fn in_percent(part: Decimal) -> Decimal {
    part.saturating_mul(Decimal::ONE_HUNDRED).round_dp(6).normalize()
}
