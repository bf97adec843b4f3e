//! The valuation of a large portfolio: microseconds for the whole of it.

use std::collections::HashMap;

use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{Ledger, fold};
use foliostream::domain::quote::{Freshness, Quote, Session};
use foliostream::domain::rates::Rates;
use foliostream::domain::valuation::{RunningValuation, Valuation, value};
use foliostream::wire::views::{HoldingView, PortfolioView};
use foliostream_server::board::text;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Failure;
use super::report::{Figure, Report, Target};
use super::stopwatch::Stopwatch;

const HOLDINGS: i64 = 1_000;

/// Holdings whose prices change at once.
const CHANGED: i64 = 10;

/// Trades of one holding, the last a sale.
const TRADES: i64 = 4;

const CURRENCIES: [Currency; 4] = [Currency::EUR, Currency::USD, Currency::GBX, Currency::CHF];

/// Measures folding the ledger, valuing it at rates read from the quotes, and writing the whole of it as one event.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    let activities = activities(HOLDINGS);
    let ledger = fold(Currency::EUR, &activities)?;
    let quotes = quotes(HOLDINGS);
    let valuation = value_all(&ledger, &quotes)?;
    if valuation.holdings.len() != HOLDINGS as usize || valuation.day_change.is_none() {
        return Err("the portfolio is not the one meant to be measured".into());
    }
    let figure = stopwatch.time_call(|| fold(Currency::EUR, &activities)).per(1e3);
    report.row(format!("ledger: folding {} activities", activities.len()), "µs", &figure, None);
    let figure = stopwatch.time_call(|| value_all(&ledger, &quotes)).per(1e3);
    report.row(format!("valuation: {HOLDINGS} holdings in {} currencies", CURRENCIES.len()), "µs", &figure, None);
    let whole = || text::head("portfolio_update", &PortfolioView::new("1", &valuation, time(0)));
    report.row(format!("valuation: all {HOLDINGS} holdings as one event"), "µs", &stopwatch.time_call(whole).per(1e3), None);
    let ten: Vec<Ticker> = (0..CHANGED).map(|number| ticker(&format!("H{}", number * 97))).collect();
    let figure = changed(stopwatch, &ledger, &quotes, &ten)?.per(1e3);
    report.row(format!("valuation: {HOLDINGS} holdings when {CHANGED} changed"), "µs", &figure, Some(Target(50.0)));
    let figure = changed(stopwatch, &ledger, &quotes, &[ticker("EURUSD=X")])?.per(1e3);
    report.row(format!("valuation: {HOLDINGS} holdings when the dollar moved, a quarter of them"), "µs", &figure, None);
    let all: Vec<Ticker> = ledger.positions.keys().cloned().collect();
    let figure = changed(stopwatch, &ledger, &quotes, &all)?.per(1e3);
    report.row(format!("valuation: {HOLDINGS} holdings when all changed"), "µs", &figure, None);
    Ok(())
}

/// Measures following quotes that change to and fro, and making the views of what they touch.
fn changed(
    stopwatch: &Stopwatch,
    ledger: &Ledger,
    quotes: &HashMap<Ticker, Quote>,
    tickers: &[Ticker],
) -> Result<Figure, Failure> {
    let mut moved = quotes.clone();
    for ticker in tickers {
        moved.get_mut(ticker).ok_or("a ticker without a quote")?.price += Decimal::new(1, 2);
    }
    let sides = [&moved, quotes].map(|side| (side, Rates::from_quotes(side.values())));
    let mut running = RunningValuation::new(ledger, &sides[1].1);
    running.value_due(|ticker| quotes.get(ticker), &sides[1].1, usize::MAX);
    let mut sides = sides.iter().cycle();
    Ok(stopwatch.time_call(|| {
        let (side, rates) = sides.next()?;
        running.forget_moved();
        running.note(tickers, rates);
        running.value_due(|ticker| side.get(ticker), rates, usize::MAX);
        let totals = PortfolioView::new("1", &running.totals().ok()?, time(0));
        Some((totals, running.moved().map(HoldingView::from).collect::<Vec<_>>()))
    }))
}

fn value_all(ledger: &Ledger, quotes: &HashMap<Ticker, Quote>) -> Result<Valuation, Failure> {
    Ok(value(ledger, |ticker| quotes.get(ticker), &Rates::from_quotes(quotes.values()))?)
}

fn ticker(text: &str) -> Ticker {
    text.parse().expect("written for this benchmark")
}

/// Midnight of a day, counted from one in November 2023.
pub(crate) fn time(day: i64) -> Timestamp {
    Timestamp::from_second(1_700_006_400).expect("within jiff's range") + SignedDuration::from_hours(24 * day)
}

/// Returns the currency that a holding is quoted in: four of them take turns.
pub(crate) fn currency_of(holding: i64) -> Currency {
    CURRENCIES[holding as usize % CURRENCIES.len()]
}

/// Trades of so many holdings, four of each.
pub(crate) fn activities(holdings: i64) -> Vec<Activity> {
    let trade = |number: i64| {
        let (holding, turn) = (number % holdings, number / holdings);
        Activity {
            id: ActivityId(number + 1),
            kind: if turn + 1 == TRADES { ActivityKind::Sell } else { ActivityKind::Buy },
            time: time(turn * 30),
            date_only: true,
            ticker: Some(ticker(&format!("H{holding}"))),
            quantity: Decimal::new(1_000 + holding, 2),
            price: Decimal::new(5_000 + holding * 13 + turn * 7, 2),
            amount: Decimal::ZERO,
            fee: Decimal::new(195, 2),
            tax: Decimal::ZERO,
            currency: currency_of(holding),
            exchange_rate: Decimal::new(9_173, 4),
            exchange_rate_estimated: false,
            converted: false,
            opens_short: false,
            account: None,
            tags: Vec::new(),
            note: None,
            revision: 1,
        }
    };
    (0..holdings * TRADES).map(trade).collect()
}

/// Quotes of so many holdings, and of the pairs that their currencies need.
pub(crate) fn quotes(holdings: i64) -> HashMap<Ticker, Quote> {
    let holdings = (0..holdings)
        .map(|holding| quote(ticker(&format!("H{holding}")), Decimal::new(6_000 + holding * 11, 2), currency_of(holding)));
    let pairs = [("EURUSD=X", 10_873, Currency::USD), ("EURGBP=X", 8_441, Currency::GBP), ("EURCHF=X", 9_562, Currency::CHF)];
    let pairs = pairs.into_iter().map(|(name, rate, currency)| quote(ticker(name), Decimal::new(rate, 4), currency));
    holdings.chain(pairs).map(|quote| (quote.ticker.clone(), quote)).collect()
}

fn quote(ticker: Ticker, price: Decimal, currency: Currency) -> Quote {
    let (now, session_start) = (time(400) + SignedDuration::from_hours(12), time(400));
    let previous_close = Some(price - Decimal::new(3, 2));
    let closed = Quote::of_close(ticker, price, currency, now);
    Quote { previous_close, session_start, session: Session::Open, freshness: Freshness::Live, ..closed }
}
