//! Today's value: what is held now, at the prices of each of the day's moments.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::bar::{Bar, close_at, every};
use super::super::instrument::Ticker;
use super::super::money::Currency;
use super::super::position::Ledger;
use super::super::quote::Quote;
use super::super::rates::{RateObservation, Rates, currency_pair};
use super::super::valuation::rounded;

/// Prices that are looked up for one line at most: 288 points of 347 holdings, some 50 ms. With more holdings the line has fewer
/// points, with a thousand still a hundred.
const MOST_LOOKED_UP: usize = 100_000;

/// An instrument's newest quote, where it has one, and its intraday bars, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The newest quote, where there is one.
    pub quote: Option<Quote>,
    /// The bars of the day, oldest first.
    pub bars: Vec<Bar>,
}

/// Today's prices of all that a ledger's value depends on.
#[derive(Debug)]
pub struct Today {
    /// What is held and has moved.
    moving: BTreeMap<Ticker, Moving>,
    /// What all else that is held comes to, by currency; nothing where a sum does not fit.
    still: Option<BTreeMap<Currency, Decimal>>,
    currencies: Vec<(Quote, Vec<Bar>)>,
    /// When the newest session of what is held began.
    session: Option<Timestamp>,
}

/// A holding with prices of today.
#[derive(Debug)]
struct Moving {
    quantity: Decimal,
    held: Held,
}

impl Today {
    /// Gathers the day's prices of what a ledger holds; `currencies` are the quotes and bars of all currency pairs.
    pub fn of(ledger: &Ledger, prices_of: impl Fn(&Ticker) -> Held, currencies: Vec<(Quote, Vec<Bar>)>) -> Self {
        let (mut moving, mut still, mut session) = (BTreeMap::new(), Some(BTreeMap::new()), None);
        for position in ledger.positions.values().filter(|position| !position.quantity.is_zero()) {
            let held = prices_of(&position.ticker);
            session = session.max(held.quote.as_ref().map(|quote| quote.session_start));
            if held.bars.is_empty() {
                still = still.and_then(|sums| added(sums, position.quantity, held.quote.as_ref()));
            } else {
                moving.insert(position.ticker.clone(), Moving { quantity: position.quantity, held });
            }
        }
        Self { moving, still, currencies, session }
    }

    /// Returns at most `most` of the day's prices of something held; none where it did not move.
    pub fn prices(&self, ticker: &Ticker, most: usize) -> Vec<Decimal> {
        let bars = self.moving.get(ticker).map(|moving| moving.held.bars.as_slice()).unwrap_or_default();
        every(bars.iter().map(|bar| bar.close).collect(), most)
    }

    /// Values what is held now at each of the day's moments. Trades of today count as if they had been made before it, so
    /// that the line shows what the market did and ends at the value of now.
    pub fn line(&self, ledger: &Ledger) -> Vec<(Timestamp, Decimal)> {
        let bars = self.moving.values().flat_map(|moving| &moving.held.bars);
        let is_of_session = |bar: &&Bar| self.session.is_none_or(|session| bar.time >= session);
        let moments: BTreeSet<(Timestamp, Timestamp)> =
            bars.filter(is_of_session).map(|bar| (bar.time, bar.intraday_end())).collect();
        let most = (MOST_LOOKED_UP / self.moving.len().max(1)).max(2);
        let moments = every(moments.into_iter().collect(), most).into_iter();
        moments.filter_map(|(begin, end)| Some((end, rounded(self.value_at(ledger, begin)?)))).collect()
    }

    /// Values what is held now at the prices of one moment; what has no price or rate is left out, as it is in the total.
    fn value_at(&self, ledger: &Ledger, time: Timestamp) -> Option<Decimal> {
        let rates = self.rates_at(time)?;
        let mut value = Decimal::ZERO;
        for Moving { quantity, held } in self.moving.values() {
            let Some(quote) = &held.quote else { continue };
            let Some(rate) = rates.rate(quote.currency.major(), ledger.base) else { continue };
            let price = close_at(&held.bars, time).or(quote.previous_close).unwrap_or(quote.price);
            value = value.checked_add(worth(*quantity, price, quote.currency)?.checked_mul(rate)?)?;
        }
        let cash = ledger.cash.values().filter(|_| ledger.cash_tracked()).map(|account| (account.currency, account.amount));
        let still = self.still.as_ref()?.iter().map(|(currency, amount)| (*currency, *amount));
        still
            .chain(cash)
            .filter_map(|(currency, amount)| Some((amount, rates.rate(currency, ledger.base)?)))
            .try_fold(value, |sum, (amount, rate)| sum.checked_add(amount.checked_mul(rate)?))
    }

    fn rates_at(&self, time: Timestamp) -> Option<Rates> {
        let mut rates = Rates::default();
        for (quote, bars) in &self.currencies {
            let (base, quoted) = currency_pair(&quote.ticker)?;
            let rate = close_at(bars, time).or(quote.previous_close).unwrap_or(quote.price);
            // By the way of today's value, whatever the time: the line must not jump where another pair is fresher.
            let at = quote.time.min(quote.received_at);
            rates.insert(base, quoted, RateObservation { rate, previous: None, at });
        }
        Some(rates)
    }
}

/// Adds a holding that did not move to the sum of its currency, unless it has no price; nothing where the sum does not fit.
fn added(mut sums: BTreeMap<Currency, Decimal>, quantity: Decimal, quote: Option<&Quote>) -> Option<BTreeMap<Currency, Decimal>> {
    let Some(quote) = quote else { return Some(sums) };
    let value = worth(quantity, quote.previous_close.unwrap_or(quote.price), quote.currency)?;
    let sum = sums.entry(quote.currency.major()).or_default();
    *sum = sum.checked_add(value)?;
    Some(sums)
}

/// Returns what units at a price come to, in the currency's major unit.
fn worth(quantity: Decimal, price: Decimal, currency: Currency) -> Option<Decimal> {
    quantity.checked_mul(price.checked_div(currency.units_per_major())?)
}

#[cfg(test)]
mod tests {
    use super::super::super::activity::ActivityKind::Deposit;
    use super::super::super::position::fixture::{activity, buy, currency, decimal, ledger, ticker};
    use super::super::super::quote::{Freshness, Session};
    use super::*;

    fn at(hour: &str) -> Timestamp {
        format!("2026-11-26T{hour}:00Z").parse().unwrap()
    }

    fn quote(name: &str, code: &str, price: &str, previous_close: &str) -> Quote {
        let closed = Quote::of_close(ticker(name), decimal(price), currency(code), at("12:00"));
        Quote {
            previous_close: Some(decimal(previous_close)),
            session_start: at("09:00"),
            session: Session::Open,
            freshness: Freshness::Live,
            ..closed
        }
    }

    fn bars(closes: &[(&str, &str)]) -> Vec<Bar> {
        closes.iter().map(|(hour, close)| Bar::of(at(hour), decimal(close))).collect()
    }

    /// Prices of A in dollars, which moved, and of B in pence, which did not.
    fn prices(name: &Ticker) -> Held {
        match name.as_str() {
            "A" => Held {
                quote: Some(quote("A", "USD", "103", "100")),
                bars: bars(&[("08:00", "90"), ("09:00", "101"), ("10:00", "102")]),
            },
            "B" => Held { quote: Some(quote("B", "GBp", "210", "200")), bars: Vec::new() },
            _ => Held::default(),
        }
    }

    fn currencies() -> Vec<(Quote, Vec<Bar>)> {
        vec![
            (quote("USDEUR=X", "EUR", "0.9", "0.8"), bars(&[("09:05", "0.85")])),
            (quote("GBPEUR=X", "EUR", "1.2", "1.1"), Vec::new()),
        ]
    }

    fn line(ledger: &Ledger) -> Vec<(Timestamp, Decimal)> {
        Today::of(ledger, prices, currencies()).line(ledger)
    }

    #[test]
    fn what_is_held_is_valued_at_the_prices_and_rates_of_each_moment() {
        let bought = vec![
            buy("2026-01-02", "A", "10", "50").at_rate("USD", "0.9"),
            buy("2026-01-02", "B", "100", "150").at_rate("GBp", "1.1"),
        ];
        // At 09:00: 10 × 101 × 0.8 + 100 × 2.00 × 1.1; at 10:00 the dollar stands at 0.85: 10 × 102 × 0.85 + 220.
        assert_eq!(line(&ledger("EUR", bought)), [(at("09:05"), decimal("1028")), (at("10:05"), decimal("1087"))]);
    }

    #[test]
    fn cash_counts_where_it_is_tracked() {
        let bought = vec![
            activity(Deposit, "2026-01-01", "", "1000", "0"),
            buy("2026-01-02", "A", "10", "50").at_rate("USD", "0.9").converted(),
        ];
        // 10 × 101 × 0.8 and the 550 that are left of 1000.
        assert_eq!(line(&ledger("EUR", bought))[0], (at("09:05"), decimal("1358")));
    }

    #[test]
    fn what_has_no_price_or_no_rate_is_left_out() {
        let entries = vec![buy("2026-01-02", "A", "10", "50").at_rate("USD", "0.9"), buy("2026-01-02", "NONE", "5", "7")];
        let ledger = ledger("EUR", entries);
        assert_eq!(line(&ledger)[0].1, decimal("808"));
        let without_rates = Today::of(&ledger, prices, Vec::new()).line(&ledger);
        assert_eq!(without_rates.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [Decimal::ZERO; 2]);
    }

    #[test]
    fn a_sparkline_is_the_day_s_closes_of_what_moved() {
        let ledger = ledger("EUR", vec![buy("2026-01-02", "A", "1", "1"), buy("2026-01-02", "B", "1", "1")]);
        let today = Today::of(&ledger, prices, currencies());
        assert_eq!(today.prices(&ticker("A"), 2), [decimal("90"), decimal("102")]);
        assert_eq!(today.prices(&ticker("A"), 9), [decimal("90"), decimal("101"), decimal("102")]);
        assert!(today.prices(&ticker("B"), 9).is_empty() && today.prices(&ticker("C"), 9).is_empty());
    }

    #[test]
    fn a_value_that_does_not_fit_is_no_point() {
        let ledger = ledger("EUR", vec![buy("2026-01-02", "A", "70000000000000000000000000000", "0").at_rate("USD", "1")]);
        assert_eq!(line(&ledger), []);
    }
}
