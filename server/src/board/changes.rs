//! Which quotes changed since a number, and the exchange rates that they show.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foliostream::domain::instrument::Ticker;
use foliostream::domain::position::Ledger;
use foliostream::domain::quote::Quote;
use foliostream::domain::rates::{Rates, currency_pair};

/// The order in which the newest quotes came.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Instruments by the number of their newest quote, as far as it came after the board's beginning.
    by_number: BTreeMap<u64, Ticker>,
    /// The same the other way round.
    numbers: HashMap<Ticker, u64>,
    /// The currency pairs that are quoted.
    pairs: BTreeSet<Ticker>,
    /// The rates of these pairs; nothing where one changed since they were read.
    rates: Option<Arc<Rates>>,
}

impl Changes {
    /// Begins with quotes of which it is not known when they came.
    pub(crate) fn begin<'a>(tickers: impl Iterator<Item = &'a Ticker>) -> Self {
        let pairs = tickers.filter(|ticker| currency_pair(ticker).is_some()).cloned().collect();
        Self { pairs, ..Self::default() }
    }

    /// Notes that a quote came.
    pub(crate) fn note(&mut self, seq: u64, ticker: &Ticker) {
        match self.numbers.get_mut(ticker) {
            Some(number) => {
                let before = std::mem::replace(number, seq);
                self.by_number.remove(&before);
            }
            None => {
                self.numbers.insert(ticker.clone(), seq);
            }
        }
        self.by_number.insert(seq, ticker.clone());
        if currency_pair(ticker).is_some() {
            self.rates = None;
            if !self.pairs.contains(ticker) {
                self.pairs.insert(ticker.clone());
            }
        }
    }

    /// Returns the rates of the pairs' newest quotes. They are read from these, unless none changed since that was done.
    pub(crate) fn rates(&mut self, quotes: &HashMap<Ticker, Quote>) -> Arc<Rates> {
        let pairs = self.pairs.iter().filter_map(|ticker| quotes.get(ticker));
        Arc::clone(self.rates.get_or_insert_with(|| Arc::new(Rates::from_quotes(pairs))))
    }

    /// Returns the instruments of a ledger and the currency pairs whose quotes came after `since`, and perhaps others. It looks at
    /// what came or at what is held, whichever is less: where 10 quotes came, at 10, however much is held; where 20,000 came, at
    /// the 50 that are held.
    pub(crate) fn since<'a>(&'a self, since: u64, ledger: &'a Ledger) -> Vec<&'a Ticker> {
        let newest = self.by_number.last_key_value().map_or(since, |(number, _)| *number);
        let concerned = ledger.positions.len() + self.pairs.len();
        if newest.saturating_sub(since) <= concerned as u64 {
            return self.by_number.range(since + 1..).map(|(_, ticker)| ticker).collect();
        }
        let is_newer = |ticker: &&Ticker| self.numbers.get(ticker).is_some_and(|number| *number > since);
        ledger.positions.keys().chain(&self.pairs).filter(is_newer).collect()
    }
}

#[cfg(test)]
mod tests {
    use foliostream::domain::money::Currency;
    use foliostream::domain::position::fold;

    use super::super::testing::bought;
    use super::*;

    fn ticker(text: &str) -> Ticker {
        text.parse().unwrap()
    }

    fn ledger(tickers: &[&str]) -> Ledger {
        fold(Currency::EUR, &tickers.iter().map(|name| bought(name)).collect::<Vec<_>>()).unwrap()
    }

    fn since(changes: &Changes, number: u64, ledger: &Ledger) -> Vec<String> {
        changes.since(number, ledger).into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn of_few_quotes_those_that_came_are_named() {
        let mut changes = Changes::default();
        for (seq, name) in (1..).zip(["A", "B", "C", "A"]) {
            changes.note(seq, &ticker(name));
        }
        let held = ledger(&["A", "B", "C", "D"]);
        assert_eq!(since(&changes, 0, &held), ["B", "C", "A"]);
        assert_eq!(since(&changes, 3, &held), ["A"]);
        assert!(since(&changes, 4, &held).is_empty());
    }

    #[test]
    fn of_many_quotes_those_that_are_held_and_currency_pairs_are_named() {
        let mut changes = Changes::begin([ticker("GBPUSD=X")].iter());
        for seq in 1..=100 {
            changes.note(seq, &ticker(&format!("T{seq}")));
        }
        changes.note(101, &ticker("EURUSD=X"));
        assert_eq!(since(&changes, 2, &ledger(&["T1", "T2", "T3", "X"])), ["T3", "EURUSD=X"]);
    }
}
